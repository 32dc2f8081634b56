/* Finds rows that moved since the last frame, and lets the terminal move them.
 * Leaves to paint.c what still differs afterwards: a wrong guess costs bytes, never truth.
 * Called by painter_paint(). */
#include "base/mem.h"
#include "painter.h"
#include <stdlib.h>
#include <string.h>

/* Scrolling takes about as many bytes as so many cells. */
#define WORTH 24

struct search {
	const struct painter *painter;
	const struct surface *surface;
	int *changed; /* by row: cells that differ as it is */
};

struct found {
	int top, bottom, lines, gain;
};

static int row_difference(const struct search *search, int now_y, int was_y)
{
	const struct cell *now = grid_row(search->surface, now_y);
	const struct cell *was = grid_row(search->painter->shown, was_y);
	int n = 0;

	if (painter_same_row(search->painter, search->surface, now, was))
		return 0;
	for (int x = 0; x < search->surface->width; x++)
		n += !painter_same(search->painter, search->surface, &now[x], &was[x]);
	return n;
}

static int blank_difference(const struct search *search, int y)
{
	const struct cell *row = grid_row(search->surface, y);
	int n = 0;

	for (int x = 0; x < search->surface->width; x++)
		n += row[x].glyph != ' ' || row[x].style.bg || row[x].style.attrs;
	return n;
}

/* The run of rows that gains most when all move by so many lines. */
static struct found try_lines(const struct search *search, int lines)
{
	int height = search->surface->height;
	struct found best = {.lines = lines}, run = {.lines = lines};
	int from, to;

	for (int y = 0; y < height; y++) {
		if (y + lines < 0 || y + lines >= height)
			continue;
		if (run.gain <= 0)
			run = (struct found){y, y, lines, 0};
		run.gain += search->changed[y] - row_difference(search, y, y + lines);
		run.bottom = y;
		if (run.gain > best.gain)
			best = run;
	}
	if (best.gain == 0)
		return best;
	from = lines > 0 ? best.bottom + 1 : best.top + lines;
	to = lines > 0 ? best.bottom + lines : best.top - 1;
	for (int y = from; y <= to; y++)
		best.gain += search->changed[y] - blank_difference(search, y);
	best.top = from < best.top ? from : best.top;
	best.bottom = to > best.bottom ? to : best.bottom;
	return best;
}

static uint64_t row_hash(const struct surface *surface, int y)
{
	const struct cell *row = grid_row(surface, y);
	uint64_t hash = 0;
	bool blank = true;

	for (int x = 0; x < surface->width; x++) {
		uint64_t colours = (uint64_t)row[x].style.fg << 32 | row[x].style.bg;
		uint64_t rest = (uint64_t)row[x].glyph << 32 | row[x].style.attrs;

		blank = blank && row[x].glyph == ' ';
		hash = (hash ^ colours) * UINT64_C(0x9e3779b97f4a7c15);
		hash = (hash ^ hash >> 32 ^ rest) * UINT64_C(0xbf58476d1ce4e5b9);
	}
	return blank ? 0 : hash | 1;
}

/* The distance by which most changed rows are found elsewhere: for a frame that was left out, or
 * a view that gave no hint. 0 when there is none. Rows of different surfaces can be told by their
 * hashes only while their clusters have the same numbers. */
static int vote(const struct search *search)
{
	int height = search->surface->height, best = 0;
	CLEANUP(mem_freep)
	uint64_t *was = NEW_ARRAY(uint64_t, (size_t)height);
	CLEANUP(mem_freep)
	int *votes = NEW_ARRAY(int, 2 * (size_t)height);

	for (int y = 0; y < height; y++)
		was[y] = row_hash(search->painter->shown, y);
	for (int y = 0; y < height; y++) {
		uint64_t hash = search->changed[y] ? row_hash(search->surface, y) : 0;

		for (int from = 0; hash && from < height; from++)
			votes[height + from - y] += was[from] == hash;
	}
	for (int lines = 1; lines < height; lines++) {
		best = votes[height + lines] > votes[height + best] ? lines : best;
		best = votes[height - lines] > votes[height + best] ? -lines : best;
	}
	return votes[height + best] > 1 ? best : 0;
}

static void try_better(const struct search *search, int lines, struct found *best)
{
	struct found found;

	if (lines == 0 || abs(lines) >= search->surface->height)
		return;
	found = try_lines(search, lines);
	if (found.gain > best->gain)
		*best = found;
}

static struct found search_best(const struct search *search, int total)
{
	const struct surface *surface = search->surface;
	struct found best = {0};

	for (int i = 0; i < surface->n_moves; i++)
		try_better(search, surface->moves[i].lines, &best);
	if (best.gain < total / 2 && search->painter->same_clusters)
		try_better(search, vote(search), &best);
	return best;
}

static void blank_row(struct surface *surface, int y)
{
	struct cell *row = grid_row(surface, y);

	for (int x = 0; x < surface->width; x++)
		row[x] = (struct cell){.glyph = ' '};
}

static void shift(struct surface *surface, const struct found *found)
{
	int n = abs(found->lines);
	size_t kept = (size_t)(found->bottom - found->top + 1 - n);
	int from = found->lines > 0 ? found->top + n : found->top;
	int to = found->lines > 0 ? found->top : found->top + n;

	memmove(grid_row(surface, to), grid_row(surface, from),
		kept * (size_t)surface->width * sizeof(struct cell));
	for (int i = 0; i < n; i++)
		blank_row(surface, found->lines > 0 ? found->bottom - i : found->top + i);
}

bool painter_scroll(struct painter *painter, const struct surface *surface)
{
	struct search search = {painter, surface, NULL};
	CLEANUP(mem_freep)
	int *changed = NEW_ARRAY(int, (size_t)surface->height);
	struct found found;
	int total = 0;

	search.changed = changed;
	for (int y = 0; y < surface->height; y++) {
		changed[y] = row_difference(&search, y, y);
		total += changed[y];
	}
	if (!painter->pen.can.csr || total <= WORTH)
		return false;
	found = search_best(&search, total);
	if (found.gain <= WORTH || found.bottom - found.top < 1)
		return false;
	pen_scroll(&painter->pen, found.top, found.bottom, found.lines);
	shift(painter->shown, &found);
	return true;
}
