/* "inherit NAME", as keymaps and themes have it: what another one says is read first. */
#ifndef UI_INHERIT_H
#define UI_INHERIT_H

#include "base/lines.h"

/* Takes a word statement, which must be "inherit", and finds what it names; depth is how many files
 * are being read around this one. kind is for messages: "keymap". */
int inherit_text(const struct line *line, int depth,
	bool (*find)(struct slice name, struct slice *ret_text), const char *kind,
	struct slice *ret_text, struct err *err);

#endif
