/* What holds of printing any bytes as any format, for the fuzz target of each: it ends, prints the
 * same in any steps, spans lie within the text and in order, and what is right loses nothing. */
#ifndef TESTS_LIB_FUZZ_PRETTY_H
#define TESTS_LIB_FUZZ_PRETTY_H

#include "base/mem.h"
#include "model/pretty.h"
#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t without_blanks(struct slice text, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!isspace((unsigned char)text.at[i]))
			out[n++] = text.at[i];
	return n;
}

static void check_nothing_lost(struct slice input, struct slice text)
{
	CLEANUP(mem_freep)
	char *before = mem_alloc(input.len + 1);
	CLEANUP(mem_freep)
	char *after = mem_alloc(text.len + 1);
	size_t n = without_blanks(input, before);

	assert(without_blanks(text, after) == n);
	assert(memcmp(before, after, n) == 0);
}

static int fuzz_pretty(enum pretty_format format, const uint8_t *data, size_t size)
{
	struct slice input = {(const char *)data, size};
	struct pretty once, often;
	size_t end = 0;

	pretty_open(&once, format, input);
	while (pretty_more(&once, SIZE_MAX))
		;
	pretty_open(&often, format, input);
	for (size_t steps = 0; pretty_more(&often, 1); steps++)
		assert(steps <= size + 2);
	assert(slice_eq(str_slice(&once.text), str_slice(&often.text)));
	assert(once.text.len <= PRETTY_MAX);
	assert(once.n_spans == often.n_spans && once.n_spans <= PRETTY_SPANS);
	for (size_t i = 0; i < once.n_spans; i++) {
		assert(once.spans[i].at >= end && once.spans[i].len > 0);
		end = once.spans[i].at + once.spans[i].len;
		assert(end <= once.text.len);
	}
	if (!once.err.code && (format == PRETTY_JSON || format == PRETTY_XML))
		check_nothing_lost(input, str_slice(&once.text));
	pretty_done(&once);
	pretty_done(&often);
	return 0;
}

#endif
