/* What runs by itself in the simulated Odoo: scheduled jobs, automations and webhooks, a queue of jobs.
 * Some of it is in trouble, so that there is something to see. Called once, by odoo_seed.c. */
#include "base/mem.h"
#include "odoo_part.h"
#include "odoo_write.h"
#include <stdio.h>

static const struct {
	const char *name;
	int every;
	const char *unit;
	int next_in_s, failures;
} crons[] = {
	{"Procurement: run scheduler", 1, "days", 5 * 3600, 0},
	{"Mail: Email Queue Manager", 1, "hours", 1500, 0},
	{"Account: Post draft entries with auto_post enabled", 1, "days", 9 * 3600, 0},
	{"EDI: import supplier invoices", 15, "minutes", 600, 3},
	{"Middleware: push confirmed orders", 5, "minutes", 120, 0},
	{"Bank: fetch statements", 6, "hours", -9000, 0},
	{"Base: Auto-vacuum internal data", 1, "days", 7 * 3600, 0},
	{"Job Queue: requeue stuck jobs", 5, "minutes", 200, 0},
};

static const struct {
	const char *name, *model, *trigger, *url;
	int last_run_s;
} automations[] = {
	{"Order confirmed: tell the middleware", "purchase.order", "on_state_set", NULL, 240},
	{"Web shop orders", "purchase.order", "on_webhook",
		"https://odoo.orderly-demo.example/web/hook/(secret)", 3100},
	{"Cabinet calls for goods", "stock.picking", "on_webhook",
		"https://odoo.orderly-demo.example/web/hook/(secret)", 45},
	{"Overdue bills", "account.move", "on_time", NULL, 36000},
};

static const struct {
	const char *name, *model, *method, *state, *error;
	int ago_s, retry;
} jobs[] = {
	{"Push order to the exchange", "purchase.order", "push_to_exchange", "started", NULL, 20,
		1},
	{"Push order to the exchange", "purchase.order", "push_to_exchange", "pending", NULL, 9, 0},
	{"Push order to the exchange", "purchase.order", "push_to_exchange", "failed",
		"exchange answers 503", 1900, 5},
	{"Import supplier invoice", "account.move", "import_invoice", "failed",
		"Missing account for tax VAT-10", 5200, 5},
	{"Import supplier invoice", "account.move", "import_invoice", "done", NULL, 7000, 1},
};

static void make(struct odoo_env *env, const char *model, json_t *vals)
{
	if (odoo_create(env, table_named(env->rows, model), vals) == 0)
		(void)fprintf(stderr, "seed: %s: %s\n", model, str_cstr(&env->message));
	json_decref(vals);
	rows_commit(env->rows);
}

static json_t *or_false(const char *text)
{
	return text ? json_string(text) : json_false();
}

static void time_of(int64_t wall_s, char out[32])
{
	odoo_time_text(wall_s * S_US, out);
	out[19] = '\0';
}

void odoo_seed_system(struct odoo_sim *sim)
{
	struct odoo_env env = ODOO_ENV_INIT;
	int64_t now_s = clock_wall_us(sim->rows.clock) / S_US;
	char at[32];

	env.rows = &sim->rows;
	env.uid = 1;
	env.sudo = true;
	for (size_t i = 0; i < ARRAY_LEN(crons); i++) {
		time_of(now_s + crons[i].next_in_s, at);
		make(&env, "ir.cron",
			json_pack("{s:s, s:i, s:s, s:s, s:i, s:b, s:i}", "cron_name", crons[i].name,
				"interval_number", crons[i].every, "interval_type", crons[i].unit,
				"nextcall", at, "failure_count", crons[i].failures, "active", 1,
				"user_id", 1));
	}
	for (size_t i = 0; i < ARRAY_LEN(automations); i++) {
		time_of(now_s - automations[i].last_run_s, at);
		make(&env, "base.automation",
			json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "name", automations[i].name,
				"model_name", automations[i].model, "trigger",
				automations[i].trigger, "last_run", at, "active", 1, "url",
				or_false(automations[i].url)));
	}
	make(&env, "ir.actions.server",
		json_pack("{s:s, s:s, s:s, s:i}", "name", "Tell the middleware", "state", "webhook",
			"webhook_url",
			"https://middleware.orderly-demo.example/hooks/odoo?token=(secret)",
			"base_automation_id", 1));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		time_of(now_s - jobs[i].ago_s, at);
		make(&env, "queue.job",
			json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:o}", "uuid",
				json_sprintf("%08zx-0000-4000-8000-000000000000", i + 1), "name",
				jobs[i].name, "model_name", jobs[i].model, "method_name",
				jobs[i].method, "state", jobs[i].state, "date_created", at,
				"channel", "root.exchange", "retry", jobs[i].retry, "max_retries",
				5, "exc_message", or_false(jobs[i].error)));
	}
	str_done(&env.message);
}
