/* One duty: when it is due, and what came of it. Private to the worker. */
#ifndef WORKER_DUTY_H
#define WORKER_DUTY_H

#include "base/loop.h"
#include "store/pool.h"
#include "worker/jsonl.h"

struct duty_host {
	struct loop *loop;
	struct pool *pool;
	struct jsonl *jsonl;
	uint64_t random;
	bool draining;
	size_t running; /* queries under way, of all kinds */
	uint64_t runs, rows, failures; /* of duties, since the start */
	void (*idle)(void *ctx); /* one of them ended */
	void *ctx;
};

struct duty;

struct duty *duty_new(struct duty_host *host, const char *name, int64_t every_us);
void duty_free(struct duty *duty); /* what it asked is not heard of any more */
const char *duty_name(const struct duty *duty);
void duty_set_every(struct duty *duty, int64_t every_us);
void duty_stop(struct duty *duty); /* it is not due any more; what runs goes on */
void duty_start(struct duty *duty); /* due within its period, at a time of its own */
bool duty_runs(const struct duty *duty);

/* Between three and five quarters of the time. */
int64_t host_jitter(struct duty_host *host, int64_t us);

#endif
