/* Payloads looked through for a pattern, a page at a time, in any thread: what is found becomes rows.
 *
 * A page has the columns code, message, place, progress, id, state, interface, facility, message_id,
 * correlation, business_key, at, kind, content_type, hex (whether the body is in hexadecimal) and body.
 * A row whose code is not "done" says why nothing may be seen. */
#ifndef MODEL_SEARCH_H
#define MODEL_SEARCH_H

#include "model/match.h"
#include "model/rows.h"
#include <stdatomic.h>

#define SEARCH_BEFORE 40 /* bytes of an excerpt before what was found, and all of it */
#define SEARCH_EXCERPT 240
#define SEARCH_TIMES 99 /* as many matches of one payload are counted */

struct search_page {
	struct rows *rows; /* borrowed, and touched by nobody else meanwhile */
	struct match *match;
	const atomic_bool *stop; /* looked at between payloads; NULL: never */

	struct rows *hits; /* the caller unrefs: place, id, state, interface, facility, message,
			    * correlation, business_key, at, kind, times, excerpt, begin, end */
	int64_t payloads, bytes,
		too_slow; /* looked through; those that the pattern was too slow for */
	int64_t took_us; /* of matching */
	double progress; /* 0 to 1: of the window */
};

void search_page(struct search_page *page);

/* What the row of a refusal says, or SLICE_NONE. */
struct slice search_refusal(const struct rows *rows);

/* The columns of hits, for who wants to know them before the first came. */
const struct column *search_columns(size_t *ret_n);

#endif
