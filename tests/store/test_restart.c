/* The server itself dies in the middle of everything, three times: roll-ups and dead letters are exact
 * afterwards, and what was marked as about to be sent is still marked.
 * Leaves workers that die to test_rollups.c and test_replay_crowd.c.
 * Called by the test run; starts a server of its own. */
#include "demo/cluster.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include "traffic.h"
#include "unit.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 3
#define POLL_MS 5
#define POLLS 4000

static struct cluster *start(const char *dir)
{
	const struct cluster_options options = {.dir = dir, .durable = true};
	struct cluster *cluster = NULL;
	struct err err = ERR_INIT;

	if (cluster_start(&options, &cluster, &err) < 0)
		fail_msg("%s", err.text);
	setenv("ORDERLY_TEST_PG", cluster_socket_dir(cluster), 1);
	return cluster;
}

/* As a power cut would end it, but for the machine's own memory. */
static void crash(struct cluster *cluster, struct people *people)
{
	pid_t pid = cluster_pid(cluster);
	struct err err = ERR_INIT;

	assert_int_equal(kill(pid, SIGQUIT), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	cluster_ended(cluster);
	if (cluster_start_again(cluster, &err) < 0)
		fail_msg("%s", err.text);
	for (enum who who = 0; who < N_WHO; who++)
		PQreset(people->as[who]);
	PQreset(people->super);
}

static int64_t rolled_up_to(struct people *people)
{
	return pg_int(people->super, "select seq from orderly.follower where name = 'rollup'");
}

/* Two workers follow in small steps, each committed; one more has done much and not committed. */
static void follow_until_some_is_done(struct people *people, PGconn **workers)
{
	int64_t before = rolled_up_to(people);
	int tries = 0;

	traffic_settle(people);
	for (int i = 0; i < 2; i++)
		pg_send(workers[i],
			"do $$ begin for i in 1..100000 loop perform orderly.duty_rollup(3); commit;"
			" perform orderly.duty_dead_letters(3); commit; end loop; end $$");
	while (rolled_up_to(people) == before && ++tries < POLLS)
		poll(NULL, 0, POLL_MS);
	assert_true(tries < POLLS);
	pg_send(workers[2], "begin; select orderly.duty_rollup(40); select pg_sleep(600)");
}

static void traffic_of(struct people *people, int round)
{
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'r%d-' || i, k, '2026-11-20 10:00Z'::timestamptz"
		" + i * interval '11 s', jsonb_build_object('attempt', 1 + (i + %d) %% 2, 'facility', 'H01')))"
		" from generate_series(1, 150) i, unnest(array['received',"
		" case when i %% 4 = 0 then 'dead' else 'delivered' end]) k",
		round, round);
	/* and some of the rounds before come to another end */
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'r0-' || i, 'delivered', '2026-11-20 12:00Z',"
		" '{\"attempt\": %d}')) from generate_series(4, 40, 4) i",
		4 + round);
}

static void the_server_dies_three_times(struct people *people, struct cluster *cluster)
{
	for (int round = 0; round < ROUNDS; round++) {
		PGconn *workers[3];
		char prefix[16], like[16];
		int64_t request;

		snprintf(prefix, sizeof(prefix), "m%d", round);
		snprintf(like, sizeof(like), "m%d_", round);
		traffic_die(people, "stock", prefix, 3, "target", "crash");
		request = traffic_approved(people, like, "{\"stages\": []}");
		traffic_of(people, round);
		for (size_t i = 0; i < ARRAY_LEN(workers); i++)
			workers[i] = pg_super(people->db);
		follow_until_some_is_done(people, workers);
		pg_expect_int(people->as[WORKER], 2,
			"select count(*) from orderly.mark_sending(array(select lease from"
			" orderly.claim_replays('crash', 2))) where go");
		crash(cluster, people);
		for (size_t i = 0; i < ARRAY_LEN(workers); i++)
			PQfinish(workers[i]);
		traffic_expect_items(people, request, "sending sending waiting");
		traffic_check(people, "check_replays");
		pg_expect_code(people->as[OPERATOR], "done",
			"orderly.replay_cancel(%lld, 'on to the next')", (long long)request);
	}
}

static void everything_adds_up(struct people *people)
{
	traffic_duty(people, "dead_letters");
	traffic_duty(people, "rollup");
	traffic_check(people, "check_rollups");
	traffic_check(people, "check_dead_letters");
	traffic_check(people, "check_replays");
	for (int i = 0; i < 3; i++) {
		static const char *const grains[] = {"60", "3600", "86400"};

		pg_expect_text(people->super, "true",
			"select ((select (sum(done), sum(dead)) from orderly.rollup where grain = %s)"
			" = (select (count(*) filter (where state = 'done'), count(*) filter (where"
			" state = 'dead')) from orderly.transaction))::text",
			grains[i]);
	}
	pg_expect_int(people->super, 150 * ROUNDS + 3 * ROUNDS,
		"select count(*) from orderly.transaction");
}

static void what_was_counted_and_marked_outlives_the_server(void **state)
{
	char *dir = mem_dup_str("/tmp/orderly-restart-XXXXXX");
	struct account account;
	struct people people;
	struct cluster *cluster;
	char *data;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(account_unprivileged(&account, NULL), 0);
	assert_int_equal(chown(dir, account.uid, account.gid), 0);
	assert_true(asprintf(&data, "%s/a", dir) > 0);
	cluster = start(data);
	traffic_open(&people, "restart");
	the_server_dies_three_times(&people, cluster);
	everything_adds_up(&people);
	people_close(&people);
	cluster_stop(cluster);
	if (tree_remove(dir, &err) < 0)
		fail_msg("%s", err.text);
	free(data);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_counted_and_marked_outlives_the_server),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name("store/restart", tests, NULL, NULL);
}
