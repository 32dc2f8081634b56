/* Followers through a standby and its promotion: what the standby shows is what the primary showed,
 * and when it takes over without the last of what a follower had already read, and gives out the same
 * numbers once more, each event still comes exactly once.
 * Leaves one cluster's commits to test_followers.c.
 * Called by the test run; starts a primary and a standby of its own. */
#include "demo/cluster.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include "follower.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct pair {
	char *dir, *bin;
	char *primary_dir, *standby_dir;
	struct cluster *primary, *standby;
};

static char *joined(const char *one, const char *two)
{
	char *text;

	if (asprintf(&text, "%s%s", one, two) < 0)
		fail();
	return text;
}

static struct cluster *start(const char *dir)
{
	const struct cluster_options options = {.dir = dir};
	struct cluster *cluster = NULL;
	struct err err = ERR_INIT;

	if (cluster_start(&options, &cluster, &err) < 0)
		fail_msg("%s", err.text);
	return cluster;
}

/* What pg_super() and its like talk to from now on. */
static void talk_to(const struct cluster *cluster)
{
	setenv("ORDERLY_TEST_PG", cluster_socket_dir(cluster), 1);
}

static void pair_open(struct pair *pair)
{
	struct account account;
	struct err err = ERR_INIT;

	pair->dir = mem_dup_str("/tmp/orderly-pair-XXXXXX");
	assert_non_null(mkdtemp(pair->dir));
	assert_int_equal(account_unprivileged(&account, NULL), 0);
	assert_int_equal(chown(pair->dir, account.uid, account.gid), 0);
	if (cluster_find_bin(&pair->bin, &err) < 0)
		fail_msg("%s", err.text);
	pair->primary_dir = joined(pair->dir, "/a");
	pair->standby_dir = joined(pair->dir, "/b");
	pair->primary = start(pair->primary_dir);
	talk_to(pair->primary);
}

static void pair_close(struct pair *pair)
{
	struct err err = ERR_INIT;

	cluster_stop(pair->primary);
	cluster_stop(pair->standby);
	if (tree_remove(pair->dir, &err) < 0)
		fail_msg("%s", err.text);
	free(pair->dir);
	free(pair->bin);
	free(pair->primary_dir);
	free(pair->standby_dir);
}

/* A copy that follows the primary. */
static void standby_make(struct pair *pair)
{
	CLEANUP(mem_freep)
	char *program = joined(pair->bin, "/pg_basebackup");
	CLEANUP(mem_freep)
	char *data = joined(pair->standby_dir, "/data");
	const char *const argv[] = {program, "-h", cluster_socket_dir(pair->primary), "-U",
		"postgres", "-D", data, "-R", "-X", "stream", "-c", "fast", NULL};
	struct account account;
	struct err err = ERR_INIT;

	assert_int_equal(account_unprivileged(&account, NULL), 0);
	assert_int_equal(mkdir(pair->standby_dir, 0700), 0);
	assert_int_equal(chown(pair->standby_dir, account.uid, account.gid), 0);
	if (spawn_run(
		    &(struct spawn){
			    .argv = argv, .account = account.other ? &account : NULL, .log_fd = -1},
		    "pg_basebackup", 60000000, &err) < 0)
		fail_msg("%s", err.text);
	pair->standby = start(pair->standby_dir);
}

static void send_some(struct people *people, const char *prefix, int n)
{
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', '%s' || m, k, '2026-02-01Z'))"
		" from generate_series(1, %d) m, unnest(array['received', 'delivered']) k",
		prefix, n);
}

/* Reads until it has so many, for the standby comes behind. */
static void read_until(struct follower *follower, PGconn *conn, size_t n)
{
	for (int tries = 0; tries < 6000 && follower->n_keys < n; tries++) {
		follower_read(follower, conn);
		if (follower->n_keys < n)
			usleep(5000);
	}
	assert_int_equal(follower->n_keys, n);
}

static int64_t newest_xid(PGconn *super, const char *which)
{
	return pg_int(super,
		"select coalesce(%s(xid::text::bigint), 0) from orderly.feed"
		" where era = (select max(id) from orderly.era)",
		which);
}

static void each_event_comes_once_through_a_promotion(void **state)
{
	struct pair pair = {0};
	struct people people;
	struct follower follower, reader;
	PGconn *conn;
	int64_t last_xid;

	(void)state;
	pair_open(&pair);
	traffic_open(&people, "promotion");
	follower_init(&follower);
	follower_init(&reader);
	send_some(&people, "both", 20);
	standby_make(&pair);

	/* a standby answers as the primary does */
	talk_to(pair.standby);
	conn = pg_as(people.db, people.login[OPERATOR]);
	read_until(&reader, conn, 40);
	follower_read(&follower, people.as[OPERATOR]);
	assert_int_equal(follower.n_keys, 40);
	PQfinish(conn);

	/* the standby is away, and misses the last that the follower reads */
	cluster_stop(pair.standby);
	pair.standby = NULL;
	talk_to(pair.primary);
	for (int i = 0; i < 5; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "lost%d-", i);
		send_some(&people, prefix, 4);
	}
	read_until(&follower, people.as[OPERATOR], 80);
	last_xid = newest_xid(people.super, "max");
	for (int i = 0; i < N_WHO; i++) {
		PQfinish(people.as[i]);
		people.as[i] = NULL;
	}
	PQfinish(people.super);
	cluster_stop(pair.primary);
	pair.primary = NULL;

	pair.standby = start(pair.standby_dir);
	talk_to(pair.standby);
	people.super = pg_super(people.db);
	pg_do(people.super, "select pg_promote()");
	people.as[INGEST] = pg_as(people.db, people.login[INGEST]);
	conn = pg_as(people.db, people.login[OPERATOR]);

	/* one part of what was lost is told again, and something new */
	send_some(&people, "new", 10);
	send_some(&people, "lost1-", 4);
	assert_true(newest_xid(people.super, "min") <= last_xid); /* or this would prove nothing */
	read_until(&follower, conn, 100);
	assert_int_equal(follower.repeats, 8);
	read_until(&reader, conn, 68);
	follower_expect_all(&reader, people.super);
	assert_int_equal(reader.repeats, 0);
	pg_expect_int(people.super, 2, "select count(*) from orderly.era");

	PQfinish(conn);
	PQfinish(people.super);
	PQfinish(people.as[INGEST]);
	follower_done(&follower);
	follower_done(&reader);
	for (int i = 0; i < N_WHO; i++)
		free(people.login[i]);
	free(people.db);
	pair_close(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_comes_once_through_a_promotion),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
