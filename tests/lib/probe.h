/* What tests of the pool share: a loop to wait in, queries that note their answers, and a second
 * session to look at the server from outside. */
#ifndef TESTS_LIB_PROBE_H
#define TESTS_LIB_PROBE_H

#include "base/loop.h"
#include "store/pool.h"
#include <libpq-fe.h>

#define PROBE_PATIENCE_US (20 * S_US)

struct probe {
	struct clock clock;
	struct loop *loop;
	struct pool *pool;
	char *database;
	PGconn *outside; /* as postgres, in the same database */
	int changes; /* calls of the pool's changed() */
	int64_t retry_us; /* how long it meant to wait, at the last of these */
	int max; /* for probe_open(); 0: 2 */
	int64_t connect_timeout_us, deadline_us;
	void (*notified)(void *ctx, struct slice channel, struct slice payload);
};

/* A query and what came of it. */
struct asking {
	struct statement statement;
	uint64_t ticket;
	int calls, batches;
	bool over;
	struct rows *rows; /* of the last answer */
	size_t n_rows; /* of all answers */
	struct err err;
	char sqlstate[6];
};

/* An empty database, a loop, and a session from outside. The pool comes with probe_open(). */
void probe_init(struct probe *probe, const char *name);
void probe_done(struct probe *probe);

/* conninfo NULL: straight to the test's server. */
void probe_open(struct probe *probe, const char *conninfo);

/* Closes the pool, and waits for what it left to helper threads. */
void probe_close(struct probe *probe);

/* Fails the test when it does not become true. */
void probe_until(struct probe *probe, bool (*is)(void *ctx), void *ctx, const char *what);
void probe_until_state(struct probe *probe, enum pool_state state);
void probe_until_over(struct probe *probe, struct asking *asking);

/* Waits until the query from outside gives that text. */
void probe_until_text(struct probe *probe, const char *want, const char *sql);
void probe_turn(struct probe *probe, int64_t us); /* lets that much time pass in the loop */

/* A statement without parameters; its columns are the caller's. */
void probe_ask(struct probe *probe, struct asking *asking, const char *name, const char *sql,
	const struct column *columns, size_t n_columns);
void probe_ask_with(struct probe *probe, struct asking *asking, const struct statement *statement,
	const char *const *params, int64_t deadline_us, size_t batch);
void asking_done(struct asking *asking);

#endif
