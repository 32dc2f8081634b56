/* The tail: events in the order in which they became visible, none missed, followed or paused.
 * The order and the place are the store's; the rows are held in batches.
 * Opened by the app, drawn from what is held. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "ui/batches.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "ui/view.h"
#include "views/views.h"
#include <errno.h>
#include <stdlib.h>

#define HELD_MAX 100000
#define START_ROWS "500"
#define POLL_ROWS "2000"
#define POLL_ROWS_N 2000
#define POLL_FAST_US (66 * MS_US) /* more often, a full screen of news costs a slow line too much */
#define POLL_IDLE_US (270 * MS_US) /* with what else it asks, eight wakeups a second */
#define RETRY_US S_US
#define HORIZON_US (10 * S_US)
#define HELD_BACK_S 5.0
#define DETAIL_HEIGHT 4
#define DETAIL_FROM 16

enum column_id {
	COL_TIME,
	COL_STATE,
	COL_INTERFACE,
	COL_KIND,
	COL_KEY,
	COL_FACILITY,
	COL_CORRELATION,
	COL_WHAT,
};

static const struct table_column columns[] = {
	[COL_TIME] = {"time", 12, 12, 0, false},
	[COL_STATE] = {"", 1, 1, 0, false},
	[COL_INTERFACE] = {"interface", 12, 14, 0, false},
	[COL_KIND] = {"event", 10, 14, 0, false},
	[COL_KEY] = {"business key", 12, 18, 70, false},
	[COL_FACILITY] = {"at", 5, 6, 100, false},
	[COL_CORRELATION] = {"correlation", 8, 12, 90, false},
	[COL_WHAT] = {"what", 8, 200, 60, false},
};

struct fields {
	size_t era, xid, seq, at, interface, kind, state, correlation, business_key, facility, partner,
		attempt, class, text, message, event;
};

struct tail {
	struct view view;
	struct table table;
	struct batches log;
	struct fields at;
	struct str era, xid, seq; /* the place: after the last row that was got */
	bool has_place, shown, cancelled;
	int64_t delay_us, asked_us; /* from one question to the next; when the last was put */
	int64_t paused_at; /* number of the next row when it was paused, for "+412 new" */
	struct err err;
	uint64_t ticket;
	struct timer *timer;
	struct panel horizon; /* who holds the feed back, if anybody does */
};

static void ask(struct tail *me);

static bool full(const struct tail *me)
{
	return !me->table.at_end && batches_count(&me->log) >= HELD_MAX;
}

static void find_fields(struct tail *me, const struct rows *rows)
{
	me->at = (struct fields){
		.era = rows_col(rows, "era"),
		.xid = rows_col(rows, "xid"),
		.seq = rows_col(rows, "seq"),
		.at = rows_col(rows, "at"),
		.interface = rows_col(rows, "interface"),
		.kind = rows_col(rows, "kind"),
		.state = rows_col(rows, "state"),
		.correlation = rows_col(rows, "correlation"),
		.business_key = rows_col(rows, "business_key"),
		.facility = rows_col(rows, "facility"),
		.partner = rows_col(rows, "partner"),
		.attempt = rows_col(rows, "attempt"),
		.class = rows_col(rows, "class"),
		.text = rows_col(rows, "text"),
		.message = rows_col(rows, "message"),
		.event = rows_col(rows, "key"),
	};
}

static void remember_place(struct tail *me, const struct rows *rows, size_t row)
{
	str_reset(&me->era);
	str_reset(&me->xid);
	str_reset(&me->seq);
	str_add(&me->era, rows_text(rows, row, me->at.era));
	str_add(&me->xid, rows_text(rows, row, me->at.xid));
	str_addf(&me->seq, "%lld", (long long)rows_int(rows, row, me->at.seq));
	me->has_place = true;
}

struct known {
	const struct tail *tail;
	struct tags events;
};

static bool is_new(void *ctx, const struct rows *rows, size_t row)
{
	const struct known *known = ctx;

	return rows_null(rows, row, known->tail->at.kind) ||
	       !tags_has(&known->events, rows_text(rows, row, known->tail->at.event));
}

/* A restore or a promotion begins an era, in which events may come once more: those that are held
 * already are left out. */
static struct rows *without_known(const struct tail *me, const struct rows *rows)
{
	struct known known = {.tail = me};
	struct rows *fresh;

	for (int64_t i = me->log.first; i < me->log.next; i++) {
		size_t row;
		const struct rows *held = batches_at(&me->log, i, &row);

		tags_set(&known.events, rows_text(held, row, me->at.event), true);
	}
	fresh = rows_filter(rows, is_new, &known);
	tags_done(&known.events);
	return fresh;
}

static void hold(struct tail *me, const struct rows *rows)
{
	size_t n = rows_count(rows);

	/* A row without a kind is no event, only the place to go on from. */
	if (n && rows_null(rows, n - 1, me->at.kind))
		n--;
	batches_append(&me->log, rows, n);
	if (me->table.at_end)
		batches_cut_front(&me->log, HELD_MAX);
}

static void take(struct tail *me, const struct rows *rows)
{
	size_t n = rows_count(rows);
	bool new_era;

	find_fields(me, rows);
	if (!n)
		return;
	new_era = me->has_place &&
		  !slice_eq(str_slice(&me->era), rows_text(rows, n - 1, me->at.era));
	remember_place(me, rows, n - 1);
	if (new_era) {
		struct rows *fresh = without_known(me, rows);

		hold(me, fresh);
		rows_unref(fresh);
	} else {
		hold(me, rows);
	}
}

/* Counted from the question, so that a busy store makes nothing later; but it gets a pause. */
static void plan(struct tail *me)
{
	int64_t at_us = me->asked_us + me->delay_us;
	int64_t soonest_us = clock_mono_us(loop_clock(me->view.env->loop)) + me->delay_us / 4;

	timer_at(me->timer, at_us > soonest_us ? at_us : soonest_us);
}

static void on_reply(void *ctx, const struct reply *reply)
{
	struct tail *me = ctx;
	bool painted = me->err.code != 0;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		me->err = *reply->err;
		me->delay_us = RETRY_US;
		painted = true;
	} else {
		size_t n = rows_count(reply->rows);
		int64_t next = me->log.next;
		bool first = !me->at.xid;

		me->err = ERR_INIT;
		take(me, reply->rows);
		painted |= first || me->log.next > next;
		me->delay_us = n >= POLL_ROWS_N ? 0
			       : n		? POLL_FAST_US
						: me->delay_us + POLL_FAST_US;
		if (me->delay_us > POLL_IDLE_US)
			me->delay_us = POLL_IDLE_US;
	}
	if (me->shown && !full(me))
		plan(me);
	if (painted)
		me->view.env->changed(me->view.env->ctx);
}

static void ask(struct tail *me)
{
	const char *start[] = {START_ROWS};
	const char *after[] = {
		str_cstr(&me->era), str_cstr(&me->xid), str_cstr(&me->seq), POLL_ROWS};
	struct ask ask = {
		.question = me->has_place ? "tail" : "tail-start",
		.params = me->has_place ? after : start,
		.n_params = me->has_place ? ARRAY_LEN(after) : ARRAY_LEN(start),
		.reply = on_reply,
		.ctx = me,
	};

	timer_stop(me->timer);
	if (me->ticket)
		return;
	me->asked_us = clock_mono_us(loop_clock(me->view.env->loop));
	me->ticket = source_ask(me->view.env->source, &ask);
}

static void on_timer(void *ctx)
{
	ask(ctx);
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
		ask(me);
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
		ask(me);
}

static bool with_detail(const struct tail *me, int height)
{
	return !me->table.at_end && height >= DETAIL_FROM;
}

static void tail_layout(struct view *view, int width, int height)
{
	struct tail *me = (struct tail *)view;
	int detail = with_detail(me, height) ? DETAIL_HEIGHT : 0;

	(void)width;
	table_layout(&me->table, me->log.first, (size_t)batches_count(&me->log),
		height - 1 - detail);
}

static void draw_what(const struct fields *at, const struct rows *rows, size_t row,
	const struct canvas *canvas)
{
	struct slice class = rows_text(rows, row, at->class), text = rows_text(rows, row, at->text);
	int x = 0;

	if (rows_int(rows, row, at->attempt) > 1)
		x = canvas_printf(canvas, 0, 0, canvas->width, ROLE_DIM, "#%lld ",
			(long long)rows_int(rows, row, at->attempt));
	if (class.len)
		x += canvas_text(canvas, x, 0, canvas->width - x, ROLE_WARNING, class) + 1;
	canvas_text(canvas, x, 0, canvas->width - x, ROLE_TEXT, text);
}

/* A failure looks like what it led to: another try, or none. */
static void draw_kind(const struct fields *at, const struct rows *rows, size_t row,
	const struct canvas *canvas)
{
	struct slice kind = rows_text(rows, row, at->kind);
	bool failed = slice_eq_str(kind, "failed");

	canvas_text(canvas, 0, 0, canvas->width,
		role_of_state(failed ? rows_text(rows, row, at->state) : kind), kind);
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct tail *me = ctx;
	size_t row;
	const struct rows *rows = batches_at(&me->log, number, &row);
	CLEANUP(str_done) struct str time = STR_INIT(32);

	switch ((enum column_id)column) {
	case COL_TIME:
		format_time(&time, rows_time(rows, row, me->at.at), FORMAT_MILLI);
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&time));
		break;
	case COL_STATE:
		canvas_glyph(canvas, 0, 0, role_of_state(rows_text(rows, row, me->at.state)));
		break;
	case COL_INTERFACE:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT,
			rows_text(rows, row, me->at.interface));
		break;
	case COL_KIND:
		draw_kind(&me->at, rows, row, canvas);
		break;
	case COL_KEY:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT,
			rows_text(rows, row, me->at.business_key));
		break;
	case COL_FACILITY:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			rows_text(rows, row, me->at.facility));
		break;
	case COL_CORRELATION:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			rows_text(rows, row, me->at.correlation));
		break;
	case COL_WHAT:
		draw_what(&me->at, rows, row, canvas);
		break;
	}
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	const struct tail *me = ctx;
	const size_t columns_of[] = {me->at.interface, me->at.kind, me->at.state, me->at.business_key,
		me->at.facility, me->at.partner, me->at.correlation, me->at.message, me->at.class,
		me->at.text};
	size_t row;
	const struct rows *rows = batches_at(&me->log, number, &row);

	for (size_t i = 0; i < ARRAY_LEN(columns_of); i++) {
		str_add(out, rows_text(rows, row, columns_of[i]));
		str_addc(out, ' ');
	}
}

static struct table_rows rows_of(const struct tail *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static int draw_field(
	const struct canvas *canvas, int x, int y, const char *name, struct slice value)
{
	if (!value.len)
		return x;
	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_DIM, slice_of(name)) + 1;
	return x + canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT, value) + 3;
}

/* The row under the cursor, whole. */
static void draw_detail(const struct tail *me, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = batches_at(&me->log, me->table.cursor, &row);
	int x = 1;

	canvas_line(canvas, 0, ROLE_BORDER);
	x = draw_field(canvas, x, 1, "correlation", rows_text(rows, row, me->at.correlation));
	x = draw_field(canvas, x, 1, "key", rows_text(rows, row, me->at.business_key));
	draw_field(canvas, x, 1, "partner", rows_text(rows, row, me->at.partner));
	x = draw_field(canvas, 1, 2, "message", rows_text(rows, row, me->at.message));
	x = draw_field(canvas, x, 2, "state", rows_text(rows, row, me->at.state));
	draw_field(canvas, x, 2, "at", rows_text(rows, row, me->at.facility));
	x = draw_field(canvas, 1, 3, "class", rows_text(rows, row, me->at.class));
	canvas_text(canvas, x, 3, canvas->width - x, ROLE_TEXT, rows_text(rows, row, me->at.text));
}

static void tail_draw(const struct view *view, const struct canvas *canvas)
{
	const struct tail *me = (const struct tail *)view;
	int detail = with_detail(me, canvas->height) ? DETAIL_HEIGHT : 0;
	struct canvas list = canvas_sub(canvas, 0, 0, canvas->width, canvas->height - detail);
	struct canvas below = canvas_sub(canvas, 0, list.height, canvas->width, detail);
	struct table_rows rows = rows_of(me);

	if (me->log.first == me->log.next) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->err.code   ? slice_of(me->err.text)
			: me->at.xid ? SLICE("no event yet")
				     : SLICE("asking the store"));
		return;
	}
	table_draw(&me->table, &list, &rows);
	if (detail)
		draw_detail(me, &below);
}

static void follow(struct tail *me, bool yes)
{
	if (me->table.at_end == yes)
		return;
	me->table.at_end = yes;
	me->paused_at = me->log.next;
	if (yes) {
		batches_cut_front(&me->log, HELD_MAX);
		if (me->shown)
			ask(me);
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
	struct table_rows rows = rows_of(me);

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
		ask(me);
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

/* An open transaction anywhere in the cluster keeps later events out of sight. */
static void add_horizon(const struct tail *me, struct str *out)
{
	const struct rows *rows = me->horizon.rows;
	double held_s;

	if (!rows || !rows_count(rows))
		return;
	held_s = rows_real(rows, 0, rows_col(rows, "held_s"));
	if (held_s < HELD_BACK_S)
		return;
	str_adds(out, " · held back ");
	format_age(out, (int64_t)(held_s * (double)S_US));
	str_addf(out, " by pid %lld ", (long long)rows_int(rows, 0, rows_col(rows, "pid")));
	str_add(out, rows_text(rows, 0, rows_col(rows, "who")));
}

static void tail_status(const struct view *view, struct str *out)
{
	const struct tail *me = (const struct tail *)view;

	if (me->table.at_end) {
		str_adds(out, "following");
	} else {
		str_adds(out, "PAUSED");
		if (me->log.next > me->paused_at) {
			str_adds(out, " · +");
			format_count(out, me->log.next - me->paused_at);
			str_adds(out, " new");
		}
		if (full(me))
			str_adds(out, ", and more in the store");
	}
	str_adds(out, " · ");
	format_count(out, batches_count(&me->log));
	str_adds(out, " events");
	add_horizon(me, out);
	if (me->err.code)
		str_addf(out, " · %s", me->err.text);
}

static bool tail_settled(const struct view *view)
{
	const struct tail *me = (const struct tail *)view;

	return me->at.xid || me->err.code;
}

static struct table *tail_table(struct view *view, struct table_rows *ret_rows)
{
	struct tail *me = (struct tail *)view;

	*ret_rows = rows_of(me);
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
