/* Texts that lie in a file for a while, for a program that wants a file: in a folder of their own that
 * is closed to everyone else, in memory where the system has such a place, and gone without a trace. */
#ifndef BASE_PRIVATE_H
#define BASE_PRIVATE_H

#include "base/err.h"
#include "base/str.h"

/* A file of mode 0600 in a new folder of mode 0700. ret_memory: it lies in memory, never on a disk. */
int private_write(struct slice text, const char *name, struct str *ret_path, bool *ret_memory,
	struct err *err);

/* What the file holds now, however it was replaced; a last newline is cut off. */
int private_read(const char *path, struct str *out, struct err *err);

/* Overwrites what lies in its folder, also what the program left beside it, and takes it away. */
void private_wipe(const char *path);

#endif
