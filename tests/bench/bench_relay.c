/* bench_relay: replays to a local target, from the claim to the record, by one orderlyd with eight
 * requests on their way. ORDERLY_BENCH_REPLAYS says how many (10,000).
 * Run by `make bench`. */
#include "measure.h"
#include "stage.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>

static int items(void)
{
	const char *asked = getenv("ORDERLY_BENCH_REPLAYS");

	return asked ? (int)strtol(asked, NULL, 10) : 10000;
}

/* From the first mark to the last record. */
static double rate(struct stage *stage, int64_t request)
{
	return (double)pg_int(stage->people.super,
		       "select round(1000 * count(*) / extract(epoch from max(settled_at) - min(sending_at)))::int8"
		       " from orderly.replay_item where request = %lld",
		       (long long)request) /
	       1000;
}

static void relay(struct stage *stage, const char *code, const char *more, const char *what)
{
	char *endpoint = stage_endpoint(stage, 0, "");
	int64_t id;

	stage_interface(stage, code, more, endpoint);
	stage_die(stage, code, code, items(), items() / 5);
	pg_do(stage->people.super, "vacuum analyze");
	id = stage_ask_for(stage, code, "{\"stages\": []}");
	stage_until(stage, "done", "select state from orderly.replay_request where id = %lld",
		(long long)id);
	assert_int_equal(
		pg_int(stage->people.super,
			"select count(*) from orderly.replay_item where request = %lld and state = 'delivered'",
			(long long)id),
		items());
	figure_print(&(struct figure){.what = what,
		.unit = "items/s",
		.at_least = true,
		.reach = 2000,
		.value = rate(stage, id)});
	free(endpoint);
}

static void bench(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, "bench_relay");
	stage_target(&stage, 0, true);
	stage_orderlyd(&stage, 0);
	figure_title("replays to a local target, one orderlyd, 8 on their way");
	relay(&stage, "apart", ", \"idempotency\": \"key\"", "the target keeps repeats apart");
	relay(&stage, "bare", "", "it does not: marked only as seats are free");
	relay(&stage, "row", ", \"idempotency\": \"key\", \"ordering_key\": \"supplier\"",
		"in order, five of each key");
	assert_int_equal(stage_count(&stage, 0, "twice"), 0);
	assert_int_equal(stage_count(&stage, 0, "keys"), 3 * items());
	stage_end(&stage, 0, SIGTERM);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bench)};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
