/* The SLA view: the list, the page of one interface, windows, what leads elsewhere, silences. */
#include "base/mem.h"
#include "model/hist.h"
#include "standing_rows.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PROMISED(code, title, target, state, budget, burn, short, burning, ages, batch, silence) \
	code "\t" title "\t" target "\t" state "\t2592000\t" budget "\t" burn                    \
	     "\t" short "\t" burning "\t118\t410\t9200\t1773480571000000\t600\t7\t" ages         \
			"\t1773469080000000\t" batch "\tana.ruiz\t1\t" silence "\t\\N\t"
#define PO                                                                                         \
	PROMISED("po-out", "Purchase orders", "ghx", "breach", "-1179166", "1450,880,310,109",     \
		"2150,1630,770,210", "burning,burning,burning,burning", "3,2,7,4,1", "\\N", "\\N") \
	STANDS("success is missed", NEVER, "t", "success", "995000", "523", "48000", "4100",       \
		"2000")                                                                            \
	QUIET
#define GL                                                                                        \
	PROMISED("gl-nightly", "Ledger", "ledger", "late", "1000000", "0,0,0,0", ",,,",           \
		"none,none,few,fine", "0,0,0,0,0", "1773453600000000", "\\N")                     \
	STANDS("the batch has not come", "1773453600000000", "f", "success", "999000", "0", "31", \
		"\\N", "1800000")                                                                 \
	QUIET
#define STOCK                                                                                     \
	PROMISED("stock", "Stock", "wms", "at_risk", "410000", "390,120,80,20", "10,20,30,40",    \
		"fine,fine,fine,fine", "0,1,0,0,0", "\\N", "12")                                  \
	STANDS("success burns its budget", NEVER, "f", "success", "990000", "59", "10000", "900", \
		"2000")                                                                           \
	SILENCED

#define OBJECTIVES                                                                                \
	"measure:text\tobjective_ppm:int\tthreshold:int\twindow_s:int\tmin_count:int\tdue:text\t" \
	"severity:text\tnote:text\tbad:int\ttotal:int\tbudget:int\tvalue:int\tat:time\n"          \
	"success\t995000\t\\N\t2592000\t50\t\\N\tpage\t\\N\t523\t48000\t-1179166\t\\N\t\\N\n"     \
	"latency\t950000\t2000\t2592000\t50\t\\N\tpage\t\\N\t900\t47000\t617021\t\\N\t\\N\n"      \
	"retry\t950000\t\\N\t2592000\t90000\t\\N\tpage\t\\N\t10\t48000\t995833\t\\N\t\\N\n"       \
	"freshness\t990000\t1200\t2592000\t0\t\\N\tpage\t\\N\t\\N\t\\N\t\\N\t29\t\\N\n"           \
	"queue\t990000\t50\t2592000\t0\t\\N\tpage\t\\N\t\\N\t\\N\t\\N\t213\t\\N\n"                \
	"dead_age\t990000\t1800\t2592000\t0\t\\N\tpage\t\\N\t\\N\t\\N\t\\N\t11520\t\\N\n"         \
	"deadline\t990000\t\\N\t2592000\t0\t02:00 UTC\tpage\t\\N\t\\N\t\\N\t\\N\t\\N\t1773453600000000\n"
#define BURN                                                                                         \
	"interface:text\tmeasure:text\tobjective_ppm:int\twindow_s:int\trule:int\tlong_s:int\t"      \
	"short_s:int\ttenths:int\tseverity:text\tlong_bad:int\tlong_total:int\tshort_bad:int\t"      \
	"short_total:int\tlong_rate:int\tshort_rate:int\tstate:text\tsince:time\n"                   \
	"po-out\tsuccess\t995000\t2592000\t1\t3600\t300\t144\tpage\t71\t1000\t9\t80\t1450\t2150\t"   \
	"burning\t1773480000000000\n"                                                                \
	"po-out\tsuccess\t995000\t604800\t3\t86400\t7200\t30\twarning\t9\t20\t0\t0\t310\t\\N\tfew\t" \
	"1773480000000000\n"
#define REACH                                                                     \
	"reach:time\tbehind:bool\tkept_at:time\tsince:time\tcounted_since:time\n" \
	"1773480480000000\tt\t1773480590000000\t1773394200000000\t1773420000000000\n"
#define COUNTS                                                                                   \
	"interface:text\trows:int\tupto:time\tdone:int\tdead:int\tcancelled:int\tfiltered:int\t" \
	"recovered:int\tfailed_again:int\tretried:int\tlate:int\tsum_ms:int\thist:text\n"        \
	"po-out\t84\t1773480540000000\t100\t9\t0\t2\t4\t1\t12\t3\t60000\t"                       \
	"300,40,310,20,300,10,350,25,420,5\n"
#define FACILITIES                                                                             \
	"facility:text\ttitle:text\tdone:int\tdead:int\trecovered:int\tlate:int\tsum_ms:int\n" \
	"H01\tMercy North\t60\t8\t4\t2\t30000\nH02\tMercy Lakeside\t40\t1\t0\t1\t30000\n"

static void all(struct script *script)
{
	script_answer(script, "standings", STANDINGS_HEAD PO GL STOCK);
	script_answer(script, "objectives", OBJECTIVES);
	script_answer(script, "burn", BURN);
	script_answer(script, "rollup-reach", REACH);
	script_answer(script, "sla", COUNTS);
	script_answer(script, "sla-facilities", FACILITIES);
}

static void dump(struct viewbench *bench, struct str *screen)
{
	str_reset(screen);
	viewbench_dump(bench, (struct look){160, 90, 256, false, false}, screen);
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	dump(bench, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void the_list_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_sla, all);
	viewbench_golden(&bench, "sla");
	viewbench_press(&bench, "j");
	assert_true(shows(&bench, "the batch has not come, due 7h 30m ago"));
	viewbench_press(&bench, "j");
	assert_true(shows(&bench, "silenced for 2h by Ana Ruiz: parts arrive at noon"));
	viewbench_close(&bench);
}

static void the_page_says_all_of_one(void **state)
{
	static const char *const words[] = {"BREACH for 1h: success is missed: 98.91 of 99.5 %",
		"budget left -118 %", "98.08 of 95 % in 30d · budget left 61 % · within 2.0s",
		"too few: 48,000 of 90,000", "29s of 20m", "213 of 50", "3h 12m of 30m",
		"02:00 UTC", "91.74 % of 109, promised 99.5 %",
		"rolled up to 09:28:00: behind what came since", "covers a part of the window only",
		"14.5x · 5m 21.5x · fires over 14.4x in both: BURNING, page, for 10m",
		"3.1x · 2h no data · fires over 0.7x in both: too few to tell", "up to 500ms",
		"88.23 % · 60 delivered, 8 dead · Mercy North", "older"};
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_sla, all);
	viewbench_press(&bench, "<Enter>");
	viewbench_settle(&bench);
	viewbench_golden(&bench, "sla-page");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!shows(&bench, words[i]))
			fail_msg("\"%s\" is not shown", words[i]);
	viewbench_press(&bench, "<Esc>");
	assert_true(shows(&bench, "gl-nightly"));
	viewbench_close(&bench);
}

static void a_window_is_typed_or_chosen(void **state)
{
	static const struct {
		const char *typed, *said, *shown;
	} rows[] = {
		{"po-out 7d", "", "In 7d"},
		{"30d stock", "", "In 30d"},
		{"90m", "", "In 90m"},
		{"po-out 31d", "\"31d\": a window is 1m to 30d, such as 1h, 24h, 7d", NULL},
		{"po-out 0h", "\"0h\": a window is 1m to 30d, such as 1h, 24h, 7d", NULL},
		{"po-out 7", "\"7\" is no window: a number with m, h, d or w, such as 1h, 24h, 7d",
			NULL},
		{"po-out 7y",
			"\"7y\" is no window: a number with m, h, d or w, such as 1h, 24h, 7d",
			NULL},
		{"po-out stock", "\"stock\": one interface and one window, as in: po-out 7d", NULL},
		{"nowhere", "", "there is no such interface, or it is out of your scope"},
		{"silent", "", "no interface is in that state"},
		{"all", "", "gl-nightly"},
	};
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_sla, all);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		str_reset(&bench.said);
		bench.view->ops->aim(bench.view, slice_of(rows[i].typed));
		viewbench_settle(&bench);
		assert_string_equal(str_cstr(&bench.said), rows[i].said);
		if (rows[i].shown && !shows(&bench, rows[i].shown))
			fail_msg("%s: \"%s\" is not shown", rows[i].typed, rows[i].shown);
	}
	bench.view->ops->aim(bench.view, SLICE("breach"));
	viewbench_settle(&bench);
	assert_true(shows(&bench, "1 interfaces in state BREACH · c shows all"));
	assert_false(shows(&bench, "gl-nightly"));
	viewbench_press(&bench, "c");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "gl-nightly"));
	bench.view->ops->aim(bench.view, SLICE("po-out 1h"));
	viewbench_press(&bench, "W");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "In 24h"));
	viewbench_close(&bench);
}

static void a_breach_leads_to_its_transactions(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_sla, all);
	viewbench_press(&bench, "t");
	assert_string_equal(str_cstr(&bench.went), "find if:po-out state:dead,retrying");
	bench.view->ops->aim(bench.view, SLICE("po-out 7d"));
	viewbench_press(&bench, "d");
	assert_string_equal(str_cstr(&bench.went), "find if:po-out state:dead last 7d");
	viewbench_press(&bench, "I");
	assert_string_equal(str_cstr(&bench.went), "interface po-out");
	viewbench_close(&bench);
}

static void a_silence_asks_for_its_end_and_a_reason(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_sla, all);
	script_answer(bench.script, "silence-add",
		"ok:bool\tmessage:text\tid:int\tn:int\tleft:int\trefused:text\nt\tdone\t13\t1\t0\t\\N\n");
	viewbench_press(&bench, "z");
	assert_true(shows(&bench, "Silence po-out: nobody is called for it"));
	viewbench_type(&bench, "parts arrive at noon");
	viewbench_press(&bench, "<Enter>");
	viewbench_press(&bench, "<Right> <Enter> <Enter>");
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "silence-add"), 1);
	assert_string_equal(script_param(bench.script, "silence-add", 0), "po-out");
	assert_string_equal(script_param(bench.script, "silence-add", 1), "parts arrive at noon");
	viewbench_press(&bench, "Z");
	assert_string_equal(str_cstr(&bench.said), "it is not silenced");
	viewbench_press(&bench, "G Z");
	assert_true(shows(&bench, "End the silence of stock"));
	viewbench_close(&bench);
}

static void histograms_add_up_as_in_the_store(void **state)
{
	struct hist hist = {0};

	(void)state;
	assert_true(hist_add(&hist, SLICE("0,1,1,2,300,4,1,1,300,-1")));
	assert_int_equal(hist.n, 7);
	assert_int_equal(hist_over(&hist, 1), 3);
	assert_int_equal(hist_between(&hist, -1, 0), 1);
	assert_true(hist_quantile(&hist, 0.01) == 0);
	assert_true(hist_quantile(&hist, 0.5) == 1);
	assert_false(hist_add(&hist, SLICE("3")));
	assert_false(hist_add(&hist, SLICE("x,1")));
	assert_true(hist_add(&hist, SLICE("1000000000,1"))); /* longer than anything */
	assert_true(hist_quantile(&(struct hist){0}, 0.5) < 0);
	for (int64_t ms = 2; ms < 100000000; ms += 1 + ms / 50)
		assert_true(fabs(hist_latency(hist_bucket(ms)) - (double)ms) <= 0.01 * (double)ms);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_looks_as_it_should),
		cmocka_unit_test(the_page_says_all_of_one),
		cmocka_unit_test(a_window_is_typed_or_chosen),
		cmocka_unit_test(a_breach_leads_to_its_transactions),
		cmocka_unit_test(a_silence_asks_for_its_end_and_a_reason),
		cmocka_unit_test(histograms_add_up_as_in_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
