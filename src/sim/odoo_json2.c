/* JSON-2 of the simulated Odoo: a path, a key, arguments by name, and HTTP's own statuses.
 * Leaves the call to odoo_call.c. Called by odoo.c for /json/2/. */
#include "base/mem.h"
#include "odoo_part.h"
#include <string.h>

static const struct {
	const char *name;
	int status;
} statuses[] = {
	{"werkzeug.exceptions.Unauthorized", 401},
	{"werkzeug.exceptions.NotFound", 404},
	{"werkzeug.exceptions.UnprocessableEntity", 422},
	{"werkzeug.exceptions.BadRequest", 400},
	{"odoo.exceptions.AccessDenied", 401},
	{"odoo.exceptions.AccessError", 403},
	{"odoo.exceptions.MissingError", 404},
	{"odoo.exceptions.LockError", 409},
	{"odoo.exceptions.UserError", 422},
	{"odoo.exceptions.ValidationError", 422},
};

static void answer_raised(const struct odoo_env *env, struct web_answer *answer)
{
	answer->status = 500;
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (strcmp(statuses[i].name, env->raised) == 0)
			answer->status = statuses[i].status;
	odoo_answer_json(answer,
		json_pack("{s:s, s:s, s:[s, i], s:{}, s:s}", "name", env->raised, "message",
			str_cstr(&env->message), "arguments", str_cstr(&env->message),
			answer->status, "context", "debug",
			"Traceback (most recent call last):\n  File \"/opt/odoo/http.py\"\n"));
}

/* /json/2/MODEL/METHOD */
static bool path_parts(struct slice path, char **ret_model, char **ret_method)
{
	struct slice rest = slice_from(path, strlen("/json/2/")), model;

	(void)slice_cut(&rest, '/', &model);
	*ret_model = mem_dup(model.at, model.len);
	*ret_method = mem_dup(rest.at, rest.len);
	return model.len > 0 && rest.len > 0;
}

static const struct odoo_account *account_of(
	const struct odoo_sim *sim, const struct web_request *request, struct odoo_env *env)
{
	struct slice rest = web_header(request, "Authorization"), scheme;
	const struct odoo_account *account = NULL;

	if (!slice_word(&rest, &scheme) || !slice_eq_nocase(scheme, SLICE("bearer"))) {
		odoo_raise(env, "werkzeug.exceptions.Unauthorized",
			"User not authenticated, use an API Key with a Bearer Authorization header.");
		return NULL;
	}
	account = account_by_key(sim->accounts, slice_trim(rest));
	if (!account)
		odoo_raise(env, "werkzeug.exceptions.Unauthorized", "Invalid apikey");
	return account;
}

static bool is_other_database(const struct odoo_sim *sim, const struct web_request *request)
{
	struct slice name = web_header(request, "X-Odoo-Database");

	return name.len > 0 && !slice_eq_str(name, sim->database);
}

static json_t *call(struct odoo_sim *sim, const struct web_request *request, struct odoo_env *env,
	struct web_answer *answer)
{
	const struct odoo_account *account = account_of(sim, request, env);
	CLEANUP(mem_freep)
	char *model = NULL;
	CLEANUP(mem_freep)
	char *method = NULL;
	json_error_t wrong;
	json_t *body, *ret = NULL;

	if (!account)
		return NULL;
	if (!path_parts(request->path, &model, &method) ||
		!slice_eq(request->method, SLICE("POST"))) {
		odoo_raise(env, "werkzeug.exceptions.NotFound",
			"Did you mean POST /json/2/<model>/<method>?");
		return NULL;
	}
	body = request->body.len ? json_loadb(request->body.at, request->body.len,
					   JSON_DECODE_ANY | JSON_ALLOW_NUL, &wrong)
				 : json_object();
	if (!body)
		odoo_raise(env, "werkzeug.exceptions.BadRequest",
			"could not parse the body as json: %s", wrong.text);
	else
		ret = odoo_run(sim, env, account,
			&(struct odoo_request){.model = model,
				.method = method,
				.kwargs = json_is_object(body) ? body : NULL,
				.json2 = true},
			answer);
	if (ret)
		odoo_answer_json(answer, ret);
	json_decref(body);
	return ret;
}

void odoo_serve_json2(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer)
{
	struct odoo_env env = ODOO_ENV_INIT;

	if (slice_eq(request->method, SLICE("POST")) &&
		!slice_starts(web_header(request, "Content-Type"), SLICE("application/json")))
		odoo_answer_html(answer, 415,
			"<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n");
	else if (is_other_database(sim, request))
		odoo_answer_html(answer, 404,
			"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n");
	else if (!call(sim, request, &env, answer) && env.raised)
		answer_raised(&env, answer);
	str_done(&env.message);
}
