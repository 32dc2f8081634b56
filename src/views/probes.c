/* Probes: addresses, certificates and brokers that workers look at, those that fail first, and below them what
 * is known of the one under the cursor: its queues, and how its newest results went.
 * Opened by the app. */
#include "base/mem.h"
#include "model/format.h"
#include "sheet.h"
#include "story.h"
#include "views/views.h"
#include <stdlib.h>

#define LIST_PERIOD_US (5 * S_US)
#define SPLIT_FROM 12

static const struct table_column columns[] = {
	{"", 9, 9, 0, false, NULL},
	{"probe", 12, 28, 0, false, NULL},
	{"kind", 8, 8, 0, false, NULL},
	{"seen", 8, 14, 0, false, NULL},
	{"since", 7, 9, 0, true, NULL},
	{"ms", 5, 7, 60, true, NULL},
	{"cert ends", 9, 11, 70, true, NULL},
	{"queues", 6, 6, 90, true, NULL},
	{"in them", 8, 8, 90, true, NULL},
	{"system", 8, 16, 100, false, NULL},
	{"owner", 8, 20, 120, false, NULL},
	{"why", 12, 80, 130, false, NULL},
};

static void draw_ms(const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);
	size_t at = rows_col(rows, "latency_ms");

	(void)column;
	if (rows_null(rows, row, at))
		return;
	str_addf(&text, "%.0f", rows_real(rows, row, at));
	canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT, str_slice(&text));
}

static const struct sheet_cell cells[ARRAY_LEN(columns)] = {
	{"state", CELL_STATE, ROLE_TEXT},
	{"probe", CELL_STRONG, ROLE_TEXT},
	{"kind", CELL_DIM, ROLE_TEXT},
	{"status", CELL_TEXT, ROLE_TEXT},
	{"since", CELL_AGE, ROLE_TEXT},
	{"latency_ms", CELL_OWN, ROLE_TEXT},
	{"cert_expires", CELL_AGE, ROLE_TEXT},
	{"queues", CELL_COUNT, ROLE_TEXT},
	{"waiting", CELL_COUNT, ROLE_TEXT},
	{"system", CELL_TEXT, ROLE_TEXT},
	{"owner", CELL_TEXT, ROLE_TEXT},
	{"message", CELL_DIM, ROLE_TEXT},
};

struct probes {
	struct view view;
	struct panel list;
	struct sheet sheet;
	struct story story;
	bool in_story;
	int height;
};

static struct probes *of(struct view *view)
{
	return (struct probes *)view;
}

static void on_list(void *ctx, const struct rows *rows)
{
	struct probes *me = ctx;

	sheet_answered(&me->sheet, me->view.env->loop, rows);
	story_of(&me->story, sheet_text(&me->sheet, "key"));
}

static struct view *probes_open(const struct view_env *env)
{
	struct probes *me = NEW(struct probes);

	me->view = (struct view){&view_probes, env};
	me->list = (struct panel){.env = env,
		.question = "probes",
		.period_us = LIST_PERIOD_US,
		.answered = on_list,
		.ctx = me};
	me->sheet = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.key = "key",
		.own = draw_ms,
		.panel = &me->list};
	panel_open(&me->list);
	sheet_open(&me->sheet);
	story_open(&me->story, env, "probe");
	return &me->view;
}

static void probes_close(struct view *view)
{
	struct probes *me = of(view);

	panel_close(&me->list);
	sheet_done(&me->sheet);
	story_close(&me->story);
	free(me);
}

static void probes_show(struct view *view, bool shown)
{
	panel_show(&of(view)->list, shown);
	story_show(&of(view)->story, shown);
}

static void probes_store_up(struct view *view, bool up)
{
	if (up && of(view)->list.shown)
		panel_ask(&of(view)->list);
}

static int list_height(const struct probes *me)
{
	int want = me->list.rows ? (int)rows_count(me->list.rows) + 1 : 2, half = me->height / 2;

	if (me->height < SPLIT_FROM)
		return me->in_story ? 0 : me->height;
	return want < half ? want : half;
}

static void probes_layout(struct view *view, int width, int height)
{
	struct probes *me = of(view);
	int list;

	me->height = height;
	list = list_height(me);
	sheet_layout(&me->sheet, list);
	story_of(&me->story, sheet_text(&me->sheet, "key"));
	story_layout(&me->story, width - 2, height - list - (list ? 1 : 0));
}

static void draw_story(const struct probes *me, const struct canvas *canvas, int list)
{
	struct canvas text = canvas_sub(canvas, 1, list + (list ? 1 : 0), canvas->width - 2,
		canvas->height - list - (list ? 1 : 0));

	if (list) {
		if (!canvas->plain)
			canvas_line(canvas, list, ROLE_BORDER);
		canvas_text(canvas, 1, list, canvas->width - 1,
			me->in_story ? ROLE_TAB_ACTIVE : ROLE_TAB, SLICE(" what was seen "));
	}
	story_draw(&me->story, &text);
}

static void probes_draw(const struct view *view, const struct canvas *canvas)
{
	const struct probes *me = (const struct probes *)view;
	int list = list_height(me);
	struct canvas above = canvas_sub(canvas, 0, 0, canvas->width, list);

	if (!me->list.rows || !rows_count(me->list.rows)) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->list.err.code ? slice_of(me->list.err.text)
			: !me->list.rows  ? SLICE("asking the store")
					  : SLICE("the catalogue has no probe"));
		return;
	}
	if (list)
		sheet_draw(&me->sheet, &above);
	if (list < canvas->height)
		draw_story(me, canvas, list);
}

static void probes_status(const struct view *view, struct str *out)
{
	const struct probes *me = (const struct probes *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);
	size_t failing = 0;

	for (size_t i = 0; me->list.rows && i < rows_count(me->list.rows); i++)
		failing += slice_eq_str(
			rows_text(me->list.rows, i, rows_col(me->list.rows, "state")), "failing");
	if (me->list.rows) {
		format_count(out, (int64_t)rows_count(me->list.rows));
		str_adds(out, " probes");
	}
	if (failing) {
		str_adds(out, " · ");
		format_count(out, (int64_t)failing);
		str_adds(out, failing == 1 ? " fails" : " fail");
	}
	panel_status(&me->list, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static bool probes_act(struct view *view, enum action action)
{
	struct probes *me = of(view);

	switch (action) {
	case ACTION_OPEN:
	case ACTION_PANE:
		me->in_story = !me->in_story;
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->list);
		if (me->story.id.len)
			panel_ask(&me->story.panel);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->list);
		return me->list.ticket != 0;
	default:
		return me->in_story || action == ACTION_WRAP
			       ? text_view_act(&me->story.text.view, action)
			       : sheet_act(&me->sheet, action);
	}
}

static int probes_search(struct view *view, struct match *match, bool forward)
{
	struct probes *me = of(view);
	struct table_rows rows = sheet_rows(&me->sheet);

	return me->in_story ? text_search(&me->story.text, match, forward)
			    : table_search(&me->sheet.table, &rows, match, forward);
}

static bool probes_settled(const struct view *view)
{
	const struct probes *me = (const struct probes *)view;

	return me->list.err.code ||
	       (me->list.rows && (!rows_count(me->list.rows) || me->story.panel.rows ||
					 me->story.panel.err.code));
}

const struct view_ops view_probes = {
	.name = "probes",
	.title = "Probes",
	.context = CONTEXT_PROBES,
	.open = probes_open,
	.close = probes_close,
	.show = probes_show,
	.store_up = probes_store_up,
	.layout = probes_layout,
	.draw = probes_draw,
	.act = probes_act,
	.status = probes_status,
	.search = probes_search,
	.settled = probes_settled,
};
