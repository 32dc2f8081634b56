/* Rows that came in batches, as one list: appended or put in front, cut at either end. A row keeps
 * its number while it is held; numbers may be negative. */
#ifndef UI_BATCHES_H
#define UI_BATCHES_H

#include "model/rows.h"

struct batch {
	int64_t first; /* number of its first row */
	struct rows *rows;
	size_t n; /* of its rows, from the first, that count */
};

struct batches {
	struct batch *at;
	size_t start, n, size; /* at[start .. start + n - 1] */
	int64_t first, next; /* rows held: first .. next - 1 */
};

void batches_done(struct batches *batches); /* empty again */

/* Holds the first n of these rows, behind or in front of the others. */
void batches_append(struct batches *batches, const struct rows *rows, size_t n);
void batches_prepend(struct batches *batches, const struct rows *rows, size_t n);

/* Drops whole batches from that end while more than max rows stay. True when any was. */
bool batches_cut_front(struct batches *batches, int64_t max);
bool batches_cut_end(struct batches *batches, int64_t max);

int64_t batches_count(const struct batches *batches);

/* The batch of a row that is held, and the row's place in it. */
const struct rows *batches_at(const struct batches *batches, int64_t number, size_t *ret_row);

#endif
