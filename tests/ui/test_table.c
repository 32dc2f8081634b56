/* The table: where the cursor goes, what is visible, what is said to the painter. */
#include "base/mem.h"
#include "ui/table.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void each_movement_goes_where_it_says(void **state)
{
	static const struct {
		enum action action;
		int64_t from, top, cursor, new_top;
	} rows[] = {
		{ACTION_MOVE_DOWN, 0, 0, 1, 0},
		{ACTION_MOVE_DOWN, 9, 0, 10, 1},
		{ACTION_MOVE_UP, 0, 0, 0, 0},
		{ACTION_MOVE_UP, 20, 20, 19, 19},
		{ACTION_PAGE_DOWN, 0, 0, 9, 9},
		{ACTION_PAGE_DOWN, 95, 90, 99, 90},
		{ACTION_PAGE_UP, 50, 45, 41, 36},
		{ACTION_PAGE_UP, 3, 0, 0, 0},
		{ACTION_HALF_DOWN, 0, 0, 5, 0},
		{ACTION_HALF_UP, 50, 50, 45, 45},
		{ACTION_MOVE_TOP, 50, 45, 0, 0},
		{ACTION_MOVE_BOTTOM, 0, 0, 99, 90},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct table table = {.cursor = rows[i].from, .top = rows[i].top};

		table_layout(&table, 0, 100, 10);
		assert_true(table_act(&table, NULL, rows[i].action));
		table_layout(&table, 0, 100, 10);
		assert_int_equal(table.cursor, rows[i].cursor);
		assert_int_equal(table.top, rows[i].new_top);
	}
}

static void a_scroll_is_told_once(void **state)
{
	struct table table = {0};

	(void)state;
	table_layout(&table, 0, 100, 10);
	table.cursor = 10;
	table_layout(&table, 0, 100, 10);
	assert_int_equal(table.moved, 1);
	table_layout(&table, 0, 100, 10);
	assert_int_equal(table.moved, 0);
}

static void at_the_end_it_follows_new_rows(void **state)
{
	struct table table = {.at_end = true};

	(void)state;
	table_layout(&table, 0, 5, 10);
	assert_int_equal(table.cursor, 4);
	table_layout(&table, 0, 50, 10);
	assert_int_equal(table.cursor, 49);
	assert_int_equal(table.top, 40);
}

static void rows_cut_in_front_leave_the_cursor_on_its_row(void **state)
{
	struct table table = {.cursor = 60, .top = 55};

	(void)state;
	table_layout(&table, 40, 60, 10);
	assert_int_equal(table.cursor, 60);
	assert_int_equal(table.top, 55);
	table_layout(&table, 80, 20, 10);
	assert_int_equal(table.cursor, 80);
}

static void it_holds_at_any_size(void **state)
{
	(void)state;
	for (int height = -1; height < 4; height++) {
		for (size_t n = 0; n < 4; n++) {
			struct table table = {.cursor = 2, .top = 3};

			table_layout(&table, 0, n, height);
			for (int action = 1; action < ACTION_N; action++) {
				table_act(&table, NULL, (enum action)action);
				table_layout(&table, 0, n, height);
				assert_true(table.cursor >= 0);
				assert_true(
					table.cursor < (int64_t)n || (n == 0 && table.cursor == 0));
				assert_true(table.top >= 0);
			}
		}
	}
}

static struct slice id_of(const void *ctx, int64_t row)
{
	static const char digits[] = "0123456789";

	(void)ctx;
	return (struct slice){digits + row, 1};
}

static void marks_stay_with_what_they_mark(void **state)
{
	static const struct {
		enum action acts[6];
		const char *tagged;
	} rows[] = {
		{{ACTION_TAG}, "0"},
		{{ACTION_TAG, ACTION_MOVE_UP, ACTION_TAG}, ""},
		{{ACTION_TAG, ACTION_TAG, ACTION_TAG}, "012"},
		{{ACTION_TAG_RANGE, ACTION_MOVE_DOWN, ACTION_MOVE_DOWN, ACTION_TAG_RANGE}, "012"},
		{{ACTION_MOVE_BOTTOM, ACTION_TAG_RANGE, ACTION_MOVE_UP, ACTION_TAG_RANGE}, "89"},
		{{ACTION_TAG_RANGE, ACTION_MOVE_DOWN}, ""},
		{{ACTION_TAG_ALL}, "0123456789"},
		{{ACTION_TAG_ALL, ACTION_TAG_NONE}, ""},
	};
	const struct table_rows of = {.id = id_of};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct table table = {0};
		char tagged[11] = "";

		table_layout(&table, 0, 10, 5);
		for (size_t k = 0; k < 6; k++)
			table_act(&table, &of, rows[i].acts[k]);
		table_layout(&table, 0, 10, 5);
		for (int64_t row = 0, n = 0; row < 10; row++)
			if (tags_has(&table.tags, id_of(NULL, row)))
				tagged[n++] = (char)('0' + row);
		assert_string_equal(tagged, rows[i].tagged);
		table_done(&table);
	}
}

static void text_of(const void *ctx, int64_t row, struct str *out)
{
	static const char *const texts[] = {"po-out Odoo", "lab Ehr", "po-in Medx", "gl Odoo"};

	(void)ctx;
	str_adds(out, texts[row]);
}

static void a_search_goes_round(void **state)
{
	static const struct {
		const char *pattern;
		int64_t from;
		bool forward;
		int found;
		int64_t cursor;
	} rows[] = {
		{"odoo", 0, true, 1, 3},
		{"odoo", 3, true, 1, 0},
		{"odoo", 0, false, 1, 3},
		{"^po", 0, true, 1, 2},
		{"^po", 1, false, 1, 0},
		{"ehr", 1, true, 1, 1},
		{"nothing", 2, true, 0, 2},
	};
	const struct table_rows of = {.text = text_of};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct table table = {.cursor = rows[i].from};
		struct match *match = NULL;

		assert_int_equal(match_new(slice_of(rows[i].pattern), &match, NULL), 0);
		table_layout(&table, 0, 4, 10);
		assert_int_equal(table_search(&table, &of, match, rows[i].forward), rows[i].found);
		assert_int_equal(table.cursor, rows[i].cursor);
		table_layout(&table, 0, 0, 10);
		assert_int_equal(table_search(&table, &of, match, true), 0);
		match_free(match);
	}
}

static void many_marks_are_kept_apart(void **state)
{
	struct tags tags = {0};
	char id[32];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(id, sizeof(id), "id %d", i * 7);
		tags_set(&tags, slice_of(id), true);
		tags_set(&tags, slice_of(id), true);
	}
	assert_int_equal(tags.n, 20000);
	for (int i = 0; i < 20000; i += 2) {
		snprintf(id, sizeof(id), "id %d", i * 7);
		tags_set(&tags, slice_of(id), false);
		tags_set(&tags, slice_of(id), false);
	}
	for (int i = 0; i < 20000; i++) {
		snprintf(id, sizeof(id), "id %d", i * 7);
		assert_int_equal(tags_has(&tags, slice_of(id)), i % 2);
	}
	tags_done(&tags);
	assert_false(tags_has(&tags, SLICE("id 7")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_movement_goes_where_it_says),
		cmocka_unit_test(a_scroll_is_told_once),
		cmocka_unit_test(at_the_end_it_follows_new_rows),
		cmocka_unit_test(rows_cut_in_front_leave_the_cursor_on_its_row),
		cmocka_unit_test(it_holds_at_any_size),
		cmocka_unit_test(marks_stay_with_what_they_mark),
		cmocka_unit_test(a_search_goes_round),
		cmocka_unit_test(many_marks_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
