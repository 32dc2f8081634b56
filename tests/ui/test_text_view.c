/* Long texts: wrapping, moving, searching, spans; and that a huge one costs no more. */
#include "../lib/golden.h"
#include "../lib/unit.h"
#include "term/screen.h"
#include "ui/defaults.h"
#include "ui/text_view.h"

struct fixture {
	struct text_view view;
	struct theme *theme;
	struct surface *surface;
};

static void open_on(struct fixture *fixture, struct slice text, int width, int height)
{
	CLEANUP(problems_done)
	struct problems problems = {0};
	struct slice theme;

	*fixture = (struct fixture){.theme = theme_new(), .surface = surface_new(width, height)};
	assert_true(default_theme(SLICE("default"), &theme));
	theme_parse(fixture->theme, "default", theme, default_theme, &problems);
	text_view_set(&fixture->view, text, NULL, 0);
	text_view_layout(&fixture->view, width, height);
}

static void close_it(struct fixture *fixture)
{
	text_view_done(&fixture->view);
	theme_free(fixture->theme);
	surface_free(fixture->surface);
}

static void dump(struct fixture *fixture, bool styles, struct str *out)
{
	struct canvas canvas = canvas_of(fixture->surface, fixture->theme, 16, false);

	str_reset(out);
	surface_clear(fixture->surface, (struct style){0});
	text_view_layout(&fixture->view, canvas.width, canvas.height);
	text_view_draw(&fixture->view, &canvas);
	surface_dump(fixture->surface, styles, out);
}

static void expect(struct fixture *fixture, const char *screen)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 16);

	dump(fixture, false, &out);
	assert_string_equal(str_cstr(&out), screen);
}

static void lines_are_clipped_or_wrapped(void **state)
{
	struct fixture fixture;

	(void)state;
	open_on(&fixture, SLICE("abcdefgh\n\nxy\r\n日本語z\n"), 5, 6);
	expect(&fixture, "abcde\n\nxy\n日本\n\n\n");
	text_view_act(&fixture.view, ACTION_WRAP);
	expect(&fixture, "abcde\nfgh\n\nxy\n日本\n語z\n");
	close_it(&fixture);
}

static void moving_stops_at_both_ends(void **state)
{
	static const struct {
		enum action acts[3];
		const char *screen;
	} rows[] = {
		{{ACTION_MOVE_UP}, "1\n2\n3\n"},
		{{ACTION_MOVE_DOWN}, "2\n3\n4\n"},
		{{ACTION_PAGE_DOWN, ACTION_PAGE_DOWN, ACTION_PAGE_DOWN}, "5\n6\n7\n"},
		{{ACTION_MOVE_BOTTOM}, "5\n6\n7\n"},
		{{ACTION_MOVE_BOTTOM, ACTION_MOVE_UP, ACTION_MOVE_UP}, "3\n4\n5\n"},
		{{ACTION_MOVE_BOTTOM, ACTION_PAGE_UP}, "3\n4\n5\n"},
		{{ACTION_HALF_DOWN, ACTION_HALF_DOWN, ACTION_MOVE_TOP}, "1\n2\n3\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture fixture;

		open_on(&fixture, SLICE("1\n2\n3\n4\n5\n6\n7\n"), 5, 3);
		for (size_t k = 0; k < 3; k++)
			text_view_act(&fixture.view, rows[i].acts[k]);
		expect(&fixture, rows[i].screen);
		close_it(&fixture);
	}
}

static void search_goes_to_lines_and_marks_what_it_found(void **state)
{
	static const struct text_span spans[] = {{4, 3, ROLE_ERROR}, {10, 2, ROLE_DIM}};
	CLEANUP(match_freep)
	struct match *match = NULL;
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 16);
	struct slice text = SLICE("one two one\ntwo\nthree one\nfour\nfive\nsix one\nseven\n");
	struct fixture fixture;

	(void)state;
	open_on(&fixture, text, 12, 3);
	text_view_set(&fixture.view, text, spans, ARRAY_LEN(spans));
	assert_int_equal(match_new(SLICE("one|w"), &match, NULL), 0);
	fixture.view.match = match;
	dump(&fixture, true, &out);
	golden_check("text-view-found", str_slice(&out));
	assert_true(text_view_search(&fixture.view, true));
	expect(&fixture, "two\nthree one\nfour\n");
	assert_true(text_view_search(&fixture.view, true));
	assert_true(text_view_search(&fixture.view, true));
	expect(&fixture, "five\nsix one\nseven\n");
	assert_true(text_view_search(&fixture.view, false));
	close_it(&fixture);
}

static void any_size_and_any_bytes_hold(void **state)
{
	struct random random = {.state = 7};

	(void)state;
	for (int round = 0; round < 300; round++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1 << 16), out = STR_INIT(1 << 20);
		struct fixture fixture;

		for (size_t n = random_below(&random, 2000); n; n--)
			str_addc(&text, (char)(random_below(&random, 8) ? random_below(&random, 256)
									: '\n'));
		open_on(&fixture, str_slice(&text), (int)random_below(&random, 30) + 1,
			(int)random_below(&random, 10) + 1);
		for (int k = 0; k < 20; k++) {
			text_view_act(&fixture.view, (enum action)random_below(&random, ACTION_N));
			dump(&fixture, false, &out);
		}
		close_it(&fixture);
	}
}

/* Ten megabytes without a line end: each key stays cheap, because lines are parted. */
static void one_endless_line_is_parted(void **state)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(11 << 20), status = STR_INIT(256);
	struct fixture fixture;

	(void)state;
	while (text.len < 10u << 20)
		str_adds(&text, "ä0123456789");
	open_on(&fixture, str_slice(&text), 80, 24);
	fixture.view.wrap = true;
	for (int i = 0; i < 2000; i++)
		text_view_act(&fixture.view, ACTION_PAGE_DOWN);
	text_view_act(&fixture.view, ACTION_MOVE_BOTTOM);
	text_view_status(&fixture.view, &status);
	assert_true(fixture.view.n_lines >= (10u << 20) / TEXT_VIEW_LINE_MAX);
	close_it(&fixture);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_clipped_or_wrapped),
		cmocka_unit_test(moving_stops_at_both_ends),
		cmocka_unit_test(search_goes_to_lines_and_marks_what_it_found),
		cmocka_unit_test(any_size_and_any_bytes_hold),
		cmocka_unit_test(one_endless_line_is_parted),
	};

	return RUN(tests);
}
