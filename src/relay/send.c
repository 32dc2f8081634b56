/* Sends one item: fills what its endpoint says, asks HTTP or Odoo, and judges the answer.
 * What an answer means is verdict.c's, what follows the store's.
 * Called by relay.c for items that are marked. */
#include "base/base64.h"
#include "base/mem.h"
#include "part.h"
#include "relay/fill.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_MAX 8192
#define HEADER_MAX 8192
#define ARGS_MAX_BYTES ((size_t)32 * 1024 * 1024)

/* The relay wants the outcome, and some words of it. */
#define ANSWER_MAX ((size_t)1024 * 1024)

/* What an item is made into; lives until it was handed over. */
struct draft {
	struct arena arena;
	struct fill fill;
	struct str url;
	struct http_header headers[ENDPOINT_HEADERS + 4];
	size_t n_headers;
	struct err err;
};

static struct slice cell(const struct item *item, const char *column)
{
	return rows_text(item->rows, item->row, rows_col(item->rows, column));
}

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct slice from_hex(struct arena *arena, struct slice hex)
{
	char *bytes = arena_alloc(arena, hex.len / 2 + 1);

	for (size_t i = 0; i < hex.len / 2; i++)
		bytes[i] = (char)(nibble(hex.at[2 * i]) << 4 | nibble(hex.at[2 * i + 1]));
	return (struct slice){bytes, hex.len / 2};
}

static void draft_init(struct draft *draft, const struct item *item)
{
	*draft = (struct draft){.url = STR_INIT(URL_MAX)};
	draft->fill = (struct fill){
		.key = cell(item, "idempotency_key"),
		.message_id = cell(item, "message_id"),
		.business_key = cell(item, "business_key"),
		.correlation_id = cell(item, "correlation_id"),
		.facility = cell(item, "facility"),
		.interface = cell(item, "interface"),
		.ordering_key = cell(item, "ordering_key"),
		.text = from_hex(&draft->arena, cell(item, "body")),
	};
}

/* It held what the target was sent, and perhaps a key. */
static void draft_done(struct draft *draft)
{
	if (draft->fill.text.len)
		mem_wipe((char *)(uintptr_t)draft->fill.text.at, draft->fill.text.len);
	str_done(&draft->url);
	arena_done(&draft->arena);
}

static void land(struct item *item)
{
	struct target *target = item->route->target;

	item->took_us = relay_now_us(item->relay) - item->sent_us;
	target->flying--;
	item->relay->flying--;
	target_count(target, &item->verdict, item->took_us > 0 ? item->took_us : 1);
	relay_step(item->relay, RELAY_ANSWERED);
	item_settle(item);
}

/* ---- HTTP ---------------------------------------------------------------------------------------- */

static void add_header(struct draft *draft, const char *name, struct slice value)
{
	draft->headers[draft->n_headers++] = (struct http_header){slice_of(name), value};
}

static void add_auth(struct draft *draft, const struct route *route)
{
	const struct endpoint *endpoint = route->endpoint;
	const char *text;

	switch (endpoint->auth) {
	case AUTH_NONE:
		break;
	case AUTH_BEARER:
		text = arena_printf(&draft->arena, "Bearer %s", route->secret);
		add_header(draft, "Authorization", slice_of(text));
		break;
	case AUTH_BASIC:
		text = arena_printf(&draft->arena, "%s:%s", endpoint->user, route->secret);
		text = arena_printf(&draft->arena, "Basic %.*s",
			SLICE_ARG(base64(&draft->arena, slice_of(text))));
		add_header(draft, "Authorization", slice_of(text));
		break;
	case AUTH_HEADER:
		add_header(draft, endpoint->auth_header, slice_of(route->secret));
		break;
	}
}

static int draft_http(struct draft *draft, const struct item *item)
{
	const struct endpoint *endpoint = item->route->endpoint;
	struct slice type = cell(item, "content_type");
	int r = fill_url(&draft->fill, endpoint->url, &draft->url, &draft->err);

	for (size_t i = 0; i < endpoint->n_headers && r == 0; i++) {
		CLEANUP(str_done)
		struct str value = STR_INIT(HEADER_MAX);

		r = fill_header(&draft->fill, endpoint->headers[i].value, &value, &draft->err);
		add_header(draft, endpoint->headers[i].name,
			arena_dup(&draft->arena, str_slice(&value)));
	}
	if (type.len)
		add_header(draft, "Content-Type", type);
	add_header(draft, endpoint->key_header, draft->fill.key);
	add_auth(draft, item->route);
	return r;
}

static void on_http(void *ctx, const struct http_reply *reply)
{
	struct item *item = ctx;

	verdict_http(item->route->endpoint, item->route->repeats, reply,
		clock_wall_us(loop_clock(item->relay->loop)), &item->verdict);
	land(item);
}

static int send_http(struct item *item, struct draft *draft)
{
	const struct endpoint *endpoint = item->route->endpoint;
	int r = draft_http(draft, item);

	if (r < 0)
		return r;
	(void)http_ask(item->relay->http, &(struct http_ask){.method = endpoint->method,
						  .url = str_cstr(&draft->url),
						  .headers = draft->headers,
						  .n_headers = draft->n_headers,
						  .body = draft->fill.text,
						  .deadline_us = endpoint->deadline_us,
						  .max_bytes = ANSWER_MAX,
						  .reply = on_http,
						  .ctx = item});
	return 0;
}

/* ---- Odoo ---------------------------------------------------------------------------------------- */

static void on_odoo(void *ctx, const struct odoo_reply *reply)
{
	struct item *item = ctx;

	verdict_odoo(item->route->endpoint, reply, &item->verdict);
	land(item);
}

static int fill_one(struct draft *draft, const struct value *value, struct slice *ret)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(ARGS_MAX_BYTES);
	int r = fill_json(&draft->fill, value, &out, &draft->err);

	if (r == 0)
		*ret = arena_dup(&draft->arena, str_slice(&out));
	return r;
}

/* {"id": "orderly.$key", "name": ...} as load() wants it: names of fields, and one row of them. */
static int fill_load(struct draft *draft, const struct value *load, struct odoo_ask *ask)
{
	CLEANUP(str_done)
	struct str names = STR_INIT(64 * 1024), row = STR_INIT(ARGS_MAX_BYTES);
	int r = 0;

	for (size_t i = 0; i < load->n && r == 0; i++) {
		str_addc(&names, i ? ',' : '[');
		(void)value_put_text(&names, load->members[i].name);
		str_adds(&row, i ? "," : "[[");
		r = fill_json(&draft->fill, &load->members[i].value, &row, &draft->err);
	}
	str_addc(&names, ']');
	str_adds(&row, "]]");
	ask->method = "load";
	ask->args[0] = (struct odoo_arg){"fields", arena_dup(&draft->arena, str_slice(&names))};
	ask->args[1] = (struct odoo_arg){"data", arena_dup(&draft->arena, str_slice(&row))};
	ask->n_args = 2;
	return r;
}

static int fill_args(struct draft *draft, const struct value *args, struct odoo_ask *ask)
{
	int r = 0;

	for (size_t i = 0; args && i < args->n && r == 0; i++) {
		struct odoo_arg *arg = &ask->args[ask->n_args++];

		arg->name = arena_str(&draft->arena, args->members[i].name);
		r = fill_one(draft, &args->members[i].value, &arg->json);
	}
	return r;
}

static int send_odoo(struct item *item, struct draft *draft)
{
	const struct endpoint *endpoint = item->route->endpoint;
	struct odoo_ask ask = {.model = endpoint->model,
		.method = endpoint->method,
		.deadline_us = endpoint->deadline_us,
		.max_bytes = ANSWER_MAX,
		.done = on_odoo,
		.ctx = item};
	int r;

	/* A payload that is not JSON is no fault as long as nobody asks for a part of it. */
	(void)value_parse(&draft->arena, draft->fill.text, &draft->fill.body, NULL);
	r = endpoint->load ? fill_load(draft, endpoint->load, &ask)
			   : fill_args(draft, endpoint->args, &ask);
	if (r == 0 && endpoint->ids)
		r = fill_one(draft, endpoint->ids, &ask.ids);
	if (r == 0 && endpoint->context)
		r = fill_one(draft, endpoint->context, &ask.context);
	/* By their place over JSON-RPC, where some methods know their arguments by other names. */
	ask.n_positional = ask.n_args;
	if (r == 0)
		(void)odoo_ask(item->route->odoo, &ask);
	return r;
}

void item_send(struct item *item)
{
	struct draft draft;
	int r;

	draft_init(&draft, item);
	item->sent_us = relay_now_us(item->relay);
	relay_step(item->relay, RELAY_SENDING);
	r = item->route->odoo ? send_odoo(item, &draft) : send_http(item, &draft);
	if (r < 0) {
		verdict_unfit(&item->verdict, draft.err.text);
		item_settle(item);
	} else {
		item->route->target->flying++;
		item->relay->flying++;
		relay_step(item->relay, RELAY_SENT);
	}
	draft_done(&draft);
}
