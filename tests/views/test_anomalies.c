/* Anomalies, and the stories told of them and of failure groups: what is shown, where one gets from there,
 * and what is asked before one is dismissed. */
#include "base/mem.h"
#include "triage_rows.h"
#include "unit.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <string.h>

#define HEAD                                                                                             \
	"id:int\tkey:text\tstate:text\tinterface:text\ttier:int\tmeasure:text\tseen:text\tusual:text\t"  \
	"off:text\taffected:int\thistory:text\tbegan_at:time\tended_at:time\towner:text\tbecause:text\t" \
	"hours:int\n"
#define ODD                                                                                   \
	"31\t31\todd\tlab-order\t1\tfailures\t12.4 %\t0.1 %\t9.3\t48\t6 weeks of this hour\t" \
	"1773478000000000\t\\N\tlab desk\t\\N\t3\n"                                           \
	"30\t30\todd\tcold-chain\t2\trate low\t0/h\t64/h\t6.1\t64\t6 weeks of this hour\t"    \
	"1773472000000000\t\\N\tsensor desk\t\\N\t5\n"
#define KNOWN_WHY                                                                                 \
	"29\t29\tknown\tpo-out\t1\trate high\t900/h\t240/h\t14.0\t660\t4 days of this hour\t" \
	"1773460000000000\t\\N\tsupply desk\tthe yearly order\t8\n"
#define STORY                                                                                    \
	"at:time\twords:text\n"                                                                  \
	"1773478000000000\t12.4 % of the messages died; usually 0.1 % (6 weeks of this hour).\n" \
	"\\N\tAll 48 come from Mercy North (H01); of the others 12 of 340 do.\n"                 \
	"1773476000000000\tThe interface lab-order was changed to version 7 (proposed by Hugo Marchetti: new host).\n"
#define REGULAR "known:int\tunknown:int\n41\t0\n"

static void full(struct script *script)
{
	script_answer(script, "anomalies", HEAD ODD KNOWN_WHY);
	script_answer(script, "rhythms-known", REGULAR);
	script_answer(script, "story", STORY);
	script_answer(script, "anomaly-dismiss", OUTCOME "t\tdone\t30\t0\t0\t\\N\n");
}

static void some_unknown(struct script *script)
{
	script_answer(script, "anomalies", HEAD);
	script_answer(script, "rhythms-known", "known:int\tunknown:int\n0\t41\n");
}

static void dead(struct script *script)
{
	script_answer(script, "failure-groups", GROUP_HEAD GROUP_A GROUP_B);
	script_answer(script, "dead-letter-ages", AGES);
	script_answer(script, "dead-letters", MEMBERS);
	script_answer(script, "story", STORY);
}

static void expect(struct viewbench *bench, const char *what, bool shown)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	viewbench_settle(bench); /* what is under the cursor is asked about when it is laid out */
	str_reset(&screen);
	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	if ((strstr(str_cstr(&screen), what) != NULL) != shown)
		fail_msg("\"%s\" is %s\n%s", what, shown ? "missing" : "shown", str_cstr(&screen));
}

static void they_look_as_they_should(void **state)
{
	static const struct {
		const char *name, *keys;
		const struct view_ops *ops;
		void (*script)(struct script *script);
	} rows[] = {
		{"anomalies", "", &view_anomalies, full},
		{"anomalies-none", "", &view_anomalies, some_unknown},
		{"anomalies-dismiss", "j D", &view_anomalies, full},
		{"dead-story", "i", &view_dead, dead},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, rows[i].ops, rows[i].script);
		expect(&bench, "", true);
		viewbench_press(&bench, rows[i].keys);
		expect(&bench, "", true);
		viewbench_golden(&bench, rows[i].name);
		viewbench_close(&bench);
	}
}

static void the_story_is_that_of_the_row_under_the_cursor(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_anomalies, full);
	expect(&bench, "All 48 come from Mercy North", true);
	assert_string_equal(script_param(bench.script, "story", 0), "anomaly");
	assert_string_equal(script_param(bench.script, "story", 1), "31");
	script_answer(bench.script, "story", "at:time\twords:text\n\\N\tNothing at all is sent.\n");
	viewbench_press(&bench, "j");
	expect(&bench, "Nothing at all is sent.", true);
	expect(&bench, "All 48 come", false);
	assert_string_equal(script_param(bench.script, "story", 1), "30");
	script_fail(bench.script, "story", -ETIMEDOUT, "the store took too long");
	viewbench_press(&bench, "j");
	expect(&bench, "the store took too long", true);
	viewbench_close(&bench);
}

static void a_row_leads_to_its_transactions(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_anomalies, full);
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "find if:lab-order last 3h state:dead");
	str_reset(&bench.went);
	viewbench_press(&bench, "j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "find if:cold-chain last 5h");
	viewbench_close(&bench);
}

static void dismissing_wants_a_reason(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_anomalies, full);
	viewbench_press(&bench, "j D <Enter> <Enter>");
	expect(&bench, "this is needed", true);
	viewbench_type(&bench, "serviced");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "anomaly-dismiss", 0), "30");
	assert_string_equal(script_param(bench.script, "anomaly-dismiss", 1), "serviced");
	assert_string_equal(str_cstr(&bench.said), "dismiss: done");
	viewbench_close(&bench);
}

static void what_is_over_is_shown_when_it_is_asked_for(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_anomalies, full);
	assert_string_equal(script_param(bench.script, "anomalies", 0), "false");
	viewbench_press(&bench, "c");
	assert_string_equal(script_param(bench.script, "anomalies", 0), "true");
	expect(&bench, "with what is over", true);
	viewbench_press(&bench, "c");
	assert_string_equal(script_param(bench.script, "anomalies", 0), "false");
	viewbench_close(&bench);
}

/* Silence about what cannot be judged would look like health. */
static void it_says_of_how_many_nothing_is_known(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_anomalies, some_unknown);
	expect(&bench, "no rhythm is known yet", true);
	expect(&bench, "of 41 interfaces it is not known what is usual", true);
	script_answer(bench.script, "rhythms-known", "known:int\tunknown:int\n40\t1\n");
	viewbench_press(&bench, "<C-r>");
	viewbench_pass(&bench, 61 * S_US);
	expect(&bench, "nothing is other than usual", true);
	expect(&bench, "not known of 1", true);
	viewbench_close(&bench);
}

static void a_group_tells_its_story_in_place_of_the_list(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_dead, dead);
	assert_int_equal(script_asked(bench.script, "story"), 0);
	viewbench_press(&bench, "i");
	expect(&bench, "All 48 come from Mercy North", true);
	assert_string_equal(script_param(bench.script, "story", 0), "group");
	assert_string_equal(script_param(bench.script, "story", 1), "7");
	viewbench_press(&bench, "D"); /* no act reaches through to the list */
	expect(&bench, "All 48 come from Mercy North", true);
	viewbench_press(&bench, "<Esc>");
	expect(&bench, "All 48 come from Mercy North", false);
	viewbench_press(&bench, "<Enter> i");
	expect(&bench, "All 48 come from Mercy North", true);
	viewbench_press(&bench, "i");
	expect(&bench, "All 48 come from Mercy North", false);
	viewbench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(the_story_is_that_of_the_row_under_the_cursor),
		cmocka_unit_test(a_row_leads_to_its_transactions),
		cmocka_unit_test(dismissing_wants_a_reason),
		cmocka_unit_test(what_is_over_is_shown_when_it_is_asked_for),
		cmocka_unit_test(it_says_of_how_many_nothing_is_known),
		cmocka_unit_test(a_group_tells_its_story_in_place_of_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
