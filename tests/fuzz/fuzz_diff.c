/* Any bytes as two texts, parted by the first NUL: the lines of the first without what is new, and
 * those of the second without what is gone, in order. */
#include "base/mem.h"
#include "model/diff.h"
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All of a text, taken off it line by line. */
static void check(const struct diff *diff, enum diff_kind but, struct slice text)
{
	for (size_t i = 0; i < diff->n; i++) {
		struct slice line;
		bool there;

		if (diff->lines[i].kind == but)
			continue;
		there = slice_cut(&text, '\n', &line);
		assert(there && slice_eq(line, diff->lines[i].text));
	}
	assert(!text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice to = {(const char *)data, size}, from = SLICE("");
	struct diff diff;

	slice_cut(&to, '\0', &from);
	diff_make(&diff, from, to);
	check(&diff, DIFF_NEW, from);
	check(&diff, DIFF_GONE, to);
	if (slice_eq(from, to))
		assert(!diff.n_gone && !diff.n_new);
	diff_done(&diff);
	return 0;
}
