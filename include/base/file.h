/* Whole small files, and secrets. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"
#include "base/str.h"

/* Adds the file's content; -EFBIG when it does not fit under the cap. */
int file_read(const char *path, struct str *out, struct err *err);

/* Atomically: a temporary file beside it with that mode, fsync, rename. */
int file_write(const char *path, struct slice text, unsigned mode, struct err *err);

/* As file_read, but the file must be regular, belong to the caller or root, and be closed to group
 * and others; a last newline is cut off. */
int file_read_secret(const char *path, struct str *out, struct err *err);

/* mkdir -p with that mode for what is new. */
int file_make_dirs(const char *path, unsigned mode, struct err *err);

#endif
