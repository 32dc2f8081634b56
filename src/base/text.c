/* From hostile bytes to glyphs that can be shown, and how many cells they take. Draws nothing, and
 * does not know what the terminal can show. Surfaces, logs and exports take all text through here. */
#include "base/text.h"
#include "base/mem.h"
#include "text_tables.h"
#include <string.h>

enum {
	CP_MARK = 0xFFFD,
	CP_ZWJ = 0x200D,
	CP_TEXT_STYLE = 0xFE0E,
	CP_EMOJI_STYLE = 0xFE0F,
	CP_KEYCAP = 0x20E3,
};

/* Smallest code point that so many bytes may encode, and what the first byte carries. */
static const struct {
	uint32_t min;
	unsigned char mask, lead, bits;
} utf8_forms[] = {
	{0x80, 0xE0, 0xC0, 0x1F},
	{0x800, 0xF0, 0xE0, 0x0F},
	{0x10000, 0xF8, 0xF0, 0x07},
};

/* Bytes of the valid code point at the start, or 0. */
static size_t utf8_decode(struct slice s, uint32_t *ret_cp)
{
	const unsigned char *at = (const unsigned char *)s.at;
	size_t form = 0;
	uint32_t cp;

	if (at[0] < 0x80) {
		*ret_cp = at[0];
		return 1;
	}
	while (form < ARRAY_LEN(utf8_forms) &&
		(at[0] & utf8_forms[form].mask) != utf8_forms[form].lead)
		form++;
	if (form == ARRAY_LEN(utf8_forms) || s.len < form + 2)
		return 0;
	cp = at[0] & utf8_forms[form].bits;
	for (size_t i = 1; i < form + 2; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
		cp = cp << 6 | (at[i] & 0x3F);
	}
	if (cp < utf8_forms[form].min || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return 0;
	*ret_cp = cp;
	return form + 2;
}

bool utf8_next(struct slice *rest, uint32_t *ret_cp)
{
	size_t len = rest->len ? utf8_decode(*rest, ret_cp) : 0;

	*rest = slice_from(*rest, len ? len : 1);
	return len > 0;
}

size_t utf8_put(uint32_t cp, char out[4])
{
	size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = len; i > 1; i--, cp >>= 6)
		out[i - 1] = (char)(0x80 | (cp & 0x3F));
	out[0] = (char)(leads[len] | cp);
	return len;
}

bool utf8_valid(struct slice text)
{
	uint32_t cp;

	while (text.len)
		if (!utf8_next(&text, &cp))
			return false;
	return true;
}

static bool in_ranges(uint32_t cp, const struct text_range *ranges, size_t n)
{
	size_t low = 0, high = n;

	if (cp < ranges[0].first)
		return false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (cp > ranges[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && cp >= ranges[low].first;
}

#define IN(cp, table) in_ranges((cp), (table), ARRAY_LEN(table))

/* Medial vowels and final consonants are drawn into the syllable that began before them. */
static bool is_jamo_tail(uint32_t cp)
{
	return (cp >= 0x1160 && cp <= 0x11FF) || (cp >= 0xD7B0 && cp <= 0xD7FB);
}

static bool is_jamo_lead(uint32_t cp)
{
	return (cp >= 0x1100 && cp <= 0x115F) || (cp >= 0xA960 && cp <= 0xA97C);
}

/* A lead, or a whole syllable: what vowels and finals may follow. */
static bool takes_jamo_tail(uint32_t cp)
{
	return is_jamo_lead(cp) || is_jamo_tail(cp) || (cp >= 0xAC00 && cp <= 0xD7A3);
}

static bool is_emoji_modifier(uint32_t cp)
{
	return cp >= 0x1F3FB && cp <= 0x1F3FF;
}

static bool is_regional(uint32_t cp)
{
	return cp >= 0x1F1E6 && cp <= 0x1F1FF;
}

static bool takes_keycap(uint32_t cp)
{
	return (cp >= '0' && cp <= '9') || cp == '#' || cp == '*';
}

static bool is_joining(uint32_t cp)
{
	return cp >= 0x300 && (cp == CP_ZWJ || IN(cp, joining_ranges));
}

static bool is_control(uint32_t cp)
{
	return cp < 0x20 || cp == 0x7F;
}

static bool is_unshown(uint32_t cp)
{
	return (cp >= 0x80 && cp < 0xA0) || IN(cp, unshown_ranges);
}

int text_cp_width(uint32_t cp)
{
	if (cp < 0x300)
		return is_control(cp) || (cp >= 0x80 && cp < 0xA0) || cp == 0xAD ? 0 : 1;
	if (is_joining(cp) || is_jamo_tail(cp) || is_unshown(cp))
		return 0;
	return IN(cp, wide_ranges) ? 2 : 1;
}

/* A cluster as it grows. */
struct cluster {
	struct glyph *glyph;
	uint32_t base; /* the last code point that was not a mark */
	uint32_t last;
	bool paired; /* a regional indicator that found its second */
	bool joined; /* has a ZWJ between two pictographs */
};

static void glyph_put(struct glyph *glyph, uint32_t cp)
{
	char bytes[4];
	size_t len = utf8_put(cp, bytes);

	memcpy(glyph->bytes + glyph->len, bytes, len);
	glyph->len = (uint8_t)(glyph->len + len);
}

static bool mark(struct glyph *glyph, uint32_t cp)
{
	glyph->len = 0;
	glyph_put(glyph, cp);
	glyph->width = 1;
	return true;
}

/* What a mark that takes no cell does to the width of what stands before. */
static void widen(struct cluster *c, uint32_t cp)
{
	bool pictograph = IN(c->base, pictographic_ranges);

	if (cp == CP_EMOJI_STYLE && (pictograph || takes_keycap(c->base)))
		c->glyph->width = 2;
}

/* Whether cp belongs to the cluster; what it changes is noted. */
static bool cluster_takes(struct cluster *c, uint32_t cp)
{
	if (is_joining(cp)) {
		widen(c, cp);
		return true;
	}
	if (is_jamo_tail(cp))
		return takes_jamo_tail(c->last);
	if (is_regional(cp) && is_regional(c->base) && !c->paired && c->last == c->base) {
		c->paired = true;
		c->glyph->width = 2;
		return true;
	}
	if (is_emoji_modifier(cp) && IN(c->base, pictographic_ranges)) {
		c->glyph->width = 2;
		return true;
	}
	if (c->last == CP_ZWJ && IN(c->base, pictographic_ranges) && IN(cp, pictographic_ranges)) {
		c->glyph->width = 2;
		c->base = cp;
		return true;
	}
	/* A spacing vowel sign has a cell of its own: it is taken only while there is one. */
	if (IN(cp, spacing_ranges) && c->glyph->width == 1 && c->base >= 0x300) {
		c->glyph->width = 2;
		return true;
	}
	return false;
}

static void cluster_grow(struct cluster *c, struct slice *rest)
{
	while (rest->len && (unsigned char)rest->at[0] >= 0x80) {
		struct slice ahead = *rest;
		uint32_t cp;

		if (!utf8_next(&ahead, &cp) ||
			c->glyph->len + (ahead.at - rest->at) > TEXT_GLYPH_MAX)
			return;
		if (!cluster_takes(c, cp))
			return;
		glyph_put(c->glyph, cp);
		c->last = cp;
		*rest = ahead;
	}
}

bool text_next(struct slice *rest, struct glyph *ret)
{
	struct cluster cluster = {.glyph = ret};
	uint32_t cp;

	if (rest->len == 0)
		return false;
	if (!utf8_next(rest, &cp))
		return mark(ret, CP_MARK);
	if (is_control(cp))
		return mark(ret, cp == 0x7F ? 0x2421 : 0x2400 + cp);
	ret->len = 0;
	ret->width = (uint8_t)text_cp_width(cp);
	if (ret->width == 0)
		return mark(ret, CP_MARK);
	glyph_put(ret, cp);
	cluster.base = cluster.last = cp;
	cluster_grow(&cluster, rest);
	return true;
}

int text_width(struct slice text)
{
	int width;

	(void)text_clip(text, INT32_MAX, &width);
	return width;
}

static bool plain(char c)
{
	return c >= 0x20 && c < 0x7F;
}

struct slice text_clip(struct slice text, int cells, int *ret_width)
{
	struct slice rest = text;
	int width = 0;

	while (rest.len) {
		struct slice before = rest;
		struct glyph glyph = {.width = 1};

		/* Nearly all text is ASCII; one that is followed by another needs no more looking. */
		if (plain(rest.at[0]) && (rest.len == 1 || plain(rest.at[1])))
			rest = slice_from(rest, 1);
		else
			(void)text_next(&rest, &glyph);
		if (glyph.width > cells - width) {
			rest = before;
			break;
		}
		width += glyph.width;
	}
	if (ret_width)
		*ret_width = width;
	return slice_head(text, text.len - rest.len);
}

void text_add_inert(struct str *out, struct slice text)
{
	struct glyph glyph;

	while (text.len) {
		size_t n = 0;

		/* A run of ASCII goes as one; its last may be the base of a cluster. */
		while (n < text.len && plain(text.at[n]))
			n++;
		if (n && n < text.len)
			n--;
		str_add(out, slice_head(text, n));
		text = slice_from(text, n);
		if (text_next(&text, &glyph))
			str_add(out, (struct slice){glyph.bytes, glyph.len});
	}
}
