/* The audit's chain: in the order of commits however many act at once, whole whatever a session's
 * settings are, and broken by name at the place that someone with all rights has touched. */
#include "people.h"
#include "unit.h"
#include <stdio.h>

#define N(table) (sizeof(table) / sizeof(*(table)))

/* Until all that has been done is in the chain; other stores of the cluster may hold the horizon. */
static void seal_all(struct people *people)
{
	for (int i = 0; pg_int(people->super, "select pending from orderly.audit_status()") > 0;
		i++) {
		assert_true(i < 1000);
		pg_do(people->super, "select orderly.duty_seal(100000), pg_sleep(0.01)");
	}
}

static int setup(void **state)
{
	struct people *people = NEW(struct people);

	people_open(people, "audit");
	for (int i = 0; i < 20; i++)
		pg_expect_code(people->as[OPERATOR], "not_found",
			"orderly.reveal_ask(-%d, 'for the test')", i);
	seal_all(people);
	*state = people;
	return 0;
}

static int teardown(void **state)
{
	return people_teardown(state);
}

static void expect_whole(struct people *people)
{
	pg_expect_text(people->super, "done []",
		"select code || ' ' || (detail ->> 'problems') from orderly.audit_verify(1, 1000000)");
}

/* What is done to the tables, and the problems that verification must then name: "problem nr". */
static void tampering_is_named_by_its_place(void **state)
{
	static const struct {
		const char *name, *sql, *problems;
	} rows[] = {
		{"a flipped byte in a reason",
			"update orderly.audit set reason = 'for the tesu' where id = "
			"(select audit from orderly.audit_link where nr = 35)",
			"changed 35"},
		{"a time moved by a microsecond",
			"update orderly.audit set at = at + interval '1 us' where id = "
			"(select audit from orderly.audit_link where nr = 36)",
			"changed 36"},
		{"another person",
			"update orderly.audit set person = 1 where id = "
			"(select audit from orderly.audit_link where nr = 37)",
			"changed 37"},
		{"a reason moved to another field",
			"update orderly.audit set reason = null, code = code || reason "
			"where id = (select audit from orderly.audit_link where nr = 37)",
			"changed 37"},
		{"a null that is a value",
			"update orderly.audit set detail = 'null' where detail is null and id = "
			"(select audit from orderly.audit_link where nr = 44)",
			"changed 44"},
		{"a flipped byte in a hash",
			"update orderly.audit_link set hash = set_byte(hash, 3, "
			"get_byte(hash, 3) # 1) where nr = 38",
			"changed 38, changed 39"},
		{"a deleted act",
			"delete from orderly.audit where id = "
			"(select audit from orderly.audit_link where nr = 40)",
			"deleted 40"},
		{"a deleted act with its link",
			"with gone as (delete from orderly.audit_link where nr = 40 "
			"returning audit) delete from orderly.audit a using gone where a.id = gone.audit",
			"deleted 40"},
		{"three deleted acts with their links",
			"with gone as (delete from orderly.audit_link where "
			"nr between 40 and 42 returning audit) delete from orderly.audit a using gone where "
			"a.id = gone.audit",
			"deleted 40"},
		{"a deleted act and links renumbered",
			"with gone as (delete from orderly.audit_link where nr = 40 "
			"returning audit) delete from orderly.audit a using gone where a.id = gone.audit; "
			"update orderly.audit_link set nr = nr + 1000000 where nr > 40; "
			"update orderly.audit_link set nr = nr - 1000001 where nr > 1000000; "
			"update orderly.audit_chain set nr = nr - 1",
			"changed 40, ..."},
		{"a swapped pair",
			"with pair as (select a.*, l.nr from orderly.audit a join orderly.audit_link l on "
			"l.audit = a.id where l.nr in (35, 44)) update orderly.audit a set (xid, at, login, person, "
			"roles, application, act, object, object_id, outcome, code, reason, detail) = (select xid, at, "
			"login, person, roles, application, act, object, object_id, outcome, code, reason, detail "
			"from pair p where p.id <> a.id) where a.id in (select id from pair)",
			"swapped 35, swapped 44"},
		{"a pair swapped in the chain",
			"create temp table pair on commit drop as select * from "
			"orderly.audit_link where nr in (35, 36); delete from orderly.audit_link where nr in (35, 36); "
			"insert into orderly.audit_link select 71 - nr, audit, hash from pair",
			"changed 35, changed 36, changed 37"},
		{"an act slipped in",
			"insert into orderly.audit (login, roles, act, outcome) values ('ana', '{}', "
			"'reveal_ask', 'done')",
			"inserted"},
		{"an act gone before its seal",
			"delete from orderly.audit where id = (select min(audit) from "
			"orderly.audit_pending)",
			"deleted"},
		{"a cut tail",
			"delete from orderly.audit where id in (select audit from orderly.audit_link where "
			"nr > 40); delete from orderly.audit_link where nr > 40; update orderly.audit_chain set "
			"(nr, hash) = (select nr, hash from orderly.audit_link where nr = 40)",
			"cut 45"},
		{"a cut tail, the head forgotten",
			"delete from orderly.audit where id in (select audit from "
			"orderly.audit_link where nr > 40); delete from orderly.audit_link where nr > 40",
			"deleted 41, ..."},
		{"all rewritten and sealed anew",
			"update orderly.audit set reason = 'something else' where id = 30; "
			"delete from orderly.audit_link; delete from orderly.audit_pending; "
			"insert into orderly.audit_pending select id, xid from orderly.audit; "
			"update orderly.audit_chain set nr = 0, hash = sha256('orderly audit of " PG_STORE
			"'); "
			"select orderly.duty_seal(100000)",
			"head 45"},
	};
	struct people *people = *state;
	char *head = pg_text(people->super,
		"select nr || ':' || encode(hash, 'hex') from orderly.audit_link "
		"where nr = 45");

	pg_expect_code(
		people->as[OPERATOR], "not_found", "orderly.reveal_ask(-1, 'not sealed yet')");
	for (size_t i = 0; i < N(rows); i++) {
		char *got;

		pg_do(people->super, "begin");
		pg_do(people->super, "%s", rows[i].sql);
		got = pg_text(people->super,
			"select string_agg(concat_ws(' ', p ->> 'problem', p ->> 'nr'), ', ' order by n) from "
			"orderly.audit_verify(1, 1000000, '%s') v, jsonb_array_elements(v.detail -> 'problems') "
			"with ordinality a (p, n)",
			head);
		pg_do(people->super, "rollback");
		/* where all later links go wrong as well, the first place counts */
		if (strncmp(got, rows[i].problems, strcspn(rows[i].problems, ".")) != 0 ||
			(!strchr(rows[i].problems, '.') && strcmp(got, rows[i].problems) != 0))
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].name, got,
				rows[i].problems);
		free(got);
	}
	free(head);
	seal_all(people);
	expect_whole(people);
}

static void the_chain_follows_the_order_of_transactions(void **state)
{
	struct people *people = *state;
	PGconn *early = pg_as(people->db, people->login[OPERATOR]);

	seal_all(people);
	pg_do(early, "begin");
	pg_expect_code(early, "not_found", "orderly.reveal_ask(-100, 'early')");
	pg_expect_code(people->as[OPERATOR], "not_found", "orderly.reveal_ask(-101, 'late')");
	/* the early one could still commit before it */
	pg_expect_int(people->super, 0, "select orderly.duty_seal(1000)");
	pg_expect_int(people->super, 1, "select pending from orderly.audit_status()");
	pg_do(early, "commit");
	seal_all(people);
	pg_expect_text(people->super, "early, late",
		"select string_agg(a.reason, ', ' order by l.nr) from orderly.audit_link l join orderly.audit a "
		"on a.id = l.audit where a.reason in ('early', 'late')");
	PQfinish(early);
	expect_whole(people);
}

static void a_rolled_back_act_leaves_no_hole(void **state)
{
	struct people *people = *state;

	pg_do(people->as[OPERATOR], "begin");
	pg_expect_code(people->as[OPERATOR], "not_found", "orderly.reveal_ask(-102, 'taken back')");
	pg_do(people->as[OPERATOR], "rollback");
	pg_expect_code(people->as[OPERATOR], "not_found", "orderly.reveal_ask(-103, 'stands')");
	seal_all(people);
	expect_whole(people);
}

/* Several act, several seal: every act stands in the chain once, and in order. */
static void many_act_while_several_seal(void **state)
{
	enum { ACTORS = 6, SEALERS = 2, ACTS = 60 };
	struct people *people = *state;
	PGconn *actor[ACTORS], *sealer[SEALERS];
	int64_t before = pg_int(people->super, "select count(*) from orderly.audit");

	for (int i = 0; i < ACTORS; i++) {
		actor[i] = pg_as(people->db, people->login[i % 2 ? OPERATOR : SUPPORT]);
		pg_send(actor[i],
			"do $$ begin for i in 1..%d loop perform orderly.reveal_ask(-i, 'at once'); "
			"if i %% 7 = 0 then rollback; else commit; end if; end loop; end $$",
			ACTS);
	}
	for (int i = 0; i < SEALERS; i++) {
		sealer[i] = pg_super(people->db);
		pg_send(sealer[i],
			"do $$ begin for i in 1..40 loop perform orderly.duty_seal(7); commit; "
			"end loop; end $$");
	}
	for (int i = 0; i < ACTORS + SEALERS; i++) {
		PGconn *conn = i < ACTORS ? actor[i] : sealer[i - ACTORS];
		char *code = pg_wait_code(conn);

		assert_string_equal(code, "");
		free(code);
		PQfinish(conn);
	}
	seal_all(people);
	pg_expect_int(people->super, before + ACTORS * (ACTS - ACTS / 7),
		"select count(*) from orderly.audit");
	pg_expect_int(people->super, 0,
		"select count(*) from (select (a.xid, a.id) < lag((a.xid, a.id)) over (order by l.nr) as back "
		"from orderly.audit_link l join orderly.audit a on a.id = l.audit) o where back");
	expect_whole(people);
}

static void verification_follows_no_setting_of_the_session(void **state)
{
	static const char *const settings[] = {"timezone = 'Asia/Kathmandu'",
		"datestyle = 'German, DMY'", "intervalstyle = sql_standard",
		"extra_float_digits = -5", "bytea_output = escape", "client_encoding = latin1",
		"lc_numeric = 'C'", "transform_null_equals = on", "search_path = ''"};
	struct people *people = *state;
	PGconn *conn = pg_as(people->db, people->login[SECURITY]);

	for (size_t i = 0; i < N(settings); i++)
		pg_do(conn, "set %s", settings[i]);
	pg_expect_text(conn, "done", "select code from orderly.audit_verify(1, 1000000)");
	pg_expect_code(conn, "not_found", "orderly.login_block('x', 'under odd settings')");
	seal_all(people);
	expect_whole(people);
	PQfinish(conn);
}

static void a_row_from_before_a_restore_is_sealed(void **state)
{
	struct people *people = *state;

	pg_expect_code(people->as[OPERATOR], "not_found", "orderly.reveal_ask(-1, 'restored')");
	pg_do(people->super,
		"update orderly.audit_pending set xid = '4000000000000'; "
		"update orderly.audit set xid = '4000000000000' where id in (select audit from "
		"orderly.audit_pending)");
	pg_expect_int(people->super, 1, "select orderly.duty_seal(1000)");
	expect_whole(people);
}

static void verification_goes_in_steps(void **state)
{
	struct people *people = *state;
	PGconn *conn = people->as[SECURITY];

	pg_expect_text(conn, "10 false",
		"select id || ' ' || (detail ->> 'complete') from orderly.audit_verify(1, 10)");
	pg_expect_text(conn, "20 false",
		"select id || ' ' || (detail ->> 'complete') from orderly.audit_verify(11, 10)");
	pg_expect_text(conn, "true",
		"select detail ->> 'complete' from orderly.audit_verify(21, 1000000)");
	pg_expect_code(conn, "head", "orderly.audit_verify(1, 10, 'x')");
	pg_expect_code(conn, "head", "orderly.audit_verify(1, 10, '')");
	pg_expect_code(people->as[SUPPORT], "role", "orderly.audit_verify()");
}

/* Acts cannot be made old but by their owner: the chain is laid anew over rows that were. */
static void pruning_leaves_signed_anchors(void **state)
{
	struct people *people = *state;
	PGconn *super = people->super;
	char *head;

	pg_expect_int(super, 0, "select orderly.duty_audit_prune(1000)");
	pg_do(super,
		"insert into orderly.setting (id, code, version, value) values (1, 'audit.days', 1, '30')");
	pg_expect_int(super, 0, "select orderly.duty_audit_prune(1000)");
	seal_all(people);
	pg_do(super,
		"update orderly.audit set at = at - interval '31 days' where id in (select audit from "
		"orderly.audit_link where nr <= 25); delete from orderly.audit_link; "
		"insert into orderly.audit_pending select id, xid from orderly.audit; "
		"update orderly.audit_chain set nr = 0, hash = sha256('orderly audit of " PG_STORE
		"'); "
		"select orderly.duty_seal(100000)");
	head = pg_text(super, "select orderly.audit_head()");
	pg_expect_int(super, 10, "select orderly.duty_audit_prune(10)");
	pg_expect_int(super, 15, "select orderly.duty_audit_prune(1000)");
	pg_expect_int(super, 0, "select orderly.duty_audit_prune(1000)");
	seal_all(people);
	expect_whole(people);
	pg_expect_text(
		super, "done", "select code from orderly.audit_verify(1, 1000000, '%s')", head);
	pg_expect_text(super, "10/10 25/25",
		"select string_agg(nr || '/' || rows, ' ' order by nr) from orderly.audit_anchor");
	pg_do(super, "begin; update orderly.audit_anchor set rows = 24 where nr = 25");
	pg_expect_text(super, "anchor",
		"select detail -> 'problems' -> 0 ->> 'problem' from orderly.audit_verify()");
	pg_do(super, "rollback; begin; delete from orderly.audit_anchor where nr = 25");
	pg_expect_text(super, "deleted 11",
		"select concat_ws(' ', p ->> 'problem', p ->> 'nr') from "
		"(select detail -> 'problems' -> 0 from orderly.audit_verify()) v (p)");
	pg_do(super, "rollback");
	free(head);
}

/* A key of its own and HMAC as RFC 4231 has it (its second case). */
static void anchors_are_signed_by_hmac_sha256(void **state)
{
	struct people *people = *state;

	pg_do(people->super, "begin; update orderly.audit_key set key = 'Jefe'");
	pg_expect_text(people->super, "t",
		"select orderly.audit_sign(x.nr, x.hash, x.rows) = "
		"decode('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex') "
		"from (select ('x' || encode('what do ', 'hex'))::bit(64)::bigint as nr, "
		"'ya want for '::bytea as hash, ('x' || encode('nothing?', 'hex'))::bit(64)::bigint as rows) x");
	pg_do(people->super, "rollback");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tampering_is_named_by_its_place),
		cmocka_unit_test(the_chain_follows_the_order_of_transactions),
		cmocka_unit_test(a_rolled_back_act_leaves_no_hole),
		cmocka_unit_test(many_act_while_several_seal),
		cmocka_unit_test(verification_follows_no_setting_of_the_session),
		cmocka_unit_test(a_row_from_before_a_restore_is_sealed),
		cmocka_unit_test(verification_goes_in_steps),
		cmocka_unit_test(anchors_are_signed_by_hmac_sha256),
		cmocka_unit_test(pruning_leaves_signed_anchors),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name("store/audit", tests, setup, teardown);
}
