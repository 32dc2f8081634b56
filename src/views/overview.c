/* The overview: tiles of what needs a response, then the interfaces, worst first.
 * The order and the states are the store's; nothing is computed here but sums.
 * Opened by the app, drawn from the last answer. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "ui/chart.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "views/views.h"
#include <stdlib.h>

#define PERIOD_US (2 * S_US)
#define TILES_HEIGHT 2
#define SPARK_MAX 64

enum column_id {
	COL_INTERFACE,
	COL_ROUTE,
	COL_STATE,
	COL_DEAD,
	COL_OLDEST,
	COL_RETRYING,
	COL_WAITING,
	COL_RATE,
	COL_LAST,
	COL_OWNER,
	COL_SPARK,
};

static const struct table_column columns[] = {
	[COL_INTERFACE] = {"interface", 14, 22, 0, false},
	[COL_ROUTE] = {"route", 16, 30, 100, false},
	[COL_STATE] = {"state", 9, 9, 0, false},
	[COL_DEAD] = {"dead", 6, 6, 0, true},
	[COL_OLDEST] = {"oldest", 7, 7, 0, true},
	[COL_RETRYING] = {"retry", 6, 6, 0, true},
	[COL_WAITING] = {"queue", 6, 6, 0, true},
	[COL_RATE] = {"in/min", 7, 7, 0, true},
	[COL_LAST] = {"last", 7, 7, 90, true},
	[COL_OWNER] = {"owner", 10, 16, 110, false},
	[COL_SPARK] = {"last hour", 12, 12, 76, false},
};

/* Where the answer holds what is drawn. */
struct fields {
	size_t interface, source, target, state, waiting, running, retrying, dead, oldest, rate,
		last, owner, spark;
};

struct overview {
	struct view view;
	struct panel panel;
	struct table table;
	struct fields at;
	struct str cursor_id; /* the interface that the cursor stands on */
};

/* The cursor follows its interface when the order changes. */
static void on_answer(void *ctx, const struct rows *rows)
{
	struct overview *me = ctx;

	me->at = (struct fields){
		.interface = rows_col(rows, "interface"),
		.source = rows_col(rows, "source"),
		.target = rows_col(rows, "target"),
		.state = rows_col(rows, "state"),
		.waiting = rows_col(rows, "waiting"),
		.running = rows_col(rows, "running"),
		.retrying = rows_col(rows, "retrying"),
		.dead = rows_col(rows, "dead"),
		.oldest = rows_col(rows, "oldest_dead"),
		.rate = rows_col(rows, "in_per_min"),
		.last = rows_col(rows, "last_at"),
		.owner = rows_col(rows, "owner"),
		.spark = rows_col(rows, "spark"),
	};
	for (size_t i = 0; i < rows_count(rows); i++)
		if (slice_eq(rows_text(rows, i, me->at.interface), str_slice(&me->cursor_id)))
			me->table.cursor = (int64_t)i;
}

static struct view *overview_open(const struct view_env *env)
{
	struct overview *me = NEW(struct overview);

	me->view = (struct view){&view_overview, env};
	me->cursor_id = STR_INIT(256);
	me->panel = (struct panel){
		.env = env,
		.question = "overview",
		.period_us = PERIOD_US,
		.answered = on_answer,
		.ctx = me,
	};
	panel_open(&me->panel);
	return &me->view;
}

static void overview_close(struct view *view)
{
	struct overview *me = (struct overview *)view;

	panel_close(&me->panel);
	str_done(&me->cursor_id);
	free(me);
}

static void overview_show(struct view *view, bool shown)
{
	panel_show(&((struct overview *)view)->panel, shown);
}

static void overview_store_up(struct view *view, bool up)
{
	struct overview *me = (struct overview *)view;

	if (up && me->panel.shown)
		panel_ask(&me->panel);
}

static void overview_layout(struct view *view, int width, int height)
{
	struct overview *me = (struct overview *)view;
	const struct rows *rows = me->panel.rows;

	(void)width;
	table_layout(&me->table, 0, rows ? rows_count(rows) : 0, height - TILES_HEIGHT - 1);
	str_reset(&me->cursor_id);
	if (me->table.n)
		str_add(&me->cursor_id,
			rows_text(rows, (size_t)me->table.cursor, me->at.interface));
}

static void draw_route(const struct overview *me, size_t row, const struct canvas *canvas)
{
	const struct rows *rows = me->panel.rows;
	int x = canvas_text(
		canvas, 0, 0, canvas->width, ROLE_TEXT, rows_text(rows, row, me->at.source));

	x += canvas_text(
		canvas, x, 0, canvas->width - x, ROLE_DIM, canvas->ascii ? SLICE(">") : SLICE("→"));
	canvas_text(
		canvas, x, 0, canvas->width - x, ROLE_TEXT, rows_text(rows, row, me->at.target));
}

static void draw_state(struct slice state, const struct canvas *canvas)
{
	enum role role = role_of_state(state);
	int x = canvas_glyph(canvas, 0, 0, role);

	canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width, role, state);
}

static void draw_count(const struct canvas *canvas, int64_t n, enum role role)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	if (!n)
		return; /* a column of zeros hides what is not zero */
	format_count(&text, n);
	canvas_right(canvas, 0, 0, canvas->width, role, str_slice(&text));
}

static void draw_age(const struct overview *me, const struct canvas *canvas, size_t row, size_t at,
	enum role role)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	if (rows_null(me->panel.rows, row, at))
		return;
	format_age(&text, me->panel.wall_us - rows_time(me->panel.rows, row, at));
	canvas_right(canvas, 0, 0, canvas->width, role, str_slice(&text));
}

static void draw_spark(const struct canvas *canvas, struct slice text)
{
	int64_t values[SPARK_MAX];
	struct slice part;
	size_t n = 0;

	while (n < SPARK_MAX && slice_cut(&text, ',', &part)) {
		if (slice_to_i64(slice_trim(part), 0, INT64_MAX / 16, &values[n]) < 0)
			return;
		n++;
	}
	chart_spark(canvas, 0, 0, canvas->width, ROLE_SPARK, values, n);
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct overview *me = ctx;
	const struct rows *rows = me->panel.rows;
	size_t row = (size_t)number;

	switch ((enum column_id)column) {
	case COL_INTERFACE:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT,
			rows_text(rows, row, me->at.interface));
		break;
	case COL_ROUTE:
		draw_route(me, row, canvas);
		break;
	case COL_STATE:
		draw_state(rows_text(rows, row, me->at.state), canvas);
		break;
	case COL_DEAD:
		draw_count(canvas, rows_int(rows, row, me->at.dead), ROLE_STATE_DEAD);
		break;
	case COL_OLDEST:
		draw_age(me, canvas, row, me->at.oldest, ROLE_TEXT);
		break;
	case COL_RETRYING:
		draw_count(canvas, rows_int(rows, row, me->at.retrying), ROLE_STATE_RETRYING);
		break;
	case COL_WAITING:
		draw_count(canvas,
			rows_int(rows, row, me->at.waiting) + rows_int(rows, row, me->at.running),
			ROLE_TEXT);
		break;
	case COL_RATE: {
		CLEANUP(str_done)
		struct str text = STR_INIT(32);

		str_addf(&text, "%.1f", rows_real(rows, row, me->at.rate));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT, str_slice(&text));
		break;
	}
	case COL_LAST:
		draw_age(me, canvas, row, me->at.last, ROLE_DIM);
		break;
	case COL_OWNER:
		canvas_text(
			canvas, 0, 0, canvas->width, ROLE_DIM, rows_text(rows, row, me->at.owner));
		break;
	case COL_SPARK:
		draw_spark(canvas, rows_text(rows, row, me->at.spark));
		break;
	}
}

/* How many interfaces are in each state, and how many transactions wait for somebody. */
static void draw_tiles(const struct overview *me, const struct canvas *canvas)
{
	static const struct {
		const char *state, *word;
	} states[] = {{"failing", "FAILING"}, {"slow", "SLOW"}, {"silent", "SILENT"}};
	const struct rows *rows = me->panel.rows;
	int64_t of_state[ARRAY_LEN(states)] = {0}, dead = 0, retrying = 0, queue = 0;
	int x = 1;

	for (size_t row = 0; row < rows_count(rows); row++) {
		for (size_t i = 0; i < ARRAY_LEN(states); i++)
			of_state[i] +=
				slice_eq_str(rows_text(rows, row, me->at.state), states[i].state);
		dead += rows_int(rows, row, me->at.dead);
		retrying += rows_int(rows, row, me->at.retrying);
		queue += rows_int(rows, row, me->at.waiting) + rows_int(rows, row, me->at.running);
	}
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		x = chart_tile(canvas, x, role_of_state(slice_of(states[i].state)), states[i].word,
			of_state[i]);
	x = chart_tile(canvas, x, ROLE_STATE_DEAD, "DEAD", dead);
	x = chart_tile(canvas, x, ROLE_STATE_RETRYING, "RETRYING", retrying);
	chart_tile(canvas, x, ROLE_TEXT, "QUEUE", queue);
}

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	const struct overview *me = ctx;
	const size_t columns_of[] = {
		me->at.interface, me->at.source, me->at.target, me->at.state, me->at.owner};

	for (size_t i = 0; i < ARRAY_LEN(columns_of); i++) {
		str_add(out, rows_text(me->panel.rows, (size_t)row, columns_of[i]));
		str_addc(out, ' ');
	}
}

static struct table_rows rows_of(const struct overview *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static void overview_draw(const struct view *view, const struct canvas *canvas)
{
	const struct overview *me = (const struct overview *)view;
	struct canvas list =
		canvas_sub(canvas, 0, TILES_HEIGHT, canvas->width, canvas->height - TILES_HEIGHT);
	struct table_rows rows = rows_of(me);

	if (!me->panel.rows) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->panel.err.code ? slice_of(me->panel.err.text)
					   : SLICE("asking the store"));
		return;
	}
	if (!me->table.n) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			SLICE("no interface is in your scope; the catalogue may still be empty"));
		return;
	}
	draw_tiles(me, canvas);
	table_draw(&me->table, &list, &rows);
}

static bool overview_act(struct view *view, enum action action)
{
	struct overview *me = (struct overview *)view;
	struct table_rows rows = rows_of(me);

	switch (action) {
	case ACTION_OPEN:
		if (me->table.n)
			view->env->go(view->env->ctx, "interface", str_slice(&me->cursor_id));
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->panel);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->panel);
		return me->panel.ticket != 0;
	default:
		return table_act(&me->table, &rows, action);
	}
}

static void overview_status(const struct view *view, struct str *out)
{
	const struct overview *me = (const struct overview *)view;

	if (me->panel.rows) {
		format_count(out, (int64_t)rows_count(me->panel.rows));
		str_adds(out, " interfaces · worst first");
	}
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	panel_status(&me->panel, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static bool overview_settled(const struct view *view)
{
	const struct overview *me = (const struct overview *)view;

	return me->panel.rows || me->panel.err.code;
}

static struct table *overview_table(struct view *view, struct table_rows *ret_rows)
{
	struct overview *me = (struct overview *)view;

	*ret_rows = rows_of(me);
	return &me->table;
}

const struct view_ops view_overview = {
	.name = "overview",
	.title = "Overview",
	.context = CONTEXT_OVERVIEW,
	.open = overview_open,
	.close = overview_close,
	.show = overview_show,
	.store_up = overview_store_up,
	.layout = overview_layout,
	.draw = overview_draw,
	.act = overview_act,
	.status = overview_status,
	.table = overview_table,
	.settled = overview_settled,
};
