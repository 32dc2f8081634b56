/* A grid of cells: what is drawn on, before any terminal is involved.
 *
 * Text enters through surface_text() only and is made inert there (base/text.h), so that a surface
 * can be painted without a thought about what is in it. A wide glyph takes two cells, of which the
 * second is empty; whatever overwrites one half blanks the other. Drawing outside is clipped. */
#ifndef TERM_SURFACE_H
#define TERM_SURFACE_H

#include "base/slice.h"
#include <stdint.h>

/* A colour: the terminal's default, one of the 16, one of the 256, or RGB. */
enum {
	COLOUR_DEFAULT = 0,
	COLOUR_16 = 1 << 24, /* | 0..15 */
	COLOUR_256 = 2 << 24, /* | 0..255 */
	COLOUR_RGB = 3 << 24, /* | 0xRRGGBB */
};

enum {
	ATTR_BOLD = 1,
	ATTR_DIM = 2,
	ATTR_ITALIC = 4,
	ATTR_UNDERLINE = 8,
	ATTR_REVERSE = 16,
};

struct style {
	uint32_t fg, bg;
	uint32_t attrs;
};

struct cell {
	struct style style;
	uint32_t glyph; /* a code point, or an index into the surface's clusters; 0: right half */
};

struct surface;

struct surface *surface_new(int width, int height);
void surface_free(struct surface *surface);
void surface_freep(struct surface **surface);
void surface_resize(struct surface *surface, int width, int height); /* blank afterwards */
int surface_width(const struct surface *surface);
int surface_height(const struct surface *surface);
void surface_clear(struct surface *surface, struct style style);

/* Returns the cells used, at most max_cells. A glyph that does not fit is left out. */
int surface_text(struct surface *surface, int x, int y, int max_cells, struct slice text,
	struct style style);
void surface_fill(struct surface *surface, int x, int y, int width, int height, struct style style);

/* Changes only the style of what is there. */
void surface_restyle(
	struct surface *surface, int x, int y, int width, int height, struct style style);

/* Says that the rows top..top+height-1 were moved up by `lines` (down if negative) since the last
 * frame, so that the painter may scroll instead of repaint. A hint: painting is right without it. */
void surface_moved(struct surface *surface, int top, int height, int lines);

/* Where the hardware cursor is parked; hidden when x < 0. */
void surface_cursor(struct surface *surface, int x, int y, bool visible);

/* The row that it is parked on; -1 when there is none. */
int surface_cursor_row(const struct surface *surface);

/* What stands in a cell: its bytes (empty for a right half) and style. */
struct slice surface_at(const struct surface *surface, int x, int y, struct style *ret_style);

#endif
