/* The text of an interface's page: what it is, who answers for it, how it is handled, how its workflow
 * and its deliveries went of late, its versions.
 * How facts look is text.c's.
 * Called by the page. */
#include "base/mem.h"
#include "interface_part.h"
#include "model/format.h"
#include "sla_part.h"
#include <string.h>

#define RUNS_MAX 8

static void add_identity(struct text *text, const struct rows *rows)
{
	static const struct fact what[] = {
		{"title", "title", AS_TEXT},
		{"lifecycle", "lifecycle", AS_TEXT},
		{"twin", "legacy twin", AS_TEXT},
		{"source_title", "from", AS_TEXT},
		{"target_title", "to", AS_TEXT},
		{"style", "style", AS_TEXT},
		{"timing", "timing", AS_TEXT},
		{"timing_why", "because", AS_TEXT},
		{"tier", "tier", AS_COUNT},
		{"entity", "entity", AS_TEXT},
		{"system_of_record", "system of record", AS_TEXT},
		{"contract", "contract", AS_TEXT},
		{"data_class", "data class", AS_TEXT},
		{"endpoint", "endpoint", AS_TEXT},
		{"note", "note", AS_TEXT},
	};
	static const struct fact who[] = {
		{"business_owner", "business owner", AS_TEXT},
		{"technical_owner", "technical owner", AS_TEXT},
		{"team", "support team", AS_TEXT},
		{"runbook", "runbook", AS_TEXT},
		{"source_vendor", "vendor of source", AS_TEXT},
		{"source_escalation", "escalation", AS_TEXT},
		{"target_vendor", "vendor of target", AS_TEXT},
		{"target_escalation", "escalation", AS_TEXT},
	};

	text_heading(text, "What it is");
	text_add_facts(text, rows, 0, what, ARRAY_LEN(what));
	text_heading(text, "Who answers for it");
	text_add_facts(text, rows, 0, who, ARRAY_LEN(who));
}

static void add_handling(struct text *text, const struct rows *rows)
{
	static const struct fact how[] = {
		{"success", "success is", AS_TEXT},
		{"cadence_s", "expected every", AS_SECONDS},
		{"batch_due", "batch due", AS_TEXT},
		{"ordering_key", "in order by", AS_TEXT},
		{"idempotency", "idempotency", AS_TEXT},
		{"retry", "retries", AS_TEXT},
		{"replay_policy", "replay policy", AS_TEXT},
		{"replay_limit", "replays at a time", AS_COUNT},
		{"emergency_limit", "emergency replays", AS_COUNT},
		{"quarantine_after", "quarantine after", AS_COUNT},
		{"rate_per_s", "rate per second", AS_TEXT},
		{"maintenance", "maintenance", AS_TEXT},
		{"silenced_until", "silenced until", AS_TIME},
	};

	text_heading(text, "How it is handled");
	text_add_facts(text, rows, 0, how, ARRAY_LEN(how));
}

static void add_version(struct text *text, const struct rows *rows, size_t row)
{
	CLEANUP(str_done)
	struct str head = STR_INIT(1024);
	struct slice proposer = rows_text(rows, row, rows_col(rows, "proposer"));
	struct slice decider = rows_text(rows, row, rows_col(rows, "decider"));
	struct slice rest = rows_text(rows, row, rows_col(rows, "what")), line;

	text_add(text, ROLE_KEY, rows_text(rows, row, rows_col(rows, "object")));
	str_addf(&head, " version %lld, ",
		(long long)rows_int(rows, row, rows_col(rows, "version")));
	format_date(&head, rows_time(rows, row, rows_col(rows, "at")));
	if (proposer.len)
		str_addf(&head, ", proposed by %.*s", SLICE_ARG(proposer));
	if (decider.len)
		str_addf(&head, ", approved by %.*s", SLICE_ARG(decider));
	text_add(text, ROLE_DIM, str_slice(&head));
	text_add(text, ROLE_TEXT, SLICE("\n"));
	line = rows_text(rows, row, rows_col(rows, "reason"));
	if (line.len) {
		text_add(text, ROLE_TEXT, SLICE("  "));
		text_add(text, ROLE_TEXT, line);
		text_add(text, ROLE_TEXT, SLICE("\n"));
	}
	while (slice_cut(&rest, '\n', &line)) {
		text_add(text, ROLE_TEXT, SLICE("    "));
		text_add(text, ROLE_VALUE, line);
		text_add(text, ROLE_TEXT, SLICE("\n"));
	}
}

/* "1,200 of 500 and 12": numbers that say something only together stand in one line. */
static void add_count(
	struct str *out, const struct rows *rows, const char *column, const char *word)
{
	int64_t n = rows_int(rows, 0, rows_col(rows, column));

	if (!n)
		return;
	str_adds(out, out->len ? ", " : "");
	format_count(out, n);
	str_addf(out, " %s", word);
}

static void add_row_count(
	struct str *out, const struct rows *rows, size_t row, const char *column, const char *word)
{
	if (rows_null(rows, row, rows_col(rows, column)))
		return;
	str_adds(out, ", ");
	format_count(out, rows_int(rows, row, rows_col(rows, column)));
	str_addf(out, " %s", word);
}

static void add_labelled(struct text *text, const char *label, const struct str *value)
{
	CLEANUP(str_done)
	struct str padded = STR_INIT(64);

	if (!value->len)
		return;
	str_addf(&padded, "%-18s", label);
	text_add(text, ROLE_DIM, str_slice(&padded));
	text_add(text, ROLE_VALUE, str_slice(value));
	text_add(text, ROLE_TEXT, SLICE("\n"));
}

static void add_took(struct str *out, const struct rows *rows, size_t row, const char *column)
{
	size_t at = rows_col(rows, column);

	if (rows_null(rows, row, at))
		str_adds(out, "-");
	else
		format_took(out, rows_int(rows, row, at) * MS_US);
}

static void add_deliveries(struct text *text, const struct rows *rows)
{
	static const struct fact facts[] = {
		{"retries", "retries", AS_COUNT},
		{"refused_signatures", "bad signatures", AS_COUNT},
		{"answers", "answers", AS_TEXT},
	};
	CLEANUP(str_done)
	struct str head = STR_INIT(256), ends = STR_INIT(512), ack = STR_INIT(256);

	str_adds(&head, "Deliveries: the last ");
	format_count(&head, rows_int(rows, 0, rows_col(rows, "transactions")));
	str_adds(&head, ", since ");
	format_time(&head, rows_time(rows, 0, rows_col(rows, "since")), FORMAT_MINUTE);
	text_heading(text, str_cstr(&head));
	add_count(&ends, rows, "at_once", "at once");
	add_count(&ends, rows, "after_retries", "after retries");
	add_count(&ends, rows, "under_way", "under way");
	add_count(&ends, rows, "dead", "dead");
	add_labelled(text, "came through", &ends);
	text_add_facts(text, rows, 0, facts, ARRAY_LEN(facts));
	if (rows_int(rows, 0, rows_col(rows, "acknowledged"))) {
		str_adds(&ack, "usually after ");
		add_took(&ack, rows, 0, "ack_usual_ms");
		str_adds(&ack, ", 95 % within ");
		add_took(&ack, rows, 0, "ack_slow_ms");
	}
	add_labelled(text, "acknowledged", &ack);
}

static void add_steps(struct text *text, const struct rows *rows)
{
	text_heading(text, "Workflow: its steps in the last 500");
	for (size_t row = 0; row < rows_count(rows); row++) {
		CLEANUP(str_done)
		struct str line = STR_INIT(1024);
		struct slice step = rows_text(rows, row, rows_col(rows, "step"));
		int64_t failed = rows_int(rows, row, rows_col(rows, "failed"));
		int64_t undone = rows_int(rows, row, rows_col(rows, "undone"));

		text_add(text, ROLE_KEY, step);
		for (size_t len = step.len; len < 17; len++)
			str_addc(&line, ' ');
		str_addc(&line, ' ');
		format_count(&line, rows_int(rows, row, rows_col(rows, "done")));
		str_adds(&line, " done, usually ");
		add_took(&line, rows, row, "usual_ms");
		str_adds(&line, ", 95 % within ");
		add_took(&line, rows, row, "slow_ms");
		text_add(text, ROLE_TEXT, str_slice(&line));
		str_reset(&line);
		if (failed) {
			str_adds(&line, ", ");
			format_count(&line, failed);
			str_adds(&line, " failed");
		}
		if (undone) {
			str_adds(&line, ", ");
			format_count(&line, undone);
			str_adds(&line, " taken back");
		}
		text_add(text, ROLE_WARNING, str_slice(&line));
		text_add(text, ROLE_TEXT, SLICE("\n"));
	}
}

/* "done       due 2026-03-14 02:00, late by 7m, 120 in, 118 out" */
static void add_run(struct text *text, const struct rows *rows, size_t row)
{
	static const struct {
		const char *column, *words;
	} times[] = {{"due_at", "due"}, {"started_at", "started"}};
	CLEANUP(str_done)
	struct str line = STR_INIT(512);
	int64_t late_s = rows_int(rows, row, rows_col(rows, "late_s"));

	str_addf(&line, "%-18.*s", SLICE_ARG(rows_text(rows, row, rows_col(rows, "state"))));
	text_add(text, ROLE_KEY, str_slice(&line));
	str_reset(&line);
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		if (rows_null(rows, row, rows_col(rows, times[i].column)))
			continue;
		str_addf(&line, "%s%s ", line.len ? ", " : "", times[i].words);
		format_date(&line, rows_time(rows, row, rows_col(rows, times[i].column)));
		str_truncate(&line, line.len - strlen(":02.123"));
	}
	add_row_count(&line, rows, row, "records_in", "in");
	add_row_count(&line, rows, row, "records_out", "out");
	text_add(text, ROLE_TEXT, str_slice(&line));
	str_reset(&line);
	if (late_s) {
		str_adds(&line, ", late by ");
		format_age(&line, late_s * S_US);
	}
	text_add(text, ROLE_WARNING, str_slice(&line));
	text_add(text, ROLE_TEXT, SLICE("\n"));
}

static void add_runs(struct text *text, const struct rows *rows)
{
	text_heading(text, "Batch: due, late and latest runs");
	for (size_t row = 0; row < rows_count(rows) && row < RUNS_MAX; row++)
		add_run(text, rows, row);
}

static const struct rows *answer_of(const struct interface *me, enum interface_panel panel)
{
	const struct rows *rows = me->panels[panel].rows;

	return rows && rows_count(rows) ? rows : NULL;
}

#define PROMISE_WIDTH 18

static void add_promises(struct text *text, const struct rows *rows)
{
	text_heading(text, "What is promised");
	for (size_t row = 0; row < rows_count(rows); row++) {
		struct sla_line line = {
			.label = STR_INIT(64), .text = STR_INIT(1024), .role = ROLE_TEXT};

		sla_promise(&line, rows, row);
		while (line.label.len < PROMISE_WIDTH)
			str_addc(&line.label, ' ');
		str_addc(&line.text, '\n');
		text_add(text, ROLE_DIM, str_slice(&line.label));
		text_add(text, line.role, str_slice(&line.text));
		str_done(&line.label);
		str_done(&line.text);
	}
}

void interface_text(struct interface *me)
{
	const struct rows *versions = answer_of(me, OF_VERSIONS);

	if (!me->stale || !answer_of(me, OF_PAGE))
		return;
	me->stale = false;
	text_begin(&me->text);
	proposal_text(&me->proposal, &me->text);
	add_identity(&me->text, answer_of(me, OF_PAGE));
	if (answer_of(me, OF_PROMISES))
		add_promises(&me->text, answer_of(me, OF_PROMISES));
	if (answer_of(me, OF_DELIVERIES))
		add_deliveries(&me->text, answer_of(me, OF_DELIVERIES));
	if (answer_of(me, OF_RUNS))
		add_runs(&me->text, answer_of(me, OF_RUNS));
	if (answer_of(me, OF_STEPS))
		add_steps(&me->text, answer_of(me, OF_STEPS));
	add_handling(&me->text, answer_of(me, OF_PAGE));
	if (versions) {
		text_heading(&me->text, "Versions");
		for (size_t row = 0; row < rows_count(versions); row++)
			add_version(&me->text, versions, row);
	}
	text_end(&me->text);
}
