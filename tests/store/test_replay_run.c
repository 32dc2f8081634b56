/* Replays as they run: claims, the mark before the send, outcomes, order, stages, rates, doubt, and
 * that each is applied once however workers die. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define CLAIMED "select count(*) from orderly.claim_replays('test', 50)"

static void expect_items(struct people *people, int64_t request, const char *want)
{
	pg_expect_text(people->super, want,
		"select string_agg(state, ' ' order by nr) from orderly.replay_item where request = %lld",
		(long long)request);
}

static void expect_request(struct people *people, int64_t request, const char *want)
{
	pg_expect_text(people->super, want,
		"select state || ' ' || stage from orderly.replay_request where id = %lld",
		(long long)request);
}

static void expect_letters(struct people *people, const char *like, const char *want)
{
	pg_expect_text(people->super, want,
		"select string_agg(l.state, ' ' order by l.id) from orderly.dead_letter l"
		" join orderly.message m on m.id = l.id where m.message_id like '%s' and m.message_id !~ '~'",
		like);
}

static int64_t approved(struct people *people, const char *like, const char *options)
{
	int64_t id = traffic_ask(people, like, options);

	traffic_approve(people, id);
	return id;
}

static void ordered(struct people *people, const char *prefix, int n)
{
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', '%s' || i, k, now() - interval '1 hour', jsonb_build_object("
		" 'ordering_key', '%s', 'class', 'target', 'text', 'ordered', 'facility', 'H01',"
		" 'payload', case k when 'received' then '{\"kind\": \"inbound\", \"body\": \"x\"}'::jsonb end))"
		" order by i) from generate_series(1, %d) i, unnest(array['received', 'dead']) k",
		prefix, prefix, n);
	traffic_duty(people, "dead_letters");
}

static void a_replay_that_arrives_resolves_the_dead_letter_and_is_a_transaction_of_its_own(
	void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "good", 1, "target", "good");
	id = approved(people, "good1", NULL);
	expect_letters(people, "good1", "replaying");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	expect_items(people, id, "delivered");
	expect_request(people, id, "done 1");
	expect_letters(people, "good1", "resolved");
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
		approved(people, "fail1", NULL);
		assert_int_equal(traffic_send(people, 10, "failed"), 1);
		traffic_duty(people, "dead_letters");
		expect_letters(people, "fail1", i < 3 ? "open" : "quarantined");
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
	approved(people, "fail1", NULL);
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

/* Every step of an item, in every state it can be in. */
static void every_step_in_every_state_does_what_the_table_says(void **state)
{
	static const char *const states[] = {"waiting", "claimed", "sending", "in_doubt", "held",
		"delivered", "failed", "refused", "cancelled"};
	static const struct {
		const char *act;
		enum who who;
		const char *call; /* @ is the item, $ its lease; gives whether it was done */
	} acts[] = {
		{"send", WORKER, "(select go from orderly.mark_sending('{$}'))"},
		{"delivered", WORKER,
			"(select ok from orderly.complete_replay('{\"lease\": \"$\", \"outcome\": \"delivered\"}'))"},
		{"failed", WORKER,
			"(select ok from orderly.complete_replay('{\"lease\": \"$\", \"outcome\": \"failed\"}'))"},
		{"not_sent", WORKER,
			"(select ok from orderly.complete_replay('{\"lease\": \"$\", \"outcome\": \"not_sent\"}'))"},
		{"in_doubt", WORKER,
			"(select ok from orderly.complete_replay('{\"lease\": \"$\", \"outcome\": \"in_doubt\"}'))"},
		{"release", APPROVER, "(select ok from orderly.replay_let(@, true, 'a reason'))"},
	};
	struct people *people = *state;
	int n = 0;

	traffic_die(
		people, "orders", "step", ARRAY_LEN(acts) * ARRAY_LEN(states), "target", "step");
	for (size_t a = 0; a < ARRAY_LEN(acts); a++)
		for (size_t s = 0; s < ARRAY_LEN(states); s++) {
			char like[32], *becomes, *call;
			int64_t id, item;

			snprintf(like, sizeof(like), "step%d", ++n);
			id = approved(people, like, NULL);
			pg_do(people->super,
				"update orderly.replay_request set state = 'running', started_at = now()"
				" where id = %lld",
				(long long)id);
			item = pg_int(people->super,
				"update orderly.replay_item set state = '%s', lease ="
				" gen_random_uuid(), lease_until = now() + interval '1 minute', sends = 1"
				" where request = %lld returning id",
				states[s], (long long)id);
			if (strcmp(states[s], "in_doubt") == 0)
				pg_do(people->super,
					"update orderly.dead_letter set state = 'in_doubt' where id ="
					" (select dead_letter from orderly.replay_item where id = %lld)",
					(long long)item);
			becomes = pg_text(people->super,
				"select coalesce((select becomes from orderly.act_rule where"
				" machine = 'replay_item' and act = '%s' and state = '%s'), '')",
				acts[a].act, states[s]);
			call = pg_text(people->super,
				"select replace(replace($q$%s$q$, '@', id::text), '$', lease::text)"
				" from orderly.replay_item where id = %lld",
				acts[a].call, (long long)item);
			pg_expect_text(people->as[acts[a].who], *becomes ? "true" : "false",
				"select %s::text", call);
			pg_expect_text(people->super, *becomes ? becomes : states[s],
				"select state from orderly.replay_item where id = %lld",
				(long long)item);
			free(call);
			free(becomes);
			pg_do(people->super,
				"update orderly.replay_item set state = 'cancelled' where id = %lld and live",
				(long long)item);
			pg_do(people->super,
				"update orderly.dead_letter set state = 'discarded' where id ="
				" (select dead_letter from orderly.replay_item where id = %lld)",
				(long long)item);
			pg_do(people->super,
				"update orderly.replay_request set state = 'done' where id = %lld",
				(long long)id);
		}
	traffic_check(people, "check_replays");
}

static void of_one_ordering_key_only_the_head_goes(void **state)
{
	struct people *people = *state;
	int64_t id, again;

	ordered(people, "line", 4);
	id = approved(people, "line_", "{\"stages\": [], \"stop_ppm\": 1000000}");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	expect_items(people, id, "delivered waiting waiting waiting");
	assert_int_equal(traffic_send(people, 10, "failed"), 1);
	expect_items(people, id, "delivered failed waiting waiting");
	/* the failed one holds those behind it, and they say so */
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	pg_expect_int(people->super, traffic_id(people, "orders", "line2"),
		"select behind from orderly.replay_item"
		" where request = %lld and nr = 3",
		(long long)id);
	expect_request(people, id, "running 1");
	/* until it is replayed */
	again = approved(people, "line2", NULL);
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	expect_request(people, again, "done 1");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	expect_items(people, id, "delivered failed delivered delivered");
	expect_request(people, id, "done 1");
	traffic_check(people, "check_replays");
}

static void an_earlier_message_on_its_way_holds_and_a_later_delivered_one_is_for_a_person(
	void **state)
{
	struct people *people = *state;
	int64_t id, item;

	traffic_ingest(people,
		"select public.ev('orders', 'way0', 'queued', now(), '{\"ordering_key\": \"way\"}')");
	ordered(people, "way", 1);
	id = approved(people, "way1", NULL);
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	expect_items(people, id, "waiting");
	traffic_ingest(people, "select public.ev('orders', 'way0', 'delivered', now())");
	traffic_ingest(people,
		"select public.ev('orders', 'way2', 'delivered', now(), '{\"ordering_key\": \"way\"}')");
	pg_do(people->super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	expect_items(people, id, "held");
	item = pg_int(people->super, "select id from orderly.replay_item where request = %lld",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "role", "orderly.replay_let(%lld, true, 'harmless')",
		(long long)item);
	pg_expect_code(people->as[APPROVER], "done", "orderly.replay_let(%lld, true, 'harmless')",
		(long long)item);
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	expect_request(people, id, "done 1");
	/* and left out where the person says so */
	ordered(people, "wayB", 1);
	id = approved(people, "wayB1", NULL);
	traffic_ingest(people,
		"select public.ev('orders', 'wayB2', 'delivered', now(), '{\"ordering_key\": \"wayB\"}')");
	assert_int_equal(traffic_send(people, 10, "delivered"), 0);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_let((select id from orderly.replay_item where"
		" request = %lld), false, 'too late')",
		(long long)id);
	expect_request(people, id, "done 1");
	expect_letters(people, "wayB1", "open");
	traffic_check(people, "check_replays");
}

static void what_changed_since_it_was_frozen_is_refused(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "since", 3, "target", "since");
	id = approved(people, "since_", "{\"stages\": []}");
	pg_do(people->super, "update orderly.payload set body = 'other' where transaction = %lld",
		(long long)traffic_id(people, "orders", "since1"));
	traffic_ingest(people,
		"select public.ev('orders', 'since2', 'delivered', now(), '{\"attempt\": 2}')");
	assert_int_equal(traffic_send(people, 10, "delivered"), 1);
	pg_expect_text(people->super, "refused:changed refused:delivered delivered:delivered",
		"select string_agg(state || ':' || outcome, ' ' order by nr) from orderly.replay_item where request = %lld",
		(long long)id);
	traffic_duty(people, "dead_letters");
	expect_letters(people, "since_", "open resolved resolved");
	expect_request(people, id, "done 1");
	traffic_check(people, "check_replays");
}

static void who_lost_the_role_counts_no_more(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "invoices", "lost", 1, "target", "lost");
	id = approved(people, "lost1", NULL);
	pg_do(people->super, "revoke orderly_" PG_STORE "_approver from %s",
		people->login[APPROVER2]);
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	expect_request(people, id, "stopped 1");
	pg_expect_code(people->as[OPERATOR], "asker_role", "orderly.replay_resume(%lld, 'try it')",
		(long long)id);
	pg_do(people->super, "grant orderly_" PG_STORE "_approver to %s", people->login[APPROVER2]);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_resume(%lld, 'try it')",
		(long long)id);
	pg_do(people->super, "revoke orderly_" PG_STORE "_operator from %s",
		people->login[OPERATOR]);
	pg_expect_int(people->as[WORKER], 0, CLAIMED);
	expect_request(people, id, "stopped 1");
	pg_do(people->super, "grant orderly_" PG_STORE "_operator to %s", people->login[OPERATOR]);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'leave it')",
		(long long)id);
	expect_letters(people, "lost1", "open");
}

static void a_canary_stops_at_its_share_and_goes_on_when_a_person_says_so(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "orders", "can", 20, "target", "canary");
	id = approved(people, "can%", "{\"stages\": [1, 4], \"stop_ppm\": 400000}");
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	expect_request(people, id, "running 2");
	assert_int_equal(traffic_send(people, 1, "failed"), 1);
	assert_int_equal(traffic_send(people, 2, "delivered"), 2);
	expect_request(people, id, "running 2");
	assert_int_equal(traffic_send(people, 50, "failed"), 1);
	expect_request(people, id, "stopped 2"); /* 2 of 4 are more than 40 % */
	assert_int_equal(traffic_send(people, 50, "delivered"), 0);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_resume(%lld, 'known cause')",
		(long long)id);
	expect_request(people, id, "running 3");
	assert_int_equal(traffic_send(people, 5, "delivered"), 5);
	assert_int_equal(traffic_send(people, 4, "failed"), 4);
	expect_request(people, id, "running 3");
	assert_int_equal(traffic_send(people, 1, "failed"), 1);
	expect_request(people, id, "stopped 3"); /* 5 of 10 */
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
	id = approved(people, "doubtful%", "{\"stages\": [1]}");
	assert_int_equal(traffic_send(people, 50, "in_doubt"), 1);
	expect_request(people, id, "stopped 1");
	expect_letters(people, "doubtful1", "in_doubt");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'enough')",
		(long long)id);
	expect_items(people, id, "in_doubt cancelled cancelled");
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
	expect_letters(people, "doubtful_", "resolved open open");
	traffic_check(people, "check_replays");
}

static void a_lease_that_runs_out_comes_back_before_the_mark_and_is_in_doubt_behind_it(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;
	char *key;

	traffic_die(people, "orders", "lease", 1, "target", "lease");
	id = approved(people, "lease1", NULL);
	key = pg_text(worker, "select idempotency_key from orderly.claim_replays('test', 50)");
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	expect_items(people, id, "waiting");
	pg_do(worker,
		"create temp table held as select lease from orderly.claim_replays('test', 50)");
	pg_expect_int(worker, 1,
		"select count(*) from orderly.mark_sending(array(select lease from held)) where go");
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	expect_items(people, id, "in_doubt");
	expect_letters(people, "lease1", "in_doubt");
	pg_expect_int(worker, 0, CLAIMED);
	/* a person says that it did not arrive; the next request carries the same key */
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_resolve((select id from orderly.replay_item"
		" where request = %lld), 'failed', 'not there')",
		(long long)id);
	expect_letters(people, "lease1", "open");
	id = approved(people, "lease1", NULL);
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
	expect_items(people, id, "in_doubt");
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
	id = approved(people, "idem1", NULL);
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
		expect_items(people, id, i < 5 ? "waiting" : "in_doubt");
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
	expect_letters(people, "idem1", "replaying");
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
	id = approved(people, "answer_", "{\"stages\": [], \"stop_ppm\": 1000000}");
	pg_do(people->as[WORKER],
		"select orderly.mark_sending(array(select lease from orderly.claim_replays('test', 50)))");
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	expect_items(people, id, "in_doubt in_doubt");
	pg_expect_int(people->as[WORKER], 2,
		"select count(*) filter (where orderly.record_check(token,"
		" case message_id when 'answer1' then 'present' else 'absent' end)) from orderly.claim_checks('test')"
		" where message_id like 'answer_'");
	expect_items(people, id, "delivered waiting");
	expect_letters(people, "answer_", "resolved replaying");
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	expect_request(people, id, "done 1");
	traffic_check(people, "check_replays");
}

static void a_pause_between_claim_and_mark_keeps_it_from_being_sent(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;

	traffic_die(people, "stock", "pause", 2, "target", "pause");
	id = approved(people, "pause_", "{\"stages\": []}");
	pg_do(worker,
		"create temp table held as select lease from orderly.claim_replays('test', 50)");
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.replay_pause(%lld, 'wait')", (long long)id);
	pg_expect_text(worker, "not_running not_running",
		"select string_agg(code, ' ') from"
		" orderly.mark_sending(array(select lease from held))");
	expect_items(people, id, "waiting waiting");
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
	expect_items(people, id, "cancelled cancelled");
	expect_letters(people, "pause_", "open open");
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

static void what_was_not_sent_comes_again_later(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "stock", "notsent", 1, "target", "notsent");
	id = approved(people, "notsent1", NULL);
	assert_int_equal(traffic_send(people, 50, "not_sent"), 1);
	expect_items(people, id, "waiting");
	assert_int_equal(traffic_send(people, 50, "delivered"), 0);
	pg_expect_text(people->super, "true",
		"select (next_try_at > now() + interval '3 seconds')::text from"
		" orderly.replay_item where request = %lld",
		(long long)id);
	pg_do(people->super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	assert_int_equal(traffic_send(people, 50, "present"), 1);
	expect_request(people, id, "done 1");
	expect_letters(people, "notsent1", "resolved");
	traffic_check(people, "check_replays");
}

/* Cancelled while it was on its way: what comes back is not sent again. */
static void what_comes_back_to_a_request_that_is_over_is_called_off(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];
	int64_t id;

	traffic_die(people, "stock", "over", 2, "target", "over");
	id = approved(people, "over_", "{\"stages\": []}");
	pg_do(worker,
		"create temp table held as select lease, message_id from orderly.claim_replays('test', 50)");
	pg_do(worker, "select orderly.mark_sending(array(select lease from held))");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'no more')",
		(long long)id);
	expect_items(people, id, "sending sending");
	pg_do(worker,
		"select orderly.complete_replay((select jsonb_agg(jsonb_build_object('lease', lease, 'outcome',"
		" case message_id when 'over1' then 'not_sent' else 'delivered' end)) from held))");
	expect_items(people, id, "cancelled delivered");
	expect_letters(people, "over_", "open resolved");
	expect_request(people, id, "cancelled 1");
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

static void what_went_on_by_itself_while_it_was_replayed_is_resolved(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];

	traffic_die(people, "stock", "itself", 1, "target", "itself");
	approved(people, "itself1", NULL);
	pg_do(worker,
		"create temp table held as select lease from orderly.claim_replays('test', 50)");
	pg_do(worker, "select orderly.mark_sending(array(select lease from held))");
	traffic_ingest(people,
		"select public.ev('stock', 'itself1', 'delivered', now(), '{\"attempt\": 2}')");
	traffic_duty(people, "dead_letters");
	expect_letters(people, "itself1", "replaying");
	pg_do(worker,
		"select orderly.complete_replay((select jsonb_build_object('lease', lease, 'outcome', 'failed',"
		" 'class', 'conflict', 'text', 'has it') from held))");
	expect_letters(people, "itself1", "resolved");
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
}

/* A middleware that tells of the new message by itself, before it says how it ended. */
static void a_replay_that_was_told_of_before_is_still_the_child(void **state)
{
	struct people *people = *state;
	PGconn *worker = people->as[WORKER];

	traffic_die(people, "stock", "told", 1, "target", "told");
	approved(people, "told1", NULL);
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
	expect_letters(people, "told%", "open resolved");
	pg_expect_int(people->super, traffic_id(people, "stock", "told-again"),
		"select child from orderly.lineage where parent = %lld",
		(long long)traffic_id(people, "stock", "told1"));
	pg_do(worker, "drop table held");
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
}

static void a_rate_lets_so_many_through_and_no_other_request_waits_for_it(void **state)
{
	struct people *people = *state;
	int64_t slow, quick;

	traffic_die(people, "stock", "slow", 5, "target", "slow");
	traffic_die(people, "stock", "quick", 5, "target", "quick");
	slow = approved(people, "slow%", "{\"stages\": [], \"rate\": 0.01}");
	quick = approved(people, "quick%", "{\"stages\": []}");
	assert_int_equal(traffic_send(people, 3, "delivered"), 1); /* the one that was saved up */
	assert_int_equal(traffic_send(people, 3, "delivered"), 3);
	assert_int_equal(traffic_send(people, 50, "delivered"), 2);
	expect_request(people, quick, "done 1");
	expect_request(people, slow, "running 1");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.replay_cancel(%lld, 'too slow')",
		(long long)slow);
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

/* Eight workers on four hundred items, some ordered, that deliver, fail, lose and give back at random:
 * each mark is sent once, order holds, everything adds up, and all comes to an end. */
static void eight_workers_apply_each_once_and_in_order(void **state)
{
	struct people *people = *state;
	PGconn *conns[8];
	int64_t id;
	struct random random = {7};

	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'eight' || i, k, now() - interval '1 hour',"
		" jsonb_strip_nulls(jsonb_build_object('ordering_key', case when i %% 2 = 0 then 'E' || i %% 10 end, 'class',"
		" 'target', 'text', 'eight', 'payload', case k when 'received' then '{\"body\": \"x\"}'::jsonb end)))"
		" order by i) from generate_series(1, 400) i, unnest(array['received', 'dead']) k");
	traffic_duty(people, "dead_letters");
	id = approved(people, "eight%", "{\"stages\": [], \"stop_ppm\": 1000000}");
	pg_do(people->super,
		"create table public.ledger (at bigserial, item bigint, letter bigint, key text, ordering_key text)");
	pg_do(people->super,
		"grant all on public.ledger to public; grant all on sequence public.ledger_at_seq to public");
	for (int i = 0; i < 8; i++) {
		conns[i] = pg_as(people->db, people->login[WORKER]);
		pg_do(conns[i],
			"create temp table mine (item bigint, lease uuid, letter bigint, key text, ordering_key text)");
	}
	for (int round = 0; round < 120; round++) {
		for (int i = 0; i < 8; i++) {
			unsigned dice = (unsigned)(random_next(&random) % 100);

			pg_send(conns[i],
				"begin; truncate mine; insert into mine select item, lease, transaction, idempotency_key,"
				" ordering_key from orderly.claim_replays('w%d', 8); commit; begin; delete from mine where lease not in"
				" (select lease from orderly.mark_sending(array(select lease from mine)) where go); commit;"
				" begin; insert into public.ledger (item, letter, key, ordering_key) select item, letter, key,"
				" ordering_key from mine where %u >= 5; commit; select * from orderly.complete_replay((select"
				" coalesce(jsonb_agg(jsonb_build_object('lease', lease, 'outcome', '%s')), '[]') from mine))",
				i, dice, dice < 5 ? "not_sent" : "delivered");
		}
		for (int i = 0; i < 8; i++) {
			char *code = pg_wait_code(conns[i]);

			if (strlen(code) == 5 &&
				(code[0] == '4' || code[0] == '2' || code[0] == 'X'))
				fail_msg("worker %d: %s", i, code);
			free(code);
		}
		pg_do(people->super,
			"update orderly.replay_item set next_try_at = '-infinity' where state = 'waiting'");
	}
	expect_request(people, id, "done 1");
	pg_expect_text(people->super, "400 400 400",
		"select concat_ws(' ', count(*), count(distinct item),"
		" count(distinct key)) from public.ledger");
	pg_expect_int(people->super, 0,
		"select count(*) from public.ledger a join public.ledger b on"
		" a.ordering_key = b.ordering_key and a.at < b.at and a.letter > b.letter");
	for (int i = 0; i < 8; i++)
		PQfinish(conns[i]);
	traffic_duty(people, "dead_letters");
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
}

/* Workers that die between any two steps, people who pause, let go on and call off, and the duties,
 * all at once: whatever happens, what the store promises holds, and nothing locks up. */
static void promises_hold_in_a_storm_of_acts_and_deaths(void **state)
{
	static const char *const outcomes[] = {
		"delivered", "delivered", "delivered", "failed", "not_sent", "in_doubt"};
	static const char *const acts[] = {"pause", "resume", "cancel"};
	struct people *people = *state;
	PGconn *workers[4], *operators[2], *duty = pg_super(people->db);
	struct random random = {23};

	traffic_ingest(people,
		"select jsonb_agg(public.ev(case when i %% 3 = 0 then 'stock' else 'orders' end, 'storm' || i, k,"
		" now() - interval '1 hour', jsonb_strip_nulls(jsonb_build_object('ordering_key', case when i %% 2 = 0 then"
		" 'S' || i %% 8 end, 'class', 'target', 'text', 'storm', 'payload', case k when 'received' then"
		" '{\"body\": \"x\"}'::jsonb end))) order by i) from generate_series(1, 300) i, unnest(array['received', 'dead']) k");
	traffic_duty(people, "dead_letters");
	for (int i = 0; i < 4; i++)
		workers[i] = pg_as(people->db, people->login[WORKER]);
	for (int i = 0; i < 2; i++)
		operators[i] = pg_as(people->db, people->login[OPERATOR]);
	for (int round = 0; round < 60; round++) {
		pg_send(operators[0],
			"select * from orderly.replay_ask(array(select l.id from orderly.dead_letter l where"
			" l.unresolved and l.id %% 10 = %d), 'storm', '{\"stages\": [2], \"stop_ppm\": 900000}')",
			round % 10);
		pg_send(operators[1],
			"select * from orderly.replay_%s((select id from orderly.replay_request where state in"
			" ('approved', 'running', 'paused', 'stopped') order by md5(id::text || %d) limit 1), 'storm')",
			round % 4 ? "resume" : acts[random_below(&random, 3)], round);
		pg_send(people->as[APPROVER],
			"select d.* from (select * from orderly.replay_request where state = 'asked'"
			" order by id limit 1) q, lateral orderly.replay_decide(q.id, q.revision, true, q.items, null) d");
		pg_send(duty,
			"begin; update orderly.replay_item set lease_until = now() where id in (select id from"
			" orderly.replay_item where state in ('claimed', 'sending') order by random() limit 2 for update skip locked); commit;"
			" begin; select orderly.duty_replay_leases(50); commit;"
			" begin; select orderly.duty_replay_progress(50); commit;"
			" select orderly.duty_dead_letters(500)");
		for (int i = 0; i < 4; i++) {
			const char *outcome = outcomes[random_below(&random, 6)];
			size_t dies = random_below(&random, 6);

			pg_send(workers[i],
				"drop table if exists kept; begin; create temp table mine on commit drop as select lease from"
				" orderly.claim_replays('w%d', 5); create temp table kept as select * from mine; commit;"
				" begin; %s; commit; select * from orderly.complete_replay((select coalesce(jsonb_agg(jsonb_build_object("
				"'lease', lease, 'outcome', '%s', 'class', 'target')), '[]') from kept where %s));"
				" drop table kept",
				i,
				dies == 0
					? "select 1"
					: "select orderly.mark_sending(array(select lease from kept))",
				outcome, dies < 2 ? "false" : "true");
		}
		for (int i = 0; i < 8; i++) {
			PGconn *conn = i < 4    ? workers[i]
				       : i < 6  ? operators[i - 4]
				       : i == 6 ? people->as[APPROVER]
						: duty;
			char *code = pg_wait_code(conn);

			if (strcmp(code, "40P01") == 0 || strcmp(code, "XX000") == 0 ||
				strncmp(code, "23", 2) == 0 || strncmp(code, "42", 2) == 0 ||
				strncmp(code, "P0", 2) == 0)
				fail_msg("round %d, session %d: %s %s", round, i, code,
					PQerrorMessage(conn));
			free(code);
		}
		pg_do(people->super,
			"update orderly.replay_item set next_try_at = '-infinity' where state = 'waiting'");
		if (round % 10 == 9)
			traffic_check(people, "check_replays");
	}
	traffic_duty(people, "dead_letters");
	traffic_check(people, "check_replays");
	traffic_check(people, "check_dead_letters");
	assert_true(
		pg_int(people->super,
			"select count(*) from orderly.replay_item where state = 'delivered' and"
			" dead_letter in (select id from orderly.message where message_id like 'storm%%')") >
		20);
	for (int i = 0; i < 4; i++)
		PQfinish(workers[i]);
	for (int i = 0; i < 2; i++)
		PQfinish(operators[i]);
	PQfinish(duty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_replay_that_arrives_resolves_the_dead_letter_and_is_a_transaction_of_its_own),
		cmocka_unit_test(one_that_fails_goes_back_and_three_of_a_kind_are_quarantined),
		cmocka_unit_test(every_step_in_every_state_does_what_the_table_says),
		cmocka_unit_test(of_one_ordering_key_only_the_head_goes),
		cmocka_unit_test(
			an_earlier_message_on_its_way_holds_and_a_later_delivered_one_is_for_a_person),
		cmocka_unit_test(what_changed_since_it_was_frozen_is_refused),
		cmocka_unit_test(who_lost_the_role_counts_no_more),
		cmocka_unit_test(a_canary_stops_at_its_share_and_goes_on_when_a_person_says_so),
		cmocka_unit_test(a_doubt_in_a_canary_counts_as_failed),
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
		cmocka_unit_test(a_rate_lets_so_many_through_and_no_other_request_waits_for_it),
		cmocka_unit_test(only_workers_claim_and_mark_and_complete),
		cmocka_unit_test(eight_workers_apply_each_once_and_in_order),
		cmocka_unit_test(promises_hold_in_a_storm_of_acts_and_deaths),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_run", tests, traffic_setup, people_teardown);
}
