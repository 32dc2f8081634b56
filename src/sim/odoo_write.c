/* Rows come, change and go: fields checked, lists of links kept on both sides, documents told.
 * Leaves one value to odoo_values.c, documents' own rules to odoo_documents.c.
 * Called by the methods, by documents, and by the seed. */
#include "odoo_write.h"
#include "base/mem.h"
#include "odoo_documents.h"
#include "odoo_methods.h"
#include "odoo_users.h"
#include "odoo_values.h"
#include <string.h>

/* ---- lists of links ---------------------------------------------------------------------------- */

/* The one2many of the other model that mirrors this many2one, or NULL. */
static const struct odoo_field *mirror_of(
	const struct odoo_model *model, const struct odoo_field *field)
{
	const struct odoo_model *other = odoo_model_named(slice_of(field->relation));

	for (size_t i = 0; i < other->n_fields; i++)
		if (other->fields[i].type == ODOO_ONE2MANY &&
			strcmp(other->fields[i].relation, model->name) == 0 &&
			strcmp(other->fields[i].inverse, field->name) == 0)
			return &other->fields[i];
	return NULL;
}

static void list_take_out(json_t *list, int64_t id)
{
	size_t i = json_array_size(list);

	while (i-- > 0)
		if (json_integer_value(json_array_get(list, i)) == id)
			json_array_remove(list, i);
}

/* Keeps the other side's list while a many2one goes from one to another; 0 is none. */
static void relink(struct odoo_env *env, const struct odoo_table *table,
	const struct odoo_field *field, int64_t id, int64_t from, int64_t to)
{
	const struct odoo_field *mirror = mirror_of(table->model, field);
	struct odoo_table *other = mirror ? table_named(env->rows, field->relation) : NULL;

	if (!other || from == to)
		return;
	if (row_at(other, from))
		list_take_out(
			json_object_get(row_change(env->rows, other, from), mirror->name), id);
	if (row_at(other, to))
		json_array_append_new(
			json_object_get(row_change(env->rows, other, to), mirror->name),
			json_integer(id));
}

static int64_t create_child(struct odoo_env *env, struct odoo_table *other,
	const struct odoo_field *field, int64_t id, const json_t *vals)
{
	json_t *all = json_is_object(vals) ? json_copy((json_t *)vals) : json_object();
	int64_t child;

	if (field->inverse)
		json_object_set_new(all, field->inverse, json_integer(id));
	child = odoo_create(env, other, all);
	json_decref(all);
	return child;
}

static int link_child(struct odoo_env *env, struct odoo_table *table, struct odoo_table *other,
	const struct odoo_field *field, int64_t id, int64_t child)
{
	json_t *vals;
	int r;

	if (!row_at(other, child))
		return odoo_raise_missing(env, other, child);
	if (!field->inverse) {
		json_t *list = json_object_get(row_change(env->rows, table, id), field->name);

		list_take_out(list, child);
		json_array_append_new(list, json_integer(child));
		return 0;
	}
	vals = json_pack("{s:I}", field->inverse, (json_int_t)id);
	r = odoo_write_one(env, other, child, vals);
	json_decref(vals);
	return r;
}

static int unlink_child(struct odoo_env *env, struct odoo_table *table, struct odoo_table *other,
	const struct odoo_field *field, int64_t id, int64_t child)
{
	json_t *ids;
	int r;

	if (!field->inverse) {
		list_take_out(
			json_object_get(row_change(env->rows, table, id), field->name), child);
		return 0;
	}
	ids = json_pack("[I]", (json_int_t)child);
	r = odoo_unlink(env, other, ids);
	json_decref(ids);
	return r;
}

static int clear_children(struct odoo_env *env, struct odoo_table *table, struct odoo_table *other,
	const struct odoo_field *field, int64_t id)
{
	json_t *were = json_deep_copy(json_object_get(row_at(table, id), field->name));
	const json_t *child;
	size_t i;
	int r = 0;

	json_array_foreach(were, i, child) if (r == 0) r =
		unlink_child(env, table, other, field, id, json_integer_value(child));
	json_decref(were);
	return r;
}

/* (0,_,vals) (1,id,vals) (2,id) (3,id) (4,id) (5) (6,_,ids) */
static int command(struct odoo_env *env, struct odoo_table *table, const struct odoo_field *field,
	int64_t id, const json_t *command)
{
	struct odoo_table *other = table_named(env->rows, field->relation);
	int64_t child = json_integer_value(json_array_get(command, 1));
	const json_t *more = json_array_get(command, 2), *one;
	size_t i;
	int r = 0;

	if (json_is_integer(command))
		return link_child(env, table, other, field, id, json_integer_value(command));
	switch (json_integer_value(json_array_get(command, 0))) {
	case 0:
		child = create_child(env, other, field, id, more);
		if (child > 0 && !field->inverse)
			return link_child(env, table, other, field, id, child);
		return child > 0 ? 0 : -1;
	case 1:
		return odoo_write_one(env, other, child, more);
	case 2:
	case 3:
		return unlink_child(env, table, other, field, id, child);
	case 4:
		return link_child(env, table, other, field, id, child);
	case 5:
		return clear_children(env, table, other, field, id);
	case 6:
		r = clear_children(env, table, other, field, id);
		json_array_foreach(more, i, one) if (r == 0) r =
			link_child(env, table, other, field, id, json_integer_value(one));
		return r;
	default:
		return odoo_raise(env, VALUE_ERROR, "Wrong command for %s.%s", table->model->name,
			field->name);
	}
}

static bool is_list(const struct odoo_field *field)
{
	return field->type == ODOO_ONE2MANY || field->type == ODOO_MANY2MANY;
}

static int run_commands(
	struct odoo_env *env, struct odoo_table *table, int64_t id, const json_t *vals)
{
	const json_t *given, *one;
	const char *name;
	size_t i;

	json_object_foreach((json_t *)vals, name, given)
	{
		const struct odoo_field *field = odoo_field_named(table->model, slice_of(name));

		if (!is_list(field))
			continue;
		json_array_foreach(
			given, i, one) if (command(env, table, field, id, one) < 0) return -1;
	}
	return 0;
}

/* ---- creating and changing ---------------------------------------------------------------------- */

static int take_values(
	struct odoo_env *env, const struct odoo_model *model, json_t *row, const json_t *vals)
{
	const json_t *given;
	const char *name;

	json_object_foreach((json_t *)vals, name, given)
	{
		const struct odoo_field *field = odoo_field_named(model, slice_of(name));
		json_t *value;

		if (!field)
			return odoo_raise(env, VALUE_ERROR, "Invalid field '%s' on %s'%s'", name,
				env->rows->version < 19 ? "model " : "", model->name);
		if (is_list(field) || (field->flags & ODOO_COMPUTED) || strcmp(name, "id") == 0)
			continue;
		value = value_in(env, model, field, given);
		if (!value)
			return -1;
		json_object_set_new(row, name, value);
	}
	return 0;
}

static int check_required(struct odoo_env *env, const struct odoo_model *model, const json_t *row)
{
	const struct odoo_field *field;

	for (size_t i = 0; (field = odoo_field_at(model, i)); i++)
		if ((field->flags & ODOO_REQUIRED) &&
			json_is_false(json_object_get(row, field->name)))
			return odoo_raise(env, VALIDATION_ERROR,
				"The operation cannot be completed:\n- Create/update: a mandatory "
				"field is not set.\n- Delete: another model requires the record "
				"being deleted. If possible, archive it instead.\n\nModel: %s "
				"(%s)\nField: %s (%s)\n",
				model->label, model->name, field->label, field->name);
	return 0;
}

static void stamp(struct odoo_env *env, json_t *row, bool made)
{
	char now[32];

	odoo_time_text(clock_wall_us(env->rows->clock), now);
	if (made) {
		json_object_set_new(row, "create_date", json_string(now));
		json_object_set_new(row, "create_uid", json_integer(env->uid));
	}
	json_object_set_new(row, "write_date", json_string(now));
	json_object_set_new(row, "write_uid", json_integer(env->uid));
}

static json_t *new_row(const struct odoo_env *env, const struct odoo_model *model)
{
	json_t *row = json_object();
	const struct odoo_field *field;

	for (size_t i = 0; (field = odoo_field_at(model, i)); i++)
		if (!(field->flags & ODOO_COMPUTED))
			json_object_set_new(row, field->name, value_default(env, field));
	return row;
}

static void relink_all(struct odoo_env *env, const struct odoo_table *table, int64_t id,
	const json_t *was, const json_t *is)
{
	const struct odoo_field *field;

	for (size_t i = 0; (field = odoo_field_at(table->model, i)); i++)
		if (field->type == ODOO_MANY2ONE)
			relink(env, table, field, id, row_int(was, field->name),
				row_int(is, field->name));
}

int64_t odoo_create(struct odoo_env *env, struct odoo_table *table, const json_t *vals)
{
	json_t *row;
	int64_t id;

	if (!json_is_object(vals)) {
		odoo_raise(env, TYPE_ERROR, "the values of a record are a dictionary");
		return 0;
	}
	if (odoo_may(env, table->model, ODOO_CREATE) < 0)
		return 0;
	row = new_row(env, table->model);
	stamp(env, row, true);
	if (take_values(env, table->model, row, vals) == 0)
		document_complete(env, table, row);
	if (env->raised || document_check(env, table, row) < 0 ||
		check_required(env, table->model, row) < 0) {
		json_decref(row);
		return 0;
	}
	id = row_add(env->rows, table, row);
	relink_all(env, table, id, NULL, row);
	if (run_commands(env, table, id, vals) < 0 || document_made(env, table, id) < 0)
		return 0;
	return id;
}

int odoo_write_one(struct odoo_env *env, struct odoo_table *table, int64_t id, const json_t *vals)
{
	json_t *was, *row;
	int r;

	if (odoo_may(env, table->model, ODOO_MODIFY) < 0)
		return -1;
	if (!row_at(table, id))
		return odoo_raise_missing(env, table, id);
	was = json_incref((json_t *)row_at(table, id));
	row = row_change(env->rows, table, id);
	stamp(env, row, false);
	r = take_values(env, table->model, row, vals);
	if (r == 0)
		r = document_check(env, table, row);
	if (r == 0)
		r = check_required(env, table->model, row);
	if (r == 0) {
		relink_all(env, table, id, was, row);
		r = run_commands(env, table, id, vals);
	}
	if (r == 0)
		r = document_changed(env, table, id);
	json_decref(was);
	return r;
}

int odoo_all_there(struct odoo_env *env, const struct odoo_table *table, const json_t *ids)
{
	const json_t *id;
	size_t i;

	json_array_foreach(ids, i,
		id) if (!row_at(table, json_integer_value(id))) return odoo_raise_missing(env,
		table, json_integer_value(id));
	return 0;
}

int odoo_write(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *vals)
{
	const json_t *id;
	size_t i;

	if (odoo_may(env, table->model, ODOO_MODIFY) < 0)
		return -1;
	json_array_foreach(ids, i,
		id) if (odoo_write_one(env, table, json_integer_value(id), vals) < 0) return -1;
	return 0;
}

/* ---- deleting ------------------------------------------------------------------------------------ */

static bool is_used_in(const struct odoo_table *table, const struct odoo_field *field, int64_t id)
{
	for (size_t i = 1; i < table->n; i++)
		if (table->rows[i] && row_int(table->rows[i], field->name) == id)
			return true;
	return false;
}

static int check_unused(struct odoo_env *env, const struct odoo_table *table, int64_t id)
{
	for (size_t m = 0; m < odoo_n_models; m++) {
		const struct odoo_model *model = &odoo_models[m];

		for (size_t f = 0; f < model->n_fields; f++) {
			const struct odoo_field *field = &model->fields[f];

			if (!(field->flags & ODOO_RESTRICT) ||
				strcmp(field->relation, table->model->name) != 0 ||
				!is_used_in(&env->rows->tables[m], field, id))
				continue;
			return odoo_raise(env, VALIDATION_ERROR,
				"The operation cannot be completed: another model requires the "
				"record being deleted. If possible, archive it instead.\n\nModel: "
				"%s (%s)\nField: %s (%s)\n",
				model->label, model->name, field->label, field->name);
		}
	}
	return 0;
}

static int unlink_one(struct odoo_env *env, struct odoo_table *table, int64_t id)
{
	const json_t *row = row_at(table, id);
	json_t *was;

	if (document_deletable(env, table, row) < 0 || check_unused(env, table, id) < 0)
		return -1;
	was = json_incref((json_t *)row);
	row_remove(env->rows, table, id);
	relink_all(env, table, id, was, NULL);
	document_gone(env, table, was);
	odoo_external_forget(env, table->model->name, id);
	json_decref(was);
	return 0;
}

int odoo_unlink(struct odoo_env *env, struct odoo_table *table, const json_t *ids)
{
	const json_t *id;
	size_t i;

	if (odoo_may(env, table->model, ODOO_DELETE) < 0 || odoo_all_there(env, table, ids) < 0)
		return -1;
	json_array_foreach(
		ids, i, id) if (row_at(table, json_integer_value(id)) &&
				unlink_one(env, table, json_integer_value(id)) < 0) return -1;
	return 0;
}
