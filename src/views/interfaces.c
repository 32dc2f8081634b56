/* The catalogue of interfaces as a list: what goes where, who answers for it, how it is now, what is
 * promised. Enter opens the page of one.
 * How they are now is the overview's question; here the answers are put side by side.
 * Opened by the app. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "standing.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "views/views.h"
#include <stdlib.h>

#define CATALOGUE_PERIOD_US (60 * S_US)
#define STATE_PERIOD_US (5 * S_US)

enum column_id {
	COL_INTERFACE,
	COL_STATE,
	COL_ROUTE,
	COL_TIER,
	COL_OWNER,
	COL_TITLE,
	COL_SLO,
	COL_STYLE,
	COL_CLASS,
	COL_LIFECYCLE,
	COL_CONTRACT,
	COL_TEAM,
};

static const struct table_column columns[] = {
	[COL_INTERFACE] = {"interface", 14, 18, 0, false},
	[COL_STATE] = {"state", 9, 9, 0, false},
	[COL_ROUTE] = {"route", 14, 20, 0, false},
	[COL_TIER] = {"tier", 4, 4, 60, true},
	[COL_OWNER] = {"owner", 10, 12, 60, false},
	[COL_TITLE] = {"title", 16, 24, 90, false},
	[COL_SLO] = {"objectives", 16, 60, 110, false},
	[COL_STYLE] = {"style", 7, 7, 150, false},
	[COL_CLASS] = {"data class", 12, 12, 150, false},
	[COL_LIFECYCLE] = {"lifecycle", 10, 10, 170, false},
	[COL_CONTRACT] = {"contract", 10, 20, 190, false},
	[COL_TEAM] = {"team", 10, 16, 200, false},
};

/* The columns of the answer that are shown as they are. */
static const char *const names[ARRAY_LEN(columns)] = {
	[COL_INTERFACE] = "interface",
	[COL_OWNER] = "owner",
	[COL_TITLE] = "title",
	[COL_SLO] = "slo",
	[COL_STYLE] = "style",
	[COL_CLASS] = "data_class",
	[COL_LIFECYCLE] = "lifecycle",
	[COL_CONTRACT] = "contract",
	[COL_TEAM] = "team",
};

struct interfaces {
	struct view view;
	struct panel catalogue, now;
	struct table table;
	struct str cursor_id;
};

static struct interfaces *of(struct view *view)
{
	return (struct interfaces *)view;
}

static struct slice text_at(const struct interfaces *me, size_t row, const char *column)
{
	return rows_text(me->catalogue.rows, row, rows_col(me->catalogue.rows, column));
}

/* What the overview says of it; nothing of one that is retired. */
static struct slice state_of(const struct interfaces *me, size_t row)
{
	const struct rows *rows = me->now.rows;
	struct slice code = text_at(me, row, "interface");
	size_t interface, n = rows ? rows_count(rows) : 0;

	if (!n)
		return SLICE_NONE;
	interface = rows_col(rows, "interface");
	for (size_t i = 0; i < n; i++)
		if (slice_eq(rows_text(rows, i, interface), code))
			return rows_text(rows, i, rows_col(rows, "state"));
	return SLICE_NONE;
}

static void on_catalogue(void *ctx, const struct rows *rows)
{
	struct interfaces *me = ctx;

	for (size_t i = 0; i < rows_count(rows); i++)
		if (slice_eq(text_at(me, i, "interface"), str_slice(&me->cursor_id)))
			me->table.cursor = (int64_t)i;
}

static struct view *interfaces_open(const struct view_env *env)
{
	struct interfaces *me = NEW(struct interfaces);

	me->view = (struct view){&view_interfaces, env};
	me->cursor_id = STR_INIT(256);
	me->catalogue = (struct panel){.env = env,
		.question = "interfaces",
		.period_us = CATALOGUE_PERIOD_US,
		.answered = on_catalogue,
		.ctx = me};
	me->now = (struct panel){.env = env, .question = "overview", .period_us = STATE_PERIOD_US};
	panel_open(&me->catalogue);
	panel_open(&me->now);
	return &me->view;
}

static void interfaces_close(struct view *view)
{
	struct interfaces *me = of(view);

	panel_close(&me->catalogue);
	panel_close(&me->now);
	table_done(&me->table);
	str_done(&me->cursor_id);
	free(me);
}

static void interfaces_show(struct view *view, bool shown)
{
	panel_show(&of(view)->catalogue, shown);
	panel_show(&of(view)->now, shown);
}

static void ask(struct interfaces *me)
{
	panel_ask(&me->catalogue);
	panel_ask(&me->now);
}

static void interfaces_store_up(struct view *view, bool up)
{
	if (up && of(view)->catalogue.shown)
		ask(of(view));
}

static void interfaces_layout(struct view *view, int width, int height)
{
	struct interfaces *me = of(view);
	const struct rows *rows = me->catalogue.rows;

	(void)width;
	table_layout(&me->table, 0, rows ? rows_count(rows) : 0, height - 1);
	str_reset(&me->cursor_id);
	if (me->table.n)
		str_add(&me->cursor_id, text_at(me, (size_t)me->table.cursor, "interface"));
}

static void draw_route(const struct interfaces *me, size_t row, const struct canvas *canvas)
{
	int x = canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT, text_at(me, row, "source"));

	x += canvas_text(canvas, x, 0, canvas->width - x, ROLE_DIM,
		canvas->plain   ? SLICE(" to ")
		: canvas->ascii ? SLICE(">")
				: SLICE("→"));
	canvas_text(canvas, x, 0, canvas->width - x, ROLE_TEXT, text_at(me, row, "target"));
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct interfaces *me = ctx;
	size_t row = (size_t)number;

	switch ((enum column_id)column) {
	case COL_STATE:
		standing_draw(canvas, state_of(me, row), false);
		break;
	case COL_ROUTE:
		draw_route(me, row, canvas);
		break;
	case COL_TIER:
		canvas_printf(canvas, canvas->width - 1, 0, 1, ROLE_DIM, "%lld",
			(long long)rows_int(
				me->catalogue.rows, row, rows_col(me->catalogue.rows, "tier")));
		break;
	default:
		canvas_text(canvas, 0, 0, canvas->width,
			column == COL_INTERFACE || column == COL_TITLE ? ROLE_TEXT : ROLE_DIM,
			text_at(me, row, names[column]));
		break;
	}
}

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	const struct interfaces *me = ctx;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i])
			str_add(out, text_at(me, (size_t)row, names[i]));
		str_addc(out, ' ');
	}
	str_add(out, text_at(me, (size_t)row, "source"));
	str_addc(out, ' ');
	str_add(out, text_at(me, (size_t)row, "target"));
	str_addc(out, ' ');
	str_add(out, state_of(me, (size_t)row));
}

static struct table_rows rows_of(const struct interfaces *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static void interfaces_draw(const struct view *view, const struct canvas *canvas)
{
	const struct interfaces *me = (const struct interfaces *)view;
	struct table_rows rows = rows_of(me);

	if (me->table.n)
		table_draw(&me->table, canvas, &rows);
	else
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->catalogue.rows
				? SLICE("no interface is in your scope; the catalogue may still be empty")
			: me->catalogue.err.code ? slice_of(me->catalogue.err.text)
						 : SLICE("asking the store"));
}

static bool interfaces_act(struct view *view, enum action action)
{
	struct interfaces *me = of(view);
	struct table_rows rows = rows_of(me);

	switch (action) {
	case ACTION_OPEN:
		if (me->table.n)
			view->env->go(view->env->ctx, "interface",
				text_at(me, (size_t)me->table.cursor, "interface"));
		return true;
	case ACTION_REFRESH:
		ask(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->catalogue);
		return me->catalogue.ticket != 0;
	default:
		return table_act(&me->table, &rows, action);
	}
}

static void add_hidden(const struct rows *rows, struct str *out)
{
	int64_t hidden = rows_count(rows) ? rows_int(rows, 0, rows_col(rows, "hidden")) : 0;

	if (!hidden)
		return;
	str_adds(out, " · ");
	format_count(out, hidden);
	str_adds(out, " more out of your scope");
}

static void interfaces_status(const struct view *view, struct str *out)
{
	const struct interfaces *me = (const struct interfaces *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->catalogue.rows) {
		format_count(out, (int64_t)rows_count(me->catalogue.rows));
		str_adds(out, " interfaces · by code");
		add_hidden(me->catalogue.rows, out);
	}
	panel_status(&me->catalogue, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static bool interfaces_settled(const struct view *view)
{
	const struct interfaces *me = (const struct interfaces *)view;

	return me->catalogue.err.code || (me->catalogue.rows && (me->now.rows || me->now.err.code));
}

static struct table *interfaces_table(struct view *view, struct table_rows *ret_rows)
{
	*ret_rows = rows_of(of(view));
	return &of(view)->table;
}

const struct view_ops view_interfaces = {
	.name = "interfaces",
	.title = "Interfaces",
	.context = CONTEXT_LIST,
	.open = interfaces_open,
	.close = interfaces_close,
	.show = interfaces_show,
	.store_up = interfaces_store_up,
	.layout = interfaces_layout,
	.draw = interfaces_draw,
	.act = interfaces_act,
	.status = interfaces_status,
	.table = interfaces_table,
	.settled = interfaces_settled,
};
