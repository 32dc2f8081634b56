/* Measures the questions that screens ask, as a scoped login.
 * Leaves what is there to be read to store_fill.c, and taking to store_taking.c.
 * Called by bench_store. */
#include "store/statement.h"
#include "store_bench.h"
#include "store_fill.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define ASKED 1000
#define WARM 50 /* different questions; the first round is not counted */
#define COLD 200

struct question {
	const char *what, *sql;
	double reach_p99;
	bool once; /* a page is another one each time; others are asked again */
	const char *statement; /* of the console, where there is no sql */
};

#define PAGE(where, order)                                                                               \
	"select t.id, m.correlation, t.text from (select id, text from orderly.transaction where " where \
	" order by id " order                                                                            \
	" limit 200) t join orderly.message m on m.id = t.id order by t.id " order

static const struct question questions[] = {
	{"a correlation id to its legs and their events",
		"select e.kind, e.at from orderly.events_of(array(select id from orderly.message"
		" where correlation_norm = orderly.norm(md5(($1::bigint / 3)::text)))) e",
		3, false, NULL},
	{"a business key",
		"select m.id, t.state from orderly.message m join orderly.transaction t"
		" on t.id = m.id where m.business_norm = orderly.norm('PO-' || $1)",
		3, false, NULL},
	{"a page of the dead, older", PAGE("state = 'dead' and id < $1::bigint", "desc"), 8, true,
		NULL},
	{"a page of the dead, newer", PAGE("state = 'dead' and id > $1::bigint", "asc"), 8, true,
		NULL},
	{"a page of an interface, older",
		PAGE("interface = 1001 + $1::bigint % 40 and id < $1::bigint", "desc"), 8, true,
		NULL},
	{"a page of an interface, newer",
		PAGE("interface = 1001 + $1::bigint % 40 and id > $1::bigint", "asc"), 8, true,
		NULL},
	{"the view of a transaction: what it is", .statement = "transaction", .reach_p99 = 3},
	{"the view of a transaction: its whole way", .statement = "transaction-events",
		.reach_p99 = 3},
	{"the view of a transaction: its payloads", .statement = "transaction-payloads",
		.reach_p99 = 3},
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

/* What answers took, and what the server used for all of them. */
struct answers {
	struct samples samples;
	double cpu_s;
};

static void tell_answers(
	struct bench *bench, const char *what, struct answers *answers, double reach, bool may_grow)
{
	static const double parts[] = {0.5, 0.99};
	struct samples *samples = &answers->samples;
	char line[96];

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		snprintf(line, sizeof(line), "%s, p%.0f", what, parts[i] * 100);
		tell(bench, &(struct figure){.what = line,
				    .unit = "ms",
				    .reach = i ? reach : 0,
				    .value = samples_quantile(samples, parts[i])});
	}
	snprintf(line, sizeof(line), "%s: processor", what);
	tell_cpu(bench,
		&(struct figure){.what = line,
			.unit = "ms each",
			.value = answers->cpu_s * 1e3 / (double)samples->n},
		may_grow);
	samples_done(samples);
}

/* One more answer, which is counted unless it is to warm up only. */
static void ask_into(
	struct answers *answers, PGconn *conn, int n, const char *const *params, bool counted)
{
	double took_ms = ask(conn, n, params);

	if (counted)
		samples_add(&answers->samples, took_ms);
}

/* Asks n times for numbers up to the size, `different` of them; leaves out the first round. */
static void ask_numbers(
	struct bench *bench, const char *sql, struct answers *answers, int n, int different)
{
	PGconn *conn = bench->people->as[OPERATOR];
	struct random random = {.state = 7 + (uint64_t)bench->stage};
	uint64_t start = random.state;
	double before_s = 0;

	prepare(conn, sql);
	for (int i = 0; i < n; i++) {
		char id[32];
		const char *params[] = {id, "1000"}; /* where there is a second, it is a limit */

		if (different && i % different == 0)
			random.state = start;
		if (i == different)
			before_s = used_by(conn).cpu_s;
		snprintf(id, sizeof(id), "%lld",
			1 + (long long)random_below(&random, (size_t)bench->size));
		ask_into(answers, conn, strstr(sql, "$2") ? 2 : 1, params, i >= different);
	}
	answers->cpu_s = used_by(conn).cpu_s - before_s;
}

/* Asks n times for the same, after some that are not counted. */
static void ask_again(struct bench *bench, const char *sql, struct answers *answers, int n,
	int n_params, const char *const *params)
{
	PGconn *conn = bench->people->as[OPERATOR];
	double before_s = 0;

	prepare(conn, sql);
	for (int i = -n / 10; i < n; i++) {
		if (i == 0)
			before_s = used_by(conn).cpu_s;
		ask_into(answers, conn, n_params, params, i >= 0);
	}
	answers->cpu_s = used_by(conn).cpu_s - before_s;
}

static void pages_and_probes(struct bench *bench)
{
	struct answers bare = {0};

	/* what a question costs that asks for nothing: how much of the rest is the machine's */
	ask_numbers(bench, "select $1", &bare, ASKED, 0);
	tell_answers(bench, "the peer, select 1", &bare, 0, true);
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		const struct question *q = &questions[i];
		struct answers answers = {0};

		ask_numbers(bench, q->sql ? q->sql : statement_find(q->statement)->sql, &answers,
			ASKED, q->once ? 0 : WARM);
		tell_answers(bench, q->what, &answers, q->reach_p99, false);
	}
}

/* The first look at what nobody has touched for long: other pages fill the server's buffers, and the
 * kernel has forgotten. */
static void cold(struct bench *bench)
{
	struct answers answers = {0}, unused = {0};

	ask_numbers(bench, questions[1].sql, &unused, 3 * ASKED, 0);
	samples_done(&unused.samples);
	if (!store_fill_cool(bench->people)) {
		puts("  cold: not measured, the server's files are not ours to open");
		return;
	}
	bench->stage += 100; /* other numbers than before */
	ask_numbers(bench, questions[0].sql, &answers, COLD, 0);
	bench->stage -= 100;
	tell_answers(bench, "a correlation id, cold", &answers, 15, true);
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
		" order by f.era desc, f.xid desc, f.seq desc offset %d limit 1",
		rows);

	snprintf(place->era, sizeof(place->era), "%s", PQgetvalue(row, 0, 0));
	snprintf(place->xid, sizeof(place->xid), "%s", PQgetvalue(row, 0, 1));
	snprintf(place->seq, sizeof(place->seq), "%s", PQgetvalue(row, 0, 2));
	PQclear(row);
}

static void poll_often(struct bench *bench, const char *what, int rows, bool may_grow)
{
	struct place place;
	const char *params[] = {place.era, place.xid, place.seq, "1000"};
	struct answers answers = {0};

	place_back(bench, rows, &place);
	ask_again(
		bench, statement_find("tail")->sql, &answers, rows ? ASKED / 5 : ASKED, 4, params);
	tell_answers(bench, what, &answers, 0, may_grow);
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
	tell(bench, &(struct figure){.what = "the tail, catching up by 1000",
			    .unit = "rows/s",
			    .at_least = true,
			    .reach = 40000,
			    .value = got / (now_ms() - start_ms) * 1e3});
}

/* ---- screens -------------------------------------------------------------------------------- */

static void screen(struct bench *bench, const char *what, const char *statement, int n_params,
	const char *const *params, double reach)
{
	struct answers answers = {0};

	ask_again(bench, statement_find(statement)->sql, &answers, ASKED / 5, n_params, params);
	tell_answers(bench, what, &answers, reach, true);
}

void reading(struct bench *bench)
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
