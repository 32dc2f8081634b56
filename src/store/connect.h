/* Making a connection, away from the loop: names are resolved, files read and the handshake waited
 * for in a helper thread. Private to the store. */
#ifndef STORE_CONNECT_H
#define STORE_CONNECT_H

#include "base/err.h"
#include "base/loop.h"
#include "base/secret.h"
#include <libpq-fe.h>

struct connect_options {
	const char *conninfo;
	const char *application;
	struct secret_source password; /* fetched anew for each connection; may be none */
	int64_t timeout_us; /* for each host */
	int64_t statement_timeout_us; /* of the session */
};

struct connect_result {
	PGconn *pg; /* taken by the callee; NULL when it failed */
	bool refused; /* the server answered, and trying again will not help */
	char sqlstate[6];
	struct err err; /* without secrets */
};

struct connecting;

/* -EINVAL when the conninfo cannot be read. The message never repeats it: it may hold a password. */
int connect_check(const char *conninfo, struct err *err);

/* Calls done in the loop, once, unless it was abandoned. */
struct connecting *connect_start(struct loop *loop, const struct connect_options *options,
	void (*done)(void *ctx, struct connect_result *result), void *ctx);
void connect_abandon(struct connecting *connecting); /* NULL is fine */

#endif
