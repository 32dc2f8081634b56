/* bench_store: the store as its writers and readers feel it, at a size.
 * ORDERLY_BENCH_TRANSACTIONS says how many are there before (a million). Leaves the console to
 * bench_console.
 * Run by `make bench`. */
#include "base/file.h"
#include "measure.h"
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>

#define ARRAYS 120 /* of 500 events, for each measurement of taking */
#define CHUNK 100000

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int64_t size(void)
{
	const char *asked = getenv("ORDERLY_BENCH_TRANSACTIONS");

	return asked ? strtoll(asked, NULL, 10) : 1000000;
}

static void fill(struct people *people)
{
	CLEANUP(str_done) struct str sql = STR_INIT(1 << 20);
	struct err err = ERR_INIT;

	if (file_read(BENCH_SQL, &sql, &err) < 0)
		fail_msg("%s", err.text);
	pg_do(people->super, "%s", str_cstr(&sql));
	pg_do(people->super, "set synchronous_commit to off");
	for (int64_t low = 1; low <= size(); low += CHUNK)
		pg_do(people->super, "call bench.fill(%lld, %lld)", (long long)low,
			(long long)(low + CHUNK - 1 < size() ? low + CHUNK - 1 : size()));
	pg_do(people->super, "select setval(pg_get_serial_sequence('orderly.message', 'id'), %lld)",
		(long long)size() + 1);
	pg_do(people->super, "call bench.arrays_make('one', %d)", ARRAYS);
	pg_do(people->super, "call bench.arrays_make('four', %d)", 2 * ARRAYS);
	pg_do(people->super, "call bench.arrays_make('later', %d)", ARRAYS);
	pg_do(people->super, "call bench.storm_make(%d)", ARRAYS);
	pg_do(people->super, "vacuum analyze");
}

/* ---- taking --------------------------------------------------------------------------------- */

static void send_next(PGconn *conn, const char *name, int nr)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
		"select (orderly.ingest(events)).taken from bench.arrays where name = '%s' and nr = %d",
		name, nr);
	if (!PQsendQuery(conn, sql))
		fail_msg("%s", PQerrorMessage(conn));
}

static void finish(PGconn *conn)
{
	PGresult *result;

	while ((result = PQgetResult(conn)) != NULL) {
		if (PQresultStatus(result) != PGRES_TUPLES_OK)
			fail_msg("%s", PQresultErrorMessage(result));
		PQclear(result);
	}
}

/* Events taken in a second by so many writers at once, each with an array on its way all the time. */
static double taken_per_s(struct people *people, const char *name, int n, int writers)
{
	PGconn *conns[8];
	int next = 1, done = 0;
	double start_ms;

	for (int i = 0; i < writers; i++)
		conns[i] = pg_as(people->db, people->login[INGEST]);
	start_ms = now_ms();
	for (int i = 0; i < writers; i++)
		send_next(conns[i], name, next++);
	while (done < n) {
		bool idle = true;

		for (int i = 0; i < writers; i++) {
			if (!PQconsumeInput(conns[i]))
				fail_msg("%s", PQerrorMessage(conns[i]));
			if (PQtransactionStatus(conns[i]) != PQTRANS_ACTIVE || PQisBusy(conns[i]))
				continue;
			idle = false;
			finish(conns[i]);
			done++;
			if (next <= n)
				send_next(conns[i], name, next++);
		}
		if (idle)
			nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
	}
	for (int i = 0; i < writers; i++)
		PQfinish(conns[i]);
	return n * 500 / (now_ms() - start_ms) * 1e3;
}

static void taking(struct people *people)
{
	figure_title("taking events, in arrays of 500");
	figure_print(&(struct figure){.what = "one writer", .unit = "events/s", .at_least = true,
		.value = taken_per_s(people, "one", ARRAYS, 1), .reach = 20000});
	figure_print(&(struct figure){.what = "four writers", .unit = "events/s", .at_least = true,
		.value = taken_per_s(people, "four", 2 * ARRAYS, 4), .reach = 30000});
	figure_print(&(struct figure){.what = "a storm of deaths of one fault", .unit = "events/s",
		.at_least = true, .value = taken_per_s(people, "storm", ARRAYS, 1), .reach = 20000});
}

/* ---- reading -------------------------------------------------------------------------------- */

struct question {
	const char *what, *sql;
	double reach_p99;
};

static const struct question questions[] = {
	{"a correlation id to its legs and their events",
		"select e.kind, e.at from orderly.events_of(array(select id from orderly.message"
		" where correlation_norm = orderly.norm(md5(($1::bigint / 3)::text)))) e",
		3},
	{"a business key",
		"select m.id, t.state from orderly.message m join orderly.transaction t"
		" on t.id = m.id where m.business_norm = orderly.norm('PO-' || $1)",
		3},
	{"a page of 200 dead ones, at any depth",
		"select t.id, m.correlation, t.text from (select id, text from orderly.transaction"
		"  where state = 'dead' and id < $1::bigint order by id desc limit 200) t"
		" join orderly.message m on m.id = t.id order by t.id desc",
		8},
	{"a page of 200 of an interface, at any depth",
		"select t.id, m.correlation, t.state from (select id, state from orderly.transaction"
		"  where interface = 1001 + $1::bigint % 40 and id < $1::bigint order by id desc limit 200) t"
		" join orderly.message m on m.id = t.id order by t.id desc",
		8},
};

static void ask_often(PGconn *conn, const char *what, const char *sql, int64_t upto, int n,
	double reach_p99)
{
	struct samples samples = {0};
	struct random random = {.state = 7};
	char line[120];

	pg_do(conn, "deallocate all");
	PQclear(PQprepare(conn, "q", sql, 0, NULL));
	for (int i = 0; i < n; i++) {
		char id[32];
		const char *params[] = {id, "1000"}; /* where there is a second, it is a limit */
		double start_ms;
		PGresult *rows;

		snprintf(id, sizeof(id), "%lld", 1 + (long long)random_below(&random, (size_t)upto));
		start_ms = now_ms();
		rows = PQexecPrepared(conn, "q", (strstr(sql, "$1") != NULL) + (strstr(sql, "$2") != NULL),
			params, NULL, NULL, 0);
		if (PQresultStatus(rows) != PGRES_TUPLES_OK)
			fail_msg("%s: %s", what, PQresultErrorMessage(rows));
		PQclear(rows);
		if (i >= n / 10) /* the first ones fill caches */
			samples_add(&samples, now_ms() - start_ms);
	}
	snprintf(line, sizeof(line), "%s, p50", what);
	figure_print(&(struct figure){.what = line, .unit = "ms", .value = samples_quantile(&samples, 0.5)});
	snprintf(line, sizeof(line), "%s, p99", what);
	figure_print(&(struct figure){
		.what = line, .unit = "ms", .value = samples_quantile(&samples, 0.99), .reach = reach_p99});
	samples_done(&samples);
}

static void polls(struct people *people)
{
	PGconn *conn = people->as[OPERATOR];
	char *era = pg_text(people->super, "select code from orderly.era order by id desc limit 1");
	char *xid = pg_text(people->super, "select max(xid) from orderly.feed");
	char *seq = pg_text(people->super, "select max(seq) from orderly.feed");
	char sql[300];
	double start_ms;
	PGresult *rows;

	snprintf(sql, sizeof(sql), "select * from orderly.feed_after('%s', '%s', %s, 1000)", era, xid, seq);
	ask_often(conn, "a poll of the tail, nothing new", sql, 1, 400, 0);
	start_ms = now_ms();
	rows = pg_query(conn, "select f.seq, m.correlation from orderly.feed_after('%s', '0', 0, 40000) f"
			      " join orderly.message m on m.id = f.transaction", era);
	figure_print(&(struct figure){.what = "the tail, catching up", .unit = "rows/s", .at_least = true,
		.reach = 40000, .value = PQntuples(rows) / (now_ms() - start_ms) * 1e3});
	PQclear(rows);
	free(era);
	free(xid);
	free(seq);
}

static void reading(struct people *people, const char *title)
{
	figure_title(title);
	for (size_t i = 0; i < ARRAY_LEN(questions); i++)
		ask_often(people->as[OPERATOR], questions[i].what, questions[i].sql, size(), 400,
			questions[i].reach_p99);
	ask_often(people->as[OPERATOR], "the view of a transaction: what it is",
		statement_find("transaction")->sql, size(), 400, 3);
	ask_often(people->as[OPERATOR], "the view of a transaction: its whole way",
		statement_find("transaction-events")->sql, size(), 400, 3);
	ask_often(people->as[OPERATOR], "the view of a transaction: its payloads",
		statement_find("transaction-payloads")->sql, size(), 400, 3);
	polls(people);
}

static void bench(void **state)
{
	struct people *people = *state;

	fill(people);
	taking(people);
	figure_title("the overview");
	ask_often(people->as[OPERATOR], "46 interfaces", statement_find("overview")->sql, 1, 100, 5);
	reading(people, "reading, as a scoped login");
	pg_do(people->super, "select orderly.partitions_make(now() + interval '10 years')");
	reading(people, "the same with 120 months of partitions");
	figure_print(&(struct figure){.what = "one writer", .unit = "events/s", .at_least = true,
		.value = taken_per_s(people, "later", ARRAYS, 1), .reach = 20000});
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bench)};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
