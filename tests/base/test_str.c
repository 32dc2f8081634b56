/* Growing strings and their cap. */
#include "../lib/unit.h"
#include "base/str.h"

static void a_new_string_is_empty_text(void **state)
{
	struct str str = STR_INIT(10);

	(void)state;
	assert_string_equal(str_cstr(&str), "");
	assert_int_equal(str_slice(&str).len, 0);
	str_truncate(&str, 0);
	str_done(&str);
}

static void what_is_added_follows_in_order(void **state)
{
	CLEANUP(str_done)
	struct str str = STR_INIT(1000);

	(void)state;
	str_adds(&str, "po");
	str_addc(&str, '-');
	str_addf(&str, "%s %d", "out", 7);
	str_add(&str, SLICE_NONE);
	assert_string_equal(str_cstr(&str), "po-out 7");
	assert_false(str.cut);
}

static void beyond_the_cap_is_dropped_and_noted(void **state)
{
	CLEANUP(str_done)
	struct str str = STR_INIT(5);

	(void)state;
	str_adds(&str, "abcd");
	assert_false(str.cut);
	str_addf(&str, "%d", 123);
	assert_string_equal(str_cstr(&str), "abcd1");
	assert_true(str.cut);
	str_addc(&str, 'x');
	assert_string_equal(str_cstr(&str), "abcd1");
	str_truncate(&str, 1);
	assert_true(str.cut);
	str_reset(&str);
	assert_false(str.cut);
	str_adds(&str, "fresh");
	assert_string_equal(str_cstr(&str), "fresh");
	assert_false(str.cut);
}

static void a_cap_of_nothing_takes_nothing(void **state)
{
	CLEANUP(str_done)
	struct str str = STR_INIT(0);

	(void)state;
	str_adds(&str, "a");
	str_addf(&str, "%s", "b");
	assert_string_equal(str_cstr(&str), "");
	assert_true(str.cut);
}

static void bytes_may_be_nul(void **state)
{
	CLEANUP(str_done)
	struct str str = STR_INIT(10);

	(void)state;
	str_add(&str, (struct slice){"a\0b", 3});
	assert_int_equal(str.len, 3);
	assert_memory_equal(str.at, "a\0b", 4);
}

static void truncating_only_shortens(void **state)
{
	CLEANUP(str_done)
	struct str str = STR_INIT(10);

	(void)state;
	str_adds(&str, "abc");
	str_truncate(&str, 7);
	assert_string_equal(str_cstr(&str), "abc");
	str_truncate(&str, 2);
	assert_string_equal(str_cstr(&str), "ab");
}

static void it_grows_to_a_large_cap(void **state)
{
	CLEANUP(str_done)
	struct str str = STR_INIT(100000);

	(void)state;
	for (int i = 0; i < 100000; i++)
		str_addc(&str, (char)('a' + i % 26));
	assert_false(str.cut);
	assert_int_equal(str.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(str.at[i], 'a' + i % 26);
	str_addc(&str, '!');
	assert_true(str.cut);
	assert_int_equal(str.len, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_string_is_empty_text),
		cmocka_unit_test(what_is_added_follows_in_order),
		cmocka_unit_test(beyond_the_cap_is_dropped_and_noted),
		cmocka_unit_test(a_cap_of_nothing_takes_nothing),
		cmocka_unit_test(bytes_may_be_nul),
		cmocka_unit_test(truncating_only_shortens),
		cmocka_unit_test(it_grows_to_a_large_cap),
	};

	return RUN(tests);
}
