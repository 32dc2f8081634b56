/* Filters under a name: ready ones first, counted one after the other, brought back with @, jumped to,
 * forgotten; and lists written to files. */
#include "base/file.h"
#include "base/mem.h"
#include "ui/kept.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SAVED                                                                  \
	"id:int\tname:text\tfilter:text\tshared:bool\tmine:bool\towner:text\n" \
	"3\tpo dead\tif:po-* state:dead\tf\tt\tEmi Tanaka\n"                   \
	"8\tlab\x1b[2J\tif:lab-*\tt\tf\tBen Okafor\n9\tbad\tif:\tt\tf\tBen Okafor\n"
#define FOUND                                                                                                 \
	"place:text\tid:int\tmessage:text\tstate:text\tinterface:text\tat:time\tfacility:text\t"              \
	"business_key:text\tcorrelation:text\tattempts:int\tclass:text\terror:text\towner:text\t"             \
	"partner:text\tletter:text\tsource:text\ttarget:text\tteam:text\trunbook:text\n"                      \
	"7\t7\tPO-317\tdead\tpo\t1773480000000000\tH01\tk\tc\t3\tmapping\t=cmd()\t\\N\tp\topen\ts\tt\tx\ty\n" \
	"5\t5\tm2\tdone\tpo\t1773480000000000\tH01\tk\tc\t1\t\\N\ta\"b\t\\N\tp\t\\N\ts\tt\tx\ty\n"

static void some(struct script *script)
{
	script_answer(script, "filters", SAVED);
	script_answer(script, "looked", "at:time\n1773394200000000\n");
	script_answer(script, "look", "at:time\n1773480600000000\n");
	script_answer(script, "find-count", "n:int\n17\n");
	script_answer(script, "filter-drop", "code:text\tmessage:text\ndone\t\\N\n");
	script_answer(script, "filter-names", "field:text\tname:text\n");
	script_answer(script, "find", FOUND);
	script_answer(script, "find-export", "code:text\tmessage:text\ndone\t\\N\n");
}

static void open_bench(struct viewbench *bench, const struct view_ops *ops)
{
	viewbench_open(bench, ops, some);
	bench->env.kept = kept_new(&bench->env);
	kept_show(bench->env.kept, true);
	viewbench_pass(bench, S_US);
}

static void close_bench(struct viewbench *bench)
{
	kept_free(bench->env.kept);
	viewbench_close(bench);
}

static void they_are_listed_and_counted(void **state)
{
	struct viewbench bench;

	(void)state;
	open_bench(&bench, &view_filters);
	assert_int_equal(
		script_asked(bench.script, "find-count"), 7); /* not the one that is wrong */
	viewbench_golden(&bench, "filters");
	viewbench_press(&bench, "j <Enter>");
	assert_non_null(strstr(str_cstr(&bench.went), "find owner:me letter:owned"));
	viewbench_press(&bench, "j j j <Enter>");
	assert_string_equal(
		str_cstr(&bench.went), "find state:dead at>=2026-03-13T09:30:00.000Z last 7d");
	viewbench_settle(&bench);
	assert_int_equal(script_asked(bench.script, "look"), 1);
	close_bench(&bench);
}

static void counts_are_taken_anew_while_somebody_is_there(void **state)
{
	struct viewbench bench;
	size_t asked;

	(void)state;
	open_bench(&bench, &view_filters);
	asked = script_asked(bench.script, "find-count");
	viewbench_pass(&bench, 40 * S_US);
	assert_true(script_asked(bench.script, "find-count") > asked);
	kept_show(bench.env.kept, false);
	asked = script_asked(bench.script, "find-count");
	viewbench_pass(&bench, 100 * S_US);
	assert_int_equal(script_asked(bench.script, "find-count"), asked);
	close_bench(&bench);
}

static void only_one_s_own_is_forgotten(void **state)
{
	struct viewbench bench;
	CLEANUP(str_done)
	struct str question = STR_INIT(200);

	(void)state;
	open_bench(&bench, &view_filters);
	viewbench_press(&bench, "j");
	assert_int_equal(view_filters.subject(bench.view, ACTION_FILTER_DROP, &question), 0);
	assert_string_equal(str_cstr(&question), "this one is always there");
	viewbench_press(&bench, "j j j j");
	str_reset(&question);
	assert_int_equal(view_filters.subject(bench.view, ACTION_FILTER_DROP, &question), 1);
	assert_true(view_filters.act(bench.view, ACTION_FILTER_DROP));
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "filter-drop", 0), "3");
	viewbench_press(&bench, "j");
	str_reset(&question);
	assert_int_equal(view_filters.subject(bench.view, ACTION_FILTER_DROP, &question), 0);
	assert_string_equal(str_cstr(&question), "this one is not yours");
	close_bench(&bench);
}

static void a_name_brings_a_filter_back(void **state)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1000);
	struct viewbench bench;
	struct err err = ERR_INIT;

	(void)state;
	open_bench(&bench, &view_find);
	viewbench_press(&bench, "& @ p <Tab>");
	assert_non_null(bench.view);
	viewbench_press(&bench, "<Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "find"), "if:po-* state:dead");
	assert_true(kept_find(bench.env.kept, SLICE("stukc"), &text, &err) < 0);
	assert_non_null(strstr(err.text, "did you mean \"stuck\"?"));
	close_bench(&bench);
}

static void export_to(struct viewbench *bench, const char *path, const char *choose)
{
	viewbench_press(bench, ">");
	viewbench_press(bench, choose);
	viewbench_press(bench, "<Down> <C-u>");
	for (const char *c = path; *c; c++) {
		const char key[] = {*c, '\0'};

		viewbench_press(bench, key);
	}
	viewbench_press(bench, "<Enter> <Enter>");
	viewbench_settle(bench);
}

static void a_list_is_written_to_a_new_file(void **state)
{
	static const struct {
		const char *choose, *ending, *text;
	} rows[] = {
		{"<Right> <Left>", "csv", "\"mapping\",\"'=cmd()\",,\"p\",\"open\""},
		{"<Right>", "jsonl", "\"error\":\"a\\u0022b\",\"owner\":null"},
	};
	struct viewbench bench;

	(void)state;
	open_bench(&bench, &view_find);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str path = STR_INIT(4096), text = STR_INIT(1 << 16);

		str_addf(&path, "%s/list.%s", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp",
			rows[i].ending);
		unlink(str_cstr(&path));
		export_to(&bench, str_cstr(&path), rows[i].choose);
		assert_non_null(strstr(str_cstr(&bench.said), "2 rows are in"));
		assert_string_equal(script_param(bench.script, "find-export", 1), rows[i].ending);
		assert_int_equal(file_read(str_cstr(&path), &text, NULL), 0);
		if (!strstr(str_cstr(&text), rows[i].text))
			fail_msg("%s", str_cstr(&text));
		export_to(&bench, str_cstr(&path), rows[i].choose);
		assert_non_null(strstr(str_cstr(&bench.said), "File exists"));
		viewbench_press(&bench, "<Esc>");
		unlink(str_cstr(&path));
	}
	close_bench(&bench);
}

static void a_list_that_may_not_leave_does_not(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(1 << 16);
	struct viewbench bench;

	(void)state;
	open_bench(&bench, &view_find);
	script_answer(bench.script, "find-export",
		"code:text\tmessage:text\nrole\tyour roles do not allow this\n");
	str_addf(&path, "%s/not.csv", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	export_to(&bench, str_cstr(&path), "<Right> <Left>");
	assert_non_null(strstr(str_cstr(&bench.said), "not all: your roles do not allow this"));
	assert_int_equal(file_read(str_cstr(&path), &text, NULL), 0);
	assert_int_equal(text.len, 0);
	unlink(str_cstr(&path));
	close_bench(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_listed_and_counted),
		cmocka_unit_test(counts_are_taken_anew_while_somebody_is_there),
		cmocka_unit_test(only_one_s_own_is_forgotten),
		cmocka_unit_test(a_name_brings_a_filter_back),
		cmocka_unit_test(a_list_is_written_to_a_new_file),
		cmocka_unit_test(a_list_that_may_not_leave_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
