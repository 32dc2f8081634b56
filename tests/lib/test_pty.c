/* The terminal bench itself, on programs so small that what they must show is plain.
 * Leaves the console to tests/app.
 * Called by the suite. */
#include "golden.h"
#include "pty.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>

#define SHELL_PROGRAM(script) ((const char *const[]){"/bin/sh", "-c", (script), NULL})

static struct pty *shell(const char *script)
{
	return pty_open(NULL, SHELL_PROGRAM(script));
}

static void test_shows_what_is_typed(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = pty_open(NULL, (const char *const[]){"cat", NULL});

	(void)state;
	pty_keys(pty, "hello <Lt>é><Enter>");
	pty_expect(pty, "^hello <é>$");
	pty_keys(pty, "<C-d>");
	pty_expect_exit(pty, 0);
}

static void test_has_the_size_it_was_given(void **state)
{
	struct pty_options options = {.width = 101, .height = 7};
	CLEANUP(pty_closep)
	struct pty *pty = pty_open(&options, SHELL_PROGRAM("stty size"));

	(void)state;
	pty_expect(pty, "^7 101$");
	pty_expect_exit(pty, 0);
}

static void test_resize_reaches_the_program(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("trap 'stty size' WINCH; echo ready; while :; do read x; done");

	(void)state;
	pty_expect(pty, "ready");
	pty_resize(pty, 33, 11);
	pty_expect(pty, "^11 33$");
}

static void test_environment_is_small_and_known(void **state)
{
	static const char *const env[] = {"SHOWN=yes", NULL};
	struct pty_options options = {.term = "vt100", .env = env};

	(void)state;
	setenv("HIDDEN", "no", 1);
	CLEANUP(pty_closep)
	struct pty *pty = pty_open(&options, SHELL_PROGRAM("echo [$TERM $SHOWN $HIDDEN]"));
	pty_expect(pty, "\\[vt100 yes ]");
}

static void test_dump_names_styles(void **state)
{
	struct pty_options options = {.width = 30, .height = 4};
	CLEANUP(pty_closep)
	struct pty *pty = pty_open(&options,
		SHELL_PROGRAM("printf 'a\\033[1;31mred\\033[0m 世e\\314\\201\\r\\n"
			      "\\033[7;4mr\\033[0m\\033[48;5;236m  \\033[0;38;2;1;2;3mx\\033[m';"
			      "printf '\\033[?25l'; read x"));
	CLEANUP(str_done)
	struct str dump = STR_INIT(65536);

	(void)state;
	pty_expect(pty, "^r  x");
	assert_true(pty_wait_still(pty, 20, 2000));
	pty_dump(pty, &dump);
	golden_check("lib/pty-styles", str_slice(&dump));
}

static void test_exit_status_and_signal(void **state)
{
	CLEANUP(pty_closep)
	struct pty *three = shell("exit 3");
	CLEANUP(pty_closep)
	struct pty *killed = shell("kill -USR1 $$");
	CLEANUP(pty_closep)
	struct pty *none = pty_open(NULL, (const char *const[]){"/no/such/program", NULL});

	(void)state;
	pty_expect_exit(three, 3);
	pty_expect_exit(killed, 128 + SIGUSR1);
	pty_expect_exit(none, 127);
	assert_non_null(strstr(pty_errors(none).at, "cannot run /no/such/program"));
}

static void test_last_words_are_read(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("echo last words; exit 0");

	(void)state;
	pty_expect_exit(pty, 0);
	assert_true(pty_shows(pty, "last words"));
}

static void test_standard_error_is_apart(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("echo out; echo err >&2");

	(void)state;
	pty_expect_exit(pty, 0);
	assert_true(pty_shows(pty, "^out$"));
	assert_false(pty_shows(pty, "err"));
	assert_slice(pty_errors(pty), "err\n");
}

static void test_waiting_ends_at_its_deadline(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("echo here; read x");
	int64_t start_us = pty_now_us();

	(void)state;
	pty_expect(pty, "here");
	assert_false(pty_wait(pty, "never", 50));
	assert_false(pty_wait_gone(pty, "here", 50));
	assert_false(pty_wait_exit(pty, 50, NULL));
	assert_true(pty_now_us() - start_us < 5000000);
}

static void test_waiting_ends_with_the_program(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("exit 0");
	int64_t start_us = pty_now_us();

	(void)state;
	assert_false(pty_wait(pty, "never", 10000));
	assert_true(pty_now_us() - start_us < 5000000);
}

static void test_gone_when_it_is_erased(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("echo here; read x; printf '\\033[2J'; read x");

	(void)state;
	pty_expect(pty, "here");
	pty_keys(pty, "<Enter>");
	pty_expect_gone(pty, "here");
}

static void test_hangup_ends_it(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("echo ready; while read x; do :; done");

	(void)state;
	pty_expect(pty, "ready");
	pty_hangup(pty);
	pty_expect_exit(pty, 128 + SIGHUP);
}

static void test_hangup_can_be_ignored(void **state)
{
	struct pty_options options = {.ignore_hup = true};
	CLEANUP(pty_closep)
	struct pty *pty = pty_open(&options, SHELL_PROGRAM("echo ready; read x || exit 5"));

	(void)state;
	pty_expect(pty, "ready");
	pty_hangup(pty);
	pty_expect_exit(pty, 5);
}

static bool is_counting(struct pty *pty, void *ctx)
{
	(void)ctx;
	return pty_count(pty) > 200000;
}

static void test_stalled_terminal_takes_nothing(void **state)
{
	CLEANUP(pty_closep)
	struct pty *pty = shell("read x; head -c 300000 /dev/zero | tr '\\0' x; read x");

	(void)state;
	pty_stall(pty, true);
	pty_keys(pty, "<Enter>");
	assert_false(pty_wait_if(pty, is_counting, NULL, 100));
	assert_int_equal(pty_count(pty), 0);
	pty_stall(pty, false);
	assert_true(pty_wait_if(pty, is_counting, NULL, PTY_PATIENCE));
}

static void test_knows_a_terminal_that_is_not_restored(void **state)
{
	static const struct {
		const char *name, *script;
		bool restored;
	} rows[] = {
		{"nothing", "exit 0", true},
		{"all, and back",
			"was=$(stty -g); stty raw -echo;"
			"printf '\\033[?1049h\\033[?25l\\033[?2004;1006h\\033='; "
			"stty $was; printf '\\033[?1049l\\033[?25h\\033[?2004;1006l\\033>'",
			true},
		{"line discipline", "stty -echo", false},
		{"alternate screen", "printf '\\033[?1049h'", false},
		{"cursor", "printf '\\033[?25l'", false},
		{"paste", "printf '\\033[?2004h'", false},
		{"mouse", "printf '\\033[?1000;1006h\\033[?1000l'", false},
		{"keypad", "printf '\\033='", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(pty_closep)
		struct pty *pty = shell(rows[i].script);
		CLEANUP(str_done)
		struct str reason = STR_INIT(4096);

		pty_expect_exit(pty, 0);
		if (pty_restored(pty, &reason) != rows[i].restored)
			fail_msg("%s: %s", rows[i].name, str_cstr(&reason));
	}
}

static void test_keys_are_an_xterms(void **state)
{
	static const struct {
		const char *keys, *bytes;
	} rows[] = {
		{"a", "a"},
		{"gg", "gg"},
		{"é", "é"},
		{"<Lt>", "<"},
		{"<Space>", " "},
		{"<Enter>", "\r"},
		{"<Esc>", "\x1b"},
		{"<Backspace>", "\x7f"},
		{"<C-c>", "\x03"},
		{"<M-x>", "\x1bx"},
		{"<Down>", "\x1b[B"},
		{"<C-Right>", "\x1b[1;5C"},
		{"<S-Tab>", "\x1b[Z"},
		{"<F1>", "\x1bOP"},
		{"<F12>", "\x1b[24~"},
		{"<C-M-PageUp>", "\x1b[5;7~"},
		{"<Nonsense>", NULL},
		{"<C-", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str out = STR_INIT(4096);

		if (pty_encode(rows[i].keys, &out) != (rows[i].bytes != NULL))
			fail_msg("%s", rows[i].keys);
		if (rows[i].bytes)
			assert_string_equal(str_cstr(&out), rows[i].bytes);
	}
}

static void test_diff_tells_rows(void **state)
{
	static const struct {
		const char *want, *got;
		int differ;
		const char *text;
	} rows[] = {
		{"", "", 0, ""},
		{"a\nb\n", "a\nb\n", 0, ""},
		{"a\nb\n", "a\nB\n", 1, "   2 -b\n   2 +B\n"},
		{"a\n", "a\nb\n", 1, "   2 +b\n"},
		{"a\nb\n", "a\n", 1, "   2 -b\n"},
		{"", "x", 1, "   1 +x\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str out = STR_INIT(4096);

		assert_int_equal(golden_diff(slice_of(rows[i].want), slice_of(rows[i].got), &out),
			rows[i].differ);
		assert_string_equal(str_cstr(&out), rows[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shows_what_is_typed),
		cmocka_unit_test(test_has_the_size_it_was_given),
		cmocka_unit_test(test_resize_reaches_the_program),
		cmocka_unit_test(test_environment_is_small_and_known),
		cmocka_unit_test(test_dump_names_styles),
		cmocka_unit_test(test_exit_status_and_signal),
		cmocka_unit_test(test_last_words_are_read),
		cmocka_unit_test(test_standard_error_is_apart),
		cmocka_unit_test(test_waiting_ends_at_its_deadline),
		cmocka_unit_test(test_waiting_ends_with_the_program),
		cmocka_unit_test(test_gone_when_it_is_erased),
		cmocka_unit_test(test_hangup_ends_it),
		cmocka_unit_test(test_hangup_can_be_ignored),
		cmocka_unit_test(test_stalled_terminal_takes_nothing),
		cmocka_unit_test(test_knows_a_terminal_that_is_not_restored),
		cmocka_unit_test(test_keys_are_an_xterms),
		cmocka_unit_test(test_diff_tells_rows),
	};

	return RUN(tests);
}
