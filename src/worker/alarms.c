/* Delivers signals.
 * Which signals there are and whom they concern is the store's; how one call goes is call.c's,
 * the heartbeat heart.c's.
 * Called by worker.c. */
#include "alarms.h"
#include "base/mem.h"
#include "base/str.h"
#include "heart.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_US S_US
#define RECORD_AGAIN_US (2 * S_US)
#define WANT "10"

/* Longer than the longest deadline of a call, with the time to record. */
#define LEASE_S "120"

/* One delivery, from its claim to its record. */
struct alarm {
	struct alarms *alarms;
	struct alarm *next, **link;
	const struct callee *callee;
	char *lease, *key, *body;
	struct call *call;
	struct timer *again; /* the record failed */
	uint64_t ticket;
	char *outcome, *message;
	char status[16]; /* "" : none */
};

struct alarms {
	struct duty_host *host;
	const struct callees *callees;
	struct caller caller;
	const char *name;
	struct str targets;
	bool started;
	struct timer *poll_timer;
	uint64_t claim_ticket;
	struct alarm *first;
	size_t flying;
	struct heart *heart;
	struct worker_alarms counts;
};

static uint64_t put_question(struct alarms *alarms, const char *statement,
	const char *const *params, void (*fn)(void *ctx, const struct query_result *result),
	void *ctx)
{
	alarms->host->running++;
	return pool_query(
		alarms->host->pool, &(struct query){.statement = statement_find(statement),
					    .params = params,
					    .fn = fn,
					    .ctx = ctx});
}

static void answered(struct alarms *alarms)
{
	alarms->host->running--;
	alarms->host->idle(alarms->host->ctx);
}

/* ---- one delivery ---------------------------------------------------------------------------------- */

static void alarm_free(struct alarm *alarm)
{
	struct alarms *alarms = alarm->alarms;

	*alarm->link = alarm->next;
	if (alarm->next)
		alarm->next->link = alarm->link;
	alarms->flying--;
	if (alarm->ticket)
		pool_drop(alarms->host->pool, alarm->ticket);
	if (alarm->ticket || alarm->call)
		alarms->host->running--;
	call_drop(alarm->call);
	timer_close(alarm->again);
	free(alarm->lease);
	free(alarm->key);
	free(alarm->body);
	free(alarm->outcome);
	free(alarm->message);
	free(alarm);
}

static void record(void *ctx);

static void on_recorded(void *ctx, const struct query_result *result)
{
	struct alarm *alarm = ctx;
	struct alarms *alarms = alarm->alarms;
	bool again = result->event == QUERY_FAILED && !alarms->host->draining;

	alarm->ticket = 0;
	if (again)
		timer_in(alarm->again, RECORD_AGAIN_US);
	else
		alarm_free(alarm);
	answered(alarms);
}

/* What cannot be recorded is asked again, until the lease is over: then the store answers that. */
static void record(void *ctx)
{
	struct alarm *alarm = ctx;
	const char *params[] = {alarm->lease, alarm->outcome,
		alarm->status[0] ? alarm->status : NULL, alarm->message};

	alarm->ticket = put_question(alarm->alarms, "signal-complete", params, on_recorded, alarm);
}

static void tell(const struct alarm *alarm)
{
	bool well = strcmp(alarm->outcome, "delivered") == 0;

	jsonl_begin(alarm->alarms->host->jsonl, well ? LOG_INFO : LOG_WARN, "signal");
	jsonl_text(alarm->alarms->host->jsonl, "target", alarm->callee->name);
	jsonl_text(alarm->alarms->host->jsonl, "key", alarm->key);
	jsonl_text(alarm->alarms->host->jsonl, "outcome", alarm->outcome);
	if (!well)
		jsonl_text(alarm->alarms->host->jsonl, "error", alarm->message);
	jsonl_end(alarm->alarms->host->jsonl);
}

static void on_called(void *ctx, const struct call_end *end)
{
	struct alarm *alarm = ctx;
	struct worker_alarms *counts = &alarm->alarms->counts;

	alarm->call = NULL;
	alarm->outcome = mem_dup_str(end->outcome);
	alarm->message = mem_dup_str(end->message);
	if (end->status >= 0)
		(void)snprintf(alarm->status, sizeof(alarm->status), "%d", end->status);
	counts->delivered += strcmp(end->outcome, "delivered") == 0;
	counts->failed += strcmp(end->outcome, "delivered") != 0;
	tell(alarm);
	record(alarm);
	answered(alarm->alarms);
}

static void on_marked(void *ctx, const struct query_result *result)
{
	struct alarm *alarm = ctx;
	struct alarms *alarms = alarm->alarms;
	bool go = result->event == QUERY_DONE && rows_count(result->rows) &&
		  rows_bool(result->rows, 0, 0);

	alarm->ticket = 0;
	if (go) {
		alarm->call = call_begin(&alarms->caller, alarm->callee, alarm->key,
			slice_of(alarm->body), on_called, alarm);
		alarms->host->running++;
	} else {
		alarm_free(alarm);
	}
	answered(alarms);
}

static const struct callee *find_callee(const struct alarms *alarms, struct slice name)
{
	for (size_t i = 0; i < alarms->callees->n; i++)
		if (slice_eq_str(name, alarms->callees->at[i].name))
			return &alarms->callees->at[i];
	return NULL;
}

static char *cell(const struct rows *rows, size_t row, const char *column)
{
	struct slice text = rows_text(rows, row, rows_col(rows, column));

	return mem_dup(text.at, text.len);
}

static void alarm_start(struct alarms *alarms, const struct rows *rows, size_t row)
{
	const struct callee *callee =
		find_callee(alarms, rows_text(rows, row, rows_col(rows, "target")));
	struct alarm *alarm;
	const char *params[1];

	if (!callee)
		return;
	alarm = NEW(struct alarm);
	*alarm = (struct alarm){
		.alarms = alarms, .next = alarms->first, .link = &alarms->first, .callee = callee};
	if (alarm->next)
		alarm->next->link = &alarm->next;
	alarms->first = alarm;
	alarms->flying++;
	alarm->lease = cell(rows, row, "lease");
	alarm->key = cell(rows, row, "idempotency_key");
	alarm->body = cell(rows, row, "body");
	alarm->again = timer_open(alarms->host->loop, record, alarm);
	params[0] = alarm->lease;
	alarm->ticket = put_question(alarms, "signal-mark", params, on_marked, alarm);
}

/* ---- what there is to tell --------------------------------------------------------------------------- */

static void on_claimed(void *ctx, const struct query_result *result)
{
	struct alarms *alarms = ctx;
	size_t n = result->event == QUERY_DONE ? rows_count(result->rows) : 0;

	alarms->claim_ticket = 0;
	/* While it is stopped nothing is begun: what was claimed goes back by itself. */
	for (size_t i = 0; i < n && alarms->started && !alarms->host->draining; i++)
		alarm_start(alarms, result->rows, i);
	answered(alarms);
}

static void on_poll(void *ctx)
{
	struct alarms *alarms = ctx;
	const char *params[] = {alarms->name, str_cstr(&alarms->targets), WANT, LEASE_S};

	timer_in(alarms->poll_timer, host_jitter(alarms->host, POLL_US));
	if (!alarms->claim_ticket && !alarms->flying)
		alarms->claim_ticket =
			put_question(alarms, "signal-claim", params, on_claimed, alarms);
}

/* ---- all of it -------------------------------------------------------------------------------------------- */

struct alarms *alarms_new(struct duty_host *host, const struct callees *callees,
	const char *secrets, const char *ca_file, const char *name)
{
	struct alarms *alarms = NEW(struct alarms);
	const struct http_options http = {.ca_file = ca_file, .user_agent = "orderlyd"};

	*alarms = (struct alarms){.host = host,
		.callees = callees,
		.name = name,
		.targets = STR_INIT((size_t)CALLEES_MAX * 256)};
	alarms->caller = (struct caller){host->loop, http_new(host->loop, &http), secrets};
	if (callees)
		callees_put(callees, &alarms->targets);
	alarms->poll_timer = timer_open(host->loop, on_poll, alarms);
	alarms->heart = heart_new(
		host, &alarms->caller, callees && callees->heart.name ? &callees->heart : NULL);
	return alarms;
}

void alarms_start(struct alarms *alarms)
{
	if (alarms->started)
		return;
	alarms->started = true;
	heart_start(alarms->heart);
	if (alarms->callees && alarms->callees->n)
		timer_in(alarms->poll_timer, host_jitter(alarms->host, S_US / 2));
}

void alarms_stop(struct alarms *alarms)
{
	alarms->started = false;
	timer_stop(alarms->poll_timer);
	heart_stop(alarms->heart);
}

void alarms_free(struct alarms *alarms)
{
	if (!alarms)
		return;
	while (alarms->first)
		alarm_free(alarms->first);
	if (alarms->claim_ticket) {
		pool_drop(alarms->host->pool, alarms->claim_ticket);
		alarms->host->running--;
	}
	heart_free(alarms->heart);
	timer_close(alarms->poll_timer);
	http_free(alarms->caller.http);
	str_done(&alarms->targets);
	free(alarms);
}

struct worker_alarms alarms_stats(const struct alarms *alarms)
{
	struct worker_alarms stats = alarms->counts;

	heart_stats(alarms->heart, &stats);
	return stats;
}

struct worker_signal alarms_signal(const struct alarms *alarms, size_t i)
{
	return heart_signal(alarms->heart, i);
}
