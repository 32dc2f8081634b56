/* kill -9 of workers before and after each send and each record: what the targets' ledgers say then. */
#include "relay/relay.h"
#include "stage.h"
#include "unit.h"
#include <signal.h>
#include <stdio.h>

#define CROWD 2

static int items(void)
{
	const char *asked = getenv("ORDERLY_TEST_KILLS");

	if (asked)
		return (int)strtol(asked, NULL, 10);
	return getenv("ORDERLY_TEST_QUICK") ? 120 : 240;
}

static int set_up(void **state)
{
	struct stage *stage = NEW(struct stage);

	stage_open(stage, "kill");
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	stage_close(*state);
	free(*state);
	return 0;
}

static int64_t in_state(struct stage *stage, int64_t request, const char *what)
{
	return pg_int(stage->people.super,
		"select count(*) from orderly.replay_item where request = %lld and state in (%s)",
		(long long)request, what);
}

/* Victims that each die at some item's step; the next ones begin where they left. Returns how many
 * died. */
static int kill_all_along(struct stage *stage, int64_t request)
{
	int deaths = 0, round = 0;

	for (int step = 0; step < N_RELAY_STEPS; step++) {
		bool each = step == RELAY_SENDING || step == RELAY_SENT || step == RELAY_ANSWERED;

		for (int i = 0; i < CROWD; i++)
			stage_victim(stage, i, step,
				each ? 1 + (round * 7 + i * 5) % (items() / 30) : 1 + i % 2);
		for (int i = 0; i < CROWD; i++) {
			while (!stage_is_dead(stage, i) &&
				in_state(stage, request, "'waiting', 'claimed', 'sending'"))
				stage_nap();
			deaths += stage_is_dead(stage, i);
		}
		for (int i = 0; i < CROWD; i++)
			stage_end(stage, i, SIGKILL);
		stage_expire(stage, -1);
		round++;
	}
	return deaths;
}

/* What the server did for one that died may come to light later. */
static void finish(struct stage *stage, int64_t request)
{
	stage_victim(stage, CROWD, 0, 0);
	for (int i = 1; in_state(stage, request, "'waiting', 'claimed', 'sending'"); i++) {
		pg_do(stage->people.super,
			"update orderly.replay_item set next_try_at = now() where state = 'waiting'"
			" and next_try_at > now()");
		if (i % 50 == 0)
			stage_expire(stage, CROWD);
		stage_nap();
	}
	stage_end(stage, CROWD, SIGTERM);
}

static int64_t begin(struct stage *stage, const char *code, const char *more, int which)
{
	char *endpoint = stage_endpoint(stage, which, "");

	stage_interface(stage, code, more, endpoint);
	free(endpoint);
	stage_die(stage, code, code, items(), 0);
	return stage_ask_for(stage, code, "{\"stages\": [], \"stop_ppm\": 1000000}");
}

static void a_target_that_keeps_repeats_apart_has_each_once(void **state)
{
	struct stage *stage = *state;
	int64_t id, doubts;
	int deaths;

	stage_target(stage, 0, true);
	id = begin(stage, "safe", ", \"idempotency\": \"key\"", 0);
	deaths = kill_all_along(stage, id);
	finish(stage, id);
	/* Only those in whose hands five workers died; they may go once more with the same key. */
	pg_expect_int(stage->people.super, 0,
		"select count(*) from orderly.replay_item where request = %lld and state = 'in_doubt' and sends < 5",
		(long long)id);
	doubts = in_state(stage, id, "'in_doubt'");
	pg_do(stage->people.as[APPROVER],
		"select orderly.replay_resolve(i.id, 'again', 'it keeps them apart') from (select id from"
		" orderly.replay_item where request = %lld and state = 'in_doubt') i",
		(long long)id);
	finish(stage, id);
	assert_int_equal(stage_count(stage, 0, "keys"), items());
	assert_int_equal(stage_count(stage, 0, "twice"), 0);
	assert_int_equal(in_state(stage, id, "'delivered'"), items());
	print_message(
		"%d items, %d workers killed: %lld in doubt, %lld posts, %lld applied, none twice\n",
		items(), deaths, (long long)doubts, (long long)stage_count(stage, 0, "posts"),
		(long long)stage_count(stage, 0, "applied"));
	assert_true(deaths >= N_RELAY_STEPS);
	traffic_check(&stage->people, "check_replays");
}

/* Tells for each in doubt what the ledger says, as a person would. */
static void look_into_the_ledger(struct stage *stage, int64_t request)
{
	char *ledger = stage_ask(stage, 1, "/sim/ledger", NULL);

	pg_do(stage->people.super,
		"create table public.applied as select split_part(l, E'\\t', 1) as name from"
		" regexp_split_to_table('%s', E'\\n') l where l <> ''",
		ledger);
	pg_do(stage->people.super, "grant select on public.applied to public");
	pg_do(stage->people.as[APPROVER],
		"select orderly.replay_resolve(i.id, case when exists (select from public.applied a where a.name ="
		" m.business_key) then 'delivered' else 'again' end, 'seen in its ledger')"
		" from (select i.id, i.dead_letter from orderly.replay_item i where i.request = %lld and"
		" i.state = 'in_doubt' order by i.id) i join orderly.message m on m.id = i.dead_letter",
		(long long)request);
	free(ledger);
}

static void elsewhere_what_was_under_way_is_in_doubt_and_nothing_else(void **state)
{
	struct stage *stage = *state;
	int64_t id, doubts;
	int deaths;

	stage_target(stage, 1, false);
	id = begin(stage, "bare", ", \"idempotency\": \"none\"", 1);
	deaths = kill_all_along(stage, id);
	finish(stage, id);
	doubts = in_state(stage, id, "'in_doubt'");
	print_message("%d items, %d workers killed: %lld in doubt, %lld applied, %lld twice\n",
		items(), deaths, (long long)doubts, (long long)stage_count(stage, 1, "applied"),
		(long long)stage_count(stage, 1, "twice"));
	/* No more than what could be on its way, and as many untold, when a worker died; none twice. */
	assert_true(doubts > 0 && doubts <= 2 * 8 * deaths);
	assert_int_equal(in_state(stage, id, "'delivered'") + doubts, items());
	assert_int_equal(stage_count(stage, 1, "twice"), 0);
	pg_expect_int(stage->people.super, 0,
		"select count(*) from orderly.replay_item where request = %lld and state = 'in_doubt' and"
		" outcome <> 'lost'",
		(long long)id);
	look_into_the_ledger(stage, id);
	finish(stage, id);
	assert_int_equal(in_state(stage, id, "'delivered'"), items());
	assert_int_equal(stage_count(stage, 1, "keys"), items());
	assert_int_equal(stage_count(stage, 1, "applied"), items());
	assert_int_equal(stage_count(stage, 1, "twice"), 0);
	traffic_check(&stage->people, "check_replays");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_that_keeps_repeats_apart_has_each_once),
		cmocka_unit_test(elsewhere_what_was_under_way_is_in_doubt_and_nothing_else),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
