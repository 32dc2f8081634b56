/* Webhooks, batches and workflows: what is shown, sorted, opened, and written to a file. */
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "base/file.h"
#include "views/views.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOOKS                                                                                                       \
	"key:text\tinterface:text\ttitle:text\troute:text\tstate:text\tdeliveries:int\tsince:time\t"                \
	"at_once:int\tafter_retries:int\tunder_way:int\tdead:int\tretries:int\tsignatures:int\t"                    \
	"acknowledged:int\tack_usual_ms:int\tack_slow_ms:int\tlast_at:time\tanswers:text\towner:text\n"             \
	"shop-hook\tshop-hook\tWeb shop orders\tshop > odoo\tfailing\t61\t1773400000000000\t38\t1\t0\t22\t"         \
	"1\t22\t36\t191\t422\t1773479700000000\t200: 39, 401: 22\tBen Okafor\n"                                     \
	"stock-repl\tstock-repl\tReplenishment\tcabinets > odoo\tok\t200\t1773400000000000\t196\t3\t1\t0\t"         \
	"4\t0\t180\t232\t1424\t1773479998000000\t200: 199\tBen Okafor\n"                                            \
	"onb-hook\tonb-hook\tJoiners\thr > identity\tnone\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t" \
	"\\N\t\\N\tGreta Lund\n"
#define RUNS                                                                                                               \
	"key:text\tinterface:text\tstate:text\tdue_at:time\tstarted_at:time\tended_at:time\tlate_s:int\t"                  \
	"records_in:int\trecords_out:int\ttransaction:int\tbusiness_key:text\towner:text\tclass:text\t"                    \
	"text:text\n"                                                                                                      \
	"gl-nightly 2026\tgl-nightly\tlate\t1773453600000000\t\\N\t\\N\t27000\t\\N\t\\N\t\\N\t\\N\tBen Okafor\t\\N\t\\N\n" \
	"dwh-feed 812\tdwh-feed\tdead\t1773478800000000\t1773478900000000\t1773479200000000\t100\t6442\t\\N\t812\t"        \
	"DW-1\tBen Okafor\tbusiness\tchecksum of the batch differs\n"                                                      \
	"pay-out 2026\tpay-out\texpected\t1773487800000000\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tDavid\t\\N\t\\N\n"          \
	"dwh-feed 811\tdwh-feed\tdone\t1773475200000000\t1773475210000000\t1773475300000000\t\\N\t2875\t2870\t811\t"       \
	"DW-0\tBen Okafor\t\\N\t\\N\n"                                                                                     \
	"depr-run \tdepr-run\tnone\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tBen Okafor\t\\N\t\\N\n"
#define SAGAS                                                                                                    \
	"key:text\tinterface:text\tbusiness_key:text\tstate:text\tdone:int\tundone:int\tstep:text\t"             \
	"standing:text\tfailed:text\tattempt:int\tstarted_at:time\tlast_at:time\towner:text\t"                   \
	"correlation:text\tclass:text\ttext:text\n"                                                              \
	"71\tonb-out\tHR-71\tstuck\t3\t1\tcancel badge (takes back order badge)\tcreate account, assign roles\t" \
	"call\t4\t1773479000000000\t1773479300000000\tBen Okafor\t7f3a\tauth\tcertificate expired\n"             \
	"72\tonb-out\tHR-72\trunning\t2\t0\tassign roles\tcreate account, assign roles\t\\N\t1\t"                \
	"1773479900000000\t1773479950000000\tBen Okafor\t8b1c\t\\N\t\\N\n"

static void script_all(struct script *script)
{
	script_answer(script, "webhooks", HOOKS);
	script_answer(script, "batches", RUNS);
	script_answer(script, "workflows", SAGAS);
	script_answer(script, "list-export", "code:text\tmessage:text\ndone\tdone\n");
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){140, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void they_look_as_they_should(void **state)
{
	static const struct {
		const struct view_ops *ops;
		const char *name;
	} rows[] = {{&view_webhooks, "flows-webhooks"}, {&view_batches, "flows-batches"},
		{&view_workflows, "flows-workflows"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, rows[i].ops, script_all);
		viewbench_golden(&bench, rows[i].name);
		viewbench_close(&bench);
	}
}

static void what_nobody_knows_is_not_called_good(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_webhooks, script_all);
	viewbench_press(&bench, "G");
	assert_true(shows(&bench, "no delivery within the last day: no data"));
	assert_true(shows(&bench, "1 without data"));
	viewbench_close(&bench);
	viewbench_open(&bench, &view_batches, script_all);
	viewbench_press(&bench, "G");
	assert_true(
		shows(&bench, "it has never run, and the catalogue does not say when it is due"));
	viewbench_close(&bench);
}

static void a_row_leads_to_its_transaction_else_to_its_interface(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_webhooks, script_all);
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "interface shop-hook");
	viewbench_press(&bench, "&");
	assert_string_equal(str_cstr(&bench.went), "find if:shop-hook");
	viewbench_close(&bench);
	viewbench_open(&bench, &view_batches, script_all);
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "interface gl-nightly");
	viewbench_press(&bench, "j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 812");
	viewbench_close(&bench);
	viewbench_open(&bench, &view_workflows, script_all);
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "transaction 71");
	viewbench_press(&bench, "I");
	assert_string_equal(str_cstr(&bench.went), "interface onb-out");
	viewbench_press(&bench, "gs");
	assert_string_equal(str_cstr(&bench.went), "tail corr:\"7f3a\"");
	viewbench_close(&bench);
}

/* The cursor stays on its row; what is not known stands last, also backward; a new answer is sorted too. */
static void a_list_is_sorted_by_each_column(void **state)
{
	static const struct {
		const char *keys, *want;
	} rows[] = {
		{"s", "depr-run "}, /* by name */
		{"s", "dwh-feed 812"}, /* by state: dead, done, expected, late, none */
		{"s", "pay-out 2026"}, /* by due time, the furthest first */
		{"S", "gl-nightly 2026"}, {"s", "dwh-feed 811"}, /* by start, the oldest first */
	};
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_batches, script_all);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct table_rows table;

		viewbench_press(&bench, rows[i].keys);
		viewbench_pass(&bench, 11 * S_US);
		viewbench_press(&bench, "gg");
		viewbench_pass(&bench, S_US);
		(void)view_batches.table(bench.view, &table);
		CLEANUP(str_done)
		struct str first = STR_INIT(4096);

		table.text(table.ctx, 0, &first);
		if (!slice_starts(str_slice(&first), slice_of(rows[i].want)))
			fail_msg("row %zu: %s is first", i, str_cstr(&first));
	}
	assert_true(shows(&bench, "sorted by started, backward"));
	viewbench_press(&bench, "G");
	assert_true(shows(&bench, "sorted by started"));
	viewbench_close(&bench);
}

static void the_list_is_written_to_a_file(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(1 << 20);
	struct viewbench bench;

	(void)state;
	str_addf(&path, "%s/flows.csv", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	viewbench_open(&bench, &view_batches, script_all);
	viewbench_press(&bench, "> <Enter> <C-u>");
	viewbench_type(&bench, str_cstr(&path));
	viewbench_press(&bench, "<Enter> <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "list-export", 0), "batches");
	assert_string_equal(script_param(bench.script, "list-export", 1), "csv");
	assert_int_equal(file_read(str_cstr(&path), &text, NULL), 0);
	assert_non_null(strstr(str_cstr(&text), "key,interface,state,due_at"));
	assert_non_null(strstr(str_cstr(&text), "\"checksum of the batch differs\""));
	(void)unlink(str_cstr(&path));
	script_answer(bench.script, "list-export", "code:text\tmessage:text\nrole\tnot for you\n");
	viewbench_press(&bench, "> <Enter> <C-u>");
	viewbench_type(&bench, str_cstr(&path));
	viewbench_press(&bench, "<Enter> <Enter>");
	viewbench_settle(&bench);
	assert_string_equal(str_cstr(&bench.said), "not written: not for you");
	assert_int_equal(access(str_cstr(&path), F_OK), -1);
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(what_nobody_knows_is_not_called_good),
		cmocka_unit_test(a_row_leads_to_its_transaction_else_to_its_interface),
		cmocka_unit_test(a_list_is_sorted_by_each_column),
		cmocka_unit_test(the_list_is_written_to_a_file),
	};

	return RUN(tests);
}
