/* What is governed: changes that two decide, drafts from the person's own editor, mask rules tried on
 * samples before they are proposed. */
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "views/views.h"
#include <errno.h>

#define AT(seconds) "17734" seconds "000000"
#define CHANGES                                                                             \
	"id:int\tkey:text\tat:time\tstate:text\tproposer:text\treason:text\tobjects:text\t" \
	"hidden:int\tundoes:int\tdecider:text\tdecided_at:time\tdecision:text\tmine:bool\n"
#define WAITS                                                                                         \
	"12\t12\t" AT(                                                                                \
		"80000") "\tproposed\tHugo Marchetti\tit loops\tinterface po-out, slo po-out/queue\t" \
			 "2\t\\N\t\\N\t\\N\t\\N\tt\n"
#define OVER                                                                                                   \
	"11\t11\t" AT("70000") "\tapplied\tHugo Marchetti\tas agreed\tmask_rule ssn\t0\t9\tChiara Weiss\t" AT( \
		"71000") "\twell seen\tf\n"
#define ITEMS "object:text\tmark:text\twhat:text\tmoved:bool\n"
#define TWO_ITEMS                                           \
	"interface po-out\t~\tquarantine_after: 3 > 5\tf\n" \
	"slo po-out/queue\t+\tthreshold: 50\tt\n"
#define ACTED "ok:bool\tmessage:text\tid:int\tn:int\tleft:int\trefused:text\n"

#define RULES                                                                                          \
	"key:text\tord:int\ttarget:text\tkind:text\tmatcher:text\treplacement:text\tinterfaces:text\t" \
	"classes:text\tnote:text\tversion:int\tat:time\twaits:bool\n"
#define TWO_RULES                                                                                          \
	"mrn\t10\terror\tregex\tMRN [0-9]+\t•••\t*\tphi\t\\N\t1\t" AT(                                     \
		"70000") "\tf\n"                                                                           \
			 "name\t20\tpayload\thl7\tPID-5\t•••\tlab-* adt-*\tphi confidential\t\\N\t2\t" AT( \
				 "70000") "\tf\n"
#define TRIAL                                                                                         \
	"interface:text\tbefore:text\tbefore_how:text\tbefore_why:text\tafter:text\tafter_how:text\t" \
	"after_why:text\n"
#define SHOWN "lab-in\tname: •••, ward 3\tmasked\t\\N\tname: •••, ward •••\tmasked\t\\N\n"
#define TRIED \
	"ok:bool\tcode:text\tmessage:text\tid:int\tsame:int\tmark:text\tobject:text\twhat:text\n"
#define DIFFERS \
	"t\tdry_run\tnothing was changed\t\\N\t0\t~\tmask_rule name\tmatcher: PID-5 > PV1-3\n"
#define IS_WRONG \
	"t\tdry_run\tnothing was changed\t\\N\t0\t!\tmask_rule name\tmatcher: this value is not allowed\n"
#define IS_SAME "t\tdry_run\tnothing was changed\t\\N\t1\t\\N\t\\N\t\\N\n"
#define DRAFT "{\"format\": 1, \"mask_rule\": [{\"code\": \"name\"}]}"

static void script_changes(struct script *script)
{
	script_answer(script, "changes", CHANGES WAITS OVER);
	script_answer(script, "change-items", ITEMS TWO_ITEMS);
	script_answer(script, "change-decide", ACTED "t\tdone\t12\t0\t0\t\\N\n");
}

static void script_rules(struct script *script)
{
	script_answer(script, "mask-rules", RULES TWO_RULES);
	script_answer(script, "mask-try", TRIAL SHOWN);
	script_answer(script, "catalogue-object", "document:text\n" DRAFT "\n");
	script_answer(script, "catalogue-import", TRIED DIFFERS);
	script_answer(script, "change-propose", ACTED "t\tdone\t13\t1\t0\t\\N\n");
	script_answer(
		script, "change-remove", ACTED "f\tyour roles do not allow this\t\\N\t0\t0\t\\N\n");
}

/* The cursor's row is asked about when the screen is laid out. */
static void look(struct viewbench *bench)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	viewbench_settle(bench);
}

static void expect(struct viewbench *bench, const char *what, bool shown)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	look(bench);
	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	if ((strstr(str_cstr(&screen), what) != NULL) != shown)
		fail_msg("\"%s\" is %s\n%s", what, shown ? "missing" : "shown", str_cstr(&screen));
}

static void they_look_as_they_should(void **state)
{
	static const struct {
		const char *name, *keys;
		const struct view_ops *ops;
		void (*script)(struct script *script);
	} rows[] = {
		{"changes", "", &view_changes, script_changes},
		{"changes-text", "<Enter> j", &view_changes, script_changes},
		{"changes-approve", "A", &view_changes, script_changes},
		{"masks", "j", &view_masks, script_rules},
		{"masks-remove", "D", &view_masks, script_rules},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, rows[i].ops, rows[i].script);
		viewbench_press(&bench, rows[i].keys);
		look(&bench);
		viewbench_golden(&bench, rows[i].name);
		viewbench_close(&bench);
	}
}

static void a_change_is_decided_with_what_was_seen(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_changes, script_changes);
	expect(&bench, "2 changes · 1 to decide · your own: another person decides", true);
	expect(&bench, "out of your scope 2", true);
	expect(&bench, "has changed since", true);
	viewbench_press(&bench, "X");
	viewbench_press(&bench, "<Enter> <Enter>");
	expect(&bench, "this is needed", true);
	viewbench_press(&bench, "n o <Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "change-decide", 0), "12");
	assert_string_equal(script_param(bench.script, "change-decide", 1), "false");
	assert_string_equal(script_param(bench.script, "change-decide", 2), "no");
	assert_string_equal(str_cstr(&bench.said), "reject: done");
	script_answer(bench.script, "change-decide",
		ACTED "f\twho proposed a change cannot decide it\t\\N\t0\t0\t\\N\n");
	viewbench_press(&bench, "A <Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "change-decide", 1), "true");
	assert_string_equal(
		str_cstr(&bench.said), "approve refused: who proposed a change cannot decide it");
	viewbench_close(&bench);
}

static void the_cursor_stays_on_its_change_and_brings_its_items(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_changes, script_changes);
	viewbench_press(&bench, "j");
	look(&bench);
	assert_string_equal(script_param(bench.script, "change-items", 0), "11");
	expect(&bench, "takes back change 9", true);
	script_answer(bench.script, "changes", CHANGES OVER WAITS);
	viewbench_press(&bench, "<C-r>");
	expect(&bench, "takes back change 9", true);
	bench.view->ops->aim(bench.view, SLICE("12"));
	viewbench_settle(&bench);
	expect(&bench, "it loops", true);
	script_answer(bench.script, "changes", CHANGES);
	viewbench_press(&bench, "<C-r>");
	expect(&bench, "no change was ever proposed", true);
	viewbench_close(&bench);
}

/* A draft is tried before it can be proposed, and nothing that was typed is lost. */
static void a_draft_is_tried_then_proposed(void **state)
{
	const struct err failed = {-EIO, "the editor ended with status 1; nothing was taken over"};
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_masks, script_rules);
	viewbench_press(&bench, "P");
	assert_string_equal(str_cstr(&bench.said), "there is no draft; edit something first");
	viewbench_press(&bench, "j");
	look(&bench);
	viewbench_press(&bench, "e");
	assert_string_equal(script_param(bench.script, "catalogue-object", 1), "name");
	assert_string_equal(bench.editing.name, "mask_rule.json");
	assert_string_equal(str_cstr(&bench.edited), DRAFT);
	viewbench_edit_ends(&bench, "", &failed);
	assert_string_equal(str_cstr(&bench.said), failed.text);
	expect(&bench, "DRAFT", false);
	viewbench_press(&bench, "e");
	viewbench_edit_ends(&bench, "{\"format\": 1,\n \"mask_rule\": [}", NULL);
	assert_non_null(strstr(str_cstr(&bench.said), "no JSON: line 2"));
	viewbench_press(&bench, "P");
	script_answer(bench.script, "catalogue-import", TRIED IS_WRONG);
	viewbench_press(&bench, "e");
	assert_string_equal(str_cstr(&bench.edited), "{\"format\": 1,\n \"mask_rule\": [}");
	viewbench_edit_ends(&bench, DRAFT, NULL);
	assert_string_equal(script_param(bench.script, "catalogue-import", 1), "true");
	viewbench_press(&bench, "P");
	assert_non_null(strstr(str_cstr(&bench.said), "something is wrong with the draft"));
	assert_int_equal(script_asked(bench.script, "change-propose"), 0);
	script_answer(bench.script, "catalogue-import", TRIED DIFFERS);
	viewbench_press(&bench, "e");
	viewbench_edit_ends(&bench, DRAFT, NULL);
	expect(&bench, "DRAFT, to be proposed", true);
	expect(&bench, "+ name: •••, ward •••", true);
	assert_string_equal(script_param(bench.script, "mask-try", 1), DRAFT);
	viewbench_golden(&bench, "masks-draft");
	viewbench_press(&bench, "k");
	look(&bench);
	viewbench_press(&bench, "e");
	assert_non_null(strstr(str_cstr(&bench.said), "there is a draft of mask_rule name"));
	viewbench_press(&bench, "P");
	expect(&bench, "matcher: PID-5 > PV1-3", true);
	viewbench_press(&bench, "w h y <Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "change-propose", 0), DRAFT);
	assert_string_equal(script_param(bench.script, "change-propose", 1), "why");
	assert_string_equal(str_cstr(&bench.went), "changes 13");
	expect(&bench, "DRAFT", false);
	viewbench_close(&bench);
}

static void a_draft_that_changes_nothing_is_none(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_masks, script_rules);
	script_answer(bench.script, "catalogue-import", TRIED IS_SAME);
	viewbench_press(&bench, "a");
	assert_non_null(strstr(str_cstr(&bench.edited), "\"kind\": \"json\""));
	viewbench_edit_ends(&bench, DRAFT, NULL);
	assert_non_null(strstr(str_cstr(&bench.said), "nothing differs"));
	expect(&bench, "DRAFT", false);
	script_fail(bench.script, "catalogue-import", -ENOTCONN, "the store is away");
	viewbench_press(&bench, "a");
	viewbench_edit_ends(&bench, DRAFT, NULL);
	assert_non_null(strstr(str_cstr(&bench.said), "the draft is kept"));
	expect(&bench, "DRAFT, not tried", true);
	viewbench_press(&bench, "X");
	expect(&bench, "DRAFT", false);
	viewbench_close(&bench);
}

static void rules_are_tried_on_the_sample_that_they_read(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_masks, script_rules);
	assert_string_equal(script_param(bench.script, "mask-try", 3), "text/plain");
	viewbench_press(&bench, "j");
	look(&bench);
	assert_string_equal(script_param(bench.script, "mask-try", 3), "application/hl7-v2");
	viewbench_press(&bench, "s");
	assert_string_equal(script_param(bench.script, "mask-try", 3), "application/edi-x12");
	viewbench_press(&bench, "S");
	viewbench_edit_ends(&bench, "my own", NULL);
	assert_string_equal(script_param(bench.script, "mask-try", 2), "my own");
	expect(&bench, "your own sample", true);
	viewbench_press(&bench, "D n o w <Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "change-remove", 1), "name");
	assert_string_equal(str_cstr(&bench.said), "propose refused: your roles do not allow this");
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(a_change_is_decided_with_what_was_seen),
		cmocka_unit_test(the_cursor_stays_on_its_change_and_brings_its_items),
		cmocka_unit_test(a_draft_is_tried_then_proposed),
		cmocka_unit_test(a_draft_that_changes_nothing_is_none),
		cmocka_unit_test(rules_are_tried_on_the_sample_that_they_read),
	};

	return RUN(tests);
}
