/* `orderly store COMMAND`: makes a store, brings it up to date, says how it is. */
#ifndef CLI_STORE_H
#define CLI_STORE_H

/* What the shell is told: done, it went wrong, used wrongly, and what `status` found. */
enum {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NO_STORE = 3,
	CLI_BEHIND = 4,
	CLI_AHEAD = 5,
};

/* argv[0] is "store". */
int cli_store(int argc, char **argv);

#endif
