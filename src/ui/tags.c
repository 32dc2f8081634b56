/* A set of identities.
 * What is done with those that are marked is the views'.
 * Called by lists that allow marking. */
#include "ui/tags.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

struct tag {
	struct tag *next;
	size_t len;
	char id[];
};

static size_t bucket_of(struct slice id, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < id.len; i++)
		hash = (hash ^ (unsigned char)id.at[i]) * UINT64_C(1099511628211);
	return (size_t)(hash ^ hash >> 29) & (size - 1);
}

static bool is(const struct tag *tag, struct slice id)
{
	return tag->len == id.len && memcmp(tag->id, id.at, id.len) == 0;
}

/* The link that leads to the tag, or to where it would be. */
static struct tag **find(const struct tags *tags, struct slice id)
{
	struct tag **link = &tags->buckets[bucket_of(id, tags->size)];

	while (*link && !is(*link, id))
		link = &(*link)->next;
	return link;
}

static void grow(struct tags *tags)
{
	struct tags larger = {.size = tags->size ? 2 * tags->size : 64, .n = tags->n};

	larger.buckets = NEW_ARRAY(struct tag *, larger.size);
	for (size_t i = 0; i < tags->size; i++) {
		struct tag *tag = tags->buckets[i], *next;

		for (; tag; tag = next) {
			struct tag **link = find(&larger, (struct slice){tag->id, tag->len});

			next = tag->next;
			tag->next = *link;
			*link = tag;
		}
	}
	free(tags->buckets);
	*tags = larger;
}

void tags_done(struct tags *tags)
{
	for (size_t i = 0; i < tags->size; i++) {
		struct tag *tag = tags->buckets[i], *next;

		for (; tag; tag = next) {
			next = tag->next;
			free(tag);
		}
	}
	free(tags->buckets);
	*tags = (struct tags){0};
}

bool tags_has(const struct tags *tags, struct slice id)
{
	return tags->n && *find(tags, id);
}

void tags_set(struct tags *tags, struct slice id, bool tagged)
{
	struct tag **link, *tag;

	if (tagged && tags->n >= tags->size)
		grow(tags);
	if (!tags->size)
		return;
	link = find(tags, id);
	tag = *link;
	if (tagged == (tag != NULL))
		return;
	if (!tagged) {
		*link = tag->next;
		free(tag);
		tags->n--;
		return;
	}
	tag = mem_alloc(sizeof(*tag) + id.len + 1);
	tag->len = id.len;
	memcpy(tag->id, id.at, id.len);
	*link = tag;
	tags->n++;
}

void tags_each(const struct tags *tags, void (*fn)(void *ctx, struct slice id), void *ctx)
{
	for (size_t i = 0; i < tags->size; i++)
		for (const struct tag *tag = tags->buckets[i]; tag; tag = tag->next)
			fn(ctx, (struct slice){tag->id, tag->len});
}
