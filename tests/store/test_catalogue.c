/* The catalogue and its governed changes: what is taken, what is refused and with which word, that
 * two persons decide, also when many do so at once, and that every version is kept. */
#include "people.h"
#include "unit.h"

#define PO_OUT(title)                                                                   \
	"{\"title\": \"" title "\", \"source\": \"odoo\", \"target\": \"middleware\", " \
	"\"style\": \"rest\", \"timing\": \"real-time\", \"data_class\": \"internal\"}"

static char *propose(struct people *people, const char *kind, const char *code, const char *doc)
{
	return pg_text(people->as[ADMIN],
		"select id from orderly.change_propose(jsonb_build_array(jsonb_build_object('kind', "
		"'%s', 'code', '%s', 'doc', %s%s%s::jsonb)), 'for the test')",
		kind, code, doc ? "'" : "", doc ? doc : "null", doc ? "'" : "");
}

static void a_document_is_judged_field_by_field(void **state)
{
	static const struct {
		const char *kind, *code, *doc, *problem, *field;
	} rows[] = {
		{"system", "x", "{\"title\": \"X\"}", "required", "kind"},
		{"system", "x", "{\"title\": \"X\", \"kind\": \"toaster\"}", "not_allowed", "kind"},
		{"system", "x", "{\"title\": \" \", \"kind\": \"odoo\"}", "not_allowed", "title"},
		{"system", "X y", "{\"title\": \"X\", \"kind\": \"odoo\"}", "not_allowed", "code"},
		{"system", "x", "{\"title\": \"X\", \"kind\": \"odoo\", \"size\": 1}",
			"unknown_field", "size"},
		{"system", "x", "{\"title\": \"X\", \"kind\": \"odoo\", \"id\": 1}",
			"unknown_field", "id"},
		{"system", "x", "[]", "bad_value", NULL},
		{"system", "x", "{\"title\": \"X\", \"kind\": \"odoo\", \"depends_on\": [\"y\"]}",
			"unknown_reference", "depends_on"},
		{"system", "x", "{\"title\": \"X\", \"kind\": \"odoo\", \"depends_on\": [\"x\"]}",
			"unknown_reference", "depends_on"},
		{"facility", "H1", "{\"title\": 7, \"active\": \"maybe\"}", "bad_value", NULL},
		{"interface", "i",
			"{\"title\": \"I\", \"source\": \"nowhere\", \"target\": \"odoo\", \"style\": "
			"\"rest\", \"timing\": \"batch\", \"data_class\": \"phi\"}",
			"unknown_reference", "source"},
		{"interface", "i",
			"{\"title\": \"I\", \"source\": \"lab\", \"target\": \"odoo\", \"style\": \"rest\", "
			"\"timing\": \"batch\", \"data_class\": \"phi\", \"twin\": \"none\"}",
			"unknown_reference", "twin"},
		{"slo", "po-out/latency", "{\"interface\": \"po-out\", \"measure\": \"latency\"}",
			"not_allowed", "threshold_needed"},
		{"slo", "other", "{\"interface\": \"po-out\", \"measure\": \"retry\"}",
			"not_allowed", "code"},
		{"scope", "nobody",
			"{\"interfaces\": [\"*\"], \"facilities\": [\"*\"], \"classes\": []}",
			"unknown_reference", "code"},
		{"mask_rule", "m", "{\"kind\": \"regex\", \"matcher\": \"(\"}", "bad_value", NULL},
		{"mask_rule", "m", "{\"kind\": \"json\", \"matcher\": \"a..b\"}", "not_allowed",
			"kind_matcher"},
		{"mask_rule", "m",
			"{\"kind\": \"json\", \"matcher\": \"a\", \"target\": \"error\"}",
			"not_allowed", "target_kind"},
		{"interface", "po-out", NULL, "not_removable", NULL},
		{"toaster", "x", "{}", "unknown_kind", NULL},
	};
	struct people *people = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *got = pg_text(people->as[ADMIN],
			"select concat_ws(' ', code, detail -> 'problems' -> 0 ->> 'problem', "
			"detail -> 'problems' -> 0 ->> 'field') from orderly.change_propose("
			"jsonb_build_array(jsonb_build_object('kind', '%s', 'code', '%s', 'doc', "
			"%s%s%s::jsonb)), 'for the test')",
			rows[i].kind, rows[i].code, rows[i].doc ? "'" : "",
			rows[i].doc ? rows[i].doc : "null", rows[i].doc ? "'" : "");
		char want[128];

		snprintf(want, sizeof(want), "invalid %s%s%s", rows[i].problem,
			rows[i].field ? " " : "", rows[i].field ? rows[i].field : "");
		if (strcmp(got, want) != 0)
			fail_msg("%s %s %s: \"%s\" instead of \"%s\"", rows[i].kind, rows[i].code,
				rows[i].doc ? rows[i].doc : "-", got, want);
		free(got);
	}
	pg_expect_int(
		people->super, 0, "select count(*) from orderly.change where state = 'proposed'");
}

static void a_change_takes_effect_when_another_person_approves(void **state)
{
	struct people *people = *state;
	char *id = propose(people, "interface", "po-out", PO_OUT("Purchase orders"));

	pg_expect_text(people->super, "Orders",
		"select title from orderly.interface where code = 'po-out'");
	pg_expect_code(
		people->as[ADMIN_TWIN], "four_eyes", "orderly.change_decide(%s, true, 'mine')", id);
	pg_expect_code(people->as[ADMIN_TWIN], "four_eyes",
		"orderly.change_decide(%s, false, 'mine')", id);
	pg_expect_code(people->as[APPROVER], "done", "orderly.change_decide(%s, true, 'seen')", id);
	pg_expect_text(people->super, "Purchase orders|2",
		"select title || '|' || version from orderly.interface where code = 'po-out'");
	pg_expect_code(
		people->as[APPROVER2], "state", "orderly.change_decide(%s, true, 'seen')", id);
	pg_expect_code(
		people->as[ADMIN], "done", "orderly.change_rollback(%s, 'was better before')", id);
	free(id);
	id = pg_text(people->super, "select max(id) from orderly.change");
	pg_expect_text(people->super, "Purchase orders",
		"select title from orderly.interface where code = 'po-out'");
	pg_expect_code(people->as[APPROVER2], "done", "orderly.change_decide(%s, true, null)", id);
	pg_expect_text(people->super, "Orders|3",
		"select title || '|' || version from orderly.interface where code = 'po-out'");
	pg_expect_text(people->super, "Orders, Purchase orders, Orders",
		"select string_agg(doc ->> 'title', ', ' order by version) from "
		"orderly.catalogue_version where kind = 'interface' and code = 'po-out'");
	free(id);
}

static void a_change_is_void_when_its_object_moved_on(void **state)
{
	struct people *people = *state;
	char *first = propose(people, "partner", "ghx", "{\"title\": \"One\"}");
	char *second = propose(people, "partner", "ghx", "{\"title\": \"Two\"}");

	pg_expect_code(
		people->as[APPROVER], "done", "orderly.change_decide(%s, true, null)", second);
	pg_expect_code(
		people->as[APPROVER], "stale", "orderly.change_decide(%s, true, null)", first);
	pg_expect_code(
		people->as[APPROVER], "state", "orderly.change_decide(%s, true, null)", first);
	pg_expect_text(
		people->super, "Two", "select title from orderly.partner where code = 'ghx'");
	free(first);
	free(second);
}

static void a_rollback_is_refused_when_its_object_moved_on(void **state)
{
	struct people *people = *state;
	char *id = propose(people, "partner", "ghx", "{\"title\": \"Three\"}");

	pg_expect_code(people->as[APPROVER], "done", "orderly.change_decide(%s, true, null)", id);
	people_change(people, "partner", "ghx", "{\"title\": \"Four\"}");
	pg_expect_code(
		people->as[ADMIN], "stale", "orderly.change_rollback(%s, 'three was wrong')", id);
	free(id);
}

static void an_object_can_be_removed_and_comes_back_as_a_later_version(void **state)
{
	struct people *people = *state;
	char *id = propose(people, "slo", "po-out/success", NULL);

	pg_expect_code(people->as[APPROVER], "done", "orderly.change_decide(%s, true, null)", id);
	pg_expect_int(people->super, 0, "select count(*) from orderly.slo");
	people_change(people, "slo", "po-out/success",
		"{\"interface\": \"po-out\", \"measure\": \"success\"}");
	pg_expect_int(people->super, 3, "select version from orderly.slo");
	free(id);
}

static void nobody_decides_about_their_own_rights(void **state)
{
	struct people *people = *state;
	const char *wide =
		"{\"interfaces\": [\"*\"], \"facilities\": [\"H01\"], \"classes\": [\"phi\"]}";
	char *id = propose(people, "scope", people->login[APPROVER], wide);

	pg_expect_code(
		people->as[APPROVER], "own_right", "orderly.change_decide(%s, true, null)", id);
	pg_expect_code(people->as[APPROVER2], "done", "orderly.change_decide(%s, true, null)", id);
	free(id);
	/* another's second login is no way around it */
	id = propose(people, "login", people->login[UNKNOWN], "{\"person\": \"approver\"}");
	pg_expect_code(
		people->as[APPROVER], "own_right", "orderly.change_decide(%s, true, null)", id);
	pg_expect_code(people->as[ADMIN], "done", "orderly.change_withdraw(%s, 'no')", id);
	free(id);
	pg_do(people->super,
		"select orderly.scope_set('%s', '{*}', '{*}', "
		"'{public,internal,confidential,phi}')",
		people->login[APPROVER]);
}

static void a_proposal_of_one_who_lost_the_role_is_not_approved(void **state)
{
	struct people *people = *state;
	char *id = propose(people, "partner", "ghx", "{\"title\": \"Late\"}");

	pg_do(people->super, "revoke orderly_" PG_STORE "_admin from %s", people->login[ADMIN]);
	pg_expect_code(
		people->as[APPROVER], "proposer_role", "orderly.change_decide(%s, true, null)", id);
	pg_do(people->super, "grant orderly_" PG_STORE "_admin to %s", people->login[ADMIN]);
	pg_expect_code(
		people->as[APPROVER], "done", "orderly.change_decide(%s, false, 'too late')", id);
	free(id);
}

static void many_approvals_at_once_count_once(void **state)
{
	enum { SESSIONS = 8, ROUNDS = 5 };
	struct people *people = *state;
	PGconn *conn[SESSIONS];

	for (int i = 0; i < SESSIONS; i++)
		conn[i] = pg_as(people->db, people->login[i % 3 == 0   ? APPROVER
							  : i % 3 == 1 ? APPROVER2
								       : ADMIN_TWIN]);
	for (int round = 0; round < ROUNDS; round++) {
		char doc[64];
		char *id;
		int done = 0;

		snprintf(doc, sizeof(doc), "{\"title\": \"Round %d\"}", round);
		id = propose(people, "partner", "ghx", doc);
		for (int i = 0; i < SESSIONS; i++)
			pg_send(conn[i], "select * from orderly.change_decide(%s, true, 'at once')",
				id);
		for (int i = 0; i < SESSIONS; i++) {
			char *code = pg_wait_code(conn[i]);

			done += strcmp(code, "done") == 0;
			if (strcmp(code, "done") != 0)
				assert_string_equal(code, i % 3 == 2 && strcmp(code, "state") != 0
								  ? "four_eyes"
								  : "state");
			free(code);
		}
		assert_int_equal(done, 1);
		pg_expect_int(people->super, 1,
			"select count(*) from orderly.catalogue_version where change = %s", id);
		free(id);
	}
	for (int i = 0; i < SESSIONS; i++)
		PQfinish(conn[i]);
}

static void two_changes_of_one_object_at_once_make_one_version(void **state)
{
	struct people *people = *state;
	PGconn *other = pg_as(people->db, people->login[APPROVER2]);
	char *a = propose(people, "partner", "ghx", "{\"title\": \"A\"}");
	char *b = propose(people, "partner", "ghx", "{\"title\": \"B\"}");
	char *code_a, *code_b;

	pg_send(people->as[APPROVER], "select * from orderly.change_decide(%s, true, null)", a);
	pg_send(other, "select * from orderly.change_decide(%s, true, null)", b);
	code_a = pg_wait_code(people->as[APPROVER]);
	code_b = pg_wait_code(other);
	assert_true((strcmp(code_a, "done") == 0) != (strcmp(code_b, "done") == 0));
	assert_true((strcmp(code_a, "stale") == 0) != (strcmp(code_b, "stale") == 0));
	free(a);
	free(b);
	free(code_a);
	free(code_b);
	PQfinish(other);
}

/* Even someone who writes the tables as their owner is held by their keys. */
static void the_tables_themselves_hold_four_eyes(void **state)
{
	struct people *people = *state;
	char *id = propose(people, "partner", "ghx", "{\"title\": \"Forced\"}");
	PGconn *super = people->super;

	pg_expect_error(super, "23514",
		"insert into orderly.change_decision (change, proposer, decider, decider_login, verdict) "
		"select id, proposer, proposer, 'x', 'approved' from orderly.change where id = %s",
		id);
	pg_expect_error(super, "23503",
		"insert into orderly.change_decision (change, proposer, decider, decider_login, verdict) "
		"select id, proposer + 1, proposer, 'x', 'approved' from orderly.change where id = %s",
		id);
	pg_expect_error(super, "23503",
		"insert into orderly.catalogue_version (kind, code, version, doc, change) "
		"values ('partner', 'ghx', 99, '{}', %s)",
		id);
	pg_do(super,
		"insert into orderly.change_decision (change, proposer, decider, decider_login, verdict) "
		"select c.id, proposer, p.id, 'x', 'rejected' from orderly.change c, orderly.person p "
		"where c.id = %s and p.code = 'approver'",
		id);
	pg_expect_error(super, "23503",
		"insert into orderly.catalogue_version (kind, code, version, doc, change) "
		"values ('partner', 'ghx', 99, '{}', %s)",
		id);
	pg_expect_error(super, "23514",
		"insert into orderly.catalogue_version (kind, code, version, doc) "
		"values ('partner', 'ghx', 99, '{}')");
	pg_do(super, "delete from orderly.change_decision where change = %s", id);
	pg_expect_code(
		people->as[ADMIN], "done", "orderly.change_withdraw(%s, 'done with it')", id);
	free(id);
}

static void an_export_imported_again_changes_nothing(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->super, "dry_run 0 0",
		"select concat_ws(' ', code, jsonb_array_length(detail -> 'changed'), "
		"jsonb_array_length(detail -> 'problems')) from orderly.catalogue_import("
		"(select detail from orderly.catalogue_export()), true)");
	pg_expect_code(people->as[ADMIN], "nothing",
		"orderly.catalogue_import((select detail from orderly.catalogue_export()), false, 'again')");
}

static void only_an_empty_store_is_filled_without_a_proposal(void **state)
{
	struct people *people = *state;
	const char *doc =
		"{\"format\": 1, \"facility\": [{\"code\": \"H09\", \"title\": \"New\"}]}";
	char *id;

	pg_expect_int(
		people->super, 1, "select count(*) from orderly.audit where act = 'first_import'");
	pg_expect_code(people->super, "not_empty", "orderly.catalogue_import('%s', false)", doc);
	pg_expect_code(people->as[OPERATOR], "role", "orderly.catalogue_import('%s', false)", doc);
	pg_expect_code(people->as[OPERATOR], "role", "orderly.catalogue_import('%s', true)", doc);
	pg_expect_code(people->as[ADMIN], "dry_run", "orderly.catalogue_import('%s', true)", doc);
	id = pg_text(people->as[ADMIN],
		"select id from orderly.catalogue_import('%s', false, 'new house')", doc);
	pg_expect_int(people->super, 0, "select count(*) from orderly.facility where code = 'H09'");
	pg_expect_code(people->as[APPROVER], "done", "orderly.change_decide(%s, true, null)", id);
	pg_expect_int(people->super, 1, "select count(*) from orderly.facility where code = 'H09'");
	free(id);
}

static void what_is_no_catalogue_is_refused(void **state)
{
	static const char *const rows[] = {"null", "[]", "{}", "{\"format\": 2}",
		"{\"format\": \"1\"}", "{\"format\": 1, \"system\": {}}",
		"{\"format\": 1, \"system\": [7]}", "\"x\""};
	struct people *people = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		pg_expect_code(people->as[ADMIN], "format", "orderly.catalogue_import('%s', false)",
			rows[i]);
	pg_expect_code(people->as[ADMIN], "format", "orderly.catalogue_import(null, false)");
	pg_expect_code(
		people->as[ADMIN], "format", "orderly.change_propose('[7]', 'for the test')");
	pg_expect_code(people->as[ADMIN], "format", "orderly.change_propose('{}', 'for the test')");
	pg_expect_code(people->as[ADMIN], "format", "orderly.change_propose(null, 'for the test')");
	pg_expect_code(people->as[ADMIN], "reason", "orderly.change_propose('[]', ' x ')");
}

static void a_dry_run_finds_every_problem_and_leaves_nothing(void **state)
{
	struct people *people = *state;
	char *before = pg_text(people->super, "select count(*) from orderly.catalogue_version");

	pg_expect_text(people->as[ADMIN], "2 1",
		"select concat_ws(' ', jsonb_array_length(detail -> 'problems'), detail ->> 'same') from "
		"orderly.catalogue_import('{\"format\": 1, \"facility\": [{\"code\": \"H01\", \"title\": "
		"\"Mercy North\"}, {\"code\": \"H 3\", \"title\": \"x\"}, {\"code\": \"H04\"}]}', true)");
	pg_expect_text(people->super, before, "select count(*) from orderly.catalogue_version");
	free(before);
}

static void a_login_is_blocked_by_one_and_freed_by_two(void **state)
{
	struct people *people = *state;
	const char *login = people->login[SUPPORT];

	pg_expect_code(
		people->as[ADMIN], "role", "orderly.login_block('%s', 'left the house')", login);
	pg_expect_code(
		people->as[SECURITY], "done", "orderly.login_block('%s', 'lost the key')", login);
	pg_expect_code(people->as[SECURITY], "nothing", "orderly.login_block('%s', 'lost the key')",
		login);
	pg_expect_int(people->as[SUPPORT], 0, "select count(*) from orderly.interface");
	people_change(people, "login", login, "{\"person\": \"support\"}");
	pg_expect_int(people->as[SUPPORT], 2, "select count(*) from orderly.interface");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_judged_field_by_field),
		cmocka_unit_test(a_change_takes_effect_when_another_person_approves),
		cmocka_unit_test(a_change_is_void_when_its_object_moved_on),
		cmocka_unit_test(a_rollback_is_refused_when_its_object_moved_on),
		cmocka_unit_test(an_object_can_be_removed_and_comes_back_as_a_later_version),
		cmocka_unit_test(nobody_decides_about_their_own_rights),
		cmocka_unit_test(a_proposal_of_one_who_lost_the_role_is_not_approved),
		cmocka_unit_test(many_approvals_at_once_count_once),
		cmocka_unit_test(two_changes_of_one_object_at_once_make_one_version),
		cmocka_unit_test(the_tables_themselves_hold_four_eyes),
		cmocka_unit_test(an_export_imported_again_changes_nothing),
		cmocka_unit_test(only_an_empty_store_is_filled_without_a_proposal),
		cmocka_unit_test(what_is_no_catalogue_is_refused),
		cmocka_unit_test(a_dry_run_finds_every_problem_and_leaves_nothing),
		cmocka_unit_test(a_login_is_blocked_by_one_and_freed_by_two),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/catalogue", tests, people_setup, people_teardown);
}
