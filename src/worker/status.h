/* A loopback address where whoever watches a host asks how orderlyd is.
 *
 *   GET /healthz   200 "ok" while the store answers, 503 with the reason else
 *   GET /metrics   numbers in Prometheus' text form
 *
 * Loopback alone: what is behind it has no password. One request a connection. */
#ifndef WORKER_STATUS_H
#define WORKER_STATUS_H

#include "base/err.h"
#include "base/loop.h"
#include "base/str.h"

struct status;

struct status_source {
	/* True when all is well; else the reason is added. */
	bool (*health)(void *ctx, struct str *out);
	void (*metrics)(void *ctx, struct str *out);
	void *ctx;
};

/* address: "127.0.0.1:9464" or "[::1]:9464"; port 0 takes a free one. The source is copied. */
int status_open(struct loop *loop, const char *address, const struct status_source *source,
	struct status **ret, struct err *err);
void status_close(struct status *status); /* NULL is fine */
int status_port(const struct status *status);

#endif
