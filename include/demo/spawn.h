/* Children that end with us, whatever happens, and run with no more rights than they need. */
#ifndef DEMO_SPAWN_H
#define DEMO_SPAWN_H

#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whom a server runs as. PostgreSQL refuses to run as root: then it is `postgres`, else `nobody`. */
struct account {
	uid_t uid;
	gid_t gid;
	bool other; /* not the one we run as */
};

int account_unprivileged(struct account *ret, struct err *err);

struct spawn {
	const char *const *argv; /* argv[0] is a path */
	const char *const *env; /* "NAME=value" to add; NULL-terminated, or NULL */
	const struct account *account; /* NULL: as we are */
	const char *dir; /* to start in; NULL: the root folder */
	int death_signal; /* sent by the kernel when we die; 0: none */
	int log_fd; /* becomes standard output and error; -1: the null device */
};

/* The child has a session of its own, no descriptors of ours and default signals; what is set in
 * the environment for PostgreSQL's clients and for locales is taken out. */
int spawn(const struct spawn *how, pid_t *ret_pid, struct err *err);

/* Waits for one child; -ETIMEDOUT with it still running. The status is waitpid()'s. */
int spawn_wait(pid_t pid, int64_t timeout_us, int *ret_status, struct err *err);

/* Runs it to its end; -EIO unless it ended with status 0. */
int spawn_run(const struct spawn *how, const char *what, int64_t timeout_us, struct err *err);

/* Whether that process runs and has `word` among the bytes of its command line. */
bool process_is(pid_t pid, const char *word);

/* Ends a process that is not our child: the signal, then SIGKILL when it is still there. */
int process_end(pid_t pid, const char *word, int signo, int64_t timeout_us);

#endif
