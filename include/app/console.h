/* The console: the screen, the keys, the store and the views on one loop. */
#ifndef APP_CONSOLE_H
#define APP_CONSOLE_H

#include "base/err.h"
#include "model/profile.h"
#include <stdbool.h>

struct console_options {
	const struct profile *profile; /* what is not set below is taken from here */
	const char *conninfo; /* libpq's own */
	const char *environment; /* the word in the banner */
	const char *environment_colour; /* "prod", "test" or "plain" */
	const char *keymap, *theme; /* names of shipped ones, or paths */
	const char *lines; /* "utf8", "acs", "ascii", "auto" */
	const char *view; /* opened first; NULL: the overview */
	const char *problem; /* to be shown at the start; NULL: none */
	const char *odoo_url, *odoo_db, *odoo_login, *odoo_key_file;
	bool read_only, accessible;
	bool frame; /* print one frame as text and leave */
	int width, height; /* of that frame; 0: 80x24 */
};

/* Returns the exit status of the program. */
int console_main(const struct console_options *options);

#endif
