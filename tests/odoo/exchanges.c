/* Reads the recorded exchanges. */
#include "exchanges.h"
#include "../lib/unit.h"
#include "base/file.h"
#include "base/str.h"
#include <stdio.h>

static const char *text_of(const json_t *line, const char *key, const char *otherwise)
{
	const json_t *value = json_object_get(line, key);

	return value ? json_string_value(value) : otherwise;
}

/* The body as it was sent: a string is one already where the type is not JSON's or it is no JSON. */
static char *bytes_of(const json_t *body, const char *type)
{
	if (!body || json_is_null(body))
		return mem_dup_str("");
	if (json_is_string(body) && !strstr(type, "json"))
		return mem_dup_str(json_string_value(body));
	return json_dumps(body, JSON_ENCODE_ANY | JSON_COMPACT);
}

static char *ask_bytes(const json_t *body, const char *type)
{
	if (json_is_string(body))
		return mem_dup_str(json_string_value(body));
	return bytes_of(body, *type ? type : "json");
}

static void give(
	const json_t *line, void (*each)(void *ctx, const struct exchange *exchange), void *ctx)
{
	struct exchange e = {.name = text_of(line, "name", "?"),
		.class = text_of(line, "class", "?"),
		.method = text_of(line, "method", "POST"),
		.path = text_of(line, "path", "/jsonrpc"),
		.type = text_of(line, "type", "application/json"),
		.authorization = text_of(line, "authorization", NULL),
		.answer_type = text_of(line, "answer_type", "application/json; charset=utf-8"),
		.asked = json_object_get(line, "ask"),
		.answered = json_object_get(line, "answer")};
	const json_t *status = json_object_get(line, "status");
	CLEANUP(mem_freep)
	char *ask = ask_bytes(e.asked, e.type);
	CLEANUP(mem_freep)
	char *answer = bytes_of(e.answered, e.answer_type);

	e.protocol =
		strcmp(text_of(line, "protocol", ""), "json2") == 0 ? ODOO_JSON2 : ODOO_JSONRPC;
	e.status = status ? (int)json_integer_value(status) : 200;
	e.ask = slice_of(ask);
	e.answer = slice_of(answer);
	each(ctx, &e);
}

int exchanges_each(
	const char *file, void (*each)(void *ctx, const struct exchange *exchange), void *ctx)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct slice rest, line;
	int n = 0;

	str_addf(&path, "%s/tests/odoo/exchanges/%s", getenv("ORDERLY_TEST_SOURCE"), file);
	if (file_read(str_cstr(&path), &text, &err) < 0)
		fail_msg("%s", err.text);
	rest = str_slice(&text);
	while (slice_cut(&rest, '\n', &line)) {
		json_error_t wrong;
		json_t *json = json_loadb(line.at, line.len, JSON_ALLOW_NUL, &wrong);

		if (!json)
			fail_msg("%s:%d: %s", file, n + 1, wrong.text);
		give(json, each, ctx);
		json_decref(json);
		n++;
	}
	return n;
}
