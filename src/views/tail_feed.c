/* What the tail asks for: everything after its place, in the order in which it became visible, none missed.
 * The order and the place are the store's, the look tail_draw.c's.
 * Called by tail.c. */
#include "tail_part.h"
#include "base/mem.h"
#include <errno.h>

#define START_ROWS "500"
#define POLL_ROWS "2000"
#define POLL_ROWS_N 2000
#define POLL_FAST_US (56 * MS_US) /* more often, a full screen of news costs a slow line too much */
#define POLL_IDLE_US (270 * MS_US) /* with what else it asks, eight wakeups a second */
#define RETRY_US S_US

bool tail_full(const struct tail *me)
{
	return !me->table.at_end && batches_count(&me->log) >= TAIL_HELD_MAX;
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
		batches_cut_front(&me->log, TAIL_HELD_MAX);
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
	if (me->shown && !tail_full(me))
		plan(me);
	if (painted)
		me->view.env->changed(me->view.env->ctx);
}

void tail_ask(struct tail *me)
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
