/* The console while Odoo is away: no key waits for it, what was known stays, and it comes back by itself.
 * ORDERLY_TEST_OUTAGE says for how many seconds (5).
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "traffic.h"
#include "unit.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY_US (50 * 1000 * DESK_SLOWER)

/* Whoever waits for Odoo waits for its deadline, ten seconds. */
#define WAITED_US (3 * 1000 * 1000)
#define KEYS_MAX 20000

struct stage {
	struct desk desk;
	struct people people;
	pid_t sim;
	int port;
	struct str key_path, url;
};

/* "listening on port N, ..." and "login integ_watch, password P, key K". */
static void read_words(struct stage *me, int out)
{
	FILE *from = fdopen(out, "r");
	char line[512], key[128] = "";
	int fd;

	assert_non_null(from);
	assert_non_null(fgets(line, sizeof(line), from));
	me->port = (int)strtol(line + strlen("listening on port "), NULL, 10);
	while (!*key && fgets(line, sizeof(line), from))
		if (strstr(line, "integ_watch"))
			(void)snprintf(key, sizeof(key), "%.40s", strstr(line, "key ") + 4);
	assert_int_equal(strlen(key), 40);
	fd = open(str_cstr(&me->key_path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, key, 40) == 40);
	close(fd);
	(void)fclose(from);
}

static void start_sim(struct stage *me)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	me->sim = fork();
	assert_true(me->sim >= 0);
	if (me->sim == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)signal(SIGPIPE, SIG_IGN);
		execl("./orderly-sim", "orderly-sim", "odoo", "--listen", "127.0.0.1:0", "--orders",
			"20", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	read_words(me, ends[0]);
}

/* What it does from now on, in the words of its faults. */
static void sim_fault(const struct stage *me, const char *fault)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)me->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[64];

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_true(dprintf(fd,
			    "POST /sim/fault HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n"
			    "Connection: close\r\n\r\n%s",
			    strlen(fault), fault) > 0);
	assert_true(read(fd, answer, sizeof(answer)) > 12);
	assert_memory_equal(answer, "HTTP/1.1 200", 12);
	close(fd);
}

static int setup(void **state)
{
	struct stage *me = NEW(struct stage);
	const char *tmp = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

	traffic_open(&me->people, "outage");
	me->desk.database = me->people.db;
	me->desk.conninfo = me->key_path = me->url = STR_INIT(4096);
	str_addf(&me->desk.conninfo, "host='%s' dbname=%s user=%s", getenv("ORDERLY_TEST_PG"),
		me->people.db, me->people.login[SUPPORT]);
	str_addf(&me->key_path, "%s/outage-key.%d", tmp, (int)getpid());
	start_sim(me);
	str_addf(&me->url, "http://127.0.0.1:%d", me->port);
	*state = me;
	return 0;
}

static int teardown(void **state)
{
	struct stage *me = *state;

	kill(me->sim, SIGTERM);
	(void)waitpid(me->sim, NULL, 0);
	(void)unlink(str_cstr(&me->key_path));
	str_done(&me->desk.conninfo);
	str_done(&me->key_path);
	str_done(&me->url);
	people_close(&me->people);
	free(me);
	return 0;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void no_key_waits_for_an_odoo_that_does_not_answer(void **state)
{
	struct stage *me = *state;
	const char *seconds = getenv("ORDERLY_TEST_OUTAGE");
	struct pty_options options = {.width = 120, .height = 40};
	CLEANUP(pty_closep)
	struct pty *pty = desk_open(&me->desk, &options, "--odoo-url", str_cstr(&me->url),
		"--odoo-db", "hospital", "--odoo-login", "integ_watch", "--odoo-key-file",
		str_cstr(&me->key_path), NULL);
	int64_t took_us[KEYS_MAX], until_us;
	size_t n = 0;

	pty_expect(pty, "store ok");
	pty_keys(pty, "9s");
	pty_expect(pty, "EDI: import supplier invoices");
	sim_fault(me, "timeout");
	pty_keys(pty, "R");
	until_us = pty_now_us() + (seconds ? strtol(seconds, NULL, 10) : 5) * 1000 * 1000;
	while (pty_now_us() < until_us && n + 2 <= KEYS_MAX) {
		took_us[n++] = desk_key_us(pty, "c", "nothing was reconciled yet");
		/* What was known of Odoo is still there. */
		took_us[n++] = desk_key_us(pty, "s", "EDI: import supplier invoices");
	}
	qsort(took_us, n, sizeof(took_us[0]), by_size);
	print_message(
		"%zu keys: half within %lld us, 99 of 100 within %lld us, all within %lld us\n", n,
		(long long)took_us[n / 2], (long long)took_us[n - 1 - n / 100],
		(long long)took_us[n - 1]);
	assert_true(took_us[n / 2] <= KEY_US);
	assert_true(took_us[n - 1] < WAITED_US);
	sim_fault(me, "clear");
	pty_keys(pty, "u");
	pty_expect(pty, "exchange answers 5");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_waits_for_an_odoo_that_does_not_answer),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
