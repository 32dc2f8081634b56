/* Exporting acts: a trace in the audit first, then page by page into a file that was not there before.
 * The file is list_file's, what may be read the store's.
 * Called by the view of the audit. */
#include "audit_part.h"
#include "base/mem.h"
#include "model/format.h"
#include <unistd.h>

#define PAGE 1000
#define PAGE_TEXT "1000"
#define DEADLINE_US (60 * S_US)

static void end(struct audit_export *me, enum role role, const char *words)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(8192);

	str_addf(&text, "%s: ", words);
	format_count(&text, me->file.n);
	str_addf(&text, " acts in %s", str_cstr(&me->file.path));
	if (me->head.len)
		str_addf(&text, " · head %s", str_cstr(&me->head));
	if (list_file_close(&me->file, NULL) < 0)
		role = ROLE_ERROR;
	me->env->say(me->env->ctx, role, str_cstr(&text));
	me->env->changed(me->env->ctx);
}

static void ask_page(struct audit_export *me);

static void on_page(void *ctx, const struct reply *reply)
{
	struct audit_export *me = ctx;
	const struct rows *rows = reply->rows;
	struct err err = ERR_INIT;
	size_t n;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		end(me, ROLE_ERROR, reply->err->text);
		return;
	}
	n = rows_count(rows);
	if (list_file_put(&me->file, rows, &err) < 0) {
		end(me, ROLE_ERROR, err.text);
		return;
	}
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
	(void)unlink(str_cstr(&me->file.path));
	(void)list_file_close(&me->file, NULL);
	me->env->say(me->env->ctx, ROLE_ERROR, str_cstr(&text));
}

void audit_export_open(struct audit_export *me, const struct view_env *env)
{
	me->env = env;
	list_file_init(&me->file);
	me->place = STR_INIT(64);
	me->head = STR_INIT(256);
}

void audit_export_close(struct audit_export *me)
{
	source_drop(me->env->source, me->ticket);
	list_file_done(&me->file);
	str_done(&me->place);
	str_done(&me->head);
}

void audit_export_start(
	struct audit_export *me, const char *const *words, struct slice path, const char *reason)
{
	const char *params[AUDIT_WORDS + 2];
	struct err err = ERR_INIT;

	if (me->file.fd >= 0) {
		me->env->say(
			me->env->ctx, ROLE_MESSAGE, "an export is under way; wait for its end");
		return;
	}
	str_reset(&me->place);
	str_reset(&me->head);
	me->stop = false;
	/* The file is made before the trace is left: what cannot be written is not asked for. */
	if (list_file_open(&me->file, path, slice_ends(path, SLICE(".csv")), &err) < 0) {
		me->env->say(me->env->ctx, ROLE_ERROR, err.text);
		return;
	}
	for (size_t i = 0; i < AUDIT_WORDS; i++)
		params[i] = me->words[i] = words[i];
	params[AUDIT_WORDS] = str_cstr(&me->file.path);
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
	me->stop = me->file.fd >= 0;
	return me->stop;
}

void audit_export_status(const struct audit_export *me, struct str *out)
{
	if (me->file.fd < 0)
		return;
	str_adds(out, "exporting: ");
	format_count(out, me->file.n);
	str_adds(out, me->stop ? " acts, stops" : " acts");
}
