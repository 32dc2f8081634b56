/* The wallboard: its pages, how they turn, and what it does when nothing comes or there is no room. */
#include "base/mem.h"
#include "standing_rows.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PO                                                                                       \
	NOW("po-out", "Purchase orders", "odoo", "ghx", "breach", "213", "12", "1284", "4",      \
		"1773469080000000", "41.5", "40.1", "1773480598000000", "ana.ruiz", "1", "1,30", \
		"1420")                                                                          \
	STANDS("success is missed", NEVER, "t", "success", "995000", "523", "48000", "4100",     \
		"2000")                                                                          \
	QUIET
#define LAB                                                                                       \
	NOW("lab-orders", "Laboratory orders", "ehr", "lab", "silent", "0", "0", "0", "0", "\\N", \
		"0", "0", "1773477000000000", "li.wei", "2", "4,0", "0")                          \
	STANDS("nothing comes", SINCE, "f", "success", "990000", "0", "1200", "380", "2000") QUIET
#define FINE                                                                         \
	PLAIN("adt", "Admissions", "ehr", "odoo", "ok", "0", "0", "0", "\\N", "1.0", \
		"1773480599000000", "li.wei", "3", "1")

static void full(struct script *script)
{
	script_answer(script, "overview", OVERVIEW_HEAD PO LAB FINE);
	script_answer(script, "overview-waits", "asked:int\tdoubts:int\n2\t0\n");
	script_answer(script, "systems-down",
		DOWN_HEAD
		"odoo\tOdoo ERP\t1773479880000000\t1773480590000000\tprobe\tOdoo cannot be reached\t\\N\t"
		"Ana Ruiz\tNordlicht\t+49 555 0100\tpage erp-oncall\t\\N\t\\N\n");
}

static bool shows(struct viewbench *bench, int width, int height, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){width, height, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void it_turns_its_pages_by_itself(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_wallboard, full);
	viewbench_golden(&bench, "wallboard");
	assert_true(shows(&bench, 80, 24, "BREACH"));
	assert_true(shows(&bench, 80, 24, "1/3"));
	viewbench_pass(&bench, 16 * S_US);
	assert_true(shows(&bench, 80, 24, "DOWN Odoo ERP for 12m"));
	assert_true(shows(&bench, 80, 24, "escalation: page erp-oncall"));
	viewbench_pass(&bench, 15 * S_US);
	assert_true(shows(&bench, 80, 30, "po-out  Purchase orders"));
	assert_true(shows(&bench, 120, 24,
		"success is missed: 98.91 of 99.5 % · burns 14.2x · 1284 dead · ana.ruiz"));
	assert_true(shows(&bench, 80, 24, "lab-orders"));
	assert_false(shows(&bench, 80, 24, "Admissions")); /* what is well is not on the wall */
	viewbench_golden(&bench, "wallboard-worst");
	viewbench_pass(&bench, 15 * S_US);
	assert_true(shows(&bench, 80, 24, "1/3"));
	viewbench_close(&bench);
}

/* One answer and one frame in five seconds, or a few that say the same. */
static void it_moves_once_in_five_seconds(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	viewbench_open(&bench, &view_wallboard, full);
	asked = script_asked(bench.script, "overview");
	viewbench_pass(&bench, 60 * S_US);
	assert_in_range(script_asked(bench.script, "overview") - asked, 10, 13);
	bench.view->ops->show(bench.view, false);
	asked = script_asked(bench.script, "overview");
	viewbench_pass(&bench, 60 * S_US);
	assert_int_equal(script_asked(bench.script, "overview"), asked);
	viewbench_close(&bench);
}

static void what_is_old_says_so_loudly(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_wallboard, full);
	script_fail(bench.script, "overview", -ENOTCONN, "the store is not connected");
	viewbench_pass(&bench, 80 * S_US);
	assert_true(shows(&bench, 80, 24, "STALE 1m"));
	assert_true(shows(&bench, 80, 24, "the store is not connected"));
	assert_true(bench.changed > 10); /* ages grow on the wall though nothing comes */
	script_answer(bench.script, "overview", OVERVIEW_HEAD FINE);
	script_answer(bench.script, "systems-down", DOWN_HEAD);
	bench.view->ops->store_up(bench.view, true);
	viewbench_pass(&bench, 60 * S_US);
	assert_false(shows(&bench, 80, 24, "STALE"));
	viewbench_close(&bench);
}

static void it_holds_at_any_size(void **state)
{
	static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 60}, {7, 3}, {19, 4}, {20, 4}, {36, 9},
		{59, 11}, {80, 24}, {100, 6}, {200, 60}, {400, 120}};
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_wallboard, full);
	for (int page = 0; page < 4; page++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			struct surface *surface = surface_new(sizes[i][0], sizes[i][1]);
			struct canvas canvas = canvas_of(surface, bench.theme, 256, page & 1);

			canvas.plain = page == 3;
			bench.view->ops->layout(bench.view, sizes[i][0], sizes[i][1]);
			bench.view->ops->draw(bench.view, &canvas);
			surface_free(surface);
		}
		viewbench_pass(&bench, 15 * S_US);
	}
	viewbench_close(&bench);
}

static void all_is_well_is_said(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_wallboard, full);
	script_answer(bench.script, "overview", OVERVIEW_HEAD FINE);
	script_answer(bench.script, "systems-down", DOWN_HEAD);
	viewbench_pass(&bench, 16 * S_US);
	assert_true(shows(&bench, 80, 24, "no system is down"));
	viewbench_pass(&bench, 15 * S_US);
	assert_true(shows(&bench, 80, 24, "no interface needs a response"));
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_turns_its_pages_by_itself),
		cmocka_unit_test(it_moves_once_in_five_seconds),
		cmocka_unit_test(what_is_old_says_so_loudly),
		cmocka_unit_test(it_holds_at_any_size),
		cmocka_unit_test(all_is_well_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
