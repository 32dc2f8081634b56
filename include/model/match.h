/* Regular expressions (PCRE2, compiled by its JIT where there is one), bounded: a pattern that would
 * run wild on a text gives an error for that text, not a hang. */
#ifndef MODEL_MATCH_H
#define MODEL_MATCH_H

#include "base/err.h"
#include "base/slice.h"
#include <stdatomic.h>

struct match;

/* What is wrong with a pattern is said with its column. Lower-case patterns ignore case. Patterns
 * are UTF-8; text may be anything. */
int match_new(struct slice pattern, struct match **ret, struct err *err);
void match_free(struct match *match);
void match_freep(struct match **match);

/* 1 and the place of the first match at or after `from`, 0 when there is none, -E2BIG when the text
 * takes more steps than are allowed. An empty match is a match. */
int match_find(
	struct match *match, struct slice text, size_t from, size_t *ret_at, size_t *ret_len);

/* The same for long texts and anybody's patterns: piece by piece, with fewer steps at each place, not
 * longer than MATCH_TEXT_US for one text (-E2BIG then), and no further once *stop is set (-ECANCELED);
 * stop may be NULL. For helper threads, which have a match of their own. */
#define MATCH_TEXT_US 50000
int match_long(struct match *match, struct slice text, const atomic_bool *stop, size_t *ret_at,
	size_t *ret_len);

#endif
