/* Tells the store what came of items, as many at once as there are: where repeats do harm a note first,
 * which is quick, so that the next ones may go; then all that follows.
 * What is not taken is told again, fewer at a time, so that one outcome that the store cannot read does
 * not keep the others. Called by relay.c. */
#include "base/mem.h"
#include "part.h"
#include <stdlib.h>

#define TELL_MAX 500
#define TELL_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define AGAIN_US S_US

static void put(struct str *out, const char *name, const char *text)
{
	size_t before = out->len;

	if (!text || !*text)
		return;
	str_addf(out, ",\"%s\":", name);
	if (!value_put_text(out, slice_of(text)))
		str_truncate(out, before);
}

static void put_result(struct str *out, const struct item *item)
{
	const struct verdict *verdict = &item->verdict;

	str_addf(out, "%s{\"lease\":\"%s\",\"outcome\":\"%s\"", out->len ? "," : "[", item->lease,
		outcome_name(verdict->outcome));
	put(out, "class", verdict->class);
	put(out, "code", verdict->code);
	put(out, "text", verdict->text);
	if (verdict->http_status)
		str_addf(out, ",\"http_status\":%d", verdict->http_status);
	if (verdict->pause_s > 0)
		str_addf(out, ",\"retry_after_s\":%.3f", verdict->pause_s);
	if (verdict->target_ref[0]) {
		put(out, "target_model", item->route->endpoint->model);
		put(out, "target_ref", verdict->target_ref);
	}
	str_addc(out, '}');
}

static void tell_item(const struct item *item)
{
	const struct verdict *verdict = &item->verdict;

	relay_news(item->relay, &(struct relay_news){.event = RELAY_ITEM,
					.interface = item->route->interface,
					.target = item->route->target->code,
					.item = item->id,
					.request = item->request,
					.took_us = item->took_us,
					.outcome = outcome_name(verdict->outcome),
					.class = verdict->class,
					.code = verdict->code});
}

/* The store has its reasons: a lease of which it knows nothing any more, a person who was faster. */
static void tell_refusals(struct relay *relay, const struct rows *rows)
{
	size_t ok = rows_col(rows, "ok"), code = rows_col(rows, "code");

	for (size_t i = 0; i < rows_count(rows); i++) {
		CLEANUP(mem_freep)
		char *why = NULL;

		if (rows_bool(rows, i, ok))
			continue;
		why = mem_dup(rows_text(rows, i, code).at, rows_text(rows, i, code).len);
		relay_news(relay, &(struct relay_news){.event = RELAY_STORE, .text = why});
	}
}

/* In front of the others, in their order. */
static void put_back(struct relay *relay)
{
	struct item *item;

	while ((item = list_take(&relay->done)))
		list_add(&relay->telling, item);
	while ((item = list_take(&relay->telling)))
		list_add(&relay->done, item);
}

/* The server read it and did not like it: class 22 and 23, bad data. */
static bool is_unreadable(const struct query_result *result)
{
	return result->sqlstate[0] == '2' &&
	       (result->sqlstate[1] == '2' || result->sqlstate[1] == '3');
}

static void on_failure(struct relay *relay, const struct query_result *result)
{
	relay_failed(relay, "relay-record", result);
	/* Its lease runs out, and it is in doubt: that is what it is. */
	if (is_unreadable(result) && relay->telling.n == 1)
		item_free(list_take(&relay->telling));
	relay->tell_max = relay->tell_max > 1 ? relay->tell_max / 2 : 1;
	put_back(relay);
	timer_in(relay->tell_timer, relay_jitter_us(relay, AGAIN_US));
}

static void on_told(void *ctx, const struct query_result *result)
{
	struct relay *relay = ctx;
	struct item *item;

	if (result->event == QUERY_FAILED) {
		on_failure(relay, result);
		relay_move(relay);
		return;
	}
	relay_step(relay, RELAY_TOLD);
	tell_refusals(relay, result->rows);
	while ((item = list_take(&relay->telling))) {
		tell_item(item);
		item_free(item);
	}
	relay->tell_max = TELL_MAX;
	/* Those behind them may be heads now, a stage may have ended. */
	relay->wanted = true;
	relay_move(relay);
}

void items_tell(struct relay *relay)
{
	CLEANUP(str_done)
	struct str results = STR_INIT(TELL_MAX_BYTES);
	const char *params[1];

	if (relay->telling.n || !relay->done.n || timer_is_set(relay->tell_timer))
		return;
	if (!relay->tell_max)
		relay->tell_max = TELL_MAX;
	while (relay->done.n && relay->telling.n < relay->tell_max) {
		struct item *item = list_take(&relay->done);

		put_result(&results, item);
		list_add(&relay->telling, item);
	}
	str_addc(&results, ']');
	params[0] = str_cstr(&results);
	(void)relay_ask(relay, "relay-record", params, on_told, relay);
	relay_step(relay, RELAY_TELLING);
}

/* A note that failed is none: it is told as all are, and nothing more is marked before. */
static void on_noted(void *ctx, const struct query_result *result)
{
	struct relay *relay = ctx;
	struct item *item;

	if (result->event == QUERY_FAILED)
		relay_failed(relay, "relay-note", result);
	else
		relay_step(relay, RELAY_NOTED);
	while ((item = list_take(&relay->noting))) {
		if (result->event != QUERY_FAILED)
			item_noted(item);
		list_add(&relay->done, item);
	}
	relay_move(relay);
}

void items_note(struct relay *relay)
{
	CLEANUP(str_done)
	struct str results = STR_INIT(TELL_MAX_BYTES);
	const char *params[1];
	struct item *item;

	if (relay->noting.n || !relay->known.n)
		return;
	while ((item = list_take(&relay->known))) {
		put_result(&results, item);
		list_add(&relay->noting, item);
	}
	str_addc(&results, ']');
	params[0] = str_cstr(&results);
	(void)relay_ask(relay, "relay-note", params, on_noted, relay);
	relay_step(relay, RELAY_NOTING);
}
