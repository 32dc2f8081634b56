/* Objectives: burn rates compared in integers, rules of two windows, maintenance, windows that add up. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static void burning_is_compared_in_integers(void **state)
{
	static const struct {
		const char *bad, *total;
		int objective_ppm, tenths, window_s;
		bool burns;
	} rows[] = {
		{"144", "10000", 999000, 144, 2592000, false}, /* 1.44 % of 99.9 % */
		{"145", "10000", 999000, 144, 2592000, true},
		{"14400000000", "1000000000000", 999000, 144, 2592000, false},
		{"14400000001", "1000000000000", 999000, 144, 2592000, true},
		{"0", "10000", 999000, 144, 2592000, false},
		{"0", "0", 999000, 144, 2592000, false},
		{"1", "1", 999000, 144, 2592000, true},
		{"336", "100000", 999000, 144, 604800, false}, /* 14.4 x 7/30 = 3.36 */
		{"337", "100000", 999000, 144, 604800, true},
		{"1", "1000000", 1000000, 144, 2592000, true}, /* nothing may fail */
		{"0", "1000000", 1000000, 144, 2592000, false},
		{"9223372036854775807", "9223372036854775807", 0, 10, 2592000, false},
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		pg_expect_int(people->super, rows[i].burns,
			"select orderly.burns(%s, %s, %d, %d, %d)::int", rows[i].bad, rows[i].total,
			rows[i].objective_ppm, rows[i].tenths, rows[i].window_s);
	pg_expect_text(people->super, "1440", "select orderly.burn_rate(144, 10000, 999000)");
	pg_expect_text(people->super, "-440000", "select orderly.budget_left(144, 100000, 999000)");
	pg_expect_text(people->super, "", "select orderly.budget_left(0, 0, 999000)");
}

/* Two windows: the long one says that it matters, the short one that it still goes on. */
static void a_rule_fires_when_both_windows_burn(void **state)
{
	static const struct {
		int lately_bad, lately, before_bad,
			before; /* in the last 5 minutes, and in the hour before them */
		const char *expected;
	} rows[] = {
		{0, 0, 0, 0, "none"},
		{9, 9, 0, 0, "few"},
		{50, 1000, 0, 9000, "fine"},
		{144, 1000, 0, 9000, "fine"}, /* 1.44 % in the hour */
		{145, 1000, 0, 9000, "burning"},
		{0, 1000, 900, 9000, "fine"}, /* it is over */
		{1, 1000, 900, 9000, "fine"},
		{15, 1000, 900, 9000, "burning"},
	};
	struct people *people = *state;

	people_change(people, "slo", "payroll/success",
		"{\"interface\": \"payroll\", \"measure\": \"success\","
		" \"objective_ppm\": 999000, \"min_count\": 10}");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		pg_do(people->super,
			"delete from orderly.rollup where interface = (select id from orderly.interface where"
			" code = 'payroll')");
		for (int lately = 0; lately < 2; lately++)
			pg_do(people->super,
				"insert into orderly.rollup (grain, interface, at, dead, done) select g, i.id,"
				" date_bin(make_interval(secs => g), '2026-11-10 12:00Z'::timestamptz - interval '%d minutes',"
				" timestamptz 'epoch'), %d, %d from orderly.interface i, unnest(array[60, 3600]) g"
				" where code = 'payroll' on conflict (grain, interface, at) do update set"
				" dead = orderly.rollup.dead + excluded.dead, done = orderly.rollup.done + excluded.done",
				lately ? 2 : 30, lately ? rows[i].lately_bad : rows[i].before_bad,
				lately ? rows[i].lately - rows[i].lately_bad
				       : rows[i].before - rows[i].before_bad);
		pg_expect_text(people->as[OPERATOR], rows[i].expected,
			"select state from orderly.my_burn_states("
			"'2026-11-10 12:00Z') where rule = 1 and measure = 'success' and interface = (select id from"
			" orderly.interface where code = 'payroll')");
	}
	pg_do(people->super,
		"delete from orderly.rollup where interface = (select id from orderly.interface where"
		" code = 'payroll')");
}

static void expect_fits(struct people *people, const char *maintenance, bool fits)
{
	pg_expect_int(
		people->super, fits, "select orderly.maintenance_fits('%s')::int", maintenance);
}

static void maintenance_windows_come_once_or_every_week(void **state)
{
	static const struct {
		const char *window, *since, *upto, *expected;
	} rows[] = {
		{"{\"from\": \"02:00\", \"to\": \"04:00\"}", "2026-11-10 03:00Z",
			"2026-11-11 02:00Z",
			"11-10 02:00 to 11-10 04:00, 11-11 02:00 to 11-11 04:00"},
		{"{\"from\": \"22:00\", \"to\": \"01:00\", \"days\": [\"mon\", \"wed\"]}",
			"2026-11-09 00:00Z", "2026-11-15 00:00Z",
			"11-09 22:00 to 11-10 01:00, 11-11 22:00 to 11-12 01:00"},
		/* clocks go back on the first of them, at three in the morning */
		{"{\"from\": \"02:30\", \"to\": \"04:00\", \"days\": [\"sun\"], \"zone\": \"Europe/Berlin\"}",
			"2026-10-25 00:00Z", "2026-11-02 00:00Z",
			"10-25 01:30 to 10-25 03:00, 11-01 01:30 to 11-01 03:00"},
		{"{\"from\": \"2026-11-10T10:00Z\", \"to\": \"2026-11-10T11:30Z\"}",
			"2026-11-10 11:00Z", "2026-11-12 00:00Z", "11-10 10:00 to 11-10 11:30"},
		{"{\"from\": \"2026-11-10T10:00Z\", \"to\": \"2026-11-10T11:30Z\"}",
			"2026-11-10 11:30Z", "2026-11-12 00:00Z", ""},
	};
	static const char *const wrong[] = {"{}", "[7]", "[{}]", "[{\"from\": \"02:00\"}]",
		"[{\"from\": \"02:00\", \"to\": \"25:00\"}]",
		"[{\"from\": \"02:00\", \"to\": \"03:00\", \"days\": [\"someday\"]}]",
		"[{\"from\": \"02:00\", \"to\": \"03:00\", \"days\": \"sun\"}]",
		"[{\"from\": \"02:00\", \"to\": \"03:00\", \"zone\": \"Europe/Nowhere\"}]",
		"[{\"from\": \"02:00\", \"to\": \"03:00\", \"why\": \"patches\"}]",
		"[{\"from\": \"02:00\", \"to\": \"2026-11-10T11:30Z\"}]",
		"[{\"from\": \"tomorrow\", \"to\": \"tomorrows\"}]"};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		pg_expect_text(people->super, rows[i].expected,
			"select coalesce(string_agg(to_char(begin_at at time zone 'UTC', 'MM-DD HH24:MI') || ' to ' ||"
			" to_char(end_at at time zone 'UTC', 'MM-DD HH24:MI'), ', ' order by begin_at), '')"
			" from orderly.maintenance_spans('[%s]', '%s', '%s')",
			rows[i].window, rows[i].since, rows[i].upto);
	}
	expect_fits(people, "[]", true);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		expect_fits(people, wrong[i], false);
	pg_expect_error(people->super, "23514",
		"update orderly.interface set maintenance = '[{}]' where code = 'payroll'");
}

/* A thousand bad ones in ten minutes of work on the target burn nothing, then or later. */
static void what_falls_into_maintenance_does_not_burn(void **state)
{
	static const struct {
		const char *maintenance, *at,
			*expected; /* state, bad and total of the long window */
	} rows[] = {
		{"[]", "2026-11-09 12:05Z", "burning 1000 2000"},
		{"[{\"from\": \"11:30\", \"to\": \"12:30\"}]", "2026-11-09 12:05Z",
			"maintenance 0 0"},
		{"[{\"from\": \"11:30\", \"to\": \"12:03\"}]", "2026-11-09 12:05Z", "none 0 0"},
		{"[{\"from\": \"12:00\", \"to\": \"12:01\"}]", "2026-11-09 12:05Z", "none 0 0"},
		{"[{\"from\": \"12:01\", \"to\": \"12:03\"}]", "2026-11-09 12:05Z",
			"burning 1000 2000"},
		{"[{\"from\": \"11:30\", \"to\": \"12:03\", \"days\": [\"tue\"]}]",
			"2026-11-09 12:05Z", "burning 1000 2000"},
	};
	struct people *people = *state;

	pg_do(people->super,
		"insert into orderly.rollup (grain, interface, at, dead, done) select g, i.id,"
		" date_bin(make_interval(secs => g), '2026-11-09 12:00Z', timestamptz 'epoch'), 1000, 1000"
		" from orderly.interface i, unnest(array[60, 3600]) g where code = 'payroll'");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		pg_do(people->super,
			"update orderly.interface set maintenance = '%s' where code = 'payroll'",
			rows[i].maintenance);
		pg_expect_text(people->as[OPERATOR], rows[i].expected,
			"select concat_ws(' ', state, long_bad, long_total) from orderly.my_burn_states('%s')"
			" where rule = 1 and measure = 'success' and interface ="
			" (select id from orderly.interface where code = 'payroll')",
			rows[i].at);
	}
	pg_do(people->super,
		"update orderly.interface set maintenance = '[]' where code = 'payroll'");
	pg_do(people->super,
		"delete from orderly.rollup where interface = (select id from orderly.interface where"
		" code = 'payroll')");
}

static void a_window_is_the_sum_of_its_minutes(void **state)
{
	static const char *const windows[][2] = {{"2026-11-20 10:07Z", "2026-11-20 10:09Z"},
		{"2026-11-20 10:07Z", "2026-11-20 11:03Z"},
		{"2026-11-20 09:00Z", "2026-11-20 13:00Z"},
		{"2026-11-20 09:59Z", "2026-11-20 12:01Z"},
		{"2026-11-20 10:00Z", "2026-11-20 11:00Z"},
		{"2026-11-01 00:00Z", "2026-11-20 10:31Z"},
		{"2026-11-20 10:30Z", "2026-11-20 10:30Z"}};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
		char *minutes = pg_text(people->super,
			"select concat_ws(' ', coalesce(sum(done), 0), coalesce(sum(dead), 0))"
			" from orderly.rollup where grain = 60 and at >= '%s' and at < '%s'",
			windows[i][0], windows[i][1]);

		pg_expect_text(people->super, minutes,
			"select concat_ws(' ', coalesce(sum(done), 0), coalesce(sum(dead), 0))"
			" from orderly.rollup_counts('%s', '%s')",
			windows[i][0], windows[i][1]);
		free(minutes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burning_is_compared_in_integers),
		cmocka_unit_test(a_rule_fires_when_both_windows_burn),
		cmocka_unit_test(maintenance_windows_come_once_or_every_week),
		cmocka_unit_test(what_falls_into_maintenance_does_not_burn),
		cmocka_unit_test(a_window_is_the_sum_of_its_minutes),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/burn", tests, traffic_setup, people_teardown);
}
