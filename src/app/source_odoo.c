/* Sends a view's question to Odoo or to the store, and ends it once.
 * What is asked of Odoo is in the odoo_*.c beside this; protocols and login are the client's.
 * Made by the console; every view asks through it. */
#include "app/source_odoo.h"
#include "base/mem.h"
#include "odoo_quest.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The store's tickets never come so far. */
#define OURS (UINT64_C(1) << 63)
#define DEADLINE_US (10 * S_US)

static const struct quest_kind kinds[] = {
	{"odoo-automations", quest_automations, 0, &list_automations},
	{"odoo-beside", quest_beside, -1, NULL},
	{"odoo-crons", quest_list, 0, &list_crons},
	{"odoo-find", quest_find, 2, NULL},
	{"odoo-models", quest_list, 0, &list_models},
	{"odoo-queue", quest_list, 0, &list_queue},
	{"odoo-record", quest_record, 2, NULL},
};

void quest_rows(struct quest *quest)
{
	quest->rows = rows_builder_new(quest->question->columns, quest->question->n_columns);
}

/* ---- the end of a quest ------------------------------------------------------------------------- */

static void on_start(void *ctx)
{
	struct quest *quest = ctx;

	if (quest->kind->odoo_at < 0)
		quest->kind->start(quest);
	else
		quest_pick(quest, quest->params[quest->kind->odoo_at], quest->kind->start);
}

static void quest_free(struct quest *quest)
{
	loop_undefer(quest->source->loop, on_start, quest);
	*quest->link = quest->next;
	if (quest->next)
		quest->next->link = quest->link;
	if (quest->odoo_ticket)
		odoo_drop(quest->odoo, quest->odoo_ticket);
	if (quest->store_ticket)
		source_drop(quest->source->store, quest->store_ticket);
	if (quest->rows)
		rows_builder_free(quest->rows);
	str_done(&quest->text);
	arena_done(&quest->arena);
	free(quest);
}

static void answer(struct quest *quest, struct reply reply)
{
	void (*fn)(void *ctx, const struct reply *reply) = quest->reply;
	void *ctx = quest->ctx;

	reply.took_us = clock_mono_us(loop_clock(quest->source->loop)) - quest->began_us;
	quest_free(quest);
	fn(ctx, &reply);
}

void quest_done(struct quest *quest)
{
	struct rows *rows = rows_finish(quest->rows);

	quest->rows = NULL;
	answer(quest, (struct reply){.kind = REPLY_DONE, .rows = rows});
	rows_unref(rows);
}

void quest_fail(struct quest *quest, int code, const char *text)
{
	struct err err = ERR_INIT;

	err_set(&err, code, "%s", text);
	answer(quest, (struct reply){.kind = REPLY_FAILED, .err = &err});
}

/* One line: Odoo's words have lines and tabs. */
void quest_refuse(struct quest *quest, const struct odoo_reply *reply)
{
	struct slice line = slice_of(reply->message);
	char text[400];

	line = slice_trim(slice_head(line, slice_find(line, '\n')));
	(void)snprintf(text, sizeof(text), "Odoo, %s: %.*s", odoo_class_name(reply->class),
		(int)(line.len < 300 ? line.len : 300), line.at);
	quest_fail(quest,
		reply->class == ODOO_CANCELED  ? -ECANCELED
		: reply->class == ODOO_TIMEOUT ? -ETIMEDOUT
					       : -EREMOTEIO,
		text);
}

/* ---- asking for a quest ---------------------------------------------------------------------------- */

static int64_t left_us(const struct quest *quest)
{
	int64_t left = quest->until_us - clock_mono_us(loop_clock(quest->source->loop));

	return left > 1 ? left : 1;
}

void quest_ask(struct quest *quest, struct odoo_ask ask,
	void (*done)(void *ctx, const struct odoo_reply *reply))
{
	ask.reads = true;
	ask.deadline_us = left_us(quest);
	ask.done = done;
	ask.ctx = quest;
	quest->odoo_ticket = odoo_ask(quest->odoo, &ask);
}

void quest_fields(struct quest *quest, const char *model, const char *const *names, size_t n,
	void (*done)(void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields,
		size_t n_fields))
{
	quest->odoo_ticket = odoo_fields(quest->odoo, model, names, n, done, quest);
}

void quest_store(struct quest *quest, const char *question, const char *const *params,
	size_t n_params, void (*reply)(void *ctx, const struct reply *reply))
{
	const struct ask ask = {.question = question,
		.params = params,
		.n_params = n_params,
		.reply = reply,
		.ctx = quest};

	quest->store_ticket = source_ask(quest->source->store, &ask);
}

void quest_read(struct quest *quest, const char *model, struct slice domain,
	const char *const *fields, size_t n, const char *order, int limit,
	void (*done)(void *ctx, const struct odoo_reply *reply))
{
	CLEANUP(str_done)
	struct str names = STR_INIT(64 * 1024), most = STR_INIT(16), by = STR_INIT(256);

	str_adds(&names, "[\"id\"");
	for (size_t i = 0; i < n; i++) {
		str_addc(&names, ',');
		(void)value_put_text(&names, slice_of(fields[i]));
	}
	str_addc(&names, ']');
	str_addf(&most, "%d", limit);
	(void)value_put_text(&by, slice_of(order));
	quest_ask(quest,
		(struct odoo_ask){.model = model,
			.method = "search_read",
			.args = {{"domain", domain}, {"fields", str_slice(&names)},
				{"limit", str_slice(&most)}, {"order", str_slice(&by)}},
			.n_args = 4,
			.n_positional = 1,
			.context = SLICE("{\"active_test\":false}")},
		done);
}

/* ---- values ------------------------------------------------------------------------------------------ */

bool odoo_time(struct slice text, int64_t *ret_wall_us)
{
	static const struct {
		size_t at, len;
		int most;
	} parts[] = {{0, 4, 9999}, {5, 2, 12}, {8, 2, 31}, {11, 2, 23}, {14, 2, 59}, {17, 2, 60}};
	int64_t n[6] = {0};
	struct tm tm;

	if (text.len != 19 && text.len != 10)
		return false;
	for (size_t i = 0; i < (text.len == 19 ? 6 : 3); i++)
		if (slice_to_i64(slice_head(slice_from(text, parts[i].at), parts[i].len), 0,
			    parts[i].most, &n[i]) < 0)
			return false;
	tm = (struct tm){.tm_year = (int)n[0] - 1900,
		.tm_mon = (int)n[1] - 1,
		.tm_mday = (int)n[2],
		.tm_hour = (int)n[3],
		.tm_min = (int)n[4],
		.tm_sec = (int)n[5]};
	*ret_wall_us = (int64_t)timegm(&tm) * S_US;
	return true;
}

static void text_cell(struct quest *quest, const struct value *value)
{
	struct slice label = SLICE_NONE;
	int64_t id, number;
	double real;
	char digits[64];

	if (value_text(value).at)
		rows_add_text(quest->rows, value_text(value));
	else if (value && value->kind == VALUE_LIST && value_many2one(value, &id, &label) &&
		 label.at)
		rows_add_text(quest->rows, label);
	else if (value_int(value, &number)) {
		(void)snprintf(digits, sizeof(digits), "%lld", (long long)number);
		rows_add_text(quest->rows, slice_of(digits));
	} else if (value_real(value, &real)) {
		(void)snprintf(digits, sizeof(digits), "%.2f", real);
		rows_add_text(quest->rows, slice_of(digits));
	} else if (value && value->kind == VALUE_LIST) {
		(void)snprintf(digits, sizeof(digits), "%zu of them", value->n);
		rows_add_text(quest->rows, slice_of(digits));
	} else
		rows_add_null(quest->rows);
}

void quest_cell(struct quest *quest, enum column_type type, const struct value *value)
{
	int64_t number;
	double real;

	if (type == COLUMN_TEXT)
		text_cell(quest, value);
	else if (type == COLUMN_BOOL)
		rows_add_bool(quest->rows, value_true(value));
	else if (type == COLUMN_INT && value_int(value, &number))
		rows_add_int(quest->rows, number);
	else if (type == COLUMN_REAL && value_real(value, &real))
		rows_add_real(quest->rows, real);
	else if (type == COLUMN_TIME && odoo_time(value_text(value), &number))
		rows_add_time(quest->rows, number);
	else
		rows_add_null(quest->rows);
}

/* ---- the source -------------------------------------------------------------------------------------- */

/* Every question of the model's table has its kind here. */
static const struct quest_kind *kind_of(const char *question)
{
	size_t i = 0;

	while (strcmp(kinds[i].question, question) != 0)
		i++;
	return &kinds[i];
}

static uint64_t on_ask(struct source *source, const struct ask *ask)
{
	struct source_odoo *me = (struct source_odoo *)source;
	const struct odoo_question *question = odoo_question_find(ask->question);
	int64_t now_us = clock_mono_us(loop_clock(me->loop));
	struct quest *quest;

	if (!question)
		return source_ask(me->store, ask);
	quest = NEW(struct quest);
	*quest = (struct quest){.source = me,
		.next = me->quests,
		.link = &me->quests,
		.ticket = ++me->last | OURS,
		.question = question,
		.kind = kind_of(question->name),
		.reply = ask->reply,
		.ctx = ask->ctx,
		.began_us = now_us,
		.text = STR_INIT(4 << 20),
		.until_us = now_us + (ask->deadline_us ? ask->deadline_us : DEADLINE_US)};
	if (quest->next)
		quest->next->link = &quest->next;
	me->quests = quest;
	quest->params = arena_array(&quest->arena, question->n_params + 1, sizeof(*quest->params));
	for (size_t i = 0; i < question->n_params; i++)
		quest->params[i] =
			ask->params[i] ? arena_str(&quest->arena, slice_of(ask->params[i])) : NULL;
	loop_defer(me->loop, on_start, quest);
	return quest->ticket;
}

static struct quest *find(const struct source_odoo *me, uint64_t ticket)
{
	struct quest *quest = me->quests;

	while (quest && quest->ticket != ticket)
		quest = quest->next;
	return quest;
}

static void on_canceled(void *ctx)
{
	quest_fail(ctx, -ECANCELED, "canceled");
}

static void on_cancel(struct source *source, uint64_t ticket)
{
	struct source_odoo *me = (struct source_odoo *)source;
	struct quest *quest = find(me, ticket);

	if (!(ticket & OURS))
		source_cancel(me->store, ticket);
	else if (quest && quest->odoo_ticket)
		odoo_cancel(quest->odoo, quest->odoo_ticket);
	else if (quest && quest->store_ticket)
		source_cancel(me->store, quest->store_ticket);
	else if (quest) {
		loop_undefer(me->loop, on_start, quest);
		loop_defer(me->loop, on_canceled, quest);
	}
}

static void on_drop(struct source *source, uint64_t ticket)
{
	struct source_odoo *me = (struct source_odoo *)source;
	struct quest *quest = find(me, ticket);

	if (!(ticket & OURS)) {
		source_drop(me->store, ticket);
	} else if (quest) {
		loop_undefer(me->loop, on_canceled, quest);
		quest_free(quest);
	}
}

struct source *source_odoo_new(
	struct source *store, struct loop *loop, const struct odoo_named *odoos, size_t n)
{
	static const struct source_ops ops = {.ask = on_ask, .cancel = on_cancel, .drop = on_drop};
	struct source_odoo *me = NEW(struct source_odoo);

	*me = (struct source_odoo){.source.ops = &ops, .store = store, .loop = loop};
	for (; me->n_odoos < n; me->n_odoos++) {
		const struct odoo_named *odoo = &odoos[me->n_odoos];
		const struct http_options http = {
			.ca_file = odoo->ca_file && *odoo->ca_file ? odoo->ca_file : NULL};

		me->odoos[me->n_odoos].system = odoo->system ? odoo->system : "";
		me->odoos[me->n_odoos].http = http_new(loop, &http);
		me->odoos[me->n_odoos].odoo =
			odoo_new(loop, me->odoos[me->n_odoos].http, &odoo->client);
	}
	return &me->source;
}

void source_odoo_free(struct source *source)
{
	struct source_odoo *me = (struct source_odoo *)source;

	if (!me)
		return;
	while (me->quests) {
		loop_undefer(me->loop, on_canceled, me->quests);
		quest_free(me->quests);
	}
	for (size_t i = 0; i < me->n_odoos; i++) {
		odoo_free(me->odoos[i].odoo);
		http_free(me->odoos[i].http);
	}
	free(me);
}
