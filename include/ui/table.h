/* A list with columns and a cursor: where it stands, what is visible, what is marked, and how it is
 * drawn.
 *
 * Rows are counted by absolute numbers that never change while a row lives: first .. first + n - 1.
 * A list that is cut in front only raises `first`. The table knows nothing of what rows hold: the
 * view draws cells and names rows through callbacks. */
#ifndef UI_TABLE_H
#define UI_TABLE_H

#include "base/str.h"
#include "model/match.h"
#include "ui/action.h"
#include "ui/canvas.h"
#include "ui/columns.h"
#include "ui/tags.h"

struct table {
	int64_t first;
	size_t n;
	int64_t cursor, top;
	int height; /* rows visible */
	int moved; /* lines that the rows went up since the last layout, for the painter */
	bool at_end; /* keep the cursor on the last row as rows come */
	struct columns columns;
	size_t skip; /* columns moved out of sight behind the first */
	struct tags tags;
	bool ranging; /* V was pressed: from anchor to the cursor */
	int64_t anchor;
};

/* What a view says of its rows. */
struct table_rows {
	const struct table_column *columns;
	size_t n_columns;
	/* Draws one cell into its canvas, which is one row high. */
	void (*cell)(const void *ctx, int64_t row, size_t column, const struct canvas *canvas);
	/* The identity by which a row is marked; NULL where nothing can be. */
	struct slice (*id)(const void *ctx, int64_t row);
	/* Adds all that a search may find in a row; NULL where nothing is searched. */
	void (*text)(const void *ctx, int64_t row, struct str *out);
	const void *ctx;
};

void table_done(struct table *table);

/* To be called once a frame, before drawing: fits cursor and top to the rows and the height. */
void table_layout(struct table *table, int64_t first, size_t n, int height);

/* True when it was a movement, or a marking where rows may be NULL for none. */
bool table_act(struct table *table, const struct table_rows *rows, enum action action);

/* The header takes one line, the rows the rest. */
void table_draw(
	const struct table *table, const struct canvas *canvas, const struct table_rows *rows);

/* To the next row (or the one before) that matches; it goes on at the other end. 1 when it was found,
 * 0 when there is none, -E2BIG when the pattern was too slow for a row. */
int table_search(
	struct table *table, const struct table_rows *rows, struct match *match, bool forward);

/* " · 3 tagged" when any is. */
void table_status(const struct table *table, struct str *out);

#endif
