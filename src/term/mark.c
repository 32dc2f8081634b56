/* Finds the cells in which a frame differs from what the terminal shows.
 * Leaves to paint.c what is written there, and in which order.
 * Called by paint.c. */
#include "painter.h"
#include <string.h>

struct drawn painter_drawn(
	const struct painter *painter, const struct surface *surface, const struct cell *cell)
{
	return lines_drawn(
		grid_bytes(surface, &cell->glyph), painter->caps.utf8, painter->caps.lines);
}

int painter_extent(const struct cell *row, int x, int width)
{
	return x + 1 < width && row[x + 1].glyph == 0 ? 2 : 1;
}

int painter_reach(
	const struct painter *painter, const struct surface *surface, const struct cell *row, int x)
{
	int cells = painter_extent(row, x, surface->width), most = 0;
	struct slice rest = grid_bytes(surface, &row[x].glyph);
	uint32_t cp;

	if (!(row[x].glyph & CLUSTER) || painter_drawn(painter, surface, &row[x]).sure)
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
		end = now[x].glyph ? x + painter_reach(painter, surface, now, x) : x + 1;
		for (int i = x + 1; i < end && i < width; i++)
			painter->dirty[i] = 1;
	}
	return any;
}

void painter_row(struct painter *painter, int y)
{
	painter->dirty = painter->marks + (size_t)y * (size_t)painter->shown->width;
}

int painter_next(const struct painter *painter, const struct surface *surface, int x)
{
	while (x < surface->width && !painter->dirty[x])
		x++;
	return x;
}

/* Marks what is to be written; returns in how many rows. */
int painter_mark(struct painter *painter, const struct surface *surface)
{
	int n = 0;

	for (int y = 0; y < surface->height; y++) {
		bool differs;

		painter_row(painter, y);
		differs = mark_row(painter, surface, y);
		painter->next[y] = differs ? painter_next(painter, surface, 0) : surface->width;
		n += differs;
	}
	return n;
}
