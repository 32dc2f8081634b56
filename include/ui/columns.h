/* Which columns of a list are shown, in which order, how wide: a person's choice over what a view
 * offers. Written as one line: "interface:22 state dead owner"; a width is optional. The first
 * column that a view offers always stays first: it says what a row is. */
#ifndef UI_COLUMNS_H
#define UI_COLUMNS_H

#include "base/err.h"
#include "base/str.h"

#define COLUMNS_MAX 32

/* What a view offers. */
struct table_column {
	const char *title;
	int min, max; /* cells; what is left over goes to those that can grow, from the left */
	int from_width; /* shown when the table is at least so wide; 0: always */
	bool right;
	const char *name; /* as chosen by; NULL: the title */
};

struct columns {
	size_t n; /* 0: as the view offers them */
	struct {
		size_t column; /* of those offered */
		int width; /* 0: as offered */
	} at[COLUMNS_MAX];
};

/* Nothing is changed when a name is not known or stands twice. An empty text: as offered. */
int columns_parse(struct columns *columns, const struct table_column *offered, size_t n_offered,
	struct slice text, struct err *err);
void columns_print(const struct columns *columns, const struct table_column *offered,
	size_t n_offered, struct str *out);

/* For a table of that width: the columns to draw, from the left, and their widths. skip leaves out so
 * many behind the first. Returns how many. */
size_t columns_measure(const struct columns *columns, const struct table_column *offered,
	size_t n_offered, int width, size_t skip, size_t *ret_columns, int *ret_widths);

#endif
