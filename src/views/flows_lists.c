/* The lists of webhooks, batches and workflows: their columns, what is counted, a row in full.
 * What the cells hold is the store's answer.
 * Drawn by flows.c. */
#include "base/mem.h"
#include "flows_part.h"
#include "model/format.h"

static struct slice text_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static size_t in_state(const struct rows *rows, const char *state)
{
	size_t n = 0;

	for (size_t i = 0; i < rows_count(rows); i++)
		n += slice_eq_str(text_of(rows, i, "state"), state);
	return n;
}

static void count(const struct rows *rows, const char *one, const char *many, struct str *out)
{
	format_count(out, (int64_t)rows_count(rows));
	str_addf(out, " %s", rows_count(rows) == 1 ? one : many);
}

static void add_state(const struct rows *rows, const char *state, const char *word, struct str *out)
{
	size_t n = in_state(rows, state);

	if (n)
		str_addf(out, " · %zu %s", n, word);
}

/* How long something took; nothing where nobody knows. */
static void add_took(struct str *out, const struct rows *rows, size_t row, const char *column)
{
	if (!rows_null(rows, row, rows_col(rows, column)))
		format_took(out, rows_int(rows, row, rows_col(rows, column)) * MS_US);
}

static void add_fact_count(
	struct str *out, const struct rows *rows, size_t row, const char *column, const char *words)
{
	int64_t n = rows_int(rows, row, rows_col(rows, column));

	if (!n)
		return;
	str_adds(out, out->len ? " · " : "");
	format_count(out, n);
	str_addf(out, " %s", words);
}

/* ---- webhooks ---- */

static const struct table_column webhook_columns[] = {
	{"webhook", 12, 18, 0, false, NULL},
	{"state", 9, 9, 0, false, NULL},
	{"delivered", 9, 9, 40, true, NULL},
	{"at once", 7, 7, 60, true, "at-once"},
	{"retried", 7, 7, 60, true, NULL},
	{"signature", 9, 9, 50, true, NULL},
	{"dead", 5, 5, 50, true, NULL},
	{"ack p50", 8, 8, 70, true, "ack"},
	{"ack p95", 8, 8, 80, true, "ack-slow"},
	{"last", 7, 7, 76, true, NULL},
	{"under way", 9, 9, 110, true, "under-way"},
	{"route", 12, 24, 100, false, NULL},
	{"answers", 12, 30, 120, false, NULL},
	{"owner", 10, 16, 140, false, NULL},
};

static const struct sheet_cell webhook_cells[ARRAY_LEN(webhook_columns)] = {
	{"interface", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"deliveries", CELL_COUNT, ROLE_TEXT},
	{"at_once", CELL_COUNT, ROLE_TEXT},
	{"after_retries", CELL_COUNT, ROLE_WARNING},
	{"signatures", CELL_COUNT, ROLE_STATE_FAILING},
	{"dead", CELL_COUNT, ROLE_STATE_DEAD},
	{"ack_usual_ms", CELL_OWN, ROLE_TEXT},
	{"ack_slow_ms", CELL_OWN, ROLE_TEXT},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"under_way", CELL_COUNT, ROLE_TEXT},
	{"route", CELL_TEXT, ROLE_TEXT},
	{"answers", CELL_DIM, ROLE_DIM},
	{"owner", CELL_DIM, ROLE_DIM},
};

static void draw_ack(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	add_took(&text, rows, row, webhook_cells[column].name);
	canvas_right(canvas, 0, 0, canvas->width, text.len ? ROLE_TEXT : ROLE_DIM,
		text.len ? str_slice(&text) : SLICE("-"));
}

static void count_webhooks(const struct rows *rows, struct str *out)
{
	count(rows, "webhook", "webhooks", out);
	add_state(rows, "failing", "failing", out);
	add_state(rows, "silent", "silent", out);
	add_state(rows, "none", "without data", out);
	str_adds(out, " · the newest 200 of a day");
}

static void draw_webhook(const struct sheet *sheet, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = sheet_cursor(sheet, &row);
	CLEANUP(str_done)
	struct str ends = STR_INIT(512);
	int x;

	if (!rows)
		return;
	x = sheet_field(canvas, 1, 1, "title", text_of(rows, row, "title"));
	x = sheet_field(canvas, x, 1, "from > to", text_of(rows, row, "route"));
	sheet_field(canvas, x, 1, "owner", text_of(rows, row, "owner"));
	add_fact_count(&ends, rows, row, "at_once", "at once");
	add_fact_count(&ends, rows, row, "after_retries", "after retries");
	add_fact_count(&ends, rows, row, "under_way", "under way");
	add_fact_count(&ends, rows, row, "dead", "dead");
	add_fact_count(&ends, rows, row, "retries", "retries in all");
	add_fact_count(&ends, rows, row, "signatures", "with a bad signature");
	canvas_text(canvas, 1, 2, canvas->width - 1, ends.len ? ROLE_TEXT : ROLE_DIM,
		ends.len ? str_slice(&ends) : SLICE("no delivery within the last day: no data"));
	x = sheet_field(canvas, 1, 3, "answers", text_of(rows, row, "answers"));
	str_reset(&ends);
	add_fact_count(&ends, rows, row, "acknowledged", "acknowledged");
	sheet_field(canvas, x, 3, "of them", str_slice(&ends));
}

const struct flow flow_webhooks = {
	.question = "webhooks",
	.none = "the catalogue has no webhook in your scope",
	.sheet = {.columns = webhook_columns,
		.cells = webhook_cells,
		.n_columns = ARRAY_LEN(webhook_columns),
		.key = "key",
		.sortable = true,
		.own = draw_ack},
	.count = count_webhooks,
	.draw_detail = draw_webhook,
};

/* ---- batches ---- */

static const struct table_column batch_columns[] = {
	{"batch", 12, 18, 0, false, NULL},
	{"state", 10, 10, 0, false, NULL},
	{"due", 9, 10, 0, true, NULL},
	{"started", 8, 8, 50, true, NULL},
	{"ended", 8, 8, 60, true, NULL},
	{"late by", 8, 8, 40, true, "late"},
	{"in", 7, 8, 70, true, NULL},
	{"out", 7, 8, 70, true, NULL},
	{"owner", 10, 16, 100, false, NULL},
	{"error", 10, 60, 120, false, NULL},
	{"business key", 12, 20, 150, false, "business-key"},
};

static const struct sheet_cell batch_cells[ARRAY_LEN(batch_columns)] = {
	{"interface", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"due_at", CELL_AGE, ROLE_TEXT},
	{"started_at", CELL_AGE, ROLE_TEXT},
	{"ended_at", CELL_AGE, ROLE_TEXT},
	{"late_s", CELL_OWN, ROLE_WARNING},
	{"records_in", CELL_COUNT, ROLE_TEXT},
	{"records_out", CELL_COUNT, ROLE_TEXT},
	{"owner", CELL_DIM, ROLE_DIM},
	{"text", CELL_TEXT, ROLE_TEXT},
	{"business_key", CELL_DIM, ROLE_DIM},
};

static void draw_late(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);
	int64_t late_s = rows_int(rows, row, rows_col(rows, batch_cells[column].name));

	if (!late_s)
		return;
	format_age(&text, late_s * S_US);
	canvas_right(canvas, 0, 0, canvas->width, ROLE_WARNING, str_slice(&text));
}

static void count_batches(const struct rows *rows, struct str *out)
{
	count(rows, "run", "runs", out);
	add_state(rows, "late", "late", out);
	add_state(rows, "missed", "missed", out);
	add_state(rows, "dead", "failed", out);
	add_state(rows, "expected", "to come", out);
	add_state(rows, "none", "without data", out);
	str_adds(out, " · of three days");
}

static void draw_batch(const struct sheet *sheet, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = sheet_cursor(sheet, &row);
	static const char *const names[] = {"due_at", "started_at", "ended_at"};
	static const char *const labels[] = {"due", "started", "ended"};
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	int x = 1;

	if (!rows)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		str_reset(&text);
		if (!rows_null(rows, row, rows_col(rows, names[i]))) {
			format_date(&text, rows_time(rows, row, rows_col(rows, names[i])));
			str_truncate(&text, text.len - 4);
		}
		x = sheet_field(canvas, x, 1, labels[i], str_slice(&text));
	}
	if (slice_eq_str(text_of(rows, row, "state"), "none"))
		canvas_text(canvas, 1, 1, canvas->width - 1, ROLE_DIM,
			SLICE("it has never run, and the catalogue does not say when it is due"));
	str_reset(&text);
	add_fact_count(&text, rows, row, "records_in", "records in");
	add_fact_count(&text, rows, row, "records_out", "records out");
	x = sheet_field(canvas, 1, 2, "carried", str_slice(&text));
	x = sheet_field(canvas, x, 2, "owner", text_of(rows, row, "owner"));
	sheet_field(canvas, x, 2, "key", text_of(rows, row, "business_key"));
	x = sheet_field(canvas, 1, 3, "failed", text_of(rows, row, "class"));
	sheet_field(canvas, x, 3, "with", text_of(rows, row, "text"));
}

const struct flow flow_batches = {
	.question = "batches",
	.none = "the catalogue has no batch in your scope",
	.n_params = 1,
	.transaction = "transaction",
	.sheet = {.columns = batch_columns,
		.cells = batch_cells,
		.n_columns = ARRAY_LEN(batch_columns),
		.key = "key",
		.sortable = true,
		.own = draw_late},
	.count = count_batches,
	.draw_detail = draw_batch,
};

/* ---- workflows ---- */

static const struct table_column workflow_columns[] = {
	{"workflow", 12, 18, 0, false, NULL},
	{"state", 14, 14, 0, false, NULL},
	{"business key", 12, 20, 50, false, "business-key"},
	{"stands at", 14, 40, 40, false, "at"},
	{"done", 4, 5, 70, true, NULL},
	{"undone", 6, 6, 70, true, NULL},
	{"tries", 5, 5, 100, true, NULL},
	{"started", 7, 8, 60, true, NULL},
	{"last", 7, 8, 90, true, NULL},
	{"failed at", 10, 20, 100, false, "failed"},
	{"still stands", 12, 40, 120, false, "standing"},
	{"owner", 10, 16, 150, false, NULL},
};

static const struct sheet_cell workflow_cells[ARRAY_LEN(workflow_columns)] = {
	{"interface", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"business_key", CELL_TEXT, ROLE_TEXT},
	{"step", CELL_TEXT, ROLE_TEXT},
	{"done", CELL_COUNT, ROLE_TEXT},
	{"undone", CELL_COUNT, ROLE_WARNING},
	{"attempt", CELL_COUNT, ROLE_TEXT},
	{"started_at", CELL_AGE, ROLE_TEXT},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"failed", CELL_TEXT, ROLE_TEXT},
	{"standing", CELL_DIM, ROLE_DIM},
	{"owner", CELL_DIM, ROLE_DIM},
};

static void count_workflows(const struct rows *rows, struct str *out)
{
	count(rows, "workflow", "workflows", out);
	add_state(rows, "stuck", "stuck", out);
	add_state(rows, "compensating", "compensating", out);
	add_state(rows, "compensated", "compensated", out);
	str_adds(out, " · the newest 60 of each, of a day");
}

static void draw_workflow(const struct sheet *sheet, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = sheet_cursor(sheet, &row);
	int x;

	if (!rows)
		return;
	x = sheet_field(canvas, 1, 1, "stands at", text_of(rows, row, "step"));
	x = sheet_field(canvas, x, 1, "failed at", text_of(rows, row, "failed"));
	sheet_field(canvas, x, 1, "owner", text_of(rows, row, "owner"));
	sheet_field(canvas, 1, 2, "done and not taken back:", text_of(rows, row, "standing"));
	x = sheet_field(canvas, 1, 3, "failed", text_of(rows, row, "class"));
	sheet_field(canvas, x, 3, "with", text_of(rows, row, "text"));
}

const struct flow flow_workflows = {
	.question = "workflows",
	.none = "no message of the last day went by steps",
	.keyed = true,
	.sheet = {.columns = workflow_columns,
		.cells = workflow_cells,
		.n_columns = ARRAY_LEN(workflow_columns),
		.key = "key",
		.sortable = true},
	.count = count_workflows,
	.draw_detail = draw_workflow,
};
