/* Writes rows as CSV and as JSON lines.
 * Leaves where they go to the caller.
 * Called by `orderly find` and by what exports a list. */
#include "model/export.h"
#include "base/clock.h"
#include "base/text.h"
#include <math.h>
#include <string.h>
#include <time.h>

void export_time(struct str *out, int64_t wall_us)
{
	int64_t us = wall_us % S_US;
	time_t seconds;
	struct tm tm = {0};

	us += us < 0 ? S_US : 0;
	seconds = (time_t)((wall_us - us) / S_US);
	gmtime_r(&seconds, &tm);
	str_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(us / MS_US));
}

static bool is_ours(const struct rows *rows, size_t column)
{
	return strcmp(rows_column(rows, column)->name, "place") == 0;
}

/* A cell that begins so is run by some spreadsheets; a mark before it makes it a text. */
static bool is_formula(struct slice text)
{
	return text.len && memchr("=+-@\t\r\n|%", text.at[0], 9);
}

static void add_csv_text(struct slice text, struct str *out)
{
	struct str inert = STR_INIT(out->cap);
	bool formula = is_formula(text);

	text_add_inert(&inert, text);
	str_addc(out, '"');
	if (formula)
		str_addc(out, '\'');
	for (size_t i = 0; i < inert.len; i++) {
		if (inert.at[i] == '"')
			str_addc(out, '"');
		str_addc(out, inert.at[i]);
	}
	str_addc(out, '"');
	str_done(&inert);
}

static void add_plain(const struct rows *rows, size_t row, size_t column, struct str *out)
{
	switch (rows_column(rows, column)->type) {
	case COLUMN_INT:
		str_addf(out, "%lld", (long long)rows_int(rows, row, column));
		break;
	case COLUMN_REAL:
		str_addf(out, "%.15g", rows_real(rows, row, column));
		break;
	case COLUMN_BOOL:
		str_adds(out, rows_bool(rows, row, column) ? "true" : "false");
		break;
	case COLUMN_TIME:
		export_time(out, rows_time(rows, row, column));
		break;
	case COLUMN_TEXT:
		break;
	}
}

void export_csv_head(const struct rows *rows, struct str *out)
{
	bool first = true;

	for (size_t c = 0; c < rows_n_columns(rows); c++) {
		if (is_ours(rows, c))
			continue;
		str_addf(out, "%s%s", first ? "" : ",", rows_column(rows, c)->name);
		first = false;
	}
	str_adds(out, "\r\n");
}

void export_csv_row(const struct rows *rows, size_t row, struct str *out)
{
	bool first = true;

	for (size_t c = 0; c < rows_n_columns(rows); c++) {
		if (is_ours(rows, c))
			continue;
		if (!first)
			str_addc(out, ',');
		first = false;
		if (rows_null(rows, row, c))
			continue;
		if (rows_column(rows, c)->type == COLUMN_TEXT)
			add_csv_text(rows_text(rows, row, c), out);
		else
			add_plain(rows, row, c, out);
	}
	str_adds(out, "\r\n");
}

/* What is not itself when it is printed: controls, separators, what turns the direction. */
static bool is_escaped(uint32_t cp)
{
	return cp < ' ' || (cp >= 0x7f && cp < 0xa0) || cp == '"' || cp == '\\' || cp == 0x61c ||
	       (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff;
}

static void add_json_text(struct slice text, struct str *out)
{
	uint32_t cp;

	str_addc(out, '"');
	while (text.len) {
		struct slice before = text;

		if (!utf8_next(&text, &cp))
			str_adds(out, "\\ufffd");
		else if (is_escaped(cp))
			str_addf(out, "\\u%04x", (unsigned)cp);
		else
			str_add(out, slice_head(before, before.len - text.len));
	}
	str_addc(out, '"');
}

static void add_json_value(const struct rows *rows, size_t row, size_t column, struct str *out)
{
	enum column_type type = rows_column(rows, column)->type;

	if (rows_null(rows, row, column) ||
		(type == COLUMN_REAL && !isfinite(rows_real(rows, row, column)))) {
		str_adds(out, "null");
	} else if (type == COLUMN_TEXT) {
		add_json_text(rows_text(rows, row, column), out);
	} else {
		str_adds(out, type == COLUMN_TIME ? "\"" : "");
		add_plain(rows, row, column, out);
		str_adds(out, type == COLUMN_TIME ? "\"" : "");
	}
}

void export_json_row(const struct rows *rows, size_t row, struct str *out)
{
	bool first = true;

	str_addc(out, '{');
	for (size_t c = 0; c < rows_n_columns(rows); c++) {
		if (is_ours(rows, c))
			continue;
		str_addf(out, "%s\"%s\":", first ? "" : ",", rows_column(rows, c)->name);
		first = false;
		add_json_value(rows, row, c, out);
	}
	str_adds(out, "}\n");
}
