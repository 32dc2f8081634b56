/* How `orderly find` prints rows: a table for people, CSV and JSON lines for programs.
 * The formats are model/export's.
 * Called for each page. */
#include "base/mem.h"
#include "base/text.h"
#include "find_part.h"
#include "model/export.h"
#include <stdio.h>
#include <string.h>

#define WIDTH_MAX 40

static void print(struct str *out)
{
	fwrite(str_cstr(out), 1, out->len, stdout);
	str_reset(out);
}

#define SHOWN_MAX 9

static const struct {
	const char *names[SHOWN_MAX];
	size_t n;
} lists[] = {
	[FIND_TRANSACTIONS] = {{"at", "state", "interface", "facility", "message", "correlation",
				       "business_key", "class", "error"},
		9},
	[FIND_PAYLOADS] = {{"at", "state", "interface", "message", "business_key", "kind",
				   "excerpt"},
		7},
};

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

static void print_table(enum find_list list, const struct rows *rows, bool head)
{
	const char *const *shown = lists[list].names;
	size_t n_shown = lists[list].n;
	int widths[SHOWN_MAX];
	CLEANUP(str_done)
	struct str cell = STR_INIT(64 * 1024), out = STR_INIT(64 << 20);

	for (size_t c = 0; c < n_shown; c++) {
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
		for (size_t c = 0; c < n_shown; c++) {
			str_reset(&cell);
			if (i == 0)
				str_adds(&cell, shown[c]);
			else
				add_cell(rows, i - 1, rows_col(rows, shown[c]), &cell);
			pad(&out, str_slice(&cell), widths[c], c + 1 == n_shown);
		}
		str_addc(&out, '\n');
	}
	print(&out);
	str_done(&cell);
}

void find_print(const struct find *find, enum find_list list, const struct rows *rows, bool first)
{
	bool csv = strcmp(find->format, "csv") == 0;
	CLEANUP(str_done)
	struct str out = STR_INIT(16 << 20);

	if (strcmp(find->format, "table") == 0) {
		if (rows_count(rows))
			print_table(list, rows, first);
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
