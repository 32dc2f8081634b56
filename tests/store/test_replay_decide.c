/* Decisions about replays: how many count, nobody about their own in any way, emergencies, expiry. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static void expect_state(struct people *people, int64_t id, const char *state)
{
	pg_expect_text(people->super, state,
		"select state from orderly.replay_request where id = %lld", (long long)id);
}

static void twenty_who_approve_at_once_are_counted_right(void **state)
{
	struct people *people = *state;
	PGconn *conns[20];
	int64_t id;
	int done = 0, late = 0;

	traffic_die(people, "invoices", "twenty", 3, "target", "twenty");
	id = traffic_ask(people, "twenty%", NULL);
	for (int i = 0; i < 20; i++) {
		char name[32], *login;

		snprintf(name, sizeof(name), "boss%d", i);
		login = pg_login(people->db, name, "approver");
		pg_do(people->super,
			"select orderly.person_add('%s', '%s'), orderly.login_add('%s', '%s'),"
			" orderly.scope_set('%s', '{*}', '{*}', '{internal}')",
			name, name, login, name, login);
		conns[i] = pg_as(people->db, login);
		free(login);
	}
	for (int i = 0; i < 20; i++)
		pg_send(conns[i], "select * from orderly.replay_decide(%lld, 1, true, 3, null)",
			(long long)id);
	for (int i = 0; i < 20; i++) {
		char *code = pg_wait_code(conns[i]);

		done += strcmp(code, "done") == 0;
		late += strcmp(code, "state") == 0;
		free(code);
		PQfinish(conns[i]);
	}
	assert_int_equal(done, 2);
	assert_int_equal(late, 18);
	expect_state(people, id, "approved");
	pg_expect_int(people->super, 2,
		"select count(*) from orderly.replay_decision where request = %lld", (long long)id);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'not needed')",
		(long long)id);
}

/* Doubts, what is held, and the review of an emergency: `conn` is who asked, with another login. */
static void nor_about_what_came_of_it(struct people *people, PGconn *conn)
{
	int64_t id, item;

	traffic_die(people, "orders", "mine", 1, "target", "mine");
	id = traffic_approved(people, "mine1", NULL);
	assert_int_equal(traffic_send(people, 9, "in_doubt"), 1);
	item = pg_int(people->super, "select id from orderly.replay_item where request = %lld",
		(long long)id);
	pg_expect_code(conn, "own_replay", "orderly.replay_resolve(%lld, 'again', 'it is lost')",
		(long long)item);
	pg_do(people->super, "update orderly.replay_item set state = 'held' where id = %lld",
		(long long)item);
	pg_expect_code(
		conn, "own_replay", "orderly.replay_let(%lld, true, 'harmless')", (long long)item);
	pg_expect_code(
		conn, "own_replay", "orderly.replay_let(%lld, false, 'too late')", (long long)item);
	pg_do(people->super, "update orderly.replay_item set state = 'in_doubt' where id = %lld",
		(long long)item);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_resolve(%lld, 'delivered', 'seen there')", (long long)item);
	traffic_die(people, "stock", "mineE", 1, "target", "mine");
	id = traffic_ask(people, "mineE1", "{\"emergency\": true}");
	pg_expect_code(
		conn, "own_replay", "orderly.replay_review(%lld, true, 'fine')", (long long)id);
}

static void nobody_decides_about_their_own(void **state)
{
	struct people *people = *state;
	char *twin = pg_login(people->db, "twin", "approver");
	PGconn *conn;
	int64_t id;

	traffic_die(people, "orders", "own", 1, "target", "own");
	id = traffic_ask(people, "own%", NULL);
	/* another login of the same person, with the role of an approver */
	pg_do(people->super,
		"select orderly.login_add('%s', 'operator'), orderly.scope_set('%s', '{*}', '{*}',"
		" '{internal}')",
		twin, twin);
	conn = pg_as(people->db, twin);
	pg_expect_code(
		conn, "own_replay", "orderly.replay_decide(%lld, 1, true, 1, null)", (long long)id);
	pg_expect_code(conn, "own_replay", "orderly.replay_decide(%lld, 1, false, 1, 'no')",
		(long long)id);
	/* the same login, with the role added, and with SET ROLE */
	pg_expect_error(people->as[OPERATOR], "42501", "set role orderly_" PG_STORE "_approver");
	pg_do(people->super, "grant orderly_" PG_STORE "_approver to %s", people->login[OPERATOR]);
	pg_do(people->as[OPERATOR], "set role orderly_" PG_STORE "_approver");
	pg_expect_code(people->as[OPERATOR], "own_replay",
		"orderly.replay_decide(%lld, 1, true, 1, null)", (long long)id);
	pg_do(people->as[OPERATOR], "reset role");
	pg_do(people->super, "revoke orderly_" PG_STORE "_approver from %s",
		people->login[OPERATOR]);
	/* writing into the table, or around the function, even as its owner */
	pg_expect_error(people->as[OPERATOR], "42501",
		"insert into orderly.replay_decision default values");
	pg_expect_error(people->super, "23514",
		"insert into orderly.replay_decision (request, revision, asker, approver, approver_login, verdict)"
		" select id, revision, asker, asker, 'x', 'approved' from orderly.replay_request where id = %lld",
		(long long)id);
	pg_expect_error(people->super, "23503",
		"insert into orderly.replay_decision (request, revision, asker, approver, approver_login, verdict)"
		" select id, revision, asker + 1, asker, 'x', 'approved' from orderly.replay_request where id = %lld",
		(long long)id);
	pg_expect_error(people->super, "23514",
		"update orderly.replay_request set reviewer = asker where id = %lld",
		(long long)id);
	expect_state(people, id, "asked");
	nor_about_what_came_of_it(people, conn);
	PQfinish(conn);
	free(twin);
}

static void deciding_is_refused_with_its_word(void **state)
{
	static const struct {
		enum who who;
		const char *code, *args;
	} rows[] = {
		{OPERATOR, "role", "1, true, 2, null"},
		{SUPPORT, "role", "1, true, 2, null"},
		{WORKER, NULL, "1, true, 2, null"},
		{SHARED, "shared_login", "1, true, 2, null"},
		{BLOCKED, "login_blocked", "1, true, 2, null"},
		{LEFT, "person_inactive", "1, true, 2, null"},
		{UNKNOWN, "no_login", "1, true, 2, null"},
		{APPROVER, "count", "1, true, 1, null"},
		{APPROVER, "count", "1, true, null, null"},
		{APPROVER, "revision", "2, true, 2, null"},
		{APPROVER, "reason", "1, false, 2, null"},
		{APPROVER, "done", "1, true, 2, null"},
		{APPROVER, "decided", "1, true, 2, null"},
		{APPROVER, "decided", "1, false, 2, 'changed my mind'"},
		{APPROVER2, "done", "1, false, 2, 'not today'"},
		{APPROVER2, "state", "1, true, 2, null"},
	};
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "invoices", "decide", 2, "target", "decide");
	id = traffic_ask(people, "decide%", NULL);
	pg_expect_code(
		people->as[APPROVER], "not_found", "orderly.replay_decide(-1, 1, true, 2, null)");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].code)
			pg_expect_code(people->as[rows[i].who], rows[i].code,
				"orderly.replay_decide(%lld, %s)", (long long)id, rows[i].args);
		else
			pg_expect_error(people->as[rows[i].who], "42501",
				"select orderly.replay_decide(%lld, %s)", (long long)id,
				rows[i].args);
	}
	expect_state(people, id, "rejected");
	pg_expect_int(people->super, 2,
		"select count(*) from orderly.replay_item where request = %lld"
		" and state = 'cancelled'",
		(long long)id);
	traffic_expect_verdicts(people, OPERATOR, "decide%", "eligible eligible");
	/* and what is out of an approver's scope is not there for them */
	traffic_die(people, "orders", "scoped", 1, "target", "scoped");
	id = traffic_ask(people, "scoped%", NULL);
	pg_do(people->super, "select orderly.scope_set('%s', '{*}', '{H02}', '{internal}')",
		people->login[APPROVER2]);
	pg_expect_code(people->as[APPROVER2], "not_found",
		"orderly.replay_decide(%lld, 1, true, 1, null)", (long long)id);
	pg_do(people->super, "select orderly.scope_set('%s', '{*}', '{*}', '{internal,phi}')",
		people->login[APPROVER2]);
}

static void an_emergency_runs_at_once_and_is_reviewed_by_another(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "stock", "urgent", 1, "target", "urgent");
	id = traffic_ask(people, "urgent1", "{\"emergency\": true}");
	expect_state(people, id, "approved");
	pg_expect_text(people->super, "t",
		"select review_due between now() + interval '23 hours' and"
		" now() + interval '24 hours' from orderly.replay_request where id = %lld",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "role", "orderly.replay_review(%lld, true, 'fine')",
		(long long)id);
	pg_expect_code(people->as[APPROVER], "reason", "orderly.replay_review(%lld, true, '')",
		(long long)id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_review(%lld, false, 'could have waited')", (long long)id);
	pg_expect_code(people->as[APPROVER2], "state", "orderly.replay_review(%lld, true, 'fine')",
		(long long)id);
}

static void a_request_expires(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "expire", 2, "target", "expire");
	id = traffic_ask(people, "expire%", "{\"hours\": 1}");
	traffic_duty(people, "replay_expiry");
	expect_state(people, id, "asked");
	pg_do(people->super, "update orderly.replay_request set expires_at = now() where id = %lld",
		(long long)id);
	pg_expect_code(people->as[APPROVER], "state",
		"orderly.replay_decide(%lld, 1, true, 2, null)", (long long)id);
	traffic_duty(people, "replay_expiry");
	expect_state(people, id, "expired");
	traffic_expect_verdicts(people, OPERATOR, "expire%", "eligible eligible");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_who_approve_at_once_are_counted_right),
		cmocka_unit_test(nobody_decides_about_their_own),
		cmocka_unit_test(deciding_is_refused_with_its_word),
		cmocka_unit_test(an_emergency_runs_at_once_and_is_reviewed_by_another),
		cmocka_unit_test(a_request_expires),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_decide", tests, traffic_setup, people_teardown);
}
