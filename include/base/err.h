/* Why something failed. Functions return 0 or a negative code (-errno) and fill a struct err once,
 * in the first layer that knows the reason. A message says what and where, in lower case, without
 * a full stop. What it quotes is made inert (base/text.h), so that it can be shown anywhere. Every
 * function accepts err == NULL. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

struct err {
	int code; /* negative, or 0 when nothing is set */
	char text[508];
};

#define ERR_INIT ((struct err){0})

/* Sets code and text and returns code, for `return err_set(err, -EINVAL, ...)`. */
int err_set(struct err *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "where: " before what is there. */
void err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "what: No such file or directory", from errno. Returns -errno. */
int err_errno(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
