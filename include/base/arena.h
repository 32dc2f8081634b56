/* Memory that dies as one: results, parsed files, one frame's scratch. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
	size_t total; /* bytes asked from the heap */
};

#define ARENA_INIT ((struct arena){0})

void arena_done(struct arena *arena);
void arena_reset(struct arena *arena); /* keeps one chunk for reuse */
void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t n, size_t size);
struct slice arena_dup(struct arena *arena, struct slice text); /* NUL behind it */
const char *arena_str(struct arena *arena, struct slice text);
const char *arena_printf(struct arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
