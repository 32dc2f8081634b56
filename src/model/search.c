/* Looks through the payloads of a page.
 * Which payloads may be seen is the store's, the pattern's limits are match.c's.
 * Called in a helper thread by the console, and by `orderly find`. */
#include "model/search.h"
#include "base/mem.h"
#include "base/str.h"
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define BODY_MAX (64 << 20)

static const struct column columns[] = {
	{"place", COLUMN_TEXT},
	{"id", COLUMN_INT},
	{"state", COLUMN_TEXT},
	{"interface", COLUMN_TEXT},
	{"facility", COLUMN_TEXT},
	{"message", COLUMN_TEXT},
	{"correlation", COLUMN_TEXT},
	{"business_key", COLUMN_TEXT},
	{"at", COLUMN_TIME},
	{"kind", COLUMN_TEXT},
	{"times", COLUMN_INT},
	{"excerpt", COLUMN_TEXT},
	{"begin", COLUMN_INT},
	{"end", COLUMN_INT},
};

const struct column *search_columns(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(columns);
	return columns;
}

struct slice search_refusal(const struct rows *rows)
{
	size_t code = rows_col(rows, "code");

	for (size_t i = 0; i < rows_count(rows); i++)
		if (!slice_eq_str(rows_text(rows, i, code), "done"))
			return rows_text(rows, i, rows_col(rows, "message"));
	return SLICE_NONE;
}

static int64_t mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

static struct slice from_hex(struct slice hex, struct str *out)
{
	str_reset(out);
	for (size_t i = 0; i + 1 < hex.len; i += 2)
		str_addc(out, (char)(digit(hex.at[i]) * 16 + digit(hex.at[i + 1])));
	return str_slice(out);
}

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* From the beginning of a character to the end of one. */
static struct slice excerpt(struct slice body, size_t at, size_t *ret_begin)
{
	size_t from = at > SEARCH_BEFORE ? at - SEARCH_BEFORE : 0, to = from + SEARCH_EXCERPT;

	while (from < at && is_tail(body.at[from]))
		from++;
	if (to > body.len)
		to = body.len;
	while (to > at && to < body.len && is_tail(body.at[to]))
		to--;
	*ret_begin = at - from;
	return (struct slice){body.at + from, to - from};
}

/* Behind an empty match it goes on with the next byte. */
static int64_t count(struct match *match, struct slice body, size_t at, size_t len)
{
	int64_t times = 1;

	while (times < SEARCH_TIMES) {
		size_t from = at + (len ? len : 1);

		if (match_find(match, body, from, &at, &len) != 1)
			break;
		times++;
	}
	return times;
}

static const char *const copied[] = {"place", "id", "state", "interface", "facility", "message_id",
	"correlation", "business_key", "at", "kind"};

static void copy_cell(
	const struct rows *rows, size_t row, size_t column, struct rows_builder *builder)
{
	if (rows_null(rows, row, column))
		rows_add_null(builder);
	else if (rows_column(rows, column)->type == COLUMN_INT)
		rows_add_int(builder, rows_int(rows, row, column));
	else if (rows_column(rows, column)->type == COLUMN_TIME)
		rows_add_time(builder, rows_time(rows, row, column));
	else
		rows_add_text(builder, rows_text(rows, row, column));
}

static void add_hit(const struct search_page *page, size_t row, struct slice body, size_t at,
	size_t len, struct rows_builder *builder)
{
	size_t begin, end;
	struct slice text = excerpt(body, at, &begin);

	for (size_t i = 0; i < ARRAY_LEN(copied); i++)
		copy_cell(page->rows, row, rows_col(page->rows, copied[i]), builder);
	end = begin + len < text.len ? begin + len : text.len;
	rows_add_int(builder, count(page->match, body, at, len));
	rows_add_text(builder, text);
	rows_add_int(builder, (int64_t)begin);
	rows_add_int(builder, (int64_t)end);
}

void search_page(struct search_page *page)
{
	const struct rows *rows = page->rows;
	struct rows_builder *builder = rows_builder_new(columns, ARRAY_LEN(columns));
	size_t body_at = rows_col(rows, "body"), hex_at = rows_col(rows, "hex");
	size_t progress_at = rows_col(rows, "progress");
	CLEANUP(str_done)
	struct str decoded = STR_INIT(BODY_MAX);
	int64_t began_us = mono_us();

	for (size_t i = 0; i < rows_count(rows); i++) {
		struct slice body = rows_text(rows, i, body_at);
		size_t at, len;
		int r;

		if (page->stop && atomic_load_explicit(page->stop, memory_order_relaxed))
			break;
		page->progress = rows_real(rows, i, progress_at);
		if (rows_null(rows, i, body_at))
			continue;
		if (rows_bool(rows, i, hex_at))
			body = from_hex(body, &decoded);
		page->payloads++;
		page->bytes += (int64_t)body.len;
		r = match_long(page->match, body, page->stop, &at, &len);
		if (r == 1)
			add_hit(page, i, body, at, len, builder);
		page->too_slow += r == -E2BIG;
	}
	page->took_us = mono_us() - began_us;
	page->hits = rows_finish(builder);
}
