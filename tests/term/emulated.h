/* What a painter wrote, through a terminal emulator, held against the surface it was to show. */
#ifndef TESTS_TERM_EMULATED_H
#define TESTS_TERM_EMULATED_H

#include "base/str.h"
#include "term/paint.h"

struct emulated;

/* The second: of a terminal with UTF-8 and so many colours. */
struct emulated *emulated_with(
	const struct terminfo *can, const struct screen_caps *caps, int width, int height);
struct emulated *emulated_new(const struct terminfo *can, int colours, int width, int height);
void emulated_free(struct emulated *emulated);

/* Paints, checks every byte against the sequences that the painter may use, and feeds it to the
 * emulator. Returns how many bytes it took. */
size_t emulated_paint(struct emulated *emulated, const struct surface *surface);
void emulated_resize(struct emulated *emulated, int width, int height);

/* Writes over what is there, as a foreign program does. */
void emulated_scribble(struct emulated *emulated);
struct painter *emulated_painter(struct emulated *emulated);

/* Fails the test where the emulator shows something else than the surface. Cells of glyphs whose
 * width is disputed are left out, those around them are not. */
void emulated_check(struct emulated *emulated, const struct surface *surface);

/* What the emulator shows, as surface_dump() prints it; the styles are the surface's own. Blank rows at
 * the end are left out. */
void emulated_dump(struct emulated *emulated, const struct surface *surface, struct str *out);

/* Fails the test unless all bytes are text, or sequences that were chosen. */
void check_allowed(struct slice bytes);

/* A terminal that can all. */
struct terminfo can_all(void);

#endif
