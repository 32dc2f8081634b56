/* Looking through payloads in the store: what it takes to be granted, what a look shows to whom, and
 * that pages hold every payload once, in order, whatever their size.
 * Leaves matching to test_match and what is shown to test_payloads.
 * Called by the test run, against a real server. */
#include "store/filtered.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAYLOADS 25

static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	for (int i = 1; i <= PAYLOADS; i++)
		traffic_ingest(people,
			"select jsonb_agg(public.ev('%s', 's%d', 'received', now(), jsonb_build_object('facility',"
			" 'H0%d', 'payload', jsonb_build_object('kind', 'inbound', 'content_type', 'text/plain',"
			" 'body', repeat('x', %d) || 'needle %d'))))",
			i % 5 ? "orders" : "stock", i, 1 + i % 2, i * 40, i);
	traffic_duty(people, "mask");
	return 0;
}

/* The answer of a composed statement; the caller clears. */
static PGresult *ask(
	PGconn *conn, const char *statement, const char *filter, const char *const *params)
{
	CLEANUP(filter_freep)
	struct filter *parsed = NULL;
	CLEANUP(filtered_freep)
	struct filtered *filtered = NULL;
	struct err err = ERR_INIT;
	PGresult *result;

	if (filter_parse(slice_of(filter), &parsed, NULL, &err) < 0)
		fail_msg("%s: %s", filter, err.text);
	filtered = filtered_new(
		statement_find(statement), params, parsed, (int64_t)time(NULL) * 1000000);
	result = PQexecParams(conn, filtered->statement.sql, (int)filtered->statement.n_params,
		NULL, filtered->params, NULL, NULL, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s: %s\n%s", filter, PQresultErrorMessage(result),
			filtered->statement.sql);
	return result;
}

struct look {
	char grant[32], first_day[32], last_day[32];
};

static const char *cell(const PGresult *result, int row, const char *column)
{
	return PQgetvalue(result, row, PQfnumber(result, column));
}

/* Its code; the caller frees. */
static char *grant(PGconn *conn, const char *filter, struct look *look)
{
	const char *params[] = {filter};
	PGresult *result = ask(conn, "search-ask", filter, params);
	char *code = mem_dup_str(cell(result, 0, "code"));

	snprintf(look->grant, sizeof(look->grant), "%s", cell(result, 0, "grant_id"));
	snprintf(look->first_day, sizeof(look->first_day), "%s", cell(result, 0, "first_day"));
	snprintf(look->last_day, sizeof(look->last_day), "%s", cell(result, 0, "last_day"));
	PQclear(result);
	return code;
}

static void expect_grant(PGconn *conn, const char *filter, const char *code, struct look *look)
{
	CLEANUP(mem_freep)
	char *got = grant(conn, filter, look);

	assert_string_equal(got, code);
}

/* All messages that pages of that size bring, in their order; the caller frees. */
static char *walk(PGconn *conn, const char *filter, const struct look *look, const char *rows,
	const char *bytes)
{
	struct str found = STR_INIT(1 << 16), place = STR_INIT(256);

	for (;;) {
		const char *params[] = {look->grant, look->first_day, look->last_day,
			place.len ? str_cstr(&place) : NULL, rows, bytes};
		PGresult *result = ask(conn, "search", filter, params);
		int n = PQntuples(result);

		for (int i = 0; i < n; i++)
			if (!PQgetisnull(result, i, PQfnumber(result, "body")))
				str_addf(&found, "%s%s", found.len ? " " : "",
					cell(result, i, "message_id"));
		str_reset(&place);
		if (n)
			str_adds(&place, cell(result, n - 1, "place"));
		PQclear(result);
		if (!n)
			break;
	}
	str_done(&place);
	return found.at ? found.at : mem_dup_str("");
}

static void expect(struct people *people, enum who who, const char *filter, const char *want)
{
	struct look look;
	CLEANUP(mem_freep)
	char *found = NULL;

	expect_grant(people->as[who], filter, "done", &look);
	found = walk(people->as[who], filter, &look, "8000", "8000000");
	assert_string_equal(found, want);
}

static void every_payload_comes_once_in_pages_of_any_size(void **state)
{
	static const struct {
		const char *rows, *bytes;
	} sizes[] = {{"1", "1000000"}, {"7", "1000000"}, {"100", "1"}, {"100", "1500"},
		{"1000", "1000000"}};
	struct people *people = *state;
	struct str want = STR_INIT(1000);
	struct look look;

	for (int i = PAYLOADS; i >= 1; i--)
		str_addf(&want, "s%d%s", i, i > 1 ? " " : "");
	expect_grant(people->as[SUPPORT], "body~needle", "done", &look);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(mem_freep)
		char *found = walk(
			people->as[SUPPORT], "body~needle", &look, sizes[i].rows, sizes[i].bytes);

		assert_string_equal(found, str_cstr(&want));
	}
	str_done(&want);
}

static void the_rest_of_the_filter_narrows_it(void **state)
{
	expect(*state, SUPPORT, "if:stock body~x", "s25 s20 s15 s10 s5");
	expect(*state, SUPPORT, "s3 body~x", "s3");
	expect(*state, SUPPORT, "facility:H02 if:stock body~x since:-1h", "s25 s15 s5");
	expect(*state, SUPPORT, "state:dead,retrying body~x", "");
	expect(*state, SUPPORT, "state!=done if:stock body~x", "s25 s20 s15 s10 s5");
	expect(*state, SUPPORT, "body~x until:-1h", "");
	expect(*state, SUPPORT, "key:none if:stock not s5 body~x", "s25 s20 s15 s10");
}

static void a_look_is_granted_and_written_down(void **state)
{
	struct people *people = *state;
	struct look look;

	expect_grant(people->as[SUPPORT], "body~secret last 2h", "done", &look);
	pg_expect_text(people->as[SECURITY], "search_ask done body~secret last 2h",
		"select concat_ws(' ', act, outcome, detail ->> 'filter') from orderly.audit order by id desc limit 1");
	expect_grant(people->as[SUPPORT], "body~x last 4w", "window", &look);
	expect_grant(people->as[SUPPORT], "body~x since:-1h until:-2h", "window", &look);
	expect_grant(people->as[SUPPORT], "if:nothing-such body~x", "scope", &look);
	expect_grant(people->as[SECURITY], "body~x", "role", &look);
	expect_grant(people->as[UNKNOWN], "body~x", "no_login", &look);
}

static void a_grant_is_its_owner_s_and_ends(void **state)
{
	struct people *people = *state;
	struct look look;

	expect_grant(people->as[SUPPORT], "body~x", "done", &look);
	pg_expect_text(people->as[OPERATOR], "grant", "select code from orderly.search_window(%s)",
		look.grant);
	pg_expect_text(people->as[SUPPORT], "done", "select code from orderly.search_window(%s)",
		look.grant);
	pg_expect_text(people->as[SUPPORT], "grant_same",
		"with a as materialized (select id from orderly.search_ask(orderly.my_interfaces(), null, null, 'x'))"
		" select w.code from a, orderly.search_window(a.id) w");
	pg_do(people->as[SUPPORT], "select orderly.grant_end(%s)", look.grant);
	pg_expect_text(people->as[SUPPORT], "grant_ended",
		"select code from orderly.search_window(%s)", look.grant);
	{
		const char *params[] = {
			look.grant, look.first_day, look.last_day, NULL, "10", "1000"};
		PGresult *result = ask(people->as[SUPPORT], "search", "body~x", params);

		assert_int_equal(PQntuples(result), 1);
		assert_string_equal(cell(result, 0, "code"), "grant_ended");
		assert_string_equal(cell(result, 0, "message"), "the grant has ended");
		PQclear(result);
	}
}

/* Raw ones need an operator, a reason, and come with the same filter. */
static void raw_payloads_are_narrowed_too(void **state)
{
	struct people *people = *state;
	const char *asked[] = {"if:stock body~x", "a caller disputes it"};
	PGresult *result = ask(people->as[OPERATOR], "search-raw-ask", asked[0], asked);
	char id[32];
	const char *params[] = {id, NULL, "200"};
	int bodies = 0;

	assert_string_equal(cell(result, 0, "code"), "done");
	snprintf(id, sizeof(id), "%s", cell(result, 0, "grant_id"));
	PQclear(result);
	result = ask(people->as[OPERATOR], "search-raw", "if:stock not s5 body~x", params);
	assert_int_equal(PQntuples(result), 5);
	for (int i = 0; i < PQntuples(result); i++)
		bodies += !PQgetisnull(result, i, PQfnumber(result, "body"));
	assert_int_equal(bodies, 4);
	PQclear(result);
	asked[1] = "";
	result = ask(people->as[OPERATOR], "search-raw-ask", asked[0], asked);
	assert_string_equal(cell(result, 0, "code"), "reason");
	PQclear(result);
	asked[1] = "I would like to";
	result = ask(people->as[SUPPORT], "search-raw-ask", asked[0], asked);
	assert_string_equal(cell(result, 0, "code"), "role");
	PQclear(result);
}

static void what_is_new_counts_from_the_last_look(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->as[SUPPORT], "", "select orderly.looked('find')");
	pg_expect_text(
		people->as[SUPPORT], "t", "select orderly.look('find') > now() - interval '1 min'");
	pg_expect_text(people->as[SUPPORT], "t",
		"select orderly.looked('find') > now() - interval '1 min'");
	pg_expect_text(people->as[OPERATOR], "", "select orderly.looked('find')");
	pg_expect_text(people->as[UNKNOWN], "", "select orderly.look('find')");
}

/* Of exactly this id; not of what begins so. */
static void what_a_scope_hides_of_an_id_is_counted(void **state)
{
	struct people *people = *state;

	pg_expect_int(people->as[NARROW], 1, "select orderly.ids_hidden('S-7')");
	pg_expect_int(people->as[NARROW], 0, "select orderly.ids_hidden('s')");
	pg_expect_int(people->as[NARROW], 0, "select orderly.ids_hidden('')");
	pg_expect_int(people->as[SUPPORT], 0, "select orderly.ids_hidden('s7')");
}

static void a_list_that_leaves_is_written_down(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->as[SUPPORT], "done",
		"select code from orderly.list_export('find', 'state:dead', 'csv')");
	pg_expect_text(people->as[SECURITY], "list_export find state:dead csv",
		"select concat_ws(' ', act, object_id, detail ->> 'filter', detail ->> 'format') from orderly.audit "
		"order by id desc limit 1");
	pg_expect_text(people->as[SUPPORT], "text",
		"select code from orderly.list_export('find', '', 'exe')");
	pg_expect_text(people->as[ADMIN], "role",
		"select code from orderly.list_export('find', '', 'csv')");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_payload_comes_once_in_pages_of_any_size),
		cmocka_unit_test(the_rest_of_the_filter_narrows_it),
		cmocka_unit_test(a_look_is_granted_and_written_down),
		cmocka_unit_test(a_grant_is_its_owner_s_and_ends),
		cmocka_unit_test(raw_payloads_are_narrowed_too),
		cmocka_unit_test(what_is_new_counts_from_the_last_look),
		cmocka_unit_test(what_a_scope_hides_of_an_id_is_counted),
		cmocka_unit_test(a_list_that_leaves_is_written_down),
	};

	return pg_missing() ? pg_skip() : cmocka_run_group_tests(tests, setup, people_teardown);
}
