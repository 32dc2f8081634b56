/* Chance that repeats: the same seed gives the same numbers, on every machine. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

/* One of its own for each thing that is simulated, so that what happens to one never moves the
 * others. */
static inline uint64_t random_mix(uint64_t a, uint64_t b)
{
	uint64_t z = a + UINT64_C(0x9e3779b97f4a7c15) * (b + 1);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint64_t random_next(struct random *random)
{
	random->state += UINT64_C(0x9e3779b97f4a7c15);
	return random_mix(random->state, 0);
}

/* From 0 to n - 1; 0 when n is 0. */
static inline uint32_t random_below(struct random *random, uint32_t n)
{
	return (uint32_t)(((random_next(random) >> 32) * n) >> 32);
}

static inline int random_between(struct random *random, int low, int high)
{
	return low + (int)random_below(random, (uint32_t)(high - low + 1));
}

/* From 0 to 1, without 1. */
static inline double random_unit(struct random *random)
{
	return (double)(random_next(random) >> 11) * 0x1p-53;
}

#endif
