/* A small HTTP/1.1 server on the event loop, for simulated endpoints: on loopback, for friends. It
 * keeps connections alive, reads bodies of a known length, and can be told to answer late or not at
 * all. Not for the open net: no TLS, no limits but those on size. */
#ifndef SIM_WEB_H
#define SIM_WEB_H

#include "base/err.h"
#include "base/loop.h"
#include "base/slice.h"
#include "base/str.h"

#define WEB_REQUEST_MAX ((size_t)16 * 1024 * 1024)

struct web;

struct web_request {
	struct slice method, path; /* the path without a query */
	struct slice head; /* all header lines */
	struct slice body;
};

enum web_end {
	WEB_ANSWER,
	WEB_HOLD, /* never answers; waits until the other side gives up */
	WEB_CLOSE, /* closes without a word */
	WEB_CUT, /* announces all of the answer, sends half of its body, and closes */
};

struct web_answer {
	int status;
	const char *type; /* a literal */
	struct str headers; /* further lines, each with its CRLF */
	struct str body;
	int64_t delay_us;
	enum web_end end;
};

/* serve() fills the answer, which begins as an empty 200. address: "127.0.0.1:0" takes a free port. */
int web_listen(struct loop *loop, const char *address,
	void (*serve)(void *ctx, const struct web_request *request, struct web_answer *answer),
	void *ctx, struct web **ret, struct err *err);
void web_close(struct web *web); /* NULL is fine; drops what is under way */
int web_port(const struct web *web);

/* SLICE_NONE where there is none. */
struct slice web_header(const struct web_request *request, const char *name);

#endif
