/* Regular expressions (PCRE2, compiled by its JIT where there is one), bounded: a pattern that would
 * run wild on a text gives an error for that text, not a hang. */
#ifndef MODEL_MATCH_H
#define MODEL_MATCH_H

#include "base/err.h"
#include "base/slice.h"

struct match;

/* What is wrong with a pattern is said with its column. Lower-case patterns ignore case. Patterns
 * are UTF-8; text may be anything. */
int match_new(struct slice pattern, struct match **ret, struct err *err);
void match_free(struct match *match);
void match_freep(struct match **match);

/* 1 and the place of the first match at or after `from`, 0 when there is none, -E2BIG when the text
 * takes more steps than are allowed. An empty match is a match. */
int match_find(struct match *match, struct slice text, size_t from, size_t *ret_at, size_t *ret_len);

#endif
