/* What the terminal can do, from what terminfo, the environment, the locale and the person say.
 * What terminfo knows is terminfo.c's.
 * Called by screen.c, once. */
#include "caps.h"
#include "base/mem.h"
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *caps_variable(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

/* By the locale if it is installed, else by its name: a forwarded LANG often is not. */
static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	const char *name = caps_variable("LC_ALL");
	bool utf8;

	if (locale) {
		utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
		freelocale(locale);
		return utf8;
	}
	name = *name ? name : caps_variable("LC_CTYPE");
	name = *name ? name : caps_variable("LANG");
	return strcasestr(name, "utf-8") || strcasestr(name, "utf8");
}

static int round_colours(int colours)
{
	static const int depths[] = {1 << 24, 256, 16, 8};

	for (size_t i = 0; i < ARRAY_LEN(depths); i++)
		if (colours >= depths[i])
			return depths[i];
	return 0;
}

static int find_colours(const struct screen_options *options, const struct terminfo *can)
{
	const char *no_color = options->no_color ? options->no_color : caps_variable("NO_COLOR");
	const char *more = caps_variable("COLORTERM");
	/* Consoles and screen inherit the variable from elsewhere, but cannot. */
	bool can_more = can->title && strncmp(can->name, "screen", 6) != 0;

	if (options->colours >= 0)
		return round_colours(options->colours);
	if (*no_color)
		return 0;
	if (can_more && can->colours &&
		(strcmp(more, "truecolor") == 0 || strcmp(more, "24bit") == 0))
		return 1 << 24;
	return round_colours(can->colours);
}

struct screen_caps caps_find(const struct screen_options *options, const struct terminfo *can)
{
	struct screen_caps caps = {.utf8 = locale_is_utf8(), .colours = find_colours(options, can)};

	caps.lines = caps.utf8 ? LINES_UTF8 : can->acs ? LINES_ACS : LINES_ASCII;
	if (options->lines == LINES_ASCII || (options->lines == LINES_ACS && can->acs))
		caps.lines = (enum lines_kind)options->lines;
	snprintf(caps.term, sizeof(caps.term), "%s", can->name);
	snprintf(caps.warning, sizeof(caps.warning), "%s", can->warning);
	return caps;
}
