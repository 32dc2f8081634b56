/* Reads an endpoint from the catalogue's JSON, field by field, and names the first that is wrong.
 * Leaves sending to send.c, and what a value of Odoo's becomes to fill.c.
 * Called by routes.c when the catalogue was read. */
#include "relay/endpoint.h"
#include "base/clock.h"
#include "base/lines.h"
#include "base/mem.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S 30
#define TIMEOUT_MAX_S 300

static const char *const outcome_names[N_OUTCOMES] = {
	"delivered", "failed", "not_sent", "in_doubt", "present"};

const char *outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

void endpoint_free(struct endpoint *endpoint)
{
	if (!endpoint)
		return;
	arena_done(&endpoint->arena);
	free(endpoint);
}

void endpoint_freep(struct endpoint **endpoint)
{
	endpoint_free(*endpoint);
	*endpoint = NULL;
}

/* ---- fields ------------------------------------------------------------------------------------ */

static int wrong(struct err *err, const char *field, const char *what)
{
	return err_set(err, -EINVAL, "endpoint.%s: %s", field, what);
}

static int take_text(struct endpoint *endpoint, const struct value *value, const char *field,
	const char **ret, struct err *err)
{
	struct slice text = value_text(value);

	if (!text.at || text.len == 0 || memchr(text.at, '\0', text.len))
		return wrong(err, field, "is not a text");
	*ret = arena_str(&endpoint->arena, text);
	return 0;
}

static int take_word(const struct value *value, const char *field, const char *const *words,
	size_t n, int *ret, struct err *err)
{
	struct slice text = value_text(value);
	int r;

	for (size_t i = 0; i < n; i++) {
		if (text.at && slice_eq_str(text, words[i])) {
			*ret = (int)i;
			return 0;
		}
	}
	r = err_unknown(err, "word", text.at ? text : SLICE(""), words, n, sizeof(words[0]));
	err_prefix(err, "endpoint.%s", field);
	return r;
}

static int take_kind(struct endpoint *endpoint, const struct value *value, struct err *err)
{
	static const char *const kinds[] = {"none", "http", "odoo", "middleware"};
	int kind = 0, r = take_word(value, "kind", kinds, ARRAY_LEN(kinds), &kind, err);

	if (r == 0)
		endpoint->kind = (enum endpoint_kind)kind;
	return r;
}

static int take_auth(struct endpoint *endpoint, const struct value *value, struct err *err)
{
	static const char *const kinds[] = {"none", "bearer", "basic", "header"};
	int kind = 0, r = take_word(value, "auth", kinds, ARRAY_LEN(kinds), &kind, err);

	if (r == 0)
		endpoint->auth = (enum endpoint_auth)kind;
	return r;
}

static int take_timeout(struct endpoint *endpoint, const struct value *value, struct err *err)
{
	double seconds;

	if (!value_real(value, &seconds) || seconds < 0.1 || seconds > TIMEOUT_MAX_S)
		return wrong(err, "timeout_s", "is not between 0.1 and 300");
	endpoint->deadline_us = (int64_t)(seconds * (double)S_US);
	return 0;
}

static int take_secret(struct endpoint *endpoint, const struct value *value, struct err *err)
{
	int r = take_text(endpoint, value, "secret", &endpoint->secret, err);

	if (r < 0)
		return r;
	if (endpoint->secret[0] == '.' || strchr(endpoint->secret, '/'))
		return wrong(err, "secret", "is a name in the worker's folder, not a path");
	return 0;
}

static int take_headers(struct endpoint *endpoint, const struct value *value, struct err *err)
{
	int r = 0;

	if (!value || value->kind != VALUE_OBJECT || value->n > ENDPOINT_HEADERS)
		return wrong(err, "headers", "is not an object of up to 32 headers");
	for (size_t i = 0; i < value->n && r == 0; i++) {
		struct endpoint_header *header = &endpoint->headers[endpoint->n_headers++];

		header->name = arena_str(&endpoint->arena, value->members[i].name);
		r = take_text(endpoint, &value->members[i].value, "headers", &header->value, err);
	}
	return r;
}

/* "409" or "5xx". */
static int take_status(struct slice text, struct endpoint_answer *answer, struct err *err)
{
	int64_t from = 0;

	if (text.len == 3 && slice_ends(text, SLICE("xx")) &&
		slice_to_i64(slice_head(text, 1), 1, 5, &from) == 0) {
		answer->from = (int)from * 100;
		answer->to = answer->from + 99;
		return 0;
	}
	if (slice_to_i64(text, 100, 599, &from) < 0)
		return wrong(
			err, "answers", "names a status that is neither like 409 nor like 5xx");
	answer->from = answer->to = (int)from;
	return 0;
}

static int take_answers(struct endpoint *endpoint, const struct value *value, struct err *err)
{
	int r = 0, outcome = 0;

	if (!value || value->kind != VALUE_OBJECT || value->n > ENDPOINT_ANSWERS)
		return wrong(err, "answers", "is not an object of up to 16 answers");
	for (size_t i = 0; i < value->n && r == 0; i++) {
		struct endpoint_answer *answer = &endpoint->answers[endpoint->n_answers++];

		r = take_status(value->members[i].name, answer, err);
		if (r == 0)
			r = take_word(&value->members[i].value, "answers", outcome_names,
				N_OUTCOMES, &outcome, err);
		answer->outcome = (enum outcome)outcome;
	}
	return r;
}

/* ---- the table ---------------------------------------------------------------------------------- */

enum field_type {
	FIELD_TEXT,
	FIELD_VALUE,
	FIELD_BOOL,
	FIELD_OWN,
	FIELD_OTHERS, /* of another part of the program */
};

#define AT(member) offsetof(struct endpoint, member)

static const struct field {
	const char *name;
	enum field_type type;
	size_t at;
	int (*take)(struct endpoint *endpoint, const struct value *value, struct err *err);
} fields[] = {
	{"answers", FIELD_OWN, 0, take_answers},
	{"args", FIELD_VALUE, AT(args), NULL},
	{"auth", FIELD_OWN, 0, take_auth},
	{"auth_header", FIELD_TEXT, AT(auth_header), NULL},
	{"check", FIELD_OTHERS, 0, NULL},
	{"context", FIELD_VALUE, AT(context), NULL},
	{"database", FIELD_TEXT, AT(database), NULL},
	{"headers", FIELD_OWN, 0, take_headers},
	{"html", FIELD_BOOL, AT(html), NULL},
	{"ids", FIELD_VALUE, AT(ids), NULL},
	{"key_header", FIELD_TEXT, AT(key_header), NULL},
	{"kind", FIELD_OWN, 0, take_kind},
	{"load", FIELD_VALUE, AT(load), NULL},
	{"login", FIELD_TEXT, AT(login), NULL},
	{"method", FIELD_TEXT, AT(method), NULL},
	{"model", FIELD_TEXT, AT(model), NULL},
	{"secret", FIELD_OWN, 0, take_secret},
	{"timeout_s", FIELD_OWN, 0, take_timeout},
	{"url", FIELD_TEXT, AT(url), NULL},
	{"user", FIELD_TEXT, AT(user), NULL},
};

static int take_bool(const struct value *value, const char *field, bool *ret, struct err *err)
{
	if (!value || value->kind != VALUE_BOOL)
		return wrong(err, field, "is neither true nor false");
	*ret = value->truth;
	return 0;
}

static int take_field(struct endpoint *endpoint, const struct field *field,
	const struct value *value, struct err *err)
{
	char *at = (char *)endpoint + field->at;

	switch (field->type) {
	case FIELD_TEXT:
		return take_text(endpoint, value, field->name, (const char **)(void *)at, err);
	case FIELD_BOOL:
		return take_bool(value, field->name, (bool *)at, err);
	case FIELD_VALUE:
		*(const struct value **)(void *)at = value;
		return 0;
	case FIELD_OTHERS:
		return 0;
	default:
		return field->take(endpoint, value, err);
	}
}

static int take_member(
	struct endpoint *endpoint, const struct value_member *member, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (slice_eq_str(member->name, fields[i].name))
			return take_field(endpoint, &fields[i], &member->value, err);
	(void)err_unknown(
		err, "field", member->name, &fields[0].name, ARRAY_LEN(fields), sizeof(fields[0]));
	err_prefix(err, "endpoint");
	return -EINVAL;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static int check_http(const struct endpoint *endpoint, struct err *err)
{
	if (!endpoint->secret != (endpoint->auth == AUTH_NONE))
		return wrong(err, "auth", "and endpoint.secret go together");
	if (endpoint->auth == AUTH_BASIC && !endpoint->user)
		return wrong(err, "user", "is needed for basic authentication");
	if (endpoint->auth == AUTH_HEADER && !endpoint->auth_header)
		return wrong(err, "auth_header", "is needed: the name of the header");
	return 0;
}

static int check_odoo(const struct endpoint *endpoint, struct err *err)
{
	if (!endpoint->secret)
		return wrong(err, "secret", "is needed for Odoo");
	if (!endpoint->model)
		return wrong(err, "model", "is needed for Odoo");
	if (!endpoint->method == !endpoint->load)
		return wrong(err, "method", "or endpoint.load is needed, and not both");
	if (endpoint->load && (endpoint->load->kind != VALUE_OBJECT || endpoint->load->n == 0 ||
				      !value_get(endpoint->load, "id")))
		return wrong(err, "load", "is not an object of fields with an \"id\"");
	if (endpoint->args && (endpoint->args->kind != VALUE_OBJECT || endpoint->args->n > 6))
		return wrong(err, "args", "is not an object of up to 6 arguments");
	if (endpoint->ids && endpoint->ids->kind != VALUE_LIST)
		return wrong(err, "ids", "is not a list");
	if (endpoint->context && endpoint->context->kind != VALUE_OBJECT)
		return wrong(err, "context", "is not an object");
	return 0;
}

/* A secret is not for everyone on the way. */
static bool is_private(struct slice url)
{
	static const struct slice private[] = {SLICE("https://"), SLICE("http://127.0.0.1:"),
		SLICE("http://127.0.0.1/"), SLICE("http://localhost:"), SLICE("http://localhost/"),
		SLICE("http://[::1]:"), SLICE("http://[::1]/")};

	for (size_t i = 0; i < ARRAY_LEN(private); i++)
		if (slice_starts(url, private[i]))
			return true;
	return false;
}

static int check(struct endpoint *endpoint, struct err *err)
{
	struct slice url = slice_of(endpoint->url);

	if (endpoint->kind != ENDPOINT_HTTP && endpoint->kind != ENDPOINT_ODOO)
		return 0;
	if (!slice_starts(url, SLICE("https://")) && !slice_starts(url, SLICE("http://")))
		return wrong(err, "url", "does not begin with https:// or http://");
	if (endpoint->secret && !is_private(url))
		return wrong(err, "url", "a secret goes over https:// alone");
	if (endpoint->kind == ENDPOINT_ODOO)
		return check_odoo(endpoint, err);
	if (!endpoint->method)
		endpoint->method = "POST";
	if (!endpoint->key_header)
		endpoint->key_header = "Idempotency-Key";
	return check_http(endpoint, err);
}

int endpoint_parse(struct slice json, struct endpoint **ret, struct err *err)
{
	CLEANUP(endpoint_freep)
	struct endpoint *endpoint = NEW(struct endpoint);
	const struct value *value = NULL;
	int r;

	endpoint->deadline_us = TIMEOUT_S * S_US;
	r = value_parse(&endpoint->arena, json, &value, err);
	if (r < 0 || value->kind != VALUE_OBJECT)
		return err_set(err, -EINVAL, "endpoint: is not a JSON object");
	for (size_t i = 0; i < value->n; i++) {
		r = take_member(endpoint, &value->members[i], err);
		if (r < 0)
			return r;
	}
	r = check(endpoint, err);
	if (r < 0)
		return r;
	*ret = TAKE(endpoint);
	return 0;
}
