/* What a profile is once it was read. Private to profile.c and profile_said.c. */
#ifndef MODEL_PROFILE_PART_H
#define MODEL_PROFILE_PART_H

#include "model/profile.h"

struct value {
	const char *text; /* NULL: not set */
	int64_t number;
	int line;
};

struct profile {
	const char *name, *word; /* the word is for the banner, when none is set */
	const struct profile *parent; /* of an Odoo: its profile */
	const struct value *defaults; /* what holds where nothing is set, [settings] included */
	struct value values[SETTING_N];
	const char *broken; /* why it is not to be used, or NULL */
	bool is_odoo; /* the section of a further Odoo */
	struct profile *odoos, *next; /* the further ones, in the order of the file */
};

#endif
