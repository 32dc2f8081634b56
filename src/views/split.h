/* A list, and below it, parted by a line that says what it is, something on the row under the cursor. Where
 * there is no room for both, the one that is read has it all. */
#ifndef VIEWS_SPLIT_H
#define VIEWS_SPLIT_H

#include "sheet.h"

struct split {
	int from; /* rows: where there are fewer there is no room for both */
	int part; /* the list takes at most this part of them: a half, a third */
	bool below; /* that half is read */

	/* Its own, as it was laid out last. */
	int height, list;
};

/* Lays out the list; the rows left for what is below. */
int split_layout(struct split *split, struct sheet *sheet, int height);

/* The line between, when both are shown. ROLE_TAB: it looks active while what is below is read. */
void split_line(
	const struct split *split, const struct canvas *canvas, enum role role, struct slice words);

struct canvas split_above(const struct split *split, const struct canvas *canvas);
struct canvas split_below(const struct split *split, const struct canvas *canvas);

#endif
