/* Screens as they should be, kept as text files in tests/golden.
 *
 * With ORDERLY_GOLDEN=update in the environment they are written anew instead of compared; look at
 * the difference in version control before it is committed. */
#ifndef TESTS_LIB_GOLDEN_H
#define TESTS_LIB_GOLDEN_H

#include "base/slice.h"
#include "base/str.h"

/* Fails the test, with the lines that differ, unless tests/golden/<name>.txt holds this text. */
void golden_check(const char *name, struct slice text);

/* The lines that differ, "-" as expected, "+" as found; returns their number. */
int golden_diff(struct slice want, struct slice got, struct str *out);

/* Of a file below the source's top: where it is, whatever folder the test was started in. */
void golden_path(const char *relative, struct str *out);

#endif
