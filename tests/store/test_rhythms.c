/* Anomalies: what is usual at an hour of the week is learned from roll-ups; what is far off begins one, once,
 * and ends it; chance, little traffic, maintenance and roll-ups that lag begin none. The stories that are told
 * of anomalies and of failure groups. How often chance is mistaken for one is measured by bench_rhythms. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

/* Six weeks of orders, 200 an hour by day and 50 by night, and as even as chance is; stock has two days of
 * them, invoices one message in an hour. The last whole hour is left to each test. */
static int set_up(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	pg_do(people->super,
		"create function public.upto() returns timestamptz language sql stable"
		" return date_bin('1 hour', now(), timestamptz 'epoch');"
		"create function public.usual(at timestamptz) returns int language sql"
		" return case when extract(hour from at at time zone 'UTC') between 8 and 18 then 200 else 50 end;"
		"insert into orderly.rollup (grain, interface, at, done, dead, retried, hist)"
		" select 3600, i.id, h.at, d.n, 1, d.n / 50,"
		"  array[orderly.latency_bucket(500), d.n - d.n / 40, orderly.latency_bucket(4000), d.n / 40]"
		" from orderly.interface i"
		" join generate_series(public.upto() - interval '42 days', public.upto() - interval '2 hours', '1 hour') h (at)"
		"  on i.code = 'orders' or i.code = 'invoices' or i.code = 'stock' and h.at > public.upto() - interval '2 days'"
		" cross join lateral (select case i.code when 'invoices' then 1 else"
		"  public.usual(h.at) + (abs(hashtext(h.at::text)) %% 21 - 10) * public.usual(h.at) / 200 end) d (n);"
		"select orderly.rhythm_learn(id) from orderly.interface where code in ('orders', 'stock', 'invoices')");
	return 0;
}

/* The last hour of orders as percent of the usual, with so many of a thousand that died, were retried, were
 * slow; then one look. */
static void look(struct people *people, int percent, int dead, int retried, int slow)
{
	pg_do(people->super,
		"delete from orderly.rollup where grain = 60;"
		"insert into orderly.rollup (grain, interface, at, done, dead, retried, hist)"
		" select 60, i.id, public.upto() - interval '30 minutes', u.n - u.n * %d / 1000, u.n * %d / 1000,"
		"  u.n * %d / 1000, orderly.hist_pack(array[orderly.latency_bucket(500), u.n - u.n * %d / 1000"
		"  - u.n * %d / 1000, orderly.latency_bucket(4000), u.n * %d / 1000])"
		" from orderly.interface i, (select public.usual(public.upto() - interval '1 hour') * %d / 100) u (n)"
		" where i.code = 'orders';"
		"select orderly.anomalies_look(public.upto())",
		dead, dead, retried, dead, slow, slow, percent);
}

static void expect_odd(struct people *people, const char *want)
{
	pg_expect_text(people->as[OPERATOR], want,
		"select coalesce(string_agg(i.code || ' ' || a.measure || case when a.off < 0 then ' low' else '' end, ', '"
		" order by a.measure), '') from orderly.anomaly a join orderly.interface i on i.id = a.interface"
		" where a.ended_at is null");
}

static void forget(struct people *people)
{
	pg_do(people->super,
		"delete from orderly.anomaly; delete from orderly.rollup where grain = 60");
}

static void what_is_usual_is_known_by_the_hour_of_the_week(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->super, "true",
		"select bool_and(abs(r.rate[s] * r.rate[s] / 4 - 0.375 - public.usual(h.at)) < 15 and r.samples[s] between 5 and 6"
		"  and abs(r.latency[s] - 500) < 10)::text"
		" from orderly.rhythm r join orderly.interface i on i.id = r.interface and i.code = 'orders',"
		" generate_series(public.upto() - interval '7 days', public.upto() - interval '2 hours', '1 hour') h (at),"
		" lateral (select orderly.rhythm_slot(h.at, 'UTC') + 1) x (s)");
	/* Two days are too few to know an hour by. */
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.rhythm r join orderly.interface i on i.id = r.interface,"
		" unnest(r.samples) s where i.code = 'stock' and s <> 0");
	pg_expect_text(people->super, "Europe/Berlin",
		"insert into orderly.setting (id, code, version, value) values (-1, 'rhythm.zone', 1, '\"Europe/Berlin\"');"
		"select orderly.rhythm_zone()");
	pg_expect_text(people->super, "UTC",
		"update orderly.setting set value = '\"Atlantis\"' where id = -1; select orderly.rhythm_zone()");
	pg_do(people->super, "delete from orderly.setting where id = -1");
}

static void what_is_far_off_is_said_and_what_is_not_is_not(void **state)
{
	static const struct {
		int percent, dead, retried, slow;
		const char *want;
	} rows[] = {
		{100, 5, 20, 25, ""},
		{80, 5, 20, 25, ""},
		{125, 5, 20, 25, ""},
		{10, 0, 0, 0, "orders rate low"},
		{0, 0, 0, 0, "orders rate low"},
		{400, 5, 20, 25, "orders rate"},
		{100, 400, 20, 0, "orders failures"},
		{100, 5, 500, 25, "orders retries"},
		{100, 5, 20, 600, "orders latency"},
		{100, 400, 500, 500, "orders failures, orders latency, orders retries"},
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		forget(people);
		look(people, rows[i].percent, rows[i].dead, rows[i].retried, rows[i].slow);
		expect_odd(people, rows[i].want);
	}
	/* One message in an hour: its absence is chance, and not what this can tell. */
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.anomaly a join orderly.interface i on i.id = a.interface where i.code <> 'orders'");
}

static void it_begins_once_and_ends_by_itself(void **state)
{
	struct people *people = *state;
	PGconn *listener = pg_super(people->db);
	PGnotify *told;

	pg_do(listener, "listen orderly");
	forget(people);
	look(people, 5, 0, 0, 0);
	look(people, 5, 0, 0, 0);
	pg_expect_int(people->super, 1, "select count(*) from orderly.anomaly");
	look(people, 40, 0, 0, 0); /* better, but not well: it goes on */
	expect_odd(people, "orders rate low");
	look(people, 100, 5, 20, 25);
	expect_odd(people, "");
	pg_expect_text(people->super, "true",
		"select (ended_at = public.upto() and most_off < off)::text from orderly.anomaly");
	look(people, 5, 0, 0, 0);
	pg_expect_int(people->super, 2, "select count(*) from orderly.anomaly");
	pg_do(listener, "select 1");
	told = PQnotifies(listener);
	assert_non_null(told);
	assert_string_equal(told->extra, "anomaly");
	PQfreemem(told);
	PQfinish(listener);
}

static void what_is_being_worked_on_or_not_in_use_is_not_judged(void **state)
{
	struct people *people = *state;

	forget(people);
	pg_do(people->super,
		"update orderly.interface set maintenance = '[{\"from\": \"00:00\", \"to\": \"00:00\"}]' where code = 'orders'");
	look(people, 5, 0, 0, 0);
	expect_odd(people, "");
	pg_do(people->super,
		"update orderly.interface set maintenance = '[]', lifecycle = 'retired' where code = 'orders'");
	look(people, 5, 0, 0, 0);
	expect_odd(people, "");
	pg_do(people->super,
		"update orderly.interface set lifecycle = 'live' where code = 'orders'");
	look(people, 5, 0, 0, 0);
	expect_odd(people, "orders rate low");
}

/* Roll-ups that lag look like silence. */
static void what_is_not_counted_yet_is_not_missed(void **state)
{
	struct people *people = *state;

	forget(people);
	traffic_ingest(people, "public.ev('orders', 'late', 'received', now())");
	traffic_settle(people);
	pg_do(people->super,
		"update orderly.follower set arrived = now() - interval '1 hour' where name = 'rollup';"
		"update orderly.rhythm set at = now() - interval '7 hours'");
	pg_expect_text(people->super, "true",
		"select (orderly.duty_anomalies(100) >= 3)::text"); /* learned */
	expect_odd(people, "");
	traffic_duty(people, "rollup");
	pg_do(people->super, "select orderly.duty_anomalies(100)");
	expect_odd(people, "orders rate low");
	/* Nothing is left to do, also for those of which there is nothing to learn yet. */
	pg_expect_int(people->super, 0, "select orderly.duty_anomalies(100)");
}

static void an_operator_dismisses_with_a_reason(void **state)
{
	struct people *people = *state;
	int64_t id;

	forget(people);
	look(people, 5, 0, 0, 0);
	id = pg_int(people->super, "select id from orderly.anomaly");
	pg_expect_code(people->as[SUPPORT], "role", "orderly.anomaly_dismiss(%lld, 'a holiday')",
		(long long)id);
	pg_expect_code(people->as[NARROW], "not_found",
		"orderly.anomaly_dismiss(%lld, 'a holiday')", (long long)id);
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.anomaly");
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.anomaly_story(%lld)",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "reason", "orderly.anomaly_dismiss(%lld, ' ')",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.anomaly_dismiss(%lld, 'a holiday')",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "state", "orderly.anomaly_dismiss(%lld, 'again')",
		(long long)id);
	pg_expect_int(people->super, 3,
		"select count(*) from orderly.audit where act = 'anomaly_dismiss' and reason = 'a holiday'"
		" and object_id = '%lld' and outcome in ('done', 'refused')",
		(long long)id);
	pg_expect_int(people->as[SUPPORT], 1,
		"select count(*) from orderly.anomaly_story(%lld) where words like '%%dismissed it: a holiday'",
		(long long)id);
}

/* Ten that die, all of one facility and class, among thirty that do not. */
static void fail_in_one_place(struct people *people)
{
	traffic_ingest(people,
		"(select jsonb_agg(public.ev('orders', 's' || i, k.kind, public.upto() - interval '30 minutes' + k.after * interval '1 s',"
		" case when k.kind = 'dead' then '{\"class\": \"mapping\", \"text\": \"cost centre 8841 unknown\", \"facility\": \"H02\"}'::jsonb"
		" when i > 30 then '{\"facility\": \"H02\"}' else '{\"facility\": \"H01\"}' end))"
		" from generate_series(1, 40) i, lateral (values ('received', 0),"
		" (case when i > 30 then 'dead' else 'delivered' end, 1)) k (kind, after))");
	traffic_settle(people);
	traffic_duty(people, "dead_letters");
}

static void expect_told(struct people *people, const char *story, int64_t id, const char *words)
{
	char *told = pg_text(people->as[SUPPORT],
		"select string_agg(words, E'\\n') from orderly.%s(%lld)", story, (long long)id);

	if (!strstr(told, words))
		fail_msg("\"%s\" is not in:\n%s", words, told);
	free(told);
}

static void some_of_several_is_said_as_people_say_it(void **state)
{
	pg_expect_text(((struct people *)*state)->super, "It, Both, All 3, 2 of 3",
		"select concat_ws(', ', orderly.share_text(1, 1), orderly.share_text(2, 2), orderly.share_text(3, 3),"
		" orderly.share_text(2, 3))");
}

static void the_story_says_what_they_have_in_common(void **state)
{
	struct people *people = *state;
	int64_t id, group;

	forget(people);
	fail_in_one_place(people);
	look(people, 100, 400, 20, 25);
	id = pg_int(people->super, "select id from orderly.anomaly where measure = 'failures'");
	group = pg_int(people->super,
		"select distinct l.failure_group from orderly.dead_letter l join orderly.message m on m.id = l.id"
		" where m.message_id = 's31'");
	people_change(people, "system", "ghx",
		"{\"title\": \"Exchange\", \"kind\": \"procurement\", \"note\": \"moved\"}");
	pg_do(people->as[SUPPORT],
		"select orderly.note_add('interface', (select id from orderly.interface"
		" where code = 'orders'), 'they move their servers')");
	expect_told(people, "anomaly_story", id, "of the messages died; usually");
	expect_told(people, "anomaly_story", id, "weeks of this hour");
	expect_told(people, "anomaly_story", id, "All 10 come from");
	expect_told(people, "anomaly_story", id, "(H02); none of the 30 others do.");
	expect_told(people, "anomaly_story", id,
		"All 10 failed with class mapping (a value could not be mapped).");
	expect_told(people, "anomaly_story", id, "The system ghx was changed to version");
	expect_told(people, "anomaly_story", id, "A note says: they move their servers");
	expect_told(people, "group_story", group, "10 messages of ");
	expect_told(people, "group_story", group, "All 10 come from");
	expect_told(people, "group_story", group,
		"Nobody owns the group; 10 of its messages have no owner either.");
	expect_told(people, "group_story", group, "The system ghx was changed to version");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.failure_group_own(%lld, 1000)",
		(long long)group);
	expect_told(people, "group_story", group, " owns the group.");
	/* Who does not see the interface is told nothing of either. */
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.group_story(%lld)",
		(long long)group);
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.anomaly_story(%lld)",
		(long long)id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_usual_is_known_by_the_hour_of_the_week),
		cmocka_unit_test(what_is_far_off_is_said_and_what_is_not_is_not),
		cmocka_unit_test(it_begins_once_and_ends_by_itself),
		cmocka_unit_test(what_is_being_worked_on_or_not_in_use_is_not_judged),
		cmocka_unit_test(what_is_not_counted_yet_is_not_missed),
		cmocka_unit_test(an_operator_dismisses_with_a_reason),
		cmocka_unit_test(some_of_several_is_said_as_people_say_it),
		cmocka_unit_test(the_story_says_what_they_have_in_common),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, set_up, people_teardown);
}
