/* The lists of replays: requests, items of one, items in doubt; and a request in full.
 * What the cells hold is the store's answer.
 * Drawn by the view of replays. */
#include "base/mem.h"
#include "model/format.h"
#include "replays_part.h"
#include "ui/chart.h"

static const struct table_column request_columns[] = {
	{"request", 7, 8, 0, false, NULL},
	{"state", 10, 10, 0, false, NULL},
	{"your turn", 9, 9, 30, false, "turn"},
	{"items", 5, 6, 40, true, NULL},
	{"given", 5, 6, 50, true, NULL},
	{"settled", 9, 11, 60, true, NULL},
	{"bad", 4, 5, 66, true, NULL},
	{"doubt", 5, 5, 66, true, NULL},
	{"held", 4, 5, 100, true, NULL},
	{"asker", 10, 16, 72, false, NULL},
	{"asked", 7, 7, 84, true, NULL},
	{"ends", 8, 9, 110, true, NULL},
	{"interfaces", 10, 30, 96, false, NULL},
	{"reason", 10, 60, 104, false, NULL},
};

static void draw_turn(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	(void)column;
	if (rows_bool(rows, row, rows_col(rows, "turn")))
		canvas_text(canvas, 0, 0, canvas->width, ROLE_WARNING, SLICE("decide"));
	else if (!rows_null(rows, row, rows_col(rows, "review_due")) &&
		 rows_null(rows, row, rows_col(rows, "reviewed_at")))
		canvas_text(canvas, 0, 0, canvas->width, ROLE_WARNING, SLICE("review"));
	else if (rows_bool(rows, row, rows_col(rows, "mine")))
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, SLICE("yours"));
}

static const struct sheet_cell request_cells[] = {
	{"key", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"turn", CELL_OWN, ROLE_TEXT},
	{"items", CELL_COUNT, ROLE_TEXT},
	{"given", CELL_TEXT, ROLE_TEXT},
	{"progress", CELL_TEXT, ROLE_TEXT},
	{"bad", CELL_COUNT, ROLE_STATE_DEAD},
	{"in_doubt", CELL_COUNT, ROLE_STATE_FAILING},
	{"held", CELL_COUNT, ROLE_STATE_SILENT},
	{"asker", CELL_TEXT, ROLE_TEXT},
	{"asked_at", CELL_AGE, ROLE_TEXT},
	{"expires_at", CELL_AGE, ROLE_TEXT},
	{"interfaces", CELL_TEXT, ROLE_TEXT},
	{"reason", CELL_DIM, ROLE_DIM},
};

static const struct table_column item_columns[] = {
	{"business key", 12, 20, 0, false, "key"},
	{"state", 11, 11, 0, false, NULL},
	{"interface", 10, 16, 50, false, NULL},
	{"stage", 5, 5, 70, true, NULL},
	{"behind", 6, 8, 90, true, NULL},
	{"sends", 5, 5, 70, true, NULL},
	{"outcome", 9, 14, 60, false, NULL},
	{"class", 8, 12, 100, false, NULL},
	{"error", 10, 60, 80, false, NULL},
	{"settled", 7, 7, 110, true, NULL},
	{"worker", 8, 16, 130, false, NULL},
	{"ordering key", 8, 16, 120, false, "order"},
	{"message", 8, 24, 140, false, NULL},
};

static const struct sheet_cell item_cells[] = {
	{"business_key", CELL_TEXT, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"interface", CELL_TEXT, ROLE_TEXT},
	{"stage", CELL_COUNT, ROLE_DIM},
	{"behind", CELL_COUNT, ROLE_WARNING},
	{"sends", CELL_COUNT, ROLE_TEXT},
	{"outcome", CELL_TEXT, ROLE_TEXT},
	{"class", CELL_TEXT, ROLE_TEXT},
	{"text", CELL_TEXT, ROLE_TEXT},
	{"settled_at", CELL_AGE, ROLE_TEXT},
	{"worker", CELL_DIM, ROLE_DIM},
	{"ordering_key", CELL_DIM, ROLE_DIM},
	{"message_id", CELL_DIM, ROLE_DIM},
};

static const struct table_column doubt_columns[] = {
	{"business key", 12, 20, 0, false, "key"},
	{"state", 10, 10, 0, false, NULL},
	{"interface", 10, 16, 40, false, NULL},
	{"request", 7, 8, 50, true, NULL},
	{"sent", 7, 7, 60, true, NULL},
	{"sends", 5, 5, 66, true, NULL},
	{"answer", 6, 6, 72, true, NULL},
	{"error", 10, 60, 80, false, NULL},
	{"asker", 10, 16, 100, false, NULL},
	{"worker", 8, 16, 110, false, NULL},
};

static const struct sheet_cell doubt_cells[] = {
	{"business_key", CELL_TEXT, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"interface", CELL_TEXT, ROLE_TEXT},
	{"request", CELL_COUNT, ROLE_TEXT},
	{"sending_at", CELL_AGE, ROLE_TEXT},
	{"sends", CELL_COUNT, ROLE_TEXT},
	{"http_status", CELL_COUNT, ROLE_TEXT},
	{"text", CELL_TEXT, ROLE_TEXT},
	{"asker", CELL_DIM, ROLE_DIM},
	{"worker", CELL_DIM, ROLE_DIM},
};

const struct sheet replays_sheets[REPLAYS_SHEETS] = {
	[AT_REQUESTS] = {.columns = request_columns,
		.cells = request_cells,
		.n_columns = ARRAY_LEN(request_columns),
		.key = "key",
		.own = draw_turn},
	[AT_DOUBTS] = {.columns = doubt_columns,
		.cells = doubt_cells,
		.n_columns = ARRAY_LEN(doubt_columns),
		.key = "key"},
	[AT_ITEMS] = {.columns = item_columns,
		.cells = item_cells,
		.n_columns = ARRAY_LEN(item_columns),
		.key = "key"},
};

static struct slice text_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static long long int_of(const struct rows *rows, size_t row, const char *column)
{
	return (long long)rows_int(rows, row, rows_col(rows, column));
}

/* "approved by Bo Lind 2m ago: seen", the newest first. */
static void draw_decisions(
	const struct replays *me, const struct canvas *canvas, int y, int64_t revision)
{
	const struct rows *rows = me->decisions.rows;
	int x = 1;

	for (size_t i = 0; rows && i < rows_count(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(4096);

		str_addf(&text, "%.*s by %.*s ", SLICE_ARG(text_of(rows, i, "verdict")),
			SLICE_ARG(text_of(rows, i, "approver")));
		format_age(&text, me->decisions.wall_us - rows_time(rows, i, rows_col(rows, "at")));
		str_adds(&text, " ago");
		if (text_of(rows, i, "reason").len)
			str_addf(&text, ": %.*s", SLICE_ARG(text_of(rows, i, "reason")));
		if (rows_int(rows, i, rows_col(rows, "revision")) != revision)
			str_adds(&text, " (void: edited since)");
		x += canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT, str_slice(&text)) + 3;
	}
	if (x == 1)
		canvas_text(
			canvas, 1, y, canvas->width - 1, ROLE_DIM, SLICE("nobody has decided yet"));
}

static int draw_state(const struct canvas *canvas, struct slice state)
{
	enum role role = sheet_role_of(state);
	int x = 1 + canvas_glyph(canvas, 1, 0, role);

	x += x > 1;
	return x + canvas_text(canvas, x, 0, canvas->width - x, role, state) + 3;
}

void replays_add_verdicts(const struct replays *me, struct str *out)
{
	const struct rows *rows = me->verdicts.rows;

	for (size_t i = 0; rows && i < rows_count(rows); i++) {
		str_adds(out, i ? " · " : "");
		format_count(out, rows_int(rows, i, rows_col(rows, "n")));
		str_addf(out, " %.*s", SLICE_ARG(text_of(rows, i, "verdict")));
	}
}

static void draw_first(
	const struct replays *me, const struct rows *rows, size_t row, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str asked = STR_INIT(1024);
	int x = draw_state(canvas, text_of(rows, row, "state"));

	x += canvas_printf(canvas, x, 0, canvas->width - x, ROLE_TEXT, "%lld item%s",
		     int_of(rows, row, "items"), int_of(rows, row, "items") == 1 ? "" : "s") +
	     3;
	x = sheet_field(canvas, x, 0, "of", text_of(rows, row, "interfaces"));
	sheet_field(canvas, x, 0, "why", text_of(rows, row, "why"));
	str_add(&asked, text_of(rows, row, "asker"));
	str_addc(&asked, ' ');
	format_age(&asked, me->requests.wall_us - rows_time(rows, row, rows_col(rows, "asked_at")));
	str_adds(&asked, " ago");
	x = sheet_field(canvas, 1, 1, "asked by", str_slice(&asked));
	sheet_field(canvas, x, 1, "reason", text_of(rows, row, "reason"));
}

static void draw_policy(const struct rows *rows, size_t row, const struct canvas *canvas, int y)
{
	int x = 1 +
		canvas_printf(canvas, 1, y, canvas->width - 1, ROLE_TEXT,
			"%lld of %lld approvals (%.*s) · stage %lld of %lld: %lld of %lld, stops at %lld %% bad",
			int_of(rows, row, "approvals"), int_of(rows, row, "needed"),
			SLICE_ARG(text_of(rows, row, "policy")), int_of(rows, row, "stage"),
			int_of(rows, row, "stages"), int_of(rows, row, "stage_settled"),
			int_of(rows, row, "stage_items"), int_of(rows, row, "stop_ppm") / 10000);

	if (rows_bool(rows, row, rows_col(rows, "edited")))
		x += canvas_printf(canvas, x, y, canvas->width - x, ROLE_WARNING,
			" · EDITED, revision %lld", int_of(rows, row, "revision"));
	if (!rows_null(rows, row, rows_col(rows, "review_due")))
		canvas_text(canvas, x, y, canvas->width - x, ROLE_WARNING,
			rows_null(rows, row, rows_col(rows, "reviewed_at"))
				? SLICE(" · EMERGENCY, to be reviewed by an approver")
				: SLICE(" · emergency, reviewed"));
}

#define BAR 20

static void draw_progress(const struct rows *rows, size_t row, const struct canvas *canvas, int y)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);
	int bar = canvas->plain || canvas->width < 100 ? 0 : BAR;

	if (bar)
		chart_bar(canvas, 1, y, bar, ROLE_STATE_RUNNING, int_of(rows, row, "settled"),
			int_of(rows, row, "items"));
	str_addf(&text, "%lld of %lld settled, %lld bad, %lld in doubt, %lld held",
		int_of(rows, row, "settled"), int_of(rows, row, "items"), int_of(rows, row, "bad"),
		int_of(rows, row, "in_doubt"), int_of(rows, row, "held"));
	if (int_of(rows, row, "fresh"))
		str_addf(&text, " · %lld new failure%s since it began", int_of(rows, row, "fresh"),
			int_of(rows, row, "fresh") == 1 ? "" : "s");
	if (!rows_null(rows, row, rows_col(rows, "rate_per_s")))
		str_addf(&text, " · at most %g a second",
			rows_real(rows, row, rows_col(rows, "rate_per_s")));
	canvas_text(canvas, bar ? bar + 2 : 1, y, canvas->width - bar - 2,
		int_of(rows, row, "bad") || int_of(rows, row, "fresh") ? ROLE_WARNING : ROLE_TEXT,
		str_slice(&text));
}

void replays_draw_head(const struct replays *me, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = replays_request(me, &row);
	CLEANUP(str_done)
	struct str now = STR_INIT(1024);

	if (!rows)
		return;
	draw_first(me, rows, row, canvas);
	draw_policy(rows, row, canvas, 2);
	draw_progress(rows, row, canvas, 3);
	draw_decisions(me, canvas, 4, int_of(rows, row, "revision"));
	replays_add_verdicts(me, &now);
	sheet_field(canvas, 1, 5, "as it is now", str_slice(&now));
}

/* What was sent, what came back, and what the target says when it is asked. */
static void draw_doubt(const struct replays *me, const struct canvas *canvas)
{
	const struct sheet *sheet = &me->sheets[AT_DOUBTS];
	CLEANUP(str_done)
	struct str said = STR_INIT(4096);
	int x = sheet_field(canvas, 1, 1, "to", sheet_text(sheet, "endpoint"));

	x = sheet_field(canvas, x, 1, "key", sheet_text(sheet, "idempotency_key"));
	sheet_field(canvas, x, 1, "worker", sheet_text(sheet, "worker"));
	x = sheet_field(canvas, 1, 2, "outcome", sheet_text(sheet, "outcome"));
	x = sheet_field(canvas, x, 2, "code", sheet_text(sheet, "code"));
	sheet_field(canvas, x, 2, "answer", sheet_text(sheet, "text"));
	replays_add_said(me, &said);
	sheet_field(canvas, 1, 3, "the target says", str_slice(&said));
}

void replays_add_said(const struct replays *me, struct str *out)
{
	size_t row;
	const struct rows *rows = sheet_cursor(&me->sheets[AT_DOUBTS], &row);
	struct slice said;

	if (!rows)
		return;
	said = text_of(rows, row, "said");
	if (slice_eq_str(said, "present"))
		str_adds(out, "it has it");
	else if (slice_eq_str(said, "absent"))
		str_adds(out, "it has not got it");
	else if (slice_eq_str(said, "asked"))
		str_adds(out, "it is being asked");
	else
		str_adds(out, said.len ? "it does not know" : "it cannot be asked, or was not yet");
	if (!rows_null(rows, row, rows_col(rows, "said_at"))) {
		str_adds(out, ", ");
		format_age(
			out, me->doubts.wall_us - rows_time(rows, row, rows_col(rows, "said_at")));
		str_adds(out, " ago");
	}
	if (text_of(rows, row, "said_detail").len)
		str_addf(out, " %.*s", SLICE_ARG(text_of(rows, row, "said_detail")));
}

/* What was sent, and what came of it. */
void replays_draw_detail(const struct replays *me, const struct canvas *canvas)
{
	const struct sheet *sheet = &me->sheets[me->at];
	CLEANUP(str_done)
	struct str sends = STR_INIT(32);
	int x = 1;

	canvas_line(canvas, 0, ROLE_BORDER);
	if (me->at == AT_REQUESTS) {
		sheet_field(canvas, 1, 1, "reason", sheet_text(sheet, "reason"));
		x = sheet_field(canvas, 1, 2, "of", sheet_text(sheet, "interfaces"));
		sheet_field(canvas, x, 2, "why", sheet_text(sheet, "why"));
		return;
	}
	if (me->at == AT_DOUBTS) {
		draw_doubt(me, canvas);
		return;
	}
	x = sheet_field(canvas, x, 1, "message", sheet_text(sheet, "message_id"));
	x = sheet_field(canvas, x, 1, "order", sheet_text(sheet, "ordering_key"));
	sheet_field(canvas, x, 1, "worker", sheet_text(sheet, "worker"));
	str_addf(&sends, sheet_int(sheet, "sends") == 1 ? "%lld time" : "%lld times",
		(long long)sheet_int(sheet, "sends"));
	x = sheet_field(canvas, 1, 2, "sent", str_slice(&sends));
	x = sheet_field(canvas, x, 2, "key", sheet_text(sheet, "idempotency_key"));
	sheet_field(canvas, x, 2, "digest", sheet_text(sheet, "digest"));
	x = sheet_field(canvas, 1, 3, "outcome", sheet_text(sheet, "outcome"));
	x = sheet_field(canvas, x, 3, "code", sheet_text(sheet, "code"));
	sheet_field(canvas, x, 3, "target", sheet_text(sheet, "text"));
}
