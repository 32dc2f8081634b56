/* The table that the build makes of src/store/sql. */
#include "store/statement.h"
#include "unit.h"

static void test_each_is_found_by_its_name(void **state)
{
	size_t n;
	const struct statement *all = statement_all(&n);

	(void)state;
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		assert_ptr_equal(statement_find(all[i].name), &all[i]);
}

static void test_another_name_finds_nothing(void **state)
{
	static const char *const names[] = {"", "store", "store-versio", "store-versions", "~"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_null(statement_find(names[i]));
}

static void test_the_header_becomes_columns(void **state)
{
	const struct statement *version = statement_find("store-version");

	(void)state;
	assert_int_equal(version->n_params, 0);
	assert_int_equal(version->n_columns, 4);
	assert_string_equal(version->columns[3].name, "applied_at");
	assert_int_equal(version->columns[3].type, COLUMN_TIME);
	assert_int_equal(strncmp(version->sql, "select number", 13), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_found_by_its_name),
		cmocka_unit_test(test_another_name_finds_nothing),
		cmocka_unit_test(test_the_header_becomes_columns),
	};

	return RUN(tests);
}
