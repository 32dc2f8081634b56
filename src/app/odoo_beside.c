/* The record of a transaction beside its payload: the store says how it is found and what is compared,
 * Odoo gives the values, the store compares and hides what the payload hides.
 * Called by source_odoo.c. */
#include "base/mem.h"
#include "odoo/external.h"
#include "odoo_quest.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 64

struct beside {
	const char *model, *external_id, *reference_field, *reference;
	int64_t record;
	/* The names of the mapping; "partner_id.ref" is ref of the record that partner_id names. */
	const char *names[FIELDS_MAX], *types[FIELDS_MAX];
	size_t n;
	const char *own_names[FIELDS_MAX]; /* without what is behind the point; each once */
	size_t n_own;
	const char *relations[FIELDS_MAX]; /* of own_names */
	size_t at; /* of own_names: whose relation is being read */
	const struct value *read; /* the record, while its relations are read */
	const char *display_name;
	bool archived;
};

/* ---- values to JSON -------------------------------------------------------------------------------- */

/* The record by the names of the mapping gathers in the quest's text. */
static void put_named(struct str *out, const char *name, const struct value *value)
{
	str_adds(out, out->len > 1 ? "," : "");
	(void)value_put_text(out, slice_of(name));
	str_addc(out, ':');
	value_put(out, value);
}

/* ---- the comparison ---------------------------------------------------------------------------------- */

static void on_compared(void *ctx, const struct reply *reply)
{
	struct quest *quest = ctx;
	const struct beside *beside = quest->own;
	const struct rows *rows = reply->rows;

	quest->store_ticket = 0;
	if (reply->kind != REPLY_DONE) {
		quest_fail(quest, reply->err->code, reply->err->text);
		return;
	}
	quest_rows(quest);
	for (size_t i = 0; i < rows_count(rows); i++) {
		for (size_t c = 0; c < 5; c++)
			if (rows_null(rows, i, c))
				rows_add_null(quest->rows);
			else
				rows_add_text(quest->rows, rows_text(rows, i, c));
		rows_add_text(quest->rows, slice_of(beside->model));
		rows_add_int(quest->rows, beside->record);
		rows_add_text(quest->rows, slice_of(beside->display_name));
		rows_add_bool(quest->rows, beside->archived);
		rows_add_text(quest->rows, slice_of(quest->system));
	}
	quest_done(quest);
}

static void compare(struct quest *quest)
{
	struct beside *beside = quest->own;
	CLEANUP(str_done)
	struct str types = STR_INIT(64 * 1024);
	const char *params[3] = {quest->params[0]};

	str_addc(&quest->text, '}');
	str_addc(&types, '{');
	for (size_t i = 0; i < beside->n; i++) {
		if (!beside->types[i])
			continue;
		str_adds(&types, types.len > 1 ? "," : "");
		(void)value_put_text(&types, slice_of(beside->names[i]));
		str_addc(&types, ':');
		(void)value_put_text(&types, slice_of(beside->types[i]));
	}
	str_addc(&types, '}');
	params[1] = str_cstr(&quest->text);
	params[2] = str_cstr(&types);
	quest_store(quest, "odoo-compared", params, 3, on_compared);
}

/* ---- what lies behind a point ---------------------------------------------------------------------- */

static const char *behind_point(const char *name, const char *own)
{
	size_t len = strlen(own);

	return strncmp(name, own, len) == 0 && name[len] == '.' ? name + len + 1 : NULL;
}

static void next_relation(struct quest *quest);

static void on_related(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	struct beside *beside = quest->own;
	const struct value *record = value_at(reply->result, 0);
	const char *behind;

	quest->odoo_ticket = 0;
	for (size_t i = 0; i < beside->n; i++) {
		behind = behind_point(beside->names[i], beside->own_names[beside->at]);
		if (!behind)
			continue;
		put_named(&quest->text, beside->names[i], value_get(record, behind));
		beside->types[i] = record && value_get(record, behind) ? "char" : NULL;
	}
	beside->at++;
	next_relation(quest);
}

/* The values were kept as JSON; ids are what is needed of them. */
static void next_relation(struct quest *quest)
{
	struct beside *beside = quest->own;

	for (; beside->at < beside->n_own; beside->at++) {
		CLEANUP(str_done)
		struct str domain = STR_INIT(128);
		const char *read[FIELDS_MAX], *behind;
		size_t n = 0;
		int64_t id;

		for (size_t i = 0; i < beside->n; i++)
			if ((behind = behind_point(
				     beside->names[i], beside->own_names[beside->at])))
				read[n++] = behind;
		if (!n || !beside->relations[beside->at] ||
			!value_many2one(
				value_get(beside->read, beside->own_names[beside->at]), &id, NULL))
			continue;
		str_addf(&domain, "[[\"id\",\"=\",%lld]]", (long long)id);
		quest_read(quest, beside->relations[beside->at], str_slice(&domain), read, n, "id",
			1, on_related);
		return;
	}
	compare(quest);
}

/* ---- the record ------------------------------------------------------------------------------------ */

/* The reply is gone when the relations have been read, so what is needed of it is parsed anew. */
static void keep_record(struct quest *quest, const struct value *record)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1 << 20);
	struct beside *beside = quest->own;

	str_addc(&text, '{');
	for (size_t i = 0; i < beside->n_own; i++) {
		str_adds(&text, i ? "," : "");
		(void)value_put_text(&text, slice_of(beside->own_names[i]));
		str_addc(&text, ':');
		value_put(&text, value_get(record, beside->own_names[i]));
	}
	str_addc(&text, '}');
	if (value_parse(&quest->arena, arena_dup(&quest->arena, str_slice(&text)), &beside->read,
		    NULL) < 0)
		beside->read = NULL;
}

static void on_record(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	struct beside *beside = quest->own;
	const struct value *record = value_at(reply->result, 0);
	const struct value *active = value_get(record, "active");

	quest->odoo_ticket = 0;
	if (reply->class != ODOO_OK) {
		quest_refuse(quest, reply);
		return;
	}
	if (!record) {
		quest_fail(quest, -ENOENT, "Odoo has no record for this transaction");
		return;
	}
	if (value_at(reply->result, 1)) {
		quest_fail(quest, -EEXIST,
			"Odoo has more than one record for this transaction: look for the reference");
		return;
	}
	(void)value_int(value_get(record, "id"), &beside->record);
	beside->display_name =
		arena_str(&quest->arena, value_text(value_get(record, "display_name")));
	beside->archived = active && !value_true(active);
	str_addc(&quest->text, '{');
	for (size_t i = 0; i < beside->n; i++)
		if (!strchr(beside->names[i], '.') && beside->types[i])
			put_named(&quest->text, beside->names[i],
				value_get(record, beside->names[i]));
	keep_record(quest, record);
	next_relation(quest);
}

static void on_fields(
	void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields, size_t n)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(16 * 1024);
	struct quest *quest = ctx;
	struct beside *beside = quest->own;
	const char *read[FIELDS_MAX + 2] = {"display_name"};
	size_t n_read = 1;

	quest->odoo_ticket = 0;
	if (reply->class != ODOO_OK) {
		quest_refuse(quest, reply);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!fields[i].type)
			continue;
		read[n_read++] = beside->own_names[i];
		if (strcmp(fields[i].type, "many2one") == 0 && fields[i].relation)
			beside->relations[i] =
				arena_str(&quest->arena, slice_of(fields[i].relation));
		for (size_t k = 0; k < beside->n; k++)
			if (strcmp(beside->names[k], beside->own_names[i]) == 0)
				beside->types[k] =
					arena_str(&quest->arena, slice_of(fields[i].type));
	}
	if (beside->record)
		str_addf(&domain, "[[\"id\",\"=\",%lld]]", (long long)beside->record);
	else {
		str_adds(&domain, "[[");
		(void)value_put_text(&domain, slice_of(beside->reference_field));
		str_adds(&domain, ",\"=\",");
		(void)value_put_text(&domain, slice_of(beside->reference));
		str_adds(&domain, "]]");
	}
	quest_read(quest, beside->model, str_slice(&domain), read, n_read, "id", 2, on_record);
}

/* Those of the mapping, and whether it is archived, which not every model can be. */
static void ask_fields(struct quest *quest)
{
	struct beside *beside = quest->own;

	quest_fields(quest, beside->model, beside->own_names, beside->n_own, on_fields);
}

static void on_external(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	struct beside *beside = quest->own;
	struct slice model;
	int64_t id;

	quest->odoo_ticket = 0;
	if (odoo_external_found(reply, &model, &id) && slice_eq_str(model, beside->model))
		beside->record = id;
	if (beside->record)
		ask_fields(quest);
	else if (beside->reference)
		ask_fields(quest);
	else if (reply->class == ODOO_OK || reply->class == ODOO_CALL)
		quest_fail(
			quest, -ENOENT, "Odoo does not know the external id of this transaction");
	else
		quest_refuse(quest, reply);
}

static bool ask_external(struct quest *quest)
{
	const struct beside *beside = quest->own;
	struct odoo_ask ask;

	if (beside->record || !beside->external_id ||
		!odoo_external_ask(&quest->arena, slice_of(beside->external_id), &ask))
		return false;
	quest_ask(quest, ask, on_external);
	return true;
}

/* ---- how it is found --------------------------------------------------------------------------------- */

static const char *cell(struct quest *quest, const struct rows *rows, const char *column)
{
	struct slice text = rows_text(rows, 0, rows_col(rows, column));

	return text.len ? arena_str(&quest->arena, text) : NULL;
}

static void add_own_name(struct quest *quest, struct beside *beside, struct slice name)
{
	struct slice own = slice_head(name, slice_find(name, '.'));

	for (size_t i = 0; i < beside->n_own; i++)
		if (slice_eq_str(own, beside->own_names[i]))
			return;
	beside->own_names[beside->n_own++] = arena_str(&quest->arena, own);
}

/* In the Odoo to which the transaction's interface belongs. */
static void look(struct quest *quest)
{
	const struct beside *beside = quest->own;

	if (ask_external(quest))
		return;
	if (beside->record || (beside->reference && beside->reference_field))
		ask_fields(quest);
	else
		quest_fail(quest, -ENOENT,
			"nothing in this transaction says which record of Odoo belongs to it");
}

static void on_wanted(void *ctx, const struct reply *reply)
{
	struct quest *quest = ctx;
	struct beside *beside;
	struct slice rest, name;

	quest->store_ticket = 0;
	if (reply->kind != REPLY_DONE) {
		quest_fail(quest, reply->err->code, reply->err->text);
		return;
	}
	if (!rows_count(reply->rows)) {
		quest_fail(quest, -ENOENT,
			"the catalogue does not say which record of Odoo belongs to this");
		return;
	}
	beside = quest->own = arena_alloc(&quest->arena, sizeof(*beside));
	beside->model = cell(quest, reply->rows, "model");
	beside->record = rows_int(reply->rows, 0, rows_col(reply->rows, "record"));
	beside->external_id = cell(quest, reply->rows, "external_id");
	beside->reference_field = cell(quest, reply->rows, "reference_field");
	beside->reference = cell(quest, reply->rows, "reference");
	rest = rows_text(reply->rows, 0, rows_col(reply->rows, "fields"));
	while (beside->n < FIELDS_MAX - 1 && slice_cut(&rest, ',', &name)) {
		beside->names[beside->n++] = arena_str(&quest->arena, name);
		add_own_name(quest, beside, name);
	}
	add_own_name(quest, beside, SLICE("active"));
	quest_pick(quest, cell(quest, reply->rows, "system"), look);
}

/* Parameter: the transaction. */
void quest_beside(struct quest *quest)
{
	quest_store(quest, "odoo-wanted", quest->params, 1, on_wanted);
}
