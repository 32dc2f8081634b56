/* Queries that were asked and not answered yet. Private to the store. */
#ifndef STORE_ASKED_H
#define STORE_ASKED_H

#include "store/pool.h"

struct asked {
	struct asked *next;
	uint64_t ticket;
	struct query query; /* params are a copy; the deadline is set */
	size_t n_params; /* the statement may be gone before this is */
	int64_t asked_us, due_us;
	struct err err; /* set when it ended and its caller is still to be told */
};

struct asked_list {
	struct asked *first, **end;
};

struct asked *asked_new(const struct query *query, uint64_t ticket, int64_t now_us);
void asked_free(struct asked *asked); /* NULL is fine */

void asked_list_init(struct asked_list *list);
void asked_list_done(struct asked_list *list);
void asked_add(struct asked_list *list, struct asked *asked);
struct asked *asked_take_first(struct asked_list *list); /* NULL when empty */

/* Taken off the list, or NULL. */
struct asked *asked_take(struct asked_list *list, uint64_t ticket);
struct asked *asked_take_due(struct asked_list *list, int64_t now_us);

/* Calls its fn and frees it. Without err the rows are its answer. */
void asked_end(struct asked *asked, struct rows *rows, const struct err *err, const char *sqlstate,
	int64_t now_us);

#endif
