/* What is sent: the same call in either protocol, and the headers that go with it.
 * Leaves when and how often to client.c, the login to handshake.c. Called by both. */
#include "base/mem.h"
#include "part.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Written here and read by jansson once more before it goes, so that neither a bad argument nor a text
 * that is not UTF-8 leaves the house as something else than it was. */
static int check_body(const struct str *body, struct err *err)
{
	json_error_t wrong;
	json_t *json;

	if (body->cut)
		return err_set(err, -EFBIG, "the request is too large");
	json = json_loadb(body->at, body->len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &wrong);
	if (!json)
		return err_set(err, -EINVAL, "an argument is not JSON: %s", wrong.text);
	json_decref(json);
	return 0;
}

static void put_text(struct str *out, const char *text)
{
	if (!value_put_text(out, slice_of(text ? text : "")))
		str_adds(out, "false");
}

static void put_secret(const struct odoo *odoo, struct str *out)
{
	if (!value_put_text(out, (struct slice){odoo->secret, odoo->secret_len}))
		str_adds(out, "\"\"");
}

static void put_comma(struct str *out)
{
	char last = out->len ? out->at[out->len - 1] : '{';

	if (last != '{' && last != '[')
		str_addc(out, ',');
}

static void put_named(struct str *out, const char *name, struct slice json)
{
	put_comma(out);
	put_text(out, name);
	str_addc(out, ':');
	str_add(out, json);
}

static void put_by_name(const struct odoo_ask *ask, int from, struct str *out)
{
	str_addc(out, '{');
	for (int i = from; i < ask->n_args; i++)
		put_named(out, ask->args[i].name, ask->args[i].json);
	if (ask->context.len)
		put_named(out, "context", ask->context);
}

static void put_jsonrpc(const struct odoo *odoo, const struct call *call, struct str *out)
{
	const struct odoo_ask *ask = &call->ask;

	str_addf(out,
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":%lld,\"params\":{"
		"\"service\":\"object\",\"method\":\"execute_kw\",\"args\":[",
		(long long)call->id);
	put_text(out, odoo->options.database);
	str_addf(out, ",%lld,", (long long)odoo->known.uid);
	put_secret(odoo, out);
	str_addc(out, ',');
	put_text(out, ask->model);
	str_addc(out, ',');
	put_text(out, ask->method);
	str_adds(out, ",[");
	str_add(out, ask->ids);
	for (int i = 0; i < ask->n_positional; i++) {
		put_comma(out);
		str_add(out, ask->args[i].json);
	}
	str_adds(out, "],");
	put_by_name(ask, ask->n_positional, out);
	str_adds(out, "}]}}");
}

static void put_json2(const struct call *call, struct str *out)
{
	put_by_name(&call->ask, 0, out);
	if (call->ask.ids.len)
		put_named(out, "ids", call->ask.ids);
	str_addc(out, '}');
}

/* Names become a part of the address. */
static bool is_name(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == strlen(name);
}

int request_call(const struct odoo *odoo, const struct call *call, struct str *url,
	struct str *body, struct err *err)
{
	const struct odoo_ask *ask = &call->ask;

	if (!is_name(ask->model) || !is_name(ask->method))
		return err_set(err, -EINVAL, "\"%.60s\", \"%.60s\" is no method of a model",
			ask->model, ask->method);
	if (odoo->known.protocol == ODOO_JSON2) {
		str_addf(url, "%s/json/2/%s/%s", odoo->options.url, ask->model, ask->method);
		put_json2(call, body);
	} else {
		str_addf(url, "%s/jsonrpc", odoo->options.url);
		put_jsonrpc(odoo, call, body);
	}
	return check_body(body, err);
}

void request_common(const struct odoo *odoo, bool login, int64_t id, struct str *body)
{
	str_addf(body,
		"{\"jsonrpc\":\"2.0\",\"method\":\"call\",\"id\":%lld,\"params\":{"
		"\"service\":\"common\",\"method\":\"%s\",\"args\":[",
		(long long)id, login ? "authenticate" : "version");
	if (login) {
		put_text(body, odoo->options.database);
		str_addc(body, ',');
		put_text(body, odoo->options.login);
		str_addc(body, ',');
		put_secret(odoo, body);
		str_adds(body, ",{}");
	}
	str_adds(body, "]}}");
}

uint64_t request_send(const struct odoo *odoo, enum odoo_protocol protocol, const char *method,
	const char *url, struct slice body, int64_t deadline_us, size_t max_bytes,
	void (*reply)(void *ctx, const struct http_reply *reply), void *ctx)
{
	CLEANUP(str_done)
	struct str bearer = STR_INIT(SECRET_MAX + 16);
	struct http_header headers[3];
	size_t n = 0;
	uint64_t ticket;

	headers[n++] = (struct http_header){SLICE("Content-Type"), SLICE("application/json")};
	if (protocol == ODOO_JSON2) {
		str_adds(&bearer, "bearer ");
		str_add(&bearer, (struct slice){odoo->secret, odoo->secret_len});
		headers[n++] = (struct http_header){SLICE("Authorization"), str_slice(&bearer)};
	}
	if (protocol == ODOO_JSON2 && odoo->options.database)
		headers[n++] = (struct http_header){
			SLICE("X-Odoo-Database"), slice_of(odoo->options.database)};
	ticket = http_ask(odoo->http, &(struct http_ask){.method = method,
					      .url = url,
					      .headers = headers,
					      .n_headers = n,
					      .body = body,
					      .deadline_us = deadline_us,
					      .max_bytes = max_bytes,
					      .reply = reply,
					      .ctx = ctx});
	if (bearer.at)
		mem_wipe(bearer.at, bearer.len);
	return ticket;
}
