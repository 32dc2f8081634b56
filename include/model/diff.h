/* What changed from one text to another, line by line: the shortest way where it can be found within
 * bounds, else what lies between the equal beginning and the equal end as a whole. */
#ifndef MODEL_DIFF_H
#define MODEL_DIFF_H

#include "base/slice.h"

#define DIFF_STEPS 1000 /* lines gone and new together, for the shortest way */
#define DIFF_LINES 100000 /* of each text; the rest of it counts as one line */

enum diff_kind {
	DIFF_SAME,
	DIFF_GONE, /* in the first only */
	DIFF_NEW, /* in the second only */
};

struct diff_line {
	enum diff_kind kind;
	struct slice text; /* of the text that it stands in, without its end */
};

struct diff {
	struct diff_line *lines;
	size_t n, n_gone, n_new;
	bool rough; /* the shortest way was out of bounds */
};

/* The texts are borrowed by the lines. */
void diff_make(struct diff *diff, struct slice from, struct slice to);
void diff_done(struct diff *diff);

#endif
