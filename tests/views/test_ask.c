/* Asking with an edited payload: seen under a grant, changed in an editor, valid, shown as a difference,
 * and gone when it is asked for, left or sealed. */
#include "../lib/unit.h"
#include "base/mem.h"
#include "triage_rows.h"
#include "viewbench.h"
#include "views/views.h"
#include <string.h>

#define BEFORE "7b22636f7374223a383834312c226c696e6573223a347d0a" /* {"cost":8841,"lines":4} */
#define BEFORE_TEXT "{\"cost\":8841,\"lines\":4}\n"
#define AFTER_TEXT "{\"cost\":8814,\"lines\":4}"
#define AFTER "7b22636f7374223a383831342c226c696e6573223a347d0a"

static void full(struct script *script)
{
	script_answer(script, "replay-dry-run", DRY_RUN);
	script_answer(script, "replay-forecast", FORECAST);
	script_answer(script, "transaction-reveal",
		"code:text\tmessage:text\tgrant_id:int\tuntil:time\ndone\tdone\t5\t1773481200000000\n");
	script_answer(script, "transaction-raw",
		"code:text\tmessage:text\tkey:text\tcontent_type:text\theaders:text\tbody:text\n"
		"done\tdone\t00aa\tapplication/json\t{}\t7b7d\n"
		"done\tdone\t00ff\tapplication/json\t{}\t" BEFORE "\n");
	script_answer(script, "transaction-reseal", "code:text\ndone\n");
	script_answer(
		script, "replay-payload", "key:text\tcontent_type:text\n00ff\tapplication/json\n");
	script_answer(script, "replay-ask-edited", OUTCOME "t\tdone\t14\t0\t0\t\\N\n");
}

/* What the editor is given, and what it saves. */
static struct {
	struct str given, name;
	const char *saves;
	struct err err;
	int times;
} editor;

static int edit(void *ctx, const struct edit *edit, struct err *err)
{
	(void)ctx;
	(void)err;
	editor.times++;
	str_reset(&editor.given);
	str_add(&editor.given, edit->text);
	str_reset(&editor.name);
	str_adds(&editor.name, edit->name);
	edit->done(edit->ctx, slice_of(editor.saves), editor.err.code ? &editor.err : NULL);
	return 0;
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){140, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

/* Open, with the first of three revealed and brought to the editor. */
static void open_edited(struct viewbench *bench, const char *saves)
{
	viewbench_open(bench, &view_ask, full);
	bench->env.edit = edit;
	editor.saves = saves;
	editor.err = ERR_INIT;
	editor.times = 0;
	editor.given = STR_INIT(1 << 16);
	editor.name = STR_INIT(100);
	view_ask.aim(bench->view, SLICE("set 301 302 303"));
	viewbench_settle(bench);
	viewbench_press(bench, "e");
	viewbench_type(bench, "the cost centre is twisted");
	viewbench_press(bench, "<Enter> <Enter> <Enter>");
}

static void close_it(struct viewbench *bench)
{
	str_done(&editor.given);
	str_done(&editor.name);
	viewbench_close(bench);
}

static void from_the_grant_to_the_request(void **state)
{
	struct viewbench bench;

	(void)state;
	open_edited(&bench, AFTER_TEXT);
	assert_string_equal(script_param(bench.script, "transaction-reveal", 0), "301");
	assert_string_equal(script_param(bench.script, "replay-payload", 0), "301");
	assert_string_equal(str_cstr(&editor.given), BEFORE_TEXT);
	assert_string_equal(str_cstr(&editor.name), "payload.json");
	assert_true(shows(&bench, "EDITED: 301 · lines: 1 gone, 1 new"));
	viewbench_golden(&bench, "ask-edited");
	viewbench_press(&bench, "<Enter>");
	viewbench_type(&bench, "8814 it is");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(script_param(bench.script, "replay-ask-edited", 0), "301");
	assert_string_equal(script_param(bench.script, "replay-ask-edited", 1), "application/json");
	assert_string_equal(script_param(bench.script, "replay-ask-edited", 2), AFTER);
	assert_string_equal(script_param(bench.script, "replay-ask-edited", 3), "8814 it is");
	assert_string_equal(str_cstr(&bench.went), "replays 14");
	assert_int_equal(script_asked(bench.script, "transaction-reseal"), 1);
	assert_false(shows(&bench, "8814"));
	close_it(&bench);
}

static void what_is_not_valid_is_not_asked_for(void **state)
{
	struct viewbench bench;

	(void)state;
	open_edited(&bench, "{\"cost\":8814,}");
	assert_non_null(strstr(str_cstr(&bench.said), "not valid JSON: "));
	assert_true(shows(&bench, "NOT VALID"));
	viewbench_press(&bench, "<Enter>");
	assert_string_equal(str_cstr(&bench.said), "it is not valid as it is; edit it again");
	/* Again: it goes on with what was saved, and under the same grant. */
	editor.saves = AFTER_TEXT;
	viewbench_press(&bench, "e");
	assert_string_equal(str_cstr(&editor.given), "{\"cost\":8814,}\n");
	assert_int_equal(script_asked(bench.script, "transaction-reveal"), 1);
	assert_false(shows(&bench, "NOT VALID"));
	close_it(&bench);
}

static void unchanged_or_broken_off_is_nothing(void **state)
{
	struct viewbench bench;

	(void)state;
	open_edited(&bench, "{\"cost\":8841,\"lines\":4}");
	assert_string_equal(str_cstr(&bench.said), "nothing was changed");
	err_set(&editor.err, -1, "the editor did not end well");
	viewbench_press(&bench, "e");
	assert_int_equal(editor.times, 2);
	assert_string_equal(str_cstr(&bench.said), "the editor did not end well");
	assert_false(shows(&bench, "EDITED"));
	close_it(&bench);
}

static void a_refusal_names_the_locked_fields(void **state)
{
	struct viewbench bench;

	(void)state;
	open_edited(&bench, AFTER_TEXT);
	script_answer(bench.script, "replay-ask-edited",
		OUTCOME "f\tlocked fields were changed: /cost\t\\N\t0\t0\t\\N\n");
	viewbench_press(&bench, "<Enter>");
	viewbench_type(&bench, "try");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(
		str_cstr(&bench.said), "ask refused: locked fields were changed: /cost");
	assert_true(shows(&bench, "EDITED: 301")); /* nothing that was done is lost */
	close_it(&bench);
}

/* The grant's end takes the edit with it; so does going away. */
static void it_lives_no_longer_than_the_grant(void **state)
{
	struct viewbench bench;

	(void)state;
	open_edited(&bench, AFTER_TEXT);
	assert_true(shows(&bench, "REVEALED, sealed in"));
	viewbench_pass(&bench, 11 * 60 * S_US);
	assert_false(shows(&bench, "EDITED"));
	assert_false(shows(&bench, "8814"));
	close_it(&bench);
	open_edited(&bench, AFTER_TEXT);
	viewbench_press(&bench, "<Esc>");
	assert_string_equal(str_cstr(&bench.said), "what was edited is gone");
	assert_false(shows(&bench, "EDITED"));
	assert_int_equal(script_asked(bench.script, "transaction-reseal"), 1);
	close_it(&bench);
}

/* What a filter leaves over is asked of the store once: a set from then on. */
static void a_filter_becomes_a_set(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_ask, full);
	script_answer(bench.script, "find-dead", "ids:text\tn:int\n{301,302}\t2\n");
	view_ask.aim(bench.view, SLICE("filter state:dead if:po-*"));
	viewbench_settle(&bench);
	assert_string_equal(script_filter(bench.script, "find-dead"), "state:dead if:po-*");
	assert_string_equal(script_param(bench.script, "replay-dry-run", 0), "{301,302}");
	script_answer(bench.script, "find-dead", "ids:text\tn:int\n{}\t0\n");
	view_ask.aim(bench.view, SLICE("filter state:done"));
	viewbench_settle(&bench);
	assert_true(shows(&bench, "the filter leaves no dead letter over that is unresolved"));
	assert_int_equal(script_asked(bench.script, "replay-dry-run"), 1);
	view_ask.aim(bench.view, SLICE("filter nonsense:x"));
	viewbench_settle(&bench);
	assert_true(shows(&bench, "nonsense"));
	viewbench_close(&bench);
}

static void what_cannot_be_asked_for_is_not_edited(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_ask, full);
	view_ask.aim(bench.view, SLICE("set 301 302 303"));
	viewbench_settle(&bench);
	viewbench_press(&bench, "G e");
	assert_string_equal(str_cstr(&bench.said), "this one cannot be asked for");
	viewbench_close(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_grant_to_the_request),
		cmocka_unit_test(what_is_not_valid_is_not_asked_for),
		cmocka_unit_test(unchanged_or_broken_off_is_nothing),
		cmocka_unit_test(a_refusal_names_the_locked_fields),
		cmocka_unit_test(it_lives_no_longer_than_the_grant),
		cmocka_unit_test(a_filter_becomes_a_set),
		cmocka_unit_test(what_cannot_be_asked_for_is_not_edited),
	};

	return RUN(tests);
}
