/* Signals and children of a loop. The handler itself only sets a flag and wakes the loop; what a
 * signal means is left to who asked for it. */
#include "base/mem.h"
#include "loop_private.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A handler gets no context, so these are the process's. */
static volatile sig_atomic_t signal_pending[NSIG];
static volatile sig_atomic_t signal_wake_fd = -1;

struct signal_entry {
	int signo;
	void (*fn)(void *ctx, int signo);
	void *ctx;
	struct sigaction before;
};

struct loop_signals {
	struct signal_entry *at;
	size_t n, size;
};

static void on_signal(int signo)
{
	int saved = errno;

	signal_pending[signo] = 1;
	/* A full pipe wakes the loop as well. */
	if (write(signal_wake_fd, "", 1) < 0)
		errno = saved;
	errno = saved;
}

struct loop_signals *loop_signals_new(int wake_fd)
{
	signal_wake_fd = wake_fd;
	return NEW(struct loop_signals);
}

/* Backwards, so that a signal asked for twice ends with what was before the first time. */
void loop_signals_free(struct loop_signals *signals)
{
	if (!signals)
		return;
	while (signals->n) {
		struct signal_entry *entry = &signals->at[--signals->n];

		(void)sigaction(entry->signo, &entry->before, NULL);
		signal_pending[entry->signo] = 0;
	}
	signal_wake_fd = -1;
	free(signals->at);
	free(signals);
}

int loop_signals_add(struct loop_signals *signals, int signo, void (*fn)(void *ctx, int signo),
	void *ctx, struct err *err)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
	struct signal_entry entry = {.signo = signo, .fn = fn, .ctx = ctx};

	for (size_t i = 0; i < signals->n; i++)
		if (signals->at[i].signo == signo && signals->at[i].fn == fn &&
			signals->at[i].ctx == ctx)
			return 0;
	if (signo <= 0 || signo >= NSIG)
		return err_set(err, -EINVAL, "there is no signal %d", signo);
	if (sigaction(signo, &action, &entry.before) < 0)
		return err_errno(err, "handler of signal %d", signo);
	if (signals->n == signals->size) {
		signals->size = signals->size ? signals->size * 2 : 8;
		signals->at = mem_resize(signals->at, signals->size, sizeof(*signals->at));
	}
	signals->at[signals->n++] = entry;
	return 0;
}

void loop_signals_run(struct loop_signals *signals)
{
	size_t n = signals ? signals->n : 0;
	bool came[NSIG] = {false};

	for (size_t i = 0; i < n; i++) {
		int signo = signals->at[i].signo;

		came[signo] = came[signo] || signal_pending[signo];
		signal_pending[signo] = 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct signal_entry entry = signals->at[i];

		if (came[entry.signo])
			entry.fn(entry.ctx, entry.signo);
	}
}

struct child {
	pid_t pid;
	bool ended, closed;
	void (*fn)(void *ctx, int status);
	void *ctx;
};

struct loop_children {
	struct child **at;
	size_t n, size;
	bool due;
};

struct loop_children *loop_children_new(void)
{
	return NEW(struct loop_children);
}

void loop_children_free(struct loop_children *children)
{
	for (size_t i = 0; i < children->n; i++)
		free(children->at[i]);
	free(children->at);
	free(children);
}

struct child *loop_children_add(
	struct loop_children *children, pid_t pid, void (*fn)(void *ctx, int status), void *ctx)
{
	struct child *child = NEW(struct child);

	*child = (struct child){.pid = pid, .fn = fn, .ctx = ctx};
	if (children->n == children->size) {
		children->size = children->size ? children->size * 2 : 4;
		children->at = mem_resize(children->at, children->size, sizeof(*children->at));
	}
	children->at[children->n++] = child;
	/* It may have ended before anyone watched. */
	children->due = true;
	return child;
}

void child_close(struct child *child)
{
	if (child)
		child->closed = true;
}

void loop_children_check(struct loop_children *children)
{
	children->due = true;
}

bool loop_children_due(const struct loop_children *children)
{
	return children->due;
}

/* A child that was closed is still waited for, in silence, so that no zombie stays. */
static void child_check(struct child *child)
{
	int status = -1;
	pid_t pid;

	if (child->ended)
		return;
	pid = waitpid(child->pid, &status, WNOHANG);
	if (pid == 0 || (pid < 0 && errno != ECHILD))
		return;
	child->ended = true;
	if (!child->closed)
		child->fn(child->ctx, pid < 0 ? -1 : status);
}

void loop_children_run(struct loop_children *children)
{
	size_t n = children->n, kept = 0;

	if (!children->due)
		return;
	children->due = false;
	for (size_t i = 0; i < n; i++)
		child_check(children->at[i]);
	for (size_t i = 0; i < children->n; i++) {
		if (children->at[i]->ended && children->at[i]->closed)
			free(children->at[i]);
		else
			children->at[kept++] = children->at[i];
	}
	children->n = kept;
}
