/* What the parts of the wallboard share. */
#ifndef VIEWS_WALLBOARD_PART_H
#define VIEWS_WALLBOARD_PART_H

#include "ui/canvas.h"

#define DIGITS_DOTS 5 /* in height */
#define DIGITS_SCALES 4 /* from 1, which is narrow */

/* A number in digits of blocks, to be seen across a room; as text where there is no room, and for who hears
 * the screen. Returns the cells used. */
int digits_draw(const struct canvas *canvas, int x, int y, int scale, enum role role, int64_t n);
int digits_width(int64_t n, int scale);
int digits_height(int scale);

#endif
