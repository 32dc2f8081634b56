/* JSON-RPC of the simulated Odoo: /jsonrpc with its three services, and the web's sessions.
 * Leaves the call to odoo_call.c. Called by odoo.c for the paths of this protocol. */
#include "base/mem.h"
#include "odoo_part.h"
#include <string.h>

/* One request: what it carries, and where errors are raised. */
struct rpc {
	struct odoo_sim *sim;
	const struct web_request *request;
	struct web_answer *answer;
	struct odoo_env env;
	const json_t *params, *args;
};

static json_t *raise_denied(struct rpc *rpc)
{
	odoo_raise(&rpc->env, ACCESS_DENIED, "Access Denied");
	return NULL;
}

static const char *arg_text(const struct rpc *rpc, size_t i)
{
	const char *text = json_string_value(json_array_get(rpc->args, i));

	return text ? text : "";
}

static json_t *version(const struct rpc *rpc)
{
	int number = rpc->sim->rows.version;

	return json_pack("{s:o, s:[i, i, i, s, i, s], s:o, s:i}", "server_version",
		json_sprintf("%d.0", number), "server_version_info", number, 0, 0, "final", 0, "",
		"server_serie", json_sprintf("%d.0", number), "protocol_version", 1);
}

/* Its text leaks a path of the server, as the real one does. */
static bool is_database(struct rpc *rpc, const char *name)
{
	if (strcmp(name, rpc->sim->database) == 0)
		return true;
	if (!*name)
		odoo_raise(&rpc->env, "builtins.AssertionError", "Missing database name");
	else
		odoo_raise(&rpc->env, "psycopg2.OperationalError",
			"connection to server on socket \"/run/postgresql/.s.PGSQL.5432\" failed: "
			"FATAL:  database \"%s\" does not exist\n",
			name);
	return false;
}

/* ---- the service "common" ----------------------------------------------------------------------- */

/* False for every kind of refusal. */
static json_t *authenticate(struct rpc *rpc)
{
	const struct odoo_account *account;

	if (!is_database(rpc, arg_text(rpc, 0)))
		return NULL;
	rpc->sim->counts.logins++;
	account = account_log_in(
		rpc->sim->accounts, slice_of(arg_text(rpc, 1)), slice_of(arg_text(rpc, 2)), false);
	return account ? json_integer(account->uid) : json_false();
}

static json_t *serve_common(struct rpc *rpc, const char *method)
{
	if (strcmp(method, "version") == 0)
		return version(rpc);
	if (strcmp(method, "login") == 0)
		return authenticate(rpc);
	if (strcmp(method, "authenticate") == 0) {
		if (json_array_size(rpc->args) == 4)
			return authenticate(rpc);
		odoo_raise(&rpc->env, TYPE_ERROR,
			"exp_authenticate() missing 1 required positional argument: "
			"'user_agent_env'");
		return NULL;
	}
	odoo_raise(&rpc->env, "builtins.Exception", "Method not found: %s", method);
	return NULL;
}

/* ---- the service "db" ---------------------------------------------------------------------------- */

static json_t *serve_db(struct rpc *rpc, const char *method)
{
	if (strcmp(method, "list") == 0)
		return json_pack("[s]", rpc->sim->database);
	if (strcmp(method, "db_exist") == 0)
		return json_boolean(strcmp(arg_text(rpc, 0), rpc->sim->database) == 0);
	if (strcmp(method, "server_version") == 0)
		return json_sprintf("%d.0", rpc->sim->rows.version);
	return raise_denied(rpc);
}

/* ---- the service "object" ------------------------------------------------------------------------- */

/* A number, or a text that is one. NULL after raising. */
static const struct odoo_account *account_of(struct rpc *rpc)
{
	const json_t *given = json_array_get(rpc->args, 1);
	const struct odoo_account *account;
	int64_t uid = json_integer_value(given);

	if (json_is_null(given)) {
		odoo_raise(&rpc->env, TYPE_ERROR,
			"int() argument must be a string, a bytes-like object or a real number, not "
			"'NoneType'");
		return NULL;
	}
	if (json_is_string(given))
		(void)slice_to_i64(slice_of(json_string_value(given)), 0, INT64_MAX, &uid);
	account = account_by_uid(rpc->sim->accounts, uid);
	rpc->env.uid = uid;
	rpc->env.rows = &rpc->sim->rows;
	if (!account && uid)
		odoo_raise_missing(&rpc->env, table_named(&rpc->sim->rows, "res.users"), uid);
	if (!account || !account_secret_is(account, slice_of(arg_text(rpc, 2)))) {
		(void)raise_denied(rpc);
		return NULL;
	}
	return account;
}

static json_t *rest_of(const json_t *list, size_t from)
{
	json_t *ret = json_array();

	for (size_t i = from; i < json_array_size(list); i++)
		json_array_append(ret, json_array_get(list, i));
	return ret;
}

static json_t *serve_object(struct rpc *rpc, const char *method)
{
	bool kw = strcmp(method, "execute_kw") == 0;
	const struct odoo_account *account;
	json_t *args, *ret;

	if (!kw && strcmp(method, "execute") != 0) {
		odoo_raise(&rpc->env, "builtins.NameError", "Method not available %s", method);
		return NULL;
	}
	if (json_array_size(rpc->args) < 5) {
		odoo_raise(&rpc->env, "builtins.IndexError", "list index out of range");
		return NULL;
	}
	if (!is_database(rpc, arg_text(rpc, 0)))
		return NULL;
	account = account_of(rpc);
	if (!account)
		return NULL;
	args = kw ? json_incref(json_array_get(rpc->args, 5)) : rest_of(rpc->args, 5);
	ret = odoo_run(rpc->sim, &rpc->env, account,
		&(struct odoo_request){.model = arg_text(rpc, 3),
			.method = arg_text(rpc, 4),
			.args = args,
			.kwargs = kw ? json_array_get(rpc->args, 6) : NULL},
		rpc->answer);
	json_decref(args);
	return ret;
}

static json_t *serve_service(struct rpc *rpc)
{
	const char *service = json_string_value(json_object_get(rpc->params, "service"));
	const char *method = json_string_value(json_object_get(rpc->params, "method"));

	rpc->args = json_object_get(rpc->params, "args");
	if (json_is_array(rpc->params)) {
		odoo_raise(&rpc->env, VALUE_ERROR, "dictionary update sequence is of no use");
		return NULL;
	}
	if (!service || !method || !json_is_array(rpc->args)) {
		odoo_raise(&rpc->env, TYPE_ERROR,
			"RPC.jsonrpc() missing 3 required positional arguments: 'service', 'method', "
			"and 'args'");
		return NULL;
	}
	if (strcmp(service, "common") == 0)
		return serve_common(rpc, method);
	if (strcmp(service, "db") == 0)
		return serve_db(rpc, method);
	if (strcmp(service, "object") == 0)
		return serve_object(rpc, method);
	odoo_raise(&rpc->env, "builtins.KeyError", "%s", service);
	return NULL;
}

/* ---- sessions ------------------------------------------------------------------------------------- */

static const char *param(const struct rpc *rpc, const char *name)
{
	const char *text = json_string_value(json_object_get(rpc->params, name));

	return text ? text : "";
}

static struct slice session_id(const struct rpc *rpc)
{
	struct slice rest = web_header(rpc->request, "Cookie"), one;

	while (slice_cut(&rest, ';', &one)) {
		one = slice_trim(one);
		if (slice_starts(one, SLICE("session_id=")))
			return slice_from(one, strlen("session_id="));
	}
	return SLICE_NONE;
}

static json_t *open_session(struct rpc *rpc)
{
	struct odoo_sim *sim = rpc->sim;
	const struct odoo_account *account;
	size_t at = sim->n_sessions % ODOO_SESSIONS;

	if (!is_database(rpc, param(rpc, "db")))
		return NULL;
	sim->counts.logins++;
	account = account_log_in(sim->accounts, slice_of(param(rpc, "login")),
		slice_of(param(rpc, "password")), true);
	if (!account)
		return raise_denied(rpc);
	if (account->two_factor)
		return json_pack("{s:n}", "uid");
	odoo_token(sim->seed ^ 0x5e55, ++sim->n_sessions, sim->sessions[at].id);
	sim->sessions[at].uid = account->uid;
	str_addf(&rpc->answer->headers, "Set-Cookie: session_id=%s; HttpOnly; Path=/\r\n",
		sim->sessions[at].id);
	return json_pack("{s:I, s:b, s:{s:s, s:s, s:I}, s:s, s:s, s:s, s:o}", "uid",
		(json_int_t)account->uid, "is_admin", account->groups & ODOO_GROUP_SYSTEM,
		"user_context", "lang", "en_US", "tz", "Europe/Brussels", "uid",
		(json_int_t)account->uid, "db", sim->database, "name", account->name, "username",
		account->login, "server_version", json_sprintf("%d.0", sim->rows.version));
}

static json_t *close_session(struct rpc *rpc)
{
	struct slice id = session_id(rpc);

	for (size_t i = 0; i < ODOO_SESSIONS; i++)
		if (id.len && slice_eq_str(id, rpc->sim->sessions[i].id))
			rpc->sim->sessions[i].uid = 0;
	return json_null();
}

static json_t *serve_dataset(struct rpc *rpc)
{
	struct slice id = session_id(rpc);
	const struct odoo_account *account = NULL;

	for (size_t i = 0; i < ODOO_SESSIONS; i++)
		if (id.len && slice_eq_str(id, rpc->sim->sessions[i].id))
			account = account_by_uid(rpc->sim->accounts, rpc->sim->sessions[i].uid);
	if (!account) {
		odoo_raise(&rpc->env, "odoo.http.SessionExpiredException", "Session expired");
		return NULL;
	}
	return odoo_run(rpc->sim, &rpc->env, account,
		&(struct odoo_request){.model = param(rpc, "model"),
			.method = param(rpc, "method"),
			.args = json_object_get(rpc->params, "args"),
			.kwargs = json_object_get(rpc->params, "kwargs")},
		rpc->answer);
}

/* ---- the envelope --------------------------------------------------------------------------------- */

static json_t *serve_path(struct rpc *rpc)
{
	struct slice path = rpc->request->path;

	if (slice_starts(path, SLICE("/jsonrpc")))
		return serve_service(rpc);
	if (slice_eq(path, SLICE("/web/session/authenticate")))
		return open_session(rpc);
	if (slice_eq(path, SLICE("/web/session/destroy")))
		return close_session(rpc);
	if (slice_starts(path, SLICE("/web/dataset/")))
		return serve_dataset(rpc);
	return version(rpc);
}

static json_t *error_of(const struct rpc *rpc)
{
	bool expired = strcmp(rpc->env.raised, "odoo.http.SessionExpiredException") == 0;
	const char *text = str_cstr(&rpc->env.message);

	return json_pack("{s:i, s:s, s:{s:s, s:s, s:s, s:[s], s:{}}}", "code",
		expired                       ? 100
		: rpc->sim->rows.version < 19 ? 200
					      : 0,
		"message", expired ? "Odoo Session Expired" : "Odoo Server Error", "data", "name",
		rpc->env.raised, "debug",
		"Traceback (most recent call last):\n  File \"/opt/odoo/http.py\"\n", "message",
		text, "arguments", text, "context");
}

static void answer_envelope(struct rpc *rpc, const json_t *id, json_t *result)
{
	json_t *envelope = json_pack("{s:s, s:O?}", "jsonrpc", "2.0", "id", id);

	if (!id)
		json_object_set_new(envelope, "id", json_null());
	if (!result)
		json_object_set_new(envelope, "error", error_of(rpc));
	else if (json_is_null(result))
		json_decref(result); /* None is answered without a result */
	else
		json_object_set_new(envelope, "result", result);
	odoo_answer_json(rpc->answer, envelope);
}

void odoo_serve_jsonrpc(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer)
{
	struct rpc rpc = {.sim = sim, .request = request, .answer = answer, .env = ODOO_ENV_INIT};
	json_t *body, *result;

	if (!slice_starts(web_header(request, "Content-Type"), SLICE("application/json"))) {
		odoo_answer_html(answer, 400,
			"<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n");
		return;
	}
	body = json_loadb(request->body.at ? request->body.at : "", request->body.len,
		JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!json_is_object(body)) {
		odoo_answer_html(answer, 400, body ? "Invalid JSON-RPC data" : "Invalid JSON data");
		json_decref(body);
		return;
	}
	rpc.params = json_object_get(body, "params");
	result = serve_path(&rpc);
	if (result || rpc.env.raised)
		answer_envelope(&rpc, json_object_get(body, "id"), result);
	str_done(&rpc.env.message);
	json_decref(body);
}
