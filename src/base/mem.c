/* Allocation that never fails but by ending the process. Knows nothing of what is stored. */
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *p)
{
	if (!p) {
		fputs("orderly: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *mem_array(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *mem_alloc(size_t size)
{
	return mem_array(1, size);
}

void *mem_resize(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return or_die(NULL);
	return or_die(realloc(p, bytes ? bytes : 1));
}

char *mem_dup(const void *p, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len)
		memcpy(copy, p, len);
	return copy;
}

char *mem_dup_str(const char *text)
{
	return mem_dup(text, strlen(text));
}

void mem_wipe(void *p, size_t len)
{
	if (len)
		explicit_bzero(p, len);
}

void mem_freep(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;

	free(*p);
	*p = NULL;
}
