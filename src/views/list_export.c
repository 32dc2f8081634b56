/* Writes a list to a file while the screen goes on.
 * The formats are model/export's, the rows and the trace are the store's.
 * Called by views over lists that are asked for in pages. */
#include "list_export.h"
#include "base/file.h"
#include "base/mem.h"
#include "model/export.h"
#include "model/format.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PAGE 1000
#define PAGE_TEXT "1000"
#define PAGE_BYTES (64 << 20)
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
	if (me->fd >= 0)
		close(me->fd);
	me->fd = -1;
	filter_free(me->filter);
	me->filter = NULL;
}

/* What was written stays: to say how much is better than to take it away. */
static void end(struct list_export *me, const char *why)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);

	format_count(&text, me->n);
	str_addf(&text, " rows are in %s%s%s", str_cstr(&me->path), why ? "; not all: " : "",
		why ? why : "");
	stop(me);
	say(me, why ? ROLE_ERROR : ROLE_MESSAGE, str_cstr(&text));
}

static bool put(struct list_export *me, struct slice text)
{
	while (text.len) {
		ssize_t n = write(me->fd, text.at, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text = slice_from(text, (size_t)n);
	}
	return true;
}

static bool put_page(struct list_export *me, const struct rows *rows)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(PAGE_BYTES);

	if (me->csv && !me->head)
		export_csv_head(rows, &out);
	me->head = true;
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (me->csv)
			export_csv_row(rows, i, &out);
		else
			export_json_row(rows, i, &out);
	}
	return put(me, str_slice(&out));
}

static void on_page(void *ctx, const struct reply *reply)
{
	struct list_export *me = ctx;
	size_t n;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		end(me, reply->err->text);
		return;
	}
	n = rows_count(reply->rows);
	if (!put_page(me, reply->rows)) {
		struct err err = ERR_INIT;

		err_errno(&err, "%s", str_cstr(&me->path));
		end(me, err.text);
		return;
	}
	me->n += (int64_t)n;
	if (n < PAGE || me->n >= LIST_EXPORT_MAX) {
		end(me, n < PAGE ? NULL : "the limit is reached");
		return;
	}
	str_reset(&me->place);
	str_add(&me->place, rows_text(reply->rows, n - 1, rows_col(reply->rows, "place")));
	ask_page(me);
}

static void ask_page(struct list_export *me)
{
	const char *params[] = {me->n ? str_cstr(&me->place) : NULL, "after", PAGE_TEXT};

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
	me->path = STR_INIT(4096);
	me->place = STR_INIT(1024);
	me->fd = -1;
}

void list_export_close(struct list_export *me)
{
	stop(me);
	str_done(&me->path);
	str_done(&me->place);
}

static void set_path(struct list_export *me, struct slice path)
{
	const char *home = getenv("HOME");

	str_reset(&me->path);
	if (home && slice_starts(path, SLICE("~/"))) {
		str_adds(&me->path, home);
		path = slice_from(path, 1);
	}
	str_add(&me->path, path);
}

bool list_export_start(
	struct list_export *me, struct slice filter, struct slice path, bool csv, struct err *err)
{
	CLEANUP(mem_freep)
	char *text = mem_dup(filter.at, filter.len);
	const char *params[] = {text, csv ? "csv" : "jsonl"};

	stop(me);
	set_path(me, path);
	if (filter_parse(filter, &me->filter, NULL, err) < 0)
		return false;
	me->fd = open(
		str_cstr(&me->path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (me->fd < 0) {
		err_errno(err, "%s", str_cstr(&me->path));
		stop(me);
		return false;
	}
	me->csv = csv;
	me->head = false;
	me->n = 0;
	me->ticket = source_ask(me->env->source, &(struct ask){.question = "find-export",
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .reply = on_told,
							 .ctx = me});
	return true;
}

bool list_export_busy(const struct list_export *me)
{
	return me->fd >= 0;
}

void list_export_cancel(struct list_export *me)
{
	if (me->fd >= 0)
		end(me, "it was stopped");
}
