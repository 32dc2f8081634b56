/* Whom to tell: what a file may say, and what is left out with a word. */
#include "../lib/unit.h"
#include "base/clock.h"
#include "base/mem.h"
#include "worker/callees.h"
#include <string.h>

static void what_is_right_is_taken(void **state)
{
	CLEANUP(str_done)
	struct str names = STR_INIT(1000);
	struct callees callees = CALLEES_INIT;
	struct problems problems = PROBLEMS_INIT;

	(void)state;
	assert_int_equal(
		callees_parse(&callees, "f",
			SLICE("format 1\n[desk]\nurl = https://chat.example/hook\nauth = hmac\nsecret = desk\n"
			      "repeats = yes\ndeadline = 5s\n[pager]\ncommand = /bin/page \"on call\" now\n"
			      "severity = page\n[heartbeat]\nurl = http://127.0.0.1:8/x\nevery = 30s\n"),
			&problems),
		0);
	assert_int_equal(problems.n, 0);
	assert_int_equal(callees.n, 2);
	assert_string_equal(callees.at[0].secret, "desk");
	assert_true(callees.at[0].hmac && callees.at[0].repeats);
	assert_int_equal(callees.at[0].deadline_us, 5 * S_US);
	assert_string_equal(callees.at[1].argv[1], "on call");
	assert_string_equal(callees.at[1].argv[2], "now");
	assert_null(callees.at[1].argv[3]);
	assert_int_equal(callees.heart.every_us, 30 * S_US);
	callees_put(&callees, &names);
	assert_string_equal(str_cstr(&names),
		"[{\"name\": \"desk\", \"severity\": \"warning\", \"repeats\": true},"
		" {\"name\": \"pager\", \"severity\": \"page\", \"repeats\": false}]");
	callees_done(&callees);
	problems_done(&problems);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text, *problem;
	} rows[] = {
		{"url = https://x\n", "f:2: this stands before the first target"},
		{"[a]\n", "f:2: a is left out: it needs a url or a command, and not both"},
		{"[a]\nurl = https://x\ncommand = /bin/x\n",
			"f:2: a is left out: it needs a url or a command, and not both"},
		{"[A b]\n",
			"f:2: \"A b\" is no target's name: up to 60 small letters, digits, . _ -"},
		{"[a]\nurl = http://far.example\n",
			"f:3: expected https://…, or http:// on this machine"},
		{"[a]\nurl = http://localhost.evil.example\n",
			"f:3: expected https://…, or http:// on this machine"},
		{"[a]\nurl = https://me:word@x\n",
			"f:3: secrets do not stand in an address; use secret"},
		{"[a]\ncommand = page\n", "f:3: expected a program by its whole path"},
		{"[a]\ncommand =\n", "f:3: expected a program by its whole path"},
		{"[a]\nsecret = ../x\n",
			"f:3: expected the name of a file of the folder of secrets"},
		{"[a]\nseverity = pages\n",
			"f:3: unknown severity \"pages\"; did you mean \"page\"?"},
		{"[a]\nauth = none\n", "f:3: unknown auth \"none\""},
		{"[a]\ndeadline = 2h\n", "f:3: expected 1 s to 60 s"},
		{"[a]\nevery = 1ms\n", "f:3: expected 1 s to 3600 s"},
		{"[a]\nulr = x\n", "f:3: unknown setting \"ulr\"; did you mean \"url\"?"},
		{"[a]\nurl = https://x\n[a]\n", "f:4: target a stands twice; the first counts"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1000);
		struct callees callees = CALLEES_INIT;
		struct problems problems = PROBLEMS_INIT;

		str_addf(&text, "format 1\n%s", rows[i].text);
		(void)callees_parse(&callees, "f", str_slice(&text), &problems);
		assert_true(problems.n >= 1);
		assert_string_equal(problems.texts[0], rows[i].problem);
		callees_done(&callees);
		problems_done(&problems);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_is_taken),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("worker/callees", tests, NULL, NULL);
}
