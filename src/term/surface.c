/* A grid of cells with styles: text is clipped, made inert and laid out here.
 * Leaves to others what a terminal makes of it (paint.c) and what is drawn (ui).
 * Called by every widget, and by the painter that compares two of them. */
#include "term/surface.h"
#include "base/mem.h"
#include "grid.h"
#include <stdlib.h>
#include <string.h>

static const struct style plain;

/* What surface_at() points into for ASCII. */
static const char ascii[] = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

static int clamp(int value, int min, int max)
{
	return value < min ? min : value > max ? max : value;
}

static void set_size(struct surface *surface, int width, int height)
{
	surface->width = clamp(width, 1, GRID_MAX);
	surface->height = clamp(height, 1, GRID_MAX);
	surface->cells = mem_resize(surface->cells,
		(size_t)surface->width * (size_t)surface->height, sizeof(struct cell));
}

struct surface *surface_new(int width, int height)
{
	struct surface *surface = NEW(struct surface);

	surface_resize(surface, width, height);
	return surface;
}

void surface_free(struct surface *surface)
{
	if (!surface)
		return;
	free(surface->cells);
	free(surface->clusters);
	free(surface->slots);
	free(surface);
}

void surface_freep(struct surface **surface)
{
	surface_free(*surface);
	*surface = NULL;
}

void surface_resize(struct surface *surface, int width, int height)
{
	set_size(surface, width, height);
	surface_clear(surface, plain);
	surface->n_clusters = 0;
	if (surface->slots)
		memset(surface->slots, 0, 2 * surface->max_clusters * sizeof(uint32_t));
}

int surface_width(const struct surface *surface)
{
	return surface->width;
}

int surface_height(const struct surface *surface)
{
	return surface->height;
}

void surface_clear(struct surface *surface, struct style style)
{
	surface_fill(surface, 0, 0, surface->width, surface->height, style);
	surface->n_moves = 0;
	surface->cursor_x = -1;
	surface->cursor_y = -1;
	surface->cursor_visible = false;
}

/* Where the bytes are, or the free slot where they belong. */
static uint32_t *cluster_slot(const struct surface *surface, const char *bytes, size_t len)
{
	uint32_t mask = 2 * surface->max_clusters - 1;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
	for (uint32_t at = (hash ^ hash >> 15) & mask;; at = (at + 1) & mask) {
		uint32_t *slot = &surface->slots[at];
		const struct cluster *cluster = &surface->clusters[*slot - 1];

		if (*slot == 0 || (cluster->len == len && !memcmp(cluster->bytes, bytes, len)))
			return slot;
	}
}

static void rehash(struct surface *surface)
{
	memset(surface->slots, 0, 2 * surface->max_clusters * sizeof(uint32_t));
	for (uint32_t i = 0; i < surface->n_clusters; i++) {
		const struct cluster *cluster = &surface->clusters[i];

		*cluster_slot(surface, cluster->bytes, cluster->len) = i + 1;
	}
}

/* Forgets the clusters that no cell names any more: what remains of texts drawn over. */
static void collect(struct surface *surface)
{
	CLEANUP(mem_freep)
	uint32_t *renamed = NEW_ARRAY(uint32_t, surface->n_clusters);
	size_t n = (size_t)surface->width * (size_t)surface->height;
	uint32_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (surface->cells[i].glyph & CLUSTER)
			renamed[surface->cells[i].glyph & ~CLUSTER] = 1;
	for (uint32_t i = 0; i < surface->n_clusters; i++) {
		if (!renamed[i])
			continue;
		surface->clusters[kept] = surface->clusters[i];
		renamed[i] = kept++;
	}
	for (size_t i = 0; i < n; i++)
		if (surface->cells[i].glyph & CLUSTER)
			surface->cells[i].glyph =
				CLUSTER | renamed[surface->cells[i].glyph & ~CLUSTER];
	surface->n_clusters = kept;
}

/* Collecting leaves at most one per cell, so the table stays in proportion to the grid. */
static void make_room(struct surface *surface)
{
	if (surface->n_clusters < surface->max_clusters)
		return;
	if (surface->n_clusters)
		collect(surface);
	if (surface->n_clusters >= surface->max_clusters / 2) {
		uint32_t max = surface->max_clusters ? surface->max_clusters * 2 : 64;

		surface->clusters = mem_resize(surface->clusters, max, sizeof(struct cluster));
		surface->slots = mem_resize(surface->slots, 2 * (size_t)max, sizeof(uint32_t));
		surface->max_clusters = max;
	}
	rehash(surface);
}

static uint32_t intern(struct surface *surface, const struct glyph *glyph)
{
	uint32_t *slot;

	if (glyph->len == 1)
		return (unsigned char)glyph->bytes[0];
	make_room(surface);
	slot = cluster_slot(surface, glyph->bytes, glyph->len);
	if (!*slot) {
		struct cluster *cluster = &surface->clusters[surface->n_clusters];

		*cluster = (struct cluster){0}; /* tables are compared as bytes */
		memcpy(cluster->bytes, glyph->bytes, glyph->len);
		cluster->len = glyph->len;
		cluster->width = glyph->width;
		*slot = ++surface->n_clusters;
	}
	return CLUSTER | (*slot - 1);
}

/* Before cells from..to-1 of a row are overwritten: what hangs over their edges becomes blank. */
static void cut_edges(struct surface *surface, int y, int from, int to)
{
	struct cell *row = grid_row(surface, y);

	if (row[from].glyph == 0)
		row[from - 1].glyph = ' ';
	if (to < surface->width && row[to].glyph == 0)
		row[to].glyph = ' ';
}

static void put(
	struct surface *surface, int x, int y, const struct glyph *glyph, struct style style)
{
	struct cell *row = grid_row(surface, y);
	int end = x + glyph->width;

	if (x < 0) { /* the left half is outside */
		if (end <= 0)
			return;
		cut_edges(surface, y, 0, 1);
		row[0] = (struct cell){style, ' '};
		return;
	}
	cut_edges(surface, y, x, end);
	row[x] = (struct cell){style, intern(surface, glyph)};
	if (glyph->width == 2)
		row[x + 1] = (struct cell){style, 0};
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f;
}

/* Takes ASCII off *text, up to what may carry a combining mark. Nearly all text is that. */
static int put_ascii(
	struct surface *surface, int x, int y, int max, struct slice *text, struct style style)
{
	struct cell *row = grid_row(surface, y);
	int n = 0;

	while (n < max && (size_t)n < text->len && is_plain(text->at[n]))
		n++;
	if (n > 0 && (size_t)n < text->len && !is_plain(text->at[n]))
		n--;
	if (n <= 0 || x < 0)
		return 0;
	cut_edges(surface, y, x, x + n);
	for (int i = 0; i < n; i++)
		row[x + i] = (struct cell){style, (unsigned char)text->at[i]};
	*text = slice_from(*text, (size_t)n);
	return n;
}

int surface_text(
	struct surface *surface, int x, int y, int max_cells, struct slice text, struct style style)
{
	bool inside = y >= 0 && y < surface->height;
	long long room = (long long)surface->width - x;
	int max = max_cells < room ? max_cells : (int)room;
	struct glyph glyph;
	int used = 0;

	while (used < max) {
		if (inside)
			used += put_ascii(surface, x + used, y, max - used, &text, style);
		if (used == max || !text_next(&text, &glyph) || glyph.width > max - used)
			break;
		if (inside)
			put(surface, x + used, y, &glyph, style);
		used += glyph.width;
	}
	return used;
}

/* The part of the rectangle that lies inside; false when there is none. */
static bool clip(const struct surface *surface, int *x, int *y, int *width, int *height)
{
	long long right = (long long)*x + *width, bottom = (long long)*y + *height;

	*x = *x < 0 ? 0 : *x;
	*y = *y < 0 ? 0 : *y;
	if (right > surface->width)
		right = surface->width;
	if (bottom > surface->height)
		bottom = surface->height;
	*width = right > *x ? (int)(right - *x) : 0;
	*height = bottom > *y ? (int)(bottom - *y) : 0;
	return *width > 0 && *height > 0;
}

void surface_fill(struct surface *surface, int x, int y, int width, int height, struct style style)
{
	if (!clip(surface, &x, &y, &width, &height))
		return;
	for (int row = y; row < y + height; row++) {
		struct cell *cells = grid_row(surface, row);

		if (width < surface->width)
			cut_edges(surface, row, x, x + width);
		for (int i = x; i < x + width; i++)
			cells[i] = (struct cell){style, ' '};
	}
}

void surface_restyle(
	struct surface *surface, int x, int y, int width, int height, struct style style)
{
	if (!clip(surface, &x, &y, &width, &height))
		return;
	for (int row = y; row < y + height; row++) {
		struct cell *cells = grid_row(surface, row);
		int end = x + width;

		/* A glyph has one style: its left half decides. */
		if (end < surface->width && cells[end].glyph == 0)
			end++;
		for (int i = cells[x].glyph ? x : x + 1; i < end; i++)
			cells[i].style = style;
	}
}

void surface_moved(struct surface *surface, int top, int height, int lines)
{
	int x = 0, width = 1;

	if (lines == 0 || surface->n_moves == GRID_MOVES ||
		!clip(surface, &x, &top, &width, &height))
		return;
	surface->moves[surface->n_moves++] = (struct move){top, height, lines};
}

int surface_cursor_row(const struct surface *surface)
{
	return surface->cursor_y;
}

void surface_cursor(struct surface *surface, int x, int y, bool visible)
{
	bool inside = x >= 0 && y >= 0;

	surface->cursor_x = inside ? clamp(x, 0, surface->width - 1) : -1;
	surface->cursor_y = inside ? clamp(y, 0, surface->height - 1) : -1;
	surface->cursor_visible = inside && visible;
}

struct slice grid_bytes(const struct surface *surface, const uint32_t *glyph)
{
	if (*glyph & CLUSTER) {
		const struct cluster *cluster = &surface->clusters[*glyph & ~CLUSTER];

		return (struct slice){cluster->bytes, cluster->len};
	}
	return *glyph ? (struct slice){&ascii[*glyph - ' '], 1} : SLICE_NONE;
}

struct slice surface_at(const struct surface *surface, int x, int y, struct style *ret_style)
{
	const struct cell *cell;

	if (x < 0 || y < 0 || x >= surface->width || y >= surface->height) {
		*ret_style = plain;
		return SLICE_NONE;
	}
	cell = &grid_row(surface, y)[x];
	*ret_style = cell->style;
	return grid_bytes(surface, &cell->glyph);
}

void grid_copy(struct surface *to, const struct surface *from)
{
	size_t n = (size_t)from->width * (size_t)from->height;

	if (to->width != from->width || to->height != from->height)
		set_size(to, from->width, from->height);
	memcpy(to->cells, from->cells, n * sizeof(struct cell));
	if (to->max_clusters < from->max_clusters) {
		to->max_clusters = from->max_clusters;
		to->clusters = mem_resize(to->clusters, to->max_clusters, sizeof(struct cluster));
		free(to->slots); /* nothing is drawn on a copy */
		to->slots = NULL;
	}
	if (from->n_clusters)
		memcpy(to->clusters, from->clusters, from->n_clusters * sizeof(struct cluster));
	to->n_clusters = from->n_clusters;
	to->cursor_x = from->cursor_x;
	to->cursor_y = from->cursor_y;
	to->cursor_visible = from->cursor_visible;
}
