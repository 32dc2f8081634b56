/* Tables of values parted by commas, semicolons or tabs, a row a line with its columns below each
 * other. Widths are those of the first rows; what is longer moves what stands behind it.
 * Called by pretty.c. */
#include "base/mem.h"
#include "base/text.h"
#include "pretty_part.h"
#include <ctype.h>

#define MEASURED_ROWS 200
#define MEASURED_BYTES (256 * 1024)
#define CELL_WIDTH 40
#define GAP 2

/* Takes a cell off *rest, without its quotes, and what ends it: the separator, '\n', or 0 at the end
 * of the text. False, and where, when it is none. */
static bool take_cell(
	struct slice *rest, char sep, struct str *cell, char *ret_after, size_t *ret_at)
{
	size_t i = 0;
	bool quoted = rest->len && rest->at[0] == '"';

	str_reset(cell);
	if (quoted) {
		for (i = 1;; i++) {
			*ret_at = 0;
			if (i == rest->len)
				return false;
			if (rest->at[i] == '"' && (i + 1 == rest->len || rest->at[i + 1] != '"'))
				break;
			i += rest->at[i] == '"';
			str_addc(cell, rest->at[i]);
		}
		i++;
	}
	*ret_at = i;
	while (i < rest->len && rest->at[i] != sep && rest->at[i] != '\n' && rest->at[i] != '\r') {
		*ret_at = i;
		if (quoted || rest->at[i] == '"')
			return false;
		str_addc(cell, rest->at[i++]);
	}
	*ret_after = 0;
	if (i < rest->len) {
		*ret_after = rest->at[i] == sep ? sep : '\n';
		i += rest->at[i] == '\r' && i + 1 < rest->len && rest->at[i + 1] == '\n' ? 2 : 1;
	}
	*rest = slice_from(*rest, i);
	return true;
}

/* The first of comma, semicolon and tab that stands outside of quotes in the first row. */
static char separator_of(struct slice text)
{
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == ',' || c == ';' || c == '\t'))
			return c;
		else if (!quoted && c == '\n')
			return ',';
	}
	return ',';
}

static int width_of(const struct str *cell)
{
	int width;

	text_clip(str_slice(cell), CELL_WIDTH + 1, &width);
	return width;
}

static void open_csv(struct pretty *p)
{
	CLEANUP(str_done)
	struct str cell = STR_INIT(PRETTY_MAX);
	struct slice rest = slice_head(p->input, MEASURED_BYTES);
	size_t column = 0, at;
	char after;

	p->of.csv.sep = separator_of(rest);
	for (int row = 0; rest.len && row < MEASURED_ROWS;) {
		int width;

		if (!take_cell(&rest, p->of.csv.sep, &cell, &after, &at))
			return;
		width = width_of(&cell);
		if (column < PRETTY_COLUMNS && width <= CELL_WIDTH &&
			width > p->of.csv.width[column])
			p->of.csv.width[column] = width;
		column = after == p->of.csv.sep ? column + 1 : 0;
		row += after == '\n';
	}
}

static bool is_number(struct slice text)
{
	bool digit = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		digit |= isdigit((unsigned char)c) != 0;
		if (!isdigit((unsigned char)c) && c != '.' && c != ',' && (c != '-' || i))
			return false;
	}
	return digit;
}

static void put_cell(struct pretty *p, struct str *cell, size_t column, bool last)
{
	struct slice text = str_slice(cell);

	for (size_t i = 0; i < cell->len; i++) /* a cell may hold lines; a row is one */
		if (cell->at[i] == '\n' || cell->at[i] == '\r')
			cell->at[i] = ' ';
	pretty_put(p,
		!p->of.csv.begun  ? PRETTY_KEY
		: is_number(text) ? PRETTY_VALUE
				  : PRETTY_PLAIN,
		text);
	if (!last)
		pretty_pad(p, width_of(cell),
			(column < PRETTY_COLUMNS ? p->of.csv.width[column] : 0) + GAP);
}

static bool step_csv(struct pretty *p)
{
	CLEANUP(str_done)
	struct str cell = STR_INIT(PRETTY_MAX);
	struct slice rest = slice_from(p->input, p->at);
	char after = p->of.csv.sep;
	size_t at;

	if (!rest.len)
		return false;
	pretty_line(p, 0);
	for (size_t column = 0; after == p->of.csv.sep; column++) {
		size_t start = p->input.len - rest.len;

		if (!take_cell(&rest, p->of.csv.sep, &cell, &after, &at))
			return pretty_wrong(p, start + at,
				at ? "a quote stands within a cell" : "a cell is not closed");
		put_cell(p, &cell, column, after != p->of.csv.sep);
	}
	p->of.csv.begun = true;
	p->at = p->input.len - rest.len;
	return true;
}

const struct printer printer_csv = {"CSV", open_csv, step_csv};
