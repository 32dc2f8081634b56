/* How stores are made and brought up to date, with migrations of the test's own.
 * Leaves the real ones to test_upgrade.c. */
#include "base/str.h"
#include "pg.h"
#include "store/migrate.h"
#include "unit.h"
#include <errno.h>

#define KIND_T "-- kind: transaction\n"
#define KIND_R "-- kind: rerunnable\n"

/* What every store has: its roles and its schema. */
#define FIRST                                                                                        \
	KIND_T "do $$ declare r text; begin\n"                                                       \
	       "foreach r in array array['owner','support','operator','approver','security',"        \
	       "'admin','ingest','worker'] loop\n"                                                   \
	       "if not exists (select from pg_roles where rolname = 'orderly_{store}_' || r) then\n" \
	       "execute 'create role orderly_{store}_' || r; end if; end loop; end $$;\n"            \
	       "create schema orderly authorization orderly_{store}_owner;\n"                        \
	       "create table orderly.first (word text);\n"                                           \
	       "insert into orderly.first values ('{store}')"

static const struct migration two[] = {
	{1, "0001-first", false, FIRST},
	{2, "0002-second", false, KIND_T "create table orderly.second (n int);\n"},
};

static const struct migration three[] = {
	{1, "0001-first", false, FIRST},
	{2, "0002-second", false, KIND_T "create table orderly.second (n int);\n"},
	{3, "0003-third", true,
		KIND_R "create index concurrently if not exists second_n on orderly.second (n);\n"
		       "create table if not exists orderly.third (t text default ';');\n"},
};

static const struct migration broken_transaction[] = {
	{1, "0001-first", false, FIRST},
	{2, "0002-second", false,
		KIND_T "create table orderly.second (n int);\n\nselect n\xc3\xb6nsense;\n"},
};

static const struct migration broken_part[] = {
	{1, "0001-first", false, FIRST ";\n-- part: 0001b-more\nselect 1;\nselect nonsense;\n"},
};

static const struct migration broken_statements[] = {
	{1, "0001-first", false, FIRST},
	{2, "0002-second", false, KIND_T "create table orderly.second (n int);\n"},
	{3, "0003-third", true,
		KIND_R "create index concurrently if not exists second_n on orderly.second (n);\n"
		       "create table orderly.first (t text);\n"},
};

static const struct migration messy[] = {
	{1, "0001-first", false, FIRST},
	{2, "0002-second", true,
		KIND_R "set role orderly_{store}_owner; set search_path = nowhere;"
		       "set statement_timeout = 3600000"},
	{3, "0003-third", false,
		KIND_T "create table orderly.third as select current_user::text as who, "
		       "current_setting('search_path') as path, "
		       "current_setting('statement_timeout') as timeout"},
};

struct bench {
	char *database;
	PGconn *outside;
	struct migrate *migrate;
	struct err err;
	int told; /* migrations that progress was told of */
};

static int set_up(void **state)
{
	struct bench *bench = NEW(struct bench);

	bench->database = pg_empty_database("migrate");
	bench->outside = pg_super(bench->database);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	migrate_close(bench->migrate);
	PQfinish(bench->outside);
	pg_drop(bench->database);
	free(bench);
	return 0;
}

static void note_progress(void *ctx, const struct migration *migration)
{
	struct bench *bench = ctx;

	assert_non_null(migration->name);
	bench->told++;
}

/* As a program that brings these migrations. */
static void open_with(struct bench *bench, const struct migration *migrations, size_t n)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	struct migrate_options options = {
		.migrations = migrations,
		.n_migrations = n,
		.progress = note_progress,
		.ctx = bench,
	};

	str_addf(&conninfo, "host='%s' user=postgres dbname='%s'", getenv("ORDERLY_TEST_PG"),
		bench->database);
	options.conninfo = str_cstr(&conninfo);
	migrate_close(bench->migrate);
	bench->migrate = NULL;
	bench->told = 0;
	bench->err = ERR_INIT;
	if (migrate_open(&options, &bench->migrate, &bench->err) < 0)
		fail_msg("%s", bench->err.text);
}

static void expect(struct bench *bench, enum migrate_state state, int version)
{
	struct migrate_status status;
	struct err err = ERR_INIT;

	if (migrate_status(bench->migrate, &status, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(status.state, state);
	assert_int_equal(status.version, version);
	assert_string_equal(status.store, version ? "t" : "");
}

static void succeed(struct bench *bench, int r)
{
	if (r < 0)
		fail_msg("%d %s", r, bench->err.text);
}

static int init(struct bench *bench)
{
	return migrate_init(bench->migrate, "t", &bench->err);
}

static int upgrade(struct bench *bench)
{
	return migrate_upgrade(bench->migrate, &bench->err);
}

static void test_an_empty_database_has_no_store(void **state)
{
	struct bench *bench = *state;

	open_with(bench, two, 2);
	expect(bench, MIGRATE_NONE, 0);
	assert_int_equal(upgrade(bench), -ENOENT);
	assert_int_equal(migrate_init(bench->migrate, "T", &bench->err), -EINVAL);
	expect(bench, MIGRATE_NONE, 0);
}

static void test_init_runs_all_and_only_once(void **state)
{
	struct bench *bench = *state;

	open_with(bench, three, 3);
	succeed(bench, init(bench));
	assert_int_equal(bench->told, 3);
	expect(bench, MIGRATE_CURRENT, 3);
	pg_expect_text(bench->outside, "t", "select word from orderly.first");
	pg_expect_int(bench->outside, 3, "select count(*) from orderly.version where store = 't'");
	assert_int_equal(init(bench), -EEXIST);
	succeed(bench, upgrade(bench));
	assert_int_equal(bench->told, 3);
}

static void test_an_upgrade_runs_what_is_missing(void **state)
{
	struct bench *bench = *state;

	open_with(bench, two, 2);
	succeed(bench, init(bench));
	pg_do(bench->outside, "insert into orderly.second values (7)");
	open_with(bench, three, 3);
	expect(bench, MIGRATE_BEHIND, 2);
	succeed(bench, upgrade(bench));
	assert_int_equal(bench->told, 1);
	expect(bench, MIGRATE_CURRENT, 3);
	pg_expect_int(bench->outside, 7, "select n from orderly.second");
	pg_expect_text(bench->outside, ";", "insert into orderly.third default values returning t");
}

static void test_a_newer_store_is_refused(void **state)
{
	struct bench *bench = *state;

	open_with(bench, three, 3);
	succeed(bench, init(bench));
	open_with(bench, two, 2);
	expect(bench, MIGRATE_AHEAD, 3);
	assert_int_equal(upgrade(bench), -EPROTO);
	expect(bench, MIGRATE_AHEAD, 3);
}

static void test_a_transaction_that_fails_leaves_nothing(void **state)
{
	struct bench *bench = *state;

	open_with(bench, broken_transaction, 2);
	assert_int_equal(init(bench), -EIO);
	assert_non_null(strstr(bench->err.text, "0002-second: line 4: "));
	expect(bench, MIGRATE_BEHIND, 1);
	pg_expect_text(bench->outside, "", "select to_regclass('orderly.second')");
	open_with(bench, two, 2);
	succeed(bench, upgrade(bench));
	expect(bench, MIGRATE_CURRENT, 2);
}

static void test_an_error_in_a_part_is_found_there(void **state)
{
	struct bench *bench = *state;

	open_with(bench, broken_part, 1);
	assert_int_equal(init(bench), -EIO);
	assert_non_null(strstr(bench->err.text, "0001-first: 0001b-more: line 3: "));
	expect(bench, MIGRATE_NONE, 0);
}

static void test_statements_that_break_off_are_run_again(void **state)
{
	struct bench *bench = *state;

	open_with(bench, broken_statements, 3);
	assert_int_equal(init(bench), -EIO);
	expect(bench, MIGRATE_BEHIND, 2);
	/* The old version goes on working, with what was done so far. */
	pg_do(bench->outside, "insert into orderly.second values (7)");
	pg_expect_text(
		bench->outside, "orderly.second_n", "select to_regclass('orderly.second_n')");
	open_with(bench, three, 3);
	succeed(bench, upgrade(bench));
	expect(bench, MIGRATE_CURRENT, 3);
	pg_expect_int(bench->outside, 7, "select n from orderly.second");
}

static void test_each_migration_starts_afresh(void **state)
{
	struct bench *bench = *state;

	open_with(bench, messy, 3);
	succeed(bench, init(bench));
	pg_expect_text(bench->outside, "postgres/\"$user\", public/0",
		"select concat_ws('/', who, path, timeout) from orderly.third");
}

static void test_two_upgrades_do_not_meet(void **state)
{
	struct bench *bench = *state;

	open_with(bench, two, 2);
	PQclear(pg_query(bench->outside, "select pg_advisory_lock(7236270741298143)"));
	assert_int_equal(init(bench), -EBUSY);
	assert_int_equal(upgrade(bench), -EBUSY);
	PQclear(pg_query(bench->outside, "select pg_advisory_unlock_all()"));
	succeed(bench, init(bench));
	pg_expect_int(bench->outside, 0,
		"select count(*) from pg_locks l join pg_database d on d.oid = l.database "
		"where l.locktype = 'advisory' and d.datname = current_database()");
}

static void test_no_server_is_an_error_without_the_password(void **state)
{
	struct migrate_options options = {.conninfo = "host=/nonexistent password=hush"};
	struct migrate *migrate = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(migrate_open(&options, &migrate, &err), -ENOTCONN);
	assert_null(strstr(err.text, "hush"));
	assert_null(migrate);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_empty_database_has_no_store),
		TEST(test_init_runs_all_and_only_once),
		TEST(test_an_upgrade_runs_what_is_missing),
		TEST(test_a_newer_store_is_refused),
		TEST(test_a_transaction_that_fails_leaves_nothing),
		TEST(test_an_error_in_a_part_is_found_there),
		TEST(test_statements_that_break_off_are_run_again),
		TEST(test_each_migration_starts_afresh),
		TEST(test_two_upgrades_do_not_meet),
		TEST(test_no_server_is_an_error_without_the_password),
	};

	return pg_missing() ? pg_skip() : RUN(tests);
}
