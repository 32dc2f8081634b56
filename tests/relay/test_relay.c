/* Workers send approved replays to simulated targets over real sockets, from a real store: once, in
 * stages, in order, and what is in hand is finished when they are told to end. */
#include "stage.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>

#define KEYS 40 /* more than one worker holds at once */
#define EACH 4
#define CROWD 8

static int set_up(void **state)
{
	struct stage *stage = NEW(struct stage);

	stage_open(stage, "relay");
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	stage_close(*state);
	free(*state);
	return 0;
}

static void interface_at(struct stage *stage, const char *code, const char *more, int which)
{
	char *endpoint = stage_endpoint(stage, which, "");

	stage_interface(stage, code, more, endpoint);
	free(endpoint);
}

static void expect_letters(struct stage *stage, const char *interface, int64_t n, const char *what)
{
	pg_expect_int(stage->people.super, n,
		"select count(*) from orderly.dead_letter l join orderly.interface f on f.id = l.interface"
		" where f.code = '%s' and l.state = '%s'",
		interface, what);
}

static void what_was_approved_is_delivered_once(void **state)
{
	struct stage *stage = *state;
	int64_t id;

	stage_target(stage, 0, true);
	interface_at(stage, "posts", ", \"idempotency\": \"key\"", 0);
	stage_die(stage, "posts", "first-", 50, 0);
	id = stage_ask_for(stage, "posts", "{}");
	stage_orderlyd(stage, 0);
	stage_until(stage, "done 3",
		"select state || ' ' || stage from orderly.replay_request where id = %lld",
		(long long)id);
	pg_expect_int(stage->people.super, 50,
		"select count(*) from orderly.replay_item where request = %lld and state = 'delivered' and"
		" http_status = 201",
		(long long)id);
	expect_letters(stage, "posts", 50, "resolved");
	assert_int_equal(stage_count(stage, 0, "posts"), 50);
	assert_int_equal(stage_count(stage, 0, "keys"), 50);
	traffic_check(&stage->people, "check_replays");
}

/* Three of the first ten fail, and a fifth is the limit: the other ninety stay where they are until a
 * person lets them go on. */
static void a_canary_that_fails_stops_the_rest(void **state)
{
	struct stage *stage = *state;
	int64_t before = stage_count(stage, 0, "posts"), id;

	interface_at(stage, "canary", "", 0);
	stage_die(stage, "canary", "bird-", 100, 0);
	stage_fault(stage, 0, "invalid:3");
	id = stage_ask_for(stage, "canary", "{\"stages\": [10], \"stop_ppm\": 200000}");
	stage_until(stage, "stopped 1 10",
		"select concat_ws(' ', q.state, q.stage, (select count(*) from orderly.replay_item i where"
		" i.request = q.id and i.state in ('delivered', 'failed'))) from orderly.replay_request q"
		" where q.id = %lld",
		(long long)id);
	assert_int_equal(stage_count(stage, 0, "posts") - before, 10);
	pg_expect_text(stage->people.super, "mapping 422 cost centre 8841 unknown",
		"select distinct concat_ws(' ', class, code, text) from orderly.replay_item where request = %lld"
		" and state = 'failed'",
		(long long)id);
	pg_expect_code(stage->people.as[OPERATOR], "done",
		"orderly.replay_resume(%lld, 'the cost centre is there now')", (long long)id);
	stage_until(stage, "done 2",
		"select state || ' ' || stage from orderly.replay_request where id = %lld",
		(long long)id);
	assert_int_equal(stage_count(stage, 0, "posts") - before, 100);
	expect_letters(stage, "canary", 97, "resolved");
}

/* The ledger keeps the order of arrival. */
static void expect_order(struct stage *stage, const char *prefix)
{
	char *ledger = stage_ask(stage, 0, "/sim/ledger", NULL);
	struct slice rest = slice_of(ledger), line, name, key;
	int64_t last[KEYS] = {0};
	int n = 0;

	while (slice_cut(&rest, '\n', &line)) {
		int64_t nr = 0, of = 0;

		if (!slice_starts(line, slice_of(prefix)))
			continue;
		assert_true(slice_cut(&line, '\t', &name) && slice_cut(&line, '\t', &key));
		assert_int_equal(slice_to_i64(slice_from(name, strlen(prefix)), 1, 100000, &nr), 0);
		assert_int_equal(slice_to_i64(slice_from(key, 4), 0, KEYS - 1, &of), 0);
		assert_true(nr > last[of]);
		assert_string_equal(slice_trim(line).at[0] == '1' ? "once" : "not once", "once");
		last[of] = nr;
		n++;
	}
	assert_int_equal(n, KEYS * EACH);
	free(ledger);
}

static void order_holds_with_many_workers(void **state)
{
	struct stage *stage = *state;
	int64_t id;

	interface_at(
		stage, "queue", ", \"idempotency\": \"key\", \"ordering_key\": \"supplier\"", 0);
	stage_die(stage, "queue", "turn-", KEYS * EACH, KEYS);
	for (int i = 1; i < CROWD; i++)
		stage_victim(stage, i, 0, 0);
	/* Others are there, and the target is slow enough that one alone cannot have done it all. */
	stage_until(stage, "true",
		"select (count(*) >= 8)::text from " PG_SESSIONS
		" where application_name = 'orderlyd relay'");
	stage_fault(stage, 0, "slow=100");
	id = stage_ask_for(stage, "queue", "{\"stages\": []}");
	stage_until(stage, "done", "select state from orderly.replay_request where id = %lld",
		(long long)id);
	expect_order(stage, "turn-");
	assert_true(
		pg_int(stage->people.super,
			"select count(distinct worker) from orderly.replay_item where request = %lld",
			(long long)id) > 1);
	stage_fault(stage, 0, "clear");
	for (int i = 1; i < CROWD; i++)
		stage_end(stage, i, SIGTERM);
	traffic_check(&stage->people, "check_replays");
}

/* What is on its way is waited for, what was only claimed is given back, and nothing is in doubt. */
static void a_worker_that_is_told_to_end_leaves_no_doubt(void **state)
{
	struct stage *stage = *state;
	int64_t id;

	interface_at(stage, "slow", "", 0);
	stage_die(stage, "slow", "slow-", 40, 0);
	stage_fault(stage, 0, "slow=300");
	id = stage_ask_for(stage, "slow", "{\"stages\": []}");
	stage_until(stage, "true",
		"select exists (select from orderly.replay_item where request = %lld and state = 'sending')::text",
		(long long)id);
	stage_end(stage, 0, SIGTERM);
	pg_expect_text(stage->people.super, "delivered waiting",
		"select string_agg(distinct state, ' ' order by state) from orderly.replay_item"
		" where request = %lld",
		(long long)id);
	assert_int_equal(pg_int(stage->people.super,
				 "select count(*) from orderly.replay_item where request = %lld and"
				 " state = 'delivered'",
				 (long long)id),
		pg_int(stage->people.super,
			"select sum(sends) filter (where state = 'delivered') from"
			" orderly.replay_item where request = %lld",
			(long long)id));
	stage_fault(stage, 0, "clear");
	pg_do(stage->people.super, "update orderly.replay_item set next_try_at = now()");
	stage_orderlyd(stage, 0);
	stage_until(stage, "done", "select state from orderly.replay_request where id = %lld",
		(long long)id);
	expect_letters(stage, "slow", 40, "resolved");
	assert_int_equal(stage_count(stage, 0, "twice"), 0);
}

/* It may have been upgraded by somebody else: nothing is claimed; when it fits again all goes on. */
static void a_store_of_another_version_is_left_alone(void **state)
{
	struct stage *stage = *state;
	int64_t id;

	stage_end(stage, 0, SIGTERM);
	interface_at(stage, "later", ", \"idempotency\": \"key\"", 0);
	stage_die(stage, "later", "later-", 5, 0);
	id = stage_ask_for(stage, "later", "{}");
	pg_do(stage->people.super,
		"insert into orderly.version (number, name, store) values (9999, 'later', 't')");
	stage_orderlyd(stage, 0);
	stage_until(stage, "true",
		"select (count(*) > 0)::text from pg_stat_activity where datname = current_database() and"
		" application_name = 'orderlyd relay' and state = 'idle' and query ~ 'orderly[.]version'");
	pg_expect_int(stage->people.super, 0,
		"select sum(claims) from orderly.replay_item where request = %lld", (long long)id);
	pg_do(stage->people.super, "delete from orderly.version where number = 9999");
	pg_do(stage->people.super, "select pg_notify('orderly', 'change')");
	stage_until(stage, "done", "select state from orderly.replay_request where id = %lld",
		(long long)id);
}

static void an_endpoint_without_a_kind_is_left_to_others(void **state)
{
	struct stage *stage = *state;
	int64_t id;

	stage_interface(stage, "theirs", "", "{\"kind\": \"middleware\"}");
	stage_die(stage, "theirs", "their-", 3, 0);
	id = stage_ask_for(stage, "theirs", "{\"stages\": []}");
	interface_at(stage, "ours", "", 0);
	stage_die(stage, "ours", "our-", 3, 0);
	stage_until(stage, "done", "select state from orderly.replay_request where id = %lld",
		(long long)stage_ask_for(stage, "ours", "{\"stages\": []}"));
	traffic_expect_items(&stage->people, id, "waiting waiting waiting");
	assert_int_equal(traffic_send(&stage->people, 10, "delivered"), 3);
	traffic_expect_request(&stage->people, id, "done 1");
	stage_end(stage, 0, SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_approved_is_delivered_once),
		cmocka_unit_test(a_canary_that_fails_stops_the_rest),
		cmocka_unit_test(order_holds_with_many_workers),
		cmocka_unit_test(a_worker_that_is_told_to_end_leaves_no_doubt),
		cmocka_unit_test(a_store_of_another_version_is_left_alone),
		cmocka_unit_test(an_endpoint_without_a_kind_is_left_to_others),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
