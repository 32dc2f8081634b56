/* Bodies of messages that look as in the field. All people, firms and numbers are invented. */
#ifndef SIM_PAYLOAD_H
#define SIM_PAYLOAD_H

#include "base/str.h"
#include "estate.h"
#include "random.h"

/* Of one business process: its messages speak of the same thing. */
struct subject {
	uint64_t id;
	const char *key; /* "PO-2026-11-00317" */
	const char *facility;
	const struct sim_partner *partner;
	int64_t at_us;
};

const char *payload_content_type(enum sim_form form);

/* The body of one message. The same subject, form and time give the same bytes. */
void payload_put(
	struct str *out, enum sim_form form, const struct subject *subject, const char *message_id);

#endif
