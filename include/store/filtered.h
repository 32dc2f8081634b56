/* A registered statement with a filter in it.
 *
 * The statement's text has places for a filter: "true" or another word, and behind it a comment that
 * names the place. Into these go fragments from the table of fields; all that came from a person goes
 * into parameters behind the statement's own. So what a filter may touch is what the statement and
 * the rights of the login allow, whatever it says.
 *
 *   true [interfaces]    what the filter asks of the interface, of which alias i is the row
 *   true [by interface]  that the transaction t is of one of these (seen.ids)
 *   24 [few]             up to how many interfaces they are looked through one by one
 *   (values (null::text)) [states], true [by state]   the states to be looked through one by one
 *   true [message]       not true but a join, when the message m is asked about
 *   null [since], null [until]   the bounds of a window, which are then no part of the rest
 *   true [rest]          everything else of the filter, but for what is looked for in payloads
 *
 * where [x] stands for a comment. Patterns are PostgreSQL's own (advanced regular expressions). */
#ifndef STORE_FILTERED_H
#define STORE_FILTERED_H

#include "model/filter.h"
#include "store/statement.h"

struct filtered {
	struct arena arena;
	struct statement statement; /* without a name: it is not kept prepared */
	const char **params; /* the statement's own, then the filter's */
};

/* Caller frees. params are copied. filter NULL: everything. now_us is for days and times of the day. */
struct filtered *filtered_new(const struct statement *statement, const char *const *params,
	const struct filter *filter, int64_t now_us);
void filtered_free(struct filtered *filtered);
void filtered_freep(struct filtered **filtered);

/* After a time limit: says which parts of the filter no index answers. */
void filtered_tell_slow(const struct filter *filter, struct err *err);

#endif
