/* The fold: what each kind makes of each state, and that any order of the same events, in any arrays
 * and by any number of sessions at once, ends in the same rows.
 * Leaves what ingest refuses to test_ingest.c.
 * Called by the test run, against a real server; ORDERLY_TEST_QUICK does less. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define RUNS 10000
#define QUICK_RUNS 500
#define BATCH 250 /* runs whose events are mixed with one another */
#define SESSIONS 4

/* Beside the rows' own words, in SQL: the state of one message. */
#define STATE_OF                                                             \
	"(select t.state from orderly.transaction t join orderly.message m " \
	"on m.id = t.id where m.message_id = %s)"

static bool quick(void)
{
	return getenv("ORDERLY_TEST_QUICK") != NULL;
}

static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	people_change(people, "interface", "acked",
		"{\"title\": \"Acknowledged\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"file\","
		" \"timing\": \"batch\", \"data_class\": \"internal\", \"success\": \"acknowledged\"}");
	return 0;
}

/* Two events of one attempt: the one of the higher rank decides, whichever comes first and whatever
 * their clocks say. One row per pair of kinds and rule of success, made of the table itself. */
static void of_one_attempt_the_higher_rank_decides(void **state)
{
	struct people *people = *state;

	for (int order = 0; order < 4; order++) {
		pg_do(people->super,
			"create temp table pair as select a.success, a.kind as first, b.kind as second,"
			" format('%%s/%%s/%%s/%d', a.success, a.kind, b.kind) as message,"
			" case a.success when 'delivered' then 'orders' else 'acked' end as interface,"
			" coalesce(case when a.rank > b.rank then a.state when b.rank > 0 then b.state end,"
			"  'waiting') as expected"
			" from orderly.event_rule a join orderly.event_rule b using (success)",
			order);
		for (int turn = 0; turn < 2; turn++)
			pg_do(people->super,
				"select orderly.ingest((select jsonb_agg(public.ev(interface, message, %s,"
				" '2026-02-01Z'::timestamptz + interval '%d s', '{\"stage\": \"%d\"}')) from pair))",
				turn == order % 2 ? "first" : "second", order < 2 ? turn : -turn,
				turn);
		pg_expect_text(people->super, "",
			"select string_agg(message || ': ' || " STATE_OF
			" || ', not ' || expected, E'\\n') from pair"
			" where expected is distinct from " STATE_OF,
			"message", "message");
		pg_expect_int(people->super, 512, "select count(*) from pair");
		pg_do(people->super, "drop table pair");
	}
}

static void a_later_attempt_decides_over_any_rank(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'later', e.kind, e.at, jsonb_build_object('attempt', e.n)))"
		" from (values ('delivered', '2026-02-01Z'::timestamptz, 1), ('failed', '2020-02-01Z', 2)) e (kind, at, n)");
	pg_expect_text(people->super, "retrying", "select " STATE_OF, "'later'");
	traffic_ingest(
		people, "select public.ev('orders', 'later', 'note', now(), '{\"attempt\": 9}')");
	pg_expect_text(people->super, "retrying 2 3",
		"select concat_ws(' ', state, attempt, events) from orderly.transaction t"
		" join orderly.message m on m.id = t.id where m.message_id = 'later'");
}

static void a_refusal_is_not_hidden_by_the_delivery_before_it(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('acked', 'nack', k, now())) from unnest(array['delivered', 'failed']) k");
	pg_expect_text(people->super, "retrying", "select " STATE_OF, "'nack'");
	traffic_ingest(people, "select public.ev('acked', 'nack', 'acknowledged', now())");
	pg_expect_text(people->super, "done", "select " STATE_OF, "'nack'");
}

/* Each run is a handful of random events of one message. It is told to three messages at once: in
 * order by one session, in random order in random arrays, and in random order by several sessions, with
 * repeats. Event ids make the keys equal, so the rows must be equal in everything but their names. */
static void make_runs(struct people *people, int batch, int runs)
{
	pg_do(people->super, "select setseed(%f)", 1.0 / (batch + 2));
	pg_do(people->super, "drop table if exists public.told");
	pg_do(people->super,
		"create table public.told as"
		" select r as run, e as n, random() as shuffle, jsonb_strip_nulls(jsonb_build_object("
		"  'interface', case r %% 2 when 0 then 'orders' else 'acked' end, 'event_id', 'e' || e,"
		"  'kind', (array(select distinct kind from orderly.event_rule order by 1))[1 + floor(random() * 16)],"
		"  'at', format('2026-02-01T00:00:%%sZ', lpad(floor(random() * 4)::text, 2, '0')),"
		"  'attempt', 1 + floor(random() * 3), 'native_state', 'n' || e,"
		"  'class', (array['mapping', 'target', null])[1 + floor(random() * 3)],"
		"  'text', (array['a', 'b', null])[1 + floor(random() * 3)],"
		"  'facility', (array['H01', 'H02', null])[1 + floor(random() * 3)],"
		"  'correlation_id', (array['c1', 'c2', null])[1 + floor(random() * 3)],"
		"  'business_key', (array['k1', 'k2', null])[1 + floor(random() * 3)],"
		"  'ordering_key', (array['o1', null, null])[1 + floor(random() * 3)],"
		"  'due_at', (array['2030-01-01T00:00:00Z', '2031-01-01T00:00:00Z', null])[1 + floor(random() * 3)]))"
		"  as event"
		" from generate_series(1, %d) r, lateral generate_series(1, 2 + (r * 7 + %d) %% 7) e",
		runs, batch);
}

/* One array of one side, in SQL's words. */
#define SIDE                                                                               \
	"select orderly.ingest((select array_agg(convert_to((event || jsonb_build_object(" \
	"'message_id', format('%d.%%s.%s', run)))::text, 'UTF8') order by %s)"             \
	" from public.told where %s))"

static void tell_all_ways(struct people *people, PGconn **sessions, int batch)
{
	pg_do(people->super, SIDE, batch, "plain", "run, n", "true");
	for (int part = 0; part < 5; part++)
		pg_do(people->super, SIDE, batch, "shuffled", "shuffle desc",
			part == 0   ? "shuffle < 0.2"
			: part == 1 ? "shuffle >= 0.8"
			: part == 2 ? "shuffle >= 0.2 and shuffle < 0.4"
			: part == 3 ? "shuffle >= 0.6 and shuffle < 0.8"
				    : "shuffle >= 0.4 and shuffle < 0.6");
	/* Each session has two thirds of all, so that most events come from several at the same time. */
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < SESSIONS; i++) {
			char where[100], order[60];

			snprintf(where, sizeof(where), "(hashint4(run * 97 + n + %d) & 7) %s 4",
				i * 31, round ? "<" : ">=");
			snprintf(order, sizeof(order), "md5(shuffle::text || %d)", i);
			pg_send(sessions[i], SIDE, batch, "parallel", order, where);
		}
		for (int i = 0; i < SESSIONS; i++) {
			char *code = pg_wait_code(sessions[i]);

			if (strlen(code) == 5 && strspn(code, "0123456789ABCDEFPX") == 5)
				fail_msg("session %d: %s", i, code);
			free(code);
		}
	}
	/* What no session had, once more from the beginning. */
	pg_do(people->super, SIDE, batch, "parallel", "n desc", "true");
}

static void expect_equal_rows(struct people *people, int batch)
{
	pg_expect_int(people->super, 3 * BATCH,
		"select count(*) from orderly.message where message_id ^@ '%d.'", batch);
	pg_expect_text(people->super, "",
		"select string_agg(concat_ws(' ', run, key, 'is', vals), ', ') from ("
		" select split_part(m.message_id, '.', 2) as run, f.key,"
		"  string_agg(f.value #>> '{}', ' or ' order by m.message_id) as vals"
		" from orderly.message m join orderly.transaction t on t.id = m.id"
		" cross join lateral (select jsonb_agg(distinct e.facility) as facilities"
		"  from orderly.event e where e.born = m.born and e.transaction = m.id) e"
		" cross join lateral jsonb_each(to_jsonb(t) - 'id' - 'was' || to_jsonb(m) - 'id' - 'message_id'"
		"  - 'message_norm' || to_jsonb(e)) f"
		" where m.message_id ^@ '%d.' group by 1, 2 having count(distinct f.value) > 1 limit 5) r",
		batch);
}

static void any_order_and_any_sessions_end_in_the_same_rows(void **state)
{
	struct people *people = *state;
	PGconn *sessions[SESSIONS];
	int runs = quick() ? QUICK_RUNS : RUNS;

	for (int i = 0; i < SESSIONS; i++)
		sessions[i] = pg_as(people->db, people->login[INGEST]);
	for (int done = 0; done < runs; done += BATCH) {
		make_runs(people, done / BATCH, BATCH);
		pg_do(people->super, "grant select on public.told to public");
		tell_all_ways(people, sessions, done / BATCH);
		expect_equal_rows(people, done / BATCH);
	}
	for (int i = 0; i < SESSIONS; i++)
		PQfinish(sessions[i]);
}

/* Judged once more, by the reading of the rule that the check has. */
static void the_rows_are_what_the_events_tell(void **state)
{
	traffic_check(*state, "check_invariants");
}

/* Each done by hand and taken back, to a transaction that failed; its number follows. */
static const char *const spoilt[] = {
	"update orderly.transaction set state = 'done' where id =",
	"update orderly.transaction set attempt = attempt + 1 where id =",
	"update orderly.transaction set at = at - interval '1 s' where id =",
	"update orderly.transaction set (state, rank, key) = (select 'waiting', 10, e.key from orderly.event e"
	" where e.transaction = id and e.kind = 'received') where id =",
	"update orderly.transaction set events = events + 1 where id =",
	"update orderly.transaction set failures = 0 where id =",
	"update orderly.transaction set last_at = last_at + interval '1 s' where id =",
	"update orderly.transaction set overdue_at = now() where id =",
	"update orderly.transaction set fail_key = null where id =",
	"update orderly.transaction set fail_attempt = null where id =",
	"update orderly.event set kind = 'note' where transaction =",
	"update orderly.event set class = null where kind = 'failed' and transaction =",
	"delete from orderly.event where kind = 'failed' and transaction =",
	"delete from orderly.event where transaction =",
	"delete from orderly.transaction where id =",
	"delete from orderly.feed where kind = 'received' and transaction =",
};

static void the_check_finds_each_row_that_is_not_so(void **state)
{
	struct people *people = *state;
	long long id;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'checked', k, now(), case k when 'failed' then"
		" '{\"class\": \"mapping\"}' else '{}'::jsonb end)) from unnest(array['received', 'failed']) k");
	id = traffic_id(people, "orders", "checked");
	for (size_t i = 0; i < ARRAY_LEN(spoilt); i++) {
		pg_do(people->super, "begin");
		pg_do(people->super, "%s %lld", spoilt[i], id);
		pg_expect_int(people->super, 1,
			"select (count(*) > 0)::int from orderly.check_events(current_date - 1) where not ok"
			" and %lld::text = any (string_to_array(detail, ', '))",
			id);
		pg_do(people->super, "rollback");
	}
	pg_expect_int(
		people->super, 0, "select count(*) from orderly.check_events(null) where not ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_attempt_the_higher_rank_decides),
		cmocka_unit_test(a_later_attempt_decides_over_any_rank),
		cmocka_unit_test(a_refusal_is_not_hidden_by_the_delivery_before_it),
		cmocka_unit_test(any_order_and_any_sessions_end_in_the_same_rows),
		cmocka_unit_test(the_rows_are_what_the_events_tell),
		cmocka_unit_test(the_check_finds_each_row_that_is_not_so),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, people_teardown);
}
