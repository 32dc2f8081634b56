/* The event loop: waits once per turn and calls whoever is due. Does not read or write its users'
 * descriptors. Timers, threads and children are in files of their own; every
 * program runs one loop. */
#include "base/loop.h"
#include "base/mem.h"
#include "loop_private.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct watch {
	struct loop *loop;
	int fd, events;
	int slot; /* in this turn's poll set, or -1 */
	bool closed;
	void (*fn)(void *ctx, int events);
	void *ctx;
};

struct deferred {
	void (*fn)(void *ctx);
	void *ctx;
};

struct watches {
	struct watch **at;
	size_t n, size;
	struct pollfd *polled;
	bool any_closed;
};

struct deferreds {
	struct deferred *at;
	size_t n, size;
};

struct loop {
	struct clock *clock;
	struct watches watches;
	struct loop_timers timers;
	struct deferreds deferreds;
	int wake[2]; /* a byte in it ends the waiting */
	struct loop_signals *signals;
	struct loop_children *children;
	struct loop_helpers *helpers;
	void (*after)(void *ctx);
	void *after_ctx;
	bool stop, turning;
};

int loop_new(struct clock *clock, struct loop **ret, struct err *err)
{
	struct loop *loop = NEW(struct loop);

	if (pipe2(loop->wake, O_CLOEXEC | O_NONBLOCK) < 0) {
		int r = err_errno(err, "pipe of the event loop");

		free(loop);
		return r;
	}
	loop->clock = clock;
	loop->timers = (struct loop_timers){.clock = clock, .now_us = clock_mono_us(clock)};
	loop->children = loop_children_new();
	loop->helpers = loop_helpers_new(loop->wake[1]);
	*ret = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	loop_signals_free(loop->signals);
	loop_helpers_free(loop->helpers);
	loop_children_free(loop->children);
	for (size_t i = 0; i < loop->watches.n; i++)
		free(loop->watches.at[i]);
	loop_timers_done(&loop->timers);
	free(loop->watches.at);
	free(loop->watches.polled);
	free(loop->deferreds.at);
	close(loop->wake[0]);
	close(loop->wake[1]);
	free(loop);
}

void loop_freep(struct loop **loop)
{
	loop_free(*loop);
	*loop = NULL;
}

struct clock *loop_clock(struct loop *loop)
{
	return loop->clock;
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}

void loop_after_turn(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
	loop->after = fn;
	loop->after_ctx = ctx;
}

/* Descriptors. A closed watch stays in the list until no turn looks at it. */

struct watch *watch_open(
	struct loop *loop, int fd, int events, void (*fn)(void *ctx, int events), void *ctx)
{
	struct watches *watches = &loop->watches;
	struct watch *watch = NEW(struct watch);

	*watch = (struct watch){.loop = loop, .slot = -1, .fn = fn, .ctx = ctx};
	watch_set(watch, fd, events);
	if (watches->n == watches->size) {
		watches->size = watches->size ? watches->size * 2 : 16;
		watches->at = mem_resize(watches->at, watches->size, sizeof(struct watch *));
	}
	watches->at[watches->n++] = watch;
	return watch;
}

void watch_set(struct watch *watch, int fd, int events)
{
	/* What was polled says nothing about another descriptor. */
	if (fd != watch->fd)
		watch->slot = -1;
	watch->fd = fd;
	watch->events = events;
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	watch->closed = true;
	watch->loop->watches.any_closed = true;
}

static void watches_sweep(struct watches *watches)
{
	size_t kept = 0;

	if (!watches->any_closed)
		return;
	for (size_t i = 0; i < watches->n; i++) {
		if (watches->at[i]->closed)
			free(watches->at[i]);
		else
			watches->at[kept++] = watches->at[i];
	}
	watches->n = kept;
	watches->any_closed = false;
}

/* Fills the poll set: the wake pipe, then each watch that wants something. */
static nfds_t watches_collect(struct loop *loop)
{
	struct watches *watches = &loop->watches;
	nfds_t n = 0;

	watches->polled = mem_resize(watches->polled, watches->n + 1, sizeof(struct pollfd));
	watches->polled[n++] = (struct pollfd){.fd = loop->wake[0], .events = POLLIN};
	for (size_t i = 0; i < watches->n; i++) {
		struct watch *watch = watches->at[i];
		int events = (watch->events & LOOP_READ ? POLLIN : 0) |
			     (watch->events & LOOP_WRITE ? POLLOUT : 0);

		watch->slot = -1;
		/* poll() gives hangups even to who wants nothing, and would never wait again. */
		if (watch->fd < 0 || events == 0)
			continue;
		watch->slot = (int)n;
		watches->polled[n++] = (struct pollfd){.fd = watch->fd, .events = (short)events};
	}
	return n;
}

static void watches_run(struct watches *watches)
{
	size_t n = watches->n; /* what is opened now waits for the next turn */

	for (size_t i = 0; i < n; i++) {
		struct watch *watch = watches->at[i];
		int got, events = 0;

		if (watch->closed || watch->slot < 0)
			continue;
		got = watches->polled[watch->slot].revents;
		if (got & POLLIN)
			events |= LOOP_READ;
		if (got & POLLOUT)
			events |= LOOP_WRITE;
		if (got & (POLLERR | POLLHUP | POLLNVAL))
			events |= LOOP_READ | LOOP_WRITE;
		events &= watch->events;
		if (events)
			watch->fn(watch->ctx, events);
	}
}

/* Timers. */

struct timer *timer_open(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
	return loop_timers_add(&loop->timers, fn, ctx);
}

/* Deferred calls. */

void loop_defer(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
	struct deferreds *deferreds = &loop->deferreds;

	if (deferreds->n == deferreds->size) {
		deferreds->size = deferreds->size ? deferreds->size * 2 : 16;
		deferreds->at = mem_resize(deferreds->at, deferreds->size, sizeof(struct deferred));
	}
	deferreds->at[deferreds->n++] = (struct deferred){fn, ctx};
}

/* Only emptied, since the list may be being run. */
void loop_undefer(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
	for (size_t i = 0; i < loop->deferreds.n; i++) {
		struct deferred *deferred = &loop->deferreds.at[i];

		if (deferred->fn == fn && deferred->ctx == ctx)
			deferred->fn = NULL;
	}
}

static void deferreds_run(struct deferreds *deferreds)
{
	size_t n = deferreds->n;

	for (size_t i = 0; i < n; i++) {
		struct deferred deferred = deferreds->at[i];

		deferreds->at[i].fn = NULL;
		if (deferred.fn)
			deferred.fn(deferred.ctx);
	}
	deferreds->n -= n;
	for (size_t i = 0; i < deferreds->n; i++)
		deferreds->at[i] = deferreds->at[i + n];
}

/* Signals, children and helpers. */

int loop_signal(
	struct loop *loop, int signo, void (*fn)(void *ctx, int signo), void *ctx, struct err *err)
{
	if (!loop->signals)
		loop->signals = loop_signals_new(loop->wake[1]);
	return loop_signals_add(loop->signals, signo, fn, ctx, err);
}

static void on_child_signal(void *ctx, int signo)
{
	(void)signo;
	loop_children_check(ctx);
}

struct child *child_watch(
	struct loop *loop, pid_t pid, void (*fn)(void *ctx, int status), void *ctx)
{
	/* Failing would need a signal number that does not exist. */
	(void)loop_signal(loop, SIGCHLD, on_child_signal, loop->children, NULL);
	return loop_children_add(loop->children, pid, fn, ctx);
}

void loop_help(struct loop *loop, void (*work)(void *job), void (*done)(void *job), void *job)
{
	loop_helpers_start(loop->helpers, work, done, job);
}

static void wake_drain(int fd)
{
	char bytes[64];
	ssize_t n;

	do
		n = read(fd, bytes, sizeof(bytes));
	while (n == sizeof(bytes) || (n < 0 && errno == EINTR));
}

/* Turns. */

static int poll_us(struct pollfd *polled, nfds_t n, int64_t wait_us)
{
	struct timespec ts = {wait_us / S_US, (wait_us % S_US) * 1000};

	/* An interruption is a signal, whose handler has written to the wake pipe. */
	return ppoll(polled, n, wait_us < 0 ? NULL : &ts, NULL);
}

static int64_t least_wait(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* How long until the next timer, at most max_wait_us; *ret_turn says that it ends with a timer. */
static int64_t loop_wait_us(struct loop *loop, int64_t max_wait_us, bool *ret_timer)
{
	int64_t wait_us = loop_helpers_waiting(loop->helpers)
				  ? least_wait(max_wait_us, LOOP_HELPER_RETRY_US)
				  : max_wait_us;
	int64_t timer_us = loop_timers_wait_us(&loop->timers);

	*ret_timer = false;
	if (loop->deferreds.n || loop_children_due(loop->children) || loop->stop)
		return 0;
	*ret_timer = timer_us >= 0 && (wait_us < 0 || timer_us <= wait_us);
	return least_wait(wait_us, timer_us);
}

static void loop_poll(struct loop *loop, int64_t max_wait_us)
{
	nfds_t n = watches_collect(loop);
	bool until_timer;
	int64_t wait_us = loop_wait_us(loop, max_wait_us, &until_timer);
	bool turn = loop->clock->turned && until_timer;
	int ready = poll_us(loop->watches.polled, n, turn ? 0 : wait_us);

	if (ready < 0)
		for (nfds_t i = 0; i < n; i++)
			loop->watches.polled[i].revents = 0;
	if (ready == 0 && turn && wait_us > 0)
		clock_turn(loop->clock, wait_us);
}

void loop_turn(struct loop *loop, int64_t max_wait_us)
{
	assert(!loop->turning);
	watches_sweep(&loop->watches);
	loop_poll(loop, max_wait_us);
	loop->turning = true;
	if (loop->watches.polled[0].revents)
		wake_drain(loop->wake[0]);
	loop_signals_run(loop->signals);
	loop_children_run(loop->children);
	loop_helpers_run(loop->helpers);
	loop_timers_run(&loop->timers);
	watches_run(&loop->watches);
	deferreds_run(&loop->deferreds);
	if (loop->after)
		loop->after(loop->after_ctx);
	loop->turning = false;
}

void loop_run(struct loop *loop)
{
	while (!loop->stop)
		loop_turn(loop, -1);
	loop->stop = false;
}
