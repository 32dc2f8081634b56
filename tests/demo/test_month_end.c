/* A demo that is left running over the end of a day and of a month goes on: a turned clock for all of
 * its processes, the private server's too. */
#include "base/mem.h"
#include "base/str.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include "pty.h"
#include "unit.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Under sanitizers, the first library of a process would else have to be theirs. */
static const char asan[] = "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0";

struct turned {
	char dir[100], preload[200], offset[60];
};

static bool find_faketime(struct turned *turned)
{
	glob_t found;
	bool any = glob("/usr/lib/*/faketime/libfaketimeMT.so.1", 0, NULL, &found) == 0;

	if (any)
		snprintf(turned->preload, sizeof(turned->preload), "LD_PRELOAD=%s",
			found.gl_pathv[0]);
	globfree(&found);
	return any;
}

/* From now on it is so many seconds before the end of this month, UTC. */
static void turn_clock(struct turned *turned, int before)
{
	time_t now = time(NULL), then;
	struct tm tm;

	gmtime_r(&now, &tm);
	tm.tm_mon++;
	tm.tm_mday = 1;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	then = timegm(&tm) - before;
	snprintf(
		turned->offset, sizeof(turned->offset), "FAKETIME=+%llds", (long long)(then - now));
}

static struct pty *start(const struct turned *turned, const char *option)
{
	const char *const env[] = {turned->preload, turned->offset, asan,
		"FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_NO_CACHE=1", NULL};
	const struct pty_options options = {
		.width = 120, .height = 40, .env = env, .merge_errors = true};
	const char *const argv[] = {"./orderly", "demo", "--dir", turned->dir, "--hours", "1",
		"--rate", "20", "--view", "tail", option, NULL};

	return pty_open(&options, argv);
}

static void test_midnight_of_the_last_day(void **state)
{
	struct turned turned;
	const char *tmp = getenv("TMPDIR");
	struct account account;
	struct err err = ERR_INIT;
	struct pty *pty;
	int status;

	(void)state;
	if (!find_faketime(&turned)) {
		print_message("skipped: no faketime here\n");
		skip();
	}
	snprintf(turned.dir, sizeof(turned.dir), "%s/month-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(turned.dir));
	assert_int_equal(account_unprivileged(&account, NULL), 0);
	assert_int_equal(chown(turned.dir, account.uid, account.gid), 0);

	/* The slow part, making the cluster, stands well before midnight, whatever the machine. */
	turn_clock(&turned, 3600);
	pty = start(&turned, "--frame");
	assert_true(pty_wait_exit(pty, 6 * PTY_PATIENCE, &status));
	if (status != 0) {
		CLEANUP(str_done)
		struct str screen = STR_INIT(1 << 20);

		pty_text(pty, &screen);
		fail_msg("it ended with %d\n%s", status, str_cstr(&screen));
	}
	pty_close(pty);

	turn_clock(&turned, 15);
	pty = start(&turned, NULL);
	assert_true(pty_wait(pty, " 23:59:[0-9][0-9]\\.[0-9]+ ", 3 * PTY_PATIENCE));
	assert_true(pty_wait(pty, " 00:00:[0-9][0-9]\\.[0-9]+ .* received ", 3 * PTY_PATIENCE));
	pty_expect(pty, "store ok .*workers 1/1 .*00:00Z");
	pty_expect(pty, " 00:00:[0-9][0-9]\\.[0-9]+ .* delivered ");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_close(pty);
	if (tree_remove(turned.dir, &err) < 0)
		fail_msg("%s", err.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_midnight_of_the_last_day),
	};

	return RUN(tests);
}
