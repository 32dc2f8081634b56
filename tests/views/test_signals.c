/* Signals: how they look, where one gets from there, what is asked before one is answered, and that it is said
 * when nobody watches or nobody would be called. */
#include "base/mem.h"
#include "triage_rows.h"
#include "unit.h"
#include "viewbench.h"
#include "views/views.h"
#include <errno.h>
#include <string.h>

#define HEAD                                                                                             \
	"id:int\tkey:text\tseverity:text\tstate:text\trule:text\tobject:text\tkind:text\tmeasure:text\t" \
	"interface:text\tsince:time\tended_at:time\tvalue:text\towner:text\tperson:text\tuntil:time\tquiet:text\ttold:int\n"
#define DOWN                                                                                    \
	"41\t41\tpage\traised\tsystem-down\todoo\tsystem\tsystem\t\\N\t1773478000000000\t\\N\t" \
	"nothing that is sent to it arrives\terp team\t\\N\t\\N\t\\N\t1\n"
#define SILENT                                                                                                       \
	"40\t40\twarning\tacknowledged\tsilent\tcold-chain\tinterface\tsilence\tcold-chain\t1773472000000000\t\\N\t" \
	"nothing for 36 min, expected every 5 min\tsensor desk\tAna Ruiz\t\\N\tI look\t1\n"
#define FOLDED                                                                                          \
	"39\t39\twarning\tquiet\tretrying\tpo-out\tinterface\tretries\tpo-out\t1773477000000000\t\\N\t" \
	"129 of 129 attempts failed\tsupply desk\t\\N\t\\N\tfolded under odoo, which is down\t0\n"
#define STORY                                                            \
	"at:time\twords:text\n"                                          \
	"\\N\todoo: a system is down\n"                                  \
	"1773478000000000\tnothing that is sent to it arrives.\n"        \
	"\\N\tRunbook: https://wiki.example/odoo\n"                      \
	"1773478000000000\traised: nothing that is sent to it arrives\n" \
	"1773478001000000\tdesk: raise delivered\n"
#define WATCH "evaluated_at:time\ttook_ms:real\ttargets:int\tnames:text\n"

/* As viewbench's clock stands. */
static void full(struct script *script)
{
	script_answer(script, "signals", HEAD DOWN SILENT FOLDED);
	script_answer(script, "signal-watch", WATCH "4102444800000000\t12\t2\tdesk, pager\n");
	script_answer(script, "story", STORY);
	script_answer(script, "signals-act", OUTCOME "t\tdone\t41\t1\t0\t\\N\n");
}

static void blind(struct script *script)
{
	script_answer(script, "signals", HEAD);
	script_answer(script, "signal-watch", WATCH "1473478000000000\t12\t2\tdesk, pager\n");
}

static void never(struct script *script)
{
	script_answer(script, "signals", HEAD);
	script_answer(script, "signal-watch", WATCH "\\N\t\\N\t0\t\\N\n");
}

static void calm(struct script *script)
{
	script_answer(script, "signals", HEAD);
	script_answer(script, "signal-watch", WATCH "4102444800000000\t12\t0\t\\N\n");
}

static void expect(struct viewbench *bench, const char *what, bool shown)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	viewbench_settle(bench);
	str_reset(&screen);
	viewbench_dump(bench, (struct look){120, 40, 256, false, false}, &screen);
	if ((strstr(str_cstr(&screen), what) != NULL) != shown)
		fail_msg("\"%s\" is %s\n%s", what, shown ? "missing" : "shown", str_cstr(&screen));
}

static void they_look_as_they_should(void **state)
{
	static const struct {
		const char *name, *keys;
		void (*script)(struct script *script);
	} rows[] = {
		{"signals", "", full},
		{"signals-blind", "", blind},
		{"signals-snooze", "z", full},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, &view_signals, rows[i].script);
		expect(&bench, "", true);
		viewbench_press(&bench, rows[i].keys);
		expect(&bench, "", true);
		viewbench_golden(&bench, rows[i].name);
		viewbench_close(&bench);
	}
}

static void it_is_said_when_nobody_watches_or_is_called(void **state)
{
	static const struct {
		void (*script)(struct script *script);
		const char *words;
	} rows[] = {
		{blind, "nobody watches since "},
		{never, "nobody watches yet: no worker has evaluated the rules"},
		{calm, "nobody is called: no worker names a target"},
		{calm, "nothing asks for anybody"},
		{full, "told to desk, pager"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, &view_signals, rows[i].script);
		expect(&bench, rows[i].words, true);
		viewbench_close(&bench);
	}
}

static void a_row_leads_to_what_it_is_about(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_signals, full);
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.went), "overview ");
	str_reset(&bench.went);
	viewbench_press(&bench, "j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "interface cold-chain");
	assert_string_equal(script_param(bench.script, "story", 0), "signal");
	assert_string_equal(script_param(bench.script, "story", 1), "40");
	viewbench_close(&bench);
}

static void what_is_tagged_is_answered(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_signals, full);
	viewbench_press(&bench, "<Space> <Space> a");
	expect(&bench, "See to it: 2 signals", true);
	viewbench_type(&bench, "I look");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "signals-act", 0), "acknowledge");
	assert_string_equal(script_param(bench.script, "signals-act", 1), "{40,41}");
	assert_string_equal(script_param(bench.script, "signals-act", 2), "I look");
	assert_string_equal(str_cstr(&bench.said), "acknowledge · 1 done");
	viewbench_close(&bench);
}

static void what_went_wrong_is_said(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_signals, full);
	script_fail(bench.script, "signals", -ETIMEDOUT, "the store took too long");
	viewbench_pass(&bench, 6 * S_US);
	expect(&bench, "the store took too long", true);
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(it_is_said_when_nobody_watches_or_is_called),
		cmocka_unit_test(a_row_leads_to_what_it_is_about),
		cmocka_unit_test(what_is_tagged_is_answered),
		cmocka_unit_test(what_went_wrong_is_said),
	};

	return cmocka_run_group_tests_name("views/signals", tests, NULL, NULL);
}
