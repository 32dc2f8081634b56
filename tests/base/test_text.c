/* Glyphs, widths, and that whatever comes in is inert when it goes out. */
#include "../lib/unit.h"
#include "base/text.h"

#define MARK "\xEF\xBF\xBD"
#define ZWJ "\u200D"
#define VS16 "\uFE0F"

static void code_points_are_read_strictly(void **state)
{
	static const struct {
		const char *bytes;
		bool valid;
		uint32_t cp;
	} rows[] = {
		{"a", true, 'a'},
		{"\x7F", true, 0x7F},
		{"\xC2\x80", true, 0x80},
		{"\xDF\xBF", true, 0x7FF},
		{"\xE0\xA0\x80", true, 0x800},
		{"\xEF\xBF\xBF", true, 0xFFFF},
		{"\xF0\x90\x80\x80", true, 0x10000},
		{"\xF4\x8F\xBF\xBF", true, 0x10FFFF},
		{"\xF4\x90\x80\x80", false, 0},
		{"\xF8\x88\x80\x80\x80", false, 0},
		{"\xC0\x80", false, 0}, /* overlong */
		{"\xC1\xBF", false, 0}, /* overlong */
		{"\xE0\x9F\xBF", false, 0}, /* overlong */
		{"\xF0\x8F\xBF\xBF", false, 0}, /* overlong */
		{"\xED\xA0\x80", false, 0}, /* surrogate */
		{"\x80", false, 0},
		{"\xC3", false, 0},
		{"\xE2\x82", false, 0},
		{"\xC3(", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice rest = slice_of(rows[i].bytes);
		size_t len = rest.len;
		uint32_t cp = 0;

		assert_int_equal(utf8_next(&rest, &cp), rows[i].valid);
		assert_int_equal(cp, rows[i].cp);
		assert_int_equal(rest.len, rows[i].valid ? 0 : len - 1);
		assert_int_equal(utf8_valid(slice_of(rows[i].bytes)), rows[i].valid);
	}
}

static void every_code_point_survives_putting_and_reading(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char bytes[4];
		struct slice rest = {bytes, utf8_put(cp, bytes)};
		uint32_t back = 0;

		if (cp >= 0xD800 && cp <= 0xDFFF) {
			assert_false(utf8_next(&rest, &back));
			continue;
		}
		assert_true(utf8_next(&rest, &back));
		assert_int_equal(back, cp);
		assert_int_equal(rest.len, 0);
	}
}

static void each_text_has_its_width_glyphs_and_inert_form(void **state)
{
	static const struct {
		const char *text, *inert;
		int width, glyphs;
	} rows[] = {
		{"", "", 0, 0},
		{"po-out", "po-out", 6, 6},
		{"\u00e9", "\u00e9", 1, 1},
		{"e\u0301", "e\u0301", 1, 1},
		{"e\u0301\u0302x", "e\u0301\u0302x", 2, 2},
		{"\u4E2D\u6587", "\u4E2D\u6587", 4, 2},
		{"\uFF21", "\uFF21", 2, 1},
		{"\uFF71", "\uFF71", 1, 1},
		{"\U0001F600", "\U0001F600", 2, 1},
		/* A heart is narrow, unless it is asked for as an emoji. */
		{"\u2764", "\u2764", 1, 1},
		{"\u2764" VS16, "\u2764" VS16, 2, 1},
		{"\U0001F600\uFE0E", "\U0001F600\uFE0E", 2, 1},
		{"a" VS16, "a" VS16, 1, 1},
		{"1" VS16 "\u20E3", "1" VS16 "\u20E3", 2, 1},
		/* Families, professions, skin. */
		{"\U0001F468" ZWJ "\U0001F469" ZWJ "\U0001F467",
			"\U0001F468" ZWJ "\U0001F469" ZWJ "\U0001F467", 2, 1},
		{"\u2764" VS16 ZWJ "\U0001F525", "\u2764" VS16 ZWJ "\U0001F525", 2, 1},
		{"\U0001F44D\U0001F3FD", "\U0001F44D\U0001F3FD", 2, 1},
		{"\U0001F3FD", "\U0001F3FD", 2, 1},
		{"a" ZWJ "b", "a" ZWJ "b", 2, 2},
		/* Flags are pairs, from the left. */
		{"\U0001F1E9\U0001F1EA", "\U0001F1E9\U0001F1EA", 2, 1},
		{"\U0001F1E9", "\U0001F1E9", 1, 1},
		{"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7",
			"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", 4, 2},
		{"\U0001F1E9\U0001F1EA\U0001F1EB", "\U0001F1E9\U0001F1EA\U0001F1EB", 3, 2},
		{"\U0001F1E6\U0001F1E6\U0001F1E6", "\U0001F1E6\U0001F1E6\U0001F1E6", 3, 2},
		/* Hangul: composed, from its parts, and parts alone. */
		{"\uD55C", "\uD55C", 2, 1},
		{"\u1112\u1161\u11AB", "\u1112\u1161\u11AB", 2, 1},
		{"\uAC00\u11A8", "\uAC00\u11A8", 2, 1},
		{"\u1161", MARK, 1, 1},
		{"a\u1161", "a" MARK, 2, 2},
		/* Signs with a cell of their own. */
		{"\u0915\u093F", "\u0915\u093F", 2, 1},
		{"\u0915\u094D\u0937", "\u0915\u094D\u0937", 2, 2},
		/* Right to left is shown as it stands; a joiner within a word too. */
		{"\u05D0\u05D1", "\u05D0\u05D1", 2, 2},
		{"\u0645\u200C\u06CC", "\u0645\u200C\u06CC", 2, 2},
		/* What must not reach a terminal. */
		{"\x1b[31m", "\u241B[31m", 5, 5},
		{"a\tb\nc\r", "a\u2409b\u240Ac\u240D", 6, 6},
		{"\x7F", "\u2421", 1, 1},
		{"\xC2\x9B"
		 "31m",
			MARK "31m", 4, 4},
		{"\x9B", MARK, 1, 1},
		{"\xE2\x82", MARK MARK, 2, 2},
		{"a\u202Eb", "a" MARK "b", 3, 3},
		{"\u200E\u200F\u2066\u2069\u061C", MARK MARK MARK MARK MARK, 5, 5},
		{"\u2028\u2029\uFEFF", MARK MARK MARK, 3, 3},
		{"\u200B\u00AD\u2060", MARK MARK MARK, 3, 3},
		{"\U0001F3F4\U000E0067\U000E007F", "\U0001F3F4" MARK MARK, 4, 3},
		{"\u0301a", MARK "a", 2, 2},
		{ZWJ, MARK, 1, 1},
		{"\n\u0301", "\u240A" MARK, 2, 2},
		{"\uFFFE", MARK, 1, 1},
		{"\xED\xA0\x80", MARK MARK MARK, 3, 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str inert = STR_INIT(1000);
		struct slice rest = slice_of(rows[i].text);
		struct glyph glyph;
		int glyphs = 0;

		text_add_inert(&inert, rest);
		assert_string_equal(str_cstr(&inert), rows[i].inert);
		assert_int_equal(text_width(rest), rows[i].width);
		while (text_next(&rest, &glyph))
			glyphs++;
		assert_int_equal(glyphs, rows[i].glyphs);
	}
}

static void a_nul_byte_is_shown(void **state)
{
	CLEANUP(str_done)
	struct str inert = STR_INIT(100);

	(void)state;
	text_add_inert(&inert, (struct slice){"a\0b", 3});
	assert_string_equal(str_cstr(&inert), "a\u2400b");
}

static void a_code_point_has_its_cells(void **state)
{
	static const struct {
		uint32_t cp;
		int width;
	} rows[] = {
		{'a', 1},
		{0x1B, 0},
		{0x9F, 0},
		{0xA0, 1},
		{0xAD, 0},
		{0x2FF, 1},
		{0x300, 0},
		{0x36F, 0},
		{0x370, 1},
		{0x10FF, 1},
		{0x1100, 2},
		{0x1160, 0},
		{0x200D, 0},
		{0x202E, 0},
		{0x2029, 0},
		{0x2E80, 2},
		{0x4E00, 2},
		{0xAC00, 2},
		{0xE000, 1},
		{0xFE0F, 0},
		{0xFFFD, 1},
		{0x1F1E6, 1},
		{0x1F3FB, 2},
		{0x20000, 2},
		{0xE0100, 0},
		{0x10FFFD, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(text_cp_width(rows[i].cp), rows[i].width);
}

static void a_cluster_is_cut_at_its_limit_between_code_points(void **state)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1000);
	struct slice rest;
	struct glyph glyph;

	(void)state;
	str_addc(&text, 'e');
	for (int i = 0; i < 40; i++)
		str_adds(&text, "\u0301");
	rest = str_slice(&text);
	assert_true(text_next(&rest, &glyph));
	assert_int_equal(glyph.len, 31);
	assert_int_equal(glyph.width, 1);
	assert_true(utf8_valid((struct slice){glyph.bytes, glyph.len}));
	assert_true(text_next(&rest, &glyph));
	assert_int_equal(glyph.len, 3);
}

static void clipping_never_exceeds_the_cells(void **state)
{
	static const struct {
		const char *text;
		int cells;
		const char *head;
		int width;
	} rows[] = {
		{"abc", 2, "ab", 2},
		{"abc", 3, "abc", 3},
		{"abc", 9, "abc", 3},
		{"abc", 0, "", 0},
		{"abc", -1, "", 0},
		{"a\u4E2D", 2, "a", 1},
		{"a\u4E2D", 3, "a\u4E2D", 3},
		{"e\u0301x", 1, "e\u0301", 1},
		{"\U0001F468" ZWJ "\U0001F469x", 2, "\U0001F468" ZWJ "\U0001F469", 2},
		{"\x1bx", 1, "\x1b", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int width = -1;
		struct slice head = text_clip(slice_of(rows[i].text), rows[i].cells, &width);

		assert_slice(head, rows[i].head);
		assert_int_equal(width, rows[i].width);
	}
}

/* Bytes, and pieces that matter, mixed. */
static void random_text(struct random *random, struct str *out)
{
	static const char *const pieces[] = {"\u0301", ZWJ, VS16, "\U0001F468", "\U0001F3FD",
		"\U0001F1E9", "\u1112", "\u1161", "\u11AB", "\uAC00", "\u202E", "\u0915", "\u093F",
		"\u4E2D", "\x1b[", "\xC2\x9B", "\u20E3", "1", "\u2764", "\uFEFF", "\U000E0041"};
	size_t n = random_below(random, 24);

	for (size_t i = 0; i < n; i++) {
		char bytes[4];

		switch (random_below(random, 4)) {
		case 0:
			str_addc(out, (char)random_below(random, 256));
			break;
		case 1:
			str_addc(out, (char)(' ' + random_below(random, 95)));
			break;
		case 2:
			str_add(out,
				(struct slice){bytes,
					utf8_put((uint32_t)random_below(random, 0x110000), bytes)});
			break;
		default:
			str_adds(out, pieces[random_below(random, ARRAY_LEN(pieces))]);
		}
	}
}

static bool is_inert(uint32_t cp)
{
	bool control = cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
	bool bidi = cp == 0x61C || (cp >= 0x200E && cp <= 0x200F) ||
		    (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
	bool breaks = cp == 0x2028 || cp == 0x2029 || cp == 0xFEFF;
	bool tag = cp >= 0xE0000 && cp < 0xE0100;

	return !control && !bidi && !breaks && !tag;
}

static void assert_inert(struct slice text)
{
	uint32_t cp = 0;

	while (text.len) {
		assert_true(utf8_next(&text, &cp));
		assert_true(is_inert(cp));
	}
}

#define RANDOM_TEXTS 20000

static void any_bytes_come_out_inert(void **state)
{
	struct random random = {4711};

	(void)state;
	for (int i = 0; i < RANDOM_TEXTS; i++) {
		CLEANUP(str_done)
		struct str in = STR_INIT(1000), out = STR_INIT(4000);
		CLEANUP(str_done)
		struct str again = STR_INIT(4000);

		random_text(&random, &in);
		text_add_inert(&out, str_slice(&in));
		assert_inert(str_slice(&out));
		assert_int_equal(text_width(str_slice(&out)), text_width(str_slice(&in)));
		text_add_inert(&again, str_slice(&out));
		assert_string_equal(str_cstr(&again), str_cstr(&out));
	}
}

static void widths_of_glyphs_add_up(void **state)
{
	struct random random = {4712};

	(void)state;
	for (int i = 0; i < RANDOM_TEXTS; i++) {
		CLEANUP(str_done)
		struct str in = STR_INIT(1000);
		struct slice rest;
		struct glyph glyph;
		int width = 0;

		random_text(&random, &in);
		rest = str_slice(&in);
		while (text_next(&rest, &glyph)) {
			assert_in_range(glyph.width, 1, 2);
			assert_in_range(glyph.len, 1, TEXT_GLYPH_MAX);
			assert_inert((struct slice){glyph.bytes, glyph.len});
			width += glyph.width;
		}
		assert_int_equal(width, text_width(str_slice(&in)));
	}
}

static void clipping_parts_whole_glyphs(void **state)
{
	struct random random = {4713};

	(void)state;
	for (int i = 0; i < RANDOM_TEXTS; i++) {
		CLEANUP(str_done)
		struct str in = STR_INIT(1000);
		struct slice rest, head;
		struct glyph glyph;
		int cells = (int)random_below(&random, 20), width, sum = 0;

		random_text(&random, &in);
		head = text_clip(str_slice(&in), cells, &width);
		assert_true(width <= cells);
		assert_int_equal(text_width(head), width);
		const char *end = head.len ? head.at + head.len : head.at;

		rest = str_slice(&in);
		while (rest.at < end && text_next(&rest, &glyph))
			sum += glyph.width;
		/* The head ends where a glyph ends, and the next would not have fitted. */
		assert_ptr_equal(rest.at, end);
		assert_int_equal(sum, width);
		if (text_next(&rest, &glyph))
			assert_true(width + glyph.width > cells);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_points_are_read_strictly),
		cmocka_unit_test(every_code_point_survives_putting_and_reading),
		cmocka_unit_test(each_text_has_its_width_glyphs_and_inert_form),
		cmocka_unit_test(a_nul_byte_is_shown),
		cmocka_unit_test(a_code_point_has_its_cells),
		cmocka_unit_test(a_cluster_is_cut_at_its_limit_between_code_points),
		cmocka_unit_test(clipping_never_exceeds_the_cells),
		cmocka_unit_test(any_bytes_come_out_inert),
		cmocka_unit_test(widths_of_glyphs_add_up),
		cmocka_unit_test(clipping_parts_whole_glyphs),
	};

	return RUN(tests);
}
