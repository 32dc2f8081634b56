/* Ages, times of day, counts and durations as text.
 * Which of them to show where is the views' matter.
 * Called by views, the frame and the command line. */
#include "model/format.h"
#include "base/clock.h"
#include "base/mem.h"
#include <time.h>

void format_age(struct str *out, int64_t age_us)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	int64_t seconds = age_us > 0 ? age_us / S_US : 0;

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		int64_t rest = seconds % units[i].seconds;

		if (seconds < units[i].seconds && i + 1 < ARRAY_LEN(units))
			continue;
		str_addf(out, "%lld%c", (long long)(seconds / units[i].seconds), units[i].unit);
		/* Seconds matter only beside nothing larger than a minute. */
		if (i + 2 < ARRAY_LEN(units) && rest >= units[i + 1].seconds)
			str_addf(out, " %lld%c", (long long)(rest / units[i + 1].seconds),
				units[i + 1].unit);
		return;
	}
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static struct tm local(int64_t wall_us)
{
	time_t seconds = (time_t)floor_div(wall_us, S_US);
	struct tm tm = {0};

	localtime_r(&seconds, &tm);
	return tm;
}

void format_date(struct str *out, int64_t wall_us)
{
	struct tm tm = local(wall_us);

	str_addf(out, "%04d-%02d-%02d ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	format_time(out, wall_us, FORMAT_MILLI);
}

bool format_is_utc(int64_t wall_us)
{
	return local(wall_us).tm_gmtoff == 0;
}

void format_time(struct str *out, int64_t wall_us, enum format_time precision)
{
	struct tm tm = local(wall_us);
	int64_t part = wall_us % S_US;

	str_addf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
	if (precision >= FORMAT_SECOND)
		str_addf(out, ":%02d", tm.tm_sec);
	if (precision >= FORMAT_MILLI)
		str_addf(out, ".%03d", (int)((part < 0 ? part + S_US : part) / MS_US));
}

void format_count(struct str *out, int64_t n)
{
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n, scale = 1;

	if (n < 0)
		str_addc(out, '-');
	while (left / scale >= 1000)
		scale *= 1000;
	str_addf(out, "%llu", (unsigned long long)(left / scale));
	while (scale > 1) {
		left %= scale;
		scale /= 1000;
		str_addf(out, ",%03llu", (unsigned long long)(left / scale));
	}
}

void format_took(struct str *out, int64_t us)
{
	if (us < 10 * MS_US)
		str_addf(out, "%.1f ms", (double)us / (double)MS_US);
	else if (us < S_US)
		str_addf(out, "%lld ms", (long long)(us / MS_US));
	else
		str_addf(out, "%.1f s", (double)us / (double)S_US);
}
