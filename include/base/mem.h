/* Memory, and what the cleanup attribute needs.
 *
 * Allocation never returns NULL: every input that could be large is capped where it is read, so
 * running out means the machine is in trouble and the process aborts, by which the terminal is
 * restored and a worker's lease is left to others. New memory is zeroed. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Runs fn(&variable) when the variable leaves its scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Gives the pointer away: its variable becomes NULL, so that its cleanup does nothing. */
#define TAKE(p)                             \
	__extension__({                     \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

/* A number in the source as text. */
#define TEXT_OF(n) TEXT_OF_(n)
#define TEXT_OF_(n) #n

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define NEW(type) ((type *)mem_alloc(sizeof(type)))
#define NEW_ARRAY(type, n) ((type *)mem_array((n), sizeof(type)))

void *mem_alloc(size_t size);
void *mem_array(size_t n, size_t size);

/* Grows or shrinks to n elements; what is new is not zeroed. */
void *mem_resize(void *p, size_t n, size_t size);

/* A copy with a NUL behind it. */
char *mem_dup(const void *p, size_t len);
char *mem_dup_str(const char *text);

/* For secrets: not optimised away. */
void mem_wipe(void *p, size_t len);

/* For CLEANUP on any malloc'ed pointer: CLEANUP(mem_freep) char *s = ... */
void mem_freep(void *pointer_to_pointer);

#endif
