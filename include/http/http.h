/* HTTP requests on the event loop: sent without waiting, answered by a callback, cancelled at will.
 *
 * What holds for every request:
 * - TLS is verified, certificate and name, from version 1.2 up. There is no way to turn that off;
 *   a private authority is named by http_options.ca_file.
 * - Redirects are not followed: 3xx is an answer like any other, and credentials stay where they
 *   were meant to go.
 * - The environment (http_proxy and its kin, netrc) has no say; a proxy is named by
 *   http_options.proxy or there is none.
 * - Compressed answers are not asked for, so the cap on the answer is the cap on memory.
 * - A request that may have reached the other side is never sent again behind the caller's back,
 *   unless it is a GET or HEAD. curl would repeat one on a kept connection that dies.
 * - Connections are kept for later requests to the same host.
 *
 * A program that asks has SIGPIPE ignored from then on, if it was not handled, because writing into
 * a closed TLS connection raises it. The library behind is started with the first request, since
 * that takes longer than all else at the start of a program. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/err.h"
#include "base/loop.h"
#include "base/slice.h"

#define HTTP_DEADLINE_US (30 * S_US)
#define HTTP_BODY_MAX ((size_t)16 * 1024 * 1024)
#define HTTP_HEADERS_MAX ((size_t)64 * 1024)

struct http;

struct http_options {
	const char *ca_file; /* PEM; NULL: the system's authorities */
	const char *proxy; /* NULL: none */
	const char *user_agent; /* NULL: "orderly" */
	long max_per_host; /* connections at once; 0: 8. More requests wait for their turn */
};

/* How a request ended. */
enum http_end {
	HTTP_ANSWERED, /* whatever the status says */
	HTTP_REFUSED, /* was not sent: the URL, method or a header cannot be */
	HTTP_RESOLVE,
	HTTP_CONNECT,
	HTTP_TLS,
	HTTP_TIMEOUT,
	HTTP_CANCELED,
	HTTP_TOO_LARGE,
	HTTP_GONE, /* the connection broke after it was made */
	HTTP_GARBLED, /* what came is not HTTP */
};

struct http_header {
	struct slice name, value;
};

struct http_reply {
	enum http_end end;
	int status; /* 0 when none came */
	const struct http_header *headers;
	size_t n_headers;
	struct slice body; /* what came of it, if the end is another than HTTP_ANSWERED */
	int64_t cert_ends_s; /* of the certificate that was shown, since 1970; 0: not known, or not asked */
	bool may_have_arrived; /* the other side may have got the request and acted on it */
	const struct err *err; /* NULL when answered */
	int64_t took_us;
};

struct http_ask {
	const char *method; /* NULL: GET */
	const char *url; /* http:// or https:// */
	const struct http_header *headers;
	size_t n_headers;
	struct slice body; /* copied, as is all else */
	int64_t deadline_us; /* for the whole, waiting for a connection included; 0: HTTP_DEADLINE_US */
	size_t max_bytes; /* of the answer's body; 0: HTTP_BODY_MAX */
	bool certificate; /* on a connection of its own, to see the certificate */
	bool connect_only; /* nothing is sent: TLS is made, and that is the answer */
	/* Called once, never from within http_ask(). The reply is borrowed until it returns. */
	void (*reply)(void *ctx, const struct http_reply *reply);
	void *ctx;
};

/* The loop is borrowed, the options are copied. */
struct http *http_new(struct loop *loop, const struct http_options *options);

/* Drops what is under way. Not from within a reply. */
void http_free(struct http *http);
void http_freep(struct http **http);

/* Returns a ticket, never 0. */
uint64_t http_ask(struct http *http, const struct http_ask *ask);
void http_cancel(struct http *http, uint64_t ticket); /* a reply HTTP_CANCELED follows */
void http_drop(struct http *http, uint64_t ticket); /* no reply follows */

const char *http_end_name(enum http_end end);

/* The value of the first header of that name in any case, or SLICE_NONE. */
struct slice http_reply_header(const struct http_reply *reply, const char *name);

#endif
