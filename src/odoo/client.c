/* The calls of a client: waiting for the login, sent, sent again where that is safe, ended once.
 * Leaves the login to handshake.c, bodies to request.c, what answers mean to decode.c.
 * Called by who reads, compares and guards, and by the worker. */
#include "odoo/client.h"
#include "base/mem.h"
#include "part.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_US (100 * MS_US) /* before the second time; four times that before each further */
#define REQUEST_MAX ((size_t)16 * 1024 * 1024)

static void call_send(struct call *call);

static int64_t now_us(const struct odoo *odoo)
{
	return clock_mono_us(loop_clock(odoo->loop));
}

/* ---- the end of a call ----------------------------------------------------------------------------- */

static void on_start(void *ctx);

static bool is_waited_for(const struct odoo *odoo)
{
	for (const struct call *call = odoo->calls; call; call = call->next)
		if (call->waiting)
			return true;
	return false;
}

/* Nobody finds it any more. A login that nobody waits for any longer is given up, so that one that
 * hangs does not keep those who come later. */
static void call_part(struct call *call)
{
	loop_undefer(call->odoo->loop, on_start, call);
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	if (call->waiting && call->odoo->stage != STAGE_READY && !is_waited_for(call->odoo))
		handshake_void(call->odoo);
}

static void call_free(struct call *call)
{
	timer_close(call->timer);
	arena_done(&call->arena);
	free(call);
}

static void call_end(struct call *call, const struct odoo_reply *reply)
{
	struct odoo_reply final = *reply;

	final.tries = call->tries;
	call_part(call);
	call->ask.done(call->ask.ctx, &final);
	call_free(call);
}

static void call_end_with(struct call *call, enum odoo_class class, const char *message)
{
	call_end(call, &(struct odoo_reply){.class = class,
			       .message = message ? message : odoo_class_text(class)});
}

static bool may_repeat(const struct call *call, enum odoo_class class, int64_t pause_us)
{
	return call->ask.reads && call->attempts <= call->odoo->options.retries &&
	       (class == ODOO_BUSY || class == ODOO_UNREACHABLE) &&
	       now_us(call->odoo) + pause_us < call->deadline_us;
}

/* Ends it, or lets it wait for another time. */
static void call_conclude(struct call *call, const struct odoo_reply *reply)
{
	int64_t pause_us = PAUSE_US << (2 * call->attempts);

	call->attempts++;
	call->sent = call->waiting = false;
	if (!may_repeat(call, reply->class, pause_us)) {
		call_end(call, reply);
		return;
	}
	timer_in(call->timer, pause_us);
}

/* ---- answers ---------------------------------------------------------------------------------- */

/* The login was good once: its secret may have been changed since. Refused is not done, so that even
 * what changes something may go once more. */
static bool relog(struct call *call, const struct odoo_answer *answer)
{
	struct odoo *odoo = call->odoo;

	if (answer->class != ODOO_DENIED || !answer->settled || call->relogged)
		return false;
	call->relogged = true;
	call->sent = false;
	if (odoo->stage == STAGE_READY && call->login == odoo->login)
		handshake_void(odoo);
	call_send(call);
	return true;
}

static void on_answer(struct call *call, const struct http_reply *reply)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	enum odoo_protocol protocol = call->odoo->known.protocol;
	const struct odoo_raw raw = {
		protocol, reply->status, http_reply_header(reply, "Content-Type"), reply->body};
	struct odoo_answer answer;

	odoo_decode(&arena, &raw, &answer);
	if (protocol == ODOO_JSONRPC && answer.id >= 0 && answer.id != call->id)
		answer = (struct odoo_answer){
			.class = ODOO_GARBLED, .message = "the answer is to another request"};
	if (relog(call, &answer))
		return;
	call_conclude(call, &(struct odoo_reply){.class = answer.class,
				    .message = answer.message,
				    .name = answer.name,
				    .result = answer.result,
				    .in_doubt = !call->ask.reads && !answer.settled,
				    .took_us = reply->took_us});
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct call *call = ctx;
	enum odoo_class class = client_end_class(reply->end);

	call->http_ticket = 0;
	if (client_heard(call->odoo, reply)) {
		on_answer(call, reply);
		return;
	}
	call_conclude(call, &(struct odoo_reply){.class = class,
				    .message = class == ODOO_GARBLED || class == ODOO_UNREACHABLE
						       ? reply->err->text
						       : odoo_class_text(class),
				    .in_doubt = !call->ask.reads && reply->may_have_arrived,
				    .took_us = reply->took_us});
}

/* ---- sending ------------------------------------------------------------------------------------- */

static void call_post(struct call *call)
{
	CLEANUP(str_done)
	struct str url = STR_INIT(4096), body = STR_INIT(REQUEST_MAX);
	struct odoo *odoo = call->odoo;
	struct err err = ERR_INIT;

	call->id = ++odoo->last_id;
	if (request_call(odoo, call, &url, &body, &err) < 0) {
		call_end_with(call, ODOO_CALL, err.text);
	} else {
		timer_stop(call->timer);
		loop_undefer(odoo->loop, on_start, call);
		call->tries++;
		call->sent = true;
		call->waiting = false;
		call->login = odoo->login;
		call->http_ticket = request_send(odoo, odoo->known.protocol, "POST", str_cstr(&url),
			str_slice(&body), call->deadline_us - now_us(odoo), call->ask.max_bytes,
			on_reply, call);
	}
	if (body.at)
		mem_wipe(body.at, body.len);
}

static bool is_refused(const struct odoo *odoo)
{
	return odoo->stage == STAGE_NONE && odoo->refused_until_us > now_us(odoo);
}

static void call_send(struct call *call)
{
	struct odoo *odoo = call->odoo;

	if (call->canceled) {
		call_end_with(call, ODOO_CANCELED, NULL);
	} else if (now_us(odoo) >= call->deadline_us) {
		call_end_with(call, ODOO_TIMEOUT, NULL);
	} else if (odoo->stage == STAGE_READY) {
		call_post(call);
	} else if (is_refused(odoo)) {
		call_end_with(call, odoo->refused, odoo->refusal);
	} else {
		timer_at(call->timer, call->deadline_us);
		call->waiting = true;
		handshake_start(odoo);
	}
}

static void on_call_timer(void *ctx)
{
	call_send(ctx);
}

/* Calls of one turn of the login, found one by one, since each end may add and drop others. */
static struct call *next_waiting(const struct odoo *odoo, uint64_t up_to, uint64_t after)
{
	struct call *found = NULL;

	for (struct call *call = odoo->calls; call; call = call->next)
		if (call->waiting && call->ticket > after && call->ticket <= up_to &&
			(!found || call->ticket < found->ticket))
			found = call;
	return found;
}

void client_ready(struct odoo *odoo)
{
	uint64_t up_to = odoo->last_ticket;
	struct call *call = NULL;

	odoo->refused_until_us = 0;
	for (uint64_t at = 0;
		(call = next_waiting(odoo, up_to, at)) && odoo->stage == STAGE_READY;) {
		at = call->ticket;
		call_send(call);
	}
}

/* Trying again does not help soon: the login and the address are as they are. */
static bool lasts(enum odoo_class class)
{
	return class == ODOO_DENIED || class == ODOO_OFF || class == ODOO_DATABASE ||
	       class == ODOO_FORBIDDEN;
}

void client_failed(struct odoo *odoo, enum odoo_class class, const char *message)
{
	uint64_t up_to = odoo->last_ticket;
	struct call *call;
	size_t len = strlen(message);

	if (len >= sizeof(odoo->refusal))
		len = sizeof(odoo->refusal) - 1;
	memcpy(odoo->refusal, message, len);
	odoo->refusal[len] = '\0';
	odoo->refused = class;
	odoo->refused_until_us = lasts(class) ? now_us(odoo) + ODOO_REFUSED_US : 0;
	for (uint64_t at = 0; (call = next_waiting(odoo, up_to, at));) {
		at = call->ticket;
		call_conclude(call, &(struct odoo_reply){.class = class, .message = odoo->refusal});
	}
}

/* ---- asking -------------------------------------------------------------------------------------- */

static void on_start(void *ctx)
{
	call_send(ctx);
}

static void copy_ask(struct call *call, const struct odoo_ask *ask)
{
	call->ask = *ask;
	assert(ask->n_args <= ODOO_ARGS_MAX && ask->n_positional <= ask->n_args);
	call->ask.model = arena_str(&call->arena, slice_of(ask->model));
	call->ask.method = arena_str(&call->arena, slice_of(ask->method));
	call->ask.ids = ask->ids.at ? arena_dup(&call->arena, ask->ids) : SLICE_NONE;
	call->ask.context = ask->context.at ? arena_dup(&call->arena, ask->context) : SLICE_NONE;
	for (int i = 0; i < ask->n_args; i++)
		call->ask.args[i] =
			(struct odoo_arg){arena_str(&call->arena, slice_of(ask->args[i].name)),
				arena_dup(&call->arena, ask->args[i].json)};
}

uint64_t odoo_ask(struct odoo *odoo, const struct odoo_ask *ask)
{
	struct call *call = NEW(struct call);
	int64_t deadline_us = ask->deadline_us ? ask->deadline_us : odoo->options.deadline_us;

	*call = (struct call){.odoo = odoo,
		.next = odoo->calls,
		.link = &odoo->calls,
		.ticket = ++odoo->last_ticket,
		.deadline_us = now_us(odoo) + deadline_us};
	if (call->next)
		call->next->link = &call->next;
	odoo->calls = call;
	copy_ask(call, ask);
	call->timer = timer_open(odoo->loop, on_call_timer, call);
	loop_defer(odoo->loop, on_start, call);
	return call->ticket;
}

static struct call *find(const struct odoo *odoo, uint64_t ticket)
{
	struct call *call = odoo->calls;

	while (call && call->ticket != ticket)
		call = call->next;
	return call;
}

void odoo_cancel(struct odoo *odoo, uint64_t ticket)
{
	struct call *call = find(odoo, ticket);

	if (!call)
		return;
	if (call->sent) {
		http_cancel(odoo->http, call->http_ticket);
		return;
	}
	call->canceled = true;
	loop_undefer(odoo->loop, on_start, call);
	loop_defer(odoo->loop, on_start, call);
}

static void call_drop(struct call *call)
{
	if (call->sent)
		http_drop(call->odoo->http, call->http_ticket);
	call_part(call);
	if (call->ask.dropped)
		call->ask.dropped(call->ask.ctx);
	call_free(call);
}

void odoo_drop(struct odoo *odoo, uint64_t ticket)
{
	struct call *call = find(odoo, ticket);

	if (call)
		call_drop(call);
}

void client_drop_calls(struct odoo *odoo)
{
	while (odoo->calls)
		call_drop(odoo->calls);
}
