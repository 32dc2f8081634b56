/* The reader of long texts.
 * What the text is and where its spans come from is the caller's.
 * Called by views that show payloads, runbooks, differences, help. */
#include "ui/text_view.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include <stdlib.h>
#include <string.h>

#define SIDE_STEP 8

static void add_line(struct text_view *view, size_t start)
{
	if (view->n_lines == view->size_lines) {
		view->size_lines = view->size_lines ? 2 * view->size_lines : 256;
		view->starts = mem_resize(view->starts, view->size_lines, sizeof(*view->starts));
	}
	view->starts[view->n_lines++] = start;
}

/* Not within a code point. */
static size_t part_of(struct slice text, size_t at)
{
	while (at > 0 && ((unsigned char)text.at[at] & 0xC0) == 0x80)
		at--;
	return at;
}

void text_view_set(
	struct text_view *view, struct slice text, const struct text_span *spans, size_t n_spans)
{
	size_t at = 0;

	view->text = text;
	view->spans = spans;
	view->n_spans = n_spans;
	view->n_lines = 0;
	view->top_line = 0;
	view->top_row = view->left = 0;
	while (at < text.len) {
		struct slice rest = slice_from(text, at);
		size_t len = slice_find(slice_head(rest, TEXT_VIEW_LINE_MAX), '\n');

		add_line(view, at);
		if (len < TEXT_VIEW_LINE_MAX)
			at += len + 1;
		else
			at += rest.len > TEXT_VIEW_LINE_MAX ? part_of(rest, len) : rest.len;
	}
}

void text_view_done(struct text_view *view)
{
	free(view->starts);
	view->starts = NULL;
	view->n_lines = view->size_lines = 0;
}

static struct slice line_at(const struct text_view *view, size_t number)
{
	size_t start = view->starts[number];
	size_t end = number + 1 < view->n_lines ? view->starts[number + 1] : view->text.len;
	struct slice line = {view->text.at + start, end - start};

	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* What of a line stands in its row of that number; an empty line has one row. */
static struct slice row_at(const struct text_view *view, struct slice line, int row)
{
	int used;

	for (int i = 0; i < row && line.len; i++)
		line = slice_from(line, text_clip(line, view->width, &used).len);
	return text_clip(line, view->width, &used);
}

static int rows_of(const struct text_view *view, size_t number)
{
	struct slice line = line_at(view, number);
	int rows = 1, used;

	if (!view->wrap || view->width < 2)
		return 1;
	for (;;) {
		line = slice_from(line, text_clip(line, view->width, &used).len);
		if (!line.len)
			return rows;
		rows++;
	}
}

static bool row_down(const struct text_view *view, size_t *line, int *row)
{
	if (*line >= view->n_lines)
		return false;
	if (*row + 1 < rows_of(view, *line)) {
		(*row)++;
		return true;
	}
	if (*line + 1 >= view->n_lines)
		return false;
	(*line)++;
	*row = 0;
	return true;
}

static bool row_up(const struct text_view *view, size_t *line, int *row)
{
	if (*row > 0) {
		(*row)--;
		return true;
	}
	if (*line == 0)
		return false;
	(*line)--;
	*row = rows_of(view, *line) - 1;
	return true;
}

static void move(struct text_view *view, int rows)
{
	for (; rows > 0 && row_down(view, &view->top_line, &view->top_row); rows--)
		;
	for (; rows < 0 && row_up(view, &view->top_line, &view->top_row); rows++)
		;
}

/* The last screen is full where the text is long enough. */
static void hold_back(struct text_view *view)
{
	size_t line = view->top_line;
	int row = view->top_row, below = 1;

	if (!view->n_lines)
		return;
	while (below < view->height && row_down(view, &line, &row))
		below++;
	move(view, below - view->height < 0 ? below - view->height : 0);
}

void text_view_layout(struct text_view *view, int width, int height)
{
	if (width != view->width)
		view->top_row = 0;
	view->width = width > 0 ? width : 0;
	view->height = height > 0 ? height : 0;
	if (view->top_line >= view->n_lines)
		view->top_line = view->n_lines ? view->n_lines - 1 : 0;
	hold_back(view);
}

bool text_view_act(struct text_view *view, enum action action)
{
	int page = view->height > 1 ? view->height - 1 : 1;

	switch (action) {
	case ACTION_MOVE_DOWN:
		move(view, 1);
		break;
	case ACTION_MOVE_UP:
		move(view, -1);
		break;
	case ACTION_PAGE_DOWN:
		move(view, page);
		break;
	case ACTION_PAGE_UP:
		move(view, -page);
		break;
	case ACTION_HALF_DOWN:
		move(view, (page + 1) / 2);
		break;
	case ACTION_HALF_UP:
		move(view, -(page + 1) / 2);
		break;
	case ACTION_MOVE_TOP:
		view->top_line = 0;
		view->top_row = view->left = 0;
		break;
	case ACTION_MOVE_BOTTOM:
		view->top_line = view->n_lines ? view->n_lines - 1 : 0;
		view->top_row = 0;
		break;
	case ACTION_MOVE_RIGHT:
		view->left += view->wrap ? 0 : SIDE_STEP;
		break;
	case ACTION_MOVE_LEFT:
		view->left -= view->left >= SIDE_STEP ? SIDE_STEP : view->left;
		break;
	case ACTION_WRAP:
		view->wrap = !view->wrap;
		view->top_row = view->left = 0;
		break;
	default:
		return false;
	}
	hold_back(view);
	return true;
}

bool text_view_search(struct text_view *view, bool forward)
{
	size_t at, len;

	if (!view->match)
		return false;
	for (size_t line = view->top_line;;) {
		if (forward ? line + 1 >= view->n_lines : line == 0)
			return false;
		line = forward ? line + 1 : line - 1;
		if (match_find(view->match, line_at(view, line), 0, &at, &len) == 1) {
			view->top_line = line;
			view->top_row = 0;
			return true;
		}
	}
}

/* The role of what begins at a byte of the text, and how far that reaches. */
static enum role role_at(const struct text_view *view, size_t at, size_t *ret_end)
{
	size_t low = 0, high = view->n_spans;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (view->spans[middle].at + view->spans[middle].len <= at)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_end = view->text.len;
	if (low == view->n_spans)
		return ROLE_TEXT;
	if (view->spans[low].at > at) {
		*ret_end = view->spans[low].at;
		return ROLE_TEXT;
	}
	*ret_end = view->spans[low].at + view->spans[low].len;
	return view->spans[low].role;
}

static void draw_piece(
	const struct canvas *canvas, int *x, int *skip, int y, enum role role, struct slice text)
{
	while (*skip > 0 && text.len) {
		struct slice rest = text;
		struct glyph glyph;

		text_next(&rest, &glyph);
		*skip -= glyph.width;
		text = rest;
	}
	*x += canvas_put(canvas, *x, y, canvas->width - *x, role, text);
}

static void mark_matches(const struct text_view *view, const struct canvas *canvas, int y,
	struct slice line, struct slice row)
{
	size_t from = 0, at, len, start = (size_t)(row.at - line.at);

	while (view->match && match_find(view->match, line, from, &at, &len) == 1) {
		size_t begin = at < start ? start : at;
		size_t end = at + len < start + row.len ? at + len : start + row.len;

		if (begin < end) {
			struct slice before = {line.at + start, begin - start};
			struct slice found = {line.at + begin, end - begin};

			canvas_add(canvas, text_width(before) - view->left, y, text_width(found),
				ROLE_FOUND);
		}
		if (at + (len ? len : 1) > start + row.len)
			return;
		from = at + (len ? len : 1);
	}
}

static void draw_row(const struct text_view *view, const struct canvas *canvas, int y,
	size_t number, int row_number)
{
	struct slice line = line_at(view, number);
	struct slice row = view->wrap ? row_at(view, line, row_number) : line, rest = row;
	int x = 0, skip = view->left;

	while (rest.len && x < canvas->width) {
		size_t at = (size_t)(rest.at - view->text.at), end;
		enum role role = role_at(view, at, &end);
		struct slice piece = slice_head(rest, end - at);

		draw_piece(canvas, &x, &skip, y, role, piece);
		rest = slice_from(rest, piece.len);
	}
	mark_matches(view, canvas, y, line, row);
}

void text_view_draw(const struct text_view *view, const struct canvas *canvas)
{
	size_t line = view->top_line;
	int row = view->top_row;

	if (!view->n_lines)
		return;
	for (int y = 0; y < canvas->height; y++) {
		draw_row(view, canvas, y, line, row);
		if (!row_down(view, &line, &row))
			return;
	}
}

void text_view_status(const struct text_view *view, struct str *out)
{
	size_t line = view->top_line;
	int row = view->top_row;

	for (int y = 1; y < view->height && row_down(view, &line, &row); y++)
		;
	str_adds(out, "lines ");
	format_count(out, view->n_lines ? (int64_t)view->top_line + 1 : 0);
	str_addc(out, '-');
	format_count(out, view->n_lines ? (int64_t)line + 1 : 0);
	str_adds(out, " of ");
	format_count(out, (int64_t)view->n_lines);
}
