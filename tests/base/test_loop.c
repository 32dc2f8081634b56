/* The loop: what runs when, and that anything may be closed from any callback. */
#include "../lib/unit.h"
#include "base/loop.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
	struct clock clock;
	struct loop *loop;
	int pipe[2];
	struct timer *timers[3];
	struct watch *watches[3];
	struct child *child;
	int fired, status, signo;
	char order[64];
};

static void noted(struct world *w, char c)
{
	size_t len = strlen(w->order);

	assert_true(len + 1 < sizeof(w->order));
	w->order[len] = c;
}

static struct world *world_new(struct clock clock)
{
	struct world *w = NEW(struct world);

	w->clock = clock;
	assert_int_equal(loop_new(&w->clock, &w->loop, NULL), 0);
	assert_int_equal(pipe(w->pipe), 0);
	return w;
}

static int standing(void **state)
{
	*state = world_new(clock_standing(0));
	return 0;
}

static int real(void **state)
{
	*state = world_new(clock_real());
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	loop_free(w->loop);
	close(w->pipe[0]);
	close(w->pipe[1]);
	free(w);
	return 0;
}

static void note_a(void *ctx)
{
	noted(ctx, 'a');
}

static void note_b(void *ctx)
{
	noted(ctx, 'b');
}

static void note_c_and_stop(void *ctx)
{
	struct world *w = ctx;

	noted(w, 'c');
	loop_stop(w->loop);
}

static void stop(void *ctx)
{
	struct world *w = ctx;

	w->fired++;
	loop_stop(w->loop);
}

static void timers_fire_by_moment_then_by_order_of_setting(void **state)
{
	struct world *w = *state;

	w->timers[0] = timer_open(w->loop, note_c_and_stop, w);
	w->timers[1] = timer_open(w->loop, note_b, w);
	w->timers[2] = timer_open(w->loop, note_a, w);
	timer_in(w->timers[0], 10);
	timer_in(w->timers[2], 5);
	timer_in(w->timers[1], 5);
	loop_run(w->loop);
	assert_string_equal(w->order, "abc");
	assert_int_equal(clock_wall_us(&w->clock), 10);
	assert_false(timer_is_set(w->timers[0]));
}

static void an_hour_of_a_standing_clock_takes_no_time(void **state)
{
	struct world *w = *state;
	struct clock watch = clock_real();
	int64_t began = clock_mono_us(&watch);

	w->timers[0] = timer_open(w->loop, stop, w);
	timer_in(w->timers[0], 3600 * S_US);
	loop_run(w->loop);
	assert_int_equal(clock_wall_us(&w->clock), 3600 * S_US);
	assert_true(clock_mono_us(&watch) - began < 10 * S_US);
}

static void a_standing_clock_is_not_turned_beyond_the_longest_wait(void **state)
{
	struct world *w = *state;

	w->timers[0] = timer_open(w->loop, stop, w);
	timer_in(w->timers[0], S_US);
	loop_turn(w->loop, 10);
	assert_int_equal(clock_wall_us(&w->clock), 0);
	assert_int_equal(w->fired, 0);
	loop_turn(w->loop, S_US);
	assert_int_equal(w->fired, 1);
}

static void set_again(void *ctx)
{
	struct world *w = ctx;

	w->fired++;
	timer_in(w->timers[0], 0);
}

static void a_timer_set_again_for_now_waits_for_the_next_turn(void **state)
{
	struct world *w = *state;

	w->timers[0] = timer_open(w->loop, set_again, w);
	timer_in(w->timers[0], -5);
	for (int i = 1; i <= 3; i++) {
		loop_turn(w->loop, 0);
		assert_int_equal(w->fired, i);
	}
}

static void set_again_in_the_past(void *ctx)
{
	struct world *w = ctx;

	w->fired++;
	timer_at(w->timers[0], 0);
}

static void a_timer_set_into_the_past_does_not_starve_others(void **state)
{
	struct world *w = *state;

	w->timers[0] = timer_open(w->loop, set_again_in_the_past, w);
	w->timers[1] = timer_open(w->loop, note_b, w);
	timer_in(w->timers[0], 0);
	timer_in(w->timers[1], 0);
	loop_turn(w->loop, 0);
	assert_int_equal(w->fired, 1);
	assert_string_equal(w->order, "b");
}

static void a_timer_stopped_or_closed_does_not_fire(void **state)
{
	struct world *w = *state;

	w->timers[0] = timer_open(w->loop, note_a, w);
	w->timers[1] = timer_open(w->loop, note_b, w);
	w->timers[2] = timer_open(w->loop, note_c_and_stop, w);
	timer_in(w->timers[0], 1);
	timer_in(w->timers[1], 2);
	timer_in(w->timers[2], 3);
	timer_stop(w->timers[0]);
	timer_close(w->timers[1]);
	timer_close(NULL);
	loop_run(w->loop);
	assert_string_equal(w->order, "c");
}

static void far_moments_do_not_overflow(void **state)
{
	struct world *w = *state;

	w->timers[0] = timer_open(w->loop, note_a, w);
	timer_in(w->timers[0], INT64_MAX);
	assert_true(timer_is_set(w->timers[0]));
	loop_turn(w->loop, 0);
	assert_string_equal(w->order, "");
}

static void close_all_timers(void *ctx)
{
	struct world *w = ctx;

	w->fired++;
	for (size_t i = 0; i < ARRAY_LEN(w->timers); i++)
		timer_close(w->timers[i]);
}

static void a_timer_may_close_itself_and_those_due_with_it(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(w->timers); i++) {
		w->timers[i] = timer_open(w->loop, close_all_timers, w);
		timer_in(w->timers[i], 0);
	}
	loop_turn(w->loop, 0);
	loop_turn(w->loop, 0);
	assert_int_equal(w->fired, 1);
}

struct alarm {
	struct loop *loop;
	struct timer *timer;
	int64_t due_us;
	int *fired;
};

static void fire_in_time(void *ctx)
{
	struct alarm *alarm = ctx;
	struct clock *clock = loop_clock(alarm->loop);

	if (clock->turned)
		assert_int_equal(clock_mono_us(clock), alarm->due_us);
	assert_true(clock_mono_us(clock) >= alarm->due_us);
	++*alarm->fired;
}

/* Each fires at its own moment, whatever was set, moved and stopped before. */
static void many_timers_fire_in_time(void **state)
{
	struct world *w = *state;
	struct random random = {7};
	struct alarm alarms[300];
	int set = 0, fired = 0;

	for (size_t i = 0; i < ARRAY_LEN(alarms); i++) {
		alarms[i] = (struct alarm){.loop = w->loop, .fired = &fired};
		alarms[i].timer = timer_open(w->loop, fire_in_time, &alarms[i]);
	}
	for (int i = 0; i < 5000; i++) {
		struct alarm *alarm = &alarms[random_below(&random, ARRAY_LEN(alarms))];

		alarm->due_us = clock_mono_us(&w->clock) + (int64_t)random_below(&random, 1000);
		if (random_below(&random, 3) == 0)
			timer_stop(alarm->timer);
		else
			timer_at(alarm->timer, alarm->due_us);
	}
	for (size_t i = 0; i < ARRAY_LEN(alarms); i++)
		set += timer_is_set(alarms[i].timer);
	assert_true(set > 100);
	while (fired < set)
		loop_turn(w->loop, -1);
	loop_turn(w->loop, 0);
	assert_int_equal(fired, set);
}

static void on_events(void *ctx, int events)
{
	struct world *w = ctx;

	w->fired = events;
}

static void a_descriptor_gives_what_was_asked_for(void **state)
{
	struct world *w = *state;

	w->watches[0] = watch_open(w->loop, w->pipe[0], LOOP_READ, on_events, w);
	loop_turn(w->loop, 0);
	assert_int_equal(w->fired, 0);
	assert_int_equal(write(w->pipe[1], "x", 1), 1);
	loop_turn(w->loop, -1);
	assert_int_equal(w->fired, LOOP_READ);
	watch_set(w->watches[0], w->pipe[1], LOOP_WRITE);
	loop_turn(w->loop, -1);
	assert_int_equal(w->fired, LOOP_WRITE);
	watch_set(w->watches[0], w->pipe[0], 0);
	w->fired = 0;
	loop_turn(w->loop, 0);
	assert_int_equal(w->fired, 0);
}

static void a_hangup_is_given_as_what_was_asked_for(void **state)
{
	struct world *w = *state;

	close(w->pipe[1]);
	w->watches[0] = watch_open(w->loop, w->pipe[0], LOOP_READ, on_events, w);
	loop_turn(w->loop, -1);
	assert_int_equal(w->fired, LOOP_READ);
	w->pipe[1] = dup(w->pipe[0]);
}

static void close_all_watches(void *ctx, int events)
{
	struct world *w = ctx;

	(void)events;
	w->fired++;
	for (size_t i = 0; i < ARRAY_LEN(w->watches); i++)
		watch_close(w->watches[i]);
}

static void a_watch_may_close_itself_and_those_ready_with_it(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(w->watches); i++)
		w->watches[i] = watch_open(w->loop, w->pipe[1], LOOP_WRITE, close_all_watches, w);
	watch_close(NULL);
	loop_turn(w->loop, -1);
	loop_turn(w->loop, 0);
	assert_int_equal(w->fired, 1);
}

static void replace_by_other(void *ctx, int events)
{
	struct world *w = ctx;

	(void)events;
	w->fired++;
	/* The same number may be another descriptor by now, of which nothing is known. */
	watch_close(w->watches[1]);
	w->watches[1] = watch_open(w->loop, w->pipe[1], LOOP_WRITE, on_events, w);
	watch_set(w->watches[0], w->pipe[0], LOOP_READ);
}

static void what_is_opened_in_a_turn_waits_for_the_next(void **state)
{
	struct world *w = *state;

	w->watches[0] = watch_open(w->loop, w->pipe[1], LOOP_WRITE, replace_by_other, w);
	w->watches[1] = watch_open(w->loop, w->pipe[1], LOOP_WRITE, on_events, w);
	w->fired = 10;
	loop_turn(w->loop, -1);
	assert_int_equal(w->fired, 11);
	loop_turn(w->loop, -1);
	assert_int_equal(w->fired, LOOP_WRITE);
}

static void turn_to_other_end(void *ctx, int events)
{
	struct world *w = ctx;

	(void)events;
	watch_set(w->watches[1], w->pipe[0], LOOP_READ | LOOP_WRITE);
}

static void what_was_polled_says_nothing_of_another_descriptor(void **state)
{
	struct world *w = *state;

	w->watches[0] = watch_open(w->loop, w->pipe[1], LOOP_WRITE, turn_to_other_end, w);
	w->watches[1] = watch_open(w->loop, w->pipe[1], LOOP_WRITE, on_events, w);
	loop_turn(w->loop, -1);
	assert_int_equal(w->fired, 0);
}

static void defer_again(void *ctx)
{
	struct world *w = ctx;

	noted(w, 'd');
	loop_defer(w->loop, defer_again, w);
}

static void on_ready(void *ctx, int events)
{
	(void)events;
	noted(ctx, 'w');
}

static void a_turn_keeps_its_order(void **state)
{
	struct world *w = *state;

	loop_after_turn(w->loop, note_a, w);
	loop_defer(w->loop, defer_again, w);
	w->watches[0] = watch_open(w->loop, w->pipe[1], LOOP_WRITE, on_ready, w);
	w->timers[0] = timer_open(w->loop, note_b, w);
	timer_in(w->timers[0], 0);
	loop_turn(w->loop, -1);
	assert_string_equal(w->order, "bwda");
	loop_turn(w->loop, -1);
	assert_string_equal(w->order, "bwdawda");
}

static void undefer_others(void *ctx)
{
	struct world *w = ctx;

	noted(w, 'u');
	loop_undefer(w->loop, note_b, w);
}

static void a_deferred_call_can_be_dropped_even_by_one_before_it(void **state)
{
	struct world *w = *state;

	loop_defer(w->loop, note_a, w);
	loop_undefer(w->loop, note_a, w);
	loop_defer(w->loop, undefer_others, w);
	loop_defer(w->loop, note_b, w);
	loop_defer(w->loop, note_b, w);
	loop_defer(w->loop, note_c_and_stop, w);
	loop_run(w->loop);
	assert_string_equal(w->order, "uc");
}

static void on_signal(void *ctx, int signo)
{
	struct world *w = ctx;

	w->signo = signo;
	w->fired++;
	loop_stop(w->loop);
}

static void signals_come_in_the_loop_and_end_its_waiting(void **state)
{
	struct world *w = *state;

	assert_int_equal(loop_signal(w->loop, SIGUSR1, on_signal, w, NULL), 0);
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_int_equal(w->fired, 0);
	loop_run(w->loop);
	assert_int_equal(w->fired, 1);
	assert_int_equal(w->signo, SIGUSR1);
}

static void a_storm_of_signals_is_one_call(void **state)
{
	struct world *w = *state;

	assert_int_equal(loop_signal(w->loop, SIGUSR1, on_signal, w, NULL), 0);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(raise(SIGUSR1), 0);
	loop_run(w->loop);
	loop_turn(w->loop, 0);
	assert_int_equal(w->fired, 1);
}

static void handlers_are_given_back(void **state)
{
	struct world *w = *state;
	struct sigaction before, after;

	assert_int_equal(sigaction(SIGUSR2, NULL, &before), 0);
	assert_int_equal(loop_signal(w->loop, SIGUSR2, on_signal, w, NULL), 0);
	loop_free(w->loop);
	assert_int_equal(sigaction(SIGUSR2, NULL, &after), 0);
	assert_true(before.sa_handler == after.sa_handler);
	assert_int_equal(loop_new(&w->clock, &w->loop, NULL), 0);
}

static void a_signal_that_cannot_be_caught_is_an_error(void **state)
{
	struct world *w = *state;
	struct err err = ERR_INIT;

	assert_int_equal(loop_signal(w->loop, SIGKILL, on_signal, w, &err), -EINVAL);
	assert_int_equal(loop_signal(w->loop, 9999, on_signal, w, &err), -EINVAL);
	assert_string_equal(err.text, "there is no signal 9999");
}

static void on_child(void *ctx, int status)
{
	struct world *w = ctx;

	w->status = status;
	w->fired++;
	child_close(w->child);
	loop_stop(w->loop);
}

static pid_t child_that_ends_with(int code)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(code);
	assert_true(pid > 0);
	return pid;
}

static void a_child_gives_its_status(void **state)
{
	struct world *w = *state;

	w->child = child_watch(w->loop, child_that_ends_with(7), on_child, w);
	loop_run(w->loop);
	assert_true(WIFEXITED(w->status));
	assert_int_equal(WEXITSTATUS(w->status), 7);
}

static void a_child_that_ended_before_it_was_watched_is_noticed(void **state)
{
	struct world *w = *state;
	pid_t pid = child_that_ends_with(3);
	siginfo_t info;

	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	w->child = child_watch(w->loop, pid, on_child, w);
	loop_run(w->loop);
	assert_int_equal(WEXITSTATUS(w->status), 3);
}

static void a_child_that_somebody_else_waited_for_gives_minus_one(void **state)
{
	struct world *w = *state;
	pid_t pid = child_that_ends_with(3);

	assert_int_equal(waitpid(pid, NULL, 0), pid);
	w->child = child_watch(w->loop, pid, on_child, w);
	loop_run(w->loop);
	assert_int_equal(w->status, -1);
}

static void a_closed_child_is_reaped_in_silence(void **state)
{
	struct world *w = *state;
	pid_t pid = child_that_ends_with(0);

	child_close(child_watch(w->loop, pid, on_child, w));
	child_close(NULL);
	while (kill(pid, 0) == 0)
		loop_turn(w->loop, 10 * MS_US);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(w->fired, 0);
}

struct job {
	struct world *world;
	pthread_t thread;
	int signals_blocked;
};

static void job_work(void *arg)
{
	struct job *job = arg;
	sigset_t set;

	job->thread = pthread_self();
	(void)pthread_sigmask(SIG_SETMASK, NULL, &set);
	job->signals_blocked = sigismember(&set, SIGUSR1) && sigismember(&set, SIGCHLD);
}

static void job_done(void *arg)
{
	struct job *job = arg;

	if (++job->world->fired == 20)
		loop_stop(job->world->loop);
}

static void a_helper_works_apart_and_is_done_in_the_loop(void **state)
{
	struct world *w = *state;
	struct job jobs[20];

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		jobs[i] = (struct job){.world = w};
		loop_help(w->loop, job_work, job_done, &jobs[i]);
	}
	loop_run(w->loop);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		assert_false(pthread_equal(jobs[i].thread, pthread_self()));
		assert_true(jobs[i].signals_blocked);
	}
}

/* Hangs until it is let go, and says when it will touch nothing any more. */
struct hanging {
	int go[2], gone[2];
};

static void work_until_byte(void *arg)
{
	const struct hanging *hanging = arg;
	char c;

	while (read(hanging->go[0], &c, 1) < 0)
		;
	while (write(hanging->gone[1], &c, 1) < 0)
		;
}

static void done_never(void *arg)
{
	(void)arg;
	fail();
}

static void a_job_that_hangs_holds_up_neither_others_nor_the_end(void **state)
{
	struct world *w = *state;
	struct job job = {.world = w};
	struct hanging hanging;
	char c;

	assert_int_equal(pipe(hanging.go), 0);
	assert_int_equal(pipe(hanging.gone), 0);
	loop_help(w->loop, work_until_byte, done_never, &hanging);
	w->fired = 19;
	loop_help(w->loop, job_work, job_done, &job);
	loop_run(w->loop);
	assert_int_equal(w->fired, 20);
	loop_free(w->loop);
	assert_int_equal(write(hanging.go[1], "x", 1), 1);
	assert_int_equal(read(hanging.gone[0], &c, 1), 1);
	for (int i = 0; i < 2; i++) {
		close(hanging.go[i]);
		close(hanging.gone[i]);
	}
	assert_int_equal(loop_new(&w->clock, &w->loop, NULL), 0);
}

static void stopping_from_outside_ends_the_next_run(void **state)
{
	struct world *w = *state;

	loop_stop(w->loop);
	loop_run(w->loop);
	w->timers[0] = timer_open(w->loop, stop, w);
	timer_in(w->timers[0], 1);
	loop_run(w->loop);
	assert_int_equal(w->fired, 1);
}

#define WITH(clock, test) cmocka_unit_test_setup_teardown(test, clock, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(standing, timers_fire_by_moment_then_by_order_of_setting),
		WITH(standing, an_hour_of_a_standing_clock_takes_no_time),
		WITH(standing, a_standing_clock_is_not_turned_beyond_the_longest_wait),
		WITH(standing, a_timer_set_again_for_now_waits_for_the_next_turn),
		WITH(real, a_timer_set_again_for_now_waits_for_the_next_turn),
		WITH(standing, a_timer_set_into_the_past_does_not_starve_others),
		WITH(standing, a_timer_stopped_or_closed_does_not_fire),
		WITH(real, a_timer_stopped_or_closed_does_not_fire),
		WITH(standing, far_moments_do_not_overflow),
		WITH(standing, a_timer_may_close_itself_and_those_due_with_it),
		WITH(standing, many_timers_fire_in_time),
		WITH(real, many_timers_fire_in_time),
		WITH(real, a_descriptor_gives_what_was_asked_for),
		WITH(real, a_hangup_is_given_as_what_was_asked_for),
		WITH(real, a_watch_may_close_itself_and_those_ready_with_it),
		WITH(real, what_is_opened_in_a_turn_waits_for_the_next),
		WITH(real, what_was_polled_says_nothing_of_another_descriptor),
		WITH(real, a_turn_keeps_its_order),
		WITH(real, a_deferred_call_can_be_dropped_even_by_one_before_it),
		WITH(real, signals_come_in_the_loop_and_end_its_waiting),
		WITH(real, a_storm_of_signals_is_one_call),
		WITH(real, handlers_are_given_back),
		WITH(real, a_signal_that_cannot_be_caught_is_an_error),
		WITH(real, a_child_gives_its_status),
		WITH(real, a_child_that_ended_before_it_was_watched_is_noticed),
		WITH(real, a_child_that_somebody_else_waited_for_gives_minus_one),
		WITH(real, a_closed_child_is_reaped_in_silence),
		WITH(real, a_helper_works_apart_and_is_done_in_the_loop),
		WITH(real, a_job_that_hangs_holds_up_neither_others_nor_the_end),
		WITH(standing, stopping_from_outside_ends_the_next_run),
	};

	return RUN(tests);
}
