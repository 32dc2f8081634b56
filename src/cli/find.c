/* `orderly find`: asks page after page, and prints.
 * The language is model/filter's, the question is the store's, the formats are model/export's.
 * Called by main. */
#include "cli/find.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "find_part.h"
#include "model/filter.h"
#include "model/ready.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define PAGE 1000
#define LIMIT_MAX 10000000

/* For one page. Who searches through everything is to know what makes it slow. */
#define DEADLINE_US (30 * S_US)

static void help(FILE *to)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(16 * 1024);

	str_adds(&text,
		"usage: orderly find [OPTION]... FILTER...\n\n"
		"  state:dead if:po-* facility:H01 age>1h error~\"cost cent(re|er)\" since:08:00\n\n");
	where_help(&text);
	str_adds(&text,
		"  --limit N        the newest so many (200)\n"
		"  --format WORD    table, csv or jsonl\n"
		"  --raw            look through payloads unmasked, which operators may, for a\n"
		"  --reason TEXT    reason that is written down\n\n"
		"Words find an id from its beginning. @NAME is a filter that is ready (stuck, mine,\n"
		"unowned, in-doubt, new) or was saved. body~\"pattern\" looks through payloads of the\n"
		"last day, or of since: and until:. The fields:\n\n");
	filter_describe(&text);
	str_adds(&text,
		"\nExits with 0 when something is found, 1 when nothing is, 2 when the filter is "
		"wrong, 3 when the store fails.\n");
	fputs(str_cstr(&text), to);
}

/* The line as it was typed, and a mark below the place. */
static void show_place(struct slice text, size_t at)
{
	CLEANUP(str_done)
	struct str line = STR_INIT(64 * 1024);
	int column = text_width(slice_head(text, at));

	text_add_inert(&line, slice_head(text, 1000));
	fprintf(stderr, "  %s\n", str_cstr(&line));
	if (at <= 1000)
		fprintf(stderr, "  %*s^\n", column, "");
}

/* One page after the place; the next place replaces it. 1 while there may be more. */
static int ask_page(struct find *find, char **place, bool first, struct err *err)
{
	int64_t left = find->limit - find->found, want = left < PAGE ? left : PAGE;
	char limit[24];
	const char *params[] = {*place, "after", limit};
	struct rows *rows = NULL;
	size_t n;
	int r;

	snprintf(limit, sizeof(limit), "%lld", (long long)want);
	r = session_find(find->session, "find", params, find->filter, DEADLINE_US, &rows, err);
	if (r < 0)
		return r;
	n = rows_count(rows);
	find_print(find, FIND_TRANSACTIONS, rows, first);
	find->found += (int64_t)n;
	if (n) {
		struct slice last = rows_text(rows, n - 1, rows_col(rows, "place"));

		mem_freep(place);
		*place = mem_dup(last.at, last.len);
	}
	rows_unref(rows);
	return (int64_t)n == want && find->found < find->limit;
}

static int ask_all(struct find *find, struct err *err)
{
	CLEANUP(mem_freep)
	char *place = NULL;
	bool first = true;
	int r;

	do {
		r = ask_page(find, &place, first, err);
		first = false;
	} while (r > 0);
	return r;
}

/* A list that leaves for another program is written down, as it is in the console. */
static int tell_export(struct find *find, struct err *err)
{
	const char *params[] = {str_cstr(&find->text), find->format};
	struct rows *rows = NULL;
	int r;

	if (strcmp(find->format, "table") == 0)
		return 0;
	r = session_ask(find->session, "find-export", params, &rows, err);
	if (r == 0 && rows_count(rows) &&
		!slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done"))
		r = err_set(err, -EPERM, "%.*s",
			SLICE_ARG(rows_text(rows, 0, rows_col(rows, "message"))));
	rows_unref(rows);
	return r;
}

/* ---- filters under a name ----------------------------------------------------------------------- */

static int add_ready(struct find *find, const struct ready_filter *ready, struct err *err)
{
	const char *params[] = {"find"};
	struct rows *rows = NULL;
	int r = session_ask(find->session, "looked", params, &rows, err);

	if (r < 0)
		return r;
	ready_text(ready, rows_time(rows, 0, rows_col(rows, "at")), &find->text);
	rows_unref(rows);
	return 0;
}

static int add_saved(struct find *find, struct slice name, struct err *err)
{
	const char *params[] = {"find"}, *names[200];
	struct rows *rows = NULL;
	size_t n_ready, n = 0;
	const struct ready_filter *ready = ready_filters(&n_ready);
	int r = session_ask(find->session, "filters", params, &rows, err);
	struct arena arena = ARENA_INIT;

	if (r < 0)
		return r;
	for (; n < n_ready; n++)
		names[n] = ready[n].name;
	for (size_t i = 0; i < rows_count(rows) && n < ARRAY_LEN(names); i++) {
		struct slice there = rows_text(rows, i, rows_col(rows, "name"));

		names[n++] = arena_str(&arena, there);
		if (slice_eq_nocase(there, name)) {
			str_add(&find->text, rows_text(rows, i, rows_col(rows, "filter")));
			goto out;
		}
	}
	r = err_unknown(err, "filter", name, names, n, sizeof(names[0]));
out:
	arena_done(&arena);
	rows_unref(rows);
	return r;
}

/* "@stuck" becomes what stands behind that name. */
static int find_kept(struct find *find, struct err *err)
{
	size_t n;
	const struct ready_filter *ready = ready_filters(&n);
	CLEANUP(str_done)
	struct str name = STR_INIT(1000);

	str_add(&name, slice_from(slice_trim(str_slice(&find->text)), 1));
	str_reset(&find->text);
	for (size_t i = 0; i < n; i++)
		if (slice_eq_nocase(str_slice(&name), slice_of(ready[i].name)))
			return add_ready(find, &ready[i], err);
	return add_saved(find, str_slice(&name), err);
}

static bool is_kept(const struct find *find)
{
	return slice_starts(slice_trim(str_slice(&find->text)), SLICE("@"));
}

static int parse_filter(struct find *find);

static int ask(struct find *find, struct err *err)
{
	int r;

	r = filter_body(find->filter).len ? 0 : tell_export(find, err);
	if (r == 0)
		r = filter_body(find->filter).len ? find_payloads(find, err) : ask_all(find, err);
	if (r == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		r = err_errno(err, "standard output");
	return r;
}

static int run(struct find *find)
{
	struct err err = ERR_INIT;
	int r = where_find(&find->where, &err);

	if (r == 0)
		r = session_open(&find->where, &find->session, &err);
	if (r == 0 && is_kept(find)) {
		r = find_kept(find, &err);
		if (r == 0 && parse_filter(find) < 0)
			return FIND_USAGE;
	}
	if (r == 0)
		r = ask(find, &err);
	if (r < 0) {
		fprintf(stderr, "orderly find: %s\n", err.text);
		return FIND_FAILED;
	}
	return find->found ? FIND_FOUND : FIND_NOTHING;
}

static bool take_limit(struct find *find, const char *argument)
{
	if (slice_to_i64(slice_of(argument), 1, LIMIT_MAX, &find->limit) == 0)
		return true;
	fprintf(stderr, "orderly find: --limit is a number from 1 to %d\n", LIMIT_MAX);
	return false;
}

static bool take_format(struct find *find, const char *argument)
{
	static const char *const formats[] = {"table", "csv", "jsonl"};

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (strcmp(formats[i], argument) == 0) {
			find->format = formats[i];
			return true;
		}
	}
	fputs("orderly find: --format is table, csv or jsonl\n", stderr);
	return false;
}

static bool take_option(struct find *find, int c)
{
	switch (c) {
	case 'n':
		return take_limit(find, optarg);
	case 'o':
		return take_format(find, optarg);
	case 'r':
		find->raw = true;
		return true;
	case 'w':
		find->reason = optarg;
		return true;
	default:
		return where_take(&find->where, c, optarg);
	}
}

/* Negative when the command line is wrong, which was said then; 1 when only help was wanted. */
static int parse(int argc, char **argv, struct find *find)
{
	static const struct option options[] = {
		WHERE_OPTIONS,
		{"limit", required_argument, NULL, 'n'},
		{"format", required_argument, NULL, 'o'},
		{"raw", no_argument, NULL, 'r'},
		{"reason", required_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			help(stdout);
			return 1;
		}
		if (!take_option(find, c))
			return -EINVAL;
	}
	for (int i = optind; i < argc; i++)
		str_addf(&find->text, "%s%s", i > optind ? " " : "", argv[i]);
	return 0;
}

static int parse_filter(struct find *find)
{
	struct err err = ERR_INIT;
	size_t at = 0;
	int r = filter_parse(str_slice(&find->text), &find->filter, &at, &err);

	if (r < 0) {
		fprintf(stderr, "orderly find: %s\n", err.text);
		show_place(str_slice(&find->text), at);
	}
	return r;
}

int cli_find(int argc, char **argv)
{
	struct find find = {.format = "table", .limit = 200, .text = STR_INIT(1 << 20)};
	int r = parse(argc, argv, &find), status = r < 0 ? FIND_USAGE : FIND_FOUND;

	if (r == 0)
		status = !is_kept(&find) && parse_filter(&find) < 0 ? FIND_USAGE : run(&find);
	session_close(find.session);
	filter_free(find.filter);
	str_done(&find.text);
	where_done(&find.where);
	return status;
}
