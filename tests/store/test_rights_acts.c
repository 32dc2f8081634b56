/* Every act of rights, catalogue, audit and payloads, by every kind of login, in every state. */
#include "people.h"
#include "unit.h"
#include <stdio.h>

#define N(table) (sizeof(table) / sizeof(*(table)))

/* The objects that acts are tried on, one in each state. */
enum state {
	PROPOSED,
	PROPOSED_BY_TWIN, /* by the person of ADMIN_TWIN through ADMIN */
	APPLIED,
	REJECTED,
	WITHDRAWN,
	STALE,
	MISSING,
	N_STATES
};

struct acts {
	struct people people;
	char *change[N_STATES];
	char *transaction;
	char *live_grant, *ended_grant, *past_grant, *scan_grant, *narrow_grant;
};

static char *propose(struct people *people, const char *code)
{
	return pg_text(people->as[ADMIN],
		"select id from orderly.change_propose('[{\"kind\": \"partner\", \"code\": \"%s\", "
		"\"doc\": {\"title\": \"%s\"}}]', 'for the test')",
		code, code);
}

static void make_changes(struct acts *acts)
{
	struct people *people = &acts->people;
	PGconn *approver = people->as[APPROVER];

	for (enum state state = 0; state < N_STATES; state++) {
		char code[16];

		snprintf(code, sizeof(code), "p%d", (int)state);
		acts->change[state] =
			state == MISSING ? strdup("987654321") : propose(people, code);
	}
	pg_expect_code(
		approver, "done", "orderly.change_decide(%s, true, 'ok')", acts->change[APPLIED]);
	pg_expect_code(approver, "done", "orderly.change_decide(%s, false, 'not so')",
		acts->change[REJECTED]);
	pg_expect_code(people->as[ADMIN], "done", "orderly.change_withdraw(%s, 'mistaken')",
		acts->change[WITHDRAWN]);
	people_change(people, "partner", "p5", "{\"title\": \"overtaken\"}");
	pg_expect_code(
		approver, "stale", "orderly.change_decide(%s, true, 'ok')", acts->change[STALE]);
}

static void make_grants(struct acts *acts)
{
	struct people *people = &acts->people;
	static const char ask[] = "select id from orderly.reveal_ask(%s, 'for the test')";

	pg_do(people->as[INGEST],
		"select orderly.ingest('[{\"interface\": \"lab-in\", \"message_id\": \"m1\", \"kind\": "
		"\"received\", \"at\": \"2026-01-01T00:00:00Z\", \"payload\": {\"body\": \"secret\"}}, "
		"{\"interface\": \"po-out\", \"message_id\": \"m2\", \"kind\": \"received\", "
		"\"facility\": \"H01\", \"at\": \"2026-01-01T00:00:00Z\", \"payload\": {\"body\": "
		"\"order\"}}]'::jsonb)");
	acts->transaction =
		pg_text(people->super, "select id from orderly.message where message_id = 'm1'");
	acts->live_grant = pg_text(people->as[OPERATOR], ask, acts->transaction);
	acts->ended_grant = pg_text(people->as[OPERATOR], ask, acts->transaction);
	acts->past_grant = pg_text(people->as[OPERATOR], ask, acts->transaction);
	acts->scan_grant = pg_text(people->as[OPERATOR],
		"select id from orderly.payload_ask('search', orderly.my_interfaces(), now() - interval '1 h', "
		"now() + interval '1 h', 'body~x', 'for the test')");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.grant_end(%s)", acts->ended_grant);
	pg_do(people->super, "update orderly.payload_grant set until = now() where id = %s",
		acts->past_grant);
}

static int setup(void **state)
{
	struct acts *acts = NEW(struct acts);

	people_open(&acts->people, "acts");
	make_changes(acts);
	make_grants(acts);
	*state = acts;
	return 0;
}

static int teardown(void **state)
{
	struct acts *acts = *state;

	people_close(&acts->people);
	for (enum state s = 0; s < N_STATES; s++)
		free(acts->change[s]);
	free(acts->transaction);
	free(acts->live_grant);
	free(acts->ended_grant);
	free(acts->past_grant);
	free(acts->scan_grant);
	free(acts);
	return 0;
}

/* What this kind of login gets before anything else is asked; NULL: it may have the role. */
static const char *who_gets(enum who who)
{
	switch (who) {
	case SHARED:
		return "shared_login";
	case BLOCKED:
		return "login_blocked";
	case LEFT:
		return "person_inactive";
	case UNKNOWN:
		return "no_login";
	case NO_ROLE:
	case INGEST:
	case WORKER:
		return "42501";
	default:
		return NULL;
	}
}

static bool has_role(enum who who, const char *role)
{
	static const char *const of[N_WHO] = {[SUPPORT] = "support",
		[OPERATOR] = "operator",
		[APPROVER] = "approver",
		[APPROVER2] = "approver",
		[SECURITY] = "security",
		[ADMIN] = "admin",
		[ADMIN_TWIN] = "approver",
		[NARROW] = "operator"};

	return of[who] && strstr(role, of[who]);
}

/* The code of an act or the SQLSTATE of its failure, in a transaction that is taken back. */
static void expect(struct acts *acts, enum who who, const char *call, const char *want)
{
	PGconn *conn = acts->people.as[who];
	PGresult *result;
	const char *got;

	pg_do(conn, "begin");
	result = PQexec(conn, call);
	got = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (!got)
		got = PQgetvalue(result, 0, 0);
	if (strcmp(got, want) != 0)
		fail_msg("%s: %s gives \"%s\" instead of \"%s\"", who_name[who], call, got, want);
	PQclear(result);
	pg_do(conn, "rollback");
}

static void changes_in_every_state(void **state)
{
	static const struct {
		const char *act, *rest, *role, *code[N_STATES];
	} rows[] = {
		{"change_decide", ", true, 'ok'", "approver",
			{"done", "done", "state", "state", "state", "state", "not_found"}},
		{"change_decide", ", false, 'not so'", "approver",
			{"done", "done", "state", "state", "state", "state", "not_found"}},
		{"change_decide", ", false, ' '", "approver",
			{"reason", "reason", "reason", "reason", "reason", "reason", "reason"}},
		{"change_withdraw", ", 'mistaken'", "admin",
			{"done", "done", "state", "state", "state", "state", "not_found"}},
		{"change_rollback", ", 'mistaken'", "admin",
			{"state", "state", "invalid", "state", "state", "state", "not_found"}},
	};
	struct acts *acts = *state;

	for (size_t i = 0; i < N(rows); i++)
		for (enum state s = 0; s < N_STATES; s++)
			for (enum who who = 0; who < N_WHO; who++) {
				const char *want = who_gets(who);
				char call[128];

				snprintf(call, sizeof(call), "select code from orderly.%s(%s%s)",
					rows[i].act, acts->change[s], rows[i].rest);
				if (!want)
					want = has_role(who, rows[i].role) ? rows[i].code[s]
									   : "role";
				/* the same person, whatever the login */
				if (who == ADMIN_TWIN && strcmp(want, "done") == 0)
					want = "four_eyes";
				expect(acts, who, call, want);
			}
}

static void acts_without_a_state(void **state)
{
	struct acts *acts = *state;
	char reveal[96], narrow[32];
	const struct {
		const char *call, *role, *code;
	} rows[] = {
		{"select code from orderly.change_propose('[{\"kind\": \"partner\", \"code\": \"q\", "
		 "\"doc\": {\"title\": \"Q\"}}]', 'for the test')",
			"admin", "done"},
		{"select code from orderly.catalogue_import('{\"format\": 1, \"partner\": "
		 "[{\"code\": \"q\", \"title\": \"Q\"}]}', false, 'for the test')",
			"admin", "done"},
		{"select code from orderly.catalogue_export()", "admin approver security", "done"},
		{"select code from orderly.audit_verify()", "admin approver security", "done"},
		{"select code from orderly.login_block('nobody', 'for the test')", "security",
			"not_found"},
		{reveal, "operator", "done"},
		{"select code from orderly.reveal_ask(987654321, 'for the test')", "operator",
			"not_found"},
		{"select code from orderly.reveal_ask(null, 'for the test')", "operator",
			"not_found"},
		{"select code from orderly.reveal_ask(1, 'x')", "operator", "reason"},
		{"select code from orderly.reveal_ask(1, 'for the test', 100000)", "operator",
			"minutes"},
		{"select code from orderly.reveal_ask(1, 'for the test', -1)", "operator",
			"minutes"},
		{"select code from orderly.payload_ask('export', orderly.my_interfaces(), now() - interval '1 h', "
		 "now(), 'all', 'for the test')",
			"operator", "done"},
		{"select code from orderly.payload_ask('search', '{999}', now() - interval '1 h', now(), 'all', "
		 "'for the test')",
			"operator", "scope"},
		{"select code from orderly.payload_ask('search', '{}', now() - interval '1 h', now(), 'all', "
		 "'for the test')",
			"operator", "scope"},
		{"select code from orderly.payload_ask('search', orderly.my_interfaces(), now(), now(), 'all', "
		 "'for the test')",
			"operator", "window"},
		{"select code from orderly.payload_ask('search', orderly.my_interfaces(), '-infinity', "
		 "'infinity', 'all', 'for the test')",
			"operator", "window"},
		{"select code from orderly.payload_ask('search', orderly.my_interfaces(), null, now(), 'all', "
		 "'for the test')",
			"operator", "window"},
	};

	snprintf(reveal, sizeof(reveal), "select code from orderly.reveal_ask(%s, 'for the test')",
		acts->transaction);
	snprintf(narrow, sizeof(narrow), "reveal_ask(%s,", acts->transaction);
	for (size_t i = 0; i < N(rows); i++)
		for (enum who who = 0; who < N_WHO; who++) {
			const char *want = who_gets(who);

			if (!want)
				want = has_role(who, rows[i].role) ? rows[i].code : "role";
			if (who == NARROW && strstr(rows[i].call, narrow) &&
				strcmp(want, "done") == 0)
				want = "not_found"; /* out of scope looks like not there */
			expect(acts, who, rows[i].call, want);
		}
}

static void grants_in_every_state(void **state)
{
	struct acts *acts = *state;
	const struct {
		const char *grant, *read, *scan, *end;
	} rows[] = {
		{acts->live_grant, "done", "grant", "done"},
		{acts->scan_grant, "grant", "done", "done"},
		{acts->ended_grant, "grant_ended", "grant", "grant"},
		{acts->past_grant, "grant_ended", "grant", "done"},
		{"987654321", "grant", "grant", "grant"},
		{"null", "grant", "grant", "grant"},
	};
	static const char *const calls[] = {"payload_read", "payload_scan", "grant_end"};

	pg_do(acts->people.super, "select orderly.duty_mask(100)");
	for (size_t i = 0; i < N(rows); i++)
		for (enum who who = 0; who < N_WHO; who++)
			for (int c = 0; c < 3; c++) {
				const char *want = who_gets(who);
				char call[96];

				snprintf(call, sizeof(call), "select code from orderly.%s(%s)",
					calls[c], rows[i].grant);
				/* ending a grant takes rights away: nobody is too little for that */
				if (c == 2 && (!want || strcmp(want, "42501") != 0))
					want = who == OPERATOR ? rows[i].end : "grant";
				else if (!want)
					want = who == OPERATOR
						       ? (c == 0 ? rows[i].read : rows[i].scan)
					       : who == NARROW ? "grant"
							       : "role";
				expect(acts, who, call, want);
			}
}

static void an_act_and_a_refusal_leave_one_line_each(void **state)
{
	static const struct {
		enum who who;
		const char *call, *outcome;
	} rows[] = {
		{ADMIN,
			"orderly.change_propose('[{\"kind\": \"partner\", \"code\": \"l\", \"doc\": "
			"{\"title\": \"L\"}}]', 'for the test')",
			"change_propose done -"},
		{OPERATOR, "orderly.change_propose('[]', 'for the test')",
			"change_propose refused role"},
		{SHARED, "orderly.change_propose('[]', 'for the test')",
			"change_propose refused shared_login"},
		{UNKNOWN, "orderly.reveal_ask(1, 'for the test')", "reveal_ask refused no_login"},
		{OPERATOR, "orderly.reveal_ask(-1, 'for the test')",
			"reveal_ask refused not_found"},
		{SECURITY, "orderly.login_block('x', 'for the test')",
			"login_block refused not_found"},
	};
	struct acts *acts = *state;

	for (size_t i = 0; i < N(rows); i++) {
		char *last = pg_text(
			acts->people.super, "select coalesce(max(id), 0) from orderly.audit");
		char *code =
			pg_text(acts->people.as[rows[i].who], "select code from %s", rows[i].call);
		char want[128];

		snprintf(want, sizeof(want), "%s %s", rows[i].outcome,
			acts->people.login[rows[i].who]);
		pg_expect_text(acts->people.super, want,
			"select string_agg(concat_ws(' ', act, outcome, coalesce(code, '-'), login), ', ') "
			"from orderly.audit where id > %s",
			last);
		free(last);
		free(code);
	}
}

/* The words of every code that these acts can give stand in one table. */
static void every_code_has_its_words(void **state)
{
	struct acts *acts = *state;

	pg_expect_text(acts->people.super, "",
		"select string_agg(distinct m[1], ', ') from pg_proc p, "
		"regexp_matches(p.prosrc, 'then ''([a-z_]+)''', 'g') m where p.proname in ('gate', "
		"'gate_machine', 'change_obstacle', 'grant_obstacle', 'change_withdraw', 'change_rollback', "
		"'reveal_ask', 'payload_ask', 'login_block', 'payload_read', 'payload_scan') "
		"and m[1] <> 'export' "
		"and p.pronamespace = 'orderly'::regnamespace "
		"and not exists (select from orderly.refusal_code c where c.code = m[1])");
	pg_expect_error(acts->people.super, "P0001",
		"select orderly.refuse('a', 'b', 'c', 'no_such_code')");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_in_every_state),
		cmocka_unit_test(acts_without_a_state),
		cmocka_unit_test(grants_in_every_state),
		cmocka_unit_test(an_act_and_a_refusal_leave_one_line_each),
		cmocka_unit_test(every_code_has_its_words),
	};

	return pg_missing()
		       ? pg_skip()
		       : cmocka_run_group_tests_name("store/rights_acts", tests, setup, teardown);
}
