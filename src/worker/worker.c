/* Keeps the list of duties, the heartbeat, and the word with the store.
 * One duty's rhythm is duty.c's; the connections are the pool's.
 * Called by orderlyd's main. */
#include "worker/worker.h"
#include "addresses.h"
#include "alarms.h"
#include "base/mem.h"
#include "base/str.h"
#include "duty.h"
#include "odoo_work.h"
#include "secrets.h"
#include "store/migrate.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTIONS 4
#define REFRESH_US (30 * S_US)
#define BEAT_US (5 * S_US)

/* A refusal may end without us: a rule is changed, a database comes back. */
#define REFUSED_RETRY_US (30 * S_US)

/* A store that does not answer is not waited for much longer than a service manager would. */
#define DRAIN_US (30 * S_US)

#define SECRETS_MAX (1 << 20)

#define EVERY_MIN_MS 10
#define EVERY_MAX_MS (24 * 3600 * 1000)

/* What the worker asks beside its duties; one of each at a time. */
struct errand {
	struct worker *worker;
	const char *statement;
	void (*take)(struct worker *worker, const struct rows *rows);
	uint64_t ticket;
	bool failed; /* and told of */
};

struct worker {
	struct duty_host host;
	struct worker_options options; /* its texts are copies */
	char *detail; /* for the heartbeat, JSON */
	struct duty **duties;
	size_t n_duties;
	struct odoo_work *odoo; /* the first; NULL: none is named */
	struct alarms *alarms;
	struct addresses *addresses;
	struct errand version, list, beat, secrets, goodbye;
	struct timer *refresh_timer, *beat_timer, *retry_timer, *drain_timer;
	enum pool_state last_state; /* that was told; -1 at first */
	bool said_goodbye, told_drained;
};

static void free_texts(struct worker *worker)
{
	free((char *)worker->options.conninfo);
	free((char *)worker->options.name);
	free((char *)worker->options.version);
	free((char *)worker->options.secrets);
	free(worker->detail);
}

static void on_errand(void *ctx, const struct query_result *result);

static void run_errand(struct errand *errand, const char *const *params)
{
	struct worker *worker = errand->worker;
	const struct query query = {
		.statement = statement_find(errand->statement),
		.params = params,
		.fn = on_errand,
		.ctx = errand,
	};

	if (errand->ticket || (worker->host.draining && errand != &worker->goodbye))
		return;
	errand->ticket = pool_query(worker->host.pool, &query);
	worker->host.running++;
}

/* The last beat, behind all that was under way, says that it is the last: nobody is to miss this
 * worker. False when there is nobody to tell. */
static bool say_goodbye(struct worker *worker)
{
	const char *params[] = {worker->options.name, worker->options.version, "{\"ended\": true}"};

	if (worker->said_goodbye || pool_state(worker->host.pool) != POOL_UP)
		return false;
	worker->said_goodbye = true;
	run_errand(&worker->goodbye, params);
	return true;
}

/* What waits for a store that is away is not under way. */
static void maybe_drained(void *ctx)
{
	struct worker *worker = ctx;
	bool busy = worker->host.running && pool_state(worker->host.pool) == POOL_UP &&
		    timer_is_set(worker->drain_timer);

	if (!worker->host.draining || busy || worker->told_drained)
		return;
	if (timer_is_set(worker->drain_timer) && say_goodbye(worker))
		return;
	worker->told_drained = true;
	if (worker->options.drained)
		worker->options.drained(worker->options.ctx);
}

static void on_errand(void *ctx, const struct query_result *result)
{
	struct errand *errand = ctx;
	struct worker *worker = errand->worker;
	bool failed = result->event == QUERY_FAILED;

	errand->ticket = 0;
	worker->host.running--;
	if (failed && !errand->failed) {
		jsonl_begin(worker->host.jsonl, LOG_ERROR, "question failed");
		jsonl_text(worker->host.jsonl, "question", errand->statement);
		jsonl_text(worker->host.jsonl, "error", result->err->text);
		jsonl_text(worker->host.jsonl, "sqlstate", result->sqlstate);
		jsonl_end(worker->host.jsonl);
	}
	errand->failed = failed;
	if (!failed && errand->take && !worker->host.draining)
		errand->take(worker, result->rows);
	maybe_drained(worker);
}

static struct duty *find_duty(const struct worker *worker, const char *name)
{
	for (size_t i = 0; i < worker->n_duties; i++)
		if (strcmp(duty_name(worker->duties[i]), name) == 0)
			return worker->duties[i];
	return NULL;
}

static void take_duty(struct worker *worker, struct slice name, int64_t every_ms)
{
	CLEANUP(mem_freep)
	char *text = mem_dup(name.at, name.len);
	struct duty *duty = find_duty(worker, text);

	if (every_ms < EVERY_MIN_MS)
		every_ms = EVERY_MIN_MS;
	if (every_ms > EVERY_MAX_MS)
		every_ms = EVERY_MAX_MS;
	if (!duty) {
		duty = duty_new(&worker->host, text, every_ms * MS_US);
		worker->duties =
			mem_resize(worker->duties, worker->n_duties + 1, sizeof(worker->duties[0]));
		worker->duties[worker->n_duties++] = duty;
		jsonl_begin(worker->host.jsonl, LOG_INFO, "duty taken up");
		jsonl_text(worker->host.jsonl, "duty", text);
		jsonl_int(worker->host.jsonl, "every_ms", every_ms);
		jsonl_end(worker->host.jsonl);
	}
	duty_set_every(duty, every_ms * MS_US);
	duty_start(duty);
}

static bool listed(const struct rows *rows, size_t column, const char *name)
{
	for (size_t i = 0; i < rows_count(rows); i++)
		if (slice_eq_str(rows_text(rows, i, column), name))
			return true;
	return false;
}

static void tell_secrets(struct worker *worker)
{
	CLEANUP(str_done)
	struct str files = STR_INIT(SECRETS_MAX);
	const char *params[] = {worker->options.name, NULL};

	if (!secrets_list(worker->options.secrets, &files) || files.cut)
		return;
	params[1] = str_cstr(&files);
	run_errand(&worker->secrets, params);
}

static void take_list(struct worker *worker, const struct rows *rows)
{
	size_t name = rows_col(rows, "name"), every_ms = rows_col(rows, "every_ms");

	for (size_t i = 0; i < worker->n_duties; i++)
		if (!listed(rows, name, duty_name(worker->duties[i])))
			duty_stop(worker->duties[i]);
	for (size_t i = 0; i < rows_count(rows); i++)
		take_duty(worker, rows_text(rows, i, name), rows_int(rows, i, every_ms));
	odoo_work_start(worker->odoo);
	alarms_start(worker->alarms);
	addresses_start(worker->addresses);
	tell_secrets(worker);
	timer_in(worker->refresh_timer, REFRESH_US);
}

/* A store of another version is left alone: its duties may mean something else. */
static void take_version(struct worker *worker, const struct rows *rows)
{
	int64_t number = rows_count(rows) ? rows_int(rows, 0, rows_col(rows, "number")) : 0;
	struct err err = ERR_INIT;

	if (migrate_fits(number, worker->options.newest_store, &err) == 0) {
		run_errand(&worker->list, NULL);
		return;
	}
	for (size_t i = 0; i < worker->n_duties; i++)
		duty_stop(worker->duties[i]);
	odoo_work_stop(worker->odoo);
	alarms_stop(worker->alarms);
	addresses_stop(worker->addresses);
	jsonl_begin(worker->host.jsonl, LOG_ERROR, "store has another version");
	jsonl_int(worker->host.jsonl, "store_version", number);
	jsonl_int(worker->host.jsonl, "program_version", worker->options.newest_store);
	jsonl_text(worker->host.jsonl, "error", err.text);
	jsonl_end(worker->host.jsonl);
	timer_in(worker->refresh_timer, REFRESH_US);
}

/* Also reads the version again: an upgrade may have come while we were connected. */
static void on_refresh(void *ctx)
{
	struct worker *worker = ctx;

	if (pool_state(worker->host.pool) == POOL_UP)
		run_errand(&worker->version, NULL);
	timer_in(worker->refresh_timer, REFRESH_US);
}

static void on_beat(void *ctx)
{
	struct worker *worker = ctx;
	const char *params[] = {worker->options.name, worker->options.version, worker->detail};

	if (pool_state(worker->host.pool) == POOL_UP)
		run_errand(&worker->beat, params);
	timer_in(worker->beat_timer, BEAT_US);
}

/* A host's name has none of the characters that JSON would want escaped; if it has, it has none. */
static char *make_detail(void)
{
	struct str detail = STR_INIT(1024);
	char host[256] = "";

	(void)gethostname(host, sizeof(host) - 1);
	for (const char *c = host; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(".-_", *c))
			host[0] = '\0';
	str_addf(&detail, "{\"host\": \"%s\", \"pid\": %d}", host, (int)getpid());
	return detail.at;
}

static void on_retry(void *ctx)
{
	struct worker *worker = ctx;

	pool_retry_now(worker->host.pool);
}

static void tell_state(struct worker *worker, enum pool_state state)
{
	static const char *const words[] = {"connecting", "up", "lost", "refused"};

	jsonl_begin(worker->host.jsonl, state == POOL_UP ? LOG_INFO : LOG_WARN, "store");
	jsonl_text(worker->host.jsonl, "state", words[state]);
	if (state != POOL_UP)
		jsonl_text(worker->host.jsonl, "error", pool_error(worker->host.pool));
	jsonl_end(worker->host.jsonl);
}

static void pause_duties(struct worker *worker)
{
	for (size_t i = 0; i < worker->n_duties; i++)
		duty_stop(worker->duties[i]);
	odoo_work_stop(worker->odoo);
	alarms_stop(worker->alarms);
	addresses_stop(worker->addresses);
	timer_stop(worker->refresh_timer);
}

static void on_pool(void *ctx)
{
	struct worker *worker = ctx;
	enum pool_state state = pool_state(worker->host.pool);

	if (state == POOL_REFUSED)
		timer_in(worker->retry_timer, REFUSED_RETRY_US);
	if (state == worker->last_state)
		return;
	worker->last_state = state;
	tell_state(worker, state);
	if (worker->options.store)
		worker->options.store(worker->options.ctx, state == POOL_UP);
	pause_duties(worker);
	if (worker->host.draining) {
		maybe_drained(worker);
	} else if (state == POOL_UP) {
		on_refresh(worker);
		on_beat(worker);
	}
}

struct worker *worker_open(
	struct loop *loop, struct jsonl *jsonl, const struct worker_options *options)
{
	struct worker *worker = NEW(struct worker);
	struct pool_options pool = {
		.conninfo = options->conninfo,
		.password = options->password,
		.application = "orderlyd",
		.max = CONNECTIONS,
		.changed = on_pool,
		.ctx = worker,
	};

	worker->options = *options;
	worker->options.conninfo = mem_dup_str(options->conninfo);
	worker->options.name = mem_dup_str(options->name);
	worker->options.version = mem_dup_str(options->version);
	worker->options.secrets = options->secrets ? mem_dup_str(options->secrets) : NULL;
	worker->detail = make_detail();
	worker->last_state = (enum pool_state) - 1;
	worker->version = (struct errand){worker, "store-version", take_version, 0, false};
	worker->list = (struct errand){worker, "worker-duties", take_list, 0, false};
	worker->beat = (struct errand){worker, "worker-beat", NULL, 0, false};
	worker->secrets = (struct errand){worker, "worker-secrets", NULL, 0, false};
	worker->goodbye = (struct errand){worker, "worker-beat", NULL, 0, false};
	worker->refresh_timer = timer_open(loop, on_refresh, worker);
	worker->beat_timer = timer_open(loop, on_beat, worker);
	worker->retry_timer = timer_open(loop, on_retry, worker);
	worker->drain_timer = timer_open(loop, maybe_drained, worker);
	worker->host = (struct duty_host){
		.loop = loop,
		.jsonl = jsonl,
		.random = (uint64_t)clock_wall_us(loop_clock(loop)) ^ (uint64_t)getpid() << 40,
		.idle = maybe_drained,
		.ctx = worker,
	};
	worker->host.pool = pool_open(loop, &pool);
	worker->odoo = odoo_work_new(
		&worker->host, options->odoos, options->n_odoos, worker->options.name);
	worker->alarms = alarms_new(&worker->host, options->callees, worker->options.secrets,
		options->ca_file, worker->options.name);
	worker->addresses = addresses_new(
		&worker->host, worker->options.secrets, options->ca_file, worker->options.name);
	return worker;
}

void worker_close(struct worker *worker)
{
	if (!worker)
		return;
	for (size_t i = 0; i < worker->n_duties; i++)
		duty_free(worker->duties[i]);
	odoo_work_free(worker->odoo);
	alarms_free(worker->alarms);
	addresses_free(worker->addresses);
	pool_close(worker->host.pool);
	timer_close(worker->refresh_timer);
	timer_close(worker->beat_timer);
	timer_close(worker->retry_timer);
	timer_close(worker->drain_timer);
	free(worker->duties);
	free_texts(worker);
	free(worker);
}

void worker_drain(struct worker *worker)
{
	if (worker->host.draining)
		return;
	worker->host.draining = true;
	timer_in(worker->drain_timer, DRAIN_US);
	pause_duties(worker);
	timer_stop(worker->beat_timer);
	timer_stop(worker->retry_timer);
	jsonl_begin(worker->host.jsonl, LOG_INFO, "draining");
	jsonl_int(worker->host.jsonl, "under_way", (int64_t)worker->host.running);
	jsonl_end(worker->host.jsonl);
	maybe_drained(worker);
}

struct worker_stats worker_stats(const struct worker *worker)
{
	return (struct worker_stats){
		.store_up = pool_state(worker->host.pool) == POOL_UP,
		.draining = worker->host.draining,
		.duties = worker->n_duties,
		.runs = worker->host.runs,
		.rows = worker->host.rows,
		.failures = worker->host.failures,
	};
}

struct worker_alarms worker_alarms(const struct worker *worker)
{
	return alarms_stats(worker->alarms);
}

struct worker_signal worker_signal(const struct worker *worker, size_t i)
{
	return alarms_signal(worker->alarms, i);
}
