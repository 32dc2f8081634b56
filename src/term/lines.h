/* How a glyph leaves for a terminal that has less than UTF-8. */
#ifndef TERM_LINES_H
#define TERM_LINES_H

#include "base/slice.h"
#include "term/screen.h"

struct drawn {
	struct slice bytes;
	char narrow; /* stands for the bytes when they cannot be shown, else 0 */
	bool line_drawing; /* narrow is of the line drawing set */
	bool sure; /* every terminal takes as many cells for it as we do */
};

struct drawn lines_drawn(struct slice glyph, bool utf8, enum lines_kind lines);

#endif
