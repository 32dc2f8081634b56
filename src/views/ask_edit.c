/* Editing what a replay will send: seen under a grant, changed in the person's editor, held against the
 * format that it was in, shown as a difference.
 * Locked fields, and whether it may be asked for, are the store's to say; files are the console's.
 * Called by the view that asks for a replay. */
#include "ask_part.h"
#include "base/mem.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX (16 << 20)

static void say(const struct ask_edit *me, enum role role, const char *text)
{
	me->env->say(me->env->ctx, role, text);
}

static void wipe(struct ask_edit *me)
{
	if (me->body.at)
		mem_wipe(me->body.at, me->body.size);
	str_done(&me->body);
	me->body = STR_INIT(BODY_MAX + 1);
	text_clear(&me->text);
	me->edited = me->wrong = me->wanted = false;
	source_drop(me->env->source, me->ticket);
	me->ticket = 0;
}

void ask_edit_drop(struct ask_edit *me)
{
	wipe(me);
	str_reset(&me->id);
	reveal_seal(&me->reveal);
}

/* A message whose lines end as in HL7 is edited with lines as editors have them. */
static bool ends_with_returns(struct slice body)
{
	return slice_find(body, '\n') == body.len && slice_find(body, '\r') < body.len;
}

static void change_ends(struct str *text, char from, char to)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->at[i] == from)
			text->at[i] = to;
}

/* Editors end a text with a newline whether it had one or not; what it had is what it gets. */
static void take_text(struct ask_edit *me, struct slice saved, struct slice before)
{
	bool returns = ends_with_returns(before);
	char last = returns ? '\r' : '\n';

	if (me->body.at)
		mem_wipe(me->body.at, me->body.size);
	str_reset(&me->body);
	str_add(&me->body, saved);
	if (before.len && before.at[before.len - 1] == last)
		str_addc(&me->body, '\n');
	if (returns)
		change_ends(&me->body, '\n', '\r');
}

/* It must be what it was, and whole. What died of being broken may be mended, but not left broken. */
static bool check(struct ask_edit *me, struct slice before)
{
	enum pretty_format was = pretty_guess(str_slice(&me->type), before);
	enum pretty_format is = pretty_guess(str_slice(&me->type), str_slice(&me->body));
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);
	struct pretty pretty;

	pretty_open(&pretty, was == PRETTY_TEXT ? is : was, str_slice(&me->body));
	while (pretty_more(&pretty, SIZE_MAX))
		;
	if (pretty.err.code)
		str_addf(&text, "not valid %s: %s", pretty_format_name(was), pretty.err.text);
	mem_wipe(pretty.text.at, pretty.text.size);
	pretty_done(&pretty);
	if (text.len)
		say(me, ROLE_ERROR, str_cstr(&text));
	return !text.len;
}

static bool recorded(struct ask_edit *me, struct slice *ret_body)
{
	if (reveal_body(&me->reveal, str_slice(&me->key), ret_body))
		return true;
	say(me, ROLE_ERROR,
		"the payload that a replay would send is not among those that were revealed");
	return false;
}

static void on_saved(void *ctx, struct slice saved, const struct err *err)
{
	struct ask_edit *me = ctx;
	struct slice before;

	if (err) {
		say(me, ROLE_ERROR, err->text);
		return;
	}
	if (!me->reveal.raw) {
		say(me, ROLE_ERROR,
			"sealed meanwhile: what was edited is gone; reveal it for longer");
		return;
	}
	if (!recorded(me, &before))
		return;
	take_text(me, saved, before);
	me->edited = !slice_eq(before, str_slice(&me->body));
	if (!me->edited) {
		wipe(me);
		say(me, ROLE_MESSAGE, "nothing was changed");
		return;
	}
	me->wrong = !check(me, before);
	text_changes(&me->text, str_slice(&me->type), before, str_slice(&me->type),
		str_slice(&me->body));
	me->env->changed(me->env->ctx);
}

static const char *name_of(enum pretty_format format)
{
	static const char *const names[PRETTY_N] = {[PRETTY_TEXT] = "payload.txt",
		[PRETTY_JSON] = "payload.json",
		[PRETTY_XML] = "payload.xml",
		[PRETTY_HL7] = "payload.hl7",
		[PRETTY_X12] = "payload.x12",
		[PRETTY_CSV] = "payload.csv"};

	return names[format];
}

static void open_editor(struct ask_edit *me)
{
	struct slice before, now;
	CLEANUP(str_done)
	struct str text = STR_INIT(BODY_MAX);
	struct err err = ERR_INIT;

	if (!recorded(me, &before))
		return;
	now = me->edited ? str_slice(&me->body) : before;
	str_add(&text, now);
	if (slice_find(now, '\0') < now.len || text.cut)
		say(me, ROLE_ERROR, "this payload is no text, or too long to be edited");
	else if (!me->env->edit)
		say(me, ROLE_ERROR, "there is no terminal for an editor");
	else {
		if (ends_with_returns(now))
			change_ends(&text, '\r', '\n');
		if (me->env->edit(me->env->ctx,
			    &(struct edit){str_slice(&text),
				    name_of(pretty_guess(str_slice(&me->type), before)), on_saved,
				    me},
			    &err) < 0)
			say(me, ROLE_ERROR, err.text);
	}
	if (text.at)
		mem_wipe(text.at, text.size);
}

static void on_key(void *ctx, const struct reply *reply)
{
	struct ask_edit *me = ctx;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED || !rows_count(rows)) {
		say(me, ROLE_ERROR,
			reply->err ? reply->err->text : "nothing was recorded that could be sent");
		return;
	}
	str_reset(&me->key);
	str_add(&me->key, rows_text(rows, 0, rows_col(rows, "key")));
	str_reset(&me->type);
	str_add(&me->type, rows_text(rows, 0, rows_col(rows, "content_type")));
	open_editor(me);
}

/* Opened: on to the editor. Sealed: what was edited goes with it. */
static void on_revealed(void *ctx)
{
	struct ask_edit *me = ctx;
	const char *params[] = {str_cstr(&me->id)};

	if (!me->reveal.raw) {
		wipe(me);
	} else if (me->wanted) {
		me->wanted = false;
		me->ticket = source_ask(me->env->source, &(struct ask){.question = "replay-payload",
								 .params = params,
								 .n_params = 1,
								 .reply = on_key,
								 .ctx = me});
	}
	me->env->changed(me->env->ctx);
}

void ask_edit_start(struct ask_edit *me, struct slice id)
{
	if (me->ticket)
		return;
	if (me->reveal.raw && slice_eq(id, str_slice(&me->id)) && me->key.len) {
		open_editor(me);
		return;
	}
	ask_edit_drop(me);
	str_add(&me->id, id);
	str_reset(&me->key);
	me->wanted = true;
	reveal_ask(&me->reveal, id);
}

void ask_edit_hex(const struct ask_edit *me, struct str *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < me->body.len; i++) {
		str_addc(out, digits[(unsigned char)me->body.at[i] >> 4]);
		str_addc(out, digits[(unsigned char)me->body.at[i] & 15]);
	}
}

void ask_edit_open(struct ask_edit *me, const struct view_env *env)
{
	me->env = env;
	me->id = STR_INIT(32);
	me->key = STR_INIT(200);
	me->type = STR_INIT(300);
	me->body = STR_INIT(BODY_MAX + 1);
	me->reveal = (struct reveal){.env = env, .changed = on_revealed, .ctx = me};
	reveal_open(&me->reveal);
	text_clear(&me->text);
}

void ask_edit_close(struct ask_edit *me)
{
	wipe(me);
	reveal_close(&me->reveal);
	text_done(&me->text);
	str_done(&me->id);
	str_done(&me->key);
	str_done(&me->type);
	str_done(&me->body);
}
