/* Latencies in buckets as the store keeps them: bucket n ends 2 % above the one before, 0 and 1 ms have
 * their own; so what is read from them is off by less than 1 %. Histograms add up. */
#ifndef MODEL_HIST_H
#define MODEL_HIST_H

#include "base/slice.h"

#define HIST_BUCKETS 1400 /* 2 % steps up to a year and more; what takes longer counts as that */

struct hist {
	int64_t counts[HIST_BUCKETS];
	int64_t n;
};

/* Adds "bucket,count,bucket,count": one histogram, or several one after the other. False at what is none;
 * what came before it counts. */
bool hist_add(struct hist *hist, struct slice pairs);

int hist_bucket(int64_t ms);
double hist_latency(int bucket); /* its middle, in ms */

/* The latency below which that share lies; negative without data. */
double hist_quantile(const struct hist *hist, double share);
int64_t hist_over(const struct hist *hist, int64_t ms); /* how many took longer */
int64_t hist_between(const struct hist *hist, int64_t from_ms, int64_t to_ms); /* from < x <= to */

#endif
