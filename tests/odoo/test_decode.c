/* Answers of real servers, and answers that no server should give, come out as the right class with
 * words that may be shown. */
#include "../lib/unit.h"
#include "base/str.h"
#include "base/text.h"
#include "exchanges.h"
#include <stdio.h>

struct tally {
	int per_class[ODOO_N_CLASSES];
};

static enum odoo_class class_named(const char *name)
{
	for (int i = 0; i < ODOO_N_CLASSES; i++)
		if (strcmp(odoo_class_name((enum odoo_class)i), name) == 0)
			return (enum odoo_class)i;
	fail_msg("no class is called %s", name);
	return ODOO_OK;
}

static void assert_shown_well(const char *name, const struct odoo_answer *answer)
{
	const char *text = answer->message;

	if (strstr(text, "traceback") || strstr(text, "Traceback") || strstr(text, "socket") ||
		strcasestr(text, "<title") || strcasestr(text, "<html"))
		fail_msg("%s: shows \"%s\"", name, text);
	if (strlen(text) > ODOO_MESSAGE_MAX + 200 || !utf8_valid(slice_of(text)))
		fail_msg("%s: a message that cannot be shown", name);
	if ((answer->class == ODOO_OK) != (*text == '\0'))
		fail_msg("%s: %s with the message \"%s\"", name, odoo_class_name(answer->class),
			text);
}

static void decode_exchange(void *ctx, const struct exchange *e)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	struct tally *tally = ctx;
	const struct odoo_raw raw = {e->protocol, e->status, slice_of(e->answer_type), e->answer};
	struct odoo_answer answer;
	bool returned;

	odoo_decode(&arena, &raw, &answer);
	if (answer.class != class_named(e->class))
		fail_msg("%s: decoded as %s instead of %s (%s)", e->name,
			odoo_class_name(answer.class), e->class, answer.message);
	assert_shown_well(e->name, &answer);
	assert_true(answer.settled);
	returned = answer.class == ODOO_OK &&
		   (e->protocol == ODOO_JSON2 || json_object_get(e->answered, "result"));
	if ((answer.result != NULL) != returned)
		fail_msg("%s: a result where there is none, or none where there is one", e->name);
	if (e->protocol == ODOO_JSONRPC && strstr(e->answer_type, "json")) {
		const json_t *id = json_object_get(e->answered, "id");

		assert_int_equal(answer.id, json_is_integer(id) ? json_integer_value(id) : -1);
	}
	tally->per_class[answer.class]++;
}

static void recorded_exchanges_have_the_right_class(void **state)
{
	struct tally tally = {0};

	(void)state;
	assert_int_equal(exchanges_each("odoo-18.jsonl", decode_exchange, &tally), 179);
	assert_int_equal(exchanges_each("odoo-19.jsonl", decode_exchange, &tally), 52);
	/* Every class that a server can answer with, but the one that only a broken one does. */
	for (int i = 0; i < ODOO_FAULT; i++)
		assert_true(tally.per_class[i] > 0);
}

/* ---- what no Odoo should answer -------------------------------------------------------------- */

#define JSON "application/json"
#define HTML "text/html; charset=utf-8"
#define RPC ODOO_JSONRPC
#define J2 ODOO_JSON2

static const struct odd {
	enum odoo_protocol protocol;
	int status;
	const char *type, *body;
	enum odoo_class class;
	bool settled;
	const char *says; /* a part of the message */
} odds[] = {
	/* not Odoo at all */
	{RPC, 502, HTML, "<html><head><title>502 Bad Gateway</title>", ODOO_BUSY, false,
		"\"502 Bad Gateway\""},
	{RPC, 503, "text/plain", "down", ODOO_BUSY, false, "503"},
	{RPC, 504, HTML, "", ODOO_BUSY, false, "504"},
	{RPC, 500, HTML, "<title>Internal Server Error</title>", ODOO_FAULT, false, "Internal"},
	{RPC, 200, HTML, "<title>Sign in</title>", ODOO_GARBLED, false, "\"Sign in\""},
	{RPC, 200, HTML, "<title>\xff\xfe</title>", ODOO_GARBLED, false, "200"},
	{RPC, 200, "", "", ODOO_GARBLED, false, "200"},
	{RPC, 0, "", "", ODOO_GARBLED, false, "0"},
	{RPC, 404, HTML, "<title>404</title>", ODOO_OFF, true, "does not offer"},
	{RPC, 405, HTML, "", ODOO_OFF, true, "405"},
	{RPC, 301, HTML, "", ODOO_OFF, true, "301"},
	{RPC, 401, HTML, "<title>Authorization Required</title>", ODOO_DENIED, true, "Required"},
	{RPC, 403, HTML, "", ODOO_FORBIDDEN, true, "403"},
	{RPC, 408, HTML, "", ODOO_BUSY, false, "408"},
	{RPC, 413, HTML, "<title>Too Large</title>", ODOO_CALL, true, "Too Large"},
	{RPC, 429, HTML, "", ODOO_BUSY, true, "429"},
	/* JSON, but not what was agreed */
	{RPC, 200, JSON, "", ODOO_GARBLED, false, "not JSON"},
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[{\"id\":", ODOO_GARBLED, false,
		"not JSON"},
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"result\":1,\"result\":2}", ODOO_GARBLED, false,
		"not JSON"},
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"result\":\"\xff\"}", ODOO_GARBLED, false,
		"not JSON"},
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"result\":99999999999999999999}", ODOO_GARBLED,
		false, "not JSON"},
	{RPC, 200, JSON, "{}", ODOO_GARBLED, false, "not Odoo's"},
	{RPC, 200, JSON, "[]", ODOO_GARBLED, false, "not Odoo's"},
	{RPC, 200, JSON, "null", ODOO_GARBLED, false, "not Odoo's"},
	{RPC, 200, JSON, "{\"jsonrpc\":2,\"result\":1}", ODOO_GARBLED, false, "not Odoo's"},
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"error\":\"no\"}", ODOO_GARBLED, false,
		"not Odoo's"},
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"error\":[1]}", ODOO_GARBLED, false, "not Odoo's"},
	{J2, 422, JSON, "{\"message\":1,\"name\":2}", ODOO_REFUSED, true, "422"},
	{J2, 500, JSON, "[", ODOO_FAULT, false, "not JSON"},
	{J2, 200, JSON, "[1,2", ODOO_GARBLED, false, "not JSON"},
	{J2, 404, HTML, "<title>404 Not Found</title>", ODOO_OFF, true, "404 Not Found"},
	/* Odoo's errors, odd ones */
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"error\":{}}", ODOO_FAULT, true, "failed inside"},
	{RPC, 200, JSON, "{\"jsonrpc\":\"2.0\",\"error\":{\"data\":{\"name\":1,\"message\":[]}}}",
		ODOO_FAULT, true, "failed inside"},
	{RPC, 200, JSON,
		"{\"jsonrpc\":\"2.0\",\"error\":{\"data\":{\"name\":\"odoo.addons.x.Bad\","
		"\"message\":\"Stock is closed\\nTraceback (most recent call last):\\n File\"}}}",
		ODOO_FAULT, true, "Stock is closed"},
	{RPC, 200, JSON,
		"{\"jsonrpc\":\"2.0\",\"error\":{\"data\":{\"name\":\"openerp.exceptions.AccessError\","
		"\"message\":\"no\\u0000t you\"}}}",
		ODOO_FORBIDDEN, true, "no"},
	{RPC, 200, JSON,
		"{\"jsonrpc\":\"2.0\",\"error\":{\"data\":{\"name\":\"psycopg2.OperationalError\","
		"\"message\":\"connection to server on socket /run/x failed\"}}}",
		ODOO_BUSY, true, "cannot reach its database"},
	{RPC, 200, JSON,
		"{\"jsonrpc\":\"2.0\",\"error\":{\"data\":{\"name\":\"psycopg2.errors.DiskFull\","
		"\"message\":\"/var/lib is full\"}}}",
		ODOO_FAULT, true, "database refused"},
	{J2, 409, JSON, "{\"name\":\"odoo.exceptions.LockError\",\"message\":\"taken\"}", ODOO_BUSY,
		true, "taken"},
	{J2, 422, JSON, "{\"name\":\"odoo.addons.x.Bad\",\"message\":\"closed\"}", ODOO_REFUSED,
		true, "closed"},
	{J2, 404, JSON, "{\"name\":\"x.Y\",\"message\":\"what\"}", ODOO_CALL, true, "what"},
};

static void odd_answers_have_a_class_and_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odds); i++) {
		CLEANUP(arena_done)
		struct arena arena = ARENA_INIT;
		const struct odd *odd = &odds[i];
		const struct odoo_raw raw = {
			odd->protocol, odd->status, slice_of(odd->type), slice_of(odd->body)};
		struct odoo_answer answer;

		odoo_decode(&arena, &raw, &answer);
		if (answer.class != odd->class || answer.settled != odd->settled ||
			!strstr(answer.message, odd->says))
			fail_msg("%d %s: %s, %s, \"%s\"", odd->status, odd->body,
				odoo_class_name(answer.class),
				answer.settled ? "settled" : "not settled", answer.message);
		assert_shown_well(odd->body, &answer);
	}
}

static void decode_text(struct arena *arena, const struct str *body, struct odoo_answer *answer)
{
	const struct odoo_raw raw = {ODOO_JSON2, 200, SLICE(JSON), str_slice(body)};

	assert_false(body->cut);
	odoo_decode(arena, &raw, answer);
}

static void too_deep_is_garbled(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	CLEANUP(str_done)
	struct str body = STR_INIT(1 << 20);
	struct odoo_answer answer;

	(void)state;
	for (int i = 0; i < VALUE_DEPTH_MAX; i++)
		str_addc(&body, '[');
	for (int i = 0; i < VALUE_DEPTH_MAX; i++)
		str_addc(&body, ']');
	decode_text(&arena, &body, &answer);
	assert_int_equal(answer.class, ODOO_OK);
	str_reset(&body);
	for (int i = 0; i < 500000; i++)
		str_addc(&body, '[');
	decode_text(&arena, &body, &answer);
	assert_int_equal(answer.class, ODOO_GARBLED);
	assert_non_null(strstr(answer.message, "nested deeper"));
}

/* Two bytes in the answer are some eighty in memory. */
static void too_many_values_are_garbled(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	CLEANUP(str_done)
	struct str body = STR_INIT(8 << 20);
	struct odoo_answer answer;

	(void)state;
	str_addc(&body, '[');
	for (size_t i = 0; i < VALUE_COUNT_MAX; i++)
		str_adds(&body, "0,");
	str_adds(&body, "0]");
	decode_text(&arena, &body, &answer);
	assert_int_equal(answer.class, ODOO_GARBLED);
	assert_non_null(strstr(answer.message, "more than"));
}

static void long_messages_are_cut_between_characters(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	CLEANUP(str_done)
	struct str body = STR_INIT(1 << 20);
	const struct odoo_raw raw = {.protocol = ODOO_JSON2, .status = 422, SLICE(JSON)};
	struct odoo_raw with_body = raw;
	struct odoo_answer answer;

	(void)state;
	str_adds(&body, "{\"name\":\"odoo.exceptions.UserError\",\"message\":\"x");
	for (int i = 0; i < ODOO_MESSAGE_MAX; i++)
		str_adds(&body, "é");
	str_adds(&body, "\"}");
	with_body.body = str_slice(&body);
	odoo_decode(&arena, &with_body, &answer);
	assert_int_equal(answer.class, ODOO_REFUSED);
	assert_int_equal(strlen(answer.message), ODOO_MESSAGE_MAX - 1);
	assert_true(utf8_valid(slice_of(answer.message)));
}

static void values_are_read_by_what_they_are(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	const struct value *value;
	struct slice label = SLICE_NONE;
	int64_t id = 0;
	double real = 0;

	(void)state;
	assert_int_equal(value_parse(&arena,
				 SLICE("{\"a\":[7,\"Ready Mat\"],\"b\":false,\"c\":1.5,\"d\":true,"
				       "\"type\":\"ir.actions.act_window\",\"e\":null}"),
				 &value, NULL),
		0);
	assert_true(value_many2one(value_get(value, "a"), &id, &label));
	assert_int_equal(id, 7);
	assert_slice(label, "Ready Mat");
	assert_false(value_many2one(value_get(value, "b"), &id, &label));
	assert_true(value_empty(value_get(value, "b")));
	assert_true(value_empty(value_get(value, "e")));
	assert_true(value_empty(value_get(value, "none")));
	assert_false(value_empty(value_get(value, "d")));
	assert_true(value_true(value_get(value, "d")));
	assert_true(value_real(value_get(value, "c"), &real) && real == 1.5);
	assert_true(value_real(value_at(value_get(value, "a"), 0), &real) && real == 7);
	assert_false(value_int(value_get(value, "c"), &id));
	assert_null(value_at(value_get(value, "a"), 2));
	assert_null(value_get(value_get(value, "a"), "x"));
	assert_true(value_is_action(value));
	assert_false(value_is_action(value_get(value, "a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_exchanges_have_the_right_class),
		cmocka_unit_test(odd_answers_have_a_class_and_words),
		cmocka_unit_test(too_deep_is_garbled),
		cmocka_unit_test(too_many_values_are_garbled),
		cmocka_unit_test(long_messages_are_cut_between_characters),
		cmocka_unit_test(values_are_read_by_what_they_are),
	};

	return RUN(tests);
}
