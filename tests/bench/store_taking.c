/* Measures how the store takes events, beside a plain COPY, and how its duties follow.
 * Leaves the arrays that are sent to store_fill.sql, and reading to store_reading.c.
 * Called by bench_store. */
#include "base/str.h"
#include "store_bench.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>

#define ARRAYS 120 /* of 500 events, for each measurement of taking */

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

/* Events taken in a second by so many writers at once, each with an array on its way all the time, and
 * what the server used for it. */
static double taken_per_s(
	struct people *people, const char *name, int n, int writers, struct used *ret_used)
{
	PGconn *conns[8];
	int next = 1, done = 0;
	double start_ms;

	*ret_used = (struct used){0};
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
		struct used used = used_by(conns[i]);

		ret_used->cpu_s += used.cpu_s;
		ret_used->waited_s += used.waited_s;
		PQfinish(conns[i]);
	}
	return n * 500 / start_ms * 1e3;
}

static void tell_used(struct bench *bench, const char *what, const struct used *used, int n)
{
	char line[96];

	snprintf(line, sizeof(line), "%s: processor", what);
	tell_cpu(bench,
		&(struct figure){.what = line, .unit = "us each", .value = used->cpu_s * 1e6 / n},
		false);
	snprintf(line, sizeof(line), "%s: waited for one", what);
	tell(bench, &(struct figure){
			    .what = line, .unit = "us each", .value = used->waited_s * 1e6 / n});
}

/* The rows of bench.source as COPY has them. */
static void copy_out(PGconn *conn, struct str *rows)
{
	char *part;
	int n;

	PQclear(PQexec(conn, "copy (select * from bench.source) to stdout"));
	while ((n = PQgetCopyData(conn, &part, 0)) > 0) {
		str_add(rows, (struct slice){part, (size_t)n});
		PQfreemem(part);
	}
	PQclear(PQgetResult(conn));
}

/* The peer: as many rows of the same make through COPY, into a table with four indexes and no more. */
static void plain_copy(struct bench *bench)
{
	CLEANUP(str_done)
	struct str rows = STR_INIT(256 << 20);
	PGconn *conn;
	double start_ms;
	struct used used;
	PGresult *end;

	pg_do(bench->people->super, "truncate bench.plain");
	copy_out(bench->people->super, &rows);
	pg_do(bench->people->super, "checkpoint");
	conn = pg_super(bench->people->db);
	start_ms = now_ms();
	PQclear(PQexec(conn, "copy bench.plain from stdin"));
	if (PQputCopyData(conn, rows.at, (int)rows.len) != 1 || PQputCopyEnd(conn, NULL) != 1)
		fail_msg("%s", PQerrorMessage(conn));
	end = PQgetResult(conn);
	assert_string_equal(PQcmdTuples(end), "60000");
	PQclear(end);
	start_ms = now_ms() - start_ms;
	used = used_by(conn);
	PQfinish(conn);
	tell(bench, &(struct figure){.what = "the peer, a COPY with 4 indexes",
			    .unit = "rows/s",
			    .value = ARRAYS * 500 / start_ms * 1e3});
	tell_used(bench, "the peer, a COPY with 4 indexes", &used, ARRAYS * 500);
}

void taking(struct bench *bench)
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
	plain_copy(bench);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		char name[32];
		struct used used;
		double events_per_s;

		snprintf(name, sizeof(name), "%s%d", ways[i].name, bench->stage);
		pg_do(super, "call bench.%s('%s', %d)", ways[i].make, name, ways[i].n);
		pg_do(super, "checkpoint");
		events_per_s = taken_per_s(bench->people, name, ways[i].n, ways[i].writers, &used);
		tell(bench, &(struct figure){.what = ways[i].what,
				    .unit = "events/s",
				    .at_least = true,
				    .value = events_per_s,
				    .reach = ways[i].reach});
		tell_used(bench, ways[i].what, &used, ways[i].n * 500);
	}
	pg_do(super, "truncate bench.arrays");
}

/* ---- following: what the workers do with it -------------------------------------------------- */

void following(struct bench *bench, const char *duty, const char *what)
{
	double start_ms = now_ms();
	int64_t rows = 0, n;

	do {
		n = pg_int(bench->people->super, "select orderly.duty_%s(5000)", duty);
		rows += n;
	} while (n > 0);
	tell(bench, &(struct figure){.what = what,
			    .unit = "rows/s",
			    .at_least = true,
			    .value = (double)rows / (now_ms() - start_ms) * 1e3});
}
