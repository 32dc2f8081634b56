/* What asks a person: confirmations, forms, the palette. Haste and pastes must do no harm. */
#include "../lib/unit.h"
#include "term/screen.h"
#include "ui/confirm.h"
#include "ui/defaults.h"
#include "ui/form.h"
#include "ui/palette.h"

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

	fixture.keymap = keymap_new();
	fixture.theme = theme_new();
	assert_true(default_keymap(SLICE("vim"), &text));
	keymap_parse(fixture.keymap, "vim", text, default_keymap, &problems);
	assert_true(default_theme(SLICE("default"), &text));
	theme_parse(fixture.theme, "default", text, default_theme, &problems);
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

/* Calls fn for each key of "a b <Enter>". */
static void each_key(const char *keys, void (*fn)(void *ctx, const struct input *input), void *ctx)
{
	struct slice rest = slice_of(keys), word;

	while (slice_word(&rest, &word)) {
		struct input input = {.kind = INPUT_KEY};

		assert_int_equal(key_parse(word, &input.key, NULL), 0);
		fn(ctx, &input);
	}
}

struct confirming {
	struct confirm confirm;
	const struct keymap *keymap;
	enum confirm_answer answer;
};

static void confirm_key(void *ctx, const struct input *input)
{
	struct confirming *confirming = ctx;

	assert_int_equal(confirming->answer, CONFIRM_PENDING);
	confirming->answer = confirm_input(&confirming->confirm, confirming->keymap, input);
}

static void a_yes_takes_more_than_a_hasty_enter(void **state)
{
	static const struct {
		int64_t count;
		const char *keys;
		enum confirm_answer answer;
	} rows[] = {
		{1, "<Enter>", CONFIRM_NO},
		{1, "<Right> <Enter>", CONFIRM_YES},
		{1, "<Tab> <Enter>", CONFIRM_YES},
		{1, "<Tab> <Left> <Enter>", CONFIRM_NO},
		{1, "<Tab> <Esc>", CONFIRM_NO},
		{1, "y y y", CONFIRM_PENDING},
		{17, "<Enter>", CONFIRM_NO},
		{17, "<Tab> <Enter>", CONFIRM_NO},
		{17, "1 7 <Enter>", CONFIRM_YES},
		{17, "1 6 <Enter>", CONFIRM_PENDING},
		{17, "1 6 <Enter> <BS> 7 <Enter>", CONFIRM_YES},
		{17, "x 1 - 7 <Enter>", CONFIRM_YES},
		{17, "1 7 0 <Enter>", CONFIRM_PENDING},
		{17, "1 7 <C-c>", CONFIRM_NO},
	};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct confirming confirming = {.keymap = fixture->keymap};

		confirm_open(&confirming.confirm, SLICE("Sure?"), "Discard", rows[i].count);
		each_key(rows[i].keys, confirm_key, &confirming);
		if (confirming.answer != rows[i].answer)
			fail_msg("%lld things, %s: %d", (long long)rows[i].count, rows[i].keys,
				confirming.answer);
		confirm_done(&confirming.confirm);
	}
}

static void nothing_is_confirmed_by_a_paste(void **state)
{
	const struct fixture *fixture = *state;
	struct input paste = {.kind = INPUT_PASTE, .paste = SLICE("17\r\n"), .last = true};
	struct confirm confirm;

	confirm_open(&confirm, SLICE("Sure?"), "Discard", 17);
	assert_int_equal(confirm_input(&confirm, fixture->keymap, &paste), CONFIRM_PENDING);
	assert_int_equal(confirm.typed.text.len, 0);
	confirm_done(&confirm);
}

struct filling {
	struct form form;
	const struct keymap *keymap;
	enum form_answer answer;
};

static void form_key(void *ctx, const struct input *input)
{
	struct filling *filling = ctx;

	filling->answer = form_input(&filling->form, filling->keymap, input);
}

static const char *const outcomes[] = {"spam", "duplicate", "entered by hand"};

static void fields_of(struct field *fields)
{
	fields[0] =
		(struct field){.kind = FIELD_NOTE, .label = "These 17 will not be tried again."};
	fields[1] = (struct field){.kind = FIELD_TEXT,
		.label = "Reason",
		.needed = true,
		.help = "stands in the audit"};
	fields[2] = (struct field){
		.kind = FIELD_CHOICE, .label = "Because", .choices = outcomes, .n_choices = 3};
	fields[3] = (struct field){.kind = FIELD_CHECK, .label = "Tell the owner"};
}

static void a_form_takes_what_is_typed_and_misses_nothing(void **state)
{
	static const struct {
		const char *keys;
		enum form_answer answer;
		const char *reason;
		size_t chosen;
		bool checked;
		size_t at;
	} rows[] = {
		{"a b <Enter> <Right> <Enter> <Space> <Enter> <Enter>", FORM_SUBMITTED, "ab", 1,
			true, 4},
		{"<Enter> <Enter> <Enter> <Enter>", FORM_PENDING, "", 0, false, 1},
		{"<Enter> <Enter> <Enter> <Enter> x <Up> <Enter>", FORM_SUBMITTED, "x", 0, false,
			4},
		{"x <Down> <Left> <Left> <Down> <Down> <Enter>", FORM_SUBMITTED, "x", 1, false, 4},
		{"x <Esc>", FORM_LEFT, "x", 0, false, 1},
		{"<Up>", FORM_PENDING, "", 0, false, 4},
		{"<Tab> <Tab> <Tab> <Tab>", FORM_PENDING, "", 0, false, 1},
	};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct field fields[4];
		struct filling filling = {
			.form = {.title = "Discard", .submit = "Discard", .fields = fields, .n = 4},
			.keymap = fixture->keymap};

		fields_of(fields);
		form_open(&filling.form);
		each_key(rows[i].keys, form_key, &filling);
		assert_int_equal(filling.answer, rows[i].answer);
		assert_string_equal(str_cstr(&fields[1].text.text), rows[i].reason);
		assert_int_equal(fields[2].chosen, rows[i].chosen);
		assert_int_equal(fields[3].checked, rows[i].checked);
		assert_int_equal(filling.form.at, rows[i].at);
		form_done(&filling.form);
	}
}

struct choosing {
	struct palette palette;
	enum palette_answer answer;
	enum action action;
};

static void palette_key(void *ctx, const struct input *input)
{
	struct choosing *choosing = ctx;

	choosing->answer = palette_input(&choosing->palette, input, &choosing->action);
}

static void the_palette_finds_by_any_part(void **state)
{
	static const struct {
		const char *keys;
		enum palette_answer answer;
		enum action action;
	} rows[] = {
		{"q u i t <Enter>", PALETTE_CHOSEN, ACTION_QUIT},
		{"T O P <Enter>", PALETTE_CHOSEN, ACTION_MOVE_TOP},
		{"a n e w <Enter>", PALETTE_CHOSEN, ACTION_REDRAW},
		{"f a i l u r e <Down> <Enter>", PALETTE_CHOSEN, ACTION_FAIL_PREVIOUS},
		{"n o s u c h <Enter>", PALETTE_LEFT, ACTION_NONE},
		{"q <Esc>", PALETTE_LEFT, ACTION_NONE},
		{"q x <BS> <Enter>", PALETTE_CHOSEN, ACTION_QUIT},
	};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct choosing choosing = {0};
		CLEANUP(surface_freep)
		struct surface *surface = surface_new(80, 24);
		struct canvas canvas = canvas_of(surface, fixture->theme, 16, false);

		palette_open(&choosing.palette, fixture->keymap, &nobody, CONTEXT_TAIL);
		palette_draw(&choosing.palette, &canvas);
		each_key(rows[i].keys, palette_key, &choosing);
		assert_int_equal(choosing.answer, rows[i].answer);
		assert_int_equal(choosing.action, rows[i].action);
		palette_done(&choosing.palette);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_yes_takes_more_than_a_hasty_enter),
		cmocka_unit_test(nothing_is_confirmed_by_a_paste),
		cmocka_unit_test(a_form_takes_what_is_typed_and_misses_nothing),
		cmocka_unit_test(the_palette_finds_by_any_part),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
