/* What the parts of the event loop know of each other. Nobody outside of src/base/loop*.c. */
#ifndef BASE_LOOP_PRIVATE_H
#define BASE_LOOP_PRIVATE_H

#include "base/loop.h"
#include <stdint.h>

/* loop_timer.c: all timers of one loop, those that are set in a heap. */
struct loop_timers {
	const struct clock *clock;
	struct timer **heap;
	size_t n, size;
	uint64_t order; /* grows with each setting */
	struct timer *all;
	int64_t now_us; /* nothing is set to a moment before this */
};

void loop_timers_done(struct loop_timers *timers);
struct timer *loop_timers_add(struct loop_timers *timers, void (*fn)(void *ctx), void *ctx);
void loop_timers_run(struct loop_timers *timers);
int64_t loop_timers_wait_us(const struct loop_timers *timers); /* -1: none is set */

/* loop_signal.c: handlers set a flag and write to the wake pipe. */
struct loop_signals;

struct loop_signals *loop_signals_new(int wake_fd);
void loop_signals_free(struct loop_signals *signals); /* NULL is fine */
int loop_signals_add(struct loop_signals *signals, int signo, void (*fn)(void *ctx, int signo),
	void *ctx, struct err *err);
void loop_signals_run(struct loop_signals *signals); /* NULL is fine */

/* loop_signal.c as well: children, asked for after each SIGCHLD. */
struct loop_children;

struct loop_children *loop_children_new(void);
void loop_children_free(struct loop_children *children);
struct child *loop_children_add(
	struct loop_children *children, pid_t pid, void (*fn)(void *ctx, int status), void *ctx);
void loop_children_check(struct loop_children *children);
bool loop_children_due(const struct loop_children *children);
void loop_children_run(struct loop_children *children);

/* loop_help.c: threads, and the list through which their jobs come back. */
#define LOOP_HELPER_RETRY_US (50 * MS_US)

struct loop_helpers;

struct loop_helpers *loop_helpers_new(int wake_fd);
void loop_helpers_free(struct loop_helpers *helpers);
void loop_helpers_start(
	struct loop_helpers *helpers, void (*work)(void *job), void (*done)(void *job), void *job);
bool loop_helpers_waiting(const struct loop_helpers *helpers); /* for the system to give a thread */
void loop_helpers_run(struct loop_helpers *helpers);

#endif
