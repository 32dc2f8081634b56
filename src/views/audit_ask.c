/* What the view of the audit asks: which acts, against which head, into which file.
 * What is done with the answers is in the files beside this one.
 * Called by the view of the audit. */
#include "audit_part.h"
#include "base/mem.h"

const char *const audit_words[AUDIT_WORDS] = {"who", "act", "object", "outcome"};

static void say(struct audit *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
}

void audit_ask_done(struct audit *me)
{
	if (me->asking)
		form_done(&me->form);
	me->asking = ASKING_NOTHING;
}

static void open_form(struct audit *me, const char *title, const char *submit, size_t n)
{
	me->form = (struct form){.title = title, .submit = submit, .fields = me->fields, .n = n};
	form_open(&me->form);
}

void audit_ask_words(struct audit *me)
{
	static const char *const helps[AUDIT_WORDS] = {"a name or a login; * stands for anything",
		"as in the list: replay_*", "and which: replay 12", "done, refused*"};

	if (me->to.file.fd >= 0) {
		say(me, ROLE_MESSAGE, "an export is under way; wait for its end");
		return;
	}
	for (size_t i = 0; i < AUDIT_WORDS; i++)
		me->fields[i] = (struct field){
			.kind = FIELD_TEXT, .label = audit_words[i], .help = helps[i]};
	open_form(me, "Which acts", "show", AUDIT_WORDS);
	for (size_t i = 0; i < AUDIT_WORDS; i++)
		prompt_type(&me->fields[i].text, str_slice(&me->words[i]));
	me->asking = ASKING_WORDS;
}

void audit_ask_head(struct audit *me)
{
	if (me->verify.under_way) {
		say(me, ROLE_MESSAGE, "it is being verified already");
		return;
	}
	me->fields[0] = (struct field){.kind = FIELD_TEXT,
		.label = "known head",
		.help = "number:hash, as printed in a handover; or nothing"};
	open_form(me, "Verify the audit", "verify", 1);
	me->asking = ASKING_HEAD;
}

void audit_ask_file(struct audit *me)
{
	me->fields[0] = (struct field){.kind = FIELD_TEXT,
		.label = "file",
		.needed = true,
		.help = "a new one; .csv, else JSON lines"};
	me->fields[1] = (struct field){.kind = FIELD_TEXT,
		.label = "reason",
		.needed = true,
		.help = "stays in the audit"};
	open_form(me, "Export the acts that are listed", "export", 2);
	me->asking = ASKING_FILE;
}

static void take_words(struct audit *me)
{
	for (size_t i = 0; i < AUDIT_WORDS; i++) {
		str_reset(&me->words[i]);
		str_add(&me->words[i], slice_trim(str_slice(&me->fields[i].text.text)));
		me->params[i] = me->words[i].len ? str_cstr(&me->words[i]) : NULL;
	}
	me->reading = READING_LIST;
	paged_restart(&me->acts);
}

static void submit(struct audit *me)
{
	int64_t sealed = me->status.rows && rows_count(me->status.rows)
				 ? rows_int(me->status.rows, 0, rows_col(me->status.rows, "sealed"))
				 : 0;

	if (me->asking == ASKING_WORDS)
		take_words(me);
	else if (me->asking == ASKING_HEAD)
		verify_start(&me->verify, str_slice(&me->fields[0].text.text), sealed);
	else
		audit_export_start(&me->to, me->params,
			slice_trim(str_slice(&me->fields[0].text.text)),
			str_cstr(&me->fields[1].text.text));
	audit_ask_done(me);
}

bool audit_ask_input(struct audit *me, const struct input *input)
{
	if (!me->asking)
		return false;
	switch (form_input(&me->form, me->view.env->keymap, input)) {
	case FORM_SUBMITTED:
		submit(me);
		break;
	case FORM_LEFT:
		audit_ask_done(me);
		break;
	case FORM_PENDING:
		break;
	}
	return true;
}
