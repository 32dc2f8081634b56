/* The simulated Odoo as a whole: made and freed, its paths, its faults, its calls.
 * Leaves each protocol to odoo_jsonrpc.c and odoo_json2.c. Called by orderly-sim and by tests. */
#include "odoo.h"
#include "base/lines.h"
#include "base/mem.h"
#include "odoo_part.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct odoo_sim *odoo_sim_new(const struct odoo_sim_options *options)
{
	struct odoo_sim *sim = NEW(struct odoo_sim);

	rows_init(&sim->rows, options->clock, options->version);
	memcpy(sim->accounts, odoo_accounts, sizeof(odoo_accounts));
	sim->database = mem_dup_str(options->database);
	sim->seed = options->seed;
	odoo_seed(sim, options->partners, options->orders);
	return sim;
}

void odoo_sim_free(struct odoo_sim *sim)
{
	if (!sim)
		return;
	rows_done(&sim->rows);
	free(sim->database);
	free(sim);
}

void odoo_sim_freep(struct odoo_sim **sim)
{
	odoo_sim_free(*sim);
	*sim = NULL;
}

const char *odoo_sim_key(const struct odoo_sim *sim, const char *login)
{
	for (size_t i = 0; i < ODOO_ACCOUNTS; i++)
		if (sim->accounts[i].login && strcmp(sim->accounts[i].login, login) == 0)
			return sim->accounts[i].key;
	return NULL;
}

struct odoo_sim_counts odoo_sim_counts(const struct odoo_sim *sim)
{
	return sim->counts;
}

/* ---- faults -------------------------------------------------------------------------------------- */

static const char *const fault_names[] = {
	[ODOO_FAULT_NONE] = "clear",
	[ODOO_FAULT_SLOW] = "slow",
	[ODOO_FAULT_ERROR] = "error",
	[ODOO_FAULT_HTML] = "html",
	[ODOO_FAULT_GARBLED] = "garbled",
	[ODOO_FAULT_TIMEOUT] = "timeout",
	[ODOO_FAULT_LOCK] = "lock",
	[ODOO_FAULT_SERIALIZATION] = "serialization",
	[ODOO_FAULT_DENIED] = "denied",
	[ODOO_FAULT_TIMEOUT_AFTER_COMMIT] = "timeout-after-commit",
	[ODOO_FAULT_CLOSE_AFTER_COMMIT] = "close-after-commit",
};

int odoo_sim_fault(struct odoo_sim *sim, struct slice text, struct err *err)
{
	struct slice rest = text, word, name;
	int64_t times = -1, ms = 1000;

	(void)slice_cut(&rest, ':', &word);
	if (rest.len && slice_to_i64(rest, 1, 1000000, &times) < 0)
		return err_set(err, -EINVAL, "\"%.*s\": how often is a number", SLICE_ARG(text));
	if (!slice_cut(&word, '=', &name))
		name = word;
	if (word.len && slice_to_i64(word, 1, 3600000, &ms) < 0)
		return err_set(err, -EINVAL,
			"\"%.*s\": milliseconds are meant behind the =", SLICE_ARG(text));
	for (size_t i = 0; i < ARRAY_LEN(fault_names); i++) {
		if (!slice_eq_str(name, fault_names[i]))
			continue;
		sim->fault.kind = (enum odoo_fault)i;
		sim->fault.times = times;
		sim->fault.ms = ms;
		return 0;
	}
	return err_unknown(
		err, "fault", name, fault_names, ARRAY_LEN(fault_names), sizeof(fault_names[0]));
}

enum odoo_fault odoo_fault_take(struct odoo_sim *sim, bool in_call)
{
	enum odoo_fault kind = sim->fault.kind;

	if ((kind >= ODOO_FAULT_LOCK) != in_call)
		return ODOO_FAULT_NONE;
	if (sim->fault.times > 0 && --sim->fault.times == 0)
		sim->fault.kind = ODOO_FAULT_NONE;
	return kind;
}

static int raise_fault(struct odoo_env *env, enum odoo_fault fault)
{
	if (fault == ODOO_FAULT_DENIED)
		return odoo_raise(env, ACCESS_DENIED, "Access Denied");
	if (fault == ODOO_FAULT_SERIALIZATION)
		return odoo_raise(env, "psycopg2.errors.SerializationFailure",
			"could not serialize access due to concurrent update\n");
	if (fault == ODOO_FAULT_LOCK && env->rows->version >= 19)
		return odoo_raise(env, "odoo.exceptions.LockError",
			"Cannot grab a lock on records. Please try again later.");
	if (fault == ODOO_FAULT_LOCK)
		return odoo_raise(env, "psycopg2.errors.LockNotAvailable",
			"could not obtain lock on row in relation \"purchase_order\"\n");
	return 0;
}

json_t *odoo_run(struct odoo_sim *sim, struct odoo_env *env, const struct odoo_account *account,
	const struct odoo_request *call, struct web_answer *answer)
{
	enum odoo_fault fault = odoo_fault_take(sim, true);
	bool writes = false;
	json_t *ret;

	env->rows = &sim->rows;
	env->uid = account->uid;
	env->groups = account->groups;
	sim->counts.calls++;
	if (raise_fault(env, fault) < 0)
		return NULL;
	ret = odoo_call(env, call, &writes);
	sim->counts.writes += writes;
	if (fault == ODOO_FAULT_TIMEOUT_AFTER_COMMIT)
		answer->end = WEB_HOLD;
	else if (fault == ODOO_FAULT_CLOSE_AFTER_COMMIT)
		answer->end = WEB_CLOSE;
	return ret;
}

/* ---- answers and paths ---------------------------------------------------------------------------- */

void odoo_answer_json(struct web_answer *answer, json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	answer->type = "application/json; charset=utf-8";
	str_adds(&answer->body, text);
	free(text);
	json_decref(value);
}

void odoo_answer_html(struct web_answer *answer, int status, const char *text)
{
	answer->status = status;
	answer->type = "text/html; charset=utf-8";
	str_adds(&answer->body, text);
}

static void serve_control(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer)
{
	struct err err = ERR_INIT;

	if (slice_eq(request->path, SLICE("/sim/calls"))) {
		odoo_answer_json(
			answer, json_pack("{s:i, s:i, s:i}", "calls", sim->counts.calls, "writes",
					sim->counts.writes, "logins", sim->counts.logins));
		return;
	}
	answer->type = "text/plain; charset=utf-8";
	if (odoo_sim_fault(sim, slice_trim(request->body), &err) < 0) {
		answer->status = 400;
		str_addf(&answer->body, "%s\n", err.text);
	}
}

static void serve_version(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer)
{
	(void)request;
	odoo_answer_json(answer,
		json_pack("{s:[i, i, i, s, i, s], s:o}", "version_info", sim->rows.version, 0, 0,
			"final", 0, "", "version", json_sprintf("%d.0", sim->rows.version)));
}

static void serve_health(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer)
{
	(void)sim;
	(void)request;
	odoo_answer_json(answer, json_pack("{s:s}", "status", "pass"));
	answer->type = "application/json";
}

static const struct route {
	const char *path;
	int from, before; /* versions */
	void (*serve)(
		struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer);
} routes[] = {
	{"/sim/", 0, 99, serve_control},
	{"/web/health", 15, 99, serve_health},
	{"/web/version", 19, 99, serve_version},
	{"/json/version", 19, 99, serve_version},
	{"/jsonrpc", 8, 22, odoo_serve_jsonrpc},
	{"/web/webclient/version_info", 8, 99, odoo_serve_jsonrpc},
	{"/web/session/", 8, 99, odoo_serve_jsonrpc},
	{"/web/dataset/call_kw", 8, 99, odoo_serve_jsonrpc},
	{"/json/2/", 19, 99, odoo_serve_json2},
};

/* A site's page for what is not there; before 19, JSON-2 leads to the login. */
static void serve_nothing(const struct web_request *request, struct web_answer *answer)
{
	if (slice_starts(request->path, SLICE("/json/"))) {
		str_adds(&answer->headers, "Location: /web/login?redirect=%2Fjson\r\n");
		odoo_answer_html(answer, 303,
			"<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n");
		return;
	}
	odoo_answer_html(answer, 404,
		"<!DOCTYPE html>\n<html><head><title>Odoo</title></head><body>Page not found</body>");
}

static void serve_route(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (slice_starts(request->path, slice_of(routes[i].path)) &&
			sim->rows.version >= routes[i].from &&
			sim->rows.version < routes[i].before) {
			routes[i].serve(sim, request, answer);
			return;
		}
	serve_nothing(request, answer);
}

void odoo_sim_serve(void *ctx, const struct web_request *request, struct web_answer *answer)
{
	struct odoo_sim *sim = ctx;
	enum odoo_fault fault = slice_starts(request->path, SLICE("/sim/"))
					? ODOO_FAULT_NONE
					: odoo_fault_take(sim, false);

	switch (fault) {
	case ODOO_FAULT_TIMEOUT:
		answer->end = WEB_HOLD;
		return;
	case ODOO_FAULT_ERROR:
		odoo_answer_html(
			answer, 500, "<!doctype html>\n<title>500 Internal Server Error</title>\n");
		return;
	case ODOO_FAULT_HTML:
		odoo_answer_html(answer, 200, "<html><title>Scheduled maintenance</title></html>");
		return;
	case ODOO_FAULT_SLOW:
		answer->delay_us = sim->fault.ms * MS_US;
		break;
	default:
		break;
	}
	serve_route(sim, request, answer);
	if (fault == ODOO_FAULT_GARBLED)
		str_truncate(&answer->body, answer->body.len / 2);
}
