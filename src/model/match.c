/* PCRE2 behind three calls.
 * Which text is searched, and what is done with what was found, is the caller's.
 * Called by search in lists and texts, and by the filters that take a regular expression. */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "model/match.h"
#include "base/mem.h"
#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>
#include <time.h>

#define STEPS_MAX 200000
#define LONG_STEPS_MAX 20000 /* at one place of a long text, */
#define LONG_PIECE 1024 /* so many places at a time: some 20 ms at worst */
#define DEPTH_MAX 2000
#define HEAP_MAX_KIB 4096
#define PATTERN_MAX 4096

struct match {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context, *piece; /* of a whole text; of a piece of a long one */
};

static bool has_upper(struct slice pattern)
{
	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.at[i] == '\\')
			i++; /* \D and \W are no capitals of the user's */
		else if (pattern.at[i] >= 'A' && pattern.at[i] <= 'Z')
			return true;
	}
	return false;
}

static pcre2_match_context *context_new(uint32_t steps)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);

	if (!context)
		abort();
	pcre2_set_match_limit(context, steps);
	pcre2_set_depth_limit(context, DEPTH_MAX);
	pcre2_set_heap_limit(context, HEAP_MAX_KIB);
	return context;
}

int match_new(struct slice pattern, struct match **ret, struct err *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
			   PCRE2_USE_OFFSET_LIMIT;
	CLEANUP(match_freep)
	struct match *match = NEW(struct match);
	PCRE2_SIZE at;
	int code;

	if (pattern.len > PATTERN_MAX)
		return err_set(err, -E2BIG, "the pattern is longer than %d bytes", PATTERN_MAX);
	if (!has_upper(pattern))
		options |= PCRE2_CASELESS;
	match->code = pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, options, &code, &at, NULL);
	if (!match->code) {
		PCRE2_UCHAR why[200] = {0};

		pcre2_get_error_message(code, why, sizeof(why));
		return err_set(
			err, -EINVAL, "pattern, column %zu: %s", (size_t)at + 1, (char *)why);
	}
	pcre2_jit_compile(match->code, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
	match->data = pcre2_match_data_create(1, NULL);
	match->context = context_new(STEPS_MAX);
	match->piece = context_new(LONG_STEPS_MAX);
	if (!match->data)
		abort();
	*ret = TAKE(match);
	return 0;
}

void match_free(struct match *match)
{
	if (!match)
		return;
	pcre2_match_context_free(match->context);
	pcre2_match_context_free(match->piece);
	pcre2_match_data_free(match->data);
	pcre2_code_free(match->code);
	free(match);
}

void match_freep(struct match **match)
{
	match_free(*match);
}

static int find(struct match *match, pcre2_match_context *context, struct slice text, size_t from,
	size_t *ret_at, size_t *ret_len)
{
	const PCRE2_SIZE *place;
	int n = pcre2_match(match->code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, from, 0,
		match->data, context);

	if (n == PCRE2_ERROR_NOMATCH)
		return 0;
	if (n < 0)
		return -E2BIG;
	place = pcre2_get_ovector_pointer(match->data);
	*ret_at = place[0];
	*ret_len = place[1] > place[0] ? place[1] - place[0] : 0;
	return 1;
}

int match_find(struct match *match, struct slice text, size_t from, size_t *ret_at, size_t *ret_len)
{
	return from > text.len ? 0 : find(match, match->context, text, from, ret_at, ret_len);
}

static int64_t mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* PCRE2 counts steps for each place where a match may begin, so a piece is what bounds them. */
int match_long(struct match *match, struct slice text, const atomic_bool *stop, size_t *ret_at,
	size_t *ret_len)
{
	int64_t until_us = text.len > LONG_PIECE ? mono_us() + MATCH_TEXT_US : 0;
	int r = 0;

	for (size_t from = 0, at; r == 0 && from <= text.len; from += LONG_PIECE) {
		if (from && stop && atomic_load_explicit(stop, memory_order_relaxed))
			return -ECANCELED;
		if (from && mono_us() > until_us)
			return -E2BIG;
		at = from;
		for (int i = 0; i < 3 && at && at < text.len && is_tail(text.at[at]); i++)
			at--; /* within a character none can begin */
		pcre2_set_offset_limit(match->piece, from + LONG_PIECE - 1);
		r = find(match, match->piece, text, at, ret_at, ret_len);
	}
	return r;
}
