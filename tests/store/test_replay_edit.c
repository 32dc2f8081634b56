/* Editing what a replay sends: it voids what was decided, its changes are looked at on the record, and
 * fields that the mask table hides or locks stay as they were recorded. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static void expect_state(struct people *people, int64_t id, const char *state)
{
	pg_expect_text(people->super, state,
		"select state from orderly.replay_request where id = %lld", (long long)id);
}

static void an_edit_voids_what_was_decided_and_wants_eyes_of_its_own(void **state)
{
	struct people *people = *state;
	int64_t id, item;

	traffic_die(people, "stock", "edit", 1, "target", "edit");
	id = traffic_ask(people, "edit1", NULL);
	item = pg_int(people->super, "select id from orderly.replay_item where request = %lld",
		(long long)id);
	expect_state(people, id, "approved"); /* free */
	pg_expect_code(people->as[OPERATOR], "grant",
		"orderly.replay_edit(%lld, 'application/json', '{\"order\": 7}', 'wrong number')",
		(long long)item);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.reveal_ask((select dead_letter from"
		" orderly.replay_item where id = %lld), 'to edit it')",
		(long long)item);
	pg_expect_code(people->as[NARROW], "not_found",
		"orderly.replay_edit(%lld, 'application/json', '{}', 'not mine')", (long long)item);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_edit(%lld, 'application/json', '{\"order\": 7}', 'wrong number')",
		(long long)item);
	expect_state(people, id, "asked");
	pg_expect_text(people->super, "one 1 2 t",
		"select concat_ws(' ', policy, needed, revision, edited)"
		" from orderly.replay_request where id = %lld",
		(long long)id);
	pg_expect_code(people->as[APPROVER], "revision",
		"orderly.replay_decide(%lld, 1, true, 1, null)", (long long)id);
	/* the changes are shown to who has left a trace before */
	pg_expect_text(people->as[APPROVER], "looked",
		"select code from orderly.replay_changes(%lld)", (long long)item);
	pg_do(people->as[APPROVER], "begin");
	pg_do(people->as[APPROVER], "select orderly.replay_look(%lld)", (long long)item);
	pg_expect_text(people->as[APPROVER], "looked",
		"select code from orderly.replay_changes(%lld)", (long long)item);
	pg_do(people->as[APPROVER], "commit");
	pg_expect_text(people->as[APPROVER], "done /order 1 7",
		"select concat_ws(' ', code, place, before, after) from orderly.replay_changes(%lld)",
		(long long)item);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_decide(%lld, 2, true, 1, null)", (long long)id);
	/* an edit after the approval voids it */
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_edit(%lld, 'application/json', '{\"order\": 8}', 'wrong again')",
		(long long)item);
	expect_state(people, id, "asked");
	pg_expect_int(people->as[WORKER], 0,
		"select count(*) from orderly.claim_replays('test') where request = %lld",
		(long long)id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_decide(%lld, 3, true, 1, null)", (long long)id);
	pg_expect_text(people->as[WORKER], "{\"order\": 8} true",
		"select convert_from(body, 'UTF8') || ' ' || edited"
		" from orderly.claim_replays('test') where request = %lld",
		(long long)id);
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld",
		(long long)id);
	traffic_duty(people, "replay_leases");
	traffic_check(people, "check_replays");
}

static void rules(struct people *people)
{
	static const char *const docs[][2] = {
		{"l-ssn", "\"kind\": \"json\", \"matcher\": \"**.ssn\""},
		{"l-id", "\"kind\": \"json\", \"matcher\": \"patient.id\", \"target\": \"locked\""},
		{"l-pid", "\"kind\": \"hl7\", \"matcher\": \"PID-3\""},
		{"l-nm1", "\"kind\": \"x12\", \"matcher\": \"NM1-03\", \"target\": \"locked\""},
		{"l-xml", "\"kind\": \"xml\", \"matcher\": \"ssn\""},
		{"l-iban", "\"kind\": \"csv\", \"matcher\": \"iban\", \"target\": \"locked\""},
	};

	for (size_t i = 0; i < ARRAY_LEN(docs); i++) {
		char doc[256];

		snprintf(doc, sizeof(doc), "{%s, \"interfaces\": [\"stock\"]}", docs[i][1]);
		people_change(people, "mask_rule", docs[i][0], doc);
	}
}

/* An item that waits for its decision, of a message that was recorded so; its number. */
static int64_t item_of(struct people *people, const char *interface, const char *message,
	const char *type, const char *body)
{
	int64_t id, item;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('%s', '%s', k, now() - interval '1 hour', jsonb_build_object("
		" 'class', 'target', 'text', 'locked', 'payload', case k when 'received' then jsonb_build_object("
		" 'kind', 'inbound', 'content_type', '%s', 'body', E'%s') end)))"
		" from unnest(array['received', 'dead']) k",
		interface, message, type, body);
	traffic_duty(people, "dead_letters");
	id = traffic_ask(people, message, NULL);
	item = pg_int(people->super, "select id from orderly.replay_item where request = %lld",
		(long long)id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.reveal_ask((select dead_letter from orderly.replay_item where id = %lld), 'to edit it')",
		(long long)item);
	return item;
}

#define JSON "{\"ssn\": \"1\", \"patient\": {\"id\": 7, \"note\": \"a\"}, \"qty\": 1}"
#define HL7(id, name) "MSH|^~\\\\&|LAB|H01\\rPID|1||" id "||" name "\\rPV1|1|I"
#define X12_HEAD \
	"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*U*00401*000000001*0*P*>~"
#define X12(name, id) X12_HEAD "NM1*85*2*" name "*****XX*" id "~SE*2*1~"

static void locked_fields_stay_as_they_were_recorded(void **state)
{
	static const struct {
		const char *type, *body, *edited, *fields; /* NULL: it may be changed so */
	} rows[] = {
		{"application/json", JSON,
			"{\"ssn\": \"1\", \"patient\": {\"id\": 7, \"note\": \"b\"}, \"qty\": 2}",
			NULL},
		{"application/json", JSON, "{\"ssn\": \"2\", \"patient\": {\"id\": 7}}", "/ssn"},
		{"application/json", JSON, "{\"ssn\": \"•••\", \"patient\": {\"id\": 7}}", "/ssn"},
		{"application/json", JSON, "{\"ssn\": \"1\", \"patient\": {\"id\": 8}}",
			"/patient/id"},
		{"application/json", JSON, "{\"patient\": {\"id\": 7}}", "/ssn"},
		{"application/json", JSON,
			"{\"ssn\": \"1\", \"patient\": {\"id\": 7}, \"next\": {\"ssn\": \"1\"}}",
			"/next/ssn"},
		{"application/json", JSON, "no document any more", "/patient/id, /ssn"},
		{"application/json", "{\"qty\": 1}", "{\"qty\": 2}", NULL},
		{"text/plain", HL7("77", "ROE"), HL7("77", "DOE"), NULL},
		{"text/plain", HL7("77", "ROE"), HL7("78", "ROE"), "line 2 PID-3"},
		{"text/plain", X12("ROE", "1"), X12("ROE", "2"), NULL},
		{"text/plain", X12("ROE", "1"), X12("DOE", "1"), "line 2 NM1-3"},
		{"application/xml", "<o><ssn>1</ssn><qty>1</qty></o>",
			"<o><ssn>1</ssn><qty>2</qty></o>", NULL},
		{"application/xml", "<o><ssn>1</ssn><qty>1</qty></o>",
			"<o><ssn>2</ssn><qty>1</qty></o>", "<ssn> 1"},
		{"text/csv", "iban;amount\\nDE1;5", "iban;amount\\nDE1;6", NULL},
		{"text/csv", "iban;amount\\nDE1;5", "iban;amount\\nDE2;5", "line 2 column 1"},
	};
	struct people *people = *state;

	rules(people);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char message[32];
		int64_t item;

		snprintf(message, sizeof(message), "lock%zu-", i);
		item = item_of(people, "stock", message, rows[i].type, rows[i].body);
		pg_do(people->as[OPERATOR],
			"create temp table if not exists said (r orderly.result)");
		pg_do(people->as[OPERATOR],
			"truncate said; insert into said select r from (select orderly.replay_edit(%lld, '%s',"
			" convert_to(E'%s', 'UTF8'), 'wrong') as r offset 0) s",
			(long long)item, rows[i].type, rows[i].edited);
		pg_expect_text(people->as[OPERATOR], rows[i].fields ? "locked" : "done",
			"select (r).code from said");
		pg_expect_text(people->as[OPERATOR], rows[i].fields ? rows[i].fields : "",
			"select coalesce((select string_agg(f, ', ') from said, jsonb_array_elements_text((r).detail"
			" -> 'fields') f), '')");
	}
	traffic_check(people, "check_replays");
}

static void where_everything_is_hidden_nothing_can_be_edited(void **state)
{
	struct people *people = *state;
	int64_t item;

	people_change(people, "mask_rule", "l-all",
		"{\"kind\": \"all\", \"interfaces\": [\"invoices\"], \"target\": \"locked\"}");
	item = item_of(people, "invoices", "lockall", "application/json", "{\"order\": 1}");
	pg_expect_code(people->as[OPERATOR], "locked",
		"orderly.replay_edit(%lld, 'application/json', '{\"order\": 2}', 'wrong number')",
		(long long)item);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_edit(%lld, 'application/json', '{\"order\": 1}', 'as it was')",
		(long long)item);
	/* a rule for what is only locked hides nothing */
	traffic_duty(people, "mask");
	pg_expect_text(people->as[SUPPORT], "plain {\"order\": 1}",
		"select how || ' ' || body from orderly.rendition r join orderly.message m on m.id = r.transaction"
		" where m.message_id = 'lockall'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edit_voids_what_was_decided_and_wants_eyes_of_its_own),
		cmocka_unit_test(locked_fields_stay_as_they_were_recorded),
		cmocka_unit_test(where_everything_is_hidden_nothing_can_be_edited),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_edit", tests, traffic_setup, people_teardown);
}
