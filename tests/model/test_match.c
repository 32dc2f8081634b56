/* Regular expressions: what is found, what is refused, what runs wild. */
#include "../lib/unit.h"
#include "base/str.h"
#include "model/match.h"
#include <errno.h>

static void what_matches_is_found_where_it_is(void **state)
{
	static const struct {
		const char *pattern, *text;
		int found;
		size_t from, at, len;
	} rows[] = {
		{"cost cent(re|er) \\d+", "unknown cost center 8841", 1, 0, 8, 16},
		{"COST", "cost", 0, 0, 0, 0},
		{"cost", "COST", 1, 0, 0, 4},
		{"\\D", "7a", 1, 0, 1, 1},
		{"a", "aba", 1, 1, 2, 1},
		{"a", "b", 0, 0, 0, 0},
		{"", "abc", 1, 2, 2, 0},
		{"x*", "", 1, 0, 0, 0},
		{"a", "a", 0, 2, 0, 0},
		{"ö", "KÖLN", 1, 0, 1, 2},
		{"b",
			"a\xFF\xFE"
			"b",
			1, 0, 3, 1},
		{"(?=b)", "ab", 1, 0, 1, 0},
		{"\\Kb", "ab", 1, 0, 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(match_freep)
		struct match *match = NULL;
		size_t at = 0, len = 0;

		assert_int_equal(match_new(slice_of(rows[i].pattern), &match, NULL), 0);
		assert_int_equal(match_find(match, slice_of(rows[i].text), rows[i].from, &at, &len),
			rows[i].found);
		assert_int_equal(at, rows[i].at);
		assert_int_equal(len, rows[i].len);
	}
}

static void a_wrong_pattern_is_told_with_its_column(void **state)
{
	static const struct {
		const char *pattern, *says;
	} rows[] = {{"a(b", "column 4"}, {"a[", "column 3"}, {"*", "column 1"},
		{"\xFF", "column 1"}, {"a\\C", "column"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct match *match = NULL;
		struct err err = ERR_INIT;

		assert_int_equal(match_new(slice_of(rows[i].pattern), &match, &err), -EINVAL);
		assert_null(match);
		assert_non_null(strstr(err.text, rows[i].says));
	}
}

static void a_pattern_that_runs_wild_ends(void **state)
{
	CLEANUP(match_freep)
	struct match *match = NULL;
	CLEANUP(str_done)
	struct str text = STR_INIT(1 << 20);
	size_t at, len;

	(void)state;
	for (int i = 0; i < 5000; i++)
		str_addc(&text, 'a');
	assert_int_equal(match_new(SLICE("^(a+)+$|(a|aa)+b"), &match, NULL), 0);
	str_addc(&text, '!');
	assert_int_equal(match_find(match, str_slice(&text), 0, &at, &len), -E2BIG);
}

/* Piece by piece it finds what it finds at once, also where pieces meet. */
static void a_long_text_is_matched_as_a_short_one(void **state)
{
	static const char *const patterns[] = {"needle", "(?<=x)needle", "n[^x]+e", "ü+needle",
		"^needle", "needle$", "x{9}needle", "nothing"};
	CLEANUP(str_done)
	struct str text = STR_INIT(1 << 20);

	(void)state;
	for (int at = 1000; at < 1050; at += 3) {
		str_reset(&text);
		for (int i = 0; i < at; i++)
			str_adds(&text, i % 7 ? "x" : "ü");
		str_adds(&text, "needle");
		for (int i = 0; i < 3000; i++)
			str_addc(&text, 'x');
		for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
			CLEANUP(match_freep)
			struct match *match = NULL;
			size_t at1 = 0, at2 = 0, len1 = 0, len2 = 0;

			assert_int_equal(match_new(slice_of(patterns[i]), &match, NULL), 0);
			assert_int_equal(match_find(match, str_slice(&text), 0, &at1, &len1),
				match_long(match, str_slice(&text), NULL, &at2, &len2));
			assert_int_equal(at1, at2);
			assert_int_equal(len1, len2);
		}
	}
}

static void bytes_that_are_no_text_are_got_over(void **state)
{
	CLEANUP(match_freep)
	struct match *match = NULL;
	CLEANUP(str_done)
	struct str text = STR_INIT(1 << 20);
	size_t at, len;

	(void)state;
	for (int i = 0; i < 5000; i++)
		str_addc(&text, (char)0x80);
	str_adds(&text, "needle");
	assert_int_equal(match_new(SLICE("needle"), &match, NULL), 0);
	assert_int_equal(match_long(match, str_slice(&text), NULL, &at, &len), 1);
	assert_int_equal(at, 5000);
}

/* Neither takes longer than it may, nor goes on once it is stopped. */
static void what_runs_wild_on_a_long_text_ends(void **state)
{
	static const char *const patterns[] = {"(x+x+)+y", "(a|x|ax)*z", ".*.*.*y", "(x*)*$y"};
	CLEANUP(str_done)
	struct str text = STR_INIT(4 << 20);
	atomic_bool stop = true;
	size_t at, len;

	(void)state;
	for (int i = 0; i < 2000000; i++)
		str_addc(&text, i % 400 ? 'x' : '\n');
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		CLEANUP(match_freep)
		struct match *match = NULL;

		assert_int_equal(match_new(slice_of(patterns[i]), &match, NULL), 0);
		assert_int_not_equal(match_long(match, str_slice(&text), NULL, &at, &len), 1);
		assert_int_not_equal(match_long(match, str_slice(&text), &stop, &at, &len), 1);
	}
}

static void a_pattern_has_a_greatest_length(void **state)
{
	CLEANUP(str_done)
	struct str pattern = STR_INIT(1 << 20);
	struct match *match = NULL;

	(void)state;
	for (int i = 0; i < 5000; i++)
		str_addc(&pattern, 'a');
	assert_int_equal(match_new(str_slice(&pattern), &match, NULL), -E2BIG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_matches_is_found_where_it_is),
		cmocka_unit_test(a_wrong_pattern_is_told_with_its_column),
		cmocka_unit_test(a_pattern_that_runs_wild_ends),
		cmocka_unit_test(a_long_text_is_matched_as_a_short_one),
		cmocka_unit_test(bytes_that_are_no_text_are_got_over),
		cmocka_unit_test(what_runs_wild_on_a_long_text_ends),
		cmocka_unit_test(a_pattern_has_a_greatest_length),
	};

	return RUN(tests);
}
