/* An event as the middleware would report it: the document that the store takes. */
#ifndef SIM_EVENT_H
#define SIM_EVENT_H

#include "base/str.h"
#include "message.h"

struct event {
	const char *kind, *stage, *component;
	const char *compensates; /* the step that this one takes back; NULL: none */
	int64_t at_us; /* 0: now, as the message has it */
	int64_t due_us; /* 0: none */
	int64_t duration_us;
	const struct sim_error *error; /* of a failure */
	bool payload; /* with the body, and all terms by which people search */
	bool success; /* with what the target made of it */
};

void event_write(struct str *out, const struct message *message, const struct event *event);

#endif
