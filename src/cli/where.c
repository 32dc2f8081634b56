/* Finds out which store a command of the shell means.
 * The settings' meaning is model/profile's.
 * Called by the commands. */
#include "where.h"
#include "base/mem.h"
#include "model/profile_file.h"
#include <stdio.h>

bool where_take(struct where *where, int c, const char *argument)
{
	switch (c) {
	case 'c':
		where->conninfo = argument;
		return true;
	case 'p':
		where->profile = argument;
		return true;
	case 'f':
		where->config = argument;
		return true;
	default:
		return false;
	}
}

void where_help(struct str *out)
{
	str_adds(out, "  --profile NAME   a profile of orderly.conf; else the one it begins with\n"
		      "  --config FILE    another orderly.conf\n"
		      "  --conninfo TEXT  the store, in libpq's own words, instead of a profile\n");
}

int where_find(struct where *where, struct err *err)
{
	const struct profile *profile = NULL;
	int r;

	if (where->conninfo && !where->profile)
		return 0;
	where->profiles = profiles_new();
	r = profiles_load(where->profiles, where->config, &where->problems, err);
	if (r == 0)
		r = profiles_find(where->profiles, where->profile, &profile, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < where->problems.n; i++)
		fprintf(stderr, "%s\n", where->problems.texts[i]);
	if (!where->conninfo) {
		where->conninfo = profile_text(profile, SETTING_STORE);
		where->password = profile_password(profile);
	}
	return 0;
}

void where_done(struct where *where)
{
	profiles_free(where->profiles);
	problems_done(&where->problems);
}
