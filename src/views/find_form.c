/* What Find asks for in a form: a name to save the filter under, a file to write the list to.
 * Called by find.c. */
#include "base/clock.h"
#include "base/mem.h"
#include "find_part.h"
#include "ui/kept.h"

enum {
	SAVE_NAME,
	SAVE_SHARED,
	SAVE_FIELDS,
};

void find_form_leave(struct find *me)
{
	if (me->asking != FORM_NONE)
		form_done(&me->form);
	me->asking = FORM_NONE;
}

static void on_saved(void *ctx, const struct reply *reply)
{
	struct find *me = ctx;
	const struct view_env *env = me->view.env;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	me->save_ticket = 0;
	env->changed(env->ctx);
	if (reply->kind == REPLY_FAILED || !rows_count(rows)) {
		env->say(env->ctx, ROLE_ERROR, reply->err ? reply->err->text : "no answer");
	} else if (!slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		struct slice why = rows_text(rows, 0, rows_col(rows, "message"));
		CLEANUP(mem_freep)
		char *text = mem_dup(why.at, why.len);

		env->say(env->ctx, ROLE_ERROR, text);
	} else {
		find_form_leave(me);
		kept_ask(env->kept);
		env->say(env->ctx, ROLE_MESSAGE, "the filter is saved");
	}
}

static void save(struct find *me)
{
	const char *params[] = {"find", str_cstr(&me->fields[SAVE_NAME].text.text),
		str_cstr(&me->line.text), me->fields[SAVE_SHARED].checked ? "true" : "false"};

	if (!me->save_ticket)
		me->save_ticket =
			source_ask(me->view.env->source, &(struct ask){.question = "filter-save",
								 .params = params,
								 .n_params = ARRAY_LEN(params),
								 .reply = on_saved,
								 .ctx = me});
}

void find_ask_save(struct find *me)
{
	me->fields[SAVE_NAME] = (struct field){.kind = FIELD_TEXT,
		.label = "name",
		.needed = true,
		.help = "one of that name is replaced; &@NAME brings it back"};
	me->fields[SAVE_SHARED] = (struct field){.kind = FIELD_CHECK,
		.label = "shared",
		.help = "others see it too; what it finds stays within their scope"};
	me->form = (struct form){.title = "Keep this filter",
		.submit = "Save",
		.fields = me->fields,
		.n = SAVE_FIELDS};
	form_open(&me->form);
	me->asking = FORM_SAVE;
}

void find_ask_export(struct find *me)
{
	list_file_ask(&me->form, me->fields, NULL, clock_wall_us(loop_clock(me->view.env->loop)));
	me->asking = FORM_EXPORT;
}

static void export(struct find *me)
{
	struct err err = ERR_INIT;
	const char *format = list_file_formats[me->fields[LIST_FILE_FORMAT].chosen];
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);

	str_add(&path, slice_trim(str_slice(&me->fields[LIST_FILE_PATH].text.text)));
	if (!slice_ends(str_slice(&path), SLICE(".csv")) &&
		!slice_ends(str_slice(&path), SLICE(".jsonl")))
		str_addf(&path, ".%s", format);
	if (!list_export_start(&me->export, str_slice(&me->line.text), str_slice(&path),
		    me->fields[LIST_FILE_FORMAT].chosen == 0, &err))
		me->view.env->say(me->view.env->ctx, ROLE_ERROR, err.text);
	else
		find_form_leave(me);
}

bool find_form_input(struct find *me, const struct input *input)
{
	if (me->asking == FORM_NONE)
		return false;
	switch (form_input(&me->form, me->view.env->keymap, input)) {
	case FORM_SUBMITTED:
		if (me->asking == FORM_SAVE)
			save(me);
		else
			export(me);
		break;
	case FORM_LEFT:
		source_drop(me->view.env->source, me->save_ticket);
		me->save_ticket = 0;
		find_form_leave(me);
		break;
	case FORM_PENDING:
		break;
	}
	return true;
}
