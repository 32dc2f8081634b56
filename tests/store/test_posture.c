/* The posture of security: credentials by name, what workers see of them, conflicting roles, uses, reviews of
 * access that others than oneself decide, and who may know. */
#include "people.h"
#include "unit.h"

#define FACTS                                                                                  \
	"select string_agg(concat_ws(' ', name, kind, to_char(expires_at at time zone 'UTC',"  \
	" 'YYYY-MM-DD'), coalesce(to_char(rotated_at at time zone 'UTC', 'YYYY-MM-DD'), '-')," \
	" rotate_every, case when governed then 'governed' end), ', ' order by name)"          \
	" from orderly.credential_facts()"

static void a_credential_is_governed_and_what_workers_see_stands_beside_it(void **state)
{
	struct people *people = *state;

	people_change(people, "credential", "ghx",
		"{\"title\": \"Exchange, orders\", \"kind\": \"api_key\", \"system\": \"odoo\","
		" \"interfaces\": [\"po-*\"], \"owner\": \"Supply IT\", \"expires_on\": \"2027-03-01\","
		" \"rotated_on\": \"2026-01-15\", \"rotate_days\": 180, \"seen_as\": \"ghx-key\"}");
	people_change(
		people, "credential", "lab-vpn", "{\"title\": \"VPN\", \"kind\": \"certificate\"}");
	pg_expect_text(people->super,
		"ghx api_key 2027-03-01 2026-01-15 180 days governed, lab-vpn certificate - governed",
		FACTS);
	pg_expect_int(people->as[WORKER], 2,
		"select orderly.secrets_seen('w1', '{\"ghx-key\": 1770000000, \"stray\": 1760000000}')");
	pg_expect_text(people->super,
		"ghx api_key 2027-03-01 2026-02-02 180 days governed, lab-vpn certificate - governed,"
		" stray file 2025-10-09",
		FACTS);
	/* Another worker has the file from before: the older one counts. One that is gone is not told of. */
	pg_expect_int(people->as[WORKER], 1,
		"select orderly.secrets_seen('w2', '{\"ghx-key\": 1760000000}')");
	pg_expect_int(people->as[WORKER], 1,
		"select orderly.secrets_seen('w1', '{\"ghx-key\": 1770000000}')");
	pg_expect_text(people->super,
		"ghx api_key 2027-03-01 2026-01-15 180 days governed, lab-vpn certificate - governed",
		FACTS);
	pg_do(people->as[WORKER], "select orderly.secrets_seen('w2', '{}')");
	pg_expect_text(people->super, "w1",
		"select seen_by from orderly.credential_facts() where name = 'ghx'");
}

static void a_key_of_odoo_is_known_by_its_probe(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->as[WORKER], "t",
		"select orderly.odoo_probed('w1', jsonb_build_object('server', 'odoo/hospital', 'ok', true,"
		" 'class', 'ok', 'key_name', 'integration', 'key_made', '2026-05-01T00:00:00Z',"
		" 'key_expires', '2027-05-01T00:00:00Z'))");
	pg_expect_text(people->super, "integration odoo_key 2027-05-01 2026-05-01",
		FACTS " where name = 'integration'");
	people_change(people, "credential", "odoo-main",
		"{\"title\": \"Odoo\", \"kind\": \"odoo_key\", \"rotate_days\": 365, \"seen_as\":"
		" \"integration\"}");
	pg_expect_text(people->super, "odoo-main odoo_key 2027-05-01 2026-05-01 365 days governed",
		FACTS " where kind = 'odoo_key'");
}

static void only_who_reviews_or_governs_knows_which_there_are(void **state)
{
	static const struct {
		enum who who;
		bool knows;
	} rows[] = {{SUPPORT, false}, {OPERATOR, false}, {APPROVER, true}, {SECURITY, true},
		{ADMIN, true}};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		pg_expect_text(people->as[rows[i].who], rows[i].knows ? "true" : "false",
			"select (count(*) > 0)::text from orderly.catalogue_version where kind = 'credential'");
		pg_expect_text(people->as[rows[i].who], rows[i].knows ? "true" : "false",
			"select (count(*) > 0)::text from orderly.change_item where kind = 'credential'");
	}
	pg_expect_error(people->as[SUPPORT], "42501", "select from orderly.credential");
	pg_expect_error(people->as[OPERATOR], "42501", "select orderly.credential_facts()");
}

/* ---- what only security sees ---- */

static void credentials_that_are_due_stand_first(void **state)
{
	static const struct {
		const char *doc, *want;
	} rows[] = {
		{"\"expires_on\": \"2026-01-01\"", "ended"},
		{"\"expires_on\": \"2099-01-01\"", "fine"},
		{"\"rotated_on\": \"2026-01-01\", \"rotate_days\": 90", "rotate"},
		{"\"rotated_on\": \"2099-01-01\", \"rotate_days\": 90", "fine"},
		{"\"rotate_days\": 90", "unknown"},
		{"\"expires_on\": \"2099-01-01\", \"rotate_days\": 90", "unknown"},
		{"\"note\": \"-\"", "unknown"},
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str doc = STR_INIT(1024);

		str_addf(&doc, "{\"title\": \"T\", \"kind\": \"token\", %s}", rows[i].doc);
		people_change(people, "credential", "probe", str_cstr(&doc));
		pg_expect_text(people->as[SECURITY], rows[i].want,
			"select state from orderly.posture_credentials() where name = 'probe'");
	}
	pg_do(people->super,
		"update orderly.credential set expires_on = current_date + 3 where code = 'probe'");
	pg_expect_text(people->as[SECURITY], "ends",
		"select state from orderly.posture_credentials() where name = 'probe'");
	pg_expect_int(people->super, 0, "select count(*) from orderly.posture_credentials()");
}

#define CONFLICT \
	"select coalesce(conflict, '-') || ', ' || standing from orderly.posture_access() where login = '%s'"

/* Two logins of one person count together. */
static void roles_that_should_not_be_one_persons_are_named(void **state)
{
	static const struct {
		enum who who;
		const char *want;
	} rows[] = {
		{SUPPORT, "-, active"},
		{APPROVER, "-, active"},
		{ADMIN, "proposes changes and approves them, active"},
		{ADMIN_TWIN, "proposes changes and approves them, active"},
		{SHARED,
			"asks for replays and approves them; proposes changes and approves them; a login that"
			" several share, shared"},
		{BLOCKED, "-, blocked"},
		{LEFT, "asks for replays and approves them; proposes changes and approves them; has left, and still"
		       " has roles, left"},
		{UNKNOWN, "unknown to the store, unknown"},
		{NO_ROLE, "-, no role"},
		{INGEST, "-, machine"},
	};
	struct people *people = *state;
	char *both = pg_login(people->db, "both", "operator"), *mighty;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		pg_expect_text(
			people->as[SECURITY], rows[i].want, CONFLICT, people->login[rows[i].who]);
	pg_do(people->super, "grant orderly_" PG_STORE "_worker to %s", both);
	pg_do(people->super,
		"select orderly.person_add('both', 'Both'), orderly.login_add('%s', 'both')", both);
	pg_expect_text(
		people->as[SECURITY], "a person with a machine's role, active", CONFLICT, both);
	pg_do(people->super, "grant orderly_" PG_STORE "_approver to %s", both);
	pg_expect_text(people->as[SECURITY],
		"asks for replays and approves them; a person with a machine's role, active",
		CONFLICT, both);
	mighty = pg_login(people->db, "mighty", "support");
	pg_do(people->super, "alter role %s createrole", mighty);
	pg_expect_text(people->as[SECURITY],
		"unknown to the store; more than a person's rights in PostgreSQL, unknown",
		CONFLICT, mighty);
	pg_do(people->super, "alter role %s nocreaterole", mighty);
	pg_expect_text(people->as[SECURITY], "true",
		"select (last_at > now() - interval '1 hour')::text from orderly.posture_access() where login = '%s'",
		people->login[ADMIN]);
	free(both);
	free(mighty);
}

static void uses_and_refused_credentials_are_counted(void **state)
{
	struct people *people = *state;

	pg_expect_code(people->as[SUPPORT], "role", "orderly.handover_draft()");
	pg_expect_code(
		people->as[SUPPORT], "done", "orderly.list_export('find', 'state:dead', 'csv')");
	pg_expect_text(people->as[SECURITY], "1 1 handover_draft: role 0 0 1",
		"select concat_ws(' ', acts, refused, last_refusal, reveals, searches, exports)"
		" from orderly.posture_uses(7) where login = '%s'",
		people->login[SUPPORT]);
	pg_do(people->super,
		"insert into orderly.failure_group (interface, class, signature, fingerprint, first_at, last_at, total,"
		" unresolved) values (1, 'auth', 'token expired', '\\x01', now(), now(), 7, 3),"
		" (1, 'mapping', 'no such code', '\\x02', now(), now(), 9, 9)");
	pg_expect_text(people->as[SECURITY], "token expired 7 3",
		"select string_agg(concat_ws(' ', what, total, unresolved), ',') from orderly.posture_failures()");
}

/* ---- access reviews ---- */

static void a_review_is_signed_when_others_have_decided_about_everyone(void **state)
{
	struct people *people = *state;
	char *second = pg_login(people->db, "second", "security"), *id,
	     *support = people->login[SUPPORT];
	PGconn *other;

	pg_do(people->super,
		"select orderly.person_add('second', 'Second'), orderly.login_add('%s', 'second')",
		second);
	other = pg_as(people->db, second);
	pg_expect_code(people->as[ADMIN], "role", "orderly.review_begin()");
	pg_expect_code(people->as[SECURITY], "done", "orderly.review_begin()");
	pg_expect_code(other, "review_open", "orderly.review_begin()");
	id = pg_text(people->super, "select max(id) from orderly.access_review");
	pg_expect_code(
		people->as[SECURITY], "not_reviewed", "orderly.review_sign(%s, 'spring')", id);
	pg_expect_code(people->as[SECURITY], "verdict",
		"orderly.review_decide(%s, array['%s'], 'maybe', 'x')", id, support);
	pg_expect_code(people->as[SECURITY], "reason",
		"orderly.review_decide(%s, array['%s'], 'revoke_asked', ' ')", id, support);
	pg_expect_code(people->as[SECURITY], "not_found",
		"orderly.review_decide(%s, array['nobody'], 'kept', null)", id);
	pg_expect_code(people->as[SECURITY], "own_access",
		"orderly.review_decide(%s, array['%s'], 'kept', null)", id,
		people->login[SECURITY]);
	pg_expect_text(people->as[SECURITY], "1",
		"select r.detail ->> 'own' from orderly.review_decide(%s, array(select login from orderly.posture_review(%s)),"
		" 'kept', 'as agreed') r",
		id, id);
	pg_expect_code(people->as[SECURITY], "done",
		"orderly.review_decide(%s, array['%s'], 'revoke_asked', 'is with the buyers now')",
		id, support);
	pg_expect_code(
		people->as[SECURITY], "not_reviewed", "orderly.review_sign(%s, 'spring')", id);
	pg_expect_code(other, "done", "orderly.review_decide(%s, array['%s'], 'kept', null)", id,
		people->login[SECURITY]);
	pg_expect_code(other, "done", "orderly.review_sign(%s, 'spring')", id);
	pg_expect_code(other, "state", "orderly.review_decide(%s, array['%s'], 'kept', null)", id,
		support);
	pg_expect_text(people->as[SECURITY], "signed Second 1 spring",
		"select concat_ws(' ', state, signed_by, revoke, words) from orderly.posture_reviews() where id = %s",
		id);
	pg_expect_text(people->as[SECURITY], "revoke_asked",
		"select verdict from orderly.posture_access() where login = '%s'", support);
	pg_expect_int(
		people->super, 0, "select count(*) from orderly.check_reviews() where not ok");
	pg_expect_error(people->super, "23514",
		"update orderly.access_review_item set decided_by = person where login = '%s'",
		support);
	pg_do(people->super,
		"update orderly.access_review_item set verdict = 'kept' where login = '%s'",
		support);
	pg_expect_int(
		people->super, 1, "select count(*) from orderly.check_reviews() where not ok");
	pg_do(people->super,
		"update orderly.access_review_item set verdict = 'revoke_asked' where login = '%s'",
		support);
	PQfinish(other);
	free(id);
	free(second);
}

static void only_security_sees_the_posture(void **state)
{
	static const char *const calls[] = {"posture_credentials()", "posture_access()",
		"posture_failures()", "posture_uses(7)", "posture_reviews()", "posture_review(1)"};
	static const enum who others[] = {SUPPORT, OPERATOR, APPROVER, ADMIN, INGEST, WORKER};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		for (size_t k = 0; k < ARRAY_LEN(others); k++)
			pg_expect_error(
				people->as[others[k]], "42501", "select orderly.%s", calls[i]);
		pg_expect_text(people->as[SECURITY], "true",
			"select (count(*) > 0)::text from orderly.%s", calls[i]);
	}
	pg_expect_code(people->as[SECURITY], "done", "orderly.posture_export('access', 'csv')");
	pg_expect_code(people->as[OPERATOR], "role", "orderly.posture_export('access', 'csv')");
	/* A login that is blocked sees nothing, whatever its groups are. */
	pg_do(people->super, "update orderly.login set blocked = true where code = '%s'",
		people->login[SECURITY]);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		pg_expect_int(people->as[SECURITY], 0, "select count(*) from orderly.%s", calls[i]);
	pg_do(people->super, "update orderly.login set blocked = false where code = '%s'",
		people->login[SECURITY]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_credential_is_governed_and_what_workers_see_stands_beside_it),
		cmocka_unit_test(a_key_of_odoo_is_known_by_its_probe),
		cmocka_unit_test(only_who_reviews_or_governs_knows_which_there_are),
		cmocka_unit_test(credentials_that_are_due_stand_first),
		cmocka_unit_test(roles_that_should_not_be_one_persons_are_named),
		cmocka_unit_test(uses_and_refused_credentials_are_counted),
		cmocka_unit_test(a_review_is_signed_when_others_have_decided_about_everyone),
		cmocka_unit_test(only_security_sees_the_posture),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/posture", tests, people_setup, people_teardown);
}
