/* Signals: what people are called for, the worst that nobody has answered first, and below them what is known
 * of the one under the cursor: what to do, what became of it, whom it was told. What is a signal, and who may
 * answer it, is the store's to say.
 * Opened by the app. */
#include "base/mem.h"
#include "deed.h"
#include "model/format.h"
#include "told.h"
#include "views/views.h"
#include <stdlib.h>

#define LIST_PERIOD_US (5 * S_US)

/* What nobody evaluated for so long is not known. */
#define WATCH_US (60 * S_US)

static const struct table_column columns[] = {
	{"", 9, 9, 0, false, NULL},
	{"rule", 12, 20, 0, false, NULL},
	{"object", 12, 24, 0, false, NULL},
	{"since", 7, 9, 0, true, NULL},
	{"state", 14, 14, 60, false, NULL},
	{"what is seen", 24, 60, 100, false, NULL},
	{"by", 8, 18, 125, false, NULL},
	{"owner", 8, 20, 80, false, NULL},
	{"until", 9, 9, 140, true, NULL},
	{"because", 12, 80, 150, false, NULL},
};

static const struct sheet_cell cells[ARRAY_LEN(columns)] = {
	{"severity", CELL_STATE, ROLE_TEXT},
	{"rule", CELL_TEXT, ROLE_TEXT},
	{"object", CELL_STRONG, ROLE_TEXT},
	{"since", CELL_AGE, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"value", CELL_TEXT, ROLE_TEXT},
	{"person", CELL_TEXT, ROLE_TEXT},
	{"owner", CELL_TEXT, ROLE_TEXT},
	{"until", CELL_AGE, ROLE_TEXT},
	{"quiet", CELL_DIM, ROLE_TEXT},
};

static const char *const over_words[] = {"false", "true"};

struct signals {
	struct told told;
	struct panel watch;
	const char *params[1];
	struct deed deed;
};

static struct signals *of(struct view *view)
{
	return (struct signals *)view;
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	struct signals *me = ctx;

	(void)id;
	if (done)
		tags_done(&me->told.sheet.table.tags);
	told_refresh(&me->told);
}

static struct view *signals_open(const struct view_env *env)
{
	struct signals *me = NEW(struct signals);

	me->params[0] = over_words[0];
	me->told.list = (struct panel){.question = "signals",
		.params = me->params,
		.n_params = 1,
		.period_us = LIST_PERIOD_US};
	me->told.sheet = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.taggable = true};
	me->watch =
		(struct panel){.env = env, .question = "signal-watch", .period_us = LIST_PERIOD_US};
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	told_open(&me->told, &view_signals, env, "signal");
	panel_open(&me->watch);
	return &me->told.view;
}

static void signals_close(struct view *view)
{
	struct signals *me = of(view);

	deed_done(&me->deed);
	told_close(&me->told);
	panel_close(&me->watch);
	free(me);
}

static void signals_show(struct view *view, bool shown)
{
	told_show(view, shown);
	panel_show(&of(view)->watch, shown);
}

/* ---- the screen ---- */

static const struct rows *watched(const struct signals *me)
{
	return me->watch.rows && rows_count(me->watch.rows) ? me->watch.rows : NULL;
}

/* Since when nobody holds the rules against the facts; -1: somebody does, or it is not known. 0: never. */
static int64_t blind_since(const struct signals *me)
{
	const struct rows *rows = watched(me);
	int64_t at;

	if (!rows)
		return -1;
	if (rows_null(rows, 0, rows_col(rows, "evaluated_at")))
		return 0;
	at = rows_time(rows, 0, rows_col(rows, "evaluated_at"));
	return me->watch.wall_us - at > WATCH_US ? at : -1;
}

static void put_watch(const struct signals *me, struct str *out)
{
	const struct rows *rows = watched(me);
	int64_t since = blind_since(me), targets;

	if (!rows)
		return;
	targets = rows_int(rows, 0, rows_col(rows, "targets"));
	if (since == 0) {
		str_adds(out, "nobody watches yet: no worker has evaluated the rules");
	} else if (since > 0) {
		str_adds(out, "nobody watches since ");
		format_time(out, since, FORMAT_MINUTE);
		str_adds(out, ", ");
		format_age(out, me->watch.wall_us - since);
		str_adds(out, " ago");
	} else if (!targets) {
		str_adds(out, "nobody is called: no worker names a target");
	} else {
		str_adds(out, "told to ");
		str_add(out, rows_text(rows, 0, rows_col(rows, "names")));
	}
}

static void draw_nothing(const struct signals *me, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1000);
	bool blind = blind_since(me) >= 0;

	canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
		me->told.list.err.code ? slice_of(me->told.list.err.text)
		: !me->told.list.rows  ? SLICE("asking the store")
		: blind                ? SLICE("nothing was raised before that")
				       : SLICE("nothing asks for anybody"));
	put_watch(me, &text);
	canvas_text(
		canvas, 1, 2, canvas->width - 2, blind ? ROLE_ERROR : ROLE_DIM, str_slice(&text));
}

static void signals_draw(const struct view *view, const struct canvas *canvas)
{
	const struct signals *me = (const struct signals *)view;

	if (told_any(&me->told))
		told_draw(&me->told, canvas, SLICE(" what is known of it "));
	else
		draw_nothing(me, canvas);
	deed_draw(&me->deed, canvas);
}

static void signals_status(const struct view *view, struct str *out)
{
	const struct signals *me = (const struct signals *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600), watch = STR_INIT(1000);

	if (me->told.list.rows)
		format_count(out, (int64_t)rows_count(me->told.list.rows));
	if (me->params[0] == over_words[1])
		str_adds(out, " · with what is over");
	if (me->told.sheet.table.tags.n) {
		str_adds(out, " · ");
		format_count(out, (int64_t)me->told.sheet.table.tags.n);
		str_adds(out, " tagged");
	}
	put_watch(me, &watch);
	if (watch.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&watch));
	deed_status(&me->deed, out);
	panel_status(&me->told.list, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

/* ---- acts ---- */

static void answer(struct signals *me, bool snooze)
{
	struct sheet_ids ids = sheet_chosen(&me->told.sheet);
	struct deed *deed = &me->deed;

	if (ids.n && deed_begin(deed, snooze ? "snooze" : "acknowledge", "signals-act",
			     ids.n > 1 ? "%s: %zu signals" : "%s",
			     snooze ? "Put to sleep" : "See to it", ids.n)) {
		if (ids.n == 1)
			deed_note(deed, "%.*s of %.*s",
				SLICE_ARG(sheet_text(&me->told.sheet, "rule")),
				SLICE_ARG(sheet_text(&me->told.sheet, "object")));
		deed_text(deed, snooze ? "snooze" : "acknowledge");
		deed_ids(deed, ids.at, ids.n);
		deed_ask_text(deed, "reason", "others read it; it stays in the audit", snooze);
		if (snooze)
			deed_ask_until(deed);
		else
			deed_text(deed, NULL);
		deed_open(deed);
	}
	free(ids.at);
}

/* To what it is about. */
static void open_object(const struct signals *me)
{
	static const struct {
		const char *measure, *view;
	} places[] = {{"dead_age", "dead"}, {"unowned", "dead"}, {"in_doubt", "replays"},
		{"review", "replays"}, {"system", "overview"}};
	const struct view_env *env = me->told.view.env;
	struct slice measure = sheet_text(&me->told.sheet, "measure"),
		     interface = sheet_text(&me->told.sheet, "interface");

	if (!me->told.story.id.len)
		return;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (slice_eq_str(measure, places[i].measure)) {
			env->go(env->ctx, places[i].view, SLICE_NONE);
			return;
		}
	}
	if (interface.len)
		env->go(env->ctx, "interface", interface);
	else
		env->say(env->ctx, ROLE_MESSAGE,
			"there is no page of that; what is known of it stands below");
}

static bool signals_act(struct view *view, enum action action)
{
	struct signals *me = of(view);

	switch (action) {
	case ACTION_OPEN:
		open_object(me);
		return true;
	case ACTION_SHOW_CLOSED:
		me->params[0] = over_words[me->params[0] == over_words[0]];
		panel_ask(&me->told.list);
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->watch);
		return told_act(&me->told, action);
	case ACTION_CANCEL:
		return deed_cancel(&me->deed) || told_act(&me->told, action);
	case ACTION_SIGNAL_ACKNOWLEDGE:
		answer(me, false);
		return true;
	case ACTION_SIGNAL_SNOOZE:
		answer(me, true);
		return true;
	default:
		return told_act(&me->told, action);
	}
}

static bool signals_input(struct view *view, const struct input *input)
{
	return deed_input(&of(view)->deed, input);
}

static bool signals_settled(const struct view *view)
{
	const struct signals *me = (const struct signals *)view;

	return told_settled(view) &&
	       (me->told.list.err.code || me->watch.rows || me->watch.err.code);
}

const struct view_ops view_signals = {
	.name = "signals",
	.title = "Signals",
	.context = CONTEXT_SIGNALS,
	.open = signals_open,
	.close = signals_close,
	.show = signals_show,
	.store_up = told_store_up,
	.layout = told_layout,
	.draw = signals_draw,
	.act = signals_act,
	.input = signals_input,
	.status = signals_status,
	.search = told_search,
	.settled = signals_settled,
};
