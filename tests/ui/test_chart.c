/* Shapes of numbers: nothing is drawn as nothing, something as something, the most as the most. */
#include "../lib/unit.h"
#include "term/screen.h"
#include "ui/chart.h"

enum shape { SPARK, BAR, HISTOGRAM, SHADES, BRAILLE };

static void draw_cells(const struct canvas *canvas, bool braille, const int64_t *values, size_t n)
{
	for (size_t i = 0; i < n; i += braille ? 2 : 1)
		if (braille)
			chart_braille(canvas, (int)i / 2, 0, ROLE_SPARK, &values[i], 100);
		else
			chart_shade(canvas, (int)i, 0, ROLE_SPARK, values[i], 100);
}

static void each_shape_shows_its_numbers(void **state)
{
	static const struct {
		enum shape shape;
		bool ascii;
		int width, height;
		int64_t values[6];
		size_t n;
		const char *screen;
	} rows[] = {
		{SPARK, false, 6, 1, {0, 1, 50, 100, 25, 99}, 6, " ▁▃▇▁▆\n"},
		{SPARK, true, 6, 1, {0, 1, 50, 100, 25, 99}, 6, " .:*.+\n"},
		{SPARK, false, 3, 1, {9, 9, 9, 0, 1, 2}, 6, " ▃▇\n"},
		{SPARK, false, 3, 1, {0, 0, 0}, 3, "\n"},
		{SPARK, false, 0, 1, {1, 2, 3}, 3, "\n"},
		{SPARK, false, 2, 1, {INT64_MAX, 1}, 2, "▇▁\n"},
		{SPARK, false, 2, 1, {-5, 5}, 2, " ▇\n"},
		{BAR, false, 4, 1, {0, 8}, 2, "····\n"},
		{BAR, false, 4, 1, {1, 1000}, 2, "▏···\n"},
		{BAR, false, 4, 1, {4, 8}, 2, "██··\n"},
		{BAR, false, 4, 1, {9, 8}, 2, "████\n"},
		{BAR, true, 4, 1, {5, 8}, 2, "###.\n"},
		{BAR, false, 4, 1, {5, 0}, 2, "····\n"},
		{HISTOGRAM, false, 3, 2, {1, 8, 16}, 3, "  █\n▁██\n"},
		{HISTOGRAM, true, 3, 2, {0, 8, 16}, 3, "  #\n ##\n"},
		{SHADES, false, 5, 1, {0, 1, 50, 75, 100}, 5, "·░▒▓█\n"},
		{SHADES, true, 5, 1, {0, 1, 50, 75, 100}, 5, ".-=%#\n"},
		{BRAILLE, false, 3, 1, {0, 1, 50, 75, 100, 0}, 6, "⢀⣴⡇\n"},
	};
	struct theme *theme = theme_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(surface_freep)
		struct surface *surface = surface_new(8, rows[i].height);
		CLEANUP(str_done)
		struct str out = STR_INIT(4096);
		struct canvas canvas = canvas_of(surface, theme, 16, rows[i].ascii);

		if (rows[i].shape == SPARK)
			chart_spark(&canvas, 0, 0, rows[i].width, ROLE_SPARK, rows[i].values,
				rows[i].n);
		else if (rows[i].shape == BAR)
			chart_bar(&canvas, 0, 0, rows[i].width, ROLE_SPARK, rows[i].values[0],
				rows[i].values[1]);
		else if (rows[i].shape == HISTOGRAM)
			chart_histogram(&canvas, 0, 0, rows[i].width, rows[i].height, ROLE_SPARK,
				rows[i].values, rows[i].n);
		else
			draw_cells(&canvas, rows[i].shape == BRAILLE, rows[i].values, rows[i].n);
		surface_dump(surface, false, &out);
		assert_string_equal(str_cstr(&out), rows[i].screen);
	}
	theme_free(theme);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shape_shows_its_numbers),
	};

	return RUN(tests);
}
