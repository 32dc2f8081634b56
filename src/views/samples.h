/* Payloads of invented people, one of each format: what mask rules are tried on. */
#ifndef VIEWS_SAMPLES_H
#define VIEWS_SAMPLES_H

#include "base/slice.h"

#define SAMPLES_N 6

struct sample {
	const char *name, *content_type, *body;
};

const struct sample *sample_at(size_t at);

/* The sample that a rule of that kind reads. */
size_t sample_for(struct slice target, struct slice kind);

#endif
