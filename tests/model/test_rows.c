/* What rows keep, one test per rule. */
#include "model/rows.h"
#include "unit.h"
#include <float.h>

static const struct column five[] = {
	{"code", COLUMN_TEXT},
	{"n", COLUMN_INT},
	{"share", COLUMN_REAL},
	{"live", COLUMN_BOOL},
	{"at", COLUMN_TIME},
};

struct sample {
	const char *text;
	size_t len;
	int64_t number;
	double real;
	bool flag;
	int64_t time;
};

static const struct sample samples[] = {
	{"po-out", 6, 42, 0.5, true, INT64_C(1763700000000000)},
	{"", 0, 0, 0.0, false, 0},
	{"a\0b", 3, -1, -0.0, true, -1},
	{"\xff\x1b[2J", 5, INT64_MAX, DBL_MAX, false, INT64_MAX},
	{"x", 1, INT64_MIN, DBL_MIN, true, INT64_MIN},
	{"y", 1, 127, 1e-300, true, 128},
	{"z", 1, -128, 3.0, true, 255},
};

static struct rows *rows_of_samples(void)
{
	struct rows_builder *builder = rows_builder_new(five, ARRAY_LEN(five));

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		rows_add_text(builder, (struct slice){samples[i].text, samples[i].len});
		rows_add_int(builder, samples[i].number);
		rows_add_real(builder, samples[i].real);
		rows_add_bool(builder, samples[i].flag);
		rows_add_time(builder, samples[i].time);
	}
	assert_int_equal(rows_builder_count(builder), ARRAY_LEN(samples));
	return rows_finish(builder);
}

static void test_every_cell_reads_as_it_was_added(void **state)
{
	struct rows *rows = rows_of_samples();

	(void)state;
	assert_int_equal(rows_count(rows), ARRAY_LEN(samples));
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct slice text = rows_text(rows, i, 0);
		double real = rows_real(rows, i, 2);

		assert_int_equal(text.len, samples[i].len);
		assert_memory_equal(text.at, samples[i].text, text.len);
		assert_true(rows_int(rows, i, 1) == samples[i].number);
		assert_memory_equal(&real, &samples[i].real, sizeof(real));
		assert_int_equal(rows_bool(rows, i, 3), samples[i].flag);
		assert_true(rows_time(rows, i, 4) == samples[i].time);
		for (size_t c = 0; c < ARRAY_LEN(five); c++)
			assert_false(rows_null(rows, i, c));
	}
	rows_unref(rows);
}

static void test_null_reads_as_nothing_and_is_told_apart(void **state)
{
	struct rows_builder *builder = rows_builder_new(five, ARRAY_LEN(five));
	struct rows *rows;

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(five); c++)
		rows_add_null(builder);
	rows = rows_finish(builder);
	for (size_t c = 0; c < ARRAY_LEN(five); c++)
		assert_true(rows_null(rows, 0, c));
	assert_int_equal(rows_text(rows, 0, 0).len, 0);
	assert_non_null(rows_text(rows, 0, 0).at);
	assert_true(rows_int(rows, 0, 1) == 0);
	assert_true(rows_real(rows, 0, 2) == 0.0);
	assert_false(rows_bool(rows, 0, 3));
	assert_true(rows_time(rows, 0, 4) == 0);
	rows_unref(rows);
}

static void test_columns_are_found_by_name(void **state)
{
	struct rows *rows = rows_of_samples();

	(void)state;
	assert_int_equal(rows_n_columns(rows), ARRAY_LEN(five));
	for (size_t c = 0; c < ARRAY_LEN(five); c++) {
		assert_int_equal(rows_col(rows, five[c].name), c);
		assert_int_equal(rows_column(rows, c)->type, five[c].type);
	}
	rows_unref(rows);
}

static void test_rows_live_until_the_last_reference_goes(void **state)
{
	struct rows *rows = rows_of_samples();
	struct rows *kept = rows_ref(rows);

	(void)state;
	assert_ptr_equal(rows, kept);
	rows_unref(rows);
	assert_int_equal(rows_int(kept, 0, 1), 42);
	rows_unref(kept);
	rows_unref(NULL);
}

static void test_no_rows_is_an_answer(void **state)
{
	struct rows *rows = rows_finish(rows_builder_new(five, ARRAY_LEN(five)));

	(void)state;
	assert_int_equal(rows_count(rows), 0);
	rows_unref(rows);
	rows_builder_free(rows_builder_new(five, ARRAY_LEN(five)));
	rows_builder_free(NULL);
}

static void test_a_long_text_keeps_its_neighbours(void **state)
{
	static const struct column three[] = {
		{"before", COLUMN_INT}, {"long", COLUMN_TEXT}, {"after", COLUMN_INT}};
	size_t lengths[] = {126, 127, 128, 16382, 16383, 16384, 3 << 20};
	struct rows_builder *builder = rows_builder_new(three, 3);
	CLEANUP(mem_freep)
	char *text = mem_alloc(3 << 20);
	struct rows *rows;

	(void)state;
	memset(text, 'x', 3 << 20);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		rows_add_int(builder, (int64_t)i);
		rows_add_text(builder, (struct slice){text, lengths[i]});
		rows_add_int(builder, -(int64_t)i);
	}
	rows = rows_finish(builder);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		assert_int_equal(rows_int(rows, i, 0), i);
		assert_int_equal(rows_text(rows, i, 1).len, lengths[i]);
		assert_int_equal(rows_int(rows, i, 2), -(int)i);
	}
	rows_unref(rows);
}

/* What the tail may keep: 100,000 rows of ten columns with 150 bytes of text. */
static void test_a_hundred_thousand_rows_are_small(void **state)
{
	static const struct column ten[] = {
		{"at", COLUMN_TIME},
		{"seq", COLUMN_INT},
		{"attempt", COLUMN_INT},
		{"c1", COLUMN_TEXT},
		{"c2", COLUMN_TEXT},
		{"c3", COLUMN_TEXT},
		{"c4", COLUMN_TEXT},
		{"c5", COLUMN_TEXT},
		{"c6", COLUMN_TEXT},
		{"ok", COLUMN_BOOL},
	};
	struct rows_builder *builder = rows_builder_new(ten, ARRAY_LEN(ten));
	struct rows *rows;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		rows_add_time(builder, INT64_C(1763700000000000) + i);
		rows_add_int(builder, INT64_C(9000000000) + i);
		rows_add_int(builder, 3);
		for (int c = 0; c < 6; c++)
			rows_add_text(builder, SLICE("twenty-five bytes of text"));
		rows_add_bool(builder, true);
	}
	rows = rows_finish(builder);
	assert_true(rows_memory(rows) < 20 * 1000 * 1000);
	assert_int_equal(rows_int(rows, 99999, 1), INT64_C(9000000000) + 99999);
	rows_unref(rows);
}

static bool is_even(void *ctx, const struct rows *rows, size_t row)
{
	(void)ctx;
	return rows_int(rows, row, 0) % 2 == 0;
}

static void a_filter_keeps_whole_rows_as_they_were(void **state)
{
	static const struct column columns[] = {{"n", COLUMN_INT}, {"t", COLUMN_TEXT},
		{"r", COLUMN_REAL}, {"b", COLUMN_BOOL}, {"at", COLUMN_TIME}};
	struct rows_builder *builder = rows_builder_new(columns, ARRAY_LEN(columns));
	struct rows *rows, *even;

	(void)state;
	for (int64_t i = 0; i < 5; i++) {
		rows_add_int(builder, i);
		if (i == 2)
			rows_add_null(builder);
		else
			rows_add_text(builder, SLICE("text"));
		rows_add_real(builder, 0.5 * (double)i);
		rows_add_bool(builder, i > 2);
		rows_add_time(builder, i * 1000);
	}
	rows = rows_finish(builder);
	even = rows_filter(rows, is_even, NULL);
	rows_unref(rows);
	assert_int_equal(rows_count(even), 3);
	assert_true(rows_null(even, 1, 1));
	assert_slice(rows_text(even, 2, 1), "text");
	assert_true(rows_real(even, 2, 2) > 1.9);
	assert_true(rows_bool(even, 2, 3));
	assert_int_equal(rows_time(even, 2, 4), 4000);
	rows_unref(even);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell_reads_as_it_was_added),
		cmocka_unit_test(test_null_reads_as_nothing_and_is_told_apart),
		cmocka_unit_test(test_columns_are_found_by_name),
		cmocka_unit_test(test_rows_live_until_the_last_reference_goes),
		cmocka_unit_test(test_no_rows_is_an_answer),
		cmocka_unit_test(test_a_long_text_keeps_its_neighbours),
		cmocka_unit_test(test_a_hundred_thousand_rows_are_small),
		cmocka_unit_test(a_filter_keeps_whole_rows_as_they_were),
	};

	return RUN(tests);
}
