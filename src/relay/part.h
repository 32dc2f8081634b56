/* What the parts of the relay share. */
#ifndef RELAY_PART_H
#define RELAY_PART_H

#include "relay/relay.h"
#include "relay/verdict.h"
#include "store/pool.h"

enum target_state {
	TARGET_CLOSED, /* it is well: the circuit is closed */
	TARGET_OPEN, /* it rests */
	TARGET_HALF_OPEN, /* somebody probes it */
};

/* A system of the catalogue. Never goes away. */
struct target {
	struct relay *relay;
	struct target *next;
	char *code;
	enum target_state state;
	int64_t until_us; /* monotonic; when an open one may be probed */
	bool probe_asked, probing; /* this relay asks for the probe, has it */
	size_t held, seated,
		flying; /* items: here in all, marked of these, on their way of these */
	int64_t mean_us; /* that an answer takes, of late */
	/* Since the store was last told. */
	int answered, failed; /* failed: since the last answer */
	const char *class;
	double pause_s;
	bool reporting;
	bool failing; /* the store counts failures in a row: an answer breaks the row */
	struct relay_target_stats stats;
};

/* How an interface's items are sent now. Replaced as a whole when the catalogue changes; what is on
 * its way keeps the old one. */
struct route {
	size_t refs;
	char *interface, *text; /* of its endpoint, as it was read */
	struct target *target;
	struct endpoint *endpoint;
	bool repeats; /* the target keeps repeats apart */
	char *secret; /* of HTTP; Odoo's client reads its own */
	struct odoo *odoo;
	bool listed; /* in the list that was read last */
};

struct item {
	struct item *next; /* in one of the lists, or on its way in none */
	struct item *next_of_all, **link;
	struct relay *relay;
	struct route *route;
	int64_t id, request;
	char lease[40];
	int64_t until_us; /* the lease's end, a little early; monotonic */
	int64_t sent_us, took_us; /* took: 0 when it was not sent */
	bool seated; /* marked, or about to be, and not yet settled */
	bool unnoted; /* sent where repeats do harm, and the store does not know what came of it */
	struct rows *rows; /* the claim's, which hold its texts */
	size_t row;
	struct verdict verdict;
};

struct item_list {
	struct item *first, **end;
	size_t n;
};

struct relay {
	struct loop *loop;
	struct relay_options options; /* its texts are copies */
	struct pool *pool;
	struct http *http;
	struct target *targets;
	size_t n_targets;
	struct route **routes;
	size_t n_routes, unusable;
	struct item *items; /* all of them */
	struct item_list ready; /* claimed */
	struct item_list marked; /* to be sent */
	struct item_list known; /* to be noted, where repeats do harm */
	struct item_list done; /* to be told */
	struct item_list marking, noting, telling; /* with the store now */
	size_t unnoted;
	size_t tell_max;
	size_t flying;
	uint64_t claiming; /* a ticket, or 0 */
	struct target *probed; /* for which one item is to be claimed, or is being */
	bool claims_probe; /* `claiming` is for that one */
	struct timer *poll_timer, *routes_timer, *tell_timer, *drain_timer;
	uint64_t routes_ticket, version_ticket;
	bool fits; /* the store's version, as it was last seen on this connection */
	bool wanted; /* a claim may find something */
	int64_t busy_us; /* when something was last claimed */
	uint64_t random;
	bool draining, drained;
	struct relay_stats stats;
};

/* relay.c */
void relay_move(struct relay *relay); /* does what can be done now */
void relay_soon(struct relay *relay); /* the same, later in this turn */
void relay_step(struct relay *relay, enum relay_step step);
void relay_news(struct relay *relay, const struct relay_news *news);
void relay_failed(struct relay *relay, const char *statement, const struct query_result *result);
uint64_t relay_ask(struct relay *relay, const char *statement, const char *const *params,
	void (*fn)(void *ctx, const struct query_result *result), void *ctx);
int64_t relay_now_us(const struct relay *relay);
int64_t relay_jitter_us(struct relay *relay, int64_t us); /* three to five quarters of it */

/* items.c */
void items_claim(struct relay *relay);
void items_mark(struct relay *relay);
void list_init(struct item_list *list);
void list_add(struct item_list *list, struct item *item);
struct item *list_take(struct item_list *list);
void item_settle(struct item *item); /* its verdict is there */
void item_seat(struct item *item, bool seated);
void item_noted(struct item *item); /* the store knows, or will not be told */
bool item_given_back(struct item *item); /* for it must not go any more */
void item_free(struct item *item);

/* tell.c */
void items_note(struct relay *relay);
void items_tell(struct relay *relay);

/* send.c: calls item_settle() in the end, later. */
void item_send(struct item *item);

/* routes.c */
void routes_ask(struct relay *relay);
void routes_free(struct relay *relay);
struct route *route_find(const struct relay *relay, struct slice interface);
void route_unref(struct route *route);

/* targets.c */
struct target *target_of(struct relay *relay, struct slice code);
void target_take_state(struct target *target, struct slice state, int64_t wait_ms);
void target_count(struct target *target, const struct verdict *verdict, int64_t took_us);
void targets_report(struct relay *relay);
void targets_probe(struct relay *relay);
const char *target_state_name(const struct target *target);
size_t target_room(const struct target *target); /* items that are worth a claim; 0: none now */
bool target_has_seat(const struct target *target, bool repeats); /* one more may be marked */
bool target_may_fly(const struct target *target);
void targets_free(struct relay *relay);

#endif
