/* The audit: the list and its filter, one act in full, the chain verified part by part, the export. */
#include "../lib/unit.h"
#include "base/file.h"
#include "base/mem.h"
#include "viewbench.h"
#include "views/views.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATUS                                                                      \
	"head:text\tsealed:int\tsealed_to:time\tpending:int\toldest_pending:time\n" \
	"4200:00ffee\t4200\t1773480500000000\t2\t1773480590000000\n"
#define ACT_HEAD                                                                                  \
	"place:text\tkey:text\tid:int\tat:time\twho:text\tlogin:text\troles:text\taddress:text\t" \
	"application:text\tact:text\tobject:text\tobject_id:text\toutcome:text\tcode:text\t"      \
	"reason:text\tdetail:text\n"
#define ACT(id, who, act, outcome, code)                                                      \
	id "\t" id "\t" id "\t1773480500000000\t" who                                         \
	   "\tana.ruiz\toperator\t10.0.0.7\torderly\t" act "\treplay\t12\t" outcome "\t" code \
	   "\tmaster data is fixed\t{\"items\": 17}\n"
#define ACTS                                                                 \
	ACT_HEAD ACT("4202", "Bo Lind", "replay_approve", "done", "\\N")     \
		ACT("4201", "Ana Ruiz", "replay_approve", "refused", "role") \
			ACT("4200", "Ana Ruiz", "replay_ask", "done", "\\N")
#define PART_HEAD "code:text\tmessage:text\tlast:int\tcomplete:bool\thead:text\tproblems:text\n"

static void without_verdict(struct script *script)
{
	script_answer(script, "audit", ACTS);
	script_answer(script, "audit-status", STATUS);
}

static void full(struct script *script)
{
	without_verdict(script);
	script_answer(script, "audit-verify", PART_HEAD "done\twhole\t4200\tt\t4200:00ffee\t\\N\n");
	script_answer(
		script, "audit-export", "ok:bool\tmessage:text\thead:text\nt\tdone\t4200:00ffee\n");
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){140, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

static void it_looks_as_it_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_audit, full);
	viewbench_golden(&bench, "audit-acts");
	viewbench_press(&bench, "<Enter>");
	viewbench_golden(&bench, "audit-act");
	viewbench_press(&bench, "<Esc> &");
	viewbench_golden(&bench, "audit-filter");
	viewbench_close(&bench);
}

static void acts_are_filtered_by_the_store(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_audit, full);
	assert_string_equal(script_param(bench.script, "audit", 0), "");
	viewbench_press(&bench, "& <Enter>");
	viewbench_type(&bench, "replay_*");
	viewbench_press(&bench, "<Enter> <Enter>");
	viewbench_type(&bench, "refused*");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "audit", 0), "");
	assert_string_equal(script_param(bench.script, "audit", 1), "replay_*");
	assert_string_equal(script_param(bench.script, "audit", 3), "refused*");
	assert_true(shows(&bench, "· act replay_* · outcome refused*"));
	viewbench_close(&bench);
}

static void a_whole_chain_is_said_to_be_whole(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_audit, full);
	assert_true(shows(&bench, "not verified since you came"));
	viewbench_press(&bench, "v");
	viewbench_type(&bench, "4100:00aa");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "audit-verify", 0), "1");
	assert_string_equal(script_param(bench.script, "audit-verify", 2), "4100:00aa");
	assert_string_equal(str_cstr(&bench.said), "whole: 4,200 links, head 4200:00ffee");
	assert_true(shows(&bench, "whole: 4,200 links"));
	viewbench_close(&bench);
}

static const char *parts(void *ctx, const char *question)
{
	int *n = ctx;

	assert_string_equal(question, "audit-verify");
	return ++*n == 1 ? PART_HEAD "broken\tthe audit was touched\t2000\tf\t4200:00ffee\t"
				     "link 17 changed: act 17 is not what was sealed\n"
			 : PART_HEAD "done\twhole\t4200\tt\t4200:00ffee\t\\N\n";
}

/* Part by part to the end: what is broken in the first part is not forgotten by the last. */
static void each_broken_place_is_named(void **state)
{
	struct viewbench bench;
	int n = 0;

	(void)state;
	viewbench_open(&bench, &view_audit, without_verdict);
	script_otherwise(bench.script, parts, &n);
	viewbench_press(&bench, "v <Enter> <Enter>");
	assert_int_equal(script_asked(bench.script, "audit-verify"), 2);
	assert_string_equal(script_param(bench.script, "audit-verify", 0), "2001");
	assert_string_equal(str_cstr(&bench.said),
		"BROKEN: 1 place, the first: link 17 changed: act 17 is not what was sealed");
	assert_true(shows(&bench, "What is broken"));
	viewbench_golden(&bench, "audit-broken");
	viewbench_press(&bench, "<Esc>");
	assert_true(shows(&bench, "replay_approve"));
	viewbench_close(&bench);
}

static void a_refusal_is_no_verdict(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_audit, full);
	script_answer(bench.script, "audit-verify",
		PART_HEAD "head\ta head is written as number:hash\t\\N\tf\t\\N\t\\N\n");
	viewbench_press(&bench, "v <Enter> <Enter>");
	assert_string_equal(
		str_cstr(&bench.said), "not verified: a head is written as number:hash");
	viewbench_close(&bench);
}

static void export_to(struct viewbench *bench, const char *path)
{
	viewbench_press(bench, "E");
	viewbench_type(bench, path);
	viewbench_press(bench, "<Enter>");
	viewbench_type(bench, "for the auditors");
	viewbench_press(bench, "<Enter> <Enter>");
}

/* The trace comes first, the file is a new one and closed to others. */
static void acts_are_exported_into_a_new_file(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), text = STR_INIT(1 << 16);
	struct viewbench bench;
	struct stat st;

	(void)state;
	str_addf(&path, "%s/acts.csv", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	(void)unlink(str_cstr(&path));
	viewbench_open(&bench, &view_audit, full);
	export_to(&bench, str_cstr(&path));
	assert_string_equal(script_param(bench.script, "audit-export", 4), str_cstr(&path));
	assert_string_equal(script_param(bench.script, "audit-export", 5), "for the auditors");
	assert_int_equal(file_read(str_cstr(&path), &text, NULL), 0);
	assert_non_null(strstr(str_cstr(&text), "4202,"));
	assert_non_null(strstr(str_cstr(&text), "replay_ask"));
	assert_int_equal(stat(str_cstr(&path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_non_null(strstr(str_cstr(&bench.said), "exported: 3 acts in "));
	assert_non_null(strstr(str_cstr(&bench.said), "head 4200:00ffee"));
	export_to(&bench, str_cstr(&path));
	assert_non_null(strstr(str_cstr(&bench.said), "File exists"));
	assert_int_equal(script_asked(bench.script, "audit-export"), 1);
	(void)unlink(str_cstr(&path));
	viewbench_close(&bench);
}

/* It borrows the words of the list, so they stay as they are until it is done. */
static void the_filter_waits_for_an_export(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	struct viewbench bench;

	(void)state;
	str_addf(&path, "%s/kept.csv", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	(void)unlink(str_cstr(&path));
	viewbench_open(&bench, &view_audit, full);
	script_hold(bench.script, true);
	export_to(&bench, str_cstr(&path));
	viewbench_press(&bench, "&");
	assert_string_equal(str_cstr(&bench.said), "an export is under way; wait for its end");
	script_hold(bench.script, false);
	viewbench_settle(&bench);
	assert_non_null(strstr(str_cstr(&bench.said), "exported: 3 acts in "));
	(void)unlink(str_cstr(&path));
	viewbench_close(&bench);
}

static void a_refused_export_leaves_no_file(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	struct viewbench bench;

	(void)state;
	str_addf(&path, "%s/acts.jsonl", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	viewbench_open(&bench, &view_audit, full);
	script_answer(bench.script, "audit-export",
		"ok:bool\tmessage:text\thead:text\nf\tnot for you\t\\N\n");
	export_to(&bench, str_cstr(&path));
	assert_string_equal(str_cstr(&bench.said), "not exported: not for you");
	assert_int_equal(access(str_cstr(&path), F_OK), -1);
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_looks_as_it_should),
		cmocka_unit_test(acts_are_filtered_by_the_store),
		cmocka_unit_test(a_whole_chain_is_said_to_be_whole),
		cmocka_unit_test(each_broken_place_is_named),
		cmocka_unit_test(a_refusal_is_no_verdict),
		cmocka_unit_test(acts_are_exported_into_a_new_file),
		cmocka_unit_test(the_filter_waits_for_an_export),
		cmocka_unit_test(a_refused_export_leaves_no_file),
	};

	return RUN(tests);
}
