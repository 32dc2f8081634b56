/* The store's connections, asynchronous from the first byte.
 *
 * A query goes to a connection that is idle, or to a new one while there are fewer than max, or
 * waits. So a query that hangs costs its own panel and nothing else. Each connection prepares a
 * statement when it first needs it, in the same round trip as its first use. A lost connection is
 * made again with back-off (100 ms doubling to 10 s, with jitter) over libpq's list of hosts; what
 * was under way on it fails with -ENOTCONN, and only reads may then be asked again, by the caller.
 * A deadline cancels on the server, and closes the connection when it does not answer that. */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include "model/rows.h"
#include "store/statement.h"

struct pool;

enum pool_state {
	POOL_CONNECTING, /* never connected yet */
	POOL_UP,
	POOL_LOST, /* was up; trying again */
	POOL_REFUSED, /* the server answered and said no: password, unknown database, no rights */
};

struct pool_options {
	const char *conninfo; /* libpq's own: service, hosts, sslmode, passfile ... */
	const char *application; /* application_name */
	struct secret_source
		password; /* borrowed for the pool's life; fetched for each connection */
	int max; /* connections */
	int64_t connect_timeout_us, deadline_us;
	/* Called in the loop when the state changes or a try failed. */
	void (*changed)(void *ctx);
	/* A notification on a channel given to pool_listen(). */
	void (*notified)(void *ctx, struct slice channel, struct slice payload);
	void *ctx;
};

struct pool *pool_open(struct loop *loop, const struct pool_options *options);
void pool_close(struct pool *pool);
enum pool_state pool_state(const struct pool *pool);
int64_t pool_since_us(const struct pool *pool); /* mono time of the last change of state */
int64_t pool_retry_at_us(const struct pool *pool); /* mono; -1 when none is planned */
const char *pool_error(const struct pool *pool); /* of the last failed try, without secrets */
void pool_retry_now(struct pool *pool);
void pool_listen(struct pool *pool, const char *channel);

enum query_event {
	QUERY_ROWS,
	QUERY_DONE,
	QUERY_FAILED,
};

struct query_result {
	enum query_event event;
	struct rows *rows; /* with ROWS and DONE; borrowed */
	const struct err *err; /* with FAILED: -ETIMEDOUT, -ECANCELED, -ENOTCONN, -EPERM (also when
				* refused), -EAGAIN (a conflict: ask again), -EINVAL */
	char sqlstate[6]; /* of the server, or "" */
	int64_t took_us;
};

/* The statement is used until the query ended or was dropped; its columns live for ever, as the rows
 * point to them. One name means one text. */
struct query {
	const struct statement *statement;
	const char *const *params; /* copied */
	int64_t deadline_us; /* 0: the pool's */
	size_t batch; /* rows per QUERY_ROWS; 0: all with DONE */
	void (*fn)(void *ctx, const struct query_result *result);
	void *ctx;
};

/* Never calls fn from within. Returns a ticket, never 0. */
uint64_t pool_query(struct pool *pool, const struct query *query);
void pool_cancel(struct pool *pool, uint64_t ticket); /* fails with -ECANCELED */
void pool_drop(struct pool *pool, uint64_t ticket); /* cancel, and fn is not called again */

#endif
