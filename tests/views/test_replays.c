/* Replays: asking after a dry run, the lists, and deciding about exactly what was seen. */
#include "../lib/unit.h"
#include "base/mem.h"
#include "triage_rows.h"
#include "viewbench.h"
#include "views/views.h"
#include <string.h>

static void full(struct script *script)
{
	static const char *const acts[] = {
		"replay-decide", "replay-steer", "replay-review", "replay-resolve", "replay-let"};

	script_answer(script, "replays", REQUESTS);
	script_answer(script, "replay-items", ITEMS);
	script_answer(script, "replay-decisions", DECISIONS);
	script_answer(script, "replay-doubts", DOUBTS);
	script_answer(script, "replay-verdicts", VERDICTS);
	script_answer(script, "replay-look", "ok:bool\tmessage:text\tid:int\nt\tdone\t12\n");
	script_answer(script, "replay-changes", CHANGES);
	script_answer(script, "replay-dry-run", DRY_RUN);
	script_answer(script, "replay-forecast", FORECAST);
	script_answer(script, "replay-ask", OUTCOME "t\tdone\t13\t2\t0\t1 pending\n");
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		script_answer(script, acts[i], OUTCOME "t\tdone\t12\t0\t0\t\\N\n");
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){140, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void they_look_as_they_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	viewbench_golden(&bench, "replays-requests");
	viewbench_press(&bench, "<Enter>");
	viewbench_golden(&bench, "replays-items");
	viewbench_press(&bench, "A");
	viewbench_golden(&bench, "replays-approve");
	viewbench_press(&bench, "<Esc> <Esc> i");
	viewbench_golden(&bench, "replays-doubts");
	viewbench_press(&bench, "D");
	viewbench_golden(&bench, "replays-resolve");
	viewbench_close(&bench);
	viewbench_open(&bench, &view_ask, full);
	view_ask.aim(bench.view, SLICE("group 7 90"));
	viewbench_settle(&bench);
	viewbench_golden(&bench, "replays-dry-run");
	viewbench_press(&bench, "<Enter>");
	viewbench_golden(&bench, "replays-ask");
	viewbench_close(&bench);
}

static void an_approval_is_about_what_was_seen(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	viewbench_press(&bench, "A A <Enter>");
	viewbench_type(&bench, "17");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-decide", 0), "12");
	assert_string_equal(script_param(bench.script, "replay-decide", 1), "1");
	assert_string_equal(script_param(bench.script, "replay-decide", 2), "true");
	assert_string_equal(script_param(bench.script, "replay-decide", 3), "17");
	assert_string_equal(str_cstr(&bench.said), "approve: done");
	viewbench_close(&bench);
}

static void another_number_approves_nothing(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	viewbench_press(&bench, "A A <Enter>");
	viewbench_type(&bench, "16");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_true(shows(&bench, "this is not the number"));
	assert_int_equal(script_asked(bench.script, "replay-decide"), 0);
	viewbench_close(&bench);
}

/* Nobody approves from a list: the page comes first, with what has become of it meanwhile. */
static void what_is_approved_is_looked_at_first(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	viewbench_press(&bench, "A");
	assert_string_equal(
		str_cstr(&bench.said), "this is what you would approve; once more to decide");
	assert_true(shows(&bench, "as it is now 16 eligible · 1 delivered"));
	viewbench_press(&bench, "A");
	assert_true(shows(&bench, "as it is now: 16 eligible · 1 delivered"));
	viewbench_close(&bench);
}

static void what_was_edited_is_shown_after_a_trace(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	viewbench_press(&bench, "j <Enter> d");
	assert_string_equal(script_param(bench.script, "replay-look", 0), "701");
	assert_string_equal(script_param(bench.script, "replay-changes", 0), "701");
	assert_true(shows(&bench, "/lines/0/cost_centre"));
	viewbench_golden(&bench, "replays-changes");
	viewbench_press(&bench, "<Esc>");
	assert_false(shows(&bench, "/lines/0/cost_centre"));
	script_answer(
		bench.script, "replay-look", "ok:bool\tmessage:text\tid:int\nf\tnot yours\t\\N\n");
	viewbench_press(&bench, "d");
	assert_string_equal(str_cstr(&bench.said), "not shown: not yours");
	assert_int_equal(script_asked(bench.script, "replay-changes"), 1);
	viewbench_close(&bench);
}

static void rejecting_wants_a_reason_and_no_number(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	viewbench_press(&bench, "X <Enter> <Enter>");
	assert_int_equal(script_asked(bench.script, "replay-decide"), 0);
	viewbench_type(&bench, "not before the fix is live");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-decide", 2), "false");
	assert_string_equal(
		script_param(bench.script, "replay-decide", 4), "not before the fix is live");
	viewbench_close(&bench);
}

static void a_refusal_stands_in_its_words(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	script_answer(bench.script, "replay-decide",
		OUTCOME "f\tnobody decides about a replay of their own\t\\N\t0\t0\t\\N\n");
	viewbench_press(&bench, "A A <Enter>");
	viewbench_type(&bench, "17");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(str_cstr(&bench.said),
		"approve refused: nobody decides about a replay of their own");
	viewbench_close(&bench);
}

static void who_steers_says_why(void **state)
{
	static const struct {
		const char *key, *act;
	} rows[] = {{"P", "pause"}, {"r", "resume"}, {"W", "withdraw"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, &view_replays, full);
		viewbench_press(&bench, "j");
		viewbench_press(&bench, rows[i].key);
		viewbench_type(&bench, "the target complains");
		viewbench_press(&bench, "<Enter> <Enter>");
		assert_string_equal(script_param(bench.script, "replay-steer", 0), rows[i].act);
		assert_string_equal(script_param(bench.script, "replay-steer", 1), "11");
		viewbench_close(&bench);
	}
}

static void what_is_in_doubt_is_settled_by_a_person(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	viewbench_press(&bench, "D");
	assert_string_equal(str_cstr(&bench.said), "this is not in doubt");
	viewbench_press(&bench, "i D <Right> <Enter>");
	viewbench_type(&bench, "not in the target");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-resolve", 0), "702");
	assert_string_equal(script_param(bench.script, "replay-resolve", 1), "failed");
	viewbench_press(&bench, "i <Enter> G H <Enter>");
	viewbench_type(&bench, "superseded");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-let", 0), "703");
	assert_string_equal(script_param(bench.script, "replay-let", 1), "false");
	viewbench_close(&bench);
}

static void what_odoo_has_already_is_decided_by_a_person(void **state)
{
	static const char held[] = DOUBT_HEAD
		"303\t703\t11\tLi Wei\t303\tpo-in\tm-3\tPO-7\tW3\theld\t\\N\tpresent\t\\N\t\\N\t"
		"Odoo has it: purchase.order 12 (reference)\t\\N\t0\t\\N\t\\N\torderly-7f3b\t00ffee\t"
		"present\t1773480500000000\t\\N\todoo POST https://odoo.example/orders\n";
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	script_answer(bench.script, "replay-doubts", held);
	viewbench_pass(&bench, 10 * S_US);
	viewbench_press(&bench, "i");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "Odoo has it: purchase.order 12"));
	viewbench_press(&bench, "D");
	assert_true(shows(&bench, "it is there: it counts as delivered"));
	assert_false(shows(&bench, "it failed"));
	viewbench_press(&bench, "<Enter>");
	viewbench_type(&bench, "seen in Odoo");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-resolve", 0), "703");
	assert_string_equal(script_param(bench.script, "replay-resolve", 1), "delivered");
	viewbench_press(&bench, "H");
	assert_true(shows(&bench, "Odoo has it, or cannot tell"));
	viewbench_press(&bench, "<Right> <Enter>");
	viewbench_type(&bench, "another order of that name");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-let", 0), "703");
	assert_string_equal(script_param(bench.script, "replay-let", 1), "true");
	viewbench_close(&bench);
}

/* A request that comes, or goes on, is seen without a key. */
static void it_is_live(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_replays, full);
	script_answer(bench.script, "replays", REQUEST_HEAD REQUEST_RUNNING);
	viewbench_pass(&bench, 5 * S_US);
	assert_true(shows(&bench, "1 requests"));
	viewbench_press(&bench, "<Enter>");
	assert_int_equal(script_asked(bench.script, "replay-items"), 1);
	script_answer(bench.script, "replays",
		REQUEST_HEAD
		"11\t11\tpaused\tx\tLi Wei\tf\tf\t1773477000000000\tx\tlab-orders\ttwo\t2\t2\t"
		"2/2\t1\tt\t40\t12/40\t13\t1\t12\t1\t1\t2\t3\t10\t8\t1\t200000\t1773477100000000\t"
		"1773477100000000\t5\t1773560000000000\t\\N\t\\N\t3\n");
	viewbench_pass(&bench, 5 * S_US);
	assert_int_equal(script_asked(bench.script, "replay-items"), 2);
	assert_true(shows(&bench, "paused"));
	viewbench_close(&bench);
}

static void asking_goes_from_the_dry_run_to_the_request(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_ask, full);
	assert_int_equal(script_asked(bench.script, "replay-dry-run"), 0);
	view_ask.aim(bench.view, SLICE("set 301 302 303"));
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "replay-dry-run", 0), "{301,302,303}");
	assert_true(shows(&bench, "1 eligible · 1 behind · 1 pending"));
	assert_true(shows(&bench, "needs 1 approval; can be given by Bo Lind, Eva Sand"));
	viewbench_press(&bench, "<Enter>");
	viewbench_type(&bench, "master data is fixed");
	viewbench_press(&bench, "<Enter> <Right> <Enter> <Right> <Enter> <Enter>");
	viewbench_type(&bench, "2");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-ask", 0), "{301,302,303}");
	assert_string_equal(script_param(bench.script, "replay-ask", 3), "master data is fixed");
	assert_string_equal(script_param(bench.script, "replay-ask", 4), "[]");
	assert_string_equal(script_param(bench.script, "replay-ask", 5), "1");
	assert_string_equal(script_param(bench.script, "replay-ask", 6), "false");
	assert_string_equal(str_cstr(&bench.said), "ask · 2 done · not done: 1 pending");
	assert_string_equal(str_cstr(&bench.went), "replays 13");
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(an_approval_is_about_what_was_seen),
		cmocka_unit_test(another_number_approves_nothing),
		cmocka_unit_test(what_is_approved_is_looked_at_first),
		cmocka_unit_test(what_was_edited_is_shown_after_a_trace),
		cmocka_unit_test(rejecting_wants_a_reason_and_no_number),
		cmocka_unit_test(a_refusal_stands_in_its_words),
		cmocka_unit_test(who_steers_says_why),
		cmocka_unit_test(what_is_in_doubt_is_settled_by_a_person),
		cmocka_unit_test(what_odoo_has_already_is_decided_by_a_person),
		cmocka_unit_test(it_is_live),
		cmocka_unit_test(asking_goes_from_the_dry_run_to_the_request),
	};

	return RUN(tests);
}
