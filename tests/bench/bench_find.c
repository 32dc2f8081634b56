/* bench_find: a page of 200 that a filter leaves over, in both directions and at any depth, an id that
 * was pasted, and payloads looked through, as a scoped login. ORDERLY_BENCH_TRANSACTIONS says how many
 * transactions there are (a million).
 * Leaves what filters mean to test_find, what a look may see to test_search.
 * Run by `make bench`. */
#include "measure.h"
#include "model/match.h"
#include "store/filtered.h"
#include "store_fill.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>

#define ROUNDS 60
#define REACH_MS 8
#define LOOKUPS 400
#define PAYLOADS 60000 /* of some 2.2 KB */

static const char *const filters[] = {"", "state:dead", "state!=done", "if:bench-7",
	"if:bench-7 state:dead", "if:bench-1*", "facility:H01", "class:mapping", "since:-1h",
	"last 1h class:mapping facility:H02", "state:dead error~cost", "PO-77", "corr:*",
	"tier:3 data:internal not state:dead"};

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

/* What the server's process itself has worked: what else the machine does is not in it. */
static double worked_ms(PGconn *conn)
{
	char path[64], line[128] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", PQbackendPID(conn));
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		line[0] = '\0';
	if (file)
		fclose(file);
	return (double)strtoull(line, NULL, 10) / 1e6;
}

static double ask_ms(PGconn *conn, const char *text, const char *place, const char *direction)
{
	const char *params[] = {place, direction, "200"};
	CLEANUP(filter_freep)
	struct filter *filter = NULL;
	struct filtered *filtered;
	double start_ms = now_ms();
	PGresult *result;

	if (filter_parse(slice_of(text), &filter, NULL, NULL) < 0)
		fail_msg("%s", text);
	filtered =
		filtered_new(statement_find("find"), params, filter, time(NULL) * INT64_C(1000000));
	result = PQexecParams(conn, filtered->statement.sql, (int)filtered->statement.n_params,
		NULL, filtered->params, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQresultErrorMessage(result));
	PQclear(result);
	filtered_free(filtered);
	return now_ms() - start_ms;
}

static void tell_worked(
	PGconn *conn, const char *what, const char *how, double before_ms, int times)
{
	char line[160];

	snprintf(line, sizeof(line), "%s, %s: processor", what, how);
	figure_print(&(struct figure){
		.what = line, .unit = "ms each", .value = (worked_ms(conn) - before_ms) / times});
}

static void measure(PGconn *conn, const char *text)
{
	static const char *const directions[] = {"after", "before"};

	for (size_t d = 0; d < 2; d++) {
		struct samples samples = {0};
		double before_ms = worked_ms(conn);
		char what[120];

		for (int i = 0; i < ROUNDS; i++) {
			char place[32];

			snprintf(place, sizeof(place), "%lld",
				(long long)(size() * (i + 1) / (ROUNDS + 1)));
			samples_add(
				&samples, ask_ms(conn, text, d == 0 && i % 4 == 0 ? NULL : place,
						  directions[d]));
		}
		snprintf(what, sizeof(what), "%s, %s: p50", *text ? text : "everything",
			directions[d]);
		figure_print(&(struct figure){
			.what = what, .unit = "ms", .value = samples_quantile(&samples, 0.5)});
		snprintf(what, sizeof(what), "%s, %s: p99", *text ? text : "everything",
			directions[d]);
		figure_print(&(struct figure){.what = what,
			.unit = "ms",
			.value = samples_quantile(&samples, 0.99),
			.reach = REACH_MS});
		tell_worked(conn, *text ? text : "everything", directions[d], before_ms, ROUNDS);
		samples_done(&samples);
	}
}

/* What the caller gave: an exact correlation id, a business key. */
static void lookups(void **state)
{
	static const char *const kinds[] = {
		"correlation id, exact", "correlation id, 12 characters of it", "business key"};
	struct people *people = *state;

	figure_title("an id that was pasted, to its transactions");
	for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
		struct samples samples = {0};
		double before_ms = worked_ms(people->as[OPERATOR]);

		for (int i = 0; i < LOOKUPS; i++) {
			long long id = size() / 7 * (i % 7) + i * 13 + 5;
			char *text = kind == 2
					     ? pg_text(people->super, "select 'PO-%lld'", id)
					     : pg_text(people->super,
						       kind ? "select left(md5('%lld'), 12)"
							    : "select concat('corr:', md5('%lld'))",
						       id / 3);

			samples_add(&samples, ask_ms(people->as[OPERATOR], text, NULL, "after"));
			free(text);
		}
		figure_print(&(struct figure){.what = kinds[kind],
			.unit = "ms p50",
			.value = samples_quantile(&samples, 0.5)});
		figure_print(&(struct figure){.what = kinds[kind],
			.unit = "ms p99",
			.value = samples_quantile(&samples, 0.99),
			.reach = 3});
		tell_worked(people->as[OPERATOR], kinds[kind], "looked up", before_ms, LOOKUPS);
		samples_done(&samples);
	}
}

/* ---- payloads ----------------------------------------------------------------------------------- */

static void fill_payloads(struct people *people)
{
	pg_do(people->super,
		"insert into orderly.rendition (born, transaction, key, interface, facility, arrived, kind, content_type,"
		" body, bytes, how, rules)"
		" select t.born, t.id, t.key, t.interface, t.facility, now(), 'inbound', 'application/json', b.body,"
		"  length(b.body), 'plain', 1"
		" from (select * from orderly.transaction order by id desc limit %d) t, lateral ("
		"  select string_agg(format('{\"line\": %%s, \"sku\": \"%%s\", \"qty\": %%s}', l, md5(l || '/' || t.id), t.id %% 97), ', ')"
		"   || case t.id %% 5000 when 7 then ' needle' else '' end as body from generate_series(1, 34) l) b",
		PAYLOADS);
	pg_do(people->super, "vacuum analyze orderly.rendition");
}

struct look {
	char grant[32], first_day[32], last_day[32], place[200];
	struct match *match;
	int64_t payloads, bytes, hits;
	double match_ms;
};

static PGresult *ask_filtered(
	PGconn *conn, const char *statement, const char *filter, const char *const *params)
{
	CLEANUP(filter_freep)
	struct filter *parsed = NULL;
	CLEANUP(filtered_freep)
	struct filtered *filtered = NULL;
	PGresult *result;

	if (filter_parse(slice_of(filter), &parsed, NULL, NULL) < 0)
		fail_msg("%s", filter);
	filtered = filtered_new(
		statement_find(statement), params, parsed, time(NULL) * INT64_C(1000000));
	result = PQexecParams(conn, filtered->statement.sql, (int)filtered->statement.n_params,
		NULL, filtered->params, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", filter, PQresultErrorMessage(result));
	return result;
}

static void grant(PGconn *conn, const char *filter, struct look *look)
{
	const char *params[] = {filter};
	PGresult *result = ask_filtered(conn, "search-ask", filter, params);

	assert_string_equal(PQgetvalue(result, 0, 0), "done");
	snprintf(look->grant, sizeof(look->grant), "%s", PQgetvalue(result, 0, 2));
	snprintf(look->first_day, sizeof(look->first_day), "%s", PQgetvalue(result, 0, 5));
	snprintf(look->last_day, sizeof(look->last_day), "%s", PQgetvalue(result, 0, 6));
	look->place[0] = '\0';
	PQclear(result);
}

/* False when nothing is left. */
static bool look_page(
	PGconn *conn, const char *filter, struct look *look, const char *rows, const char *bytes)
{
	const char *params[] = {look->grant, look->first_day, look->last_day,
		look->place[0] ? look->place : NULL, rows, bytes};
	PGresult *result = ask_filtered(conn, "search", filter, params);
	int n = PQntuples(result), body = PQfnumber(result, "body");
	double start_ms = now_ms();

	for (int i = 0; i < n; i++) {
		struct slice text = {
			PQgetvalue(result, i, body), (size_t)PQgetlength(result, i, body)};
		size_t at, len;

		look->hits += match_long(look->match, text, NULL, &at, &len) == 1;
		look->bytes += (int64_t)text.len;
		look->payloads++;
	}
	look->match_ms += now_ms() - start_ms;
	if (n)
		snprintf(look->place, sizeof(look->place), "%s", PQgetvalue(result, n - 1, 2));
	PQclear(result);
	return n > 0;
}

static void measure_look(PGconn *conn, const char *pattern)
{
	CLEANUP(str_done)
	struct str filter = STR_INIT(1000), what = STR_INIT(200);
	struct look look = {0};
	double start_ms = now_ms(), before_ms, worked, first_ms, all_ms;

	str_addf(&filter, "body~\"%s\" last 6d", pattern);
	assert_int_equal(match_new(slice_of(pattern), &look.match, NULL), 0);
	grant(conn, str_cstr(&filter), &look);
	look_page(conn, str_cstr(&filter), &look, "100", "500000");
	first_ms = now_ms() - start_ms;
	start_ms = now_ms();
	look.bytes = 0;
	look.match_ms = 0;
	before_ms = worked_ms(conn);
	while (look_page(conn, str_cstr(&filter), &look, "8000", "8000000"))
		;
	all_ms = now_ms() - start_ms;
	worked = worked_ms(conn) - before_ms;
	str_addf(&what, "%s: %lld payloads, %.0f MB, %lld hits", pattern, (long long)look.payloads,
		(double)look.bytes / 1e6, (long long)look.hits);
	figure_print(&(struct figure){.what = str_cstr(&what),
		.unit = "MB/s",
		.value = (double)look.bytes / 1e3 / all_ms,
		.reach = 60,
		.at_least = true});
	figure_print(&(struct figure){.what = "of the server's processor time alone",
		.unit = "MB/s",
		.value = (double)look.bytes / 1e3 / worked});
	figure_print(&(struct figure){.what = "the match, of all the time",
		.unit = "%",
		.value = 100 * look.match_ms / all_ms,
		.reach = 10});
	figure_print(&(struct figure){.what = "the grant and the first page, matched",
		.unit = "ms",
		.value = first_ms,
		.reach = 50});
	match_free(look.match);
}

static void measure_cancel(PGconn *conn)
{
	static const char filter[] = "body~x last 6d";
	struct look look = {0};
	struct samples samples = {0};
	char why[256];

	grant(conn, filter, &look);
	for (int i = 0; i < 20; i++) {
		const char *params[] = {
			look.grant, look.first_day, look.last_day, NULL, "8000", "8000000"};
		CLEANUP(filtered_freep)
		struct filtered *filtered = filtered_new(statement_find("search"), params, NULL, 0);
		const struct timespec nap = {0, 8000000};
		PGcancel *cancel = PQgetCancel(conn);
		PGresult *result;
		double start_ms;

		PQsendQueryParams(conn, filtered->statement.sql, (int)filtered->statement.n_params,
			NULL, filtered->params, NULL, NULL, 0);
		nanosleep(&nap, NULL);
		start_ms = now_ms();
		assert_true(PQcancel(cancel, why, sizeof(why)));
		while ((result = PQgetResult(conn)))
			PQclear(result);
		samples_add(&samples, now_ms() - start_ms);
		PQfreeCancel(cancel);
	}
	figure_print(&(struct figure){.what = "cancelled on the server",
		.unit = "ms p99",
		.value = samples_quantile(&samples, 0.99),
		.reach = 50});
	samples_done(&samples);
}

static void payloads(void **state)
{
	struct people *people = *state;

	fill_payloads(people);
	figure_title("payloads looked through, page after page");
	measure_look(people->as[OPERATOR], "needle");
	measure_look(people->as[OPERATOR], "qty.: 9[0-6]}, .*needle$");
	measure_look(people->as[OPERATOR], "(a+)+\\$");
	measure_cancel(people->as[OPERATOR]);
}

static void pages(void **state)
{
	struct people *people = *state;

	pg_do(people->as[OPERATOR], "set jit = off"); /* as all of the program's sessions */
	store_fill_prepare(people);
	store_fill(people, 1, size());
	figure_title("a page of 200, parsed, composed, planned and fetched");
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		measure(people->as[OPERATOR], filters[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),
		cmocka_unit_test(lookups),
		cmocka_unit_test(payloads),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
