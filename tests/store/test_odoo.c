/* What the store says of Odoo: how a record is found, and how its fields compare with a payload. */
#include "base/mem.h"
#include "base/str.h"
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"

static void values_compare_by_meaning(void **state)
{
	static const struct {
		const char *type, *ours, *theirs, *want;
	} rows[] = {
		{"char", "HO-1", "\"HO-1\"", "equal"},
		{"char", "  HO  1 ", "\"HO 1\"", "equal"},
		{"char", "HO-1", "\"HO-2\"", "different"},
		{"char", "HO-1", "false", "missing"},
		{"char", "", "false", "equal"},
		{"char", "", "\"x\"", "different"},
		{"monetary", "1.299,50 EUR", "1299.5", "equal"},
		{"monetary", "$1,299.50", "1299.5", "equal"},
		{"monetary", "1299.51", "1299.5", "different"},
		{"float", "0", "0", "equal"},
		{"float", "many", "0", "different"},
		{"integer", "7", "7", "equal"},
		{"date", "2026-11-21T09:00:00Z", "\"2026-11-21\"", "equal"},
		{"date", "20261121", "\"2026-11-21\"", "equal"},
		{"date", "2026-11-22", "\"2026-11-21\"", "different"},
		{"datetime", "2026-11-21T10:00:00+01:00", "\"2026-11-21 09:00:00\"", "equal"},
		{"datetime", "2026-11-21", "\"2026-11-21 09:00:00\"", "equal"},
		{"datetime", "2026-11-21T10:00:00Z", "\"2026-11-21 09:00:00\"", "different"},
		{"datetime", "soon", "\"2026-11-21 09:00:00\"", "different"},
		{"many2one", "17", "[17, \"Nordmed\"]", "equal"},
		{"many2one", "nordmed", "[17, \"Nordmed\"]", "equal"},
		{"many2one", "SUP-1", "[17, \"[SUP-1] Nordmed\"]", "equal"},
		{"many2one", "Ward 3", "[17, \"Mercy North, Ward 3\"]", "equal"},
		{"many2one", "Sudmed", "[17, \"Nordmed\"]", "different"},
		{"many2one", "Nordmed", "false", "missing"},
		{"boolean", "yes", "true", "equal"},
		{"boolean", "", "false", "equal"},
		{"boolean", "1", "false", "different"},
		{"selection", "To-Approve", "\"to approve\"", "equal"},
		{"one2many", "2", "[4, 5]", "equal"},
		{"one2many", "3", "[4, 5]", "different"},
	};
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		pg_expect_text(people->super, rows[i].want,
			"select orderly.odoo_same('%s', $$%s$$, $$%s$$)", rows[i].type,
			rows[i].ours, rows[i].theirs);
}

static void mapped(struct people *people)
{
	people_change(people, "interface", "orders",
		"{\"title\": \"orders\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"rest\","
		" \"timing\": \"real-time\", \"data_class\": \"internal\", \"endpoint\": {\"check\": {"
		"\"model\": \"purchase.order\", \"external_id\": \"mw.{business_key}\","
		" \"reference\": {\"field\": \"partner_ref\", \"value\": \"{/no}\"},"
		" \"fields\": {\"partner_ref\": \"{/no}\", \"amount_total\": \"{/total}\","
		" \"partner_id\": \"{/patient/name}\"}}}}");
	people_change(people, "mask_rule", "names",
		"{\"kind\": \"json\", \"matcher\": \"patient.name\", \"interfaces\": [\"orders\"]}");
	traffic_ingest(people,
		"select jsonb_build_array(public.ev('orders', 'one', 'received', now(), jsonb_build_object("
		"'facility', 'H01', 'business_key', 'PO-1', 'payload', jsonb_build_object('kind', 'inbound',"
		" 'content_type', 'application/json', 'body', '{\"no\": \"HO-1\", \"total\": 12.50,"
		" \"patient\": {\"name\": \"Ann Other\"}}'))))");
	traffic_duty(people, "mask");
}

static void a_transaction_says_how_its_record_is_found(void **state)
{
	struct people *people = *state;
	long long id;

	mapped(people);
	id = traffic_id(people, "orders", "one");
	pg_expect_text(people->as[SUPPORT],
		"purchase.order|mw.PO-1|partner_ref|HO-1|amount_total,partner_id,partner_ref",
		"select concat_ws('|', model, record, external_id, reference_field, reference,"
		" array_to_string(fields, ',')) from orderly.odoo_wanted(%lld)",
		id);
	traffic_ingest(people,
		"select jsonb_build_array(public.ev('orders', 'one', 'delivered', now(), '{\"target_model\":"
		" \"purchase.order\", \"target_ref\": \"purchase.order,317\"}'))");
	pg_expect_text(people->as[SUPPORT], "317",
		"select record::text from orderly.odoo_wanted(%lld)", id);
	/* who may not see the transaction is not told either */
	pg_expect_text(people->as[NARROW], "0",
		"select count(*)::text from orderly.odoo_wanted(%lld)", id);
	pg_expect_text(people->as[NARROW], "0",
		"select count(*)::text from orderly.odoo_beside(%lld, '{}', '{}')", id);
}

static void what_the_payload_hides_is_hidden_beside_it_and_not_compared(void **state)
{
	struct people *people = *state;
	long long id = traffic_id(people, "orders", "one");

	pg_expect_text(people->as[SUPPORT],
		"amount_total equal 12.50 12.5, partner_id hidden ••• •••, partner_ref different HO-1 HO-2",
		"select string_agg(concat_ws(' ', field, verdict, ours, theirs), ', ') from"
		" orderly.odoo_beside(%lld, '{\"amount_total\": 12.5, \"partner_id\": [3, \"Ann Other\"],"
		" \"partner_ref\": \"HO-2\"}', '{\"amount_total\": \"monetary\", \"partner_id\": \"many2one\","
		" \"partner_ref\": \"char\"}')",
		id);
	pg_expect_text(people->as[SUPPORT], "unknown",
		"select verdict from orderly.odoo_beside(%lld, '{}', '{}') where field = 'partner_ref'",
		id);
}

static void places_of_other_formats_are_named_without_their_lines(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->super, "{\"BEG-3\": \"PO-7\"}",
		"select orderly.payload_terms(convert_to('ISA*00*x~BEG*00*SA*PO-7*20261121~BEG*00*SA*PO-8~', 'UTF8'),"
		" 'application/edi-x12', '{BEG-3}')::text");
	pg_expect_text(people->super, "{\"PID-3\": \"4711\"}",
		"select orderly.payload_terms(convert_to(E'MSH|^~x|A\\rPID|1||4711|', 'UTF8'), 'x', '{PID-3}')::text");
	pg_expect_text(people->super, "{\"<order>\": \"PO-9\"}",
		"select orderly.payload_terms(convert_to('<a><order>PO-9</order></a>', 'UTF8'), 'application/xml',"
		" '{<order>}')::text");
}

/* Of three that arrived two were acknowledged; one was refused once for its signature, one for good. */
static void webhooks_tell_what_became_of_them(void **state)
{
	struct people *people = *state;
	const char *params[] = {""};
	PGresult *result;

	people_change(people, "interface", "hooks",
		"{\"title\": \"hooks\", \"source\": \"ghx\", \"target\": \"odoo\", \"style\": \"webhook\","
		" \"timing\": \"real-time\", \"data_class\": \"internal\", \"success\": \"acknowledged\","
		" \"endpoint\": {\"url\": \"https://odoo.example/hook?token=secret\"}}");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('hooks', m, k, now() - interval '10 seconds' + ms * interval '1 ms',"
		" case k when 'failed' then '{\"class\": \"auth\", \"code\": \"BAD_SIGNATURE\", \"text\": \"x\"}'"
		" when 'dead' then '{\"class\": \"auth\", \"text\": \"wrong signature\"}' else '{}' end::jsonb))"
		" from (values ('w1', 'received', 0), ('w1', 'delivered', 10), ('w1', 'acknowledged', 310),"
		" ('w2', 'received', 0), ('w2', 'failed', 5), ('w2', 'delivered', 10), ('w2', 'acknowledged', 1510),"
		" ('w3', 'received', 0), ('w3', 'failed', 5), ('w3', 'dead', 9)) e (m, k, ms)");
	traffic_duty(people, "rollup");
	result = PQexecParams(people->as[SUPPORT], statement_find("odoo-webhooks")->sql, 1, NULL,
		params, NULL, NULL, 0);
	assert_int_equal(PQntuples(result), 1);
	{
		CLEANUP(str_done)
		struct str got = STR_INIT(1000);

		for (int i = 0; i < PQnfields(result); i++)
			str_addf(&got, "%s%s", i ? " | " : "", PQgetvalue(result, 0, i));
		assert_string_equal(str_cstr(&got),
			"hooks | ghx > odoo | https://odoo.example/hook?… | 2 | 1 | 3 | 2 | 2 | 300 | 1500");
	}
	PQclear(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_compare_by_meaning),
		cmocka_unit_test(a_transaction_says_how_its_record_is_found),
		cmocka_unit_test(what_the_payload_hides_is_hidden_beside_it_and_not_compared),
		cmocka_unit_test(places_of_other_formats_are_named_without_their_lines),
		cmocka_unit_test(webhooks_tell_what_became_of_them),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
