/* Every widget as each kind of terminal shows it, at every size: what a person sees of it.
 * How widgets behave is tested by their own tests, views by theirs.
 * Called by the suite; needs libvterm. */
#include "../lib/terminals.h"
#include "../lib/unit.h"
#include "base/clock.h"
#include "ui/chart.h"
#include "ui/confirm.h"
#include "ui/defaults.h"
#include "ui/form.h"
#include "ui/frame.h"
#include "ui/heat.h"
#include "ui/ladder.h"
#include "ui/palette.h"
#include "ui/popup.h"
#include "ui/table.h"
#include "ui/text_view.h"

static const struct actor nobody;

struct fixture {
	struct keymap *keymap;
	struct theme *theme;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	CLEANUP(problems_done)
	struct problems problems = {0};
	struct slice text;

	setenv("TZ", "UTC", 1);
	fixture = (struct fixture){keymap_new(), theme_new()};
	assert_true(default_keymap(SLICE("vim"), &text));
	keymap_parse(fixture.keymap, "vim", text, default_keymap, &problems);
	assert_true(default_theme(SLICE("default"), &text));
	theme_parse(fixture.theme, "default", text, default_theme, &problems);
	assert_int_equal(problems.n, 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	keymap_free(fixture->keymap);
	theme_free(fixture->theme);
	return 0;
}

/* ---- the table ---- */

static const struct table_column columns[] = {
	{"interface", 10, 16, 0, false, NULL},
	{"", 1, 1, 0, false, "state"},
	{"owner", 8, 12, 0, false, NULL},
	{"queue", 6, 8, 0, true, NULL},
	{"oldest", 8, 10, 60, true, NULL},
	{"what it is for", 10, 200, 100, false, NULL},
};

#define TABLE_ROWS 200

static void draw_cell(const void *ctx, int64_t row, size_t column, const struct canvas *canvas)
{
	static const char *const names[] = {"po-out", "日本語システム",
		"charge-capture-to-the-ledger", "stock\x1b[31m", "مرحبا"};
	static const enum role states[] = {ROLE_STATE_DEAD, ROLE_STATE_DONE, ROLE_STATE_RETRYING};

	(void)ctx;
	switch (column) {
	case 0:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT,
			slice_of(names[(size_t)row % ARRAY_LEN(names)]));
		break;
	case 1:
		canvas_glyph(canvas, 0, 0, states[(size_t)row % ARRAY_LEN(states)]);
		break;
	case 2:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, SLICE("ana.ruiz"));
		break;
	case 3:
		canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT,
			row % 2 ? SLICE("7") : SLICE("1,017"));
		break;
	case 4:
		canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT, SLICE("3h 12m"));
		break;
	default:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT, SLICE("Aufträge · é́̂"));
	}
}

static struct slice row_id(const void *ctx, int64_t row)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

	(void)ctx;
	return (struct slice){letters + row % 26, 1};
}

static const struct table_rows table_rows = {
	columns, ARRAY_LEN(columns), draw_cell, row_id, NULL, NULL};

static void draw_table(const struct canvas *screen, struct table *table, size_t n)
{
	table_layout(table, 0, n, screen->height - 1);
	table_draw(table, screen, &table_rows);
	table_done(table);
}

/* In the middle of many, three marked, a range begun. */
static void table_in_the_middle(const struct fixture *fixture, const struct canvas *screen)
{
	struct table table = {.cursor = 42, .top = 38};

	(void)fixture;
	table_layout(&table, 0, TABLE_ROWS, screen->height - 1);
	for (int i = 0; i < 2; i++) {
		table_act(&table, &table_rows, ACTION_TAG);
		table_act(&table, &table_rows, ACTION_MOVE_DOWN);
	}
	table.ranging = true;
	table.anchor = table.cursor + 2;
	draw_table(screen, &table, TABLE_ROWS);
}

/* Moved sideways, and columns chosen. */
static void table_sideways(const struct fixture *fixture, const struct canvas *screen)
{
	struct table table = {.cursor = 2, .skip = 1};

	(void)fixture;
	assert_int_equal(columns_parse(&table.columns, columns, ARRAY_LEN(columns),
				 SLICE("interface:12 owner queue:9"), NULL),
		0);
	draw_table(screen, &table, 5);
}

/* ---- the ladder ---- */

#define T0 (INT64_C(1773479642) * S_US) /* 2026-03-14 09:14:02 UTC */

static void ladder(const struct fixture *fixture, const struct canvas *screen)
{
	static const struct slice systems[] = {
		{"eProcure", 8}, {"gateway", 7}, {"middleware", 10}, {"Odoo", 4}, {"GHX", 3}};
	static const struct ladder_hop hops[] = {
		{HOP_SEND, 0, 1, {"done", 4}, {"requisition", 11}, {0}, T0, 31 * MS_US, 1, 0},
		{HOP_SEND, 1, 2, {"done", 4}, {"validated", 9}, {0}, T0 + 31 * MS_US, 210 * MS_US,
			1, 1},
		{HOP_STEP, 2, 2, {"done", 4}, {"approved", 8}, {"by l.wei", 8}, T0 + 100 * MS_US,
			-1, 0, 2},
		{HOP_SEND, 2, 3, {"done", 4}, {"create PO", 9}, {"P00317", 6}, T0 + 241 * MS_US,
			S_US, 1, 2},
		{HOP_ACK, 3, 1, {"done", 4}, {"accepted", 8}, {0}, T0 + 1241 * MS_US, -1, 0, 2},
		{HOP_SEND, 2, 4, {"retrying", 8}, {"850", 3}, {"timeout after 30 s", 18},
			T0 + 1900 * MS_US, 30 * S_US, 1, 2},
		{HOP_SEND, 2, 4, {"dead", 4}, {"850", 3},
			{"422 mapping: cost centre 8841 unknown", 37}, T0 + 122 * S_US, 2 * S_US, 3,
			2},
		{HOP_COMPENSATION, 2, 3, {"running", 7}, {"cancel PO", 9}, {0}, T0 + 119 * S_US, -1,
			1, 3},
		{HOP_ACK, 9, 4, {"?", 1}, {"stray", 5}, {0}, LADDER_NO_TIME, -1, 0, 0},
	};
	struct ladder ladder = {.systems = systems,
		.n_systems = ARRAY_LEN(systems),
		.hops = hops,
		.n_hops = ARRAY_LEN(hops),
		.cursor = 6};

	(void)fixture;
	ladder_layout(&ladder, screen->width, screen->height);
	ladder_draw(&ladder, screen);
}

/* ---- text ---- */

static void text(const struct fixture *fixture, const struct canvas *screen)
{
	static const char text[] =
		"{\n"
		"  \"name\": \"P00317\",\n"
		"  \"partner\": \"Grupo Médico 北京\",\n"
		"  \"note\": \"deliver to the back door, ring twice; the porter knows, and if he does not, "
		"the ward does: say that it is the sets for dialysis and that they must stay cold\",\n"
		"  \"control\": \"\x1b]0;owned\x07\xe2\x80\xae\",\n"
		"  \"amount\": 1017.50\n"
		"}\n";
	static const struct text_span spans[] = {{4, 6, ROLE_STRONG}, {12, 8, ROLE_STATE_DONE}};
	CLEANUP(match_freep)
	struct match *match = NULL;
	struct text_view view = {.wrap = true};

	(void)fixture;
	assert_int_equal(match_new(SLICE("the"), &match, NULL), 0);
	view.match = match;
	text_view_set(&view, slice_of(text), spans, ARRAY_LEN(spans));
	text_view_layout(&view, screen->width, screen->height);
	text_view_draw(&view, screen);
	text_view_done(&view);
}

/* ---- what asks ---- */

static void confirm_one(const struct fixture *fixture, const struct canvas *screen)
{
	struct confirm confirm;

	(void)fixture;
	confirm_open(&confirm, SLICE("Discard this dead letter?\nIt will not be tried again."),
		"Discard", 1);
	confirm_draw(&confirm, screen);
	confirm_done(&confirm);
}

static void confirm_many(const struct fixture *fixture, const struct canvas *screen)
{
	struct confirm confirm;
	struct input enter = {.kind = INPUT_KEY};

	assert_int_equal(key_parse(SLICE("<Enter>"), &enter.key, NULL), 0);
	confirm_open(&confirm, SLICE("Discard these dead letters?\nThey will not be tried again."),
		"Discard", 17);
	prompt_type(&confirm.typed, SLICE("16"));
	confirm_input(&confirm, fixture->keymap, &enter); /* is not their number */
	confirm_draw(&confirm, screen);
	confirm_done(&confirm);
}

static void form(const struct fixture *fixture, const struct canvas *screen)
{
	static const char *const outcomes[] = {"spam", "duplicate", "entered by hand"};
	struct field fields[] = {
		{.kind = FIELD_NOTE, .label = "These 17 will not be tried again."},
		{.kind = FIELD_TEXT,
			.label = "reason",
			.help = "who reads the audit sees it",
			.needed = true},
		{.kind = FIELD_CHOICE,
			.label = "outcome",
			.choices = outcomes,
			.n_choices = ARRAY_LEN(outcomes),
			.error = "choose the one that is true"},
		{.kind = FIELD_CHECK, .label = "tell the owner", .checked = true},
	};
	struct form form = {
		.title = "Discard", .submit = "Discard", .fields = fields, .n = ARRAY_LEN(fields)};

	(void)fixture;
	form_open(&form);
	prompt_type(&fields[1].text, SLICE("entered by hand \x1b[31m this morning"));
	form_draw(&form, screen);
	form_done(&form);
}

static void palette(const struct fixture *fixture, const struct canvas *screen)
{
	static const char typed[] =
		"page"; /* found by few: acts that are added later are not among them */
	struct palette palette;
	enum action action;

	palette_open(&palette, fixture->keymap, &nobody, CONTEXT_TAIL);
	for (size_t i = 0; i < strlen(typed); i++)
		palette_input(&palette,
			&(struct input){.kind = INPUT_KEY, .key.code = (uint32_t)typed[i]},
			&action);
	palette_draw(&palette, screen);
	palette_done(&palette);
}

static void prompt(const struct fixture *fixture, const struct canvas *screen)
{
	struct prompt prompt = {0};

	(void)fixture;
	prompt_open(&prompt, ":");
	prompt_type(&prompt,
		SLICE("find state:dead if:po-* ref:\x1b[2J日本 error~\"cost cent(re|er) \\d+\" "
		      "since:08:00 facility:H01 class:mapping age>1h and more than fits"));
	prompt_draw(&prompt, screen, screen->height - 1);
	prompt_done(&prompt);
}

static void popup(const struct fixture *fixture, const struct canvas *screen)
{
	struct canvas box;

	(void)fixture;
	for (int y = 0; y < screen->height; y++)
		canvas_text(screen, 0, y, screen->width, ROLE_DIM,
			SLICE("behind it 日本語 behind it 日本語 behind it 日本語 behind it 日本語 behind it"));
	box = popup_open(screen, 40, 4, SLICE("Déjà vu 再"), ROLE_STRONG);
	canvas_text(&box, 0, 0, box.width, ROLE_TEXT, SLICE("what must be answered first"));
	canvas_text(&box, 0, 3, box.width, ROLE_ERROR, SLICE("and the last line of it"));
}

/* ---- the frame and what it says ---- */

static struct frame frame_of(void)
{
	static const struct frame_tab tabs[] = {{1, "Overview", false, 0}, {3, "Tail", true, 0}};
	static const struct slice hints[] = {
		{"F", 1}, {"follow", 6}, {"?", 1}, {"help", 4}, {"q", 1}, {"quit", 4}};

	return (struct frame){
		.environment = SLICE("PROD"),
		.environment_role = ROLE_BANNER_PROD,
		.read_only = true,
		.who = SLICE("ana.ruiz operator"),
		.path = SLICE("Dead letters"),
		.store = SLICE("store lost 12s"),
		.store_role = ROLE_ERROR,
		.clock = SLICE("14:32Z"),
		.tabs = tabs,
		.n_tabs = ARRAY_LEN(tabs),
		.status = SLICE("17 of 1,000+ · state:dead · 3 tagged · took 6 ms"),
		.hints = hints,
		.n_hints = ARRAY_LEN(hints),
	};
}

static void frame(const struct fixture *fixture, const struct canvas *screen)
{
	struct frame frame = frame_of();

	(void)fixture;
	frame_draw(&frame, screen);
}

/* More views than there is room for at 80 cells. */
static void frame_of_many(const struct fixture *fixture, const struct canvas *screen)
{
	static const struct frame_tab tabs[] = {{1, "Overview", false, 0},
		{2, "Interfaces", false, 0}, {3, "Tail", false, 0}, {4, "Dead letters", true, 17},
		{5, "Replays", false, 2}, {6, "SLA", false, 1}, {7, "Handover", false, 0},
		{8, "Audit", false, 0}, {9, "Odoo", false, 0}};
	struct frame frame = frame_of();

	(void)fixture;
	frame.tabs = tabs;
	frame.n_tabs = ARRAY_LEN(tabs);
	frame_draw(&frame, screen);
}

static void message(const struct fixture *fixture, const struct canvas *screen)
{
	struct frame frame = frame_of();

	(void)fixture;
	frame.message = SLICE(
		"the store refuses: \"replay 17\" was asked for by yourself; somebody else has "
		"to approve it, and here is more than fits on eighty columns");
	frame.message_role = ROLE_ERROR;
	frame_draw(&frame, screen);
}

/* ---- shapes ---- */

static const int64_t day[] = {
	2, 1, 0, 0, 1, 5, 12, 30, 61, 80, 78, 74, 60, 66, 71, 75, 64, 50, 33, 21, 14, 9, 5, 3};
static const int64_t night[] = {
	0, 40, 38, 2, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 1};

static void shapes(const struct fixture *fixture, const struct canvas *screen)
{
	(void)fixture;
	chart_spark(screen, 0, 0, screen->width, ROLE_SPARK, day, ARRAY_LEN(day));
	chart_bar(screen, 0, 1, screen->width / 2, ROLE_STATE_DEAD, 17, 40);
	chart_histogram(
		screen, 0, 2, screen->width, screen->height - 2, ROLE_SPARK, day, ARRAY_LEN(day));
}

static void heat_of(const struct canvas *screen, bool braille)
{
	const struct heat_line lines[] = {
		{SLICE("po-out"), day}, {SLICE("gl-nightly"), night}, {SLICE("発注システム"), day}};
	const struct heat heat = {
		lines, ARRAY_LEN(lines), ARRAY_LEN(day), "Fri 09:00", "Sat 09:00", braille};

	heat_draw(&heat, screen, ROLE_SPARK);
}

static void heat(const struct fixture *fixture, const struct canvas *screen)
{
	(void)fixture;
	heat_of(screen, false);
}

static void heat_braille(const struct fixture *fixture, const struct canvas *screen)
{
	(void)fixture;
	heat_of(screen, true);
}

/* ---- all of them ---- */

struct widget {
	const char *name;
	void (*draw)(const struct fixture *fixture, const struct canvas *screen);
	const struct fixture *fixture;
};

static void draw_widget(void *ctx, const struct canvas *screen)
{
	const struct widget *widget = ctx;

	widget->draw(widget->fixture, screen);
}

static void each_looks_as_it_should_on_every_terminal(void **state)
{
	static const struct widget widgets[] = {
		{"widget/confirm-many", confirm_many, NULL},
		{"widget/confirm-one", confirm_one, NULL},
		{"widget/form", form, NULL},
		{"widget/frame", frame, NULL},
		{"widget/frame-of-many", frame_of_many, NULL},
		{"widget/heat", heat, NULL},
		{"widget/heat-braille", heat_braille, NULL},
		{"widget/ladder", ladder, NULL},
		{"widget/message", message, NULL},
		{"widget/palette", palette, NULL},
		{"widget/popup", popup, NULL},
		{"widget/prompt", prompt, NULL},
		{"widget/shapes", shapes, NULL},
		{"widget/table", table_in_the_middle, NULL},
		{"widget/table-sideways", table_sideways, NULL},
		{"widget/text", text, NULL},
	};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(widgets); i++) {
		struct widget widget = widgets[i];

		widget.fixture = fixture;
		terminals_golden(widget.name, fixture->theme, draw_widget, &widget);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_looks_as_it_should_on_every_terminal),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
