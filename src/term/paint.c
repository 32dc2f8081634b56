/* Compares the frame with what the terminal shows and writes the difference, row by row; scrolls
 * where that is shorter (scroll.c). Leaves single moves and styles to pen.c, files to screen.c.
 * Called by screen.c, and by tests that look at the bytes. */
#include "term/paint.h"
#include "base/mem.h"
#include "painter.h"
#include <stdlib.h>
#include <string.h>

#define ERASE_MIN 4 /* blanks before the end of a row that are worth an erase */
#define ERASE_MID_MIN 9 /* blanks in the middle */
#define GAP_MAX 4 /* unchanged cells that are written again rather than jumped over */

struct painter *painter_new(const struct terminfo *can, const struct screen_caps *caps)
{
	struct painter *painter = NEW(struct painter);

	painter->caps = *caps;
	painter->pen.can = *can;
	painter->pen.colours = caps->colours;
	painter->shown = surface_new(1, 1);
	painter->memo = NEW_ARRAY(struct style_memo, MEMO_SIZE);
	return painter;
}

void painter_free(struct painter *painter)
{
	if (!painter)
		return;
	surface_free(painter->shown);
	free(painter->dirty);
	free(painter->memo);
	free(painter);
}

void painter_freep(struct painter **painter)
{
	painter_free(*painter);
	*painter = NULL;
}

void painter_forget(struct painter *painter)
{
	painter->known = false;
}

static bool is_blank(const struct cell *cell)
{
	return cell->glyph == ' ';
}

static bool style_eq(struct style a, struct style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

struct style painter_style(const struct painter *painter, const struct cell *cell)
{
	uint32_t hash = cell->style.fg * 0x9e3779b1u ^ cell->style.bg * 0x85ebca77u ^
			cell->style.attrs * 0xc2b2ae3du;
	struct style_memo *memo = &painter->memo[hash >> 28];
	struct style style;

	if (!style_eq(memo->style, cell->style)) {
		memo->style = cell->style;
		memo->reduced = pen_reduce(&painter->pen, cell->style);
	}
	style = memo->reduced;
	if (is_blank(cell) && !(style.attrs & (ATTR_REVERSE | ATTR_UNDERLINE)))
		return (struct style){.bg = style.bg};
	return style;
}

static bool glyphs_eq(const struct painter *painter, const struct surface *surface,
	const uint32_t *a, const uint32_t *b)
{
	if (painter->same_clusters || !((*a | *b) & CLUSTER))
		return *a == *b;
	return slice_eq(grid_bytes(surface, a), grid_bytes(painter->shown, b));
}

bool painter_same(const struct painter *painter, const struct surface *surface,
	const struct cell *a, const struct cell *b)
{
	return glyphs_eq(painter, surface, &a->glyph, &b->glyph) &&
	       (style_eq(a->style, b->style) ||
		       style_eq(painter_style(painter, a), painter_style(painter, b)));
}

bool painter_same_row(const struct painter *painter, const struct surface *surface,
	const struct cell *a, const struct cell *b)
{
	return painter->same_clusters &&
	       memcmp(a, b, (size_t)surface->width * sizeof(struct cell)) == 0;
}

/* Whether a number names the same cluster in both, so that cells compare as bytes. */
static bool have_same_clusters(const struct surface *a, const struct surface *b)
{
	size_t n = a->n_clusters < b->n_clusters ? a->n_clusters : b->n_clusters;

	return n == 0 || memcmp(a->clusters, b->clusters, n * sizeof(struct cluster)) == 0;
}

static struct drawn drawn_of(
	const struct painter *painter, const struct surface *surface, const struct cell *cell)
{
	return lines_drawn(
		grid_bytes(surface, &cell->glyph), painter->caps.utf8, painter->caps.lines);
}

static int extent(const struct cell *row, int x, int width)
{
	return x + 1 < width && row[x + 1].glyph == 0 ? 2 : 1;
}

/* How many cells a terminal may touch that lays out the glyph in another way: as wide, or code
 * point by code point. */
static int reach(
	const struct painter *painter, const struct surface *surface, const struct cell *row, int x)
{
	int cells = extent(row, x, surface->width), most = 0;
	struct slice rest = grid_bytes(surface, &row[x].glyph);
	uint32_t cp;

	if (!(row[x].glyph & CLUSTER) || drawn_of(painter, surface, &row[x]).sure)
		return cells;
	while (utf8_next(&rest, &cp))
		most += cp == 0xfe0f ? 1 : text_cp_width(cp);
	return most > 2 ? most : 2;
}

/* Marks what differs in the row, and behind a glyph whose width is in doubt what the terminal may
 * have touched. False when nothing differs. */
static bool mark_row(struct painter *painter, const struct surface *surface, int y)
{
	const struct cell *now = grid_row(surface, y), *was = grid_row(painter->shown, y);
	int width = surface->width;
	bool any = false;

	if (painter_same_row(painter, surface, now, was))
		return false;
	memset(painter->dirty, 0, (size_t)width);
	for (int x = 0; x < width; x++) {
		int end;

		if (!painter->dirty[x] && painter_same(painter, surface, &now[x], &was[x]))
			continue;
		any = true;
		painter->dirty[x] = 1;
		end = now[x].glyph ? x + reach(painter, surface, now, x) : x + 1;
		for (int i = x + 1; i < end && i < width; i++)
			painter->dirty[i] = 1;
	}
	return any;
}

/* At the right edge a terminal that lays a cluster out code point by code point would go on in the
 * next row, whatever was asked of it. It gets the first one alone. */
static struct slice clipped_bytes(
	const struct painter *painter, const struct surface *surface, int x, int y)
{
	const struct cell *row = grid_row(surface, y);
	struct slice bytes = grid_bytes(surface, &row[x].glyph), rest = bytes;
	uint32_t cp;

	if (x + reach(painter, surface, row, x) <= surface->width || !utf8_next(&rest, &cp))
		return bytes;
	return slice_head(bytes, bytes.len - rest.len);
}

static void set_style(struct painter *painter, const struct cell *cell)
{
	struct style style = painter_style(painter, cell);

	if (!is_blank(cell) || !pen_blank_is_same(&painter->pen, style))
		pen_style(&painter->pen, style);
}

static void put_cell(struct painter *painter, const struct surface *surface, int x, int y)
{
	const struct cell *row = grid_row(surface, y);
	struct drawn drawn = {.bytes = grid_bytes(surface, &row[x].glyph), .sure = true};
	struct pen *pen = &painter->pen;
	int cells = extent(row, x, surface->width);

	if (row[x].glyph & CLUSTER)
		drawn = drawn_of(painter, surface, &row[x]);
	pen_goto(pen, x, y);
	set_style(painter, &row[x]);
	pen_line_drawing(pen, drawn.line_drawing);
	if (!drawn.sure && cells == 2) { /* it may take one only, and leave what was beside it */
		str_adds(pen->out, "  ");
		pen->x = x + 2 < pen->width ? x + 2 : -1;
		pen_goto(pen, x, y);
	}
	if (drawn.narrow) {
		str_addc(pen->out, drawn.narrow);
		if (cells == 2)
			str_addc(pen->out, ' ');
	} else {
		str_add(pen->out, drawn.sure ? drawn.bytes : clipped_bytes(painter, surface, x, y));
	}
	/* In the last column terminals differ in where they think they are. */
	pen->x = drawn.sure && x + cells < pen->width ? x + cells : -1;
}

/* How many cells from x on are blank in one style that erasing gives. */
static int blanks(const struct painter *painter, const struct cell *row, int x, int width)
{
	struct style style = painter_style(painter, &row[x]);
	int end = x;

	if (style.attrs || (style.bg && !painter->pen.can.bce))
		return 0;
	while (end < width && is_blank(&row[end]) &&
		style_eq(painter_style(painter, &row[end]), style))
		end++;
	return end - x;
}

static int count_dirty(const struct painter *painter, int from, int to)
{
	int n = 0;

	for (int x = from; x < to; x++)
		n += painter->dirty[x];
	return n;
}

/* Erases from x on when it pays; returns how many cells that settled. */
static int try_erase(struct painter *painter, const struct surface *surface, int x, int y)
{
	const struct cell *row = grid_row(surface, y);
	struct pen *pen = &painter->pen;
	int n = is_blank(&row[x]) ? blanks(painter, row, x, surface->width) : 0;
	bool to_end = x + n == surface->width;
	int dirty = n >= ERASE_MIN ? count_dirty(painter, x, x + n) : 0;

	if (dirty < (to_end ? ERASE_MIN : ERASE_MID_MIN) || (!to_end && !pen->can.ech))
		return 0;
	pen_goto(pen, x, y);
	set_style(painter, &row[x]);
	if (to_end)
		str_adds(pen->out, "\033[K");
	else
		str_addf(pen->out, "\033[%dX", n);
	return n;
}

static bool is_in_style(const struct painter *painter, const struct cell *cell)
{
	struct style style = painter_style(painter, cell);

	return style_eq(style, painter->pen.style) ||
	       (is_blank(cell) && pen_blank_is_same(&painter->pen, style));
}

/* A few unchanged cells in the same style are shorter than a jump. */
static bool bridge(const struct painter *painter, const struct surface *surface, int x, int y)
{
	const struct cell *row = grid_row(surface, y);
	int end = x;

	if (painter->pen.y != y || painter->pen.x != x || painter->pen.line_drawing)
		return false;
	while (end < surface->width && !painter->dirty[end]) {
		if (end - x == GAP_MAX || (row[end].glyph & CLUSTER) || row[end].glyph == 0 ||
			!is_in_style(painter, &row[end]))
			return false;
		end++;
	}
	return end < surface->width;
}

static void paint_row(struct painter *painter, const struct surface *surface, int y)
{
	const struct cell *row = grid_row(surface, y);
	int x = 0;

	while (x < surface->width) {
		int settled = 0;

		if (painter->dirty[x] || bridge(painter, surface, x, y)) {
			if (painter->dirty[x])
				settled = try_erase(painter, surface, x, y);
			if (!settled && row[x].glyph)
				put_cell(painter, surface, x, y);
		}
		x += settled ? settled : 1;
	}
}

static void paint_cursor(struct painter *painter, const struct surface *surface)
{
	bool parked = surface->cursor_x >= 0;

	if (parked)
		pen_goto(&painter->pen, surface->cursor_x, surface->cursor_y);
	pen_cursor(&painter->pen, parked && surface->cursor_visible);
}

static void begin_anew(struct painter *painter, const struct surface *surface)
{
	pen_reset(&painter->pen, surface->width, surface->height);
	pen_cursor(&painter->pen, false);
	surface_resize(painter->shown, surface->width, surface->height);
	painter->dirty = mem_resize(painter->dirty, (size_t)surface->width, 1);
	painter->known = true;
}

void painter_paint(struct painter *painter, const struct surface *surface, struct str *out)
{
	bool any = false;

	painter->pen.out = out;
	painter->same_clusters = have_same_clusters(surface, painter->shown);
	if (!painter->known || painter->shown->width != surface->width ||
		painter->shown->height != surface->height)
		begin_anew(painter, surface);
	else
		any = painter_scroll(painter, surface);
	for (int y = 0; y < surface->height; y++) {
		if (!mark_row(painter, surface, y))
			continue;
		paint_row(painter, surface, y);
		any = true;
	}
	paint_cursor(painter, surface);
	if (any)
		grid_copy(painter->shown, surface);
	painter->pen.out = NULL;
}
