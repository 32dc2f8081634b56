/* The posture of security: credentials by name, what workers see of them, and who may know. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_credential_is_governed_and_what_workers_see_stands_beside_it),
		cmocka_unit_test(a_key_of_odoo_is_known_by_its_probe),
		cmocka_unit_test(only_who_reviews_or_governs_knows_which_there_are),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/posture", tests, people_setup, people_teardown);
}
