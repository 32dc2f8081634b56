/* Any bytes as a pattern and a text, parted by the first NUL: looked through as a whole or piece by
 * piece the same is found, within the text, or the pattern was too slow for one of both. */
#include "base/mem.h"
#include "model/match.h"
#include <assert.h>
#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* \G is where one began to look, which is what differs. */
static bool looks_at_its_beginning(struct slice pattern)
{
	for (size_t i = 0; i + 1 < pattern.len; i++)
		if (pattern.at[i] == '\\' && pattern.at[i + 1] == 'G')
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size}, pattern = SLICE("");
	CLEANUP(match_freep)
	struct match *match = NULL;
	struct err err = ERR_INIT;
	size_t at = 0, len = 0, long_at = 0, long_len = 0;
	int whole, pieces;

	slice_cut(&text, '\0', &pattern);
	if (match_new(pattern, &match, &err) < 0) {
		assert(err.text[0]);
		return 0;
	}
	whole = match_find(match, text, 0, &at, &len);
	pieces = match_long(match, text, NULL, &long_at, &long_len);
	if (whole == 1)
		assert(at <= text.len && len <= text.len - at);
	if (pieces == 1)
		assert(long_at <= text.len && long_len <= text.len - long_at);
	if (whole == -E2BIG || pieces == -E2BIG || looks_at_its_beginning(pattern))
		return 0;
	assert(whole == pieces);
	assert(whole == 0 || (at == long_at && len == long_len));
	return 0;
}
