/* What a screen reader is given: words in reading order, and no sign that only an eye understands. */
#include "../lib/golden.h"
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "base/text.h"
#include "standing_rows.h"
#include "term/screen.h"
#include "ui/chart.h"
#include "ui/confirm.h"
#include "ui/form.h"
#include "ui/palette.h"
#include "views/views.h"

static void script_rows(struct script *script)
{
	script_answer(script, "systems-down", DOWN_HEAD);
	script_answer(script, "overview-waits", "asked:int\tdoubts:int\n0\t0\n");
	script_answer(script, "overview",
		OVERVIEW_HEAD PLAIN("po-out", "Orders", "Odoo", "GHX", "failing", "213", "12", "17",
			"1773469080000000", "41.5", "1773480598000000", "ana.ruiz", "1",
			"1,1,2,3,5,8,13,21,20,18,17,30") PLAIN("lab-orders", "Laboratory", "EHR",
			"Lab", "silent", "0", "0", "0", "\\N", "0", "1773477000000000", "li.wei",
			"2", "4,4,4,4,0,0,0,0,0,0,0,0"));
	script_answer(script, "tail-start",
		"era:text\txid:text\tseq:int\tat:time\tarrived:time\tinterface:text\tkind:text\t"
		"state:text\tcorrelation:text\tbusiness_key:text\tfacility:text\tpartner:text\t"
		"attempt:int\tclass:text\ttext:text\tmessage:text\tkey:text\n"
		"e1\t100\t1\t1773480600000000\t1773480600000000\tpo-out\tfailed\tretrying\t7f3a\t"
		"PO-1\tH01\tGHX\t2\ttimeout\tno answer in 30 s\tm-1\tk1\t\\N\n"
		"e1\t100\t2\t1773480601000000\t1773480601000000\tpo-out\tdead\tdead\t7f3a\t"
		"PO-1\tH01\tGHX\t3\tmapping\tcost centre 8841 unknown\tm-1\tk2\t\\N\n");
	script_answer(script, "tail", "era:text\n");
	script_answer(script, "tail-before", "era:text\n");
	script_answer(script, "tail-horizon",
		"era:text\txid:text\theld_s:real\tpid:int\twho:text\twhat:text\n"
		"e1\t104\t0\t\\N\t\\N\t\\N\n");
	script_answer(script, "transaction-events",
		"transaction:int\tinterface:text\tsource:text\ttarget:text\tmessage:text\tparent:text\t"
		"facility:text\tleg_state:text\tkind:text\tat:time\tattempt:int\tstage:text\t"
		"component:text\tduration_ms:int\thttp_status:int\tdue_at:time\tnative_state:text\t"
		"class:text\tcode:text\ttext:text\ttarget_model:text\ttarget_ref:text\tundoes:text\t"
		"trace:text\tidempotency_key:text\tkey:text\todoo:text\n"
		"7\tpo-out\todoo\tghx\tm-1\t\\N\tH01\tdead\treceived\t1773480500000000\t1\tin\tgateway\t"
		"\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tk1\t\\N\n"
		"7\tpo-out\todoo\tghx\tm-1\t\\N\tH01\tdead\tdead\t1773480501000000\t1\tcall\ttarget\t"
		"900\t422\t\\N\t\\N\tmapping\t422\tcost centre 8841 unknown\t\\N\t\\N\t\\N\t\\N\t\\N\tk2\t\\N\n");
	script_answer(script, "transaction",
		"id:int\tinterface:text\tstate:text\tattempt:int\tlast_at:time\toverdue:bool\thidden:int\t"
		"business_key:text\tfacility:text\tcorrelation:text\n"
		"7\tpo-out\tdead\t1\t1773480501000000\tf\t0\tPO-1\tH01\t7f3a\n");
	script_answer(script, "transaction-payloads",
		"key:text\tat:time\tevent:text\tattempt:int\tkind:text\tcontent_type:text\theaders:text\t"
		"body:text\tbytes:int\thow:text\twhy:text\n"
		"k1\t1773480500000000\treceived\t1\tinbound\tapplication/json\t\\N\t{\"order\": 1}\t12\t"
		"plain\t\\N\n");
}

static const struct {
	int width, height;
} sizes[] = {{80, 24}, {120, 40}, {40, 12}, {10, 3}};

/* Of rows in ASCII all that is drawn is ASCII, and no run of signs stands for a line. */
static void check_words(struct slice screen)
{
	for (size_t i = 0; i < screen.len; i++)
		if ((unsigned char)screen.at[i] >= 0x80)
			fail_msg("a sign:\n%.*s", SLICE_ARG(screen));
	if (memmem(screen.at, screen.len, "--", 2) || memmem(screen.at, screen.len, "||", 2) ||
		memmem(screen.at, screen.len, "##", 2) || memmem(screen.at, screen.len, "==", 2))
		fail_msg("a line:\n%.*s", SLICE_ARG(screen));
}

/* Draws over the view. */
typedef void over_fn(struct viewbench *bench, const struct canvas *screen);

static void draw(struct viewbench *bench, size_t size, over_fn *over, const char *name)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(sizes[size].width, sizes[size].height);
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20), file = STR_INIT(256);
	struct canvas screen = canvas_of(surface, bench->theme, 0, true);
	struct frame_tab tab = {1, bench->view->ops->title, true, 0};
	struct frame frame = viewbench_frame(bench, &tab);

	screen.plain = true;
	viewbench_draw(bench, &screen, &frame);
	if (over)
		over(bench, &screen);
	surface_dump(surface, false, &out);
	check_words(str_slice(&out));
	str_addf(&file, "%s-%dx%d", name, sizes[size].width, sizes[size].height);
	golden_check(str_cstr(&file), str_slice(&out));
}

static void views_are_words(void **state)
{
	static const struct {
		const char *name;
		const struct view_ops *ops;
		const char *keys, *aim;
	} rows[] = {
		{"plain-overview", &view_overview, "j", NULL},
		{"plain-tail", &view_tail, "k", NULL},
		{"plain-log", &view_log, "", NULL},
		{"plain-transaction", &view_transaction, "", "7"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, rows[i].ops, script_rows);
		if (rows[i].aim)
			rows[i].ops->aim(bench.view, slice_of(rows[i].aim));
		viewbench_settle(&bench);
		log_add(bench.log, LOG_WARN, "store lost: the server closed the connection");
		viewbench_press(&bench, rows[i].keys);
		for (size_t size = 0; size < ARRAY_LEN(sizes); size++)
			draw(&bench, size, NULL, rows[i].name);
		viewbench_close(&bench);
	}
}

static void over_palette(struct viewbench *bench, const struct canvas *screen)
{
	struct palette palette;

	palette_open(&palette, bench->keymap, &bench->env.actor, CONTEXT_OVERVIEW);
	palette_draw(&palette, screen);
	palette_done(&palette);
}

static void over_confirm(struct viewbench *bench, const struct canvas *screen)
{
	struct confirm confirm = {0};

	(void)bench;
	confirm_open(&confirm, SLICE("Discard the dead letter m-1 of po-out?"), "Discard", 1);
	confirm_draw(&confirm, screen);
	confirm_done(&confirm);
}

static void over_form(struct viewbench *bench, const struct canvas *screen)
{
	static const char *const choices[] = {"one at a time", "at full rate"};
	struct field fields[] = {
		{.kind = FIELD_TEXT,
			.label = "reason",
			.needed = true,
			.help = "who asked, and why"},
		{.kind = FIELD_CHOICE, .label = "rate", .choices = choices, .n_choices = 2},
		{.kind = FIELD_CHECK, .label = "canary first", .checked = true},
	};
	struct form form = {.title = "Ask for a replay", .submit = "Ask", .fields = fields, .n = 3};

	(void)bench;
	form_open(&form);
	form_draw(&form, screen);
	form_done(&form);
}

/* Nothing lies over anything: what is asked has the screen for itself, from its first line. */
static void questions_have_the_screen_for_themselves(void **state)
{
	static const struct {
		const char *name;
		over_fn *over;
	} rows[] = {
		{"plain-palette", over_palette},
		{"plain-confirm", over_confirm},
		{"plain-form", over_form},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct viewbench bench;

		viewbench_open(&bench, &view_overview, script_rows);
		for (size_t size = 0; size < ARRAY_LEN(sizes); size++)
			draw(&bench, size, rows[i].over, rows[i].name);
		viewbench_close(&bench);
	}
}

static void series_are_told_in_words(void **state)
{
	static const int64_t values[] = {1, 30, 17};
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(20, 4);
	CLEANUP(str_done)
	struct str out = STR_INIT(4096);
	struct theme *theme = theme_new();
	struct canvas canvas = canvas_of(surface, theme, 0, true);

	(void)state;
	canvas.plain = true;
	chart_spark(&canvas, 0, 0, 20, ROLE_SPARK, values, 3);
	chart_spark(&canvas, 0, 1, 6, ROLE_SPARK, values, 3);
	chart_bar(&canvas, 0, 2, 20, ROLE_SPARK, 1, 2);
	chart_histogram(&canvas, 0, 3, 20, 1, ROLE_SPARK, values, 3);
	surface_dump(surface, false, &out);
	assert_string_equal(str_cstr(&out), "17 max 30\n17 ma~\n\n\n");
	theme_free(theme);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_are_words),
		cmocka_unit_test(questions_have_the_screen_for_themselves),
		cmocka_unit_test(series_are_told_in_words),
	};

	return RUN(tests);
}
