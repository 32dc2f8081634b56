/* What the console is told of replays before a person asks or decides, and asking with another payload:
 * rights, scope and locked fields hold there as everywhere. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"

static int64_t letter_of(struct people *people, const char *message)
{
	return pg_int(people->super,
		"select l.id from orderly.dead_letter l join orderly.message m on m.id = l.id"
		" where m.message_id = '%s'",
		message);
}

static void what_will_be_wanted_and_who_can_give_it(void **state)
{
	struct people *people = *state;

	traffic_die(people, "orders", "fc-o", 3, "mapping", "forecast");
	traffic_die(people, "invoices", "fc-i", 1, "mapping", "forecast");
	traffic_die(people, "stock", "fc-s", 1, "mapping", "forecast");
	static const struct {
		const char *like, *want;
	} rows[] = {{"fc-o%", "3 one 1 f"}, {"fc-i%", "1 two 2 f"}, {"fc-s%", "1 free 0 t"},
		{"fc-%", "5 two 2 f"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(mem_freep)
		char *letters = traffic_letters(people, rows[i].like);

		pg_expect_text(people->as[OPERATOR], rows[i].want,
			"select concat_ws(' ', items, policy, needed, emergency) from orderly.replay_forecast('%s')",
			letters);
	}
	/* Those who could give it: approvers, other persons, active, known, and with all of it in scope. */
	CLEANUP(mem_freep)
	char *letters = traffic_letters(people, "fc-o%");

	pg_expect_text(people->as[OPERATOR], "admin, approver, approver2",
		"select approvers from orderly.replay_forecast('%s')", letters);
	pg_expect_int(people->as[SECURITY], 0, "select count(*) from orderly.replay_forecast('%s')",
		letters);
	pg_expect_text(people->as[NARROW], "0", "select items from orderly.replay_forecast('%s')",
		letters);
}

static void an_edit_is_asked_for_under_a_grant_and_never_free(void **state)
{
	struct people *people = *state;
	long long letter;

	traffic_die(people, "stock", "ae-", 2, "target", "asked edited");
	letter = (long long)letter_of(people, "ae-1");
	pg_expect_text(people->as[OPERATOR], "application/json",
		"select content_type from orderly.replay_payload_key(%lld)", letter);
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.replay_payload_key(%lld)", letter);
	pg_expect_code(people->as[OPERATOR], "grant",
		"orderly.replay_ask_edited(%lld, 'application/json', '{\"order\": 7}', 'wrong number')",
		letter);
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.reveal_ask(%lld, 'to edit it')", letter);
	pg_expect_code(people->as[OPERATOR], "reason",
		"orderly.replay_ask_edited(%lld, 'application/json', '{\"order\": 7}', ' ')",
		letter);
	pg_expect_code(people->as[OPERATOR], "text",
		"orderly.replay_ask_edited(%lld, 'application/json', null, 'wrong number')",
		letter);
	pg_expect_code(people->as[OPERATOR], "grant",
		"orderly.replay_ask_edited(%lld, 'application/json', '{\"order\": 7}', 'another one')",
		(long long)letter_of(people, "ae-2"));
	pg_expect_code(people->as[NARROW], "not_found",
		"orderly.replay_ask_edited(%lld, 'application/json', '{\"order\": 7}', 'not mine')",
		letter);
	pg_expect_code(people->as[APPROVER], "role",
		"orderly.replay_ask_edited(%lld, 'application/json', '{\"order\": 7}', 'not my part')",
		letter);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_ask_edited(%lld, 'application/json', '{\"order\": 7}', 'wrong number')",
		letter);
	/* Free by its policy, and yet it waits; no worker saw what was there before. */
	pg_expect_text(people->super, "asked one 1 2 t f",
		"select concat_ws(' ', q.state, q.policy, q.needed, q.revision, q.edited, bool_or(i.go))"
		" from orderly.replay_request q join orderly.replay_item i on i.request = q.id"
		" where i.dead_letter = %lld group by q.id",
		letter);
	pg_expect_int(
		people->as[WORKER], 0, "select count(*) from orderly.claim_replays('test', 10)");
	pg_expect_code(people->as[OPERATOR], "pending",
		"orderly.replay_ask_edited(%lld, 'application/json', '{\"order\": 8}', 'again')",
		letter);
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
}

/* Between asking and deciding the world goes on. */
static void a_request_is_judged_as_it_is_now(void **state)
{
	struct people *people = *state;
	long long id;

	traffic_die(people, "orders", "jn-", 3, "target", "judged now");
	id = (long long)traffic_ask(people, "jn-%", NULL);
	pg_expect_text(people->as[APPROVER], "eligible eligible eligible",
		"select string_agg(verdict, ' ' order by item) from orderly.replay_request_verdicts(%lld)",
		id);
	traffic_ingest(people,
		"select jsonb_build_array(public.ev('orders', 'jn-1', 'delivered', now(),"
		" '{\"attempt\": 9}'::jsonb))");
	traffic_duty(people, "dead_letters");
	pg_expect_text(people->as[APPROVER], "delivered eligible eligible",
		"select string_agg(verdict, ' ' order by item) from orderly.replay_request_verdicts(%lld)",
		id);
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.replay_request_verdicts(%lld)", id);
	pg_expect_int(people->as[SUPPORT], 0,
		"select count(*) from orderly.replay_request_verdicts(%lld)", id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_decide(%lld, 1, false, 3, 'look again')", id);
	pg_expect_text(people->as[APPROVER], "over",
		"select distinct verdict from orderly.replay_request_verdicts(%lld)", id);
}

static void expect_fresh(struct people *people, enum who who, int64_t request, const char *want)
{
	CLEANUP(str_done)
	struct str id = STR_INIT(30);
	const char *params[] = {"f", NULL, "100"};
	const struct statement *statement = statement_find("replays");
	PGresult *rows;

	str_addf(&id, "%lld", (long long)request);
	params[1] = str_cstr(&id);
	rows = pg_query_params(people->as[who], statement->sql, 3, params);
	for (int i = 0; i < PQntuples(rows); i++)
		if (strcmp(PQgetvalue(rows, i, PQfnumber(rows, "id")), params[1]) == 0)
			assert_string_equal(PQgetvalue(rows, i, PQfnumber(rows, "fresh")), want);
	PQclear(rows);
}

/* On its interfaces; neither what died before, nor elsewhere, nor a replay that fails. */
static void what_dies_since_it_began_is_counted(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "stock", "fr-", 3, "mapping", "fresh");
	id = traffic_approved(people, "fr-%", "{\"stages\": [], \"stop_ppm\": 1000000}");
	expect_fresh(people, OPERATOR, id, "0");
	assert_int_equal(traffic_send(people, 1, "failed"), 1);
	traffic_ingest(people,
		"select jsonb_agg(public.ev(i, 'now-' || i, 'dead', now(), '{\"class\": \"mapping\"}'))"
		" from unnest(array['stock', 'orders']) i");
	traffic_duty(people, "dead_letters");
	expect_fresh(people, OPERATOR, id, "1");
	while (traffic_send(people, 10, "delivered"))
		;
	expect_fresh(people, OPERATOR, id, "0"); /* it is over */
}

static void an_export_of_the_audit_leaves_a_trace_first(void **state)
{
	struct people *people = *state;

	pg_expect_code(people->as[OPERATOR], "role", "orderly.audit_export('{}', 'curious')");
	pg_expect_code(people->as[SECURITY], "reason", "orderly.audit_export('{}', null)");
	pg_expect_code(people->as[SECURITY], "done",
		"orderly.audit_export('{\"file\": \"a.csv\"}', 'for the auditors')");
	pg_expect_text(people->super, "refused role, refused reason, done",
		"select string_agg(concat_ws(' ', outcome, code), ', ' order by id) from orderly.audit"
		" where act = 'audit_export'");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_will_be_wanted_and_who_can_give_it),
		cmocka_unit_test(an_edit_is_asked_for_under_a_grant_and_never_free),
		cmocka_unit_test(a_request_is_judged_as_it_is_now),
		cmocka_unit_test(what_dies_since_it_began_is_counted),
		cmocka_unit_test(an_export_of_the_audit_leaves_a_trace_first),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name("store/replay_console", tests,
				      traffic_setup, people_teardown);
}
