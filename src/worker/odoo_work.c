/* The worker's tie to Odoo: a client of its own, for which only orderlyd has the key.
 * What is asked is checks.c's, probe.c's and reconcile.c's. Called by worker.c. */
#include "odoo_work.h"
#include "base/mem.h"
#include "base/str.h"
#include <assert.h>
#include <stdlib.h>

static char *server_name(const struct odoo_named *options)
{
	struct str name = STR_INIT(1000);

	str_adds(&name, options->client.url);
	if (options->client.database)
		str_addf(&name, " %s", options->client.database);
	return name.at;
}

/* {"","odoo-fin"}, as the store takes it. */
static char *names_of(const struct odoo_named *odoos, size_t n)
{
	struct str names = STR_INIT(8192);

	str_addc(&names, '{');
	for (size_t i = 0; i < n; i++)
		str_addf(&names, "%s\"%s\"", i ? "," : "", odoos[i].system ? odoos[i].system : "");
	str_addc(&names, '}');
	return names.at;
}

static struct odoo_work *one_new(
	struct duty_host *host, const struct odoo_named *odoo, const char *name)
{
	struct odoo_work *work = NEW(struct odoo_work);
	const struct http_options http = {.ca_file = odoo->ca_file, .user_agent = "orderlyd"};

	*work = (struct odoo_work){.host = host,
		.name = name,
		.system = odoo->system ? odoo->system : "",
		.server = server_name(odoo)};
	work->http = http_new(host->loop, &http);
	work->odoo = odoo_new(host->loop, work->http, &odoo->client);
	checks_open(work);
	work->probe = probe_new(work);
	work->reconciler = reconciler_new(work);
	return work;
}

struct odoo_work *odoo_work_new(
	struct duty_host *host, const struct odoo_named *odoos, size_t n, const char *name)
{
	struct odoo_work *first = NULL, **link = &first;

	for (size_t i = 0; i < n; i++) {
		*link = one_new(host, &odoos[i], name);
		link = &(*link)->next;
	}
	if (first)
		first->known = names_of(odoos, n);
	return first;
}

void odoo_work_free(struct odoo_work *work)
{
	struct odoo_work *next;

	for (; work; work = next) {
		next = work->next;
		checks_close(work);
		probe_free(work->probe);
		reconciler_free(work->reconciler);
		odoo_free(work->odoo);
		http_free(work->http);
		free(work->server);
		free(work->known);
		free(work);
	}
}

void odoo_work_start(struct odoo_work *work)
{
	for (; work; work = work->next) {
		if (work->started)
			continue;
		work->started = true;
		checks_start(work);
		probe_start(work->probe);
		reconciler_start(work->reconciler);
	}
}

void odoo_work_stop(struct odoo_work *work)
{
	for (; work; work = work->next) {
		if (!work->started)
			continue;
		work->started = false;
		checks_stop(work);
		probe_stop(work->probe);
		reconciler_stop(work->reconciler);
	}
}

void odoo_work_nobodys(struct slice system, struct str *out)
{
	if (system.len)
		str_addf(out, "no Odoo named %.*s in the profile", SLICE_ARG(system));
	else
		str_adds(out, "the catalogue does not say in which of its Odoos this is");
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
