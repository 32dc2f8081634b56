/* Looks at addresses as the store's probes say: whether they answer, how fast, until when their certificates
 * hold, what a broker's queues hold; and writes it down. Private to the worker. */
#ifndef WORKER_ADDRESSES_H
#define WORKER_ADDRESSES_H

#include "base/str.h"
#include "duty.h"

struct addresses;

/* Host and texts are borrowed. secrets NULL: probes that need one say so. */
struct addresses *addresses_new(
	struct duty_host *host, const char *secrets, const char *ca_file, const char *name);
void addresses_free(struct addresses *addresses);
void addresses_start(struct addresses *addresses);
void addresses_stop(struct addresses *addresses);

/* The queues in an answer of RabbitMQ's management plugin, as record_probe() of the store wants them.
 * False, and nothing is added, when it is no such answer. Names are kept as they are. */
bool broker_read(struct slice json, struct str *out);

#endif
