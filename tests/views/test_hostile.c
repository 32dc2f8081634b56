/* Every text column of every view, filled with texts that try to do something: nothing acts, nothing
 * is pushed out of its place. */
#include "../lib/hostile.h"
#include "../lib/unit.h"
#include "../lib/viewbench.h"
#include "base/text.h"
#include "views/views.h"
#include <stdio.h>

struct column_row {
	const char *name, *type, *value;
};

static const struct column_row overview[] = {
	{"interface", "text", "po-out"}, {"title", "text", "Orders"}, {"source", "text", "Odoo"},
	{"target", "text", "GHX"}, {"state", "text", "failing"}, {"waiting", "int", "3"},
	{"running", "int", "1"}, {"retrying", "int", "12"}, {"dead", "int", "17"},
	{"oldest_dead", "time", "1773469080000000"}, {"in_per_min", "real", "41.5"},
	{"done_1h", "int", "2400"}, {"failed_1h", "int", "130"},
	{"last_at", "time", "1773480598000000"}, {"owner", "text", "ana.ruiz"}, {"tier", "int", "1"},
	{"spark", "text", "1,2,3"},
};

static const struct column_row tail[] = {
	{"era", "text", "e1"}, {"xid", "text", "100"}, {"seq", "int", "1"},
	{"at", "time", "1773480598000000"}, {"arrived", "time", "1773480598000000"},
	{"interface", "text", "po-out"}, {"kind", "text", "failed"}, {"state", "text", "dead"},
	{"correlation", "text", "7f3a"}, {"business_key", "text", "PO-1"}, {"facility", "text", "H01"},
	{"partner", "text", "GHX"}, {"attempt", "int", "3"}, {"class", "text", "mapping"},
	{"text", "text", "422"}, {"message", "text", "m-1"}, {"key", "text", "00ff"},
};

static const struct column_row events[] = {
	{"transaction", "int", "7"}, {"interface", "text", "po-out"}, {"source", "text", "odoo"},
	{"target", "text", "ghx"}, {"message", "text", "m-1"}, {"parent", "text", "m-0"},
	{"facility", "text", "H01"}, {"leg_state", "text", "dead"}, {"kind", "text", "failed"},
	{"at", "time", "1773480598000000"}, {"attempt", "int", "3"}, {"stage", "text", "call"},
	{"component", "text", "broker"}, {"duration_ms", "int", "30"}, {"http_status", "int", "422"},
	{"due_at", "time", "1773480598000000"}, {"native_state", "text", "E7"},
	{"class", "text", "mapping"}, {"code", "text", "422"}, {"text", "text", "unknown"},
	{"target_model", "text", "purchase.order"}, {"target_ref", "text", "P1"},
	{"undoes", "text", "reserve"}, {"trace", "text", "t-1"}, {"idempotency_key", "text", "i-1"},
	{"key", "text", "00ff"},
};

static const struct column_row head[] = {
	{"id", "int", "7"}, {"interface", "text", "po-out"}, {"title", "text", "Orders"},
	{"source", "text", "odoo"}, {"target", "text", "ghx"}, {"data_class", "text", "phi"},
	{"owner", "text", "ana.ruiz"}, {"runbook", "text", "wiki"}, {"message", "text", "m-1"},
	{"correlation", "text", "7f3a"}, {"parent", "text", "m-0"}, {"business_key", "text", "PO-1"},
	{"entity", "text", "order"}, {"facility", "text", "H01"}, {"partner", "text", "GHX"},
	{"partner_ref", "text", "R1"}, {"ordering_key", "text", "o-1"}, {"state", "text", "dead"},
	{"native_state", "text", "E7"}, {"attempt", "int", "3"}, {"first_at", "time", "1773480598000000"},
	{"last_at", "time", "1773480598000000"}, {"due_at", "time", "1773480598000000"},
	{"overdue", "bool", "t"}, {"events", "int", "3"}, {"failures", "int", "1"},
	{"class", "text", "mapping"}, {"code", "text", "422"}, {"text", "text", "unknown"},
	{"letter", "text", "open"}, {"letter_owner", "text", "ana"},
	{"snoozed_until", "time", "1773480598000000"}, {"failed_again", "int", "1"},
	{"signature", "text", "unknown"}, {"replayed_as", "int", "8"}, {"hidden", "int", "1"},
	{"note", "text", "seen"},
};

static const struct column_row payloads[] = {
	{"key", "text", "00ff"}, {"at", "time", "1773480598000000"}, {"event", "text", "failed"},
	{"attempt", "int", "1"}, {"kind", "text", "inbound"}, {"content_type", "text", "text/csv"},
	{"headers", "text", "{}"}, {"body", "text", "a,b"}, {"bytes", "int", "3"},
	{"how", "text", "masked"}, {"why", "text", "rules"},
};

static const struct {
	const struct view_ops *ops;
	const char *question;
	const struct column_row *columns;
	size_t n;
	const char *keys; /* so that all of it is shown */
} views[] = {
	{&view_overview, "overview", overview, ARRAY_LEN(overview), ""},
	{&view_tail, "tail-start", tail, ARRAY_LEN(tail), "k"},
	{&view_transaction, "transaction-events", events, ARRAY_LEN(events), "e"},
	{&view_transaction, "transaction", head, ARRAY_LEN(head), "i"},
	{&view_transaction, "transaction-payloads", payloads, ARRAY_LEN(payloads), "k"},
	{&view_transaction, "transaction-payloads", payloads, ARRAY_LEN(payloads), "d r"},
};

/* Three rows, the middle one with that text in that column (n: in all of them). */
static void write_answer(const struct column_row *columns, size_t n, size_t column, const char *text,
	struct str *out)
{
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s%s:%s", i ? "\t" : "", columns[i].name, columns[i].type);
	str_addc(out, '\n');
	for (int row = 0; row < 3; row++) {
		for (size_t i = 0; i < n; i++) {
			bool here = row == 1 && (column == i || column == n) &&
				    strcmp(columns[i].type, "text") == 0;

			str_addf(out, "%s%s", i ? "\t" : "", here ? text : columns[i].value);
		}
		str_addc(out, '\n');
	}
}

static void check_looks(struct viewbench *bench, const char *what)
{
	static const struct look looks[] = {
		{80, 24, 256, false, false},
		{200, 50, 1 << 24, false, false},
		{120, 40, 0, true, false},
		{40, 12, 16, false, false},
		{20, 4, 16, false, false},
		{10, 3, 16, false, false},
		{1, 1, 16, false, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		viewbench_inert(bench, looks[i], what);
}

/* What the next bench is opened on. */
static struct {
	const char *question, *text;
	const char *events, *head, *payloads; /* of a transaction, where they are not asked about */
} next;

static void script_next(struct script *script)
{
	script_answer(script, "tail-horizon",
		"era:text\txid:text\theld_s:real\tpid:int\twho:text\twhat:text\n"
		"e1\t104\t9\t7\tana\x1b[31m\xe2\x80\xae\t\x9b\n");
	script_answer(script, "tail", "era:text\n");
	script_answer(script, "transaction-events", next.events);
	script_answer(script, "transaction", next.head);
	script_answer(script, "transaction-payloads", next.payloads);
	script_answer(script, next.question, next.text);
}

static void open_on(struct viewbench *bench, const struct view_ops *ops, const char *question,
	const char *answer)
{
	next.question = question;
	next.text = answer;
	viewbench_open(bench, ops, script_next);
	if (ops->aim)
		ops->aim(bench->view, SLICE("7"));
	viewbench_settle(bench);
}

static void check(size_t view, size_t column, const char *text)
{
	CLEANUP(str_done) struct str answer = STR_INIT(1 << 20), what = STR_INIT(4096);
	struct viewbench bench;

	write_answer(views[view].columns, views[view].n, column, text, &answer);
	str_addf(&what, "%s, column %zu", views[view].question, column);
	open_on(&bench, views[view].ops, views[view].question, str_cstr(&answer));
	viewbench_press(&bench, views[view].keys);
	check_looks(&bench, str_cstr(&what));
	viewbench_close(&bench);
}

/* Answers without anything hostile in them, for the questions that stand beside the one in question. */
static int set_up(void **state)
{
	static struct str events_text = {.cap = 1 << 16}, head_text = {.cap = 1 << 16},
			  payloads_text = {.cap = 1 << 16};

	(void)state;
	write_answer(events, ARRAY_LEN(events), SIZE_MAX, "", &events_text);
	write_answer(head, ARRAY_LEN(head), SIZE_MAX, "", &head_text);
	write_answer(payloads, ARRAY_LEN(payloads), SIZE_MAX, "", &payloads_text);
	next.events = str_cstr(&events_text);
	next.head = str_cstr(&head_text);
	next.payloads = str_cstr(&payloads_text);
	return 0;
}

static void no_text_in_any_column_acts_or_moves_anything(void **state)
{
	(void)state;
	for (size_t view = 0; view < ARRAY_LEN(views); view++) {
		for (size_t column = 0; column <= views[view].n; column++) {
			if (column < views[view].n &&
				strcmp(views[view].columns[column].type, "text") != 0)
				continue;
			for (size_t i = 0; i < ARRAY_LEN(hostile_valid); i++)
				check(view, column, hostile_valid[i]);
			for (size_t i = 0; i < ARRAY_LEN(hostile_invalid); i++)
				check(view, column, hostile_invalid[i]);
		}
	}
}

/* What stands right of a hostile cell stands where it always does. */
static void columns_beside_hostile_text_stay_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile_valid); i++) {
		CLEANUP(str_done) struct str answer = STR_INIT(1 << 20), screen = STR_INIT(1 << 20);
		struct viewbench bench;
		struct slice rest, line;
		int at[3], n = 0;

		write_answer(overview, ARRAY_LEN(overview), 0, hostile_valid[i], &answer);
		open_on(&bench, &view_overview, "overview", str_cstr(&answer));
		viewbench_dump(&bench, (struct look){80, 24, 256, false, false}, &screen);
		rest = str_slice(&screen);
		while (n < 3 && slice_cut(&rest, '\n', &line)) {
			const char *state_at = memmem(line.at, line.len, "✗", 3);

			if (state_at)
				at[n++] = text_width(slice_head(line, (size_t)(state_at - line.at)));
		}
		assert_int_equal(n, 3);
		if (at[0] != at[1] || at[1] != at[2])
			fail_msg("\"%s\" moves what is beside it\n%s", hostile_valid[i], str_cstr(&screen));
		viewbench_close(&bench);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_text_in_any_column_acts_or_moves_anything),
		cmocka_unit_test(columns_beside_hostile_text_stay_in_place),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
