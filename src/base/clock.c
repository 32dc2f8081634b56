/* What time it is, from the system or from a test that turns it by hand. Formats nothing. The loop
 * and everything that ages or expires asks here. */
#include "base/clock.h"
#include <assert.h>
#include <time.h>

struct clock clock_real(void)
{
	return (struct clock){0};
}

/* Monotonic time does not begin at 0, so that 0 can mean "never" in those who keep a moment. */
struct clock clock_standing(int64_t wall_us)
{
	return (struct clock){.turned = true, .wall_us = wall_us, .mono_us = S_US};
}

void clock_turn(struct clock *clock, int64_t by_us)
{
	assert(clock->turned);
	clock->wall_us += by_us;
	clock->mono_us += by_us;
}

static int64_t now_us(clockid_t id)
{
	struct timespec ts = {0};

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * S_US + ts.tv_nsec / 1000;
}

int64_t clock_wall_us(const struct clock *clock)
{
	return clock->turned ? clock->wall_us : now_us(CLOCK_REALTIME);
}

int64_t clock_mono_us(const struct clock *clock)
{
	return clock->turned ? clock->mono_us : now_us(CLOCK_MONOTONIC);
}
