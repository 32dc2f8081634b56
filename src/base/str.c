/* Building text in memory that grows up to a cap. Leaves what the bytes mean to its users; whatever
 * room builds a message, a statement or a line does it here. */
#include "base/str.h"
#include "base/mem.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void str_done(struct str *str)
{
	free(str->at);
	*str = STR_INIT(str->cap);
}

void str_reset(struct str *str)
{
	str->cut = false;
	str_truncate(str, 0);
}

/* Room for so many bytes and a NUL behind them. */
static void reserve(struct str *str, size_t len)
{
	size_t size = str->size ? str->size : 32;

	if (len + 1 <= str->size)
		return;
	while (size < len + 1)
		size = size > SIZE_MAX / 2 ? len + 1 : size * 2;
	str->at = mem_resize(str->at, size, 1);
	str->size = size;
}

/* How many of so many bytes may still be added; the rest counts as cut. */
static size_t fitting(struct str *str, size_t len)
{
	size_t space = str->cap > str->len ? str->cap - str->len : 0;

	if (len <= space)
		return len;
	str->cut = true;
	return space;
}

void str_add(struct str *str, struct slice text)
{
	size_t len = fitting(str, text.len);

	reserve(str, str->len + len);
	if (len)
		memcpy(str->at + str->len, text.at, len);
	str->len += len;
	str->at[str->len] = '\0';
}

void str_addc(struct str *str, char c)
{
	str_add(str, (struct slice){&c, 1});
}

void str_adds(struct str *str, const char *text)
{
	str_add(str, slice_of(text));
}

void str_addf(struct str *str, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	str_addv(str, fmt, args);
	va_end(args);
}

void str_addv(struct str *str, const char *fmt, va_list args)
{
	va_list again;
	int need;

	va_copy(again, args);
	need = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	assert(need >= 0);
	if (need < 0)
		return;
	size_t len = fitting(str, (size_t)need);

	reserve(str, str->len + len);
	(void)vsnprintf(str->at + str->len, len + 1, fmt, args);
	str->len += len;
}

void str_truncate(struct str *str, size_t len)
{
	if (len > str->len)
		return;
	str->len = len;
	if (str->at)
		str->at[len] = '\0';
}

struct slice str_slice(const struct str *str)
{
	return (struct slice){str->at, str->len};
}

const char *str_cstr(const struct str *str)
{
	return str->at ? str->at : "";
}
