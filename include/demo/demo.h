/* `orderly demo`: a private store with simulated traffic, and the console on top.
 *
 * A supervisor starts the cluster, the store, orderly-sim and orderlyd, then the console, which is
 * this same program, as a child that has the terminal; whatever way the console ends, all of it is
 * stopped. What is started here dies with the supervisor, so that a kill -9 leaves nothing but data,
 * and what it may leave all the same the next start removes. */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include <stdbool.h>

#define DEMO_CONSOLE_ARGS 24

struct demo_options {
	const char *dir; /* of the data, absolute */
	const char *login; /* whom the console acts as */
	const char *rate; /* transactions in a second, a number; NULL: the simulator's own */
	const char *hours; /* of history at the first start, a number; NULL: a day */
	bool reset; /* what is there is thrown away first */
	/* What is handed on to the console, NULL-terminated: "--frame", "--view", "tail" ... */
	const char *console[DEMO_CONSOLE_ARGS + 1];
	int n_console;
};

/* argv[0] is "demo". Returns the exit status of the program. */
int demo_main(int argc, char **argv);

/* 0, or the exit status + 1 when there is nothing more to do. dir stays NULL unless given. */
int demo_parse(int argc, char **argv, struct demo_options *to);

/* Where the data lies when nothing is said: the user's data folder; for root a folder that the
 * server's account can reach. The caller frees it. */
char *demo_default_dir(void);

/* Runs it all; the exit status is the console's. */
int supervise(const struct demo_options *options);

#endif
