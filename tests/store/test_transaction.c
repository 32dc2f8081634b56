/* What the views of a transaction and of an interface ask: the whole way across interfaces, payloads
 * masked and revealed, the catalogue with its versions, and what a scope leaves of it. Plans are
 * test_plans's. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

/* An order on its way through two interfaces: 'orders' in H01, 'lab-in' (phi) in H02; with a step,
 * the step that takes it back, and a payload of each. */
static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	people_change(people, "mask_rule", "ssn",
		"{\"kind\": \"json\", \"matcher\": \"**.ssn\", \"classes\": [\"phi\"]}");
	traffic_ingest(people,
		"select jsonb_agg(public.ev(i, m, k, timestamptz '2026-03-14 09:00Z' + s * interval '1 s',"
		" more || jsonb_build_object('correlation_id', '7F-3A', 'stage', k, 'facility', f)))"
		" from (values"
		" ('orders', 'w1', 'received', 0, 'H01', '{\"payload\": {\"kind\": \"inbound\","
		"   \"content_type\": \"application/json\", \"body\": \"{\\\"a\\\": 1}\"}}'::jsonb),"
		" ('orders', 'w1', 'attempted', 1, 'H01', '{\"component\": \"target\"}'),"
		" ('orders', 'w1', 'delivered', 2, 'H01', '{\"duration_ms\": 70}'),"
		" ('lab-in', 'w2', 'received', 3, 'H02', '{\"parent_id\": \"w1\", \"payload\": {\"kind\":"
		"   \"inbound\", \"content_type\": \"application/json\", \"body\": \"{\\\"ssn\\\": 7}\"}}'),"
		" ('lab-in', 'w2', 'step', 4, 'H02', '{\"stage\": \"reserve\"}'),"
		" ('lab-in', 'w2', 'step', 5, 'H02', '{\"compensates\": \"reserve\"}'),"
		" ('orders', 'w3', 'received', 6, 'H02', '{}'))"
		" r (i, m, k, s, f, more)");
	pg_do(people->super, "select orderly.duty_mask(100)");
	return 0;
}

static PGresult *ask(PGconn *conn, const char *name, const char *params)
{
	const struct statement *statement = statement_find(name);
	struct slice rest = slice_of(params), word;
	const char *values[4];
	char texts[4][40];
	int n = 0;

	assert_non_null(statement);
	while (n < 4 && slice_cut(&rest, ',', &word)) {
		snprintf(texts[n], sizeof(texts[n]), "%.*s", SLICE_ARG(word));
		values[n] = texts[n];
		n++;
	}
	return pg_query_params(conn, statement->sql, n, values);
}

/* The columns of all rows, as "a b; c d". */
static void expect(PGconn *conn, const char *name, const char *params, const char *columns,
	const char *expected)
{
	CLEANUP(str_done)
	struct str got = STR_INIT(1 << 16);
	PGresult *rows = ask(conn, name, params);

	for (int i = 0; i < PQntuples(rows); i++) {
		struct slice rest = slice_of(columns), column;

		str_adds(&got, i ? "; " : "");
		for (int n = 0; slice_word(&rest, &column); n++) {
			CLEANUP(mem_freep)
			char *word = mem_dup(column.at, column.len);
			int at = PQfnumber(rows, word);

			assert_true(at >= 0);
			str_addf(&got, "%s%s", n ? " " : "",
				PQgetisnull(rows, i, at) ? "-" : PQgetvalue(rows, i, at));
		}
	}
	PQclear(rows);
	assert_string_equal(str_cstr(&got), expected);
}

static const char *id_of(struct people *people, const char *interface, const char *message)
{
	static char text[4][32];
	static size_t n;

	n = (n + 1) % 4;
	snprintf(text[n], sizeof(text[n]), "%lld",
		(long long)traffic_id(people, interface, message));
	return text[n];
}

static void way(struct people *people, enum who who, const char *id, const char *expected)
{
	char params[64];

	snprintf(params, sizeof(params), "%s,1000", id);
	expect(people->as[who], "transaction-events", params, "interface kind leg_state undoes",
		expected);
}

static void the_way_goes_across_interfaces(void **state)
{
	struct people *people = *state;
	const char *whole =
		"orders received done -; orders attempted done -; orders delivered done -; "
		"lab-in received running -; lab-in step running -; "
		"lab-in step running reserve; orders received waiting -";

	way(people, OPERATOR, id_of(people, "orders", "w1"), whole);
	way(people, SUPPORT, id_of(people, "lab-in", "w2"), whole);
	expect(people->as[OPERATOR], "transaction", id_of(people, "lab-in", "w2"),
		"interface message correlation parent facility state events hidden",
		"lab-in w2 7F-3A w1 H02 running 3 0");
	way(people, OPERATOR, "0", "");
}

static void a_long_way_ends_with_its_newest(void **state)
{
	struct people *people = *state;
	char params[64];

	snprintf(params, sizeof(params), "%s,2", id_of(people, "orders", "w1"));
	expect(people->as[OPERATOR], "transaction-events", params, "interface kind",
		"lab-in step; orders received");
}

/* Of a way that leads out of the scope only so much is told: how many there are. */
static void what_a_scope_hides_is_counted(void **state)
{
	struct people *people = *state;

	pg_do(people->super,
		"select orderly.scope_set('%s', '{orders}', '{H01}', '{public,internal}')",
		people->login[NARROW]);
	way(people, NARROW, id_of(people, "orders", "w1"),
		"orders received done -; orders attempted done -; orders delivered done -");
	expect(people->as[NARROW], "transaction", id_of(people, "orders", "w1"), "message hidden",
		"w1 2");
	expect(people->as[NARROW], "transaction", id_of(people, "lab-in", "w2"), "message hidden",
		"");
	pg_expect_text(people->as[NARROW], "", "select (orderly.legs_of(%s)).ids",
		id_of(people, "lab-in", "w2"));
	expect(people->as[NARROW], "transaction-payloads", id_of(people, "lab-in", "w2"), "body",
		"");
}

static void payloads_are_masked(void **state)
{
	struct people *people = *state;

	expect(people->as[SUPPORT], "transaction-payloads", id_of(people, "orders", "w1"),
		"event kind content_type how body",
		"received inbound application/json plain {\"a\": 1}");
	expect(people->as[SUPPORT], "transaction-payloads", id_of(people, "lab-in", "w2"),
		"event how body why", "received masked {\"ssn\": \"•••\"} -");
}

/* What it came of, what it led to, where each opens; the scope's end is the list's end. */
static void a_transaction_has_links(void **state)
{
	struct people *people = *state;
	CLEANUP(str_done)
	struct str want = STR_INIT(1024);

	str_addf(&want,
		"interface orders  public orders - interface orders; "
		"led to lab-in  w2 running transaction %s",
		id_of(people, "lab-in", "w2"));
	pg_do(people->super,
		"update orderly.interface set title = 'public orders' where code = 'orders'");
	expect(people->as[SUPPORT], "transaction-links", id_of(people, "orders", "w1"),
		"link what state view aim", str_cstr(&want));
	str_reset(&want);
	str_addf(&want, "interface lab-in; came of %s", id_of(people, "orders", "w1"));
	expect(people->as[SUPPORT], "transaction-links", id_of(people, "lab-in", "w2"), "link aim",
		str_cstr(&want));
	expect(people->as[NARROW], "transaction-links", id_of(people, "orders", "w1"), "link",
		"interface");
	expect(people->as[NARROW], "transaction-links", id_of(people, "lab-in", "w2"), "link", "");
}

/* A workflow's steps and deliveries as the page of an interface sums them up. */
static void steps_and_deliveries_are_summed_up(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('invoices', m, k, timestamptz '2026-03-14 09:00Z' + s * interval '1 s',"
		" more)) from (values"
		" ('f1', 'received', 0, '{}'::jsonb),"
		" ('f1', 'step', 1, '{\"stage\": \"reserve\", \"duration_ms\": 10}'),"
		" ('f1', 'step', 2, '{\"stage\": \"post\", \"duration_ms\": 200}'),"
		" ('f1', 'attempted', 3, '{\"attempt\": 1}'),"
		" ('f1', 'failed', 4, '{\"attempt\": 1, \"class\": \"auth\", \"code\": \"BAD_SIGNATURE\","
		"   \"http_status\": 401}'),"
		" ('f1', 'retry_scheduled', 5, '{\"attempt\": 1}'),"
		" ('f1', 'attempted', 6, '{\"attempt\": 2}'),"
		" ('f1', 'delivered', 7, '{\"attempt\": 2, \"http_status\": 200}'),"
		" ('f1', 'acknowledged', 9, '{\"attempt\": 2}'),"
		" ('f2', 'received', 0, '{}'),"
		" ('f2', 'step', 1, '{\"stage\": \"reserve\", \"duration_ms\": 30}'),"
		" ('f2', 'failed', 2, '{\"stage\": \"post\", \"class\": \"business\", \"text\": \"closed\"}'),"
		" ('f2', 'step', 3, '{\"stage\": \"release\", \"compensates\": \"reserve\"}'),"
		" ('f2', 'dead', 4, '{\"class\": \"business\", \"text\": \"closed\"}'),"
		" ('f3', 'received', 0, '{}'),"
		" ('f3', 'step', 2, '{\"stage\": \"check\"}'),"
		" ('f3', 'delivered', 3, '{\"http_status\": 200}')) r (m, k, s, more)");
	expect(people->as[SUPPORT], "interface-steps", "invoices",
		"step done failed undone usual_ms slow_ms",
		"check 1 0 0 2000 2000; reserve 2 0 1 10 30; post 1 1 0 200 200");
	pg_expect_int(people->as[NARROW], 1,
		"select (min(hidden) > 3 and count(*) = 1)::int from (%s) i",
		statement_find("interfaces")->sql);
	expect(people->as[SUPPORT], "interface-deliveries", "invoices",
		"transactions at_once after_retries under_way dead retries refused_signatures answers"
		" acknowledged ack_usual_ms ack_slow_ms",
		"3 1 1 0 1 1 1 200: 2, 401: 1 1 2000 2000");
	expect(people->as[SUPPORT], "interface-deliveries", "payroll", "transactions", "");
	expect(people->as[NARROW], "interface-steps", "invoices", "step", "");
	expect(people->as[NARROW], "interface-deliveries", "invoices", "transactions", "");
}

/* Each statement is a transaction of its own, so that the grant is on record before it counts. */
static void a_reveal_leaves_its_trace_and_ends(void **state)
{
	struct people *people = *state;
	const char *id = id_of(people, "lab-in", "w2");
	const char *params[] = {id, "broken result", "5"};
	PGresult *granted = pg_query_params(
		people->as[OPERATOR], statement_find("transaction-reveal")->sql, 3, params);
	char grant[32];

	assert_string_equal(PQgetvalue(granted, 0, PQfnumber(granted, "code")), "done");
	assert_false(PQgetisnull(granted, 0, PQfnumber(granted, "until")));
	snprintf(
		grant, sizeof(grant), "%s", PQgetvalue(granted, 0, PQfnumber(granted, "grant_id")));
	PQclear(granted);
	expect(people->as[OPERATOR], "transaction-raw", grant, "code content_type body",
		"done application/json 7b2273736e223a20377d");
	expect(people->as[OPERATOR], "transaction-reseal", grant, "code", "done");
	expect(people->as[OPERATOR], "transaction-raw", grant, "code message",
		"grant_ended the grant has ended");
	pg_expect_text(people->as[SECURITY], "reveal_ask broken result, payload_read broken result",
		"select string_agg(act || ' ' || reason, ', ' order by id) from orderly.audit where"
		" object = 'transaction' and object_id = '%s' and outcome = 'done'",
		id);
}

static void refusals_come_with_their_words(void **state)
{
	static const struct {
		enum who who;
		const char *reason, *minutes, *code;
	} rows[] = {{SUPPORT, "why", "0", "role"}, {OPERATOR, "", "0", "reason"},
		{OPERATOR, "why", "9999", "minutes"}};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *params[] = {
			id_of(people, "orders", "w1"), rows[i].reason, rows[i].minutes};
		PGresult *rows_of = pg_query_params(people->as[rows[i].who],
			statement_find("transaction-reveal")->sql, 3, params);

		assert_string_equal(PQgetvalue(rows_of, 0, 0), rows[i].code);
		assert_true(strlen(PQgetvalue(rows_of, 0, 1)) > 10);
		assert_true(PQgetisnull(rows_of, 0, 2));
		PQclear(rows_of);
	}
}

static void what_was_replayed_leads_to_its_replay(void **state)
{
	struct people *people = *state;
	CLEANUP(mem_freep)
	char *child = NULL, *parent = NULL;
	CLEANUP(str_done)
	struct str want = STR_INIT(1024);

	traffic_die(people, "stock", "r", 1, "mapping", "cost centre unknown");
	traffic_ask(people, "r1", NULL);
	assert_int_equal(traffic_send(people, 1, "delivered"), 1);
	way(people, OPERATOR, id_of(people, "stock", "r1"),
		"stock received dead -; stock dead dead -; stock attempted done -; "
		"stock delivered done -");
	expect(people->as[OPERATOR], "transaction", id_of(people, "stock", "r1"),
		"state letter class", "dead resolved mapping");
	parent = mem_dup_str(id_of(people, "stock", "r1"));
	child = pg_text(
		people->super, "select child from orderly.lineage where parent = %s", parent);
	str_addf(&want, "interface stock interface; replay of %s transaction", parent);
	expect(people->as[SUPPORT], "transaction-links", child, "link aim view", str_cstr(&want));
	expect(people->as[SUPPORT], "transaction-links", parent, "link state view",
		"interface - interface; dead letter resolved -; replayed as done transaction; "
		"replay delivered replays");
}

static void an_interface_has_its_promises_versions_and_deaths(void **state)
{
	struct people *people = *state;
	CLEANUP(mem_freep)
	char *doc = NULL;

	people_change(people, "slo", "payroll/latency",
		"{\"interface\": \"payroll\", \"measure\": \"latency\", \"objective_ppm\": 950000,"
		" \"threshold\": 2000}");
	doc = pg_text(people->super,
		"select doc || '{\"rate_per_s\": 5}' from orderly.catalogue_version"
		" where kind = 'interface' and code = 'payroll' order by version desc limit 1");
	people_change(people, "interface", "payroll", doc);
	traffic_die(people, "payroll", "d", 2, "schema", "no such field");
	pg_expect_text(people->as[SUPPORT], "latency 95 % in 2000 ms",
		"select slo from (%s) i"
		" where interface = 'payroll'",
		statement_find("interfaces")->sql);
	expect(people->as[SUPPORT], "interface", "payroll",
		"interface target_title replay_policy rate_per_s", "payroll Exchange never 5");
	expect(people->as[SUPPORT], "interface-versions", "payroll", "object version what",
		"payroll 2 rate_per_s: - > 5; payroll/latency 1 as it was first put in; "
		"payroll 1 as it was first put in");
	expect(people->as[SUPPORT], "interface-failures", "payroll", "message class letter",
		"d2 schema open; d1 schema open");
	expect(people->as[NARROW], "interface", "lab-in", "interface", "");
	expect(people->as[NARROW], "interface-versions", "lab-in", "object", "");
	expect(people->as[NARROW], "interface-failures", "payroll", "message", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_goes_across_interfaces),
		cmocka_unit_test(a_long_way_ends_with_its_newest),
		cmocka_unit_test(payloads_are_masked),
		cmocka_unit_test(a_reveal_leaves_its_trace_and_ends),
		cmocka_unit_test(refusals_come_with_their_words),
		cmocka_unit_test(what_was_replayed_leads_to_its_replay),
		cmocka_unit_test(what_a_scope_hides_is_counted),
		cmocka_unit_test(a_transaction_has_links),
		cmocka_unit_test(steps_and_deliveries_are_summed_up),
		cmocka_unit_test(an_interface_has_its_promises_versions_and_deaths),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/transaction", tests, setup, people_teardown);
}
