/* What orderlyd says of itself in numbers. Private to orderlyd. */
#ifndef WORKER_METRICS_H
#define WORKER_METRICS_H

#include "base/str.h"
#include "relay/relay.h"
#include "worker/worker.h"

/* Prometheus' text form; relay NULL: there is none. */
void metrics_write(const struct worker *worker, const struct relay *relay, struct str *out);

/* True when the store answers; else why not. */
bool metrics_health(const struct worker *worker, const struct relay *relay, struct str *out);

#endif
