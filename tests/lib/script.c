/* The scripted source: answers from a table, one turn later.
 * It knows no view and no store.
 * Used by the tests of views and of the panel. */
#include "script.h"
#include "base/arena.h"
#include "base/mem.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 8
#define OPEN_MAX 32
#define QUESTIONS_MAX 32

struct answer {
	const char *question;
	const char *text;
	struct err err;
	size_t asked;
	char *params[PARAMS_MAX];
	struct str filter;
};

struct open_ask {
	uint64_t ticket;
	const char *question;
	void (*reply)(void *ctx, const struct reply *reply);
	void *ctx;
	bool cancelled;
};

struct script {
	struct source source;
	struct loop *loop;
	struct arena arena; /* columns outlive rows */
	struct answer answers[QUESTIONS_MAX];
	size_t n_answers;
	struct open_ask open[OPEN_MAX];
	size_t n_open;
	uint64_t last_ticket;
	bool hold;
	const char *(*otherwise)(void *ctx, const char *question);
	void *otherwise_ctx;
};

static struct answer *answer_of(struct script *script, const char *question)
{
	for (size_t i = 0; i < script->n_answers; i++)
		if (strcmp(script->answers[i].question, question) == 0)
			return &script->answers[i];
	assert(script->n_answers < QUESTIONS_MAX);
	script->answers[script->n_answers] = (struct answer){.question = question};
	return &script->answers[script->n_answers++];
}

static enum column_type type_of(struct slice name)
{
	static const char *const names[] = {"text", "int", "real", "bool", "time"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_eq_str(name, names[i]))
			return (enum column_type)i;
	assert(!"a column's type is text, int, real, bool or time");
	return COLUMN_TEXT;
}

static size_t columns_of(struct script *script, struct slice line, struct column *columns)
{
	struct slice part, name;
	size_t n = 0;

	while (slice_cut(&line, '\t', &part)) {
		slice_cut(&part, ':', &name);
		columns[n++] = (struct column){arena_str(&script->arena, name), type_of(part)};
	}
	return n;
}

static void add_cell(struct rows_builder *builder, enum column_type type, struct slice text)
{
	if (slice_eq_str(text, "\\N"))
		rows_add_null(builder);
	else if (type == COLUMN_TEXT)
		rows_add_text(builder, text);
	else if (type == COLUMN_REAL)
		rows_add_real(builder, strtod(text.at, NULL));
	else if (type == COLUMN_BOOL)
		rows_add_bool(builder, slice_eq_str(text, "t"));
	else if (type == COLUMN_TIME)
		rows_add_time(builder, strtoll(text.at, NULL, 10));
	else
		rows_add_int(builder, strtoll(text.at, NULL, 10));
}

static struct rows *rows_of(struct script *script, const char *text)
{
	struct slice rest = slice_of(text), line, cell;
	struct column *columns = arena_array(&script->arena, 64, sizeof(*columns));
	struct rows_builder *builder;
	size_t n;

	slice_cut(&rest, '\n', &line);
	n = columns_of(script, line, columns);
	builder = rows_builder_new(columns, n);
	while (slice_cut(&rest, '\n', &line)) {
		for (size_t i = 0; i < n; i++) {
			bool there = slice_cut(&line, '\t', &cell);

			assert(there);
			add_cell(builder, columns[i].type, cell);
		}
	}
	return rows_finish(builder);
}

static void reply_to(struct script *script, const struct open_ask *ask)
{
	struct answer *answer = answer_of(script, ask->question);
	struct err cancelled = {-ECANCELED, "cancelled"};
	struct reply reply = {.kind = REPLY_FAILED, .took_us = 6000};
	struct rows *rows = NULL;

	if (ask->cancelled) {
		reply.err = &cancelled;
	} else if (answer->err.code) {
		reply.err = &answer->err;
	} else {
		const char *text = !answer->text && script->otherwise
					   ? script->otherwise(script->otherwise_ctx, ask->question)
					   : answer->text;

		assert(text);
		rows = rows_of(script, text);
		reply.kind = REPLY_DONE;
		reply.rows = rows;
	}
	ask->reply(ask->ctx, &reply);
	rows_unref(rows);
}

static void answer_all(void *ctx)
{
	struct script *script = ctx;
	struct open_ask now[OPEN_MAX];
	size_t n = script->n_open;

	if (script->hold)
		return;
	memcpy(now, script->open, sizeof(now));
	script->n_open = 0;
	for (size_t i = 0; i < n; i++)
		reply_to(script, &now[i]);
}

static uint64_t on_ask(struct source *source, const struct ask *ask)
{
	struct script *script = (struct script *)source;
	struct answer *answer = answer_of(script, ask->question);

	assert(script->n_open < OPEN_MAX && ask->n_params <= PARAMS_MAX);
	answer->asked++;
	for (size_t i = 0; i < ask->n_params; i++) {
		free(answer->params[i]);
		answer->params[i] = mem_dup_str(ask->params[i] ? ask->params[i] : "");
	}
	str_done(&answer->filter);
	answer->filter = STR_INIT(FILTER_MAX);
	if (ask->filter)
		filter_print(ask->filter, &answer->filter);
	script->open[script->n_open++] = (struct open_ask){
		++script->last_ticket, ask->question, ask->reply, ask->ctx, false};
	loop_undefer(script->loop, answer_all, script);
	loop_defer(script->loop, answer_all, script);
	return script->last_ticket;
}

static void on_drop(struct source *source, uint64_t ticket)
{
	struct script *script = (struct script *)source;

	for (size_t i = 0; i < script->n_open; i++)
		if (script->open[i].ticket == ticket)
			script->open[i] = script->open[--script->n_open];
}

static void on_cancel(struct source *source, uint64_t ticket)
{
	struct script *script = (struct script *)source;

	for (size_t i = 0; i < script->n_open; i++)
		script->open[i].cancelled |= script->open[i].ticket == ticket;
	script_hold(script, false);
}

static const struct source_ops ops = {.ask = on_ask, .cancel = on_cancel, .drop = on_drop};

struct script *script_new(struct loop *loop)
{
	struct script *script = NEW(struct script);

	script->source.ops = &ops;
	script->loop = loop;
	return script;
}

void script_free(struct script *script)
{
	loop_undefer(script->loop, answer_all, script);
	for (size_t i = 0; i < script->n_answers; i++) {
		for (size_t j = 0; j < PARAMS_MAX; j++)
			free(script->answers[i].params[j]);
		str_done(&script->answers[i].filter);
	}
	arena_done(&script->arena);
	free(script);
}

struct source *script_source(struct script *script)
{
	return &script->source;
}

void script_answer(struct script *script, const char *question, const char *text)
{
	struct answer *answer = answer_of(script, question);

	answer->text = text;
	answer->err = ERR_INIT;
}

void script_fail(struct script *script, const char *question, int code, const char *text)
{
	err_set(&answer_of(script, question)->err, code, "%s", text);
}

void script_otherwise(
	struct script *script, const char *(*answer)(void *ctx, const char *question), void *ctx)
{
	script->otherwise = answer;
	script->otherwise_ctx = ctx;
}

void script_hold(struct script *script, bool hold)
{
	script->hold = hold;
	if (!hold && script->n_open) {
		loop_undefer(script->loop, answer_all, script);
		loop_defer(script->loop, answer_all, script);
	}
}

size_t script_asked(const struct script *script, const char *question)
{
	return answer_of((struct script *)script, question)->asked;
}

size_t script_open(const struct script *script)
{
	return script->n_open;
}

const char *script_param(const struct script *script, const char *question, size_t i)
{
	const char *param = answer_of((struct script *)script, question)->params[i];

	return param ? param : "";
}

const char *script_filter(const struct script *script, const char *question)
{
	return str_cstr(&answer_of((struct script *)script, question)->filter);
}
