/* Plans of the hot questions, taken as a scoped login: no sequential scan over what grows, and no more
 * partitions opened than asked for, however many there are.
 * Leaves times to bench_store.c.
 * Called by the test run, against a real server. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static const struct {
	const char *rule, *sql;
} hot[] = {
	{"a correlation id is a probe",
		"select id from orderly.message where correlation_norm = orderly.norm('7F-3A')"},
	{"a prefix of a correlation id is a range",
		"select id from orderly.message where correlation_norm ^@ orderly.norm('7F-3A')"},
	{"a business key is a probe",
		"select id from orderly.message where business_norm = orderly.norm('PO 7')"},
	{"a partner's reference is a probe",
		"select id from orderly.message where partner_norm = orderly.norm('X 7')"},
	{"a message id is a probe",
		"select id from orderly.message where message_norm = orderly.norm('m-7')"},
	{"a transaction is a probe", "select state from orderly.transaction where id = 7"},
	{"its events are a range of one partition",
		"select kind from orderly.event where born = current_date and transaction = 7"},
	{"a page of an interface",
		"select id from orderly.transaction where interface = 1 and id < 5000 order by id desc limit 200"},
	{"a page of the dead",
		"select id from orderly.transaction where state = 'dead' and id < 5000 order by id desc limit 200"},
	{"a page of the dead the other way",
		"select id from orderly.transaction where state = 'dead' and id > 5000 order by id limit 200"},
	{"the oldest dead of an interface",
		"select min(at) from orderly.transaction where interface = 1 and state = 'dead'"},
};

static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	for (int i = 0; i < 12; i++)
		traffic_ingest(people,
			"select jsonb_agg(public.ev('orders', 'plan%d-' || m, case m %% 50 when 0 then 'dead' else 'delivered' end,"
			" now(), jsonb_build_object('correlation_id', md5('%d' || m), 'business_key', 'PO ' || m,"
			"  'partner_ref', 'X' || m))) from generate_series(1, 900) m",
			i, i);
	pg_do(people->super, "select orderly.partitions_make(now() + interval '10 years')");
	pg_do(people->super, "vacuum analyze");
	return 0;
}

/* Of a table that grows, or of a partition of one. */
static void no_scan_of_what_grows(struct people *people, const char *rule, const char *sql)
{
	PGresult *plan = pg_query(people->as[NARROW], "explain (costs off) %s", sql);

	for (int i = 0; i < PQntuples(plan); i++) {
		const char *line = PQgetvalue(plan, i, 0);
		const char *scan = strstr(line, "Seq Scan on ");
		static const char *const grows[] = {
			"message", "transaction", "event_2", "feed_2", "rendition_2"};

		for (size_t g = 0; scan && g < ARRAY_LEN(grows); g++)
			if (strncmp(scan + strlen("Seq Scan on "), grows[g], strlen(grows[g])) == 0)
				fail_msg("%s: %s", rule, line);
	}
	PQclear(plan);
}

static void no_hot_question_scans_what_grows(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(hot); i++)
		no_scan_of_what_grows(*state, hot[i].rule, hot[i].sql);
}

static void the_overview_scans_nothing_that_grows(void **state)
{
	no_scan_of_what_grows(*state, "overview", statement_find("overview")->sql);
}

/* As the server keeps a plan that serves any parameters. */
static void the_statements_of_views_scan_nothing_that_grows(void **state)
{
	static const struct {
		const char *name, *params;
	} rows[] = {{"transaction", "7"}, {"transaction-events", "7, 1000"},
		{"transaction-payloads", "7"}, {"interface-failures", "'orders'"},
		{"interface-steps", "'orders'"}, {"interface-deliveries", "'orders'"},
		{"transaction-links", "7"}};
	struct people *people = *state;

	pg_do(people->as[NARROW], "set plan_cache_mode to force_generic_plan");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char execute[64];

		pg_do(people->as[NARROW], "prepare q%zu as %s", i,
			statement_find(rows[i].name)->sql);
		snprintf(execute, sizeof(execute), "execute q%zu (%s)", i, rows[i].params);
		no_scan_of_what_grows(people, rows[i].name, execute);
	}
	pg_do(people->as[NARROW], "reset plan_cache_mode");
}

static void a_birth_day_opens_one_partition_of_120(void **state)
{
	struct people *people = *state;
	PGresult *plan;

	plan = pg_query(people->as[NARROW],
		"explain (costs off) select kind from orderly.event where born = current_date and transaction = 7");
	for (int i = 0, n = 0; i < PQntuples(plan); i++) {
		n += strstr(PQgetvalue(plan, i, 0), " on event_") != NULL;
		assert_true(n <= 1);
	}
	PQclear(plan);
}

/* What the functions do inside shows in what they touch. */
static int64_t touched(struct people *people, const char *parent)
{
	pg_do(people->super, "select pg_stat_force_next_flush()");
	return pg_int(people->super,
		"select count(*) from pg_stat_user_tables s join pg_inherits h on h.inhrelid = s.relid"
		" where h.inhparent = 'orderly.%s'::regclass and coalesce(s.idx_scan, 0) + s.seq_scan > 0",
		parent);
}

static void functions_open_only_the_partitions_in_question(void **state)
{
	struct people *people = *state;
	PGconn *reader = pg_as(people->db, people->login[OPERATOR]);

	pg_do(people->super, "select pg_stat_reset()");
	for (int i = 0; i < 8; i++) { /* more often than a plan takes to become a generic one */
		pg_do(reader,
			"select count(*) from orderly.events_of(array(select id from orderly.message limit 50))");
		pg_do(reader,
			"select count(*) from orderly.renditions_of((select max(id) from orderly.message))");
		pg_do(reader,
			"select count(*) from orderly.feed_newest(1) n, lateral orderly.feed_after("
			" (select code from orderly.era), n.xid::text, n.seq, 100)");
	}
	PQfinish(reader);
	for (int tries = 0; tries < 500 && !touched(people, "event"); tries++)
		pg_do(people->super, "select pg_sleep(0.01)");
	pg_expect_int(people->super, 1, "select %lld", (long long)touched(people, "event"));
	pg_expect_int(people->super, 1, "select %lld", (long long)touched(people, "rendition"));
	pg_expect_int(people->super, 1, "select (%lld between 1 and 6)::int",
		(long long)touched(people, "feed"));
}

static void events_of_shows_what_the_policies_show(void **state)
{
	struct people *people = *state;

	pg_expect_int(people->as[OPERATOR], 50,
		"select count(*) from orderly.events_of(array(select id from orderly.message limit 50))");
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.events_of(array(select g::bigint from generate_series(1, 12000) g))");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_hot_question_scans_what_grows),
		cmocka_unit_test(the_overview_scans_nothing_that_grows),
		cmocka_unit_test(the_statements_of_views_scan_nothing_that_grows),
		cmocka_unit_test(a_birth_day_opens_one_partition_of_120),
		cmocka_unit_test(functions_open_only_the_partitions_in_question),
		cmocka_unit_test(events_of_shows_what_the_policies_show),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, people_teardown);
}
