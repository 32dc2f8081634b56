/* The overview: what is shown of an answer, and what happens when there is none. */
#include "base/mem.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                    \
	"interface:text\ttitle:text\tsource:text\ttarget:text\tstate:text\twaiting:int\t"       \
	"running:int\tretrying:int\tdead:int\toldest_dead:time\tin_per_min:real\tdone_1h:int\t" \
	"failed_1h:int\tlast_at:time\towner:text\ttier:int\tspark:text\n"
#define PO                                                                                      \
	"po-out\tPurchase orders\tOdoo\tGHX\tfailing\t210\t3\t12\t17\t1773469080000000\t41.5\t" \
	"2400\t130\t1773480598000000\tana.ruiz\t1\t1,1,2,3,5,8,13,21,20,18,17,30\n"
#define LAB                                                                           \
	"lab-orders\tLaboratory orders\tEHR\tLab\tsilent\t0\t0\t0\t0\t\\N\t0\t0\t0\t" \
	"1773477000000000\tli.wei\t2\t4,4,4,4,0,0,0,0,0,0,0,0\n"
#define HOSTILE                                                                                                   \
	"evil\x1b[31m\u202Eif\tx\t日本語システム名前がとても長い\tGHX\tok\t0\t0\t0\t0\t\\N\t1.0\t" \
	"9\t0\t1773480599000000\t\u00e9\u0301\x9b\t3\tnot,a,number\n"

static void full(struct script *script)
{
	script_answer(script, "overview", HEAD PO LAB HOSTILE);
}

static void empty(struct script *script)
{
	script_answer(script, "overview", HEAD);
}

static void refused(struct script *script)
{
	script_fail(script, "overview", -EPERM, "permission denied for table gauge");
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
	viewbench_open(&bench, &view_overview, full);
	viewbench_golden(&bench, "overview");
	viewbench_close(&bench);
}

static void hostile_names_are_inert(void **state)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_overview, full);
	viewbench_dump(&bench, (struct look){120, 40, 256, false, false}, &screen);
	for (size_t i = 0; i < screen.len; i++)
		assert_true((unsigned char)screen.at[i] >= ' ' || screen.at[i] == '\n');
	assert_null(strstr(str_cstr(&screen), "\u202E"));
	viewbench_close(&bench);
}

static void an_empty_catalogue_and_a_refusal_say_so(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_overview, empty);
	assert_true(shows(&bench, "no interface is in your scope"));
	viewbench_close(&bench);
	viewbench_open(&bench, &view_overview, refused);
	assert_true(shows(&bench, "permission denied for table gauge"));
	viewbench_close(&bench);
}

static void the_cursor_follows_its_interface(void **state)
{
	struct viewbench bench;
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	(void)state;
	viewbench_open(&bench, &view_overview, full);
	viewbench_press(&bench, "j");
	script_answer(bench.script, "overview", HEAD LAB PO);
	viewbench_pass(&bench, 3 * S_US);
	viewbench_dump(&bench, (struct look){120, 40, 256, false, false}, &screen);
	assert_non_null(strstr(str_cstr(&screen), "▌ lab-orders"));
	viewbench_close(&bench);
}

static void it_asks_again_only_while_it_is_shown(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	viewbench_open(&bench, &view_overview, full);
	viewbench_pass(&bench, 10 * S_US);
	asked = script_asked(bench.script, "overview");
	assert_in_range(asked, 4, 7);
	bench.view->ops->show(bench.view, false);
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(script_asked(bench.script, "overview"), asked);
	viewbench_close(&bench);
}

static void an_old_answer_stays_and_says_its_age(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_overview, full);
	script_fail(bench.script, "overview", -ENOTCONN, "the store is not connected");
	viewbench_pass(&bench, 60 * S_US);
	assert_true(shows(&bench, "po-out"));
	assert_true(shows(&bench, "the store is not connected"));
	assert_true(shows(&bench, "1m old"));
	script_answer(bench.script, "overview", HEAD LAB);
	bench.view->ops->store_up(bench.view, true);
	viewbench_settle(&bench);
	assert_false(shows(&bench, "old ·"));
	assert_false(shows(&bench, "po-out"));
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(hostile_names_are_inert),
		cmocka_unit_test(an_empty_catalogue_and_a_refusal_say_so),
		cmocka_unit_test(the_cursor_follows_its_interface),
		cmocka_unit_test(it_asks_again_only_while_it_is_shown),
		cmocka_unit_test(an_old_answer_stays_and_says_its_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
