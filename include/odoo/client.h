/* Asking one database of one Odoo, without waiting: which protocol it speaks is found out, one login
 * serves all calls, and each call ends in a class (decode.h) and words for people.
 *
 * - The first call fetches the secret, probes (GET /web/version, then POST /jsonrpc), and logs in, once
 *   for all that wait. A refusal is remembered for ODOO_REFUSED_US, so that nobody is locked out by a
 *   wrong password that is tried again and again. When a login that worked is refused later, the secret
 *   is fetched anew and one more login is tried: a rotated key is taken without a restart.
 * - What only reads is sent again when Odoo is busy or was not reached, as often as odoo_options.retries
 *   says and as long as its deadline lets it. What may change something is never sent twice; its reply
 *   says whether Odoo may have done it all the same (in_doubt): then read back before asking again.
 * - Connections, TLS and their limits are http/http.h's. */
#ifndef ODOO_CLIENT_H
#define ODOO_CLIENT_H

#include "base/secret.h"
#include "http/http.h"
#include "odoo/decode.h"

#define ODOO_DEADLINE_US (30 * S_US)
#define ODOO_REFUSED_US (30 * S_US)
#define ODOO_ARGS_MAX 6

struct odoo;

struct odoo_options {
	const char *url; /* https://odoo.example.org; what stands behind the host is left out */
	const char *database; /* NULL: the server's only one, which JSON-2 alone can do */
	const char *login; /* NULL: a key for JSON-2 alone */
	struct secret_source secret;
	enum odoo_protocol protocol; /* ODOO_PROBE: whichever is there, JSON-2 first */
	int64_t deadline_us; /* of a call that names none; 0: ODOO_DEADLINE_US */
	int retries; /* of what reads, after the first time */
};

/* An argument as JSON, by its name in Odoo. */
struct odoo_arg {
	const char *name;
	struct slice json;
};

struct odoo_reply {
	enum odoo_class class;
	const char *message; /* for people; "" when OK */
	struct slice name; /* of Odoo's exception, or empty */
	const struct value *result; /* NULL when there is none */
	bool in_doubt; /* a change that may have been made though this is no OK */
	int tries; /* how often it was sent */
	int64_t took_us; /* of the last time it was sent */
};

struct odoo_ask {
	const char *model, *method;
	struct slice ids; /* "[1,2]", for methods of records; SLICE_NONE for the others */
	/* The first n_positional go by their place over JSON-RPC, where some old versions call them
	 * otherwise; all go by name over JSON-2. */
	struct odoo_arg args[ODOO_ARGS_MAX];
	int n_args, n_positional;
	struct slice context; /* an object, or SLICE_NONE */
	bool reads; /* changes nothing */
	int64_t deadline_us; /* for all of it, the login included; 0: the client's */
	size_t max_bytes; /* of the answer; 0: HTTP_BODY_MAX */
	/* Called once, never from within odoo_ask(). The reply is borrowed until it returns. */
	void (*done)(void *ctx, const struct odoo_reply *reply);
	void (*dropped)(void *ctx); /* called instead when it is dropped; may be NULL */
	void *ctx;
};

/* What is known so far. */
struct odoo_known {
	enum odoo_protocol protocol; /* ODOO_PROBE: nothing yet */
	const char *version; /* "" before the first probe */
	int64_t uid; /* 0: not logged in */
	bool has_clock;
	int64_t clock_ahead_us; /* the server's clock before ours; to about half a second */
	int64_t latency_us; /* of the last answer; 0: none yet */
};

/* Loop and http are borrowed, the options are copied. */
struct odoo *odoo_new(struct loop *loop, struct http *http, const struct odoo_options *options);
/* Drops what is under way. Not from within a reply. */
void odoo_free(struct odoo *odoo);
void odoo_freep(struct odoo **odoo);

/* Returns a ticket, never 0. All is copied. */
uint64_t odoo_ask(struct odoo *odoo, const struct odoo_ask *ask);
void odoo_cancel(struct odoo *odoo, uint64_t ticket); /* a reply ODOO_CANCELED follows */
void odoo_drop(struct odoo *odoo, uint64_t ticket); /* no reply follows */

const struct odoo_known *odoo_known(const struct odoo *odoo);
struct loop *odoo_loop(const struct odoo *odoo);

/* "Sun, 06 Nov 1994 08:49:37 GMT", as HTTP's Date says it; false when it is none. */
bool odoo_http_date(struct slice text, int64_t *ret_wall_us);

#endif
