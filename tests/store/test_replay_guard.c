/* Nothing is sent again before Odoo has said that it is not there. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define KNOWN_BY "\"reference\": {\"field\": \"partner_ref\", \"value\": \"{message_id}\"}"
#define CLAIMED "select count(*) from orderly.claim_replays('test', 1000)"
#define ASKED                                                                                \
	"select count(*) from orderly.replay_check where answered_at is null or answered_at" \
	" < asked_at"

static void guard_with(struct people *people, const char *more, const char *check)
{
	char doc[2000];
	static int n;

	snprintf(doc, sizeof(doc),
		"{\"title\": \"orders\", \"source\": \"ghx\", \"target\": \"odoo\", \"style\": \"rest\", \"timing\":"
		" \"real-time\", \"data_class\": \"internal\", \"replay_policy\": \"one\", %s"
		" \"note\": \"%d\", \"endpoint\": {\"check\": {\"model\": \"purchase.order\"%s}}}",
		more, ++n, check);
	people_change(people, "interface", "orders", doc);
}

static int setup(void **state)
{
	if (traffic_setup(state) < 0)
		return -1;
	guard_with(*state, "\"ordering_key\": \"supplier\",", ", " KNOWN_BY);
	return 0;
}

/* Answers all that is asked; returns how much that was. */
static int answer(struct people *people, const char *word, const char *detail)
{
	return (int)pg_int(people->as[WORKER],
		"select count(*) filter (where orderly.record_check(token, '%s', '%s'))"
		" from orderly.claim_checks('test', 1000)",
		word, detail);
}

static int64_t approved(struct people *people, const char *prefix, int n)
{
	char like[40];

	snprintf(like, sizeof(like), "%s_%%", prefix);
	traffic_die(people, "orders", prefix, n, "target", prefix);
	return traffic_approved(people, like, "{\"stages\": [], \"stop_ppm\": 1000000}");
}

static void expect_item(struct people *people, int64_t id, const char *want)
{
	pg_expect_text(people->super, want,
		"select string_agg(concat_ws(' ', state, outcome, text), ', ' order by nr)"
		" from orderly.replay_item where request = %lld",
		(long long)id);
}

/* As the list of a request's items shows it. */
static void expect_listed(struct people *people, int64_t id, const char *want)
{
	PGconn *as = people->as[SUPPORT];
	char request[32];
	const char *params[] = {request, NULL, "after", "10"};
	PGresult *result;

	snprintf(request, sizeof(request), "%lld", (long long)id);
	result = PQexecParams(
		as, statement_find("replay-items")->sql, 4, NULL, params, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(result));
	{
		char got[400];

		snprintf(got, sizeof(got), "%s %s",
			PQgetvalue(result, 0, PQfnumber(result, "state")),
			PQgetvalue(result, 0, PQfnumber(result, "outcome")));
		assert_string_equal(got, want);
	}
	PQclear(result);
}

static void what_is_not_there_goes_once(void **state)
{
	struct people *people = *state;
	int64_t id = approved(people, "absent", 1);
	char *asked_at;

	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	pg_expect_int(people->super, 1, ASKED);
	expect_listed(people, id, "waiting waits for Odoo's answer");
	/* one question for an item, however often it is looked at */
	asked_at = pg_text(people->super, "select asked_at::text from orderly.replay_check");
	pg_do(people->super, "update orderly.replay_item set next_try_at = '-infinity'");
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	pg_expect_text(people->super, asked_at, "select asked_at::text from orderly.replay_check");
	free(asked_at);
	/* the answer wakes it */
	assert_int_equal(answer(people, "absent", "{}"), 1);
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	assert_int_equal(traffic_send(people, 50, "delivered"), 0);
	traffic_expect_items(people, id, "delivered");
	traffic_expect_letters(people, "absent1", "resolved");
	traffic_check(people, "check_replays");
}

#define FOUND "{\"model\": \"purchase.order\", \"ids\": [12], \"by\": \"reference\"}"
#define HELD_FOUND "held present Odoo has it: purchase.order 12 (reference)"
#define ITEM "(select id from orderly.replay_item where request = %lld)"

static void what_is_there_is_held_for_a_person_and_not_sent(void **state)
{
	struct people *people = *state;
	int64_t id = approved(people, "found", 1), again;

	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	assert_int_equal(answer(people, "present", FOUND), 1);
	expect_item(people, id, HELD_FOUND);
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	pg_expect_int(people->super, 0, ASKED);
	/* it counts as delivered: a person says so, with a reason */
	pg_expect_code(people->as[OPERATOR], "reason",
		"orderly.replay_resolve(" ITEM ", 'delivered', '')", (long long)id);
	pg_expect_code(people->as[OPERATOR], "state",
		"orderly.replay_resolve(" ITEM ", 'failed', 'it did not arrive')", (long long)id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_resolve(" ITEM ", 'delivered', 'seen in Odoo')", (long long)id);
	traffic_expect_items(people, id, "delivered");
	traffic_expect_letters(people, "found1", "resolved");
	pg_expect_int(people->super, 0,
		"select sends from orderly.replay_item where request = %lld", (long long)id);
	/* or it is left out */
	again = approved(people, "other", 1);
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	answer(people, "present", FOUND);
	pg_expect_code(people->as[OPERATOR], "role", "orderly.replay_let(" ITEM ", false, 'x')",
		(long long)again);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_let(" ITEM ", false, 'somebody typed it in')", (long long)again);
	traffic_expect_items(people, again, "refused");
	traffic_expect_letters(people, "other1", "open");
	traffic_check(people, "check_replays");
}

static void what_cannot_be_told_is_held_with_why(void **state)
{
	struct people *people = *state;
	int64_t id = approved(people, "doubt", 1);

	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	answer(people, "unknown",
		"{\"why\": \"by looks: the amount is no number\", \"class\": \"ok\"}");
	expect_item(people, id, "held unknown Odoo cannot tell: by looks: the amount is no number");
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	/* an approver lets it go: once, and Odoo is not asked any more */
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_let(" ITEM ", true, 'looked for it by hand')", (long long)id);
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	pg_expect_int(people->super, 0, ASKED);
	traffic_expect_items(people, id, "delivered");
	traffic_check(people, "check_replays");
}

/* An outage of a minute does not leave hundreds for people. */
static void while_odoo_is_away_it_waits_and_is_held_in_the_end(void **state)
{
	static const char away[] = "{\"why\": \"connection refused\", \"class\": \"unreachable\"}";
	struct people *people = *state;
	int64_t id = approved(people, "away", 1);

	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	answer(people, "unknown", away);
	expect_item(people, id, "waiting Odoo cannot tell: connection refused");
	pg_expect_int(people->as[WORKER], 0, CLAIMED); /* not before ten seconds */
	pg_expect_int(people->super, 0, ASKED);
	pg_do(people->super,
		"update orderly.replay_item set next_try_at = '-infinity' where state = 'waiting'");
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	pg_expect_int(people->super, 1, ASKED);
	pg_do(people->super,
		"update orderly.replay_item set guarded_at = guarded_at - interval '121 seconds'"
		" where state = 'waiting'");
	answer(people, "unknown", away);
	expect_item(people, id, "held unknown Odoo cannot tell: connection refused");
	pg_expect_code(people->as[APPROVER], "done", "orderly.replay_let(" ITEM ", false, 'later')",
		(long long)id);
	traffic_check(people, "check_replays");
}

static void an_answer_counts_while_it_is_young_and_after_the_decision(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "early", 1, "target", "early");
	traffic_expect_verdicts(people, OPERATOR, "early1", "eligible"); /* a dry run asks too */
	answer(people, "absent", "{}");
	id = traffic_approved(people, "early1", "{\"stages\": []}");
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	pg_expect_int(people->super, 1, ASKED);
	answer(people, "absent", "{}");
	/* it was given a minute ago */
	pg_do(people->super,
		"update orderly.replay_check set asked_at = asked_at - interval '61 seconds', answered_at ="
		" answered_at - interval '61 seconds';"
		" update orderly.replay_request set approved_at = approved_at - interval '2 minutes'"
		" where id = %lld",
		(long long)id);
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	pg_expect_int(people->super, 1, ASKED);
	answer(people, "absent", "{}");
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	/* what a dry run hears of one that is not yet decided holds nothing */
	traffic_die(people, "orders", "undecided", 1, "target", "undecided");
	id = traffic_ask(people, "undecided1", "{\"stages\": []}");
	traffic_expect_verdicts(people, OPERATOR, "undecided1", "pending");
	answer(people, "present", FOUND);
	traffic_expect_items(people, id, "waiting");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'enough')",
		(long long)id);
	traffic_check(people, "check_replays");
}

static void what_was_sent_before_and_is_there_now_has_arrived(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;

	guard_with(people, "\"idempotency\": \"key\",", ", " KNOWN_BY);
	id = approved(people, "twice", 1);
	pg_expect_int(worker, 0, CLAIMED);
	answer(people, "absent", "{}");
	assert_int_equal(
		traffic_send(people, 50, "in_doubt"), 1); /* comes again, with the same key */
	traffic_expect_items(people, id, "waiting");
	pg_do(people->super,
		"update orderly.replay_item set next_try_at = '-infinity' where request = %lld",
		(long long)id);
	/* the answer from before it was sent says nothing */
	pg_expect_int(worker, 0, CLAIMED);
	pg_expect_int(people->super, 1, ASKED);
	answer(people, "present", FOUND);
	traffic_expect_items(people, id, "delivered");
	traffic_expect_letters(people, "twice1", "resolved");
	pg_expect_int(people->super, 1,
		"select sends from orderly.replay_item where request = %lld", (long long)id);
	traffic_check(people, "check_replays");
}

/* 20 keys of 10: each is asked for once, and each key goes in its order. */
static void many_at_once_keep_their_order(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;
	int asked = 0, sent = 0;

	guard_with(people, "\"ordering_key\": \"supplier\",", ", " KNOWN_BY);
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'many-' || i, k, now() - interval '1 hour' + i * interval '1 s',"
		" jsonb_build_object('ordering_key', 'key ' || i %% 20, 'class', 'target', 'text', 'many',"
		" 'facility', 'H01', 'payload', case k when 'received' then"
		" '{\"kind\": \"inbound\", \"body\": \"x\"}'::jsonb end)) order by i, k desc)"
		" from generate_series(1, 200) i, unnest(array['received', 'dead']) k");
	traffic_duty(people, "dead_letters");
	id = traffic_approved(people, "many-%", "{\"stages\": [], \"stop_ppm\": 1000000}");
	answer(people, "absent", "{}"); /* what was asked for before the decision */
	pg_do(worker,
		"create temp table went (n serial, dead_letter bigint, ordering_key text, lease uuid)");
	for (int round = 0; round < 40 && sent < 200; round++) {
		pg_expect_int(worker, 0, CLAIMED);
		asked += answer(people, "absent", "{}");
		pg_do(worker,
			"with c as (insert into went (dead_letter, ordering_key, lease) select transaction,"
			" ordering_key, lease from orderly.claim_replays('test', 1000) returning lease)"
			" select count(*) from c");
		pg_do(worker,
			"select orderly.mark_sending(array(select lease from went where lease is not null))");
		sent += (int)pg_int(worker,
			"select count(*) filter (where ok) from orderly.complete_replay((select"
			" coalesce(jsonb_agg(jsonb_build_object('lease', lease, 'outcome', 'delivered')), '[]')"
			" from went where lease is not null))");
		pg_do(worker, "update went set lease = null");
	}
	assert_int_equal(sent, 200);
	assert_int_equal(asked, 200);
	pg_expect_int(worker, 0,
		"select count(*) from (select dead_letter < lag(dead_letter) over"
		" (partition by ordering_key order by n) as back from went) w where back");
	pg_expect_int(worker, 200, "select count(distinct dead_letter) from went");
	traffic_expect_request(people, id, "done 1");
	pg_do(worker, "drop table went");
	traffic_check(people, "check_replays");
}

static void who_has_no_guard_is_not_asked_about(void **state)
{
	struct people *people = *state;

	guard_with(people, "", ", \"guard\": false, " KNOWN_BY);
	(void)approved(people, "off", 1);
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	guard_with(people, "", ""); /* no key: for the record beside the payload alone */
	(void)approved(people, "nokey", 1);
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.replay_item i join orderly.message m on m.id = i.dead_letter"
		" where i.guarded_at is not null and m.message_id ~ '^(off|nokey)'");
	/* nor is the answer of one that only says which record belongs to a message taken for the target's */
	pg_expect_text(people->super, "f t t t f",
		"select string_agg(orderly.asks_target(j.e, v.t)::text::char, ' ' order by v.n) from (values"
		" (1, '{}', 'odoo'), (2, '{\"check\": {\"path\": \"/x\"}}', 'ghx'),"
		" (3, '{\"check\": {\"model\": \"m\"}}', 'odoo'),"
		" (4, '{\"check\": {\"model\": \"m\", \"guard\": true}}', 'ghx'),"
		" (5, '{\"check\": {\"model\": \"m\"}}', 'ghx')) v (n, e, t),"
		" lateral (select v.e::jsonb as e) j (e)");
	pg_expect_text(people->super, "f f f t f t f",
		"select string_agg(orderly.guarded(j.e, v.t)::text::char, ' ' order by v.n) from (values"
		" (1, '{}', 'odoo'), (2, '{\"check\": {\"path\": \"/x\"}}', 'odoo'),"
		" (3, '{\"check\": {\"model\": 7, \"looks\": {}}}', 'odoo'),"
		" (4, '{\"check\": {\"model\": \"m\", \"looks\": {}}}', 'odoo'),"
		/* what comes from Odoo is there always */
		" (5, '{\"check\": {\"model\": \"m\", \"looks\": {}}}', 'ghx'),"
		" (6, '{\"check\": {\"model\": \"m\", \"external_id\": \"a.b\", \"guard\": true}}', 'ghx'),"
		" (7, '{\"check\": {\"model\": \"m\", \"looks\": {}, \"guard\": false}}', 'odoo'))"
		" v (n, e, t), lateral (select v.e::jsonb as e) j (e)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_there_goes_once),
		cmocka_unit_test(what_is_there_is_held_for_a_person_and_not_sent),
		cmocka_unit_test(what_cannot_be_told_is_held_with_why),
		cmocka_unit_test(while_odoo_is_away_it_waits_and_is_held_in_the_end),
		cmocka_unit_test(an_answer_counts_while_it_is_young_and_after_the_decision),
		cmocka_unit_test(what_was_sent_before_and_is_there_now_has_arrived),
		cmocka_unit_test(many_at_once_keep_their_order),
		cmocka_unit_test(who_has_no_guard_is_not_asked_about),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, people_teardown);
}
