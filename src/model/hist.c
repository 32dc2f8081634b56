/* Histograms of latencies, with the bounds of the store's latency_bucket().
 * Counting is the store's, drawing the ui's.
 * Called by the SLA page. */
#include "model/hist.h"
#include "base/mem.h"
#include <math.h>

#define STEP 0.019802627296179713 /* ln 1.02 */

int hist_bucket(int64_t ms)
{
	int bucket = ms <= 0 ? 0 : 1 + (int)ceil(log((double)ms) / STEP - 1e-9);

	return bucket < HIST_BUCKETS ? bucket : HIST_BUCKETS - 1;
}

double hist_latency(int bucket)
{
	return bucket <= 1 ? bucket : 2 * pow(1.02, bucket - 1) / 2.02;
}

bool hist_add(struct hist *hist, struct slice pairs)
{
	struct slice bucket, count;
	int64_t at, n;

	while (slice_cut(&pairs, ',', &bucket)) {
		if (!slice_cut(&pairs, ',', &count) ||
			slice_to_i64(bucket, 0, INT64_C(1) << 30, &at) < 0 ||
			slice_to_i64(count, -(INT64_C(1) << 40), INT64_C(1) << 40, &n) < 0)
			return false;
		hist->counts[at < HIST_BUCKETS ? at : HIST_BUCKETS - 1] += n;
		hist->n += n;
	}
	return true;
}

double hist_quantile(const struct hist *hist, double share)
{
	int64_t upto = 0, want = (int64_t)ceil(share * (double)hist->n - 1e-9);

	want = want < 1 ? 1 : want;
	for (int i = 0; i < HIST_BUCKETS; i++) {
		upto += hist->counts[i];
		if (upto >= want)
			return hist_latency(i);
	}
	return -1;
}

int64_t hist_between(const struct hist *hist, int64_t from_ms, int64_t to_ms)
{
	int64_t n = 0;

	for (int i = from_ms < 0 ? 0 : hist_bucket(from_ms) + 1; i <= hist_bucket(to_ms); i++)
		n += hist->counts[i];
	return n;
}

int64_t hist_over(const struct hist *hist, int64_t ms)
{
	return hist->n - hist_between(hist, -1, ms);
}
