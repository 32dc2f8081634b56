/* What runs by itself in Odoo, as lists: scheduled jobs, automations and webhooks, OCA's job queue, keys,
 * models by their names. A row of a table per list: its model, its fields, its columns.
 * Fields differ from version to version, so those that are not there are not read.
 * Called by source_odoo.c. */
#include "base/mem.h"
#include "odoo_quest.h"
#include <errno.h>
#include <string.h>

#define FIELDS_MAX 10
#define HOOKS_MAX 200

struct list {
	const char *model, *domain, *order;
	int limit;
	const char *missing; /* what it means that the model is not there */
	/* Of each column of the question; "a|b": the first of these that is there. */
	const char *const *fields;
	size_t n;
};

static const char *const cron_fields[] = {"cron_name|name", "interval_number", "interval_type",
	"nextcall", "lastcall", "failure_count", "active", "user_id"};

static const char *const automation_fields[] = {
	"name", "model_name|model_id", "trigger", "url", "last_run", "active"};

static const char *const queue_fields[] = {"name", "model_name", "method_name", "state", "channel",
	"retry", "max_retries", "date_created", "exc_message"};

static const char *const model_fields[] = {"model", "name"};

#define FIELDS(of) of##_fields, ARRAY_LEN(of##_fields)

const struct list list_crons = {
	"ir.cron", "[]", "nextcall", 500, "there are no scheduled jobs in this Odoo", FIELDS(cron)};
const struct list list_automations = {"base.automation", "[]", "id", 500,
	"automation rules (base_automation) are not installed in this Odoo", FIELDS(automation)};
const struct list list_queue = {"queue.job", "[[\"state\",\"!=\",\"done\"]]", "date_created desc",
	500, "OCA's queue_job is not installed in this Odoo", FIELDS(queue)};
const struct list list_models = {
	"ir.model", "[]", "model", 2000, "models are not to be seen", FIELDS(model)};

/* The names that may be there, each once, in the order of the columns. */
struct names {
	const char *all[2 * FIELDS_MAX];
	size_t column[2 * FIELDS_MAX], n;
	const char *chosen[FIELDS_MAX]; /* of each column; NULL: none is there */
	const struct hooks *hooks; /* of automations; NULL: none */
};

/* Where automations send webhooks to: their actions say it, by the automation. */
struct hooks {
	int64_t automation[HOOKS_MAX];
	struct slice url[HOOKS_MAX];
	size_t n;
};

/* An address of a webhook is its secret: who knows it may call it. Its host and the way up to the last
 * part are shown, and that there is more. */
static void url_cell(struct quest *quest, struct slice url)
{
	CLEANUP(str_done)
	struct str shown = STR_INIT(4096);
	struct slice scheme = SLICE_NONE, rest = slice_head(url, slice_find(url, '?'));
	size_t at;

	rest = slice_head(rest, slice_find(rest, '#'));
	at = slice_find(rest, ':');
	if (at < rest.len && slice_starts(slice_from(rest, at), SLICE("://"))) {
		scheme = slice_head(rest, at + 3);
		rest = slice_from(rest, at + 3);
	}
	/* no login either */
	at = slice_find(slice_head(rest, slice_find(rest, '/')), '@');
	if (at < slice_find(rest, '/'))
		rest = slice_from(rest, at + 1);
	str_add(&shown, scheme);
	for (at = rest.len; at > 0 && rest.at[at - 1] != '/';)
		at--;
	str_add(&shown, at ? slice_head(rest, at) : rest);
	if (at)
		str_adds(&shown, "•••");
	rows_add_text(quest->rows, str_slice(&shown));
}

/* Its own address, where it is called; else that which it calls. */
static struct slice url_of(
	const struct hooks *hooks, const struct value *record, const struct value *own)
{
	int64_t id = 0;

	(void)value_int(value_get(record, "id"), &id);
	for (size_t i = 0; hooks && !value_text(own).at && i < hooks->n; i++)
		if (hooks->automation[i] == id)
			return hooks->url[i];
	return value_text(own);
}

static void on_rows(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	const struct list *list = quest->kind->list;
	const struct names *names = quest->own;
	const struct value *record;

	quest->odoo_ticket = 0;
	if (reply->class != ODOO_OK) {
		quest_refuse(quest, reply);
		return;
	}
	quest_rows(quest);
	for (size_t i = 0; (record = value_at(reply->result, i)); i++)
		for (size_t c = 0; c < list->n; c++) {
			const struct value *value =
				names->chosen[c] ? value_get(record, names->chosen[c]) : NULL;

			if (strcmp(quest->question->columns[c].name, "url") == 0 &&
				url_of(names->hooks, record, value).at)
				url_cell(quest, url_of(names->hooks, record, value));
			else
				quest_cell(quest, quest->question->columns[c].type, value);
		}
	quest_done(quest);
}

static bool is_missing(const struct odoo_reply *reply)
{
	return reply->class == ODOO_REFUSED || reply->class == ODOO_MISSING ||
	       reply->class == ODOO_CALL;
}

static void on_fields(
	void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields, size_t n)
{
	struct quest *quest = ctx;
	const struct list *list = quest->kind->list;
	struct names *names = quest->own;
	const char *read[FIELDS_MAX];
	size_t n_read = 0;

	quest->odoo_ticket = 0;
	if (is_missing(reply)) {
		quest_fail(quest, -ENOENT, list->missing);
		return;
	}
	if (reply->class != ODOO_OK) {
		quest_refuse(quest, reply);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (fields[i].type && !names->chosen[names->column[i]])
			names->chosen[names->column[i]] = read[n_read++] = names->all[i];
	quest_read(quest, list->model, slice_of(list->domain), read, n_read, list->order,
		list->limit, on_rows);
}

void quest_list(struct quest *quest)
{
	const struct list *list = quest->kind->list;
	struct names *names = arena_alloc(&quest->arena, sizeof(*names));

	names->hooks = quest->own;
	for (size_t c = 0; c < list->n; c++) {
		struct slice rest = slice_of(list->fields[c]), name;

		while (slice_cut(&rest, '|', &name)) {
			names->column[names->n] = c;
			names->all[names->n++] = arena_str(&quest->arena, name);
		}
	}
	quest->own = names;
	quest_fields(quest, list->model, names->all, names->n, on_fields);
}

/* A key that may not see them, and an Odoo without them, have none. */
static void on_actions(void *ctx, const struct odoo_reply *reply)
{
	struct quest *quest = ctx;
	struct hooks *hooks = arena_alloc(&quest->arena, sizeof(*hooks));
	const struct value *action;
	struct slice label;

	quest->odoo_ticket = 0;
	if (reply->class == ODOO_CANCELED || reply->class == ODOO_UNREACHABLE ||
		reply->class == ODOO_TIMEOUT || reply->class == ODOO_DENIED) {
		quest_refuse(quest, reply);
		return;
	}
	for (size_t i = 0; hooks->n < HOOKS_MAX && (action = value_at(reply->result, i)); i++) {
		struct slice url = value_text(value_get(action, "webhook_url"));

		if (url.len && value_many2one(value_get(action, "base_automation_id"),
				       &hooks->automation[hooks->n], &label))
			hooks->url[hooks->n++] = arena_dup(&quest->arena, url);
	}
	quest->own = hooks;
	quest_list(quest);
}

void quest_automations(struct quest *quest)
{
	static const char *const read[] = {"webhook_url", "base_automation_id"};

	quest_read(quest, "ir.actions.server", SLICE("[[\"state\",\"=\",\"webhook\"]]"), read,
		ARRAY_LEN(read), "id", HOOKS_MAX, on_actions);
}
