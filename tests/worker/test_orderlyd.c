/* orderlyd as it is started, several at once, against a store whose duties are the test's own. */
#include "base/str.h"
#include "pg.h"
#include "store/migrate.h"
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Each call of a step leaves a row with the time it took; "pile" has rows to work off, "nap" takes
 * long, "broken" fails. */
static const char schema[] =
	"create schema orderly;"
	"create table orderly.version (number int, name text, store text, applied_at timestamptz);"
	"create table orderly.duties (name text, every_ms int);"
	"create table orderly.ran (duty text, pid int, began timestamptz, ended timestamptz);"
	"create table orderly.beats (name text primary key, version text, detail jsonb);"
	"create table orderly.duty (name text, failure text);"
	"create table orderly.pile (n int);"
	"create function orderly.worker_duties() returns table (name text, every_ms int)"
	" language sql as 'select name, every_ms from orderly.duties';"
	"create function orderly.worker_beat(name text, version text, detail jsonb)"
	" returns void language sql as 'insert into orderly.beats values ($1, $2, $3)"
	" on conflict (name) do update set detail = excluded.detail';"
	"create function orderly.worker_step(duty text) returns int language plpgsql as $$\n"
	"declare at timestamptz; did int := 0;\n"
	"begin\n"
	"if not pg_try_advisory_xact_lock(hashtext(duty)) then return null; end if;\n"
	"at := clock_timestamp();\n"
	"if duty = 'broken' then raise exception 'broken as it is'; end if;\n"
	"if duty = 'failing' then return -1; end if;\n"
	"if duty = 'nap' then perform pg_sleep(0.8); end if;\n"
	"if duty = 'short' then perform pg_sleep(0.005); end if;\n"
	"if duty = 'pile' then with gone as (delete from orderly.pile where n in\n"
	" (select p.n from orderly.pile p limit 10) returning 1) select count(*) into did from gone;\n"
	"end if;\n"
	"insert into orderly.ran values (duty, pg_backend_pid(), at, clock_timestamp());\n"
	"return did; end $$;";

struct bench {
	char *database;
	PGconn *conn;
	struct str conninfo;
	char *log;
	pid_t pids[4];
	size_t n_pids;
};

static int set_up(void **state)
{
	struct bench *bench = NEW(struct bench);
	size_t n;
	const struct migration *migrations = migration_all(&n);
	const char *folder = getenv("TMPDIR");
	int fd;

	bench->database = pg_empty_database("orderlyd");
	bench->conn = pg_super(bench->database);
	pg_do(bench->conn, "%s", schema);
	pg_do(bench->conn, "insert into orderly.version values (%d, 'x', 't', now())",
		migrations[n - 1].number);
	bench->conninfo = STR_INIT(4096);
	str_addf(&bench->conninfo, "host='%s' user=postgres dbname='%s'", getenv("ORDERLY_TEST_PG"),
		bench->database);
	if (asprintf(&bench->log, "%s/orderlyd-XXXXXX", folder ? folder : "/tmp") < 0)
		fail();
	fd = mkstemp(bench->log);
	assert_true(fd >= 0);
	close(fd);
	*state = bench;
	return 0;
}

static void nap(void)
{
	const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

	(void)nanosleep(&moment, NULL);
}

/* The status of a worker that ends within half a minute. */
static int wait_end(struct bench *bench, size_t which)
{
	int status = 0;

	for (int i = 0; i < 3000; i++) {
		if (waitpid(bench->pids[which], &status, WNOHANG) == bench->pids[which]) {
			bench->pids[which] = 0;
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		nap();
	}
	fail_msg("orderlyd goes on");
	return -1;
}

static void end(struct bench *bench, size_t which)
{
	kill(bench->pids[which], SIGTERM);
	assert_int_equal(wait_end(bench, which), 0);
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < bench->n_pids; i++)
		if (bench->pids[i]) {
			kill(bench->pids[i], SIGKILL);
			waitpid(bench->pids[i], NULL, 0);
		}
	PQfinish(bench->conn);
	pg_drop(bench->database);
	(void)unlink(bench->log);
	str_done(&bench->conninfo);
	free(bench->log);
	free(bench);
	return 0;
}

static void start_with(struct bench *bench, const char *conninfo)
{
	CLEANUP(mem_freep)
	char *name = NULL;
	pid_t pid;

	if (asprintf(&name, "w%zu", bench->n_pids) < 0)
		fail();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl("./orderlyd", "orderlyd", "--conninfo", conninfo, "--name", name, "--log",
			bench->log, "--log-level", "debug", (char *)NULL);
		_exit(127);
	}
	bench->pids[bench->n_pids++] = pid;
}

static void start(struct bench *bench)
{
	start_with(bench, str_cstr(&bench->conninfo));
}

static void until(struct bench *bench, int64_t least, const char *sql)
{
	for (int i = 0; i < 3000; i++) {
		if (pg_int(bench->conn, "%s", sql) >= least)
			return;
		nap();
	}
	fail_msg("waited in vain for: %s", sql);
}

/* Each line must be a JSON object: the server says so. Returns those with that event. */
static int64_t count_events(struct bench *bench, const char *event)
{
	FILE *file = fopen(bench->log, "re");
	char *line = NULL;
	size_t size = 0;
	int64_t n = 0;

	assert_non_null(file);
	while (getline(&line, &size, file) > 0) {
		const char *params[] = {line, event};
		PGresult *result = pg_query_params(bench->conn,
			"select ($1::jsonb ->> 'event' = $2)::int, "
			"($1::jsonb ->> 'at')::timestamptz > now() - interval '1 hour'",
			2, params);

		assert_string_equal(PQgetvalue(result, 0, 1), "t");
		n += PQgetvalue(result, 0, 0)[0] == '1';
		PQclear(result);
	}
	free(line);
	fclose(file);
	return n;
}

static void until_event(struct bench *bench, const char *event)
{
	for (int i = 0; i < 3000 && !count_events(bench, event); i++)
		nap();
	assert_true(count_events(bench, event) > 0);
}

static void test_several_share_the_duties(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('short', 10), ('other', 20)");
	for (int i = 0; i < 3; i++)
		start(bench);
	until(bench, 3,
		"select count(*) from orderly.beats where version <> '' and detail ->> 'host' <> ''");
	until(bench, 60, "select count(*) from orderly.ran where duty = 'short'");
	until(bench, 30, "select count(*) from orderly.ran where duty = 'other'");
	for (size_t i = 0; i < 3; i++)
		end(bench, i);
	pg_expect_int(bench->conn, 3,
		"select count(*) from orderly.beats where detail @> '{\"ended\": true}'");
	/* One at a time, and yet by more than one of them. */
	pg_expect_int(bench->conn, 0,
		"select count(*) from orderly.ran a join orderly.ran b on a.duty = b.duty "
		"and a.ctid <> b.ctid and a.began < b.ended and b.began < a.ended "
		"and a.duty = 'short'");
	assert_true(pg_int(bench->conn, "select count(distinct pid) from orderly.ran") > 1);
	assert_int_equal(count_events(bench, "end"), 3);
	assert_int_equal(count_events(bench, "duty failed"), 0);
}

/* A real store, with the duties that it has, as one of its workers. */
static void test_the_store_s_own_duties_all_run(void **state)
{
	struct bench *bench = *state;
	char *store = pg_store("duties");
	char *login = pg_login(store, "relay", "worker");
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	PGconn *own = bench->conn;

	bench->conn = pg_super(store);
	str_addf(&conninfo, "host='%s' user='%s' dbname='%s'", getenv("ORDERLY_TEST_PG"), login,
		store);
	for (int i = 0; i < 2; i++)
		start_with(bench, str_cstr(&conninfo));
	until(bench, 1, "select min((d.done_at is not null)::int) from orderly.duty d");
	until(bench, 2, "select count(*) from orderly.worker");
	for (size_t i = 0; i < 2; i++)
		end(bench, i);
	pg_expect_text(bench->conn, "",
		"select string_agg(name || ': ' || failure, ', ') from orderly.duty");
	assert_int_equal(count_events(bench, "duty failed"), 0);
	assert_int_equal(count_events(bench, "question failed"), 0);
	PQfinish(bench->conn);
	bench->conn = own;
	pg_drop(store);
	free(login);
}

static void test_a_duty_with_work_goes_on_at_once(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('pile', 3600000)");
	pg_do(bench->conn, "insert into orderly.pile select generate_series(1, 200)");
	start(bench);
	until(bench, 21, "select count(*) from orderly.ran");
	pg_expect_int(bench->conn, 0, "select count(*) from orderly.pile");
	end(bench, 0);
}

static void test_a_duty_without_work_is_asked_less_often(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('other', 100)");
	start(bench);
	until(bench, 15, "select count(*) from orderly.ran");
	end(bench, 0);
	/* After ten empty runs the pauses are about 400 ms. */
	pg_expect_text(bench->conn, "f/t",
		"select concat_ws('/', min(gap) filter (where n between 2 and 10) > interval '250 ms', "
		"min(gap) filter (where n between 13 and 15) > interval '250 ms') from (select "
		"row_number() over (order by began) as n, began - lag(ended) over (order by began) "
		"as gap from orderly.ran) r");
}

static void test_term_finishes_what_is_under_way(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('nap', 10)");
	start(bench);
	until(bench, 1,
		"select count(*) from " PG_SESSIONS " where state = 'active' "
		"and application_name = 'orderlyd' and query ~ 'worker_step'");
	end(bench, 0);
	pg_expect_int(bench->conn, 1, "select count(*) from orderly.ran where duty = 'nap'");
	assert_int_equal(count_events(bench, "draining"), 1);
}

static void test_a_second_signal_ends_at_once(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('nap', 10)");
	start(bench);
	until(bench, 1,
		"select count(*) from " PG_SESSIONS " where state = 'active' "
		"and application_name = 'orderlyd' and query ~ 'worker_step'");
	kill(bench->pids[0], SIGTERM);
	until_event(bench, "draining");
	kill(bench->pids[0], SIGINT);
	assert_int_equal(wait_end(bench, 0), 0);
	pg_expect_int(bench->conn, 0, "select count(*) from orderly.ran where duty = 'nap'");
}

static void test_the_store_s_loss_is_survived(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('short', 10)");
	start(bench);
	until(bench, 3, "select count(*) from orderly.ran");
	PQclear(pg_query(bench->conn, "select pg_terminate_backend(pid) from " PG_SESSIONS " "
				      "where application_name = 'orderlyd'"));
	until_event(bench, "store");
	pg_do(bench->conn, "truncate orderly.ran");
	until(bench, 3, "select count(*) from orderly.ran");
	end(bench, 0);
}

static void test_another_takes_over_from_one_that_was_killed(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('nap', 10)");
	start(bench);
	until(bench, 1,
		"select count(*) from " PG_SESSIONS " where state = 'active' "
		"and application_name = 'orderlyd' and query ~ 'worker_step'");
	start(bench);
	kill(bench->pids[0], SIGKILL);
	assert_int_equal(wait_end(bench, 0), 128 + SIGKILL);
	until(bench, 1, "select count(*) from orderly.ran where duty = 'nap'");
	end(bench, 1);
}

static void test_a_broken_duty_leaves_the_others_alone(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('broken', 10), ('failing', 10), "
			   "('short', 10)");
	pg_do(bench->conn, "insert into orderly.duty values ('failing', 'its own word')");
	start(bench);
	until(bench, 50, "select count(*) from orderly.ran where duty = 'short'");
	end(bench, 0);
	/* The same failure is told once a minute. */
	assert_int_equal(count_events(bench, "duty failed"), 2);
}

static void test_a_store_of_another_version_is_left_alone(void **state)
{
	struct bench *bench = *state;

	pg_do(bench->conn, "insert into orderly.duties values ('short', 10)");
	pg_do(bench->conn, "update orderly.version set number = number + 1");
	start(bench);
	until_event(bench, "store has another version");
	end(bench, 0);
	pg_expect_int(bench->conn, 0, "select count(*) from orderly.ran");
}

static void test_without_a_store_it_waits_and_ends_well(void **state)
{
	struct bench *bench = *state;

	start_with(bench, "host=/nonexistent");
	until_event(bench, "store");
	end(bench, 0);
}

static void test_a_wrong_command_line_is_refused(void **state)
{
	static const char *const wrong[] = {"--bogus", "word", "--log-level=loud"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		pid_t pid = fork();
		int status = 0;

		if (pid == 0) {
			int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

			dup2(null, STDERR_FILENO);
			execl("./orderlyd", "orderlyd", wrong[i], (char *)NULL);
			_exit(127);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_several_share_the_duties),
		TEST(test_the_store_s_own_duties_all_run),
		TEST(test_a_duty_with_work_goes_on_at_once),
		TEST(test_a_duty_without_work_is_asked_less_often),
		TEST(test_term_finishes_what_is_under_way),
		TEST(test_a_second_signal_ends_at_once),
		TEST(test_the_store_s_loss_is_survived),
		TEST(test_another_takes_over_from_one_that_was_killed),
		TEST(test_a_broken_duty_leaves_the_others_alone),
		TEST(test_a_store_of_another_version_is_left_alone),
		TEST(test_without_a_store_it_waits_and_ends_well),
		TEST(test_a_wrong_command_line_is_refused),
	};

	return pg_missing() ? pg_skip() : RUN(tests);
}
