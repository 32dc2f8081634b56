/* Themes: what a role looks like at each depth, and what is said of mistakes. */
#include "base/mem.h"
#include "base/str.h"
#include "ui/defaults.h"
#include "ui/theme.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct theme *theme;
	struct problems problems;
};

static void load(struct fixture *fixture, const char *text)
{
	fixture->theme = theme_new();
	fixture->problems = PROBLEMS_INIT;
	theme_parse(
		fixture->theme, "test.theme", slice_of(text), default_theme, &fixture->problems);
}

static void unload(struct fixture *fixture)
{
	theme_free(fixture->theme);
	problems_done(&fixture->problems);
}

static struct style plain(const struct fixture *fixture, enum role role, int colours)
{
	return theme_style(fixture->theme, role, colours, (struct style){0});
}

static void the_shipped_themes_have_no_problems(void **state)
{
	(void)state;
	for (const struct default_file *file = default_themes; file->name; file++) {
		struct fixture fixture;

		load(&fixture, file->text);
		if (fixture.problems.n)
			fail_msg("%s: %s", file->name, fixture.problems.texts[0]);
		unload(&fixture);
	}
}

static void every_state_has_a_glyph_and_an_ascii_glyph(void **state)
{
	(void)state;
	for (const struct default_file *file = default_themes; file->name; file++) {
		struct fixture fixture;

		load(&fixture, file->text);
		for (int i = 0; i < ROLE_N; i++) {
			struct slice ascii = theme_glyph(fixture.theme, (enum role)i, true);

			if (strncmp(role_name((enum role)i), "state.", 6) != 0)
				continue;
			assert_true(theme_glyph(fixture.theme, (enum role)i, false).len > 0);
			assert_int_equal(ascii.len, 1);
			assert_true(ascii.at[0] > ' ' && ascii.at[0] < 0x7F);
		}
		unload(&fixture);
	}
}

static void a_colour_has_three_depths(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture,
		"format 1\n[palette]\nalarm = #a60000 | 124 | red\n[role]\ntext.error = alarm on 7 bold\n");
	assert_int_equal(fixture.problems.n, 0);
	assert_int_equal(plain(&fixture, ROLE_ERROR, 1 << 24).fg, COLOUR_RGB | 0xA60000);
	assert_int_equal(plain(&fixture, ROLE_ERROR, 256).fg, COLOUR_256 | 124);
	assert_int_equal(plain(&fixture, ROLE_ERROR, 16).fg, COLOUR_16 | 1);
	assert_int_equal(plain(&fixture, ROLE_ERROR, 8).bg, COLOUR_256 | 7);
	assert_int_equal(plain(&fixture, ROLE_ERROR, 16).attrs, ATTR_BOLD);
	unload(&fixture);
}

static void without_colours_only_attributes_are_left(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture,
		"format 1\n[role]\ntext.error = red bold\nstate.dead = red\n[mono]\nstate.dead = reverse\n");
	assert_int_equal(plain(&fixture, ROLE_ERROR, 0).fg, COLOUR_DEFAULT);
	assert_int_equal(plain(&fixture, ROLE_ERROR, 0).attrs, ATTR_BOLD);
	assert_int_equal(plain(&fixture, ROLE_STATE_DEAD, 0).attrs, ATTR_REVERSE);
	assert_int_equal(plain(&fixture, ROLE_STATE_DEAD, 16).attrs, 0);
	unload(&fixture);
}

static void an_additive_role_keeps_what_is_there(void **state)
{
	struct style under = {.fg = COLOUR_16 | 2, .attrs = ATTR_BOLD}, style;
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\n[role]\ncursor.row = +reverse\n");
	style = theme_style(fixture.theme, ROLE_CURSOR_ROW, 16, under);
	assert_int_equal(style.fg, COLOUR_16 | 2);
	assert_int_equal(style.attrs, ATTR_BOLD | ATTR_REVERSE);
	unload(&fixture);
}

static void a_partial_file_changes_only_what_it_names(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\ninherit default\n[role]\nstate.ok = cyan\n");
	assert_int_equal(plain(&fixture, ROLE_STATE_OK, 16).fg, COLOUR_16 | 6);
	assert_true(slice_eq_str(theme_glyph(fixture.theme, ROLE_STATE_OK, true), "+"));
	assert_int_equal(plain(&fixture, ROLE_STATE_DEAD, 16).fg, COLOUR_16 | 1);
	unload(&fixture);
}

static void a_state_word_finds_its_role(void **state)
{
	(void)state;
	assert_int_equal(role_of_state(SLICE("dead")), ROLE_STATE_DEAD);
	assert_int_equal(role_of_state(SLICE("failing")), ROLE_STATE_FAILING);
	assert_int_equal(role_of_state(SLICE("no such state")), ROLE_TEXT);
	assert_int_equal(role_of_state(SLICE("")), ROLE_TEXT);
}

static void mistakes_are_named_with_their_line_and_keep_the_rest(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"text.eror = red", "unknown role \"text.eror\"; did you mean \"text.error\"?"},
		{"text = rde", "unknown colour \"rde\"; did you mean \"red\"?"},
		{"text = #12345g", "unknown colour"},
		{"text = #12345", "unknown colour"},
		{"text = 256", "unknown colour"},
		{"text = red on", "a colour is missing"},
		{"text = +blod", "adds no attribute"},
		{"text = red \"a\" \"b\" \"c\"", "more than two glyphs"},
		{"text = \"a", "the quotes are not closed"},
		{"[rolle]", "unknown section \"rolle\"; did you mean \"role\"?"},
		{"inherit nowhere", "there is no theme \"nowhere\""},
		{"[palette]\na = 1 | 2 | 3 | 4", "more than three colours"},
		{"[palette]\na =", "a colour is missing"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1024);
		struct fixture fixture;

		str_addf(&text, "format 1\n[role]\n%s\n[role]\nstatus = green\n", rows[i].line);
		load(&fixture, str_cstr(&text));
		if (fixture.problems.n != 1 || !strstr(fixture.problems.texts[0], rows[i].says))
			fail_msg("%s: %zu problems, the first: %s", rows[i].line,
				fixture.problems.n,
				fixture.problems.n ? fixture.problems.texts[0] : "none");
		assert_int_equal(plain(&fixture, ROLE_STATUS, 16).fg, COLOUR_16 | 2);
		assert_int_equal(plain(&fixture, ROLE_TEXT, 16).fg, COLOUR_DEFAULT);
		unload(&fixture);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_themes_have_no_problems),
		cmocka_unit_test(every_state_has_a_glyph_and_an_ascii_glyph),
		cmocka_unit_test(a_colour_has_three_depths),
		cmocka_unit_test(without_colours_only_attributes_are_left),
		cmocka_unit_test(an_additive_role_keeps_what_is_there),
		cmocka_unit_test(a_partial_file_changes_only_what_it_names),
		cmocka_unit_test(a_state_word_finds_its_role),
		cmocka_unit_test(mistakes_are_named_with_their_line_and_keep_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
