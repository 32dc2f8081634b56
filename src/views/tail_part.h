/* The tail in its parts: what is asked for (tail_feed.c), how it looks (tail_draw.c), and what can be done
 * (tail.c). */
#ifndef VIEWS_TAIL_PART_H
#define VIEWS_TAIL_PART_H

#include "ui/batches.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "ui/view.h"

#define TAIL_HELD_MAX 100000

struct tail_fields {
	size_t era, xid, seq, at, interface, kind, state, correlation, business_key, facility,
		partner, attempt, class, text, message, event;
};

struct tail {
	struct view view;
	struct table table;
	struct batches log;
	struct tail_fields at;
	struct str era, xid, seq; /* the place: after the last row that was got */
	bool has_place, shown, cancelled;
	int64_t delay_us, asked_us; /* from one question to the next; when the last was put */
	int64_t paused_at; /* number of the next row when it was paused, for "+412 new" */
	struct err err;
	uint64_t ticket;
	struct timer *timer;
	struct panel horizon; /* who holds the feed back, if anybody does */
};

/* Asks for what follows the place; nothing while an answer is awaited. */
void tail_ask(struct tail *me);

/* Paused, and so much is held that no more is asked for. */
bool tail_full(const struct tail *me);

struct table_rows tail_rows(const struct tail *me);

/* Lines that the detail takes of so many, below the list. */
int tail_detail_height(const struct tail *me, int height);
void tail_draw(const struct view *view, const struct canvas *canvas);
void tail_status(const struct view *view, struct str *out);

#endif
