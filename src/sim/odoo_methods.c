/* The common methods: each takes its arguments by name and gives back JSON.
 * Leaves rows to odoo_search.c and odoo_write.c, and which method is meant to odoo_call.c. */
#include "odoo_methods.h"
#include "base/mem.h"
#include "odoo_domain.h"
#include "odoo_search.h"
#include "odoo_users.h"
#include "odoo_values.h"
#include "odoo_write.h"
#include <string.h>

#define ARGS struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *named

static const json_t *get(const json_t *named, const char *name)
{
	return json_object_get(named, name);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static json_t *run_search(ARGS)
{
	(void)ids;
	return odoo_search(env, table, get(named, "domain"), get(named, "order"),
		get(named, "offset"), get(named, "limit"));
}

static json_t *run_search_count(ARGS)
{
	json_t *found =
		odoo_search(env, table, get(named, "domain"), NULL, NULL, get(named, "limit"));
	json_t *ret = found ? json_integer((json_int_t)json_array_size(found)) : NULL;

	(void)ids;
	json_decref(found);
	return ret;
}

/* load: anything but _classic_read, null included, asks for bare numbers instead of [id, name]. */
static bool wants_bare(const json_t *named)
{
	const json_t *load = get(named, "load");

	return load &&
	       !(json_is_string(load) && strcmp(json_string_value(load), "_classic_read") == 0);
}

static json_t *run_read(ARGS)
{
	return odoo_read(env, table, ids, get(named, "fields"), wants_bare(named));
}

static json_t *run_search_read(ARGS)
{
	json_t *found = run_search(env, table, ids, named);
	json_t *ret = found ? odoo_read(env, table, found, get(named, "fields"), wants_bare(named))
			    : NULL;

	json_decref(found);
	return ret;
}

static json_t *run_exists(ARGS)
{
	json_t *ret = json_array();
	const json_t *id;
	size_t i;

	(void)env;
	(void)named;
	json_array_foreach(ids, i, id) if (row_at(table, json_integer_value(id)))
		json_array_append(ret, (json_t *)id);
	return ret;
}

static json_t *run_name_search(ARGS)
{
	const json_t *given = get(named, "args") ? get(named, "args") : get(named, "domain");
	json_t *domain = json_is_array(given) ? json_copy((json_t *)given) : json_array();
	const char *text = json_string_value(get(named, "name"));
	const char *op = json_string_value(get(named, "operator"));
	json_t *most =
		json_integer(get(named, "limit") ? json_integer_value(get(named, "limit")) : 100);
	json_t *found, *ret = NULL;
	const json_t *id;
	size_t i;

	(void)ids;
	if (text && *text)
		json_array_append_new(
			domain, json_pack("[s, s, s]", "display_name", op ? op : "ilike", text));
	found = odoo_search(env, table, domain, NULL, NULL, most);
	if (found)
		ret = json_array();
	json_array_foreach(found, i, id)
	{
		CLEANUP(mem_freep)
		char *label = row_label(table, row_at(table, json_integer_value(id)));

		json_array_append_new(ret, json_pack("[O, s]", id, label));
	}
	json_decref(found);
	json_decref(domain);
	json_decref(most);
	return ret;
}

/* Counts by one field. */
static json_t *run_read_group(ARGS)
{
	const json_t *by = get(named, "groupby");
	const char *field = json_string_value(json_is_array(by) ? json_array_get(by, 0) : by);
	json_t *found = odoo_search(
		env, table, get(named, "domain"), by ? json_array_get(by, 0) : NULL, NULL, NULL);
	json_t *ret = json_array(), *last = NULL;
	const json_t *id;
	size_t i;

	(void)ids;
	json_array_foreach(found, i, id)
	{
		json_t *one = json_pack("[O]", id), *fields = json_pack("[s]", field);
		json_t *read = odoo_read(env, table, one, fields, false);
		json_t *key = json_object_get(json_array_get(read, 0), field);

		if (!last || !json_equal(json_object_get(last, field), key)) {
			last = json_pack("{s:O, s:i}", field, key, "__count", 0);
			json_array_append_new(ret, last);
		}
		json_object_set_new(last, "__count",
			json_integer(json_integer_value(json_object_get(last, "__count")) + 1));
		json_decref(one);
		json_decref(fields);
		json_decref(read);
	}
	json_decref(found);
	return ret;
}

static json_t *choices(const char *selection)
{
	struct slice rest = slice_of(selection), one, key;
	json_t *ret = json_array();

	while (slice_cut(&rest, '|', &one)) {
		(void)slice_cut(&one, '=', &key);
		json_array_append_new(ret, json_pack("[s%, s%]", key.at, key.len, one.at, one.len));
	}
	return ret;
}

static json_t *describe(const struct odoo_field *field, const json_t *wanted)
{
	json_t *all = json_pack("{s:s, s:s, s:b, s:b}", "type", odoo_type_name(field->type),
		"string", field->label, "required", field->flags & ODOO_REQUIRED, "readonly",
		field->flags & ODOO_READONLY);
	json_t *ret = json_array_size(wanted) ? json_object() : json_incref(all);
	const json_t *name;
	size_t i;

	json_object_set_new(all, "name", json_string(field->name));
	json_object_set_new(all, "store", json_boolean(!(field->flags & ODOO_COMPUTED)));
	if (field->relation)
		json_object_set_new(all, "relation", json_string(field->relation));
	if (field->selection)
		json_object_set_new(all, "selection", choices(field->selection));
	json_array_foreach(wanted, i, name)
	{
		json_t *value = json_object_get(all, json_string_value(name));

		if (value)
			json_object_set(ret, json_string_value(name), value);
	}
	json_decref(all);
	return ret;
}

static bool is_wanted(const json_t *names, const char *name)
{
	const json_t *one;
	size_t i;

	if (json_array_size(names) == 0)
		return true;
	json_array_foreach(
		names, i, one) if (json_is_string(one) &&
				   strcmp(json_string_value(one), name) == 0) return true;
	return false;
}

/* Unknown names and those that the user may not see are left out in silence. */
static json_t *run_fields_get(ARGS)
{
	json_t *ret = json_object();
	const struct odoo_field *field;

	(void)ids;
	for (size_t i = 0; (field = odoo_field_at(table->model, i)); i++) {
		bool hidden = (field->flags & ODOO_SYSTEM) && !(env->groups & ODOO_GROUP_SYSTEM);

		if (!hidden && is_wanted(get(named, "allfields"), field->name))
			json_object_set_new(
				ret, field->name, describe(field, get(named, "attributes")));
	}
	return ret;
}

static json_t *run_default_get(ARGS)
{
	json_t *ret = json_object();
	const struct odoo_field *field;

	(void)ids;
	for (size_t i = 0; (field = odoo_field_at(table->model, i)); i++) {
		json_t *value = value_default(env, field);

		if (is_wanted(get(named, "fields_list"), field->name) && !json_is_false(value))
			json_object_set(ret, field->name, value);
		json_decref(value);
	}
	return ret;
}

static json_t *run_may(ARGS)
{
	const char *right = json_string_value(get(named, "operation"));
	bool reads = right && strcmp(right, "read") == 0, may;

	(void)ids;
	may = odoo_may(env, table->model, reads ? ODOO_ACCESS : ODOO_MODIFY) == 0;
	if (!may && json_is_true(get(named, "raise_exception")))
		return NULL;
	env->raised = NULL;
	return json_boolean(may);
}

static json_t *run_context_get(ARGS)
{
	(void)table;
	(void)ids;
	(void)named;
	return json_pack("{s:s, s:s, s:I}", "lang", "en_US", "tz", "Europe/Brussels", "uid",
		(json_int_t)env->uid);
}

static json_t *run_has_group(ARGS)
{
	const char *group = json_string_value(get(named, "group_ext_id"));

	(void)table;
	(void)ids;
	return json_boolean(group && (strcmp(group, "base.group_system") == 0
						     ? env->groups & ODOO_GROUP_SYSTEM
						     : strcmp(group, "base.group_user") == 0));
}

/* ---- writing ---------------------------------------------------------------------------------------- */

/* One dictionary gives a number, a list of them gives a list. */
static json_t *run_create(ARGS)
{
	const json_t *given = get(named, "vals_list"), *vals;
	json_t *made;
	int64_t id;
	size_t i;

	(void)ids;
	if (json_is_object(given)) {
		id = odoo_create(env, table, given);
		return id > 0 ? json_integer(id) : NULL;
	}
	made = json_array();
	json_array_foreach(given, i, vals)
	{
		id = odoo_create(env, table, vals);
		if (id == 0) {
			json_decref(made);
			return NULL;
		}
		json_array_append_new(made, json_integer(id));
	}
	return made;
}

static json_t *run_write(ARGS)
{
	return odoo_write(env, table, ids, get(named, "vals")) < 0 ? NULL : json_true();
}

static json_t *run_unlink(ARGS)
{
	(void)named;
	return odoo_unlink(env, table, ids) < 0 ? NULL : json_true();
}

static json_t *set_active(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, bool on)
{
	json_t *vals = json_pack("{s:b}", "active", on);
	int r = odoo_write(env, table, ids, vals);

	json_decref(vals);
	return r < 0 ? NULL : json_true();
}

static json_t *run_archive(ARGS)
{
	(void)named;
	return set_active(env, table, ids, false);
}

static json_t *run_unarchive(ARGS)
{
	(void)named;
	return set_active(env, table, ids, true);
}

static const struct odoo_method methods[] = {
	{"search", NULL, "!domain offset limit order", false, false, run_search},
	{"search_count", NULL, "!domain limit", false, false, run_search_count},
	{"search_read", NULL, "domain fields offset limit order load", false, false,
		run_search_read},
	{"read", NULL, "fields load", true, false, run_read},
	{"exists", NULL, "", true, false, run_exists},
	{"name_search", NULL, "name args operator limit domain", false, false, run_name_search},
	{"read_group", NULL, "!domain fields !groupby offset limit orderby lazy", false, false,
		run_read_group},
	{"fields_get", NULL, "allfields attributes", false, false, run_fields_get},
	{"default_get", NULL, "!fields_list", false, false, run_default_get},
	{"check_access_rights", NULL, "!operation raise_exception", false, false, run_may},
	{"has_access", NULL, "!operation", true, false, run_may},
	{"get_external_id", NULL, "", true, false, odoo_external_ids},
	{"check_object_reference", "ir.model.data", "!module !xml_id raise_on_access_error", false,
		false, odoo_check_reference},
	{"context_get", "res.users", "", false, false, run_context_get},
	{"has_group", "res.users", "!group_ext_id", true, false, run_has_group},
	{"create", NULL, "!vals_list", false, true, run_create},
	{"write", NULL, "!vals", true, true, run_write},
	{"unlink", NULL, "", true, true, run_unlink},
	{"action_archive", NULL, "", true, true, run_archive},
	{"action_unarchive", NULL, "", true, true, run_unarchive},
	{"load", NULL, "!fields !data", false, true, odoo_load},
};

const struct odoo_method *odoo_method_named(const struct odoo_model *model, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (strcmp(methods[i].name, name) == 0 &&
			(!methods[i].model || strcmp(methods[i].model, model->name) == 0))
			return &methods[i];
	return NULL;
}
