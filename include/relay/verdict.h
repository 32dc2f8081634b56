/* What came of sending one item: from the target's answer, or from what kept it from answering, to an
 * outcome in the store's words. Pure.
 *
 * The rule is: "not sent" only when it is certain that the target did nothing; "failed" only when it
 * said no; all else that is no success is in doubt. A target that keeps repeats apart ("repeats") loses
 * nothing by being sent to again, so its faults count as a no. */
#ifndef RELAY_VERDICT_H
#define RELAY_VERDICT_H

#include "http/http.h"
#include "odoo/client.h"
#include "relay/endpoint.h"

#define VERDICT_TEXT_MAX 500

struct verdict {
	enum outcome outcome;
	const char *class; /* of the store's error classes; NULL when delivered */
	char code[32];
	char text[VERDICT_TEXT_MAX +
		  4]; /* the target's own words, not inert, perhaps not for all */
	char target_ref[64];
	int http_status;
	double pause_s; /* the target's wish; 0: none */
	bool bad; /* counts against the target, not only against the item */
};

void verdict_http(const struct endpoint *endpoint, bool repeats, const struct http_reply *reply,
	int64_t wall_us, struct verdict *ret);
void verdict_odoo(
	const struct endpoint *endpoint, const struct odoo_reply *reply, struct verdict *ret);

/* Nothing was sent, for that reason. */
void verdict_unsent(struct verdict *ret, const char *class, const char *code, const char *text);

/* Of one that is not even tried, for its content cannot be made into what the endpoint wants. */
void verdict_unfit(struct verdict *ret, const char *text);

#endif
