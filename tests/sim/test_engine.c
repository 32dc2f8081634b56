/* The simulated traffic: repeats itself, keeps its time, meets its faults. */
#include "base/mem.h"
#include "base/str.h"
#include "engine.h"
#include "estate.h"
#include "random.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

#define MORNING_US (INT64_C(1795251600) * 1000000) /* a Saturday, 09:00 UTC */
#define SECOND_US INT64_C(1000000)

struct seen {
	uint64_t digest;
	int64_t last_us;
	int events, received, matches;
	const char *needle, *needle2; /* documents with both are counted */
	bool out_of_order;
};

static void see(void *ctx, int64_t at_us, struct slice document)
{
	struct seen *seen = ctx;

	for (size_t i = 0; i < document.len; i++)
		seen->digest = random_mix(seen->digest, (unsigned char)document.at[i]);
	seen->events++;
	if (memmem(document.at, document.len, "\"kind\":\"received\"", 17))
		seen->received++;
	if (seen->needle && memmem(document.at, document.len, seen->needle, strlen(seen->needle)) &&
		(!seen->needle2 ||
			memmem(document.at, document.len, seen->needle2, strlen(seen->needle2))))
		seen->matches++;
	/* a failure and its retry are told at once, a millisecond apart */
	if (at_us + 50000 < seen->last_us)
		seen->out_of_order = true;
	seen->last_us = at_us;
}

/* So many seconds in so many calls. */
static struct seen run(uint64_t seed, struct faults *faults, int seconds, int calls,
	const char *needle, const char *needle2)
{
	struct seen seen = {.needle = needle, .needle2 = needle2};
	CLEANUP(faults_freep)
	struct faults *own = NULL;
	struct engine_options options = {.seed = seed, .rate = 4, .emit = see, .ctx = &seen};
	CLEANUP(engine_freep)
	struct engine *engine = NULL;

	if (!faults) {
		own = faults_new(seed);
		faults_by_chance(own, false);
	}
	options.faults = faults ? faults : own;
	engine = engine_new(&options, MORNING_US);
	for (int i = 1; i <= calls; i++)
		engine_run(engine, MORNING_US + seconds * SECOND_US * i / calls);
	return seen;
}

static void the_same_seed_gives_the_same_events(void **state)
{
	struct seen a = run(7, NULL, 120, 1, NULL, NULL), b = run(7, NULL, 120, 1, NULL, NULL);

	(void)state;
	assert_true(a.events > 500);
	assert_int_equal(a.events, b.events);
	assert_true(a.digest == b.digest);
}

static void another_seed_gives_others(void **state)
{
	(void)state;
	assert_true(
		run(7, NULL, 60, 1, NULL, NULL).digest != run(8, NULL, 60, 1, NULL, NULL).digest);
}

static void it_does_not_matter_how_time_is_cut(void **state)
{
	(void)state;
	assert_true(
		run(7, NULL, 60, 1, NULL, NULL).digest == run(7, NULL, 60, 487, NULL, NULL).digest);
}

static void events_come_in_the_order_of_time(void **state)
{
	(void)state;
	assert_false(run(7, NULL, 300, 1, NULL, NULL).out_of_order);
}

static void the_rate_is_kept(void **state)
{
	struct seen seen = {0};
	CLEANUP(faults_freep)
	struct faults *faults = faults_new(7);
	const struct engine_options options = {
		.seed = 7, .rate = 0.2, .faults = faults, .emit = see, .ctx = &seen};
	CLEANUP(engine_freep)
	struct engine *engine = NULL;

	(void)state;
	faults_by_chance(faults, false);
	/* a whole Friday: nights and days together make the mean */
	engine = engine_new(&options, MORNING_US - (24 + 9) * 3600 * SECOND_US);
	engine_run(engine, MORNING_US - 9 * 3600 * SECOND_US);
	assert_in_range(seen.received, 86400 / 5 * 9 / 10, 86400 / 5 * 11 / 10);
}

static void every_interface_has_traffic_in_a_day(void **state)
{
	size_t n;
	const struct sim_interface *interfaces = sim_interfaces(&n);
	const struct sim_flow *flows;
	size_t n_flows;

	(void)state;
	flows = sim_flows(&n_flows);
	for (size_t i = 0; i < n; i++) {
		bool used = false;

		for (size_t f = 0; f < n_flows; f++)
			for (int leg = 0; leg < SIM_LEGS && flows[f].legs[leg].interface; leg++)
				used |= strcmp(flows[f].legs[leg].interface, interfaces[i].code) ==
					0;
		if (!used)
			fail_msg("%s is in no process", interfaces[i].code);
	}
}

static void the_estate_holds_together(void **state)
{
	size_t n, n_flows;
	const struct sim_interface *interfaces = sim_interfaces(&n);
	const struct sim_flow *flows = sim_flows(&n_flows);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(sim_system_find(interfaces[i].source));
		assert_non_null(sim_system_find(interfaces[i].target));
		assert_true(!interfaces[i].twin || sim_interface_find(interfaces[i].twin));
	}
	for (size_t f = 0; f < n_flows; f++) {
		assert_true((flows[f].weight > 0) != (flows[f].every_s > 0));
		for (int leg = 0; leg < SIM_LEGS && flows[f].legs[leg].interface; leg++)
			assert_non_null(sim_interface_find(flows[f].legs[leg].interface));
	}
}

/* What each fault leaves in the events, and what must not be there without it. */
static const struct {
	const char *fault, *needle, *needle2;
} marks[] = {
	{"target-down:lab", "ECONNREFUSED", "\"interface\":\"lab-order\""},
	{"mapping-error:po-out", "cost centre 8841", "\"interface\":\"po-out\""},
	{"throttled:payer", "quota of the account", "\"interface\":\"elig-rt\""},
	{"duplicate:adt-out", "\"kind\":\"duplicate\"", "\"interface\":\"adt-out\""},
	{"expired-key:pharmacy", "client certificate expired", "\"interface\":\"rx-order\""},
	{"poison:chg-in", "Traceback", "\"interface\":\"chg-in\""},
	{"bad-signature:stock-repl", "BAD_SIGNATURE", "\"interface\":\"stock-repl\""},
};

static struct faults *one_fault(const char *text, int64_t from_us, int64_t until_us)
{
	struct faults *faults = faults_new(7);
	struct fault fault;
	struct err err = ERR_INIT;

	if (fault_parse(slice_of(text), &fault, &err) < 0)
		fail_msg("%s", err.text);
	fault.from_us = from_us;
	fault.until_us = until_us;
	faults_by_chance(faults, false);
	faults_add(faults, &fault);
	return faults;
}

static void each_fault_leaves_its_mark(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		CLEANUP(faults_freep)
		struct faults *faults = one_fault(marks[i].fault, 0, FAULT_OPEN);

		if (!run(7, faults, 300, 1, marks[i].needle, marks[i].needle2).matches)
			fail_msg("%s leaves no mark", marks[i].fault);
		assert_int_equal(
			run(7, NULL, 300, 1, marks[i].needle, marks[i].needle2).matches, 0);
	}
}

static void a_silent_interface_says_nothing(void **state)
{
	CLEANUP(faults_freep)
	struct faults *faults = one_fault("silent:cold-chain", 0, FAULT_OPEN);
	const char *code = "\"interface\":\"cold-chain\"";

	(void)state;
	assert_int_equal(run(7, faults, 300, 1, code, NULL).matches, 0);
	assert_true(run(7, NULL, 300, 1, code, NULL).matches > 0);
}

static void what_waits_for_a_target_is_retried_and_dies(void **state)
{
	CLEANUP(faults_freep)
	struct faults *faults = one_fault("target-down:lab", 0, FAULT_OPEN);
	const char *code = "\"interface\":\"lab-order\"";

	(void)state;
	assert_true(run(7, faults, 600, 1, code, "\"kind\":\"dead\"").matches > 10);
	assert_true(run(7, faults, 600, 1, code, "\"kind\":\"retry_scheduled\"").matches > 30);
	assert_int_equal(run(7, faults, 600, 1, code, "\"kind\":\"delivered\"").matches, 0);
}

static void a_target_that_comes_back_gets_what_waited(void **state)
{
	CLEANUP(faults_freep)
	struct faults *faults =
		one_fault("target-down:lab", MORNING_US, MORNING_US + 60 * SECOND_US);
	const char *code = "\"interface\":\"lab-order\"";

	(void)state;
	assert_int_equal(run(7, faults, 900, 1, code, "\"kind\":\"dead\"").matches,
		run(7, NULL, 900, 1, code, "\"kind\":\"dead\"").matches);
}

static void a_batch_that_was_held_back_arrives_after_a_restart(void **state)
{
	/* due at 01:15, held until 09:10, and the simulator starts at 09:00 */
	CLEANUP(faults_freep)
	struct faults *faults = one_fault("late-batch:gl-nightly", 0, MORNING_US + 600 * SECOND_US);
	struct seen seen = {.needle = "\"interface\":\"gl-nightly\"", .needle2 = "\"delivered\""};
	const struct engine_options options = {.seed = 7,
		.rate = 0.1,
		.faults = faults,
		.timetable_back_us = 86400 * SECOND_US,
		.emit = see,
		.ctx = &seen};
	CLEANUP(engine_freep)
	struct engine *engine = engine_new(&options, MORNING_US);

	(void)state;
	engine_run(engine, MORNING_US + 600 * SECOND_US);
	assert_int_equal(seen.matches, 0);
	engine_run(engine, MORNING_US + 1800 * SECOND_US);
	assert_int_equal(seen.matches, 1);
}

static void a_wrong_fault_is_named(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"target-dwn:odoo", "did you mean \"target-down\""},
		{"target-down:odo", "unknown system \"odo\""},
		{"silent:odoo", "unknown interface \"odoo\""},
		{"silent:cold-chian", "did you mean \"cold-chain\""},
		{"", "unknown fault"},
		{"target-down", "unknown system"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		struct fault fault;

		assert_true(fault_parse(slice_of(rows[i].text), &fault, &err) < 0);
		if (!strstr(err.text, rows[i].says))
			fail_msg("\"%s\" says: %s", rows[i].text, err.text);
	}
}

static void faults_come_back_from_their_file(void **state)
{
	char path[] = "/tmp/orderly-faults-XXXXXX";
	CLEANUP(faults_freep)
	struct faults *faults = one_fault("slow:ehr", MORNING_US, MORNING_US + 60 * SECOND_US);
	CLEANUP(faults_freep)
	struct faults *back = faults_new(7);
	struct problems problems = PROBLEMS_INIT;
	struct fault open;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fault_parse(SLICE("poison inv-in"), &open, NULL), 0);
	open.from_us = MORNING_US;
	faults_add(faults, &open);
	assert_int_equal(faults_write(faults, path, NULL), 0);
	assert_int_equal(faults_read(back, path, &problems, NULL), 0);
	assert_int_equal(problems.n, 0);
	assert_int_equal(faults_count(back), 2);
	assert_true(faults_at(back, FAULT_POISON, "inv-in", MORNING_US + 86400 * SECOND_US));
	faults_by_chance(back, false);
	assert_true(faults_at(back, FAULT_SLOW, "ehr", MORNING_US + 59 * SECOND_US));
	assert_false(faults_at(back, FAULT_SLOW, "ehr", MORNING_US + 60 * SECOND_US));
	assert_int_equal(faults_clear(back, NULL, MORNING_US + 61 * SECOND_US), 1);
	assert_false(faults_at(back, FAULT_POISON, "inv-in", MORNING_US + 62 * SECOND_US));
	problems_done(&problems);
	close(fd);
	unlink(path);
}

/* With all attempts spent, the last step first; one in four stops after the first. */
static void a_workflow_that_fails_takes_its_steps_back(void **state)
{
	static const char *const steps[] = {
		"\"compensates\":\"order badge\"", "\"compensates\":\"create account\""};
	int n[ARRAY_LEN(steps)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		CLEANUP(faults_freep)
		struct faults *faults = faults_new(7);
		struct fault fault;

		faults_by_chance(faults, false);
		assert_int_equal(fault_parse(SLICE("expired-key:identity"), &fault, NULL), 0);
		fault.from_us = MORNING_US;
		faults_add(faults, &fault);
		n[i] = run(7, faults, 1800, 1, steps[i], "\"interface\":\"onb-out\"").matches;
	}
	assert_true(n[0] > 3);
	assert_true(n[1] > 0 && n[1] < n[0]);
}

static void a_batch_tells_its_records_and_a_webhook_is_acknowledged(void **state)
{
	(void)state;
	assert_true(run(7, NULL, 1200, 1, " out=", "\"interface\":\"dwh-feed\"").matches > 0);
	assert_true(
		run(7, NULL, 300, 1, "\"kind\":\"acknowledged\"", "\"interface\":\"stock-repl\"")
			.matches > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_events),
		cmocka_unit_test(another_seed_gives_others),
		cmocka_unit_test(it_does_not_matter_how_time_is_cut),
		cmocka_unit_test(events_come_in_the_order_of_time),
		cmocka_unit_test(the_rate_is_kept),
		cmocka_unit_test(every_interface_has_traffic_in_a_day),
		cmocka_unit_test(the_estate_holds_together),
		cmocka_unit_test(each_fault_leaves_its_mark),
		cmocka_unit_test(a_silent_interface_says_nothing),
		cmocka_unit_test(what_waits_for_a_target_is_retried_and_dies),
		cmocka_unit_test(a_target_that_comes_back_gets_what_waited),
		cmocka_unit_test(a_batch_that_was_held_back_arrives_after_a_restart),
		cmocka_unit_test(a_workflow_that_fails_takes_its_steps_back),
		cmocka_unit_test(a_batch_tells_its_records_and_a_webhook_is_acknowledged),
		cmocka_unit_test(a_wrong_fault_is_named),
		cmocka_unit_test(faults_come_back_from_their_file),
	};

	return cmocka_run_group_tests_name("sim/engine", tests, NULL, NULL);
}
