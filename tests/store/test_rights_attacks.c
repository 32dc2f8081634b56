/* What people might try at psql, and must not get: other roles, other persons, other rows, other
 * names behind ours, and knowledge from messages and plans. Each login tries for itself. */
#include "people.h"
#include "unit.h"
#include <stdio.h>

#define N(table) (sizeof(table) / sizeof(*(table)))

/* Two payloads: H01's order, which NARROW sees, and a result of the laboratory, which it does not. */
static int setup(void **state)
{
	struct people *people = NEW(struct people);

	people_open(people, "attacks");
	people_change(
		people, "mask_rule", "name", "{\"kind\": \"json\", \"matcher\": \"**.name\"}");
	pg_do(people->as[INGEST],
		"select orderly.ingest('[{\"interface\": \"lab-in\", \"message_id\": \"lab-1\", \"kind\": "
		"\"failed\", \"text\": \"secret text\", \"at\": \"2026-01-01T00:00:00Z\", \"payload\": {\"body\": "
		"\"{\\\"name\\\": \\\"Ann\\\", \\\"result\\\": \\\"positive\\\"}\"}}, "
		"{\"interface\": \"po-out\", \"message_id\": \"po-1\", \"kind\": \"received\", "
		"\"facility\": \"H01\", \"at\": \"2026-01-01T00:00:00Z\", \"payload\": {\"body\": "
		"\"{\\\"order\\\": 1}\"}}]'::jsonb)");
	pg_do(people->super, "select orderly.duty_mask(100), orderly.duty_mask(100)");
	pg_do(people->super, "analyze");
	*state = people;
	return 0;
}

static int teardown(void **state)
{
	return people_teardown(state);
}

static void nobody_becomes_another_role(void **state)
{
	static const struct {
		const char *sql, *sqlstate;
	} rows[] = {
		{"set role orderly_t_owner", "42501"},
		{"set role orderly_t_approver", "42501"},
		{"set role postgres", "42501"},
		{"set session authorization postgres", "42501"},
		{"grant orderly_t_approver to current_user", "42501"},
		{"create role mine", "42501"},
		{"alter role current_user superuser", "42501"},
		{"alter table orderly.payload owner to current_user", "42501"},
		{"create policy p on orderly.transaction using (true)", "42501"},
		{"alter table orderly.transaction disable row level security", "42501"},
		{"create trigger t before insert on orderly.audit for each row execute function "
		 "suppress_redundant_updates_trigger()",
			"42501"},
		{"create rule r as on insert to orderly.audit do instead nothing", "42501"},
		{"create function orderly.my_roles() returns text[] language sql return '{approver}'::text[]",
			"42501"},
		{"create or replace function orderly.gate(text[]) returns record language sql as 'select 1, null'",
			"42501"},
		{"set session_replication_role = replica", "42501"},
		{"alter function orderly.gate(text[]) set search_path = pg_temp", "42501"},
		{"create schema mine", "42501"},
		{"copy orderly.payload to stdout", "42501"},
		{"select pg_read_file('postgresql.conf')", "42501"},
		{"comment on table orderly.audit is 'mine'", "42501"},
	};
	struct people *people = *state;

	for (size_t i = 0; i < N(rows); i++)
		pg_expect_error(people->as[OPERATOR], rows[i].sqlstate, "%s", rows[i].sql);
}

/* A member may take its group's role; it stays who it is. */
static void set_role_changes_nothing_about_who_acts(void **state)
{
	struct people *people = *state;
	PGconn *conn = people->as[OPERATOR];
	char *id = pg_text(people->as[ADMIN],
		"select id from orderly.change_propose('[{\"kind\": \"partner\", \"code\": \"r\", \"doc\": "
		"{\"title\": \"R\"}}]', 'for the test')");

	pg_do(conn, "set role orderly_" PG_STORE "_operator");
	pg_expect_code(conn, "role", "orderly.change_decide(%s, true, 'ok')", id);
	pg_expect_text(conn, "{operator}", "select orderly.my_roles()");
	pg_do(conn, "reset role");
	pg_do(people->as[ADMIN_TWIN], "set role orderly_" PG_STORE "_approver");
	pg_expect_code(
		people->as[ADMIN_TWIN], "four_eyes", "orderly.change_decide(%s, true, 'ok')", id);
	pg_do(people->as[ADMIN_TWIN], "reset role");
	pg_expect_code(
		people->as[ADMIN], "done", "orderly.change_withdraw(%s, 'done with it')", id);
	free(id);
}

static void a_superuser_is_no_member(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->super, "{}", "select orderly.my_roles()");
	pg_expect_code(people->super, "no_login", "orderly.change_propose('[]', 'for the test')");
	pg_do(people->super,
		"select orderly.person_add('root', 'Root'), orderly.login_add('postgres', 'root')");
	pg_expect_code(people->super, "role", "orderly.change_propose('[]', 'for the test')");
	pg_expect_code(people->super, "role", "orderly.reveal_ask(1, 'for the test')");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.check_rights() "
		"where ok and name like 'no person of the store works with the rights%%'");
	pg_do(people->super,
		"select orderly.setup_put('login', 'postgres', null), "
		"orderly.setup_put('person', 'root', '{\"name\": \"Root\", \"active\": false}')");
}

/* Membership through another role counts; one with nothing but its administration would not. */
static void membership_is_walked(void **state)
{
	struct people *people = *state;
	char *login = pg_login(people->db, "indirect", NULL);

	pg_do(people->super,
		"create role team_%s; grant orderly_" PG_STORE "_support to team_%s; "
		"grant team_%s to %s",
		people->db, people->db, people->db, login);
	pg_expect_text(people->super, "{support}", "select orderly.roles_of('%s')", login);
	pg_do(people->super, "revoke team_%s from %s", people->db, login);
	pg_expect_text(people->super, "{}", "select orderly.roles_of('%s')", login);
	pg_do(people->super, "drop role team_%s", people->db);
	free(login);
}

/* Names put before ours: temp tables, functions and operators, found first by any search path that
 * the caller chooses. */
static void names_that_shadow_ours_are_not_found(void **state)
{
	struct people *people = *state;
	PGconn *conn = pg_as(people->db, people->login[OPERATOR]);
	char *count = pg_text(people->super,
		"select format($$select count(*) from orderly.audit where "
		"login = %%L and outcome = 'refused'$$, '%s')",
		people->login[OPERATOR]);
	int64_t refused = pg_int(people->super, "%s", count);

	pg_do(conn, "create temp table login as select * from orderly.login; "
		    "create temp table interface (id int, code text, data_class text); "
		    "insert into interface values (1, 'all', 'phi'); "
		    "create temp table pg_auth_members (roleid oid, member oid); "
		    "create temp table pg_roles (oid oid, rolname text); "
		    "create temp table payload_grant as select * from orderly.payload_grant; "
		    "create temp table audit (id int); create temp table store (name text)");
	pg_do(conn,
		"create function pg_temp.my_roles() returns text[] language sql return "
		"array['approver', 'admin']; "
		"create function pg_temp.my_interfaces() returns int[] language sql return array[1, 2]; "
		"create function pg_temp.has_reason(text) returns bool language sql return true; "
		"create function pg_temp.clock_timestamp() returns timestamptz language sql return "
		"timestamptz '2000-01-01'; "
		"create function pg_temp.eq(text, text) returns bool language sql return true; "
		"create operator pg_temp.= (leftarg = text, rightarg = text, function = pg_temp.eq)");
	for (int i = 0; i < 3; i++) {
		static const char *const paths[] = {
			"pg_temp, orderly, pg_catalog", "pg_temp", "\"$user\", public"};

		pg_do(conn, "set search_path = %s", paths[i]);
		pg_expect_text(conn, "{operator}", "select orderly.my_roles()");
		pg_expect_code(conn, "role", "orderly.change_propose('[]', 'for the test')");
		pg_expect_code(conn, "reason", "orderly.reveal_ask(1, ' ')");
		pg_expect_text(conn, "2", "select pg_catalog.cardinality(orderly.my_interfaces())");
	}
	/* and each refusal was audited in our table, not in theirs */
	pg_expect_int(people->super, refused + 6, "%s", count);
	free(count);
	PQfinish(conn);
}

static void acts_need_the_present_not_a_snapshot(void **state)
{
	static const char *const levels[] = {"repeatable read", "serializable"};
	struct people *people = *state;
	PGconn *conn = people->as[OPERATOR];

	for (int i = 0; i < 2; i++) {
		pg_do(conn, "begin isolation level %s", levels[i]);
		pg_expect_code(conn, "isolation", "orderly.reveal_ask(1, 'for the test')");
		pg_do(conn, "commit");
	}
	/* a role that was taken away while a transaction was open is gone */
	pg_do(conn, "begin");
	pg_expect_text(conn, "{operator}", "select orderly.my_roles()");
	pg_do(people->super, "revoke orderly_" PG_STORE "_operator from %s",
		people->login[OPERATOR]);
	pg_expect_text(conn, "{}", "select orderly.my_roles()");
	pg_do(conn, "rollback");
	pg_expect_error(conn, "42501", "select orderly.my_roles()");
	pg_do(people->super, "grant orderly_" PG_STORE "_operator to %s", people->login[OPERATOR]);
}

/* Each script ends in payload_read() and must not see a raw byte. */
static void a_grant_is_no_use_before_its_trace_is_committed(void **state)
{
	static const char *const before[] = {
		"begin; select id from orderly.reveal_ask(%s, 'for the test')",
		"begin; savepoint a; select id from orderly.reveal_ask(%s, 'for the test'); release a",
		"begin; select 1; savepoint a; savepoint b; select id from orderly.reveal_ask(%s, "
		"'for the test'); release b; release a; savepoint c",
	};
	struct people *people = *state;
	PGconn *conn = people->as[OPERATOR];
	char *transaction =
		pg_text(people->super, "select id from orderly.message where message_id = 'lab-1'");

	for (size_t i = 0; i < N(before); i++) {
		char *sql = pg_text(people->super, "select replace($$%s$$, '%%s', '%s')", before[i],
			transaction);

		pg_do(conn, "%s", sql);
		pg_expect_text(conn, "grant_same",
			"select code from orderly.payload_read((select max(id) from orderly.payload_grant))");
		pg_do(conn, "rollback");
		free(sql);
	}
	/* one statement that asks and reads is one transaction */
	pg_expect_text(conn, "grant_same",
		"select r.code from orderly.reveal_ask(%s, 'for the test') a, "
		"lateral orderly.payload_read(a.id) r",
		transaction);
	free(transaction);
}

static void the_trace_of_a_reading_cannot_be_rolled_back(void **state)
{
	struct people *people = *state;
	PGconn *conn = people->as[OPERATOR];
	char *id = pg_text(conn,
		"select id from orderly.reveal_ask((select id from orderly.message where "
		"message_id = 'lab-1'), 'seen it')");

	pg_do(conn, "begin");
	pg_expect_int(conn, 1,
		"select count(*) from orderly.payload_read(%s) where body is not null", id);
	pg_do(conn, "rollback");
	pg_expect_int(people->super, 1,
		"select count(*) from orderly.audit where act = 'reveal_ask' "
		"and outcome = 'done' and reason = 'seen it' and detail ->> 'grant' = '%s'",
		id);
	/* neither a colleague nor another login of the same person reads with it */
	pg_expect_text(
		people->as[NARROW], "grant", "select code from orderly.payload_read(%s)", id);
	pg_do(people->super,
		"select orderly.setup_put('login', '%s', '{\"person\": \"operator\"}'), "
		"orderly.scope_set('%s', '{*}', '{*}', '{phi,internal}')",
		people->login[UNKNOWN], people->login[UNKNOWN]);
	pg_expect_text(
		people->as[UNKNOWN], "grant", "select code from orderly.payload_read(%s)", id);
	pg_do(people->super,
		"select orderly.setup_put('scope', '%s', null), "
		"orderly.setup_put('login', '%s', null)",
		people->login[UNKNOWN], people->login[UNKNOWN]);
	/* and it ends with the role, the scope and the login */
	pg_do(people->super, "select orderly.scope_set('%s', '{po-*}', '{*}', '{phi,internal}')",
		people->login[OPERATOR]);
	pg_expect_text(conn, "scope", "select code from orderly.payload_read(%s)", id);
	pg_do(people->super,
		"select orderly.scope_set('%s', '{*}', '{*}', '{public,internal,confidential,phi}')",
		people->login[OPERATOR]);
	pg_expect_text(conn, "done", "select code from orderly.payload_read(%s)", id);
	free(id);
}

static void scope_holds_in_every_table(void **state)
{
	static const struct {
		const char *sql;
		int operator_sees, narrow_sees, left_sees;
	} rows[] = {
		{"select count(*) from orderly.interface", 2, 1, 0},
		{"select count(*) from orderly.slo", 1, 1, 0},
		{"select count(*) from orderly.message", 2, 1, 0},
		{"select count(*) from orderly.transaction", 2, 1, 0},
		{"select count(*) from orderly.event", 2, 1, 0},
		{"select count(*) from orderly.rendition", 2, 1, 0},
		{"select count(*) from orderly.catalogue_version where kind = 'interface'", 2, 1,
			0},
		{"select count(*) from orderly.catalogue_version where kind = 'scope'", 0, 0, 0},
		{"select count(*) from orderly.login", 1, 1, 1},
		{"select count(*) from orderly.scope", 1, 1, 1},
		{"select count(*) from orderly.audit where person is distinct from orderly.my_person()",
			0, 0, 0},
	};
	struct people *people = *state;

	for (size_t i = 0; i < N(rows); i++) {
		pg_expect_int(people->as[OPERATOR], rows[i].operator_sees, "%s", rows[i].sql);
		pg_expect_int(people->as[NARROW], rows[i].narrow_sees, "%s", rows[i].sql);
		pg_expect_int(people->as[LEFT], rows[i].left_sees, "%s", rows[i].sql);
	}
	pg_do(people->as[NARROW], "set row_security = off");
	pg_expect_error(people->as[NARROW], "42501", "select count(*) from orderly.message");
	pg_do(people->as[NARROW], "reset row_security");
}

/* A function of the caller's in the condition must be handed nothing but rows in scope, however
 * cheap it claims to be; nor may an error or a plan tell of the others. */
static void nothing_leaks_from_what_is_out_of_scope(void **state)
{
	struct people *people = *state;
	PGconn *conn = pg_as(people->db, people->login[NARROW]);
	char *plain, *hit;

	pg_do(conn,
		"create temp table seen (t text); "
		"create function pg_temp.leak(t text) returns bool language plpgsql cost 0.0000001 as "
		"$$ begin insert into pg_temp.seen values (t); return true; end $$");
	pg_do(conn, "select from orderly.rendition where pg_temp.leak(body)");
	pg_do(conn, "select from orderly.event where pg_temp.leak(text)");
	pg_do(conn, "select from orderly.message where pg_temp.leak(message_id)");
	pg_do(conn,
		"select from orderly.catalogue_version where pg_temp.leak(doc::text) and kind = 'interface'");
	pg_expect_int(conn, 0, "select count(*) from seen where t ~ 'lab|secret|positive|phi'");
	pg_expect_error(conn, "42501",
		"create function pg_temp.sure(text) returns bool language sql leakproof "
		"return true");
	/* division by zero on every row that is looked at: only hidden rows would have it */
	pg_expect_int(conn, 0,
		"select count(*) from orderly.rendition where "
		"1 / (length(body) - (select length('{\"name\": \"•••\", \"result\": \"positive\"}'))) > 5");
	pg_expect_int(conn, 0,
		"select count(*) from orderly.event where text is not null and "
		"(text || '!')::int > 0");
	/* the plan of a guess that hits reads like one that misses */
	pg_do(conn,
		"create function pg_temp.plan(q text) returns text language plpgsql as "
		"$$ declare l text; a text := ''; begin for l in execute "
		"'explain (analyze, costs off, timing off, summary off, buffers off) ' || q loop "
		"a := a || l; end loop; return a; end $$");
	plain = pg_text(conn,
		"select replace(pg_temp.plan($$select from orderly.event where text like "
		"'%%Xecret%%'$$), 'Xecret', '')");
	hit = pg_text(conn,
		"select replace(pg_temp.plan($$select from orderly.event where text like "
		"'%%secret%%'$$), 'secret', '')");
	assert_string_equal(plain, hit);
	free(plain);
	free(hit);
	/* statistics keep samples of values */
	pg_expect_int(conn, 0,
		"select count(*) from pg_stats where schemaname = 'orderly' and tablename ~ "
		"'^(event|message|rendition|transaction|payload|audit)(_[0-9]+)?$'");
	PQfinish(conn);
}

/* Acts answer for what is out of scope as for what is not there. */
static void an_act_does_not_tell_what_exists(void **state)
{
	struct people *people = *state;
	char *id =
		pg_text(people->super, "select id from orderly.message where message_id = 'lab-1'");
	char *there, *missing;

	there = pg_text(people->as[NARROW],
		"select to_jsonb(r) from orderly.reveal_ask(%s, 'for the test') r", id);
	missing = pg_text(people->as[NARROW],
		"select to_jsonb(r) from orderly.reveal_ask(99999, 'for the test') r");
	assert_string_equal(there, missing);
	free(there);
	free(missing);
	free(id);
}

/* Advisory locks can be had by anyone; the worker must not wait for one. */
static void no_lock_of_a_person_stops_the_worker(void **state)
{
	struct people *people = *state;
	PGconn *conn = people->as[NO_ROLE];

	pg_do(conn, "begin");
	pg_do(conn,
		"select pg_advisory_xact_lock(k, hashtext(d)) from generate_series(760100, 760130) k, "
		"unnest(array['seal', 'mask', 'overdue']) d");
	pg_do(conn, "select pg_advisory_xact_lock(760117, n) from generate_series(0, 15) n");
	pg_expect_int(
		people->as[WORKER], 1, "select (orderly.worker_step('seal') is not null)::int");
	pg_expect_int(people->as[INGEST], 1,
		"select taken from orderly.ingest('{\"interface\": \"po-out\", \"message_id\": \"locked\", "
		"\"kind\": \"received\", \"at\": \"2026-01-01T00:00:00Z\"}'::jsonb)");
	pg_do(conn, "rollback");
}

/* What a person writes into an act is kept short, and stays one line of the server's log. */
static void a_refusal_does_not_keep_whatever_it_is_given(void **state)
{
	struct people *people = *state;

	pg_expect_code(people->as[SECURITY], "reason",
		"orderly.login_block(repeat('x', 100000), repeat('y', 100000))");
	pg_expect_text(people->super, "300 2000",
		"select length(object_id) || ' ' || length(reason) from orderly.audit order by id desc limit 1");
}

static void a_session_that_cannot_write_cannot_act(void **state)
{
	struct people *people = *state;

	pg_do(people->as[OPERATOR], "begin read only");
	pg_expect_error(
		people->as[OPERATOR], "25006", "select orderly.reveal_ask(1, 'for the test')");
	pg_do(people->as[OPERATOR], "rollback");
}

static void a_shared_login_may_look_and_not_act(void **state)
{
	struct people *people = *state;

	pg_expect_int(people->as[SHARED], 2, "select count(*) from orderly.message");
	pg_expect_code(people->as[SHARED], "shared_login", "orderly.reveal_ask(1, 'for the test')");
	pg_expect_error(people->as[ADMIN], "42501", "select orderly.setup_put('login', '%s', '{}')",
		people->login[SHARED]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_becomes_another_role),
		cmocka_unit_test(set_role_changes_nothing_about_who_acts),
		cmocka_unit_test(a_superuser_is_no_member),
		cmocka_unit_test(membership_is_walked),
		cmocka_unit_test(names_that_shadow_ours_are_not_found),
		cmocka_unit_test(acts_need_the_present_not_a_snapshot),
		cmocka_unit_test(a_grant_is_no_use_before_its_trace_is_committed),
		cmocka_unit_test(the_trace_of_a_reading_cannot_be_rolled_back),
		cmocka_unit_test(scope_holds_in_every_table),
		cmocka_unit_test(nothing_leaks_from_what_is_out_of_scope),
		cmocka_unit_test(an_act_does_not_tell_what_exists),
		cmocka_unit_test(a_refusal_does_not_keep_whatever_it_is_given),
		cmocka_unit_test(a_session_that_cannot_write_cannot_act),
		cmocka_unit_test(a_shared_login_may_look_and_not_act),
		cmocka_unit_test(no_lock_of_a_person_stops_the_worker),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/rights_attacks", tests, setup, teardown);
}
