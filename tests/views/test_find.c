/* Find: the filter as a line that is typed, completed and kept; the list behind it; opening. */
#include "base/mem.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                        \
	"place:text\tid:int\tstate:text\tinterface:text\tsource:text\ttarget:text\tfacility:text\t" \
	"message:text\tcorrelation:text\tbusiness_key:text\tpartner:text\tclass:text\terror:text\t" \
	"attempts:int\tfailures:int\tbegan:time\tat:time\tdue:time\tletter:text\towner:text\t"      \
	"team:text\trunbook:text\n"
#define DEAD                                                                                    \
	"7\t7\tdead\tpo-out\tOdoo\tGHX\tH01\tPO-317\t7f3a-01\tPO-2026-11-00317\tghx\tmapping\t" \
	"cost centre 8841 unknown\t3\t3\t1773469080000000\t1773480000000000\t\\N\topen\tana.ruiz\tproc\thttps://runbooks/po-out\n"
#define HOSTILE                                                                                   \
	"5\t5\tdone\tlab\x1b[31m\tEHR\tLab\t\\N\tm\u202Ex\t\\N\t日本語\t\\N\t\\N\t\\N\t1\t0\t" \
	"1773469080000000\t1773470000000000\t\\N\t\\N\t\\N\t\\N\t\\N\n"
#define NAMES "field:text\tname:text\nif\tpo-in\nif\tpo-out\nfacility\tH01\n"

static void some(struct script *script)
{
	script_answer(script, "find", HEAD DEAD HOSTILE);
	script_answer(script, "filter-names", NAMES);
	script_answer(script, "filter-save", "code:text\tmessage:text\ndone\t\\N\n");
}

static void refused(struct script *script)
{
	some(script);
	script_fail(
		script, "find", -ETIMEDOUT, "this takes too long: no index answers error~\"x\"");
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
	viewbench_open(&bench, &view_find, some);
	bench.view->ops->aim(bench.view, SLICE("state!=filtered last 7d"));
	viewbench_settle(&bench);
	viewbench_golden(&bench, "find");
	viewbench_close(&bench);
}

static void hostile_text_is_inert(void **state)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	viewbench_dump(&bench, (struct look){120, 40, 256, false, false}, &screen);
	for (size_t i = 0; i < screen.len; i++)
		assert_true((unsigned char)screen.at[i] >= ' ' || screen.at[i] == '\n');
	assert_null(strstr(str_cstr(&screen), "\u202E"));
	viewbench_close(&bench);
}

static void a_filter_is_typed_and_asked_for(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	assert_string_equal(script_filter(bench.script, "find"), "");
	viewbench_press(&bench, "& s t a t e : d e a d <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "find"), "state:dead");
	assert_true(shows(&bench, "& state:dead"));
	viewbench_close(&bench);
}

static void names_of_the_catalogue_complete_it(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	viewbench_press(&bench, "& f a c <Tab>");
	assert_true(shows(&bench, "& facility:"));
	viewbench_settle(&bench);
	viewbench_press(&bench, "<BS> H <Tab> i f : <Tab>");
	assert_true(shows(&bench, "& facility:H01 if:po-"));
	assert_non_null(strstr(str_cstr(&bench.said), "po-in po-out"));
	viewbench_press(&bench, "o <Tab> <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "find"), "facility:H01 if:po-out");
	viewbench_close(&bench);
}

static void what_is_wrong_stays_in_the_line(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	asked = script_asked(bench.script, "find");
	viewbench_press(&bench, "& f o o : 1 <Enter>");
	assert_non_null(strstr(str_cstr(&bench.said), "column 1: no field `foo`"));
	assert_true(shows(&bench, "& foo:1"));
	viewbench_press(&bench, "<C-u> 7 f <Enter>");
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "find"), asked + 1);
	viewbench_press(&bench, "& <C-u> x <Esc>");
	assert_true(shows(&bench, "& 7f"));
	viewbench_press(&bench, "& <C-u> <Up> <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "find"), "7f");
	viewbench_close(&bench);
}

static void a_row_is_opened_as_a_transaction(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	viewbench_press(&bench, "j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 5");
	viewbench_close(&bench);
}

static void a_filter_is_saved_as_it_is_printed(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	viewbench_press(&bench, "W");
	assert_non_null(strstr(str_cstr(&bench.said), "no filter to save"));
	bench.view->ops->aim(bench.view, SLICE("(STATE=dead)"));
	viewbench_settle(&bench);
	viewbench_press(&bench, "W m i n e <Enter> <Space> <Enter> <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "filter-save", 0), "find");
	assert_string_equal(script_param(bench.script, "filter-save", 1), "mine");
	assert_string_equal(script_param(bench.script, "filter-save", 2), "state:dead");
	assert_string_equal(script_param(bench.script, "filter-save", 3), "true");
	assert_non_null(strstr(str_cstr(&bench.said), "the filter is saved"));
	viewbench_close(&bench);
}

static void what_begins_nothing_is_looked_for_in_other_ways(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	script_answer(bench.script, "find", HEAD);
	script_answer(bench.script, "find-hidden", "n:int\n0\n");
	bench.view->ops->aim(bench.view, SLICE("7F3A 01"));
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "find"), "*7F3A01* since:-1d");
	assert_true(shows(&bench, "no id begins so, and none of the last day holds it"));
	assert_string_equal(script_param(bench.script, "find-hidden", 0), "7F3A01");
	script_answer(bench.script, "find-hidden", "n:int\n3\n");
	bench.view->ops->aim(bench.view, SLICE("7F3A-01"));
	viewbench_settle(&bench);
	assert_true(shows(&bench, "what has this id lies outside of your scope"));
	assert_true(shows(&bench, "3 outside of your scope"));
	bench.view->ops->aim(bench.view, SLICE("7F3A state:dead"));
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "find"), "7F3A state:dead");
	viewbench_close(&bench);
}

static void what_a_row_is_called_is_copied(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	viewbench_press(&bench, "y");
	assert_string_equal(str_cstr(&bench.copied), "7f3a-01");
	viewbench_press(&bench, "Y");
	assert_string_equal(str_cstr(&bench.copied), "PO-317");
	viewbench_press(&bench, "gy");
	assert_string_equal(str_cstr(&bench.copied), "PO-2026-11-00317");
	viewbench_press(&bench, "K");
	assert_non_null(strstr(str_cstr(&bench.said), "po-out: https://runbooks/po-out"));
	viewbench_press(&bench, "I");
	assert_string_equal(str_cstr(&bench.went), "interface po-out");
	viewbench_press(&bench, "j y");
	assert_non_null(strstr(str_cstr(&bench.said), "no correlation id to copy"));
	viewbench_close(&bench);
}

static void payloads_are_for_another_view(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, some);
	bench.view->ops->aim(bench.view, SLICE("if:po-* body~x"));
	assert_string_equal(str_cstr(&bench.went), "payloads if:po-* body~\"x\"");
	assert_true(shows(&bench, "in a view of their own"));
	viewbench_close(&bench);
}

static void a_slow_filter_says_what_is_slow(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_find, refused);
	assert_true(shows(&bench, "no index answers error~\"x\""));
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(hostile_text_is_inert),
		cmocka_unit_test(a_filter_is_typed_and_asked_for),
		cmocka_unit_test(names_of_the_catalogue_complete_it),
		cmocka_unit_test(what_is_wrong_stays_in_the_line),
		cmocka_unit_test(a_row_is_opened_as_a_transaction),
		cmocka_unit_test(a_filter_is_saved_as_it_is_printed),
		cmocka_unit_test(what_begins_nothing_is_looked_for_in_other_ways),
		cmocka_unit_test(what_a_row_is_called_is_copied),
		cmocka_unit_test(payloads_are_for_another_view),
		cmocka_unit_test(a_slow_filter_says_what_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
