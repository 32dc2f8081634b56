/* External ids: finding, making, and load(), which creates or changes by them.
 * Leaves the records to odoo_write.c. Called as methods, and by the seed. */
#include "base/mem.h"
#include "odoo_methods.h"
#include "odoo_search.h"
#include "odoo_users.h"
#include "odoo_write.h"
#include <string.h>

const json_t *odoo_external_find(struct odoo_rows *rows, struct slice module, struct slice name)
{
	const struct odoo_table *data = table_named(rows, "ir.model.data");

	for (size_t id = 1; id < data->n; id++)
		if (data->rows[id] && slice_eq_str(name, row_text(data->rows[id], "name")) &&
			slice_eq_str(module, row_text(data->rows[id], "module")))
			return data->rows[id];
	return NULL;
}

int64_t odoo_external_add(
	struct odoo_env *env, const char *module, const char *name, const char *model, int64_t id)
{
	json_t *vals = json_pack("{s:s, s:s, s:s, s:I}", "module", module, "name", name, "model",
		model, "res_id", (json_int_t)id);
	bool sudo = env->sudo;
	int64_t made;

	env->sudo = true;
	made = odoo_create(env, table_named(env->rows, "ir.model.data"), vals);
	env->sudo = sudo;
	json_decref(vals);
	return made;
}

/* As the real one: what is known but not to be seen has false in the place of its number. */
json_t *odoo_check_reference(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *named)
{
	const char *module = json_string_value(json_object_get(named, "module"));
	const char *name = json_string_value(json_object_get(named, "xml_id"));
	const json_t *row = odoo_external_find(env->rows, slice_of(module), slice_of(name));
	json_t *domain, *seen;

	(void)ids;
	(void)table;
	if (!row) {
		odoo_raise(env, VALUE_ERROR, "External ID not found in the system: %s.%s",
			module ? module : "", name ? name : "");
		return NULL;
	}
	domain = json_pack("[[s, s, O]]", "id", "=", json_object_get(row, "res_id"));
	seen = odoo_search(
		env, table_named(env->rows, row_text(row, "model")), domain, NULL, NULL, NULL);
	json_decref(domain);
	if (!seen)
		return NULL;
	domain = json_pack("[s, o]", row_text(row, "model"),
		json_array_size(seen) ? json_incref(json_array_get(seen, 0)) : json_false());
	json_decref(seen);
	return domain;
}

void odoo_external_forget(struct odoo_env *env, const char *model, int64_t id)
{
	struct odoo_table *data = table_named(env->rows, "ir.model.data");

	for (size_t at = 1; at < data->n; at++)
		if (data->rows[at] && row_int(data->rows[at], "res_id") == id &&
			strcmp(row_text(data->rows[at], "model"), model) == 0)
			row_remove(env->rows, data, (int64_t)at);
}

json_t *odoo_external_ids(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *named)
{
	const struct odoo_table *data = table_named(env->rows, "ir.model.data");
	json_t *ret = json_object();
	const json_t *id;
	size_t i;

	(void)named;
	json_array_foreach(ids, i, id)
	{
		struct str key = STR_INIT(64);

		str_addf(&key, "%lld", (long long)json_integer_value(id));
		json_object_set_new(ret, key.at, json_string(""));
		for (size_t d = 1; d < data->n; d++) {
			const json_t *row = data->rows[d];

			if (row && row_int(row, "res_id") == json_integer_value(id) &&
				strcmp(row_text(row, "model"), table->model->name) == 0)
				json_object_set_new(ret, key.at,
					json_sprintf("%s.%s", row_text(row, "module"),
						row_text(row, "name")));
		}
		str_done(&key);
	}
	return ret;
}

/* ---- load ------------------------------------------------------------------------------------------ */

static json_t *row_message(size_t row, const struct odoo_field *field, json_t *text)
{
	return json_pack("{s:{s:i, s:i}, s:s, s:i, s:o, s:s?, s:s?}", "rows", "from", (int)row,
		"to", (int)row, "type", "error", "record", (int)row, "message", text, "field",
		field ? field->name : NULL, "field_name", field ? field->label : NULL);
}

/* A link is given by the other's name. NULL with a message where there is none. */
static json_t *link_by_name(struct odoo_env *env, const struct odoo_field *field, const char *name,
	size_t row, json_t *messages)
{
	const struct odoo_table *other = table_named(env->rows, field->relation);

	for (size_t id = 1; id < other->n; id++) {
		CLEANUP(mem_freep)
		char *label = other->rows[id] ? row_label(other, other->rows[id]) : NULL;

		if (label && strcmp(label, name) == 0)
			return json_integer((json_int_t)id);
	}
	json_array_append_new(messages,
		row_message(row, field,
			json_sprintf("No matching record found for name '%s' in field '%s'", name,
				field->label)));
	return NULL;
}

static json_t *row_values(struct odoo_env *env, const struct odoo_table *table,
	const json_t *fields, const json_t *cells, size_t row, json_t *messages)
{
	json_t *vals = json_object();
	const json_t *name;
	size_t i;

	json_array_foreach(fields, i, name)
	{
		const char *text = json_string_value(name);
		const struct odoo_field *field = odoo_field_named(table->model, slice_of(text));
		json_t *cell = json_array_get(cells, i), *link;

		if (!text || strcmp(text, "id") == 0)
			continue;
		if (field && field->type == ODOO_MANY2ONE && json_is_string(cell) &&
			*json_string_value(cell)) {
			link = link_by_name(env, field, json_string_value(cell), row, messages);
			if (link)
				json_object_set_new(vals, text, link);
			continue;
		}
		json_object_set(vals, text, cell);
	}
	return vals;
}

static const char *external_of(const json_t *fields, const json_t *cells)
{
	const json_t *name;
	size_t i;

	json_array_foreach(
		fields, i, name) if (json_is_string(name) &&
				     strcmp(json_string_value(name), "id") ==
					     0) return json_string_value(json_array_get(cells, i));
	return NULL;
}

static int64_t upsert(
	struct odoo_env *env, struct odoo_table *table, const char *external, const json_t *vals)
{
	struct slice name = slice_of(external), module = SLICE("__import__");
	const json_t *known;
	CLEANUP(mem_freep)
	char *module_text = NULL;
	int64_t id;

	if (slice_find(name, '.') < name.len)
		(void)slice_cut(&name, '.', &module);
	known = external ? odoo_external_find(env->rows, module, name) : NULL;
	id = row_int(known, "res_id");
	if (known && row_at(table, id))
		return odoo_write_one(env, table, id, vals) < 0 ? 0 : id;
	id = odoo_create(env, table, vals);
	module_text = mem_dup(module.at, module.len);
	if (id > 0 && external &&
		odoo_external_add(env, module_text, name.at, table->model->name, id) == 0)
		return 0;
	return id;
}

/* Errors of rows are a success with false for the ids: nothing is kept then. */
json_t *odoo_load(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *named)
{
	const json_t *fields = json_object_get(named, "fields"), *cells;
	json_t *made = json_array(), *messages = json_array();
	size_t i;

	(void)ids;
	if (odoo_may(env, table->model, ODOO_CREATE) < 0) {
		json_decref(made);
		json_decref(messages);
		return NULL;
	}
	json_array_foreach(json_object_get(named, "data"), i, cells)
	{
		json_t *vals = row_values(env, table, fields, cells, i, messages);
		int64_t id = json_array_size(messages)
				     ? 0
				     : upsert(env, table, external_of(fields, cells), vals);

		json_decref(vals);
		if (id > 0)
			json_array_append_new(made, json_integer(id));
		else if (env->raised)
			json_array_append_new(messages,
				row_message(i, NULL, json_string(str_cstr(&env->message))));
		env->raised = NULL;
	}
	if (json_array_size(messages)) {
		rows_roll_back(env->rows);
		json_decref(made);
		made = json_false();
	}
	return json_pack("{s:o, s:o, s:i}", "ids", made, "messages", messages, "nextrow", 0);
}
