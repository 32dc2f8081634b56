/* How interfaces stand: the states, what is kept against what is worked out, and the numbers of the SLA
 * page against the events themselves. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static void keep(struct people *people)
{
	traffic_duty(people, "dead_letters");
	traffic_duty(people, "rollup");
	pg_do(people->super,
		"update orderly.standings_kept set round_at = '-infinity', windows_at = '-infinity', place = null");
	traffic_duty(people, "standings");
}

/* A statement of the console with its parameters, as a row source for another query. */
static char *statement(const char *name, const char *const *params)
{
	const char *at = statement_find(name)->sql;
	struct str sql = STR_INIT(32 * 1024);

	for (; *at; at++) {
		if (*at == '$' && at[1] >= '1' && at[1] <= '9')
			str_addf(&sql, "%s", params[*++at - '1']);
		else
			str_addc(&sql, *at);
	}
	return sql.at;
}

static void clean(struct people *people)
{
	pg_do(people->super,
		"delete from orderly.rollup; delete from orderly.dead_letter; delete from orderly.pulse;"
		" delete from orderly.gauge; delete from orderly.transaction; delete from orderly.slo;"
		" delete from orderly.standing; delete from orderly.burn_kept; delete from orderly.objective_kept;"
		" update orderly.interface set maintenance = '[]', cadence_s = null, batch_due = null");
}

static void an_interface_stands_as_its_facts_say(void **state)
{
	/* done and dead: of the last hour; before: of two days ago */
	static const struct {
		const char *what, *measure;
		int min_count, most;
		const char *set;
		int done, dead, before_done, before_dead;
		const char *more, *expected;
	} rows[] = {
		{"nothing is known", "success", 10, 0, NULL, 0, 0, 0, 0, NULL,
			"none never heard of"},
		{"heard of, and nothing counted", "success", 10, 0, NULL, 0, 0, 0, 0, "gauge",
			"none no data in its window"},
		{"too few", "success", 10, 0, NULL, 9, 0, 0, 0, "gauge", "few too few to tell"},
		{"well", "success", 10, 0, NULL, 10, 0, 0, 0, "gauge", "ok"},
		{"no objective", NULL, 0, 0, NULL, 10, 0, 0, 0, "gauge", "ok"},
		{"just kept", "success", 10, 0, NULL, 0, 0, 99, 1, "gauge", "ok"},
		{"missed, though it is over", "success", 10, 0, NULL, 0, 0, 980, 20, "gauge",
			"breach success is missed"},
		{"few are missed by none", "success", 100, 0, NULL, 0, 0, 8, 2, "gauge",
			"few too few to tell"},
		{"burns while its budget lasts", "success", 10, 0, NULL, 50, 50, 100000, 0, "gauge",
			"at_risk success burns its budget"},
		{"silent", "success", 10, 0, "cadence_s = 600", 10, 0, 0, 0, "gauge old",
			"silent nothing comes"},
		{"within twice its cadence", "success", 10, 0, "cadence_s = 4000", 10, 0, 0, 0,
			"gauge old", "ok"},
		{"more waits than may", "queue", 0, 3, NULL, 10, 0, 0, 0, "gauge queue",
			"at_risk 4 wait, 3 may"},
		{"its batch has not come", NULL, 0, 0,
			"batch_due = (now() - interval '1 hour')::time", 0, 0, 9, 0, "gauge",
			"late the batch has not come"},
		{"its batch has come", NULL, 0, 0, "batch_due = (now() - interval '1 hour')::time",
			1, 0, 0, 0, "gauge", "ok"},
		{"it is being worked on", "success", 10, 0,
			"maintenance = '[{\"from\": \"2020-01-01T00:00Z\", \"to\": \"2100-01-01T00:00Z\"}]'",
			0, 90, 0, 0, "gauge", "maintenance being worked on"},
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *more = rows[i].more ? rows[i].more : "";

		clean(people);
		if (rows[i].measure)
			pg_do(people->super,
				"insert into orderly.slo (id, code, version, interface, measure, objective_ppm, min_count,"
				" threshold) values (9, 'orders/%s', 1, 'orders', '%s', 990000, %d, %d)",
				rows[i].measure, rows[i].measure, rows[i].min_count, rows[i].most);
		if (rows[i].set)
			pg_do(people->super,
				"update orderly.interface set %s where code = 'orders'",
				rows[i].set);
		for (int before = 0; before < 2; before++)
			pg_do(people->super,
				"insert into orderly.rollup (grain, interface, at, done, dead) select g, i.id,"
				" date_bin(make_interval(secs => g), now() - interval '%s', timestamptz 'epoch'), %d, %d"
				" from orderly.interface i, unnest(array[60, 3600, 86400]) g where code = 'orders' and %d > 0"
				" on conflict (grain, interface, at) do update set done = orderly.rollup.done + excluded.done,"
				" dead = orderly.rollup.dead + excluded.dead",
				before ? "2 days" : "2 minutes",
				before ? rows[i].before_done : rows[i].done,
				before ? rows[i].before_dead : rows[i].dead,
				before ? rows[i].before_done + rows[i].before_dead
				       : rows[i].done + rows[i].dead);
		if (*more)
			pg_do(people->super,
				"insert into orderly.gauge (interface, slot, waiting, last_at) select id, 0, %d,"
				" now() - interval '%s' from orderly.interface where code = 'orders'",
				strstr(more, "queue") ? 4 : 0,
				strstr(more, "old") ? "1 hour" : "0");
		pg_do(people->super,
			"update orderly.standings_kept set round_at = '-infinity', windows_at = '-infinity'");
		traffic_duty(people, "standings");
		pg_expect_text(people->as[SUPPORT], rows[i].expected,
			"select concat_ws(' ', state, why) from orderly.standing s join orderly.interface i"
			" on i.id = s.interface where i.code = 'orders'");
	}
	clean(people);
}

static void traffic(struct people *people)
{
	clean(people);
	people_change(people, "slo", "orders/success",
		"{\"interface\": \"orders\", \"measure\": \"success\", \"objective_ppm\": 950000}");
	people_change(people, "slo", "orders/latency",
		"{\"interface\": \"orders\", \"measure\": \"latency\", \"objective_ppm\": 900000, \"threshold\": 2000}");
	people_change(people, "slo", "stock/success",
		"{\"interface\": \"stock\", \"measure\": \"success\", \"objective_ppm\": 500000}");
	/* one message a minute and interface for three days, of every latency; every ninth dies */
	for (int part = 0; part < 2; part++)
		traffic_ingest(people,
			"select jsonb_agg(e) from generate_series(%d, %d) i, unnest(array['orders', 'stock']) o, lateral (values"
			" (public.ev(o, 'n' || i, 'received', now() - i * interval '65 s', jsonb_build_object('facility',"
			"  'H0' || 1 + i %% 2))),"
			" (public.ev(o, 'n' || i, case when i %% 9 = 0 then 'dead' else 'delivered' end,"
			"  now() - i * interval '65 s' + (i * 37 %% 5000) * interval '1 ms', '{\"class\": \"mapping\"}'))) v (e)",
			1 + part * 2000, 2000 + part * 2000);
	keep(people);
}

/* Both sides in one question, so that they speak of the same moment. */
static void a_window_of_the_page_is_what_its_events_say(void **state)
{
	static const char *const windows[] = {
		"60", "3600", "18420", "86400", "180000", "604800", "2592000"};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
		const char *params[] = {"null", windows[i]};
		char *sla = statement("sla", params);
		char raw[512];

		snprintf(raw, sizeof(raw),
			"(select i.code as interface, x.kind, extract(epoch from x.at - s.at) * 1000 as ms"
			" from orderly.event x join orderly.event s on s.transaction = x.transaction and s.kind = 'received'"
			" join orderly.interface i on i.id = x.interface where x.kind in ('delivered', 'dead') and x.at < now()"
			" and x.at >= date_bin('1 minute', now() - %s * interval '1 s', timestamptz 'epoch')) e",
			windows[i]);
		pg_expect_text(people->super, "",
			"select string_agg(concat_ws(' ', p.interface, p.done, e.done, p.dead, e.dead), ', ') from (%s) p"
			" full join (select interface, count(*) filter (where kind = 'delivered') as done,"
			" count(*) filter (where kind = 'dead') as dead from %s group by 1) e on e.interface = p.interface"
			" where (p.done, p.dead) is distinct from (e.done, e.dead)",
			sla, raw);
		/* the latencies that are told are off by less than one in a hundred */
		pg_expect_text(people->super, "",
			"select string_agg(concat_ws(' ', interface, q, a, b), ', ') from (select e.interface, q,"
			" percentile_disc(q) within group (order by floor(e.ms)) as a, (select orderly.hist_quantile("
			"orderly.hist_pack(string_to_array(p.hist, ',')::int[]), q) from (%s) p where p.interface = e.interface)"
			" as b from %s, unnest(array[0.5, 0.95, 0.99]::float8[]) q where e.kind = 'delivered' group by 1, 2) s"
			" where abs(a - b) > 0.01 * a or b is null",
			sla, raw);
		free(sla);
	}
}

static void facilities_add_up_to_the_whole(void **state)
{
	struct people *people = *state;
	const char *params[] = {"'orders'", "93600"};
	char *parts = statement("sla-facilities", params), *whole = statement("sla", params);
	char *sum = pg_text(people->as[SUPPORT],
		"select concat_ws(' ', done, dead, sum_ms) from (%s) s", whole);

	pg_expect_text(people->as[SUPPORT], sum,
		"select concat_ws(' ', sum(done), sum(dead), sum(sum_ms)) from (%s) s", parts);
	pg_expect_int(people->as[SUPPORT], 2, "select count(*) from (%s) s", parts);
	pg_expect_int(people->as[NARROW], 0, "select count(*) from (%s) s", parts);
	free(sum);
	free(parts);
	free(whole);
}

/* Burn rates and budgets that are kept, against the events. */
static void what_is_kept_is_what_the_events_say(void **state)
{
	struct people *people = *state;
	const char *params[] = {"null"};
	char *burn = statement("burn", params);

	pg_expect_text(people->super, "",
		"select string_agg(concat_ws(' ', b.interface, b.measure, b.rule, b.long_bad, e.bad, b.long_total, e.total),"
		" ', ') from (%s) b cross join lateral (select count(*) filter (where case b.measure when 'success' then"
		"  x.kind = 'dead' else extract(epoch from x.at - s.at) * 1000 > 2020 end) as bad, count(*) as total"
		"  from orderly.event x join orderly.event s on s.transaction = x.transaction and s.kind = 'received'"
		"  join orderly.interface i on i.id = x.interface where i.code = b.interface"
		"  and (x.kind = 'delivered' or b.measure = 'success' and x.kind = 'dead')"
		"  and x.at >= date_bin('1 minute', (select at from orderly.standings_kept) - b.long_s * interval '1 s', 'epoch')"
		"  and x.at < (select at from orderly.standings_kept)) e"
		" where b.long_total <> e.total or case b.measure when 'success' then b.long_bad <> e.bad"
		"  else abs(b.long_bad - e.bad) > e.total / 50 + 1 end",
		burn);
	pg_expect_int(people->as[SUPPORT], 12, "select count(*) from (%s) s", burn);
	pg_expect_int(people->super, 0,
		"select count(*) from (%s) b where long_rate <> floor(long_bad::numeric * 100000000 / (long_total *"
		" (1000000 - objective_ppm)))",
		burn);
	free(burn);
	/* the one that everybody reads is the one that is worked out */
	pg_expect_text(people->super, "",
		"select string_agg(concat_ws(' ', interface, measure, rule), ', ') from (select * from"
		" orderly.burn_states((select at from orderly.standings_kept)) except select * from orderly.burn_states_of("
		"array(select id from orderly.interface), (select at from orderly.standings_kept))) s");
	pg_expect_text(people->super, "orders breach success 444, stock failing success 444",
		"select string_agg(concat_ws(' ', i.code, s.state, s.measure, s.bad), ', ' order by i.code)"
		" from orderly.standing s join orderly.interface i on i.id = s.interface where i.code in ('orders', 'stock')");
}

static void a_round_goes_through_all_and_then_waits(void **state)
{
	struct people *people = *state;
	int64_t n = pg_int(people->super, "select count(*) from orderly.interface"), steps = 0;

	pg_do(people->super, "update orderly.standings_kept set round_at = '-infinity'");
	while (pg_int(people->super, "select orderly.duty_standings(2)") > 0)
		steps++;
	assert_int_equal(steps, (n + 1) / 2);
	pg_expect_int(people->super, 0, "select orderly.duty_standings(2)");
	pg_expect_int(people->super, n, "select count(*) from orderly.standing");
	pg_expect_text(people->super, "true",
		"select (at = round_at and place is null)::text from orderly.standings_kept");
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.standing where interface <> all (orderly.my_interfaces())");
}

static void a_silence_shows_until_when_by_whom_and_why(void **state)
{
	struct people *people = *state;
	const char *add[] = {
		"'stock'", "'parts arrive at noon'", "(extract(epoch from now()) + 3600)::float8"};
	const char *all[] = {"null"};
	char *sql = statement("silence-add", add), *rows = statement("standings", all);

	pg_expect_text(people->as[SUPPORT], "your roles do not allow this",
		"select message from (%s) s", sql);
	pg_expect_text(people->as[OPERATOR], "true", "select ok::text from (%s) s", sql);
	pg_expect_text(people->as[SUPPORT], "parts arrive at noon",
		"select silenced_why from (%s) s where interface = 'stock' and silenced_by is not null"
		" and silenced_until > now()",
		rows);
	pg_expect_text(people->as[SUPPORT], "true",
		"select (silenced_until > now())::text from orderly.interface_signs((select id from"
		" orderly.interface where code = 'stock'))");
	free(sql);
	add[0] = "(select max(id) from orderly.silence)";
	sql = statement("silence-end", add);
	pg_expect_text(people->as[OPERATOR], "true", "select ok::text from (%s) s", sql);
	pg_expect_int(people->as[SUPPORT], 0,
		"select count(*) from (%s) s where silenced_until is not null", rows);
	pg_expect_text(people->as[SUPPORT], "",
		"select silenced_until from orderly.interface_signs((select id from orderly.interface"
		" where code = 'stock'))");
	free(sql);
	free(rows);
}

static int set_up(void **state)
{
	int r = traffic_setup(state);

	traffic(*state);
	return r;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_of_the_page_is_what_its_events_say),
		cmocka_unit_test(facilities_add_up_to_the_whole),
		cmocka_unit_test(what_is_kept_is_what_the_events_say),
		cmocka_unit_test(a_round_goes_through_all_and_then_waits),
		cmocka_unit_test(a_silence_shows_until_when_by_whom_and_why),
		cmocka_unit_test(an_interface_stands_as_its_facts_say),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/standings", tests, set_up, people_teardown);
}
