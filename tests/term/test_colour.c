/* Colours brought down: to the nearest one, and never to none. */
#include "../lib/unit.h"
#include "term/colour.h"
#include "term/surface.h"

static void a_colour_becomes_the_nearest_there_is(void **state)
{
	static const struct {
		uint32_t colour;
		int depth;
		uint32_t want;
	} rows[] = {
		{COLOUR_DEFAULT, 1 << 24, COLOUR_DEFAULT},
		{COLOUR_DEFAULT, 8, COLOUR_DEFAULT},
		{COLOUR_16 | 9, 0, COLOUR_DEFAULT},
		{COLOUR_RGB | 0xffffff, 0, COLOUR_DEFAULT},
		{COLOUR_16 | 9, 8, COLOUR_16 | 9},
		{COLOUR_16 | 9, 1 << 24, COLOUR_16 | 9},
		{COLOUR_256 | 9, 256, COLOUR_16 | 9},
		{COLOUR_256 | 124, 256, COLOUR_256 | 124},
		{COLOUR_256 | 124, 1 << 24, COLOUR_256 | 124},
		{COLOUR_256 | 124, 16, COLOUR_16 | 1},
		{COLOUR_256 | 255, 16, COLOUR_16 | 7},
		{COLOUR_256 | 232, 16, COLOUR_16 | 0},
		{COLOUR_RGB | 0xa60000, 1 << 24, COLOUR_RGB | 0xa60000},
		{COLOUR_RGB | 0xa60000, 256, COLOUR_256 | 124},
		{COLOUR_RGB | 0xa60000, 16, COLOUR_16 | 1},
		{COLOUR_RGB | 0x000000, 256, COLOUR_256 | 16},
		{COLOUR_RGB | 0xffffff, 256, COLOUR_256 | 231},
		{COLOUR_RGB | 0x808080, 256, COLOUR_256 | 244},
		{COLOUR_RGB | 0x0a0a0a, 256, COLOUR_256 | 232},
		{COLOUR_RGB | 0x00ff00, 16, COLOUR_16 | 10},
		{COLOUR_RGB | 0x0000ee, 16, COLOUR_16 | 4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t got = colour_reduce(rows[i].colour, rows[i].depth);

		if (got != rows[i].want)
			fail_msg("%x at %d: %x, not %x", rows[i].colour, rows[i].depth, got,
				rows[i].want);
	}
}

/* What the 256 name is found again from its own RGB, so nothing nearer was overlooked. */
static void every_colour_of_the_256_is_nearest_to_itself(void **state)
{
	(void)state;
	for (uint32_t i = 16; i < 256; i++) {
		uint32_t rgb = colour_rgb(COLOUR_256 | i, 0);
		uint32_t back = colour_reduce(COLOUR_RGB | rgb, 256);

		assert_int_equal(colour_rgb(back, 0), rgb);
	}
}

static void a_colour_stays_one_at_every_depth(void **state)
{
	static const int depths[] = {8, 16, 256, 1 << 24};
	struct random random = {5};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint32_t rgb = (uint32_t)random_below(&random, 1 << 24);

		for (size_t j = 0; j < ARRAY_LEN(depths); j++) {
			uint32_t got = colour_reduce(COLOUR_RGB | rgb, depths[j]);

			assert_true(got >= COLOUR_16);
			assert_int_equal(colour_reduce(got, depths[j]), got);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_colour_becomes_the_nearest_there_is),
		cmocka_unit_test(every_colour_of_the_256_is_nearest_to_itself),
		cmocka_unit_test(a_colour_stays_one_at_every_depth),
	};

	return RUN(tests);
}
