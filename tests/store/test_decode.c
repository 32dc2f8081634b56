/* Times as the server writes them. */
#include "base/clock.h"
#include "decode.h"
#include "unit.h"
#include <errno.h>

#define NOON_2026 INT64_C(1795262400000000)

static const struct {
	const char *text;
	int64_t us;
} good[] = {
	{"2026-11-21 12:00:00+00", NOON_2026},
	{"2026-11-21 12:00:00.5+00", NOON_2026 + 500000},
	{"2026-11-21 12:00:00.000001+00", NOON_2026 + 1},
	{"2026-11-21 14:00:00+02", NOON_2026},
	{"2026-11-21 08:30:00-03:30", NOON_2026},
	{"2026-11-21 12:01:15+00:01:15", NOON_2026},
	{"2026-11-21 12:00:00", NOON_2026},
	{"2026-11-21", NOON_2026 - 12 * 3600 * S_US},
	{"1970-01-01 00:00:00+00", 0},
	{"1969-12-31 23:59:59.999999+00", -1},
	{"2000-02-29 00:00:00+00", INT64_C(951782400000000)},
	{"2100-03-01 00:00:00+00", INT64_C(4107542400000000)},
	{"0001-01-01 00:00:00+00", INT64_C(-62135596800000000)},
	{"0001-12-31 00:00:00+00 BC", INT64_C(-62135683200000000)},
	{"4713-01-01 00:00:00+00 BC", INT64_C(-210863520000000000)},
	{"9999-12-31 23:59:59.999999+00", INT64_C(253402300799999999)},
	{"294246-12-31 23:59:59.999999+00", INT64_C(9223371244799999999)},
	{"294276-12-31 23:59:59.999999+00", INT64_MAX},
	{"infinity", INT64_MAX},
	{"-infinity", INT64_MIN},
};

static const char *const bad[] = {
	"",
	"now",
	"2026",
	"2026-11",
	"2026-13-01",
	"2026-00-01",
	"2026-11-32",
	"26-11-21 12:00:00+00",
	"2026-11-21T12:00:00+00",
	"2026-11-21 12:00",
	"2026-11-21 12:00:00.",
	"2026-11-21 12:00:00+",
	"2026-11-21 12:00:00+0",
	"2026-11-21 12:00:00+00 AD",
	"2026-11-21 12:00:00.1234567+00",
	"Sat Nov 21 06:04:24 2026",
	"999999-01-01 00:00:00+00",
	"-2026-11-21",
	"999999-12-31 BC",
};

static void test_times_become_microseconds_since_1970(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		int64_t us = 42;

		if (decode_time(slice_of(good[i].text), &us) < 0 || us != good[i].us)
			fail_msg("%s: %lld", good[i].text, (long long)us);
	}
}

static void test_what_is_no_time_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t us = 42;

		if (decode_time(slice_of(bad[i]), &us) != -EINVAL || us != 42)
			fail_msg("%s was taken for %lld", bad[i], (long long)us);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times_become_microseconds_since_1970),
		cmocka_unit_test(test_what_is_no_time_is_refused),
	};

	return RUN(tests);
}
