/* The guard says found, not found, or that it cannot tell; and the last is never taken for the second. */
#include "../lib/unit.h"
#include "base/str.h"
#include "bench.h"
#include "odoo/guard.h"
#include <stdio.h>
#include <time.h>

#define DAY_S INT64_C(86400)

struct guarded {
	struct bench *bench;
	struct odoo_guard_answer last;
	struct str why;
	/* a purchase order that is there */
	int64_t order, partner, cents;
	char day[16];
	struct str partner_ref;
};

static void on_answer(void *ctx, const struct odoo_guard_answer *answer)
{
	struct guarded *g = ctx;

	g->bench->replies++;
	g->last = *answer;
	str_reset(&g->why);
	str_adds(&g->why, answer->why);
	assert_true(*answer->why);
}

static const struct odoo_guard_answer *guard(struct guarded *g, struct odoo_guard_ask ask)
{
	ask.done = on_answer;
	ask.ctx = g;
	ask.model = ask.model ? ask.model : "purchase.order";
	(void)odoo_guard(g->bench->odoo, &ask);
	bench_wait(g->bench, g->bench->replies + 1);
	return &g->last;
}

static void on_order(void *ctx, const struct odoo_reply *reply)
{
	struct guarded *g = ctx;
	const struct value *order = value_at(reply->result, 0);
	double amount = 0;

	assert_int_equal(reply->class, ODOO_OK);
	assert_true(value_int(value_get(order, "id"), &g->order));
	assert_true(value_many2one(value_get(order, "partner_id"), &g->partner, NULL));
	assert_true(value_real(value_get(order, "amount_total"), &amount) && amount > 0);
	g->cents = (int64_t)(amount * 100 + 0.5);
	(void)snprintf(
		g->day, sizeof(g->day), "%.10s", value_text(value_get(order, "date_order")).at);
	g->bench->replies++;
}

static int setup_with(void **state, int version, const struct odoo_options *options)
{
	struct guarded *g = NEW(struct guarded);

	g->bench = bench_new(version, true, options);
	g->why = STR_INIT(10000);
	(void)odoo_ask(g->bench->odoo,
		&(struct odoo_ask){.model = "purchase.order",
			.method = "search_read",
			.args = {{"domain", SLICE("[[\"partner_ref\",\"=\",\"HO-000003\"]]")},
				{"fields",
					SLICE("[\"partner_id\",\"amount_total\",\"date_order\"]")}},
			.n_args = 2,
			.n_positional = 1,
			.reads = true,
			.done = on_order,
			.ctx = g});
	bench_wait(g->bench, 1);
	*state = g;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, 18, NULL);
}

static int setup_json2(void **state)
{
	return setup_with(state, 19, NULL);
}

static int teardown(void **state)
{
	struct guarded *g = *state;

	bench_free(g->bench);
	str_done(&g->why);
	free(g);
	return 0;
}

static void assert_says(
	const struct guarded *g, const char *what, enum odoo_found found, enum odoo_key by)
{
	if (g->last.found != found || g->last.by != by)
		fail_msg("%s: %s by %s (%s)", what, odoo_found_name(g->last.found),
			odoo_key_name(g->last.by), str_cstr(&g->why));
}

/* ---- the strong keys ------------------------------------------------------------------------------- */

#define TELLS_NOT ODOO_CANNOT_TELL

static const struct {
	const char *model, *external_id, *field, *reference, *also;
	enum odoo_found found;
	enum odoo_key by;
} strong[] = {
	{NULL, "middleware.order_000003", NULL, NULL, NULL, ODOO_FOUND, ODOO_KEY_EXTERNAL_ID},
	{NULL, "middleware.order_999999", NULL, NULL, NULL, ODOO_NOT_FOUND, ODOO_KEY_NONE},
	{NULL, "order_000003", NULL, NULL, NULL, TELLS_NOT, ODOO_KEY_EXTERNAL_ID},
	{NULL, "middleware.", NULL, NULL, NULL, TELLS_NOT, ODOO_KEY_EXTERNAL_ID},
	{NULL, "", NULL, NULL, NULL, TELLS_NOT, ODOO_KEY_EXTERNAL_ID},
	{NULL, "middleware.\xff", NULL, NULL, NULL, TELLS_NOT, ODOO_KEY_EXTERNAL_ID},
	{NULL, "middleware.supplier_00001", NULL, NULL, NULL, TELLS_NOT, ODOO_KEY_EXTERNAL_ID},
	{NULL, NULL, "partner_ref", "HO-000003", NULL, ODOO_FOUND, ODOO_KEY_REFERENCE},
	{NULL, NULL, "partner_ref", " ho-000003\t", NULL, ODOO_FOUND, ODOO_KEY_REFERENCE},
	{NULL, NULL, "partner_ref", "HO-00000", NULL, ODOO_NOT_FOUND, ODOO_KEY_NONE},
	{NULL, NULL, "partner_ref", "HO-00000_", NULL, ODOO_NOT_FOUND, ODOO_KEY_NONE},
	{NULL, NULL, "partner_ref", "HO-%", NULL, ODOO_NOT_FOUND, ODOO_KEY_NONE},
	{NULL, NULL, "partner_ref", "\\", NULL, ODOO_NOT_FOUND, ODOO_KEY_NONE},
	{NULL, NULL, "partner_ref", "\"]]", NULL, ODOO_NOT_FOUND, ODOO_KEY_NONE},
	{NULL, NULL, "partner_ref", "", NULL, TELLS_NOT, ODOO_KEY_REFERENCE},
	{NULL, NULL, "partner_ref", " \n", NULL, TELLS_NOT, ODOO_KEY_REFERENCE},
	{NULL, NULL, "partner_ref", "\xff", NULL, TELLS_NOT, ODOO_KEY_REFERENCE},
	{NULL, NULL, "no_such_field", "HO-000003", NULL, TELLS_NOT, ODOO_KEY_REFERENCE},
	{"no.such.model", NULL, "partner_ref", "HO-000003", NULL, TELLS_NOT, ODOO_KEY_REFERENCE},
	{"ir.config_parameter", NULL, "key", "database.uuid", NULL, TELLS_NOT, ODOO_KEY_REFERENCE},
	{"res.partner", NULL, "ref", "SUP-00020", NULL, ODOO_FOUND,
		ODOO_KEY_REFERENCE}, /* archived */
	{"res.partner", "middleware.supplier_00020", NULL, NULL, NULL, ODOO_FOUND,
		ODOO_KEY_EXTERNAL_ID},
	{NULL, NULL, "partner_ref", "HO-000003", "[[\"state\",\"=\",\"done\"]]", ODOO_NOT_FOUND,
		ODOO_KEY_NONE},
	{NULL, NULL, "partner_ref", "HO-000003", " [ ] ", ODOO_FOUND, ODOO_KEY_REFERENCE},
	{NULL, NULL, "partner_ref", "HO-000003", "[[\"state\"", TELLS_NOT, ODOO_KEY_REFERENCE},
	/* one after the other */
	{NULL, "middleware.order_999999", "partner_ref", "HO-000003", NULL, ODOO_FOUND,
		ODOO_KEY_REFERENCE},
	{NULL, "middleware.order_999999", "partner_ref", "HO-X", NULL, ODOO_NOT_FOUND,
		ODOO_KEY_NONE},
	{NULL, "nonsense", "partner_ref", "HO-X", NULL, TELLS_NOT, ODOO_KEY_EXTERNAL_ID},
	{NULL, "nonsense", "partner_ref", "HO-000003", NULL, ODOO_FOUND, ODOO_KEY_REFERENCE},
	{NULL, "middleware.order_999999", "partner_ref", "", NULL, TELLS_NOT, ODOO_KEY_REFERENCE},
	{NULL, NULL, NULL, NULL, NULL, TELLS_NOT, ODOO_KEY_NONE},
};

static void strong_keys_find_what_is_there(void **state)
{
	struct guarded *g = *state;

	for (size_t i = 0; i < ARRAY_LEN(strong); i++) {
		const struct odoo_guard_answer *answer =
			guard(g, (struct odoo_guard_ask){.model = strong[i].model,
					 .external_id = strong[i].external_id,
					 .reference_field = strong[i].field,
					 .reference = slice_of(strong[i].reference),
					 .also = slice_of(strong[i].also)});
		char what[64];

		(void)snprintf(what, sizeof(what), "row %zu", i);
		assert_says(g, what, strong[i].found, strong[i].by);
		assert_int_equal(answer->n, strong[i].found == ODOO_FOUND ? 1 : 0);
		if (strong[i].found == ODOO_FOUND && !strong[i].model)
			assert_int_equal(answer->ids[0], g->order);
	}
}

static void several_are_counted(void **state)
{
	struct guarded *g = *state;
	struct odoo_guard_ask ask = {.reference_field = "partner_ref", .reference = SLICE("TWICE")};
	CLEANUP(str_done)
	struct str vals = STR_INIT(1000);

	str_addf(&vals, "{\"partner_id\":%lld,\"partner_ref\":\"twice\"}", (long long)g->partner);
	for (int i = 1; i <= 10; i++) {
		assert_int_equal(
			bench_call(g->bench, (struct odoo_ask){.model = "purchase.order",
						     .method = "create",
						     .args = {{"vals_list", str_slice(&vals)}},
						     .n_args = 1,
						     .n_positional = 1}),
			ODOO_OK);
		if (i != 2 && i < 8)
			continue;
		(void)guard(g, ask);
		assert_says(g, "several", ODOO_FOUND, ODOO_KEY_REFERENCE);
		assert_int_equal(g->last.n, i < 8 ? i : 8);
		assert_int_equal(g->last.more, i > 8);
		assert_non_null(strstr(str_cstr(&g->why), "more than once"));
	}
}

/* ---- the weak one ---------------------------------------------------------------------------------- */

static const struct {
	int cents_off, days_off, window;
	const char *date, *partner_reference; /* instead of the right ones */
	int partner_off;
	enum odoo_found found;
} weak[] = {
	{0, 0, 0, NULL, NULL, 0, ODOO_FOUND},
	{1, 0, 0, NULL, NULL, 0, ODOO_NOT_FOUND},
	{-1, 0, 0, NULL, NULL, 0, ODOO_NOT_FOUND},
	{0, 1, 0, NULL, NULL, 0, ODOO_NOT_FOUND},
	{0, -1, 0, NULL, NULL, 0, ODOO_NOT_FOUND},
	{0, 3, 3, NULL, NULL, 0, ODOO_FOUND},
	{0, -3, 3, NULL, NULL, 0, ODOO_FOUND},
	{0, 4, 3, NULL, NULL, 0, ODOO_NOT_FOUND},
	{0, 0, 3, NULL, NULL, 1, ODOO_NOT_FOUND},
	{0, 0, 3, NULL, "SUP-NONE", 0, TELLS_NOT},
	{0, 0, 3, NULL, "", 0, TELLS_NOT},
	{0, 0, 3, NULL, "own", 0, ODOO_FOUND},
	{0, 0, 0, "2026-02-30", NULL, 0, TELLS_NOT},
	{0, 0, 0, "21.11.2026", NULL, 0, TELLS_NOT},
	{0, 0, 0, "", NULL, 0, TELLS_NOT},
	{0, 0, -1, NULL, NULL, 0, TELLS_NOT},
	{0, 0, ODOO_GUARD_WINDOW_MAX + 1, NULL, NULL, 0, TELLS_NOT},
};

static void shift_day(const char *day, int by, char out[16])
{
	struct tm tm = {0};
	time_t s;

	assert_non_null(strptime(day, "%Y-%m-%d", &tm));
	s = timegm(&tm) + by * DAY_S;
	gmtime_r(&s, &tm);
	(void)strftime(out, 16, "%Y-%m-%d", &tm);
}

static struct odoo_guard_ask looks(const struct guarded *g)
{
	return (struct odoo_guard_ask){.amount_field = "amount_total",
		.date_field = "date_order",
		.partner_field = "partner_id",
		.partner_id = g->partner,
		.amount_cents = g->cents,
		.date = slice_of(g->day)};
}

static void looks_are_compared_by_meaning(void **state)
{
	struct guarded *g = *state;
	char own[32];

	/* What people call it is no key; its reference is. The seed gives both the same number. */
	assert_int_equal(
		bench_call(g->bench,
			(struct odoo_ask){.model = "res.partner",
				.method = "search",
				.args = {{"domain", SLICE("[[\"ref\",\"=\",\"SUP-00001\"]]")}},
				.n_args = 1,
				.n_positional = 1,
				.reads = true}),
		ODOO_OK);
	(void)snprintf(own, sizeof(own), "SUP-%05d", (int)(g->partner - g->bench->number + 1));
	for (size_t i = 0; i < ARRAY_LEN(weak); i++) {
		struct odoo_guard_ask ask = looks(g);
		const char *ref = weak[i].partner_reference;
		char day[16], what[64];

		shift_day(g->day, weak[i].days_off, day);
		ask.date = slice_of(weak[i].date ? weak[i].date : day);
		ask.amount_cents += weak[i].cents_off;
		ask.window_days = weak[i].window;
		ask.partner_id = ref ? 0 : g->partner + weak[i].partner_off;
		ask.partner_reference_field = "ref";
		ask.partner_reference = slice_of(ref && strcmp(ref, "own") == 0 ? own : ref);
		(void)guard(g, ask);
		(void)snprintf(what, sizeof(what), "row %zu", i);
		assert_says(g, what, weak[i].found,
			weak[i].found == ODOO_NOT_FOUND ? ODOO_KEY_NONE : ODOO_KEY_LOOKS);
	}
}

/* Its reference is not there, but one that looks the same is: neither found nor not found. */
static void looks_against_a_reference_is_for_a_person(void **state)
{
	struct guarded *g = *state;
	struct odoo_guard_ask ask = looks(g);

	ask.reference_field = "partner_ref";
	ask.reference = SLICE("HO-999999");
	(void)guard(g, ask);
	assert_says(g, "looks", ODOO_CANNOT_TELL, ODOO_KEY_LOOKS);
	assert_int_equal(g->last.n, 1);
	assert_int_equal(g->last.ids[0], g->order);
	ask.reference = SLICE("HO-000003");
	(void)guard(g, ask);
	assert_says(g, "reference", ODOO_FOUND, ODOO_KEY_REFERENCE);
}

/* ---- what goes wrong --------------------------------------------------------------------------------- */

static void no_fault_is_taken_for_not_found(void **state)
{
	static const struct {
		const char *fault;
		enum odoo_class class;
	} faults[] = {{"error", ODOO_FAULT}, {"html", ODOO_GARBLED}, {"garbled", ODOO_GARBLED},
		{"serialization", ODOO_BUSY}, {"lock", ODOO_BUSY}, {"denied", ODOO_DENIED},
		{"close-after-commit", ODOO_UNREACHABLE}, {"timeout-after-commit", ODOO_TIMEOUT}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		void *own = NULL;
		struct guarded *g;

		assert_int_equal(setup(&own), 0);
		g = own;
		bench_fault(g->bench, faults[i].fault);
		(void)guard(g,
			(struct odoo_guard_ask){.reference_field = "partner_ref",
				.reference = SLICE("HO-X"),
				.deadline_us = faults[i].class == ODOO_TIMEOUT ? 100 * MS_US : 0});
		assert_says(g, faults[i].fault, ODOO_CANNOT_TELL, ODOO_KEY_REFERENCE);
		assert_int_equal(g->last.class, faults[i].class);
		assert_int_equal(teardown(&own), 0);
	}
}

static void one_key_that_fails_leaves_the_others(void **state)
{
	struct guarded *g = *state;

	bench_fault(g->bench, "serialization:1");
	(void)guard(g, (struct odoo_guard_ask){.external_id = "middleware.order_000003",
			       .reference_field = "partner_ref",
			       .reference = SLICE("HO-000003")});
	assert_says(g, "then found", ODOO_FOUND, ODOO_KEY_REFERENCE);
	bench_fault(g->bench, "serialization:1");
	(void)guard(g, (struct odoo_guard_ask){.external_id = "middleware.order_000003",
			       .reference_field = "partner_ref",
			       .reference = SLICE("HO-X")});
	assert_says(g, "then not found", ODOO_CANNOT_TELL, ODOO_KEY_EXTERNAL_ID);
}

static void dropped_guards_never_answer(void **state)
{
	struct guarded *g = *state;
	const struct odoo_guard_ask ask = {.model = "purchase.order",
		.external_id = "middleware.order_000003",
		.done = on_answer,
		.ctx = g};
	int replies = g->bench->replies, calls = bench_counts(g->bench).calls;
	struct odoo_guard *late;

	odoo_guard_drop(odoo_guard(g->bench->odoo, &ask));
	bench_fault(g->bench, "slow=50");
	late = odoo_guard(g->bench->odoo, &ask);
	while (bench_counts(g->bench).calls == calls)
		loop_turn(g->bench->loop, S_US);
	odoo_guard_drop(late);
	bench_fault(g->bench, "clear");
	assert_true(bench_count_partners(g->bench, "SUP-00001") == 1);
	assert_int_equal(g->bench->replies, replies + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(strong_keys_find_what_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
			strong_keys_find_what_is_there, setup_json2, teardown),
		cmocka_unit_test_setup_teardown(several_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(looks_are_compared_by_meaning, setup, teardown),
		cmocka_unit_test_setup_teardown(
			looks_against_a_reference_is_for_a_person, setup, teardown),
		cmocka_unit_test(no_fault_is_taken_for_not_found),
		cmocka_unit_test_setup_teardown(
			one_key_that_fails_leaves_the_others, setup, teardown),
		cmocka_unit_test_setup_teardown(dropped_guards_never_answer, setup, teardown),
	};

	return RUN(tests);
}
