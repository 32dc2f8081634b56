/* Numbers and times as people read them. */
#ifndef MODEL_FORMAT_H
#define MODEL_FORMAT_H

#include "base/str.h"

/* "12s", "4m", "3h 12m", "2d 4h": at most two units, the smaller left out when it is zero. */
void format_age(struct str *out, int64_t age_us);

/* "14:32", "14:32:05", "14:32:05.123" in the program's time zone; with Z in UTC. */
enum format_time {
	FORMAT_MINUTE,
	FORMAT_SECOND,
	FORMAT_MILLI,
};
void format_time(struct str *out, int64_t wall_us, enum format_time precision);
void format_date(struct str *out, int64_t wall_us); /* "2026-03-14 09:14:02.123" */
bool format_is_utc(int64_t wall_us);

/* "1,000"; with a cap "1,000+" when there may be more. */
void format_count(struct str *out, int64_t n);

/* "850 ms", "1.2 s" for how long something took. */
void format_took(struct str *out, int64_t us);

#endif
