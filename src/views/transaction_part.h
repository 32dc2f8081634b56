/* What the parts of the view of a transaction share. */
#ifndef VIEWS_TRANSACTION_PART_H
#define VIEWS_TRANSACTION_PART_H

#include "base/arena.h"
#include "reveal.h"
#include "text.h"
#include "ui/form.h"
#include "ui/ladder.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "ui/view.h"

/* transaction_way.c: events as the hops of a ladder, one for each row; slices lie in the rows. */
struct way {
	struct arena arena;
	struct slice *systems;
	size_t n_systems;
	struct ladder_hop *hops;
	size_t n_hops, n_legs;
};

void way_make(struct way *way, const struct rows *rows);
void way_done(struct way *way);

/* transaction_text.c: what stands below the ladder. */
enum below {
	BELOW_PAYLOAD,
	BELOW_EVENT,
	BELOW_FACTS,
	BELOW_CHANGES,
	BELOW_LINKS,
	BELOW_ODOO,
	BELOW_N,
};

void transaction_text_event(struct text *text, const struct rows *events, size_t row);
void transaction_text_facts(struct text *text, const struct rows *rows);

/* transaction_links.c: what it hangs together with, as a list. */
struct links {
	const struct view_env *env;
	struct panel panel;
	struct table table;
};

void links_open(struct links *links, const struct view_env *env, const char *const *params);
void links_close(struct links *links);
void links_forget(struct links *links);
void links_layout(struct links *links, int height);
void links_draw(const struct links *links, const struct canvas *canvas);
void links_status(const struct links *links, struct str *out);
bool links_act(struct links *links, enum action action); /* opens, or moves */
int links_search(struct links *links, struct match *match, bool forward);
/* transaction_odoo.c: the record of Odoo beside the payload. */
struct transaction;
void transaction_odoo_open(struct transaction *transaction);
void transaction_odoo_follow(struct transaction *transaction); /* asks while it stands below */
void transaction_odoo_text(struct transaction *transaction);
void transaction_odoo_go(struct transaction *transaction); /* to the record itself */

struct transaction {
	struct view view;
	struct str id, leg; /* what it was aimed at; whose hop is selected */
	const char *id_params[2], *leg_params[1];
	struct panel events, head, payloads;
	struct panel beside; /* asked of Odoo, and only while it is shown */
	struct way way;
	struct ladder ladder;
	struct links links;
	struct str cursor_key; /* of the event under the cursor */
	size_t leg_events; /* that were known when its payloads were asked for */

	enum below below;
	bool in_text, raw;
	size_t payload; /* number of the one that is shown */
	bool chosen; /* by hand, and not by the hop */
	struct text text;
	struct str shown; /* what the text is of, to see when it is something else */
	int64_t shown_version; /* of the same */
	struct rows *held; /* that the text lies in */
	struct reveal reveal;
	bool is_shown;
	int width, height;
};

/* transaction_draw.c */
void transaction_forget_text(void *transaction);
struct slice transaction_event(const struct transaction *transaction, const char *column);
void transaction_layout(struct view *view, int width, int height);
void transaction_draw(const struct view *view, const struct canvas *canvas);
void transaction_status(const struct view *view, struct str *out);
void transaction_path(const struct view *view, struct str *out);

#endif
