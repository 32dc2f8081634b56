/* Drafts of governed things: fetched, edited, tried, proposed.
 * What is wrong with one, and who may propose it, is the store's to say.
 * Called by the views of what is governed. */
#include "proposal.h"
#include "base/mem.h"
#include <errno.h>

#define DRAFT_MAX (4 << 20)
#define NOTES_MAX 5 /* lines in the form; all of them stand in the text */

void proposal_open(struct proposal *me)
{
	me->draft = STR_INIT(DRAFT_MAX);
	me->name = STR_INIT(256);
	me->object = STR_INIT(512);
}

void proposal_hide(struct proposal *me)
{
	source_drop(me->env->source, me->ticket);
	me->ticket = 0;
	me->fetching = false;
}

static void forget_answer(struct proposal *me)
{
	proposal_hide(me);
	rows_unref(me->tried);
	me->tried = NULL;
}

void proposal_close(struct proposal *me)
{
	forget_answer(me);
	str_done(&me->draft);
	str_done(&me->name);
	str_done(&me->object);
}

void proposal_drop(struct proposal *me)
{
	forget_answer(me);
	str_reset(&me->draft);
	me->changed(me->ctx);
}

bool proposal_there(const struct proposal *me)
{
	return me->draft.len > 0;
}

static void say(const struct proposal *me, enum role role, const char *text)
{
	me->env->say(me->env->ctx, role, text);
}

static struct slice text_at(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static void ask(struct proposal *me, const char *question, const char *const *params, size_t n,
	void (*reply)(void *ctx, const struct reply *reply))
{
	const struct ask ask = {
		.question = question, .params = params, .n_params = n, .reply = reply, .ctx = me};

	forget_answer(me);
	me->ticket = source_ask(me->env->source, &ask);
}

/* ---- trying ---- */

/* The rows that name something: the first may only say what came of it. */
static bool is_wrong(const struct rows *rows)
{
	for (size_t i = 0; rows && i < rows_count(rows); i++)
		if (!rows_bool(rows, 0, rows_col(rows, "ok")) ||
			slice_eq_str(text_at(rows, i, "mark"), "!"))
			return true;
	return false;
}

static bool is_different(const struct rows *rows)
{
	return rows && rows_count(rows) && text_at(rows, 0, "mark").len > 0;
}

static void end_same(struct proposal *me)
{
	str_reset(&me->draft);
	say(me, ROLE_MESSAGE, "nothing differs from what is there; there is no draft");
}

static void on_tried(void *ctx, const struct reply *reply)
{
	struct proposal *me = ctx;
	CLEANUP(str_done)
	struct str said = STR_INIT(1024);

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		str_addf(&said, "the draft is kept, but could not be tried: %s", reply->err->text);
		say(me, ROLE_ERROR, str_cstr(&said));
	} else {
		me->tried = rows_ref(reply->rows);
		if (is_wrong(me->tried))
			say(me, ROLE_ERROR, "something is wrong with the draft; edit it again");
		else if (!is_different(me->tried))
			end_same(me);
	}
	me->changed(me->ctx);
	me->env->changed(me->env->ctx);
}

static void try_draft(struct proposal *me)
{
	const char *params[] = {str_cstr(&me->draft), "true", "tried in the console"};

	ask(me, "catalogue-import", params, ARRAY_LEN(params), on_tried);
	me->changed(me->ctx);
}

/* ---- editing ---- */

static void on_edited(void *ctx, struct slice text, const struct err *err)
{
	struct proposal *me = ctx;
	struct pretty pretty;
	CLEANUP(str_done)
	struct str said = STR_INIT(1024);

	if (err) {
		say(me, ROLE_ERROR, err->text);
		return;
	}
	str_reset(&me->draft);
	str_add(&me->draft, slice_trim(text));
	if (!me->draft.len) {
		proposal_drop(me);
		return;
	}
	pretty_open(&pretty, PRETTY_JSON, str_slice(&me->draft));
	while (!pretty.err.code && pretty_more(&pretty, SIZE_MAX))
		;
	if (pretty.err.code || me->draft.cut) {
		str_addf(&said, "the draft is kept, but is no JSON: %s",
			me->draft.cut ? "too long" : pretty.err.text);
		say(me, ROLE_ERROR, str_cstr(&said));
		forget_answer(me);
		me->changed(me->ctx);
	} else {
		try_draft(me);
	}
	pretty_done(&pretty);
}

static void edit(struct proposal *me, struct slice text)
{
	const struct edit edit = {
		.text = text, .name = str_cstr(&me->name), .done = on_edited, .ctx = me};
	struct err err = ERR_INIT;

	if (me->env->edit(me->env->ctx, &edit, &err) < 0)
		say(me, ROLE_ERROR, err.text);
}

static void on_document(void *ctx, const struct reply *reply)
{
	struct proposal *me = ctx;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	me->fetching = false;
	if (reply->kind == REPLY_FAILED)
		say(me, ROLE_ERROR, reply->err->text);
	else if (!rows_count(reply->rows))
		say(me, ROLE_ERROR, "there is no such object any more");
	else
		edit(me, text_at(reply->rows, 0, "document"));
}

/* One draft at a time; it is edited on until it is proposed or dropped. False when it was of that. */
static bool begin(struct proposal *me, const char *kind, const char *code)
{
	CLEANUP(str_done)
	struct str object = STR_INIT(512), said = STR_INIT(1024);

	str_addf(&object, "%s %s", kind, code);
	if (proposal_there(me)) {
		if (slice_eq(str_slice(&object), str_slice(&me->object))) {
			edit(me, str_slice(&me->draft));
		} else {
			str_addf(&said, "there is a draft of %s: propose or drop it first",
				str_cstr(&me->object));
			say(me, ROLE_ERROR, str_cstr(&said));
		}
		return false;
	}
	str_reset(&me->object);
	str_add(&me->object, str_slice(&object));
	str_reset(&me->name);
	str_addf(&me->name, "%s.json", kind);
	return true;
}

void proposal_edit(struct proposal *me, const char *kind, const char *code)
{
	const char *params[] = {kind, code};

	if (!begin(me, kind, code))
		return;
	ask(me, "catalogue-object", params, ARRAY_LEN(params), on_document);
	me->fetching = true;
}

void proposal_edit_new(struct proposal *me, const char *kind, const char *document)
{
	if (begin(me, kind, "that is new"))
		edit(me, slice_of(document));
}

/* ---- proposing ---- */

void proposal_propose(struct proposal *me, struct deed *deed)
{
	if (!proposal_there(me)) {
		say(me, ROLE_MESSAGE, "there is no draft; edit something first");
		return;
	}
	if (!me->tried || is_wrong(me->tried)) {
		say(me, ROLE_ERROR,
			me->tried ? "something is wrong with the draft; edit it again"
				  : "the store has not tried the draft yet");
		if (!me->tried && !me->ticket)
			try_draft(me);
		return;
	}
	if (!deed_begin(deed, "propose", "change-propose", "Propose the draft"))
		return;
	for (size_t i = 0; i < rows_count(me->tried) && i < NOTES_MAX; i++) {
		struct slice what = text_at(me->tried, i, "what"),
			     object = text_at(me->tried, i, "object");

		deed_note(deed, "%.*s %.*s", SLICE_ARG(slice_head(object, 60)),
			SLICE_ARG(slice_head(what, 120)));
	}
	if (rows_count(me->tried) > NOTES_MAX)
		deed_note(deed, "and %zu more", rows_count(me->tried) - NOTES_MAX);
	deed_text(deed, str_cstr(&me->draft));
	deed_ask_text(deed, "reason", "whoever decides reads it; it stays in the audit", true);
	deed_open(deed);
}

/* ---- what is shown of it ---- */

void proposal_text(const struct proposal *me, struct text *text)
{
	struct slice before = SLICE_NONE, object, mark;

	if (!proposal_there(me))
		return;
	text_heading(text, "Draft, not proposed yet");
	if (!me->tried) {
		text_add(text, ROLE_DIM, SLICE("not tried by the store\n"));
		return;
	}
	for (size_t i = 0; i < rows_count(me->tried); i++) {
		object = text_at(me->tried, i, "object");
		mark = text_at(me->tried, i, "mark");
		if (!slice_eq(object, before)) {
			text_add(text, ROLE_KEY, object);
			text_add(text, ROLE_TEXT, SLICE("\n"));
			before = object;
		}
		text_add(text, ROLE_TEXT, SLICE("    "));
		text_add(text, slice_eq_str(mark, "!") ? ROLE_ERROR : ROLE_NEW,
			mark.len ? text_at(me->tried, i, "what")
				 : text_at(me->tried, i, "message"));
		text_add(text, ROLE_TEXT, SLICE("\n"));
	}
}

void proposal_status(const struct proposal *me, struct str *out)
{
	if (me->fetching)
		str_addf(out, "%sasking for it", out->len ? " · " : "");
	if (!proposal_there(me))
		return;
	str_addf(out, "%sDRAFT", out->len ? " · " : "");
	str_adds(out, !me->tried            ? ", not tried"
		      : is_wrong(me->tried) ? ", something is wrong with it"
					    : ", to be proposed");
}

void proposal_made(struct proposal *me, int64_t change)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(32);

	proposal_drop(me);
	str_addf(&what, "%lld", (long long)change);
	me->env->go(me->env->ctx, "changes", str_slice(&what));
}
