/* The shipped keymaps and themes, embedded so that the program runs without its data folder. */
#ifndef UI_DEFAULTS_H
#define UI_DEFAULTS_H

#include "base/slice.h"

struct default_file {
	const char *name; /* NULL at the end */
	const char *text;
};

extern const struct default_file default_keymaps[];
extern const struct default_file default_themes[];

bool default_keymap(struct slice name, struct slice *ret_text);
bool default_theme(struct slice name, struct slice *ret_text);

#endif
