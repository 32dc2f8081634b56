/* Rows, their journal, and raising.
 * Leaves what a value may be to odoo_values.c and who may see it to odoo_users.c.
 * Called by all of the simulated Odoo. */
#include "odoo_rows.h"
#include "base/mem.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

int odoo_raise(struct odoo_env *env, const char *name, const char *fmt, ...)
{
	va_list args;

	if (env->raised)
		return -1;
	env->raised = name;
	str_reset(&env->message);
	va_start(args, fmt);
	str_addv(&env->message, fmt, args);
	va_end(args);
	while (!utf8_valid(str_slice(&env->message)))
		str_truncate(&env->message, env->message.len - 1);
	return -1;
}

int odoo_raise_missing(struct odoo_env *env, const struct odoo_table *table, int64_t id)
{
	return odoo_raise(env, MISSING_ERROR,
		"Record does not exist or has been deleted.\n(Record: %s(%lld,), User: %lld)",
		table->model->name, (long long)id, (long long)env->uid);
}

void rows_init(struct odoo_rows *rows, const struct clock *clock, int version)
{
	*rows = (struct odoo_rows){.clock = clock, .version = version};
	rows->tables = NEW_ARRAY(struct odoo_table, odoo_n_models);
	for (size_t i = 0; i < odoo_n_models; i++)
		rows->tables[i] = (struct odoo_table){.model = &odoo_models[i], .n = 1};
}

void rows_done(struct odoo_rows *rows)
{
	rows_commit(rows);
	for (size_t i = 0; i < odoo_n_models; i++) {
		struct odoo_table *table = &rows->tables[i];

		for (size_t id = 1; id < table->n; id++)
			json_decref(table->rows[id]);
		free(table->rows);
	}
	free(rows->tables);
	free(rows->undo);
}

struct odoo_table *table_named(struct odoo_rows *rows, const char *name)
{
	for (size_t i = 0; i < odoo_n_models; i++)
		if (strcmp(rows->tables[i].model->name, name) == 0)
			return &rows->tables[i];
	abort();
}

/* ---- the journal ---------------------------------------------------------------------------- */

static void note(struct odoo_rows *rows, struct odoo_table *table, int64_t id, json_t *was)
{
	if (rows->n_undo == rows->size_undo) {
		rows->size_undo = rows->size_undo ? rows->size_undo * 2 : 64;
		rows->undo = mem_resize(rows->undo, rows->size_undo, sizeof(*rows->undo));
	}
	rows->undo[rows->n_undo++] = (struct odoo_undo){table, id, was};
}

void rows_commit(struct odoo_rows *rows)
{
	for (size_t i = 0; i < rows->n_undo; i++)
		json_decref(rows->undo[i].was);
	rows->n_undo = 0;
}

/* Numbers that were given stay used, as with sequences. */
void rows_roll_back(struct odoo_rows *rows)
{
	while (rows->n_undo > 0) {
		struct odoo_undo *undo = &rows->undo[--rows->n_undo];

		json_decref(undo->table->rows[undo->id]);
		undo->table->rows[undo->id] = undo->was;
	}
}

/* ---- rows ----------------------------------------------------------------------------------- */

const json_t *row_at(const struct odoo_table *table, int64_t id)
{
	return id > 0 && (size_t)id < table->n ? table->rows[id] : NULL;
}

int64_t row_add(struct odoo_rows *rows, struct odoo_table *table, json_t *row)
{
	int64_t id = (int64_t)table->n;

	if (table->n >= table->size) {
		table->size = table->size ? table->size * 2 : 64;
		table->rows = mem_resize(table->rows, table->size, sizeof(*table->rows));
	}
	table->rows[table->n++] = row;
	json_object_set_new(row, "id", json_integer(id));
	note(rows, table, id, NULL);
	return id;
}

json_t *row_change(struct odoo_rows *rows, struct odoo_table *table, int64_t id)
{
	json_t *was = table->rows[id];

	note(rows, table, id, was);
	table->rows[id] = json_deep_copy(was);
	return table->rows[id];
}

void row_remove(struct odoo_rows *rows, struct odoo_table *table, int64_t id)
{
	note(rows, table, id, table->rows[id]);
	table->rows[id] = NULL;
}

int64_t row_int(const json_t *row, const char *field)
{
	return json_integer_value(json_object_get(row, field));
}

double row_real(const json_t *row, const char *field)
{
	return json_number_value(json_object_get(row, field));
}

const char *row_text(const json_t *row, const char *field)
{
	const char *text = json_string_value(json_object_get(row, field));

	return text ? text : "";
}

bool row_true(const json_t *row, const char *field)
{
	return json_is_true(json_object_get(row, field));
}

const char *odoo_time_text(int64_t wall_us, char out[32])
{
	time_t s = (time_t)(wall_us / S_US);
	struct tm tm;
	size_t n;
	unsigned us = (unsigned)(wall_us % S_US);

	gmtime_r(&s, &tm);
	n = strftime(out, 32, "%Y-%m-%d %H:%M:%S.", &tm);
	for (int i = 5; i >= 0; i--, us /= 10)
		out[n + (size_t)i] = (char)('0' + us % 10);
	out[n + 6] = '\0';
	return out;
}

char *row_label(const struct odoo_table *table, const json_t *row)
{
	const char *model = table->model->name, *name = row_text(row, "name");
	struct str label = STR_INIT(1000);

	if (strcmp(model, "product.product") == 0 && *row_text(row, "default_code"))
		str_addf(&label, "[%s] ", row_text(row, "default_code"));
	if (strcmp(model, "res.partner") == 0 && !row_true(row, "is_company")) {
		const json_t *parent = row_at(table, row_int(row, "parent_id"));

		if (parent)
			str_addf(&label, "%s, ", row_text(parent, "name"));
	}

	if (*name)
		str_adds(&label, name);
	else
		str_addf(&label, "%s,%lld", model, (long long)row_int(row, "id"));
	return label.at;
}
