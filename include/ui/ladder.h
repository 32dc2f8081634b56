/* The ladder: what went between systems, in order. Systems are columns, hops are arrows with the time
 * since the hop before; where there is no room for columns it is an indented list with bars of time.
 *
 * Drawn from plain values that stay the caller's. The cursor stands on a hop. */
#ifndef UI_LADDER_H
#define UI_LADDER_H

#include "base/str.h"
#include "ui/action.h"
#include "ui/canvas.h"

#define LADDER_WIDE 100 /* columns from so many cells */
#define LADDER_NO_TIME INT64_MIN

enum hop_kind {
	HOP_SEND,
	HOP_ACK, /* an answer to a hop before */
	HOP_STEP, /* within one system: from == to */
	HOP_COMPENSATION, /* takes back what a hop before did */
};

struct ladder_hop {
	enum hop_kind kind;
	size_t from, to; /* numbers of systems; one that is too large is drawn as unknown */
	struct slice state; /* a state's word: "done", "dead" */
	struct slice label; /* "create PO" */
	struct slice note; /* what came of it: "P00317", "422 mapping" */
	int64_t at_us; /* wall clock, or LADDER_NO_TIME */
	int64_t took_us; /* negative: not known */
	int attempt; /* said from the second on */
	int depth; /* in the list: how far below the hop that caused it */
};

struct ladder {
	const struct slice *systems;
	size_t n_systems;
	const struct ladder_hop *hops; /* oldest first */
	size_t n_hops;
	size_t cursor;

	/* Its own. */
	size_t top, first_system;
	int width, height;
};

/* Once a frame, before drawing: fits the cursor, and what is in sight, to hops and size. */
void ladder_layout(struct ladder *ladder, int width, int height);
bool ladder_act(struct ladder *ladder, enum action action); /* true when it was a movement */
void ladder_draw(const struct ladder *ladder, const struct canvas *canvas);
void ladder_status(const struct ladder *ladder, struct str *out);

/* Lines that it needs to show all hops at a width: for whoever divides a screen. */
int ladder_lines(const struct ladder *ladder, int width);

#endif
