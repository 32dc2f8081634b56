/* What the parts of the client share. */
#ifndef ODOO_PART_H
#define ODOO_PART_H

#include "odoo/client.h"

enum stage {
	STAGE_NONE, /* nobody has asked yet, or the last login is void */
	STAGE_SECRET, /* under way, from here on */
	STAGE_PROBE_JSON2,
	STAGE_PROBE_JSONRPC,
	STAGE_LOGIN_JSON2,
	STAGE_LOGIN_JSONRPC,
	STAGE_READY,
};

struct call {
	struct odoo *odoo;
	struct call *next, **link;
	uint64_t ticket, http_ticket;
	struct odoo_ask ask; /* its texts are in the arena */
	struct arena arena;
	struct timer *timer; /* the deadline while it waits, or the pause before it is sent again */
	int64_t deadline_us; /* monotonic */
	int attempts; /* that came to nothing, those at the login included */
	int tries; /* how often it was sent */
	int64_t id; /* of its JSON-RPC request */
	uint64_t login; /* the login that it was sent with */
	bool waiting; /* for the login */
	bool sent, relogged, canceled;
};

struct odoo {
	struct loop *loop;
	struct http *http;
	struct odoo_options options;
	struct odoo_known known;
	char *version;
	enum stage stage;
	uint64_t login; /* how many there were */
	struct secret_fetch *fetch;
	char *secret;
	size_t secret_len;
	uint64_t http_ticket; /* of the login */
	struct call *calls;
	uint64_t last_ticket;
	int64_t last_id;
	/* The last refusal, and until when it stands. */
	enum odoo_class refused;
	char refusal[512];
	int64_t refused_until_us;
};

/* handshake.c: moves towards STAGE_READY; ends in client_ready() or client_failed(). */
void handshake_start(struct odoo *odoo);
void handshake_void(struct odoo *odoo); /* what was known of the login no longer holds */
void handshake_drop(struct odoo *odoo);

/* client.c */
void client_ready(struct odoo *odoo);
void client_failed(struct odoo *odoo, enum odoo_class class, const char *message);
void client_drop_calls(struct odoo *odoo);

/* odoo.c */
/* Notes the clock and the latency; the class and words of an answer that is none. */
bool client_heard(struct odoo *odoo, const struct http_reply *reply);
enum odoo_class client_end_class(enum http_end end);

/* request.c: the address and the body; the caller wipes the body. */
int request_call(const struct odoo *odoo, const struct call *call, struct str *url,
	struct str *body, struct err *err);
void request_common(const struct odoo *odoo, bool login, int64_t id, struct str *body);
/* To `reply`, with the protocol's headers. Returns http's ticket. */
uint64_t request_send(const struct odoo *odoo, enum odoo_protocol protocol, const char *method,
	const char *url, struct slice body, int64_t deadline_us, size_t max_bytes,
	void (*reply)(void *ctx, const struct http_reply *reply), void *ctx);

#endif
