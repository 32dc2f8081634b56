/* orderly.conf as the program uses it: where it lies, and what of it holds. */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "app/console.h"
#include "model/profile.h"

struct settings {
	struct profiles *profiles;
	const struct profile *profile;
	struct problems problems;
};

/* Reads the file, or the user's own when it is NULL, or none when there is none; picks the profile.
 * A line that is wrong goes to problems; a file or profile that cannot be used at all is an error. */
int settings_load(
	struct settings *settings, const char *file, const char *profile, struct err *err);
void settings_done(struct settings *settings);

/* What the command line left open is taken from the profile; the time zone is set. */
void settings_apply(const struct settings *settings, struct console_options *options);

/* For the command line: prints what is wrong, or what holds; an exit status. NULL: the user's own. */
int settings_check(const char *file);

#endif
