/* What the parts of the tail share. Private to the views. */
#ifndef VIEWS_TAIL_PART_H
#define VIEWS_TAIL_PART_H

#include "filter_line.h"
#include "ui/batches.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "views/views.h"

#define TAIL_HELD_MAX 100000

/* Where the columns of its rows stand. */
struct tail_fields {
	size_t era, xid, seq, at, interface, kind, state, correlation, business_key, facility,
		partner, attempt, class, text, message, event;
};

/* In the feed: right behind a row. */
struct tail_place {
	struct str era, xid, seq;
	bool known;
};

struct tail {
	struct view view;
	struct filter_line line;
	struct table table;
	struct batches log;
	struct tail_fields at;
	struct tail_place place; /* after the last row that was got */
	bool shown;
	int64_t delay_us, asked_us; /* from one question to the next; when the last was put */
	int64_t paused_at; /* number of the next row when it was paused, for "+412 new" */
	int64_t unseen; /* rows that came and went between two frames, since it follows */
	struct err err;
	uint64_t ticket;
	struct timer *timer;
	struct panel horizon; /* who holds the feed back, if anybody does */

	/* Further back than what is held. */
	struct tail_place back;
	int64_t back_first; /* the first row when that place was learnt: else it is the first row's own */
	bool begins; /* there is nothing before the first row */
	int tries; /* how often it was looked further back while nothing is held */
	uint64_t back_ticket;
};

/* tail_feed.c: what is asked and held. */
void tail_feed_open(struct tail *tail);
void tail_feed_close(struct tail *tail);
void tail_ask(void *tail);
void tail_stop(struct tail *tail); /* nothing is asked any more */
void tail_restart(struct tail *tail); /* what is held goes: another filter */
void tail_look_back(
	struct tail *tail); /* after each layout: when the cursor comes near the first row */
bool tail_is_full(const struct tail *tail);

/* tail_draw.c */
struct table_rows tail_rows(const struct tail *tail);
int tail_top_height(const struct tail *tail);
int tail_detail_height(const struct tail *tail, int height);
void tail_draw(const struct view *view, const struct canvas *canvas);
void tail_status(const struct view *view, struct str *out);

#endif
