/* From a view's question to a statement on the pool, and back.
 * Connections, deadlines and cancelling are the pool's.
 * Made by the console; every view asks through it. */
#include "app/source_store.h"
#include "base/mem.h"
#include "store/filtered.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define BATCH 500

struct asked {
	struct asked *next, **link;
	uint64_t ticket;
	void (*reply)(void *ctx, const struct reply *reply);
	void *ctx;
	struct filtered *filtered; /* the statement that was composed for it, or NULL */
	struct err slow; /* what to say then when it takes too long */
};

struct source_store {
	struct source source;
	struct pool *pool;
	const struct clock *clock;
	struct asked *asked;
};

static void asked_free(struct asked *asked)
{
	*asked->link = asked->next;
	if (asked->next)
		asked->next->link = asked->link;
	filtered_free(asked->filtered);
	free(asked);
}

static void on_result(void *ctx, const struct query_result *result)
{
	static const enum reply_kind kinds[] = {
		[QUERY_ROWS] = REPLY_ROWS,
		[QUERY_DONE] = REPLY_DONE,
		[QUERY_FAILED] = REPLY_FAILED,
	};
	struct asked asked = *(struct asked *)ctx;
	struct reply reply = {
		.kind = kinds[result->event],
		.rows = result->rows,
		.err = result->err,
		.took_us = result->took_us,
	};

	if (asked.filtered && result->event == QUERY_FAILED && result->err->code == -ETIMEDOUT)
		reply.err = &asked.slow;
	/* Before the reply: its taker may ask again, or drop what is over. */
	if (result->event != QUERY_ROWS)
		asked_free(ctx);
	asked.reply(asked.ctx, &reply);
}

static uint64_t on_ask(struct source *source, const struct ask *ask)
{
	struct source_store *store = (struct source_store *)source;
	const struct statement *statement = statement_find(ask->question);
	struct asked *asked = NEW(struct asked);
	struct query query = {
		.statement = statement,
		.params = ask->params,
		.deadline_us = ask->deadline_us,
		.batch = ask->stream ? BATCH : 0,
		.fn = on_result,
		.ctx = asked,
	};

	assert(statement && statement->n_params == ask->n_params);
	*asked = (struct asked){
		.next = store->asked,
		.link = &store->asked,
		.reply = ask->reply,
		.ctx = ask->ctx,
	};
	if (asked->next)
		asked->next->link = &asked->next;
	store->asked = asked;
	if (ask->filter) {
		asked->filtered = filtered_new(
			statement, ask->params, ask->filter, clock_wall_us(store->clock));
		filtered_tell_slow(ask->filter, &asked->slow);
		query.statement = &asked->filtered->statement;
		query.params = asked->filtered->params;
	}
	asked->ticket = pool_query(store->pool, &query);
	return asked->ticket;
}

static void on_cancel(struct source *source, uint64_t ticket)
{
	pool_cancel(((struct source_store *)source)->pool, ticket);
}

static void on_drop(struct source *source, uint64_t ticket)
{
	struct source_store *store = (struct source_store *)source;

	pool_drop(store->pool, ticket);
	for (struct asked *asked = store->asked; asked; asked = asked->next) {
		if (asked->ticket == ticket) {
			asked_free(asked);
			return;
		}
	}
}

struct source *source_store_new(struct pool *pool, const struct clock *clock)
{
	static const struct source_ops ops = {
		.ask = on_ask,
		.cancel = on_cancel,
		.drop = on_drop,
	};
	struct source_store *store = NEW(struct source_store);

	store->source.ops = &ops;
	store->pool = pool;
	store->clock = clock;
	return &store->source;
}

void source_store_free(struct source *source)
{
	struct source_store *store = (struct source_store *)source;

	if (!store)
		return;
	while (store->asked) {
		pool_drop(store->pool, store->asked->ticket);
		asked_free(store->asked);
	}
	free(store);
}
