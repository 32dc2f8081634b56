/* `orderly demo` as a whole: a frame without a terminal, two at once, killed, begun anew. */
#include "base/mem.h"
#include "base/str.h"
#include "demo/cluster.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

#define WAIT_MS 120000
#define QUICK_TESTS 4

/* One folder for the group: the first start is the slow one. */
static int make_dir(void **state)
{
	char *dir = mem_dup_str("/tmp/orderly-demo-XXXXXX");
	struct account account;

	if (!mkdtemp(dir) || account_unprivileged(&account, NULL) < 0 ||
		chown(dir, account.uid, account.gid) < 0)
		return -1;
	*state = dir;
	return 0;
}

static int drop_dir(void **state)
{
	struct err err = ERR_INIT;
	int r = tree_remove(*state, &err);

	if (r < 0)
		print_error("%s\n", err.text);
	free(*state);
	return r;
}

static void demo_child(const char *dir, const char *option)
{
	const char *argv[] = {
		"./orderly", "demo", "--dir", dir, "--hours", "1", "--rate", "1", option, NULL};

	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(126);
}

/* Reads until the text is there, or to the end of the output when there is none. */
static bool read_until(int fd, const char *text, struct str *out)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char buf[4096];
	ssize_t n;

	while (poll(&ready, 1, WAIT_MS) > 0) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return false;
		str_add(out, (struct slice){buf, (size_t)n});
		if (text && strstr(str_cstr(out), text))
			return true;
	}
	fail_msg("nothing came for %d s; until then: %s", WAIT_MS / 1000, str_cstr(out));
	return false;
}

/* Without a terminal; the exit status, and what was said on both outputs. */
static int run_frame(const char *dir, const char *option, struct str *out)
{
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		demo_child(dir, option);
	}
	close(ends[1]);
	read_until(ends[0], NULL, out);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* In a terminal; returns when the console has painted. */
static pid_t run_console(const char *dir, int *ret_fd)
{
	struct winsize size = {.ws_row = 30, .ws_col = 100};
	struct str out = STR_INIT(1 << 20);
	pid_t pid = forkpty(ret_fd, NULL, NULL, &size);

	if (pid == 0) {
		setenv("TERM", "xterm", 1);
		demo_child(dir, NULL);
	}
	assert_true(pid > 0);
	if (!read_until(*ret_fd, "Overview", &out))
		fail_msg("no console: %s", str_cstr(&out));
	str_done(&out);
	return pid;
}

/* Processes that have the folder in their command line. */
static int count_processes(const char *dir)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int64_t pid;
	int n = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc)))
		if (slice_to_i64(slice_of(entry->d_name), 2, INT32_MAX, &pid) == 0)
			n += process_is((pid_t)pid, dir);
	closedir(proc);
	return n;
}

static void wait_until_gone(const char *dir)
{
	for (int i = 0; i < 600 && count_processes(dir); i++)
		poll(NULL, 0, 50);
	assert_int_equal(count_processes(dir), 0);
}

static void a_frame_needs_no_terminal_and_leaves_nothing_running(void **state)
{
	struct str out = STR_INIT(1 << 20);

	if (run_frame(*state, NULL, &out) != 0)
		fail_msg("%s", str_cstr(&out));
	assert_non_null(strstr(str_cstr(&out), "DEMO"));
	assert_non_null(strstr(str_cstr(&out), "ana.ruiz"));
	/* Among the worst is what goes to an exchange that is down; or it is folded under that, once the last
	 * minutes are evidence enough. */
	assert_true(strstr(str_cstr(&out), "Medix supplier exchange") ||
		    strstr(str_cstr(&out), "po-out"));
	assert_null(strchr(str_cstr(&out), '\033'));
	assert_int_equal(count_processes(*state), 0);
	str_done(&out);
}

static void as_a_role_is_as_its_person(void **state)
{
	struct str out = STR_INIT(1 << 20);

	assert_int_equal(run_frame(*state, "--as=approver", &out), 0);
	assert_non_null(strstr(str_cstr(&out), "chiara.weiss"));
	str_done(&out);
}

static void a_second_demo_is_told_of_the_first(void **state)
{
	struct str out = STR_INIT(1 << 20), said = STR_INIT(256);
	int fd, status;
	pid_t pid = run_console(*state, &fd);

	str_addf(&said, "another demo (process %d) runs in %s", (int)pid, (char *)*state);
	assert_int_equal(run_frame(*state, NULL, &out), 1);
	if (!strstr(str_cstr(&out), said.at))
		fail_msg("%s", str_cstr(&out));
	kill(pid, SIGTERM);
	read_until(fd, NULL, &out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(count_processes(*state), 0);
	close(fd);
	str_done(&out);
	str_done(&said);
}

static void what_a_kill_leaves_the_next_start_takes_away(void **state)
{
	struct str out = STR_INIT(1 << 20);
	int fd;
	pid_t pid = run_console(*state, &fd);

	assert_true(count_processes(*state) >= 3);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (run_frame(*state, NULL, &out) != 0)
		fail_msg("%s", str_cstr(&out));
	wait_until_gone(*state);
	close(fd);
	str_done(&out);
}

static void quitting_the_console_stops_everything(void **state)
{
	struct str out = STR_INIT(1 << 20);
	int fd, status;
	pid_t pid = run_console(*state, &fd);

	assert_int_equal(write(fd, "q", 1), 1);
	read_until(fd, NULL, &out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("status %x: %s", (unsigned)status, str_cstr(&out));
	assert_int_equal(count_processes(*state), 0);
	close(fd);
	str_done(&out);
}

static pid_t console_of(const char *dir)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	pid_t found = 0;
	int64_t pid;

	assert_non_null(proc);
	while ((entry = readdir(proc)))
		if (slice_to_i64(slice_of(entry->d_name), 2, INT32_MAX, &pid) == 0 &&
			process_is((pid_t)pid, dir) && process_is((pid_t)pid, "--environment"))
			found = (pid_t)pid;
	closedir(proc);
	return found;
}

static void a_console_that_is_killed_leaves_a_terminal_that_works(void **state)
{
	struct str out = STR_INIT(1 << 20);
	struct termios before, after;
	int fd, status;
	pid_t pid = run_console(*state, &fd);

	assert_true(console_of(*state) > 0);
	assert_int_equal(tcgetattr(fd, &before), 0);
	assert_int_equal(before.c_lflag & ICANON, 0);
	kill(console_of(*state), SIGKILL);
	if (!read_until(fd, "\033[?1049l", &out))
		fail_msg("the terminal was not given back");
	assert_int_equal(tcgetattr(fd, &after), 0);
	assert_int_not_equal(after.c_lflag & ICANON, 0);
	read_until(fd, NULL, &out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 128 + SIGKILL);
	close(fd);
	str_done(&out);
}

static void reset_begins_anew(void **state)
{
	struct str out = STR_INIT(1 << 20);

	assert_int_equal(run_frame(*state, "--reset", &out), 0);
	assert_non_null(strstr(str_cstr(&out), "laying down"));
	str_done(&out);
}

static void wrong_words_are_named(void **state)
{
	static const char *const rows[][2] = {{"--as=boss", "nobody has that role"},
		{"--rate=fast", "a number from 0 to 20000"}, {"--rate", "needs N"},
		{"--fast", "unknown option \"--fast\""}, {"--reset=1", "unknown option"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str out = STR_INIT(1 << 20);

		assert_int_equal(run_frame(*state, rows[i][0], &out), 2);
		if (!strstr(str_cstr(&out), rows[i][1]))
			fail_msg("%s says: %s", rows[i][0], str_cstr(&out));
		str_done(&out);
	}
}

static void a_missing_server_is_named_with_its_package(void **state)
{
	struct str out = STR_INIT(1 << 20);
	int r;

	setenv("ORDERLY_PG_BIN", "/nowhere", 1);
	r = run_frame(*state, NULL, &out);
	unsetenv("ORDERLY_PG_BIN");
	assert_int_equal(r, 1);
	assert_non_null(strstr(str_cstr(&out), "ORDERLY_PG_BIN=/nowhere: no postgres and initdb"));
	assert_null(strstr(str_cstr(&out), "--reset"));
	str_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_words_are_named),
		cmocka_unit_test(a_missing_server_is_named_with_its_package),
		cmocka_unit_test(a_frame_needs_no_terminal_and_leaves_nothing_running),
		cmocka_unit_test(what_a_kill_leaves_the_next_start_takes_away),
		/* the quick run ends here */
		cmocka_unit_test(as_a_role_is_as_its_person),
		cmocka_unit_test(a_second_demo_is_told_of_the_first),
		cmocka_unit_test(quitting_the_console_stops_everything),
		cmocka_unit_test(a_console_that_is_killed_leaves_a_terminal_that_works),
		cmocka_unit_test(reset_begins_anew),
	};
	const char *quick = getenv("ORDERLY_TEST_QUICK");
	char *bin = NULL;

	if (cluster_find_bin(&bin, NULL) < 0 || access("./orderly-sim", X_OK) < 0) {
		puts("skipped: no PostgreSQL server, or not run in the build's folder");
		return 77;
	}
	free(bin);
	return _cmocka_run_group_tests("demo/demo", tests,
		quick && *quick ? QUICK_TESTS : ARRAY_LEN(tests), make_dir, drop_dir);
}
