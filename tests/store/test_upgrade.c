/* Stores of every earlier version, with data in them, are brought up to date; and half an upgrade leaves
 * the version before at work.
 * Leaves the machinery to test_migrate.c.
 * Called by the test run, against a real server. */
#include "base/str.h"
#include "pg.h"
#include "store/migrate.h"
#include "unit.h"

#define KIND_T "-- kind: transaction\n"
#define KIND_R "-- kind: rerunnable\n"

struct bench {
	char *database;
	PGconn *outside;
};

static int set_up(void **state)
{
	struct bench *bench = NEW(struct bench);

	bench->database = pg_empty_database("upgrade");
	bench->outside = pg_super(bench->database);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	PQfinish(bench->outside);
	pg_drop(bench->database);
	free(bench);
	return 0;
}

/* What a program does that brings these migrations; "" or what went wrong, for the caller to free. */
static char *run_with(struct bench *bench, const struct migration *migrations, size_t n,
	int (*act)(struct migrate *migrate, struct err *err))
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	CLEANUP(migrate_closep)
	struct migrate *migrate = NULL;
	struct migrate_options options = {.migrations = migrations, .n_migrations = n};
	struct err err = ERR_INIT;

	pg_conninfo(bench->database, &conninfo);
	options.conninfo = str_cstr(&conninfo);
	if (migrate_open(&options, &migrate, &err) < 0)
		fail_msg("%s", err.text);
	return mem_dup_str(act(migrate, &err) < 0 ? err.text : "");
}

static int init(struct migrate *migrate, struct err *err)
{
	return migrate_init(migrate, "t", err);
}

static void succeed(struct bench *bench, const struct migration *migrations, size_t n,
	int (*act)(struct migrate *migrate, struct err *err))
{
	CLEANUP(mem_freep)
	char *said = run_with(bench, migrations, n, act);

	assert_string_equal(said, "");
	pg_expect_int(bench->outside, migrations[n - 1].number,
		"select max(number) from orderly.version");
}

/* As the middleware does: fifty messages, ten of which die. */
static void tell(struct bench *bench, const char *gate, const char *prefix)
{
	PGconn *conn = pg_as(bench->database, gate);

	pg_expect_int(conn, 150,
		"select taken from orderly.ingest((select jsonb_agg(jsonb_build_object("
		"'interface', 'i', 'message_id', '%s' || i, 'kind', k, 'at', now(), 'class', "
		"case k when 'dead' then 'timeout' end, 'text', case k when 'dead' then "
		"'no answer' end, 'payload', case k when 'received' then '{\"body\": \"x\"}'::jsonb end)) "
		"from generate_series(1, 50) i, unnest(array['received', "
		"'attempted', case when i %% 5 = 0 then 'dead' else 'delivered' end]) k))",
		prefix);
	PQfinish(conn);
}

/* As the workers do, with the duties that a store of that version has. */
static void work(struct bench *bench)
{
	pg_do(bench->outside,
		"do $$ declare d text; begin for d in select proname from pg_proc"
		" where pronamespace = 'orderly'::regnamespace and proname ^@ 'duty_' order by 1 loop"
		" execute format('select orderly.%%I(5000)', d); end loop; end $$");
}

/* Something in everything that a store of that version has. Says whether it takes events. */
static bool fill(struct bench *bench, const char *gate)
{
	pg_do(bench->outside, "insert into orderly.person (id, code, version, name) "
			      "values (7001, 'ana.ruiz', 1, 'Ana Ruiz')");
	if (!pg_int(bench->outside, "select (to_regclass('orderly.interface') is not null)::int"))
		return false;
	pg_do(bench->outside, "insert into orderly.\"system\" (id, code, version, title, kind) "
			      "values (1, 'a', 1, 'A', 'other')");
	pg_do(bench->outside,
		"insert into orderly.interface (id, code, version, title, source, target, style, "
		"timing, data_class) values (1, 'i', 1, 'I', 'a', 'a', 'rest', 'real-time', "
		"'internal')");
	if (!pg_int(bench->outside,
		    "select (to_regprocedure('orderly.ingest(jsonb)') is not null)::int"))
		return false;
	tell(bench, gate, "m");
	work(bench);
	return true;
}

/* But for the catalogue, which was filled behind the back of its functions. */
static void expect_whole(struct bench *bench)
{
	pg_expect_text(bench->outside, "",
		"select string_agg(name || ': ' || coalesce(detail, ''), '; ') "
		"from orderly.check_invariants() where not ok "
		"and name <> 'each object is as its last version says'");
}

static void expect_filled(struct bench *bench, bool told)
{
	pg_expect_text(
		bench->outside, "Ana Ruiz", "select name from orderly.person where id = 7001");
	if (told)
		pg_expect_text(bench->outside, "10 dead 40 done",
			"select string_agg(n || ' ' || state, ' ' order by state) from (select "
			"state, count(*) as n from orderly.transaction group by state) s");
}

/* One store of that version, with its data, brought up to date. */
static void upgrade_copy(struct bench *bench, const char *gate)
{
	size_t n;
	const struct migration *all = migration_all(&n);
	bool told = fill(bench, gate);

	succeed(bench, all, n, migrate_upgrade);
	expect_filled(bench, told);
	if (told) {
		tell(bench, gate, "n");
		work(bench);
	}
	expect_whole(bench);
}

/* What a store holds must be there behind every upgrade, and fit together. An empty store goes from
 * version to version; of each a copy is filled, and upgraded to the last. */
static void a_store_of_each_earlier_version_is_brought_up_to_date(void **state)
{
	struct bench *bench = *state, copy = {0};
	PGconn *server = pg_super("postgres");
	char *gate = NULL;
	size_t n;
	const struct migration *all = migration_all(&n);

	PQfinish(bench->outside); /* nobody may look at what is copied */
	for (size_t from = 1; from < n; from++) {
		CLEANUP(mem_freep)
		char *said = run_with(bench, all, from, from == 1 ? init : migrate_upgrade);

		assert_string_equal(said, "");
		if (!gate)
			gate = pg_login(bench->database, "gate", "ingest");
		copy.database = pg_empty_database("upgraded");
		pg_do(server, "drop database %s", copy.database);
		pg_do(server, "create database %s template %s", copy.database, bench->database);
		copy.outside = pg_super(copy.database);
		upgrade_copy(&copy, gate);
		PQfinish(copy.outside);
		pg_drop(copy.database);
	}
	bench->outside = pg_super(bench->database);
	PQfinish(server);
	free(gate);
}

/* Each breaks off in its middle: an error, one behind what cannot be taken back, a lost connection. */
static const struct {
	bool rerunnable;
	const char *text;
} broken_ends[] = {
	{false, KIND_T "alter table orderly.person add column shoe_size int; select nonsense;"},
	{true, KIND_R
		"create index concurrently if not exists person_name on orderly.person (name);\n"
		"select nonsense;"},
	{false, KIND_T "alter table orderly.person add column shoe_size int;"
		       " select pg_terminate_backend(pg_backend_pid());"},
	{true, KIND_R
		"create index concurrently if not exists person_name on orderly.person (name);\n"
		"select pg_terminate_backend(pg_backend_pid());"},
};

/* The middleware, the workers and the people of the version before notice nothing, and the upgrade is run again
 * by a program that does better. */
static void half_an_upgrade_leaves_the_store_working(void **state)
{
	struct bench *bench = *state;
	struct migration more[64];
	size_t n;
	const struct migration *all = migration_all(&n);
	char *gate, *said, prefix[2] = "a";

	assert_true(n < ARRAY_LEN(more));
	memcpy(more, all, n * sizeof(more[0]));
	succeed(bench, all, n, init);
	gate = pg_login(bench->database, "gate", "ingest");
	assert_true(fill(bench, gate));
	for (size_t i = 0; i < ARRAY_LEN(broken_ends); i++, prefix[0]++) {
		more[n] = (struct migration){
			9001, "9001-more", broken_ends[i].rerunnable, broken_ends[i].text};
		said = run_with(bench, more, n + 1, migrate_upgrade);
		assert_non_null(strstr(said, "9001-more: "));
		free(said);
		succeed(bench, all, n, migrate_upgrade); /* there is nothing to do for it */
		tell(bench, gate, prefix);
		work(bench);
		expect_whole(bench);
	}
	more[n].text = KIND_R
		"create index concurrently if not exists person_name on orderly.person (name);";
	succeed(bench, more, n + 1, migrate_upgrade);
	expect_whole(bench);
	free(gate);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_of_each_earlier_version_is_brought_up_to_date),
		TEST(half_an_upgrade_leaves_the_store_working),
	};

	return pg_missing() ? pg_skip() : RUN(tests);
}
