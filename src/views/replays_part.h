/* What the parts of the view of replays share. */
#ifndef VIEWS_REPLAYS_PART_H
#define VIEWS_REPLAYS_PART_H

#include "deed.h"
#include "sheet.h"
#include "text.h"

enum replays_at {
	AT_REQUESTS,
	AT_DOUBTS, /* items of any request that wait for a person */
	AT_ITEMS, /* of one request */
	REPLAYS_SHEETS,
};

struct replays {
	struct view view;
	struct panel requests, doubts, decisions, verdicts;
	struct paged items;
	struct sheet sheets[REPLAYS_SHEETS];
	enum replays_at at, back; /* back: where the page of a request was opened from */
	const char *request_params[3], *doubt_params[1], *id_params[1];
	struct str id; /* of the request whose page is open */
	struct rows *request; /* its row, as it was answered last */
	size_t request_row;
	bool shown;
	struct {
		struct str item;
		struct text text;
		bool open;
		uint64_t ticket;
	} changes;
	struct deed deed;
};

/* replays_lists.c: the lists, and what stands above the items of one request. */
extern const struct sheet replays_sheets[REPLAYS_SHEETS];
#define REPLAYS_HEAD 7
void replays_draw_head(const struct replays *replays, const struct canvas *canvas);
void replays_add_said(
	const struct replays *replays, struct str *out); /* of the one in doubt under the cursor */
void replays_draw_detail(const struct replays *replays, const struct canvas *canvas);

void replays_open_page(struct replays *replays, int64_t id);

/* The request that an act is about: that of the page, else the one under the cursor; NULL for none. */
const struct rows *replays_request(const struct replays *replays, size_t *ret_row);

/* "12 eligible · 1 delivered", as it would be judged now; nothing before the store has answered. */
void replays_add_verdicts(const struct replays *replays, struct str *out);

/* replays_changes.c: what was edited of the item under the cursor, over the list. */
void replays_changes(struct replays *replays);
void replays_changes_close(struct replays *replays);

/* replays_acts.c: an act that changes something; false when it is none. */
bool replays_deed(struct replays *replays, enum action action);

#endif
