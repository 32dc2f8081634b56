/* Shares a few connections among all queries: who waits, who runs where, deadlines and cancels.
 * Leaves the connections to pool_link.c, the queue's memory to asked.c.
 * Called by the console's source and the worker. */
#include "store/pool.h"
#include "base/mem.h"
#include "pool_private.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was made for a rush is closed again; one stays. */
#define SPARE_US (60 * S_US)

#define CHANNEL_MAX 64

enum {
	MAX_DEFAULT = 4,
};

static void turn(void *ctx);

void pool_schedule(struct pool *pool)
{
	if (pool->turning) {
		pool->again = true;
		return;
	}
	loop_undefer(pool->loop, turn, pool);
	loop_defer(pool->loop, turn, pool);
}

static void run(struct slot *slot, struct asked *asked)
{
	const struct query *query = &asked->query;

	slot->running = asked;
	slot->pool->moved_us = pool_now_us(slot->pool);
	conn_query(slot->conn, query->statement, query->params, query->batch,
		query->deadline_us + POOL_SERVER_MARGIN_US);
}

/* One connection listens, after everything that somebody waits for. */
static void listen_more(struct pool *pool)
{
	struct slot *slot = NULL;

	for (size_t i = 0; i < pool->n_slots && pool->n_channels; i++)
		if (pool->slots[i].conn && (!slot || pool->slots[i].listener))
			slot = &pool->slots[i];
	if (!slot || !conn_is_idle(slot->conn) || slot->n_listening == pool->n_channels)
		return;
	slot->listener = true;
	conn_query(slot->conn, &pool->channels[slot->n_listening++]->statement, NULL, 0, 0);
}

static void dispatch(struct pool *pool)
{
	for (size_t i = 0; i < pool->n_slots && pool->waiting.first; i++) {
		struct slot *slot = &pool->slots[i];

		if (slot->conn && conn_is_idle(slot->conn))
			run(slot, asked_take_first(&pool->waiting));
	}
	if (!pool->waiting.first)
		listen_more(pool);
}

static void abandon(struct slot *slot)
{
	slot->running = NULL;
	conn_abandon(slot->conn);
}

static void expire(struct pool *pool)
{
	int64_t now = pool_now_us(pool);
	struct asked *asked;

	while ((asked = asked_take_due(&pool->waiting, now))) {
		struct err err = ERR_INIT;

		err_set(&err, -ETIMEDOUT, "no connection to the store in time%s%s",
			pool->error.len ? ": " : "", str_cstr(&pool->error));
		pool_end_failed(pool, asked, &err, NULL);
	}
	for (size_t i = 0; i < pool->n_slots; i++) {
		struct slot *slot = &pool->slots[i];

		asked = slot->running;
		if (!asked || asked->due_us > now)
			continue;
		abandon(slot);
		pool_end_failedf(pool, asked, -ETIMEDOUT, "the store did not answer in time");
	}
}

static void end_ended(struct pool *pool)
{
	struct asked *asked;

	while ((asked = asked_take_first(&pool->ended))) {
		struct err err = asked->err;

		pool_end_failed(pool, asked, &err, NULL);
	}
	while (pool->state == POOL_REFUSED && !pool->connecting &&
		(asked = asked_take_first(&pool->waiting)))
		pool_end_failedf(pool, asked, -EPERM, str_cstr(&pool->error));
}

static bool is_spare(const struct slot *slot, int64_t now)
{
	return slot->conn && !slot->listener && conn_is_idle(slot->conn) &&
	       slot->idle_since_us + SPARE_US <= now;
}

static void close_spares(struct pool *pool)
{
	int64_t now = pool_now_us(pool);

	for (size_t i = pool->n_slots; i-- > 0 && pool_count_conns(pool) > 1;)
		if (is_spare(&pool->slots[i], now))
			pool_clear_slot(&pool->slots[i]);
}

static void sooner(int64_t *due_us, int64_t other_us)
{
	if (other_us >= 0 && (*due_us < 0 || other_us < *due_us))
		*due_us = other_us;
}

static int64_t next_due_us(const struct pool *pool)
{
	int64_t due_us = pool_connect_due_us(pool);
	bool several = pool_count_conns(pool) > 1;

	for (const struct asked *asked = pool->waiting.first; asked; asked = asked->next)
		sooner(&due_us, asked->due_us);
	for (size_t i = 0; i < pool->n_slots; i++) {
		const struct slot *slot = &pool->slots[i];

		if (slot->running)
			sooner(&due_us, slot->running->due_us);
		else if (several && slot->conn && !slot->listener && conn_is_idle(slot->conn))
			sooner(&due_us, slot->idle_since_us + SPARE_US);
	}
	return due_us;
}

static void arm(struct pool *pool)
{
	int64_t due_us = next_due_us(pool);

	if (due_us < 0)
		timer_stop(pool->timer);
	else
		timer_at(pool->timer, due_us);
}

static void turn(void *ctx)
{
	struct pool *pool = ctx;
	int64_t due_us;

	pool->turning = true;
	pool->again = false;
	pool_free_dead(pool);
	end_ended(pool);
	expire(pool);
	dispatch(pool);
	close_spares(pool);
	due_us = pool_connect_due_us(pool);
	if (due_us >= 0 && due_us <= pool_now_us(pool))
		pool_start_connecting(pool);
	pool->turning = false;
	arm(pool);
	if (pool->again || pool->n_dead)
		pool_schedule(pool);
}

struct pool *pool_open(struct loop *loop, const struct pool_options *options)
{
	struct pool *pool = NEW(struct pool);
	struct err err = ERR_INIT;

	pool->loop = loop;
	pool->options = *options;
	pool->options.conninfo = mem_dup_str(options->conninfo ? options->conninfo : "");
	pool->options.application = mem_dup_str(options->application ? options->application : "");
	if (!options->connect_timeout_us)
		pool->options.connect_timeout_us = 10 * S_US;
	if (!options->deadline_us)
		pool->options.deadline_us = 30 * S_US;
	pool->n_slots = options->max > 0 ? (size_t)options->max : MAX_DEFAULT;
	pool->slots = NEW_ARRAY(struct slot, pool->n_slots);
	for (size_t i = 0; i < pool->n_slots; i++)
		pool->slots[i].pool = pool;
	asked_list_init(&pool->waiting);
	asked_list_init(&pool->ended);
	pool->error = STR_INIT(1024);
	pool->timer = timer_open(loop, turn, pool);
	pool->since_us = pool_now_us(pool);
	pool->backoff_us = POOL_BACKOFF_MIN_US;
	pool->random = (uint64_t)pool->since_us ^ ((uint64_t)getpid() << 32) ^ 0x9e3779b97f4a7c15u;
	pool->retry_at_us = -1;
	if (connect_check(pool->options.conninfo, &err) < 0) {
		pool->state = POOL_REFUSED;
		pool_set_error(pool, &err);
	} else {
		pool_start_connecting(pool);
	}
	return pool;
}

static void free_channels(struct pool *pool)
{
	for (size_t i = 0; i < pool->n_channels; i++) {
		free(pool->channels[i]->sql);
		free(pool->channels[i]);
	}
	free(pool->channels);
}

void pool_close(struct pool *pool)
{
	if (!pool)
		return;
	loop_undefer(pool->loop, turn, pool);
	connect_abandon(pool->connecting);
	for (size_t i = 0; i < pool->n_slots; i++) {
		asked_free(pool->slots[i].running);
		conn_free(pool->slots[i].conn);
	}
	pool_free_dead(pool);
	asked_list_done(&pool->waiting);
	asked_list_done(&pool->ended);
	free_channels(pool);
	timer_close(pool->timer);
	str_done(&pool->error);
	mem_wipe((char *)pool->options.conninfo, strlen(pool->options.conninfo));
	free((char *)pool->options.conninfo);
	free((char *)pool->options.application);
	free(pool->slots);
	free(pool->dead);
	free(pool);
}

enum pool_state pool_state(const struct pool *pool)
{
	return pool->state;
}

int64_t pool_since_us(const struct pool *pool)
{
	return pool->since_us;
}

int64_t pool_retry_at_us(const struct pool *pool)
{
	return pool->retry_at_us;
}

const char *pool_error(const struct pool *pool)
{
	return str_cstr(&pool->error);
}

void pool_retry_now(struct pool *pool)
{
	if (pool->connecting || pool_count_conns(pool) ||
		connect_check(pool->options.conninfo, NULL) < 0)
		return;
	pool->backoff_us = POOL_BACKOFF_MIN_US;
	pool_start_connecting(pool);
	pool_schedule(pool);
}

void pool_listen(struct pool *pool, const char *channel)
{
	struct str sql = STR_INIT(2 * CHANNEL_MAX + 16);
	struct channel *added;

	assert(strlen(channel) < CHANNEL_MAX);
	str_adds(&sql, "listen \"");
	for (; *channel; channel++) {
		str_addc(&sql, *channel);
		if (*channel == '"')
			str_addc(&sql, '"');
	}
	str_addc(&sql, '"');
	pool->channels =
		mem_resize(pool->channels, pool->n_channels + 1, sizeof(pool->channels[0]));
	added = pool->channels[pool->n_channels++] = NEW(struct channel);
	*added = (struct channel){.sql = sql.at, .statement = {.sql = sql.at}};
	pool_schedule(pool);
}

uint64_t pool_query(struct pool *pool, const struct query *query)
{
	struct query with = *query;

	assert(query->statement && query->fn);
	if (!with.deadline_us)
		with.deadline_us = pool->options.deadline_us;
	asked_add(&pool->waiting, asked_new(&with, ++pool->last_ticket, pool_now_us(pool)));
	pool_schedule(pool);
	return pool->last_ticket;
}

/* Takes the query from wherever it is; what runs is cancelled on the server. */
static struct asked *take_away(struct pool *pool, uint64_t ticket)
{
	struct asked *asked = asked_take(&pool->waiting, ticket);

	for (size_t i = 0; i < pool->n_slots && !asked; i++) {
		struct slot *slot = &pool->slots[i];

		if (!slot->running || slot->running->ticket != ticket)
			continue;
		asked = slot->running;
		abandon(slot);
	}
	return asked;
}

void pool_cancel(struct pool *pool, uint64_t ticket)
{
	struct asked *asked = take_away(pool, ticket);

	if (!asked)
		return;
	err_set(&asked->err, -ECANCELED, "cancelled");
	asked_add(&pool->ended, asked);
	pool_schedule(pool);
}

void pool_drop(struct pool *pool, uint64_t ticket)
{
	struct asked *asked = take_away(pool, ticket);

	if (!asked)
		asked = asked_take(&pool->ended, ticket);
	if (!asked)
		return;
	asked_free(asked);
	pool_schedule(pool);
}
