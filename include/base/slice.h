/* A borrowed run of bytes: how text is read. Never owns, never needs a NUL. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *at;
	size_t len;
};

#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
#define SLICE_NONE ((struct slice){NULL, 0})

/* For printf's "%.*s". */
#define SLICE_ARG(s) (int)(s).len, (s).at

struct slice slice_of(const char *text); /* NULL gives SLICE_NONE */
bool slice_eq(struct slice a, struct slice b);
bool slice_eq_str(struct slice a, const char *b);
bool slice_eq_nocase(struct slice a, struct slice b); /* ASCII letters only */
int slice_cmp(struct slice a, struct slice b); /* by bytes, the shorter first */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
struct slice slice_trim(struct slice s); /* spaces, tabs, CR and LF on both ends */
struct slice slice_from(struct slice s, size_t at);
struct slice slice_head(struct slice s, size_t len);

/* The place of c, or s.len. */
size_t slice_find(struct slice s, char c);

/* Takes the part before the first c off *rest, and the c with it. False when nothing is left. */
bool slice_cut(struct slice *rest, char c, struct slice *ret_head);

/* Takes the next word off *rest; words are parted by spaces and tabs. False when none is left. */
bool slice_word(struct slice *rest, struct slice *ret_word);

/* Whole text must be a decimal number in range; 0 or -EINVAL/-ERANGE, output untouched then. */
int slice_to_i64(struct slice s, int64_t min, int64_t max, int64_t *ret);

#endif
