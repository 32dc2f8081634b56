/* Exporting acts: a trace in the audit first, then page by page into a file that was not there before.
 * How a row is written is model/export's, what may be read the store's.
 * Called by the view of the audit. */
#include "audit_part.h"
#include "base/mem.h"
#include "model/export.h"
#include "model/format.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 1000
#define PAGE_TEXT "1000"
#define DEADLINE_US (60 * S_US)
#define PAGE_BYTES (64 << 20)

static void end(struct audit_export *me, enum role role, const char *words)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(8192);

	str_addf(&text, "%s: ", words);
	format_count(&text, me->n);
	str_addf(&text, " acts in %s", str_cstr(&me->path));
	if (me->head.len)
		str_addf(&text, " · head %s", str_cstr(&me->head));
	if (me->fd >= 0 && close(me->fd) < 0)
		role = ROLE_ERROR;
	me->fd = -1;
	me->env->say(me->env->ctx, role, str_cstr(&text));
	me->env->changed(me->env->ctx);
}

static int put(int fd, struct slice text)
{
	while (text.len) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			text = slice_from(text, (size_t)n);
	}
	return 0;
}

/* 0, or the negative error of writing. */
static int put_page(struct audit_export *me, const struct rows *rows)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(PAGE_BYTES);

	if (me->csv && !me->n)
		export_csv_head(rows, &text);
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (me->csv)
			export_csv_row(rows, i, &text);
		else
			export_json_row(rows, i, &text);
	}
	return put(me->fd, str_slice(&text));
}

static void ask_page(struct audit_export *me);

static void on_page(void *ctx, const struct reply *reply)
{
	struct audit_export *me = ctx;
	const struct rows *rows = reply->rows;
	size_t n;
	int r;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		end(me, ROLE_ERROR, reply->err->text);
		return;
	}
	n = rows_count(rows);
	r = put_page(me, rows);
	if (r < 0) {
		end(me, ROLE_ERROR, strerror(-r));
		return;
	}
	me->n += (int64_t)n;
	me->env->changed(me->env->ctx);
	if (n < PAGE) {
		end(me, ROLE_MESSAGE, "exported");
	} else if (me->stop) {
		end(me, ROLE_MESSAGE, "stopped");
	} else {
		str_reset(&me->place);
		str_add(&me->place, rows_text(rows, n - 1, rows_col(rows, "place")));
		ask_page(me);
	}
}

static void ask_page(struct audit_export *me)
{
	const char *params[AUDIT_WORDS + 3];

	for (size_t i = 0; i < AUDIT_WORDS; i++)
		params[i] = me->words[i];
	params[AUDIT_WORDS] = me->place.len ? str_cstr(&me->place) : NULL;
	params[AUDIT_WORDS + 1] = "after";
	params[AUDIT_WORDS + 2] = PAGE_TEXT;
	me->ticket = source_ask(me->env->source, &(struct ask){
							 .question = "audit",
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .deadline_us = DEADLINE_US,
							 .reply = on_page,
							 .ctx = me,
						 });
}

/* The file is made before the trace is left: what cannot be written is not asked for. */
static int make_file(struct audit_export *me)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(8192);

	me->fd = open(
		str_cstr(&me->path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (me->fd >= 0)
		return 0;
	str_addf(&text, "%s: %s", str_cstr(&me->path), strerror(errno));
	me->env->say(me->env->ctx, ROLE_ERROR, str_cstr(&text));
	return -1;
}

static void on_trace(void *ctx, const struct reply *reply)
{
	struct audit_export *me = ctx;
	const struct rows *rows = reply->rows;
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_DONE && rows_count(rows) &&
		rows_bool(rows, 0, rows_col(rows, "ok"))) {
		str_add(&me->head, rows_text(rows, 0, rows_col(rows, "head")));
		ask_page(me);
		return;
	}
	str_adds(&text, "not exported: ");
	if (reply->kind == REPLY_FAILED)
		str_adds(&text, reply->err->text);
	else if (rows_count(rows))
		str_add(&text, rows_text(rows, 0, rows_col(rows, "message")));
	(void)unlink(str_cstr(&me->path));
	(void)close(me->fd);
	me->fd = -1;
	me->env->say(me->env->ctx, ROLE_ERROR, str_cstr(&text));
}

void audit_export_open(struct audit_export *me, const struct view_env *env)
{
	me->env = env;
	me->fd = -1;
	me->path = STR_INIT(4096);
	me->place = STR_INIT(64);
	me->head = STR_INIT(256);
}

void audit_export_close(struct audit_export *me)
{
	source_drop(me->env->source, me->ticket);
	if (me->fd >= 0)
		(void)close(me->fd);
	str_done(&me->path);
	str_done(&me->place);
	str_done(&me->head);
}

void audit_export_start(
	struct audit_export *me, const char *const *words, struct slice path, const char *reason)
{
	const char *home = getenv("HOME"), *params[AUDIT_WORDS + 2];

	if (me->fd >= 0) {
		me->env->say(
			me->env->ctx, ROLE_MESSAGE, "an export is under way; wait for its end");
		return;
	}
	str_reset(&me->path);
	str_reset(&me->place);
	str_reset(&me->head);
	if (slice_starts(path, SLICE("~/")) && home) {
		str_adds(&me->path, home);
		path = slice_from(path, 1);
	}
	str_add(&me->path, path);
	me->csv = slice_ends(path, SLICE(".csv"));
	me->n = 0;
	me->stop = false;
	if (make_file(me) < 0)
		return;
	for (size_t i = 0; i < AUDIT_WORDS; i++)
		params[i] = me->words[i] = words[i];
	params[AUDIT_WORDS] = str_cstr(&me->path);
	params[AUDIT_WORDS + 1] = reason;
	me->ticket = source_ask(me->env->source, &(struct ask){
							 .question = "audit-export",
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .reply = on_trace,
							 .ctx = me,
						 });
}

bool audit_export_cancel(struct audit_export *me)
{
	me->stop = me->fd >= 0;
	return me->stop;
}

void audit_export_status(const struct audit_export *me, struct str *out)
{
	if (me->fd < 0)
		return;
	str_adds(out, "exporting: ");
	format_count(out, me->n);
	str_adds(out, me->stop ? " acts, stops" : " acts");
}
