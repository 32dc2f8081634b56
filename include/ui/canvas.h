/* A rectangle to draw in: what views get of the screen. Coordinates count from its upper left corner;
 * what lies outside is clipped. Everything is drawn in a role, never in a colour. */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include "ui/theme.h"

struct canvas {
	struct surface *surface;
	const struct theme *theme;
	int colours;
	bool ascii;
	bool narrow; /* no UTF-8: beside ASCII only lines, blocks and what has a stand-in */
	bool plain; /* for a screen reader: no boxes, rules or shapes, words instead of glyphs;
		     * ascii is set as well */
	int x, y, width, height;
};

struct canvas canvas_of(
	struct surface *surface, const struct theme *theme, int colours, bool ascii);
struct canvas canvas_sub(const struct canvas *canvas, int x, int y, int width, int height);

/* Returns the cells used. canvas_text() ends in an ellipsis where the text is longer than max,
 * canvas_put() just ends. */
int canvas_put(
	const struct canvas *canvas, int x, int y, int max, enum role role, struct slice text);
int canvas_text(
	const struct canvas *canvas, int x, int y, int max, enum role role, struct slice text);
int canvas_right(
	const struct canvas *canvas, int x, int y, int width, enum role role, struct slice text);
int canvas_printf(const struct canvas *canvas, int x, int y, int max, enum role role,
	const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* The role's glyph, if it has one. */
int canvas_glyph(const struct canvas *canvas, int x, int y, enum role role);
void canvas_fill(const struct canvas *canvas, int y, enum role role); /* a whole row */
void canvas_line(const struct canvas *canvas, int y, enum role role); /* a rule across */

/* Adds the role's look to what is there. */
void canvas_add(const struct canvas *canvas, int x, int y, int width, enum role role);

#endif
