/* The estate in a real store: it can be set up, filled, and looked at. */
#include "base/mem.h"
#include "base/str.h"
#include "pg.h"
#include "setup.h"
#include "traffic.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

/* One database for the group: people are roles of the whole cluster. */
struct store {
	char *database;
	struct str conninfo, machine;
};

static int make_store(void **state)
{
	struct store *store = NEW(struct store);
	struct err err = ERR_INIT;

	store->conninfo = store->machine = STR_INIT(4096);
	store->database = pg_empty_database("sim");
	pg_conninfo(store->database, &store->conninfo);
	str_addf(&store->machine, "host='%s' dbname=%s user=sim.gateway", getenv("ORDERLY_TEST_PG"),
		store->database);
	if (sim_setup(str_cstr(&store->conninfo), &err) < 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	*state = store;
	return 0;
}

static int drop_store(void **state)
{
	struct store *store = *state;

	pg_drop(store->database);
	str_done(&store->conninfo);
	str_done(&store->machine);
	free(store);
	return 0;
}

static void the_catalogue_is_there_whole(void **state)
{
	const struct store *store = *state;
	PGconn *conn = pg_super(store->database);

	pg_expect_int(conn, 41, "select count(*) from orderly.interface");
	pg_expect_int(conn, 28, "select count(*) from orderly.system");
	pg_expect_int(conn, 7, "select count(*) from orderly.facility");
	pg_expect_int(conn, 0,
		"select count(*) from orderly.interface i"
		" where business_owner is null or technical_owner is null"
		" or runbook is null or not exists"
		" (select from orderly.slo s where s.interface = i.code)");
	PQfinish(conn);
}

static void setting_up_again_changes_nothing(void **state)
{
	const struct store *store = *state;
	PGconn *conn = pg_super(store->database);
	int64_t versions = pg_int(conn, "select count(*) from orderly.catalogue_version");
	struct err err = ERR_INIT;

	if (sim_setup(str_cstr(&store->conninfo), &err) < 0)
		fail_msg("%s", err.text);
	pg_expect_int(conn, versions, "select count(*) from orderly.catalogue_version");
	PQfinish(conn);
}

static void there_is_a_person_of_each_role(void **state)
{
	static const char *const rows[][2] = {{"ana.ruiz", "operator"},
		{"chiara.weiss", "approver"}, {"emi.tanaka", "support"}, {"greta.lund", "security"},
		{"hugo.marchetti", "admin"}};
	const struct store *store = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		PGconn *conn = pg_as(store->database, rows[i][0]);

		pg_expect_text(conn, rows[i][1], "select array_to_string(orderly.my_roles(), ',')");
		pg_expect_int(conn, 1, "select (orderly.my_person() is not null)::int");
		PQfinish(conn);
	}
}

static void nothing_of_the_history_is_rejected(void **state)
{
	const struct store *store = *state;
	const struct traffic_options options = {.conninfo = str_cstr(&store->machine),
		.seed = 5,
		.rate = 0.5,
		.hours = 1,
		.connections = 2};
	PGconn *conn = pg_super(store->database);
	struct writer_counts counts;
	struct err err = ERR_INIT;

	if (traffic_history(&options, &counts, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(counts.repeated, 0);
	pg_expect_text(conn, "",
		"select coalesce(string_agg(code || ' ' || reason, '; '), '')"
		" from orderly.reject");
	assert_true(pg_int(conn, "select count(*) from orderly.transaction") > 800);
	assert_true(pg_int(conn, "select count(distinct interface) from orderly.transaction") > 25);
	assert_true(
		pg_int(conn, "select count(*) from orderly.transaction where state = 'dead'") > 5);
	assert_true(pg_int(conn, "select max(n) from (select count(*) as n from orderly.message"
				 " group by correlation) c") >= 4);
	PQfinish(conn);
}

/* Of the history just laid down: every body is read by a rule, and no patient shows through. */
static void payloads_are_shown_masked(void **state)
{
	static const char shown[] =
		"select count(*) from orderly.rendition r join orderly.payload p on p.born = r.born"
		" and p.transaction = r.transaction and p.key = r.key, lateral (select"
		" convert_from(p.body, 'UTF8') as raw) b, regexp_matches(raw, '%s', 'g') m"
		" where (position(m[1] in r.body) > 0) = %s";
	static const char *const personal[] = {"PID\\|1\\|\\|([0-9]+\\^)",
		"PID\\|1\\|\\|[^|]*\\|\\|([^|]+)", "NM1\\*IL\\*1\\*([^*]+\\*[^*]+)",
		"\"display\":\\s*\"([^\"]+)", "(Patient/[0-9]+)"};
	const struct store *store = *state;
	PGconn *conn = pg_super(store->database);

	while (pg_int(conn, "select orderly.duty_mask(1000)") > 0)
		;
	pg_expect_text(conn, "",
		"select string_agg(distinct i.code || ' ' || r.why, ', ') from orderly.rendition r"
		" join orderly.interface i on i.id = r.interface where r.how = 'whole'");
	for (size_t i = 0; i < ARRAY_LEN(personal); i++) {
		char *sql =
			pg_text(conn, "select format($$%s$$, $$%s$$, 'true')", shown, personal[i]);
		char *hidden =
			pg_text(conn, "select format($$%s$$, $$%s$$, 'false')", shown, personal[i]);

		pg_expect_int(conn, 0, "%s", sql);
		assert_true(pg_int(conn, "%s", hidden) > 0);
		free(sql);
		free(hidden);
	}
	PQfinish(conn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_catalogue_is_there_whole),
		cmocka_unit_test(setting_up_again_changes_nothing),
		cmocka_unit_test(there_is_a_person_of_each_role),
		cmocka_unit_test(nothing_of_the_history_is_rejected),
		cmocka_unit_test(payloads_are_shown_masked),
	};

	return pg_missing()
		       ? pg_skip()
		       : cmocka_run_group_tests_name("sim/store", tests, make_store, drop_store);
}
