/* The one place where text becomes inert, and the one width function.
 *
 * Text from the store, from Odoo, from a file is hostile. It is read here glyph by glyph: a glyph
 * is one grapheme cluster that can be shown safely in 1 or 2 cells, or a visible mark that stands
 * for something that must not reach a terminal:
 *   C0 and DEL        the control picture U+2400.., or '?' where only ASCII can be shown
 *   C1 (U+0080-9F)    U+FFFD
 *   bidi controls     U+FFFD (U+200E/F, U+202A-E, U+2066-9, U+061C)
 *   invalid bytes     U+FFFD, one per byte
 *   line/paragraph separators, BOM, tags, other format characters without a cluster: U+FFFD
 * A cluster is a base with its combining marks, variation selectors, ZWJ sequences, regional
 * indicator pairs and emoji modifiers; it is cut after TEXT_GLYPH_MAX bytes at a code point. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/slice.h"
#include "base/str.h"

#define TEXT_GLYPH_MAX 32

struct glyph {
	char bytes[TEXT_GLYPH_MAX]; /* valid, inert UTF-8 */
	uint8_t len;
	uint8_t width; /* 1 or 2 */
};

/* Takes one code point off *rest. An invalid byte gives false and takes that byte. */
bool utf8_next(struct slice *rest, uint32_t *ret_cp);
size_t utf8_put(uint32_t cp, char out[4]);
bool utf8_valid(struct slice text);

/* Cells that a code point takes by itself: 0 (combining, format), 1, or 2 (East Asian wide,
 * emoji). */
int text_cp_width(uint32_t cp);

/* Takes the next glyph off *rest; false at the end. */
bool text_next(struct slice *rest, struct glyph *ret);

/* Cells of the whole text as shown. */
int text_width(struct slice text);

/* The longest head of whole glyphs that fits into so many cells. */
struct slice text_clip(struct slice text, int cells, int *ret_width);

/* Adds the text as it would be shown, without what could act on a terminal: for messages, logs
 * and exports. A newline becomes a visible mark too. */
void text_add_inert(struct str *out, struct slice text);

#endif
