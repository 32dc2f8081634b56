/* bench_store: the store as its writers and readers feel it, at a size and at a tenth of it, and with
 * 120 months of partitions. ORDERLY_BENCH_TRANSACTIONS says how many are there before (a million).
 * Leaves filling to store_fill.c and the console to bench_console.
 * Run by `make bench`. */
#include "measure.h"
#include "store/statement.h"
#include "store_fill.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define ARRAYS 120 /* of 500 events, for each measurement of taking */
#define ASKED 1000
#define WARM 50 /* different questions; the first round is not counted */
#define COLD 200
#define GROWTH 1.3

struct told {
	char what[96];
	double value;
};

struct bench {
	struct people *people;
	int64_t size; /* transactions there are now */
	int stage;
	const char *before; /* what the stage before is called; NULL: there is none */
	struct told told[64]; /* its figures */
	size_t n;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct told *told_of(struct bench *bench, const char *what)
{
	for (size_t i = 0; i < bench->n; i++)
		if (strcmp(bench->told[i].what, what) == 0)
			return &bench->told[i];
	return NULL;
}

/* A figure, beside that of the stage before. What grows with the store may do so by GROWTH. */
static void tell(struct bench *bench, const struct figure *figure, bool may_grow)
{
	struct figure line = *figure;
	struct told *was = told_of(bench, figure->what);

	if (was) {
		line.peer = bench->before;
		line.peer_value = was->value;
	}
	figure_print(&line);
	if (was && !may_grow)
		figure_print(&(struct figure){.what = "    times as much", .unit = "x", .reach = GROWTH,
			.value = figure->at_least ? was->value / figure->value : figure->value / was->value});
	if (!was) {
		assert_true(bench->n < ARRAY_LEN(bench->told));
		was = &bench->told[bench->n++];
		snprintf(was->what, sizeof(was->what), "%s", figure->what);
	}
	was->value = figure->value;
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

/* Seconds of processor time that the server's process has used; 0 when it cannot be told. */
static double cpu_s(PGconn *conn)
{
	char path[64], text[1024];
	unsigned long user, system;
	const char *at;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", PQbackendPID(conn));
	file = fopen(path, "re");
	if (!file)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[n] = '\0';
	at = strrchr(text, ')'); /* the name before it may hold anything */
	for (int field = 2; at && field < 14; field++)
		at = strchr(at + 1, ' ');
	if (!at)
		return 0;
	user = strtoul(at, (char **)&at, 10);
	system = strtoul(at, NULL, 10);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Events taken in a second by so many writers at once, each with an array on its way all the time, and
 * what an event costs the server, which does not depend on what else the machine does. */
static double taken_per_s(struct people *people, const char *name, int n, int writers, double *ret_cpu_us)
{
	double cpu = 0;
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
	start_ms = now_ms() - start_ms;
	for (int i = 0; i < writers; i++) {
		cpu += cpu_s(conns[i]);
		PQfinish(conns[i]);
	}
	*ret_cpu_us = cpu * 1e6 / (n * 500);
	return n * 500 / start_ms * 1e3;
}

static void taking(struct bench *bench)
{
	PGconn *super = bench->people->super;
	static const struct {
		const char *what, *name, *make;
		int n, writers;
		double reach;
	} ways[] = {
		{"one writer", "one", "arrays_make", ARRAYS, 1, 20000},
		{"four writers", "four", "arrays_make", 2 * ARRAYS, 4, 30000},
		{"a storm of deaths of one fault", "storm", "storm_make", ARRAYS, 1, 20000},
	};

	figure_title("taking events, in arrays of 500");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		char name[32], cpu[64];
		double events_per_s, cpu_us;

		snprintf(name, sizeof(name), "%s%d", ways[i].name, bench->stage);
		pg_do(super, "call bench.%s('%s', %d)", ways[i].make, name, ways[i].n);
		pg_do(super, "checkpoint");
		events_per_s = taken_per_s(bench->people, name, ways[i].n, ways[i].writers, &cpu_us);
		tell(bench,
			&(struct figure){.what = ways[i].what, .unit = "events/s", .at_least = true,
				.value = events_per_s, .reach = ways[i].reach},
			false);
		snprintf(cpu, sizeof(cpu), "%s, server's processor time", ways[i].what);
		tell(bench, &(struct figure){.what = cpu, .unit = "us/event", .value = cpu_us}, false);
	}
	pg_do(super, "truncate bench.arrays");
}

/* ---- following: what the workers do with it -------------------------------------------------- */

static void following(struct bench *bench, const char *duty, const char *what)
{
	double start_ms = now_ms();
	int64_t rows = 0, n;

	do {
		n = pg_int(bench->people->super, "select orderly.duty_%s(5000)", duty);
		rows += n;
	} while (n > 0);
	tell(bench,
		&(struct figure){.what = what, .unit = "rows/s", .at_least = true,
			.value = (double)rows / (now_ms() - start_ms) * 1e3},
		true);
}

/* ---- reading -------------------------------------------------------------------------------- */

struct question {
	const char *what, *sql;
	double reach_p99;
	bool once; /* a page is another one each time; others are asked again */
	const char *statement; /* of the console, where there is no sql */
};

#define PAGE(where, order)                                                                      \
	"select t.id, m.correlation, t.text from (select id, text from orderly.transaction where " \
	where " order by id " order " limit 200) t join orderly.message m on m.id = t.id order by t.id " order

static const struct question questions[] = {
	{"a correlation id to its legs and their events",
		"select e.kind, e.at from orderly.events_of(array(select id from orderly.message"
		" where correlation_norm = orderly.norm(md5(($1::bigint / 3)::text)))) e",
		3, false, NULL},
	{"a business key",
		"select m.id, t.state from orderly.message m join orderly.transaction t"
		" on t.id = m.id where m.business_norm = orderly.norm('PO-' || $1)",
		3, false, NULL},
	{"a page of the dead, older", PAGE("state = 'dead' and id < $1::bigint", "desc"), 8, true, NULL},
	{"a page of the dead, newer", PAGE("state = 'dead' and id > $1::bigint", "asc"), 8, true, NULL},
	{"a page of an interface, older",
		PAGE("interface = 1001 + $1::bigint % 40 and id < $1::bigint", "desc"), 8, true, NULL},
	{"a page of an interface, newer",
		PAGE("interface = 1001 + $1::bigint % 40 and id > $1::bigint", "asc"), 8, true, NULL},
	{"the view of a transaction: what it is", .statement = "transaction", .reach_p99 = 3},
	{"the view of a transaction: its whole way", .statement = "transaction-events", .reach_p99 = 3},
	{"the view of a transaction: its payloads", .statement = "transaction-payloads", .reach_p99 = 3},
};

static double ask(PGconn *conn, int n, const char *const *params)
{
	double start_ms = now_ms();
	PGresult *rows = PQexecPrepared(conn, "q", n, params, NULL, NULL, 0);

	if (PQresultStatus(rows) != PGRES_TUPLES_OK)
		fail_msg("%s", PQresultErrorMessage(rows));
	PQclear(rows);
	return now_ms() - start_ms;
}

static void prepare(PGconn *conn, const char *sql)
{
	pg_do(conn, "deallocate all");
	PQclear(PQprepare(conn, "q", sql, 0, NULL));
}

static void tell_quantiles(struct bench *bench, const char *what, struct samples *samples, double reach,
	bool may_grow)
{
	static const double parts[] = {0.5, 0.99};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		char line[96];

		snprintf(line, sizeof(line), "%s, p%.0f", what, parts[i] * 100);
		tell(bench,
			&(struct figure){.what = line, .unit = "ms", .reach = i ? reach : 0,
				.value = samples_quantile(samples, parts[i])},
			may_grow);
	}
	samples_done(samples);
}

/* Asks n times for numbers up to the size, `different` of them; leaves out the first round. */
static void ask_numbers(struct bench *bench, const char *sql, struct samples *samples, int n, int different)
{
	PGconn *conn = bench->people->as[OPERATOR];
	struct random random = {.state = 7 + (uint64_t)bench->stage};
	uint64_t start = random.state;

	prepare(conn, sql);
	for (int i = 0; i < n; i++) {
		char id[32];
		const char *params[] = {id, "1000"}; /* where there is a second, it is a limit */
		double took_ms;

		if (different && i % different == 0)
			random.state = start;
		snprintf(id, sizeof(id), "%lld", 1 + (long long)random_below(&random, (size_t)bench->size));
		took_ms = ask(conn, strstr(sql, "$2") ? 2 : 1, params);
		if (i >= different)
			samples_add(samples, took_ms);
	}
}

static void pages_and_probes(struct bench *bench)
{
	struct samples bare = {0};

	/* what a question costs that asks for nothing: how much of the rest is the machine's */
	ask_numbers(bench, "select $1", &bare, ASKED, 0);
	tell_quantiles(bench, "the peer, select 1", &bare, 0, true);
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		const struct question *q = &questions[i];
		struct samples samples = {0};

		ask_numbers(bench, q->sql ? q->sql : statement_find(q->statement)->sql, &samples, ASKED,
			q->once ? 0 : WARM);
		tell_quantiles(bench, q->what, &samples, q->reach_p99, false);
	}
}

/* The first look at what nobody has touched for long: other pages fill the server's buffers, and the
 * kernel has forgotten. */
static void cold(struct bench *bench)
{
	struct samples samples = {0}, unused = {0};

	ask_numbers(bench, questions[1].sql, &unused, 3 * ASKED, 0);
	samples_done(&unused);
	if (!store_fill_cool(bench->people)) {
		puts("  cold: not measured, the server's files are not ours to open");
		return;
	}
	bench->stage += 100; /* other numbers than before */
	ask_numbers(bench, questions[0].sql, &samples, COLD, 0);
	bench->stage -= 100;
	tell_quantiles(bench, "a correlation id, cold", &samples, 15, true);
}

/* ---- the tail ------------------------------------------------------------------------------- */

struct place {
	char era[96], xid[32], seq[32];
};

/* So many rows before the end of the feed. */
static void place_back(struct bench *bench, int rows, struct place *place)
{
	PGresult *row = pg_query(bench->people->super,
		"select e.code, f.xid, f.seq from orderly.feed f join orderly.era e on e.id = f.era"
		" order by f.era desc, f.xid desc, f.seq desc offset %d limit 1", rows);

	snprintf(place->era, sizeof(place->era), "%s", PQgetvalue(row, 0, 0));
	snprintf(place->xid, sizeof(place->xid), "%s", PQgetvalue(row, 0, 1));
	snprintf(place->seq, sizeof(place->seq), "%s", PQgetvalue(row, 0, 2));
	PQclear(row);
}

static void poll_often(struct bench *bench, const char *what, int rows, bool may_grow)
{
	PGconn *conn = bench->people->as[OPERATOR];
	struct place place;
	const char *params[] = {place.era, place.xid, place.seq, "1000"};
	struct samples samples = {0};
	int n = rows ? ASKED / 5 : ASKED;

	place_back(bench, rows, &place);
	prepare(conn, statement_find("tail")->sql);
	for (int i = 0; i < n; i++) {
		double took_ms = ask(conn, 4, params);

		if (i >= n / 10)
			samples_add(&samples, took_ms);
	}
	tell_quantiles(bench, what, &samples, 0, may_grow);
}

static void catch_up(struct bench *bench)
{
	PGconn *conn = bench->people->as[OPERATOR];
	struct place place;
	const char *params[] = {place.era, place.xid, place.seq, "1000"};
	int got = 0, n;
	double start_ms;

	place_back(bench, 100000, &place);
	prepare(conn, statement_find("tail")->sql);
	start_ms = now_ms();
	do {
		PGresult *rows = PQexecPrepared(conn, "q", 4, params, NULL, NULL, 0);

		n = PQntuples(rows);
		got += n;
		if (n > 0) {
			snprintf(place.xid, sizeof(place.xid), "%s", PQgetvalue(rows, n - 1, 1));
			snprintf(place.seq, sizeof(place.seq), "%s", PQgetvalue(rows, n - 1, 2));
		}
		PQclear(rows);
	} while (n > 0);
	assert_int_equal(got, 100000);
	tell(bench,
		&(struct figure){.what = "the tail, catching up by 1000", .unit = "rows/s", .at_least = true,
			.reach = 40000, .value = got / (now_ms() - start_ms) * 1e3},
		true);
}

/* ---- screens -------------------------------------------------------------------------------- */

static void screen(struct bench *bench, const char *what, const char *statement, int n_params,
	const char *const *params, double reach)
{
	PGconn *conn = bench->people->as[OPERATOR];
	struct samples samples = {0};

	prepare(conn, statement_find(statement)->sql);
	for (int i = 0; i < ASKED / 5; i++) {
		double took_ms = ask(conn, n_params, params);

		if (i >= ASKED / 50)
			samples_add(&samples, took_ms);
	}
	tell_quantiles(bench, what, &samples, reach, true);
}

static void reading(struct bench *bench)
{
	static const char *const groups[] = {"false", "200"};

	figure_title("reading, as a scoped login");
	pages_and_probes(bench);
	cold(bench);
	poll_often(bench, "a poll of the tail, nothing new", 0, false);
	poll_often(bench, "a poll of the tail, 1000 rows", 1000, true);
	catch_up(bench);
	screen(bench, "the overview, 200 interfaces", "overview", 0, NULL, 5);
	screen(bench, "failure groups", "failure-groups", 2, groups, 10);
}

/* ---- stages --------------------------------------------------------------------------------- */

static void stage(struct bench *bench, const char *before)
{
	bench->stage++;
	bench->before = before;
	taking(bench);
	traffic_settle(bench->people);
	following(bench, "dead_letters", "the duty of dead letters follows");
	following(bench, "rollup", "the duty of roll-ups follows");
	pg_do(bench->people->super, "vacuum (analyze) orderly.transaction");
	reading(bench);
}

/* What was taken has numbers above those of the filling before. */
static void grow(struct bench *bench, int64_t by)
{
	int64_t last = pg_int(bench->people->super, "select coalesce(max(id), 0) from orderly.message");

	bench->size = last + by;
	store_fill(bench->people, last + 1, bench->size);
}

static void bench(void **state)
{
	const char *asked = getenv("ORDERLY_BENCH_TRANSACTIONS");
	int64_t size = asked ? strtoll(asked, NULL, 10) : 1000000;
	struct bench bench = {.people = *state};

	store_fill_prepare(bench.people);
	grow(&bench, size / 10);
	stage(&bench, NULL);
	grow(&bench, size - size / 10);
	stage(&bench, "a tenth");
	pg_do(bench.people->super, "select orderly.partitions_make(now() + interval '110 months')");
	figure_title("with 120 months of partitions");
	stage(&bench, "10 months");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bench)};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
