/* orderly-sim's Odoo as odoorpc sees it, a client that knows nothing of us. */
#include "../lib/unit.h"
#include "base/slice.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3"

static pid_t start(char *const argv[], int *ret_out)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	*ret_out = ends[0];
	return pid;
}

static int ended(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* "listening on port N, ..." */
static void read_port(int out, char port[16])
{
	char line[256];
	size_t n = 0;
	struct slice rest, word;

	while (n < sizeof(line) && read(out, line + n, 1) == 1 && line[n] != '\n')
		n++;
	rest = (struct slice){line, n};
	for (int i = 0; i < 4; i++)
		assert_true(slice_word(&rest, &word));
	assert_true(slice_ends(word, SLICE(",")) && word.len < 16);
	(void)snprintf(port, 16, "%.*s", (int)word.len - 1, word.at);
}

static bool have_odoorpc(void)
{
	char *const argv[] = {(char *)PYTHON, (char *)"-c", (char *)"import odoorpc", NULL};
	int out;
	pid_t pid;

	if (access(PYTHON, X_OK) != 0)
		return false;
	pid = start(argv, &out);
	close(out);
	return ended(pid) == 0;
}

static void session(const char *release, const char *version)
{
	char *const sim[] = {(char *)"./orderly-sim", (char *)"odoo", (char *)"--listen",
		(char *)"127.0.0.1:0", (char *)"--release", (char *)release, (char *)"--orders",
		(char *)"60", NULL};
	char script[4096], port[16];
	char *const client[] = {
		(char *)PYTHON, script, port, (char *)"hospital", (char *)version, NULL};
	int out, said;
	pid_t server = start(sim, &out);
	int status;

	(void)snprintf(script, sizeof(script), "%s/tests/sim/odoorpc_session.py",
		getenv("ORDERLY_TEST_SOURCE"));
	read_port(out, port);
	status = ended(start(client, &said));
	close(said);
	assert_int_equal(kill(server, SIGTERM), 0);
	assert_int_equal(ended(server), 0);
	close(out);
	assert_int_equal(status, 0);
}

static void odoorpc_takes_release_18_for_odoo(void **state)
{
	(void)state;
	session("18", "18.0");
}

static void odoorpc_takes_release_19_for_odoo(void **state)
{
	(void)state;
	session("19", "19.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odoorpc_takes_release_18_for_odoo),
		cmocka_unit_test(odoorpc_takes_release_19_for_odoo),
	};

	if (!have_odoorpc()) {
		(void)fprintf(stderr, "python3-odoorpc is not here\n");
		return 77;
	}
	return RUN(tests);
}
