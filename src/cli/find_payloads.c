/* `orderly find body~"pattern"`: goes through payloads page by page and prints what it finds as it
 * comes.
 * Who may see what is the store's, which is asked for a grant first; matching is model/search's.
 * Called by find.c. */
#include "base/clock.h"
#include "base/mem.h"
#include "find_part.h"
#include "model/format.h"
#include "model/search.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define DEADLINE_US (60 * S_US)
#define PAGE_ROWS "8000"
#define PAGE_BYTES "8000000"
#define RAW_ROWS "200"

struct through {
	struct find *find;
	struct match *match;
	struct str grant, place, first_day, last_day;
	int64_t payloads, bytes, too_slow;
	bool shows; /* how far it is, to who looks at it */
};

static int ask_grant(struct through *me, struct err *err)
{
	struct find *find = me->find;
	const char *params[] = {str_cstr(&find->text), find->reason};
	struct rows *rows = NULL;
	int r = session_find(find->session, find->raw ? "search-raw-ask" : "search-ask", params,
		find->filter, 0, &rows, err);

	if (r < 0)
		return r;
	if (!slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		r = err_set(err, -EPERM, "%.*s",
			SLICE_ARG(rows_text(rows, 0, rows_col(rows, "message"))));
	} else {
		str_addf(&me->grant, "%lld",
			(long long)rows_int(rows, 0, rows_col(rows, "grant_id")));
		str_add(&me->first_day, rows_text(rows, 0, rows_col(rows, "first_day")));
		str_add(&me->last_day, rows_text(rows, 0, rows_col(rows, "last_day")));
	}
	rows_unref(rows);
	return r;
}

static void show_progress(const struct through *me, double progress)
{
	if (me->shows)
		fprintf(stderr, "\r%3d %%  %lld payloads, %.1f MB  ", (int)(progress * 100),
			(long long)me->payloads, (double)me->bytes / 1e6);
}

/* More than was asked for is not printed. */
static void print_hits(struct through *me, const struct rows *hits)
{
	struct find *find = me->find;

	if (rows_count(hits)) {
		if (me->shows)
			fputs("\r\033[K", stderr);
		find_print(find, FIND_PAYLOADS, hits, find->found == 0);
		fflush(stdout);
	}
	find->found += (int64_t)rows_count(hits);
}

/* 1 while there may be more. */
static int look(struct through *me, struct rows *rows, struct err *err)
{
	struct search_page page = {.rows = rows, .match = me->match};
	struct slice why = search_refusal(rows);
	size_t n = rows_count(rows);

	if (why.len)
		return err_set(err, -EPERM, "%.*s", SLICE_ARG(why));
	if (!n)
		return 0;
	search_page(&page);
	me->payloads += page.payloads;
	me->bytes += page.bytes;
	me->too_slow += page.too_slow;
	print_hits(me, page.hits);
	rows_unref(page.hits);
	show_progress(me, page.progress);
	str_reset(&me->place);
	str_add(&me->place, rows_text(rows, n - 1, rows_col(rows, "place")));
	return me->find->found < me->find->limit;
}

static int ask_page(struct through *me, struct err *err)
{
	struct find *find = me->find;
	const char *place = me->place.len ? str_cstr(&me->place) : NULL;
	const char *masked[] = {str_cstr(&me->grant), str_cstr(&me->first_day),
		str_cstr(&me->last_day), place, PAGE_ROWS, PAGE_BYTES};
	const char *raw[] = {str_cstr(&me->grant), place, RAW_ROWS};
	struct rows *rows = NULL;
	int r = session_find(find->session, find->raw ? "search-raw" : "search",
		find->raw ? raw : masked, find->filter, DEADLINE_US, &rows, err);

	if (r < 0)
		return r;
	r = look(me, rows, err);
	rows_unref(rows);
	return r;
}

static void end_grant(struct through *me)
{
	const char *params[] = {str_cstr(&me->grant)};
	struct rows *rows = NULL;

	if (me->find->raw && me->grant.len &&
		session_ask(me->find->session, "transaction-reseal", params, &rows, NULL) == 0)
		rows_unref(rows);
}

static int go_through(struct through *me, struct err *err)
{
	int r = match_new(filter_body(me->find->filter), &me->match, err);

	if (r == 0)
		r = ask_grant(me, err);
	if (r == 0)
		do {
			r = ask_page(me, err);
		} while (r > 0);
	if (me->shows)
		fputs("\r\033[K", stderr);
	if (me->too_slow)
		fprintf(stderr, "orderly find: the pattern was too slow for %lld payloads\n",
			(long long)me->too_slow);
	end_grant(me);
	return r;
}

int find_payloads(struct find *find, struct err *err)
{
	struct through me = {.find = find,
		.grant = STR_INIT(32),
		.place = STR_INIT(256),
		.first_day = STR_INIT(32),
		.last_day = STR_INIT(32),
		.shows = isatty(STDERR_FILENO) == 1};
	int r;

	if (find->raw && !find->reason)
		return err_set(err, -EINVAL, "--raw needs a --reason TEXT, which is written down");
	r = go_through(&me, err);
	match_free(me.match);
	str_done(&me.grant);
	str_done(&me.place);
	str_done(&me.first_day);
	str_done(&me.last_day);
	return r;
}
