/* What a worker tells of its secrets: their names and when each was changed last. Private to the worker. */
#ifndef WORKER_SECRETS_H
#define WORKER_SECRETS_H

#include "base/str.h"

/* The files of that folder as {"name": seconds since 1970}; hidden ones are left out. Nothing is opened.
 * False when the folder cannot be read. */
bool secrets_list(const char *folder, struct str *out);

#endif
