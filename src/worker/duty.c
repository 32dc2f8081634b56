/* Asks the store to do one duty's next piece, again and again.
 * Which duties there are, and draining, is the worker's; what a duty does is the store's.
 * Called by worker.c. */
#include "duty.h"
#include "base/mem.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A duty that found work has the next piece soon; the pause leaves room for others. */
#define AGAIN_US (2 * MS_US)

/* One that found nothing for a while is looked after less often, but still within a second. */
#define EMPTY_RUNS 10
#define EMPTY_MAX_US (700 * MS_US)

#define FIRST_MAX_US (500 * MS_US)
#define RETRY_MAX_US (60 * S_US)

/* The same failure is told again only so often. */
#define REPEAT_US (60 * S_US)
#define DEADLINE_US (120 * S_US)

struct duty {
	struct duty_host *host;
	char *name;
	int64_t every_us;
	struct timer *timer;
	uint64_t ticket; /* 0: not under way */
	int failures, empty; /* in a row */
	bool stopped;
	char *told; /* the last failure that was told of */
	int64_t told_us;
};

static void on_due(void *ctx);

int64_t host_jitter(struct duty_host *host, int64_t us)
{
	host->random ^= host->random << 13;
	host->random ^= host->random >> 7;
	host->random ^= host->random << 17;
	return us * 3 / 4 + (int64_t)(host->random % (uint64_t)(us / 2 + 1));
}

struct duty *duty_new(struct duty_host *host, const char *name, int64_t every_us)
{
	struct duty *duty = NEW(struct duty);

	duty->host = host;
	duty->name = mem_dup_str(name);
	duty->every_us = every_us;
	duty->timer = timer_open(host->loop, on_due, duty);
	duty->stopped = true;
	return duty;
}

void duty_free(struct duty *duty)
{
	if (duty->ticket) {
		pool_drop(duty->host->pool, duty->ticket);
		duty->host->running--;
	}
	timer_close(duty->timer);
	free(duty->told);
	free(duty->name);
	free(duty);
}

const char *duty_name(const struct duty *duty)
{
	return duty->name;
}

void duty_set_every(struct duty *duty, int64_t every_us)
{
	duty->every_us = every_us;
}

bool duty_runs(const struct duty *duty)
{
	return duty->ticket != 0;
}

void duty_stop(struct duty *duty)
{
	duty->stopped = true;
	timer_stop(duty->timer);
}

void duty_start(struct duty *duty)
{
	int64_t first_us = duty->every_us < FIRST_MAX_US ? duty->every_us : FIRST_MAX_US;

	if (!duty->stopped)
		return;
	duty->stopped = false;
	/* Workers that start together do not ask together. */
	if (!duty->ticket)
		timer_in(duty->timer, host_jitter(duty->host, first_us) / 2);
}

static void plan(struct duty *duty, int64_t delay_us)
{
	if (!duty->stopped && !duty->host->draining)
		timer_in(duty->timer, delay_us);
}

static int64_t retry_us(const struct duty *duty)
{
	int64_t delay_us = duty->every_us < 100 * MS_US ? 100 * MS_US : duty->every_us;

	for (int i = 1; i < duty->failures && delay_us < RETRY_MAX_US; i++)
		delay_us *= 2;
	return delay_us < RETRY_MAX_US ? delay_us : RETRY_MAX_US;
}

/* error is what it failed with, the store's words or the pool's. */
static void tell_failure(struct duty *duty, const char *error)
{
	struct jsonl *jsonl = duty->host->jsonl;
	int64_t now_us = clock_mono_us(loop_clock(duty->host->loop));

	if (duty->failures > 1 && duty->told && strcmp(duty->told, error) == 0 &&
		now_us < duty->told_us + REPEAT_US)
		return;
	free(duty->told);
	duty->told = mem_dup_str(error);
	duty->told_us = now_us;
	jsonl_begin(jsonl, LOG_WARN, "duty failed");
	jsonl_text(jsonl, "duty", duty->name);
	jsonl_text(jsonl, "error", error);
	jsonl_int(jsonl, "failures", duty->failures);
	jsonl_end(jsonl);
}

static void tell_done(struct duty *duty, int64_t rows, int64_t took_us)
{
	struct jsonl *jsonl = duty->host->jsonl;

	jsonl_begin(jsonl, rows ? LOG_INFO : LOG_DEBUG, "duty");
	jsonl_text(jsonl, "duty", duty->name);
	jsonl_int(jsonl, "rows", rows);
	jsonl_int(jsonl, "took_ms", took_us / MS_US);
	jsonl_end(jsonl);
}

static void fail(struct duty *duty, const char *error)
{
	tell_failure(duty, error);
	plan(duty, host_jitter(duty->host, retry_us(duty)));
}

static int64_t pause_us(const struct duty *duty)
{
	int64_t long_us = duty->every_us * 4 < EMPTY_MAX_US ? duty->every_us * 4 : EMPTY_MAX_US;

	return duty->empty < EMPTY_RUNS || duty->every_us > long_us ? duty->every_us : long_us;
}

static void succeed(struct duty *duty, int64_t rows, int64_t took_us)
{
	duty->failures = 0;
	duty->empty = rows > 0 ? 0 : duty->empty + (duty->empty < EMPTY_RUNS);
	tell_done(duty, rows, took_us);
	plan(duty, rows > 0 ? AGAIN_US : host_jitter(duty->host, pause_us(duty)));
}

static void on_failure(void *ctx, const struct query_result *result)
{
	struct duty *duty = ctx;
	struct duty_host *host = duty->host;
	bool known = result->event == QUERY_DONE && rows_count(result->rows);
	struct slice text = known ? rows_text(result->rows, 0, 0) : SLICE("unknown");
	CLEANUP(mem_freep)
	char *error = mem_dup(text.at, text.len);

	duty->ticket = 0;
	host->running--;
	fail(duty, error);
	host->idle(host->ctx);
}

static void ask(struct duty *duty, const char *statement,
	void (*fn)(void *ctx, const struct query_result *result))
{
	const char *params[] = {duty->name};
	const struct query query = {
		.statement = statement_find(statement),
		.params = params,
		.deadline_us = DEADLINE_US,
		.fn = fn,
		.ctx = duty,
	};

	assert(query.statement && !duty->ticket);
	duty->ticket = pool_query(duty->host->pool, &query);
	duty->host->running++;
}

/* One row with the number of rows done; -1 when it failed, null when another worker is at it. */
static void on_step(void *ctx, const struct query_result *result)
{
	struct duty *duty = ctx;
	struct duty_host *host = duty->host;
	bool answered = result->event == QUERY_DONE;
	int64_t done = answered && rows_count(result->rows) ? rows_int(result->rows, 0, 0) : 0;

	duty->ticket = 0;
	host->running--;
	duty->failures += !answered || done < 0;
	host->runs++;
	host->rows += done > 0 ? (uint64_t)done : 0;
	host->failures += !answered || done < 0;
	if (!answered)
		fail(duty, result->err->text);
	else if (done < 0)
		ask(duty, "worker-failure", on_failure);
	else
		succeed(duty, done, result->took_us);
	host->idle(host->ctx);
}

static void on_due(void *ctx)
{
	ask(ctx, "worker-step", on_step);
}
