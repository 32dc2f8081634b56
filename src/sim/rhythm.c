/* Days and months of a hospital group as factors.
 * Which process follows which rhythm is in the estate.
 * Called by the engine. */
#include "rhythm.h"
#include <time.h>

/* Percent of the mean, by hour UTC. Nights are quiet but never empty: the demo is shown at any
 * time. */
static const unsigned char hours[][24] = {
	[RHYTHM_OFFICE] = {45, 45, 45, 45, 50, 60, 85, 125, 160, 175, 175, 165, 140, 160, 170, 160,
		140, 110, 85, 70, 60, 55, 50, 45},
	[RHYTHM_CLINIC] = {65, 60, 60, 60, 65, 85, 120, 140, 145, 145, 140, 130, 120, 125, 130, 125,
		115, 110, 105, 100, 90, 80, 75, 70},
	[RHYTHM_STEADY] = {90, 90, 90, 90, 95, 105, 110, 105, 105, 105, 105, 105, 105, 105, 105,
		105, 105, 105, 110, 105, 95, 95, 90, 90},
	[RHYTHM_FINANCE] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100,
		100, 100, 100, 100, 100, 100, 100, 100, 100, 100},
};

/* From hour to hour without a step. */
static double of_day(const unsigned char *percent, const struct tm *tm)
{
	double within = (tm->tm_min * 60 + tm->tm_sec) / 3600.0;
	int next = (tm->tm_hour + 1) % 24;

	return (percent[tm->tm_hour] * (1 - within) + percent[next] * within) / 100;
}

static double of_month(const struct tm *tm)
{
	return tm->tm_mday >= 28 || tm->tm_mday <= 2 ? 2.5 : 1;
}

static double of_week(const struct tm *tm)
{
	return tm->tm_wday == 0 || tm->tm_wday == 6 ? 0.7 : 1;
}

double rhythm_at(enum sim_rhythm rhythm, int64_t at_us)
{
	time_t s = (time_t)(at_us / 1000000);
	double factor;
	struct tm tm;

	gmtime_r(&s, &tm);
	factor = of_day(hours[rhythm], &tm);
	if (rhythm == RHYTHM_OFFICE)
		factor *= of_week(&tm);
	if (rhythm == RHYTHM_FINANCE)
		factor *= of_month(&tm);
	return factor;
}
