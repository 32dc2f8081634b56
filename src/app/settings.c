/* Brings the values of orderly.conf where the console uses them.
 * The grammar and the meaning of settings are model/profile's, finding the file too.
 * Called by main before anything is opened. */
#include "app/settings.h"
#include "base/mem.h"
#include "model/profile_file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int settings_load(struct settings *settings, const char *file, const char *profile, struct err *err)
{
	int r;

	*settings = (struct settings){.profiles = profiles_new()};
	r = profiles_load(settings->profiles, file, &settings->problems, err);
	if (r == 0)
		r = profiles_find(settings->profiles, profile, &settings->profile, err);
	return r;
}

void settings_done(struct settings *settings)
{
	profiles_free(settings->profiles);
	problems_done(&settings->problems);
}

static void set_zone(const char *zone)
{
	if (strcmp(zone, "local") != 0)
		setenv("TZ", zone, 1);
	tzset();
}

void settings_apply(const struct settings *settings, struct console_options *options)
{
	const struct profile *profile = settings->profile;
	const struct {
		const char **to;
		enum setting from;
	} texts[] = {
		{&options->conninfo, SETTING_STORE},
		{&options->environment, SETTING_ENVIRONMENT},
		{&options->environment_colour, SETTING_ENVIRONMENT_COLOUR},
		{&options->keymap, SETTING_KEYMAP},
		{&options->theme, SETTING_THEME},
		{&options->lines, SETTING_LINES},
	};

	options->profile = profile;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!*texts[i].to)
			*texts[i].to = profile_text(profile, texts[i].from);
	options->read_only |= profile_bool(profile, SETTING_READ_ONLY);
	options->accessible |= profile_bool(profile, SETTING_ACCESSIBLE);
	if (settings->problems.n)
		options->problem = settings->problems.texts[0];
	set_zone(profile_text(profile, SETTING_TIME_ZONE));
}

/* What holds in each profile, line by line: no secret is among the settings. */
static void print_profile(const struct profile *profile)
{
	printf("[%s]\n", profile_name(profile));
	for (size_t i = 0; i < SETTING_N; i++) {
		const char *value = profile_text(profile, (enum setting)i);

		if (*value)
			printf("%s = %s\n", setting_name((enum setting)i), value);
	}
}

int settings_check(const char *file)
{
	struct settings settings;
	struct err err = ERR_INIT;
	int r = settings_load(&settings, file, NULL, &err);
	size_t n = settings.problems.n;

	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s\n", settings.problems.texts[i]);
	if (r < 0 && !n)
		fprintf(stderr, "%s\n", err.text);
	for (size_t i = 0; r == 0 && !n && i < profiles_count(settings.profiles); i++)
		print_profile(profiles_at(settings.profiles, i));
	settings_done(&settings);
	return r < 0 || n ? 1 : 0;
}
