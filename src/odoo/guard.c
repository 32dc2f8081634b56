/* One question after the other until the answer is sure: found, not found, or that it cannot be told.
 * Leaves the domains to guard_domain.c, the calls to client.c. Called by the worker before it sends
 * something again. */
#include "odoo/guard.h"
#include "base/mem.h"
#include "guard_part.h"
#include "odoo/external.h"
#include <stdlib.h>
#include <string.h>

#define ARCHIVED_TOO SLICE("{\"active_test\":false}")

static void next_key(struct odoo_guard *guard);

const char *odoo_found_name(enum odoo_found found)
{
	static const char *const names[] = {"cannot-tell", "found", "not-found"};

	return names[found];
}

const char *odoo_key_name(enum odoo_key key)
{
	static const char *const names[] = {
		"no key", "external id", "reference", "amount, date and partner"};

	return names[key];
}

/* ---- the answer ----------------------------------------------------------------------------------- */

static void guard_free(struct odoo_guard *guard)
{
	arena_done(&guard->arena);
	free(guard);
}

static void finish(struct odoo_guard *guard, const struct odoo_guard_answer *answer)
{
	guard->ask.done(guard->ask.ctx, answer);
	guard_free(guard);
}

static const char *in_words(struct odoo_guard *guard, const char *text)
{
	return arena_printf(&guard->arena, "by %s: %s", odoo_key_name(guard->key), text);
}

/* Remembered; a further key may still find it. */
static void doubt(struct odoo_guard *guard, enum odoo_class class, const char *text)
{
	if (!guard->doubts)
		guard->doubt = (struct odoo_guard_answer){.found = ODOO_CANNOT_TELL,
			.by = guard->key,
			.class = class,
			.why = in_words(guard, text)};
	guard->doubts = true;
	next_key(guard);
}

static void not_by_this(struct odoo_guard *guard)
{
	if (guard->key != ODOO_KEY_LOOKS)
		guard->strong_says_no = true;
	next_key(guard);
}

static void found(struct odoo_guard *guard, struct odoo_guard_answer *answer)
{
	answer->found = ODOO_FOUND;
	answer->by = guard->key;
	if (guard->key == ODOO_KEY_LOOKS && guard->strong_says_no) {
		answer->found = ODOO_CANNOT_TELL;
		answer->why = in_words(guard, "one that looks the same has another reference");
	} else {
		answer->why = in_words(guard, answer->n == 1 && !answer->more
						      ? "Odoo has it"
						      : "Odoo has it more than once");
	}
	finish(guard, answer);
}

static void last_word(struct odoo_guard *guard)
{
	bool asked =
		guard->ask.external_id || guard->ask.reference_field || guard->ask.amount_field;

	if (guard->doubts)
		finish(guard, &guard->doubt);
	else if (!asked)
		finish(guard, &(struct odoo_guard_answer){
				      .why = "there is no key by which Odoo could be asked"});
	else
		finish(guard, &(struct odoo_guard_answer){
				      .found = ODOO_NOT_FOUND, .why = "Odoo does not have it"});
}

/* ---- asking -------------------------------------------------------------------------------------- */

static void ask(struct odoo_guard *guard, struct odoo_ask what,
	void (*done)(void *ctx, const struct odoo_reply *reply))
{
	int64_t left_us = guard->deadline_us - clock_mono_us(loop_clock(odoo_loop(guard->odoo)));

	what.deadline_us = left_us > 1 ? left_us : 1;
	what.context = ARCHIVED_TOO;
	what.reads = true;
	what.done = done;
	what.ctx = guard;
	guard->ticket = odoo_ask(guard->odoo, &what);
}

/* Ids that differ; one more than fit is asked for. */
static bool take_ids(
	const struct value *list, int64_t ids[ODOO_GUARD_IDS], size_t *ret_n, bool *ret_more)
{
	size_t n = 0;

	if (!list || list->kind != VALUE_LIST || list->n > ODOO_GUARD_IDS + 1)
		return false;
	for (size_t i = 0; i < list->n; i++) {
		int64_t id;

		if (!value_int(value_at(list, i), &id) || id <= 0)
			return false;
		for (size_t k = 0; k < n; k++)
			if (ids[k] == id)
				return false;
		if (n < ODOO_GUARD_IDS)
			ids[n++] = id;
	}
	*ret_n = n;
	*ret_more = list->n > ODOO_GUARD_IDS;
	return true;
}

static void search(struct odoo_guard *guard, const char *model, const struct str *domain,
	void (*done)(void *ctx, const struct odoo_reply *reply))
{
	ask(guard,
		(struct odoo_ask){.model = model,
			.method = "search",
			.args = {{"domain", str_slice(domain)}, {"limit", SLICE("9")},
				{"order", SLICE("\"id\"")}},
			.n_args = 3,
			.n_positional = 1},
		done);
}

_Static_assert(ODOO_GUARD_IDS == 8, "the limit of the search is one more");

static void on_searched(void *ctx, const struct odoo_reply *reply)
{
	struct odoo_guard *guard = ctx;
	struct odoo_guard_answer answer = {0};

	guard->ticket = 0;
	if (reply->class != ODOO_OK)
		doubt(guard, reply->class, reply->message);
	else if (!take_ids(reply->result, answer.ids, &answer.n, &answer.more))
		doubt(guard, ODOO_GARBLED, "the answer is no list of numbers");
	else if (answer.n == 0)
		not_by_this(guard);
	else
		found(guard, &answer);
}

/* ---- by external id -------------------------------------------------------------------------------- */

static void on_external(void *ctx, const struct odoo_reply *reply)
{
	struct odoo_guard *guard = ctx;
	struct odoo_guard_answer answer = {.n = 1};
	struct slice model;

	guard->ticket = 0;
	if (odoo_external_unknown(reply))
		not_by_this(guard);
	else if (reply->class != ODOO_OK)
		doubt(guard, reply->class, reply->message);
	else if (!odoo_external_found(reply, &model, &answer.ids[0]))
		doubt(guard, ODOO_GARBLED, "the answer is no model and number");
	else if (!slice_eq_str(model, guard->ask.model))
		doubt(guard, ODOO_OK, "it belongs to a record of another model");
	else if (!answer.ids[0])
		doubt(guard, ODOO_OK, "it is known, but its record is not to be seen");
	else
		found(guard, &answer);
}

static void ask_external(struct odoo_guard *guard)
{
	struct odoo_ask what;

	if (odoo_external_ask(&guard->arena, slice_of(guard->ask.external_id), &what))
		ask(guard, what, on_external);
	else
		doubt(guard, ODOO_OK, "what was given is none like module.name");
}

/* ---- by reference ------------------------------------------------------------------------------------ */

static void ask_reference(struct odoo_guard *guard)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(64 * 1024);

	if (guard_reference_domain(
		    guard->ask.reference_field, guard->ask.reference, guard->ask.also, &domain))
		search(guard, guard->ask.model, &domain, on_searched);
	else
		doubt(guard, ODOO_OK, "the reference is empty, too long, or not text");
}

/* ---- by looks ---------------------------------------------------------------------------------------- */

static void ask_looks(struct odoo_guard *guard)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(64 * 1024);
	const char *why = "";

	if (guard_looks_domain(guard, &domain, &why))
		search(guard, guard->ask.model, &domain, on_searched);
	else
		doubt(guard, ODOO_OK, why);
}

static void on_partners(void *ctx, const struct odoo_reply *reply)
{
	struct odoo_guard *guard = ctx;
	bool more = false;

	guard->ticket = 0;
	if (reply->class != ODOO_OK)
		doubt(guard, reply->class, reply->message);
	else if (!take_ids(reply->result, guard->partners, &guard->n_partners, &more))
		doubt(guard, ODOO_GARBLED, "the answer is no list of numbers");
	else if (guard->n_partners == 0)
		doubt(guard, ODOO_OK, "Odoo does not have the partner");
	else if (more)
		doubt(guard, ODOO_OK, "too many partners have that reference");
	else
		ask_looks(guard);
}

static void ask_partner(struct odoo_guard *guard)
{
	CLEANUP(str_done)
	struct str domain = STR_INIT(64 * 1024);

	guard->partners[0] = guard->ask.partner_id;
	guard->n_partners = 1;
	if (guard->ask.partner_id > 0)
		ask_looks(guard);
	else if (guard->ask.partner_reference_field &&
		 guard_reference_domain(guard->ask.partner_reference_field,
			 guard->ask.partner_reference, SLICE_NONE, &domain))
		search(guard, "res.partner", &domain, on_partners);
	else
		doubt(guard, ODOO_OK, "no partner was given");
}

/* ---- the course of it -------------------------------------------------------------------------------- */

static void next_key(struct odoo_guard *guard)
{
	guard->key++;
	if (guard->key == ODOO_KEY_EXTERNAL_ID && !guard->ask.external_id)
		guard->key++;
	if (guard->key == ODOO_KEY_REFERENCE && !guard->ask.reference_field)
		guard->key++;
	if (guard->key == ODOO_KEY_LOOKS && !guard->ask.amount_field)
		guard->key++;
	switch (guard->key) {
	case ODOO_KEY_EXTERNAL_ID:
		ask_external(guard);
		break;
	case ODOO_KEY_REFERENCE:
		ask_reference(guard);
		break;
	case ODOO_KEY_LOOKS:
		ask_partner(guard);
		break;
	default:
		last_word(guard);
	}
}

static void on_start(void *ctx)
{
	next_key(ctx);
}

static const char *copy(struct arena *arena, const char *text)
{
	return text ? arena_str(arena, slice_of(text)) : NULL;
}

struct odoo_guard *odoo_guard(struct odoo *odoo, const struct odoo_guard_ask *what)
{
	struct odoo_guard *guard = NEW(struct odoo_guard);
	struct odoo_guard_ask *own = &guard->ask;
	struct arena *arena = &guard->arena;

	*guard = (struct odoo_guard){.odoo = odoo, .ask = *what};
	own->model = copy(arena, what->model);
	own->also = arena_dup(arena, what->also);
	own->external_id = copy(arena, what->external_id);
	own->reference_field = copy(arena, what->reference_field);
	own->reference = arena_dup(arena, what->reference);
	own->amount_field = copy(arena, what->amount_field);
	own->date_field = copy(arena, what->date_field);
	own->partner_field = copy(arena, what->partner_field);
	own->date = arena_dup(arena, what->date);
	own->partner_reference_field = copy(arena, what->partner_reference_field);
	own->partner_reference = arena_dup(arena, what->partner_reference);
	guard->deadline_us = clock_mono_us(loop_clock(odoo_loop(odoo))) +
			     (what->deadline_us ? what->deadline_us : ODOO_DEADLINE_US);
	loop_defer(odoo_loop(odoo), on_start, guard);
	return guard;
}

void odoo_guard_drop(struct odoo_guard *guard)
{
	if (!guard)
		return;
	loop_undefer(odoo_loop(guard->odoo), on_start, guard);
	if (guard->ticket)
		odoo_drop(guard->odoo, guard->ticket);
	guard_free(guard);
}
