/* What the tests of the relay share: a store with dead letters, simulated targets as processes of their
 * own, workers that can be killed. */
#ifndef TESTS_RELAY_STAGE_H
#define TESTS_RELAY_STAGE_H

#include "traffic.h"
#include <sys/types.h>

#define STAGE_TARGETS 4
#define STAGE_WORKERS 16

struct stage_target {
	pid_t pid;
	int port;
};

struct stage {
	struct people people;
	struct stage_target targets[STAGE_TARGETS];
	pid_t workers[STAGE_WORKERS];
	char *folder; /* for secrets and logs */
	struct str conninfo; /* of the worker's login */
	const char *listen; /* of orderlyd; NULL: it does not */
};

void stage_open(struct stage *stage, const char *name);
void stage_close(struct stage *stage);

/* A program of ours that serves until it is ended; it says "listening on port N". */
void stage_serve(struct stage *stage, int which, const char *const argv[]);
/* `orderly-sim target`, with --keep-apart or not. */
void stage_target(struct stage *stage, int which, bool keeps_apart);
void stage_stop_target(struct stage *stage, int which, bool for_good);

/* POST, or GET without a body; the answer's body, to be freed. */
char *stage_ask(struct stage *stage, int which, const char *path, const char *body);
void stage_fault(struct stage *stage, int which, const char *fault);
/* "posts", "applied", "keys" or "twice" of the ledger. */
int64_t stage_count(struct stage *stage, int which, const char *what);

/* An interface that anyone may ask for, to a system of its own name. more: further fields, with a comma
 * in front; endpoint: as JSON. */
void stage_interface(struct stage *stage, const char *code, const char *more, const char *endpoint);
/* The endpoint of a simulated target, with further fields, each with a comma in front; to be freed. */
char *stage_endpoint(struct stage *stage, int which, const char *more);

/* Messages <prefix>1 to <prefix>n with a payload, dead, of one ordering key in so many; n keys: 0. */
void stage_die(struct stage *stage, const char *interface, const char *prefix, int n, int keys);
int64_t stage_ask_for(struct stage *stage, const char *interface, const char *options);

/* orderlyd, or the victim, which kills itself at the nth step of that kind; n 0: never. */
void stage_orderlyd(struct stage *stage, int which);
void stage_victim(struct stage *stage, int which, int step, int nth);
void stage_end(struct stage *stage, int which, int signo); /* and waits for it */
bool stage_is_dead(struct stage *stage, int which);

/* What dead workers hold is given free at once, as if the time had passed; what the one of that number
 * holds is left to it (-1: there is none). */
void stage_expire(struct stage *stage, int alive);

/* Waits until the question gives that; half a minute for the first tests, far more on slow machines. */
void stage_until(struct stage *stage, const char *want, const char *sql, ...) PG_PRINTF(3);
void stage_nap(void);

#endif
