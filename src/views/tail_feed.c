/* What the tail asks the store for, and what it holds of the answers: after the last row while it
 * follows, before the first where somebody scrolls back. No event is missed and none is held twice.
 * The order and the places are the store's.
 * Called by tail.c. */
#include "base/mem.h"
#include "model/format.h"
#include "tail_part.h"
#include <errno.h>

#define START_ROWS "500"
#define POLL_ROWS "2000"
#define POLL_ROWS_N 2000
#define BACK_ROWS "500"
#define BACK_NEAR 100
#define BACK_TRIES 10 /* of some 20,000 events each */
#define POLL_FAST_US (62 * MS_US) /* more often, a full screen of news costs a slow line too much */
#define POLL_IDLE_US (300 * MS_US) /* with what else is asked, eight wakeups a second */
#define RETRY_US S_US

bool tail_is_full(const struct tail *me)
{
	return !me->table.at_end && batches_count(&me->log) >= TAIL_HELD_MAX;
}

static bool is_filtered(const struct tail *me)
{
	return me->line.filter && me->line.filter->root;
}

static void find_fields(struct tail *me, const struct rows *rows)
{
	me->at = (struct tail_fields){
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

static void remember(
	const struct tail *me, struct tail_place *place, const struct rows *rows, size_t row)
{
	str_reset(&place->era);
	str_reset(&place->xid);
	str_reset(&place->seq);
	str_add(&place->era, rows_text(rows, row, me->at.era));
	str_add(&place->xid, rows_text(rows, row, me->at.xid));
	str_addf(&place->seq, "%lld", (long long)rows_int(rows, row, me->at.seq));
	place->known = true;
}

/* ---- forth -------------------------------------------------------------------------------------- */

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
	if (me->table.at_end && batches_cut_front(&me->log, TAIL_HELD_MAX))
		me->begins = false;
}

static void take(struct tail *me, const struct rows *rows)
{
	size_t n = rows_count(rows);
	bool new_era;

	find_fields(me, rows);
	if (!n)
		return;
	new_era = me->place.known &&
		  !slice_eq(str_slice(&me->place.era), rows_text(rows, n - 1, me->at.era));
	remember(me, &me->place, rows, n - 1);
	if (new_era) {
		struct rows *fresh = without_known(me, rows);

		hold(me, fresh);
		rows_unref(fresh);
	} else {
		hold(me, rows);
	}
}

/* How many events of the feed it came past: with a filter, more than are shown. */
static int64_t passed(const struct tail *me, const struct rows *rows)
{
	size_t n = rows_count(rows);

	if (n && rows_null(rows, n - 1, me->at.kind) && !rows_null(rows, n - 1, me->at.attempt))
		return rows_int(rows, n - 1, me->at.attempt);
	return (int64_t)n;
}

/* Counted from the question, so that a busy store makes nothing later; but it gets a pause. */
static void plan(struct tail *me)
{
	int64_t at_us = me->asked_us + me->delay_us;
	int64_t soonest_us = clock_mono_us(loop_clock(me->view.env->loop)) + me->delay_us / 4;

	timer_at(me->timer, at_us > soonest_us ? at_us : soonest_us);
}

static void count_unseen(struct tail *me, int64_t n)
{
	if (me->table.at_end && me->shown && n > me->table.height)
		me->unseen += n - me->table.height;
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
		int64_t next = me->log.next, n;
		bool first = !me->at.xid, started = me->place.known;

		me->err = ERR_INIT;
		take(me, reply->rows);
		n = passed(me, reply->rows);
		painted |= first || me->log.next > next;
		if (started)
			count_unseen(me, me->log.next - next);
		me->delay_us = n >= POLL_ROWS_N ? 0
			       : n              ? POLL_FAST_US
						: me->delay_us + POLL_FAST_US;
		if (me->delay_us > POLL_IDLE_US)
			me->delay_us = POLL_IDLE_US;
	}
	if (me->shown && !tail_is_full(me))
		plan(me);
	if (painted)
		me->view.env->changed(me->view.env->ctx);
}

void tail_ask(void *ctx)
{
	struct tail *me = ctx;
	static const char *const names[2][2] = {
		{"tail-start", "tail"}, {"tail-filtered-start", "tail-filtered"}};
	const char *start[] = {START_ROWS};
	const char *after[] = {str_cstr(&me->place.era), str_cstr(&me->place.xid),
		str_cstr(&me->place.seq), POLL_ROWS};
	struct ask ask = {
		.question = names[is_filtered(me)][me->place.known],
		.params = me->place.known ? after : start,
		.n_params = me->place.known ? ARRAY_LEN(after) : ARRAY_LEN(start),
		.filter = is_filtered(me) ? me->line.filter : NULL,
		.reply = on_reply,
		.ctx = me,
	};

	timer_stop(me->timer);
	if (me->ticket)
		return;
	me->asked_us = clock_mono_us(loop_clock(me->view.env->loop));
	me->ticket = source_ask(me->view.env->source, &ask);
}

/* ---- back --------------------------------------------------------------------------------------- */

static bool is_event(void *ctx, const struct rows *rows, size_t row)
{
	return !rows_null(rows, row, ((const struct tail *)ctx)->at.kind);
}

/* The first row of the answer is the place to go back from. */
static void on_before(void *ctx, const struct reply *reply)
{
	struct tail *me = ctx;
	struct rows *events;

	if (reply->kind == REPLY_ROWS)
		return;
	me->back_ticket = 0;
	me->view.env->changed(me->view.env->ctx);
	if (reply->kind == REPLY_FAILED) {
		me->err = *reply->err;
		me->begins = true; /* asked again once it follows again */
		return;
	}
	me->begins = rows_count(reply->rows) == 0;
	if (me->begins)
		return;
	find_fields(me, reply->rows);
	me->begins = rows_int(reply->rows, 0, me->at.attempt) == 0;
	if (me->begins)
		return;
	remember(me, &me->back, reply->rows, 0);
	events = rows_filter(reply->rows, is_event, me);
	batches_prepend(&me->log, events, rows_count(events));
	rows_unref(events);
	me->back_first = me->log.first;
}

/* What a filter leaves over may lie further back than the newest events. */
static bool wants_any(struct tail *me)
{
	return is_filtered(me) && me->place.known && me->log.first == me->log.next &&
	       me->tries++ < BACK_TRIES;
}

static bool wants_older(const struct tail *me)
{
	return !me->table.at_end && me->log.first != me->log.next &&
	       batches_count(&me->log) < TAIL_HELD_MAX &&
	       me->table.cursor - me->log.first <= BACK_NEAR;
}

static void copy_place(struct tail_place *to, const struct tail_place *from)
{
	str_reset(&to->era);
	str_reset(&to->xid);
	str_reset(&to->seq);
	str_add(&to->era, str_slice(&from->era));
	str_add(&to->xid, str_slice(&from->xid));
	str_add(&to->seq, str_slice(&from->seq));
	to->known = true;
}

void tail_look_back(struct tail *me)
{
	const char *params[] = {NULL, NULL, NULL, BACK_ROWS};
	const struct rows *rows;
	size_t row;

	if (me->back_ticket || me->begins || !me->shown || !(wants_older(me) || wants_any(me)))
		return;
	if (!me->back.known || me->back_first != me->log.first) {
		rows = me->log.first != me->log.next ? batches_at(&me->log, me->log.first, &row)
						     : NULL;
		if (rows)
			remember(me, &me->back, rows, row);
		else
			copy_place(&me->back, &me->place);
		me->back_first = me->log.first;
	}
	params[0] = str_cstr(&me->back.era);
	params[1] = str_cstr(&me->back.xid);
	params[2] = str_cstr(&me->back.seq);
	me->back_ticket = source_ask(
		me->view.env->source, &(struct ask){.question = "tail-before",
					      .params = params,
					      .n_params = ARRAY_LEN(params),
					      .filter = is_filtered(me) ? me->line.filter : NULL,
					      .reply = on_before,
					      .ctx = me});
}

/* ---- its life ----------------------------------------------------------------------------------- */

void tail_stop(struct tail *me)
{
	source_drop(me->view.env->source, me->ticket);
	source_drop(me->view.env->source, me->back_ticket);
	me->ticket = me->back_ticket = 0;
	timer_stop(me->timer);
}

void tail_restart(struct tail *me)
{
	tail_stop(me);
	batches_done(&me->log);
	me->place.known = me->back.known = me->begins = false;
	me->at = (struct tail_fields){0};
	me->err = ERR_INIT;
	me->unseen = 0;
	me->tries = 0;
	me->delay_us = 0;
	me->table.at_end = true;
	if (me->shown)
		tail_ask(me);
}

static void place_open(struct tail_place *place)
{
	place->era = STR_INIT(256);
	place->xid = STR_INIT(64);
	place->seq = STR_INIT(64);
}

static void place_close(struct tail_place *place)
{
	str_done(&place->era);
	str_done(&place->xid);
	str_done(&place->seq);
}

void tail_feed_open(struct tail *me)
{
	place_open(&me->place);
	place_open(&me->back);
	me->timer = timer_open(me->view.env->loop, tail_ask, me);
}

void tail_feed_close(struct tail *me)
{
	tail_stop(me);
	timer_close(me->timer);
	batches_done(&me->log);
	place_close(&me->place);
	place_close(&me->back);
}
