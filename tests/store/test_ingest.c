/* What ingest takes, what it refuses and keeps, and that one monster never touches its neighbours.
 * Leaves the states that follow from events to test_fold.c.
 * Called by the test run, against a real server. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

/* An element in SQL's words, made of the JSON of a good event (@ is its message id), and the code of
 * the refusal; NULL: it is taken. */
struct monster {
	const char *name, *sql, *code;
};

#define GOOD                                                           \
	"\"interface\": \"orders\", \"message_id\": \"@\", \"kind\": " \
	"\"received\", \"at\": \"2026-02-28T14:05:06.789Z\""
#define TEXT(json) "convert_to($m$" json "$m$, 'UTF8')"
#define BODY(body) TEXT("{" GOOD ", \"payload\": {\"body\": ") "|| " body " ||" TEXT("}}")

static const struct monster monsters[] = {
	{"ten megabytes", BODY("convert_to(to_json(repeat('x', 10000000))::text, 'UTF8')"), NULL},
	{"twenty megabytes", BODY("convert_to(to_json(repeat('x', 20000000))::text, 'UTF8')"),
		"too_large"},
	{"a hundred levels",
		TEXT("{" GOOD
		     ", \"x\": ") "|| convert_to(repeat('[', 100) || repeat(']', 100) || '}', 'UTF8')",
		"too_deep"},
	{"a hundred levels in the payload",
		BODY("convert_to(repeat('[', 100) || repeat(']', 100), 'UTF8')"), "too_deep"},
	{"sixty levels",
		TEXT("{" GOOD
		     ", \"x\": ") "|| convert_to(repeat('[', 60) || repeat(']', 60) || '}', 'UTF8')",
		NULL},
	{"a hundred thousand levels",
		TEXT("{" GOOD
		     ", \"x\": ") "|| convert_to(repeat('[', 100000) || repeat(']', 100000) || '}', 'UTF8')",
		"unreadable"},
	{"a null character", TEXT("{" GOOD ", \"text\": \"a\\u0000b\"}"), "unreadable"},
	{"a lone high surrogate", TEXT("{" GOOD ", \"text\": \"\\ud800\"}"), "unreadable"},
	{"a lone low surrogate", TEXT("{" GOOD ", \"text\": \"\\udc00 \"}"), "unreadable"},
	{"a pair of surrogates", TEXT("{" GOOD ", \"text\": \"\\ud83d\\ude00\"}"), NULL},
	{"a number beyond all", TEXT("{" GOOD ", \"x\": 1e400000}"), "unreadable"},
	{"a number of many digits", TEXT("{" GOOD ", \"x\": 1e100000}"), "digits"},
	{"the same in a payload", BODY("'1e100000'"), "digits"},
	{"an attempt of many digits", TEXT("{" GOOD ", \"attempt\": 1e100000}"), "attempt"},
	{"invalid UTF-8", TEXT("{" GOOD ", \"text\": \"") "|| '\\xff80' ||" TEXT("\"}"),
		"unreadable"},
	{"UTF-16", "'\\xfffe7b007d00'::bytea", "unreadable"},
	{"no JSON", TEXT("{" GOOD ""), "unreadable"},
	{"an empty element", "''::bytea", "unreadable"},
	{"null", "null::bytea", "empty"},
	{"an array", TEXT("[{" GOOD "}]"), "not_object"},
	{"the word null", TEXT("null"), "not_object"},
	{"duplicate keys: the last counts",
		TEXT("{\"interface\": \"nowhere\", \"kind\": 7, " GOOD "}"), NULL},
	{"the year 1970", TEXT("{" GOOD ", \"at\": \"1970-01-01T00:00:00Z\"}"), NULL},
	{"the year 9999", TEXT("{" GOOD ", \"at\": \"9999-12-31T23:59:59.999999Z\"}"), NULL},
	{"the year 10000", TEXT("{" GOOD ", \"at\": \"10000-01-01T00:00:00Z\"}"), "at"},
	{"the thirteenth month", TEXT("{" GOOD ", \"at\": \"2026-13-01T00:00:00Z\"}"),
		"unreadable"},
	{"a time without its zone", TEXT("{" GOOD ", \"at\": \"2026-02-28T14:05:06\"}"), "at"},
	{"a time with an offset", TEXT("{" GOOD ", \"at\": \"2026-02-28T14:05:06+05:30\"}"), NULL},
	{"the word now", TEXT("{" GOOD ", \"at\": \"now\"}"), "at"},
	{"the word infinity", TEXT("{" GOOD ", \"at\": \"infinity\"}"), "at"},
	{"a due time that is none", TEXT("{" GOOD ", \"due_at\": \"tomorrow\"}"), "due_at"},
	{"no kind", TEXT("{" GOOD ", \"kind\": \"\"}"), "kind"},
	{"an unknown kind", TEXT("{" GOOD ", \"kind\": \"eaten\"}"), "unknown_kind"},
	{"an unknown interface", TEXT("{" GOOD ", \"interface\": \"nowhere\"}"),
		"unknown_interface"},
	{"no interface", TEXT("{" GOOD ", \"interface\": null}"), "interface"},
	{"no message id", TEXT("{" GOOD ", \"message_id\": \"\"}"), "message_id"},
	{"an unknown class", TEXT("{" GOOD ", \"class\": \"cosmic\"}"), "unknown_class"},
	{"an unknown facility", TEXT("{" GOOD ", \"facility\": \"H77\"}"), "unknown_facility"},
	{"an unknown partner", TEXT("{" GOOD ", \"partner\": \"nobody\"}"), NULL},
	{"a negative attempt", TEXT("{" GOOD ", \"attempt\": -1}"), "attempt"},
	{"an attempt that is a word", TEXT("{" GOOD ", \"attempt\": \"two\"}"), "unreadable"},
	{"a duration that does not fit", TEXT("{" GOOD ", \"duration_ms\": 99999999999}"),
		"unreadable"},
	{"an id too long for an index",
		TEXT("{" GOOD
		     ", \"business_key\": \"") "|| convert_to(repeat('k', 513), 'UTF8') ||" TEXT("\"}"),
		"too_long"},
	{"a payload that is text", TEXT("{" GOOD ", \"payload\": \"x\"}"), "payload"},
	{"two bodies",
		TEXT("{" GOOD ", \"payload\": {\"body\": \"x\", \"body_base64\": \"eA==\"}}"),
		"payload"},
	{"a body that is no base64", TEXT("{" GOOD ", \"payload\": {\"body_base64\": \"!\"}}"),
		"unreadable"},
	{"headers that are a list", TEXT("{" GOOD ", \"payload\": {\"headers\": [1]}}"), "headers"},
};

/* The SQL with the message id in it; the caller frees. */
static char *with_id(const char *sql, const char *side, size_t at)
{
	const char *place = strchr(sql, '@');
	char *text;

	if (!place)
		return mem_dup_str(sql);
	if (asprintf(&text, "%.*s%s-%zu%s", (int)(place - sql), sql, side, at, place + 1) < 0)
		fail();
	return text;
}

/* Between two good neighbours. */
static void send_between(struct people *people, const struct monster *monster, size_t at)
{
	char *left = with_id(TEXT("{" GOOD "}"), "left", at);
	char *right = with_id(TEXT("{" GOOD "}"), "right", at);
	char *element = with_id(monster->sql, "middle", at);
	char *array;

	if (asprintf(&array, "array[%s, %s, %s]", left, element, right) < 0)
		fail();
	pg_expect_text(people->as[INGEST], monster->code ? "2 0 1" : "3 0 0",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest(%s)", array);
	pg_expect_int(people->super, monster->code ? 2 : 3,
		"select count(*) from orderly.message"
		" where message_id in ('left-%zu', 'middle-%zu', 'right-%zu')",
		at, at, at);
	if (monster->code) {
		pg_expect_text(people->super, monster->code,
			"select code from orderly.reject order by id desc limit 1");
		pg_expect_text(people->super, "t",
			"select raw = coalesce(%s, '') and size = length(raw) and reason <> ''"
			" from orderly.reject order by id desc limit 1",
			element);
	}
	free(left);
	free(right);
	free(element);
	free(array);
}

static void a_monster_never_touches_its_neighbours(void **state)
{
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(monsters); i++) {
		print_message("%s\n", monsters[i].name);
		pg_do(people->super, "delete from orderly.reject");
		send_between(people, &monsters[i], i);
	}
}

static void each_reason_has_its_words(void **state)
{
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(monsters); i++)
		if (monsters[i].code)
			pg_expect_int(people->super, 1,
				"select count(*) from orderly.reject_code where code = '%s' and title <> ''",
				monsters[i].code);
}

/* 500 elements of which every seventh is a monster of another kind. */
static void many_monsters_are_all_found(void **state)
{
	struct people *people = *state;

	pg_do(people->super, "delete from orderly.reject");
	pg_expect_text(people->as[INGEST], "428 0 72",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest((select array_agg("
		"convert_to(format('{\"interface\": \"orders\", \"message_id\": \"many-%%s\", \"kind\": \"received\", "
		"\"at\": \"2026-02-28T14:05:06Z\"%%s', i, case when i %% 7 > 0 then '}' else"
		" (array[', \"text\": \"\\u0000\"}', ', \"x\": 1e400000}', ', ', ', \"kind\": \"' || i || '\"}'])[1 + i %% 4]"
		" end), 'UTF8') order by i) from generate_series(0, 499) i))");
	pg_expect_int(people->super, 428,
		"select count(*) from orderly.message where message_id like 'many-%%'");
	pg_expect_int(people->super, 72, "select count(*) from orderly.reject");
}

static void the_same_again_counts_once(void **state)
{
	struct people *people = *state;
	const char *event =
		"public.ev('orders', 'once', 'received', '2026-01-01Z', '{\"text\": \"a\"}')";

	pg_do(people->super, "delete from orderly.reject");
	pg_expect_text(people->as[INGEST], "1 2 0",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest(jsonb_build_array(%s, %s, %s))",
		event, event, event);
	pg_expect_text(people->as[INGEST], "0 1 0",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest(%s)", event);
	/* an attempt that is not said is the first */
	pg_expect_text(people->as[INGEST], "0 0 1",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest(%s || '{\"attempt\": 1}')",
		event);
	pg_expect_text(people->super, "1 1",
		"select concat_ws(' ', events, (select count(*) from orderly.event e where e.transaction = t.id))"
		" from orderly.transaction t join orderly.message m on m.id = t.id where message_id = 'once'");
}

static void the_same_key_with_another_content_is_refused(void **state)
{
	struct people *people = *state;

	for (int i = 0; i < 2; i++) { /* the second time it only counts */
		pg_expect_text(people->as[INGEST], i ? "0 1 2" : "1 0 2",
			"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest(jsonb_build_array("
			"public.ev('orders', 'other', 'received', '2026-01-01Z', '{\"event_id\": \"e\"}'),"
			"public.ev('orders', 'other', 'delivered', '2026-01-01Z', '{\"event_id\": \"e\"}'),"
			"public.ev('orders', 'other', 'dead', '2026-01-01Z', '{\"event_id\": \"e\"}')))");
		pg_expect_text(people->super, i ? "2 4" : "2 2",
			"select concat_ws(' ', count(*), sum(times)) from orderly.reject"
			" where code = 'other_content' and raw::text ~ encode('\"other\"', 'hex')");
	}
	pg_expect_text(people->super, "waiting",
		"select state from orderly.transaction t join orderly.message m on m.id = t.id"
		" where message_id = 'other'");
}

static void the_order_of_keys_and_blanks_is_no_other_content(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->as[INGEST], "1 1 0",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest(array["
		"'{\"interface\":\"orders\",\"message_id\":\"blank\",\"kind\":\"note\",\"at\":\"2026-01-01T00:00:00Z\"}',"
		"'{\"at\": \"2026-01-01T00:00:00Z\", \"kind\": \"note\",  \"message_id\": \"blank\", \"interface\": \"orders\"}'"
		"]::bytea[])");
}

static void headers_that_open_doors_are_not_kept(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select public.ev('orders', 'headers', 'received', now(), '{\"payload\": {\"headers\": {"
		"\"Authorization\": \"Bearer x\", \"COOKIE\": \"x\", \"Set-Cookie\": \"x\", \"X-Api-Key\": \"x\","
		"\"Proxy-Authorization\": \"x\", \"X-Auth-Token\": \"x\", \"Content-Type\": \"text/plain\"}}}')");
	pg_expect_text(people->super, "{\"Content-Type\": \"text/plain\"}",
		"select headers from orderly.payload p join orderly.message m on m.id = p.transaction"
		" where message_id = 'headers'");
}

static void a_body_comes_out_as_it_went_in(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_build_array(public.ev('orders', 'body1', 'received', now(),"
		"  '{\"payload\": {\"body\": \"caf\\u00e9 \\u2603\"}}'),"
		" public.ev('orders', 'body2', 'received', now(),"
		"  '{\"payload\": {\"kind\": \"request\", \"content_type\": \"application/edi\", \"body_base64\": \"AP+A\"}}'),"
		" public.ev('orders', 'body3', 'received', now(), '{\"payload\": {\"body\": {\"a\": 1}}}'))");
	pg_expect_text(people->super,
		"\\x636166c3a920e29883 \\x00ff80 request application/edi \\x7b2261223a20317d",
		"select string_agg(concat_ws(' ', p.body, p.kind, p.content_type), ' ' order by message_id)"
		" from orderly.payload p join orderly.message m on m.id = p.transaction"
		" where message_id like 'body_'");
}

static void what_it_does_not_know_is_kept_beside(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select public.ev('orders', 'more', 'note', now(), '{\"partner\": \"nobody\", \"colour\": [1, 2]}')");
	pg_expect_text(people->super, "{\"colour\": [1, 2], \"partner\": \"nobody\"}",
		"select more from orderly.payload p join orderly.message m on m.id = p.transaction"
		" where message_id = 'more'");
}

/* Whoever sees one hospital must not see the early events of a message whose hospital came later. */
static void a_facility_that_comes_late_holds_for_what_was_there(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select public.ev('po-out', 'late', 'received', now(), '{\"payload\": {\"body\": \"x\"}}')");
	pg_expect_int(people->as[NARROW], 1,
		"select count(*) from orderly.message where message_id = 'late'");
	traffic_ingest(people,
		"select public.ev('po-out', 'late', 'attempted', now(), '{\"facility\": \"H02\"}')");
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.message where message_id = 'late'");
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.event e where transaction = %lld",
		(long long)traffic_id(people, "po-out", "late"));
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.feed_newest(1000) where transaction = %lld",
		(long long)traffic_id(people, "po-out", "late"));
	pg_expect_int(people->as[OPERATOR], 2,
		"select count(*) from orderly.event e where transaction = %lld",
		(long long)traffic_id(people, "po-out", "late"));
}

static void terms_are_found_however_they_are_typed(void **state)
{
	static const char *const typed[] = {
		"PO-2026-11-00317", "po2026 11 00317", " Po_2026.11.00317\n"};
	struct people *people = *state;

	traffic_ingest(people,
		"select public.ev('orders', 'norm', 'received', now(), '{\"business_key\": \"PO 2026-11/00317\","
		" \"correlation_id\": \"7F3A-00\", \"partner_ref\": \"x 1\"}')");
	for (size_t i = 0; i < ARRAY_LEN(typed); i++)
		pg_expect_int(people->as[SUPPORT], 1,
			"select count(*) from orderly.message where business_norm = orderly.norm('%s')",
			typed[i]);
	pg_expect_text(people->as[SUPPORT], "7f3a00 x1 norm",
		"select concat_ws(' ', correlation_norm, partner_norm, message_norm)"
		" from orderly.message where message_id = 'norm'");
}

static void an_array_may_be_empty_but_not_endless(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->as[INGEST], "0 0 0",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest('{}'::bytea[])");
	pg_expect_text(people->as[INGEST], "0 0 0",
		"select concat_ws(' ', taken, repeated, rejected) from orderly.ingest('[]'::jsonb)");
	pg_expect_error(people->as[INGEST], "54000",
		"select orderly.ingest(array_fill(''::bytea, array[10001]))");
}

/* A death of the session half way leaves nothing, and the same array can be sent again. */
static void all_or_nothing(void **state)
{
	struct people *people = *state;

	pg_do(people->as[INGEST], "begin");
	pg_do(people->as[INGEST],
		"select orderly.ingest((select jsonb_agg(public.ev('orders', 'gone' || i, 'received', now()))"
		" from generate_series(1, 50) i))");
	pg_do(people->as[INGEST], "rollback");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.message where message_id like 'gone%%'");
}

static void what_was_taken_holds_together(void **state)
{
	traffic_check(*state, "check_invariants");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_monster_never_touches_its_neighbours),
		cmocka_unit_test(each_reason_has_its_words),
		cmocka_unit_test(many_monsters_are_all_found),
		cmocka_unit_test(the_same_again_counts_once),
		cmocka_unit_test(the_same_key_with_another_content_is_refused),
		cmocka_unit_test(the_order_of_keys_and_blanks_is_no_other_content),
		cmocka_unit_test(headers_that_open_doors_are_not_kept),
		cmocka_unit_test(a_body_comes_out_as_it_went_in),
		cmocka_unit_test(what_it_does_not_know_is_kept_beside),
		cmocka_unit_test(a_facility_that_comes_late_holds_for_what_was_there),
		cmocka_unit_test(terms_are_found_however_they_are_typed),
		cmocka_unit_test(an_array_may_be_empty_but_not_endless),
		cmocka_unit_test(all_or_nothing),
		cmocka_unit_test(what_was_taken_holds_together),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, traffic_setup, people_teardown);
}
