/* Where orderly.conf lies, and reading it. */
#ifndef MODEL_PROFILE_FILE_H
#define MODEL_PROFILE_FILE_H

#include "model/profile.h"

/* Reads the file, or with NULL the user's own, else the host's; none is fine then. A line that is
 * wrong goes to problems; a file that cannot be used at all is an error. */
int profiles_load(
	struct profiles *profiles, const char *file, struct problems *problems, struct err *err);

#endif
