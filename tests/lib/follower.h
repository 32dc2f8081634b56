/* A follower of the feed as anyone would write it: keeps its place, reads until nothing comes, and
 * drops what it had by event key. */
#ifndef TESTS_LIB_FOLLOWER_H
#define TESTS_LIB_FOLLOWER_H

#include "pg.h"

struct follower {
	char *era, *xid, *seq;
	char **keys; /* "<message>/<event>" of every event, in the order of reading */
	size_t n_keys;
	size_t repeats; /* what came again and was dropped */
};

void follower_init(struct follower *follower);
void follower_done(struct follower *follower);
void follower_read(struct follower *follower, PGconn *conn);
bool follower_has(const struct follower *follower, const char *key);

/* Fails unless it had exactly the events of the store, each once. */
void follower_expect_all(const struct follower *follower, PGconn *super);

#endif
