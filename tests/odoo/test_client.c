/* The client against a simulated Odoo: finding the protocol, one login, deadlines, cancel, repeating. */
#include "../lib/unit.h"
#include "base/str.h"
#include "bench.h"
#include "odoo/read.h"
#include <stdio.h>

#define COUNT_ALL                                                                                \
	(struct odoo_ask)                                                                        \
	{                                                                                        \
		.model = "res.partner", .method = "search_count",                                \
		.args = {{"domain", SLICE("[]")}}, .n_args = 1, .n_positional = 1, .reads = true \
	}

static struct odoo_ask create(const char *vals)
{
	return (struct odoo_ask){.model = "res.partner",
		.method = "create",
		.args = {{"vals_list", slice_of(vals)}},
		.n_args = 1,
		.n_positional = 1};
}

/* ---- finding out ---------------------------------------------------------------------------------- */

static const struct {
	int version;
	bool key;
	enum odoo_protocol asked, found;
	int logins; /* of JSON-RPC: JSON-2 has none */
} protocols[] = {
	{18, false, ODOO_PROBE, ODOO_JSONRPC, 1},
	{18, true, ODOO_PROBE, ODOO_JSONRPC, 1},
	{18, true, ODOO_JSONRPC, ODOO_JSONRPC, 1},
	{19, true, ODOO_PROBE, ODOO_JSON2, 0},
	{19, false, ODOO_PROBE, ODOO_JSONRPC, 1}, /* a password is no key */
	{19, true, ODOO_JSONRPC, ODOO_JSONRPC, 1},
	{22, true, ODOO_PROBE, ODOO_JSON2, 0},
};

static void protocol_is_found_by_asking(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		const struct odoo_options options = {.protocol = protocols[i].asked};
		struct bench *bench = bench_new(protocols[i].version, protocols[i].key, &options);
		const struct odoo_known *known = odoo_known(bench->odoo);
		char version[16];

		(void)snprintf(version, sizeof(version), "%d.0", protocols[i].version);
		assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_OK);
		assert_true(bench->number > 40);
		assert_int_equal(known->protocol, protocols[i].found);
		assert_int_equal(known->uid, 9);
		assert_string_equal(known->version, version);
		assert_true(known->has_clock && known->latency_us > 0);
		assert_in_range(known->clock_ahead_us + 5 * S_US, 0, 10 * S_US);
		assert_int_equal(bench_counts(bench).logins, protocols[i].logins);
		bench_free(bench);
	}
}

static const struct {
	int version;
	enum odoo_protocol asked;
	const char *database, *secret;
	enum odoo_class class;
	const char *says;
} refusals[] = {
	{18, ODOO_PROBE, NULL, "wrong", ODOO_DENIED, "does not accept"},
	{18, ODOO_PROBE, "nowhere", NULL, ODOO_DATABASE, "no database"},
	{18, ODOO_JSON2, NULL, NULL, ODOO_OFF, "JSON-2 is not offered"},
	{19, ODOO_JSON2, "nowhere", NULL, ODOO_DATABASE, "no database"},
	{19, ODOO_JSON2, NULL, "wrong", ODOO_DENIED, "Invalid apikey"},
	{22, ODOO_JSONRPC, NULL, NULL, ODOO_OFF, "neither"},
	{22, ODOO_PROBE, NULL, "wrong", ODOO_DENIED, "JSON-RPC is switched off"},
};

static void refused_logins_have_a_class_and_are_remembered(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct odoo_options options = {
			.protocol = refusals[i].asked, .database = refusals[i].database};
		struct bench *bench = bench_new(refusals[i].version, true, &options);
		int logins;

		if (refusals[i].secret)
			bench_secret(bench, refusals[i].secret);
		assert_int_equal(bench_call(bench, COUNT_ALL), refusals[i].class);
		if (!strstr(str_cstr(&bench->message), refusals[i].says))
			fail_msg("%zu: \"%s\"", i, str_cstr(&bench->message));
		logins = bench_counts(bench).logins;
		assert_int_equal(bench_call(bench, COUNT_ALL), refusals[i].class);
		assert_int_equal(bench_counts(bench).logins, logins);
		assert_int_equal(bench_counts(bench).calls, 0);
		bench_free(bench);
	}
}

static void secret_that_cannot_be_read_is_told(void **state)
{
	const struct odoo_options options = {.secret = {.file = "/nonexistent/key"}};
	struct bench *bench = bench_new(18, false, &options);

	(void)state;
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_DENIED);
	assert_non_null(strstr(str_cstr(&bench->message), "/nonexistent/key"));
	bench_free(bench);
}

/* ---- one login ------------------------------------------------------------------------------------ */

static void many_calls_share_one_login(void **state)
{
	struct bench *bench = bench_new(18, false, NULL);

	(void)state;
	for (int i = 0; i < 50; i++)
		(void)bench_ask(bench, COUNT_ALL);
	bench_wait(bench, 50);
	assert_int_equal(bench->class, ODOO_OK);
	assert_int_equal(bench_counts(bench).logins, 1);
	assert_int_equal(bench_counts(bench).calls, 50);
	bench_free(bench);
}

/* A write may go again too: what was refused was not done. */
static void denied_later_the_secret_is_fetched_anew(void **state)
{
	struct bench *bench = bench_new(18, false, NULL);

	(void)state;
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_OK);
	bench_fault(bench, "denied:1");
	bench_secret(bench, odoo_sim_key(bench->sim, "integ_ops"));
	assert_int_equal(bench_call(bench, create("{\"name\":\"A\",\"ref\":\"ANEW\"}")), ODOO_OK);
	assert_int_equal(bench_counts(bench).logins, 2);
	assert_int_equal(bench_count_partners(bench, "ANEW"), 1);
	bench_free(bench);
}

static void denied_for_good_ends(void **state)
{
	struct bench *bench = bench_new(18, false, NULL);

	(void)state;
	bench_fault(bench, "denied");
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_DENIED);
	assert_int_equal(bench_counts(bench).logins, 2);
	assert_int_equal(bench_counts(bench).calls, 2);
	bench_free(bench);
}

/* ---- repeating ------------------------------------------------------------------------------------ */

static const struct {
	const char *fault;
	int version, retries;
	bool reads;
	enum odoo_class class;
	int tries;
	bool in_doubt;
	int64_t made;
} faults[] = {
	{"serialization:2", 18, 2, true, ODOO_OK, 3, false, 0},
	{"serialization:2", 19, 2, true, ODOO_OK, 3, false, 0},
	{"serialization:2", 18, 1, true, ODOO_BUSY, 2, false, 0},
	{"lock:1", 19, 2, true, ODOO_OK, 2, false, 0},
	{"error:1", 18, 2, true, ODOO_FAULT, 1, false, 0},
	{"html:1", 18, 2, true, ODOO_GARBLED, 1, false, 0},
	{"garbled:1", 18, 2, true, ODOO_GARBLED, 1, false, 0},
	{"close-after-commit:1", 18, 2, true, ODOO_OK, 2, false, 0},
	/* What may change something goes once. */
	{"serialization:1", 18, 2, false, ODOO_BUSY, 1, false, 0},
	{"lock:1", 18, 2, false, ODOO_BUSY, 1, false, 0},
	{"lock:1", 19, 2, false, ODOO_BUSY, 1, false, 0},
	{"error:1", 18, 2, false, ODOO_FAULT, 1, true, 0},
	{"html:1", 18, 2, false, ODOO_GARBLED, 1, true, 0},
	{"garbled:1", 18, 2, false, ODOO_GARBLED, 1, true, 1},
	{"close-after-commit:1", 18, 2, false, ODOO_UNREACHABLE, 1, true, 1},
};

static void only_reads_are_repeated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		const struct odoo_options options = {.retries = faults[i].retries};
		struct bench *bench = bench_new(faults[i].version, true, &options);

		assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_OK);
		bench_fault(bench, faults[i].fault);
		(void)bench_call(bench,
			faults[i].reads ? COUNT_ALL : create("{\"name\":\"F\",\"ref\":\"FAULT\"}"));
		if (bench->class != faults[i].class || bench->tries != faults[i].tries ||
			bench->in_doubt != faults[i].in_doubt)
			fail_msg("%s: %s after %d, %s: %s", faults[i].fault,
				odoo_class_name(bench->class), bench->tries,
				bench->in_doubt ? "in doubt" : "sure", str_cstr(&bench->message));
		bench_fault(bench, "clear");
		assert_int_equal(bench_count_partners(bench, "FAULT"), faults[i].made);
		bench_free(bench);
	}
}

static void login_is_tried_again_for_a_read(void **state)
{
	const struct odoo_options options = {.retries = 0};
	const struct odoo_options again = {.retries = 2};
	struct bench *bench = bench_new(18, false, &options);

	(void)state;
	bench_fault(bench, "error:1");
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_FAULT);
	assert_int_equal(bench->tries, 0);
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_OK);
	bench_free(bench);

	bench = bench_new(18, false, &again);
	web_close(bench->web);
	bench->web = NULL;
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_UNREACHABLE);
	assert_int_equal(bench_call(bench, create("{\"name\":\"N\"}")), ODOO_UNREACHABLE);
	assert_false(bench->in_doubt);
	bench_free(bench);
}

/* ---- deadlines and cancelling ---------------------------------------------------------------------- */

static void what_hangs_runs_out_of_time(void **state)
{
	struct bench *bench = bench_new(18, false, NULL);
	struct odoo_ask ask = COUNT_ALL, write = create("{\"name\":\"T\",\"ref\":\"LATE\"}");
	int writes;

	(void)state;
	ask.deadline_us = 200 * MS_US;
	bench_fault(bench, "timeout");
	assert_int_equal(bench_call(bench, ask), ODOO_TIMEOUT); /* at the login */
	bench_fault(bench, "clear");
	assert_int_equal(bench_call(bench, write), ODOO_OK);
	bench_fault(bench, "timeout-after-commit:1");
	write.deadline_us = S_US;
	assert_int_equal(bench_call(bench, write), ODOO_TIMEOUT);
	/* On a machine that took a second to get there it was not done, and that is known. */
	writes = bench_counts(bench).writes;
	assert_true(bench->in_doubt || writes == 1);
	bench_fault(bench, "clear");
	assert_int_equal(bench_count_partners(bench, "LATE"), writes);
	bench_free(bench);
}

static void cancelled_calls_answer_once_and_dropped_ones_never(void **state)
{
	struct bench *bench = bench_new(18, false, NULL);
	uint64_t ticket = bench_ask(bench, COUNT_ALL);

	(void)state;
	odoo_cancel(bench->odoo, ticket);
	bench_wait(bench, 1);
	assert_int_equal(bench->class, ODOO_CANCELED);
	odoo_drop(bench->odoo, bench_ask(bench, COUNT_ALL));
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_OK);
	assert_int_equal(bench->replies, 2);

	bench_fault(bench, "timeout");
	ticket = bench_ask(bench, COUNT_ALL);
	while (bench_counts(bench).calls < 1)
		loop_turn(bench->loop, S_US);
	loop_turn(bench->loop, 10 * MS_US);
	odoo_cancel(bench->odoo, ticket);
	bench_wait(bench, 3);
	assert_int_equal(bench->class, ODOO_CANCELED);
	(void)bench_ask(bench, COUNT_ALL); /* freed under way */
	loop_turn(bench->loop, 10 * MS_US);
	bench_free(bench);
}

/* ---- bad input ------------------------------------------------------------------------------------- */

static void bad_requests_do_not_leave_the_house(void **state)
{
	struct bench *bench = bench_new(18, false, NULL);
	struct odoo_ask ask = COUNT_ALL;

	(void)state;
	assert_int_equal(bench_call(bench, COUNT_ALL), ODOO_OK);
	ask.args[0].json = SLICE("[[\"ref\",\"=\",\"\xff\"]]");
	assert_int_equal(bench_call(bench, ask), ODOO_CALL);
	ask.args[0].json = SLICE("[");
	assert_int_equal(bench_call(bench, ask), ODOO_CALL);
	ask = COUNT_ALL;
	ask.method = "../../web";
	assert_int_equal(bench_call(bench, ask), ODOO_CALL);
	assert_int_equal(bench_counts(bench).calls, 1);
	bench_free(bench);
}

/* ---- fields and pages ------------------------------------------------------------------------------ */

static void on_fields(
	void *ctx, const struct odoo_reply *reply, const struct odoo_field *fields, size_t n)
{
	struct bench *bench = ctx;

	assert_int_equal(reply->class, ODOO_OK);
	assert_int_equal(n, 4);
	assert_string_equal(fields[0].type, "char");
	assert_string_equal(fields[1].name, "no_such_field");
	assert_null(fields[1].type);
	assert_string_equal(fields[2].relation, "res.country");
	assert_null(fields[3].type); /* not for this user */
	bench->replies++;
}

static void fields_that_are_not_there_are_told(void **state)
{
	static const char *const names[] = {"name", "no_such_field", "country_id", "signup_type"};

	(void)state;
	for (int version = 18; version <= 19; version++) {
		struct bench *bench = bench_new(version, true, NULL);

		(void)odoo_fields(bench->odoo, "res.partner", names, 4, on_fields, bench);
		bench_wait(bench, 1);
		bench_free(bench);
	}
}

struct paged {
	struct bench *bench;
	size_t pages, n, stop_after;
	bool cut;
};

static bool on_records(void *ctx, const struct value *records, size_t n)
{
	struct paged *paged = ctx;

	assert_true(n > 0 && value_text(value_get(&records[0], "name")).len > 0);
	paged->pages++;
	return paged->pages != paged->stop_after;
}

static void on_pages_done(void *ctx, const struct odoo_reply *reply, size_t n, bool cut)
{
	struct paged *paged = ctx;

	assert_int_equal(reply->class, ODOO_OK);
	paged->n = n;
	paged->cut = cut;
	paged->bench->replies++;
}

static const struct {
	const char *domain;
	size_t page, most, stop_after, n, pages;
	bool cut;
} pagings[] = {
	{"[[\"ref\",\"=like\",\"SUP-%\"]]", 10, 0, 0, 48, 5, false},
	{"[\"|\",[\"ref\",\"=\",\"SUP-00001\"],[\"ref\",\"=\",\"SUP-00002\"]]", 10, 0, 0, 2, 1,
		false},
	{"[[\"ref\",\"=like\",\"SUP-%\"]]", 10, 25, 0, 25, 3, true},
	{"[[\"ref\",\"=like\",\"SUP-%\"]]", 48, 48, 0, 48, 1, false},
	{"[[\"ref\",\"=like\",\"SUP-%\"]]", 10, 0, 2, 20, 2, true},
	{"[[\"ref\",\"=\",\"NONE\"]]", 10, 0, 0, 0, 0, false},
	{"[]", 7, 14, 0, 14, 2, true},
};

static void pages_come_by_id_up_to_the_limit(void **state)
{
	static const char *const names[] = {"name"};
	struct bench *bench = bench_new(18, false, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pagings); i++) {
		struct paged paged = {.bench = bench, .stop_after = pagings[i].stop_after};

		(void)odoo_pages(bench->odoo, &(struct odoo_pages_ask){.model = "res.partner",
						      .domain = slice_of(pagings[i].domain),
						      .fields = names,
						      .n_fields = 1,
						      .page = pagings[i].page,
						      .most = pagings[i].most,
						      .records = on_records,
						      .done = on_pages_done,
						      .ctx = &paged});
		bench_wait(bench, (int)i + 1);
		if (paged.n != pagings[i].n || paged.pages != pagings[i].pages ||
			paged.cut != pagings[i].cut)
			fail_msg("%zu: %zu in %zu pages, %s", i, paged.n, paged.pages,
				paged.cut ? "cut" : "whole");
	}
	bench_free(bench);
}

static void dates_are_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		int64_t s; /* -1: no date */
	} dates[] = {
		{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
		{"Sat, 21 Nov 2026 15:00:00 GMT", 1795273200},
		{"Sun, 06 Nov 1994 08:49:37 UTC", -1},
		{"Sun, 06 Nox 1994 08:49:37 GMT", -1},
		{"Sun, 6 Nov 1994 08:49:37 GMT", -1},
		{"Sun, 00 Nov 1994 08:49:37 GMT", -1},
		{"Sunday, 06-Nov-94 08:49:37 GMT", -1},
		{"", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		int64_t us = -S_US;

		assert_int_equal(odoo_http_date(slice_of(dates[i].text), &us), dates[i].s >= 0);
		assert_int_equal(us, dates[i].s * S_US);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocol_is_found_by_asking),
		cmocka_unit_test(refused_logins_have_a_class_and_are_remembered),
		cmocka_unit_test(secret_that_cannot_be_read_is_told),
		cmocka_unit_test(many_calls_share_one_login),
		cmocka_unit_test(denied_later_the_secret_is_fetched_anew),
		cmocka_unit_test(denied_for_good_ends),
		cmocka_unit_test(only_reads_are_repeated),
		cmocka_unit_test(login_is_tried_again_for_a_read),
		cmocka_unit_test(what_hangs_runs_out_of_time),
		cmocka_unit_test(cancelled_calls_answer_once_and_dropped_ones_never),
		cmocka_unit_test(bad_requests_do_not_leave_the_house),
		cmocka_unit_test(fields_that_are_not_there_are_told),
		cmocka_unit_test(pages_come_by_id_up_to_the_limit),
		cmocka_unit_test(dates_are_read_or_refused),
	};

	return RUN(tests);
}
