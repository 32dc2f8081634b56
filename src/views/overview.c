/* The overview: tiles of what needs a response, systems that are down, then the interfaces, worst first.
 * The order and the states are the store's; nothing is computed here but sums.
 * Opened by the app, drawn from the last answers. */
#include "base/mem.h"
#include "model/format.h"
#include "overview_part.h"
#include "views/views.h"
#include <stdlib.h>

#define PERIOD_US (2 * S_US)
#define SLOW_PERIOD_US (5 * S_US)

/* The cursor follows its interface when the order changes. */
static void arrange(struct overview *me)
{
	const struct rows *rows = me->panel.rows;

	if (!rows)
		return;
	overview_arrange(me);
	for (size_t i = 0; i < me->n_lines; i++)
		if (slice_eq(rows_text(rows, me->lines[i], rows_col(rows, "interface")),
			    str_slice(&me->cursor_id)))
			me->table.cursor = (int64_t)i;
}

static void on_answer(void *ctx, const struct rows *rows)
{
	(void)rows;
	arrange(ctx);
}

static struct view *overview_open(const struct view_env *env)
{
	struct overview *me = NEW(struct overview);

	me->view = (struct view){&view_overview, env};
	me->cursor_id = STR_INIT(256);
	me->tile = TILES_N;
	me->panel = (struct panel){.question = "overview", .period_us = PERIOD_US};
	me->systems = (struct panel){.question = "systems-down", .period_us = SLOW_PERIOD_US};
	me->waits = (struct panel){.question = "overview-waits", .period_us = SLOW_PERIOD_US};
	me->panel.env = me->systems.env = me->waits.env = env;
	me->panel.answered = me->systems.answered = on_answer;
	me->panel.ctx = me->systems.ctx = me;
	panel_open(&me->panel);
	panel_open(&me->systems);
	panel_open(&me->waits);
	return &me->view;
}

static void overview_close(struct view *view)
{
	struct overview *me = (struct overview *)view;

	panel_close(&me->panel);
	panel_close(&me->systems);
	panel_close(&me->waits);
	str_done(&me->cursor_id);
	free(me->lines);
	free(me);
}

static void overview_show(struct view *view, bool shown)
{
	struct overview *me = (struct overview *)view;

	panel_show(&me->panel, shown);
	panel_show(&me->systems, shown);
	panel_show(&me->waits, shown);
}

static void ask(struct overview *me)
{
	panel_ask(&me->panel);
	panel_ask(&me->systems);
	panel_ask(&me->waits);
}

static void overview_store_up(struct view *view, bool up)
{
	struct overview *me = (struct overview *)view;

	if (up && me->panel.shown)
		ask(me);
}

static void overview_layout(struct view *view, int width, int height)
{
	struct overview *me = (struct overview *)view;
	const struct rows *rows = me->panel.rows;

	(void)width;
	table_layout(&me->table, 0, rows ? me->n_lines : 0,
		height - OVERVIEW_TILES_HEIGHT - 1 - overview_down_height(me, height) -
			overview_detail_height(me, height));
	str_reset(&me->cursor_id);
	if (me->table.n)
		str_add(&me->cursor_id,
			rows_text(rows, me->lines[me->table.cursor], rows_col(rows, "interface")));
}

/* ---- acts ---- */

static void go(const struct overview *me, enum tile tile)
{
	static const struct {
		const char *view, *what;
	} lists[TILES_N] = {
		[TILE_BREACH] = {"sla", "breach"},
		[TILE_RISK] = {"sla", "at-risk"},
		[TILE_LATE] = {"sla", "late"},
		[TILE_SILENT] = {"sla", "silent"},
		[TILE_DEAD] = {"dead", ""},
		[TILE_DOUBT] = {"replays", ""},
		[TILE_WAITING] = {"replays", ""},
		[TILE_QUEUE] = {"find", "state:waiting,running"},
	};

	me->view.env->go(me->view.env->ctx, lists[tile].view, slice_of(lists[tile].what));
}

/* The tiles from the left, then none. */
static void next_tile(struct overview *me)
{
	me->tile = me->tile >= TILES_N ? TILE_BREACH : (enum tile)(me->tile + 1);
}

static void fold(struct overview *me)
{
	if (!me->n_taken) {
		me->view.env->say(me->view.env->ctx, ROLE_MESSAGE,
			"no system is down that takes others along");
		return;
	}
	me->unfolded = !me->unfolded;
	arrange(me);
}

static void open_row(struct overview *me, const char *view)
{
	if (me->tile < TILES_N && slice_eq_str(SLICE("interface"), view))
		go(me, me->tile);
	else if (me->table.n)
		me->view.env->go(me->view.env->ctx, view, str_slice(&me->cursor_id));
	me->tile = TILES_N;
}

static bool overview_act(struct view *view, enum action action)
{
	struct overview *me = (struct overview *)view;
	struct table_rows rows = overview_rows(me);

	switch (action) {
	case ACTION_OPEN:
	case ACTION_OPEN_INTERFACE:
		open_row(me, "interface");
		return true;
	case ACTION_OPEN_SLA:
		open_row(me, "sla");
		return true;
	case ACTION_TILE_NEXT:
		next_tile(me);
		return true;
	case ACTION_SHOW_BREACH:
		go(me, TILE_BREACH);
		return true;
	case ACTION_SHOW_RISK:
		go(me, TILE_RISK);
		return true;
	case ACTION_SHOW_SILENT:
		go(me, TILE_SILENT);
		return true;
	case ACTION_SHOW_QUEUED:
		go(me, TILE_QUEUE);
		return true;
	case ACTION_FOLD:
		fold(me);
		return true;
	case ACTION_REFRESH:
		ask(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->panel);
		return me->panel.ticket != 0;
	default:
		me->tile = TILES_N;
		return table_act(&me->table, &rows, action);
	}
}

static void add_kept(const struct overview *me, struct str *out)
{
	const struct rows *rows = me->panel.rows;
	int64_t age_us;

	if (!rows_count(rows))
		return;
	if (rows_null(rows, 0, rows_col(rows, "kept_at"))) {
		str_adds(out, " · states were never worked out: no worker runs");
		return;
	}
	age_us = me->panel.wall_us - rows_time(rows, 0, rows_col(rows, "kept_at"));
	if (age_us < 2 * 60 * S_US)
		return;
	str_adds(out, " · states are ");
	format_age(out, age_us);
	str_adds(out, " old: no worker works them out");
}

static void overview_status(const struct view *view, struct str *out)
{
	const struct overview *me = (const struct overview *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->panel.rows) {
		format_count(out, (int64_t)rows_count(me->panel.rows));
		str_adds(out, " interfaces · worst first");
		if (me->n_taken > me->n_loose)
			str_addf(out, " · %zu folded", me->n_taken - me->n_loose);
		add_kept(me, out);
	}
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

	*ret_rows = overview_rows(me);
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
