/* Items on their way through: claimed, marked, settled, told to the store.
 * Leaves the sending of one to send.c, and when each is done to relay.c.
 * Called by relay.c. */
#include "base/mem.h"
#include "part.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM_MAX 200
#define MARK_MAX 200
#define LEASE_MARGIN_US (5 * S_US)

void list_init(struct item_list *list)
{
	*list = (struct item_list){.end = &list->first};
}

void list_add(struct item_list *list, struct item *item)
{
	item->next = NULL;
	*list->end = item;
	list->end = &item->next;
	list->n++;
}

struct item *list_take(struct item_list *list)
{
	struct item *item = list->first;

	if (!item)
		return NULL;
	list->first = item->next;
	if (!list->first)
		list->end = &list->first;
	list->n--;
	return item;
}

void item_seat(struct item *item, bool seated)
{
	item->route->target->seated += (size_t)seated - (size_t)item->seated;
	item->seated = seated;
}

void item_free(struct item *item)
{
	item_seat(item, false);
	item_noted(item);
	*item->link = item->next_of_all;
	if (item->next_of_all)
		item->next_of_all->link = item->link;
	item->route->target->held--;
	route_unref(item->route);
	rows_unref(item->rows);
	free(item);
}

void item_noted(struct item *item)
{
	item->relay->unnoted -= item->unnoted;
	item->unnoted = false;
}

void item_settle(struct item *item)
{
	struct relay *relay = item->relay;

	item_seat(item, false);
	if (item->took_us > 0 && !item->route->repeats) {
		item->unnoted = true;
		relay->unnoted++;
		list_add(&relay->known, item);
	} else {
		list_add(&relay->done, item);
	}
	relay_soon(relay);
}

/* ---- claiming ------------------------------------------------------------------------------------ */

static void take_lease(struct item *item, const struct rows *rows, size_t row)
{
	struct slice lease = rows_text(rows, row, rows_col(rows, "lease"));
	int64_t ms = rows_int(rows, row, rows_col(rows, "lease_ms"));

	(void)snprintf(item->lease, sizeof(item->lease), "%.*s", SLICE_ARG(lease));
	item->until_us = relay_now_us(item->relay) + ms * MS_US - LEASE_MARGIN_US;
}

static struct item *item_new(struct relay *relay)
{
	struct item *item = NEW(struct item);

	item->relay = relay;
	item->next_of_all = relay->items;
	item->link = &relay->items;
	if (item->next_of_all)
		item->next_of_all->link = &item->next_of_all;
	relay->items = item;
	return item;
}

/* One whose route has gone meanwhile is not taken up: its lease runs out, and the next may. */
static void take_item(struct relay *relay, struct rows *rows, size_t row)
{
	struct route *route = route_find(relay, rows_text(rows, row, rows_col(rows, "interface")));
	struct item *item;

	if (!route || !route->endpoint)
		return;
	item = item_new(relay);
	item->route = route;
	item->id = rows_int(rows, row, rows_col(rows, "item"));
	item->request = rows_int(rows, row, rows_col(rows, "request"));
	item->rows = rows_ref(rows);
	item->row = row;
	route->refs++;
	route->target->held++;
	take_lease(item, rows, row);
	list_add(&relay->ready, item);
}

static void on_claim(void *ctx, const struct query_result *result)
{
	struct relay *relay = ctx;

	relay->claiming = 0;
	if (relay->claims_probe)
		relay->probed = NULL;
	if (result->event == QUERY_FAILED) {
		relay_failed(relay, "relay-claim", result);
		relay_move(relay);
		return;
	}
	relay->stats.claims++;
	relay->wanted = relay->wanted || rows_count(result->rows) > 0;
	if (rows_count(result->rows)) {
		relay->busy_us = relay_now_us(relay);
		relay_step(relay, RELAY_CLAIMED);
	}
	for (size_t i = 0; i < rows_count(result->rows); i++)
		take_item(relay, result->rows, i);
	relay_move(relay);
}

/* What one claim asks for: of targets with room, as much as the one with the least of it can take. */
struct wish {
	struct str interfaces;
	size_t want;
	int64_t deadline_us;
};

static void wish_add(struct wish *wish, const struct route *route, size_t room)
{
	str_addf(&wish->interfaces, "%s\"%s\"", wish->interfaces.len ? "," : "{", route->interface);
	if (!wish->want || room < wish->want)
		wish->want = room;
	if (route->endpoint->deadline_us > wish->deadline_us)
		wish->deadline_us = route->endpoint->deadline_us;
}

static void wish_fill(struct wish *wish, const struct relay *relay)
{
	for (size_t i = 0; i < relay->n_routes; i++) {
		const struct route *route = relay->routes[i];
		size_t room = target_room(route->target);

		if (relay->probed)
			room = route->target == relay->probed ? 1 : 0;
		if (route->endpoint && room)
			wish_add(wish, route, room);
	}
	if (wish->want > CLAIM_MAX)
		wish->want = CLAIM_MAX;
}

/* A lease lasts for waiting as long as an answer may take, for the answer, and for telling. */
void items_claim(struct relay *relay)
{
	CLEANUP(str_done)
	struct str interfaces = STR_INIT(1024 * 1024);
	struct wish wish = {.interfaces = interfaces};
	char want[24], lease[24];
	const char *params[] = {relay->options.name, want, lease, NULL};

	if (relay->claiming || (!relay->wanted && !relay->probed))
		return;
	wish_fill(&wish, relay);
	interfaces = wish.interfaces;
	if (!wish.want) {
		relay->probed = NULL;
		return;
	}
	str_addc(&interfaces, '}');
	(void)snprintf(want, sizeof(want), "%zu", wish.want);
	(void)snprintf(lease, sizeof(lease), "%lld", (long long)(2 * wish.deadline_us / S_US + 30));
	params[3] = str_cstr(&interfaces);
	relay->wanted = relay->wanted && relay->probed;
	relay->claims_probe = relay->probed;
	relay->claiming = relay_ask(relay, "relay-claim", params, on_claim, relay);
}

/* ---- marking ------------------------------------------------------------------------------------- */

static void give_back(struct item *item, const char *class, const char *code, const char *text)
{
	verdict_unsent(&item->verdict, class, code, text);
	item_settle(item);
}

/* True when it must not go any more. */
bool item_given_back(struct item *item)
{
	const struct relay *relay = item->relay;
	const struct target *target = item->route->target;
	int64_t left_us = item->until_us - relay_now_us(relay);

	if (relay->draining) {
		give_back(item, NULL, "drained", "the worker ends");
	} else if (target->state != TARGET_CLOSED && !target->probing) {
		give_back(item, target->class, "rests", "the target rests");
		item->verdict.pause_s =
			(double)(target->until_us - relay_now_us(relay)) / (double)S_US;
	} else if (left_us < item->route->endpoint->deadline_us) {
		give_back(item, NULL, "late", "it waited too long here");
	} else {
		return false;
	}
	return true;
}

static bool goes(const struct rows *rows, const struct item *item)
{
	size_t lease = rows_col(rows, "lease"), go = rows_col(rows, "go");

	for (size_t i = 0; i < rows_count(rows); i++)
		if (slice_eq_str(rows_text(rows, i, lease), item->lease))
			return rows_bool(rows, i, go);
	return false;
}

/* Only what says go. What the store does not let go is no longer ours. */
static void on_mark(void *ctx, const struct query_result *result)
{
	struct relay *relay = ctx;
	struct item *item;

	if (result->event == QUERY_FAILED)
		relay_failed(relay, "relay-mark", result);
	else
		relay_step(relay, RELAY_MARKED);
	while ((item = list_take(&relay->marking))) {
		if (result->event == QUERY_FAILED) {
			/* Marked or not: it was not sent. */
			give_back(item, NULL, "store", "the mark was not confirmed");
		} else if (goes(result->rows, item)) {
			list_add(&relay->marked, item);
		} else {
			item_free(item);
		}
	}
	relay_move(relay);
}

void items_mark(struct relay *relay)
{
	CLEANUP(str_done)
	struct str leases = STR_INIT((size_t)MARK_MAX * 48);
	struct item_list ready = relay->ready;
	const char *params[1];
	struct item *item;

	if (relay->marking.n || !ready.n)
		return;
	list_init(&relay->ready);
	while ((item = list_take(&ready))) {
		if (item_given_back(item))
			continue;
		if (relay->marking.n == MARK_MAX ||
			!target_has_seat(item->route->target, item->route->repeats)) {
			list_add(&relay->ready, item);
			continue;
		}
		item_seat(item, true);
		str_addf(&leases, "%s%s", leases.len ? "," : "{", item->lease);
		list_add(&relay->marking, item);
	}
	if (!relay->marking.n)
		return;
	str_addc(&leases, '}');
	params[0] = str_cstr(&leases);
	(void)relay_ask(relay, "relay-mark", params, on_mark, relay);
	relay_step(relay, RELAY_MARKING);
}
