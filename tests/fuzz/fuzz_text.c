/* Any bytes as text: inert, of the width that its glyphs say, clipped between them. */
#include "base/mem.h"
#include "base/text.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool acts_on_a_terminal(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x61C || cp == 0x200E ||
	       cp == 0x200F || (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) ||
	       cp == 0xFEFF || (cp >= 0xE0000 && cp < 0xE0100);
}

static int walk(struct slice text)
{
	struct glyph glyph;
	int width = 0;

	while (text_next(&text, &glyph)) {
		assert(glyph.width == 1 || glyph.width == 2);
		assert(glyph.len > 0 && glyph.len <= TEXT_GLYPH_MAX);
		width += glyph.width;
	}
	return width;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	CLEANUP(str_done)
	struct str inert = STR_INIT(size * 4 + 1);
	int width = walk(text);

	assert(text_width(text) == width);
	text_add_inert(&inert, text);
	assert(!inert.cut && text_width(str_slice(&inert)) == width);
	for (struct slice rest = str_slice(&inert); rest.len;) {
		uint32_t cp;

		if (!utf8_next(&rest, &cp) || acts_on_a_terminal(cp))
			assert(!"inert");
	}
	for (int cells = 0; cells <= width && cells < 100; cells++) {
		int clipped;
		struct slice head = text_clip(text, cells, &clipped);

		assert(clipped <= cells && clipped + 1 >= cells && walk(head) == clipped);
	}
	return 0;
}
