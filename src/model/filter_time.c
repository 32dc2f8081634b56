/* Times of the filter language: relative, of a day, on the wall of some zone.
 * Leaves zones by name to the store, which has their tables.
 * Called by the parser and the printer; filter_time_us() by who composes SQL. */
#include "base/clock.h"
#include "filter_part.h"
#include <time.h>

/* A hundred years are enough; more would only overflow somewhere. */
#define AGO_MAX_S (INT64_C(100) * 366 * 86400)

int64_t filter_unit_s(char unit)
{
	switch (unit) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 7 * 86400;
	default:
		return 0;
	}
}

bool filter_zone_has_name(struct slice zone)
{
	return zone.len && zone.at[0] != '+' && zone.at[0] != '-' && !slice_eq_str(zone, "Z");
}

bool filter_read_age(struct slice text, int64_t *ret_n, char *ret_unit)
{
	int64_t unit_s, n;

	if (text.len < 2 || text.at[0] < '0' || text.at[0] > '9')
		return false;
	unit_s = filter_unit_s(text.at[text.len - 1]);
	if (!unit_s || slice_to_i64(slice_head(text, text.len - 1), 0, AGO_MAX_S / unit_s, &n) < 0)
		return false;
	*ret_n = n;
	*ret_unit = text.at[text.len - 1];
	return true;
}

static bool read_ago(struct slice text, struct filter_time *time)
{
	bool ahead = text.len && text.at[0] == '+';

	time->kind = FILTER_AGO;
	if (slice_eq_nocase(text, SLICE("now"))) {
		time->unit = 's';
		return true;
	}
	if (text.len && (text.at[0] == '-' || ahead))
		text = slice_from(text, 1);
	if (!filter_read_age(text, &time->ago, &time->unit))
		return false;
	if (time->ago == 0)
		time->unit = 's';
	if (ahead)
		time->ago = -time->ago;
	return true;
}

static bool read_day_word(struct slice text, struct filter_time *time)
{
	static const char *const words[] = {"tomorrow", "today", "yesterday"};

	time->kind = FILTER_DAYS;
	for (int i = 0; i < 3; i++) {
		time->ago = i - 1;
		if (slice_eq_nocase(text, slice_of(words[i])))
			return true;
	}
	return false;
}

/* So many digits, then one of the ends (taken), or the end of the text. */
static bool take_number(struct slice *rest, size_t digits, int max, int *ret)
{
	int64_t n;

	for (size_t i = 0; i < digits; i++)
		if (i >= rest->len || rest->at[i] < '0' || rest->at[i] > '9')
			return false;
	if (slice_to_i64(slice_head(*rest, digits), 0, max, &n) < 0)
		return false;
	*ret = (int)n;
	*rest = slice_from(*rest, digits);
	return true;
}

static bool take_char(struct slice *rest, char c)
{
	if (!rest->len || rest->at[0] != c)
		return false;
	*rest = slice_from(*rest, 1);
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(struct slice *rest, struct filter_time *time)
{
	return take_number(rest, 4, 9999, &time->year) && take_char(rest, '-') &&
	       take_number(rest, 2, 12, &time->month) && take_char(rest, '-') &&
	       take_number(rest, 2, 31, &time->day) && time->year >= 1900 && time->month &&
	       time->day && time->day <= days_in(time->year, time->month);
}

static bool take_fraction(struct slice *rest, int *ret_us)
{
	int unit = 100000;

	if (!rest->len || rest->at[0] < '0' || rest->at[0] > '9')
		return false;
	for (; rest->len && rest->at[0] >= '0' && rest->at[0] <= '9'; unit /= 10) {
		if (!unit)
			return false;
		*ret_us += (rest->at[0] - '0') * unit;
		*rest = slice_from(*rest, 1);
	}
	return true;
}

static bool take_clock(struct slice *rest, struct filter_time *time)
{
	time->second = -1;
	if (!take_number(rest, 2, 23, &time->hour) || !take_char(rest, ':') ||
		!take_number(rest, 2, 59, &time->minute))
		return false;
	if (take_char(rest, ':') && !take_number(rest, 2, 59, &time->second))
		return false;
	return time->second < 0 || !take_char(rest, '.') || take_fraction(rest, &time->us);
}

static bool is_zone_name(struct slice name)
{
	if (!name.len || name.len > 60 || filter_zone_has_name(name) == false || name.at[0] < 'A' ||
		name.at[0] > 'z')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!filter_is_name(name.at[i]) && name.at[i] != '/' && name.at[i] != '+')
			return false;
	return true;
}

static bool read_zone(struct slice rest, struct filter_time *time)
{
	struct slice offset = rest;
	int hours, minutes = 0;

	time->zone = rest;
	if (!rest.len || slice_eq_str(rest, "Z"))
		return true;
	if (take_char(&rest, '@')) {
		time->zone = rest;
		return is_zone_name(rest);
	}
	return (take_char(&offset, '+') || take_char(&offset, '-')) &&
	       take_number(&offset, 2, 14, &hours) && take_char(&offset, ':') &&
	       take_number(&offset, 2, 59, &minutes) && !offset.len;
}

static bool read_wall(struct slice text, struct filter_time *time)
{
	struct slice rest = text;

	time->kind = FILTER_WALL;
	time->hour = time->second = -1;
	if (rest.len > 4 && rest.at[4] == '-') {
		if (!take_date(&rest, time))
			return false;
		if (!take_char(&rest, 'T') && !take_char(&rest, ' '))
			return read_zone(rest, time);
	}
	return take_clock(&rest, time) && read_zone(rest, time);
}

bool filter_read_time(struct slice text, struct filter_time *ret)
{
	bool (*const readers[])(struct slice, struct filter_time *) = {
		read_ago, read_day_word, read_wall};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct filter_time time = {0};

		if (!readers[i](text, &time))
			continue;
		*ret = time;
		return true;
	}
	return false;
}

static void print_wall(const struct filter_time *time, struct str *out)
{
	if (time->year)
		str_addf(out, "%04d-%02d-%02d", time->year, time->month, time->day);
	if (time->year && time->hour >= 0)
		str_addc(out, 'T');
	if (time->hour >= 0)
		str_addf(out, "%02d:%02d", time->hour, time->minute);
	if (time->second >= 0)
		str_addf(out, ":%02d", time->second);
	if (time->us)
		str_addf(out, ".%06d", time->us);
	if (filter_zone_has_name(time->zone))
		str_addc(out, '@');
	str_add(out, time->zone);
}

void filter_print_time(const struct filter_time *time, struct str *out)
{
	static const char *const words[] = {"tomorrow", "today", "yesterday"};

	if (time->kind == FILTER_WALL)
		print_wall(time, out);
	else if (time->kind == FILTER_DAYS)
		str_adds(out, words[time->ago + 1]);
	else if (time->ago == 0)
		str_adds(out, "now");
	else
		str_addf(out, "%+lld%c", -(long long)time->ago, time->unit);
}

static int64_t offset_s(struct slice zone)
{
	int hours = 0, minutes = 0;
	struct slice rest;

	if (zone.len < 6)
		return 0;
	rest = slice_from(zone, 1);
	(void)(take_number(&rest, 2, 14, &hours) && take_char(&rest, ':') &&
		take_number(&rest, 2, 59, &minutes));
	return (zone.at[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

int64_t filter_time_us(const struct filter_time *time, int64_t now_us, bool end)
{
	bool here = time->kind == FILTER_DAYS || !time->zone.len;
	time_t now = (time_t)(now_us / S_US + offset_s(time->zone)), at;
	struct tm tm = {0}, wall = {0};

	if (here)
		localtime_r(&now, &tm);
	else
		gmtime_r(&now, &tm);
	wall = (struct tm){.tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday};
	wall.tm_isdst = -1;
	if (time->kind == FILTER_DAYS) {
		wall.tm_mday += (int)-time->ago + end;
	} else {
		if (time->year) {
			wall.tm_year = time->year - 1900;
			wall.tm_mon = time->month - 1;
			wall.tm_mday = time->day;
		}
		wall.tm_mday += end && time->hour < 0;
		wall.tm_hour = time->hour < 0 ? 0 : time->hour;
		wall.tm_min = time->minute + (end && time->hour >= 0 && time->second < 0);
		wall.tm_sec = time->second < 0 ? 0 : time->second + (end && !time->us);
	}
	at = here ? mktime(&wall) : timegm(&wall) - offset_s(time->zone);
	return (int64_t)at * S_US + time->us + (end && time->us);
}
