/* Knows which signals are open, and tells somebody else that they are looked after.
 * How a call goes is call.c's.
 * Called by alarms.c. */
#include "heart.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdlib.h>
#include <string.h>

#define LOOK_US (5 * S_US)

/* It stops when nothing was evaluated for so long. */
#define FRESH_US (60 * S_US)

struct heart {
	struct duty_host *host;
	const struct caller *caller;
	const struct callee *callee;
	struct timer *look_timer, *beat_timer;
	uint64_t look_ticket;
	bool look_failed;
	struct call *call;
	struct str body;
	uint64_t beats;

	struct arena arena; /* of the open signals */
	struct worker_signal *open;
	size_t n_open;
	int64_t age_us,
		looked_us; /* of the last evaluation, when it was asked; looked_us 0: never */
};

static int64_t now_us(const struct heart *heart)
{
	return clock_mono_us(loop_clock(heart->host->loop));
}

static void answered(struct heart *heart)
{
	heart->host->running--;
	heart->host->idle(heart->host->ctx);
}

/* ---- what is open -------------------------------------------------------------------------------------- */

static void take_open(struct heart *heart, const struct rows *rows)
{
	size_t age = rows_col(rows, "age_s"), rule = rows_col(rows, "rule");
	size_t object = rows_col(rows, "object"), severity = rows_col(rows, "severity");

	arena_done(&heart->arena);
	heart->arena = ARENA_INIT;
	heart->n_open = 0;
	heart->open = arena_array(&heart->arena, rows_count(rows) + 1, sizeof(*heart->open));
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (rows_null(rows, i, rule))
			continue;
		heart->open[heart->n_open++] =
			(struct worker_signal){arena_str(&heart->arena, rows_text(rows, i, rule)),
				arena_str(&heart->arena, rows_text(rows, i, object)),
				arena_str(&heart->arena, rows_text(rows, i, severity))};
	}
	heart->looked_us = 0;
	if (rows_count(rows) && !rows_null(rows, 0, age)) {
		heart->looked_us = now_us(heart);
		heart->age_us = (int64_t)(rows_real(rows, 0, age) * (double)S_US);
	}
}

static void on_looked(void *ctx, const struct query_result *result)
{
	struct heart *heart = ctx;

	heart->look_ticket = 0;
	if (result->event == QUERY_DONE)
		take_open(heart, result->rows);
	else if (!heart->look_failed) {
		jsonl_begin(heart->host->jsonl, LOG_ERROR, "question failed");
		jsonl_text(heart->host->jsonl, "question", "worker-signals");
		jsonl_text(heart->host->jsonl, "error", result->err->text);
		jsonl_end(heart->host->jsonl);
	}
	heart->look_failed = result->event != QUERY_DONE;
	answered(heart);
}

static void on_look(void *ctx)
{
	struct heart *heart = ctx;

	timer_in(heart->look_timer, LOOK_US);
	if (heart->look_ticket)
		return;
	heart->host->running++;
	heart->look_ticket = pool_query(
		heart->host->pool, &(struct query){.statement = statement_find("worker-signals"),
					   .fn = on_looked,
					   .ctx = heart});
}

/* ---- the heart ------------------------------------------------------------------------------------------ */

/* -1: nobody knows. */
static int64_t evaluated_us(const struct heart *heart)
{
	return heart->looked_us ? heart->age_us + now_us(heart) - heart->looked_us : -1;
}

static void on_beaten(void *ctx, const struct call_end *end)
{
	struct heart *heart = ctx;
	bool well = strcmp(end->outcome, "delivered") == 0;

	heart->call = NULL;
	heart->beats += well;
	jsonl_begin(heart->host->jsonl, well ? LOG_DEBUG : LOG_WARN, "heartbeat");
	jsonl_text(heart->host->jsonl, "outcome", end->outcome);
	if (!well)
		jsonl_text(heart->host->jsonl, "error", end->message);
	jsonl_end(heart->host->jsonl);
}

/* It stands still when the store is away or nothing is evaluated; then whoever listens calls. */
static void on_heart(void *ctx)
{
	struct heart *heart = ctx;
	int64_t age_us = evaluated_us(heart);

	timer_in(heart->beat_timer, heart->callee->every_us);
	if (heart->call || age_us < 0 || age_us > FRESH_US)
		return;
	str_reset(&heart->body);
	str_addf(&heart->body, "{\"what\": \"heartbeat\", \"evaluated_ms_ago\": %lld}",
		(long long)(age_us / MS_US));
	heart->call = call_begin(heart->caller, heart->callee, "heartbeat", str_slice(&heart->body),
		on_beaten, heart);
}

/* ---- all of it -------------------------------------------------------------------------------------------- */

struct heart *heart_new(
	struct duty_host *host, const struct caller *caller, const struct callee *callee)
{
	struct heart *heart = NEW(struct heart);

	*heart = (struct heart){.host = host,
		.caller = caller,
		.callee = callee,
		.arena = ARENA_INIT,
		.body = STR_INIT(256)};
	heart->look_timer = timer_open(host->loop, on_look, heart);
	heart->beat_timer = timer_open(host->loop, on_heart, heart);
	return heart;
}

void heart_free(struct heart *heart)
{
	if (heart->look_ticket) {
		pool_drop(heart->host->pool, heart->look_ticket);
		heart->host->running--;
	}
	call_drop(heart->call);
	timer_close(heart->look_timer);
	timer_close(heart->beat_timer);
	str_done(&heart->body);
	arena_done(&heart->arena);
	free(heart);
}

void heart_start(struct heart *heart)
{
	timer_in(heart->look_timer, host_jitter(heart->host, S_US / 2));
	if (heart->callee)
		timer_in(heart->beat_timer, host_jitter(heart->host, 2 * S_US));
}

void heart_stop(struct heart *heart)
{
	timer_stop(heart->look_timer);
	timer_stop(heart->beat_timer);
}

void heart_stats(const struct heart *heart, struct worker_alarms *stats)
{
	stats->open = heart->n_open;
	stats->evaluated_us = evaluated_us(heart);
	stats->beats = heart->beats;
}

struct worker_signal heart_signal(const struct heart *heart, size_t i)
{
	return heart->open[i];
}
