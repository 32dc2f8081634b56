/* What stands around every view: banner, tabs, status, hints; and what of it is left where the
 * terminal is small. Drawn from plain values. */
#ifndef UI_FRAME_H
#define UI_FRAME_H

#include "ui/canvas.h"

#define FRAME_FULL_WIDTH 60
#define FRAME_FULL_HEIGHT 12
#define FRAME_WAITS 1000
#define FRAME_LIST_WIDTH 20
#define FRAME_LIST_HEIGHT 4

struct frame_tab {
	int number;
	const char *title;
	bool active;
	int64_t waits; /* how much waits there for who sits here, counted up to FRAME_WAITS */
};

/* Something that is counted wherever one is, and the key that leads there. */
struct frame_count {
	const char *key, *name;
	const char *count;
};

struct frame {
	struct slice environment; /* "PROD" */
	enum role environment_role;
	bool read_only;
	struct slice who; /* "ana.ruiz operator" */
	struct slice path; /* "Dead letters ▸ 7f3a…" */
	struct slice store;
	enum role store_role;
	struct slice clock;
	const struct frame_tab *tabs;
	size_t n_tabs;
	const struct frame_count *counts; /* right of the tabs, as far as there is room */
	size_t n_counts;
	struct slice status;
	struct slice message; /* instead of the hints, until the next key */
	enum role message_role;
	/* key, act, key, act ... */
	const struct slice *hints;
	size_t n_hints;
};

/* Where the view goes. */
struct canvas frame_inner(const struct canvas *screen);
void frame_draw(const struct frame *frame, const struct canvas *screen);

#endif
