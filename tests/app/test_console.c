/* The console from outside: what it does to a terminal, and what a terminal does to it.
 * What views show is tested from a scripted source; losing the store is test_console_store.c's.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "golden.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Frames a person can wait for; no more than one screen of the pty's own buffer is in flight. */
#define STALL_KEYS 400

static void test_first_frame_and_quit(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 80, 24);

	pty_expect(pty, "^ TEST .*Overview");
	pty_expect(pty, "^ 1 Overview ");
	assert_true(pty_alternate(pty));
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
	assert_int_equal(pty_errors(pty).len, 0);
}

static void test_views_change_by_key(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 100, 30);

	pty_keys(pty, "3");
	pty_expect(pty, "^ TEST .*Tail ");
	pty_keys(pty, "?");
	pty_expect(pty, "^ TEST .*Help");
	pty_keys(pty, "<Backspace>");
	pty_expect(pty, "^ TEST .*Tail ");
	pty_keys(pty, "1");
	pty_expect(pty, "^ TEST .*Overview ");
}

static void test_every_kind_of_terminal(void **state)
{
	static const char *const terms[] = {"xterm", "xterm-256color", "tmux-256color", "screen",
		"linux", "vt100", "rxvt-unicode-256color", "putty"};

	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		struct pty_options options = {.term = terms[i]};
		CLEANUP(pty_closep)
		struct pty *pty = desk_open(*state, &options, NULL);

		print_message("%s\n", terms[i]);
		pty_expect(pty, "store ok");
		pty_expect(pty, "1 Overview");
		pty_keys(pty, "q");
		pty_expect_exit(pty, 0);
		pty_expect_restored(pty);
	}
}

static void test_no_terminal_to_speak_of_is_said(void **state)
{
	static const char *const terms[] = {"dumb", ""};

	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		struct pty_options options = {.term = terms[i]};
		CLEANUP(pty_closep)
		struct pty *pty = desk_open(*state, &options, NULL);
		int status = 0;

		assert_true(pty_wait_exit(pty, PTY_PATIENCE, &status));
		assert_int_equal(status, 2);
		assert_non_null(strstr(pty_errors(pty).at, "orderly: "));
		pty_expect_restored(pty);
	}
}

static void storm(struct pty *pty)
{
	struct random random = {.state = 42};

	for (int i = 0; i < 300; i++) {
		int width = 1 + (int)random_below(&random, 300);
		int height = 1 + (int)random_below(&random, 100);

		/* The ends are where arithmetic goes wrong. */
		if (i % 10 == 0)
			width = height = 1;
		if (i % 10 == 5)
			width = 300, height = 100;
		pty_resize(pty, width, height);
		pty_pump(pty, i % 3 == 0 ? 5 : 0);
	}
}

static bool looks_like(struct pty *pty, void *ctx)
{
	CLEANUP(str_done)
	struct str now = STR_INIT(1 << 20);

	desk_dump(pty, &now);
	return slice_eq(str_slice(&now), str_slice(ctx));
}

static void test_after_a_storm_of_sizes_as_if_fresh(void **state)
{
	CLEANUP(pty_closep)
	struct pty *fresh = desk_ready(*state, 97, 31);
	CLEANUP(pty_closep)
	struct pty *stormy = desk_ready(*state, 80, 24);
	CLEANUP(str_done)
	struct str want = STR_INIT(1 << 20);
	CLEANUP(str_done)
	struct str got = STR_INIT(1 << 20);
	CLEANUP(str_done)
	struct str diff = STR_INIT(1 << 20);

	storm(stormy);
	pty_resize(stormy, 97, 31);
	assert_true(pty_wait_still(fresh, 50, PTY_PATIENCE));
	desk_dump(fresh, &want);
	if (pty_wait_if(stormy, looks_like, &want, PTY_PATIENCE))
		return;
	desk_dump(stormy, &got);
	golden_diff(str_slice(&want), str_slice(&got), &diff);
	print_error("%s%s", str_cstr(&diff), pty_errors(stormy).len ? pty_errors(stormy).at : "");
	fail_msg("after the storm the screen is another");
}

static void test_away_after_a_hangup(void **state)
{
	static const bool ignored[] = {false, true};

	for (size_t i = 0; i < ARRAY_LEN(ignored); i++) {
		struct pty_options options = {.ignore_hup = ignored[i]};
		CLEANUP(pty_closep)
		struct pty *pty = desk_open(*state, &options, NULL);
		int status;

		pty_expect(pty, "store ok");
		pty_hangup(pty);
		if (!pty_wait_exit(pty, 2000 * DESK_SLOWER, &status))
			fail_msg("still there, HUP %s", ignored[i] ? "ignored" : "as usual");
		assert_int_equal(status, 1);
		assert_int_equal(pty_errors(pty).len, 0);
	}
}

/* The state letter of the process: R, S, T, Z. */
static char state_of(struct pty *pty)
{
	char path[64], line[256] = "";

	snprintf(path, sizeof(path), "/proc/%d/stat", pty_pid(pty));
	FILE *file = fopen(path, "re");
	if (!file)
		return '?';
	const char *read = fgets(line, sizeof(line), file);
	fclose(file);
	const char *name_end = read ? strrchr(line, ')') : NULL;
	return name_end ? name_end[2] : '?';
}

static bool is_stopped(struct pty *pty, void *ctx)
{
	(void)ctx;
	return state_of(pty) == 'T';
}

static void test_stops_and_goes_on(void **state)
{
	for (int by_key = 0; by_key < 2; by_key++) {
		CLEANUP(pty_closep)
		struct pty *pty = desk_ready(*state, 80, 24);

		if (by_key)
			pty_keys(pty, "<C-z>");
		else
			pty_kill(pty, SIGTSTP);
		assert_true(pty_wait_if(pty, is_stopped, NULL, PTY_PATIENCE));
		pty_expect_restored(pty);
		pty_resize(pty, 90, 20);
		pty_kill(pty, SIGCONT);
		pty_expect(pty, "1 Overview");
		assert_true(pty_alternate(pty));
		pty_keys(pty, "3");
		pty_expect(pty, "^ TEST .*Tail .*Z$");
		pty_keys(pty, "q");
		pty_expect_exit(pty, 0);
		pty_expect_restored(pty);
	}
}

static void test_restores_the_terminal_when_ended_or_crashing(void **state)
{
	static const struct {
		int signal, status;
	} rows[] = {
		{SIGTERM, 0},
		{SIGINT, 0},
		{SIGHUP, 1},
		{SIGSEGV, 128 + SIGSEGV},
		{SIGBUS, 128 + SIGBUS},
		{SIGABRT, 128 + SIGABRT},
		{SIGFPE, 128 + SIGFPE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(pty_closep)
		struct pty *pty = desk_ready(*state, 80, 24);

		print_message("signal %d\n", rows[i].signal);
		pty_kill(pty, rows[i].signal);
		pty_expect_exit(pty, rows[i].status);
		pty_expect_restored(pty);
	}
}

static long resident_kib(struct pty *pty)
{
	char path[64];
	long pages = 0;

	snprintf(path, sizeof(path), "/proc/%d/statm", pty_pid(pty));
	FILE *file = fopen(path, "re");
	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		fail_msg("%s cannot be read", path);
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* A terminal that takes nothing holds neither the console nor its memory, and gets the newest frame
 * when it takes something again: stale ones are never queued. */
static void test_a_stalled_terminal_gets_the_newest_frame(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 200, 60);
	long before_kib = resident_kib(pty);
	unsigned long long before;

	pty_stall(pty, true);
	for (int i = 0; i < STALL_KEYS; i++)
		pty_keys(pty, i % 2 ? "1" : "3");
	pty_keys(pty, "?");
	pty_wait_exit(pty, 300, NULL);
	before = pty_count(pty);
	pty_stall(pty, false);
	pty_expect(pty, "^ TEST .*Help");
	assert_true(pty_wait_still(pty, 50, PTY_PATIENCE));
	assert_true(pty_shows(pty, "^ TEST .*Help"));
	assert_true(pty_count(pty) - before < 200 * 1024);
	assert_true(resident_kib(pty) - before_kib < 8 * 1024 * DESK_SLOWER);
}

static bool is_a_minute_later(struct pty *pty, void *ctx)
{
	return pty_count(pty) > *(unsigned long long *)ctx + 200;
}

/* The minute may turn meanwhile: a few bytes. */
static void test_nothing_is_sent_while_nothing_changes(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 120, 40);
	unsigned long long before;

	assert_true(pty_wait_still(pty, 300, PTY_PATIENCE));
	before = pty_count(pty);
	assert_false(pty_wait_if(pty, is_a_minute_later, &before, 3000));
}

static void test_unknown_keys_do_nothing_and_say_so(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 100, 24);

	pty_keys(pty, "Z");
	pty_expect(pty, "Z is not bound here");
	pty_bytes(pty, SLICE("\033[99;99;99~\033]11;rgb:1/2/3\007\033[?1;2c\033[200~q3\033[201~"));
	pty_keys(pty, "3");
	pty_expect(pty, "^ TEST .*Tail ");
}

/* An act that asks first: a hasty Enter leaves things, and so does a paste; only a yes does it. */
static void test_an_act_that_asks_waits_for_a_yes(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = desk_ready(*state, 100, 30);

	pty_keys(pty, "gl");
	pty_expect(pty, "store connected");
	pty_keys(pty, "D");
	pty_expect(pty, "Forget [0-9]+ lines?\\?");
	pty_keys(pty, "<Enter>");
	pty_expect(pty, "left as it was");
	pty_keys(pty, ":log-clear<Enter>");
	pty_expect(pty, "Forget [0-9]+ lines?\\?");
	pty_bytes(pty, SLICE("\033[200~\t\r\033[201~"));
	pty_keys(pty, "<Esc>");
	pty_expect_gone(pty, "Forget [0-9]");
	assert_true(pty_shows(pty, "store connected"));
	pty_keys(pty, "D<Tab><Enter>");
	pty_expect_gone(pty, "store connected");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_frame_and_quit),
		cmocka_unit_test(test_views_change_by_key),
		cmocka_unit_test(test_every_kind_of_terminal),
		cmocka_unit_test(test_no_terminal_to_speak_of_is_said),
		cmocka_unit_test(test_after_a_storm_of_sizes_as_if_fresh),
		cmocka_unit_test(test_away_after_a_hangup),
		cmocka_unit_test(test_stops_and_goes_on),
		cmocka_unit_test(test_restores_the_terminal_when_ended_or_crashing),
		cmocka_unit_test(test_a_stalled_terminal_gets_the_newest_frame),
		cmocka_unit_test(test_nothing_is_sent_while_nothing_changes),
		cmocka_unit_test(test_unknown_keys_do_nothing_and_say_so),
		cmocka_unit_test(test_an_act_that_asks_waits_for_a_yes),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
