/* The simulated traffic: business processes that start by chance or by timetable, and run as
 * transactions over interfaces, each a chain of events with its causes, waits, retries and ends.
 *
 * The same seed, rate and faults give the same events, to the byte, however the time is cut into
 * calls: each process draws its chances from its own start. So a simulator that comes back makes
 * again what was under way, and what the store had already counts as repeated. */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include "base/slice.h"
#include "faults.h"
#include <stdint.h>

struct engine;

struct engine_options {
	uint64_t seed;
	double rate; /* transactions in a second, as a mean over a day */
	const struct faults *faults;
	/* So far back are batches of the timetable that may still wait. */
	int64_t timetable_back_us;
	/* Called in the order of time. The document is the engine's until the call returns. */
	void (*emit)(void *ctx, int64_t at_us, struct slice document);
	void *ctx;
};

struct engine *engine_new(const struct engine_options *options, int64_t from_us);
void engine_free(struct engine *engine);
void engine_freep(struct engine **engine);

/* Makes all that happens before that time. */
void engine_run(struct engine *engine, int64_t until_us);

/* The share of processes that start at all, from now on: history is laid down thinner. */
void engine_thin(struct engine *engine, double share);

int64_t engine_at_us(const struct engine *engine);
size_t engine_under_way(const struct engine *engine);

#endif
