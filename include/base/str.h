/* A growing string with a cap: how text is built.
 *
 * Always NUL-terminated once something was added. What would go beyond the cap is dropped and
 * `cut` stays set until str_reset(), so that a caller may check once, at the end. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/slice.h"
#include <stdarg.h>

struct str {
	char *at;
	size_t len, size, cap;
	bool cut;
};

#define STR_INIT(max) ((struct str){.cap = (max)})

void str_done(struct str *str);
void str_reset(struct str *str); /* empty again; keeps its memory */
void str_add(struct str *str, struct slice text);
void str_addc(struct str *str, char c);
void str_adds(struct str *str, const char *text);
void str_addf(struct str *str, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_addv(struct str *str, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
void str_truncate(struct str *str, size_t len);
struct slice str_slice(const struct str *str);
const char *str_cstr(const struct str *str); /* "" when empty */

#endif
