/* Writes the rows of a list into a file: form, trace, file.
 * The file is list_file's, who may and what is written down the store's.
 * Called by views whose lists are answered whole. */
#include "sheet_export.h"
#include "base/mem.h"
#include "model/format.h"
#include <unistd.h>

void sheet_export_open(struct sheet_export *me)
{
	list_file_init(&me->file);
}

static void leave(struct sheet_export *me)
{
	if (me->asking)
		form_done(&me->form);
	me->asking = false;
}

static void forget(struct sheet_export *me)
{
	(void)list_file_close(&me->file, NULL);
	rows_unref(me->rows);
	me->rows = NULL;
}

void sheet_export_close(struct sheet_export *me)
{
	source_drop(me->env->source, me->ticket);
	leave(me);
	forget(me);
	list_file_done(&me->file);
}

static void say(const struct sheet_export *me, enum role role, const char *text)
{
	me->env->say(me->env->ctx, role, text);
	me->env->changed(me->env->ctx);
}

static void give_up(struct sheet_export *me, struct slice why)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);

	(void)unlink(str_cstr(&me->file.path));
	forget(me);
	str_addf(&text, "not written: %.*s", SLICE_ARG(why));
	say(me, ROLE_ERROR, str_cstr(&text));
}

static void on_told(void *ctx, const struct reply *reply)
{
	struct sheet_export *me = ctx;
	CLEANUP(str_done)
	struct str said = STR_INIT(8192);
	struct err err = ERR_INIT;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		give_up(me, slice_of(reply->err->text));
	} else if (!rows_count(reply->rows) ||
		   !slice_eq_str(
			   rows_text(reply->rows, 0, rows_col(reply->rows, "code")), "done")) {
		give_up(me, rows_count(reply->rows)
				    ? rows_text(reply->rows, 0, rows_col(reply->rows, "message"))
				    : SLICE("no answer"));
	} else if (list_file_put(&me->file, me->rows, &err) < 0 ||
		   list_file_close(&me->file, &err) < 0) {
		give_up(me, slice_of(err.text));
	} else {
		format_count(&said, me->file.n);
		str_addf(&said, " rows are in %s", str_cstr(&me->file.path));
		forget(me);
		say(me, ROLE_MESSAGE, str_cstr(&said));
	}
}

void sheet_export_ask(struct sheet_export *me, const char *list, const struct rows *rows)
{
	if (!rows || me->rows) {
		say(me, ROLE_MESSAGE,
			rows ? "a list is being written already" : "there is no list yet");
		return;
	}
	me->list = list;
	me->rows = rows_ref(rows);
	list_file_ask(&me->form, me->fields, list, clock_wall_us(loop_clock(me->env->loop)));
	me->asking = true;
}

/* The file is made before the trace is left: what cannot be written is not asked for. */
static void start(struct sheet_export *me)
{
	const char *format = list_file_formats[me->fields[LIST_FILE_FORMAT].chosen];
	const char *params[] = {me->list, format};
	struct err err = ERR_INIT;

	if (list_file_open(&me->file, slice_trim(str_slice(&me->fields[LIST_FILE_PATH].text.text)),
		    me->fields[LIST_FILE_FORMAT].chosen == 0, &err) < 0) {
		me->fields[LIST_FILE_PATH].error = "cannot be made";
		say(me, ROLE_ERROR, err.text);
		return;
	}
	leave(me);
	me->ticket = source_ask(me->env->source, &(struct ask){.question = me->question,
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .reply = on_told,
							 .ctx = me});
}

bool sheet_export_input(struct sheet_export *me, const struct input *input)
{
	if (!me->asking)
		return false;
	switch (form_input(&me->form, me->env->keymap, input)) {
	case FORM_SUBMITTED:
		start(me);
		break;
	case FORM_LEFT:
		leave(me);
		forget(me);
		break;
	case FORM_PENDING:
		break;
	}
	return true;
}

void sheet_export_draw(const struct sheet_export *me, const struct canvas *canvas)
{
	if (me->asking)
		form_draw(&me->form, canvas);
}
