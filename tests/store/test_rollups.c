/* Roll-ups: exact against the events themselves, however events come and workers die; latencies
 * within their error; what moves when an outcome changes. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

/* What the roll-ups must say, told from the events alone: the outcome by the rule of the fold, the
 * minute in which it was first reached. */
static const char *const raw_sql =
	"create or replace view public.raw as"
	" with told as materialized (select e.transaction, e.interface, e.attempt, r.rank, r.state, e.at, e.key,"
	"   e.kind from orderly.event e join orderly.interface i on i.id = e.interface"
	"   join orderly.event_rule r on r.kind = e.kind and r.success = i.success),"
	" final as (select distinct on (transaction) * from told where rank > 0"
	"   order by transaction, attempt desc, rank desc, at desc, key desc),"
	" whole as (select transaction, min(at) as first, min(at) filter (where kind = 'overdue') as overdue"
	"   from told group by 1),"
	" reached as (select transaction, state, min(at) as at from told group by 1, 2)"
	" select f.transaction, f.interface, m.facility, f.state, l.child is not null as child, r.at,"
	"   floor(extract(epoch from r.at - w.first) * 1000)::bigint as raw_ms,"
	"   greatest(floor(extract(epoch from r.at - w.first) * 1000), 0)::bigint as ms, w.overdue"
	" from final f join whole w using (transaction) join orderly.message m on m.id = f.transaction"
	" join reached r on r.transaction = f.transaction and r.state = f.state"
	" left join orderly.lineage l on l.child = f.transaction";

/* One line per interface and span, as text, from the raw view and from the roll-ups. */
static void exact(struct people *people)
{
	static const int grains[] = {60, 3600, 86400};

	traffic_duty(people, "rollup");
	for (size_t i = 0; i < ARRAY_LEN(grains); i++) {
		char *raw = pg_text(people->super,
			"select coalesce(md5(string_agg(l, E'\\n' order by l)), '') || ' ' || count(*) from (select concat_ws(' ',"
			" interface, extract(epoch from bin)::bigint, sum(done), sum(dead), sum(cancelled), sum(filtered),"
			" sum(recovered), sum(late), sum(ms)) as l from (select interface,"
			" date_bin(make_interval(secs => %d), at, timestamptz 'epoch') as bin,"
			" (state = 'done' and not child)::int as done, (state = 'dead' and not child)::int as dead,"
			" (state = 'cancelled')::int as cancelled, (state = 'filtered')::int as filtered,"
			" (state = 'done' and child)::int as recovered, 0 as late,"
			" case when state = 'done' and not child then ms else 0 end as ms from public.raw"
			" where state in ('done', 'dead', 'cancelled', 'filtered') and not (child and state = 'dead')"
			" union all select interface, date_bin(make_interval(secs => %d), overdue, timestamptz 'epoch'),"
			" 0, 0, 0, 0, 0, 1, 0 from public.raw where overdue is not null and state in"
			" ('waiting', 'running', 'retrying')) s group by interface, bin) s",
			grains[i], grains[i]);

		pg_expect_text(people->super, raw,
			"select coalesce(md5(string_agg(l, E'\\n' order by l)), '') || ' ' || count(*) from (select concat_ws(' ',"
			" interface, extract(epoch from at)::bigint, done, dead, cancelled, filtered, recovered, late,"
			" sum_ms) as l from orderly.rollup where grain = %d and (done, dead, cancelled, filtered,"
			" recovered, late) <> (0, 0, 0, 0, 0, 0)) s",
			grains[i]);
		free(raw);
	}
	pg_expect_text(people->super, "",
		"select string_agg(concat_ws(' ', interface, facility, at, done, dead, late), ', ') from"
		" (select r.interface, r.facility, r.at, r.done, r.dead, r.late from orderly.rollup_facility r where grain = 60"
		"  and (r.done, r.dead, r.late) <> (0, 0, 0)"
		"  except select interface, facility, date_bin('1 minute', coalesce(case when state in ('done', 'dead',"
		"   'cancelled', 'filtered') then at end, overdue), timestamptz 'epoch'), count(*) filter (where state = 'done'"
		"   and not child), count(*) filter (where state = 'dead' and not child), count(*) filter (where"
		"   state in ('waiting', 'running', 'retrying') and overdue is not null) from public.raw"
		"   where facility is not null group by 1, 2, 3) s");
	traffic_check(people, "check_rollups");
}

static int set_up(void **state)
{
	traffic_setup(state);
	pg_do(((struct people *)*state)->super, "%s", raw_sql);
	return 0;
}

static void every_latency_is_in_a_bucket_within_one_percent(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->super, "",
		"select string_agg(v::text, ', ') from (select v from (select generate_series(0, 30000) as v"
		" union all select (1.0003::float8 ^ generate_series(1, 80000))::bigint) s"
		" where abs(orderly.latency_of(orderly.latency_bucket(v)) - v) > 0.01 * v limit 5) s");
	pg_expect_text(people->super, "",
		"select string_agg(v::text, ', ') from (select v from generate_series(1, 30000) v"
		" where orderly.latency_bucket(v) < orderly.latency_bucket(v - 1) limit 5) s");
	pg_expect_text(
		people->super, "{0,2,5,1}", "select orderly.hist_pack('{5,1,0,1,7,2,0,1,7,-2}')");
	pg_expect_text(people->super, "{}", "select orderly.hist_pack('{}')");
	pg_expect_text(
		people->super, "true", "select (orderly.hist_quantile('{}', 0.5) is null)::text");
}

/* Random events in a random order from two sessions, while two workers follow and one of them is
 * killed or taken back again and again. */
static void roll_ups_are_exact_whatever_happens(void **state)
{
	static const char *const ends[] = {"delivered", "dead", "cancelled", "filtered"};
	struct people *people = *state;
	PGconn *writers[2] = {people->as[INGEST], pg_as(people->db, people->login[INGEST])};
	PGconn *workers[2] = {pg_super(people->db), pg_super(people->db)};
	struct random random = {11};

	for (int round = 0; round < 25; round++) {
		for (int w = 0; w < 2; w++)
			pg_send(writers[w],
				"select orderly.ingest((select jsonb_agg(e order by md5(e::text)) from (select public.ev("
				"(array['orders', 'stock', 'invoices'])[1 + i %% 3], 'x' || (i * 7 + %d) %% 200, k,"
				" '2026-11-20 10:00Z'::timestamptz + ((i * 7919 + %d) %% 7200000) * interval '1 ms',"
				" jsonb_strip_nulls(jsonb_build_object('attempt', 1 + (i + %d) %% 3, 'due_at', case when i %% 5 = 0"
				" then '2026-11-20T10:30:00Z' end, 'facility', case when i %% 4 = %d then 'H0' || 1 + i %% 2 end))) as e"
				" from generate_series(1, 60) i, unnest(array['received', 'attempted', '%s']) k) s))",
				(int)random_below(&random, 200),
				(int)random_below(&random, 7200000), (int)random_below(&random, 3),
				(int)random_below(&random, 4), ends[random_below(&random, 4)]);
		pg_send(workers[0], "select orderly.duty_rollup(%d)",
			1 + (int)random_below(&random, 300));
		pg_send(workers[1], round % 3 == 0
					    ? "begin; select orderly.duty_rollup(200); rollback"
					    : "select orderly.duty_rollup(150)");
		if (round % 5 == 4) {
			PGconn *killer = pg_super(people->db);

			pg_do(killer, "select pg_terminate_backend(%d)", PQbackendPID(workers[0]));
			PQfinish(killer);
		}
		for (int w = 0; w < 2; w++)
			free(pg_wait_code(writers[w]));
		free(pg_wait_code(workers[1]));
		free(pg_wait_code(workers[0]));
		if (round % 5 == 4) {
			PQfinish(workers[0]);
			workers[0] = pg_super(people->db);
		}
	}
	traffic_duty(people, "overdue");
	exact(people);
	assert_true(pg_int(people->super, "select sum(done) from orderly.rollup where grain = 60") >
		    50);
	assert_true(pg_int(people->super, "select sum(dead) from orderly.rollup where grain = 60") >
		    20);
	/* and once more from the beginning */
	pg_do(people->super,
		"update orderly.follower set era = 0, xid = '0', seq = 0 where name = 'rollup'");
	exact(people);
	PQfinish(writers[1]);
	PQfinish(workers[0]);
	PQfinish(workers[1]);
}

static void quantiles_are_within_one_percent_of_the_raw_ones(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(e) from generate_series(1, 1500) i, lateral (values (public.ev('stock', 'q' || i, 'received',"
		" '2026-11-19 08:00Z'::timestamptz + i * interval '1 s')), (public.ev('stock', 'q' || i, 'delivered',"
		" '2026-11-19 08:00Z'::timestamptz + i * interval '1 s' + (i %% 97) ^ 3.1 * interval '1 ms'))) v (e)");
	exact(people);
	pg_expect_text(people->super, "",
		"select string_agg(concat_ws(' ', interface, q, a, b), ', ') from (select c.interface, q,"
		" percentile_disc(q) within group (order by c.ms) as a, (select orderly.hist_quantile("
		"orderly.hist_sum(r.hist), q) from orderly.rollup r where r.grain = 60 and r.interface = c.interface) as b"
		" from orderly.counted c, unnest(array[0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1]::float8[]) q"
		" where c.outcome = 'done' group by 1, 2) s where abs(a - b) > 0.01 * a or b is null");
	/* what a grain says does not depend on the grain */
	pg_expect_text(people->super, "1",
		"select count(distinct h)::text from (select grain, orderly.hist_sum(hist)::text as h from"
		" orderly.rollup group by grain) s");
}

#define MINUTE(at, columns)                                                                         \
	"select concat_ws(' ', " columns ") from orderly.rollup where grain = 60"                   \
	" and interface = (select id from orderly.interface where code = 'invoices') and at = '" at \
	"'"

static void dead_and_then_delivered_moves_both_minutes(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_build_array(public.ev('invoices', 'move', 'received', '2026-11-18 10:00:10Z'),"
		" public.ev('invoices', 'move', 'dead', '2026-11-18 10:00:30Z'))");
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "0 1", MINUTE("2026-11-18 10:00Z", "done, dead"));
	traffic_ingest(people,
		"select public.ev('invoices', 'move', 'delivered', '2026-11-18 11:30:10Z', '{\"attempt\": 2}')");
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "0 0", MINUTE("2026-11-18 10:00Z", "done, dead"));
	pg_expect_text(people->super, "1 0 1 5400000",
		MINUTE("2026-11-18 11:30Z", "done, dead, retried, sum_ms"));
	pg_expect_text(people->super, "1 0",
		"select sum(done) || ' ' || sum(dead) from orderly.rollup where grain = 86400"
		" and at = '2026-11-18 00:00Z'");
	/* a second delivery, later, moves nothing: the first counts */
	traffic_ingest(people,
		"select public.ev('invoices', 'move', 'acknowledged', '2026-11-18 12:00:00Z', '{\"attempt\": 2}')");
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "1 5400000", MINUTE("2026-11-18 11:30Z", "done, sum_ms"));
	exact(people);
}

static void a_hung_target_is_slow_and_not_perfect(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select public.ev('invoices', 'hung', 'received', '2026-11-17 09:00:00Z',"
		" '{\"due_at\": \"2026-11-17T09:05:00Z\"}')");
	traffic_duty(people, "rollup");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.rollup where at = '2026-11-17 09:05Z'");
	traffic_duty(people, "overdue");
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "0 0 1", MINUTE("2026-11-17 09:05Z", "done, dead, late"));
	traffic_ingest(people,
		"select public.ev('invoices', 'hung', 'delivered', '2026-11-17 09:10:00Z')");
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "0 0 0", MINUTE("2026-11-17 09:05Z", "done, dead, late"));
	pg_expect_text(
		people->super, "1 0 600000", MINUTE("2026-11-17 09:10Z", "done, late, sum_ms"));
	exact(people);
}

static void a_replay_that_succeeds_counts_beside_the_ratio(void **state)
{
	struct people *people = *state;
	int64_t id;

	traffic_die(people, "stock", "beside", 2, "target", "beside");
	id = traffic_ask(people, "beside1", NULL);
	traffic_approve(people, id);
	assert_int_equal(traffic_send(people, 9, "delivered"), 1);
	id = traffic_ask(people, "beside2", NULL);
	traffic_approve(people, id);
	assert_int_equal(traffic_send(people, 9, "failed"), 1);
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "0 2 1 1",
		"select concat_ws(' ', sum(done), sum(dead), sum(recovered),"
		" sum(failed_again)) from orderly.rollup where grain = 60 and at > now() - interval '2 hours' and interface ="
		" (select id from orderly.interface where code = 'stock')");
	exact(people);
}

static void a_facility_that_is_told_late_moves_to_it(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select public.ev('invoices', 'place', 'delivered', '2026-11-16 09:00:00Z')");
	traffic_duty(people, "rollup");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.rollup_facility where at = '2026-11-16 09:00Z'");
	traffic_ingest(people,
		"select public.ev('invoices', 'place', 'note', '2026-11-16 09:01:00Z', '{\"facility\": \"H02\"}')");
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "H02 1",
		"select f.code || ' ' || r.done from orderly.rollup_facility r join"
		" orderly.facility f on f.id = r.facility where r.grain = 60 and at = '2026-11-16 09:00Z'");
	exact(people);
}

static void clocks_that_lie_move_nothing_else(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_build_array(public.ev('invoices', 'old', 'received', '1970-01-01 00:00:01Z'),"
		" public.ev('invoices', 'old', 'delivered', '9999-12-31 23:59:59Z'),"
		" public.ev('invoices', 'back', 'received', '2026-11-15 10:00:00Z'),"
		" public.ev('invoices', 'back', 'delivered', '2026-11-15 09:00:00Z'))");
	exact(people);
}

static void minutes_age_and_what_moves_in_them_moves_nothing(void **state)
{
	struct people *people = *state;

	traffic_ingest(
		people, "select public.ev('invoices', 'aged', 'dead', '2020-01-01 10:00:00Z')");
	traffic_duty(people, "rollup");
	pg_expect_text(people->super, "0 1", MINUTE("2020-01-01 10:00Z", "done, dead"));
	traffic_duty(people, "rollup_ages");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.rollup where grain = 60 and at < '2020-02-01'");
	traffic_ingest(people,
		"select public.ev('invoices', 'aged', 'delivered', '2020-01-01 10:00:00Z', '{\"attempt\": 2}')");
	traffic_duty(people, "rollup");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.rollup where grain = 60 and at < '2020-02-01'");
	pg_expect_text(people->super, "1 0",
		"select done || ' ' || dead from orderly.rollup where grain = 3600 and"
		" at = '2020-01-01 10:00Z'");
	traffic_check(people, "check_rollups");
}

static void it_says_up_to_when_it_reaches(void **state)
{
	struct people *people = *state;

	traffic_duty(people, "rollup");
	pg_expect_text(
		people->as[SUPPORT], "false", "select behind::text from orderly.rollup_reach()");
	traffic_ingest(people, "select public.ev('invoices', 'reach', 'dead', now())");
	traffic_settle(people);
	pg_expect_text(people->as[SUPPORT], "true true",
		"select behind || ' ' || (reach < now()) from orderly.rollup_reach()");
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.rollup");
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.rollup_facility");
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.my_burn_states()"
		" where interface <> all (orderly.my_interfaces())");
	pg_expect_error(people->as[SECURITY], "42501", "select from orderly.rollup");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_latency_is_in_a_bucket_within_one_percent),
		cmocka_unit_test(roll_ups_are_exact_whatever_happens),
		cmocka_unit_test(quantiles_are_within_one_percent_of_the_raw_ones),
		cmocka_unit_test(dead_and_then_delivered_moves_both_minutes),
		cmocka_unit_test(a_hung_target_is_slow_and_not_perfect),
		cmocka_unit_test(a_replay_that_succeeds_counts_beside_the_ratio),
		cmocka_unit_test(a_facility_that_is_told_late_moves_to_it),
		cmocka_unit_test(clocks_that_lie_move_nothing_else),
		cmocka_unit_test(minutes_age_and_what_moves_in_them_moves_nothing),
		cmocka_unit_test(it_says_up_to_when_it_reaches),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/rollups", tests, set_up, people_teardown);
}
