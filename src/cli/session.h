/* A conversation with the store, one question after the other, for commands that wait. Private to
 * cli. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "model/rows.h"
#include "where.h"

struct session;

int session_open(const struct where *where, struct session **ret, struct err *err);
void session_close(struct session *session); /* NULL is fine */
void session_closep(struct session **session);

/* The answer of a statement of src/store/sql; the caller unrefs it. */
int session_ask(struct session *session, const char *statement, const char *const *params,
	struct rows **ret, struct err *err);

/* The profile's password, fetched and waited for; empty when it has none. To be wiped. */
int session_password(
	struct session *session, const struct where *where, struct str *out, struct err *err);

#endif
