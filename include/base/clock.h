/* Time, asked from one object so that tests can turn it. Everything is in microseconds: wall since
 * 1970 UTC, mono since some start. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define MS_US INT64_C(1000)
#define S_US INT64_C(1000000)

struct clock {
	bool turned; /* stands still but for clock_turn() */
	int64_t wall_us, mono_us;
};

struct clock clock_real(void);
struct clock clock_standing(int64_t wall_us);
void clock_turn(struct clock *clock, int64_t by_us);
int64_t clock_wall_us(const struct clock *clock);
int64_t clock_mono_us(const struct clock *clock);

#endif
