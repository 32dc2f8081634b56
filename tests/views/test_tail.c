/* The tail: what is held and shown, following and pausing, and that no place is lost. */
#include "base/mem.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                              \
	"era:text\txid:text\tseq:int\tat:time\tarrived:time\tinterface:text\tkind:text\t" \
	"state:text\tcorrelation:text\tbusiness_key:text\tfacility:text\tpartner:text\t"  \
	"attempt:int\tclass:text\ttext:text\tmessage:text\tkey:text\ttransaction:int\n"
#define ROW(xid, seq, us, interface, kind, state, correlation, text)                      \
	"e1\t" xid "\t" seq "\t1773480600" us "\t1773480600" us "\t" interface "\t" kind  \
	"\t" state "\t" correlation "\tPO-2026-00317\tH01\tGHX\t2\t\\N\t" text "\tm-" seq \
	"\tk" xid "-" seq "\t7" seq "\n"
#define A ROW("100", "1", "000000", "po-out", "received", "waiting", "7f3a", "")
#define B ROW("100", "2", "100000", "po-out", "failed", "retrying", "7f3a", "timeout after 30 s")
#define C ROW("102", "1", "200000", "lab-orders", "delivered", "done", "91bc", "")
#define D ROW("103", "1", "300000", "po-out", "dead", "dead", "7f3a", "cost centre 8841 unknown")

#define HORIZON "era:text\txid:text\theld_s:real\tpid:int\twho:text\twhat:text\n"
#define NOBODY HORIZON "e1\t104\t0\t\\N\t\\N\t\\N\n"

static void full(struct script *script)
{
	script_answer(script, "tail-start", HEAD A B C D);
	script_answer(script, "tail", HEAD);
	script_answer(script, "tail-horizon", NOBODY);
	script_answer(script, "tail-before", HEAD);
}

static void screen_of(struct viewbench *bench, struct str *out)
{
	str_reset(out);
	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, out);
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	screen_of(bench, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void it_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	viewbench_golden(&bench, "tail-following");
	viewbench_press(&bench, "k");
	viewbench_golden(&bench, "tail-paused");
	viewbench_close(&bench);
}

static void it_goes_on_after_the_last_row_that_it_got(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	viewbench_pass(&bench, S_US);
	assert_string_equal(script_param(bench.script, "tail", 0), "e1");
	assert_string_equal(script_param(bench.script, "tail", 1), "103");
	assert_string_equal(script_param(bench.script, "tail", 2), "1");
	assert_int_equal(script_asked(bench.script, "tail-start"), 1);
	viewbench_close(&bench);
}

static void a_failed_poll_keeps_the_place_and_goes_on(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	script_fail(bench.script, "tail", -ENOTCONN, "the store is not connected");
	viewbench_pass(&bench, 5 * S_US);
	assert_true(shows(&bench, "the store is not connected"));
	script_answer(bench.script, "tail", HEAD);
	bench.view->ops->store_up(bench.view, true);
	viewbench_pass(&bench, S_US);
	assert_string_equal(script_param(bench.script, "tail", 1), "103");
	assert_false(shows(&bench, "not connected"));
	assert_int_equal(script_asked(bench.script, "tail-start"), 1);
	viewbench_close(&bench);
}

static void an_idle_tail_asks_four_times_a_second_at_most(void **state)
{
	struct viewbench bench;
	size_t asked, changed;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	viewbench_pass(&bench, 5 * S_US);
	asked = script_asked(bench.script, "tail");
	changed = bench.changed;
	viewbench_pass(&bench, 10 * S_US);
	assert_in_range(script_asked(bench.script, "tail") - asked, 30, 41);
	assert_in_range(bench.changed - changed, 0, 3); /* the horizon's answers */
	viewbench_close(&bench);
}

/* A row without a kind: only a place. */
#define PLACE        \
	"e1\t105\t7" \
	"\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n"

static void a_row_without_a_kind_only_moves_the_place(void **state)
{
	struct viewbench bench;
	size_t changed;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	changed = bench.changed;
	script_answer(bench.script, "tail", HEAD PLACE);
	viewbench_pass(&bench, S_US);
	assert_string_equal(script_param(bench.script, "tail", 1), "105");
	assert_true(shows(&bench, "4 events"));
	assert_int_equal(bench.changed, changed); /* nothing to paint */
	viewbench_close(&bench);
}

/* As after a promotion: B and D come again under other numbers, E is new. */
#define B2 \
	"e2\t11\t1\t1773480600100000\t1773480600100000\tpo-out\tfailed\tretrying\t7f3a\tPO\tH01\tGHX\t2\t\\N\tt\tm-2\tk100-2\t72\n"
#define D2 \
	"e2\t11\t2\t1773480600300000\t1773480600300000\tpo-out\tdead\tdead\t7f3a\tPO\tH01\tGHX\t2\t\\N\tt\tm-1\tk103-1\t72\n"
#define E2 \
	"e2\t12\t1\t1773480600400000\t1773480600400000\tgl\treceived\twaiting\tx\tPO\tH01\tGHX\t1\t\\N\tt\tm-9\tk12-1\t72\n"

static void a_new_era_repeats_nothing(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	assert_true(shows(&bench, "4 events"));
	script_answer(bench.script, "tail", HEAD B2 D2 E2);
	viewbench_pass(&bench, 100 * MS_US);
	script_answer(bench.script, "tail", HEAD);
	viewbench_pass(&bench, S_US);
	assert_true(shows(&bench, "5 events"));
	assert_string_equal(script_param(bench.script, "tail", 0), "e2");
	assert_string_equal(script_param(bench.script, "tail", 1), "12");
	viewbench_close(&bench);
}

static void an_empty(struct script *script)
{
	script_answer(script, "tail-start", HEAD);
	script_answer(script, "tail-horizon", NOBODY);
}

static void a_first_event_is_found_without_a_place(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, an_empty);
	assert_true(shows(&bench, "no event yet"));
	script_answer(bench.script, "tail-start", HEAD A);
	script_answer(bench.script, "tail", HEAD);
	viewbench_pass(&bench, S_US);
	assert_true(shows(&bench, "po-out"));
	viewbench_close(&bench);
}

static void who_holds_the_feed_back_is_named(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	assert_false(shows(&bench, "held back"));
	script_answer(bench.script, "tail-horizon",
		HORIZON "e1\t104\t41.2\t812\todoo in db prod\tidle in transaction\n");
	viewbench_pass(&bench, 11 * S_US);
	assert_true(shows(&bench, "held back 41s by pid 812 odoo in db prod"));
	viewbench_close(&bench);
}

static void leaving_the_end_pauses_and_new_rows_are_counted(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	viewbench_press(&bench, "k");
	assert_true(shows(&bench, "PAUSED"));
	script_answer(bench.script, "tail",
		HEAD ROW("104", "1", "400000", "gl", "received", "waiting", "x", ""));
	viewbench_pass(&bench, 100 * MS_US);
	assert_true(shows(&bench, "+1 new"));
	script_answer(bench.script, "tail", HEAD);
	viewbench_press(&bench, "F");
	assert_true(shows(&bench, "following"));
	viewbench_close(&bench);
}

static void failures_and_correlations_are_found(void **state)
{
	static const struct {
		const char *keys, *under_cursor;
	} rows[] = {
		{"E", "09:30:00.100"}, /* the failure before the last */
		{"E e", "09:30:00.300"}, /* and back */
		{"O", "09:30:00.100"}, /* the same correlation before: not lab-orders */
		{"O O", "09:30:00.000"}, /* */
		{"O O o", "09:30:00.100"}, /* */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str screen = STR_INIT(1 << 20), want = STR_INIT(64);
		struct viewbench bench;

		viewbench_open(&bench, &view_tail, full);
		viewbench_press(&bench, rows[i].keys);
		screen_of(&bench, &screen);
		str_addf(&want, "▌ %s", rows[i].under_cursor);
		assert_non_null(strstr(str_cstr(&screen), str_cstr(&want)));
		viewbench_close(&bench);
	}
}

static void enter_opens_the_transaction_under_the_cursor(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	viewbench_press(&bench, "gg j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 72");
	viewbench_close(&bench);
}

#define PLACE_OF(xid, seq, passed)                                                   \
	"e1\t" xid "\t" seq "\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t" passed \
	"\t\\N\t\\N\t\\N\t\\N\t\\N\n"

static void filtered(struct script *script)
{
	full(script);
	script_answer(script, "filter-names", "field:text\tname:text\nif\tpo-out\n");
	script_answer(script, "tail-filtered-start", HEAD B D PLACE_OF("110", "4", "2000"));
	script_answer(script, "tail-filtered", HEAD);
	script_answer(script, "tail-before", HEAD PLACE_OF("100", "1", "0"));
}

static void a_filter_begins_anew_and_goes_on_behind_what_it_left_out(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, filtered);
	assert_true(shows(&bench, "4 events"));
	viewbench_press(&bench, "& i f : p o <Tab> <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "tail-filtered-start"), "if:po-out");
	assert_true(shows(&bench, "& if:po-out"));
	assert_true(shows(&bench, "2 events"));
	viewbench_pass(&bench, S_US);
	assert_string_equal(script_param(bench.script, "tail-filtered", 1), "110");
	assert_string_equal(script_param(bench.script, "tail-filtered", 2), "4");
	viewbench_golden(&bench, "tail-filtered");
	viewbench_press(&bench, "& <C-u> b o d y ~ x <Enter>");
	assert_non_null(strstr(str_cstr(&bench.said), "payloads are not followed"));
	viewbench_press(&bench, "<C-u> <Enter>");
	viewbench_settle(&bench);
	assert_true(shows(&bench, "4 events"));
	viewbench_close(&bench);
}

static void a_filter_survives_what_breaks(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, filtered);
	bench.view->ops->aim(bench.view, SLICE("if:po-out"));
	viewbench_settle(&bench);
	script_fail(bench.script, "tail-filtered", -ENOTCONN, "the store is not connected");
	viewbench_pass(&bench, 3 * S_US);
	assert_true(shows(&bench, "the store is not connected"));
	/* Found again, and promoted meanwhile: B and D come once more, E is new. */
	script_answer(bench.script, "tail-filtered", HEAD B2 D2 E2);
	bench.view->ops->store_up(bench.view, true);
	viewbench_settle(&bench);
	script_answer(bench.script, "tail-filtered", HEAD);
	viewbench_pass(&bench, S_US);
	assert_true(shows(&bench, "3 events"));
	assert_string_equal(script_param(bench.script, "tail-filtered", 0), "e2");
	assert_int_equal(script_asked(bench.script, "tail-filtered-start"), 1);
	viewbench_close(&bench);
}

static void what_went_before_is_fetched_when_it_is_scrolled_to(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, filtered);
	assert_int_equal(script_asked(bench.script, "tail-before"), 0);
	script_answer(bench.script, "tail-before",
		HEAD PLACE_OF("90", "3", "2")
			ROW("95", "1", "000000", "old-one", "received", "waiting", "o", "") ROW(
				"96", "1", "000000", "old-two", "received", "waiting", "o", ""));
	viewbench_press(&bench, "k");
	assert_string_equal(script_param(bench.script, "tail-before", 1), "100");
	for (int i = 0; i < 2; i++)
		loop_turn(bench.loop, 0);
	script_answer(bench.script, "tail-before", HEAD PLACE_OF("90", "3", "0"));
	viewbench_settle(&bench);
	assert_true(shows(&bench, "old-one"));
	assert_true(shows(&bench, "6 events"));
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "tail-before", 1), "90");
	assert_string_equal(script_param(bench.script, "tail-before", 2), "3");
	viewbench_press(&bench, "gg <Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 71");
	viewbench_close(&bench);
}

static void a_filter_that_leaves_nothing_new_looks_further_back(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, filtered);
	script_answer(bench.script, "tail-filtered-start", HEAD PLACE_OF("110", "4", "2000"));
	script_answer(bench.script, "tail-before", HEAD PLACE_OF("60", "3", "20000"));
	bench.view->ops->aim(bench.view, SLICE("corr:old"));
	for (int i = 0; i < 4; i++) {
		viewbench_settle(&bench);
		(void)shows(&bench, ""); /* laid out */
	}
	assert_in_range(script_asked(bench.script, "tail-before"), 2, 5);
	assert_string_equal(script_param(bench.script, "tail-before", 1), "60");
	script_answer(bench.script, "tail-before",
		HEAD PLACE_OF("50", "1", "20000")
			ROW("55", "1", "000000", "old-one", "dead", "dead", "old", ""));
	viewbench_settle(&bench);
	assert_true(
		shows(&bench, "old-one") || (viewbench_settle(&bench), shows(&bench, "old-one")));
	assert_true(shows(&bench, "following"));
	viewbench_close(&bench);
}

static void a_burst_says_what_went_by(void **state)
{
	CLEANUP(str_done)
	struct str rows = STR_INIT(1 << 20);
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, full);
	assert_false(shows(&bench, "unseen"));
	str_adds(&rows, HEAD);
	for (int i = 0; i < 500; i++)
		str_addf(&rows,
			"e1\t200\t%d\t1773480600000000\t1773480600000000\tpo\treceived\twaiting\tx\tPO\t"
			"H01\tGHX\t1\t\\N\tt\tm\tb%d\t7\n",
			i, i);
	script_answer(bench.script, "tail", str_cstr(&rows));
	while (script_asked(bench.script, "tail") < 2)
		viewbench_pass(&bench, 10 * MS_US);
	script_answer(bench.script, "tail", HEAD);
	viewbench_pass(&bench, S_US);
	assert_true(shows(&bench, "went by unseen"));
	viewbench_press(&bench, "k");
	assert_false(shows(&bench, "unseen"));
	viewbench_close(&bench);
}

static void one_correlation_is_followed(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_tail, filtered);
	viewbench_press(&bench, "gs");
	assert_string_equal(str_cstr(&bench.went), "tail corr:\"7f3a\"");
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(it_goes_on_after_the_last_row_that_it_got),
		cmocka_unit_test(a_failed_poll_keeps_the_place_and_goes_on),
		cmocka_unit_test(an_idle_tail_asks_four_times_a_second_at_most),
		cmocka_unit_test(a_row_without_a_kind_only_moves_the_place),
		cmocka_unit_test(a_new_era_repeats_nothing),
		cmocka_unit_test(a_first_event_is_found_without_a_place),
		cmocka_unit_test(who_holds_the_feed_back_is_named),
		cmocka_unit_test(leaving_the_end_pauses_and_new_rows_are_counted),
		cmocka_unit_test(failures_and_correlations_are_found),
		cmocka_unit_test(enter_opens_the_transaction_under_the_cursor),
		cmocka_unit_test(a_filter_begins_anew_and_goes_on_behind_what_it_left_out),
		cmocka_unit_test(a_filter_survives_what_breaks),
		cmocka_unit_test(what_went_before_is_fetched_when_it_is_scrolled_to),
		cmocka_unit_test(a_filter_that_leaves_nothing_new_looks_further_back),
		cmocka_unit_test(a_burst_says_what_went_by),
		cmocka_unit_test(one_correlation_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
