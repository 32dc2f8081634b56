/* Any bytes as a filter: refused with a column, or read, and then what is printed reads back as
 * what prints the same. Completion of any text ends. */
#include "base/mem.h"
#include "model/filter.h"
#include <assert.h>
#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void complete(struct slice text)
{
	struct arena arena = ARENA_INIT;
	const char *words[64];
	size_t at, n = filter_complete(text, NULL, &arena, words, ARRAY_LEN(words), &at);

	assert(n <= ARRAY_LEN(words) && (n == 0 || at <= text.len));
	arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	CLEANUP(filter_freep)
	struct filter *filter = NULL;
	CLEANUP(filter_freep)
	struct filter *again = NULL;
	CLEANUP(str_done)
	struct str once = STR_INIT(1 << 20), twice = STR_INIT(1 << 20);
	struct err err = ERR_INIT;
	size_t at = 0;
	int r = filter_parse(text, &filter, &at, &err);

	complete(text);
	if (r < 0) {
		assert(r == -EINVAL && strncmp(err.text, "column ", 7) == 0 && at <= size);
		return 0;
	}
	filter_print(filter, &once);
	if (once.len > FILTER_MAX)
		return 0;
	r = filter_parse(str_slice(&once), &again, &at, &err);
	assert(r == 0);
	filter_print(again, &twice);
	assert(slice_eq(str_slice(&once), str_slice(&twice)));
	return 0;
}
