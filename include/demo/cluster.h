/* A private PostgreSQL cluster: ours alone, over a Unix socket in a folder of mode 0700, gone when
 * we are gone.
 *
 * Everything lies in one folder: data/ (made by initdb at first), log, and the socket, unless the
 * path is too long for a socket's address; then a short folder under /tmp is derived from it. The
 * superuser is `postgres`, the port 5432; who can enter the folder needs no password. */
#ifndef DEMO_CLUSTER_H
#define DEMO_CLUSTER_H

#include "base/err.h"
#include <stdbool.h>
#include <sys/types.h>

#define CLUSTER_OLDEST_VERSION 15

struct cluster;

struct cluster_options {
	const char *dir; /* absolute, made when missing; the server's account must reach it */
	const char *bin_dir; /* of the server's programs; NULL: found */
	const char *buffers; /* shared_buffers in PostgreSQL's words; NULL: 256MB */
	const char *listen; /* an address of this machine to take connections on too; NULL: none */
	bool durable; /* false: no fsync, for what may be lost with the machine */
};

/* The newest server's folder, from ORDERLY_PG_BIN, Debian's and other usual places, and PATH. The
 * caller frees it. -ENOENT says what to install. */
int cluster_find_bin(char **ret_dir, struct err *err);

/* Ends what an earlier run left, makes the data when there is none, starts the server as a child
 * and returns when it takes connections. */
int cluster_start(const struct cluster_options *options, struct cluster **ret, struct err *err);

const char *cluster_socket_dir(const struct cluster *cluster); /* for libpq's host */
pid_t cluster_pid(const struct cluster *cluster);
bool cluster_made(const struct cluster *cluster); /* initdb was run by this start */

/* For who reaps children by himself: the server was seen to have ended; and it is to run again. */
void cluster_ended(struct cluster *cluster);
int cluster_start_again(struct cluster *cluster, struct err *err);

/* Fast: sessions are ended, all is written. Frees it; NULL is fine. */
void cluster_stop(struct cluster *cluster);
void cluster_stopp(struct cluster **cluster);

/* Ends a server that an earlier run left in this folder; fine when there is none. */
int cluster_end_stale(const char *dir, struct err *err);

#endif
