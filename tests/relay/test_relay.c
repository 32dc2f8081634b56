/* orderlyd sends approved replays to simulated targets over real sockets, from a real store. */
#include "stage.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>

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

static void what_was_approved_is_delivered_once(void **state)
{
	struct stage *stage = *state;
	char *endpoint;
	int64_t id;

	stage_target(stage, 0, true);
	endpoint = stage_endpoint(stage, 0, "");
	stage_interface(stage, "posts", ", \"idempotency\": \"key\"", endpoint);
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
	pg_expect_int(stage->people.super, 50,
		"select count(*) from orderly.dead_letter l join orderly.interface f on f.id = l.interface"
		" where f.code = 'posts' and l.state = 'resolved'");
	assert_int_equal(stage_count(stage, 0, "posts"), 50);
	assert_int_equal(stage_count(stage, 0, "keys"), 50);
	stage_end(stage, 0, SIGTERM);
	traffic_check(&stage->people, "check_replays");
	free(endpoint);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_approved_is_delivered_once),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
