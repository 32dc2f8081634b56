/* What surface.c and the painter share: the cells themselves.
 *
 * A glyph beyond ASCII is kept once per surface and named by CLUSTER | index. Two surfaces number
 * their clusters differently: compare with grid_bytes(), never by number. */
#ifndef TERM_GRID_H
#define TERM_GRID_H

#include "base/text.h"
#include "term/surface.h"
#include <stdbool.h>

#define GRID_MAX 4096 /* columns or rows */
#define GRID_MOVES 4
#define CLUSTER 0x80000000u

struct cluster {
	char bytes[TEXT_GLYPH_MAX];
	uint8_t len, width;
};

struct move {
	int top, height, lines;
};

struct surface {
	int width, height;
	struct cell *cells;
	struct cluster *clusters;
	uint32_t n_clusters, max_clusters;
	uint32_t *slots; /* hashed: index + 1 into clusters, 0 free; twice max_clusters of them */
	struct move moves[GRID_MOVES];
	int n_moves;
	int cursor_x, cursor_y;
	bool cursor_visible;
};

static inline struct cell *grid_row(const struct surface *surface, int y)
{
	return surface->cells + (size_t)y * (size_t)surface->width;
}

/* The bytes of a glyph of that surface; empty for a right half. */
struct slice grid_bytes(const struct surface *surface, const uint32_t *glyph);

/* Makes one surface the same as the other, clusters and all, but for the hints. */
void grid_copy(struct surface *to, const struct surface *from);

#endif
