/* The relay as a whole: when it asks, what it does next, how it ends.
 * Items are items.c's, send.c's and tell.c's, targets and endpoints targets.c's and routes.c's.
 * Called by orderlyd. */
#include "relay/relay.h"
#include "base/mem.h"
#include "part.h"
#include "store/migrate.h"
#include <stdlib.h>
#include <string.h>

/* One that listens, and what is asked at the same time: a claim, a mark, notes, outcomes, a report. */
#define CONNECTIONS 6
#define DEADLINE_US (30 * S_US)
#define ROUTES_US (10 * S_US)

/* How often a claim is tried while nobody calls: soon when there was something of late, because rates
 * and pauses let items come that nobody announces. */
#define POLL_BUSY_US (200 * MS_US)
#define POLL_IDLE_US S_US
#define BUSY_US (10 * S_US)

/* What is on its way has a deadline of its own; the store is not waited for beyond this. */
#define DRAIN_US (45 * S_US)

int64_t relay_now_us(const struct relay *relay)
{
	return clock_mono_us(loop_clock(relay->loop));
}

int64_t relay_jitter_us(struct relay *relay, int64_t us)
{
	relay->random ^= relay->random << 13;
	relay->random ^= relay->random >> 7;
	relay->random ^= relay->random << 17;
	return us * 3 / 4 + (int64_t)(relay->random % (uint64_t)(us / 2 + 1));
}

void relay_step(struct relay *relay, enum relay_step step)
{
	if (relay->options.step)
		relay->options.step(relay->options.ctx, step);
}

void relay_news(struct relay *relay, const struct relay_news *news)
{
	if (relay->options.news)
		relay->options.news(relay->options.ctx, news);
}

void relay_failed(struct relay *relay, const char *statement, const struct query_result *result)
{
	relay->stats.failed_questions++;
	relay_news(
		relay, &(struct relay_news){
			       .event = RELAY_STORE, .text = result->err->text, .code = statement});
}

uint64_t relay_ask(struct relay *relay, const char *statement, const char *const *params,
	void (*fn)(void *ctx, const struct query_result *result), void *ctx)
{
	return pool_query(relay->pool, &(struct query){.statement = statement_find(statement),
					       .params = params,
					       .deadline_us = DEADLINE_US,
					       .fn = fn,
					       .ctx = ctx});
}

/* ---- what can be done now -------------------------------------------------------------------------- */

static void send_marked(struct relay *relay)
{
	struct item_list marked = relay->marked;
	struct item *item;

	list_init(&relay->marked);
	while ((item = list_take(&marked))) {
		if (item_given_back(item))
			continue;
		if (target_may_fly(item->route->target))
			item_send(item);
		else
			list_add(&relay->marked, item);
	}
}

static bool is_empty(const struct relay *relay)
{
	return !relay->ready.n && !relay->marked.n && !relay->known.n && !relay->done.n &&
	       !relay->marking.n && !relay->noting.n && !relay->telling.n && !relay->flying &&
	       !relay->claiming;
}

static void maybe_drained(struct relay *relay)
{
	if (!relay->draining || relay->drained)
		return;
	if (!is_empty(relay) && timer_is_set(relay->drain_timer))
		return;
	relay->drained = true;
	if (relay->options.drained)
		relay->options.drained(relay->options.ctx);
}

void relay_move(struct relay *relay)
{
	send_marked(relay);
	if (pool_state(relay->pool) == POOL_UP) {
		if (relay->fits || relay->draining)
			items_mark(relay);
		items_note(relay);
		items_tell(relay);
		if (relay->fits)
			targets_report(relay);
		if (relay->fits && !relay->draining) {
			targets_probe(relay);
			items_claim(relay);
		}
	}
	maybe_drained(relay);
}

static void on_soon(void *ctx)
{
	relay_move(ctx);
}

void relay_soon(struct relay *relay)
{
	loop_undefer(relay->loop, on_soon, relay);
	loop_defer(relay->loop, on_soon, relay);
}

/* ---- when ------------------------------------------------------------------------------------------ */

static void on_poll(void *ctx)
{
	struct relay *relay = ctx;
	bool busy = relay->busy_us && relay_now_us(relay) < relay->busy_us + BUSY_US;

	if (relay->draining)
		return;
	relay->wanted = true;
	relay_move(relay);
	timer_in(relay->poll_timer, relay_jitter_us(relay, busy ? POLL_BUSY_US : POLL_IDLE_US));
}

/* The store may have been upgraded while it was away, or while we were at work. */
static void on_version(void *ctx, const struct query_result *result)
{
	struct relay *relay = ctx;
	int64_t number = 0;

	relay->version_ticket = 0;
	if (result->event == QUERY_FAILED) {
		relay_failed(relay, "store-version", result);
		return;
	}
	if (rows_count(result->rows))
		number = rows_int(result->rows, 0, rows_col(result->rows, "number"));
	relay->fits = migrate_fits(number, relay->options.newest_store, NULL) == 0;
	if (relay->fits)
		routes_ask(relay);
}

static void version_ask(struct relay *relay)
{
	if (!relay->version_ticket && pool_state(relay->pool) == POOL_UP && !relay->draining)
		relay->version_ticket = relay_ask(relay, "store-version", NULL, on_version, relay);
}

static void on_routes_timer(void *ctx)
{
	struct relay *relay = ctx;

	version_ask(relay);
	timer_in(relay->routes_timer, relay_jitter_us(relay, ROUTES_US));
}

static void on_tell_timer(void *ctx)
{
	relay_move(ctx);
}

static void on_drain_timer(void *ctx)
{
	maybe_drained(ctx);
}

static void on_notified(void *ctx, struct slice channel, struct slice payload)
{
	struct relay *relay = ctx;

	(void)channel;
	if (slice_eq_str(payload, "replay")) {
		relay->wanted = true;
		relay_soon(relay);
	} else if (slice_eq_str(payload, "change") || slice_eq_str(payload, "relay")) {
		version_ask(relay);
	}
}

static void on_pool(void *ctx)
{
	struct relay *relay = ctx;
	bool up = pool_state(relay->pool) == POOL_UP;

	if (up && !relay->stats.store_up) {
		relay->fits = false;
		version_ask(relay);
	}
	relay->stats.store_up = up;
	relay_soon(relay);
}

/* ---- made and ended -------------------------------------------------------------------------------- */

static const char *copy(const char *text)
{
	return text ? mem_dup_str(text) : NULL;
}

static void copy_options(struct relay *relay, const struct relay_options *options)
{
	relay->options = *options;
	relay->options.conninfo = copy(options->conninfo);
	relay->options.name = copy(options->name);
	relay->options.secrets = copy(options->secrets);
	relay->options.ca_file = copy(options->ca_file);
	relay->options.proxy = copy(options->proxy);
}

static void open_parts(struct relay *relay)
{
	const struct http_options http = {.ca_file = relay->options.ca_file,
		.proxy = relay->options.proxy,
		.user_agent = "orderlyd",
		.max_per_host = relay->options.flying > 0 ? relay->options.flying : 0};
	const struct pool_options pool = {.conninfo = relay->options.conninfo,
		.application = "orderlyd relay",
		.password = relay->options.password,
		.max = CONNECTIONS,
		.changed = on_pool,
		.notified = on_notified,
		.ctx = relay};

	relay->poll_timer = timer_open(relay->loop, on_poll, relay);
	relay->routes_timer = timer_open(relay->loop, on_routes_timer, relay);
	relay->tell_timer = timer_open(relay->loop, on_tell_timer, relay);
	relay->drain_timer = timer_open(relay->loop, on_drain_timer, relay);
	relay->http = http_new(relay->loop, &http);
	relay->pool = pool_open(relay->loop, &pool);
	pool_listen(relay->pool, "orderly");
}

struct relay *relay_open(struct loop *loop, const struct relay_options *options)
{
	struct relay *relay = NEW(struct relay);
	struct item_list *lists[] = {&relay->ready, &relay->marked, &relay->known, &relay->done,
		&relay->marking, &relay->noting, &relay->telling};

	relay->loop = loop;
	copy_options(relay, options);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		list_init(lists[i]);
	relay->random = (uint64_t)clock_wall_us(loop_clock(loop)) ^ (uint64_t)(uintptr_t)relay;
	open_parts(relay);
	on_poll(relay);
	on_routes_timer(relay);
	return relay;
}

void relay_close(struct relay *relay)
{
	if (!relay)
		return;
	pool_close(relay->pool);
	loop_undefer(relay->loop, on_soon, relay);
	while (relay->items)
		item_free(relay->items);
	routes_free(relay);
	http_free(relay->http);
	targets_free(relay);
	timer_close(relay->poll_timer);
	timer_close(relay->routes_timer);
	timer_close(relay->tell_timer);
	timer_close(relay->drain_timer);
	mem_freep(&relay->options.conninfo);
	mem_freep(&relay->options.name);
	mem_freep(&relay->options.secrets);
	mem_freep(&relay->options.ca_file);
	mem_freep(&relay->options.proxy);
	free(relay);
}

void relay_drain(struct relay *relay)
{
	if (relay->draining)
		return;
	relay->draining = true;
	timer_stop(relay->poll_timer);
	timer_stop(relay->routes_timer);
	timer_in(relay->drain_timer, DRAIN_US);
	relay_soon(relay);
}

struct relay_stats relay_stats(const struct relay *relay)
{
	struct relay_stats stats = relay->stats;

	stats.untold = relay->known.n + relay->noting.n + relay->done.n + relay->telling.n;
	stats.routes = relay->n_routes;
	stats.unusable = relay->unusable;
	stats.n_targets = relay->n_targets;
	return stats;
}

struct relay_target_stats relay_target_stats(const struct relay *relay, size_t i)
{
	const struct target *target = relay->targets;
	struct relay_target_stats stats;

	while (i--)
		target = target->next;
	stats = target->stats;
	stats.code = target->code;
	stats.state = target_state_name(target);
	stats.held = target->held;
	stats.flying = target->flying;
	return stats;
}
