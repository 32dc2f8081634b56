/* Replays until they may run: asking, what is frozen, policies, decisions, revisions, and that nobody
 * gets past the second person in any way. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static const char *const states[] = {"asked", "approved", "running", "paused", "stopped", "done",
	"rejected", "expired", "cancelled"};

static char *state_of(struct people *people, int64_t id)
{
	return pg_text(people->super, "select state from orderly.replay_request where id = %lld",
		(long long)id);
}

static void expect_state(struct people *people, int64_t id, const char *state)
{
	pg_expect_text(people->super, state,
		"select state from orderly.replay_request where id = %lld", (long long)id);
}

static void verdicts_say_why(
	struct people *people, enum who who, const char *like, const char *want)
{
	char *letters = traffic_letters(people, like);

	pg_expect_text(people->as[who], want,
		"select string_agg(verdict, ' ' order by id) from orderly.replay_dry_run('%s')",
		letters);
	free(letters);
}

static void a_dry_run_says_of_each_what_would_become_of_it(void **state)
{
	struct people *people = *state;
	char *id;

	traffic_die(people, "stock", "dry", 6, "target", "dry");
	traffic_die(people, "payroll", "drynever", 1, "target", "dry");
	traffic_die_ordered(people, "dryK", 3);
	traffic_ask(people, "dry1", NULL);
	id = traffic_letters(people, "dry2");
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.dead_letter_discard('%s', 'not needed')", id);
	free(id);
	id = traffic_letters(people, "dry3");
	pg_do(people->super,
		"update orderly.dead_letter set state = 'quarantined' where id = any ('%s')", id);
	free(id);
	traffic_ingest(people,
		"select public.ev('stock', 'dry4', 'delivered', now(), '{\"attempt\": 2}')");
	id = traffic_letters(people, "dry5");
	pg_do(people->super, "delete from orderly.payload where transaction = any ('%s')", id);
	free(id);
	verdicts_say_why(people, OPERATOR, "dry_",
		"pending closed quarantined delivered no_payload eligible");
	verdicts_say_why(people, OPERATOR, "dry3", "eligible");
	verdicts_say_why(people, OPERATOR, "drynever1", "policy");
	verdicts_say_why(people, NARROW, "dry_",
		"out_of_scope out_of_scope out_of_scope out_of_scope"
		" out_of_scope out_of_scope");
	verdicts_say_why(people, SUPPORT, "dry_", "");
	/* of one ordering key: those before it, and those after it */
	verdicts_say_why(people, OPERATOR, "dryK_", "eligible eligible eligible");
	verdicts_say_why(people, OPERATOR, "dryK3", "behind");
	traffic_ingest(people,
		"select public.ev('orders', 'dryK2', 'delivered', now(), '{\"attempt\": 2}')");
	verdicts_say_why(people, OPERATOR, "dryK1", "overtaken");
	verdicts_say_why(people, OPERATOR, "dryK_", "overtaken delivered eligible");
}

static void the_target_is_asked_by_a_worker_and_its_answer_is_a_verdict(void **state)
{
	struct people *people = *state;

	people_change(people, "interface", "stock",
		"{\"title\": \"stock\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"rest\","
		" \"timing\": \"real-time\", \"data_class\": \"internal\", \"replay_policy\": \"free\","
		" \"replay_limit\": 5, \"idempotency\": \"key\", \"emergency_limit\": 2,"
		" \"endpoint\": {\"check\": {\"path\": \"/orders\"}}}");
	traffic_die(people, "stock", "has", 2, "target", "has");
	verdicts_say_why(people, OPERATOR, "has_", "eligible eligible");
	pg_expect_text(people->as[WORKER], "true true",
		"select string_agg(orderly.record_check(token, case message_id when 'has1' then 'present'"
		" else 'absent' end)::text, ' ') from orderly.claim_checks('test') where message_id like 'has_'"
		" having count(*) = 2");
	verdicts_say_why(people, OPERATOR, "has_", "present eligible");
	pg_expect_int(people->as[WORKER], 0,
		"select orderly.record_check(gen_random_uuid(), 'present')::int");
}

static void asking_is_refused_with_its_word(void **state)
{
	static const struct {
		enum who who;
		const char *code, *args;
	} rows[] = {
		{SUPPORT, "role", "'@', 'a reason'"},
		{APPROVER, "role", "'@', 'a reason'"},
		{ADMIN, "role", "'@', 'a reason'"},
		{SHARED, "shared_login", "'@', 'a reason'"},
		{BLOCKED, "login_blocked", "'@', 'a reason'"},
		{LEFT, "person_inactive", "'@', 'a reason'"},
		{UNKNOWN, "no_login", "'@', 'a reason'"},
		{NARROW, "nothing_eligible", "'@', 'a reason'"},
		{OPERATOR, "reason", "'@', ''"},
		{OPERATOR, "reason", "'@', null"},
		{OPERATOR, "nothing_eligible", "'{}', 'a reason'"},
		{OPERATOR, "nothing_eligible", "null, 'a reason'"},
		{OPERATOR, "nothing_eligible", "'{-1}', 'a reason'"},
		{OPERATOR, "too_many_items", "array(select generate_series(1, 10001)), 'a reason'"},
		{OPERATOR, "options", "'@', 'a reason', null"},
		{OPERATOR, "options", "'@', 'a reason', '[]'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"speed\": 9}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"rate\": 0}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"rate\": \"1\"}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"stages\": [0]}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"stages\": 1}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"stop_ppm\": 1000001}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"stop_ppm\": -1}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"hours\": 0}'"},
		{OPERATOR, "options", "'@', 'a reason', '{\"emergency\": 1}'"},
		{OPERATOR, "options", "'@', 'a reason', '{}', '7'"},
		{OPERATOR, "emergency", "'@', 'a reason', '{\"emergency\": true}'"},
	};
	struct people *people = *state;
	char *letters;

	traffic_die(people, "invoices", "word", 1, "target", "word");
	letters = traffic_letters(people, "word1");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *args = rows[i].args, *hole = strchr(args, '@');
		int before = hole ? (int)(hole - args) : (int)strlen(args);

		pg_expect_code(people->as[rows[i].who], rows[i].code,
			"orderly.replay_ask(%.*s%s%s)", before, args, hole ? letters : "",
			hole ? hole + 1 : "");
	}
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.replay_item where dead_letter = any ('%s')", letters);
	free(letters);
}

static void policies_say_how_many_must_approve(void **state)
{
	static const struct {
		const char *interface, *prefix;
		int n;
		const char *options, *expected; /* policy, needed, state */
	} rows[] = {
		{"stock", "polA", 5, "{}", "free 0 approved"},
		{"stock", "polB", 6, "{}", "one 1 asked"},
		{"orders", "polC", 1, "{}", "one 1 asked"},
		{"invoices", "polD", 1, "{}", "two 2 asked"},
		{"stock", "polE", 2, "{\"emergency\": true}", "emergency 0 approved"},
	};
	struct people *people = *state;
	char *letters;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char like[16];
		int64_t id;

		traffic_die(
			people, rows[i].interface, rows[i].prefix, rows[i].n, "target", "policy");
		snprintf(like, sizeof(like), "%s%%", rows[i].prefix);
		id = traffic_ask(people, like, rows[i].options);
		pg_expect_text(people->super, rows[i].expected,
			"select concat_ws(' ', policy, needed, state) from orderly.replay_request where id = %lld",
			(long long)id);
	}
	traffic_die(people, "stock", "polF", 3, "target", "policy");
	letters = traffic_letters(people, "polF%");
	pg_expect_code(people->as[OPERATOR], "emergency",
		"orderly.replay_ask('%s', 'ward is waiting', '{\"emergency\": true}')", letters);
	free(letters);
	/* several interfaces in one: the strictest counts */
	traffic_die(people, "invoices", "polG", 1, "target", "policy");
	traffic_die(people, "stock", "polG_", 1, "target", "policy");
	pg_expect_text(people->super, "two",
		"select policy from orderly.replay_request where id = %lld",
		(long long)traffic_ask(people, "polG%", NULL));
}

static void fifty_who_ask_at_once_make_one_request(void **state)
{
	struct people *people = *state;
	PGconn *conns[50];
	char *letters;
	int done = 0, pending = 0;

	traffic_die(people, "orders", "fifty", 20, "target", "fifty");
	letters = traffic_letters(people, "fifty%");
	for (size_t i = 0; i < ARRAY_LEN(conns); i++)
		conns[i] = pg_as(people->db, people->login[OPERATOR]);
	for (size_t i = 0; i < ARRAY_LEN(conns); i++)
		pg_send(conns[i], "select * from orderly.replay_ask('%s', 'fifty at once')",
			letters);
	for (size_t i = 0; i < ARRAY_LEN(conns); i++) {
		char *code = pg_wait_code(conns[i]);

		done += strcmp(code, "done") == 0;
		pending += strcmp(code, "pending") == 0;
		free(code);
		PQfinish(conns[i]);
	}
	assert_int_equal(done, 1);
	assert_int_equal(pending, 49);
	pg_expect_int(people->super, 20,
		"select count(*) from orderly.replay_item where dead_letter = any ('%s')", letters);
	free(letters);
	traffic_check(people, "check_replays");
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
	PQfinish(conn);
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
	verdicts_say_why(people, OPERATOR, "decide%", "eligible eligible");
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

/* Every act of a person on a request, in every state: what the table says, and nothing else. */
static void every_act_in_every_state_does_what_the_table_says(void **state)
{
	static const struct {
		const char *act, *call; /* @ is the request */
		enum who who;
	} acts[] = {
		{"approve", "orderly.replay_decide(@, 1, true, 1, null)", APPROVER},
		{"reject", "orderly.replay_decide(@, 1, false, 1, 'a reason')", APPROVER},
		{"cancel", "orderly.replay_cancel(@, 'a reason')", OPERATOR},
		{"pause", "orderly.replay_pause(@, 'a reason')", OPERATOR},
		{"resume", "orderly.replay_resume(@, 'a reason')", OPERATOR},
		{"edit",
			"orderly.replay_edit((select id from orderly.replay_item where request = @), 'text/plain',"
			" 'other', 'a reason')",
			OPERATOR},
	};
	struct people *people = *state;
	int n = 0;

	traffic_die(people, "orders", "matrix", ARRAY_LEN(acts) * ARRAY_LEN(states), "target",
		"matrix");
	for (size_t a = 0; a < ARRAY_LEN(acts); a++)
		for (size_t s = 0; s < ARRAY_LEN(states); s++) {
			const char *call = acts[a].call, *hole = strchr(call, '@'), *hint;
			char like[32], *becomes, *now;
			int64_t id;

			snprintf(like, sizeof(like), "matrix%d", ++n);
			id = traffic_ask(people, like, NULL);
			if (strcmp(acts[a].act, "resume") == 0)
				traffic_approve(people, id); /* else nobody is entitled */
			if (strcmp(acts[a].act, "edit") == 0)
				pg_do(people->as[OPERATOR],
					"select orderly.reveal_ask((select dead_letter from"
					" orderly.replay_item where request = %lld), 'to edit it')",
					(long long)id);
			pg_do(people->super,
				"update orderly.replay_request set state = '%s' where id = %lld",
				states[s], (long long)id);
			becomes = pg_text(people->super,
				"select coalesce((select becomes from orderly.act_rule"
				" where machine = 'replay_request' and act = '%s' and state = '%s'), '')",
				acts[a].act, states[s]);
			hint = hole + 1;
			pg_expect_code(people->as[acts[a].who], *becomes ? "done" : "state",
				"%.*s%lld%s", (int)(hole - call), call, (long long)id, hint);
			now = state_of(people, id);
			assert_string_equal(now, *becomes ? becomes : states[s]);
			free(now);
			free(becomes);
			/* out of the way of the checks and the later tests */
			pg_do(people->super,
				"update orderly.replay_item set state = 'cancelled', lease = null"
				" where request = %lld",
				(long long)id);
			pg_do(people->super,
				"update orderly.replay_request set state = 'cancelled', started_at = null"
				" where id = %lld",
				(long long)id);
		}
	pg_do(people->super,
		"update orderly.dead_letter set state = 'open' where state = 'replaying' and id in"
		" (select dead_letter from orderly.replay_item where state = 'cancelled') and id not in"
		" (select dead_letter from orderly.replay_item where live)");
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
	verdicts_say_why(people, OPERATOR, "expire%", "eligible eligible");
}

static void what_carries_the_same_key_is_frozen_once(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('stock', 'same' || i, k, now(), jsonb_build_object("
		"'idempotency_key', 'K-77', 'class', 'target', 'text', 'same', 'payload', case k when 'received'"
		" then '{\"body\": \"x\"}'::jsonb end))) from generate_series(1, 3) i, unnest(array['received', 'dead']) k");
	traffic_duty(people, "dead_letters");
	id = traffic_ask(people, "same_", NULL);
	pg_expect_text(people->super, "1 K-77",
		"select count(*) || ' ' || min(idempotency_key)"
		" from orderly.replay_item where request = %lld",
		(long long)id);
	traffic_check(people, "check_replays");
}

static void a_group_is_asked_for_as_far_as_it_was_seen(void **state)
{
	struct people *people = *state;

	traffic_die(people, "orders", "seen", 3, "target", "seen in a group");
	pg_expect_text(people->as[OPERATOR], "done 2",
		"select concat_ws(' ', code, detail ->> 'items') from orderly.replay_ask_group((select failure_group"
		" from orderly.dead_letter where id = %lld), (select nr from orderly.dead_letter where id = %lld),"
		" 'fixed it')",
		(long long)traffic_id(people, "orders", "seen1"),
		(long long)traffic_id(people, "orders", "seen2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dry_run_says_of_each_what_would_become_of_it),
		cmocka_unit_test(the_target_is_asked_by_a_worker_and_its_answer_is_a_verdict),
		cmocka_unit_test(asking_is_refused_with_its_word),
		cmocka_unit_test(policies_say_how_many_must_approve),
		cmocka_unit_test(fifty_who_ask_at_once_make_one_request),
		cmocka_unit_test(twenty_who_approve_at_once_are_counted_right),
		cmocka_unit_test(nobody_decides_about_their_own),
		cmocka_unit_test(deciding_is_refused_with_its_word),
		cmocka_unit_test(every_act_in_every_state_does_what_the_table_says),
		cmocka_unit_test(an_emergency_runs_at_once_and_is_reviewed_by_another),
		cmocka_unit_test(a_request_expires),
		cmocka_unit_test(what_carries_the_same_key_is_frozen_once),
		cmocka_unit_test(a_group_is_asked_for_as_far_as_it_was_seen),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replays", tests, traffic_setup, people_teardown);
}
