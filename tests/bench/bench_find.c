/* bench_find: a page of 200 that a filter leaves over, in both directions and at any depth, as a scoped
 * login. ORDERLY_BENCH_TRANSACTIONS says how many there are (a million).
 * Leaves what filters mean to test_find.
 * Run by `make bench`. */
#include "measure.h"
#include "store/filtered.h"
#include "store_fill.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <time.h>

#define ROUNDS 60
#define REACH_MS 8

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

static void measure(PGconn *conn, const char *text)
{
	static const char *const directions[] = {"after", "before"};

	for (size_t d = 0; d < 2; d++) {
		struct samples samples = {0};
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
		samples_done(&samples);
	}
}

static void pages(void **state)
{
	struct people *people = *state;

	store_fill_prepare(people);
	store_fill(people, 1, size());
	figure_title("a page of 200, parsed, composed, planned and fetched");
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		measure(people->as[OPERATOR], filters[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pages, traffic_setup, people_teardown),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
