/* Tells people of signals: claims deliveries from the store, marks each before it is sent, calls, and
 * records what came of it. Keeps the heart beating, as long as somebody evaluates. Private to the worker. */
#ifndef WORKER_ALARMS_H
#define WORKER_ALARMS_H

#include "call.h"
#include "duty.h"
#include "worker/worker.h"

struct alarms;

/* Host and texts are borrowed. callees NULL: nobody is told; the open signals are known all the same. */
struct alarms *alarms_new(struct duty_host *host, const struct callees *callees,
	const char *secrets, const char *ca_file, const char *name);
void alarms_free(struct alarms *alarms);
void alarms_start(struct alarms *alarms);
void alarms_stop(
	struct alarms *alarms); /* nothing new is begun; calls under way end by themselves */

struct worker_alarms alarms_stats(const struct alarms *alarms);
struct worker_signal alarms_signal(const struct alarms *alarms, size_t i);

#endif
