/* What a person has marked, by identity: it stays marked wherever the list scrolls or sorts it. */
#ifndef UI_TAGS_H
#define UI_TAGS_H

#include "base/slice.h"

struct tag;

struct tags {
	struct tag **buckets;
	size_t n, size;
};

void tags_done(struct tags *tags); /* none is left */
bool tags_has(const struct tags *tags, struct slice id);
void tags_set(struct tags *tags, struct slice id, bool tagged);

/* In no order. */
void tags_each(const struct tags *tags, void (*fn)(void *ctx, struct slice id), void *ctx);

#endif
