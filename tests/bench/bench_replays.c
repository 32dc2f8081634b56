/* bench_replays: dead letters, replays and roll-ups at a size.
 * ORDERLY_BENCH_DEAD_LETTERS says how many dead letters there are (100,000). Leaves the taking of
 * events to bench_store.
 * Run by `make bench`. */
#include "base/file.h"
#include "measure.h"
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>

#define PER_ARRAY 250 /* messages that die */
#define ARRIVALS 200 /* arrays of 500 events */
#define STORM 60 /* arrays of 500 deaths */

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Milliseconds of processor that the server's process has used; 0 where it cannot be told. */
static double server_ms(PGconn *conn)
{
	char path[64];
	unsigned long long ns = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", PQbackendPID(conn));
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	(void)fclose(file);
	return (double)ns / 1e6;
}

static int letters(void)
{
	const char *asked = getenv("ORDERLY_BENCH_DEAD_LETTERS");

	return asked ? (int)strtol(asked, NULL, 10) : 100000;
}

/* Items of a replay: the most that one may have, as long as there are enough. */
static int asked(void)
{
	return letters() / 5 < 10000 ? letters() / 5 : 10000;
}

static void send(struct people *people, const char *name, int n)
{
	double start_ms = now_ms();

	for (int i = 1; i <= n; i++)
		pg_do(people->as[INGEST],
			"select (orderly.ingest(events)).taken from bench.arrays where name = '%s' and nr = %d",
			name, i);
	figure_print(&(struct figure){.what = "to compare: taking them, one writer",
		.unit = "events/s",
		.value = n * 500 / (now_ms() - start_ms) * 1e3});
}

/* Rows of the feed that a duty follows in a second, with the budget that it has in the store. */
static double followed_per_s(struct people *people, const char *duty)
{
	int64_t budget =
		pg_int(people->super, "select budget from orderly.duty where name = '%s'", duty);
	int64_t n, rows = 0;
	double start_ms;

	traffic_settle(people);
	start_ms = now_ms();
	while ((n = pg_int(people->super, "select orderly.duty_%s(%lld)", duty,
			(long long)budget)) > 0)
		rows += n;
	return (double)rows / (now_ms() - start_ms) * 1e3;
}

static void follow(struct people *people, const char *what, const char *duty, double reach)
{
	figure_print(&(struct figure){.what = what,
		.unit = "events/s",
		.at_least = true,
		.reach = reach,
		.value = followed_per_s(people, duty)});
}

static void filling(struct people *people)
{
	CLEANUP(str_done)
	struct str sql = STR_INIT(1 << 20);
	struct err err = ERR_INIT;

	if (file_read(BENCH_SQL, &sql, &err) < 0)
		fail_msg("%s", err.text);
	pg_do(people->super, "%s", str_cstr(&sql));
	pg_do(people->super, "call bench.deaths_make(%d)", letters() / PER_ARRAY);
	pg_do(people->super, "call bench.arrivals_make(%d)", ARRIVALS);
	pg_do(people->super, "call bench.history_make()");
	pg_do(people->super, "vacuum analyze");
	figure_title("following the feed");
	send(people, "deaths", letters() / PER_ARRAY);
	follow(people, "deaths, to dead letters", "dead_letters", 20000);
	follow(people, "deaths, to roll-ups", "rollup", 20000);
	send(people, "arrivals", ARRIVALS);
	follow(people, "messages of five events, to dead letters", "dead_letters", 20000);
	follow(people, "messages of five events, to roll-ups", "rollup", 20000);
	pg_do(people->super, "vacuum analyze");
}

/* ---- pages ---------------------------------------------------------------------------------- */

struct page {
	const char *what, *statement;
	const char *params[5];
	double reach_ms;
	const char *peer, *instead; /* what would be asked without groups and roll-ups */
};

/* Milliseconds of that question, the best of five. */
static double peer_ms(struct people *people, const char *sql)
{
	double best = 0;

	for (int i = 0; sql && i < 5; i++) {
		double start_ms = now_ms(), took_ms;

		pg_do(people->super, "%s", sql);
		took_ms = now_ms() - start_ms;
		best = i == 0 || took_ms < best ? took_ms : best;
	}
	return best;
}

/* As a scoped login, prepared, from the question to the last row in the client's hand. */
static void ask_page(struct people *people, const struct page *page)
{
	PGconn *conn = people->as[OPERATOR];
	const struct statement *statement = statement_find(page->statement);
	struct samples samples = {0};
	char line[120];
	double used_ms = 0;

	assert_non_null(statement);
	pg_do(conn, "deallocate all");
	PQclear(PQprepare(conn, "page", statement->sql, 0, NULL));
	for (int i = 0; i < 40; i++) {
		double start_ms = now_ms();
		PGresult *rows = PQexecPrepared(
			conn, "page", (int)statement->n_params, page->params, NULL, NULL, 0);

		if (PQresultStatus(rows) != PGRES_TUPLES_OK)
			fail_msg("%s: %s", page->what, PQresultErrorMessage(rows));
		if (i >= 10) /* the first ones fill caches and choose the plan */
			samples_add(&samples, now_ms() - start_ms);
		else
			used_ms = server_ms(conn);
		if (i == 0)
			printf("  %-48s %10d rows\n", page->what, PQntuples(rows));
		PQclear(rows);
	}
	used_ms = (server_ms(conn) - used_ms) / 30;
	snprintf(line, sizeof(line), "%s, p50", page->what);
	figure_print(&(struct figure){.what = line,
		.unit = "ms",
		.value = samples_quantile(&samples, 0.5),
		.reach = page->reach_ms,
		.peer = page->peer,
		.peer_value = peer_ms(people, page->instead)});
	snprintf(line, sizeof(line), "%s, p99", page->what);
	figure_print(&(struct figure){
		.what = line, .unit = "ms", .value = samples_quantile(&samples, 0.99)});
	snprintf(line, sizeof(line), "%s, processor", page->what);
	figure_print(&(struct figure){.what = line, .unit = "ms", .value = used_ms});
	samples_done(&samples);
}

/* A round of the duty that works out how all interfaces stand, windows of objectives and all; and its
 * longest step, which holds the feed back for so long. */
static void standings(struct people *people)
{
	double used_ms = server_ms(people->super), longest_ms = 0, step_ms;
	int64_t n;

	pg_do(people->super,
		"update orderly.standings_kept set round_at = '-infinity', windows_at = '-infinity', place = null");
	do {
		step_ms = server_ms(people->super);
		n = pg_int(people->super, "select orderly.duty_standings(20)");
		step_ms = server_ms(people->super) - step_ms;
		longest_ms = step_ms > longest_ms ? step_ms : longest_ms;
	} while (n > 0);
	figure_print(&(struct figure){.what = "a round of standings, processor",
		.unit = "ms",
		.value = server_ms(people->super) - used_ms});
	figure_print(&(struct figure){.what = "its longest step, processor",
		.unit = "ms",
		.value = longest_ms,
		.reach = 100});
	pg_do(people->super, "vacuum analyze");
}

static void paging(struct people *people)
{
	const struct page pages[] = {
		{"failure groups, 200", "failure-groups", {"f", "200"}, 10, "counting letters",
			"select failure_group, count(*), min(at), max(at) from orderly.dead_letter"
			" where unresolved group by 1"},
		{"samples of a failure group, 5", "failure-group-samples", {"1", "5"}, 0, NULL,
			NULL},
		{"members of a failure group, 200", "dead-letters",
			{"1", "f", NULL, "after", "200"}, 10, NULL, NULL},
		{"overview, 200 interfaces and more", "overview", {NULL}, 5, "counting states",
			"select interface, state, count(*) from orderly.transaction group by 1, 2"},
		{"SLA, 1 h", "sla", {NULL, "3600"}, 10, "percentile_cont",
			"select interface, percentile_cont(array[0.5, 0.95, 0.99]) within group (order by ms)"
			" from orderly.counted where at >= now() - interval '1 hour' group by 1"},
		{"SLA, 24 h", "sla", {NULL, "86400"}, 20, NULL, NULL},
		{"SLA, 30 d", "sla", {NULL, "2592000"}, 60, NULL, NULL},
		{"SLA, what is new in the last minute", "sla", {NULL, "60"}, 1, NULL, NULL},
		{"burn rates of 400 objectives, as kept", "burn", {NULL}, 0, "working them out",
			"select count(*) from orderly.burn_states_of(array(select id from orderly.interface), now())"},
		{"SLA, how all stand", "standings", {NULL}, 5, NULL, NULL},
		{"systems that are down", "systems-down", {NULL}, 0, NULL, NULL},
	};

	standings(people);
	figure_title("pages, as a scoped login");
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		ask_page(people, &pages[i]);
}

/* ---- replaying ------------------------------------------------------------------------------ */

/* Asks for so many at once; the interfaces are free up to that many. */
static void ask_for(struct people *people, const char *where)
{
	double start_ms = now_ms();

	pg_expect_int(people->as[OPERATOR], asked(),
		"select (detail ->> 'items')::int from orderly.replay_ask(array(select id from"
		" orderly.dead_letter where state = 'open' and %s order by id limit %d), 'bench', '{\"stages\": []}')",
		where, asked());
	figure_print(&(struct figure){
		.what = "asking for them", .unit = "ms", .value = now_ms() - start_ms});
}

/* The least that can be done: a queue of numbers of which each is taken, marked and ticked off in batches
 * of so many, each step committed. */
static double plain_queue_per_s(struct people *people, int batch)
{
	PGconn *worker = people->super;
	double start_ms;

	pg_do(worker,
		"create table if not exists bench.queue (id int primary key, state text, at timestamptz);"
		"truncate bench.queue; insert into bench.queue select n, 'waiting' from generate_series(1, %d) n;"
		"create temp table if not exists got (id int)",
		asked());
	start_ms = now_ms();
	do {
		pg_do(worker,
			"truncate got; with w as (update bench.queue set state = 'claimed', at = now() where id in"
			" (select id from bench.queue where state = 'waiting' order by id limit %d for update skip locked)"
			" returning id) insert into got select id from w",
			batch);
		pg_do(worker,
			"update bench.queue set state = 'sending' where id in (select id from got)");
		pg_do(worker,
			"update bench.queue set state = 'done' where id in (select id from got)");
	} while (pg_int(worker, "select count(*) from got") > 0);
	return asked() / (now_ms() - start_ms) * 1e3;
}

/* Answers of one statement, prepared at its first use, as a middleware asks. */
static PGresult *ask(PGconn *conn, const char *name, const char *sql, const char *param)
{
	PGresult *rows = PQexecPrepared(conn, name, 1, &param, NULL, NULL, 0);
	const char *state = PQresultErrorField(rows, PG_DIAG_SQLSTATE);

	if (state && strcmp(state, "26000") == 0) { /* there is no such statement */
		PQclear(rows);
		PQclear(PQprepare(conn, name, sql, 1, NULL));
		rows = PQexecPrepared(conn, name, 1, &param, NULL, NULL, 0);
	}
	if (PQresultStatus(rows) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", name, PQresultErrorMessage(rows));
	return rows;
}

/* Claims so many, marks and completes them, three transactions; the time of each is added. */
static int relay_batch(PGconn *worker, int batch, double *ms)
{
	CLEANUP(str_done)
	struct str leases = STR_INIT(1 << 20), results = STR_INIT(1 << 20);
	double start_ms = now_ms();
	PGresult *rows;
	char want[16];
	int n;

	snprintf(want, sizeof(want), "%d", batch);
	rows = ask(worker, "claim", "select * from orderly.claim_replays('bench', $1)", want);
	ms[0] += now_ms() - start_ms;
	n = PQntuples(rows);
	for (int i = 0; i < n; i++) {
		const char *lease = PQgetvalue(rows, i, PQfnumber(rows, "lease"));

		str_addf(&leases, "%s%s", i ? "," : "{", lease);
		str_addf(&results,
			"%s{\"lease\":\"%s\",\"outcome\":\"delivered\",\"http_status\":201}",
			i ? "," : "[", lease);
	}
	PQclear(rows);
	if (n == 0)
		return 0;
	str_addf(&leases, "}");
	str_addf(&results, "]");
	start_ms = now_ms();
	rows = ask(worker, "mark", "select go from orderly.mark_sending($1) where go",
		str_cstr(&leases));
	ms[1] += now_ms() - start_ms;
	assert_int_equal(PQntuples(rows), n);
	PQclear(rows);
	start_ms = now_ms();
	rows = ask(worker, "complete", "select lease from orderly.complete_replay($1) where ok",
		str_cstr(&results));
	ms[2] += now_ms() - start_ms;
	assert_int_equal(PQntuples(rows), n);
	PQclear(rows);
	return n;
}

/* What one worker relays in a second, in batches of so many. */
static void relay(struct people *people, const char *what, int batch)
{
	PGconn *worker = people->as[WORKER];
	double plain = plain_queue_per_s(people, batch), ms[3] = {0};
	double used_ms = server_ms(worker), start_ms = now_ms();
	int n = 0, got;

	while ((got = relay_batch(worker, batch, ms)) > 0)
		n += got;
	figure_print(&(struct figure){.what = what,
		.unit = "items/s",
		.at_least = true,
		.reach = 2000,
		.value = n / (now_ms() - start_ms) * 1e3,
		.peer = "a plain queue",
		.peer_value = plain});
	printf("  %-48s %d items: claim %.3f, mark %.3f, complete %.3f ms each; processor %.3f\n",
		"", n, ms[0] / n, ms[1] / n, ms[2] / n, (server_ms(worker) - used_ms) / n);
	if (n != asked())
		fail_msg("%d of %d came to an end", n, asked());
}

static void replaying(struct people *people)
{
	figure_title("replaying, one worker: claim, mark, complete, each committed");
	ask_for(people, "interface > 1100");
	relay(people, "in no order, batches of 200", 200);
	ask_for(people, "interface > 1100");
	relay(people, "in no order, batches of 32", 32);
	ask_for(people, "interface <= 1100");
	relay(people, "of 2,500 ordering keys, batches of 200", 200);
	traffic_check(people, "check_replays");
}

/* Everything to one target dies of the same: one group takes it all. */
static void storm(struct people *people)
{
	figure_title("a failure storm into one group");
	pg_do(people->super, "call bench.storm_make(%d)", STORM);
	send(people, "storm", STORM);
	follow(people, "its deaths, to dead letters", "dead_letters", 20000);
	follow(people, "its deaths, to roll-ups", "rollup", 20000);
	pg_expect_int(people->super, STORM * 500,
		"select total from orderly.failure_group where signature = 'the target is down'");
}

static void bench(void **state)
{
	struct people *people = *state;

	filling(people);
	paging(people);
	replaying(people);
	traffic_duty(people, "dead_letters");
	storm(people);
	traffic_check(people, "check_dead_letters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bench)};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
