/* What the parts of the overview share. */
#ifndef VIEWS_OVERVIEW_PART_H
#define VIEWS_OVERVIEW_PART_H

#include "base/str.h"
#include "ui/panel.h"
#include "ui/table.h"

/* What is counted on top; each leads to its list. */
enum tile {
	TILE_BREACH,
	TILE_RISK,
	TILE_LATE,
	TILE_SILENT,
	TILE_DEAD,
	TILE_DOUBT,
	TILE_WAITING,
	TILE_QUEUE,
	TILES_N,
};

#define OVERVIEW_DOWN_MAX 3 /* systems that are told of; the rest is counted */

struct overview {
	struct view view;
	struct panel panel, systems, waits;
	struct table table;
	struct str cursor_id; /* the interface that the cursor stands on */

	/* Rows of the panel as they are shown: what a system takes along that is down is folded under it, or
	 * stands first. */
	size_t *lines;
	size_t n_lines;
	size_t n_taken; /* along with systems that are down */
	size_t n_loose; /* of n_taken, that are shown: the first so many lines */
	bool unfolded;
	enum tile tile; /* TILES_N: none is chosen */
};

/* overview_down.c: systems that are down, and what they take along. */
void overview_arrange(struct overview *overview); /* after each answer, and when it is folded */
int overview_down_height(const struct overview *overview, int height);
void overview_draw_down(const struct overview *overview, const struct canvas *canvas);

/* overview_draw.c */
#define OVERVIEW_TILES_HEIGHT 2
int overview_detail_height(const struct overview *overview, int height);
struct table_rows overview_rows(const struct overview *overview);
int64_t overview_tile(const struct overview *overview, enum tile tile);
const char *overview_tile_word(enum tile tile);
enum role overview_tile_role(enum tile tile);
void overview_draw(const struct view *view, const struct canvas *canvas);

#endif
