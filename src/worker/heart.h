/* What is open, and the heart that beats as long as somebody evaluates it. Private to the worker. */
#ifndef WORKER_HEART_H
#define WORKER_HEART_H

#include "call.h"
#include "duty.h"
#include "worker/worker.h"

struct heart;

/* All is borrowed. callee NULL: it beats for nobody; what is open is known all the same. */
struct heart *heart_new(
	struct duty_host *host, const struct caller *caller, const struct callee *callee);
void heart_free(struct heart *heart);
void heart_start(struct heart *heart);
void heart_stop(struct heart *heart);

/* Adds what is known to the counts. */
void heart_stats(const struct heart *heart, struct worker_alarms *stats);
struct worker_signal heart_signal(const struct heart *heart, size_t i);

#endif
