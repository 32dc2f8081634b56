/* Secrets from where a person keeps them: a file closed to others, or a command that prints them.
 *
 * A command is started without a shell: its words are parted and quoted as in the line grammar, the
 * first is looked up in PATH. It gets no input and no terminal, its error output is dropped, and
 * whatever ends with PASSWORD, PASSWD or PASSPHRASE is taken out of its environment. Its first line
 * counts, as with password managers that print notes behind. What was read is wiped after use. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/err.h"
#include "base/loop.h"
#include "base/slice.h"

#define SECRET_MAX 4096
#define SECRET_DEADLINE_US (30 * S_US)

struct secret_source {
	const char *file; /* a path; "~/" stands for the home folder */
	const char *command; /* used when there is no file; both NULL: there is no secret */
};

struct secret_fetch;

/* Calls done() once, never from within: with the secret (a NUL stands behind it), or with err set.
 * Both are borrowed until it returns. What one asks for without a source is the empty secret. The
 * handle is gone after done(). deadline_us 0: SECRET_DEADLINE_US. */
struct secret_fetch *secret_fetch(struct loop *loop, const struct secret_source *source,
	int64_t deadline_us, void (*done)(void *ctx, struct slice secret, const struct err *err),
	void *ctx);

/* Ends the command too; done() is not called. NULL is fine. */
void secret_drop(struct secret_fetch *fetch);

#endif
