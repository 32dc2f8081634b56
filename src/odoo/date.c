/* HTTP's date, read without the locale's names for months.
 * Knows one form, the one that servers have to send. Called by client.c for each answer. */
#include "base/mem.h"
#include "odoo/client.h"
#include <string.h>
#include <time.h>

static bool number(struct slice text, size_t at, size_t len, int most, int *ret)
{
	int64_t n;

	if (slice_to_i64(slice_head(slice_from(text, at), len), 0, most, &n) < 0)
		return false;
	*ret = (int)n;
	return true;
}

static bool month(struct slice text, int *ret)
{
	static const char *const names[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_eq_str(text, names[i])) {
			*ret = (int)i;
			return true;
		}
	return false;
}

bool odoo_http_date(struct slice text, int64_t *ret_wall_us)
{
	/* Sun, 06 Nov 1994 08:49:37 GMT */
	struct tm tm = {0};
	time_t s;

	if (text.len != 29 || !slice_ends(text, SLICE(" GMT")) ||
		!number(text, 5, 2, 31, &tm.tm_mday) ||
		!month(slice_head(slice_from(text, 8), 3), &tm.tm_mon) ||
		!number(text, 12, 4, 9999, &tm.tm_year) || !number(text, 17, 2, 23, &tm.tm_hour) ||
		!number(text, 20, 2, 59, &tm.tm_min) || !number(text, 23, 2, 60, &tm.tm_sec))
		return false;
	if (tm.tm_year < 1970 || tm.tm_mday < 1)
		return false;
	tm.tm_year -= 1900;
	s = timegm(&tm);
	*ret_wall_us = (int64_t)s * S_US;
	return true;
}
