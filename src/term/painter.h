/* What paint.c and scroll.c share. */
#ifndef TERM_PAINTER_H
#define TERM_PAINTER_H

#include "grid.h"
#include "lines.h"
#include "pen.h"

/* Styles that were brought down lately, each in the place that its hash gives. */
#define MEMO_SIZE 16

struct style_memo {
	struct style style, reduced;
};

struct painter {
	struct screen_caps caps;
	struct pen pen;
	struct surface *shown; /* what the terminal shows */
	bool known; /* and whether that holds */
	bool same_clusters; /* numbers of clusters mean the same in the frame and in `shown` */
	uint8_t *marks, *dirty; /* cells to write: of the whole frame, and of the row in hand */
	int *next; /* by row: the next column to write */
	struct str other; /* the frame written in another order, to take the shorter */
	struct style_memo *memo; /* MEMO_SIZE of them */
};

/* The style in which a cell appears: brought down, and without what a blank does not show. */
struct style painter_style(const struct painter *painter, const struct cell *cell);

/* Whether the surface's cell looks as that of painter->shown. */
bool painter_same(const struct painter *painter, const struct surface *surface,
	const struct cell *cell, const struct cell *shown);

/* Whether whole rows are the same, told fast; false says nothing. */
bool painter_same_row(const struct painter *painter, const struct surface *surface,
	const struct cell *row, const struct cell *shown);

/* How a cell comes out on this terminal, and how many cells it is meant to take. */
struct drawn painter_drawn(
	const struct painter *painter, const struct surface *surface, const struct cell *cell);
int painter_extent(const struct cell *row, int x, int width);

/* How many cells a terminal may touch that lays out the glyph in another way: as wide, or code
 * point by code point. */
int painter_reach(const struct painter *painter, const struct surface *surface,
	const struct cell *row, int x);

/* Marks what is to be written, and where each row begins with it; returns in how many rows. */
int painter_mark(struct painter *painter, const struct surface *surface);
void painter_row(struct painter *painter, int y); /* takes a row in hand */
int painter_next(const struct painter *painter, const struct surface *surface, int x);

/* Scrolls where the frame is the last one moved; true when it did, and `shown` follows. */
bool painter_scroll(struct painter *painter, const struct surface *surface);

#endif
