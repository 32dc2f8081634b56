/* Where the console is measured: a store of the simulated estate with hours of history, the console
 * and its peers in terminals, producers of events, and what processes have used.
 *
 * All of it ends the program with a word when it fails. */
#ifndef TESTS_BENCH_CONSOLE_STAGE_H
#define TESTS_BENCH_CONSOLE_STAGE_H

#include "base/str.h"
#include "pty.h"
#include <sys/types.h>

#define STAGE_WIDTH 120
#define STAGE_HEIGHT 40

struct stage {
	struct str admin, person, machine; /* libpq's words for each */
	char *psql; /* the program itself, not a wrapper of the system's */
	int n_producers;
};

/* ORDERLY_BENCH_HOURS of history are laid down, else 2. */
void stage_open(struct stage *stage);
void stage_close(struct stage *stage);

/* One value as the superuser; what it says is lost when out is NULL. */
void stage_ask(const struct stage *stage, const char *sql, struct str *out);

/* The console of an operator who sees everything, opened on that view. */
struct pty *stage_console(const struct stage *stage, const char *view);

/* The same, and its first rows are there and it is silent. */
struct pty *stage_ready_console(const struct stage *stage, const char *view);

/* A program that answers each byte with that byte: what no other can beat. */
struct pty *stage_echo(void);
int stage_echo_main(void); /* the program; the bench runs itself as it */

/* Another process ingests n events at that rate, 0: as fast as it can; four of a transaction, each
 * stamped as it is sent. Returns its process. */
pid_t stage_produce(struct stage *stage, double rate, int64_t n);
void stage_produced(pid_t producer);

/* All processes of the server stand still until the other call, or until this program is gone. */
struct stop {
	pid_t guard;
	int fd;
};
struct stop stage_stop_server(const struct stage *stage);
void stage_go_on(struct stop *stop);

/* The server's process of the only console. */
pid_t stage_backend(const struct stage *stage);

/* What a process has used until now. */
struct used {
	int64_t cpu_ns, at_us;
	long long wakeups;
};
struct used used_by(pid_t pid);

struct memory {
	double rss_mib, pss_mib;
};
struct memory memory_of(pid_t pid);

#endif
