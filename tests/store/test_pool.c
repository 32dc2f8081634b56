/* The pool against a real server: answers, deadlines, cancels, loss and return. */
#include "pg.h"
#include "probe.h"
#include "unit.h"
#include <errno.h>

static const struct column one_int[] = {{"n", COLUMN_INT}};
static const struct column one_text[] = {{"t", COLUMN_TEXT}};

static int set_up(void **state)
{
	struct probe *probe = NEW(struct probe);

	probe_init(probe, "pool");
	*state = probe;
	return 0;
}

static int tear_down(void **state)
{
	struct probe *probe = *state;

	probe_done(probe);
	free(probe);
	return 0;
}

static void expect_int(struct probe *probe, const char *sql, int64_t want)
{
	struct asking asking;

	probe_ask(probe, &asking, NULL, sql, one_int, 1);
	probe_until_over(probe, &asking);
	if (asking.err.code)
		fail_msg("%s: %s", sql, asking.err.text);
	assert_int_equal(rows_int(asking.rows, 0, 0), want);
	asking_done(&asking);
}

static void expect_text(struct probe *probe, const char *sql, const char *want)
{
	struct asking asking;

	probe_ask(probe, &asking, NULL, sql, one_text, 1);
	probe_until_over(probe, &asking);
	if (asking.err.code)
		fail_msg("%s: %s", sql, asking.err.text);
	assert_slice(rows_text(asking.rows, 0, 0), want);
	asking_done(&asking);
}

static void expect_failure(struct probe *probe, struct asking *asking, int code)
{
	probe_until_over(probe, asking);
	if (asking->err.code != code)
		fail_msg("%s: %d %s", asking->statement.sql, asking->err.code, asking->err.text);
	assert_int_equal(asking->calls, 1);
	asking_done(asking);
}

static const char sleepers[] = "select count(*) from " PG_SESSIONS
			       " where state = 'active' and query ~ '^select pg_sleep'";

static void ask_to_sleep(struct probe *probe, struct asking *asking, int64_t deadline_us)
{
	const struct statement statement = {
		.name = "sleep",
		.sql = "select pg_sleep(60)::text",
		.columns = one_text,
		.n_columns = 1,
	};

	probe_ask_with(probe, asking, &statement, NULL, deadline_us, 0);
}

static void test_each_type_comes_as_it_is(void **state)
{
	static const struct column all[] = {
		{"t", COLUMN_TEXT},
		{"n", COLUMN_INT},
		{"r", COLUMN_REAL},
		{"b", COLUMN_BOOL},
		{"at", COLUMN_TIME},
	};
	static const char *const params[] = {"a'\"\xe2\x82\xac\n", "-9223372036854775808", "0.1",
		"true", "2026-11-21 06:04:24.123456+02"};
	static const char *const nulls[] = {NULL, NULL, NULL, NULL, NULL};
	const struct statement statement = {
		.name = "all",
		.sql = "select $1::text, $2::int8, $3::float8, $4::bool, $5::timestamptz",
		.n_params = 5,
		.columns = all,
		.n_columns = 5,
	};
	struct probe *probe = *state;
	struct asking asking;

	probe_open(probe, NULL);
	probe_ask_with(probe, &asking, &statement, params, 0, 0);
	probe_until_over(probe, &asking);
	assert_int_equal(asking.err.code, 0);
	assert_int_equal(rows_count(asking.rows), 1);
	assert_slice(rows_text(asking.rows, 0, 0), params[0]);
	assert_true(rows_int(asking.rows, 0, 1) == INT64_MIN);
	assert_true(rows_real(asking.rows, 0, 2) == 0.1);
	assert_true(rows_bool(asking.rows, 0, 3));
	assert_int_equal(rows_time(asking.rows, 0, 4), INT64_C(1795233864123456));
	asking_done(&asking);
	probe_ask_with(probe, &asking, &statement, nulls, 0, 0);
	probe_until_over(probe, &asking);
	for (size_t i = 0; i < 5; i++)
		assert_true(rows_null(asking.rows, 0, i));
	asking_done(&asking);
	expect_int(probe, "select count(*) from pg_prepared_statements where name = 'all'", 1);
}

static void test_the_session_is_set_at_its_start(void **state)
{
	static const char *const settings[][2] = {
		{"TimeZone", "UTC"},
		{"DateStyle", "ISO, MDY"},
		{"client_encoding", "UTF8"},
		{"application_name", "orderly test"},
		{"statement_timeout", "35s"},
		{"work_mem", "7MB"},
	};
	struct probe *probe = *state;
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);

	str_addf(&conninfo, "host='%s' user=postgres dbname='%s' options='-c work_mem=7MB'",
		getenv("ORDERLY_TEST_PG"), probe->database);
	probe_open(probe, str_cstr(&conninfo));
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		CLEANUP(str_done)
		struct str sql = STR_INIT(200);

		str_addf(&sql, "select current_setting('%s')", settings[i][0]);
		expect_text(probe, str_cstr(&sql), settings[i][1]);
	}
}

static void test_an_error_has_its_code_and_no_detail(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	pg_do(probe->outside, "create table secret (k text primary key)");
	pg_do(probe->outside, "insert into secret values ('hush')");
	probe_open(probe, NULL);
	probe_ask(probe, &asking, "dup", "insert into secret values ('hush') returning 1", one_int,
		1);
	expect_failure(probe, &asking, -EINVAL);
	assert_string_equal(asking.sqlstate, "23505");
	assert_null(strstr(asking.err.text, "hush"));
	probe_ask(probe, &asking, "wrong", "select nonsense", one_int, 1);
	expect_failure(probe, &asking, -EINVAL);
	assert_string_equal(asking.sqlstate, "42703");
	expect_int(probe, "select 7", 7);
	assert_int_equal(pool_state(probe->pool), POOL_UP);
}

static void test_an_answer_that_breaks_its_header_is_refused(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe_open(probe, NULL);
	probe_ask(probe, &asking, "two", "select 1, 2", one_int, 1);
	expect_failure(probe, &asking, -EINVAL);
	assert_string_equal(asking.err.text, "two: the server gives 2 columns, 1 were expected");
	probe_ask(probe, &asking, "text", "select 'x' union select '2'", one_int, 1);
	expect_failure(probe, &asking, -EINVAL);
	assert_string_equal(asking.err.text, "text: column n is not of its type");
	expect_int(probe, "select 7", 7);
}

static void test_rows_stream_in_batches(void **state)
{
	static const struct {
		const char *sql;
		size_t batch, rows;
		int batches;
	} cases[] = {
		{"select generate_series(1, 1000)", 100, 1000, 10},
		{"select generate_series(1, 1001)", 100, 1001, 10},
		{"select generate_series(1, 99)", 100, 99, 0},
		{"select 1 where false", 100, 0, 0},
		{"select generate_series(1, 1000)", 0, 1000, 0},
	};
	struct probe *probe = *state;

	probe_open(probe, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
		size_t n = i % ARRAY_LEN(cases);
		char name[8];
		const struct statement statement = {
			.name = name,
			.sql = cases[n].sql,
			.columns = one_int,
			.n_columns = 1,
		};
		struct asking asking;

		snprintf(name, sizeof(name), "s%zu", n);
		probe_ask_with(probe, &asking, &statement, NULL, 0, cases[n].batch);
		probe_until_over(probe, &asking);
		assert_int_equal(asking.err.code, 0);
		assert_int_equal(asking.n_rows, cases[n].rows);
		assert_int_equal(asking.batches, cases[n].batches);
		asking_done(&asking);
	}
}

static void test_a_stream_may_break_off_half_way(void **state)
{
	const struct statement statement = {
		.name = "break",
		.sql = "select 1000 / (500 - n) from generate_series(1, 1000) n",
		.columns = one_int,
		.n_columns = 1,
	};
	struct probe *probe = *state;
	struct asking asking;

	probe_open(probe, NULL);
	probe_ask_with(probe, &asking, &statement, NULL, 0, 100);
	probe_until_over(probe, &asking);
	assert_string_equal(asking.sqlstate, "22012");
	assert_int_equal(asking.batches, 4);
	asking_done(&asking);
	expect_int(probe, "select 7", 7);
}

static void test_more_queries_than_connections_take_turns(void **state)
{
	struct probe *probe = *state;
	struct asking askings[40];

	probe->max = 3;
	probe_open(probe, NULL);
	for (size_t i = 0; i < ARRAY_LEN(askings); i++)
		probe_ask(probe, &askings[i], "nap", "select pg_sleep(0.02)::text", one_text, 1);
	for (size_t i = 0; i < ARRAY_LEN(askings); i++) {
		probe_until_over(probe, &askings[i]);
		assert_int_equal(askings[i].err.code, 0);
		asking_done(&askings[i]);
	}
	/* The server takes a moment to forget those of the test before. */
	probe_until_text(probe, "3",
		"select count(*) from " PG_SESSIONS " where application_name = 'orderly test'");
}

static void test_short_queries_share_connections(void **state)
{
	struct probe *probe = *state;
	struct asking askings[50];

	probe->max = 50;
	probe_open(probe, NULL);
	for (size_t i = 0; i < ARRAY_LEN(askings); i++)
		probe_ask(probe, &askings[i], "one", "select 1", one_int, 1);
	for (size_t i = 0; i < ARRAY_LEN(askings); i++) {
		probe_until_over(probe, &askings[i]);
		asking_done(&askings[i]);
	}
	assert_true(pg_int(probe->outside, "select count(*) from " PG_SESSIONS " "
					   "where application_name = 'orderly test'") < 25);
}

static void test_a_deadline_ends_the_query_on_the_server_too(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe_open(probe, NULL);
	expect_int(probe, "select 7", 7);
	ask_to_sleep(probe, &asking, 1500 * MS_US);
	probe_until_text(probe, "1", sleepers);
	expect_failure(probe, &asking, -ETIMEDOUT);
	probe_until_text(probe, "0", sleepers);
	expect_int(probe, "select 7", 7);
	assert_int_equal(pool_state(probe->pool), POOL_UP);
}

static void test_a_cancel_is_answered_and_reaches_the_server(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe->max = 1;
	probe_open(probe, NULL);
	ask_to_sleep(probe, &asking, 0);
	probe_until_text(probe, "1", sleepers);
	pool_cancel(probe->pool, asking.ticket);
	assert_int_equal(asking.calls, 0);
	expect_failure(probe, &asking, -ECANCELED);
	expect_int(probe, "select 7", 7);
	pg_expect_text(probe->outside, "0", "%s", sleepers);
	pool_cancel(probe->pool, asking.ticket);
	pool_cancel(probe->pool, 12345);
}

static void test_what_waits_can_be_cancelled(void **state)
{
	struct probe *probe = *state;
	struct asking sleeping, waiting;

	probe->max = 1;
	probe_open(probe, NULL);
	ask_to_sleep(probe, &sleeping, 0);
	probe_until_text(probe, "1", sleepers);
	probe_ask(probe, &waiting, NULL, "select 1", one_int, 1);
	pool_cancel(probe->pool, waiting.ticket);
	expect_failure(probe, &waiting, -ECANCELED);
	assert_false(sleeping.over);
	pool_drop(probe->pool, sleeping.ticket);
}

static void test_what_was_dropped_is_never_heard_of(void **state)
{
	struct probe *probe = *state;
	struct asking running, waiting, cancelled;

	probe->max = 1;
	probe_open(probe, NULL);
	ask_to_sleep(probe, &running, 0);
	probe_until_text(probe, "1", sleepers);
	probe_ask(probe, &waiting, NULL, "select 1", one_int, 1);
	probe_ask(probe, &cancelled, NULL, "select 1", one_int, 1);
	pool_drop(probe->pool, waiting.ticket);
	pool_cancel(probe->pool, cancelled.ticket);
	pool_drop(probe->pool, cancelled.ticket);
	pool_drop(probe->pool, running.ticket);
	probe_until_text(probe, "0", sleepers);
	expect_int(probe, "select 7", 7);
	assert_int_equal(running.calls + waiting.calls + cancelled.calls, 0);
}

static void test_a_closed_pool_calls_nobody(void **state)
{
	struct probe *probe = *state;
	struct asking running, waiting;

	probe->max = 1;
	probe_open(probe, NULL);
	ask_to_sleep(probe, &running, 0);
	probe_until_text(probe, "1", sleepers);
	probe_ask(probe, &waiting, NULL, "select 1", one_int, 1);
	probe_close(probe);
	assert_int_equal(running.calls + waiting.calls, 0);
	/* The server notices by itself that nobody is there any more. */
	probe_until_text(probe, "0", sleepers);
}

static void test_a_long_deadline_lifts_the_server_s_limit(void **state)
{
	const struct statement statement = {
		.name = "limit",
		.sql = "select current_setting('statement_timeout')",
		.columns = one_text,
		.n_columns = 1,
	};
	struct probe *probe = *state;
	struct asking asking;

	probe->max = 1;
	probe_open(probe, NULL);
	probe_ask_with(probe, &asking, &statement, NULL, 95 * S_US, 0);
	probe_until_over(probe, &asking);
	assert_int_equal(asking.err.code, 0);
	assert_slice(rows_text(asking.rows, 0, 0), "100s");
	asking_done(&asking);
}

static void test_a_lost_connection_fails_its_query_and_comes_back(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe->max = 1;
	probe_open(probe, NULL);
	ask_to_sleep(probe, &asking, 0);
	probe_until_text(probe, "1", sleepers);
	PQclear(pg_query(probe->outside, "select pg_terminate_backend(pid) from " PG_SESSIONS
					 " where query ~ '^select pg_sleep'"));
	expect_failure(probe, &asking, -ENOTCONN);
	assert_int_equal(pool_state(probe->pool), POOL_LOST);
	assert_true(pool_error(probe->pool)[0] != '\0');
	assert_true(pool_retry_at_us(probe->pool) > 0);
	expect_int(probe, "select 7", 7);
	assert_int_equal(pool_state(probe->pool), POOL_UP);
	assert_string_equal(pool_error(probe->pool), "");
}

static void test_an_idle_connection_s_loss_is_noticed(void **state)
{
	struct probe *probe = *state;

	probe_open(probe, NULL);
	expect_int(probe, "select 7", 7);
	PQclear(pg_query(probe->outside, "select pg_terminate_backend(pid) from " PG_SESSIONS " "
					 "where application_name = 'orderly test'"));
	probe_until_state(probe, POOL_LOST);
	probe_until_state(probe, POOL_UP);
	expect_int(probe, "select 8", 8);
}

static void test_a_refusal_is_no_loss(void **state)
{
	struct probe *probe = *state;
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	struct asking asking;

	str_addf(&conninfo, "host='%s' user=nobody_%s password=hush dbname=postgres",
		getenv("ORDERLY_TEST_PG"), probe->database);
	probe_open(probe, str_cstr(&conninfo));
	probe_ask(probe, &asking, NULL, "select 1", one_int, 1);
	expect_failure(probe, &asking, -EPERM);
	assert_int_equal(pool_state(probe->pool), POOL_REFUSED);
	assert_non_null(strstr(pool_error(probe->pool), "does not exist"));
	assert_int_equal(pool_retry_at_us(probe->pool), -1);
	probe_ask(probe, &asking, NULL, "select 1", one_int, 1);
	expect_failure(probe, &asking, -EPERM);
	/* Until somebody says that it is worth another try. */
	pg_do(probe->outside, "create role nobody_%s login", probe->database);
	pool_retry_now(probe->pool);
	probe_until_state(probe, POOL_UP);
	expect_int(probe, "select 7", 7);
	probe_close(probe);
	pg_do(probe->outside, "drop role nobody_%s", probe->database);
}

static void test_an_unreadable_conninfo_is_not_repeated(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe_open(probe, "host=x password hush");
	assert_int_equal(pool_state(probe->pool), POOL_REFUSED);
	assert_null(strstr(pool_error(probe->pool), "hush"));
	probe_ask(probe, &asking, NULL, "select 1", one_int, 1);
	expect_failure(probe, &asking, -EPERM);
}

static void test_a_missing_server_is_tried_again_ever_later(void **state)
{
	struct probe *probe = *state;

	probe_open(probe, "host=/nonexistent dbname=x");
	for (int try = 1; try <= 4; try++) {
		int64_t full_us = 50 * MS_US << try;

		while (probe->changes < try)
			loop_turn(probe->loop, -1);
		assert_in_range(probe->retry_us, full_us / 2, full_us * 5 / 4);
		assert_int_equal(pool_state(probe->pool), POOL_CONNECTING);
	}
}

static void test_a_query_waits_for_a_connection_until_its_deadline(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe_open(probe, "host=/nonexistent dbname=x");
	probe_ask_with(probe, &asking,
		&(struct statement){.sql = "select 1", .columns = one_int, .n_columns = 1}, NULL,
		300 * MS_US, 0);
	expect_failure(probe, &asking, -ETIMEDOUT);
	assert_non_null(strstr(asking.err.text, "No such file"));
}

static void test_the_next_host_of_a_list_is_taken(void **state)
{
	struct probe *probe = *state;
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);

	str_addf(&conninfo, "host='/nonexistent,%s' user=postgres dbname='%s'",
		getenv("ORDERLY_TEST_PG"), probe->database);
	probe_open(probe, str_cstr(&conninfo));
	expect_int(probe, "select 7", 7);
}

static void test_a_forgotten_statement_is_prepared_anew(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe->max = 1;
	probe_open(probe, NULL);
	for (int i = 0; i < 3; i++) {
		probe_ask(probe, &asking, "kept", "select 1", one_int, 1);
		probe_until_over(probe, &asking);
		assert_string_equal(asking.sqlstate, i == 1 ? "26000" : "");
		asking_done(&asking);
		if (i == 0) {
			probe_ask(probe, &asking, NULL, "deallocate kept", NULL, 0);
			probe_until_over(probe, &asking);
			asking_done(&asking);
		}
	}
}

/* After a table was changed the server refuses a plan that it kept. */
static void test_a_changed_table_needs_one_more_try(void **state)
{
	struct probe *probe = *state;
	struct asking asking;

	probe->max = 1;
	pg_do(probe->outside, "create table changing (n int)");
	probe_open(probe, NULL);
	for (int i = 0; i < 3; i++) {
		probe_ask(probe, &asking, "changing", "select * from changing", one_int, 1);
		probe_until_over(probe, &asking);
		assert_string_equal(asking.sqlstate, i == 1 ? "0A000" : "");
		assert_int_equal(asking.err.code, i == 1 ? -EAGAIN : 0);
		asking_done(&asking);
		if (i == 0)
			pg_do(probe->outside, "alter table changing alter n type bigint");
	}
}

static void test_what_the_server_cannot_do_costs_no_connection(void **state)
{
	struct probe *probe = *state;
	struct asking asking;
	int64_t pid;

	probe->max = 1;
	probe_open(probe, NULL);
	expect_int(probe, "select 7", 7);
	pid = pg_int(probe->outside,
		"select pid from " PG_SESSIONS " where application_name = 'orderly test'");
	probe_ask(probe, &asking, "unable",
		"do $$ begin raise exception 'not here' using errcode = '0A000'; end $$", NULL, 0);
	expect_failure(probe, &asking, -EINVAL);
	assert_string_equal(asking.sqlstate, "0A000");
	expect_int(probe, "select pg_backend_pid()", pid);
}

static void note_channel(void *ctx, struct slice channel, struct slice payload)
{
	struct probe *probe = ctx;

	assert_slice(channel, "a \"b");
	assert_slice(payload, "hello");
	probe->notified = NULL;
}

static bool was_notified(void *ctx)
{
	const struct probe *probe = ctx;

	return !probe->notified;
}

static const char listeners[] = "select count(*) from " PG_SESSIONS
				" where query = 'listen \"a \"\"b\"' and state = 'idle'";

static void test_notifications_come_also_after_a_loss(void **state)
{
	struct probe *probe = *state;

	probe_open(probe, NULL);
	pool_listen(probe->pool, "a \"b");
	for (int i = 0; i < 2; i++) {
		probe->notified = note_channel;
		probe_until_text(probe, "1", listeners);
		PQclear(pg_query(probe->outside, "select pg_notify('a \"b', 'hello')"));
		probe_until(probe, was_notified, probe, "a notification");
		PQclear(pg_query(probe->outside,
			"select pg_terminate_backend(pid) from " PG_SESSIONS " "
			"where application_name = 'orderly test'"));
		probe_until_state(probe, POOL_LOST);
		probe_until_state(probe, POOL_UP);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_each_type_comes_as_it_is),
		TEST(test_the_session_is_set_at_its_start),
		TEST(test_an_error_has_its_code_and_no_detail),
		TEST(test_an_answer_that_breaks_its_header_is_refused),
		TEST(test_rows_stream_in_batches),
		TEST(test_a_stream_may_break_off_half_way),
		TEST(test_more_queries_than_connections_take_turns),
		TEST(test_short_queries_share_connections),
		TEST(test_a_deadline_ends_the_query_on_the_server_too),
		TEST(test_a_cancel_is_answered_and_reaches_the_server),
		TEST(test_what_waits_can_be_cancelled),
		TEST(test_what_was_dropped_is_never_heard_of),
		TEST(test_a_closed_pool_calls_nobody),
		TEST(test_a_long_deadline_lifts_the_server_s_limit),
		TEST(test_a_lost_connection_fails_its_query_and_comes_back),
		TEST(test_an_idle_connection_s_loss_is_noticed),
		TEST(test_a_refusal_is_no_loss),
		TEST(test_an_unreadable_conninfo_is_not_repeated),
		TEST(test_a_missing_server_is_tried_again_ever_later),
		TEST(test_a_query_waits_for_a_connection_until_its_deadline),
		TEST(test_the_next_host_of_a_list_is_taken),
		TEST(test_a_forgotten_statement_is_prepared_anew),
		TEST(test_a_changed_table_needs_one_more_try),
		TEST(test_what_the_server_cannot_do_costs_no_connection),
		TEST(test_notifications_come_also_after_a_loss),
	};

	return pg_missing() ? pg_skip() : RUN(tests);
}
