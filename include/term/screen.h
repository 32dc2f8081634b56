/* The terminal: modes, size, what it can do, and the painting of surfaces.
 *
 * Painting compares with what the terminal shows, writes the shortest way there, and never waits: as
 * long as the terminal has not taken the last frame, screen_paint() keeps nothing and says so, and
 * the newest surface is painted when it has. Whatever was changed (modes, alternate screen, cursor,
 * paste, mouse) is undone by screen_close(), screen_suspend() and, from a signal handler,
 * screen_restore(). */
#ifndef TERM_SCREEN_H
#define TERM_SCREEN_H

#include "base/err.h"
#include "base/slice.h"
#include "base/str.h"
#include "term/surface.h"

struct screen;

enum lines_kind {
	LINES_UTF8,
	LINES_ACS,
	LINES_ASCII,
};

/* What the terminal can do, found from TERM, terminfo, locale, NO_COLOR and COLORTERM. */
struct screen_caps {
	int colours; /* 0, 8, 16, 256 or 1 << 24 */
	enum lines_kind lines;
	bool utf8;
	char term[64];
	char warning[160]; /* "" or what was fallen back to */
};

struct screen_options {
	int in_fd, out_fd;
	const char *term; /* NULL: $TERM */
	const char *no_color; /* NULL: $NO_COLOR */
	int colours; /* -1: found out */
	int lines; /* enum lines_kind, -1: found out */
	bool mouse;
};

/* -ENOTTY without a terminal; -ENOTSUP for dumb or unset, with what to do instead. */
int screen_open(const struct screen_options *options, struct screen **ret, struct err *err);
void screen_close(struct screen *screen); /* restores the terminal; NULL is fine */
void screen_closep(struct screen **screen);
const struct screen_caps *screen_caps(const struct screen *screen);
void screen_size(const struct screen *screen, int *ret_width, int *ret_height); /* asks the tty */

/* 1 when the frame was given to the terminal whole, 0 when the rest is still to be taken (wait for
 * writability, then screen_flush()), -EIO when the terminal is gone. */
int screen_paint(struct screen *screen, const struct surface *surface);
int screen_flush(struct screen *screen);
bool screen_busy(const struct screen *screen);

/* Everything is painted anew by the next frame: C-l, after a foreign program, and at each SIGWINCH,
 * because a size that changed and changed back leaves nothing of what was shown. */
void screen_forget(struct screen *screen);
void screen_suspend(struct screen *screen); /* gives the terminal back: $EDITOR, C-z */
int screen_resume(struct screen *screen);
void screen_restore(struct screen *screen); /* async-signal-safe */

/* Titles carry the environment and nothing of the data. OSC 52, capped. */
void screen_title(struct screen *screen, struct slice title);
int screen_clipboard(struct screen *screen, struct slice text, struct err *err);
void screen_bell(struct screen *screen);

/* Bytes ever written, for tests and diagnostics. */
unsigned long long screen_bytes(const struct screen *screen);

/* The surface as text, one line per row without trailing blanks: --frame, golden screens. With
 * styles, each row is followed by a line that names the style of each run. */
void surface_dump(const struct surface *surface, bool styles, struct str *out);

#endif
