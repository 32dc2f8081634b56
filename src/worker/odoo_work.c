/* The worker's tie to Odoo: a client of its own, for which only orderlyd has the key.
 * What is asked is checks.c's, probe.c's and reconcile.c's. Called by worker.c. */
#include "odoo_work.h"
#include "base/mem.h"
#include "base/str.h"
#include <assert.h>
#include <stdlib.h>

static char *server_name(const struct worker_odoo *options)
{
	struct str name = STR_INIT(1000);

	str_adds(&name, options->client.url);
	if (options->client.database)
		str_addf(&name, " %s", options->client.database);
	return name.at;
}

struct odoo_work *odoo_work_new(
	struct duty_host *host, const struct worker_odoo *options, const char *name)
{
	struct odoo_work *work;
	const struct http_options http = {.ca_file = options->ca_file, .user_agent = "orderlyd"};

	if (!options->client.url || !*options->client.url)
		return NULL;
	work = NEW(struct odoo_work);
	*work = (struct odoo_work){.host = host, .name = name, .server = server_name(options)};
	work->http = http_new(host->loop, &http);
	work->odoo = odoo_new(host->loop, work->http, &options->client);
	checks_open(work);
	work->probe = probe_new(work);
	work->reconciler = reconciler_new(work);
	return work;
}

void odoo_work_free(struct odoo_work *work)
{
	if (!work)
		return;
	checks_close(work);
	probe_free(work->probe);
	reconciler_free(work->reconciler);
	odoo_free(work->odoo);
	http_free(work->http);
	free(work->server);
	free(work);
}

void odoo_work_start(struct odoo_work *work)
{
	if (!work || work->started)
		return;
	work->started = true;
	checks_start(work);
	probe_start(work->probe);
	reconciler_start(work->reconciler);
}

void odoo_work_stop(struct odoo_work *work)
{
	if (!work || !work->started)
		return;
	work->started = false;
	checks_stop(work);
	probe_stop(work->probe);
	reconciler_stop(work->reconciler);
}

static void on_told(void *ctx, const struct query_result *result)
{
	struct duty_host *host = ctx;

	host->running--;
	if (result->event == QUERY_FAILED) {
		jsonl_begin(host->jsonl, LOG_WARN, "not written down");
		jsonl_text(host->jsonl, "error", result->err->text);
		jsonl_end(host->jsonl);
	}
	host->idle(host->ctx);
}

void odoo_work_tell(struct odoo_work *work, const char *statement, const char *const *params)
{
	const struct query query = {.statement = statement_find(statement),
		.params = params,
		.fn = on_told,
		.ctx = work->host};

	assert(query.statement);
	(void)pool_query(work->host->pool, &query);
	work->host->running++;
}
