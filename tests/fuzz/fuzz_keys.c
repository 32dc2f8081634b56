/* Any bytes as keys: the same whole and byte by byte, only keys that have a name, and in the end
 * nothing pending. */
#include "base/mem.h"
#include "base/text.h"
#include "term/keys.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_a_key(struct key key)
{
	bool named = key.code >= KC_ENTER && key.code <= KC_FN + 24 && key.code != KC_FN;
	bool text = key.code >= ' ' && key.code < KC_ENTER &&
		    (key.code < 0x7f || key.code >= 0xa0) &&
		    (key.code < 0xd800 || key.code >= 0xe000);

	return (named || (text && !(key.mods & MOD_SHIFT))) &&
	       !(key.mods & ~(MOD_CTRL | MOD_ALT | MOD_SHIFT));
}

static void hear(void *ctx, const struct input *input)
{
	struct str *out = ctx;
	size_t from = out->len;

	if (input->kind == INPUT_PASTE) {
		str_add(out, input->paste);
		str_adds(out, input->last ? "\n" : "");
	} else if (input->kind == INPUT_MOUSE) {
		assert(input->mouse.x >= 0 && input->mouse.y >= 0);
		str_addf(out, "%d,%d\n", input->mouse.x, input->mouse.y);
	} else {
		struct key back;

		assert(is_a_key(input->key));
		key_name(input->key, out);
		assert(key_parse(slice_from(str_slice(out), from), &back, NULL) == 0);
		assert(key_eq(back, input->key));
	}
}

static void settle(struct keys *keys, int64_t now_us, struct str *out)
{
	for (int i = 0; keys_deadline_us(keys) >= 0; i++) {
		assert(i < 5);
		now_us = keys_deadline_us(keys) > now_us ? keys_deadline_us(keys) : now_us;
		keys_timeout(keys, now_us, hear, out);
	}
}

/* In pieces of so many bytes, with so much time between them. */
static void feed(struct slice bytes, size_t piece, int64_t gap_us, struct str *out)
{
	CLEANUP(keys_freep)
	struct keys *keys = keys_new();
	int64_t now_us = 0;

	for (; bytes.len; bytes = slice_from(bytes, slice_head(bytes, piece).len)) {
		keys_feed(keys, slice_head(bytes, piece), now_us, hear, out);
		now_us += gap_us;
		keys_timeout(keys, now_us, hear, out);
	}
	settle(keys, now_us, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = {(const char *)data, size};
	CLEANUP(str_done)
	struct str whole = STR_INIT(size * 16 + 64);
	CLEANUP(str_done)
	struct str single = STR_INIT(size * 16 + 64);
	CLEANUP(str_done)
	struct str late = STR_INIT(size * 32 + 64);

	feed(bytes, size ? size : 1, 0, &whole);
	feed(bytes, 1, 0, &single);
	assert(!whole.cut && slice_eq(str_slice(&whole), str_slice(&single)));
	feed(bytes, 1, 40000, &late);
	feed(bytes, 3, 700000, &late);
	return 0;
}
