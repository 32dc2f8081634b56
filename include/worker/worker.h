/* The worker: runs the duties that the store names, each on its period, and asks Odoo what the store
 * wants to know of it.
 *
 * Which duties there are and what they do stands in the store, which also sees to it that each runs
 * in one worker at a time; any number of workers may run. A duty that did something runs again at
 * once, since more may be waiting. What fails is tried again, ever later. While the store is away
 * nothing is asked; when it is back, the duties are read anew. */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "base/loop.h"
#include "base/secret.h"
#include "odoo/profile.h"
#include "worker/callees.h"
#include "worker/jsonl.h"

struct worker;

struct worker_options {
	const char *conninfo;
	struct secret_source password; /* borrowed for the worker's life */
	/* Those that are asked whether they have something already; borrowed for the worker's life. Without
	 * one the worker leaves such questions to others. */
	const struct odoo_named *odoos;
	size_t n_odoos;
	const char *secrets; /* the folder whose files' ages are told; NULL: there is none */
	const struct callees *callees; /* borrowed for the worker's life; NULL: nobody is told */
	const char *ca_file; /* for those; NULL: the system's authorities */
	const char *name; /* in the store's list of workers */
	const char *version;
	int newest_store; /* the version of the store that this program knows; 0: any */
	/* Called in the loop when the store begins or ceases to answer. NULL is fine. */
	void (*store)(void *ctx, bool up);
	/* Called in the loop when all that was under way after worker_drain() has ended. */
	void (*drained)(void *ctx);
	void *ctx;
};

struct worker *worker_open(
	struct loop *loop, struct jsonl *jsonl, const struct worker_options *options);
void worker_close(struct worker *worker); /* NULL is fine */

/* Starts nothing any more, finishes what is under way, then calls drained(). */
void worker_drain(struct worker *worker);

/* What it does, for whoever watches. */
struct worker_stats {
	bool store_up, draining;
	size_t duties;
	uint64_t runs, rows, failures;
};

struct worker_stats worker_stats(const struct worker *worker);

/* Signals as this worker knows them, which is a few seconds late. */
struct worker_signal {
	const char *rule, *object, *severity;
};

struct worker_alarms {
	size_t open; /* at most 200 */
	int64_t evaluated_us; /* ago; -1: nobody knows */
	uint64_t delivered, failed, beats;
};

struct worker_alarms worker_alarms(const struct worker *worker);
/* Borrowed until the loop goes on. */
struct worker_signal worker_signal(const struct worker *worker, size_t i);

#endif
