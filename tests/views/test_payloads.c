/* Payloads: the grant before the first page, hits as they come from a helper thread, stopping, pausing
 * while nobody looks, and that raw ones are asked for with a reason and sealed. */
#include "base/mem.h"
#include "viewbench.h"
#include "views/views.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ASKED \
	"code:text\tmessage:text\tgrant_id:int\tsince:time\tupto:time\tfirst_day:text\tlast_day:text\n"
#define GRANTED ASKED "done\t\\N\t4\t1773394200000000\t1773480600000000\t2026-03-13\t2026-03-14\n"
#define HEAD                                                                                    \
	"code:text\tmessage:text\tplace:text\tprogress:real\tid:int\tstate:text\t"              \
	"interface:text\tfacility:text\tmessage_id:text\tcorrelation:text\tbusiness_key:text\t" \
	"at:time\tkind:text\tcontent_type:text\thex:bool\tbody:text\n"
#define FIRST                                                                              \
	"done\t\\N\t9 aa\t0.25\t9\tdead\tpo-out\tH01\tPO-317\t7f3a-01\tPO-2026-11-00317\t" \
	"1773480000000000\toutbound\tapplication/json\tf\t"                                \
	"{\"lines\": 4, \"cost_center\": \"8841\", \"again\": \"8841\"}\n"
#define SECOND                                                                               \
	"done\t\\N\t7 bb\t0.75\t7\tdone\tlab\x1b[31m\t\\N\tm2\t\\N\t\\N\t1773470000000000\t" \
	"inbound\ttext/plain\tf\tnothing of it\n"

static void none(struct script *script)
{
	script_answer(script, "filter-names", "field:text\tname:text\nif\tpo-out\n");
	script_answer(script, "search-ask", GRANTED);
	script_answer(script, "search-raw-ask", GRANTED);
	script_answer(script, "transaction-reseal", "code:text\tmessage:text\ndone\t\\N\n");
	script_answer(script, "search", HEAD);
	script_answer(script, "search-raw", HEAD);
}

/* Pages come for ever: until it is stopped. */
static void some(struct script *script)
{
	none(script);
	script_answer(script, "search", HEAD FIRST SECOND);
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

/* A helper thread has its own time. */
static void await(struct viewbench *bench, const char *text)
{
	for (int i = 0; i < 20000; i++) {
		const struct timespec nap = {0, 1000000};

		viewbench_settle(bench);
		if (shows(bench, text))
			return;
		nanosleep(&nap, NULL);
	}
	fail_msg("%s is not shown", text);
}

/* The threads that still work on what was stopped use the script's rows. */
static void leave(struct viewbench *bench)
{
	for (int i = 0; i < 20000; i++) {
		const struct timespec nap = {0, 1000000};
		DIR *tasks = opendir("/proc/self/task");
		int n = 0;

		while (tasks && readdir(tasks))
			n++;
		if (tasks)
			closedir(tasks);
		viewbench_settle(bench);
		if (n <= 3) /* itself, and two dots */
			break;
		nanosleep(&nap, NULL);
	}
	viewbench_close(bench);
}

static void hits_come_with_what_surrounds_them(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_payloads, none);
	assert_true(shows(&bench, "a filter with body~\"pattern\" says what to look for"));
	bench.view->ops->aim(bench.view, SLICE("if:po-* body~\"8[0-9]+1\" last 1d"));
	await(&bench, "no payload that you may see holds it");
	assert_string_equal(
		script_filter(bench.script, "search-ask"), "if:po-* body~\"8[0-9]+1\" since:-1d");
	assert_string_equal(script_param(bench.script, "search", 0), "4");
	assert_string_equal(script_param(bench.script, "search", 1), "2026-03-13");
	leave(&bench);
}

static void it_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_payloads, some);
	bench.view->ops->aim(bench.view, SLICE("body~8841"));
	await(&bench, "PO-2026-11-00317");
	viewbench_press(&bench, "<C-c>");
	await(&bench, "STOPPED 75 % of 1d");
	assert_true(shows(&bench, "\"cost_center\": \"8841\""));
	assert_false(shows(&bench, "lab"));
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 9");
	viewbench_press(&bench, "y");
	assert_string_equal(str_cstr(&bench.copied), "7f3a-01");
	leave(&bench);
}

static void its_screens(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_payloads, some);
	bench.view->ops->aim(bench.view, SLICE("if:po-* body~8841"));
	while (script_asked(bench.script, "search") <
		2) /* the first page came, the next is asked for */
		loop_turn(bench.loop, 0);
	script_answer(bench.script, "search", HEAD);
	await(&bench, "all of it");
	viewbench_golden(&bench, "payloads");
	leave(&bench);
}

static void it_pauses_while_nobody_looks(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	viewbench_open(&bench, &view_payloads, some);
	bench.view->ops->aim(bench.view, SLICE("body~8841"));
	await(&bench, "PO-2026-11-00317");
	bench.view->ops->show(bench.view, false);
	viewbench_settle(&bench);
	asked = script_asked(bench.script, "search");
	viewbench_pass(&bench, 10 * S_US);
	assert_int_equal(script_asked(bench.script, "search"), asked);
	bench.view->ops->show(bench.view, true);
	viewbench_settle(&bench);
	assert_true(script_asked(bench.script, "search") > asked);
	assert_int_equal(script_asked(bench.script, "search-ask"), 1);
	assert_string_equal(script_param(bench.script, "search", 3), "7 bb");
	viewbench_press(&bench, "<C-c>");
	leave(&bench);
}

static void a_refusal_is_shown(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_payloads, none);
	script_answer(bench.script, "search-ask",
		ASKED "window\tthe window of time is empty or too wide\t\\N\t\\N\t\\N\t\\N\t\\N\n");
	bench.view->ops->aim(bench.view, SLICE("body~x last 4w"));
	await(&bench, "the window of time is empty or too wide");
	assert_int_equal(script_asked(bench.script, "search"), 0);
	leave(&bench);
}

static void raw_ones_want_a_reason_and_are_sealed(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_payloads, none);
	bench.env.actor = (struct actor){true, SLICE("operator"), false};
	viewbench_press(&bench, "x");
	assert_non_null(strstr(str_cstr(&bench.said), "first a filter"));
	bench.view->ops->aim(bench.view, SLICE("body~8841"));
	await(&bench, "all of it");
	viewbench_press(&bench, "x d i s p u t e <Enter> <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "search-raw-ask", 1), "dispute");
	await(&bench, "RAW");
	bench.view->ops->show(bench.view, false);
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "transaction-reseal"), 1);
	bench.view->ops->show(bench.view, true);
	assert_true(shows(&bench, "sealed"));
	leave(&bench);
}

static void without_a_pattern_it_is_for_find(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_payloads, none);
	viewbench_press(&bench, "& s t a t e : d e a d <Enter>");
	assert_string_equal(str_cstr(&bench.went), "find state:dead");
	leave(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits_come_with_what_surrounds_them),
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(its_screens),
		cmocka_unit_test(it_pauses_while_nobody_looks),
		cmocka_unit_test(a_refusal_is_shown),
		cmocka_unit_test(raw_ones_want_a_reason_and_are_sealed),
		cmocka_unit_test(without_a_pattern_it_is_for_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
