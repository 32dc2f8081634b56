/* A handover into a new file that nobody else reads: first the trace in the audit, then what the screen
 * has of it. How it is written is handover_text.c's.
 * Called by the view of handovers. */
#include "base/mem.h"
#include "handover_part.h"
#include <time.h>
#include <unistd.h>

#define EXPORT_MAX (16 << 20)

void handover_export_open(struct handover *me)
{
	list_file_init(&me->export.file);
}

static void leave(struct handover *me)
{
	if (me->export.asking)
		form_done(&me->export.form);
	me->export.asking = false;
}

void handover_export_close(struct handover *me)
{
	source_drop(me->view.env->source, me->export.ticket);
	leave(me);
	list_file_done(&me->export.file);
}

static void say(const struct handover *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
	me->view.env->changed(me->view.env->ctx);
}

static void give_up(struct handover *me, struct slice why)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);

	(void)unlink(str_cstr(&me->export.file.path));
	(void)list_file_close(&me->export.file, NULL);
	str_addf(&text, "not exported: %.*s", SLICE_ARG(why));
	say(me, ROLE_ERROR, str_cstr(&text));
}

static void on_told(void *ctx, const struct reply *reply)
{
	struct handover *me = ctx;
	struct list_file *file = &me->export.file;
	CLEANUP(str_done)
	struct str text = STR_INIT(EXPORT_MAX), said = STR_INIT(8192);
	struct err err = ERR_INIT;

	if (reply->kind == REPLY_ROWS)
		return;
	me->export.ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		give_up(me, slice_of(reply->err->text));
		return;
	}
	if (!rows_count(reply->rows) || !rows_bool(reply->rows, 0, rows_col(reply->rows, "ok"))) {
		give_up(me, rows_count(reply->rows)
				    ? rows_text(reply->rows, 0, rows_col(reply->rows, "message"))
				    : SLICE("no answer"));
		return;
	}
	if (!me->row || !me->items.rows) {
		give_up(me, SLICE("it is not shown any more"));
		return;
	}
	handover_text(me->row, me->row_at, me->items.rows,
		slice_ends(str_slice(&file->path), SLICE(".md")), &text);
	if (list_file_put_text(file, str_slice(&text), &err) < 0 ||
		list_file_close(file, &err) < 0) {
		give_up(me, slice_of(err.text));
		return;
	}
	str_addf(&said, "the handover is in %s", str_cstr(&file->path));
	say(me, ROLE_MESSAGE, str_cstr(&said));
}

void handover_export_ask(struct handover *me)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(200);
	time_t now = (time_t)(clock_wall_us(loop_clock(me->view.env->loop)) / S_US);
	struct tm tm = {0};
	char at[32];

	if (me->at != AT_ITEMS || !me->row || !me->items.rows) {
		say(me, ROLE_MESSAGE, "open a handover first");
		return;
	}
	if (me->export.file.fd >= 0 || me->export.asking)
		return;
	gmtime_r(&now, &tm);
	strftime(at, sizeof(at), "%Y%m%d-%H%M", &tm);
	str_addf(&path, "~/handover-%s-%s.md", str_cstr(&me->id), at);
	me->export.field = (struct field){.kind = FIELD_TEXT,
		.label = "file",
		.needed = true,
		.help = "a new one; .md is Markdown, else plain text; leaves a trace"};
	me->export.form = (struct form){.title = "Write this handover to a file",
		.submit = "Write",
		.fields = &me->export.field,
		.n = 1};
	form_open(&me->export.form);
	prompt_type(&me->export.field.text, str_slice(&path));
	me->export.asking = true;
}

/* The file is made before the trace is left: what cannot be written is not asked for. */
static void start(struct handover *me)
{
	const char *params[2];
	struct err err = ERR_INIT;

	if (list_file_open(&me->export.file, slice_trim(str_slice(&me->export.field.text.text)),
		    false, &err) < 0) {
		me->export.field.error = "cannot be made";
		say(me, ROLE_ERROR, err.text);
		return;
	}
	leave(me);
	params[0] = str_cstr(&me->id);
	params[1] = str_cstr(&me->export.file.path);
	me->export.ticket =
		source_ask(me->view.env->source, &(struct ask){.question = "handover-export",
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .reply = on_told,
							 .ctx = me});
}

bool handover_export_input(struct handover *me, const struct input *input)
{
	if (!me->export.asking)
		return false;
	switch (form_input(&me->export.form, me->view.env->keymap, input)) {
	case FORM_SUBMITTED:
		start(me);
		break;
	case FORM_LEFT:
		leave(me);
		break;
	case FORM_PENDING:
		break;
	}
	return true;
}
