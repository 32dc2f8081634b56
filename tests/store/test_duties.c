/* The worker's duties: one worker at a time, a failure that is kept, overdue once, partitions that are
 * there before they are needed and go when nothing needs them, retention by class, and beats.
 * Leaves the duties of masking, audit and dead letters to their own tests.
 * Called by the test run, against a real server. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static void one_worker_at_a_time_does_a_duty(void **state)
{
	struct people *people = *state;
	PGconn *other = pg_as(people->db, people->login[WORKER]);

	pg_do(other, "begin");
	pg_expect_text(other, "0", "select orderly.worker_step('overdue')");
	pg_expect_text(people->as[WORKER], "", "select orderly.worker_step('overdue')");
	pg_expect_text(people->as[WORKER], "0", "select orderly.worker_step('retention')");
	pg_do(other, "commit");
	pg_expect_text(people->as[WORKER], "0", "select orderly.worker_step('overdue')");
	PQfinish(other);
}

static void a_duty_that_fails_says_why_and_undoes_what_it_did(void **state)
{
	struct people *people = *state;

	pg_do(people->super,
		"create function orderly.duty_broken(budget int) returns int language plpgsql as"
		" $$ begin insert into public.trace values (1); perform 1 / 0; return 1; end $$;"
		"create table public.trace (n int); grant all on public.trace to public");
	pg_expect_int(people->as[WORKER], -1, "select orderly.worker_step('broken')");
	pg_expect_int(people->super, 0, "select count(*) from public.trace");
	pg_expect_text(people->as[OPERATOR], "division by zero (22012)",
		"select failure from orderly.duty where name = 'broken'");
	pg_expect_int(people->super, 1,
		"select count(*) from orderly.check_invariants() where not ok and name ~ 'duty' and detail ~ 'broken'");
	pg_do(people->super,
		"create or replace function orderly.duty_broken(budget int) returns int"
		" language sql return 3");
	pg_expect_int(people->as[WORKER], 3, "select orderly.worker_step('broken')");
	pg_expect_text(
		people->as[OPERATOR], "", "select failure from orderly.duty where name = 'broken'");
	pg_do(people->super, "drop function orderly.duty_broken(int)");
	pg_do(people->super, "delete from orderly.duty where name = 'broken'");
}

static void what_is_no_duty_cannot_be_stepped(void **state)
{
	struct people *people = *state;

	pg_expect_error(people->as[WORKER], "22023", "select orderly.worker_step('nothing')");
	pg_expect_error(people->as[WORKER], "22023", "select orderly.worker_step('seal(1); drop')");
	pg_expect_error(people->as[OPERATOR], "42501", "select orderly.worker_step('seal')");
	pg_expect_int(people->as[WORKER], 1,
		"select count(*) from orderly.worker_duties() where name = 'partitions' and every_ms = 60000");
}

static void a_beat_says_who_is_alive(void **state)
{
	struct people *people = *state;

	pg_do(people->as[WORKER], "select orderly.worker_beat('host/1', '0.1', '{\"load\": 1}')");
	pg_do(people->super, "update orderly.worker set beat_at = beat_at - interval '2 days'");
	pg_do(people->as[WORKER], "select orderly.worker_beat('host/2')");
	pg_expect_text(people->as[SUPPORT], "host/2",
		"select string_agg(name, ' ') from orderly.worker where beat_at > now() - interval '1 minute'");
	pg_expect_int(people->super, 1, "select count(*) from orderly.worker");
	pg_expect_error(people->as[WORKER], "22023", "select orderly.worker_beat('')");
}

static void what_is_overdue_is_said_once(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'due' || i, 'attempted', now() - interval '1 hour',"
		" jsonb_build_object('attempt', 2, 'due_at', to_char((now() + make_interval(mins => i - 3))"
		"  at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')))) from generate_series(1, 5) i");
	traffic_ingest(people,
		"select public.ev('orders', 'due1', 'delivered', now(), '{\"attempt\": 2}')");
	pg_expect_int(people->as[WORKER], 2, "select orderly.worker_step('overdue')");
	pg_expect_int(people->as[WORKER], 0, "select orderly.worker_step('overdue')");
	pg_expect_text(people->super, "due2 running t, due3 running t",
		"select string_agg(concat_ws(' ', m.message_id, t.state, t.overdue_at = t.due_at), ', '"
		" order by m.message_id) from orderly.transaction t join orderly.message m on m.id = t.id"
		" where t.overdue_at is not null");
	pg_expect_int(
		people->super, 2, "select count(*) from orderly.event where kind = 'overdue'");
	traffic_settle(people);
	pg_expect_text(people->as[OPERATOR], "2",
		"select count(*) from orderly.feed_newest(100) where kind = 'overdue'");
}

/* Rows of days long gone, as if they had been taken then. */
static void age(struct people *people, const char *message, int days)
{
	pg_do(people->super, "select orderly.partitions_make(now(), now() - interval '%d days')",
		days + 31);
	for (int i = 0; i < 3; i++)
		pg_do(people->super,
			"update orderly.%s set born = born - %d where %s in"
			" (select id from orderly.message where message_id ~ '^%s')",
			i == 0   ? "event"
			: i == 1 ? "payload"
				 : "transaction",
			days, i == 2 ? "id" : "transaction", message);
	pg_do(people->super, "update orderly.message set born = born - %d where message_id ~ '^%s'",
		days, message);
}

static void retention(struct people *people, const char *data_class, const char *kind, int days)
{
	char code[60], doc[120];

	snprintf(code, sizeof(code), "%s/%s", data_class, kind);
	snprintf(doc, sizeof(doc), "{\"data_class\": \"%s\", \"kind\": \"%s\", \"days\": %d}",
		data_class, kind, days);
	people_change(people, "retention", code, doc);
}

static void a_class_is_kept_as_long_as_it_says(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev(i, 'old' || n, 'delivered', now(), '{\"payload\": {\"body\": \"x\"}}'))"
		" from unnest(array['orders', 'lab-in']) i, generate_series(1, 50) n");
	age(people, "old", 100);
	traffic_ingest(people,
		"select jsonb_agg(public.ev(i, 'new' || n, 'delivered', now(), '{\"payload\": {\"body\": \"x\"}}'))"
		" from unnest(array['orders', 'lab-in']) i, generate_series(1, 50) n");
	retention(people, "phi", "payload", 30);
	pg_do(people->super, "update orderly.duty set budget = 7 where name = 'retention'");
	while (pg_int(people->as[WORKER], "select orderly.worker_step('retention')") > 0)
		;
	pg_expect_text(people->super, "lab-in new 50, orders new 50, orders old 50",
		"select string_agg(concat_ws(' ', code, age, n), ', ' order by code, age) from ("
		" select i.code, left(m.message_id, 3) as age, count(*) as n from orderly.payload p"
		" join orderly.message m on m.id = p.transaction join orderly.interface i on i.id = m.interface"
		" where m.message_id ~ '^(old|new)' group by 1, 2) r");
	retention(people, "phi", "events", 60);
	while (pg_int(people->as[WORKER], "select orderly.worker_step('retention')") > 0)
		;
	pg_expect_int(people->super, 50,
		"select count(*) from orderly.message where message_id ~ '^old'");
	pg_expect_int(people->super, 50,
		"select count(*) from orderly.event e join orderly.message m on m.id = e.transaction"
		" where m.message_id ~ '^old'");
	/* told again, it is a new message: repeats are known for as long as events are kept */
	traffic_ingest(people, "select public.ev('lab-in', 'old1', 'delivered', now())");
	traffic_check(people, "check_counters");
}

static void a_dead_letter_holds_its_partition(void **state)
{
	struct people *people = *state;
	static const char *const classes[] = {"public", "internal", "confidential", "phi"};
	static const char *const kinds[] = {"events", "payload", "rendition"};

	traffic_die(people, "orders", "held", 1, "target", "held");
	age(people, "held", 400);
	pg_do(people->super,
		"update orderly.dead_letter l set born = m.born from orderly.message m where m.id = l.id");
	for (size_t c = 0; c < ARRAY_LEN(classes); c++)
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			retention(people, classes[c], kinds[k], 300);
	while (pg_int(people->as[WORKER], "select orderly.worker_step('retention')") > 0)
		;
	for (int i = 0; i < 60; i++)
		pg_expect_int(people->super, 1, "select (orderly.duty_partitions(10) >= 0)::int");
	pg_expect_int(people->super, 1,
		"select count(distinct m.id) from orderly.message m join orderly.event e on e.transaction = m.id and e.born = m.born"
		" where m.message_id = 'held1'");
	pg_expect_int(people->super, 0,
		"select count(*) from pg_inherits h join pg_class c on c.oid = h.inhrelid"
		" where h.inhparent = 'orderly.event'::regclass and to_date(right(c.relname, 6), 'YYYYMM')"
		"  < date_trunc('month', now() - interval '340 days') and to_date(right(c.relname, 6), 'YYYYMM')"
		"  <> date_trunc('month', now() - interval '400 days')");
	pg_do(people->super,
		"update orderly.dead_letter set state = 'discarded' where born < now() - interval '300 days'");
	for (int i = 0; i < 60; i++)
		pg_do(people->super, "select orderly.duty_partitions(10)");
	pg_expect_int(people->super, 0, "select count(*) from orderly.partitions_old()");
}

/* A year goes by, a day at a time: whatever the month or the week, there is a place for what comes. */
/* Two writers at once hold two slots; what nobody writes any more becomes one row, and counts the same. */
static void pulses_that_have_passed_are_one_row_each(void **state)
{
	static const char sums[] =
		"select string_agg(concat_ws(' ', bucket, interface, born, done, dead, failed), ', ') from (select bucket,"
		" interface, sum(born) as born, sum(done) as done, sum(dead) as dead, sum(failed) as failed"
		" from orderly.pulse where bucket > now() - interval '2 hours' group by 1, 2 order by 1, 2) p";
	struct people *people = *state;
	PGconn *other = pg_as(people->db, people->login[INGEST]);
	char *before, *after;

	pg_do(people->super, "delete from orderly.pulse");
	pg_do(other, "begin");
	pg_do(other,
		"select orderly.ingest(jsonb_build_array(public.ev('orders', 'pulse1', 'failed', now() - interval '40 min')))");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'pulse' || i, 'delivered', now() - i * interval '4 min'))"
		" from generate_series(2, 12) i");
	pg_do(other, "commit");
	PQfinish(other);
	before = pg_text(people->super, sums);
	assert_true(pg_int(people->super, "select count(distinct slot) from orderly.pulse") > 1);
	assert_true(pg_int(people->super, "select orderly.duty_pulses(5000)") > 0);
	after = pg_text(people->super, sums);
	assert_string_equal(after, before);
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.pulse where slot > 0 and bucket < now() - interval '10 minutes'");
	assert_true(pg_int(people->super, "select orderly.duty_pulses(5000)") == 0);
	free(before);
	free(after);
}

static void there_is_always_a_partition_ahead(void **state)
{
	struct people *people = *state;

	for (int day = 0; day < 366; day += 9)
		pg_do(people->super, "select orderly.partitions_make(now() + interval '%d days')",
			day + 40);
	pg_expect_int(people->super, 0,
		"select count(*) from generate_series(now(), now() + interval '400 days', '1 day') d"
		" where to_regclass('orderly.event_' || to_char(d at time zone 'UTC', 'YYYYMM')) is null"
		"  or to_regclass('orderly.payload_' || to_char(d at time zone 'UTC', 'YYYYMM')) is null"
		"  or to_regclass('orderly.rendition_' || to_char(d at time zone 'UTC', 'YYYYMM')) is null"
		"  or to_regclass('orderly.feed_' || orderly.feed_week(d)) is null");
	pg_expect_int(people->as[WORKER], 0, "select orderly.worker_step('partitions')");
}

/* Someone reads the table for long: the worker neither waits nor makes others wait behind it. */
static void taking_a_partition_away_waits_for_nobody(void **state)
{
	struct people *people = *state;
	PGconn *reader = pg_super(people->db);

	pg_do(people->super, "select orderly.partitions_make(now(), now() - interval '100 days')");
	pg_do(reader, "begin");
	pg_do(reader, "select count(*) from orderly.feed");
	pg_expect_int(people->as[WORKER], 0, "select orderly.worker_step('partitions')");
	pg_expect_text(
		people->super, "", "select failure from orderly.duty where name = 'partitions'");
	pg_do(reader, "commit");
	pg_expect_int(people->as[WORKER], 1, "select (orderly.worker_step('partitions') > 0)::int");
	PQfinish(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_worker_at_a_time_does_a_duty),
		cmocka_unit_test(a_duty_that_fails_says_why_and_undoes_what_it_did),
		cmocka_unit_test(what_is_no_duty_cannot_be_stepped),
		cmocka_unit_test(a_beat_says_who_is_alive),
		cmocka_unit_test(what_is_overdue_is_said_once),
		cmocka_unit_test(there_is_always_a_partition_ahead),
		cmocka_unit_test(taking_a_partition_away_waits_for_nobody),
		cmocka_unit_test(a_class_is_kept_as_long_as_it_says),
		cmocka_unit_test(a_dead_letter_holds_its_partition),
		cmocka_unit_test(pulses_that_have_passed_are_one_row_each),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
