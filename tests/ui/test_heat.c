/* Heat strips: one scale for all lines, no peak lost where it is narrow, and nothing but the strip
 * where there is hardly room. */
#include "../lib/unit.h"
#include "term/screen.h"
#include "ui/heat.h"

#define HOURS 24

static const int64_t quiet[HOURS] = {0, 1, 1, 0, 2, 1, 0, 0, 3, 1, 1, 0, 2, 1, 0, 0, 1, 2, 0, 1};
static const int64_t busy[HOURS] = {10, 12, 30, 44, 80, 75, 60, 58, 1200, 70, 64, 52, 50, 48, 44,
	40, 33, 30, 22, 20, 18, 12, 9, 8};
static const struct heat_line lines[] = {{{"po-out", 6}, busy}, {{"gl-nightly", 10}, quiet}};

static void expect(
	const struct heat *heat, int width, int height, bool ascii, bool plain, const char *want)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(width, height);
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 16);
	struct theme *theme = theme_new();
	struct canvas canvas = canvas_of(surface, theme, 16, ascii);

	canvas.plain = plain;
	heat_draw(heat, &canvas, ROLE_SPARK);
	surface_dump(surface, false, &out);
	theme_free(theme);
	assert_string_equal(str_cstr(&out), want);
}

static void it_fits_where_it_stands(void **state)
{
	static const struct {
		int width, height;
		bool braille, ascii, plain;
		const char *screen;
	} rows[] = {
		{42, 3, false, false, false,
			"po-out     ░░░░░░░░█░░░░░░░░░░░░░░░ 1,200\ngl-nightly ·░░·░░··░░░·░░··░░·░····     3\n           09:00              09:00\n"},
		{42, 3, true, false, false,
			"po-out     ⣀⣀⣀⣀⣇⣀⣀⣀⣀⣀⣀⣀ 1,200\ngl-nightly ⢀⡀⣀⠀⣀⡀⣀⠀⣀⢀⠀⠀     3\n           09:00  09:00\n"},
		{42, 3, true, true, false,
			"po-out     --------#--------------- 1,200\ngl-nightly .--.--..---.--..--.-....     3\n           09:00              09:00\n"},
		{22, 3, false, false, false,
			"po-out  ░░█░░░░░ 1,200\ngl-nig… ░░░░░░░·     3\n        09:00\n"},
		{22, 2, true, false, false, "po-out  ⣀⣀⣸⣀⣀⣀⣀⣀ 1,200\n        09:00\n"},
		{12, 3, false, false, false, "░░█░░░ 1,200\n░░░░░·     3\n09:00\n"},
		{8, 3, false, false, false, "░░█░░░░░\n░░░░░░░·\n09:00\n"},
		{1, 1, false, false, false, "…\n"},
		{42, 3, true, true, true,
			"po-out: now 8, most 1,200\ngl-nightly: now 0, most 3\n\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct heat heat = {
			lines, ARRAY_LEN(lines), HOURS, "09:00", "09:00", rows[i].braille};

		expect(&heat, rows[i].width, rows[i].height, rows[i].ascii, rows[i].plain,
			rows[i].screen);
	}
}

static void nothing_to_show_is_no_line(void **state)
{
	const struct heat none = {lines, 0, HOURS, "09:00", "10:00", false};
	const struct heat no_values = {lines, 1, 0, "09:00", "10:00", true};

	(void)state;
	expect(&none, 12, 2, false, false, "09:00\n\n");
	expect(&no_values, 12, 2, false, false, " 0\n\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_fits_where_it_stands),
		cmocka_unit_test(nothing_to_show_is_no_line),
	};

	return RUN(tests);
}
