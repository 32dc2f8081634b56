/* What values of each kind must look like. Between profile.c and setting_kind.c only. */
#ifndef MODEL_SETTING_KIND_H
#define MODEL_SETTING_KIND_H

#include "base/lines.h"

enum setting_kind {
	KIND_TEXT,
	KIND_NAME, /* of a profile */
	KIND_WORD,
	KIND_COLOUR,
	KIND_CONNINFO,
	KIND_PATH,
	KIND_COMMAND,
	KIND_URL,
	KIND_ZONE,
	KIND_BOOL,
	KIND_DURATION,
	KIND_LINES,
	KIND_LEVEL,
};

/* What is expected, in words. */
const char *setting_kind_form(enum setting_kind kind);

/* Unquotes and checks. The text lies in the arena; the number is that of a boolean or a duration. */
int setting_kind_parse(enum setting_kind kind, struct arena *arena, struct slice value,
	const char **ret_text, int64_t *ret_number, struct err *err);

/* A profile's name: what may stand on a command line and in a section. */
bool setting_is_name(struct slice name);

#endif
