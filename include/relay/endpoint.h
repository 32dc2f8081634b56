/* What the catalogue says of where an interface's replays go: the object "endpoint", read and checked.
 *
 *   {"kind": "http", "url": "https://ghx.example/orders/{business_key}", "method": "POST",
 *    "headers": {"X-Source": "{interface}"}, "key_header": "Idempotency-Key", "timeout_s": 30,
 *    "auth": "bearer" | "basic" | "header", "user": "relay", "auth_header": "X-Api-Key",
 *    "secret": "ghx", "html": true, "answers": {"409": "present", "5xx": "failed"}}
 *
 *   {"kind": "odoo", "url": "https://odoo.example", "database": "hospital", "login": "relay",
 *    "secret": "odoo", "model": "purchase.order", "method": "create", "ids": ["$body.id"],
 *    "args": {"vals_list": [{"name": "$business_key", "origin": "$body.ref"}]}, "context": {}}
 *
 *   {"kind": "odoo", ..., "model": "res.partner", "load": {"id": "orderly.$key", "name": "$body.name"}}
 *
 * A secret is a name, not a path: a file of that name in the worker's own folder, closed to others.
 * "answers" overrules what a status means; "html" lets a page count as an answer. Odoo's values are
 * explained in fill.h. */
#ifndef RELAY_ENDPOINT_H
#define RELAY_ENDPOINT_H

#include "base/arena.h"
#include "base/err.h"
#include "odoo/value.h"

#define ENDPOINT_ANSWERS 16
#define ENDPOINT_HEADERS 32

enum endpoint_kind {
	ENDPOINT_NONE, /* nothing that we send */
	ENDPOINT_HTTP,
	ENDPOINT_ODOO,
	ENDPOINT_MIDDLEWARE, /* left for whoever claims it */
};

enum endpoint_auth {
	AUTH_NONE,
	AUTH_BEARER,
	AUTH_BASIC,
	AUTH_HEADER,
};

/* In the words of complete_replay(). */
enum outcome {
	OUTCOME_DELIVERED,
	OUTCOME_FAILED,
	OUTCOME_NOT_SENT,
	OUTCOME_IN_DOUBT,
	OUTCOME_PRESENT,
	N_OUTCOMES,
};

struct endpoint_answer {
	int from, to;
	enum outcome outcome;
};

struct endpoint_header {
	const char *name, *value;
};

struct endpoint {
	struct arena arena; /* what the rest points to */
	enum endpoint_kind kind;
	const char *url;
	const char *secret; /* a name, or NULL */
	int64_t deadline_us;

	const char *method, *key_header;
	enum endpoint_auth auth;
	const char *user, *auth_header;
	struct endpoint_header headers[ENDPOINT_HEADERS];
	size_t n_headers;
	struct endpoint_answer answers[ENDPOINT_ANSWERS];
	size_t n_answers;
	bool html;

	const char *database, *login, *model;
	const struct value *ids, *args, *context; /* NULL: none */
	const struct value *load; /* NULL: the method is called */
};

/* -EINVAL with the field and what is wrong with it. */
int endpoint_parse(struct slice json, struct endpoint **ret, struct err *err);
void endpoint_free(struct endpoint *endpoint); /* NULL is fine */
void endpoint_freep(struct endpoint **endpoint);

const char *outcome_name(enum outcome outcome);

#endif
