/* Choosing columns: what is said is done, what is wrong changes nothing. */
#include "../lib/unit.h"
#include "ui/columns.h"

static const struct table_column offered[] = {
	{"interface", 10, 20, 0, false, NULL},
	{"state", 8, 8, 0, false, NULL},
	{"dead", 4, 4, 0, true, NULL},
	{"last hour", 12, 12, 60, false, "spark"},
	{"owner", 6, 30, 0, false, NULL},
};

static void a_choice_is_read_and_printed(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{"", "interface state dead spark owner"},
		{"state", "interface state"},
		{"dead interface:15 owner:9", "interface:15 dead owner:9"},
		{"spark", "interface spark"},
		{"  interface   dead ", "interface dead"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str out = STR_INIT(1000);
		struct columns columns = {0};

		assert_int_equal(columns_parse(&columns, offered, ARRAY_LEN(offered),
					 slice_of(rows[i].text), NULL),
			0);
		columns_print(&columns, offered, ARRAY_LEN(offered), &out);
		assert_string_equal(str_cstr(&out), rows[i].printed);
	}
}

static void a_mistake_is_named_and_changes_nothing(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"dead onwer", "unknown column \"onwer\"; did you mean \"owner\"?"},
		{"dead dead", "column \"dead\" stands twice"},
		{"dead:0", "a width is a number from 1 to 500, not \"0\""},
		{"dead:501", "not \"501\""},
		{"dead:x", "not \"x\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct columns columns = {.n = 1};
		struct err err = {0};

		columns.at[0].width = 77;
		assert_true(columns_parse(&columns, offered, ARRAY_LEN(offered),
				    slice_of(rows[i].text), &err) < 0);
		assert_non_null(strstr(err.text, rows[i].says));
		assert_int_equal(columns.n, 1);
		assert_int_equal(columns.at[0].width, 77);
	}
}

/* "0:10 1:8": columns and widths. */
static void widths_fit_the_table(void **state)
{
	static const struct {
		const char *chosen;
		int width;
		size_t skip;
		const char *want;
	} rows[] = {
		{"", 100, 0, "0:20 1:8 2:4 3:12 4:30"},
		{"", 59, 0, "0:20 1:8 2:4 4:24"},
		{"", 31, 0, "0:10 1:8 2:4 4:6"},
		{"", 20, 0, "0:11 1:8"},
		{"", 5, 0, "0:5"},
		{"", 0, 0, "0:0"},
		{"", 100, 2, "0:20 3:12 4:30"},
		{"", 100, 9, "0:20"},
		{"spark:3 owner", 59, 0, "0:20 3:3 4:30"},
		{"interface:5 dead", 100, 0, "0:5 2:4"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str out = STR_INIT(1000);
		struct columns columns = {0};
		size_t shown[COLUMNS_MAX], n;
		int widths[COLUMNS_MAX], used = 0;

		columns_parse(
			&columns, offered, ARRAY_LEN(offered), slice_of(rows[i].chosen), NULL);
		n = columns_measure(&columns, offered, ARRAY_LEN(offered), rows[i].width,
			rows[i].skip, shown, widths);
		for (size_t k = 0; k < n; k++) {
			str_addf(&out, "%s%zu:%d", k ? " " : "", shown[k], widths[k]);
			used += widths[k] + (k > 0);
		}
		assert_string_equal(str_cstr(&out), rows[i].want);
		assert_true(used <= rows[i].width);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_choice_is_read_and_printed),
		cmocka_unit_test(a_mistake_is_named_and_changes_nothing),
		cmocka_unit_test(widths_fit_the_table),
	};

	return RUN(tests);
}
