/* Many workers at once, and the deaths of some: each replay is applied once, in order, and whatever
 * happens what the store promises holds. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

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
	id = traffic_approved(people, "eight%", "{\"stages\": [], \"stop_ppm\": 1000000}");
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
				" ordering_key from mine where %u >= 5; commit; select lease, code from orderly.complete_replay((select"
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
	traffic_expect_request(people, id, "done 1");
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
				" begin; %s; commit; select lease, code from orderly.complete_replay((select coalesce(jsonb_agg(jsonb_build_object("
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

/* A target's tokens lie in the store: however many workers there are, together they do not pass it. */
static void four_workers_share_the_tokens_of_a_target(void **state)
{
	struct people *people = *state;
	PGconn *workers[4];
	char *start;

	pg_do(people->as[OPERATOR],
		"select orderly.replay_cancel(id, 'not these') from orderly.replay_request where state in"
		" ('asked', 'approved', 'running', 'paused', 'stopped')");
	traffic_die(people, "stock", "token", 40, "target", "token");
	pg_do(people->super, "update orderly.interface set rate_per_s = 4 where code = 'stock'");
	traffic_approved(people, "token%", "{\"stages\": []}");
	for (size_t i = 0; i < ARRAY_LEN(workers); i++)
		workers[i] = pg_as(people->db, people->login[WORKER]);
	start = pg_text(people->super, "select clock_timestamp()");
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < ARRAY_LEN(workers); i++)
			pg_send(workers[i],
				"select null, count(*) from orderly.claim_replays('w', 10)");
		for (size_t i = 0; i < ARRAY_LEN(workers); i++)
			free(pg_wait_code(workers[i]));
	}
	pg_expect_text(people->super, "true",
		"select (count(*) between 4 and 4 + 4 * extract(epoch from clock_timestamp() - '%s'))::text"
		" from orderly.replay_item i join orderly.message m on m.id = i.dead_letter"
		" where m.message_id like 'token%%' and i.state = 'claimed'",
		start);
	free(start);
	for (size_t i = 0; i < ARRAY_LEN(workers); i++)
		PQfinish(workers[i]);
	traffic_check(people, "check_replays");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_workers_apply_each_once_and_in_order),
		cmocka_unit_test(promises_hold_in_a_storm_of_acts_and_deaths),
		cmocka_unit_test(four_workers_share_the_tokens_of_a_target),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_crowd", tests, traffic_setup, people_teardown);
}
