/* Starts the console for the tests, on a store that each program of tests has for itself.
 * The pty, libvterm and PostgreSQL are the bench's in tests/lib.
 * Called by the end-to-end tests. */
#include "desk.h"
#include "unit.h"
#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 32

int desk_setup(void **state)
{
	struct desk *desk = NEW(struct desk);

	desk->database = pg_store("desk");
	desk->conninfo = STR_INIT(4096);
	pg_conninfo(desk->database, &desk->conninfo);
	*state = desk;
	return 0;
}

int desk_teardown(void **state)
{
	struct desk *desk = *state;

	pg_drop(desk->database);
	str_done(&desk->conninfo);
	free(desk);
	return 0;
}

struct pty *desk_open(const struct desk *desk, const struct pty_options *options, ...)
{
	const char *argv[ARGUMENTS_MAX] = {
		"./orderly", "--conninfo", str_cstr(&desk->conninfo), "--environment", "TEST"};
	size_t n = 5;
	va_list args;

	va_start(args, options);
	for (const char *arg; n < ARGUMENTS_MAX - 1 && (arg = va_arg(args, const char *));)
		argv[n++] = arg;
	va_end(args);
	return pty_open(options, argv);
}

struct pty *desk_ready(const struct desk *desk, int width, int height)
{
	struct pty_options options = {.width = width, .height = height};
	struct pty *pty = desk_open(desk, &options, NULL);

	pty_expect(pty, "store ok");
	pty_expect(pty, "[0-9] interfaces ");
	return pty;
}

/* "14:32Z" and "took 6 ms", digit by digit, so that columns stay. */
static void blank_times(struct str *text)
{
	for (char *at = text->at; at && *at; at++) {
		bool clock = isdigit(at[0]) && isdigit(at[1]) && at[2] == ':' && isdigit(at[3]) &&
			     isdigit(at[4]);

		if (clock)
			memcpy(at, "--:--", 5);
		if (strncmp(at, "took ", 5) == 0)
			for (char *digit = at + 5; *digit && *digit != '\n'; digit++)
				*digit = '-';
	}
}

struct pty *desk_as(const char *database, const char *login, const char *view)
{
	const struct pty_options options = {.width = 120, .height = 40};
	struct desk desk = {.conninfo = STR_INIT(4096)};
	struct pty *pty;

	str_addf(&desk.conninfo, "host='%s' dbname=%s user=%s", getenv("ORDERLY_TEST_PG"), database,
		login);
	pty = desk_open(&desk, &options, "--view", view, NULL);
	pty_expect(pty, "store ok");
	str_done(&desk.conninfo);
	return pty;
}

void desk_leave(struct pty *pty)
{
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
}

void desk_dump(struct pty *pty, struct str *out)
{
	pty_dump(pty, out);
	blank_times(out);
}

int64_t desk_key_us(struct pty *pty, const char *key, const char *shows)
{
	int64_t start_us = pty_now_us();

	pty_keys(pty, key);
	pty_expect(pty, shows);
	return pty_last_us(pty) - start_us;
}

/* ---- a fault proxy in front of the server ---- */

static void expect_answer(struct faults *faults, const char *want)
{
	char line[512];
	size_t n = 0;

	while (n < sizeof(line) - 1 && read(faults->out, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	if (strncmp(line, want, strlen(want)) != 0)
		fail_msg("the fault proxy says \"%s\"", line);
}

void faults_open(struct faults *faults, const struct desk *desk)
{
	CLEANUP(str_done)
	struct str listen = STR_INIT(4096);
	CLEANUP(str_done)
	struct str target = STR_INIT(4096);
	const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	int in[2], out[2];

	/* The port is part of the socket's name: after a test that failed the old one still stands. */
	faults->port = 6000 + (int)(pty_now_us() % 10000);
	str_addf(&listen, "unix:%s/.s.PGSQL.%d", folder, faults->port);
	str_addf(&target, "unix:%s/.s.PGSQL.5432", getenv("ORDERLY_TEST_PG"));
	faults->conninfo = STR_INIT(4096);
	str_addf(&faults->conninfo, "host=%s port=%d user=postgres dbname=%s", folder, faults->port,
		desk->database);
	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	faults->pid = fork();
	if (faults->pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		execl("tests/faultproxy", "faultproxy", str_cstr(&listen), str_cstr(&target), NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	faults->in = in[1];
	faults->out = out[0];
	expect_answer(faults, "listening");
}

void faults_close(struct faults *faults)
{
	close(faults->in);
	waitpid(faults->pid, NULL, 0);
	close(faults->out);
	str_done(&faults->conninfo);
}

void faults_tell(struct faults *faults, const char *command)
{
	dprintf(faults->in, "%s\n", command);
	expect_answer(faults, "ok");
}
