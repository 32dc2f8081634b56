/* Replays that do not end as they should: leases that run out, doubt and who ends it, what was not sent,
 * what ended meanwhile. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define CLAIMED "select count(*) from orderly.claim_replays('test', 50)"

static void a_lease_that_runs_out_comes_back_before_the_mark_and_is_in_doubt_behind_it(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;
	char *key;

	traffic_die(people, "orders", "lease", 1, "target", "lease");
	id = traffic_approved(people, "lease1", NULL);
	key = pg_text(worker, "select idempotency_key from orderly.claim_replays('test', 50)");
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	traffic_expect_items(people, id, "waiting");
	pg_do(worker,
		"create temp table held as select lease from orderly.claim_replays('test', 50)");
	pg_expect_int(worker, 1,
		"select count(*) from orderly.mark_sending(array(select lease from held)) where go");
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	traffic_expect_items(people, id, "in_doubt");
	traffic_expect_letters(people, "lease1", "in_doubt");
	pg_expect_int(worker, 0, CLAIMED);
	/* a person says that it did not arrive; the next request carries the same key */
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_resolve((select id from orderly.replay_item"
		" where request = %lld), 'failed', 'not there')",
		(long long)id);
	traffic_expect_letters(people, "lease1", "open");
	id = traffic_approved(people, "lease1", NULL);
	pg_expect_text(
		worker, key, "select idempotency_key from orderly.claim_replays('test', 50)");
	free(key);
	/* a worker that comes late with the truth is heard */
	pg_do(worker, "truncate held");
	pg_do(people->super,
		"update orderly.replay_item set state = 'sending', sends = 1 where request = %lld",
		(long long)id);
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	traffic_expect_items(people, id, "in_doubt");
	pg_expect_text(people->super, "true",
		"select has_table_privilege('postgres', 'orderly.replay_item', 'select')::text");
	key = pg_text(people->super, "select lease from orderly.replay_item where request = %lld",
		(long long)id);
	pg_expect_text(worker, "done delivered",
		"select code || ' ' || state from orderly.complete_replay("
		"'{\"lease\": \"%s\", \"outcome\": \"delivered\"}')",
		key);
	pg_expect_text(worker, "done delivered",
		"select code || ' ' || state from orderly.complete_replay("
		"'{\"lease\": \"%s\", \"outcome\": \"delivered\"}')",
		key);
	pg_expect_text(worker, "state delivered",
		"select code || ' ' || state from orderly.complete_replay("
		"'{\"lease\": \"%s\", \"outcome\": \"failed\"}')",
		key);
	free(key);
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

static void where_the_target_keeps_repeats_apart_it_is_sent_again_with_the_same_key(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;
	char *key = NULL;

	traffic_die(people, "stock", "idem", 1, "target", "idem");
	id = traffic_approved(people, "idem1", NULL);
	pg_do(worker, "create temp table held (lease uuid, key text)");
	for (int i = 1; i <= 5; i++) {
		pg_do(worker,
			"truncate held; insert into held select lease, idempotency_key from orderly.claim_replays('test', 50)");
		pg_expect_int(worker, 1,
			"select count(*) from orderly.mark_sending(array(select lease from held)) where go");
		if (key)
			pg_expect_text(worker, key, "select key from held");
		else
			key = pg_text(worker, "select key from held");
		pg_do(people->super,
			"update orderly.replay_item set lease_until = now() where request = %lld",
			(long long)id);
		traffic_duty(people, "replay_leases");
		traffic_expect_items(people, id, i < 5 ? "waiting" : "in_doubt");
		pg_do(people->super,
			"update orderly.replay_item set next_try_at = now() where request = %lld",
			(long long)id);
	}
	free(key);
	/* a person has it sent once more: an approver */
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_resolve((select id from orderly.replay_item"
		" where request = %lld), 'again', 'the log is empty')",
		(long long)id);
	traffic_expect_letters(people, "idem1", "replaying");
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

static void the_targets_answer_ends_a_doubt(void **state)
{
	struct people *people = *state;
	int64_t id;

	people_change(people, "interface", "orders",
		"{\"title\": \"orders\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"rest\", \"timing\":"
		" \"real-time\", \"data_class\": \"internal\", \"replay_policy\": \"one\", \"ordering_key\":"
		" \"supplier\", \"endpoint\": {\"check\": {\"path\": \"/orders\"}}}");
	traffic_die(people, "orders", "answer", 2, "target", "answer");
	id = traffic_approved(people, "answer_", "{\"stages\": [], \"stop_ppm\": 1000000}");
	pg_do(people->as[WORKER],
		"select orderly.mark_sending(array(select lease from orderly.claim_replays('test', 50)))");
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	traffic_expect_items(people, id, "in_doubt in_doubt");
	pg_expect_int(people->as[WORKER], 2,
		"select count(*) filter (where orderly.record_check(token,"
		" case message_id when 'answer1' then 'present' else 'absent' end)) from orderly.claim_checks('test')"
		" where message_id like 'answer_'");
	traffic_expect_items(people, id, "delivered waiting");
	traffic_expect_letters(people, "answer_", "resolved replaying");
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	traffic_expect_request(people, id, "done 1");
	traffic_check(people, "check_replays");
}

static void a_pause_between_claim_and_mark_keeps_it_from_being_sent(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;

	traffic_die(people, "stock", "pause", 2, "target", "pause");
	id = traffic_approved(people, "pause_", "{\"stages\": []}");
	pg_do(worker,
		"create temp table held as select lease from orderly.claim_replays('test', 50)");
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.replay_pause(%lld, 'wait')", (long long)id);
	pg_expect_text(worker, "not_running not_running",
		"select string_agg(code, ' ') from"
		" orderly.mark_sending(array(select lease from held))");
	traffic_expect_items(people, id, "waiting waiting");
	pg_expect_int(worker, 0, CLAIMED);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_resume(%lld, 'go on')",
		(long long)id);
	pg_do(worker,
		"truncate held; insert into held select lease from orderly.claim_replays('test', 50)");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'no more')",
		(long long)id);
	pg_expect_text(worker, "lease lease",
		"select string_agg(code, ' ') from"
		" orderly.mark_sending(array(select lease from held))");
	traffic_expect_items(people, id, "cancelled cancelled");
	traffic_expect_letters(people, "pause_", "open open");
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

static void what_was_not_sent_comes_again_later(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "stock", "notsent", 1, "target", "notsent");
	id = traffic_approved(people, "notsent1", NULL);
	assert_int_equal(traffic_send(people, 50, "not_sent"), 1);
	traffic_expect_items(people, id, "waiting");
	assert_int_equal(traffic_send(people, 50, "delivered"), 0);
	pg_expect_text(people->super, "true",
		"select (next_try_at > now() + interval '3 seconds')::text from"
		" orderly.replay_item where request = %lld",
		(long long)id);
	pg_do(people->super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	assert_int_equal(traffic_send(people, 50, "present"), 1);
	traffic_expect_request(people, id, "done 1");
	traffic_expect_letters(people, "notsent1", "resolved");
	traffic_check(people, "check_replays");
}

/* Cancelled while it was on its way: what comes back is not sent again. */
static void what_comes_back_to_a_request_that_is_over_is_called_off(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;

	traffic_die(people, "stock", "over", 2, "target", "over");
	id = traffic_approved(people, "over_", "{\"stages\": []}");
	pg_do(worker,
		"create temp table held as select lease, message_id from orderly.claim_replays('test', 50)");
	pg_do(worker, "select orderly.mark_sending(array(select lease from held))");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'no more')",
		(long long)id);
	traffic_expect_items(people, id, "sending sending");
	pg_do(worker,
		"select orderly.complete_replay((select jsonb_agg(jsonb_build_object('lease', lease, 'outcome',"
		" case message_id when 'over1' then 'not_sent' else 'delivered' end)) from held))");
	traffic_expect_items(people, id, "cancelled delivered");
	traffic_expect_letters(people, "over_", "open resolved");
	traffic_expect_request(people, id, "cancelled 1");
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

static void what_went_on_by_itself_while_it_was_replayed_is_resolved(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];

	traffic_die(people, "stock", "itself", 1, "target", "itself");
	traffic_approved(people, "itself1", NULL);
	pg_do(worker,
		"create temp table held as select lease from orderly.claim_replays('test', 50)");
	pg_do(worker, "select orderly.mark_sending(array(select lease from held))");
	traffic_ingest(people,
		"select public.ev('stock', 'itself1', 'delivered', now(), '{\"attempt\": 2}')");
	traffic_duty(people, "dead_letters");
	traffic_expect_letters(people, "itself1", "replaying");
	pg_do(worker,
		"select orderly.complete_replay((select jsonb_build_object('lease', lease, 'outcome', 'failed',"
		" 'class', 'conflict', 'text', 'has it') from held))");
	traffic_expect_letters(people, "itself1", "resolved");
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

/* A middleware that tells of the new message by itself, before it says how it ended. */
static void a_replay_that_was_told_of_before_is_still_the_child(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];

	traffic_die(people, "stock", "told", 1, "target", "told");
	traffic_approved(people, "told1", NULL);
	pg_do(worker,
		"create temp table held as select lease from orderly.claim_replays('test', 50)");
	pg_do(worker, "select orderly.mark_sending(array(select lease from held))");
	traffic_ingest(people,
		"select public.ev('stock', 'told-again', 'dead', now(), '{\"class\": \"target\"}')");
	traffic_duty(people, "dead_letters");
	pg_do(worker,
		"select orderly.complete_replay((select jsonb_build_object('lease', lease, 'outcome', 'failed',"
		" 'message_id', 'told-again') from held))");
	traffic_duty(people, "dead_letters");
	traffic_expect_letters(people, "told%", "open resolved");
	pg_expect_int(people->super, traffic_id(people, "stock", "told-again"),
		"select child from orderly.lineage where parent = %lld",
		(long long)traffic_id(people, "stock", "told1"));
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_lease_that_runs_out_comes_back_before_the_mark_and_is_in_doubt_behind_it),
		cmocka_unit_test(
			where_the_target_keeps_repeats_apart_it_is_sent_again_with_the_same_key),
		cmocka_unit_test(the_targets_answer_ends_a_doubt),
		cmocka_unit_test(a_pause_between_claim_and_mark_keeps_it_from_being_sent),
		cmocka_unit_test(what_was_not_sent_comes_again_later),
		cmocka_unit_test(what_comes_back_to_a_request_that_is_over_is_called_off),
		cmocka_unit_test(what_went_on_by_itself_while_it_was_replayed_is_resolved),
		cmocka_unit_test(a_replay_that_was_told_of_before_is_still_the_child),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_doubt", tests, traffic_setup, people_teardown);
}
