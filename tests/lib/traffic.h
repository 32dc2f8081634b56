/* A store with people in it and messages that die: what the tests of dead letters, replays and
 * roll-ups begin with. Beside those of people.h it has these interfaces, all to the system "ghx":
 *
 *   orders    one approver, messages of one ordering key stay in order, the target is not idempotent
 *   stock     free up to 5, the target takes a key, emergency up to 2
 *   invoices  two approvers
 *   payroll   never
 */
#ifndef TESTS_LIB_TRAFFIC_H
#define TESTS_LIB_TRAFFIC_H

#include "people.h"

void traffic_open(struct people *people, const char *name);
int traffic_setup(
	void **state); /* for cmocka; *state is a struct people, people_teardown() ends it */

/* Ingests events, a JSON array in SQL's words, as the middleware does; all must be taken. In SQL,
 * public.ev(interface, message id, kind, time, more) makes one. */
void traffic_ingest(struct people *people, const char *sql, ...) PG_PRINTF(2);

/* Messages <prefix>1 to <prefix>n of an interface, with a payload, dead an hour ago of that error;
 * then lets the dead letters follow. */
void traffic_die(struct people *people, const char *interface, const char *prefix, int n,
	const char *class, const char *text);

/* The same for orders of one ordering key, which is the prefix. */
void traffic_die_ordered(struct people *people, const char *prefix, int n);

/* Waits until followers may see all that is committed by now: other tests in the same cluster hold them
 * back as long as their transactions last. A test that holds them back itself gives up, and goes on. */
void traffic_settle(struct people *people);

/* Runs a duty until it finds nothing more to do. */
void traffic_duty(struct people *people, const char *duty);

/* The number of a message's transaction. */
int64_t traffic_id(struct people *people, const char *interface, const char *message);

/* The dead letters of messages that are LIKE this, as an array in SQL's words; the caller frees. */
char *traffic_letters(struct people *people, const char *like);

/* Asks as OPERATOR for those to be replayed, and has APPROVER (and APPROVER2, where two are needed)
 * approve it. options: JSON, or NULL. Returns the request. */
int64_t traffic_ask(struct people *people, const char *like, const char *options);
void traffic_approve(struct people *people, int64_t request);
int64_t traffic_approved(struct people *people, const char *like, const char *options); /* both */

/* As WORKER: claims up to `want`, marks what was claimed as sent, completes all with that outcome.
 * Returns how many. */
int traffic_send(struct people *people, int want, const char *outcome);

/* The states of a request's items in their order; of the request with its stage; of the dead letters of
 * messages that are LIKE this, without those of replays. */
void traffic_expect_items(struct people *people, int64_t request, const char *want);
void traffic_expect_request(struct people *people, int64_t request, const char *want);
void traffic_expect_letters(struct people *people, const char *like, const char *want);

/* What a dry run by that person says of the dead letters of messages that are LIKE this. */
void traffic_expect_verdicts(
	struct people *people, enum who who, const char *like, const char *want);

/* All rows of a check that are not as they must be; none is fine. */
void traffic_check(struct people *people, const char *check);

#endif
