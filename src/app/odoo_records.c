/* Records of Odoo: found by an external id or a reference, read field by field.
 * Archived ones are found too. Called by source_odoo.c. */
#include "base/mem.h"
#include "odoo/external.h"
#include "odoo_quest.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MODELS_MAX 12
#define FOUND_MAX 20
#define FIELDS_MAX 200

/* ---- finding ------------------------------------------------------------------------------------ */

/* Fields by which people know a record; those that a model has are asked. */
static const char *const reference_fields[] = {"name", "ref", "partner_ref", "origin",
	"client_order_ref", "default_code", "invoice_origin", "active", "state"};
#define N_REFERENCES 7

struct search {
	const char *models[MODELS_MAX];
	size_t n, at;
	const char *reference; /* the field that is there, to be shown */
};

static void next_model(struct quest *quest);

static void add_found(struct quest *quest, const char *model, const struct value *record)
{
	const struct search *search = quest->own;
	const struct value *active = value_get(record, "active");

	rows_add_text(quest->rows, slice_of(model));
	quest_cell(quest, COLUMN_INT, value_get(record, "id"));
	quest_cell(quest, COLUMN_TEXT, value_get(record, "display_name"));
	quest_cell(quest, COLUMN_TEXT,
		search->reference ? value_get(record, search->reference) : NULL);
	quest_cell(quest, COLUMN_TEXT, value_get(record, "state"));
	rows_add_bool(quest->rows, active && !value_true(active));
	quest_cell(quest, COLUMN_TIME, value_get(record, "write_date"));
}

static void on_found(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	struct search *search = quest->own;
	const struct value *record;

	quest->odoo_ticket = 0;
	if (reply->class == ODOO_UNREACHABLE || reply->class == ODOO_TIMEOUT ||
		reply->class == ODOO_CANCELED || reply->class == ODOO_DENIED) {
		quest_refuse(quest, reply);
		return;
	}
	for (size_t i = 0; (record = value_at(reply->result, i)); i++)
		add_found(quest, search->models[search->at], record);
	search->at++;
	next_model(quest);
}

/* ["|", ..., ["name", "=ilike", x], ["ref", "=ilike", x]] */
static void put_domain(
	struct quest *quest, const struct odoo_field *fields, size_t n_there, struct str *out)
{
	CLEANUP(str_done)
	struct str plain = STR_INIT(4096);

	for (const char *c = quest->params[1]; *c; c++) {
		if (strchr("%_\\", *c))
			str_addc(&plain, '\\');
		str_addc(&plain, *c);
	}
	str_addc(out, '[');
	for (size_t i = 1; i < n_there; i++)
		str_adds(out, "\"|\",");
	for (size_t i = 0, n = 0; i < N_REFERENCES; i++) {
		if (!fields[i].type)
			continue;
		str_addf(out, "%s[\"%s\",\"=ilike\",", n++ ? "," : "", fields[i].name);
		if (!value_put_text(out, str_slice(&plain)))
			str_adds(out, "\"\"");
		str_addc(out, ']');
	}
	str_addc(out, ']');
}

static void on_reference_fields(
	void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields, size_t n)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(64 * 1024);
	struct quest *quest = ctx;
	struct search *search = quest->own;
	const char *read[5] = {"display_name", "write_date"};
	size_t n_read = 2, there = 0;

	quest->odoo_ticket = 0;
	search->reference = NULL;
	for (size_t i = 0; n && i < N_REFERENCES; i++) {
		there += fields[i].type != NULL;
		if (fields[i].type && i > 0 && !search->reference)
			search->reference = reference_fields[i];
	}
	if (reply->class != ODOO_OK || there == 0) {
		on_found(quest, reply);
		return;
	}
	if (search->reference)
		read[n_read++] = search->reference;
	for (size_t i = N_REFERENCES; i < n; i++)
		if (fields[i].type)
			read[n_read++] = reference_fields[i];
	put_domain(quest, fields, there, &domain);
	quest_read(quest, search->models[search->at], str_slice(&domain), read, n_read, "id desc",
		FOUND_MAX, on_found);
}

static void next_model(struct quest *quest)
{
	struct search *search = quest->own;

	if (search->at < search->n)
		quest_fields(quest, search->models[search->at], reference_fields,
			ARRAY_LEN(reference_fields), on_reference_fields);
	else
		quest_done(quest);
}

static void on_external_record(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	struct search *search = quest->own;
	const struct value *record = value_at(reply->result, 0);

	quest->odoo_ticket = 0;
	if (reply->class == ODOO_OK && record) {
		add_found(quest, search->models[0], record);
		quest_done(quest);
	} else if (reply->class == ODOO_OK) {
		quest_done(quest);
	} else {
		quest_refuse(quest, reply);
	}
}

/* No such external id: it may be a reference with a dot in it. */
static void on_external(void *ctx, const struct odoo_reply *reply)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(128);
	static const char *const read[] = {"display_name", "write_date"};
	struct quest *quest = ctx;
	struct search *search = quest->own;
	struct slice model;
	int64_t id;

	quest->odoo_ticket = 0;
	if (!odoo_external_found(reply, &model, &id) || !id) {
		if (reply->class == ODOO_UNREACHABLE || reply->class == ODOO_TIMEOUT ||
			reply->class == ODOO_CANCELED || reply->class == ODOO_DENIED)
			quest_refuse(quest, reply);
		else
			next_model(quest);
		return;
	}
	search->models[0] = arena_str(&quest->arena, model);
	str_addf(&domain, "[[\"id\",\"=\",%lld]]", (long long)id);
	quest_read(quest, search->models[0], str_slice(&domain), read, ARRAY_LEN(read), "id", 1,
		on_external_record);
}

static bool ask_external(struct quest *quest)
{
	struct odoo_ask ask;

	if (!odoo_external_ask(&quest->arena, slice_of(quest->params[1]), &ask))
		return false;
	quest_ask(quest, ask, on_external);
	return true;
}

/* Parameters: models, parted by commas; an external id or a reference; the Odoo. */
void quest_find(struct quest *quest)
{
	struct search *search = arena_alloc(&quest->arena, sizeof(*search));
	struct slice rest = slice_of(quest->params[0]), model;

	quest->own = search;
	quest_rows(quest);
	while (search->n < MODELS_MAX && slice_cut(&rest, ',', &model))
		if (slice_trim(model).len)
			search->models[search->n++] = arena_str(&quest->arena, slice_trim(model));
	if (!quest->params[1] || !*quest->params[1])
		quest_done(quest);
	else if (!ask_external(quest))
		next_model(quest);
}

/* ---- one record ---------------------------------------------------------------------------------- */

struct record {
	const char *names[FIELDS_MAX], *labels[FIELDS_MAX], *types[FIELDS_MAX];
	size_t n;
};

static void on_record(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	const struct record *record = quest->own;
	const struct value *values = value_at(reply->result, 0);

	quest->odoo_ticket = 0;
	if (reply->class != ODOO_OK) {
		quest_refuse(quest, reply);
		return;
	}
	if (!values) {
		quest_fail(quest, -ENOENT, "Odoo has no such record, or this key may not see it");
		return;
	}
	quest_rows(quest);
	for (size_t i = 0; i < record->n; i++) {
		const struct value *value = value_get(values, record->names[i]);

		rows_add_text(quest->rows, slice_of(record->names[i]));
		rows_add_text(quest->rows, slice_of(record->labels[i]));
		rows_add_text(quest->rows, slice_of(record->types[i]));
		if (strcmp(record->types[i], "boolean") == 0)
			rows_add_text(quest->rows, value_true(value) ? SLICE("yes") : SLICE("no"));
		else
			quest_cell(quest, COLUMN_TEXT, value);
	}
	quest_done(quest);
}

static int by_label(const void *a, const void *b)
{
	const struct {
		const char *name, *label, *type;
	} *x = a, *y = b;

	return strcmp(x->label, y->label);
}

static void read_record(struct quest *quest)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(128);
	const struct record *record = quest->own;

	str_addf(&domain, "[[\"id\",\"=\",%s]]", quest->params[1]);
	quest_read(quest, quest->params[0], str_slice(&domain), record->names, record->n, "id", 1,
		on_record);
}

/* Pictures and files are not read: they are large, and say nothing here. */
static void on_all_fields(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	struct record *record = arena_alloc(&quest->arena, sizeof(*record));
	struct {
		const char *name, *label, *type;
	} sorted[FIELDS_MAX];

	quest->odoo_ticket = 0;
	if (reply->class != ODOO_OK) {
		quest_refuse(quest, reply);
		return;
	}
	for (size_t i = 0; reply->result && reply->result->kind == VALUE_OBJECT &&
			   i < reply->result->n && record->n < FIELDS_MAX;
		i++) {
		const struct value_member *field = &reply->result->members[i];
		struct slice type = value_text(value_get(&field->value, "type"));

		if (!type.len || slice_eq_str(type, "binary") || slice_eq_str(type, "properties"))
			continue;
		sorted[record->n].name = arena_str(&quest->arena, field->name);
		sorted[record->n].label =
			arena_str(&quest->arena, value_text(value_get(&field->value, "string")));
		sorted[record->n++].type = arena_str(&quest->arena, type);
	}
	qsort(sorted, record->n, sizeof(sorted[0]), by_label);
	for (size_t i = 0; i < record->n; i++) {
		record->names[i] = sorted[i].name;
		record->labels[i] = sorted[i].label;
		record->types[i] = sorted[i].type;
	}
	quest->own = record;
	read_record(quest);
}

/* Parameters: the model, the number, the Odoo. */
void quest_record(struct quest *quest)
{
	int64_t id;

	if (!quest->params[0] || !quest->params[1] ||
		slice_to_i64(slice_of(quest->params[1]), 1, INT64_MAX, &id) < 0) {
		quest_fail(quest, -EINVAL, "a record is its model and its number");
		return;
	}
	quest_ask(quest,
		(struct odoo_ask){.model = quest->params[0],
			.method = "fields_get",
			.args = {{"allfields", SLICE("[]")},
				{"attributes", SLICE("[\"type\",\"string\"]")}},
			.n_args = 2,
			.n_positional = 1},
		on_all_fields);
}
