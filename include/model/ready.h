/* The filters that everyone has without saving them. */
#ifndef MODEL_READY_H
#define MODEL_READY_H

#include "base/str.h"
#include <stdint.h>

struct ready_filter {
	const char *name;
	const char *text; /* NULL: made from when one looked last */
	const char *help;
};

const struct ready_filter *ready_filters(size_t *ret_n);

/* Adds the text; looked_us 0: never looked. */
void ready_text(const struct ready_filter *ready, int64_t looked_us, struct str *out);

#endif
