/* The overview: what is shown of an answer, and what happens when there is none. */
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

#define HEAD OVERVIEW_HEAD
#define PO                                                                                   \
	NOW("po-out", "Purchase orders", "odoo", "ghx", "breach", "213", "12", "17", "4",    \
		"1773469080000000", "41.5", "40.1", "1773480598000000", "ana.ruiz", "1",     \
		"1,1,2,3,5,8,13,21,20,18,17,30", "1420")                                     \
	STANDS("success is missed", NEVER, "t", "success", "995000", "523", "48000", "4100", \
		"2000")                                                                      \
	QUIET
#define LAB                                                                                       \
	NOW("lab-orders", "Laboratory orders", "ehr", "lab", "silent", "0", "0", "0", "0", "\\N", \
		"0", "0", "1773477000000000", "li.wei", "2", "4,4,4,4,0,0,0,0,0,0,0,0", "0")      \
	STANDS("nothing comes", SINCE, "f", "success", "990000", "0", "1200", "380", "2000")      \
	QUIET
#define NEW_ONE                                                                                \
	NOW("gl-new", "Ledger, new", "odoo", "ledger", "none", "0", "0", "0", "0", "\\N", "0", \
		"0", "\\N", "\\N", "3", "0,0,0,0,0,0,0,0,0,0,0,0", "\\N")                      \
	STANDS("never heard of", NEVER, "f", "\\N", "\\N", "\\N", "\\N", "\\N", "\\N") QUIET
#define MUTED                                                                                      \
	NOW("inv-in", "Invoices", "peppol", "odoo", "breach", "2", "0", "3", "3",                  \
		"1773469080000000", "1.5", "1.5", "1773480598000000", "ana.ruiz", "2", "1,1",      \
		"90")                                                                              \
	STANDS("latency is missed", NEVER, "f", "latency", "990000", "50", "1000", "9100", "2000") \
	SILENCED
#define HOSTILE                                                                                \
	PLAIN("evil\x1b[31m\u202Eif", "x", "日本語システム名前がとても長い", "GHX", "ok", "0", \
		"0", "0", "\\N", "1.0", "1773480599000000", "\u00e9\u0301\x9b", "3",           \
		"not,a,number")

#define ODOO_DOWN                                                                                  \
	"odoo\tOdoo ERP\t1773479880000000\t1773480590000000\tprobe\tOdoo cannot be reached\t\\N\t" \
	"Ana Ruiz\tNordlicht\t+49 555 0100\tpage erp-oncall\thttps://wiki/odoo\t\\N\n"
#define EHR_DOWN \
	"ehr\tEHR\t1773480000000000\t1773480590000000\ttraffic\tnothing arrives\todoo\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n"

static void full(struct script *script)
{
	script_answer(script, "overview", HEAD PO LAB NEW_ONE HOSTILE MUTED);
	script_answer(script, "systems-down", DOWN_HEAD);
	script_answer(script, "overview-waits", "asked:int\tdoubts:int\n2\t1\n");
}

static void broken(struct script *script)
{
	full(script);
	script_answer(script, "systems-down", DOWN_HEAD ODOO_DOWN EHR_DOWN);
}

static void empty(struct script *script)
{
	script_answer(script, "systems-down", DOWN_HEAD);
	script_answer(script, "overview-waits", "asked:int\tdoubts:int\n0\t0\n");
	script_answer(script, "overview", HEAD);
}

static void refused(struct script *script)
{
	script_answer(script, "systems-down", DOWN_HEAD);
	script_answer(script, "overview-waits", "asked:int\tdoubts:int\n0\t0\n");
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

static void what_a_system_takes_along_is_folded_under_it(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_overview, broken);
	viewbench_golden(&bench, "overview-down");
	assert_true(shows(&bench, "DOWN Odoo ERP for 12m · takes along 4 interfaces and 1 system"));
	assert_true(shows(&bench, "escalation: page erp-oncall · owner Ana Ruiz · Nordlicht"));
	/* from it, to it, and from what fell with it; one that is well and comes from elsewhere stays */
	assert_false(shows(&bench, " po-out "));
	assert_false(shows(&bench, "lab-orders"));
	viewbench_press(&bench, "z");
	assert_true(shows(&bench, "└ po-out"));
	assert_true(shows(&bench, "└ lab-orders"));
	viewbench_press(&bench, "z");
	assert_false(shows(&bench, "po-out"));
	script_answer(bench.script, "systems-down", DOWN_HEAD);
	viewbench_pass(&bench, 6 * S_US);
	assert_true(shows(&bench, " po-out "));
	viewbench_press(&bench, "z");
	assert_string_equal(str_cstr(&bench.said), "no system is down that takes others along");
	viewbench_close(&bench);
}

static void tiles_count_and_lead_to_their_lists(void **state)
{
	static const char *const went[] = {"sla breach", "sla at-risk", "sla late", "sla silent",
		"dead ", "replays ", "replays ", "find state:waiting,running"};
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_overview, full);
	/* a silenced one is not counted */
	assert_true(shows(&bench, "BREACH 1   AT RISK 0   LATE 0   SILENT 1   DEAD 20 (7 unowned)"
				  "   IN DOUBT 1   WAITING APPROVAL 2   QUEUE 215"));
	for (size_t i = 0; i < ARRAY_LEN(went); i++) {
		for (size_t step = 0; step <= i; step++)
			viewbench_press(&bench, "t");
		viewbench_press(&bench, "<Enter>");
		assert_string_equal(str_cstr(&bench.went), went[i]);
	}
	viewbench_press(&bench, "t j <Enter>"); /* moving leaves the tiles */
	assert_string_equal(str_cstr(&bench.went), "interface lab-orders");
	viewbench_press(&bench, "s");
	assert_string_equal(str_cstr(&bench.went), "sla lab-orders");
	viewbench_press(&bench, "S");
	assert_string_equal(str_cstr(&bench.went), "sla silent");
	viewbench_close(&bench);
}

static void what_is_not_known_is_never_shown_as_good(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_overview, full);
	viewbench_press(&bench, "j j");
	assert_true(shows(&bench, "no data"));
	assert_true(shows(&bench, "Ledger, new · never heard of"));
	viewbench_press(&bench, "G");
	assert_true(shows(&bench, "latency is missed: 95.00 of 99 % · silenced for 2h by Ana Ruiz: "
				  "parts arrive at noon"));
	viewbench_press(&bench, "gg");
	assert_true(shows(&bench, "success is missed: 98.91 of 99.5 %"));
	script_answer(bench.script, "overview",
		HEAD NOW("a", "a", "x", "y", "none", "0", "0", "0", "0", "\\N", "0", "0", "\\N",
			"\\N", "3", "0", "\\N") STANDS("\\N", NEVER, "f", "\\N", "\\N", "\\N",
			"\\N", "\\N", "\\N") "\\N\t\\N\t\\N\t\\N\n");
	viewbench_pass(&bench, 3 * S_US);
	assert_true(shows(&bench, "states were never worked out: no worker runs"));
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
		cmocka_unit_test(what_a_system_takes_along_is_folded_under_it),
		cmocka_unit_test(tiles_count_and_lead_to_their_lists),
		cmocka_unit_test(what_is_not_known_is_never_shown_as_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
