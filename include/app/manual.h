/* The manual page orderly(1), written from the tables that the program itself runs on. */
#ifndef APP_MANUAL_H
#define APP_MANUAL_H

#include "base/str.h"
#include <stddef.h>

struct manual_option {
	const char *name, *argument, *help; /* argument may be NULL */
};

/* In troff's language, for man(1). */
void manual_add(struct str *out, const struct manual_option *options, size_t n);

#endif
