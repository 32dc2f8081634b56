/* Followers have each event exactly once: however late, out of order, within subtransactions or by
 * prepared transactions it is committed, and through a dump and a restore. Who holds them back is named.
 * Leaves standbys and promotions to test_promotion.c.
 * Called by the test run, against a real server. */
#include "follower.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define WRITERS 5

/* The shared cluster has other tests in it, whose transactions hold the horizon back as well: what
 * they keep from us comes when they are done. */
static void read_all(struct follower *follower, struct people *people, size_t expected)
{
	for (int tries = 0; tries < 3000 && follower->n_keys < expected; tries++) {
		follower_read(follower, people->as[OPERATOR]);
		if (follower->n_keys < expected)
			pg_do(people->super, "select pg_sleep(0.01)");
	}
}

static size_t events(struct people *people)
{
	return (size_t)pg_int(people->super, "select count(*) from orderly.event");
}

static void send_one(PGconn *conn, int nr)
{
	pg_do(conn,
		"select orderly.ingest(jsonb_build_array(public.ev('orders', 'm%d', 'received', now()),"
		" public.ev('orders', 'm%d', 'delivered', now())))",
		nr, nr);
}

struct writer {
	PGconn *conn;
	bool open;
	int savepoints, sent;
};

static int prepared_of(struct people *people)
{
	return (int)pg_int(people->super,
		"select count(*) from pg_prepared_xacts where database = current_database()");
}

static void end_prepared(struct people *people, struct random *random)
{
	char *gid = pg_text(people->super,
		"select gid from pg_prepared_xacts where database = current_database() limit 1");

	pg_do(people->super, "%s prepared '%s'", random_below(random, 3) ? "commit" : "rollback",
		gid);
	free(gid);
}

/* One random step of one writer. */
static void step(struct people *people, struct writer *writer, struct random *random, int *nr)
{
	size_t choice = random_below(random, 12);

	if (!writer->open) {
		pg_do(writer->conn, "begin");
		*writer = (struct writer){.conn = writer->conn, .open = true};
	}
	if (choice < 5) {
		send_one(writer->conn, ++*nr);
		writer->sent++;
	} else if (choice < 7) {
		pg_do(writer->conn, "savepoint s%d", ++writer->savepoints);
	} else if (choice == 7 && writer->savepoints) {
		pg_do(writer->conn, "rollback to s1");
		writer->savepoints = 1;
	} else if (choice == 8 && writer->sent && prepared_of(people) < 2) {
		pg_do(writer->conn, "prepare transaction '%s_%d'", people->db, ++*nr);
		writer->open = false;
	} else {
		pg_do(writer->conn, choice == 9 ? "rollback" : "commit");
		writer->open = false;
	}
}

static void each_event_comes_once_however_it_is_committed(void **state)
{
	struct people *people = *state;
	struct random random = {.state = 20260228};
	struct writer writers[WRITERS] = {0};
	struct follower follower;
	int nr = 0, steps = getenv("ORDERLY_TEST_QUICK") ? 200 : 1000;

	follower_init(&follower);
	for (int i = 0; i < WRITERS; i++)
		writers[i].conn = pg_as(people->db, people->login[INGEST]);
	for (int i = 0; i < steps; i++) {
		step(people, &writers[random_below(&random, WRITERS)], &random, &nr);
		if (random_below(&random, 6) == 0 && prepared_of(people) > 0)
			end_prepared(people, &random);
		if (random_below(&random, 3) == 0)
			follower_read(&follower, people->as[OPERATOR]);
	}
	for (int i = 0; i < WRITERS; i++) {
		if (writers[i].open)
			pg_do(writers[i].conn, "commit");
		PQfinish(writers[i].conn);
	}
	while (prepared_of(people) > 0)
		end_prepared(people, &random);
	read_all(&follower, people, events(people));
	follower_expect_all(&follower, people->super);
	assert_int_equal(follower.repeats, 0);
	follower_done(&follower);
}

/* By seq alone, or by xid alone without the horizon, this one would be missed. */
static void the_one_who_began_first_and_commits_last_is_not_passed_by(void **state)
{
	struct people *people = *state;
	PGconn *early = pg_as(people->db, people->login[INGEST]);
	struct follower follower;
	size_t before;

	follower_init(&follower);
	pg_do(early, "begin");
	send_one(early, 100001);
	before = events(people);
	send_one(people->as[INGEST], 100002);
	follower_read(&follower, people->as[OPERATOR]);
	assert_int_equal(follower.n_keys, before);
	pg_do(early, "commit");
	PQfinish(early);
	read_all(&follower, people, before + 4);
	follower_expect_all(&follower, people->super);
	assert_int_equal(follower.repeats, 0);
	follower_done(&follower);
}

static void who_holds_back_is_named(void **state)
{
	struct people *people = *state;
	PGconn *holder = pg_super("postgres"); /* another database of the cluster */
	char *xid, *pid;

	pg_do(holder, "set application_name to 'nightly report'");
	pg_do(holder, "begin");
	xid = pg_text(holder, "select pg_current_xact_id()");
	pid = pg_text(holder, "select pg_backend_pid()");
	/* others of the run may hold it back longer than we do */
	for (int tries = 0; tries < 3000; tries++) {
		if (pg_int(people->super,
			    "select count(*) from orderly.feed_horizon() where xid::xid8 >= '%s'",
			    xid))
			break;
		pg_do(people->super, "select pg_sleep(0.01)");
	}
	pg_expect_text(people->as[SUPPORT], xid, "select xid from orderly.feed_horizon()");
	pg_expect_text(people->as[SUPPORT], pid, "select pid from orderly.feed_horizon()");
	pg_expect_text(people->as[SUPPORT],
		"postgres in postgres nightly report, idle in transaction, t",
		"select concat_ws(', ', who, what, held_s between 0 and 60) from orderly.feed_horizon()");
	pg_do(holder, "prepare transaction 'report_%s'", people->db);
	pg_expect_text(people->as[SUPPORT], "prepared transaction \"report_",
		"select left(what, 29) from orderly.feed_horizon()");
	pg_do(holder, "rollback prepared 'report_%s'", people->db);
	PQfinish(holder);
	free(xid);
	free(pid);
}

/* A store that was restored into another cluster: its rows carry numbers that this one has not given
 * out yet, and new ones come with lower numbers than the follower's place. */
static void a_restore_in_another_cluster_is_followed(void **state)
{
	struct people *people = *state;
	struct follower follower;
	char *place;

	follower_init(&follower);
	read_all(&follower, people, events(people));
	pg_do(people->super, "update orderly.era set system = system + 1");
	pg_do(people->super,
		"update orderly.feed set xid = (xid::text::numeric + 4000000000)::text::xid8");
	place = pg_text(people->super, "select (%s + 4000000000)::text", follower.xid);
	free(follower.xid);
	follower.xid = place;
	follower_read(&follower, people->as[OPERATOR]);
	follower_expect_all(&follower, people->super);
	for (int i = 0; i < 3; i++)
		send_one(people->as[INGEST], 200000 + i);
	read_all(&follower, people, events(people));
	follower_expect_all(&follower, people->super);
	assert_int_equal(follower.repeats, 0);
	pg_expect_int(people->super, 2, "select count(*) from orderly.era");
	pg_expect_int(people->super, 1,
		"select count(*) from (select min(xid::text::numeric) filter (where era = 2)"
		" < max(xid::text::numeric) filter (where era = 1) as less from orderly.feed) f where less");
	follower_done(&follower);

	/* One who comes new, and one whose era nobody knows, have all of it. */
	follower_init(&follower);
	free(follower.era);
	follower.era = mem_dup_str("unheard of");
	read_all(&follower, people, events(people));
	follower_expect_all(&follower, people->super);
	follower_done(&follower);
}

/* What a scope hides is passed over, and the place moves on. */
static void a_scope_hides_without_holding_up(void **state)
{
	struct people *people = *state;
	struct follower follower;

	follower_init(&follower);
	for (int tries = 0; tries < 3000 && strcmp(follower.seq, "0") == 0; tries++)
		follower_read(&follower, people->as[NARROW]);
	assert_int_equal(follower.n_keys, 0);
	assert_string_not_equal(follower.seq, "0");
	pg_expect_text(people->as[NARROW], "",
		"select concat(transaction, key, interface, partner, kind, text, at, arrived)"
		" from orderly.feed_newest(5)");
	follower_done(&follower);
}

static void nothing_new_costs_one_probe_of_one_partition(void **state)
{
	struct people *people = *state;

	pg_do(people->super, "select orderly.partitions_make(now() + interval '2 years')");
	pg_expect_int(people->super, 1,
		"select count(*) from orderly.feed_newest(1) f, lateral (select count(*) as n from"
		" orderly.feed_after((select code from orderly.era where id = f.era), f.xid::text, f.seq, 10)) a"
		" where f.kind is null and a.n = 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_comes_once_however_it_is_committed),
		cmocka_unit_test(the_one_who_began_first_and_commits_last_is_not_passed_by),
		cmocka_unit_test(who_holds_back_is_named),
		cmocka_unit_test(a_scope_hides_without_holding_up),
		cmocka_unit_test(a_restore_in_another_cluster_is_followed),
		cmocka_unit_test(nothing_new_costs_one_probe_of_one_partition),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
