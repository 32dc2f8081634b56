/* Which store a command means: a profile of orderly.conf, or libpq's own words. Private to cli. */
#ifndef CLI_WHERE_H
#define CLI_WHERE_H

#include "base/err.h"
#include "base/str.h"
#include "model/profile.h"

struct where {
	const char *config, *profile, *conninfo; /* as given; NULL: not */
	struct profiles *profiles;
	struct problems problems;
	struct secret_source password;
};

#define WHERE_OPTIONS                                                                          \
	{"conninfo", required_argument, NULL, 'c'}, {"profile", required_argument, NULL, 'p'}, \
	{                                                                                      \
		"config", required_argument, NULL, 'f'                                         \
	}

/* Takes one of getopt's; false when it is none of these. */
bool where_take(struct where *where, int c, const char *argument);
void where_help(struct str *out);

/* Reads orderly.conf when no conninfo was given, and says on standard error what is wrong with it.
 * conninfo is set then. */
int where_find(struct where *where, struct err *err);
void where_done(struct where *where);

#endif
