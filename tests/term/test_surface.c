/* Surfaces: clipping, wide glyphs whose halves are overwritten, styles, and that nothing hostile
 * gets in. */
#include "../lib/unit.h"
#include "base/text.h"
#include "term/screen.h"
#include "term/surface.h"

static const struct style plain;
static const struct style red = {.fg = COLOUR_16 | 1};
static const struct style bold = {.attrs = ATTR_BOLD};

static void check_dump(const struct surface *surface, bool styles, const char *want)
{
	CLEANUP(str_done)
	struct str dump = STR_INIT(65536);

	surface_dump(surface, styles, &dump);
	assert_string_equal(str_cstr(&dump), want);
}

static void text_is_clipped_at_every_edge(void **state)
{
	static const struct {
		int x, max;
		const char *text;
		int used;
		const char *row;
	} rows[] = {
		{0, 100, "abc", 3, "abc\n"},
		{0, 2, "abc", 2, "ab\n"},
		{0, 0, "abc", 0, "\n"},
		{0, -5, "abc", 0, "\n"},
		{4, 100, "abc", 2, "    ab\n"},
		{5, 100, "abc", 1, "     a\n"},
		{6, 100, "abc", 0, "\n"},
		{1000000, 100, "abc", 0, "\n"},
		{-1, 100, "abc", 3, "bc\n"},
		{-3, 100, "abc", 3, "\n"},
		{-2, 100, "0123456789", 8, "234567\n"},
		{-2147483647 - 1, 2147483647, "abc", 3, "\n"},
		{2147483647, 2147483647, "abc", 0, "\n"},
		/* wide: a half is never shown */
		{0, 100, "漢字", 4, "漢字\n"},
		{0, 3, "漢字", 2, "漢\n"},
		{5, 100, "漢字", 0, "\n"},
		{3, 100, "漢字", 2, "   漢\n"},
		{-1, 100, "漢字", 4, " 字\n"},
		{-2, 100, "漢字", 4, "字\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(surface_freep)
		struct surface *surface = surface_new(6, 1);

		assert_int_equal(surface_text(surface, rows[i].x, 0, rows[i].max,
					 slice_of(rows[i].text), plain),
			rows[i].used);
		check_dump(surface, false, rows[i].row);
	}
}

static void rows_outside_take_nothing_but_measure(void **state)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(6, 2);

	(void)state;
	assert_int_equal(surface_text(surface, 0, -1, 100, SLICE("abc"), plain), 3);
	assert_int_equal(surface_text(surface, 0, 2, 100, SLICE("abc"), plain), 3);
	check_dump(surface, false, "\n\n");
}

static void half_of_a_wide_glyph_is_none(void **state)
{
	static const struct {
		int x;
		const char *text, *row;
	} rows[] = {
		{0, "x", "x 字\n"},
		{1, "x", " x字\n"},
		{2, "x", "漢x\n"},
		{3, "x", "漢 x\n"},
		{1, "xy", " xy\n"},
		{1, "한", " 한\n"},
		{0, "한", "한字\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(surface_freep)
		struct surface *surface = surface_new(4, 1);

		surface_text(surface, 0, 0, 4, SLICE("漢字"), plain);
		surface_text(surface, rows[i].x, 0, 4, slice_of(rows[i].text), plain);
		check_dump(surface, false, rows[i].row);
	}
}

static void a_fill_blanks_what_it_cuts(void **state)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(6, 3);

	(void)state;
	for (int y = 0; y < 3; y++)
		surface_text(surface, 0, y, 6, SLICE("漢字漢"), plain);
	surface_fill(surface, 1, 1, 2, 1, red);
	surface_fill(surface, 3, 2, 100, 100, plain);
	surface_fill(surface, -10, 0, 11, 1, plain);
	surface_fill(surface, 2, 2, 0, 1, plain);
	surface_fill(surface, 2, 2, -4, 1, plain);
	surface_fill(surface, 2147483647, 0, 2147483647, 1, plain);
	check_dump(surface, true, "  字漢\n~\n    漢\n~ 1-2 red\n漢\n~\n");
}

static void a_new_style_keeps_the_text(void **state)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(8, 2);

	(void)state;
	surface_text(surface, 0, 0, 8, SLICE("a漢b"), red);
	surface_restyle(surface, 0, 0, 2, 1, bold);
	check_dump(surface, true, "a漢b\n~ 0-2 bold; 3-3 red\n\n~\n");
	surface_restyle(surface, 2, 0, 100, 100, plain);
	check_dump(surface, true, "a漢b\n~ 0-2 bold\n\n~\n");
}

static void a_glyph_has_one_style(void **state)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(4, 1);
	struct style left, right;

	(void)state;
	surface_text(surface, 1, 0, 4, SLICE("漢"), plain);
	surface_restyle(surface, 0, 0, 2, 1, bold);
	surface_at(surface, 1, 0, &left);
	assert_int_equal(surface_at(surface, 2, 0, &right).len, 0);
	assert_int_equal(left.attrs, ATTR_BOLD);
	assert_int_equal(right.attrs, ATTR_BOLD);
	surface_restyle(surface, 2, 0, 2, 1, red);
	surface_at(surface, 2, 0, &right);
	assert_int_equal(right.attrs, ATTR_BOLD);
}

static void clusters_are_kept_whole(void **state)
{
	static const char *const texts[] = {
		"e\u0301", "👩‍👩‍👧‍👦", "☎️", "🇩🇪", "─", "é"};
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(80, 2);
	struct style style;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		surface_text(surface, (int)i * 3, 0, 3, slice_of(texts[i]), plain);
		assert_slice(surface_at(surface, (int)i * 3, 0, &style), texts[i]);
	}
	assert_int_equal(surface_at(surface, -1, 0, &style).len, 0);
	assert_int_equal(surface_at(surface, 80, 0, &style).len, 0);
	assert_int_equal(surface_at(surface, 0, 2, &style).len, 0);
}

/* A surface that is drawn over for weeks: every code point once, those in sight stay right. */
static void old_clusters_make_room(void **state)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(10, 3);
	struct style style;

	(void)state;
	surface_text(surface, 0, 0, 10, SLICE("é"), plain);
	for (uint32_t cp = 0x4e00; cp < 0x9f00; cp++) {
		char utf8[4];
		size_t len = utf8_put(cp, utf8);
		int x = (int)(cp % 5) * 2, y = 1 + (int)(cp / 5 % 2);

		surface_text(surface, x, y, 2, (struct slice){utf8, len}, plain);
		assert_true(slice_eq(surface_at(surface, x, y, &style), (struct slice){utf8, len}));
	}
	assert_slice(surface_at(surface, 0, 0, &style), "é");
}

static void nothing_hostile_gets_in(void **state)
{
	static const char *const texts[] = {"\033[31m", "\r\n\t", "\x07", "\x7f", "\xc2\x9b",
		"\x9b", "\xff\xfe", "\u202e", "\u2066", "\u200f", "\ufeff", "\u2028", "\U000e0041"};
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(40, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		surface_clear(surface, plain);
		surface_text(surface, 0, 0, 40, slice_of(texts[i]), plain);
		for (int x = 0; x < 40; x++) {
			struct style style;
			struct slice rest = surface_at(surface, x, 0, &style);
			uint32_t cp;

			while (rest.len) {
				assert_true(utf8_next(&rest, &cp));
				assert_true(cp >= ' ' && (cp < 0x7f || cp >= 0xa0));
				assert_true(cp != 0x202e && cp != 0x2066 && cp != 0x200f);
				assert_true(cp != 0xfeff && cp != 0x2028 && cp < 0xe0000);
			}
		}
	}
}

static void any_size_will_do(void **state)
{
	static const struct {
		int width, height, width_is, height_is;
	} rows[] = {{0, 0, 1, 1}, {-5, 10, 1, 10}, {300, 100, 300, 100}, {1 << 30, 1, 4096, 1}};
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(10, 10);

	(void)state;
	surface_text(surface, 0, 0, 10, SLICE("é漢"), red);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct style style;

		surface_resize(surface, rows[i].width, rows[i].height);
		assert_int_equal(surface_width(surface), rows[i].width_is);
		assert_int_equal(surface_height(surface), rows[i].height_is);
		assert_slice(surface_at(surface, 0, 0, &style), " ");
		assert_int_equal(style.fg, COLOUR_DEFAULT);
	}
}

static void a_dump_names_every_style(void **state)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(10, 1);

	(void)state;
	surface_text(surface, 0, 0, 1, SLICE("a"),
		(struct style){COLOUR_16 | 12, COLOUR_256 | 124, ATTR_BOLD | ATTR_REVERSE});
	surface_text(surface, 1, 0, 1, SLICE("b"),
		(struct style){COLOUR_RGB | 0xa60000, COLOUR_RGB | 0xff,
			ATTR_DIM | ATTR_ITALIC | ATTR_UNDERLINE});
	check_dump(surface, true,
		"ab\n~ 0-0 bold reverse bright-blue on-124; "
		"1-1 dim italic underline #a60000 on-#0000ff\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_at_every_edge),
		cmocka_unit_test(rows_outside_take_nothing_but_measure),
		cmocka_unit_test(half_of_a_wide_glyph_is_none),
		cmocka_unit_test(a_fill_blanks_what_it_cuts),
		cmocka_unit_test(a_new_style_keeps_the_text),
		cmocka_unit_test(a_glyph_has_one_style),
		cmocka_unit_test(clusters_are_kept_whole),
		cmocka_unit_test(old_clusters_make_room),
		cmocka_unit_test(nothing_hostile_gets_in),
		cmocka_unit_test(any_size_will_do),
		cmocka_unit_test(a_dump_names_every_style),
	};

	return RUN(tests);
}
