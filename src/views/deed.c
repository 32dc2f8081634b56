/* Acts that change something: the form, the asking in parts, the outcome in words.
 * Whether it is allowed is the store's to say; what it is done to is the view's.
 * Called by the views of triage. */
#include "deed.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PART 1000
#define DEADLINE_US (60 * S_US)
#define TITLE_MAX 512
#define REFUSED_MAX 1024
#define MESSAGE_MAX 2048
#define HOUR_US (3600 * S_US)

static const char *const until_words[] = {
	"1 hour", "4 hours", "12 hours", "1 day", "3 days", "7 days", "14 days"};
static const int until_hours[] = {1, 4, 12, 24, 72, 168, 336};

static void forget(struct deed *deed)
{
	for (size_t i = 0; i < deed->n_params; i++) {
		if (deed->params[i].text)
			mem_wipe(deed->params[i].text, strlen(deed->params[i].text));
		free(deed->params[i].text);
	}
	form_done(&deed->form);
	for (size_t i = 0; i < deed->form.n; i++)
		free(deed->labels[i]);
	free(deed->ids);
	str_done(&deed->title);
	str_done(&deed->refused);
	*deed = (struct deed){.env = deed->env, .ended = deed->ended, .ctx = deed->ctx};
}

void deed_done(struct deed *deed)
{
	source_drop(deed->env->source, deed->ticket);
	forget(deed);
}

bool deed_begin(struct deed *deed, const char *name, const char *question, const char *fmt, ...)
{
	va_list args;

	if (deed->state == DEED_UNDER_WAY) {
		deed->env->say(
			deed->env->ctx, ROLE_MESSAGE, "an act is under way; wait for its end");
		return false;
	}
	forget(deed);
	deed->name = name;
	deed->question = question;
	deed->count_field = DEED_FIELDS;
	deed->title = STR_INIT(TITLE_MAX);
	deed->refused = STR_INIT(REFUSED_MAX);
	va_start(args, fmt);
	str_addv(&deed->title, fmt, args);
	va_end(args);
	deed->form = (struct form){.submit = name, .fields = deed->fields};
	return true;
}

static struct deed_param *add_param(struct deed *deed, const char *text)
{
	struct deed_param *param = &deed->params[deed->n_params++];

	*param = (struct deed_param){
		text ? mem_dup_str(text) : NULL, DEED_FIELDS, NULL, false, false};
	return param;
}

void deed_text(struct deed *deed, const char *text)
{
	add_param(deed, text);
}

void deed_int(struct deed *deed, int64_t value)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	str_addf(&text, "%lld", (long long)value);
	add_param(deed, str_cstr(&text));
}

void deed_ids(struct deed *deed, const int64_t *ids, size_t n)
{
	add_param(deed, NULL)->ids = true;
	deed->ids = NEW_ARRAY(int64_t, n ? n : 1);
	memcpy(deed->ids, ids, n * sizeof(*ids));
	deed->n_ids = n;
}

static struct field *add_field(struct deed *deed, enum field_kind kind, const char *label)
{
	struct field *field = &deed->fields[deed->form.n++];

	*field = (struct field){.kind = kind, .label = label};
	return field;
}

void deed_ask_text(struct deed *deed, const char *label, const char *help, bool needed)
{
	struct field *field;

	add_param(deed, NULL)->field = deed->form.n;
	field = add_field(deed, FIELD_TEXT, label);
	field->help = help;
	field->needed = needed;
}

void deed_ask_choice(struct deed *deed, const char *label, const char *help,
	const char *const *words, const char *const *values, size_t n)
{
	struct deed_param *param = add_param(deed, NULL);
	struct field *field;

	param->field = deed->form.n;
	param->values = values;
	field = add_field(deed, FIELD_CHOICE, label);
	field->help = help;
	field->choices = words;
	field->n_choices = n;
}

void deed_ask_until(struct deed *deed)
{
	deed_ask_choice(
		deed, "for", "Left and Right choose", until_words, NULL, ARRAY_LEN(until_words));
	deed->params[deed->n_params - 1].until = true;
}

void deed_note(struct deed *deed, const char *fmt, ...)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(TITLE_MAX);
	size_t at = deed->form.n;
	va_list args;

	va_start(args, fmt);
	str_addv(&text, fmt, args);
	va_end(args);
	deed->labels[at] = mem_dup_str(str_cstr(&text));
	add_field(deed, FIELD_NOTE, deed->labels[at]);
}

void deed_ask_count(struct deed *deed, int64_t count)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	size_t at = deed->form.n;

	deed->count = count;
	if (count <= 1)
		return;
	str_adds(&text, "type ");
	format_count(&text, count);
	deed->labels[at] = mem_dup_str(str_cstr(&text));
	deed->count_field = at;
	add_field(deed, FIELD_TEXT, deed->labels[at])->needed = true;
}

/* ---- asking ---- */

static void ids_text(const struct deed *deed, size_t from, size_t n, struct str *out)
{
	str_addc(out, '{');
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s%lld", i ? "," : "", (long long)deed->ids[from + i]);
	str_addc(out, '}');
}

/* The parameter's text, in the part that is next. */
static const char *param_text(
	const struct deed *deed, const struct deed_param *param, struct str *room)
{
	const struct field *field;

	if (param->ids)
		ids_text(deed, deed->at_id, deed->sent, room);
	else if (param->until)
		str_addf(room, "%lld", (long long)(deed->until_us / S_US));
	else if (param->field == DEED_FIELDS)
		return param->text;
	if (param->ids || param->until)
		return str_cstr(room);
	field = &deed->fields[param->field];
	return param->values ? param->values[field->chosen] : str_cstr(&field->text.text);
}

static void on_reply(void *ctx, const struct reply *reply);

static void ask_part(struct deed *deed)
{
	struct str rooms[DEED_PARAMS];
	const char *params[DEED_PARAMS];

	deed->sent = deed->n_ids - deed->at_id < PART ? deed->n_ids - deed->at_id : PART;
	for (size_t i = 0; i < deed->n_params; i++) {
		rooms[i] = STR_INIT(PART * 24);
		params[i] = param_text(deed, &deed->params[i], &rooms[i]);
	}
	deed->ticket = source_ask(deed->env->source, &(struct ask){
							     .question = deed->question,
							     .params = params,
							     .n_params = deed->n_params,
							     .deadline_us = DEADLINE_US,
							     .reply = on_reply,
							     .ctx = deed,
						     });
	for (size_t i = 0; i < deed->n_params; i++)
		str_done(&rooms[i]);
}

static void end(struct deed *deed, enum role role, const char *text, bool done, int64_t id)
{
	const struct view_env *env = deed->env;

	forget(deed);
	env->say(env->ctx, role, text);
	if (deed->ended)
		deed->ended(deed->ctx, done, id);
	env->changed(env->ctx);
}

static void add_done(const struct deed *deed, struct str *out)
{
	if (deed->n_done) {
		str_adds(out, " · ");
		format_count(out, deed->n_done);
		str_adds(out, " done");
	}
	if (deed->refused.len)
		str_addf(out, " · not done: %s", str_cstr(&deed->refused));
}

/* Whether it was done before the answer was lost, nobody here knows. */
static void end_failed(struct deed *deed, const struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(MESSAGE_MAX);

	str_addf(&text, "%s: %s", deed->name, err->text);
	add_done(deed, &text);
	if (err->code == -ETIMEDOUT || err->code == -ENOTCONN || err->code == -ECANCELED)
		str_adds(&text, " · it may have been done all the same: look before you repeat it");
	end(deed, ROLE_ERROR, str_cstr(&text), false, 0);
}

static void end_answered(struct deed *deed, bool ok, struct slice message, int64_t id)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(MESSAGE_MAX);

	if (ok || deed->n_done)
		str_addf(&text, "%s%s", deed->name,
			deed->stop     ? ": stopped"
			: deed->n_done ? ""
				       : ": done");
	else
		str_addf(&text, "%s refused: %.*s", deed->name, SLICE_ARG(message));
	add_done(deed, &text);
	end(deed, ok && !deed->refused.len ? ROLE_MESSAGE : ROLE_ERROR, str_cstr(&text), ok, id);
}

static void on_reply(void *ctx, const struct reply *reply)
{
	struct deed *deed = ctx;
	const struct rows *rows = reply->rows;
	bool ok, more;
	struct slice refused;

	if (reply->kind == REPLY_ROWS)
		return;
	deed->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		end_failed(deed, reply->err);
		return;
	}
	ok = rows_count(rows) && rows_bool(rows, 0, rows_col(rows, "ok"));
	deed->n_done += rows_count(rows) ? rows_int(rows, 0, rows_col(rows, "n")) : 0;
	refused = rows_count(rows) ? rows_text(rows, 0, rows_col(rows, "refused")) : SLICE("");
	if (refused.len)
		str_addf(&deed->refused, "%s%.*s", deed->refused.len ? "; " : "",
			SLICE_ARG(refused));
	deed->at_id += deed->sent;
	more = (deed->at_id < deed->n_ids && (ok || refused.len)) ||
	       (ok && rows_int(rows, 0, rows_col(rows, "left")) > 0);
	if (more && !deed->stop) {
		ask_part(deed);
		deed->env->changed(deed->env->ctx);
		return;
	}
	end_answered(deed, ok,
		rows_count(rows) ? rows_text(rows, 0, rows_col(rows, "message")) : SLICE(""),
		rows_count(rows) ? rows_int(rows, 0, rows_col(rows, "id")) : 0);
}

static void start(struct deed *deed)
{
	deed->state = DEED_UNDER_WAY;
	for (size_t i = 0; i < deed->n_params; i++)
		if (deed->params[i].until)
			deed->until_us =
				clock_wall_us(loop_clock(deed->env->loop)) +
				until_hours[deed->fields[deed->params[i].field].chosen] * HOUR_US;
	ask_part(deed);
}

void deed_open(struct deed *deed)
{
	if (!deed->form.n) {
		start(deed);
		return;
	}
	deed->form.title = str_cstr(&deed->title);
	form_open(&deed->form);
	deed->state = DEED_FORM;
}

static bool count_fits(struct deed *deed)
{
	struct field *field = &deed->fields[deed->count_field];
	int64_t typed;

	if (deed->count_field == DEED_FIELDS)
		return true;
	if (slice_to_i64(slice_trim(str_slice(&field->text.text)), 0, INT64_MAX, &typed) == 0 &&
		typed == deed->count)
		return true;
	field->error = "this is not the number";
	deed->form.at = deed->count_field;
	return false;
}

bool deed_input(struct deed *deed, const struct input *input)
{
	if (deed->state != DEED_FORM)
		return false;
	switch (form_input(&deed->form, deed->env->keymap, input)) {
	case FORM_PENDING:
		break;
	case FORM_LEFT:
		forget(deed);
		deed->env->say(deed->env->ctx, ROLE_MESSAGE, "left as it was");
		break;
	case FORM_SUBMITTED:
		if (count_fits(deed))
			start(deed);
		break;
	}
	return true;
}

bool deed_cancel(struct deed *deed)
{
	deed->stop = deed->state == DEED_UNDER_WAY;
	return deed->stop;
}

void deed_draw(const struct deed *deed, const struct canvas *canvas)
{
	if (deed->state == DEED_FORM)
		form_draw(&deed->form, canvas);
}

void deed_status(const struct deed *deed, struct str *out)
{
	if (deed->state != DEED_UNDER_WAY)
		return;
	str_addf(out, "%s%s: ", out->len ? " · " : "", deed->name);
	format_count(out, deed->n_ids ? (int64_t)deed->at_id : deed->n_done);
	if (deed->count > 1) {
		str_adds(out, " of ");
		format_count(out, deed->count);
	}
	str_adds(out, deed->stop ? ", stops after this part" : " done");
}
