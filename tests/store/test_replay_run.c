/* Replays as they run: claims, the mark before the send, outcomes, order, stages, rates. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define CLAIMED "select count(*) from orderly.claim_replays('test', 50)"

static void a_replay_that_arrives_resolves_the_dead_letter_and_is_a_transaction_of_its_own(
	void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "good", 1, "target", "good");
	id = traffic_approved(people, "good1", NULL);
	traffic_expect_letters(people, "good1", "replaying");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	traffic_expect_items(people, id, "delivered");
	traffic_expect_request(people, id, "done 1");
	traffic_expect_letters(people, "good1", "resolved");
	traffic_duty(people, "dead_letters");
	pg_expect_text(people->super, "dead done good1 good1 t",
		"select concat_ws(' ', o.state, t.state, cm.parent, c.business_key, l.replayed_as = t.id) from"
		" orderly.dead_letter l join orderly.transaction o on o.id = l.id join orderly.lineage g on"
		" g.parent = l.id join orderly.transaction t on t.id = g.child join orderly.message cm on"
		" cm.id = t.id join orderly.message c on c.id = l.id where c.message_id = 'good1'");
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
}

static void one_that_fails_goes_back_and_three_of_a_kind_are_quarantined(void **state)
{
	struct people *people = *state;
	char *letters;

	traffic_die(people, "stock", "fail", 2, "mapping", "unknown to the target");
	for (int i = 1; i <= 3; i++) {
		traffic_approved(people, "fail1", NULL);
		assert_int_equal(traffic_send(people, 10, "failed"), 1);
		traffic_duty(people, "dead_letters");
		traffic_expect_letters(people, "fail1", i < 3 ? "open" : "quarantined");
	}
	pg_expect_text(people->super, "3 3",
		"select failed_again || ' ' || same_again from orderly.dead_letter"
		" where id = %lld",
		(long long)traffic_id(people, "stock", "fail1"));
	/* its own replays open no dead letters */
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.dead_letter l join orderly.message m"
		" on m.id = l.id where m.message_id like 'fail1~%%'");
	letters = traffic_letters(people, "fail_");
	pg_expect_text(people->as[OPERATOR], "quarantined eligible",
		"select string_agg(verdict, ' ' order by id) from orderly.replay_dry_run('%s')",
		letters);
	free(letters);
	/* alone it may be tried again, and another fault begins the count anew */
	traffic_approved(people, "fail1", NULL);
	pg_do(people->as[WORKER],
		"create temp table last as select lease from orderly.claim_replays('test', 10)");
	pg_do(people->as[WORKER], "select orderly.mark_sending(array(select lease from last))");
	pg_do(people->as[WORKER],
		"select orderly.complete_replay((select jsonb_build_object('lease', lease,"
		" 'outcome', 'failed', 'class', 'auth', 'text', 'no') from last))");
	pg_do(people->as[WORKER], "drop table last");
	pg_expect_text(people->super, "4 1 auth",
		"select concat_ws(' ', l.failed_again, l.same_again, g.class) from"
		" orderly.dead_letter l join orderly.failure_group g on g.id = l.failure_group where l.id = %lld",
		(long long)traffic_id(people, "stock", "fail1"));
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
}

static void of_one_ordering_key_only_the_head_goes(void **state)
{
	struct people *people = *state;
	int64_t id, again;

	traffic_die_ordered(people, "line", 4);
	id = traffic_approved(people, "line_", "{\"stages\": [], \"stop_ppm\": 1000000}");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	traffic_expect_items(people, id, "delivered waiting waiting waiting");
	assert_int_equal(traffic_send(people, 10, "failed"), 1);
	traffic_expect_items(people, id, "delivered failed waiting waiting");
	/* the failed one holds those behind it, and they say so */
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	pg_expect_int(people->super, traffic_id(people, "orders", "line2"),
		"select behind from orderly.replay_item"
		" where request = %lld and nr = 3",
		(long long)id);
	traffic_expect_request(people, id, "running 1");
	/* until it is replayed */
	again = traffic_approved(people, "line2", NULL);
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	traffic_expect_request(people, again, "done 1");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	traffic_expect_items(people, id, "delivered failed delivered delivered");
	traffic_expect_request(people, id, "done 1");
	traffic_check(people, "check_replays");
}

static void an_earlier_message_on_its_way_holds_and_a_later_delivered_one_is_for_a_person(
	void **state)
{
	struct people *people = *state;
	int64_t id, item;

	traffic_ingest(people,
		"select public.ev('orders', 'way0', 'queued', now(), '{\"ordering_key\": \"way\"}')");
	traffic_die_ordered(people, "way", 1);
	id = traffic_approved(people, "way1", NULL);
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	traffic_expect_items(people, id, "waiting");
	traffic_ingest(people, "select public.ev('orders', 'way0', 'delivered', now())");
	traffic_ingest(people,
		"select public.ev('orders', 'way2', 'delivered', now(), '{\"ordering_key\": \"way\"}')");
	pg_do(people->super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	traffic_expect_items(people, id, "held");
	item = pg_int(people->super, "select id from orderly.replay_item where request = %lld",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "role", "orderly.replay_let(%lld, true, 'harmless')",
		(long long)item);
	pg_expect_code(people->as[APPROVER], "done", "orderly.replay_let(%lld, true, 'harmless')",
		(long long)item);
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	traffic_expect_request(people, id, "done 1");
	/* and left out where the person says so */
	traffic_die_ordered(people, "wayB", 1);
	id = traffic_approved(people, "wayB1", NULL);
	traffic_ingest(people,
		"select public.ev('orders', 'wayB2', 'delivered', now(), '{\"ordering_key\": \"wayB\"}')");
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_let((select id from orderly.replay_item where"
		" request = %lld), false, 'too late')",
		(long long)id);
	traffic_expect_request(people, id, "done 1");
	traffic_expect_letters(people, "wayB1", "open");
	traffic_check(people, "check_replays");
}

static void what_changed_since_it_was_frozen_is_refused(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "since", 3, "target", "since");
	id = traffic_approved(people, "since_", "{\"stages\": []}");
	pg_do(people->super, "update orderly.payload set body = 'other' where transaction = %lld",
		(long long)traffic_id(people, "orders", "since1"));
	traffic_ingest(people,
		"select public.ev('orders', 'since2', 'delivered', now(), '{\"attempt\": 2}')");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	pg_expect_text(people->super, "refused:changed refused:delivered delivered:delivered",
		"select string_agg(state || ':' || outcome, ' ' order by nr) from orderly.replay_item where request = %lld",
		(long long)id);
	traffic_duty(people, "dead_letters");
	traffic_expect_letters(people, "since_", "open resolved resolved");
	traffic_expect_request(people, id, "done 1");
	traffic_check(people, "check_replays");
}

static void who_lost_the_role_counts_no_more(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "invoices", "lost", 1, "target", "lost");
	id = traffic_approved(people, "lost1", NULL);
	pg_do(people->super, "revoke orderly_" PG_STORE "_approver from %s",
		people->login[APPROVER2]);
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	traffic_expect_request(people, id, "stopped 1");
	pg_expect_code(people->as[OPERATOR], "asker_role", "orderly.replay_resume(%lld, 'try it')",
		(long long)id);
	pg_do(people->super, "grant orderly_" PG_STORE "_approver to %s", people->login[APPROVER2]);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_resume(%lld, 'try it')",
		(long long)id);
	pg_do(people->super, "revoke orderly_" PG_STORE "_operator from %s",
		people->login[OPERATOR]);
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	traffic_expect_request(people, id, "stopped 1");
	pg_do(people->super, "grant orderly_" PG_STORE "_operator to %s", people->login[OPERATOR]);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'leave it')",
		(long long)id);
	traffic_expect_letters(people, "lost1", "open");
}

static void a_canary_stops_at_its_share_and_goes_on_when_a_person_says_so(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "can", 20, "target", "canary");
	id = traffic_approved(people, "can%", "{\"stages\": [1, 4], \"stop_ppm\": 400000}");
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	traffic_expect_request(people, id, "running 2");
	assert_int_equal(traffic_send(people, 1, "failed"), 1);
	assert_int_equal(traffic_send(people, 2, "delivered"), 2);
	traffic_expect_request(people, id, "running 2");
	assert_int_equal(traffic_send(people, 50, "failed"), 1);
	traffic_expect_request(people, id, "stopped 2"); /* 2 of 4 are more than 40 % */
	assert_int_equal(traffic_send(people, 50, "delivered"), 0);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_resume(%lld, 'known cause')",
		(long long)id);
	traffic_expect_request(people, id, "running 3");
	assert_int_equal(traffic_send(people, 5, "delivered"), 5);
	assert_int_equal(traffic_send(people, 4, "failed"), 4);
	traffic_expect_request(people, id, "running 3");
	assert_int_equal(traffic_send(people, 1, "failed"), 1);
	traffic_expect_request(people, id, "stopped 3"); /* 5 of 10 */
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'enough')",
		(long long)id);
	pg_expect_int(people->super, 5,
		"select count(*) from orderly.replay_item where request = %lld and"
		" state = 'cancelled'",
		(long long)id);
	traffic_check(people, "check_replays");
}

static void a_doubt_in_a_canary_counts_as_failed(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "doubtful", 3, "target", "doubtful");
	id = traffic_approved(people, "doubtful%", "{\"stages\": [1]}");
	assert_int_equal(traffic_send(people, 50, "in_doubt"), 1);
	traffic_expect_request(people, id, "stopped 1");
	traffic_expect_letters(people, "doubtful1", "in_doubt");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'enough')",
		(long long)id);
	traffic_expect_items(people, id, "in_doubt cancelled cancelled");
	pg_expect_code(people->as[OPERATOR], "role",
		"orderly.replay_resolve((select id from orderly.replay_item"
		" where request = %lld and nr = 1), 'again', 'surely')",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "reason",
		"orderly.replay_resolve((select id from orderly.replay_item"
		" where request = %lld and nr = 1), 'delivered', '')",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_resolve((select id from orderly.replay_item"
		" where request = %lld and nr = 1), 'delivered', 'seen at the target')",
		(long long)id);
	traffic_expect_letters(people, "doubtful_", "resolved open open");
	traffic_check(people, "check_replays");
}

static void a_rate_lets_so_many_through_and_no_other_request_waits_for_it(void **state)
{
	struct people *people = *state;
	int64_t slow, quick;

	traffic_die(people, "stock", "slow", 5, "target", "slow");
	traffic_die(people, "stock", "quick", 5, "target", "quick");
	slow = traffic_approved(people, "slow%", "{\"stages\": [], \"rate\": 0.01}");
	quick = traffic_approved(people, "quick%", "{\"stages\": []}");
	assert_int_equal(traffic_send(people, 3, "delivered"), 1); /* the one that was saved up */
	assert_int_equal(traffic_send(people, 3, "delivered"), 3);
	assert_int_equal(traffic_send(people, 50, "delivered"), 2);
	traffic_expect_request(people, quick, "done 1");
	traffic_expect_request(people, slow, "running 1");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'too slow')",
		(long long)slow);
}

/* Whoever executes: the rest lies in the store, and the one that probes alone gets an item. */
static void what_rests_is_given_to_nobody_but_its_prober(void **state)
{
	static const char claims[] =
		"select count(*) from orderly.claim_replays('%s', 1, 60, %s) where message_id like 'rest%%'";
	static const char well[] = "orderly.relay_well(array['stock'], 'prober')";
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;

	traffic_die(people, "stock", "rest", 3, "target", "rest");
	id = traffic_approved(people, "rest_", "{\"stages\": []}");
	pg_expect_text(worker, "open",
		"select state from orderly.relay_report('ghx', 'prober', 0, 9, 'transport', 0, false)");
	pg_expect_int(worker, 0, claims, "mw", "null");
	pg_expect_text(worker, "f", "select orderly.relay_probe('ghx', 'prober', 60)");
	pg_do(people->super, "update orderly.relay_target set until = now()");
	pg_expect_text(worker, "t", "select orderly.relay_probe('ghx', 'prober', 60)");
	pg_expect_int(worker, 0, claims, "mw", "null");
	pg_expect_int(worker, 1, claims, "prober", well);
	pg_expect_int(worker, 0, claims, "mw", "null");
	/* nobody comes to probe it: it is taken up all the same */
	pg_do(people->super,
		"update orderly.relay_target set until = now() - interval '2 minutes'");
	pg_expect_int(worker, 1, claims, "mw", "null");
	pg_do(people->super, "update orderly.relay_target set until = now() + interval '1 minute'");
	pg_expect_text(worker, "closed",
		"select state from orderly.relay_report('ghx', 'prober', 1, 0, null, 0, true)");
	pg_expect_int(worker, 1, claims, "mw", "null");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'enough')",
		(long long)id);
}

static void only_workers_claim_and_mark_and_complete(void **state)
{
	struct people *people = *state;

	for (enum who who = 0; who < N_WHO; who++) {
		if (who == WORKER)
			continue;
		pg_expect_error(people->as[who], "42501", "select orderly.claim_replays('me')");
		pg_expect_error(people->as[who], "42501", "select orderly.mark_sending('{}')");
		pg_expect_error(people->as[who], "42501", "select orderly.complete_replay('[]')");
		pg_expect_error(people->as[who], "42501", "select lease from orderly.replay_item");
	}
	pg_expect_text(
		people->as[WORKER], "outcome", "select code from orderly.complete_replay('7')");
	pg_expect_text(people->as[WORKER], "lease",
		"select code from orderly.complete_replay('{\"outcome\": \"delivered\"}')");
	pg_expect_int(people->as[WORKER], 0, "select count(*) from orderly.complete_replay('[]')");
	pg_expect_int(
		people->as[WORKER], 0, "select count(*) from orderly.claim_replays('me', -1)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_replay_that_arrives_resolves_the_dead_letter_and_is_a_transaction_of_its_own),
		cmocka_unit_test(one_that_fails_goes_back_and_three_of_a_kind_are_quarantined),
		cmocka_unit_test(of_one_ordering_key_only_the_head_goes),
		cmocka_unit_test(
			an_earlier_message_on_its_way_holds_and_a_later_delivered_one_is_for_a_person),
		cmocka_unit_test(what_changed_since_it_was_frozen_is_refused),
		cmocka_unit_test(who_lost_the_role_counts_no_more),
		cmocka_unit_test(a_canary_stops_at_its_share_and_goes_on_when_a_person_says_so),
		cmocka_unit_test(a_doubt_in_a_canary_counts_as_failed),
		cmocka_unit_test(a_rate_lets_so_many_through_and_no_other_request_waits_for_it),
		cmocka_unit_test(what_rests_is_given_to_nobody_but_its_prober),
		cmocka_unit_test(only_workers_claim_and_mark_and_complete),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_run", tests, traffic_setup, people_teardown);
}
