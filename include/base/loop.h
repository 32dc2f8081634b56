/* The event loop: descriptors, timers, deferred calls, signals, children, and the results of helper
 * threads. One thread runs it; nothing that it calls may wait.
 *
 * A turn: poll until something is due; signals, then timers, then descriptors, then what was
 * deferred, then the after-turn call (the screen is painted there, once). A callback may close any
 * watch, timer or child, its own included. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include "base/clock.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct loop;
struct watch;
struct timer;
struct child;

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
};

/* The clock is borrowed. With a standing clock the loop turns it to the next timer by itself when
 * nothing else is ready, so that a test of an hour takes no time. */
int loop_new(struct clock *clock, struct loop **ret, struct err *err);
void loop_free(struct loop *loop);
void loop_freep(struct loop **loop);
struct clock *loop_clock(struct loop *loop);

/* Runs until loop_stop(); one turn waits at most max_wait_us (-1: as long as it takes). */
void loop_run(struct loop *loop);
void loop_turn(struct loop *loop, int64_t max_wait_us);
void loop_stop(struct loop *loop);
void loop_after_turn(struct loop *loop, void (*fn)(void *ctx), void *ctx);

/* events: LOOP_READ | LOOP_WRITE; hangup and error are given as those asked for. The descriptor
 * stays the caller's. */
struct watch *watch_open(
	struct loop *loop, int fd, int events, void (*fn)(void *ctx, int events), void *ctx);
void watch_set(struct watch *watch, int fd, int events);
void watch_close(struct watch *watch); /* NULL is fine */

/* A timer that is made once and set again and again; it fires once for each set. */
struct timer *timer_open(struct loop *loop, void (*fn)(void *ctx), void *ctx);
void timer_in(struct timer *timer, int64_t delay_us);
void timer_at(struct timer *timer, int64_t mono_us);
void timer_stop(struct timer *timer);
bool timer_is_set(const struct timer *timer);
void timer_close(struct timer *timer); /* NULL is fine */

/* Runs once, after the descriptors of this turn; drop with the same fn and ctx. */
void loop_defer(struct loop *loop, void (*fn)(void *ctx), void *ctx);
void loop_undefer(struct loop *loop, void (*fn)(void *ctx), void *ctx);

/* fn runs in the loop, not in the handler. One process has one loop with signals. */
int loop_signal(
	struct loop *loop, int signo, void (*fn)(void *ctx, int signo), void *ctx, struct err *err);

/* fn gets what waitpid() gave, or -1 when somebody else has waited for it. Needs no SIGCHLD handler
 * of the caller's. To be closed also after fn was called. */
struct child *child_watch(
	struct loop *loop, pid_t pid, void (*fn)(void *ctx, int status), void *ctx);
/* Forgets it without killing it; no zombie stays. NULL is fine. */
void child_close(struct child *child);

/* Runs work(job) in a thread of its own and done(job) in the loop. What blocks by its nature goes
 * here and nowhere else: resolving and connecting, PQcancel. A job touches nothing but itself; jobs
 * never wait for each other, so that a cancel is not held up by a connect that hangs. loop_free()
 * does not wait for jobs; their done() never runs then, and what they hold is left to exit. */
void loop_help(struct loop *loop, void (*work)(void *job), void (*done)(void *job), void *job);

#endif
