/* A dump of a store, restored into another cluster with pg_dump's own tools: its numbers begin anew there,
 * what came after the dump is lost and told again, and a follower that goes on has each event once.
 * Leaves standbys to test_promotion.c.
 * Called by the test run; starts a cluster of its own beside that of the run. */
#include "demo/cluster.h"
#include "demo/spawn.h"
#include "demo/tree.h"
#include "follower.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <unistd.h>

struct move {
	char *from; /* the socket's folder of the run's cluster */
	char *dir, *bin, *roles, *store;
	struct account account;
	struct cluster *cluster;
	struct people people;
};

static char *joined(const char *one, const char *two)
{
	char *text;

	if (asprintf(&text, "%s%s", one, two) < 0)
		fail();
	return text;
}

static void open_move(struct move *move)
{
	struct err err = ERR_INIT;

	move->from = mem_dup_str(getenv("ORDERLY_TEST_PG"));
	move->dir = mem_dup_str("/tmp/orderly-move-XXXXXX");
	assert_non_null(mkdtemp(move->dir));
	assert_int_equal(account_unprivileged(&move->account, NULL), 0);
	assert_int_equal(chown(move->dir, move->account.uid, move->account.gid), 0);
	if (cluster_find_bin(&move->bin, &err) < 0)
		fail_msg("%s", err.text);
	move->roles = joined(move->dir, "/roles.sql");
	move->store = joined(move->dir, "/store.sql");
	traffic_open(&move->people, "restore");
}

static void close_move(struct move *move)
{
	struct err err = ERR_INIT;

	cluster_stop(move->cluster);
	setenv("ORDERLY_TEST_PG", move->from, 1);
	if (tree_remove(move->dir, &err) < 0)
		fail_msg("%s", err.text);
	free(move->from);
	free(move->dir);
	free(move->bin);
	free(move->roles);
	free(move->store);
}

/* One of PostgreSQL's programs on one of the two clusters. */
static void run(struct move *move, const char *name, const char *socket, const char *a,
	const char *b, const char *file)
{
	CLEANUP(mem_freep)
	char *program = joined(move->bin, name);
	const char *const argv[] = {
		program, "-X", "-q", "-h", socket, "-U", "postgres", a, b, "-f", file, NULL};
	bool is_psql = strcmp(name, "/psql") == 0;
	const char *const words[] = {
		program, "-h", socket, "-U", "postgres", a, b, "-f", file, NULL};
	struct err err = ERR_INIT;

	if (spawn_run(&(struct spawn){.argv = is_psql ? argv : words,
			      .account = move->account.other ? &move->account : NULL,
			      .log_fd = -1},
		    name, 120000000, &err) < 0)
		fail_msg("%s", err.text);
}

static void send_some(struct people *people, const char *prefix, int n)
{
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', '%s' || m, k, '2026-02-01Z', jsonb_build_object('payload',"
		" jsonb_build_object('body', 'x')))) from generate_series(1, %d) m, unnest(array['received', 'dead']) k",
		prefix, n);
}

static void read_until(struct follower *follower, PGconn *conn, size_t n)
{
	for (int tries = 0; tries < 6000 && follower->n_keys < n; tries++) {
		follower_read(follower, conn);
		if (follower->n_keys < n)
			usleep(5000);
	}
	assert_int_equal(follower->n_keys, n);
}

/* Roles belong to the cluster, so they go first; its own is there already. */
static void move_over(struct move *move)
{
	const struct cluster_options options = {.dir = move->dir};
	struct err err = ERR_INIT;
	PGconn *conn;

	run(move, "/pg_dumpall", move->from, "--roles-only", "--no-role-passwords", move->roles);
	if (cluster_start(&options, &move->cluster, &err) < 0)
		fail_msg("%s", err.text);
	setenv("ORDERLY_TEST_PG", cluster_socket_dir(move->cluster), 1);
	run(move, "/psql", cluster_socket_dir(move->cluster), "-d", "postgres", move->roles);
	conn = pg_super("postgres");
	pg_do(conn, "create database %s template template0", move->people.db);
	PQfinish(conn);
	run(move, "/psql", cluster_socket_dir(move->cluster), "-vON_ERROR_STOP=1", move->people.db,
		move->store);
}

static void expect_whole(PGconn *super)
{
	pg_expect_text(super, "",
		"select string_agg(name || ': ' || coalesce(detail, ''), '; ') from orderly.check_invariants()"
		" where not ok");
}

static void each_event_comes_once_through_a_dump_and_a_restore(void **state)
{
	struct move move = {0};
	struct people *people = &move.people;
	struct follower follower, late;
	PGconn *there, *super, *ingest;
	int64_t last_xid;

	(void)state;
	open_move(&move);
	follower_init(&follower);
	follower_init(&late);
	send_some(people, "kept", 20);
	traffic_settle(people);
	pg_do(people->super, "select orderly.duty_mask(5000)");
	traffic_duty(people, "dead_letters");
	traffic_duty(people, "rollup");
	while (pg_int(people->super, "select orderly.duty_seal(5000)") > 0)
		;
	run(&move, "/pg_dump", move.from, "-d", people->db, move.store);

	/* so that the other cluster will give out numbers once more */
	pg_do(people->super,
		"do $$ begin for i in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end $$");
	/* what only one of the two followers has seen when the old cluster is gone */
	send_some(people, "lost", 10);
	read_until(&follower, people->as[OPERATOR], 60);
	last_xid = pg_int(people->super, "select max(xid::text::bigint) from orderly.feed");

	move_over(&move);
	super = pg_super(people->db);
	ingest = pg_as(people->db, people->login[INGEST]);
	there = pg_as(people->db, people->login[OPERATOR]);
	expect_whole(super);
	pg_expect_int(there, 20, "select count(*) from orderly.dead_letter");
	pg_expect_int(there, 40, "select count(*) from orderly.rendition");
	pg_expect_error(there, "42501", "select from orderly.payload");
	pg_expect_int(super, 1, "select (pg_current_xact_id()::text::bigint < %lld)::int",
		(long long)last_xid);

	/* half of what was lost is told again, and something new */
	PQfinish(people->as[INGEST]);
	people->as[INGEST] = ingest;
	send_some(people, "lost", 5);
	send_some(people, "new", 10);
	read_until(&follower, there, 80);
	assert_int_equal(follower.repeats, 10);
	read_until(&late, there, 70);
	follower_expect_all(&late, super);
	assert_int_equal(late.repeats, 0);
	pg_expect_int(super, 2, "select count(*) from orderly.era");
	expect_whole(super);

	PQfinish(there);
	PQfinish(super);
	PQfinish(ingest);
	people->as[INGEST] = NULL;
	follower_done(&follower);
	follower_done(&late);
	setenv("ORDERLY_TEST_PG", move.from, 1);
	people_close(people);
	close_move(&move);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_comes_once_through_a_dump_and_a_restore),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
