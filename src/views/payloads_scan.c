/* The way through a window of payloads, page by page.
 * Who may see what, and that it is written down, is the store's; matching is model/search's, and runs
 * in a helper thread; the loop only hands pages over.
 * Called by the view Payloads. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/search.h"
#include "payloads_part.h"
#include <stdio.h>
#include <stdlib.h>

/* The first page is small, so that what it holds is seen at once. */
#define FIRST_ROWS "100"
#define FIRST_BYTES "500000"
#define PAGE_ROWS "8000"
#define PAGE_BYTES "8000000"
#define RAW_ROWS "200"
#define DEADLINE_US (30 * S_US)

/* Lives until its last job is done, also when nobody waits for it any more. */
struct scan_work {
	struct scan *scan; /* NULL: nobody does */
	struct loop *loop;
	struct match *match;
	atomic_bool stop;
	bool busy;
	struct rows *rows;
	struct search_page page;
};

static void ask_page(struct scan *me);
static void go_on(struct scan *me);

static void work_free(struct scan_work *work)
{
	match_free(work->match);
	rows_unref(work->rows);
	free(work);
}

/* What still runs is told to stop, and cleans up after itself. */
static void work_drop(struct scan *me)
{
	struct scan_work *work = me->work;

	me->work = NULL;
	if (!work)
		return;
	atomic_store(&work->stop, true);
	work->scan = NULL;
	if (!work->busy)
		work_free(work);
}

static int64_t now_us(const struct scan *me)
{
	return clock_mono_us(loop_clock(me->env->loop));
}

static void halt(struct scan *me, int state)
{
	if (me->state == SCAN_RUNS || me->state == SCAN_ASKS)
		me->took_us += now_us(me) - me->began_us;
	me->state = state;
	source_drop(me->env->source, me->ticket);
	me->ticket = 0;
	rows_unref(me->waiting);
	me->waiting = NULL;
	work_drop(me);
	me->env->changed(me->env->ctx);
}

static void fail(struct scan *me, const struct err *err)
{
	me->err = *err;
	halt(me, SCAN_FAILED);
}

/* ---- looking through ---------------------------------------------------------------------------- */

static void work(void *job)
{
	struct scan_work *work = job;

	search_page(&work->page);
}

static void remember_place(struct scan *me, const struct rows *rows)
{
	size_t n = rows_count(rows);

	if (!n)
		return;
	str_reset(&me->place);
	str_add(&me->place, rows_text(rows, n - 1, rows_col(rows, "place")));
}

static void take(struct scan *me, const struct search_page *page)
{
	size_t n = rows_count(page->hits);

	me->payloads += page->payloads;
	me->bytes += page->bytes;
	me->too_slow += page->too_slow;
	me->match_us += page->took_us;
	if (page->progress > me->progress)
		me->progress = page->progress;
	if (n)
		batches_append(me->hits, page->hits, n);
	me->hits_n += (int64_t)n;
	me->env->changed(me->env->ctx);
}

static void done(void *job)
{
	struct scan_work *work = job;
	struct scan *me = work->scan;

	work->busy = false;
	if (me) {
		take(me, &work->page);
		remember_place(me, work->rows);
	}
	rows_unref(work->page.hits);
	rows_unref(work->rows);
	work->rows = NULL;
	if (!me)
		work_free(work);
	else if (me->hits_n >= SCAN_HITS_MAX)
		halt(me, SCAN_STOPPED);
	else
		go_on(me);
}

static void hand_over(struct scan *me, struct rows *rows)
{
	struct scan_work *w = me->work;

	w->rows = rows;
	w->page = (struct search_page){.rows = rows, .match = w->match, .stop = &w->stop};
	w->busy = true;
	loop_help(me->env->loop, work, done, w);
}

/* Keeps one page being looked through and one on its way. */
static void go_on(struct scan *me)
{
	if (me->waiting && !me->work->busy) {
		struct rows *rows = me->waiting;

		me->waiting = NULL;
		hand_over(me, rows);
	}
	if (!me->waiting && !me->ticket && !me->last_page)
		ask_page(me);
	if (me->last_page && !me->waiting && !me->work->busy) {
		me->progress = 1;
		halt(me, SCAN_OVER);
	}
}

static void on_page(void *ctx, const struct reply *reply)
{
	struct scan *me = ctx;
	struct slice why;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		fail(me, reply->err);
		return;
	}
	why = search_refusal(reply->rows);
	if (why.len) {
		struct err err = ERR_INIT;

		err_set(&err, -1, "%.*s", SLICE_ARG(why));
		fail(me, &err);
		return;
	}
	me->last_page = rows_count(reply->rows) == 0;
	if (!me->last_page)
		me->waiting = rows_ref(reply->rows);
	go_on(me);
}

/* From behind what came last, which may still be looked through. */
static void ask_page(struct scan *me)
{
	CLEANUP(str_done)
	struct str place = STR_INIT(256);
	const struct rows *last = me->work->rows;
	bool first;

	if (last && rows_count(last))
		str_add(&place, rows_text(last, rows_count(last) - 1, rows_col(last, "place")));
	else
		str_add(&place, str_slice(&me->place));
	first = !place.len;
	{
		const char *from = first ? NULL : str_cstr(&place);
		const char *masked[] = {str_cstr(&me->grant), str_cstr(&me->first_day),
			str_cstr(&me->last_day), from, first ? FIRST_ROWS : PAGE_ROWS,
			first ? FIRST_BYTES : PAGE_BYTES};
		const char *raw[] = {str_cstr(&me->grant), from, RAW_ROWS};

		me->ticket = source_ask(me->env->source,
			&(struct ask){.question = me->raw ? "search-raw" : "search",
				.params = me->raw ? raw : masked,
				.n_params = me->raw ? ARRAY_LEN(raw) : ARRAY_LEN(masked),
				.filter = me->filter,
				.deadline_us = DEADLINE_US,
				.reply = on_page,
				.ctx = me});
	}
}

/* ---- the grant ---------------------------------------------------------------------------------- */

static void set(struct str *str, struct slice text)
{
	str_reset(str);
	str_add(str, text);
}

static struct scan_work *work_new(struct scan *me)
{
	struct scan_work *work = NEW(struct scan_work);

	work->scan = me;
	work->loop = me->env->loop;
	if (match_new(filter_body(me->filter), &work->match, &me->err) < 0) {
		free(work);
		return NULL;
	}
	return work;
}

static void on_granted(void *ctx, const struct reply *reply)
{
	struct scan *me = ctx;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED || !rows_count(rows)) {
		fail(me, reply->err);
		return;
	}
	if (!slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		struct slice why = rows_text(rows, 0, rows_col(rows, "message"));

		err_set(&me->err, -1, "%.*s", SLICE_ARG(why));
		halt(me, SCAN_FAILED);
		me->refused(me->ctx, rows_text(rows, 0, rows_col(rows, "code")), me->err.text);
		return;
	}
	str_reset(&me->grant);
	str_addf(&me->grant, "%lld", (long long)rows_int(rows, 0, rows_col(rows, "grant_id")));
	set(&me->first_day, rows_text(rows, 0, rows_col(rows, "first_day")));
	set(&me->last_day, rows_text(rows, 0, rows_col(rows, "last_day")));
	me->since_us = rows_time(rows, 0, rows_col(rows, "since"));
	me->upto_us = rows_time(rows, 0, rows_col(rows, "upto"));
	me->state = SCAN_RUNS;
	me->env->changed(me->env->ctx);
	go_on(me);
}

void scan_start(struct scan *me, const struct filter *filter, const char *raw_reason)
{
	const char *params[] = {NULL, raw_reason};

	scan_seal(me);
	halt(me, SCAN_NOTHING);
	batches_done(me->hits);
	me->payloads = me->bytes = me->too_slow = me->hits_n = me->match_us = me->took_us = 0;
	me->progress = 0;
	me->last_page = false;
	me->err = ERR_INIT;
	str_reset(&me->place);
	str_reset(&me->text);
	filter_print(filter, &me->text);
	filter_free(me->filter);
	me->filter = NULL;
	if (filter_parse(str_slice(&me->text), &me->filter, NULL, &me->err) < 0 ||
		!(me->work = work_new(me))) {
		halt(me, SCAN_FAILED);
		return;
	}
	me->raw = raw_reason != NULL;
	me->state = SCAN_ASKS;
	me->began_us = now_us(me);
	params[0] = str_cstr(&me->text);
	me->ticket = source_ask(me->env->source,
		&(struct ask){.question = me->raw ? "search-raw-ask" : "search-ask",
			.params = params,
			.n_params = me->raw ? 2 : 1,
			.filter = me->filter,
			.reply = on_granted,
			.ctx = me});
}

/* ---- its life ----------------------------------------------------------------------------------- */

void scan_stop(struct scan *me)
{
	if (me->state == SCAN_RUNS || me->state == SCAN_ASKS || me->state == SCAN_PAUSED)
		halt(me, SCAN_STOPPED);
}

void scan_pause(struct scan *me)
{
	if (me->state == SCAN_RUNS)
		halt(me, SCAN_PAUSED);
	else
		scan_stop(me);
}

/* The page that was being looked through is looked through again, from its beginning. */
void scan_resume(struct scan *me)
{
	if (me->state != SCAN_PAUSED)
		return;
	me->work = work_new(me);
	me->state = SCAN_RUNS;
	me->began_us = now_us(me);
	go_on(me);
}

static void on_sealed(void *ctx, const struct reply *reply)
{
	(void)ctx;
	(void)reply;
}

void scan_seal(struct scan *me)
{
	const char *params[] = {str_cstr(&me->grant)};

	if (!me->raw)
		return;
	halt(me, SCAN_NOTHING);
	batches_done(me->hits);
	me->hits_n = 0;
	me->raw = false;
	if (me->grant.len)
		(void)source_ask(me->env->source, &(struct ask){.question = "transaction-reseal",
							  .params = params,
							  .n_params = 1,
							  .reply = on_sealed,
							  .ctx = me});
	str_reset(&me->grant);
}

void scan_open(struct scan *me)
{
	me->text = STR_INIT(4 * FILTER_MAX);
	me->grant = STR_INIT(32);
	me->first_day = me->last_day = STR_INIT(32);
	me->place = STR_INIT(256);
}

void scan_close(struct scan *me)
{
	source_drop(me->env->source, me->ticket);
	rows_unref(me->waiting);
	work_drop(me);
	filter_free(me->filter);
	str_done(&me->text);
	str_done(&me->grant);
	str_done(&me->first_day);
	str_done(&me->last_day);
	str_done(&me->place);
}
