/* What terminfo says of a terminal, reduced to what the painter may use.
 *
 * The painter writes the sequences of ECMA-48 only; terminfo is asked which of them the terminal
 * understands, never for sequences to copy. A terminal of another family is refused. */
#ifndef TERM_TERMINFO_H
#define TERM_TERMINFO_H

#include "base/err.h"
#include <stdbool.h>

struct terminfo {
	int colours;
	bool bce; /* erasing leaves the present background */
	bool ech; /* erase n cells */
	bool cha; /* go to a column */
	bool csr; /* scroll regions */
	bool sgr_off; /* attributes can be put off one by one */
	bool dim, italic;
	bool hides_cursor;
	bool alternate; /* has an alternate screen */
	bool acs; /* has line drawing */
	bool title; /* takes OSC 2 and OSC 52 */
	bool wraps_early; /* wraps when the last column is written, not when the next glyph comes */
	int width, height; /* as told, 0 when not */
	char name[64];
	char warning[160];
};

/* -ENOTSUP when nothing full-screen can be shown there. */
int terminfo_load(const char *term, struct terminfo *ret, struct err *err);

#endif
