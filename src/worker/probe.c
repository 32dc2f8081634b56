/* Looks how Odoo does: whether it answers and how fast, its version, the age of the key, scheduled jobs
 * that fail; and writes it down, so that a console sees the trend and not only the moment.
 * What may be read is the key's right: what is not to be seen is left empty. Called by odoo_work.c. */
#include "base/mem.h"
#include "odoo/read.h"
#include "odoo_work.h"
#include <stdlib.h>
#include <time.h>

#define PERIOD_US (15 * S_US)
#define DEADLINE_US (10 * S_US)
#define JOBS_MAX "500"
#define LATE_S 3600 /* a job that should have run so long ago does not run */

struct probe {
	struct odoo_work *work;
	struct timer *timer;
	uint64_t ticket;
	struct str detail; /* the object in JSON, as far as it has come */
	bool has_expiry, has_failures, has_name;
};

static void ask_jobs(struct probe *probe);

static void put_text(struct probe *probe, const char *name, struct slice text)
{
	str_addf(&probe->detail, ",\"%s\":", name);
	if (!text.len || !value_put_text(&probe->detail, text))
		str_adds(&probe->detail, "null");
}

/* Odoo's times are UTC and do not say so. */
static void put_time(struct probe *probe, const char *name, const struct value *value)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	if (value_text(value).len != 19)
		return;
	str_add(&text, value_text(value));
	str_addc(&text, 'Z');
	put_text(probe, name, str_slice(&text));
}

static void finish(struct probe *probe)
{
	struct odoo_work *work = probe->work;
	const char *params[] = {work->name, NULL};

	str_addc(&probe->detail, '}');
	params[1] = str_cstr(&probe->detail);
	odoo_work_tell(work, "worker-probed", params);
	timer_in(probe->timer, host_jitter(work->host, PERIOD_US));
}

/* An answer, whatever it says, is Odoo's. */
static bool is_alive(enum odoo_class class)
{
	return class == ODOO_OK || class == ODOO_FORBIDDEN || class == ODOO_REFUSED ||
	       class == ODOO_CALL || class == ODOO_MISSING;
}

static void begin(struct probe *probe, const struct odoo_reply *reply)
{
	static const char *const protocols[] = {"", "JSON-RPC", "JSON-2"};
	const struct odoo_known *known = odoo_known(probe->work->odoo);
	struct str *out = &probe->detail;

	str_reset(out);
	str_addf(out, "{\"ok\":%s,\"class\":\"%s\"", is_alive(reply->class) ? "true" : "false",
		odoo_class_name(reply->class));
	put_text(probe, "server", slice_of(probe->work->server));
	put_text(probe, "system", slice_of(probe->work->system));
	if (!is_alive(reply->class))
		put_text(probe, "message", slice_of(reply->message));
	put_text(probe, "version", slice_of(known->version));
	put_text(probe, "protocol", slice_of(protocols[known->protocol]));
	if (is_alive(reply->class))
		str_addf(out, ",\"latency_ms\":%.3f", (double)reply->took_us / MS_US);
	if (known->has_clock)
		str_addf(out, ",\"clock_ahead_ms\":%lld",
			(long long)(known->clock_ahead_us / MS_US));
}

static void search_read(struct probe *probe, const char *model, struct slice domain,
	struct slice fields, struct slice order, struct slice limit,
	void (*done)(void *ctx, const struct odoo_reply *reply))
{
	probe->ticket =
		odoo_ask(probe->work->odoo, &(struct odoo_ask){.model = model,
						    .method = "search_read",
						    .args = {{"domain", domain}, {"fields", fields},
							    {"limit", limit}, {"order", order}},
						    .n_args = 4,
						    .n_positional = 1,
						    .reads = true,
						    .deadline_us = DEADLINE_US,
						    .done = done,
						    .ctx = probe});
}

/* ---- scheduled jobs --------------------------------------------------------------------------- */

/* "2026-11-21 09:00:00" of so long ago, to compare as text. */
static void late_before(const struct probe *probe, char out[32])
{
	int64_t wall_us = clock_wall_us(loop_clock(probe->work->host->loop)) +
			  odoo_known(probe->work->odoo)->clock_ahead_us;
	time_t s = (time_t)(wall_us / S_US) - LATE_S;
	struct tm tm;

	gmtime_r(&s, &tm);
	(void)strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
}

static bool is_failing(const struct value *job, const char *late)
{
	int64_t failures = 0;

	return (value_int(value_get(job, "failure_count"), &failures) && failures > 0) ||
	       (value_text(value_get(job, "nextcall")).len == 19 &&
		       slice_cmp(value_text(value_get(job, "nextcall")), slice_of(late)) < 0);
}

static void on_jobs(void *ctx, const struct odoo_reply *reply)
{
	struct probe *probe = ctx;
	CLEANUP(str_done)
	struct str names = STR_INIT(2000);
	const struct value *job;
	char late[32];
	size_t n = 0, failing = 0;

	probe->ticket = 0;
	late_before(probe, late);
	while ((job = value_at(reply->result, n))) {
		n++;
		if (!is_failing(job, late))
			continue;
		str_adds(&names, failing++ ? ", " : "");
		str_add(&names, value_text(value_get(job, probe->has_name ? "cron_name" : "name")));
	}
	if (reply->class == ODOO_OK) {
		str_addf(&probe->detail, ",\"crons\":%zu,\"crons_failing\":%zu", n, failing);
		put_text(probe, "failing", str_slice(&names));
	}
	finish(probe);
}

static void on_job_fields(
	void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields, size_t n)
{
	struct probe *probe = ctx;
	CLEANUP(str_done)
	struct str list = STR_INIT(256);

	probe->ticket = 0;
	if (reply->class != ODOO_OK || n < 2) {
		finish(probe);
		return;
	}
	probe->has_name = fields[0].type != NULL;
	str_addf(&list, "[\"nextcall\",\"%s\"%s]", probe->has_name ? "cron_name" : "name",
		fields[1].type ? ",\"failure_count\"" : "");
	search_read(probe, "ir.cron", SLICE("[[\"active\",\"=\",true]]"), str_slice(&list),
		SLICE("\"nextcall\""), SLICE(JOBS_MAX), on_jobs);
}

static void ask_jobs(struct probe *probe)
{
	static const char *const names[] = {"cron_name", "failure_count"};

	probe->ticket = odoo_fields(
		probe->work->odoo, "ir.cron", names, ARRAY_LEN(names), on_job_fields, probe);
}

/* ---- the key --------------------------------------------------------------------------------- */

/* Which of the login's keys is ours Odoo does not tell; so that there are others is told. */
static void on_keys(void *ctx, const struct odoo_reply *reply)
{
	struct probe *probe = ctx;
	const struct value *key = value_at(reply->result, 0);

	probe->ticket = 0;
	begin(probe, reply);
	if (key) {
		put_text(probe, "key_name", value_text(value_get(key, "name")));
		put_time(probe, "key_made", value_get(key, "create_date"));
		put_time(probe, "key_expires", value_get(key, "expiration_date"));
		str_addf(&probe->detail, ",\"key_only\":%s",
			value_at(reply->result, 1) ? "false" : "true");
	}
	if (is_alive(reply->class))
		ask_jobs(probe);
	else
		finish(probe);
}

static void on_key_fields(
	void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields, size_t n)
{
	struct probe *probe = ctx;
	CLEANUP(str_done)
	struct str domain = STR_INIT(128);

	probe->ticket = 0;
	if (!is_alive(reply->class)) {
		begin(probe, reply);
		finish(probe);
		return;
	}
	probe->has_expiry = n && fields[0].type;
	str_addf(&domain, "[[\"user_id\",\"=\",%lld]]",
		(long long)odoo_known(probe->work->odoo)->uid);
	search_read(probe, "res.users.apikeys", str_slice(&domain),
		probe->has_expiry ? SLICE("[\"name\",\"create_date\",\"expiration_date\"]")
				  : SLICE("[\"name\",\"create_date\"]"),
		SLICE("\"create_date desc\""), SLICE("2"), on_keys);
}

static void on_due(void *ctx)
{
	static const char *const names[] = {"expiration_date"};
	struct probe *probe = ctx;

	if (!probe->ticket && !probe->work->host->draining)
		probe->ticket = odoo_fields(
			probe->work->odoo, "res.users.apikeys", names, 1, on_key_fields, probe);
}

struct probe *probe_new(struct odoo_work *work)
{
	struct probe *probe = NEW(struct probe);

	*probe = (struct probe){.work = work, .detail = STR_INIT(64 * 1024)};
	probe->timer = timer_open(work->host->loop, on_due, probe);
	return probe;
}

void probe_start(struct probe *probe)
{
	timer_in(probe->timer, host_jitter(probe->work->host, S_US));
}

void probe_stop(struct probe *probe)
{
	timer_stop(probe->timer);
	if (probe->ticket)
		odoo_drop(probe->work->odoo, probe->ticket);
	probe->ticket = 0;
}

void probe_free(struct probe *probe)
{
	probe_stop(probe);
	timer_close(probe->timer);
	str_done(&probe->detail);
	free(probe);
}
