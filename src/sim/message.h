/* One transaction's life, step by step. */
#ifndef SIM_MESSAGE_H
#define SIM_MESSAGE_H

#include "base/slice.h"
#include "estate.h"
#include "faults.h"
#include "random.h"

/* What all transactions of one business process share. */
struct process {
	const struct sim_flow *flow;
	uint64_t id;
	const char *facility;
	const struct sim_partner *partner; /* may be NULL */
	int64_t started_us;
};

struct message {
	int64_t at_us; /* of its next step */
	uint64_t id;
	struct process process;
	int leg, step, attempt;
	const struct sim_interface *interface;
	const struct sim_error *fate; /* what goes wrong by itself; NULL: nothing */
	int fate_attempts; /* how often, when it passes */
	struct random random;
	int64_t received_us, attempted_us;
};

struct message *message_first(const struct process *process);
void message_free(struct message *message);

/* Does the step that is due and says when the next is. False when the message is at its end.
 * *ret_next: the transaction that follows from it, if any; the caller's. */
bool message_step(struct message *message, const struct faults *faults,
	void (*emit)(void *ctx, int64_t at_us, struct slice document), void *ctx,
	struct message **ret_next);

#endif
