/* The pool over TLS, where what libpq holds and what a poll tells are not the same. */
#include "base/str.h"
#include "demo/cluster.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include "store/pool.h"
#include "unit.h"
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPENSSL "/usr/bin/openssl"

enum {
	QUERIES = 60,
};

struct server {
	char *dir;
	struct account account;
	pid_t pid;
	int port;
};

struct bench {
	struct clock clock;
	struct loop *loop;
	struct pool *pool;
	size_t left, failed;
	struct err err;
};

static const struct column columns[] = {{"n", COLUMN_INT}, {"t", COLUMN_TEXT}};

static int free_port(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	getsockname(fd, (struct sockaddr *)&in, &len);
	close(fd);
	return ntohs(in.sin_port);
}

static void make_certificate(const struct server *server)
{
	CLEANUP(str_done)
	struct str key = STR_INIT(4096), certificate = STR_INIT(4096);
	struct err err = ERR_INIT;

	str_addf(&key, "%s/data/server.key", server->dir);
	str_addf(&certificate, "%s/data/server.crt", server->dir);
	const char *argv[] = {OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
		"2", "-subj", "/CN=localhost", "-keyout", str_cstr(&key), "-out",
		str_cstr(&certificate), NULL};
	const struct spawn how = {.argv = argv, .account = &server->account, .log_fd = -1};

	if (spawn_run(&how, "openssl", 30 * S_US, &err) < 0)
		fail_msg("%s", err.text);
}

static void start(struct server *server)
{
	CLEANUP(str_done)
	struct str data = STR_INIT(4096), program = STR_INIT(4096);
	CLEANUP(mem_freep)
	char *bin = NULL;
	char port[12];
	struct err err = ERR_INIT;

	assert_int_equal(cluster_find_bin(&bin, &err), 0);
	str_addf(&data, "%s/data", server->dir);
	str_addf(&program, "%s/postgres", bin);
	server->port = free_port();
	snprintf(port, sizeof(port), "%d", server->port);
	const char *argv[] = {str_cstr(&program), "-D", str_cstr(&data), "-p", port, "-c",
		"listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "ssl=on",
		"-c", "fsync=off", NULL};
	const struct spawn how = {
		.argv = argv,
		.account = &server->account,
		.death_signal = SIGQUIT,
		.log_fd = -1,
	};

	if (spawn(&how, &server->pid, &err) < 0)
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	struct server *server = NEW(struct server);
	const char *folder = getenv("TMPDIR");
	struct cluster_options options = {0};
	struct cluster *cluster = NULL;
	struct err err = ERR_INIT;

	if (asprintf(&server->dir, "%s/tls-XXXXXX", folder ? folder : "/tmp") < 0)
		fail();
	assert_non_null(mkdtemp(server->dir));
	assert_int_equal(account_unprivileged(&server->account, &err), 0);
	assert_int_equal(chown(server->dir, server->account.uid, server->account.gid), 0);
	options.dir = server->dir;
	if (cluster_start(&options, &cluster, &err) < 0)
		fail_msg("%s", err.text);
	cluster_stop(cluster);
	make_certificate(server);
	start(server);
	*state = server;
	return 0;
}

static int tear_down(void **state)
{
	struct server *server = *state;
	struct err err = ERR_INIT;
	int status;

	kill(server->pid, SIGQUIT);
	assert_int_equal(spawn_wait(server->pid, 10 * S_US, &status, &err), 0);
	if (tree_remove(server->dir, &err) < 0)
		fail_msg("%s", err.text);
	free(server->dir);
	free(server);
	return 0;
}

static void on_result(void *ctx, const struct query_result *result)
{
	struct bench *bench = ctx;

	if (result->event == QUERY_ROWS)
		return;
	bench->left--;
	if (result->event == QUERY_FAILED) {
		bench->failed++;
		bench->err = *result->err;
	}
}

static void ask(struct bench *bench, const char *sql, size_t batch, int64_t deadline_us)
{
	const struct statement statement = {.sql = sql, .columns = columns, .n_columns = 2};
	const struct query query = {
		.statement = &statement,
		.deadline_us = deadline_us,
		.batch = batch,
		.fn = on_result,
		.ctx = bench,
	};

	bench->left = 1;
	pool_query(bench->pool, &query);
	while (bench->left)
		loop_turn(bench->loop, -1);
}

static void bench_open(struct bench *bench, const struct server *server)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	struct pool_options options = {.max = 1};
	struct err err = ERR_INIT;

	*bench = (struct bench){.clock = clock_real()};
	if (loop_new(&bench->clock, &bench->loop, &err) < 0)
		fail_msg("%s", err.text);
	str_addf(&conninfo, "host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=require",
		server->port);
	options.conninfo = str_cstr(&conninfo);
	bench->pool = pool_open(bench->loop, &options);
}

static void bench_done(struct bench *bench)
{
	pool_close(bench->pool);
	loop_turn(bench->loop, 20 * MS_US);
	loop_free(bench->loop);
}

static void test_answers_of_every_size_arrive_at_once(void **state)
{
	struct bench bench;

	bench_open(&bench, *state);
	for (int i = 0; i < QUERIES; i++) {
		CLEANUP(str_done)
		struct str sql = STR_INIT(1000);

		str_addf(&sql, "select g, repeat('x', %d) from generate_series(1, %d) g",
			i * 911 % 40000, 1 + i * 37 % 300);
		ask(&bench, str_cstr(&sql), (size_t)(i % 3 * 50), 20 * S_US);
		if (bench.failed)
			fail_msg("%s: %s", str_cstr(&sql), bench.err.text);
	}
	bench_done(&bench);
}

static void test_a_deadline_cancels_and_the_connection_goes_on(void **state)
{
	struct bench bench;

	bench_open(&bench, *state);
	ask(&bench, "select 1, 'x' from pg_stat_ssl where pid = pg_backend_pid() and ssl", 0, 0);
	assert_int_equal(bench.failed, 0);
	ask(&bench, "select 1, pg_sleep(30)::text", 0, 100 * MS_US);
	assert_int_equal(bench.failed, 1);
	assert_int_equal(bench.err.code, -ETIMEDOUT);
	ask(&bench,
		"select 1 / (count(*) - 1), 'none sleeps' from pg_stat_activity "
		"where state = 'active' and backend_type = 'client backend'",
		0, 0);
	/* Division by zero: this query itself is the only one. */
	assert_int_equal(bench.failed, 2);
	assert_int_equal(bench.err.code, -EINVAL);
	assert_int_equal(pool_state(bench.pool), POOL_UP);
	bench_done(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_of_every_size_arrive_at_once),
		cmocka_unit_test(test_a_deadline_cancels_and_the_connection_goes_on),
	};
	CLEANUP(mem_freep)
	char *bin = NULL;

	if (cluster_find_bin(&bin, NULL) < 0 || access(OPENSSL, X_OK) < 0) {
		puts("skipped: PostgreSQL's server and openssl are needed");
		return 77;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
