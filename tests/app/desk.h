/* A console at its desk: the real program in a pty, on a store of its own with something in it. */
#ifndef TESTS_APP_DESK_H
#define TESTS_APP_DESK_H

#include "pg.h"
#include "pty.h"
#include <sys/types.h>

/* A sanitizer costs a factor; the bounds of speed are meant for the program as it is shipped. */
#ifdef __SANITIZE_ADDRESS__
#define DESK_SLOWER 5
#else
#define DESK_SLOWER 1
#endif

struct desk {
	char *database;
	struct str conninfo;
};

/* For cmocka's group: *state is a struct desk. */
int desk_setup(void **state);
int desk_teardown(void **state);

/* The console with the store; more arguments may follow, NULL at the end. */
struct pty *desk_open(const struct desk *desk, const struct pty_options *options, ...)
	__attribute__((sentinel));

/* The same, until the first frame with rows stands on the screen. */
struct pty *desk_ready(const struct desk *desk, int width, int height);

/* Of another person, on another store, who is let in. */
struct pty *desk_as(const char *database, const char *login, const char *view);

/* Leaves it by its key, with the terminal as it was. */
void desk_leave(struct pty *pty);

/* The screen, without what time changes: the clock, and how long something took. */
void desk_dump(struct pty *pty, struct str *out);

/* Types a key that shows another view; how long until it was painted. Fails after PTY_PATIENCE. */
int64_t desk_key_us(struct pty *pty, const char *key, const char *shows);

/* A fault proxy in front of the server, and the way to it. */
struct faults {
	pid_t pid;
	int in, out, port;
	struct str conninfo;
};

void faults_open(struct faults *faults, const struct desk *desk);
void faults_close(struct faults *faults);
void faults_tell(struct faults *faults, const char *command);

#endif
