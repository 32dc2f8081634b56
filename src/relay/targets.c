/* What is known of each target: how much it has, how it answers, whether it rests.
 * The state is the store's, for all workers; it is told of what happens, and asked for the probe.
 * Called by relay.c and items.c. */
#include "base/mem.h"
#include "part.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLYING 8
#define PROBE_US S_US

/* Items here that are not yet on their way: enough for this time, within these bounds. */
#define AHEAD_US (2 * S_US)
/* Marked beyond what can be sent at once, where repeats do no harm. */
#define RESERVE 256
#define AHEAD_MIN 8
#define AHEAD_MAX 800

static const char *const state_names[] = {"closed", "open", "half_open"};

struct target *target_of(struct relay *relay, struct slice code)
{
	struct target *target = relay->targets;

	while (target && !slice_eq_str(code, target->code))
		target = target->next;
	if (target)
		return target;
	target = NEW(struct target);
	target->relay = relay;
	target->code = mem_dup(code.at, code.len);
	target->next = relay->targets;
	relay->targets = target;
	relay->n_targets++;
	return target;
}

void targets_free(struct relay *relay)
{
	struct target *target;

	while ((target = relay->targets)) {
		relay->targets = target->next;
		free(target->code);
		free(target);
	}
}

static int flying_max(const struct relay *relay)
{
	return relay->options.flying > 0 ? relay->options.flying : FLYING;
}

const char *target_state_name(const struct target *target)
{
	return state_names[target->state];
}

size_t target_room(const struct target *target)
{
	size_t flying = (size_t)flying_max(target->relay), most = AHEAD_MIN;

	if (target->state != TARGET_CLOSED)
		return 0;
	if (target->mean_us > 0 && AHEAD_US / target->mean_us > AHEAD_MIN / 2)
		most = flying * (size_t)(AHEAD_US / target->mean_us);
	if (most > AHEAD_MAX)
		most = AHEAD_MAX;
	most += flying;
	/* A claim costs as much for one as for many: half of it is free first. */
	return target->held <= most / 2 ? most - target->held : 0;
}

bool target_has_seat(const struct target *target, bool repeats)
{
	const struct relay *relay = target->relay;
	size_t flying = (size_t)flying_max(relay);

	if (repeats)
		return target->seated < flying + RESERVE;
	return target->seated < flying && relay->unnoted < flying;
}

bool target_may_fly(const struct target *target)
{
	return target->flying < (size_t)flying_max(target->relay);
}

/* ---- the state ----------------------------------------------------------------------------------- */

void target_take_state(struct target *target, struct slice state, int64_t wait_ms)
{
	enum target_state was = target->state, now = TARGET_CLOSED;

	for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
		if (slice_eq_str(state, state_names[i]))
			now = (enum target_state)i;
	target->state = now;
	target->until_us = relay_now_us(target->relay) + wait_ms * MS_US;
	if (now == TARGET_CLOSED && was != TARGET_CLOSED)
		target->relay->wanted = true;
	if (now != was)
		relay_news(target->relay, &(struct relay_news){.event = RELAY_TARGET,
						  .target = target->code,
						  .text = state_names[now]});
}

void target_count(struct target *target, const struct verdict *verdict, int64_t took_us)
{
	target->stats.outcomes[verdict->outcome]++;
	if (took_us <= 0)
		return; /* was not sent */
	target->stats.sent++;
	target->stats.seconds += (double)took_us / (double)S_US;
	target->mean_us = target->mean_us ? (target->mean_us * 7 + took_us) / 8 : took_us;
	if (verdict->pause_s > target->pause_s)
		target->pause_s = verdict->pause_s;
	if (verdict->bad) {
		target->failed++;
		target->class = verdict->class;
	} else {
		target->answered++;
		target->failed = 0;
	}
}

/* ---- telling ------------------------------------------------------------------------------------- */

static void on_report(void *ctx, const struct query_result *result)
{
	struct target *target = ctx;
	struct rows *rows = result->rows;

	target->reporting = false;
	if (result->event == QUERY_FAILED)
		relay_failed(target->relay, "relay-report", result);
	else if (rows_count(rows))
		target_take_state(target, rows_text(rows, 0, rows_col(rows, "state")),
			rows_int(rows, 0, rows_col(rows, "wait_ms")));
	/* There was nothing to probe it with, or somebody probes it: that is not asked all the time. */
	if (target->until_us < relay_now_us(target->relay) + PROBE_US / 2)
		target->until_us =
			relay_now_us(target->relay) + relay_jitter_us(target->relay, PROBE_US);
	relay_move(target->relay);
}

static void report(struct target *target, bool probing)
{
	char answered[24], failed[24], pause[40];
	const char *params[] = {target->code, target->relay->options.name, answered, failed,
		target->class, pause, probing ? "t" : "f"};

	(void)snprintf(answered, sizeof(answered), "%d", target->answered);
	(void)snprintf(failed, sizeof(failed), "%d", target->failed);
	(void)snprintf(pause, sizeof(pause), "%.3f", target->pause_s);
	target->answered = target->failed = 0;
	target->pause_s = 0;
	target->reporting = true;
	target->probing = target->probing && !probing;
	(void)relay_ask(target->relay, "relay-report", params, on_report, target);
}

/* As long as all is well there is nothing to tell, so that the store is not asked for each item. */
static void report_if_needed(struct target *target)
{
	bool probe_over = target->probing && !target->held && target->relay->probed != target;

	if (target->reporting || target->probe_asked)
		return;
	if (target->probing) {
		if (probe_over)
			report(target, true);
		return;
	}
	if (target->failed || target->pause_s > 0) {
		target->failing = true;
		report(target, false);
	} else if (target->answered && target->failing) {
		target->failing = false;
		report(target, false);
	} else {
		target->answered = 0;
	}
}

void targets_report(struct relay *relay)
{
	for (struct target *target = relay->targets; target; target = target->next)
		report_if_needed(target);
}

/* ---- the probe ----------------------------------------------------------------------------------- */

static void on_probe(void *ctx, const struct query_result *result)
{
	struct target *target = ctx;
	struct relay *relay = target->relay;

	target->probe_asked = false;
	if (result->event == QUERY_FAILED) {
		relay_failed(relay, "relay-probe", result);
	} else if (rows_count(result->rows) && rows_bool(result->rows, 0, 0)) {
		target->probing = true;
		target_take_state(target, SLICE("half_open"), 60000);
		relay->probed = target;
	} else {
		routes_ask(relay); /* somebody else has it */
	}
	relay_move(relay);
}

void targets_probe(struct relay *relay)
{
	for (struct target *target = relay->targets; target; target = target->next) {
		const char *params[] = {target->code, relay->options.name, "360"};

		if (target->state == TARGET_CLOSED || target->probe_asked || target->probing ||
			target->reporting || target->held || relay->probed ||
			relay_now_us(relay) < target->until_us)
			continue;
		target->probe_asked = true;
		(void)relay_ask(relay, "relay-probe", params, on_probe, target);
		return;
	}
}
