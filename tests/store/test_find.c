/* Filters against a store: what each finds, as whom, on which plan, and that nothing in them is ever
 * taken for SQL.
 * Leaves the language to test_filter, times to bench_find.
 * Called by the test run, against a real server. */
#include "store/filtered.h"
#include "traffic.h"
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000);
}

static void take(struct people *people, const char *interface, const char *message,
	const char *kind, const char *more)
{
	traffic_ingest(people, "select jsonb_agg(public.ev('%s', '%s', '%s', now(), '%s'))",
		interface, message, kind, more);
}

static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	take(people, "orders", "m1", "received",
		"{\"facility\": \"H01\", \"correlation_id\": \"7F-3A 01\", \"business_key\": \"PO-2026/317\"}");
	take(people, "orders", "m2", "delivered",
		"{\"facility\": \"H02\", \"correlation_id\": \"7f3a01\", \"partner_ref\": \"X_9\"}");
	take(people, "stock", "m3", "failed",
		"{\"class\": \"mapping\", \"text\": \"cost center 8841 unknown\", \"attempt\": 2}");
	take(people, "stock", "m4", "dead",
		"{\"facility\": \"H01\", \"class\": \"timeout\", \"code\": \"E%_\\\\\", \"text\": \"50% of\\\\nothing\"}");
	take(people, "invoices", "m5", "filtered", "{\"entity\": \"invoice\"}");
	take(people, "payroll", "m6", "received", "{\"due_at\": \"2026-01-01T00:00:00Z\"}");
	traffic_duty(people, "dead_letters");
	pg_do(people->super, "analyze");
	return 0;
}

static struct filtered *compose(
	const char *text, const char *place, const char *direction, const char *limit)
{
	const char *params[] = {place, direction, limit};
	CLEANUP(filter_freep)
	struct filter *filter = NULL;
	struct err err = ERR_INIT;

	if (filter_parse(slice_of(text), &filter, NULL, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return filtered_new(statement_find("find"), params, filter, now_us());
}

/* The caller clears. */
static PGresult *ask(
	PGconn *conn, const char *text, const char *place, const char *direction, const char *limit)
{
	CLEANUP(filtered_freep)
	struct filtered *filtered = compose(text, place, direction, limit);
	PGresult *result = PQexecParams(conn, filtered->statement.sql,
		(int)filtered->statement.n_params, NULL, filtered->params, NULL, NULL, 0);

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s: %s\n%s", text, PQresultErrorMessage(result), filtered->statement.sql);
	return result;
}

static void expect(PGconn *conn, const char *text, const char *place, const char *direction,
	const char *limit, const char *found)
{
	PGresult *result = ask(conn, text, place, direction, limit);
	CLEANUP(str_done)
	struct str messages = STR_INIT(4096);

	for (int i = 0; i < PQntuples(result); i++)
		str_addf(&messages, "%s%s", i ? " " : "",
			PQgetvalue(result, i, PQfnumber(result, "message")));
	PQclear(result);
	if (strcmp(str_cstr(&messages), found) != 0)
		fail_msg("%s: found \"%s\", not \"%s\"", text, str_cstr(&messages), found);
}

static void each_term_finds_what_it_says(void **state)
{
	static const struct {
		const char *filter, *found;
	} rows[] = {
		{"", "m6 m5 m4 m3 m2 m1"},
		{"state:open", "m6 m3 m1"},
		{"state!=done", "m6 m5 m4 m3 m1"},
		{"state!=done,dead", "m6 m5 m3 m1"},
		{"state:done,waiting", "m6 m2 m1"},
		{"state:retrying", "m3"},
		{"not state:open", "m5 m4 m2"},
		{"if:orders", "m2 m1"},
		{"if:o*,stock", "m4 m3 m2 m1"},
		{"if!=o*", "m6 m5 m4 m3"},
		{"if:\"o*\"", ""},
		{"if:?nvoices", "m5"},
		{"if~^S", ""},
		{"if~^s", "m4 m3"},
		{"if!~\"^(s|o)\"", "m6 m5"},
		{"source:odoo target:ghx tier:3 data:internal style:rest", "m6 m5 m4 m3 m2 m1"},
		{"team:none", "m6 m5 m4 m3 m2 m1"},
		{"if:orders or class:timeout", "m4 m2 m1"},
		{"(if:orders or state:dead) facility:H01", "m4 m1"},
		{"not (if:orders or state:dead)", "m6 m5 m3"},
		{"facility:H0* not state:dead", "m2 m1"},
		{"facility:none", "m6 m5 m3"},
		{"facility:none,H02", "m6 m5 m3 m2"},
		{"facility!=H01", "m6 m5 m3 m2"},
		{"7f3a", "m2 m1"},
		{"\"7F 3A-01\"", "m2 m1"},
		{"*3a01", "m2 m1"},
		{"po2026317", "m1"},
		{"x9,m6", "m6 m2"},
		{"corr:7f3a", ""},
		{"corr:7f3a*", "m2 m1"},
		{"corr:7f3a01 if:stock", ""},
		{"corr:*", "m2 m1"},
		{"entity:* if:*", "m5"},
		{"corr:none", "m6 m5 m4 m3"},
		{"corr!=7f3a01", "m6 m5 m4 m3"},
		{"corr~\"7F-3A\"", "m1"},
		{"key:po-2026*", "m1"},
		{"key:*317", "m1"},
		{"ref:x9", "m2"},
		{"message:m?", "m6 m5 m4 m3 m2 m1"},
		{"entity:invoice", "m5"},
		{"class:mapping", "m3"},
		{"class!=mapping", "m6 m5 m4 m2 m1"},
		{"class:none,timeout", "m6 m5 m4 m2 m1"},
		{"error:\"COST center\"", "m3"},
		{"error:center*unknown", "m3"},
		{"error:50%", "m4"},
		{"error:\"0%_o\"", ""},
		{"error:\"of\\n\"", "m4"},
		{"error~\"cost cent(re|er) \\d+\"", "m3"},
		{"error!~cost", "m6 m5 m4 m2 m1"},
		{"code:\"E%_\\\\\"", "m4"},
		{"code:E*\"_\\\\\"", "m4"},
		{"attempts>1", "m3"},
		{"attempts:2..3", "m3"},
		{"attempts!=1", "m3"},
		{"failures:0", "m6 m5 m4 m2 m1"},
		{"events>=1", "m6 m5 m4 m3 m2 m1"},
		{"age<1h", "m6 m5 m4 m3 m2 m1"},
		{"age>1h", ""},
		{"age:0s..1d", "m6 m5 m4 m3 m2 m1"},
		{"since:-2h", "m6 m5 m4 m3 m2 m1"},
		{"since:+2h", ""},
		{"until:now", "m6 m5 m4 m3 m2 m1"},
		{"until:yesterday", ""},
		{"last 1h state:dead", "m4"},
		{"began>-1h", "m6 m5 m4 m3 m2 m1"},
		{"began:yesterday..tomorrow", "m6 m5 m4 m3 m2 m1"},
		{"at<2026-01-01", ""},
		{"due<now", "m6"},
		{"due:2026-01-01@Europe/Vienna", "m6"},
		{"due:2026-01-01T00:00@Europe/Vienna", ""},
		{"due:2026-01-01T01:00:00@Europe/Vienna", "m6"},
		{"due:2026-01-01T02:30+02:30", "m6"},
		{"due<08:00@Asia/Tokyo", "m6"},
		{"due:none state:dead", "m4"},
		{"letter:open", "m4"},
		{"letter:none if:stock", "m3"},
		{"letter!=open if:stock", "m3"},
		{"owner:none", "m4"},
		{"owner:me", ""},
		{"owner:*", ""},
		{"group>0", "m4"},
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect(people->as[OPERATOR], rows[i].filter, NULL, "after", "200", rows[i].found);
}

static void pages_go_on_in_both_directions(void **state)
{
	static const char *const filters[] = {"", "state!=nothing", "if!=nothing"};
	struct people *people = *state;
	char place[32];

	(void)filters;
	snprintf(place, sizeof(place), "%lld", (long long)traffic_id(people, "stock", "m3"));
	expect(people->as[OPERATOR], "", NULL, "after", "2", "m6 m5");
	expect(people->as[OPERATOR], "", place, "after", "1", "m2");
	expect(people->as[OPERATOR], "", place, "before", "2", "m5 m4");
	expect(people->as[OPERATOR], "state:open", place, "before", "5", "m6");
	expect(people->as[OPERATOR], "state:open", place, "after", "5", "m1");
	expect(people->as[OPERATOR], "if:o*,s*", place, "before", "5", "m4");
	expect(people->as[OPERATOR], "m", place, "after", "1", "m2");
	expect(people->as[OPERATOR], "m", place, "before", "1", "m4");
}

/* Then they are walked through at once. */
static void the_same_among_many_interfaces(void **state)
{
	struct people *people = *state;

	pg_do(people->super,
		"insert into orderly.interface (id, code, version, title, source, target, style, timing,"
		" data_class) select 1000 + g, 'empty-' || g, 1, 'Empty', 'odoo', 'ghx', 'rest', 'real-time',"
		" 'internal' from generate_series(1, 40) g");
	each_term_finds_what_it_says(state);
	pages_go_on_in_both_directions(state);
	pg_do(people->super, "delete from orderly.interface where id > 1000");
}

static void who_owns_it_is_found_as_me(void **state)
{
	struct people *people = *state;

	pg_expect_code(people->as[OPERATOR], "done", "orderly.dead_letter_own(%s)",
		"(select array_agg(id) from orderly.dead_letter)");
	expect(people->as[OPERATOR], "owner:me", NULL, "after", "200", "m4");
	expect(people->as[SUPPORT], "owner:me", NULL, "after", "200", "");
	expect(people->as[SUPPORT], "owner:none", NULL, "after", "200", "");
	expect(people->as[SUPPORT], "letter:owned", NULL, "after", "200", "m4");
}

static void a_scope_hides_whatever_the_filter_says(void **state)
{
	static const char *const filters[] = {"", "if:orders or state:dead", "not if:nothing", "m1",
		"*1", "owner:*,none or error~.", "facility:none,H01", "since:-1d until:now"};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		expect(people->as[NARROW], filters[i], NULL, "after", "200", "");
}

static void what_a_person_types_is_never_sql(void **state)
{
	static const char *const texts[] = {"'", "''; drop table orderly.transaction; --", "$1",
		"\\", "/* rest */", "{a}", "%", "{\"", "\\'", "E'\\x00'", "true /* rest */"};
	struct people *people = *state;

	for (int field = 0; field < FILTER_N_FIELDS; field++) {
		enum filter_kind kind = filter_field((enum filter_field)field)->kind;

		if (kind != FILTER_WORD && kind != FILTER_ID && kind != FILTER_CODE &&
			kind != FILTER_PROSE)
			continue;
		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			struct filter_value value = {.low.text = slice_of(texts[i])};
			struct filter_node node = {
				.field = (enum filter_field)field, .values = &value, .n_values = 1};
			CLEANUP(str_done)
			struct str text = STR_INIT(1000), line = STR_INIT(3000);

			filter_print_node(&node, &text);
			str_addf(&line, "%s \"%s\"x", str_cstr(&text), "x");
			PQclear(ask(people->as[OPERATOR], str_cstr(&line), NULL, "after", "200"));
		}
	}
}

/* Every field with every operator that it takes, alone, negated, and beside another. */
static void every_field_and_operator_is_understood(void **state)
{
	static const char *const values[] = {[FILTER_WORD] = "a",
		[FILTER_ID] = "a*b",
		[FILTER_CODE] = "a*,b",
		[FILTER_PROSE] = "a",
		[FILTER_NUMBER] = "1",
		[FILTER_AGE] = "1h",
		[FILTER_TIME] = "today",
		[FILTER_FROM] = "-1h",
		[FILTER_TO] = "08:00",
		[FILTER_PATTERN] = "a"};
	struct people *people = *state;

	for (int field = 0; field < FILTER_N_FIELDS; field++) {
		const struct filter_field_info *info = filter_field((enum filter_field)field);
		const char *value = info->kind == FILTER_CHOICE
					    ? filter_choices((enum filter_field)field)[0]
					    : values[info->kind];

		for (int op = 0; op < FILTER_N_OPS; op++) {
			CLEANUP(str_done)
			struct str line = STR_INIT(3000);
			bool pattern = op == FILTER_MATCHES || op == FILTER_MATCHES_NOT;
			const char *text = filter_op_text((enum filter_op)op);

			if (!filter_field_takes((enum filter_field)field, (enum filter_op)op))
				continue;
			if (pattern)
				value = "a";
			else if (info->kind == FILTER_AGE && op <= FILTER_IS_NOT)
				value = "1h..2h";
			if (info->kind == FILTER_PATTERN)
				continue; /* stands alone, and is not the store's */
			str_addf(&line, "%s%s%s not (%s%s%s or state:dead) state:dead,retrying",
				info->name, text, value, info->name, text, value);
			PQclear(ask(people->as[OPERATOR], str_cstr(&line), NULL, "after", "200"));
			if (info->kind == FILTER_AGE)
				value = values[FILTER_AGE];
		}
	}
}

static void a_pattern_that_the_store_does_not_know_is_told(void **state)
{
	struct people *people = *state;
	CLEANUP(filtered_freep)
	struct filtered *filtered = compose("error~\"a\\Kb\"", NULL, "after", "200");
	PGresult *result = PQexecParams(people->as[OPERATOR], filtered->statement.sql,
		(int)filtered->statement.n_params, NULL, filtered->params, NULL, NULL, 0);

	assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "2201B");
	PQclear(result);
}

static void what_is_slow_is_named(void **state)
{
	static const struct {
		const char *filter, *says;
	} rows[] = {
		{"state:dead error~x", "no index answers error~\"x\" (column 12);"},
		{"class:mapping or *x", "class:mapping (column 1), *x (column 18);"},
		{"if:po-out", "did not answer in time"},
		{"", "did not answer in time"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(filter_freep)
		struct filter *filter = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(filter_parse(slice_of(rows[i].filter), &filter, NULL, NULL), 0);
		filtered_tell_slow(filter, &err);
		assert_int_equal(err.code, -ETIMEDOUT);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s", err.text);
	}
}

/* Dead letters counted by something: the filter of a row finds those that it counts, and no others. */
static void what_counts_dead_letters_finds_them(void **state)
{
	static const struct {
		const char *by, *names;
	} rows[] = {
		{"interface", "stock invoices orders"},
		{"class", "target timeout"},
		{"partner", "(none)"},
		{"facility", "(none) H01"},
		{"hour", "2026-02-28 15:00Z 2026-02-28 14:00Z"},
	};
	struct people *people = *state;
	PGconn *conn = people->as[OPERATOR];

	/* They arrive now and died then: at both ends of an hour, and in the next one. */
	traffic_ingest(people,
		"select jsonb_agg(public.ev(i, 'hour' || at, 'dead', ('2026-02-28T' || at)::timestamptz,"
		" '{\"class\": \"target\"}')) from (values ('orders', '14:00:00Z'), ('stock', '14:59:59.9Z'),"
		" ('stock', '14:30:00Z'), ('invoices', '15:00:00Z')) d (i, at)");
	traffic_duty(people, "dead_letters");
	pg_expect_code(conn, "done",
		"orderly.dead_letter_discard(array(select l.id from orderly.dead_letter l"
		" join orderly.message m on m.id = l.id where m.message_id = 'hour14:30:00Z'), 'gone')");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct statement *statement = statement_find("dead-letter-slices");
		PGresult *slices =
			PQexecParams(conn, statement->sql, 1, NULL, &rows[i].by, NULL, NULL, 0);
		CLEANUP(str_done)
		struct str names = STR_INIT(4096);

		for (int row = 0; row < PQntuples(slices); row++) {
			PGresult *found =
				ask(conn, PQgetvalue(slices, row, PQfnumber(slices, "filter")),
					NULL, "after", "200");
			const char *name = PQgetvalue(slices, row, PQfnumber(slices, "name"));

			if (PQntuples(found) !=
				strtol(PQgetvalue(slices, row, PQfnumber(slices, "unresolved")),
					NULL, 10))
				fail_msg("%s %s: %d are found", rows[i].by, name, PQntuples(found));
			str_addf(&names, "%s%s", row ? " " : "", name);
			PQclear(found);
		}
		PQclear(slices);
		if (!strstr(str_cstr(&names), rows[i].names))
			fail_msg("%s: %s", rows[i].by, str_cstr(&names));
	}
}

/* Of a table that grows. With thousands of rows, so that an index is worth its while. */
static void quick_filters_scan_nothing_that_grows(void **state)
{
	static const char *const quick[] = {"", "7f3a", "corr:abc*", "key:po7", "state:dead",
		"state:open", "state!=done", "if:orders", "if:orders,st*", "if:orders state:dead",
		"last 1h class:mapping", "m7 or 7f3a", "state:dead facility:H01"};
	static const char *const directions[] = {"after", "before"};
	struct people *people = *state;

	for (int i = 0; i < 8; i++)
		traffic_ingest(people,
			"select jsonb_agg(public.ev('orders', 'plan%d-' || m, case m %% 50 when 0 then 'dead'"
			" else 'delivered' end, now(), jsonb_build_object('correlation_id', md5('%d' || m),"
			" 'business_key', 'PO ' || m))) from generate_series(1, 900) m",
			i, i);
	pg_do(people->super, "vacuum analyze");
	for (size_t i = 0; i < 2 * ARRAY_LEN(quick); i++) {
		CLEANUP(filtered_freep)
		struct filtered *filtered = compose(quick[i / 2], "3000", directions[i % 2], "200");
		CLEANUP(str_done)
		struct str sql = STR_INIT(1 << 18);
		PGresult *plan;

		str_addf(&sql, "explain (costs off) %s", filtered->statement.sql);
		plan = PQexecParams(people->as[OPERATOR], str_cstr(&sql),
			(int)filtered->statement.n_params, NULL, filtered->params, NULL, NULL, 0);
		assert_int_equal(PQresultStatus(plan), PGRES_TUPLES_OK);
		for (int l = 0; l < PQntuples(plan); l++)
			if (strstr(PQgetvalue(plan, l, 0), "Seq Scan on transaction") ||
				strstr(PQgetvalue(plan, l, 0), "Seq Scan on message"))
				fail_msg("%s: %s", quick[i / 2], PQgetvalue(plan, l, 0));
		PQclear(plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_term_finds_what_it_says),
		cmocka_unit_test(pages_go_on_in_both_directions),
		cmocka_unit_test(the_same_among_many_interfaces),
		cmocka_unit_test(who_owns_it_is_found_as_me),
		cmocka_unit_test(a_scope_hides_whatever_the_filter_says),
		cmocka_unit_test(what_a_person_types_is_never_sql),
		cmocka_unit_test(every_field_and_operator_is_understood),
		cmocka_unit_test(a_pattern_that_the_store_does_not_know_is_told),
		cmocka_unit_test(what_is_slow_is_named),
		cmocka_unit_test(what_counts_dead_letters_finds_them),
		cmocka_unit_test(quick_filters_scan_nothing_that_grows),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, people_teardown);
}
