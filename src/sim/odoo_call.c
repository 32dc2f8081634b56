/* Finds the method, puts its arguments under their names, runs it, and takes back what failed.
 * Leaves who calls to odoo_web.c, its only caller. */
#include "odoo_call.h"
#include "base/mem.h"
#include "odoo_documents.h"
#include "odoo_methods.h"
#include <string.h>

#define UNPROCESSABLE "werkzeug.exceptions.UnprocessableEntity"
#define NOT_FOUND "werkzeug.exceptions.NotFound"

/* What is being bound: the arguments by name, the ids, and who complains how. */
struct bound {
	struct odoo_env *env;
	const struct odoo_request *request;
	const struct odoo_model *model;
	json_t *named, *ids;
};

static int missing(const struct bound *bound, struct slice name)
{
	if (bound->request->json2)
		return odoo_raise(bound->env, UNPROCESSABLE, "missing a required argument: '%.*s'",
			SLICE_ARG(name));
	return odoo_raise(bound->env, TYPE_ERROR,
		"%s.%s() missing 1 required positional argument: '%.*s'", bound->model->class,
		bound->request->method, SLICE_ARG(name));
}

static int check_names(const struct bound *bound, const char *params)
{
	const json_t *value;
	const char *key;

	json_object_foreach(bound->named, key, value)
	{
		struct slice rest = slice_of(params), word;
		bool known = false;

		while (slice_word(&rest, &word))
			known = known || slice_eq_str(slice_from(word, *word.at == '!'), key);
		if (!known)
			return odoo_raise(bound->env, TYPE_ERROR,
				"%s.%s() got an unexpected keyword argument '%s'",
				bound->model->class, bound->request->method, key);
	}
	return 0;
}

static int bind_params(struct bound *bound, const char *params, size_t at)
{
	struct slice rest = slice_of(params), word;

	while (slice_word(&rest, &word)) {
		bool needed = *word.at == '!';
		struct slice name = slice_from(word, needed);
		CLEANUP(mem_freep)
		char *key = mem_dup(name.at, name.len);
		json_t *given = json_array_get(bound->request->args, at++);

		if (given)
			json_object_set(bound->named, key, given);
		if (needed && !json_object_get(bound->named, key))
			return missing(bound, name);
	}
	return check_names(bound, params);
}

static json_t *as_list(const json_t *ids)
{
	if (json_is_integer(ids))
		return json_pack("[O]", ids);
	return json_is_array(ids) ? json_incref((json_t *)ids) : json_array();
}

static int bind(struct bound *bound, const char *params, bool on_records)
{
	json_t *ids = json_object_get(bound->request->kwargs, "ids");

	json_object_del(bound->named, "context");
	if (bound->request->json2) {
		json_object_del(bound->named, "ids");
		if (ids && !on_records)
			return odoo_raise(bound->env, UNPROCESSABLE, "cannot call %s.%s with ids",
				bound->model->name, bound->request->method);
		bound->ids = as_list(ids);
		return bind_params(bound, params, 0);
	}
	bound->ids = as_list(on_records ? json_array_get(bound->request->args, 0) : NULL);
	return bind_params(bound, params, on_records ? 1 : 0);
}

static json_t *run(struct bound *bound, const struct odoo_method *method, document_step *step)
{
	struct odoo_table *table = table_named(bound->env->rows, bound->model->name);
	json_t *ret;

	if (bind(bound, method ? method->params : "", method ? method->on_records : true) < 0)
		return NULL;
	ret = method ? method->run(bound->env, table, bound->ids, bound->named)
		     : step(bound->env, table, bound->ids);
	/* Whether one or many were given, this protocol answers with a list. */
	if (ret && bound->request->json2 && json_is_integer(ret) &&
		strcmp(bound->request->method, "create") == 0)
		return json_pack("[o]", ret);
	return ret;
}

static int check_context(struct odoo_env *env, const json_t *context)
{
	const char *lang = json_string_value(json_object_get(context, "lang"));
	const json_t *company = json_array_get(json_object_get(context, "allowed_company_ids"), 0);

	env->context = context;
	if (lang && strcmp(lang, "en_US") != 0)
		return odoo_raise(env, USER_ERROR, "Invalid language code: %s", lang);
	if (company && json_integer_value(company) != 1)
		return odoo_raise(
			env, ACCESS_ERROR, "Access to unauthorized or invalid companies.");
	return 0;
}

static int unknown_model(struct odoo_env *env, const struct odoo_request *request)
{
	if (request->json2)
		return odoo_raise(env, NOT_FOUND, "the model '%s' does not exist", request->model);
	return odoo_raise(env, USER_ERROR, "Object %s doesn't exist", request->model);
}

static int unknown_method(struct odoo_env *env, const struct odoo_request *request)
{
	const char *name = request->json2 ? NOT_FOUND : "builtins.AttributeError";

	if (env->rows->version < 19)
		return odoo_raise(env, name, "The method '%s' does not exist on the model '%s'",
			request->method, request->model);
	return odoo_raise(
		env, name, "The method '%s.%s' does not exist", request->model, request->method);
}

static int private_method(struct odoo_env *env, const struct odoo_request *request)
{
	if (env->rows->version < 19)
		return odoo_raise(env, ACCESS_ERROR,
			"Private methods (such as %s) cannot be called remotely.", request->method);
	return odoo_raise(env, ACCESS_ERROR,
		"Private methods (such as '%s.%s') cannot be called remotely.", request->model,
		request->method);
}

json_t *odoo_call(struct odoo_env *env, const struct odoo_request *request, bool *ret_writes)
{
	const struct odoo_model *model = odoo_model_named(slice_of(request->model));
	const struct odoo_method *method = model ? odoo_method_named(model, request->method) : NULL;
	document_step *step = model ? document_step_named(model, request->method) : NULL;
	struct bound bound = {.env = env, .request = request, .model = model};
	json_t *ret;

	*ret_writes = false;
	if ((!model && unknown_model(env, request) < 0) ||
		(*request->method == '_' && private_method(env, request) < 0) ||
		(!method && !step && unknown_method(env, request) < 0) ||
		check_context(env, json_object_get(request->kwargs, "context")) < 0)
		return NULL;
	*ret_writes = step || method->writes;
	bound.named = json_is_object(request->kwargs) ? json_copy((json_t *)request->kwargs)
						      : json_object();
	ret = run(&bound, method, step);
	json_decref(bound.named);
	json_decref(bound.ids);
	if (!ret)
		rows_roll_back(env->rows);
	rows_commit(env->rows);
	return ret;
}
