/* The writing end of the painter: where the cursor is and how it writes there, told in the fewest
 * bytes. Knows nothing of surfaces. */
#ifndef TERM_PEN_H
#define TERM_PEN_H

#include "base/str.h"
#include "term/screen.h"
#include "term/surface.h"
#include "term/terminfo.h"

struct pen {
	struct str *out;
	struct terminfo can;
	int colours;
	int width, height;
	int x, y; /* -1: not known */
	struct style style; /* as the terminal has it, reduced */
	bool line_drawing; /* its character set is on */
	int top, bottom; /* the scroll region */
	int cursor; /* 1 shown, 0 hidden, -1 not known */
};

/* The style as this terminal can show it. */
struct style pen_reduce(const struct pen *pen, struct style style);

/* Puts the terminal into a known state, blank. */
void pen_reset(struct pen *pen, int width, int height);

void pen_goto(struct pen *pen, int x, int y);
void pen_style(struct pen *pen, struct style reduced);

/* Whether blanks of that style look the same written in the present one: only the background is
 * seen of them. */
bool pen_blank_is_same(const struct pen *pen, struct style reduced);
void pen_line_drawing(struct pen *pen, bool on);
void pen_cursor(struct pen *pen, bool visible);

/* The rows top..bottom move up by so many lines (down if negative); what comes in is blank. */
void pen_scroll(struct pen *pen, int top, int bottom, int lines);

#endif
