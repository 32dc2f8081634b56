/* One connection in the loop, after the handshake: one query at a time, in pipeline mode, so that
 * preparing and running it are one round trip. Private to the store.
 *
 * Every step may end in a callback; a callback must not free the connection, but may say
 * conn_abandon(). After `lost` only conn_free() may be called, later, not from within. */
#ifndef STORE_CONN_H
#define STORE_CONN_H

#include "base/err.h"
#include "base/loop.h"
#include "model/rows.h"
#include "store/statement.h"
#include <libpq-fe.h>

struct conn;

struct conn_answer {
	struct rows *rows; /* borrowed; NULL when failed */
	bool last;
	struct err err; /* code 0 unless failed */
	char sqlstate[6];
};

struct conn_events {
	/* Of the query under way; none comes after conn_abandon(). */
	void (*answer)(void *ctx, struct conn *conn, const struct conn_answer *answer);
	void (*idle)(void *ctx, struct conn *conn); /* can take a query again */
	void (*lost)(void *ctx, struct conn *conn, const struct err *err);
	void (*notified)(void *ctx, struct slice channel, struct slice payload);
	void *ctx;
};

/* Takes pg. statement_timeout_us is what the session was started with. */
struct conn *conn_new(struct loop *loop, PGconn *pg, int64_t statement_timeout_us,
	const struct conn_events *events);
void conn_free(struct conn *conn); /* NULL is fine; what the server still does, it breaks off */

bool conn_is_idle(const struct conn *conn);

/* The connection must be idle. Without a name the statement is not kept prepared. batch: rows for
 * each answer, 0 for all in one. */
void conn_query(struct conn *conn, const struct statement *statement, const char *const *params,
	size_t batch, int64_t statement_timeout_us);

/* The caller lost interest: cancelled on the server, and the rest is swallowed. Idle comes when both
 * are over, lost when that takes longer than a moment. */
void conn_abandon(struct conn *conn);

#endif
