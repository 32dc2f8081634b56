/* What the two halves of the pool share: the queue (pool.c) and the connections (pool_link.c). */
#ifndef STORE_POOL_PRIVATE_H
#define STORE_POOL_PRIVATE_H

#include "asked.h"
#include "base/str.h"
#include "conn.h"
#include "connect.h"
#include "store/pool.h"

#define POOL_BACKOFF_MIN_US (100 * MS_US)

/* The server ends by itself what a lost cancel left running. */
#define POOL_SERVER_MARGIN_US (5 * S_US)

struct slot {
	struct pool *pool;
	struct conn *conn;
	struct asked *running;
	size_t n_listening; /* channels that this connection was asked to listen on */
	bool listener;
	int64_t idle_since_us;
};

struct channel {
	char *sql;
	struct statement statement;
};

struct pool {
	struct loop *loop;
	struct pool_options options; /* its texts are copies */
	struct timer *timer;
	struct slot *slots;
	size_t n_slots;
	struct conn **dead; /* to be freed when no callback of theirs is under way */
	size_t n_dead, size_dead;
	struct connecting *connecting;
	struct asked_list waiting, ended;
	uint64_t last_ticket;
	struct channel **channels;
	size_t n_channels;
	enum pool_state state;
	int64_t since_us, backoff_us, retry_at_us; /* -1: none planned */
	int64_t moved_us; /* when a query last went to a connection */
	struct str error;
	uint64_t random;
	bool turning, again; /* in turn(); something changed while it ran */
};

/* pool.c: all work is done from the loop, so that no caller is called back from within its own
 * call. */
void pool_schedule(struct pool *pool);

/* pool_link.c */
int64_t pool_now_us(const struct pool *pool);
size_t pool_count_conns(const struct pool *pool);
void pool_set_error(struct pool *pool, const struct err *err);
void pool_start_connecting(struct pool *pool);
int64_t pool_connect_due_us(const struct pool *pool); /* of the next one, or -1 */
void pool_clear_slot(struct slot *slot); /* its connection is freed by the next turn */
void pool_free_dead(struct pool *pool);

/* Tell the caller now. The query is no longer anywhere when its fn runs. */
void pool_end_failed(
	struct pool *pool, struct asked *asked, const struct err *err, const char *sqlstate);
void pool_end_failedf(struct pool *pool, struct asked *asked, int code, const char *text);

#endif
