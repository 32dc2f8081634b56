/* Probes: addresses, certificates and brokers that workers look at, those that fail first, and below them what
 * is known of the one under the cursor: its queues, and how its newest results went.
 * Opened by the app. */
#include "base/mem.h"
#include "model/format.h"
#include "told.h"
#include "views/views.h"
#include <stdlib.h>

#define LIST_PERIOD_US (5 * S_US)

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

static struct view *probes_open(const struct view_env *env)
{
	struct told *me = NEW(struct told);

	me->list = (struct panel){.question = "probes", .period_us = LIST_PERIOD_US};
	me->sheet = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.own = draw_ms};
	told_open(me, &view_probes, env, "probe");
	return &me->view;
}

static void probes_close(struct view *view)
{
	told_close((struct told *)view);
	free(view);
}

static void probes_draw(const struct view *view, const struct canvas *canvas)
{
	const struct told *me = (const struct told *)view;

	if (told_any(me))
		told_draw(me, canvas, SLICE(" what was seen "));
	else
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->list.err.code ? slice_of(me->list.err.text)
			: !me->list.rows  ? SLICE("asking the store")
					  : SLICE("the catalogue has no probe"));
}

static void probes_status(const struct view *view, struct str *out)
{
	const struct told *me = (const struct told *)view;
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
	return told_act((struct told *)view, action == ACTION_OPEN ? ACTION_PANE : action);
}

const struct view_ops view_probes = {
	.name = "probes",
	.title = "Probes",
	.context = CONTEXT_PROBES,
	.open = probes_open,
	.close = probes_close,
	.show = told_show,
	.store_up = told_store_up,
	.layout = told_layout,
	.draw = probes_draw,
	.act = probes_act,
	.status = probes_status,
	.search = told_search,
	.settled = told_settled,
};
