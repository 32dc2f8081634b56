/* How hours or days went, line by line under one scale: darker, or higher, for more. Each line has
 * its name before it and its largest number behind it. */
#ifndef UI_HEAT_H
#define UI_HEAT_H

#include "ui/canvas.h"
#include <stddef.h>

struct heat_line {
	struct slice name;
	const int64_t *values; /* oldest first; heat.n_values of them */
};

struct heat {
	const struct heat_line *lines;
	size_t n_lines, n_values;
	const char *from, *to; /* of time, written below the ends */
	bool braille; /* two values a cell, as heights; shades where the terminal has no braille */
};

/* As many lines as there is room for, the last row for the ends of time. Where there is no room for
 * each value, several share a place and the largest of them is shown, so that no peak is lost. */
void heat_draw(const struct heat *heat, const struct canvas *canvas, enum role role);

#endif
