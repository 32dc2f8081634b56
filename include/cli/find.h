/* `orderly find FILTER`: the transactions that a filter leaves over, as text. */
#ifndef CLI_FIND_H
#define CLI_FIND_H

/* What the shell is told. */
enum {
	FIND_FOUND = 0,
	FIND_NOTHING = 1,
	FIND_USAGE = 2, /* the filter or the command line is wrong */
	FIND_FAILED = 3, /* the store */
};

/* argv[0] is "find". */
int cli_find(int argc, char **argv);

#endif
