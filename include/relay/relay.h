/* The relay: takes approved replays from the store, sends them to their targets, and tells how it went.
 *
 * What may be sent, in which order and how fast, the store decides; the relay never sends an item whose
 * mark ("about to send") is not committed. An item lives here as long as its lease: claimed, marked,
 * flying, told. Any number of relays may run, on any hosts.
 *
 * - At most `flying` requests are on their way to one target, and the store's resting targets get none
 *   but the one that probes. A slow target holds up itself alone.
 * - To a target that does not keep repeats apart only as many items are marked as can be sent at once, and
 *   none while as many answers are not noted: whatever is marked, and not noted or told, when this process
 *   dies is in doubt, and a person's work.
 * - A store of another version is left alone: nothing is claimed or marked until it fits, and what is known
 *   is told.
 * - Nothing is forgotten: what cannot be told to the store is told again until it can be. */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include "base/loop.h"
#include "base/secret.h"
#include "relay/endpoint.h"

struct relay;
struct route;

/* The steps at which a process may die; for the tests that let it. */
enum relay_step {
	RELAY_CLAIMED, /* items came from the store */
	RELAY_MARKING, /* the mark was asked for */
	RELAY_MARKED, /* it is committed */
	RELAY_SENDING, /* one item is about to go */
	RELAY_SENT, /* its bytes are in the socket's hands, or soon will be */
	RELAY_ANSWERED, /* what came of it is known here alone */
	RELAY_NOTING, /* a note of it is on its way to the store */
	RELAY_NOTED, /* and is committed there */
	RELAY_TELLING, /* outcomes are on their way to the store */
	RELAY_TOLD, /* and are committed there */
	N_RELAY_STEPS,
};

enum relay_event {
	RELAY_ITEM, /* one item came to an outcome */
	RELAY_ROUTE, /* an endpoint cannot be used: text says why */
	RELAY_TARGET, /* a target rests, is probed, or is well again: text says which */
	RELAY_STORE, /* a question failed: text says why */
};

/* No payloads and no words of a target: they may hold what a log must not. */
struct relay_news {
	enum relay_event event;
	const char *interface, *target, *text;
	int64_t item, request, took_us;
	const char *outcome, *class, *code;
};

struct relay_options {
	const char *conninfo;
	struct secret_source password; /* borrowed for the relay's life */
	const char *name; /* of the worker, in the store */
	const char *secrets; /* folder with a file for each secret; NULL: there are none */
	const char *ca_file; /* NULL: the system's authorities */
	const char *proxy; /* NULL: none */
	int newest_store; /* the version of the store that this program knows; 0: any */
	int flying; /* requests at once to one target; 0: 8 */
	void (*news)(void *ctx, const struct relay_news *news);
	void (*drained)(void *ctx); /* all that was under way after relay_drain() has ended */
	void (*step)(void *ctx, enum relay_step step); /* NULL, but for tests */
	void *ctx;
};

struct relay *relay_open(struct loop *loop, const struct relay_options *options);
void relay_close(struct relay *relay); /* NULL is fine */

/* Sends nothing any more, waits for what is on its way, and gives the rest back. */
void relay_drain(struct relay *relay);

/* What it does, for whoever watches. */
struct relay_target_stats {
	const char *code, *state;
	uint64_t sent, outcomes[N_OUTCOMES];
	size_t held, flying;
	double seconds; /* that answers took, in all */
};

struct relay_stats {
	bool store_up;
	uint64_t claims, failed_questions;
	size_t untold; /* outcomes that the store does not know yet */
	size_t routes, unusable; /* interfaces */
	size_t n_targets;
};

struct relay_stats relay_stats(const struct relay *relay);
struct relay_target_stats relay_target_stats(const struct relay *relay, size_t i);

#endif
