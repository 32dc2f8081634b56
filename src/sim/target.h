/* A simulated target: takes whatever is posted to it, and keeps a ledger of what it has applied, one line
 * for each business key (header X-Business-Key). What a test or the demo proves is read from the ledger.
 *
 *   GET  /sim/counts   {"posts": 7, "applied": 5, "keys": 5, "twice": 0}
 *   GET  /sim/ledger   "business key, ordering key, times applied", parted by tabs, in the order of the first time
 *   POST /sim/fault    what it does from now on: KIND[=N][:TIMES]; "clear" ends it
 *
 * With `repeats` it knows the Idempotency-Keys that it has applied, and applies none twice. */
#ifndef SIM_TARGET_H
#define SIM_TARGET_H

#include "base/err.h"
#include "web.h"

struct target_sim;

struct target_sim *target_sim_new(bool repeats);
void target_sim_free(struct target_sim *sim); /* NULL is fine */

/* For web_listen(); ctx is the simulated target. */
void target_sim_serve(void *ctx, const struct web_request *request, struct web_answer *answer);

int64_t target_sim_applied(const struct target_sim *sim);

int target_sim_fault(struct target_sim *sim, struct slice text, struct err *err);

struct target_serve_options {
	const char *listen; /* "127.0.0.1:8070" */
	bool repeats;
	const char *const *faults;
	int n_faults;
};

/* Until SIGTERM or SIGINT. Prints where it listens. */
int target_serve(const struct target_serve_options *options, struct err *err);

#endif
