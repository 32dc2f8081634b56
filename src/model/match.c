/* PCRE2 behind three calls.
 * Which text is searched, and what is done with what was found, is the caller's.
 * Called by search in lists and texts, and by the filters that take a regular expression. */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "model/match.h"
#include "base/mem.h"
#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>

#define STEPS_MAX 200000
#define DEPTH_MAX 2000
#define HEAP_MAX_KIB 4096
#define PATTERN_MAX 4096

struct match {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
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

int match_new(struct slice pattern, struct match **ret, struct err *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
	CLEANUP(match_freep) struct match *match = NEW(struct match);
	PCRE2_SIZE at;
	int code;

	if (pattern.len > PATTERN_MAX)
		return err_set(err, -E2BIG, "the pattern is longer than %d bytes", PATTERN_MAX);
	if (!has_upper(pattern))
		options |= PCRE2_CASELESS;
	match->code = pcre2_compile(
		(PCRE2_SPTR)pattern.at, pattern.len, options, &code, &at, NULL);
	if (!match->code) {
		PCRE2_UCHAR why[200] = {0};

		pcre2_get_error_message(code, why, sizeof(why));
		return err_set(err, -EINVAL, "pattern, column %zu: %s", (size_t)at + 1, (char *)why);
	}
	pcre2_jit_compile(match->code, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
	match->data = pcre2_match_data_create(1, NULL);
	match->context = pcre2_match_context_create(NULL);
	if (!match->data || !match->context)
		abort();
	pcre2_set_match_limit(match->context, STEPS_MAX);
	pcre2_set_depth_limit(match->context, DEPTH_MAX);
	pcre2_set_heap_limit(match->context, HEAP_MAX_KIB);
	*ret = TAKE(match);
	return 0;
}

void match_free(struct match *match)
{
	if (!match)
		return;
	pcre2_match_context_free(match->context);
	pcre2_match_data_free(match->data);
	pcre2_code_free(match->code);
	free(match);
}

void match_freep(struct match **match)
{
	match_free(*match);
}

int match_find(struct match *match, struct slice text, size_t from, size_t *ret_at, size_t *ret_len)
{
	const PCRE2_SIZE *place;
	int n;

	if (from > text.len)
		return 0;
	n = pcre2_match(match->code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, from, 0,
		match->data, match->context);
	if (n == PCRE2_ERROR_NOMATCH)
		return 0;
	if (n < 0)
		return -E2BIG;
	place = pcre2_get_ovector_pointer(match->data);
	*ret_at = place[0];
	*ret_len = place[1] > place[0] ? place[1] - place[0] : 0;
	return 1;
}
