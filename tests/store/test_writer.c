/* The bulk writer: counts right, loses nothing when its sessions are ended, and stops when told. */
#include "base/mem.h"
#include "base/str.h"
#include "pg.h"
#include "store/writer.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

struct fixture {
	char *database, *login;
	PGconn *super;
	struct writer *writer;
};

static void put_interface(PGconn *conn)
{
	pg_do(conn, "insert into orderly.\"system\" (id, code, version, title, kind) values"
		    " (1, 'a', 1, 'A', 'other')");
	pg_do(conn,
		"insert into orderly.interface (id, code, version, title, source, target, style,"
		" timing, data_class) values (1, 'i', 1, 'I', 'a', 'a', 'rest', 'real-time',"
		" 'internal')");
}

static struct fixture open_fixture(const volatile sig_atomic_t *stop)
{
	struct fixture f = {.database = pg_store("writer")};
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	struct writer_options options = {
		.application = "test-writer", .connections = 3, .array = 50, .stop = stop};
	struct err err = ERR_INIT;

	f.login = pg_login(f.database, "gate", "ingest");
	f.super = pg_super(f.database);
	put_interface(f.super);
	str_addf(&conninfo, "host='%s' dbname=%s user=%s", getenv("ORDERLY_TEST_PG"), f.database,
		f.login);
	options.conninfo = str_cstr(&conninfo);
	if (writer_open(&options, &f.writer, &err) < 0)
		fail_msg("%s", err.text);
	return f;
}

static void close_fixture(struct fixture *f)
{
	writer_close(f->writer);
	PQfinish(f->super);
	free(f->login);
	pg_drop(f->database);
}

static int add(struct writer *writer, int n)
{
	CLEANUP(str_done)
	struct str document = STR_INIT(4096);

	str_addf(&document,
		"{\"interface\":\"i\",\"message_id\":\"m%d\",\"kind\":\"received\","
		"\"at\":\"2026-01-02T03:04:05Z\"}",
		n);
	return writer_add(writer, str_slice(&document), NULL);
}

static void what_is_added_is_taken_once(void **state)
{
	struct fixture f = open_fixture(NULL);

	(void)state;
	for (int i = 0; i < 1234; i++)
		assert_int_equal(add(f.writer, i), 0);
	assert_int_equal(writer_flush(f.writer, NULL), 0);
	for (int i = 0; i < 34; i++)
		assert_int_equal(add(f.writer, i), 0);
	assert_int_equal(writer_add(f.writer, SLICE("{\"interface\":\"nobody\"}"), NULL), 0);
	assert_int_equal(writer_flush(f.writer, NULL), 0);
	assert_int_equal(writer_counts(f.writer).taken, 1234);
	assert_int_equal(writer_counts(f.writer).repeated, 34);
	assert_int_equal(writer_counts(f.writer).rejected, 1);
	pg_expect_int(f.super, 1234, "select count(*) from orderly.transaction");
	close_fixture(&f);
}

static void sessions_that_are_ended_lose_nothing(void **state)
{
	struct fixture f = open_fixture(NULL);
	int lost = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		if (i % 300 == 299)
			PQclear(pg_query(f.super,
				"select pg_terminate_backend(pid, 5000) from"
				" pg_stat_activity where application_name ="
				" 'test-writer' and datname = '%s'",
				f.database));
		if (add(f.writer, i) == -ENOTCONN)
			lost++;
	}
	for (int i = 0; i < 10 && writer_flush(f.writer, NULL) == -ENOTCONN; i++)
		lost++;
	assert_true(lost > 0);
	pg_expect_int(f.super, 2000, "select count(*) from orderly.transaction");
	close_fixture(&f);
}

static void a_writer_that_is_told_to_stop_does_not_wait(void **state)
{
	volatile sig_atomic_t stop = 0;
	struct fixture f = open_fixture(&stop);

	(void)state;
	PQclear(pg_query(f.super, "begin"));
	pg_do(f.super, "lock table orderly.message");
	for (int i = 0; i < 60; i++)
		assert_int_equal(add(f.writer, i), 0);
	stop = 1;
	assert_int_equal(writer_flush(f.writer, NULL), -EINTR);
	pg_do(f.super, "rollback");
	close_fixture(&f);
}

static void a_store_that_says_no_is_quoted(void **state)
{
	struct fixture f = open_fixture(NULL);
	struct err err = ERR_INIT;

	(void)state;
	pg_do(f.super, "revoke execute on function orderly.ingest(bytea[]) from orderly_t_ingest");
	assert_int_equal(add(f.writer, 1), 0);
	assert_int_equal(writer_flush(f.writer, &err), -EPROTO);
	assert_non_null(strstr(err.text, "permission denied for function ingest"));
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_taken_once),
		cmocka_unit_test(sessions_that_are_ended_lose_nothing),
		cmocka_unit_test(a_writer_that_is_told_to_stop_does_not_wait),
		cmocka_unit_test(a_store_that_says_no_is_quoted),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name("store/writer", tests, NULL, NULL);
}
