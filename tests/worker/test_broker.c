/* What a broker says of its queues is data, whatever it is. */
#include "../../src/worker/addresses.h"
#include "../lib/unit.h"
#include "base/mem.h"
#include <string.h>

#define QUEUE(name, more) "{\"name\": \"" name "\", \"vhost\": \"/\"" more "}"
#define SEEN(name, n, dead)                                           \
	"{\"vhost\": \"/\", \"name\": \"" name "\", \"messages\": " n \
	", \"unacknowledged\": 0, \"consumers\": 0, \"dead\": " dead "}"

static void answers_become_queues(void **state)
{
	static const struct {
		const char *json, *expected; /* NULL: that is no answer */
	} rows[] = {
		{"", NULL},
		{"<html>", NULL},
		{"{}", NULL},
		{"7", NULL},
		{"{\"items\": {}}", NULL},
		{"{\"error\": \"not_authorised\"}", NULL},
		{"[]", "[]"},
		{"{\"items\": []}", "[]"},
		{"[" QUEUE("a", ", \"messages\": 7") "]", "[" SEEN("a", "7", "false") "]"},
		{"[null, 3, {}, " QUEUE("a", "") "]", "[" SEEN("a", "0", "false") "]"},
		{"[" QUEUE("a", ", \"messages\": -7") "]", "[" SEEN("a", "0", "false") "]"},
		{"[" QUEUE("a", ", \"messages\": \"many\"") "]", "[" SEEN("a", "0", "false") "]"},
		{"[" QUEUE("a", ", \"messages\": 99999999999999") "]",
			"[" SEEN("a", "2147483647", "false") "]"},
		{"[" QUEUE("a\\u0000b", "") "]", "[]"},
		{"[" QUEUE("\\u001b[31m", "") "]", "[" SEEN("\\u001B[31m", "0", "false") "]"},
		{"[" QUEUE("orders.dlq", "") "]", "[" SEEN("orders.dlq", "0", "true") "]"},
		{"[" QUEUE("bulldead", "") "]", "[" SEEN("bulldead", "0", "false") "]"},
		{"[" QUEUE("a", ", \"arguments\": {\"x-dead-letter-exchange\": \"\","
				" \"x-dead-letter-routing-key\": \"b\"}") ", " QUEUE("b", "") "]",
			"[" SEEN("a", "0", "false") ", " SEEN("b", "0", "true") "]"},
		{"[" QUEUE("a", ", \"arguments\": {\"x-dead-letter-exchange\": \"x\","
				" \"x-dead-letter-routing-key\": \"b\"}") ", " QUEUE("b", "") "]",
			"[" SEEN("a", "0", "false") ", " SEEN("b", "0", "false") "]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str out = STR_INIT(65536);

		assert_int_equal(
			broker_read(slice_of(rows[i].json), &out), rows[i].expected != NULL);
		assert_string_equal(str_cstr(&out), rows[i].expected ? rows[i].expected : "");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_become_queues),
	};

	return cmocka_run_group_tests_name("worker/broker", tests, NULL, NULL);
}
