/* Slices: one row per rule. */
#include "../lib/unit.h"
#include "base/slice.h"
#include <errno.h>

static void none_is_empty_and_equals_empty(void **state)
{
	(void)state;
	assert_int_equal(slice_of(NULL).len, 0);
	assert_true(slice_eq(SLICE_NONE, SLICE("")));
	assert_true(slice_eq_str(SLICE_NONE, ""));
	assert_true(slice_eq_str(SLICE_NONE, NULL));
	assert_int_equal(slice_cmp(SLICE_NONE, SLICE("")), 0);
	assert_int_equal(slice_trim(SLICE_NONE).len, 0);
	assert_int_equal(slice_from(SLICE_NONE, 3).len, 0);
	assert_int_equal(slice_find(SLICE_NONE, 'x'), 0);
}

static void comparing_goes_by_bytes_and_the_shorter_is_first(void **state)
{
	static const struct {
		struct slice a, b;
		int sign;
	} rows[] = {
		{{"a", 1}, {"b", 1}, -1},
		{{"a", 1}, {"ab", 2}, -1},
		{{"ab", 2}, {"a", 1}, 1},
		{{"\xff", 1}, {"a", 1}, 1},
		{{"a\0b", 3}, {"a\0c", 3}, -1},
		{{"x", 1}, {"x", 1}, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int r = slice_cmp(rows[i].a, rows[i].b);

		assert_int_equal((r > 0) - (r < 0), rows[i].sign);
		assert_int_equal(slice_eq(rows[i].a, rows[i].b), rows[i].sign == 0);
	}
}

static void letters_fold_in_ascii_only(void **state)
{
	(void)state;
	assert_true(slice_eq_nocase(SLICE("AbZ"), SLICE("aBz")));
	assert_false(slice_eq_nocase(SLICE("a@"), SLICE("a`")));
	assert_false(slice_eq_nocase(SLICE("\xC3\x84"), SLICE("\xC3\xA4")));
	assert_false(slice_eq_nocase(SLICE("ab"), SLICE("abc")));
}

static void both_ends_are_matched(void **state)
{
	(void)state;
	assert_true(slice_starts(SLICE("dead-letters"), SLICE("dead")));
	assert_false(slice_starts(SLICE("de"), SLICE("dead")));
	assert_true(slice_ends(SLICE("dead-letters"), SLICE("letters")));
	assert_false(slice_ends(SLICE("rs"), SLICE("letters")));
	assert_true(slice_ends(SLICE("x"), SLICE("")));
}

static void trimming_takes_blanks_and_line_ends(void **state)
{
	(void)state;
	assert_slice(slice_trim(SLICE(" \t a b \r\n")), "a b");
	assert_slice(slice_trim(SLICE(" \n ")), "");
}

static void parts_beyond_the_end_are_empty(void **state)
{
	(void)state;
	assert_slice(slice_from(SLICE("abc"), 1), "bc");
	assert_slice(slice_from(SLICE("abc"), 9), "");
	assert_slice(slice_head(SLICE("abc"), 2), "ab");
	assert_slice(slice_head(SLICE("abc"), 9), "abc");
}

static void cutting_gives_each_part_even_empty_ones(void **state)
{
	static const char *const want[] = {"a", "", "b"};
	struct slice rest = SLICE("a,,b,"), part;
	size_t n = 0;

	(void)state;
	while (slice_cut(&rest, ',', &part)) {
		assert_true(n < ARRAY_LEN(want));
		assert_slice(part, want[n++]);
	}
	assert_int_equal(n, ARRAY_LEN(want));
}

static void words_are_parted_by_runs_of_blanks(void **state)
{
	struct slice rest = SLICE("  one\t two "), word;

	(void)state;
	assert_true(slice_word(&rest, &word));
	assert_slice(word, "one");
	assert_true(slice_word(&rest, &word));
	assert_slice(word, "two");
	assert_false(slice_word(&rest, &word));
	assert_slice(word, "two");
}

static void numbers_are_whole_and_in_range(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, value;
		int result;
	} rows[] = {
		{"0", 0, 9, 0, 0},
		{"007", 0, 9, 7, 0},
		{"+5", 0, 9, 5, 0},
		{"-5", -5, 9, -5, 0},
		{"-6", -5, 9, 0, -ERANGE},
		{"10", 0, 9, 0, -ERANGE},
		{"9223372036854775807", 0, INT64_MAX, INT64_MAX, 0},
		{"9223372036854775808", 0, INT64_MAX, 0, -ERANGE},
		{"-9223372036854775808", INT64_MIN, 0, INT64_MIN, 0},
		{"-9223372036854775809", INT64_MIN, 0, 0, -ERANGE},
		{"99999999999999999999999", 0, INT64_MAX, 0, -ERANGE},
		{"99999999999999999999999x", 0, INT64_MAX, 0, -EINVAL},
		{"", 0, 9, 0, -EINVAL},
		{"-", -9, 9, 0, -EINVAL},
		{"+", 0, 9, 0, -EINVAL},
		{" 1", 0, 9, 0, -EINVAL},
		{"1 ", 0, 9, 0, -EINVAL},
		{"0x1", 0, 9, 0, -EINVAL},
		{"--1", -9, 9, 0, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t value = 77;
		int r = slice_to_i64(slice_of(rows[i].text), rows[i].min, rows[i].max, &value);

		assert_int_equal(r, rows[i].result);
		assert_int_equal(value, r == 0 ? rows[i].value : 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_empty_and_equals_empty),
		cmocka_unit_test(comparing_goes_by_bytes_and_the_shorter_is_first),
		cmocka_unit_test(letters_fold_in_ascii_only),
		cmocka_unit_test(both_ends_are_matched),
		cmocka_unit_test(trimming_takes_blanks_and_line_ends),
		cmocka_unit_test(parts_beyond_the_end_are_empty),
		cmocka_unit_test(cutting_gives_each_part_even_empty_ones),
		cmocka_unit_test(words_are_parted_by_runs_of_blanks),
		cmocka_unit_test(numbers_are_whole_and_in_range),
	};

	return RUN(tests);
}
