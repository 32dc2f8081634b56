/* `orderly find`: asks page after page, and prints.
 * The language is model/filter's, the question is the store's, the formats are model/export's.
 * Called by main. */
#include "cli/find.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/export.h"
#include "model/filter.h"
#include "session.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define PAGE 1000
#define LIMIT_MAX 10000000
#define WIDTH_MAX 40

/* For one page. Who searches through everything is to know what makes it slow. */
#define DEADLINE_US (30 * S_US)

struct find {
	struct where where;
	const char *format;
	int64_t limit, found;
	struct str text; /* the filter as typed */
	struct filter *filter;
	struct session *session;
};

static void help(FILE *to)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(16 * 1024);

	str_adds(&text,
		"usage: orderly find [OPTION]... FILTER...\n\n"
		"  state:dead if:po-* facility:H01 age>1h error~\"cost cent(re|er)\" since:08:00\n\n");
	where_help(&text);
	str_adds(&text, "  --limit N        the newest so many (200)\n"
			"  --format WORD    table, csv or jsonl\n\n"
			"Words find an id from its beginning; the fields:\n\n");
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

static void print(struct str *out)
{
	fwrite(str_cstr(out), 1, out->len, stdout);
	str_reset(out);
}

static const char *const shown[] = {"at", "state", "interface", "facility", "message",
	"correlation", "business_key", "class", "error"};

static void add_cell(const struct rows *rows, size_t row, size_t column, struct str *out)
{
	if (rows_null(rows, row, column))
		str_addc(out, '-');
	else if (rows_column(rows, column)->type == COLUMN_TIME)
		export_time(out, rows_time(rows, row, column));
	else
		text_add_inert(out, rows_text(rows, row, column));
}

static void pad(struct str *out, struct slice text, int width, bool last)
{
	int taken = 0;

	str_add(out, last ? text : text_clip(text, width, &taken));
	for (; !last && taken < width + 2; taken++)
		str_addc(out, ' ');
}

static void print_table(const struct rows *rows, bool head)
{
	int widths[ARRAY_LEN(shown)];
	CLEANUP(str_done)
	struct str cell = STR_INIT(64 * 1024), out = STR_INIT(64 << 20);

	for (size_t c = 0; c < ARRAY_LEN(shown); c++) {
		widths[c] = (int)strlen(shown[c]);
		for (size_t i = 0; i < rows_count(rows); i++) {
			int width;

			str_reset(&cell);
			add_cell(rows, i, rows_col(rows, shown[c]), &cell);
			width = text_width(str_slice(&cell));
			widths[c] = width > widths[c] ? width : widths[c];
		}
		widths[c] = widths[c] > WIDTH_MAX ? WIDTH_MAX : widths[c];
	}
	for (size_t i = head ? 0 : 1; i <= rows_count(rows); i++) {
		for (size_t c = 0; c < ARRAY_LEN(shown); c++) {
			str_reset(&cell);
			if (i == 0)
				str_adds(&cell, shown[c]);
			else
				add_cell(rows, i - 1, rows_col(rows, shown[c]), &cell);
			pad(&out, str_slice(&cell), widths[c], c + 1 == ARRAY_LEN(shown));
		}
		str_addc(&out, '\n');
	}
	print(&out);
	str_done(&cell);
}

static void print_page(const struct find *find, const struct rows *rows, bool first)
{
	bool csv = strcmp(find->format, "csv") == 0;
	CLEANUP(str_done)
	struct str out = STR_INIT(16 << 20);

	if (strcmp(find->format, "table") == 0) {
		if (rows_count(rows))
			print_table(rows, first);
		return;
	}
	if (csv && first)
		export_csv_head(rows, &out);
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (csv)
			export_csv_row(rows, i, &out);
		else
			export_json_row(rows, i, &out);
		print(&out);
	}
	print(&out);
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
	print_page(find, rows, first);
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
	if (r == 0)
		r = ask_all(find, &err);
	session_close(find->session);
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

/* Negative when the command line is wrong, which was said then; 1 when only help was wanted. */
static int parse(int argc, char **argv, struct find *find)
{
	static const struct option options[] = {
		WHERE_OPTIONS,
		{"limit", required_argument, NULL, 'n'},
		{"format", required_argument, NULL, 'o'},
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
		if ((c == 'n' && !take_limit(find, optarg)) ||
			(c == 'o' && !take_format(find, optarg)) ||
			(c != 'n' && c != 'o' && !where_take(&find->where, c, optarg)))
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
		status = parse_filter(&find) < 0 ? FIND_USAGE : run(&find);
	filter_free(find.filter);
	str_done(&find.text);
	where_done(&find.where);
	return status;
}
