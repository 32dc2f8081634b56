/* Latencies on the page of one interface: quantiles, what was too slow, the histogram.
 * Merging histograms is model/hist's.
 * Called by sla_page.c. */
#include "base/mem.h"
#include "model/format.h"
#include "sla_part.h"
#include "standing.h"

static void add_quantiles(struct sla *me, int64_t slow_ms)
{
	static const struct {
		const char *label;
		double share;
	} quantiles[] = {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}};
	double most = hist_quantile(&me->hist, 0.99);

	for (size_t i = 0; i < ARRAY_LEN(quantiles); i++) {
		double ms = hist_quantile(&me->hist, quantiles[i].share);
		struct sla_line *line = sla_add(me, quantiles[i].label);

		line->part = (int64_t)ms;
		line->whole = (int64_t)(slow_ms > most ? (double)slow_ms : most) + 1;
		standing_add_ms(&line->text, ms);
		if (slow_ms && i == 1) {
			str_adds(&line->text, ", promised ");
			standing_add_ms(&line->text, (double)slow_ms);
			line->role = ms > (double)slow_ms ? ROLE_WARNING : ROLE_TEXT;
		}
	}
}

/* Spans that grow as 1, 2, 5; those before the first and behind the last that hold any are left out. */
static void add_histogram(struct sla *me, int64_t slow_ms)
{
	static const int64_t ends[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000,
		20000, 60000, 120000, 300000, 600000, 1800000, 3600000, 14400000, 86400000,
		604800000};
	int64_t counts[ARRAY_LEN(ends)], most = 0;
	size_t first = ARRAY_LEN(ends), last = 0;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		counts[i] = hist_between(&me->hist, i ? ends[i - 1] : -1,
			i + 1 < ARRAY_LEN(ends) ? ends[i] : INT64_C(1) << 40);
		if (!counts[i])
			continue;
		first = first < i ? first : i;
		last = i;
		most = counts[i] > most ? counts[i] : most;
	}
	for (size_t i = first; i <= last && first < ARRAY_LEN(ends); i++) {
		CLEANUP(str_done)
		struct str label = STR_INIT(64);
		struct sla_line *line;

		str_adds(&label, "up to ");
		standing_add_ms(&label, (double)ends[i]);
		line = sla_add(me, str_cstr(&label));
		line->part = counts[i];
		line->whole = most;
		line->role = slow_ms && i && ends[i - 1] >= slow_ms ? ROLE_WARNING : ROLE_TEXT;
		format_count(&line->text, counts[i]);
	}
}

void sla_add_latency(struct sla *me)
{
	int64_t slow_ms = sla_objective(me, "latency", "threshold");
	struct sla_line *line;

	sla_heading(me, "Latency");
	if (!me->hist.n) {
		str_adds(&sla_add(me, "")->text, "nothing was delivered in this window");
		return;
	}
	add_quantiles(me, slow_ms);
	if (slow_ms) {
		int64_t over = hist_over(&me->hist, slow_ms);

		line = sla_add(me, "slower");
		line->part = over;
		line->whole = me->hist.n;
		format_count(&line->text, over);
		str_adds(&line->text, " of ");
		format_count(&line->text, me->hist.n);
	}
	sla_add(me, "");
	add_histogram(me, slow_ms);
}
