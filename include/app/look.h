/* Keymaps and themes as the user names them: a shipped one, or a file. */
#ifndef APP_LOOK_H
#define APP_LOOK_H

#include "ui/keymap.h"
#include "ui/theme.h"

/* Reads the one that is named, or the default when name is NULL or cannot be read; what is wrong goes
 * to problems. */
void look_load_keymap(struct keymap *keymap, const char *name, struct problems *problems);
void look_load_theme(struct theme *theme, const char *name, struct problems *problems);

/* For the command line: print, and return an exit status. */
int look_check_keymap(const char *name);
int look_check_theme(const char *name);
int look_dump_keymap(const char *name);

#endif
