/* Raw payloads of one transaction: asked for with a reason, held while the grant lasts, sealed.
 * Who may, for how long and what is written down of it is the store's.
 * Called by the view of a transaction. */
#include "base/mem.h"
#include "model/format.h"
#include "transaction_part.h"
#include <ctype.h>
#include <stdlib.h>

enum {
	FIELD_REASON,
	FIELD_MINUTES,
};

static const char *const times[] = {"as long as usual", "2 minutes", "5 minutes", "30 minutes"};
static const char *const minutes[] = {"0", "2", "5", "30"};

static void ask(struct reveal *me, const char *question, const char *const *params, size_t n,
	void (*reply)(void *ctx, const struct reply *reply))
{
	const struct ask ask = {
		.question = question,
		.params = params,
		.n_params = n,
		.reply = reply,
		.ctx = me,
	};

	source_drop(me->env->source, me->ticket);
	me->ticket = source_ask(me->env->source, &ask);
}

static void refused(struct reveal *me, const char *words)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(512);

	str_addf(&text, "not revealed: %s", words);
	me->env->say(me->env->ctx, ROLE_ERROR, str_cstr(&text));
}

static void close_form(struct reveal *me)
{
	if (me->asking)
		form_done(&me->form);
	me->asking = false;
}

/* What one may no longer see stays nowhere. Rows are the source's own memory and die with it. */
static void wipe(struct reveal *me)
{
	if (me->body.at)
		mem_wipe(me->body.at, me->body.size);
	str_done(&me->body);
	rows_unref(me->raw);
	me->raw = NULL;
	timer_stop(me->timer);
}

static void on_sealed(void *ctx, const struct reply *reply)
{
	struct reveal *me = ctx;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_DONE)
		str_reset(&me->grant);
}

static void end_grant(struct reveal *me)
{
	const char *params[] = {str_cstr(&me->grant)};

	if (me->grant.len)
		ask(me, "transaction-reseal", params, ARRAY_LEN(params), on_sealed);
}

void reveal_seal(struct reveal *me)
{
	bool open = me->raw != NULL;

	close_form(me);
	wipe(me);
	if (me->grant.len)
		end_grant(me);
	if (open)
		me->changed(me->ctx);
}

void reveal_shown(struct reveal *me)
{
	me->ticket = 0; /* what was asked before went with its connection, or is answered by now */
	end_grant(me);
}

/* Nothing ticks but what is about to end. */
static void on_second(void *ctx)
{
	struct reveal *me = ctx;

	if (clock_wall_us(loop_clock(me->env->loop)) >= me->until_us) {
		str_reset(&me->grant); /* it has ended by itself */
		reveal_seal(me);
		me->env->say(me->env->ctx, ROLE_MESSAGE, "sealed again: the time is over");
	} else {
		timer_in(me->timer, S_US);
	}
	me->env->changed(me->env->ctx);
}

static void on_raw(void *ctx, const struct reply *reply)
{
	struct reveal *me = ctx;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		refused(me, reply->err->text);
		end_grant(me);
		return;
	}
	if (rows_count(rows) && !slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		CLEANUP(str_done)
		struct str words = STR_INIT(512);

		str_add(&words, rows_text(rows, 0, rows_col(rows, "message")));
		refused(me, str_cstr(&words));
		end_grant(me);
		return;
	}
	me->raw = rows_ref(rows);
	on_second(me);
	me->changed(me->ctx);
}

/* A refusal that concerns what was typed is said where it was typed. */
static void take_refusal(struct reveal *me, struct slice code, struct slice message)
{
	CLEANUP(str_done)
	struct str words = STR_INIT(512);

	str_add(&words, message);
	if (me->asking && slice_eq_str(code, "reason")) {
		me->fields[FIELD_REASON].error = "a reason is needed, in a few words";
		me->form.at = FIELD_REASON;
		return;
	}
	if (me->asking && slice_eq_str(code, "minutes")) {
		me->fields[FIELD_MINUTES].error = "longer than the store allows";
		me->form.at = FIELD_MINUTES;
		return;
	}
	close_form(me);
	refused(me, str_cstr(&words));
}

static void on_granted(void *ctx, const struct reply *reply)
{
	struct reveal *me = ctx;
	const struct rows *rows = reply->rows;
	const char *params[1];

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	me->env->changed(me->env->ctx);
	if (reply->kind == REPLY_FAILED || !rows_count(rows)) {
		/* What was typed stays, to be tried again. */
		refused(me, reply->err ? reply->err->text : "the store gave no answer");
		return;
	}
	if (!slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		take_refusal(me, rows_text(rows, 0, rows_col(rows, "code")),
			rows_text(rows, 0, rows_col(rows, "message")));
		return;
	}
	close_form(me);
	str_reset(&me->grant);
	str_addf(&me->grant, "%lld", (long long)rows_int(rows, 0, rows_col(rows, "grant_id")));
	me->until_us = rows_time(rows, 0, rows_col(rows, "until"));
	params[0] = str_cstr(&me->grant);
	ask(me, "transaction-raw", params, ARRAY_LEN(params), on_raw);
}

static void submit(struct reveal *me)
{
	const char *params[] = {str_cstr(&me->id), str_cstr(&me->fields[FIELD_REASON].text.text),
		minutes[me->fields[FIELD_MINUTES].chosen]};

	if (!me->ticket)
		ask(me, "transaction-reveal", params, ARRAY_LEN(params), on_granted);
}

void reveal_open(struct reveal *me)
{
	me->id = STR_INIT(32);
	me->grant = STR_INIT(32);
	me->body = STR_INIT(64 << 20);
	me->timer = timer_open(me->env->loop, on_second, me);
}

void reveal_close(struct reveal *me)
{
	close_form(me);
	wipe(me);
	source_drop(me->env->source, me->ticket);
	timer_close(me->timer);
	str_done(&me->id);
	str_done(&me->grant);
}

void reveal_ask(struct reveal *me, struct slice id)
{
	str_reset(&me->id);
	str_add(&me->id, id);
	me->fields[FIELD_REASON] = (struct field){.kind = FIELD_TEXT,
		.label = "reason",
		.needed = true,
		.help = "is written down with your name before anything is shown"};
	me->fields[FIELD_MINUTES] = (struct field){.kind = FIELD_CHOICE,
		.label = "for",
		.choices = times,
		.n_choices = ARRAY_LEN(times),
		.help = "then it is sealed again by itself"};
	me->form = (struct form){.title = "Reveal the payloads of this transaction",
		.submit = "Reveal",
		.fields = me->fields,
		.n = ARRAY_LEN(me->fields)};
	form_open(&me->form);
	me->asking = true;
}

bool reveal_input(struct reveal *me, const struct input *input)
{
	if (!me->asking)
		return false;
	switch (form_input(&me->form, me->env->keymap, input)) {
	case FORM_SUBMITTED:
		submit(me);
		break;
	case FORM_LEFT:
		source_drop(me->env->source, me->ticket);
		me->ticket = 0;
		close_form(me);
		break;
	case FORM_PENDING:
		break;
	}
	return true;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

bool reveal_body(struct reveal *me, struct slice key, struct slice *ret_body)
{
	size_t n = me->raw ? rows_count(me->raw) : 0;
	struct slice hex;

	for (size_t i = 0; i < n; i++) {
		if (!slice_eq(rows_text(me->raw, i, rows_col(me->raw, "key")), key))
			continue;
		hex = rows_text(me->raw, i, rows_col(me->raw, "body"));
		str_reset(&me->body);
		for (size_t at = 0; at + 1 < hex.len; at += 2)
			str_addc(&me->body, (char)(digit(hex.at[at]) * 16 + digit(hex.at[at + 1])));
		*ret_body = str_slice(&me->body);
		return true;
	}
	return false;
}

void reveal_status(const struct reveal *me, struct str *out)
{
	int64_t left_s;

	if (!me->raw)
		return;
	str_adds(out, "REVEALED, sealed in ");
	left_s = (me->until_us - clock_wall_us(loop_clock(me->env->loop)) + S_US - 1) / S_US;
	left_s = left_s > 0 ? left_s : 0;
	str_addf(out, "%lld:%02lld", (long long)(left_s / 60), (long long)(left_s % 60));
}
