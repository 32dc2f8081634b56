/* Replays that are asked for: what a dry run says, who may ask for what, what is frozen, which policy
 * holds. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

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
	traffic_expect_verdicts(people, OPERATOR, "dry_",
		"pending closed quarantined delivered no_payload eligible");
	traffic_expect_verdicts(people, OPERATOR, "dry3", "eligible");
	traffic_expect_verdicts(people, OPERATOR, "drynever1", "policy");
	traffic_expect_verdicts(people, NARROW, "dry_",
		"out_of_scope out_of_scope out_of_scope out_of_scope"
		" out_of_scope out_of_scope");
	traffic_expect_verdicts(people, SUPPORT, "dry_", "");
	/* of one ordering key: those before it, and those after it */
	traffic_expect_verdicts(people, OPERATOR, "dryK_", "eligible eligible eligible");
	traffic_expect_verdicts(people, OPERATOR, "dryK3", "behind");
	traffic_ingest(people,
		"select public.ev('orders', 'dryK2', 'delivered', now(), '{\"attempt\": 2}')");
	traffic_expect_verdicts(people, OPERATOR, "dryK1", "overtaken");
	traffic_expect_verdicts(people, OPERATOR, "dryK_", "overtaken delivered eligible");
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
	traffic_expect_verdicts(people, OPERATOR, "has_", "eligible eligible");
	pg_expect_text(people->as[WORKER], "true true",
		"select string_agg(orderly.record_check(token, case message_id when 'has1' then 'present'"
		" else 'absent' end)::text, ' ') from orderly.claim_checks('test') where message_id like 'has_'"
		" having count(*) = 2");
	traffic_expect_verdicts(people, OPERATOR, "has_", "present eligible");
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
	/* and what dies of it later is in another */
	traffic_die(people, "orders", "seenlater", 2, "target", "seen in a group");
	pg_expect_text(people->super, "seen1 seen2",
		"select string_agg(m.message_id, ' ' order by m.id) from orderly.replay_item i"
		" join orderly.message m on m.id = i.dead_letter where m.message_id like 'seen%%'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dry_run_says_of_each_what_would_become_of_it),
		cmocka_unit_test(the_target_is_asked_by_a_worker_and_its_answer_is_a_verdict),
		cmocka_unit_test(asking_is_refused_with_its_word),
		cmocka_unit_test(policies_say_how_many_must_approve),
		cmocka_unit_test(fifty_who_ask_at_once_make_one_request),
		cmocka_unit_test(what_carries_the_same_key_is_frozen_once),
		cmocka_unit_test(a_group_is_asked_for_as_far_as_it_was_seen),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replays", tests, traffic_setup, people_teardown);
}
