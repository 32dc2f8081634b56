/* Writes a list to a file while the screen goes on.
 * The file is list_file's, the rows and the trace are the store's.
 * Called by views over lists that are asked for in pages. */
#include "list_export.h"
#include "base/mem.h"
#include "model/format.h"
#include <stdlib.h>

#define PAGE 1000
#define PAGE_TEXT "1000"
#define DEADLINE_US (60 * S_US)

static void ask_page(struct list_export *me);

static void say(const struct list_export *me, enum role role, const char *text)
{
	me->env->say(me->env->ctx, role, text);
	me->env->changed(me->env->ctx);
}

static void stop(struct list_export *me)
{
	source_drop(me->env->source, me->ticket);
	me->ticket = 0;
	(void)list_file_close(&me->file, NULL);
	filter_free(me->filter);
	me->filter = NULL;
}

/* What was written stays: to say how much is better than to take it away. */
static void end(struct list_export *me, const char *why)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);

	format_count(&text, me->file.n);
	str_addf(&text, " rows are in %s%s%s", str_cstr(&me->file.path), why ? "; not all: " : "",
		why ? why : "");
	stop(me);
	say(me, why ? ROLE_ERROR : ROLE_MESSAGE, str_cstr(&text));
}

static void on_page(void *ctx, const struct reply *reply)
{
	struct list_export *me = ctx;
	struct err err = ERR_INIT;
	size_t n;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		end(me, reply->err->text);
		return;
	}
	n = rows_count(reply->rows);
	if (list_file_put(&me->file, reply->rows, &err) < 0) {
		end(me, err.text);
		return;
	}
	if (n < PAGE || me->file.n >= LIST_EXPORT_MAX) {
		end(me, n < PAGE ? NULL : "the limit is reached");
		return;
	}
	str_reset(&me->place);
	str_add(&me->place, rows_text(reply->rows, n - 1, rows_col(reply->rows, "place")));
	ask_page(me);
}

static void ask_page(struct list_export *me)
{
	const char *params[] = {me->file.n ? str_cstr(&me->place) : NULL, "after", PAGE_TEXT};

	me->ticket = source_ask(me->env->source, &(struct ask){.question = me->question,
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .filter = me->filter,
							 .deadline_us = DEADLINE_US,
							 .reply = on_page,
							 .ctx = me});
}

static void on_told(void *ctx, const struct reply *reply)
{
	struct list_export *me = ctx;
	CLEANUP(str_done)
	struct str why = STR_INIT(512);

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED)
		str_adds(&why, reply->err->text);
	else if (rows_count(reply->rows) &&
		 !slice_eq_str(rows_text(reply->rows, 0, rows_col(reply->rows, "code")), "done"))
		str_add(&why, rows_text(reply->rows, 0, rows_col(reply->rows, "message")));
	if (why.len)
		end(me, str_cstr(&why));
	else
		ask_page(me);
}

void list_export_open(struct list_export *me)
{
	list_file_init(&me->file);
	me->place = STR_INIT(1024);
}

void list_export_close(struct list_export *me)
{
	stop(me);
	list_file_done(&me->file);
	str_done(&me->place);
}

bool list_export_start(
	struct list_export *me, struct slice filter, struct slice path, bool csv, struct err *err)
{
	CLEANUP(mem_freep)
	char *text = mem_dup(filter.at, filter.len);
	const char *params[] = {text, csv ? "csv" : "jsonl"};

	stop(me);
	if (filter_parse(filter, &me->filter, NULL, err) < 0)
		return false;
	if (list_file_open(&me->file, path, csv, err) < 0) {
		stop(me);
		return false;
	}
	me->ticket = source_ask(me->env->source, &(struct ask){.question = "find-export",
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .reply = on_told,
							 .ctx = me});
	return true;
}

bool list_export_busy(const struct list_export *me)
{
	return me->file.fd >= 0;
}

void list_export_cancel(struct list_export *me)
{
	if (me->file.fd >= 0)
		end(me, "it was stopped");
}
