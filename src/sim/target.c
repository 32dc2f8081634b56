/* A target over HTTP with a ledger, and the faults that targets have.
 * Leaves connections to web.c. Called by orderly-sim, for tests, benchmarks and the demo. */
#include "target.h"
#include "base/lines.h"
#include "base/mem.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum fault {
	FAULT_NONE,
	FAULT_SLOW, /* =MS */
	FAULT_ERROR,
	FAULT_HTML,
	FAULT_PROXY,
	FAULT_REDIRECT,
	FAULT_THROTTLE, /* =S */
	FAULT_BUSY,
	FAULT_DENIED,
	FAULT_INVALID,
	FAULT_TIMEOUT,
	FAULT_CLOSE,
	FAULT_TIMEOUT_AFTER_COMMIT,
	FAULT_CLOSE_AFTER_COMMIT,
	FAULT_CUT_AFTER_COMMIT,
	FAULT_ERROR_AFTER_COMMIT,
};

static const char *const fault_names[] = {"clear", "slow", "error", "html", "proxy", "redirect",
	"throttle", "busy", "denied", "invalid", "timeout", "close", "timeout-after-commit",
	"close-after-commit", "cut-after-commit", "error-after-commit"};

struct entry {
	char *name;
	char *order;
	int applied;
	struct entry *next_in_slot, *next;
};

#define SLOTS 65536

/* Names in the order in which they came. */
struct ledger {
	struct entry *slots[SLOTS];
	struct entry *first, **end;
	size_t n;
};

struct target_sim {
	bool repeats;
	struct ledger lines, keys; /* by business key; idempotency keys that were applied */
	enum fault fault;
	int64_t amount, times;
	int64_t posts, applied, twice;
};

/* ---- the ledger ---------------------------------------------------------------------------------- */

static uint32_t hash(struct slice text)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.at[i]) * 16777619u;
	return h % SLOTS;
}

static struct entry *entry_of(struct ledger *ledger, struct slice name)
{
	struct entry **slot = &ledger->slots[hash(name)], *entry = *slot;

	while (entry && !slice_eq_str(name, entry->name))
		entry = entry->next_in_slot;
	if (entry)
		return entry;
	entry = NEW(struct entry);
	entry->name = mem_dup(name.at, name.len);
	entry->next_in_slot = *slot;
	*slot = entry;
	*ledger->end = entry;
	ledger->end = &entry->next;
	ledger->n++;
	return entry;
}

static void ledger_done(struct ledger *ledger)
{
	struct entry *entry;

	while ((entry = ledger->first)) {
		ledger->first = entry->next;
		free(entry->name);
		free(entry->order);
		free(entry);
	}
}

static void apply(struct target_sim *sim, const struct web_request *request)
{
	struct slice name = web_header(request, "X-Business-Key");
	struct slice order = web_header(request, "X-Ordering-Key");
	struct slice key = web_header(request, "Idempotency-Key");
	struct entry *line;

	if (sim->repeats && key.len && entry_of(&sim->keys, key)->applied++)
		return;
	line = entry_of(&sim->lines, name.at ? name : request->path);
	if (!line->order)
		line->order = mem_dup(order.at ? order.at : "", order.len);
	sim->twice += line->applied == 1;
	line->applied++;
	sim->applied++;
}

/* ---- faults -------------------------------------------------------------------------------------- */

int target_sim_fault(struct target_sim *sim, struct slice text, struct err *err)
{
	struct slice rest = text, word, name;
	int64_t times = -1, amount = 1000;

	(void)slice_cut(&rest, ':', &word);
	if (rest.len && slice_to_i64(rest, 1, 1000000, &times) < 0)
		return err_set(err, -EINVAL, "\"%.*s\": how often is a number", SLICE_ARG(text));
	if (!slice_cut(&word, '=', &name))
		name = word;
	if (word.len && slice_to_i64(word, 0, 3600000, &amount) < 0)
		return err_set(
			err, -EINVAL, "\"%.*s\": a number is meant behind the =", SLICE_ARG(text));
	for (size_t i = 0; i < ARRAY_LEN(fault_names); i++) {
		if (!slice_eq_str(name, fault_names[i]))
			continue;
		sim->fault = (enum fault)i;
		sim->times = times;
		sim->amount = amount;
		return 0;
	}
	return err_unknown(
		err, "fault", name, fault_names, ARRAY_LEN(fault_names), sizeof(fault_names[0]));
}

static enum fault take_fault(struct target_sim *sim)
{
	enum fault fault = sim->fault;

	if (sim->times > 0 && --sim->times == 0)
		sim->fault = FAULT_NONE;
	return fault;
}

static void answer_page(struct web_answer *answer, int status, const char *title)
{
	answer->status = status;
	answer->type = "text/html; charset=utf-8";
	str_addf(&answer->body, "<!DOCTYPE html>\n<html><head><title>%s</title></head></html>",
		title);
}

static void answer_json(struct web_answer *answer, int status, const char *json)
{
	answer->status = status;
	answer->type = "application/json";
	str_adds(&answer->body, json);
}

/* What is applied before it fails, or not at all. */
static bool applies(enum fault fault)
{
	return fault == FAULT_NONE || fault == FAULT_SLOW || fault >= FAULT_TIMEOUT_AFTER_COMMIT;
}

static void answer_post(struct target_sim *sim, enum fault fault, struct web_answer *answer)
{
	answer_json(answer, 201, "{\"taken\": true}");
	if (fault == FAULT_NONE)
		return;
	if (fault != FAULT_SLOW && fault != FAULT_CUT_AFTER_COMMIT)
		str_reset(&answer->body);
	switch (fault) {
	case FAULT_SLOW:
		answer->delay_us = sim->amount * MS_US;
		break;
	case FAULT_ERROR:
	case FAULT_ERROR_AFTER_COMMIT:
		answer_json(answer, 500, "{\"error\": {\"message\": \"it broke inside\"}}");
		break;
	case FAULT_HTML:
		answer_page(answer, 200, "Scheduled maintenance");
		break;
	case FAULT_PROXY:
		answer_page(answer, 502, "502 Bad Gateway");
		break;
	case FAULT_REDIRECT:
		str_adds(&answer->headers, "Location: /login\r\n");
		answer_page(answer, 303, "See other");
		break;
	case FAULT_THROTTLE:
		str_addf(&answer->headers, "Retry-After: %lld\r\n", (long long)sim->amount);
		answer_json(answer, 429, "{\"message\": \"too many\"}");
		break;
	case FAULT_BUSY:
		answer_json(answer, 503, "{\"message\": \"too busy\"}");
		break;
	case FAULT_DENIED:
		answer_json(answer, 401, "{\"message\": \"who are you?\"}");
		break;
	case FAULT_INVALID:
		answer_json(answer, 422, "{\"message\": \"cost centre 8841 unknown\"}");
		break;
	case FAULT_TIMEOUT:
	case FAULT_TIMEOUT_AFTER_COMMIT:
		answer->end = WEB_HOLD;
		break;
	case FAULT_CLOSE:
	case FAULT_CLOSE_AFTER_COMMIT:
		answer->end = WEB_CLOSE;
		break;
	case FAULT_CUT_AFTER_COMMIT:
		answer->end = WEB_CUT;
		break;
	case FAULT_NONE:
		break;
	}
}

/* ---- serving ------------------------------------------------------------------------------------- */

static void serve_control(
	struct target_sim *sim, const struct web_request *request, struct web_answer *answer)
{
	struct err err = ERR_INIT;

	answer->type = "text/plain; charset=utf-8";
	if (slice_eq_str(request->path, "/sim/counts")) {
		answer->type = "application/json";
		str_addf(&answer->body,
			"{\"posts\": %lld, \"applied\": %lld, \"keys\": %zu, \"twice\": %lld}\n",
			(long long)sim->posts, (long long)sim->applied, sim->lines.n,
			(long long)sim->twice);
	} else if (slice_eq_str(request->path, "/sim/ledger")) {
		for (struct entry *line = sim->lines.first; line; line = line->next)
			str_addf(&answer->body, "%s\t%s\t%d\n", line->name, line->order,
				line->applied);
	} else if (target_sim_fault(sim, slice_trim(request->body), &err) < 0) {
		answer->status = 400;
		str_addf(&answer->body, "%s\n", err.text);
	}
}

void target_sim_serve(void *ctx, const struct web_request *request, struct web_answer *answer)
{
	struct target_sim *sim = ctx;
	enum fault fault;

	if (slice_starts(request->path, SLICE("/sim/"))) {
		serve_control(sim, request, answer);
		return;
	}
	fault = take_fault(sim);
	sim->posts++;
	if (applies(fault))
		apply(sim, request);
	answer_post(sim, fault, answer);
}

int64_t target_sim_applied(const struct target_sim *sim)
{
	return sim->applied;
}

struct target_sim *target_sim_new(bool repeats)
{
	struct target_sim *sim = NEW(struct target_sim);

	sim->repeats = repeats;
	sim->lines.end = &sim->lines.first;
	sim->keys.end = &sim->keys.first;
	return sim;
}

void target_sim_free(struct target_sim *sim)
{
	if (!sim)
		return;
	ledger_done(&sim->lines);
	ledger_done(&sim->keys);
	free(sim);
}

static void on_stop(void *ctx, int signo)
{
	(void)signo;
	loop_stop(ctx);
}

int target_serve(const struct target_serve_options *options, struct err *err)
{
	struct clock clock = clock_real();
	CLEANUP(loop_freep)
	struct loop *loop = NULL;
	struct target_sim *sim = target_sim_new(options->repeats);
	struct web *web = NULL;
	int r = loop_new(&clock, &loop, err);

	for (int i = 0; i < options->n_faults && r == 0; i++)
		r = target_sim_fault(sim, slice_of(options->faults[i]), err);
	if (r == 0)
		r = loop_signal(loop, SIGTERM, on_stop, loop, err);
	if (r == 0)
		r = loop_signal(loop, SIGINT, on_stop, loop, err);
	if (r == 0)
		r = web_listen(loop, options->listen, target_sim_serve, sim, &web, err);
	if (r == 0) {
		printf("listening on port %d\n", web_port(web));
		(void)fflush(stdout);
		loop_run(loop);
		web_close(web);
	}
	target_sim_free(sim);
	return r;
}
