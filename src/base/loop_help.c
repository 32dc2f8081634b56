/* Helper threads of a loop: each runs one job and ends. Does not look into jobs. Finished jobs come
 * back through a locked list and a byte in the wake pipe. */
#include "base/mem.h"
#include "loop_private.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct help {
	struct help *next;
	struct loop_helpers *helpers;
	void (*work)(void *job);
	void (*done)(void *job);
	void *job;
};

/* Shared by the loop and its threads; freed by whoever leaves last. */
struct loop_helpers {
	pthread_mutex_t lock;
	int users; /* the loop and each thread */
	bool closed;
	int wake_fd;
	struct help *finished, **finished_end;
	struct help *waiting; /* only the loop's: no thread could be started yet */
};

struct loop_helpers *loop_helpers_new(int wake_fd)
{
	struct loop_helpers *helpers = NEW(struct loop_helpers);

	(void)pthread_mutex_init(&helpers->lock, NULL);
	helpers->users = 1;
	helpers->wake_fd = wake_fd;
	helpers->finished_end = &helpers->finished;
	return helpers;
}

static void free_list(struct help *help)
{
	while (help) {
		struct help *next = help->next;

		free(help);
		help = next;
	}
}

/* Called with the lock held, which is given up. */
static void leave(struct loop_helpers *helpers)
{
	bool last = --helpers->users == 0;

	(void)pthread_mutex_unlock(&helpers->lock);
	if (!last)
		return;
	(void)pthread_mutex_destroy(&helpers->lock);
	free(helpers);
}

void loop_helpers_free(struct loop_helpers *helpers)
{
	free_list(helpers->waiting);
	(void)pthread_mutex_lock(&helpers->lock);
	helpers->closed = true;
	free_list(helpers->finished);
	leave(helpers);
}

static void *help_thread(void *arg)
{
	struct help *help = arg;
	struct loop_helpers *helpers = help->helpers;

	help->work(help->job);
	(void)pthread_mutex_lock(&helpers->lock);
	if (helpers->closed) {
		free(help);
	} else {
		*helpers->finished_end = help;
		helpers->finished_end = &help->next;
		/* A full pipe wakes the loop as well. */
		if (write(helpers->wake_fd, "", 1) < 0)
			(void)0;
	}
	leave(helpers);
	return NULL;
}

/* Signals are the loop's business: a thread is started with all of them blocked. */
static bool start(struct help *help)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	bool started;

	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_mutex_lock(&help->helpers->lock);
	help->helpers->users++;
	(void)pthread_mutex_unlock(&help->helpers->lock);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&thread, &attr, help_thread, help) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (!started) {
		(void)pthread_mutex_lock(&help->helpers->lock);
		leave(help->helpers);
	}
	return started;
}

void loop_helpers_start(
	struct loop_helpers *helpers, void (*work)(void *job), void (*done)(void *job), void *job)
{
	struct help *help = NEW(struct help);
	struct help **last = &helpers->waiting;

	*help = (struct help){.helpers = helpers, .work = work, .done = done, .job = job};
	if (!helpers->waiting && start(help))
		return;
	while (*last)
		last = &(*last)->next;
	*last = help;
}

bool loop_helpers_waiting(const struct loop_helpers *helpers)
{
	return helpers->waiting != NULL;
}

static void start_waiting(struct loop_helpers *helpers)
{
	while (helpers->waiting) {
		struct help *help = helpers->waiting, *next = help->next;

		/* Before it starts, since the thread owns it then. */
		help->next = NULL;
		if (!start(help)) {
			help->next = next;
			return;
		}
		helpers->waiting = next;
	}
}

void loop_helpers_run(struct loop_helpers *helpers)
{
	struct help *finished;

	start_waiting(helpers);
	(void)pthread_mutex_lock(&helpers->lock);
	finished = helpers->finished;
	helpers->finished = NULL;
	helpers->finished_end = &helpers->finished;
	(void)pthread_mutex_unlock(&helpers->lock);
	while (finished) {
		struct help *help = finished;

		finished = help->next;
		help->done(help->job);
		free(help);
	}
}
