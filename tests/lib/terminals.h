/* What is drawn, as three kinds of terminal show it: through the painter and an emulator, so that
 * a golden screen holds what a person sees and not what was meant. */
#ifndef TESTS_LIB_TERMINALS_H
#define TESTS_LIB_TERMINALS_H

#include "ui/canvas.h"

typedef void (*terminals_draw)(void *ctx, const struct canvas *screen);

/* Compares tests/golden/<name>.txt with all of 80x24, 120x40, 40x12 and 10x3, each with UTF-8 and
 * 256 colours, with the terminal's own lines and 16, and with ASCII and none. Every byte painted is
 * held against the sequences that may be. */
void terminals_golden(const char *name, const struct theme *theme, terminals_draw draw, void *ctx);

#endif
