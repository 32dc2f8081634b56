/* Ages, times, counts as people read them. */
#include "base/clock.h"
#include "base/mem.h"
#include "model/format.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void an_age_has_at_most_two_units(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {{-5, "0s"}, {0, "0s"}, {59, "59s"}, {60, "1m"}, {61, "1m"}, {3599, "59m"},
		{3600, "1h"}, {3660, "1h 1m"}, {11520, "3h 12m"}, {86400, "1d"},
		{86400 + 3600, "1d 1h"}, {86400 + 60, "1d"}, {400 * 86400, "400d"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(64);

		format_age(&text, rows[i].seconds * S_US);
		assert_string_equal(str_cstr(&text), rows[i].text);
	}
}

static void counts_have_groups_of_three(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} rows[] = {{0, "0"}, {7, "7"}, {999, "999"}, {1000, "1,000"}, {1000001, "1,000,001"},
		{-12345, "-12,345"}, {INT64_MAX, "9,223,372,036,854,775,807"},
		{INT64_MIN, "-9,223,372,036,854,775,808"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(64);

		format_count(&text, rows[i].n);
		assert_string_equal(str_cstr(&text), rows[i].text);
	}
}

static void times_are_in_the_programs_zone(void **state)
{
	static const struct {
		const char *zone;
		int64_t us;
		const char *text;
	} rows[] = {{"UTC", 0, "00:00:00.000"}, {"UTC", -1, "23:59:59.999"},
		{"UTC", 1700000000123456, "22:13:20.123"},
		{"CET-1", 1700000000123456, "23:13:20.123"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(64);

		setenv("TZ", rows[i].zone, 1);
		tzset();
		format_time(&text, rows[i].us, FORMAT_MILLI);
		assert_string_equal(str_cstr(&text), rows[i].text);
		str_reset(&text);
		format_date(&text, rows[i].us);
		assert_string_equal(str_cstr(&text) + strlen("1970-01-01 "), rows[i].text);
	}
}

static void dates_are_in_the_programs_zone(void **state)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	(void)state;
	setenv("TZ", "CET-1", 1);
	tzset();
	format_date(&text, INT64_C(1767222000123456));
	assert_string_equal(str_cstr(&text), "2026-01-01 00:00:00.123");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_age_has_at_most_two_units),
		cmocka_unit_test(counts_have_groups_of_three),
		cmocka_unit_test(times_are_in_the_programs_zone),
		cmocka_unit_test(dates_are_in_the_programs_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
