/* From one frame to the next in the fewest bytes. No file descriptor here: screen.h writes, tests
 * read. What was added to `out` must reach the terminal whole, or the painter be told to forget. */
#ifndef TERM_PAINT_H
#define TERM_PAINT_H

#include "base/str.h"
#include "term/screen.h"
#include "term/surface.h"
#include "term/terminfo.h"

struct painter;

struct painter *painter_new(const struct terminfo *can, const struct screen_caps *caps);
void painter_free(struct painter *painter);
void painter_freep(struct painter **painter);

/* Nothing is known of what the terminal shows. */
void painter_forget(struct painter *painter);

/* Adds what makes the terminal show the surface. Nothing when it does. */
void painter_paint(struct painter *painter, const struct surface *surface, struct str *out);

#endif
