/* Raw payloads under a grant: what a grant opens and what not, how long, page by page, and the trace
 * that each reading leaves. Who may ask at all is test_rights_acts's. */
#include "people.h"
#include "unit.h"
#include <stdio.h>

/* Ten orders in H01, ten in H02, two results of the laboratory. */
static int setup(void **state)
{
	struct people *people = NEW(struct people);

	people_open(people, "reveal");
	pg_do(people->as[INGEST],
		"select orderly.ingest((select jsonb_agg(jsonb_build_object('interface', "
		"case when g > 20 then 'lab-in' else 'po-out' end, 'message_id', 'm' || g, 'kind', 'received', "
		"'at', '2026-01-01T00:00:00Z', 'facility', case when g <= 10 then 'H01' else 'H02' end, "
		"'payload', jsonb_build_object('kind', 'inbound', 'content_type', 'text/plain', 'headers', "
		"'{\"X-A\": \"b\"}'::jsonb, 'body', 'raw ' || g))) from generate_series(1, 22) g))");
	pg_do(people->super, "select orderly.duty_mask(100)");
	*state = people;
	return 0;
}

static int teardown(void **state)
{
	return people_teardown(state);
}

static char *transaction_of(struct people *people, const char *message)
{
	return pg_text(
		people->super, "select id from orderly.message where message_id = '%s'", message);
}

static char *ask(struct people *people, enum who who, const char *what)
{
	return pg_text(people->as[who],
		"select id from orderly.payload_ask('%s', orderly.my_interfaces(), now() - interval '1 h', "
		"now() + interval '1 min', 'body ~ raw', 'for the test')",
		what);
}

static void a_grant_opens_one_transaction(void **state)
{
	struct people *people = *state;
	char *transaction = transaction_of(people, "m21");
	char *id = pg_text(people->as[OPERATOR],
		"select id from orderly.reveal_ask(%s, 'broken result', 5)", transaction);

	pg_expect_text(people->as[OPERATOR], "done inbound text/plain {\"X-A\": \"b\"} raw 21",
		"select concat_ws(' ', code, kind, content_type, headers, convert_from(body, 'UTF8')) "
		"from orderly.payload_read(%s) where transaction = %s",
		id, transaction);
	pg_expect_int(people->as[OPERATOR], 1, "select count(*) from orderly.payload_read(%s)", id);
	pg_expect_text(people->super, "t",
		"select until between at + interval '4 min 59 s' and at + interval '5 min 1 s' from "
		"orderly.payload_grant where id = %s",
		id);
	/* asked for with its reason, read twice */
	pg_expect_text(people->as[SECURITY],
		"reveal_ask broken result, payload_read broken result, "
		"payload_read broken result",
		"select string_agg(act || ' ' || reason, ', ' order by id) from orderly.audit where "
		"object = 'transaction' and object_id = '%s' and outcome = 'done'",
		transaction);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.grant_end(%s)", id);
	pg_expect_text(people->as[OPERATOR], "grant_ended",
		"select code from orderly.payload_read(%s)", id);
	free(transaction);
	free(id);
}

/* The interface alone is not enough. */
static void a_grant_needs_the_facility_in_scope(void **state)
{
	struct people *people = *state;
	char *mine = transaction_of(people, "m1"), *other = transaction_of(people, "m11");

	pg_expect_code(people->as[NARROW], "done", "orderly.reveal_ask(%s, 'for the test')", mine);
	pg_expect_code(
		people->as[NARROW], "not_found", "orderly.reveal_ask(%s, 'for the test')", other);
	free(mine);
	free(other);
}

static void a_grant_ends_by_itself(void **state)
{
	struct people *people = *state;
	char *transaction = transaction_of(people, "m1");
	char *id = pg_text(people->as[OPERATOR],
		"select id from orderly.reveal_ask(%s, 'for the test', 1)", transaction);

	pg_expect_text(
		people->as[OPERATOR], "done", "select code from orderly.payload_read(%s)", id);
	pg_do(people->super,
		"update orderly.payload_grant set until = clock_timestamp() where id = %s", id);
	pg_expect_text(people->as[OPERATOR], "grant_ended",
		"select code from orderly.payload_read(%s)", id);
	free(transaction);
	free(id);
}

static void the_longest_time_is_a_setting(void **state)
{
	struct people *people = *state;
	char *transaction = transaction_of(people, "m1");

	pg_expect_code(people->as[OPERATOR], "done", "orderly.reveal_ask(%s, 'for the test', 30)",
		transaction);
	people_change(people, "setting", "reveal.max_minutes", "{\"value\": 5}");
	pg_expect_code(people->as[OPERATOR], "minutes", "orderly.reveal_ask(%s, 'for the test', 6)",
		transaction);
	pg_expect_text(people->as[OPERATOR], "5",
		"select detail ->> 'minutes' from orderly.reveal_ask(%s, 'for the test')",
		transaction);
	people_change(people, "setting", "reveal.max_minutes", "null");
	free(transaction);
}

static void a_search_sees_what_is_in_scope_page_by_page(void **state)
{
	struct people *people = *state;
	char *id = ask(people, OPERATOR, "search"), *narrow = ask(people, NARROW, "search");

	pg_expect_int(
		people->as[OPERATOR], 22, "select count(*) from orderly.payload_scan(%s)", id);
	pg_expect_int(
		people->as[NARROW], 10, "select count(*) from orderly.payload_scan(%s)", narrow);
	pg_expect_text(people->as[OPERATOR], "22 22",
		"with recursive pages as ("
		"  select 1 as n, array(select p from orderly.payload_scan(%1$s, null, null, null, 4) p) as rows "
		"  union all select n + 1, array(select p from orderly.payload_scan(%1$s, (rows[cardinality(rows)]).arrived, "
		"    (rows[cardinality(rows)]).transaction, (rows[cardinality(rows)]).key, 4) p) "
		"  from pages where cardinality(rows) > 0) "
		"select count(*) || ' ' || count(distinct r.transaction) from pages, unnest(rows) r",
		id);
	/* noted once for a search, however many its pages */
	pg_expect_int(people->as[SECURITY], 2,
		"select count(*) from orderly.audit where act = 'payload_search' "
		"and login = '%s' and detail ->> 'filter' = 'body ~ raw'",
		people->login[OPERATOR]);
	free(id);
	free(narrow);
}

static void a_search_is_bounded_by_its_window_and_interfaces(void **state)
{
	struct people *people = *state;
	char *id = pg_text(people->as[OPERATOR],
		"select id from orderly.payload_ask('export', array(select id from orderly.interface where code = "
		"'lab-in'), now() - interval '1 h', now() + interval '1 min', null, 'for the test')");

	pg_expect_int(people->as[OPERATOR], 2, "select count(*) from orderly.payload_scan(%s)", id);
	pg_do(people->super,
		"update orderly.rendition set arrived = arrived - interval '2 h' where transaction = "
		"(select id from orderly.message where message_id = 'm22')");
	pg_expect_int(people->as[OPERATOR], 1, "select count(*) from orderly.payload_scan(%s)", id);
	pg_do(people->super,
		"update orderly.rendition set arrived = arrived + interval '2 h' where transaction = "
		"(select id from orderly.message where message_id = 'm22')");
	pg_expect_int(people->as[SECURITY], 2,
		"select count(*) from orderly.audit where act = 'payload_export'");
	free(id);
}

static void grants_are_seen_by_their_person_and_by_reviewers(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->as[NARROW], "2", "select count(*) from orderly.payload_grant");
	pg_expect_text(people->as[SUPPORT], "0", "select count(*) from orderly.payload_grant");
	pg_expect_text(people->as[SECURITY], "t", "select count(*) > 3 from orderly.payload_grant");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_grant_opens_one_transaction),
		cmocka_unit_test(a_grant_needs_the_facility_in_scope),
		cmocka_unit_test(a_grant_ends_by_itself),
		cmocka_unit_test(the_longest_time_is_a_setting),
		cmocka_unit_test(a_search_sees_what_is_in_scope_page_by_page),
		cmocka_unit_test(a_search_is_bounded_by_its_window_and_interfaces),
		cmocka_unit_test(grants_are_seen_by_their_person_and_by_reviewers),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name("store/reveal", tests, setup, teardown);
}
