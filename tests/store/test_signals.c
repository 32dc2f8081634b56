/* Signals: what raises each of them, what does not, what ends it and what keeps it; who is told and who is
 * not; what people may do with them. Time is turned: all is held against public.at(). */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define LAST_EVENT(ago)                                                                     \
	"delete from orderly.gauge where interface = public.i(); insert into orderly.gauge" \
	" (interface, slot, last_at) values (public.i(), 0, public.at() - interval '" ago "')"
#define QUEUE(n)                                                                            \
	"delete from orderly.gauge where interface = public.i(); insert into orderly.gauge" \
	" (interface, slot, waiting, last_at) values (public.i(), 0, " #n ", public.at())"
#define PULSE(born, done, failed)                                                                    \
	"delete from orderly.pulse where interface = public.i(); insert into orderly.pulse"          \
	" (bucket, interface, slot, born, done, failed) values (public.at() - interval '6 minutes'," \
	" public.i(), 0, " #born ", " #done ", " #failed ")"
#define REFUSED(n, code)                                                                                            \
	"delete from orderly.transaction where id < 0; insert into orderly.transaction (id, interface,"             \
	" born, state, attempt, rank, at, key, first_at, last_at, events, failures, class, code, fail_at)"          \
	" select -n, public.i(), '2026-11-21', 'retrying', 1, 70, public.at(), '', public.at(), public.at(), 1, 1," \
	" 'auth', '" code "', public.at() from generate_series(1, " #n ") n"
#define UNACKNOWLEDGED(ago)                                                                                  \
	"delete from orderly.transaction where id < 0; insert into orderly.transaction (id, interface,"      \
	" born, state, attempt, rank, at, key, first_at, last_at, events, failures) values (-1, public.i()," \
	" '2026-11-21', 'running', 1, 65, public.at() - interval '" ago                                      \
	"', '', public.at(), public.at(), 1, 1)"
#define OLDEST(ago) "update orderly.dead_letter set at = public.at() - interval '" ago "'"
#define BEAT(ago)                                                                                               \
	"delete from orderly.worker; insert into orderly.worker (name, role, pid, started_at, beat_at, detail)" \
	" values ('w1', 'x', 1, public.at() - interval '1 hour', public.at() - interval '" ago                  \
	"',"                                                                                                    \
	" '{\"host\": \"h1\"}')"
#define DUTY(ago, why)                                                                                   \
	"insert into orderly.duty (name, done_at, failure) values ('mask', public.at() - interval '" ago \
	"', " why ")"                                                                                    \
	" on conflict (name) do update set done_at = excluded.done_at, failure = excluded.failure"
#define KEY(left)                                                                                                                                  \
	"delete from orderly.credential; delete from orderly.odoo_probe; insert into orderly.odoo_probe (at, worker, server, ok, class, key_name," \
	" key_expires) values (public.at(), 'w1', 'https://odoo.example prod', true, 'ok', 'worker key',"                                          \
	" public.at() + interval '" left "')"
#define BAD(n)                                                                                                       \
	"delete from orderly.rollup where interface = public.i(); insert into orderly.rollup (grain, interface, at," \
	" dead, done) select g, public.i(), date_bin(make_interval(secs => g), public.at() - interval '2 minutes',"  \
	" timestamptz 'epoch'), " #n ", 1000 - " #n " from unnest(array[60, 3600]) g"
#define BATCH(due, done)                                                                   \
	"update orderly.interface set batch_due = ((public.at() - interval '" due          \
	"') at time zone 'UTC')::time"                                                     \
	" where id = public.i(); delete from orderly.rollup where interface = public.i();" \
	" insert into orderly.rollup (grain, interface, at, done) values (60, public.i()," \
	" public.at() - interval '5 minutes', " done ")"

#define SAW(column, value)                                           \
	"insert into orderly.probe_state (probe, class, at, " column \
	") values ('door', 'x', public.at(), " value ")"             \
	" on conflict (probe) do update set " column " = excluded." column
#define ENDS(left) SAW("cert_expires", "public.at() + interval '" left "'")
#define HOLDS(queue, n, consumers)                                                                        \
	"delete from orderly.broker_queue; insert into orderly.broker_queue values ('door', '/', '" queue \
	"',"                                                                                              \
	" public.at(), " #n ", 0, " #consumers ", '" queue "' like '%.dlq')"
#define OLD_KEY(age)                                                                                        \
	KEY("90 days")                                                                                      \
	"; delete from orderly.credential; insert into orderly.credential (id, code, version, title, kind," \
	" rotated_on, rotate_days, seen_as) values (1, 'worker-key', 1, 'x', 'odoo_key',"                   \
	" (public.at() - interval '" age "')::date, 30, 'worker key')"

static void turn(struct people *people, int seconds)
{
	pg_do(people->super, "update public.clock set at = at + make_interval(secs => %d)",
		seconds);
}

static void look(struct people *people, const char *facts)
{
	turn(people, 1);
	if (facts)
		pg_do(people->super, "%s", facts);
	pg_do(people->super, "select orderly.signals_evaluate(public.at())");
}

/* Of the newest one. */
static void expect_state(
	struct people *people, const char *rule, const char *object, const char *state)
{
	char *got = pg_text(people->super,
		"select coalesce((select state from orderly.signal where rule = '%s' and object = '%s'"
		" order by id desc limit 1), 'none')",
		rule, object);

	if (strcmp(got, state) != 0)
		fail_msg("%s of %s is %s, and not %s", rule, object, got, state);
	free(got);
}

static const struct {
	const char *rule, *object;
	const char *calm; /* the nearest that does not raise it */
	const char *cause;
	const char *less; /* what would not raise it, and keeps it; NULL: there is none */
	const char *cure;
} rows[] = {
	{"burn-fast", "stock/success", BAD(143), BAD(145), NULL, BAD(0)},
	{"silent", "stock", LAST_EVENT("19 minutes"), LAST_EVENT("21 minutes"),
		LAST_EVENT("16 minutes"), LAST_EVENT("14 minutes")},
	{"late-batch", "stock", BATCH("14 minutes", "0"), BATCH("16 minutes", "0"),
		BATCH("10 minutes", "0"), BATCH("16 minutes", "1")},
	{"queue-over-objective", "stock", QUEUE(99), QUEUE(100), NULL, QUEUE(99)},
	{"queue-growing", "stock", QUEUE(9000) ";" PULSE(600, 101, 0),
		QUEUE(9000) ";" PULSE(600, 100, 0), QUEUE(200) ";" PULSE(600, 0, 0),
		QUEUE(199) ";" PULSE(600, 0, 0)},
	{"retrying", "stock", PULSE(0, 76, 24), PULSE(0, 75, 25), PULSE(0, 85, 15),
		PULSE(0, 86, 14)},
	{"auth-failing", "stock", REFUSED(4, "401"), REFUSED(5, "401"), REFUSED(1, "401"),
		REFUSED(0, "401")},
	{"signature-failing", "stock", REFUSED(4, "BAD_SIGNATURE"), REFUSED(5, "BAD_SIGNATURE"),
		REFUSED(1, "BAD_SIGNATURE"), REFUSED(0, "")},
	{"unacknowledged", "stock", UNACKNOWLEDGED("29 minutes"), UNACKNOWLEDGED("31 minutes"),
		UNACKNOWLEDGED("16 minutes"), UNACKNOWLEDGED("14 minutes")},
	{"dead-over-objective", "orders", OLDEST("59 minutes"), OLDEST("61 minutes"), NULL,
		OLDEST("59 minutes")},
	{"dead-for-4h", "orders", OLDEST("3 hours"), OLDEST("5 hours"), NULL, OLDEST("1 hour")},
	{"dead-for-a-day", "orders", OLDEST("23 hours"), OLDEST("25 hours"), NULL,
		OLDEST("1 hour")},
	{"unowned", "orders", "update orderly.failure_group set unowned = 0",
		"update orderly.failure_group set unowned = 1", NULL,
		"update orderly.failure_group set unowned = 0"},
	{"worker-missing", "w1", BEAT("50 seconds"), BEAT("70 seconds"), NULL,
		BEAT("70 seconds") "; insert into orderly.worker (name, role, pid, started_at, beat_at, detail)"
				   " values ('w2', 'x', 1, public.at(), public.at(), '{\"host\": \"h1\"}')"},
	{"duty-failing", "mask", DUTY("50 seconds", "'no'"), DUTY("70 seconds", "'no'"), NULL,
		DUTY("70 seconds", "null")},
	{"credential-ends-soon", "worker key", KEY("16 days"), KEY("14 days 1 hour"),
		KEY("15 days 1 hour"), KEY("90 days")},
	{"probe-failing", "door", SAW("fails", "1"), SAW("fails", "2"), NULL, SAW("fails", "0")},
	{"certificate-ends-soon", "door", ENDS("15 days 1 hour"), ENDS("14 days 1 hour"),
		ENDS("15 days 1 hour"), ENDS("60 days")},
	{"certificate-ends", "door", ENDS("4 days 1 hour"), ENDS("73 hours"), ENDS("4 days 1 hour"),
		ENDS("60 days")},
	{"broker-queue-long", "door/orders", HOLDS("orders", 9999, 1), HOLDS("orders", 10000, 1),
		HOLDS("orders", 5000, 1), HOLDS("orders", 4999, 1)},
	{"broker-unread", "door/orders", HOLDS("orders", 1, 1), HOLDS("orders", 1, 0), NULL,
		HOLDS("orders", 0, 0)},
	{"broker-dead", "door/orders.dlq", HOLDS("orders.dlq", 0, 0), HOLDS("orders.dlq", 1, 0),
		NULL, HOLDS("orders.dlq", 0, 0)},
	{"credential-old", "worker-key", OLD_KEY("29 days"), OLD_KEY("31 days"), NULL,
		OLD_KEY("1 day")},
	{"credential-ends", "worker key", KEY("73 hours"), KEY("49 hours"), KEY("73 hours"),
		KEY("90 days")},
};

static void each_measure_raises_keeps_and_ends(void **state)
{
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *rule = rows[i].rule, *object = rows[i].object;
		int hold_s = (int)pg_int(people->super,
			"select hold_s from orderly.signal_rule where code = '%s'", rule);
		int rest_s = (int)pg_int(people->super,
			"select rest_s from orderly.signal_rule where code = '%s'", rule);

		look(people, rows[i].calm);
		expect_state(people, rule, object, "none");
		look(people, rows[i].cause);
		if (hold_s) {
			expect_state(people, rule, object, "pending");
			turn(people, hold_s);
			look(people, rows[i].cause);
		}
		expect_state(people, rule, object, "raised");
		turn(people, rest_s);
		look(people, rows[i].less ? rows[i].less : rows[i].cause);
		expect_state(people, rule, object, "raised");
		look(people, rows[i].cure);
		expect_state(people, rule, object, "raised");
		turn(people, rest_s);
		look(people, rows[i].cure);
		expect_state(people, rule, object, "ended");
		pg_expect_int(people->super, 1,
			"select count(*) from orderly.signal where rule = '%s' and object = '%s'",
			rule, object);
	}
}

/* What was true for a moment only is forgotten before anyone is called. */
static void what_passes_is_not_told(void **state)
{
	struct people *people = *state;

	look(people, QUEUE(1));
	turn(people, 120);
	look(people, QUEUE(1));
	look(people, QUEUE(100));
	look(people, QUEUE(1));
	turn(people, 500);
	look(people, QUEUE(100));
	expect_state(people, "queue-over-objective", "stock", "pending");
	look(people, QUEUE(1));
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.signal where rule = 'queue-over-objective' and state = 'pending'");
}

static void expect_quiet(
	struct people *people, const char *rule, const char *object, const char *like)
{
	pg_expect_int(people->super, 1,
		"select (coalesce(quiet, '') like '%s')::int from orderly.signal where rule = '%s' and object = '%s'"
		" and state <> 'ended'",
		like, rule, object);
}

static void expect_told(struct people *people, const char *rule, const char *told)
{
	pg_expect_text(people->super, told,
		"select coalesce(string_agg(what || ' ' || severity, ', ' order by id), '') from orderly.signal_notice"
		" where signal = (select max(id) from orderly.signal where rule = '%s')",
		rule);
}

static void silences_and_maintenance_keep_people_asleep(void **state)
{
	struct people *people = *state;

	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.silence_add((select id from orderly.interface where code = 'stock'), 'silent',"
		" clock_timestamp() + interval '1 day', 'known')");
	look(people, LAST_EVENT("30 minutes"));
	expect_state(people, "silent", "stock", "raised");
	expect_quiet(people, "silent", "stock", "silenced until % by %: known");
	expect_told(people, "silent", "");
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.silence_end((select max(id) from orderly.silence), 'it is over')");
	look(people,
		"update orderly.interface set maintenance = jsonb_build_array(jsonb_build_object("
		"'from', to_char(public.at() - interval '1 hour', 'YYYY-MM-DD\"T\"HH24:MIOF'),"
		" 'to', to_char(public.at() + interval '1 minute', 'YYYY-MM-DD\"T\"HH24:MIOF'))) where id = public.i()");
	expect_quiet(people, "silent", "stock", "maintenance until %Z");
	expect_told(people, "silent", "");
	turn(people, 60);
	look(people, LAST_EVENT("30 minutes"));
	expect_quiet(people, "silent", "stock", "");
	expect_told(people, "silent", "raise warning");
	look(people, LAST_EVENT("30 minutes"));
	expect_told(people, "silent", "raise warning");
	look(people, LAST_EVENT("1 minute"));
	turn(people, 60);
	look(people, LAST_EVENT("1 minute"));
	expect_told(people, "silent", "raise warning, end warning");
	pg_do(people->super, "update orderly.interface set maintenance = '[]'");
}

/* A system that is down is one incident: its own, and not that of each interface, nor of what it takes along. */
static void what_is_down_takes_its_signals_along(void **state)
{
	struct people *people = *state;

	pg_do(people->super,
		"create table public.down (system text, because_of text);"
		"create or replace function orderly.systems_down() returns table (system text, since timestamptz,"
		" at timestamptz, how text, detail text, because_of text) language sql stable"
		" as 'select d.system, now(), now(), ''traffic'', ''nothing arrives'', d.because_of from public.down d';"
		"grant select on public.down to public");
	look(people, "insert into public.down values ('ghx', 'odoo'), ('odoo', null)");
	look(people, LAST_EVENT("30 minutes"));
	expect_told(people, "silent", "");
	expect_quiet(people, "silent", "stock", "folded under odoo, which is down");
	expect_quiet(people, "system-down", "ghx", "folded under odoo, which is down");
	expect_quiet(people, "system-down", "odoo", "");
	pg_expect_text(people->super, "odoo",
		"select string_agg(s.object, ' ') from orderly.signal_notice n join orderly.signal s on s.id = n.signal"
		" where s.rule = 'system-down'");
	look(people, "truncate public.down");
	turn(people, 120);
	look(people, LAST_EVENT("30 minutes"));
	expect_state(people, "system-down", "odoo", "ended");
	expect_told(people, "silent", "raise warning");
	look(people, LAST_EVENT("1 minute"));
	turn(people, 60);
	look(people, LAST_EVENT("1 minute"));
}

static void of_rules_that_say_the_same_the_worst_speaks(void **state)
{
	struct people *people = *state;

	look(people, OLDEST("25 hours"));
	expect_quiet(people, "dead-for-a-day", "orders", "");
	expect_quiet(people, "dead-for-4h", "orders", "folded under dead-for-a-day of the same");
	expect_told(people, "dead-for-4h", "");
	look(people, OLDEST("5 hours"));
	turn(people, 60);
	look(people, OLDEST("5 hours"));
	expect_state(people, "dead-for-a-day", "orders", "ended");
	pg_expect_int(people->super, 1,
		"select count(*) from orderly.signal where rule like 'dead-%%' and state = 'raised' and quiet is null");
}

static void who_does_not_answer_is_called_again(void **state)
{
	struct people *people = *state;
	int64_t id;

	look(people, LAST_EVENT("30 minutes"));
	turn(people, 3590);
	look(people, LAST_EVENT("30 minutes"));
	expect_told(people, "silent", "raise warning");
	turn(people, 10);
	look(people, LAST_EVENT("30 minutes"));
	expect_told(people, "silent", "raise warning, escalate page");
	turn(people, 4000);
	look(people, LAST_EVENT("30 minutes"));
	expect_told(people, "silent", "raise warning, escalate page");
	id = pg_int(people->super, "select max(id) from orderly.signal where rule = 'silent'");
	pg_expect_code(people->as[SUPPORT], "role", "orderly.signal_acknowledge(array[%lld])",
		(long long)id);
	pg_expect_code(people->as[NARROW], "not_found", "orderly.signal_acknowledge(array[%lld])",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.signal_acknowledge(array[%lld], 'I look')", (long long)id);
	pg_expect_code(people->as[OPERATOR], "state", "orderly.signal_acknowledge(array[%lld])",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "reason",
		"orderly.signal_snooze(array[%lld], clock_timestamp() + interval '1 hour', '')",
		(long long)id);
	pg_expect_code(people->as[APPROVER], "until",
		"orderly.signal_snooze(array[%lld], clock_timestamp() - interval '1 hour', 'later')",
		(long long)id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.signal_snooze(array[%lld], clock_timestamp() + interval '1 hour', 'later')",
		(long long)id);
	pg_do(people->super,
		"update orderly.signal set snoozed_until = public.at() + interval '1 minute' where id = %lld",
		(long long)id);
	look(people, LAST_EVENT("30 minutes"));
	expect_state(people, "silent", "stock", "snoozed");
	turn(people, 60);
	look(people, LAST_EVENT("30 minutes"));
	expect_state(people, "silent", "stock", "raised");
	expect_told(people, "silent", "raise warning, escalate page, again page");
	pg_expect_text(people->as[OPERATOR], "raise escalate acknowledge snooze wake",
		"select string_agg(what, ' ' order by id) from orderly.signal_history where signal = %lld",
		(long long)id);
	pg_expect_int(people->super, 5,
		"select count(*) from orderly.audit where object = 'signal' and object_id = '%lld' and outcome = 'done'",
		(long long)id);
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.signal where id = %lld",
		(long long)id);
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.signal_history where signal = %lld", (long long)id);
}

/* Rules are changed by two, as all that governs; one that is gone ends its signals at the next look. */
static void rules_are_governed(void **state)
{
	struct people *people = *state;

	expect_state(people, "silent", "stock", "raised");
	people_change(people, "signal_rule", "silent",
		"{\"title\": \"x\", \"measure\": \"silence\", \"threshold\": 200, \"enabled\": false}");
	look(people, NULL);
	expect_state(people, "silent", "stock", "ended");
	people_change(people, "signal_rule", "only-orders",
		"{\"title\": \"x\", \"measure\": \"silence\", \"threshold\": 1, \"interface\": \"orders\", \"severity\": \"page\"}");
	look(people, NULL);
	pg_expect_int(
		people->super, 0, "select count(*) from orderly.signal where rule = 'only-orders'");
	pg_expect_code(people->as[ADMIN], "invalid",
		"orderly.change_propose('[{\"kind\": \"signal_rule\", \"code\": \"x\", \"doc\": {\"title\": \"x\","
		" \"measure\": \"burn\", \"threshold\": 1}}]', 'no aspect')");
	pg_expect_code(people->as[ADMIN], "invalid",
		"orderly.change_propose('[{\"kind\": \"signal_rule\", \"code\": \"x\", \"doc\": {\"title\": \"x\","
		" \"measure\": \"nothing\", \"threshold\": 1}}]', 'no measure')");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.signal_rule r where r.code <> 'only-orders' and not exists (select"
		" from orderly.catalogue_version v where v.kind = 'signal_rule' and v.code = r.code and v.version = 1"
		" and v.import is not null)");
}

static void one_session_at_a_time_evaluates(void **state)
{
	struct people *people = *state;

	pg_do(people->super, "begin; select from orderly.signal_watch for update");
	pg_expect_int(people->as[WORKER], 0, "select orderly.worker_step('signals')");
	pg_expect_text(
		people->super, "", "select failure from orderly.duty where name = 'signals'");
	pg_do(people->super, "update orderly.signal_watch set evaluated_at = '2020-01-01'; commit");
	pg_expect_int(people->as[WORKER], 0, "select orderly.worker_step('signals')");
	pg_expect_int(people->as[SUPPORT], 1,
		"select (evaluated_at > '2021-01-01')::int from orderly.signal_watch");
}

static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	pg_do(people->super,
		"create table public.clock (at timestamptz); grant all on public.clock to public;"
		"insert into public.clock select date_trunc('hour', clock_timestamp()) + interval '59 minutes 30 s';"
		"create function public.at() returns timestamptz language sql stable as 'select at from public.clock';"
		"create function public.i() returns int language sql stable as"
		" 'select id from orderly.interface where code = ''stock''';"
		"update orderly.interface set cadence_s = 600, style = 'webhook' where code = 'stock'");
	people_change(people, "probe", "door",
		"{\"title\": \"Door\", \"kind\": \"http\", \"url\": \"https://door.example/health\"}");
	people_change(people, "slo", "stock/queue",
		"{\"interface\": \"stock\", \"measure\": \"queue\", \"threshold\": 100}");
	people_change(people, "slo", "stock/success",
		"{\"interface\": \"stock\", \"measure\": \"success\", \"objective_ppm\": 990000, \"min_count\": 10}");
	people_change(people, "slo", "orders/dead_age",
		"{\"interface\": \"orders\", \"measure\": \"dead_age\", \"threshold\": 3600}");
	traffic_die(people, "orders", "o", 1, "mapping", "no such cost centre");
	pg_do(people->super, "update orderly.failure_group set unowned = 0;"
			     " update orderly.dead_letter set at = '2090-01-01'");
	return 0;
}

/* After a crash another process of the same host is there: nobody is missing. */
static void a_worker_that_was_followed_is_not_due(void **state)
{
	struct people *people = *state;

	pg_do(people->super,
		"delete from orderly.worker; insert into orderly.worker (name, role, pid, started_at, beat_at, detail) values"
		" ('a:1', 'w', 1, now() - interval '2 hours', now() - interval '1 hour', '{\"host\": \"a\"}'),"
		" ('a:2', 'w', 2, now() - interval '50 minutes', now(), '{\"host\": \"a\"}'),"
		" ('a:3', 'w', 3, now() - interval '3 hours', now(), '{\"host\": \"a\"}'),"
		" ('b:1', 'w', 4, now() - interval '2 hours', now() - interval '1 hour', '{\"host\": \"b\"}'),"
		" ('b:2', 'w', 5, now() - interval '3 hours', now() - interval '2 hours', '{\"host\": \"b\", \"ended\": true}')");
	pg_expect_text(people->as[SUPPORT], "a:2, a:3, b:1",
		"select string_agg(name, ', ' order by name) from orderly.workers_due()");
	pg_do(people->super, "delete from orderly.worker");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_measure_raises_keeps_and_ends),
		cmocka_unit_test(what_passes_is_not_told),
		cmocka_unit_test(silences_and_maintenance_keep_people_asleep),
		cmocka_unit_test(what_is_down_takes_its_signals_along),
		cmocka_unit_test(of_rules_that_say_the_same_the_worst_speaks),
		cmocka_unit_test(who_does_not_answer_is_called_again),
		cmocka_unit_test(rules_are_governed),
		cmocka_unit_test(one_session_at_a_time_evaluates),
		cmocka_unit_test(a_worker_that_was_followed_is_not_due),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/signals", tests, setup, people_teardown);
}
