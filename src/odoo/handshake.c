/* From nothing to a login: the secret, which protocol there is, and who we are.
 * Leaves calls to client.c, which starts this and is told how it ended. */
#include "base/mem.h"
#include "part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGIN_MAX_BYTES ((size_t)64 * 1024)

static void step(struct odoo *odoo, enum stage stage);

static void forget_secret(struct odoo *odoo)
{
	if (odoo->secret)
		mem_wipe(odoo->secret, odoo->secret_len);
	mem_freep(&odoo->secret);
	odoo->secret_len = 0;
}

void handshake_void(struct odoo *odoo)
{
	handshake_drop(odoo);
	forget_secret(odoo);
	odoo->known.uid = 0;
}

void handshake_drop(struct odoo *odoo)
{
	secret_drop(odoo->fetch);
	odoo->fetch = NULL;
	if (odoo->http_ticket)
		http_drop(odoo->http, odoo->http_ticket);
	odoo->http_ticket = 0;
	odoo->stage = STAGE_NONE;
}

static void give_up(struct odoo *odoo, enum odoo_class class, const char *message)
{
	handshake_void(odoo);
	client_failed(odoo, class, message);
}

static void keep_version(struct odoo *odoo, const struct value *text)
{
	struct slice version = value_text(text);

	mem_freep(&odoo->version);
	odoo->version = mem_dup(version.at, slice_head(version, 60).len);
	odoo->known.version = odoo->version;
}

static void logged_in(struct odoo *odoo, enum odoo_protocol protocol, int64_t uid)
{
	odoo->known.protocol = protocol;
	odoo->known.uid = uid;
	odoo->stage = STAGE_READY;
	odoo->login++;
	client_ready(odoo);
}

/* ---- what each step's answer means --------------------------------------------------------------- */

static bool may_try_jsonrpc(const struct odoo *odoo)
{
	return odoo->options.protocol == ODOO_PROBE && odoo->options.login &&
	       odoo->options.database;
}

static void on_web_version(struct odoo *odoo, const struct odoo_answer *answer)
{
	const struct value *version = value_get(answer->result, "version");

	if (answer->class == ODOO_OK && value_text(version).len) {
		keep_version(odoo, version);
		step(odoo, STAGE_LOGIN_JSON2);
	} else if (answer->class == ODOO_BUSY || answer->class == ODOO_FAULT) {
		give_up(odoo, answer->class, answer->message);
	} else if (may_try_jsonrpc(odoo)) {
		step(odoo, STAGE_PROBE_JSONRPC);
	} else {
		give_up(odoo, ODOO_OFF,
			"JSON-2 is not offered there; JSON-RPC wants a database and a login");
	}
}

/* A password is no key: JSON-RPC may take it. */
static void on_json2_login(struct odoo *odoo, const struct odoo_answer *answer)
{
	int64_t uid = 0;

	if (answer->class == ODOO_OK && value_int(value_get(answer->result, "uid"), &uid) &&
		uid > 0)
		logged_in(odoo, ODOO_JSON2, uid);
	else if (answer->class == ODOO_DENIED && may_try_jsonrpc(odoo))
		step(odoo, STAGE_PROBE_JSONRPC);
	else if (answer->class == ODOO_OK)
		give_up(odoo, ODOO_GARBLED, odoo_class_text(ODOO_GARBLED));
	else if (answer->class == ODOO_OFF)
		give_up(odoo, ODOO_DATABASE,
			"Odoo has no database of that name, or several and none was named");
	else
		give_up(odoo, answer->class, answer->message);
}

static void on_jsonrpc_version(struct odoo *odoo, const struct odoo_answer *answer)
{
	const struct value *version = value_get(answer->result, "server_version");

	if (answer->class == ODOO_OK && value_text(version).len) {
		keep_version(odoo, version);
		step(odoo, STAGE_LOGIN_JSONRPC);
	} else if (answer->class == ODOO_OK) {
		give_up(odoo, ODOO_GARBLED, odoo_class_text(ODOO_GARBLED));
	} else if (answer->class == ODOO_OFF && odoo->known.version[0]) {
		give_up(odoo, ODOO_DENIED,
			"JSON-2 does not accept the key, and JSON-RPC is switched off");
	} else if (answer->class == ODOO_OFF) {
		give_up(odoo, ODOO_OFF, "neither JSON-2 nor JSON-RPC is offered there");
	} else {
		give_up(odoo, answer->class, answer->message);
	}
}

/* False stands for every kind of refusal. */
static void on_jsonrpc_login(struct odoo *odoo, const struct odoo_answer *answer)
{
	int64_t uid = 0;

	if (answer->class != ODOO_OK)
		give_up(odoo, answer->class, answer->message);
	else if (value_int(answer->result, &uid) && uid > 0)
		logged_in(odoo, ODOO_JSONRPC, uid);
	else
		give_up(odoo, ODOO_DENIED, odoo_class_text(ODOO_DENIED));
}

static const struct {
	enum odoo_protocol protocol;
	const char *method, *path;
	void (*answered)(struct odoo *odoo, const struct odoo_answer *answer);
} steps[] = {
	[STAGE_PROBE_JSON2] = {ODOO_JSON2, "GET", "/web/version", on_web_version},
	[STAGE_LOGIN_JSON2] = {ODOO_JSON2, "POST", "/json/2/res.users/context_get", on_json2_login},
	[STAGE_PROBE_JSONRPC] = {ODOO_JSONRPC, "POST", "/jsonrpc", on_jsonrpc_version},
	[STAGE_LOGIN_JSONRPC] = {ODOO_JSONRPC, "POST", "/jsonrpc", on_jsonrpc_login},
};

static void on_reply(void *ctx, const struct http_reply *reply)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	struct odoo *odoo = ctx;
	enum stage stage = odoo->stage;
	struct odoo_answer answer;
	const struct odoo_raw raw = {steps[stage].protocol, reply->status,
		http_reply_header(reply, "Content-Type"), reply->body};

	odoo->http_ticket = 0;
	if (!client_heard(odoo, reply)) {
		give_up(odoo, client_end_class(reply->end), reply->err->text);
		return;
	}
	odoo_decode(&arena, &raw, &answer);
	steps[stage].answered(odoo, &answer);
}

static void step(struct odoo *odoo, enum stage stage)
{
	CLEANUP(str_done)
	struct str url = STR_INIT(4096), body = STR_INIT(LOGIN_MAX_BYTES);
	bool probe = stage == STAGE_PROBE_JSON2;

	odoo->stage = stage;
	str_addf(&url, "%s%s", odoo->options.url, steps[stage].path);
	if (steps[stage].protocol == ODOO_JSONRPC)
		request_common(odoo, stage == STAGE_LOGIN_JSONRPC, ++odoo->last_id, &body);
	else if (!probe)
		str_adds(&body, "{}");
	/* The probe does not need the key, and so does not carry it. */
	odoo->http_ticket = request_send(odoo, probe ? ODOO_PROBE : steps[stage].protocol,
		steps[stage].method, str_cstr(&url), str_slice(&body), odoo->options.deadline_us,
		LOGIN_MAX_BYTES, on_reply, odoo);
	if (body.at)
		mem_wipe(body.at, body.len);
}

static void on_secret(void *ctx, struct slice secret, const struct err *err)
{
	struct odoo *odoo = ctx;
	char message[512];

	odoo->fetch = NULL;
	if (err) {
		(void)snprintf(
			message, sizeof(message), "the key cannot be read: %.440s", err->text);
		give_up(odoo, ODOO_DENIED, message);
		return;
	}
	odoo->secret = mem_dup(secret.at, secret.len);
	odoo->secret_len = secret.len;
	step(odoo,
		odoo->options.protocol == ODOO_JSONRPC ? STAGE_PROBE_JSONRPC : STAGE_PROBE_JSON2);
}

void handshake_start(struct odoo *odoo)
{
	if (odoo->stage != STAGE_NONE)
		return;
	forget_secret(odoo);
	odoo->stage = STAGE_SECRET;
	odoo->fetch = secret_fetch(
		odoo->loop, &odoo->options.secret, odoo->options.deadline_us, on_secret, odoo);
}
