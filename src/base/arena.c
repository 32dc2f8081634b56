/* Memory handed out from chunks and given back all at once. Does not know what lies in it and runs
 * no destructors. Results, parsed files and each frame's scratch are kept this way. */
#include "base/arena.h"
#include "base/mem.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_MIN ((size_t)4096)
#define CHUNK_MAX ((size_t)256 * 1024)
#define ALIGN (sizeof(max_align_t) > 16 ? (size_t)16 : sizeof(max_align_t))

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;
	max_align_t data[];
};

static void free_chunks(struct arena *arena, struct arena_chunk *chunk)
{
	while (chunk) {
		struct arena_chunk *next = chunk->next;

		arena->total -= sizeof(*chunk) + chunk->size;
		free(chunk);
		chunk = next;
	}
}

void arena_done(struct arena *arena)
{
	free_chunks(arena, arena->chunks);
	*arena = ARENA_INIT;
}

/* The largest chunk is kept, so that the same work done again needs the heap no more. */
void arena_reset(struct arena *arena)
{
	struct arena_chunk **largest = &arena->chunks;
	struct arena_chunk *kept;

	if (!arena->chunks)
		return;
	for (struct arena_chunk **at = &arena->chunks; *at; at = &(*at)->next)
		if ((*at)->size > (*largest)->size)
			largest = at;
	kept = *largest;
	*largest = kept->next;
	free_chunks(arena, arena->chunks);
	memset(kept->data, 0, kept->used);
	kept->used = 0;
	kept->next = NULL;
	arena->chunks = kept;
}

static struct arena_chunk *chunk_new(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;
	size_t bytes;

	if (__builtin_add_overflow(size, sizeof(*chunk), &bytes))
		bytes = SIZE_MAX; /* mem_alloc() ends the process */
	chunk = mem_alloc(bytes);
	chunk->size = size;
	arena->total += bytes;
	return chunk;
}

/* A chunk with that much space: what is large gets one of its own behind the first, which goes on
 * being filled. */
static struct arena_chunk *chunk_for(struct arena *arena, size_t size)
{
	struct arena_chunk *first = arena->chunks, *chunk;
	size_t want = first ? first->size * 2 : CHUNK_MIN;

	if (first && first->size - first->used >= size)
		return first;
	if (want > CHUNK_MAX)
		want = CHUNK_MAX;
	if (first && size > want / 4) {
		chunk = chunk_new(arena, size);
		chunk->next = first->next;
		first->next = chunk;
		return chunk;
	}
	chunk = chunk_new(arena, size > want ? size : want);
	chunk->next = first;
	arena->chunks = chunk;
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;
	size_t rounded;
	void *p;

	if (__builtin_add_overflow(size ? size : 1, ALIGN - 1, &rounded))
		return mem_alloc(SIZE_MAX);
	rounded &= ~(ALIGN - 1);
	chunk = chunk_for(arena, rounded);
	p = (char *)chunk->data + chunk->used;
	chunk->used += rounded;
	return p;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		bytes = SIZE_MAX;
	return arena_alloc(arena, bytes);
}

struct slice arena_dup(struct arena *arena, struct slice text)
{
	char *copy = arena_alloc(arena, text.len + 1);

	if (text.len)
		memcpy(copy, text.at, text.len);
	return (struct slice){copy, text.len};
}

const char *arena_str(struct arena *arena, struct slice text)
{
	return arena_dup(arena, text).at;
}

const char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	int need;
	char *text;

	va_start(args, fmt);
	need = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(need >= 0);
	if (need < 0)
		return "";
	text = arena_alloc(arena, (size_t)need + 1);
	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)need + 1, fmt, args);
	va_end(args);
	return text;
}
