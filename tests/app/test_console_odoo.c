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

/* A comparison as a worker does it, with an Odoo that has nothing. */
static void reconcile(struct people *people)
{
	PGconn *worker = people->as[WORKER];

	people_change(people, "interface", "orders",
		"{\"title\": \"orders\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"rest\","
		" \"timing\": \"real-time\", \"data_class\": \"internal\", \"replay_policy\": \"one\","
		" \"endpoint\": {\"check\": {\"model\": \"purchase.order\", \"reference\":"
		" {\"field\": \"partner_ref\", \"value\": \"{business_key}\"}}}}");
	traffic_die(people, "orders", "gone-", 2, "timeout", "no answer");
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.reconcile_ask('orders', now() - interval '2 hours', now())");
	pg_do(worker, "select * from orderly.claim_reconcile('hand', '', null)");
	pg_do(worker, "select * from orderly.reconcile_counted(1, 'hand', 0, '{}', 'x')");
	for (int i = 0; i < 2; i++)
		pg_do(worker, "select * from orderly.reconcile_take(1, 'hand', '[]', 0, true)");
	for (int i = 0; i < 2; i++)
		pg_do(worker, "select * from orderly.reconcile_step(1, 'hand', 100)");
	pg_do(worker, "select * from orderly.reconcile_doubts(1, 'hand', 100)");
	pg_do(worker, "select * from orderly.reconcile_confirmed(1, 'hand', 1000, '{}')");
	pg_do(worker, "select * from orderly.reconcile_doubts(1, 'hand', 100)");
	for (int i = 0; i < 3; i++)
		pg_do(worker, "select * from orderly.reconcile_step(1, 'hand', 100)");
	pg_expect_text(
		people->super, "done 2", "select state || ' ' || missing from orderly.reconcile");
}

static void what_is_missing_leads_to_its_dead_letter_and_to_the_form_of_a_replay(void **state)
{
	struct stage *me = *state;
	struct pty_options options = {.width = 120, .height = 40};
	struct desk desk = {.database = me->people.db, .conninfo = STR_INIT(4096)};
	struct pty *pty;

	reconcile(&me->people);
	str_addf(&desk.conninfo, "host='%s' dbname=%s user=%s", getenv("ORDERLY_TEST_PG"),
		me->people.db, me->people.login[OPERATOR]);
	pty = desk_open(&desk, &options, NULL);
	pty_expect(pty, "store ok");
	pty_keys(pty, "9c");
	pty_expect(pty, "orders .*done");
	pty_keys(pty, "<Enter>");
	pty_expect(pty, "missing 2");
	pty_expect(pty, "missing +gone-1 +new .*dead +open");
	pty_expect(pty, "missing +gone-2 +new .*dead +open");
	/* its transaction, with the dead letter */
	pty_keys(pty, "j<Enter>");
	pty_expect(pty, "hop 2 of 2");
	pty_keys(pty, "L");
	pty_expect(pty, "dead letter +no answer +.*open");
	pty_keys(pty, "<BS>");
	pty_expect(pty, "missing 2");
	/* the form, and what comes of it */
	pty_keys(pty, "r");
	pty_expect(pty, "gone-2");
	pty_expect(pty, "needs 1 approval");
	pty_keys(pty, "<Enter>");
	pty_expect(pty, "Ask for a replay of 1");
	pty_keys(pty, "it is missing there<Enter><Enter><Enter><Enter>");
	pty_expect(pty, "ask · 1 done");
	pg_expect_text(me->people.super, "asked gone-2",
		"select q.state || ' ' || m.message_id from orderly.replay_request q join"
		" orderly.replay_item i on i.request = q.id join orderly.message m on m.id ="
		" i.dead_letter");
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_close(pty);
	str_done(&desk.conninfo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_waits_for_an_odoo_that_does_not_answer),
		cmocka_unit_test(
			what_is_missing_leads_to_its_dead_letter_and_to_the_form_of_a_replay),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
