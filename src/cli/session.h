/* A conversation with the store, one question after the other, for commands that wait. Private to
 * cli. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "model/filter.h"
#include "model/rows.h"
#include "where.h"

struct session;

int session_open(const struct where *where, struct session **ret, struct err *err);
void session_close(struct session *session); /* NULL is fine */
void session_closep(struct session **session);

/* The answer of a statement of src/store/sql; the caller unrefs it. */
int session_ask(struct session *session, const char *statement, const char *const *params,
	struct rows **ret, struct err *err);

/* The same of a statement with a filter in it. Says what makes it slow when it takes too long. */
int session_find(struct session *session, const char *statement, const char *const *params,
	const struct filter *filter, int64_t deadline_us, struct rows **ret, struct err *err);

/* The profile's password, fetched and waited for; empty when it has none. To be wiped. */
int session_password(
	struct session *session, const struct where *where, struct str *out, struct err *err);

#endif
