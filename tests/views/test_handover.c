/* Handovers: drafted, written, signed by two, acknowledged item by item, exported with hostile text inert. */
#include "../lib/hostile.h"
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "base/file.h"
#include "views/views.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACTED "ok:bool\tmessage:text\tid:int\tn:int\tleft:int\trefused:text\n"
#define LIST                                                                                        \
	"id:int\tkey:text\tstate:text\toutgoing:text\tincoming:text\tmine:bool\tturn:bool\t"        \
	"drafted_at:time\tfacts_at:time\toffered_at:time\taccepted_at:time\twords:text\twhy:text\t" \
	"before:int\titems:int\tnew:int\topen:int\tgone:int\tunacknowledged:int\taudit_head:text\t" \
	"digest:text\n"
#define DRAFT                                                                                    \
	"12\t12\tdraft\tAna Ruiz\t\\N\tt\tf\t1773478000000000\t1773480000000000\t\\N\t\\N\t%s\t" \
	"\\N\t11\t4\t2\t1\t1\t4\t\\N\t\\N\n"
#define OFFERED                                                                      \
	"12\t12\toffered\tAna Ruiz\t\\N\tf\tt\t1773478000000000\t1773480000000000\t" \
	"1773480300000000\t\\N\ta quiet night\t\\N\t11\t4\t2\t1\t1\t4\t417:9f3c01\tab12\n"
#define DONE                                                                          \
	"11\t11\tdone\tBo Lind\tAna Ruiz\tf\tf\t1773400000000000\t1773450000000000\t" \
	"1773451000000000\t1773452000000000\t\\N\t\\N\t10\t9\t9\t0\t0\t0\t401:77aa\tcd34\n"
#define ITEMS                                                                                            \
	"nr:int\tkey:text\tkind:text\tsection:text\tchange:text\tinterface:text\tref:text\ttitle:text\t" \
	"owner:text\tfacts:text\twords:text\tacknowledged_by:text\tacknowledged_at:time\n"
#define SOME                                                                                              \
	"1\t1\tfailures\tbroken\tnew\tpo-out\t7\tpo-out: cost centre # unknown\tAna Ruiz\t"               \
	"class mapping · unresolved 17\tcall the buyer\t\\N\t\\N\n"                                      \
	"2\t2\treplay\treplays\topen\tlab-in\t13\treplay 13 of 40 is running\t\\N\tasker Li Wei\t\\N\t"   \
	"Eva Sand\t1773480400000000\n"                                                                    \
	"3\t3\tcredential\tat risk\tgone\t\\N\tvpn\tvpn expires on 2026-03-20 00:00 UTC\tNet\t\\N\t\\N\t" \
	"\\N\t\\N\n"                                                                                      \
	"4\t4\tnote\tnotes\tnew\tpo-out\t8\tthe buyer calls back\t\\N\tby Ana Ruiz\t\\N\t\\N\t\\N\n"

static char draft_rows[4096];

static void base(struct script *script)
{
	static const char *const acts[] = {
		"handover-draft", "handover-write", "handover-act", "handover-acknowledge"};

	script_answer(script, "handover", ITEMS SOME);
	script_answer(script, "handover-export", "ok:bool\tmessage:text\nt\tdone\n");
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		script_answer(script, acts[i], ACTED "t\tdone\t12\t0\t0\t\\N\n");
}

static void outgoing(struct script *script)
{
	base(script);
	(void)snprintf(draft_rows, sizeof(draft_rows), LIST DRAFT DONE, "a quiet night");
	script_answer(script, "handovers", draft_rows);
}

static void incoming(struct script *script)
{
	base(script);
	script_answer(script, "handovers", LIST OFFERED DONE);
}

static void none(struct script *script)
{
	base(script);
	script_answer(script, "handovers", LIST);
}

static bool shows(struct viewbench *bench, const char *text)
{
	CLEANUP(str_done)
	struct str screen = STR_INIT(1 << 20);

	viewbench_dump(bench, (struct look){140, 40, 256, false, false}, &screen);
	return strstr(str_cstr(&screen), text) != NULL;
}

#define ASKED(question, i, want) assert_string_equal(script_param(bench.script, question, i), want)

static void they_look_as_they_should(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, outgoing);
	viewbench_golden(&bench, "handover-list");
	viewbench_press(&bench, "<Enter>");
	viewbench_golden(&bench, "handover-draft");
	viewbench_press(&bench, "e");
	viewbench_golden(&bench, "handover-step");
	viewbench_close(&bench);
	viewbench_open(&bench, &view_handover, incoming);
	viewbench_press(&bench, "<Enter> j");
	viewbench_golden(&bench, "handover-offered");
	viewbench_press(&bench, "* a");
	viewbench_golden(&bench, "handover-acknowledge");
	viewbench_close(&bench);
}

static void the_first_one_is_drafted_and_opened(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, none);
	assert_true(shows(&bench, "no shift was handed over yet"));
	outgoing(bench.script);
	viewbench_press(&bench, "D");
	assert_int_equal(script_asked(bench.script, "handover-draft"), 1);
	viewbench_settle(&bench);
	assert_string_equal(script_param(bench.script, "handover", 0), "12");
	assert_true(shows(&bench, "2 new, 1 still open, 1 gone since handover 11"));
	viewbench_press(&bench, "D"); /* looks again, and stays */
	assert_int_equal(script_asked(bench.script, "handover-draft"), 2);
	assert_true(shows(&bench, "draft   from Ana Ruiz"));
	viewbench_close(&bench);
}

static void the_next_step_is_typed_where_it_stands(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, outgoing);
	viewbench_press(&bench, "e");
	assert_string_equal(
		str_cstr(&bench.said), "open a handover first; its items have next steps");
	viewbench_press(&bench, "<Enter> e");
	viewbench_type(&bench, " at 8");
	viewbench_press(&bench, "<Enter> <Enter>");
	ASKED("handover-write", 0, "12");
	ASKED("handover-write", 1, "1");
	ASKED("handover-write", 2, "call the buyer at 8");
	viewbench_press(&bench, "j e");
	viewbench_type(&bench, "wait");
	viewbench_press(&bench, "<Enter> <Enter>");
	ASKED("handover-write", 1, "2");
	ASKED("handover-write", 2, "wait");
	viewbench_close(&bench);
}

static void longer_words_are_for_the_editor_and_are_not_lost(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, outgoing);
	viewbench_press(&bench, "<Enter> W");
	assert_string_equal(str_cstr(&bench.edited), "a quiet night");
	script_fail(bench.script, "handover-write", -110, "no answer");
	viewbench_edit_ends(&bench, "a loud night\nafter all\n", NULL);
	viewbench_settle(&bench);
	ASKED("handover-write", 1, "");
	ASKED("handover-write", 2, "a loud night\nafter all");
	assert_true(shows(&bench, "what was edited is not written down yet"));
	viewbench_press(&bench, "W");
	assert_string_equal(str_cstr(&bench.edited), "a loud night\nafter all");
	script_answer(bench.script, "handover-write", ACTED "t\tdone\t12\t0\t0\t\\N\n");
	viewbench_edit_ends(&bench, "a loud night", NULL);
	viewbench_settle(&bench);
	ASKED("handover-write", 2, "a loud night");
	assert_false(shows(&bench, "not written down yet"));
	viewbench_press(&bench, "E");
	assert_string_equal(str_cstr(&bench.edited), "call the buyer");
	viewbench_edit_ends(&bench, "call\nand write", NULL);
	viewbench_settle(&bench);
	ASKED("handover-write", 1, "1");
	viewbench_close(&bench);
}

static void what_is_signed_is_looked_at_first(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, outgoing);
	viewbench_press(&bench, "O");
	assert_string_equal(
		str_cstr(&bench.said), "this is what you would sign; once more to sign");
	assert_int_equal(script_asked(bench.script, "handover-act"), 0);
	viewbench_press(&bench, "O <Enter>");
	ASKED("handover-act", 0, "offer");
	ASKED("handover-act", 1, "12");
	viewbench_press(&bench, "a");
	assert_string_equal(
		str_cstr(&bench.said), "it is not offered, so there is nothing to acknowledge");
	viewbench_press(&bench, "A");
	assert_string_equal(str_cstr(&bench.said), "only what is offered can be taken over");
	viewbench_press(&bench, "X");
	viewbench_type(&bench, "the facts have moved on");
	viewbench_press(&bench, "<Enter> <Enter>");
	ASKED("handover-act", 0, "void");
	ASKED("handover-act", 2, "the facts have moved on");
	viewbench_close(&bench);
}

static void items_are_acknowledged_one_by_one_or_with_their_number(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, incoming);
	viewbench_press(&bench, "<Enter> a");
	ASKED("handover-acknowledge", 0, "12");
	ASKED("handover-acknowledge", 1, "{1}");
	viewbench_press(&bench, "a");
	ASKED("handover-acknowledge", 1, "{2}");
	viewbench_press(&bench, "* a");
	viewbench_type(&bench, "3");
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_true(shows(&bench, "this is not the number"));
	assert_int_equal(script_asked(bench.script, "handover-acknowledge"), 2);
	viewbench_press(&bench, "<BS>");
	viewbench_type(&bench, "4");
	viewbench_press(&bench, "<Enter> <Enter>");
	ASKED("handover-acknowledge", 1, "{1,2,3,4}");
	viewbench_press(&bench, "A <Enter>");
	ASKED("handover-act", 0, "accept");
	viewbench_press(&bench, "e");
	assert_string_equal(str_cstr(&bench.said), "it is signed: what stands in it stays");
	viewbench_close(&bench);
}

static void what_the_other_does_is_seen_without_a_key(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, outgoing);
	viewbench_press(&bench, "<Enter>");
	assert_true(shows(&bench, "draft   from Ana Ruiz   to nobody yet"));
	script_answer(bench.script, "handovers", LIST OFFERED DONE);
	viewbench_pass(&bench, 3 * S_US);
	assert_true(shows(&bench, "offered   from Ana Ruiz"));
	assert_true(shows(&bench, "3 to acknowledge"));
	viewbench_close(&bench);
}

static void an_item_leads_to_what_it_is_about(void **state)
{
	struct viewbench bench;

	(void)state;
	viewbench_open(&bench, &view_handover, incoming);
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(str_cstr(&bench.went), "dead ");
	viewbench_press(&bench, "j <Enter>");
	assert_string_equal(str_cstr(&bench.went), "replays 13");
	viewbench_press(&bench, "G <Enter>");
	assert_string_equal(str_cstr(&bench.went), "interface po-out");
	viewbench_close(&bench);
}

/* ---- into a file ---- */

static void export_as(struct viewbench *bench, const char *name, struct str *path, struct str *out)
{
	const char *tmp = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";

	str_addf(path, "%s/%s", tmp, name);
	viewbench_press(bench, ">");
	viewbench_press(bench, "<C-u>");
	viewbench_type(bench, str_cstr(path));
	viewbench_press(bench, "<Enter> <Enter>");
	viewbench_settle(bench);
	assert_int_equal(file_read(str_cstr(path), out, NULL), 0);
	(void)unlink(str_cstr(path));
}

static void both_kinds_of_file_hold_all_of_it(void **state)
{
	static const struct {
		const char *name, *want[9];
	} rows[] = {
		{"h.md", {"# Handover 12\n", "- from: Ana Ruiz, 2026-03-14T09:25:00.000Z\n",
				 "- to: nobody yet\n", "- audit head: 417:9f3c01\n",
				 "> a quiet night\n",
				 "## Broken\n\n- **new** po-out: cost centre \\# unknown\n",
				 "  - next step:\n    > call the buyer\n",
				 "  - acknowledged: Eva Sand, 2026-03-14T09:26:40.000Z\n",
				 "- since: handover 11: 2 new, 1 still open, 1 gone\n"}},
		{"h.txt", {"Handover 12\n===========\n",
				  "- from: Ana Ruiz, 2026-03-14T09:25:00.000Z\n",
				  "- to: nobody yet\n", "- audit head: 417:9f3c01\n",
				  "| a quiet night\n",
				  "Broken\n------\n\n- new: po-out: cost centre # unknown\n",
				  "  - next step:\n    | call the buyer\n",
				  "  - acknowledged: Eva Sand, 2026-03-14T09:26:40.000Z\n",
				  "- digest: ab12\n"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str path = STR_INIT(4096), text = STR_INIT(1 << 20);
		struct viewbench bench;

		viewbench_open(&bench, &view_handover, incoming);
		viewbench_press(&bench, "<Enter>");
		export_as(&bench, rows[i].name, &path, &text);
		ASKED("handover-export", 0, "12");
		assert_string_equal(
			script_param(bench.script, "handover-export", 1), str_cstr(&path));
		for (size_t k = 0; k < ARRAY_LEN(rows[i].want); k++)
			if (!strstr(str_cstr(&text), rows[i].want[k]))
				fail_msg(
					"not there: %s\nin:\n%s", rows[i].want[k], str_cstr(&text));
		viewbench_close(&bench);
	}
}

static void a_refusal_leaves_no_file(void **state)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096);
	struct viewbench bench;

	(void)state;
	str_addf(&path, "%s/refused.md", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	viewbench_open(&bench, &view_handover, incoming);
	viewbench_press(&bench, ">");
	assert_string_equal(str_cstr(&bench.said), "open a handover first");
	script_answer(bench.script, "handover-export", "ok:bool\tmessage:text\nf\tnot for you\n");
	viewbench_press(&bench, "<Enter> > <C-u>");
	viewbench_type(&bench, str_cstr(&path));
	viewbench_press(&bench, "<Enter> <Enter>");
	assert_string_equal(str_cstr(&bench.said), "not exported: not for you");
	assert_int_equal(access(str_cstr(&path), F_OK), -1);
	viewbench_close(&bench);
}

static void export_item(const char *bad, bool markdown, struct str *out)
{
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), rows = STR_INIT(1 << 16);
	struct viewbench bench;

	str_addf(&rows, ITEMS "1\t1\tnote\tnotes\tnew\t\\N\t8\t%s\t%s\t%s\t%s\t%s\t1\n", bad, bad,
		bad, bad, bad);
	viewbench_open(&bench, &view_handover, incoming);
	script_answer(bench.script, "handover", str_cstr(&rows));
	viewbench_press(&bench, "<Enter>");
	export_as(&bench, markdown ? "hostile.md" : "hostile.txt", &path, out);
	viewbench_close(&bench);
}

/* What Markdown would make something of stands there as it was written. */
static void signs_of_markdown_are_escaped(void **state)
{
	static const struct {
		const char *bad, *want;
	} rows[] = {
		{"# owned", "\\# owned"},
		{"- [x](javascript:1)", "\\- \\[x\\]\\(javascript:1\\)"},
		{"12. twelve", "12\\. twelve"},
		{"1) one", "1\\) one"},
		{"PO-12.5", "PO-12.5"},
		{"<b>bold</b>", "\\<b\\>bold\\</b\\>"},
		{"![p](http://evil/p)", "\\!\\[p\\]\\(http\\://evil/p\\)"},
		{"**signed by Ana**", "\\*\\*signed by Ana\\*\\*"},
		{"&lt; `code` ~~x~~", "\\&lt; \\`code\\` \\~\\~x\\~\\~"},
		{"| a | b |", "\\| a \\| b \\|"},
		{"> quoted", "\\> quoted"},
		{"+ plus", "\\+ plus"},
		{"www.evil.example", "www\\.evil.example"},
		{"===", "\\=\\=\\="},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1 << 20), want = STR_INIT(4096);

		export_item(rows[i].bad, true, &text);
		str_addf(&want, "- **new** %s\n  - owner: %s\n", rows[i].want, rows[i].want);
		if (!strstr(str_cstr(&text), str_cstr(&want)))
			fail_msg("not there: %s\nin:\n%s", str_cstr(&want), str_cstr(&text));
	}
}

/* What acts on a terminal does not, and nothing stands alone on a line. */
static void hostile_text_is_inert_in_both(void **state)
{
	static const char *const never[] = {"\x1b", "\x07", "\xc2\x9b", "\xe2\x80\xae", "\r"};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(hostile_valid); i++) {
		const char *bad = hostile_valid[i / 2];
		CLEANUP(str_done)
		struct str text = STR_INIT(1 << 20), alone = STR_INIT(4096);

		if (strpbrk(bad, "\\\t\n"))
			continue; /* a script's own signs */
		export_item(bad, i % 2, &text);
		for (size_t k = 0; k < ARRAY_LEN(never); k++)
			assert_null(strstr(str_cstr(&text), never[k]));
		str_addf(&alone, "\n%s", bad);
		assert_null(strstr(str_cstr(&text), str_cstr(&alone)));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_look_as_they_should),
		cmocka_unit_test(the_first_one_is_drafted_and_opened),
		cmocka_unit_test(the_next_step_is_typed_where_it_stands),
		cmocka_unit_test(longer_words_are_for_the_editor_and_are_not_lost),
		cmocka_unit_test(what_is_signed_is_looked_at_first),
		cmocka_unit_test(items_are_acknowledged_one_by_one_or_with_their_number),
		cmocka_unit_test(what_the_other_does_is_seen_without_a_key),
		cmocka_unit_test(an_item_leads_to_what_it_is_about),
		cmocka_unit_test(both_kinds_of_file_hold_all_of_it),
		cmocka_unit_test(a_refusal_leaves_no_file),
		cmocka_unit_test(signs_of_markdown_are_escaped),
		cmocka_unit_test(hostile_text_is_inert_in_both),
	};

	return RUN(tests);
}
