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

/* From so many rows and bytes on it is worth a try to write the frame style by style. */
#define STYLES_ROWS 3
#define STYLES_BYTES 100
#define OTHER_MAX (4 << 20)

struct painter *painter_new(const struct terminfo *can, const struct screen_caps *caps)
{
	struct painter *painter = NEW(struct painter);

	painter->caps = *caps;
	painter->pen.can = *can;
	painter->pen.colours = caps->colours;
	painter->shown = surface_new(1, 1);
	painter->memo = NEW_ARRAY(struct style_memo, MEMO_SIZE);
	painter->other = STR_INIT(OTHER_MAX);
	return painter;
}

void painter_free(struct painter *painter)
{
	if (!painter)
		return;
	surface_free(painter->shown);
	free(painter->marks);
	free(painter->next);
	str_done(&painter->other);
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

/* At the right edge a terminal that lays a cluster out code point by code point would go on in the
 * next row, whatever was asked of it. It gets the first one alone. */
static struct slice clipped_bytes(
	const struct painter *painter, const struct surface *surface, int x, int y)
{
	const struct cell *row = grid_row(surface, y);
	struct slice bytes = grid_bytes(surface, &row[x].glyph), rest = bytes;
	uint32_t cp;

	if (x + painter_reach(painter, surface, row, x) <= surface->width || !utf8_next(&rest, &cp))
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
	int cells = painter_extent(row, x, surface->width);

	if (row[x].glyph & CLUSTER)
		drawn = painter_drawn(painter, surface, &row[x]);
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

/* Writes what is to be written at x; returns where to go on. */
static int paint_at(struct painter *painter, const struct surface *surface, int x, int y)
{
	const struct cell *row = grid_row(surface, y);
	int settled = painter->dirty[x] ? try_erase(painter, surface, x, y) : 0;

	if (!settled && row[x].glyph)
		put_cell(painter, surface, x, y);
	return x + (settled ? settled : 1);
}

/* From x on, up to where another style begins; returns that place. */
static int paint_run(struct painter *painter, const struct surface *surface, int x, int y)
{
	const struct cell *row = grid_row(surface, y);

	do {
		int next;

		x = paint_at(painter, surface, x, y);
		next = painter_next(painter, surface, x);
		if (next == surface->width || !is_in_style(painter, &row[next]))
			return next;
		if (!bridge(painter, surface, x, y))
			x = next;
	} while (x < surface->width);
	return x;
}

/* The frame row by row. */
static void paint_rows(struct painter *painter, const struct surface *surface)
{
	for (int y = 0; y < surface->height; y++) {
		painter_row(painter, y);
		for (int x = painter->next[y]; x < surface->width;) {
			x = paint_at(painter, surface, x, y);
			if (!bridge(painter, surface, x, y))
				x = painter_next(painter, surface, x);
		}
	}
}

/* The frame style by style, all rows of one before the next: where rows are alike, moving down costs
 * less than changing colours in every one. Within a row it still goes from left to right. */
static void paint_styles(struct painter *painter, const struct surface *surface)
{
	bool more = true, in_any = false;

	while (more) {
		bool painted = false;

		more = false;
		for (int y = 0; y < surface->height; y++) {
			const struct cell *row = grid_row(surface, y);
			int x = painter->next[y];

			if (x < surface->width && (in_any || is_in_style(painter, &row[x]))) {
				painter_row(painter, y);
				x = painter->next[y] = paint_run(painter, surface, x, y);
				in_any = false;
				painted = true;
			}
			more |= x < surface->width;
		}
		in_any = !painted; /* nothing is left in this style: the next is the first row's */
	}
}

/* In the order that takes fewer bytes. */
static void paint_marked(struct painter *painter, const struct surface *surface, int n_rows)
{
	struct str *out = painter->pen.out;
	struct pen before = painter->pen, after;
	size_t start = out->len, len;

	paint_rows(painter, surface);
	len = out->len - start;
	if (n_rows < STYLES_ROWS || len < STYLES_BYTES)
		return;
	after = painter->pen;
	str_reset(&painter->other);
	painter->pen = before;
	painter->pen.out = &painter->other;
	paint_styles(painter, surface);
	painter->pen.out = out;
	if (painter->other.len < len && !painter->other.cut) {
		str_truncate(out, start);
		str_add(out, str_slice(&painter->other));
	} else {
		painter->pen = after;
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
	painter->marks =
		mem_resize(painter->marks, (size_t)surface->width * (size_t)surface->height, 1);
	painter->next = mem_resize(painter->next, (size_t)surface->height, sizeof(*painter->next));
	painter->known = true;
}

void painter_paint(struct painter *painter, const struct surface *surface, struct str *out)
{
	bool scrolled = false;
	int n_rows;

	painter->pen.out = out;
	painter->same_clusters = have_same_clusters(surface, painter->shown);
	if (!painter->known || painter->shown->width != surface->width ||
		painter->shown->height != surface->height)
		begin_anew(painter, surface);
	else
		scrolled = painter_scroll(painter, surface);
	n_rows = painter_mark(painter, surface);
	if (n_rows)
		paint_marked(painter, surface, n_rows);
	paint_cursor(painter, surface);
	if (n_rows || scrolled)
		grid_copy(painter->shown, surface);
	painter->pen.out = NULL;
}
