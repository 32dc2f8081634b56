/* Colours brought down to what a terminal has. */
#ifndef TERM_COLOUR_H
#define TERM_COLOUR_H

#include <stdint.h>

/* The nearest colour (as in surface.h) at a depth of 0, 8, 16, 256 or 1 << 24 colours. At 8 the
 * bright ones stay COLOUR_16 | 8..15: which is the painter's to show, as bold. */
uint32_t colour_reduce(uint32_t colour, int depth);

/* What a colour looks like on a usual terminal, as 0xRRGGBB; the default one gives `fallback`. */
uint32_t colour_rgb(uint32_t colour, uint32_t fallback);

#endif
