/* Judges answers by their status, by how they ended, and by Odoo's class: tables first.
 * Leaves what follows from an outcome to the store.
 * Called by send.c. */
#include "relay/verdict.h"
#include "base/mem.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

static void put_text(struct verdict *ret, struct slice text)
{
	text = slice_trim(text);
	/* Not in the middle of a character. */
	if (text.len > VERDICT_TEXT_MAX) {
		text.len = VERDICT_TEXT_MAX;
		while (text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80)
			text.len--;
	}
	if (text.len)
		memcpy(ret->text, text.at, text.len);
	ret->text[text.len] = '\0';
}

static void put_code(struct verdict *ret, const char *code)
{
	(void)snprintf(ret->code, sizeof(ret->code), "%s", code);
}

void verdict_unsent(struct verdict *ret, const char *class, const char *code, const char *text)
{
	*ret = (struct verdict){.outcome = OUTCOME_NOT_SENT, .class = class};
	put_code(ret, code);
	put_text(ret, slice_of(text));
}

void verdict_unfit(struct verdict *ret, const char *text)
{
	*ret = (struct verdict){.outcome = OUTCOME_FAILED, .class = "mapping"};
	put_code(ret, "content");
	put_text(ret, slice_of(text));
}

/* ---- statuses ----------------------------------------------------------------------------------- */

static const struct status {
	int from, to;
	enum outcome outcome;
	const char *class;
	bool bad;
} statuses[] = {
	{200, 299, OUTCOME_DELIVERED, NULL, false},
	/* Elsewhere, with the same request: this one was not acted upon. */
	{307, 308, OUTCOME_FAILED, "target", true},
	/* Elsewhere, to look: after a login as well as after a success. */
	{300, 399, OUTCOME_IN_DOUBT, "target", true},
	{401, 401, OUTCOME_FAILED, "auth", true},
	{403, 403, OUTCOME_FAILED, "auth", false},
	{407, 407, OUTCOME_FAILED, "auth", true},
	{402, 402, OUTCOME_FAILED, "business", false},
	{451, 451, OUTCOME_FAILED, "business", false},
	{404, 404, OUTCOME_FAILED, "reference", false},
	{410, 410, OUTCOME_FAILED, "reference", false},
	{408, 408, OUTCOME_NOT_SENT, "timeout", true},
	{409, 409, OUTCOME_FAILED, "conflict", false},
	{412, 412, OUTCOME_FAILED, "conflict", false},
	{423, 424, OUTCOME_FAILED, "conflict", false},
	{428, 428, OUTCOME_FAILED, "conflict", false},
	{422, 422, OUTCOME_FAILED, "mapping", false},
	{425, 425, OUTCOME_NOT_SENT, "throttled", true},
	{429, 429, OUTCOME_NOT_SENT, "throttled", true},
	{400, 499, OUTCOME_FAILED, "schema", false},
	{501, 501, OUTCOME_FAILED, "schema", false},
	{502, 502, OUTCOME_IN_DOUBT, "transport", true},
	{504, 504, OUTCOME_IN_DOUBT, "timeout", true},
	{500, 599, OUTCOME_IN_DOUBT, "target", true},
};

static const struct status *status_find(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (code >= statuses[i].from && code <= statuses[i].to)
			return &statuses[i];
	return NULL;
}

/* Seconds, or a date. */
static double pause_of(const struct http_reply *reply, int64_t wall_us)
{
	struct slice text = http_reply_header(reply, "Retry-After");
	int64_t n = 0;

	if (!text.at)
		return 0;
	if (slice_to_i64(text, 0, INT64_C(31536000), &n) == 0)
		return (double)n;
	if (odoo_http_date(text, &n) && n > wall_us)
		return (double)(n - wall_us) / (double)S_US;
	return 0;
}

static void apply_own(const struct endpoint *endpoint, struct verdict *ret)
{
	for (size_t i = 0; i < endpoint->n_answers; i++) {
		const struct endpoint_answer *answer = &endpoint->answers[i];

		if (ret->http_status < answer->from || ret->http_status > answer->to)
			continue;
		ret->outcome = answer->outcome;
		ret->bad = false;
		if (answer->outcome == OUTCOME_DELIVERED || answer->outcome == OUTCOME_PRESENT)
			ret->class = NULL;
		else if (!ret->class)
			ret->class = "target";
		return;
	}
}

static void judge_status(const struct endpoint *endpoint, bool repeats,
	const struct http_reply *reply, int64_t wall_us, struct verdict *ret)
{
	const struct status *status = status_find(reply->status);

	ret->outcome = status ? status->outcome : OUTCOME_IN_DOUBT;
	ret->class = status ? status->class : "unknown";
	ret->bad = !status || status->bad;
	ret->pause_s = ret->outcome == OUTCOME_DELIVERED ? 0 : pause_of(reply, wall_us);
	/* One that says when to come again has not begun. */
	if (reply->status == 503 && ret->pause_s > 0) {
		ret->outcome = OUTCOME_NOT_SENT;
		ret->class = "throttled";
	}
	if (reply->status == 500 && repeats)
		ret->outcome = OUTCOME_FAILED;
	(void)snprintf(ret->code, sizeof(ret->code), "%d", reply->status);
	apply_own(endpoint, ret);
}

/* ---- words of the answer -------------------------------------------------------------------------- */

static bool is_html(const struct http_reply *reply)
{
	struct slice type = http_reply_header(reply, "Content-Type");

	type = slice_trim(slice_head(type, slice_find(type, ';')));
	return slice_eq_nocase(type, SLICE("text/html")) ||
	       slice_eq_nocase(type, SLICE("application/xhtml+xml"));
}

static struct slice between(struct slice text, const char *before, const char *behind)
{
	const char *from = text.len ? memmem(text.at, text.len, before, strlen(before)) : NULL, *to;

	if (!from)
		return SLICE_NONE;
	text = slice_from(text, (size_t)(from - text.at) + strlen(before));
	to = text.len ? memmem(text.at, text.len, behind, strlen(behind)) : NULL;
	return to ? slice_head(text, (size_t)(to - text.at)) : SLICE_NONE;
}

static struct slice json_words(struct arena *arena, struct slice body)
{
	static const char *const names[] = {"message", "detail", "error", "title", "text"};
	const struct value *value = NULL;

	if (value_parse(arena, body, &value, NULL) < 0)
		return SLICE_NONE;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct value *member = value_get(value, names[i]);
		struct slice text = value_text(member);

		if (!text.at)
			text = value_text(value_get(member, "message"));
		if (text.len)
			return text;
	}
	return SLICE_NONE;
}

static bool is_utf8_line(struct slice text)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(8 * VERDICT_TEXT_MAX);

	return value_put_text(&out, text);
}

static void put_words(struct verdict *ret, const struct http_reply *reply)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	struct slice body = slice_head(reply->body, 64 * 1024), text;

	if (is_html(reply)) {
		text = between(body, "<title>", "</title>");
		if (text.len && is_utf8_line(slice_head(text, 200)))
			(void)snprintf(ret->text, sizeof(ret->text), "a page of HTML: %.*s",
				SLICE_ARG(slice_head(text, 200)));
		else
			put_text(ret, SLICE("a page of HTML"));
		return;
	}
	text = json_words(&arena, body);
	if (!text.len) {
		text = slice_head(body, slice_find(body, '\n'));
		text = slice_head(text, VERDICT_TEXT_MAX - 4);
		if (!is_utf8_line(text))
			text = SLICE("the answer is not text");
	}
	put_text(ret, text);
}

/* ---- how it ended ---------------------------------------------------------------------------------- */

static void judge_end(const struct http_reply *reply, struct verdict *ret)
{
	ret->bad = reply->end != HTTP_REFUSED && reply->end != HTTP_CANCELED;
	ret->outcome = reply->may_have_arrived ? OUTCOME_IN_DOUBT : OUTCOME_NOT_SENT;
	ret->class = reply->end == HTTP_TIMEOUT ? "timeout" : "transport";
	put_code(ret, http_end_name(reply->end));
	if (reply->err)
		put_text(ret, slice_of(reply->err->text));
	if (reply->end == HTTP_REFUSED) {
		ret->outcome = OUTCOME_FAILED;
		ret->class = "mapping";
	}
}

/* Its status came, though not all of the answer: a no is a no, and a success of which only the words
 * were too many is one. A success that was cut short may not be. */
static bool status_counts(const struct http_reply *reply)
{
	if (reply->end == HTTP_ANSWERED)
		return true;
	return reply->status >= 200 && (reply->end == HTTP_TOO_LARGE || reply->status >= 400);
}

void verdict_http(const struct endpoint *endpoint, bool repeats, const struct http_reply *reply,
	int64_t wall_us, struct verdict *ret)
{
	*ret = (struct verdict){.http_status = reply->status};
	if (!status_counts(reply)) {
		judge_end(reply, ret);
		return;
	}
	judge_status(endpoint, repeats, reply, wall_us, ret);
	/* Something in between answered: a proxy, a login. */
	if (ret->outcome == OUTCOME_DELIVERED && !endpoint->html && is_html(reply)) {
		ret->outcome = OUTCOME_IN_DOUBT;
		ret->class = "target";
		put_code(ret, "html");
		ret->bad = true;
	}
	if (ret->outcome == OUTCOME_DELIVERED)
		ret->code[0] = '\0';
	else
		put_words(ret, reply);
}

/* ---- Odoo ------------------------------------------------------------------------------------------ */

/* unsent: nobody was asked yet, or Odoo took back what it had begun; it may be tried again. */
static const struct {
	const char *class;
	bool unsent, bad;
} odoo_classes[ODOO_N_CLASSES] = {
	[ODOO_DENIED] = {"auth", true, true},
	[ODOO_FORBIDDEN] = {"auth", false, false},
	[ODOO_MISSING] = {"reference", false, false},
	[ODOO_INVALID] = {"mapping", false, false},
	[ODOO_REFUSED] = {"business", false, false},
	[ODOO_CALL] = {"schema", false, false},
	[ODOO_DATABASE] = {"target", true, true},
	[ODOO_BUSY] = {"throttled", true, true},
	[ODOO_FAULT] = {"target", false, false},
	[ODOO_OFF] = {"target", true, true},
	[ODOO_GARBLED] = {"target", true, true},
	[ODOO_UNREACHABLE] = {"transport", true, true},
	[ODOO_TIMEOUT] = {"timeout", true, true},
	[ODOO_CANCELED] = {"transport", true, false},
};

/* [id], id, or true. */
static void put_ref(struct verdict *ret, const struct value *value)
{
	int64_t id;

	if (value_int(value_at(value, 0), &id) || value_int(value, &id))
		(void)snprintf(ret->target_ref, sizeof(ret->target_ref), "%lld", (long long)id);
}

/* {"ids": [7], "messages": []}, or ids false and messages that say why. */
static void judge_load(const struct value *result, struct verdict *ret)
{
	const struct value *ids = value_get(result, "ids");
	const struct value *first = value_at(value_get(result, "messages"), 0);
	struct slice words = value_text(value_get(first, "message"));

	if (ids && ids->kind == VALUE_LIST && ids->n > 0) {
		put_ref(ret, ids);
		return;
	}
	ret->outcome = OUTCOME_FAILED;
	ret->class = "mapping";
	put_code(ret, "load");
	put_text(ret, words.len ? words : SLICE("Odoo took no record, and said nothing"));
}

static void judge_done(
	const struct endpoint *endpoint, const struct odoo_reply *reply, struct verdict *ret)
{
	ret->outcome = OUTCOME_DELIVERED;
	if (endpoint->load) {
		judge_load(reply->result, ret);
	} else if (value_is_action(reply->result)) {
		ret->outcome = OUTCOME_FAILED;
		ret->class = "business";
		put_code(ret, "not finished");
		put_text(ret,
			SLICE("Odoo opened a window for a person to go on; it is not finished"));
	} else {
		put_ref(ret, reply->result);
	}
}

void verdict_odoo(
	const struct endpoint *endpoint, const struct odoo_reply *reply, struct verdict *ret)
{
	*ret = (struct verdict){0};
	if (reply->class == ODOO_OK) {
		judge_done(endpoint, reply, ret);
		return;
	}
	ret->class = odoo_classes[reply->class].class;
	ret->bad = odoo_classes[reply->class].bad;
	ret->outcome = reply->in_doubt                     ? OUTCOME_IN_DOUBT
		       : odoo_classes[reply->class].unsent ? OUTCOME_NOT_SENT
							   : OUTCOME_FAILED;
	put_code(ret, odoo_class_name(reply->class));
	put_text(ret, slice_of(reply->message));
}
