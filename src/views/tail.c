/* The tail: events as they become visible, followed or paused.
 * What it asks for is tail_feed.c's, how it looks tail_draw.c's.
 * Opened by the app. */
#include "tail_part.h"
#include "base/mem.h"
#include "views/views.h"
#include <stdlib.h>

#define HORIZON_US (10 * S_US)

static void on_timer(void *ctx)
{
	tail_ask(ctx);
}

static struct view *tail_open(const struct view_env *env)
{
	struct tail *me = NEW(struct tail);

	me->view = (struct view){&view_tail, env};
	me->table.at_end = true;
	me->era = STR_INIT(256);
	me->xid = STR_INIT(64);
	me->seq = STR_INIT(64);
	me->timer = timer_open(env->loop, on_timer, me);
	me->horizon = (struct panel){
		.env = env,
		.question = "tail-horizon",
		.period_us = HORIZON_US,
	};
	panel_open(&me->horizon);
	return &me->view;
}

static void tail_close(struct view *view)
{
	struct tail *me = (struct tail *)view;

	source_drop(view->env->source, me->ticket);
	timer_close(me->timer);
	panel_close(&me->horizon);
	batches_done(&me->log);
	str_done(&me->era);
	str_done(&me->xid);
	str_done(&me->seq);
	free(me);
}

static void tail_show(struct view *view, bool shown)
{
	struct tail *me = (struct tail *)view;

	me->shown = shown;
	panel_show(&me->horizon, shown);
	if (shown) {
		tail_ask(me);
		return;
	}
	source_drop(view->env->source, me->ticket);
	me->ticket = 0;
	timer_stop(me->timer);
}

static void tail_store_up(struct view *view, bool up)
{
	struct tail *me = (struct tail *)view;

	if (up && me->shown)
		tail_ask(me);
}

static void tail_layout(struct view *view, int width, int height)
{
	struct tail *me = (struct tail *)view;
	int detail = tail_detail_height(me, height);

	(void)width;
	table_layout(&me->table, me->log.first, (size_t)batches_count(&me->log),
		height - 1 - detail);
}

static void follow(struct tail *me, bool yes)
{
	if (me->table.at_end == yes)
		return;
	me->table.at_end = yes;
	me->paused_at = me->log.next;
	if (yes) {
		batches_cut_front(&me->log, TAIL_HELD_MAX);
		if (me->shown)
			tail_ask(me);
	}
}

static bool is_failure(const struct tail *me, const struct rows *rows, size_t row)
{
	struct slice kind = rows_text(rows, row, me->at.kind);

	return slice_eq_str(kind, "failed") || slice_eq_str(kind, "dead");
}

/* To the next row in a direction that fails, or that has the cursor's correlation. */
static void seek(struct tail *me, int step, bool failure)
{
	size_t row;
	const struct rows *rows;
	struct slice correlation;

	if (me->log.first == me->log.next)
		return;
	rows = batches_at(&me->log, me->table.cursor, &row);
	correlation = rows_text(rows, row, me->at.correlation);
	for (int64_t i = me->table.cursor + step; i >= me->log.first && i < me->log.next; i += step) {
		rows = batches_at(&me->log, i, &row);
		if (failure ? is_failure(me, rows, row)
			    : correlation.len &&
				      slice_eq(correlation,
					      rows_text(rows, row, me->at.correlation))) {
			follow(me, false);
			me->table.cursor = i;
			return;
		}
	}
}

/* The transaction under the cursor in a view of its own. */
static void open_transaction(struct tail *me)
{
	CLEANUP(str_done) struct str id = STR_INIT(32);
	const struct rows *rows;
	size_t row;

	if (me->log.first == me->log.next)
		return;
	rows = batches_at(&me->log, me->table.cursor, &row);
	str_addf(&id, "%lld", (long long)rows_int(rows, row, rows_col(rows, "transaction")));
	me->view.env->go(me->view.env->ctx, "transaction", str_slice(&id));
}

static bool tail_act(struct view *view, enum action action)
{
	struct tail *me = (struct tail *)view;
	struct table_rows rows = tail_rows(me);

	switch (action) {
	case ACTION_OPEN:
		open_transaction(me);
		return true;
	case ACTION_FOLLOW:
		follow(me, !me->table.at_end);
		return true;
	case ACTION_SAME_NEXT:
	case ACTION_SAME_PREVIOUS:
		seek(me, action == ACTION_SAME_NEXT ? 1 : -1, false);
		return true;
	case ACTION_FAIL_NEXT:
	case ACTION_FAIL_PREVIOUS:
		seek(me, action == ACTION_FAIL_NEXT ? 1 : -1, true);
		return true;
	case ACTION_REFRESH:
		tail_ask(me);
		return true;
	case ACTION_NONE:
		follow(me, false); /* what was found must not run away */
		return true;
	case ACTION_MOVE_BOTTOM:
		follow(me, true);
		return true;
	case ACTION_MOVE_DOWN:
	case ACTION_PAGE_DOWN:
	case ACTION_HALF_DOWN:
		if (me->table.at_end)
			return true;
		return table_act(&me->table, &rows, action);
	default:
		if (!table_act(&me->table, &rows, action))
			return false;
		if (action != ACTION_MOVE_RIGHT && action != ACTION_MOVE_LEFT)
			follow(me, false);
		return true;
	}
}

static bool tail_settled(const struct view *view)
{
	const struct tail *me = (const struct tail *)view;

	return me->at.xid || me->err.code;
}

static struct table *tail_table(struct view *view, struct table_rows *ret_rows)
{
	struct tail *me = (struct tail *)view;

	*ret_rows = tail_rows(me);
	return &me->table;
}

const struct view_ops view_tail = {
	.name = "tail",
	.title = "Tail",
	.context = CONTEXT_TAIL,
	.open = tail_open,
	.close = tail_close,
	.show = tail_show,
	.store_up = tail_store_up,
	.layout = tail_layout,
	.draw = tail_draw,
	.act = tail_act,
	.status = tail_status,
	.table = tail_table,
	.settled = tail_settled,
};
