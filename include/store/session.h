/* One session that waits for its answers: for what is done once, from a command line. */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "base/err.h"
#include "base/str.h"

struct session;

/* Makes the database that the connection string names, when it is not there. */
int session_make_database(const char *conninfo, struct err *err);

int session_open(const char *conninfo, struct session **ret, struct err *err);
void session_close(struct session *session); /* NULL is fine */
void session_closep(struct session **session);

/* Runs one statement; adds the first value of its first row, if any. out may be NULL. */
int session_value(struct session *session, const char *sql, int n, const char *const *params,
	struct str *out, struct err *err);

/* Calls an act, such as "orderly.person_add($1, $2)". -EPERM when it refuses, with its words. */
int session_act(struct session *session, const char *act, int n, const char *const *params,
	struct err *err);

#endif
