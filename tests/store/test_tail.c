/* The tail's questions with a filter: forth in pages nothing that it leaves over is missed or comes
 * twice, and back from any place neither.
 * Leaves late writers and promotions to test_followers and test_promotion, what is shown to the view's
 * tests.
 * Called by the test run, against a real server. */
#include "store/filtered.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EVENTS 40

struct place {
	char era[80], xid[32], seq[32];
};

static const char *cell(const PGresult *result, int row, const char *column)
{
	return PQgetvalue(result, row, PQfnumber(result, column));
}

static bool is_event(const PGresult *result, int row)
{
	return !PQgetisnull(result, row, PQfnumber(result, "kind"));
}

static void take_place(const PGresult *result, int row, struct place *place)
{
	snprintf(place->era, sizeof(place->era), "%s", cell(result, row, "era"));
	snprintf(place->xid, sizeof(place->xid), "%s", cell(result, row, "xid"));
	snprintf(place->seq, sizeof(place->seq), "%s", cell(result, row, "seq"));
}

/* place NULL: the statement starts somewhere by itself. The caller clears. */
static PGresult *ask(PGconn *conn, const char *statement, const char *text,
	const struct place *place, const char *limit)
{
	const char *params[] = {place ? place->era : limit, place ? place->xid : NULL,
		place ? place->seq : NULL, limit};
	CLEANUP(filter_freep)
	struct filter *filter = NULL;
	CLEANUP(filtered_freep)
	struct filtered *filtered = NULL;
	PGresult *result;

	if (filter_parse(slice_of(text), &filter, NULL, NULL) < 0)
		fail_msg("%s", text);
	filtered = filtered_new(
		statement_find(statement), params, filter, (int64_t)time(NULL) * 1000000);
	result = PQexecParams(conn, filtered->statement.sql, (int)filtered->statement.n_params,
		NULL, filtered->params, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s: %s\n%s", text, PQresultErrorMessage(result), filtered->statement.sql);
	return result;
}

/* Messages n of one in `of`: on stock those that 3 divides, dead those that 5 divides. */
static void take(struct people *people, const char *prefix, int n)
{
	traffic_ingest(people,
		"select jsonb_agg(public.ev(case n %% 3 when 0 then 'stock' else 'orders' end, '%s' || n,"
		" case n %% 5 when 0 then 'dead' else 'received' end, now(), jsonb_build_object("
		" 'facility', 'H0' || 1 + n %% 2, 'correlation_id', 'c-' || n / 10, 'class',"
		" case n %% 5 when 0 then 'mapping' end))) from generate_series(1, %d) n",
		prefix, n);
}

static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	take(people, "a", EVENTS);
	traffic_settle(people);
	return 0;
}

static void add_events(const PGresult *result, struct str *out)
{
	for (int i = 0; i < PQntuples(result); i++)
		if (is_event(result, i))
			str_addf(out, "%s ", cell(result, i, "message"));
}

/* One after the other by number, as the feed of one writer need not be; what comes twice stays twice. */
static char *sorted(struct people *people, const char *messages)
{
	return pg_text(people->super,
		"select coalesce(string_agg(w, ' ' order by left(w, 1), substr(w, 2)::int) || ' ', '')"
		" from regexp_split_to_table(btrim('%s'), ' ') w where w <> ''",
		messages);
}

static void expect_messages(
	struct people *people, const struct str *got, const char *prefix, const char *condition)
{
	CLEANUP(mem_freep)
	char *want = pg_text(people->super,
		"select coalesce(string_agg('%s' || n, ' ' order by n) || ' ', '') from generate_series(1, %d) n where %s",
		prefix, EVENTS, condition);

	CLEANUP(mem_freep)
	char *all = sorted(people, str_cstr(got));

	assert_string_equal(all, want);
}

static const struct {
	const char *filter, *condition;
} rows[] = {
	{"", "true"},
	{"if:stock", "n % 3 = 0"},
	{"state:dead", "n % 5 = 0"},
	{"state:dead,retrying facility:H02", "n % 5 = 0 and n % 2 = 1"},
	{"corr:c-3", "n / 10 = 3"},
	{"class:mapping or if:stock", "n % 5 = 0 or n % 3 = 0"},
	{"not if:stock c1", "n % 3 <> 0 and n / 10 = 1"},
	{"since:-1h if:stock", "n % 3 = 0"},
	{"until:-1h", "false"},
	{"if:nothing", "false"},
};

static void forth_nothing_is_missed_or_comes_twice(void **state)
{
	static const char *const limits[] = {"3", "2000"};
	struct people *people = *state;
	struct place start, place;
	PGresult *result =
		ask(people->as[SUPPORT], "tail-filtered-start", "if:nothing", NULL, "500");

	assert_int_equal(PQntuples(result), 1);
	assert_false(is_event(result, 0));
	take_place(result, 0, &start);
	PQclear(result);
	take(people, "b", EVENTS);
	traffic_settle(people);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t l = 0; l < ARRAY_LEN(limits); l++) {
			CLEANUP(str_done)
			struct str got = STR_INIT(1 << 16);
			int n;

			place = start;
			do {
				result = ask(people->as[SUPPORT], "tail-filtered", rows[i].filter,
					&place, limits[l]);
				n = PQntuples(result);
				add_events(result, &got);
				if (n)
					take_place(result, n - 1, &place);
				PQclear(result);
			} while (n);
			expect_messages(people, &got, "b", rows[i].condition);
		}
}

static void back_neither(void **state)
{
	static const char *const limits[] = {"13", "500"};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t l = 0; l < ARRAY_LEN(limits); l++) {
			CLEANUP(str_done)
			struct str got = STR_INIT(1 << 16), page = STR_INIT(1 << 16);
			struct place place;
			PGresult *result = ask(people->as[SUPPORT], "tail-filtered-start",
				"if:nothing", NULL, "1");
			int passed;

			take_place(result, 0, &place);
			PQclear(result);
			snprintf(place.seq, sizeof(place.seq), "%lld",
				strtoll(place.seq, NULL, 10) + 1);
			do {
				result = ask(people->as[SUPPORT], "tail-before", rows[i].filter,
					&place, limits[l]);
				assert_false(is_event(result, 0));
				passed = (int)strtol(cell(result, 0, "attempt"), NULL, 10);
				take_place(result, 0, &place);
				str_reset(&page);
				add_events(result, &page);
				str_adds(&page, str_cstr(&got));
				str_reset(&got);
				str_adds(&got, str_cstr(&page));
				PQclear(result);
			} while (passed);
			{
				CLEANUP(mem_freep)
				char *want = pg_text(people->super,
					"select coalesce(string_agg(p || n, ' ' order by p, n) || ' ', '') from"
					" (values ('a'), ('b')) v (p), generate_series(1, %d) n where %s",
					EVENTS, rows[i].condition);

				CLEANUP(mem_freep)
				char *all = sorted(people, str_cstr(&got));

				assert_string_equal(all, want);
			}
		}
}

/* What a scope hides moves the place on, and is not shown. */
static void a_scope_holds_with_a_filter_too(void **state)
{
	struct people *people = *state;
	PGresult *result =
		ask(people->as[NARROW], "tail-filtered-start", "state:dead", NULL, "500");

	assert_int_equal(PQntuples(result), 1);
	assert_false(is_event(result, 0));
	PQclear(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forth_nothing_is_missed_or_comes_twice),
		cmocka_unit_test(back_neither),
		cmocka_unit_test(a_scope_holds_with_a_filter_too),
	};

	return pg_missing() ? pg_skip() : cmocka_run_group_tests(tests, setup, people_teardown);
}
