/* Numbers of the worker and its relay, in Prometheus' text form: codes of the catalogue are the only
 * labels, so that nothing of a payload gets there.
 * What is counted is counted where it happens.
 * Called for the loopback address. */
#include "metrics.h"
#include <string.h>

static void put_head(struct str *out, const char *name, const char *type, const char *help)
{
	str_addf(out, "# HELP orderly_%s %s\n# TYPE orderly_%s %s\n", name, help, name, type);
}

static void put_one(
	struct str *out, const char *name, const char *type, const char *help, double value)
{
	put_head(out, name, type, help);
	str_addf(out, "orderly_%s %.15g\n", name, value);
}

static void put_worker(struct str *out, const struct worker_stats *stats)
{
	put_one(out, "store_up", "gauge", "Whether the store answers.", stats->store_up);
	put_one(out, "duties", "gauge", "Duties that this worker looks after.",
		(double)stats->duties);
	put_one(out, "duty_runs_total", "counter", "Pieces of duties done.", (double)stats->runs);
	put_one(out, "duty_rows_total", "counter", "Rows that they worked off.",
		(double)stats->rows);
	put_one(out, "duty_failures_total", "counter", "Pieces of duties that failed.",
		(double)stats->failures);
}

/* One line for each target, of what at() gives. */
static void put_targets(struct str *out, const struct relay *relay, const char *name,
	const char *type, const char *help, double (*at)(const struct relay_target_stats *target))
{
	put_head(out, name, type, help);
	for (size_t i = 0; i < relay_stats(relay).n_targets; i++) {
		const struct relay_target_stats target = relay_target_stats(relay, i);

		str_addf(out, "orderly_%s{target=\"%s\"} %.15g\n", name, target.code, at(&target));
	}
}

static double at_flying(const struct relay_target_stats *target)
{
	return (double)target->flying;
}

static double at_held(const struct relay_target_stats *target)
{
	return (double)target->held;
}

static double at_open(const struct relay_target_stats *target)
{
	return strcmp(target->state, "closed") == 0 ? 0
	       : strcmp(target->state, "open") == 0 ? 1
						    : 0.5;
}

static double at_sent(const struct relay_target_stats *target)
{
	return (double)target->sent;
}

static double at_seconds(const struct relay_target_stats *target)
{
	return target->seconds;
}

static void put_outcomes(struct str *out, const struct relay *relay)
{
	put_head(out, "relay_items_total", "counter", "Replayed items by outcome.");
	for (size_t i = 0; i < relay_stats(relay).n_targets; i++) {
		const struct relay_target_stats target = relay_target_stats(relay, i);

		for (int outcome = 0; outcome < N_OUTCOMES; outcome++)
			str_addf(out,
				"orderly_relay_items_total{target=\"%s\",outcome=\"%s\"} %llu\n",
				target.code, outcome_name((enum outcome)outcome),
				(unsigned long long)target.outcomes[outcome]);
	}
}

static void put_relay(struct str *out, const struct relay *relay)
{
	const struct relay_stats stats = relay_stats(relay);

	put_one(out, "relay_interfaces", "gauge", "Interfaces that are sent for.",
		(double)(stats.routes - stats.unusable));
	put_one(out, "relay_interfaces_unusable", "gauge",
		"Interfaces whose endpoint cannot be used on this host.", (double)stats.unusable);
	put_one(out, "relay_claims_total", "counter", "Claims made.", (double)stats.claims);
	put_one(out, "relay_store_failures_total", "counter", "Questions to the store that failed.",
		(double)stats.failed_questions);
	put_one(out, "relay_untold", "gauge", "Outcomes that the store does not know yet.",
		(double)stats.untold);
	put_targets(out, relay, "relay_flying", "gauge", "Requests on their way.", at_flying);
	put_targets(out, relay, "relay_held", "gauge", "Items claimed and not yet told.", at_held);
	put_targets(out, relay, "relay_circuit_open", "gauge",
		"1 while the target rests, 0.5 while it is probed.", at_open);
	put_targets(out, relay, "relay_sent_total", "counter", "Requests sent.", at_sent);
	put_targets(out, relay, "relay_answer_seconds_total", "counter",
		"Time that answers took, in all.", at_seconds);
	put_outcomes(out, relay);
}

/* An object's name may be anything: a credential's, a worker's. */
static void put_label(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			str_addc(out, '\\');
		if (*text == '\n')
			str_adds(out, "\\n");
		else
			str_addc(out, *text);
	}
}

static void put_signals(struct str *out, const struct worker *worker)
{
	const struct worker_alarms alarms = worker_alarms(worker);

	if (alarms.evaluated_us >= 0)
		put_one(out, "signals_evaluated_seconds", "gauge",
			"Time since signals were evaluated, by any worker.",
			(double)alarms.evaluated_us / S_US);
	put_one(out, "signal_deliveries_total", "counter", "Signals that reached a target.",
		(double)alarms.delivered);
	put_one(out, "signal_delivery_failures_total", "counter",
		"Tries to reach a target that failed, or are in doubt.", (double)alarms.failed);
	put_one(out, "heartbeats_total", "counter", "Heartbeats that arrived.",
		(double)alarms.beats);
	put_head(out, "signal", "gauge", "Open signals that are not kept quiet, 200 at most.");
	for (size_t i = 0; i < alarms.open; i++) {
		const struct worker_signal signal = worker_signal(worker, i);

		str_adds(out, "orderly_signal{rule=\"");
		put_label(out, signal.rule);
		str_adds(out, "\",object=\"");
		put_label(out, signal.object);
		str_addf(out, "\",severity=\"%s\"} 1\n", signal.severity);
	}
}

void metrics_write(const struct worker *worker, const struct relay *relay, struct str *out)
{
	const struct worker_stats stats = worker_stats(worker);

	put_worker(out, &stats);
	put_signals(out, worker);
	if (relay)
		put_relay(out, relay);
}

bool metrics_health(const struct worker *worker, const struct relay *relay, struct str *out)
{
	const struct worker_stats stats = worker_stats(worker);

	if (!stats.store_up || (relay && !relay_stats(relay).store_up)) {
		str_adds(out, "the store does not answer\n");
		return false;
	}
	if (stats.draining) {
		str_adds(out, "ending\n");
		return false;
	}
	str_adds(out, "ok\n");
	return true;
}
