/* Dead letters: groups and members as they look, and acts from the form to what came of them. */
#include "../lib/unit.h"
#include "base/mem.h"
#include "triage_rows.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <string.h>

static void full(struct script *script)
{
	script_answer(script, "failure-groups", GROUP_HEAD GROUP_A GROUP_B);
	script_answer(script, "dead-letter-ages", AGES);
	script_answer(script, "dead-letters", MEMBERS);
	script_answer(script, "failure-group-act", OUTCOME "t\tdone\t7\t17\t0\t\\N\n");
	script_answer(script, "dead-letters-act", OUTCOME "t\tdone\t301\t1\t0\t\\N\n");
	script_answer(script, "note-add", OUTCOME "t\tdone\t1\t0\t0\t\\N\n");
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void it_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	viewbench_golden(&bench, "dead-groups");
	viewbench_press(&bench, "<Enter> <Space>");
	viewbench_golden(&bench, "dead-members");
	viewbench_press(&bench, "D");
	viewbench_golden(&bench, "dead-discard");
	viewbench_press(&bench, "<Esc> <Esc>");
	assert_true(shows(&bench, "2 groups"));
	viewbench_close(&bench);
}

static void a_whole_group_wants_its_number_and_a_reason(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	viewbench_press(&bench, "D <Enter> <Enter> <Enter>");
	assert_true(shows(&bench, "this is needed"));
	viewbench_type(&bench, "closed by the buyer");
	viewbench_press(&bench, "<Enter>");
	viewbench_type(&bench, "16");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_true(shows(&bench, "this is not the number"));
	assert_int_equal(script_asked(bench.script, "failure-group-act"), 0);
	viewbench_press(&bench, "<BS>");
	viewbench_type(&bench, "7");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_int_equal(script_asked(bench.script, "failure-group-act"), 1);
	assert_string_equal(script_param(bench.script, "failure-group-act", 0), "discard");
	assert_string_equal(script_param(bench.script, "failure-group-act", 1), "7");
	assert_string_equal(script_param(bench.script, "failure-group-act", 2), "90");
	assert_string_equal(
		script_param(bench.script, "failure-group-act", 3), "closed by the buyer");
	assert_string_equal(str_cstr(&bench.said), "discard · 17 done");
	viewbench_close(&bench);
}

/* The group grew while the form stood open: what arrived is shown, and not in what was asked. */
static void what_arrives_meanwhile_is_shown_and_not_swept_in(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	viewbench_press(&bench, "o");
	script_answer(bench.script, "failure-groups", GROUP_HEAD GROUP_A_GREW GROUP_B);
	viewbench_pass(&bench, 10 * S_US);
	viewbench_type(&bench, "17");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "failure-group-act", 2), "90");
	viewbench_press(&bench, "<Enter>");
	script_answer(bench.script, "failure-groups",
		GROUP_HEAD "7\t7\tpo-out\tmapping\tx\t25\t4\t29\t2\t1773394200000000\t"
			   "1773480000000000\t1773469080000000\t\\N\t\\N\t1\t95\t\\N\t\\N\n");
	viewbench_pass(&bench, 10 * S_US);
	assert_true(shows(&bench, "+5 arrived since"));
	viewbench_close(&bench);
}

static void tagged_members_go_by_their_numbers(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	viewbench_press(&bench, "<Enter> <Space> j <Space> r");
	viewbench_type(&bench, "again");
	viewbench_press(&bench, "<Enter>");
	viewbench_type(&bench, "2");
	script_answer(bench.script, "dead-letters-act",
		OUTCOME "t\tdone\t301\t1\t0\t1 not in a state that allows it\n");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "dead-letters-act", 0), "reopen");
	assert_string_equal(script_param(bench.script, "dead-letters-act", 1), "{301,303}");
	assert_string_equal(str_cstr(&bench.said),
		"reopen · 1 done · not done: 1 not in a state that allows it");
	viewbench_close(&bench);
}

static void sleeping_takes_a_time_ahead(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	viewbench_press(&bench, "<Enter> z");
	viewbench_type(&bench, "after the change window");
	viewbench_press(&bench, "<Enter> <Right> <Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "dead-letters-act", 0), "snooze");
	assert_string_equal(
		script_param(bench.script, "dead-letters-act", 3), "1773495000"); /* in 4 hours */
	viewbench_close(&bench);
}

static void a_refusal_is_shown_in_its_words(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	script_answer(bench.script, "dead-letters-act",
		OUTCOME "f\tthis needs another role\t\\N\t0\t0\t\\N\n");
	viewbench_press(&bench, "<Enter> o");
	assert_string_equal(str_cstr(&bench.said), "own refused: this needs another role");
	viewbench_close(&bench);
}

static void an_answer_that_is_lost_is_not_asked_again(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	script_fail(bench.script, "dead-letters-act", -ETIMEDOUT, "no answer in time");
	viewbench_press(&bench, "<Enter> o");
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(script_asked(bench.script, "dead-letters-act"), 1);
	assert_string_equal(str_cstr(&bench.said),
		"own: no answer in time · it may have been done all the same: look before you repeat it");
	viewbench_close(&bench);
}

/* Three answers of 1,000: the third act is not asked for, because it was stopped. */
static void a_large_act_goes_in_parts_and_can_be_stopped(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	script_answer(bench.script, "failure-group-act", OUTCOME "t\tdone\t7\t1000\t1\t\\N\n");
	viewbench_press(&bench, "o");
	viewbench_type(&bench, "17");
	viewbench_press(&bench, "<Enter>");
	script_hold(bench.script, true);
	viewbench_press(&bench, "<Enter>");
	assert_true(shows(&bench, "own: 0 of 17 done"));
	viewbench_press(&bench, "<C-c>");
	assert_true(shows(&bench, "stops after this part"));
	script_hold(bench.script, false);
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "failure-group-act"), 1);
	assert_string_equal(str_cstr(&bench.said), "own: stopped · 1,000 done");
	viewbench_close(&bench);
}

static void others_are_sent_to_with_what_was_chosen(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	viewbench_press(&bench, "R");
	assert_string_equal(str_cstr(&bench.went), "ask group 7 90");
	viewbench_press(&bench, "<Enter> * R");
	assert_string_equal(str_cstr(&bench.went), "ask set 301 302 303");
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 301");
	viewbench_close(&bench);
}

static void the_cursor_stays_on_its_group(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	viewbench_press(&bench, "j");
	script_answer(bench.script, "failure-groups", GROUP_HEAD GROUP_B GROUP_A);
	viewbench_pass(&bench, 5 * S_US);
	viewbench_press(&bench, "R");
	assert_string_equal(str_cstr(&bench.went), "ask group 9 55");
	viewbench_close(&bench);
}

/* Counted in another way, a row leads to what it counts, by the words of a filter. */
static void they_are_counted_by_something_else(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, full);
	script_answer(bench.script, "dead-letter-slices",
		"key:text\tname:text\tunresolved:int\tunowned:int\toldest_at:time\tlast_at:time\tfilter:text\n"
		"po-out\tpo-out\t17\t4\t1773469080000000\t1773480000000000\tstate:dead if:po-out\n"
		"\t(none)\t3\t0\t1773469080000000\t1773480000000000\t\\N\n");
	viewbench_press(&bench, "B");
	assert_string_equal(script_param(bench.script, "dead-letter-slices", 0), "interface");
	viewbench_golden(&bench, "dead-by-interface");
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "find state:dead if:po-out");
	viewbench_press(&bench, "R");
	assert_string_equal(str_cstr(&bench.went), "ask filter state:dead if:po-out");
	viewbench_press(&bench, "G <Enter>");
	assert_string_equal(str_cstr(&bench.said), "no filter finds what has none");
	viewbench_press(&bench, "B");
	assert_string_equal(script_param(bench.script, "dead-letter-slices", 0), "class");
	viewbench_press(&bench, "B B");
	assert_string_equal(script_param(bench.script, "dead-letter-slices", 0), "facility");
	viewbench_press(&bench, "B");
	assert_string_equal(script_param(bench.script, "dead-letter-slices", 0), "hour");
	assert_true(shows(&bench, "by hour · newest first"));
	viewbench_press(&bench, "B <Enter>");
	assert_int_equal(script_asked(bench.script, "dead-letters"), 1);
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(a_whole_group_wants_its_number_and_a_reason),
		cmocka_unit_test(what_arrives_meanwhile_is_shown_and_not_swept_in),
		cmocka_unit_test(tagged_members_go_by_their_numbers),
		cmocka_unit_test(sleeping_takes_a_time_ahead),
		cmocka_unit_test(a_refusal_is_shown_in_its_words),
		cmocka_unit_test(an_answer_that_is_lost_is_not_asked_again),
		cmocka_unit_test(a_large_act_goes_in_parts_and_can_be_stopped),
		cmocka_unit_test(others_are_sent_to_with_what_was_chosen),
		cmocka_unit_test(the_cursor_stays_on_its_group),
		cmocka_unit_test(they_are_counted_by_something_else),
	};

	return RUN(tests);
}
