/* The pool's connections: made, lost, made again, and what they answer.
 * Leaves the handshake to connect.c, libpq's steps to conn.c, which query goes where to pool.c.
 * Called by pool.c and by the connections. */
#include "base/mem.h"
#include "pool_private.h"
#include <assert.h>
#include <errno.h>

#define BACKOFF_MAX_US (10 * S_US)

/* Another connection is made when the queue did not move for a moment, or when its first had to
 * wait: most queries are over sooner than a handshake. */
#define GROW_STUCK_US (20 * MS_US)
#define GROW_WAITED_US (60 * MS_US)

int64_t pool_now_us(const struct pool *pool)
{
	return clock_mono_us(loop_clock(pool->loop));
}

static void changed(struct pool *pool)
{
	if (pool->options.changed)
		pool->options.changed(pool->options.ctx);
}

static void set_state(struct pool *pool, enum pool_state state)
{
	if (pool->state == state)
		return;
	pool->state = state;
	pool->since_us = pool_now_us(pool);
	changed(pool);
}

void pool_set_error(struct pool *pool, const struct err *err)
{
	str_reset(&pool->error);
	str_adds(&pool->error, err->text);
}

/* Between three and five quarters of the delay. */
static int64_t jitter(struct pool *pool, int64_t delay_us)
{
	pool->random ^= pool->random << 13;
	pool->random ^= pool->random >> 7;
	pool->random ^= pool->random << 17;
	return delay_us * 3 / 4 + (int64_t)(pool->random % (uint64_t)(delay_us / 2 + 1));
}

static void plan_retry(struct pool *pool)
{
	pool->retry_at_us = pool_now_us(pool) + jitter(pool, pool->backoff_us);
	pool->backoff_us *= 2;
	if (pool->backoff_us > BACKOFF_MAX_US)
		pool->backoff_us = BACKOFF_MAX_US;
}

size_t pool_count_conns(const struct pool *pool)
{
	size_t n = 0;

	for (size_t i = 0; i < pool->n_slots; i++)
		n += pool->slots[i].conn != NULL;
	return n;
}

static struct slot *slot_of(struct pool *pool, const struct conn *conn)
{
	for (size_t i = 0; i < pool->n_slots; i++)
		if (pool->slots[i].conn == conn)
			return &pool->slots[i];
	return NULL;
}

static void bury(struct pool *pool, struct conn *conn)
{
	if (pool->n_dead == pool->size_dead) {
		pool->size_dead = pool->size_dead ? pool->size_dead * 2 : 4;
		pool->dead = mem_resize(pool->dead, pool->size_dead, sizeof(pool->dead[0]));
	}
	pool->dead[pool->n_dead++] = conn;
}

void pool_free_dead(struct pool *pool)
{
	while (pool->n_dead)
		conn_free(pool->dead[--pool->n_dead]);
}

void pool_clear_slot(struct slot *slot)
{
	bury(slot->pool, slot->conn);
	slot->conn = NULL;
	slot->n_listening = 0;
	slot->listener = false;
}

void pool_end_failed(
	struct pool *pool, struct asked *asked, const struct err *err, const char *sqlstate)
{
	asked_end(asked, NULL, err, sqlstate, pool_now_us(pool));
}

void pool_end_failedf(struct pool *pool, struct asked *asked, int code, const char *text)
{
	struct err err = ERR_INIT;

	err_set(&err, code, "%s", text);
	pool_end_failed(pool, asked, &err, NULL);
}

static void on_answer(void *ctx, struct conn *conn, const struct conn_answer *answer)
{
	struct pool *pool = ctx;
	struct slot *slot = slot_of(pool, conn);
	struct asked *asked = slot ? slot->running : NULL;

	if (!asked)
		return;
	if (!answer->last) {
		struct query_result result = {.event = QUERY_ROWS, .rows = answer->rows};

		result.took_us = pool_now_us(pool) - asked->asked_us;
		asked->query.fn(asked->query.ctx, &result);
		return;
	}
	slot->running = NULL;
	asked_end(asked, answer->rows, answer->err.code ? &answer->err : NULL, answer->sqlstate,
		pool_now_us(pool));
}

static void on_idle(void *ctx, struct conn *conn)
{
	struct pool *pool = ctx;
	struct slot *slot = slot_of(pool, conn);

	if (slot)
		slot->idle_since_us = pool_now_us(pool);
	pool_schedule(pool);
}

static void on_lost(void *ctx, struct conn *conn, const struct err *err)
{
	struct pool *pool = ctx;
	struct slot *slot = slot_of(pool, conn);
	struct asked *asked = slot ? TAKE(slot->running) : NULL;

	if (!slot)
		return;
	pool_clear_slot(slot);
	if (err->code == -ESTALE) {
		pool->retry_at_us = pool_now_us(pool);
	} else if (pool_count_conns(pool) == 0) {
		pool_set_error(pool, err);
		pool->backoff_us = POOL_BACKOFF_MIN_US;
		plan_retry(pool);
		set_state(pool, POOL_LOST);
	}
	if (asked)
		pool_end_failedf(pool, asked, -ENOTCONN, err->text);
	pool_schedule(pool);
}

static void on_notified(void *ctx, struct slice channel, struct slice payload)
{
	struct pool *pool = ctx;

	if (pool->options.notified)
		pool->options.notified(pool->options.ctx, channel, payload);
}

static int64_t session_timeout_us(const struct pool *pool)
{
	return pool->options.deadline_us + POOL_SERVER_MARGIN_US;
}

static void take_connection(struct pool *pool, PGconn *pg)
{
	const struct conn_events events = {on_answer, on_idle, on_lost, on_notified, pool};
	struct slot *slot = slot_of(pool, NULL);

	assert(slot);
	slot->conn = conn_new(pool->loop, pg, session_timeout_us(pool), &events);
	slot->idle_since_us = pool_now_us(pool);
	pool->backoff_us = POOL_BACKOFF_MIN_US;
	pool->retry_at_us = -1;
	str_reset(&pool->error);
	set_state(pool, POOL_UP);
}

static void take_failure(struct pool *pool, const struct connect_result *result)
{
	bool refused = result->refused && pool_count_conns(pool) == 0;

	pool_set_error(pool, &result->err);
	if (refused)
		pool->retry_at_us = -1;
	else
		plan_retry(pool);
	if (refused && pool->state != POOL_REFUSED)
		set_state(pool, POOL_REFUSED);
	else if (!refused && pool_count_conns(pool) == 0 && pool->state != POOL_CONNECTING &&
		 pool->state != POOL_LOST)
		set_state(pool, POOL_LOST);
	else
		changed(pool);
}

static void on_connected(void *ctx, struct connect_result *result)
{
	struct pool *pool = ctx;

	pool->connecting = NULL;
	if (result->pg)
		take_connection(pool, TAKE(result->pg));
	else
		take_failure(pool, result);
	pool_schedule(pool);
}

void pool_start_connecting(struct pool *pool)
{
	const struct connect_options options = {
		.conninfo = pool->options.conninfo,
		.application = pool->options.application,
		.password = pool->options.password,
		.timeout_us = pool->options.connect_timeout_us,
		.statement_timeout_us = session_timeout_us(pool),
	};

	pool->retry_at_us = -1;
	pool->connecting = connect_start(pool->loop, &options, on_connected, pool);
}

static int64_t later(int64_t a_us, int64_t b_us)
{
	return a_us > b_us ? a_us : b_us;
}

static int64_t grow_due_us(const struct pool *pool)
{
	const struct asked *first = pool->waiting.first;
	int64_t stuck_us, waited_us;

	if (!first)
		return -1;
	stuck_us = later(first->asked_us, pool->moved_us) + GROW_STUCK_US;
	waited_us = later(first->asked_us, pool->since_us) + GROW_WAITED_US;
	return later(stuck_us < waited_us ? stuck_us : waited_us, pool->retry_at_us);
}

int64_t pool_connect_due_us(const struct pool *pool)
{
	size_t n = pool_count_conns(pool);

	if (pool->connecting || n == pool->n_slots)
		return -1;
	return n == 0 ? pool->retry_at_us : grow_due_us(pool);
}
