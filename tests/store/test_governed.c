/* What the views of what is governed ask: changes with what of them is out of scope, objects to be edited,
 * deciding and rolling back, mask rules tried on samples as drafted. That two decide is test_rights_acts's. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define RULE(matcher)                                                                                     \
	"{\"format\": 1, \"mask_rule\": [{\"code\": \"ward\", \"kind\": \"hl7\", \"matcher\": \"" matcher \
	"\", \"classes\": [\"phi\"]}]}"
#define PID "MSH|^~\\&|A\rPID|1||4711||Sample^Maria\r"

static PGresult *ask(PGconn *conn, const char *name, const char *const *params, int n)
{
	assert_non_null(statement_find(name));
	return pg_query_params(conn, statement_find(name)->sql, n, params);
}

/* The columns of all rows, as "a b; c d". */
static void expect(PGconn *conn, const char *name, const char *const *params, int n,
	const char *columns, const char *expected)
{
	CLEANUP(str_done)
	struct str got = STR_INIT(1 << 16);
	PGresult *rows = ask(conn, name, params, n);

	for (int row = 0; row < PQntuples(rows); row++) {
		struct slice rest = slice_of(columns), word;

		str_adds(&got, row ? "; " : "");
		for (bool first = true; slice_word(&rest, &word); first = false) {
			char column[64];

			snprintf(column, sizeof(column), "%.*s", SLICE_ARG(word));
			assert_int_not_equal(PQfnumber(rows, column), -1);
			str_addf(&got, "%s%s", first ? "" : " ",
				PQgetisnull(rows, row, PQfnumber(rows, column))
					? "-"
					: PQgetvalue(rows, row, PQfnumber(rows, column)));
		}
	}
	PQclear(rows);
	assert_string_equal(str_cstr(&got), expected);
}

static void a_change_goes_its_way_by_the_statements(void **state)
{
	struct people *people = *state;
	CLEANUP(mem_freep)
	char *document = NULL, *id = NULL, *back = NULL;
	const char *object[] = {"interface", "stock"};
	const char *propose[] = {NULL, "they asked for it"};
	const char *decide[] = {NULL, "true", "agreed"};
	const char *other[] = {NULL, "too many"};
	PGresult *rows = ask(people->as[ADMIN], "catalogue-object", object, 2);
	char *at;

	document = mem_dup_str(PQgetvalue(rows, 0, 0));
	PQclear(rows);
	at = strstr(document, "\"quarantine_after\": 3");
	assert_non_null(at);
	at[strlen("\"quarantine_after\": ")] = '6';
	propose[0] = document;
	expect(people->as[OPERATOR], "change-propose", propose, 2, "ok message",
		"f your roles do not allow this");
	expect(people->as[ADMIN], "change-propose", propose, 2, "ok message refused", "t done -");
	id = pg_text(people->super, "select max(id) from orderly.change");
	decide[0] = other[0] = id;
	expect(people->as[ADMIN], "change-items", decide, 1, "object mark what moved",
		"interface stock ~ quarantine_after: 3 > 6 f");
	expect(people->as[ADMIN_TWIN], "change-decide", decide, 3, "ok message",
		"f who proposed a change cannot decide it");
	expect(people->as[APPROVER], "change-decide", decide, 3, "ok message", "t done");
	expect(people->as[ADMIN], "change-rollback", other, 2, "ok message", "t done");
	back = pg_text(people->super, "select max(id) from orderly.change");
	decide[0] = other[0] = back;
	expect(people->as[ADMIN], "change-items", decide, 1, "what", "quarantine_after: 6 > 3");
	expect(people->as[APPROVER], "change-withdraw", other, 2, "ok message",
		"f your roles do not allow this");
	expect(people->as[ADMIN], "change-withdraw", other, 2, "ok message", "t done");
	pg_expect_int(people->super, 6,
		"select quarantine_after from orderly.interface where code = 'stock'");
}

/* Who has not all of a change in scope sees how much of it is missing. */
static void what_a_scope_hides_of_a_change_is_counted(void **state)
{
	struct people *people = *state;
	const char *propose[] = {
		"{\"format\": 1, \"interface\": [{\"code\": \"payroll\", \"note\": 1}]}", "x"};
	PGresult *rows;

	pg_expect_code(people->as[ADMIN], "done",
		"orderly.change_propose((select jsonb_agg(jsonb_build_object('kind', 'interface', 'code', v.code,"
		" 'doc', v.doc || '{\"note\": \"seen\"}')) from orderly.catalogue_version v"
		" where v.code in ('payroll', 'orders') and v.version = 1), 'a note for both')");
	pg_do(people->super,
		"select orderly.scope_set('%s', '{orders}', '{H01}', '{public,internal}')",
		people->login[NARROW]);
	rows = pg_query(people->as[NARROW],
		"select objects, hidden, state from (%s) c where reason = 'a note for both'",
		statement_find("changes")->sql);
	assert_int_equal(PQntuples(rows), 1);
	assert_string_equal(PQgetvalue(rows, 0, 0), "interface orders");
	assert_string_equal(PQgetvalue(rows, 0, 1), "1");
	PQclear(rows);
	expect(people->as[ADMIN], "change-propose", propose, 2, "ok message",
		"f a reason is needed");
}

static void drafts_are_tried_beside_the_rules_as_they_are(void **state)
{
	struct people *people = *state;
	const char *params[] = {"name", NULL, PID, "application/hl7-v2"};
	const char *none[] = {"no-such-rule", NULL, "x", ""};

	people_change(people, "mask_rule", "name",
		"{\"kind\": \"hl7\", \"matcher\": \"PID-5\", \"classes\": [\"phi\"]}");
	expect(people->as[ADMIN], "mask-try", params, 4, "interface before_how after_how before",
		"lab-in masked masked MSH|^~\\&|A\rPID|1||4711||•••\r");
	params[1] = RULE("PID-3");
	expect(people->as[SUPPORT], "mask-try", params, 4, "before after",
		"MSH|^~\\&|A\rPID|1||4711||•••\r MSH|^~\\&|A\rPID|1||•••||•••\r");
	params[1] =
		"{\"format\": 1, \"mask_rule\": [{\"code\": \"name\", \"kind\": \"regex\", \"matcher\": \"(\","
		" \"classes\": [\"phi\"]}]}";
	expect(people->as[ADMIN], "mask-try", params, 4, "after_how after_why",
		"whole could not be masked: 2201B");
	params[1] = NULL;
	expect(people->as[NARROW], "mask-try", params, 4, "interface before_how", "- masked");
	expect(people->as[ADMIN], "mask-try", none, 4, "interface after_how", "- plain");
	expect(people->as[SECURITY], "mask-rules", NULL, 0, "key matcher waits", "name PID-5 f");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_goes_its_way_by_the_statements),
		cmocka_unit_test(what_a_scope_hides_of_a_change_is_counted),
		cmocka_unit_test(drafts_are_tried_beside_the_rules_as_they_are),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/governed", tests, traffic_setup, people_teardown);
}
