/* Anomalies: interfaces that do something else than they usually do at this hour of the week, ranked, and
 * below them the story of the one under the cursor. What is usual, what is worth saying and the story are the
 * store's. Nothing here acts by itself; an operator may say that one is known, and why.
 * Opened by the app. */
#include "base/mem.h"
#include "deed.h"
#include "model/format.h"
#include "told.h"
#include "views/views.h"
#include <stdlib.h>

#define LIST_PERIOD_US (10 * S_US)
#define KNOWN_PERIOD_US (60 * S_US)

static const struct table_column columns[] = {
	{"", 3, 9, 0, false, NULL},
	{"interface", 12, 24, 0, false, NULL},
	{"tier", 4, 4, 0, true, NULL},
	{"what", 9, 10, 0, false, NULL},
	{"seen", 8, 9, 0, true, NULL},
	{"usual", 8, 9, 0, true, NULL},
	{"affected", 8, 8, 0, true, NULL},
	{"since", 7, 9, 60, true, NULL},
	{"widths", 6, 6, 90, true, NULL},
	{"from", 10, 24, 100, false, NULL},
	{"team", 10, 20, 120, false, NULL},
	{"known because", 12, 80, 140, false, NULL},
};

static const struct sheet_cell cells[ARRAY_LEN(columns)] = {
	{"state", CELL_STATE, ROLE_TEXT},
	{"interface", CELL_STRONG, ROLE_TEXT},
	{"tier", CELL_COUNT, ROLE_TEXT},
	{"measure", CELL_TEXT, ROLE_TEXT},
	{"seen", CELL_TEXT, ROLE_TEXT},
	{"usual", CELL_DIM, ROLE_TEXT},
	{"affected", CELL_COUNT, ROLE_STRONG},
	{"began_at", CELL_AGE, ROLE_TEXT},
	{"off", CELL_DIM, ROLE_TEXT},
	{"history", CELL_DIM, ROLE_TEXT},
	{"owner", CELL_TEXT, ROLE_TEXT},
	{"because", CELL_DIM, ROLE_TEXT},
};

static const char *const over_words[] = {"false", "true"};

struct anomalies {
	struct told told;
	struct panel known;
	const char *params[1];
	struct deed deed;
};

static struct anomalies *of(struct view *view)
{
	return (struct anomalies *)view;
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	(void)done;
	(void)id;
	panel_ask(&((struct anomalies *)ctx)->told.list);
}

static struct view *anomalies_open(const struct view_env *env)
{
	struct anomalies *me = NEW(struct anomalies);

	me->params[0] = over_words[0];
	me->told.list = (struct panel){.question = "anomalies",
		.params = me->params,
		.n_params = 1,
		.period_us = LIST_PERIOD_US};
	me->told.sheet =
		(struct sheet){.columns = columns, .cells = cells, .n_columns = ARRAY_LEN(columns)};
	me->known = (struct panel){
		.env = env, .question = "rhythms-known", .period_us = KNOWN_PERIOD_US};
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	told_open(&me->told, &view_anomalies, env, "anomaly");
	panel_open(&me->known);
	return &me->told.view;
}

static void anomalies_close(struct view *view)
{
	struct anomalies *me = of(view);

	deed_done(&me->deed);
	told_close(&me->told);
	panel_close(&me->known);
	free(me);
}

static void anomalies_show(struct view *view, bool shown)
{
	told_show(view, shown);
	panel_show(&of(view)->known, shown);
}

/* ---- the screen ---- */

static int64_t known(const struct anomalies *me, const char *column)
{
	const struct rows *rows = me->known.rows;

	return rows && rows_count(rows) ? rows_int(rows, 0, rows_col(rows, column)) : 0;
}

static void draw_nothing(const struct anomalies *me, const struct canvas *canvas)
{
	int64_t unknown = known(me, "unknown");

	canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
		me->told.list.err.code          ? slice_of(me->told.list.err.text)
		: !me->told.list.rows           ? SLICE("asking the store")
		: known(me, "known") > 0        ? SLICE("nothing is other than usual")
		: me->known.rows && unknown > 0 ? SLICE("no rhythm is known yet")
						: SLICE(""));
	if (me->told.list.rows && unknown > 0)
		canvas_printf(canvas, 1, 2, canvas->width - 2, ROLE_DIM,
			"of %lld interfaces it is not known what is usual at this hour: that takes three days of it",
			(long long)unknown);
}

static void anomalies_draw(const struct view *view, const struct canvas *canvas)
{
	const struct anomalies *me = (const struct anomalies *)view;

	if (told_any(&me->told))
		told_draw(&me->told, canvas, SLICE(" what is known of it "));
	else
		draw_nothing(me, canvas);
	deed_draw(&me->deed, canvas);
}

static void anomalies_status(const struct view *view, struct str *out)
{
	const struct anomalies *me = (const struct anomalies *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->told.list.rows) {
		format_count(out, (int64_t)rows_count(me->told.list.rows));
		str_adds(out, " · by tier and by how many it concerns");
	}
	if (known(me, "unknown"))
		str_addf(out, " · not known of %lld", (long long)known(me, "unknown"));
	if (me->params[0] == over_words[1])
		str_adds(out, " · with what is over");
	deed_status(&me->deed, out);
	panel_status(&me->told.list, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

/* ---- acts ---- */

static void dismiss(struct anomalies *me)
{
	struct deed *deed = &me->deed;

	if (!me->told.story.id.len ||
		!deed_begin(deed, "dismiss", "anomaly-dismiss", "Dismiss %.*s: %.*s",
			SLICE_ARG(sheet_text(&me->told.sheet, "interface")),
			SLICE_ARG(sheet_text(&me->told.sheet, "measure"))))
		return;
	deed_note(deed, "it goes on being watched, and is told if it comes again");
	deed_text(deed, str_cstr(&me->told.story.id));
	deed_ask_text(deed, "reason", "others read it; it stays in the audit", true);
	deed_open(deed);
}

/* Those of its interface from the hour before it began. */
static void open_transactions(const struct anomalies *me)
{
	CLEANUP(str_done)
	struct str filter = STR_INIT(256);

	if (!me->told.story.id.len)
		return;
	str_addf(&filter, "if:%.*s last %lldh%s",
		SLICE_ARG(sheet_text(&me->told.sheet, "interface")),
		(long long)sheet_int(&me->told.sheet, "hours"),
		slice_eq_str(sheet_text(&me->told.sheet, "measure"), "failures") ? " state:dead"
										 : "");
	me->told.view.env->go(me->told.view.env->ctx, "find", str_slice(&filter));
}

static bool anomalies_act(struct view *view, enum action action)
{
	struct anomalies *me = of(view);

	switch (action) {
	case ACTION_OPEN:
		open_transactions(me);
		return true;
	case ACTION_SHOW_CLOSED:
		me->params[0] = over_words[me->params[0] == over_words[0]];
		panel_ask(&me->told.list);
		return true;
	case ACTION_CANCEL:
		return deed_cancel(&me->deed) || told_act(&me->told, action);
	case ACTION_ANOMALY_DISMISS:
		dismiss(me);
		return true;
	default:
		return told_act(&me->told, action);
	}
}

static bool anomalies_input(struct view *view, const struct input *input)
{
	return deed_input(&of(view)->deed, input);
}

const struct view_ops view_anomalies = {
	.name = "anomalies",
	.title = "Anomalies",
	.context = CONTEXT_ANOMALIES,
	.open = anomalies_open,
	.close = anomalies_close,
	.show = anomalies_show,
	.store_up = told_store_up,
	.layout = told_layout,
	.draw = anomalies_draw,
	.act = anomalies_act,
	.input = anomalies_input,
	.status = anomalies_status,
	.search = told_search,
	.settled = told_settled,
};
