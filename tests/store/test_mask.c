/* Masked renditions: what each kind of rule hides, that what no rule can read is hidden whole, and
 * that a rendition is never shown under rules that have been replaced. */
#include "people.h"
#include "unit.h"
#include <stdio.h>

#define N(table) (sizeof(table) / sizeof(*(table)))

#define JSON(matcher) "[{\"kind\": \"json\", \"matcher\": \"" matcher "\", \"replacement\": \"#\"}]"
#define RULE(kind, matcher) \
	"[{\"kind\": \"" kind "\", \"matcher\": \"" matcher "\", \"replacement\": \"#\"}]"
#define ISA                                                                      \
	"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *" \
	"260101*1200*^*00501*000000001*0*P*:~"

/* shown NULL: nothing; how: as in orderly.rendition, with `why` behind it when hidden whole. */
static const struct {
	const char *name, *rules, *body, *shown, *how;
} rows[] = {
	{"a value by its path", JSON("patient.name"),
		"{\"patient\": {\"name\": \"Ann\", \"age\": 5}}",
		"{\"patient\": {\"age\": 5, \"name\": \"#\"}}", "masked"},
	{"a path through arrays", JSON("items.mrn"),
		"{\"items\": [{\"mrn\": 1}, 2, {\"mrn\": [3]}]}",
		"{\"items\": [{\"mrn\": \"#\"}, 2, {\"mrn\": \"#\"}]}", "masked"},
	{"an array at the top", JSON("mrn"), "[{\"mrn\": 1}, [{\"mrn\": 2}]]",
		"[{\"mrn\": \"#\"}, [{\"mrn\": \"#\"}]]", "masked"},
	{"a name at any depth", JSON("**.ssn"),
		"{\"ssn\": 1, \"a\": [{\"b\": {\"ssn\": {\"c\": 2}}}]}",
		"{\"a\": [{\"b\": {\"ssn\": \"#\"}}], \"ssn\": \"#\"}", "masked"},
	{"any one step", JSON("*.b"), "{\"x\": {\"b\": 1}, \"y\": {\"b\": 2}, \"b\": 3}",
		"{\"b\": 3, \"x\": {\"b\": \"#\"}, \"y\": {\"b\": \"#\"}}", "masked"},
	{"all values of an object", JSON("a.*"), "{\"a\": {\"x\": 1, \"y\": [2]}, \"b\": 3}",
		"{\"a\": {\"x\": \"#\", \"y\": \"#\"}, \"b\": 3}", "masked"},
	{"a name written with escapes", JSON("name"), "{\"\\u006eame\": \"Ann\"}",
		"{\"name\": \"#\"}", "masked"},
	{"the name that comes twice", JSON("name"), "{\"name\": \"Ann\", \"name\": \"Bob\"}",
		"{\"name\": \"#\"}", "masked"},
	{"a document without that path", JSON("a.b"), "{\"a\": 1}", "{\"a\": 1}", "plain"},
	{"a document with another one behind it", JSON("name"),
		"{\"name\": \"Ann\"} {\"name\": \"Bob\"}", NULL,
		"whole no rule covers this format: text"},
	{"a document that breaks off", JSON("name"), "{\"name\": \"Ann\"", NULL,
		"whole no rule covers this format: text"},
	{"no rules for a protected class", "[]", "{\"name\": \"Ann\"}", NULL,
		"whole no rule covers this format: json"},
	{"an empty body", JSON("name"), "", NULL, "whole no rule covers this format: text"},
	{"a pattern", RULE("regex", "\\\\d{3}-\\\\d{2}"), "call 123-45 or 678-90", "call # or #",
		"masked"},
	{"a pattern that keeps a part",
		"[{\"kind\": \"regex\", \"matcher\": \"\\\\d+(\\\\d{2})\", "
		"\"replacement\": \"*\\\\1\"}]",
		"id 471147", "id *47", "masked"},
	{"a pattern in a document, escapes or not", RULE("regex", "4711"),
		"{\"a\": \"\\u0034\\u0037\\u0031\\u0031\"}", "{\"a\": \"#\"}", "masked"},
	{"a pattern in a text of references", RULE("regex", "4711"), "<a>&#52;7&#x31;&#0049;</a>",
		"<a>#</a>", "masked"},
	{"a document that only looks different", RULE("regex", "4711"), "{ \"a\":1e2 }",
		"{ \"a\":1e2 }", "plain"},
	{"a name within a string", JSON("**.ssn"), "{\"a\": \"\\\"ssn\\\": \\\"1\\\"\"}",
		"{\"a\": \"\\\"ssn\\\": \\\"1\\\"\"}", "plain"},
	{"values of every kind", JSON("**.ssn"),
		"[{\"ssn\": -1.5e10}, {\"ssn\": true}, {\"ssn\": null}, {\"ssn\": \"a\\\"b\\\\\"}]",
		"[{\"ssn\": \"#\"}, {\"ssn\": \"#\"}, {\"ssn\": null}, {\"ssn\": \"#\"}]",
		"masked"},
	{"a key with a quote before the name", JSON("**.ssn"), "{\"x\\\"ssn\": 1}",
		"{\"x\\\"ssn\": \"#\"}", "masked"},
	{"a pattern that breaks the document",
		"[{\"kind\": \"regex\", \"matcher\": \"\\\"\", "
		"\"replacement\": \"\"}]",
		"{\"name\": \"Ann\"}", NULL,
		"whole could not be masked: a pattern broke the document"},
	{"everything", "[{\"kind\": \"all\", \"replacement\": \"hidden\"}]", "whatever", "hidden",
		"masked"},
	{"an element with all that is in it", RULE("xml", "name"),
		"<p><name><given>Ann</given></name><name/>keep</p>",
		"<p><name>#</name><name/>keep</p>", "masked"},
	{"an element of a namespace", RULE("xml", "name"),
		"<p xmlns:h='u'><h:name a='1'>Ann</h:name></p>",
		"<p xmlns:h='u'><h:name a='1'>#</h:name></p>", "masked"},
	{"an element whose name only begins so", RULE("xml", "name"), "<p><names>keep</names></p>",
		"<p><names>keep</names></p>", "plain"},
	{"an attribute", RULE("xml", "@ssn"), "<p ssn='1' h:ssn=\"2\" ssnx='3'/>",
		"<p ssn=\"#\" h:ssn=\"#\" ssnx='3'/>", "masked"},
	{"an attribute that holds a bracket", RULE("xml", "name"),
		"<p><name a=\">\">Ann</name></p>", "<p><name a=\">#</name></p>", "masked"},
	{"sections and comments", RULE("xml", "name"),
		"<p><![CDATA[<name>Ann</name>]]><!-- Bob --></p>", "<p>#</p>", "masked"},
	{"an element that is not closed", RULE("xml", "name"), "<p><name>Ann</p>", NULL,
		"whole could not be masked: an element that is not closed"},
	{"an element within its like", RULE("xml", "name"),
		"<p><name><name>Ann</name>Bob</name></p>", NULL,
		"whole could not be masked: an element that is not closed"},
	{"a document type", RULE("xml", "name"),
		"<!DOCTYPE p [<!ENTITY e 'Ann'>]><p><name>&e;</name></p>", NULL,
		"whole could not be masked: a document type"},
	{"a field of a segment", RULE("hl7", "PID-5"),
		"MSH|^~\\\\&|LAB\rPID|1||7||DOE^JOHN||1970\rPIX|1||7||X",
		"MSH|^~\\\\&|LAB\rPID|1||7||#||1970\rPIX|1||7||X", "masked"},
	{"a component in each repetition", RULE("hl7", "PID-3.1"),
		"MSH|^~\\\\&|L\nPID|1||12^^^A~34^^^B|", "MSH|^~\\\\&|L\rPID|1||#^^^A~#^^^B|",
		"masked"},
	{"a field of the header segment", RULE("hl7", "MSH-4"), "MSH|^~\\\\&|LAB|H01|X",
		"MSH|^~\\\\&|LAB|#|X", "masked"},
	{"a field that is not there", RULE("hl7", "PID-30"), "MSH|^~\\\\&|L\rPID|1",
		"MSH|^~\\\\&|L\rPID|1", "plain"},
	{"other separators", RULE("hl7", "PID-2"), "MSH#*~\\\\&#L\rPID#1#DOE",
		"MSH#*~\\\\&#L\rPID#1##", "masked"},
	{"an element of an interchange", RULE("x12", "NM1-03"),
		ISA "NM1*IL*1*DOE*JOHN~NM1*QC*1*ROE~", ISA "NM1*IL*1*#*JOHN~NM1*QC*1*#~", "masked"},
	{"an envelope that is too short", RULE("x12", "NM1-03"), "ISA*00*NM1*IL*1*DOE~", NULL,
		"whole could not be masked: an envelope that is too short"},
	{"a column by its name", RULE("csv", "Name"), "id;name;x\n1;\"Doe; J\"\"r\";5\n2;;6\n",
		"id;name;x\n1;\"#\";5\n2;;6\n", "masked"},
	{"a column by its number", RULE("csv", "2"), "1,Doe\r\n2,Roe", "1,\"#\"\r\n2,\"#\"",
		"masked"},
	{"a column behind a line break in a cell", RULE("csv", "2"), "\"a\n,b\",Doe,c",
		"\"a\n,b\",\"#\",c", "masked"},
	{"a column that is not there", RULE("csv", "name"), "id,x\n1,2", NULL,
		"whole could not be masked: a table without that column"},
	{"a quote in the middle of a cell", RULE("csv", "name"), "id,name\n\"a,b\"x,Doe,1", NULL,
		"whole could not be masked: a table without that column"},
	{"a rule for another format", RULE("hl7", "PID-5"), "{\"name\": \"Ann\"}", NULL,
		"whole no rule covers this format: json"},
};

static void each_rule_hides_what_it_says(void **state)
{
	struct people *people = *state;

	for (size_t i = 0; i < N(rows); i++) {
		bool csv = strstr(rows[i].rules, "\"csv\"");
		const char *values[] = {rows[i].rules, rows[i].body, csv ? "text/csv" : NULL};
		PGresult *got = pg_query_params(people->as[ADMIN],
			"select shown, concat_ws(' ', how, why) from orderly.mask_try($1::jsonb, $2, $3)",
			3, values);
		const char *shown = PQgetisnull(got, 0, 0) ? NULL : PQgetvalue(got, 0, 0);

		if (!shown != !rows[i].shown || (shown && strcmp(shown, rows[i].shown) != 0) ||
			strcmp(PQgetvalue(got, 0, 1), rows[i].how) != 0)
			fail_msg("%s:\n%s (%s)\ninstead of\n%s (%s)", rows[i].name,
				shown ? shown : "-", PQgetvalue(got, 0, 1),
				rows[i].shown ? rows[i].shown : "-", rows[i].how);
		PQclear(got);
	}
}

static void ingest(
	struct people *people, const char *interface, const char *message, const char *payload)
{
	pg_expect_text(people->as[INGEST], "1 0",
		"select taken || ' ' || rejected from orderly.ingest(jsonb_build_object('interface', '%s', "
		"'message_id', '%s', 'kind', 'received', 'at', '2026-01-01T00:00:00Z', 'payload', '%s'::jsonb))",
		interface, message, payload);
}

/* Duties until nothing is left to do. */
static void mask_all(struct people *people)
{
	while (pg_int(people->super, "select orderly.duty_mask(3)") > 0)
		;
}

static void expect_rendition(
	struct people *people, enum who who, const char *message, const char *want)
{
	pg_expect_text(people->as[who], want,
		"select string_agg(concat_ws(' ', how, body, why), ', ') from orderly.rendition r join orderly.message m "
		"on m.id = r.transaction where m.message_id = '%s'",
		message);
}

static void every_payload_gets_a_rendition(void **state)
{
	struct people *people = *state;

	ingest(people, "po-out", "plain", "{\"body\": \"order 1\"}");
	ingest(people, "lab-in", "phi", "{\"body\": \"result 1\"}");
	ingest(people, "po-out", "binary", "{\"body_base64\": \"/wD+\"}");
	ingest(people, "po-out", "nul", "{\"body_base64\": \"YQBi\"}");
	ingest(people, "po-out", "nobody", "{\"headers\": {\"Content-Type\": \"a\"}}");
	pg_expect_int(people->as[OPERATOR], 0, "select count(*) from orderly.rendition");
	mask_all(people);
	expect_rendition(people, OPERATOR, "plain", "plain order 1");
	expect_rendition(people, OPERATOR, "phi", "whole no rule covers this format: text");
	expect_rendition(people, OPERATOR, "binary", "binary");
	expect_rendition(people, OPERATOR, "nul", "binary");
	expect_rendition(people, OPERATOR, "nobody", "plain");
	pg_expect_text(people->super, "",
		"select string_agg(name, ', ') from orderly.check_rights() where not ok");
}

static void a_body_over_the_limit_is_hidden_whole(void **state)
{
	struct people *people = *state;

	people_change(people, "setting", "mask.max_bytes", "{\"value\": 100}");
	pg_do(people->as[INGEST],
		"select orderly.ingest(jsonb_build_object('interface', 'po-out', 'message_id', 'large', 'kind', "
		"'received', 'at', '2026-01-01T00:00:00Z', 'payload', jsonb_build_object('body', repeat('x', 101))))");
	mask_all(people);
	expect_rendition(people, OPERATOR, "large", "whole larger than 100 bytes");
	people_change(people, "setting", "mask.max_bytes", "{\"value\": 100000}");
}

/* Between the rule's approval and the new rendition nobody reads the old one. */
static void renditions_of_old_rules_are_not_shown(void **state)
{
	struct people *people = *state;

	ingest(people, "po-out", "twice", "{\"body\": \"{\\\"name\\\": \\\"Ann\\\"}\"}");
	mask_all(people);
	expect_rendition(people, OPERATOR, "twice", "plain {\"name\": \"Ann\"}");
	people_change(people, "mask_rule", "name",
		"{\"kind\": \"json\", \"matcher\": \"name\", \"replacement\": "
		"\"#\", \"interfaces\": [\"po-*\"]}");
	expect_rendition(people, OPERATOR, "twice", "");
	expect_rendition(people, OPERATOR, "phi", "whole no rule covers this format: text");
	mask_all(people);
	expect_rendition(people, OPERATOR, "twice", "masked {\"name\": \"#\"}");
	expect_rendition(people, OPERATOR, "plain", "whole no rule covers this format: text");
	people_change(people, "mask_rule", "name", "null");
	mask_all(people);
	expect_rendition(people, OPERATOR, "plain", "plain order 1");
	pg_expect_int(people->super, 0, "select count(*) from orderly.mask_redo");
}

static void a_payload_taken_while_rules_change_follows_the_new_ones(void **state)
{
	struct people *people = *state;

	ingest(people, "po-out", "between", "{\"body\": \"{\\\"name\\\": \\\"Ann\\\"}\"}");
	people_change(people, "mask_rule", "name",
		"{\"kind\": \"json\", \"matcher\": \"name\", \"replacement\": "
		"\"#\"}");
	mask_all(people);
	expect_rendition(people, OPERATOR, "between", "masked {\"name\": \"#\"}");
	people_change(people, "mask_rule", "name", "null");
	mask_all(people);
}

static void a_class_made_stricter_hides_what_was_shown(void **state)
{
	static const char doc[] =
		"{\"title\": \"Orders\", \"source\": \"odoo\", \"target\": \"middleware\", "
		"\"style\": \"rest\", \"timing\": \"real-time\", \"data_class\": \"%s\"}";
	struct people *people = *state;
	char *strict = pg_text(people->super, "select format($$%s$$, 'phi')", doc);
	char *loose = pg_text(people->super, "select format($$%s$$, 'internal')", doc);

	people_change(people, "interface", "po-out", strict);
	expect_rendition(people, OPERATOR, "plain", "");
	mask_all(people);
	expect_rendition(people, OPERATOR, "plain", "whole no rule covers this format: text");
	expect_rendition(people, NARROW, "plain", "");
	people_change(people, "interface", "po-out", loose);
	mask_all(people);
	expect_rendition(people, NARROW, "plain", "plain order 1");
	free(strict);
	free(loose);
}

static void headers_of_a_protected_class_are_shown_by_name_only(void **state)
{
	struct people *people = *state;

	ingest(people, "lab-in", "headers",
		"{\"body\": \"x\", \"headers\": {\"Content-Type\": \"text/plain\", "
		"\"X-Patient\": \"4711\"}}");
	ingest(people, "po-out", "headers-2",
		"{\"body\": \"x\", \"headers\": {\"X-Patient\": \"4711\", "
		"\"Authorization\": \"Bearer secret\"}}");
	people_change(people, "mask_rule", "patient",
		"{\"target\": \"headers\", \"kind\": \"header\", "
		"\"matcher\": \"x-order\", \"replacement\": \"#\"}");
	ingest(people, "po-out", "headers-3",
		"{\"body\": \"x\", \"headers\": {\"X-Order\": \"4711\"}}");
	mask_all(people);
	pg_expect_text(people->as[OPERATOR],
		"{\"X-Patient\": \"•••\", \"Content-Type\": \"text/plain\"} {\"X-Patient\": \"4711\"} "
		"{\"X-Order\": \"#\"}",
		"select string_agg(r.headers::text, ' ' order by m.message_id) from orderly.rendition r "
		"join orderly.message m on m.id = r.transaction where m.message_id like 'headers%%'");
}

/* Masked when they are taken: no raw text lies anywhere but in the payload. */
static void error_texts_and_keys_are_masked_at_ingest(void **state)
{
	struct people *people = *state;

	people_change(people, "mask_rule", "mrn",
		"{\"target\": \"error\", \"kind\": \"regex\", \"matcher\": "
		"\"MRN \\\\d+\", \"replacement\": \"MRN #\"}");
	people_change(people, "mask_rule", "key",
		"{\"target\": \"business_key\", \"kind\": \"regex\", "
		"\"matcher\": \"^.*(..)$\", \"replacement\": \"#\\\\1\", \"interfaces\": [\"lab-*\"]}");
	pg_expect_text(people->as[INGEST], "2 0",
		"select taken || ' ' || rejected from orderly.ingest('["
		"{\"interface\": \"lab-in\", \"message_id\": \"e1\", \"kind\": \"failed\", \"at\": "
		"\"2026-01-01T00:00:00Z\", \"text\": \"unknown MRN 4711\", \"business_key\": \"PAT4711\"}, "
		"{\"interface\": \"po-out\", \"message_id\": \"e2\", \"kind\": \"dead\", \"at\": "
		"\"2026-01-01T00:00:00Z\", \"text\": \"unknown MRN 4711\", \"business_key\": \"PO4711\"}]'::jsonb)");
	pg_expect_text(people->super, "#11/unknown MRN # PO4711/unknown MRN #",
		"select string_agg(m.business_key || '/' || e.text, ' ' order by m.message_id) from orderly.message m "
		"join orderly.event e on e.transaction = m.id where m.message_id in ('e1', 'e2')");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.transaction where text like '%%4711%%'");
	pg_expect_int(
		people->super, 0, "select count(*) from orderly.feed where text like '%%4711%%'");
	/* the same again is still the same */
	pg_expect_text(people->as[INGEST], "1",
		"select repeated from orderly.ingest('{\"interface\": \"lab-in\", \"message_id\": \"e1\", \"kind\": "
		"\"failed\", \"at\": \"2026-01-01T00:00:00Z\", \"text\": \"unknown MRN 4711\", \"business_key\": "
		"\"PAT4711\"}'::jsonb)");
}

/* What an event says besides may be anything: it is masked as a document is. The partner's reference
 * and the entity are business keys. */
static void what_an_event_says_besides_is_masked(void **state)
{
	struct people *people = *state;

	people_change(people, "mask_rule", "ward",
		"{\"kind\": \"json\", \"matcher\": \"**.name\", \"interfaces\": [\"po-*\"], \"replacement\": \"#\"}");
	pg_expect_text(people->as[INGEST], "2 0",
		"select taken || ' ' || rejected from orderly.ingest('["
		"{\"interface\": \"lab-in\", \"message_id\": \"b1\", \"kind\": \"note\", \"at\": "
		"\"2026-01-01T00:00:00Z\", \"nurse\": \"Ann\", \"partner_ref\": \"REF4711\", "
		"\"entity\": \"MRN4711\"}, "
		"{\"interface\": \"po-out\", \"message_id\": \"b2\", \"kind\": \"note\", \"at\": "
		"\"2026-01-01T00:00:00Z\", \"buyer\": {\"name\": \"Ann\", \"desk\": 5}}]'::jsonb)");
	mask_all(people);
	/* phi, and no rule that reads documents */
	pg_expect_text(people->as[SUPPORT], "-/#11/#11",
		"select coalesce(r.more, '-') || '/' || m.partner_ref || '/' || m.entity from orderly.rendition r"
		" join orderly.message m on m.id = r.transaction where m.message_id = 'b1'");
	pg_expect_text(people->as[SUPPORT], "{\"buyer\": {\"desk\": 5, \"name\": \"#\"}}",
		"select r.more from orderly.rendition r join orderly.message m on m.id = r.transaction"
		" where m.message_id = 'b2'");
}

/* Two at once share the work and make each rendition once. */
static void several_workers_mask_without_waiting(void **state)
{
	struct people *people = *state;
	PGconn *other = pg_super(people->db);

	for (int i = 0; i < 20; i++) {
		char message[32];

		snprintf(message, sizeof(message), "many-%d", i);
		ingest(people, "po-out", message, "{\"body\": \"x\"}");
	}
	pg_do(other, "begin");
	pg_expect_int(other, 10, "select orderly.duty_mask(10)");
	pg_expect_int(people->super, 10, "select orderly.duty_mask(100)");
	pg_do(other, "commit");
	pg_expect_int(people->super, 0, "select orderly.duty_mask(100)");
	pg_expect_int(people->super, 20,
		"select count(*) from orderly.rendition r join orderly.message m on "
		"m.id = r.transaction where m.message_id like 'many-%%'");
	PQfinish(other);
}

/* Else the redoing would not find what is committed after it. */
static void a_change_of_rules_waits_for_what_is_under_way(void **state)
{
	struct people *people = *state;
	PGconn *worker = pg_super(people->db);
	char *id, *code;

	ingest(people, "po-out", "under-way", "{\"body\": \"x\"}");
	id = pg_text(people->as[ADMIN],
		"select id from orderly.change_propose('[{\"kind\": \"mask_rule\", "
		"\"code\": \"all\", \"doc\": {\"kind\": \"all\"}}]', 'for the test')");
	pg_do(worker, "begin");
	pg_expect_int(worker, 1, "select orderly.duty_mask(10)");
	pg_send(people->as[APPROVER], "select * from orderly.change_decide(%s, true, null)", id);
	while (pg_int(people->super,
		       "select count(*) from " PG_SESSIONS " where wait_event_type = 'Lock' and "
		       "usename = '%s'",
		       people->login[APPROVER]) == 0)
		;
	pg_do(worker, "commit");
	code = pg_wait_code(people->as[APPROVER]);
	assert_string_equal(code, "done");
	expect_rendition(people, OPERATOR, "under-way", "");
	mask_all(people);
	expect_rendition(people, OPERATOR, "under-way", "masked •••");
	people_change(people, "mask_rule", "all", "null");
	mask_all(people);
	PQfinish(worker);
	free(id);
	free(code);
}

static void a_facility_that_becomes_known_follows(void **state)
{
	struct people *people = *state;

	ingest(people, "po-out", "moves", "{\"body\": \"x\"}");
	mask_all(people);
	pg_do(people->as[INGEST],
		"select orderly.ingest('{\"interface\": \"po-out\", \"message_id\": \"moves\", "
		"\"kind\": \"validated\", \"at\": \"2026-01-01T00:00:01Z\", \"facility\": \"H02\"}'::jsonb)");
	expect_rendition(people, OPERATOR, "moves", "plain x");
	expect_rendition(people, NARROW, "moves", "");
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.rendition r where body = 'x' and "
		"facility is not null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_hides_what_it_says),
		cmocka_unit_test(every_payload_gets_a_rendition),
		cmocka_unit_test(a_body_over_the_limit_is_hidden_whole),
		cmocka_unit_test(renditions_of_old_rules_are_not_shown),
		cmocka_unit_test(a_payload_taken_while_rules_change_follows_the_new_ones),
		cmocka_unit_test(a_class_made_stricter_hides_what_was_shown),
		cmocka_unit_test(several_workers_mask_without_waiting),
		cmocka_unit_test(a_change_of_rules_waits_for_what_is_under_way),
		cmocka_unit_test(a_facility_that_becomes_known_follows),
		cmocka_unit_test(headers_of_a_protected_class_are_shown_by_name_only),
		cmocka_unit_test(error_texts_and_keys_are_masked_at_ingest),
		cmocka_unit_test(what_an_event_says_besides_is_masked),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/mask", tests, people_setup, people_teardown);
}
