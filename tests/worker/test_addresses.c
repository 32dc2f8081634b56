/* Probes with orderlyd as it is started: an address that answers, fails, cannot be reached, and is well again;
 * a broker as its management plugin tells of it; a real RabbitMQ, where one is installed. */
#include "base/file.h"
#include "base/str.h"
#include "listener.h"
#include "traffic.h"
#include "unit.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RABBIT "/usr/lib/rabbitmq/bin/rabbitmq-server"

static struct bench {
	struct people *people;
	struct listener *listener;
	char folder[200];
	pid_t worker, rabbit;
} bench;

static void nap(void)
{
	const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};

	(void)nanosleep(&moment, NULL);
}

static void until(const char *expected, const char *sql)
{
	char *got = NULL;

	for (int i = 0; i < 3000; i++) {
		free(got);
		got = pg_text(bench.people->super, "select coalesce((%s)::text, '')", sql);
		if (strcmp(got, expected) == 0) {
			free(got);
			return;
		}
		nap();
	}
	fail_msg("waited in vain for %s, not %s: %s", expected, got, sql);
}

static void put_file(const char *name, unsigned mode, const char *text)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	struct err err = ERR_INIT;

	str_addf(&path, "%s/%s", bench.folder, name);
	if (file_write(str_cstr(&path), slice_of(text), mode, &err) < 0)
		fail_msg("%s", err.text);
}

static void start_worker(void)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);

	str_addf(&conninfo, "host='%s' user='%s' dbname='%s'", getenv("ORDERLY_TEST_PG"),
		bench.people->login[WORKER], bench.people->db);
	bench.worker = fork();
	assert_true(bench.worker >= 0);
	if (bench.worker == 0) {
		execl("./orderlyd", "orderlyd", "--conninfo", str_cstr(&conninfo), "--no-relay",
			"--log", "/dev/null", "--secrets", bench.folder, (char *)NULL);
		_exit(127);
	}
}

static void add_probe(
	const char *code, const char *kind, int port, const char *path, const char *more)
{
	char doc[600];

	snprintf(doc, sizeof(doc),
		"{\"title\": \"x\", \"kind\": \"%s\", \"url\": \"http://127.0.0.1:%d%s\", \"every_s\": 5,"
		" \"timeout_s\": 2%s}",
		kind, port, path, more);
	people_change(bench.people, "probe", code, doc);
}

/* At once, and not when its period is over. */
static void again(void)
{
	pg_do(bench.people->super, "update orderly.probe_state set next_at = '-infinity'");
}

static void an_address_is_looked_at(void **state)
{
	(void)state;
	listener_answer(bench.listener, 200);
	add_probe(
		"door", "http", listener_port(bench.listener), "/health", ", \"system\": \"ghx\"");
	until("t ok 200 0",
		"select concat_ws(' ', ok, class, status, fails) from orderly.probe_state where probe = 'door'");
	assert_true(listener_count(bench.listener, "GET /health ") >= 1);
	listener_answer(bench.listener, 404);
	again();
	until("f status 404 1",
		"select concat_ws(' ', ok, class, status, fails) from orderly.probe_state where probe = 'door'");
	listener_answer(bench.listener, 0);
	again();
	until("f timeout 2",
		"select concat_ws(' ', ok, class, fails) from orderly.probe_state where probe = 'door'");
	until("raised page",
		"select s.state || ' ' || s.severity from orderly.signal s where s.rule = 'system-down' and s.object = 'ghx'");
	until("folded under ghx, which is down",
		"select quiet from orderly.signal where rule = 'probe-failing' and object = 'door' and state <> 'ended'");
	listener_answer(bench.listener, 204);
	again();
	until("t ok 204 0",
		"select concat_ws(' ', ok, class, status, fails) from orderly.probe_state where probe = 'door'");
	until("ended",
		"select state from orderly.signal where rule = 'probe-failing' and object = 'door'");
	pg_expect_int(bench.people->as[OPERATOR], 4,
		"select count(distinct (class, status)) from orderly.probe_result where probe = 'door'");
	people_change(bench.people, "probe", "door",
		"{\"title\": \"x\", \"kind\": \"http\", \"url\": \"http://127.0.0.1:1/\", \"enabled\": false}");
}

static void a_broker_tells_of_its_queues(void **state)
{
	(void)state;
	listener_body(bench.listener,
		"{\"items\": [{\"name\": \"orders\", \"vhost\": \"/\", \"messages\": 12, \"consumers\": 2,"
		" \"messages_unacknowledged\": 3}, {\"name\": \"orders.dlq\", \"vhost\": \"/\", \"messages\": 1},"
		" {\"name\": \"\\u001b[31m'; drop table x --\", \"vhost\": \"wards\", \"messages\": 5}]}");
	listener_answer(bench.listener, 200);
	add_probe("mq", "rabbitmq", listener_port(bench.listener), "/",
		", \"account\": \"watch\", \"secret\": \"mq\"");
	until("3", "select count(*) from orderly.broker_queue where probe = 'mq'");
	assert_true(listener_count(bench.listener, "Authorization: Basic d2F0Y2g6c2VzYW1l") >= 1);
	assert_true(listener_count(bench.listener, "GET /api/queues?page=1&") >= 1);
	pg_expect_text(bench.people->as[OPERATOR], "orders 12 3 2 f, orders.dlq 1 0 0 t",
		"select string_agg(concat_ws(' ', queue, messages, unacknowledged, consumers, dead), ', ' order by queue)"
		" from orderly.broker_queue where vhost = '/'");
	until("pending",
		"select state from orderly.signal where rule = 'broker-dead' and object = 'mq/orders.dlq'");
	listener_body(bench.listener, "<html>");
	again();
	until("f garbled 200",
		"select concat_ws(' ', ok, class, status) from orderly.probe_state where probe = 'mq'");
	pg_expect_int(bench.people->super, 3,
		"select count(*) from orderly.broker_queue where probe = 'mq'");
	listener_answer(bench.listener, 401);
	again();
	until("f auth 401",
		"select concat_ws(' ', ok, class, status) from orderly.probe_state where probe = 'mq'");
	put_file("mq", 0644, "sesame\n");
	again();
	until("f secret",
		"select concat_ws(' ', ok, class) from orderly.probe_state where probe = 'mq'");
	put_file("mq", 0600, "sesame\n");
	people_change(bench.people, "probe", "mq",
		"{\"title\": \"x\", \"kind\": \"rabbitmq\", \"url\": \"http://127.0.0.1:1\", \"enabled\": false}");
}

/* ---- a real one ---------------------------------------------------------------------------------- */

static int run(const char *const argv[])
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		(void)execvp(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void set_env(const char *name, const char *fmt, ...)
{
	char text[500];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)setenv(name, text, 1);
}

static void start_rabbit(int port)
{
	char text[300];

	snprintf(text, sizeof(text),
		"listeners.tcp.1 = 127.0.0.1:%d\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = %d\n",
		port + 1, port);
	put_file("rabbitmq.conf", 0644, text);
	put_file("plugins", 0644, "[rabbitmq_management].\n");
	set_env("HOME", "%s", bench.folder);
	set_env("RABBITMQ_CONFIG_FILE", "%s/rabbitmq.conf", bench.folder);
	set_env("RABBITMQ_ENABLED_PLUGINS_FILE", "%s/plugins", bench.folder);
	set_env("RABBITMQ_MNESIA_BASE", "%s/rabbit", bench.folder);
	set_env("RABBITMQ_LOG_BASE", "%s/rabbit-log", bench.folder);
	set_env("RABBITMQ_PID_FILE", "%s/rabbit/pid", bench.folder);
	set_env("RABBITMQ_NODENAME", "probe%d@localhost", port);
	set_env("RABBITMQ_DIST_PORT", "%d", port + 2);
	set_env("ERL_EPMD_PORT", "%d", port + 3);
	set_env("ERL_EPMD_ADDRESS", "127.0.0.1");
	bench.rabbit = fork();
	if (bench.rabbit == 0) {
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

		(void)setsid();
		(void)dup2(fd, 1);
		(void)dup2(fd, 2);
		(void)execl(RABBIT, "rabbitmq-server", (char *)NULL);
		_exit(127);
	}
}

static void end_rabbit(void)
{
	const char *const epmd[] = {"epmd", "-kill", NULL};

	if (!bench.rabbit)
		return;
	(void)kill(-bench.rabbit, SIGKILL);
	(void)waitpid(bench.rabbit, NULL, 0);
	bench.rabbit = 0;
	/* It notices in a moment that its node is gone. */
	for (int i = 0; i < 500 && run(epmd) != 0; i++)
		nap();
}

/* With curl's own program: what the middleware would do. */
static int manage(int port, const char *method, const char *path, const char *body)
{
	char url[300];
	const char *const argv[] = {"curl", "-sf", "-u", "guest:guest", "-X", method, "-d", body,
		"-H", "Content-Type: application/json", url, NULL};

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/api/%s", port, path);
	return run(argv);
}

static void a_real_broker_tells_of_its_queues(void **state)
{
	static const char *const publish =
		"{\"properties\": {}, \"routing_key\": \"orders\", \"payload\": \"x\", \"payload_encoding\": \"string\"}";
	int port = 20000 + (int)(getpid() % 5000) * 4, i;

	(void)state;
	if (access(RABBIT, X_OK) != 0) {
		print_message("no rabbitmq-server is installed: a real broker is not tried\n");
		skip();
	}
	start_rabbit(port);
	for (i = 0; i < 1500 && manage(port, "GET", "overview", "") != 0; i++)
		nap();
	assert_true(i < 1500);
	assert_int_equal(
		manage(port, "PUT", "queues/%2F/orders",
			"{\"arguments\": {\"x-dead-letter-exchange\": \"\", \"x-dead-letter-routing-key\": \"given-up\"}}"),
		0);
	assert_int_equal(manage(port, "PUT", "queues/%2F/given-up", "{}"), 0);
	put_file("guest", 0600, "guest\n");
	add_probe(
		"rabbit", "rabbitmq", port, "", ", \"account\": \"guest\", \"secret\": \"guest\"");
	until("given-up t, orders f",
		"select string_agg(queue || ' ' || left(dead::text, 1), ', ' order by queue) from orderly.broker_queue where probe = 'rabbit'");
	for (i = 0; i < 3; i++)
		assert_int_equal(
			manage(port, "POST", "exchanges/%2F/amq.default/publish", publish), 0);
	/* The plugin counts every five seconds. */
	until("3 0",
		"select messages || ' ' || consumers from orderly.broker_queue where probe = 'rabbit' and queue = 'orders'");
	end_rabbit();
	until("f connect",
		"select concat_ws(' ', ok, class) from orderly.probe_state where probe = 'rabbit'");
}

static int setup(void **state)
{
	traffic_setup(state);
	bench.people = *state;
	bench.listener = listener_start();
	snprintf(bench.folder, sizeof(bench.folder), "%s/probes-XXXXXX",
		getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(bench.folder))
		return -1;
	put_file("mq", 0600, "sesame\n");
	pg_do(bench.people->super,
		"update orderly.duty set every_ms = 300 where name = 'signals'; update orderly.signal_rule set rest_s = 0");
	start_worker();
	return 0;
}

static int teardown(void **state)
{
	const char *const away[] = {"rm", "-rf", bench.folder, NULL};

	end_rabbit();
	kill(bench.worker, SIGTERM);
	waitpid(bench.worker, NULL, 0);
	listener_stop(bench.listener);
	(void)run(away);
	return people_teardown(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_looked_at),
		cmocka_unit_test(a_broker_tells_of_its_queues),
		cmocka_unit_test(a_real_broker_tells_of_its_queues),
	};

	return pg_missing()
		       ? pg_skip()
		       : cmocka_run_group_tests_name("worker/addresses", tests, setup, teardown);
}
