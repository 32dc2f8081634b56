/* The tail: events in the order in which they became visible, none missed, followed or paused, all of
 * them or those that a filter leaves over.
 * Opened by the app; aimed by `:tail FILTER` and by whoever follows a correlation. */
#include "base/mem.h"
#include "tail_part.h"
#include <stdlib.h>

#define HORIZON_US (10 * S_US)

static void on_filter(void *ctx, struct filter *filter)
{
	(void)filter;
	tail_restart(ctx);
}

static struct view *tail_open(const struct view_env *env)
{
	struct tail *me = NEW(struct tail);

	me->view = (struct view){&view_tail, env};
	me->table.at_end = true;
	me->line = (struct filter_line){
		.env = env,
		.set = on_filter,
		.ctx = me,
		.no_body = "payloads are not followed; find looks through them",
	};
	filter_line_open(&me->line);
	tail_feed_open(me);
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

	tail_feed_close(me);
	panel_close(&me->horizon);
	filter_line_close(&me->line);
	table_done(&me->table);
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
	tail_stop(me);
	filter_line_leave(&me->line);
}

static void tail_aim(struct view *view, struct slice what)
{
	(void)filter_line_set(&((struct tail *)view)->line, what);
}

static void tail_store_up(struct view *view, bool up)
{
	struct tail *me = (struct tail *)view;

	if (up && me->shown)
		tail_ask(me);
}

static bool tail_input(struct view *view, const struct input *input)
{
	return filter_line_input(&((struct tail *)view)->line, input);
}

static void tail_layout(struct view *view, int width, int height)
{
	struct tail *me = (struct tail *)view;

	(void)width;
	table_layout(&me->table, me->log.first, (size_t)batches_count(&me->log),
		height - 1 - tail_top_height(me) - tail_detail_height(me, height));
	tail_look_back(me);
}

static void follow(struct tail *me, bool yes)
{
	if (me->table.at_end == yes)
		return;
	me->table.at_end = yes;
	me->paused_at = me->log.next;
	me->unseen = 0;
	me->begins = false;
	if (yes) {
		if (batches_cut_front(&me->log, TAIL_HELD_MAX))
			me->begins = false;
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
	for (int64_t i = me->table.cursor + step; i >= me->log.first && i < me->log.next;
		i += step) {
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
	CLEANUP(str_done)
	struct str id = STR_INIT(32);
	const struct rows *rows;
	size_t row;

	if (me->log.first == me->log.next)
		return;
	rows = batches_at(&me->log, me->table.cursor, &row);
	str_addf(&id, "%lld", (long long)rows_int(rows, row, rows_col(rows, "transaction")));
	me->view.env->go(me->view.env->ctx, "transaction", str_slice(&id));
}

static struct slice cell(const struct tail *me, size_t column)
{
	size_t row;
	const struct rows *rows;

	if (me->log.first == me->log.next)
		return SLICE_NONE;
	rows = batches_at(&me->log, me->table.cursor, &row);
	return rows_text(rows, row, column);
}

static bool act_on_row(struct tail *me, enum action action)
{
	switch (action) {
	case ACTION_OPEN:
		open_transaction(me);
		return true;
	case ACTION_OPEN_INTERFACE:
		me->view.env->go(me->view.env->ctx, "interface", cell(me, me->at.interface));
		return true;
	case ACTION_COPY_CORRELATION:
		view_copy(&me->view, "correlation id", cell(me, me->at.correlation));
		return true;
	case ACTION_COPY_MESSAGE:
		view_copy(&me->view, "message id", cell(me, me->at.message));
		return true;
	case ACTION_COPY_KEY:
		view_copy(&me->view, "business key", cell(me, me->at.business_key));
		return true;
	case ACTION_FOLLOW_SAME:
		view_follow(&me->view, cell(me, me->at.correlation));
		return true;
	default:
		return false;
	}
}

static bool tail_act(struct view *view, enum action action)
{
	struct tail *me = (struct tail *)view;
	struct table_rows rows = tail_rows(me);

	if (act_on_row(me, action))
		return true;
	switch (action) {
	case ACTION_FILTER:
		filter_line_type(&me->line);
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
	.aim = tail_aim,
	.store_up = tail_store_up,
	.layout = tail_layout,
	.draw = tail_draw,
	.act = tail_act,
	.input = tail_input,
	.status = tail_status,
	.table = tail_table,
	.settled = tail_settled,
};
