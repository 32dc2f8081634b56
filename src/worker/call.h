/* One call to somebody: a POST, or a command with JSON on its input. Private to the worker. */
#ifndef WORKER_CALL_H
#define WORKER_CALL_H

#include "base/loop.h"
#include "http/http.h"
#include "worker/callees.h"

struct call;

struct caller {
	struct loop *loop;
	struct http *http;
	const char *secrets; /* the folder; NULL: there is none */
};

/* As complete_signal() of the store wants it: delivered, failed, retry, in_doubt. */
struct call_end {
	const char *outcome;
	int status; /* of HTTP, or the command's; -1: none */
	const char *message; /* nothing of an answer's body */
};

/* Calls done() once, never from within. The texts are copied, the rest is borrowed. The secret is read
 * anew for each call. */
struct call *call_begin(const struct caller *caller, const struct callee *callee, const char *key,
	struct slice body, void (*done)(void *ctx, const struct call_end *end), void *ctx);

/* Ends a command too; done() is not called. NULL is fine. */
void call_drop(struct call *call);

#endif
