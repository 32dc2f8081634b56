/* Asking for a replay: tried dry first, with each item's verdict, what the policy will want and who can
 * give it; then the form. What is asked for is frozen by the store when it is asked.
 * Opened by the app, aimed by the view of dead letters. */
#include "base/mem.h"
#include "deed.h"
#include "model/format.h"
#include "sheet.h"
#include "views/views.h"
#include <stdlib.h>

#define PERIOD_US (15 * S_US)
#define HEAD_HEIGHT 3
#define HEAD_FROM 8
#define VERDICTS_MAX 16
#define IDS_MAX (1 << 20)

static const struct table_column columns[] = {
	{"verdict", 12, 14, 0, false, NULL},
	{"business key", 12, 20, 0, false, "key"},
	{"interface", 10, 16, 50, false, NULL},
	{"because of", 10, 12, 70, true, "ref"},
	{"age", 7, 7, 60, true, NULL},
	{"at", 4, 6, 90, false, "facility"},
	{"ordering key", 8, 16, 100, false, "order"},
	{"message", 8, 24, 110, false, NULL},
	{"error", 10, 60, 80, false, NULL},
};

static const struct sheet_cell cells[] = {
	{"verdict", CELL_STATE, ROLE_TEXT},
	{"business_key", CELL_TEXT, ROLE_TEXT},
	{"interface", CELL_TEXT, ROLE_TEXT},
	{"ref", CELL_COUNT, ROLE_DIM},
	{"at", CELL_AGE, ROLE_TEXT},
	{"facility", CELL_DIM, ROLE_DIM},
	{"ordering_key", CELL_DIM, ROLE_DIM},
	{"message_id", CELL_DIM, ROLE_DIM},
	{"text", CELL_TEXT, ROLE_TEXT},
};

struct ask_view {
	struct view view;
	struct panel dry, forecast;
	struct sheet sheet;
	struct deed deed;
	struct str ids, group, seen;
	const char *params[3]; /* ids; or group and seen */
	bool aimed, shown;
	int64_t may; /* how many can be asked for */
};

static void on_dry(void *ctx, const struct rows *rows)
{
	struct ask_view *me = ctx;
	size_t may = rows_col(rows, "may");

	sheet_answered(&me->sheet, me->view.env->loop, rows);
	me->may = 0;
	for (size_t i = 0; i < rows_count(rows); i++)
		me->may += rows_bool(rows, i, may);
}

/* To what was asked for: it is a request now. */
static void on_ended(void *ctx, bool done, int64_t id)
{
	struct ask_view *me = ctx;
	CLEANUP(str_done) struct str what = STR_INIT(32);

	if (!done) {
		panel_ask(&me->dry);
		return;
	}
	str_addf(&what, "%lld", (long long)id);
	me->view.env->go(me->view.env->ctx, "replays", str_slice(&what));
}

static struct view *ask_open(const struct view_env *env)
{
	struct ask_view *me = NEW(struct ask_view);

	me->view = (struct view){&view_ask, env};
	me->dry = (struct panel){.env = env, .question = "replay-dry-run", .params = me->params,
		.n_params = ARRAY_LEN(me->params), .period_us = PERIOD_US, .answered = on_dry, .ctx = me};
	me->forecast = (struct panel){.env = env, .question = "replay-forecast", .params = me->params,
		.n_params = ARRAY_LEN(me->params), .period_us = PERIOD_US};
	me->sheet = (struct sheet){.columns = columns, .cells = cells, .n_columns = ARRAY_LEN(columns),
		.key = "key", .panel = &me->dry};
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	me->ids = STR_INIT(IDS_MAX);
	me->group = STR_INIT(32);
	me->seen = STR_INIT(32);
	sheet_open(&me->sheet);
	panel_open(&me->dry);
	panel_open(&me->forecast);
	return &me->view;
}

static void ask_close(struct view *view)
{
	struct ask_view *me = (struct ask_view *)view;

	deed_done(&me->deed);
	panel_close(&me->dry);
	panel_close(&me->forecast);
	sheet_done(&me->sheet);
	str_done(&me->ids);
	str_done(&me->group);
	str_done(&me->seen);
	free(me);
}

static void ask_show(struct view *view, bool shown)
{
	struct ask_view *me = (struct ask_view *)view;

	me->shown = shown;
	if (shown && !me->aimed)
		return;
	panel_show(&me->dry, shown);
	panel_show(&me->forecast, shown);
}

static void forget_answer(struct panel *panel)
{
	panel_show(panel, false);
	rows_unref(panel->rows);
	panel->rows = NULL;
	panel->err = ERR_INIT;
}

/* "group ID SEEN", or "set ID ID ...". */
static void ask_aim(struct view *view, struct slice what)
{
	struct ask_view *me = (struct ask_view *)view;
	struct slice word, kind;

	forget_answer(&me->dry);
	forget_answer(&me->forecast);
	str_reset(&me->ids);
	str_reset(&me->group);
	str_reset(&me->seen);
	me->may = 0;
	if (!slice_word(&what, &kind))
		return;
	me->aimed = true;
	if (slice_eq_str(kind, "group")) {
		if (slice_word(&what, &word))
			str_add(&me->group, word);
		if (slice_word(&what, &word))
			str_add(&me->seen, word);
	} else {
		str_addc(&me->ids, '{');
		for (int n = 0; slice_word(&what, &word); n++) {
			str_adds(&me->ids, n ? "," : "");
			str_add(&me->ids, word);
		}
		str_addc(&me->ids, '}');
	}
	me->params[0] = me->ids.len ? str_cstr(&me->ids) : NULL;
	me->params[1] = me->group.len ? str_cstr(&me->group) : NULL;
	me->params[2] = me->seen.len ? str_cstr(&me->seen) : NULL;
	ask_show(view, me->shown);
}

static void ask_store_up(struct view *view, bool up)
{
	struct ask_view *me = (struct ask_view *)view;

	if (up && me->dry.shown)
		panel_ask(&me->dry);
}

static int head_of(int height)
{
	return height >= HEAD_FROM ? HEAD_HEIGHT : 0;
}

static void ask_layout(struct view *view, int width, int height)
{
	(void)width;
	sheet_layout(&((struct ask_view *)view)->sheet, height - head_of(height));
}

/* "12 eligible · 3 delivered": each verdict once, in the order in which they come. */
static void add_verdicts(const struct rows *rows, struct str *out)
{
	struct slice words[VERDICTS_MAX];
	int64_t counts[VERDICTS_MAX] = {0};
	size_t n = 0, at = rows_col(rows, "verdict");

	for (size_t row = 0; row < rows_count(rows); row++) {
		struct slice word = rows_text(rows, row, at);
		size_t i = 0;

		while (i < n && !slice_eq(words[i], word))
			i++;
		if (i == VERDICTS_MAX)
			continue;
		if (i == n)
			words[n++] = word;
		counts[i]++;
	}
	for (size_t i = 0; i < n; i++) {
		str_adds(out, i ? " · " : "");
		format_count(out, counts[i]);
		str_addf(out, " %.*s", SLICE_ARG(words[i]));
	}
}

static void add_needs(const struct rows *rows, struct str *out)
{
	struct slice approvers;
	int64_t needed;

	if (!rows || !rows_count(rows) || rows_null(rows, 0, rows_col(rows, "needed"))) {
		str_adds(out, rows ? "nothing of this can be asked for" : "");
		return;
	}
	needed = rows_int(rows, 0, rows_col(rows, "needed"));
	approvers = rows_text(rows, 0, rows_col(rows, "approvers"));
	if (!needed) {
		str_adds(out, "no approval is needed");
	} else {
		str_addf(out, "needs %lld approval%s; ", (long long)needed, needed == 1 ? "" : "s");
		str_addf(out, approvers.len ? "can be given by %.*s" : "nobody can give it%.*s", SLICE_ARG(approvers));
	}
	if (rows_bool(rows, 0, rows_col(rows, "emergency")))
		str_adds(out, " · allowed as an emergency");
}

static void draw_head(const struct ask_view *me, const struct canvas *canvas)
{
	CLEANUP(str_done) struct str verdicts = STR_INIT(1024), needs = STR_INIT(4096);

	add_verdicts(me->dry.rows, &verdicts);
	add_needs(me->forecast.rows, &needs);
	if (me->forecast.err.code)
		str_adds(&needs, me->forecast.err.text);
	canvas_text(canvas, 1, 0, canvas->width - 2, ROLE_STRONG, str_slice(&verdicts));
	canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_TEXT, str_slice(&needs));
}

static void ask_draw(const struct view *view, const struct canvas *canvas)
{
	const struct ask_view *me = (const struct ask_view *)view;
	int head = head_of(canvas->height);
	struct canvas list = canvas_sub(canvas, 0, head, canvas->width, canvas->height - head);

	if (!me->dry.rows) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			!me->aimed	   ? SLICE("ask from the dead letters")
			: me->dry.err.code ? slice_of(me->dry.err.text)
					   : SLICE("asking the store"));
		return;
	}
	if (head)
		draw_head(me, canvas);
	sheet_draw(&me->sheet, &list);
	deed_draw(&me->deed, canvas);
}

static void open_form(struct ask_view *me)
{
	static const char *const canaries[] = {"1, then 10, then the rest", "all at once"};
	static const char *const stages[] = {NULL, "[]"};
	static const char *const rates[] = {"as the target takes it", "1 a second", "5 a second", "20 a second"};
	static const char *const per_s[] = {NULL, "1", "5", "20"};
	static const char *const yes_no[] = {"no", "yes"};
	static const char *const booleans[] = {"false", "true"};
	CLEANUP(str_done) struct str needs = STR_INIT(4096);
	struct deed *deed = &me->deed;

	if (!me->may) {
		me->view.env->say(me->view.env->ctx, ROLE_ERROR, "nothing of this can be asked for");
		return;
	}
	if (!deed_begin(deed, "ask", "replay-ask", "Ask for a replay of %lld", (long long)me->may))
		return;
	add_needs(me->forecast.rows, &needs);
	deed_note(deed, "%s", str_cstr(&needs));
	for (size_t i = 0; i < ARRAY_LEN(me->params); i++)
		deed_text(deed, me->params[i]);
	deed_ask_text(deed, "reason", "who decides reads it", true);
	deed_ask_choice(deed, "stages", "it stops where too many fail", canaries, stages, ARRAY_LEN(stages));
	deed_ask_choice(deed, "rate", NULL, rates, per_s, ARRAY_LEN(per_s));
	if (me->forecast.rows && rows_count(me->forecast.rows) &&
		rows_bool(me->forecast.rows, 0, rows_col(me->forecast.rows, "emergency")))
		deed_ask_choice(deed, "emergency", "at once; an approver reviews it within 24 h", yes_no,
			booleans, ARRAY_LEN(booleans));
	else
		deed_text(deed, "false");
	deed_ask_count(deed, me->may);
	deed_open(deed);
}

static bool ask_act(struct view *view, enum action action)
{
	struct ask_view *me = (struct ask_view *)view;

	switch (action) {
	case ACTION_OPEN:
		open_form(me);
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->dry);
		panel_ask(&me->forecast);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->dry);
		return deed_cancel(&me->deed) || me->dry.ticket;
	default:
		return sheet_act(&me->sheet, action);
	}
}

static bool ask_input(struct view *view, const struct input *input)
{
	return deed_input(&((struct ask_view *)view)->deed, input);
}

static void ask_status(const struct view *view, struct str *out)
{
	const struct ask_view *me = (const struct ask_view *)view;

	if (me->dry.rows) {
		str_adds(out, "dry run · ");
		format_count(out, me->may);
		str_adds(out, " can be asked for · Enter asks");
	}
	deed_status(&me->deed, out);
	if (out->len)
		str_adds(out, " · ");
	panel_status(&me->dry, out);
	if (slice_ends(str_slice(out), SLICE(" · ")))
		str_truncate(out, out->len - SLICE(" · ").len);
}

static bool ask_settled(const struct view *view)
{
	const struct ask_view *me = (const struct ask_view *)view;

	return !me->aimed || me->dry.rows || me->dry.err.code;
}

static struct table *ask_table(struct view *view, struct table_rows *ret_rows)
{
	struct ask_view *me = (struct ask_view *)view;

	*ret_rows = sheet_rows(&me->sheet);
	return &me->sheet.table;
}

const struct view_ops view_ask = {
	.name = "ask",
	.title = "Ask for a replay",
	.context = CONTEXT_ASK,
	.open = ask_open,
	.close = ask_close,
	.show = ask_show,
	.aim = ask_aim,
	.store_up = ask_store_up,
	.layout = ask_layout,
	.draw = ask_draw,
	.act = ask_act,
	.input = ask_input,
	.status = ask_status,
	.table = ask_table,
	.settled = ask_settled,
};
