/* The lists of dead letters: their columns, and what stands below them.
 * What the cells hold is the store's answer.
 * Drawn by the view of dead letters. */
#include "base/mem.h"
#include "dead_part.h"
#include "model/format.h"
#include "ui/chart.h"

#define TREND_HOURS 24

static const struct table_column group_columns[] = {
	{"interface", 10, 16, 0, false, NULL},
	{"dead", 5, 6, 0, true, NULL},
	{"unowned", 7, 7, 50, true, NULL},
	{"oldest", 7, 7, 0, true, NULL},
	{"class", 8, 12, 60, false, NULL},
	{"error", 12, 60, 0, false, NULL},
	{"owner", 8, 14, 90, false, NULL},
	{"again", 5, 5, 100, true, NULL},
	{"last day", 12, 24, 110, false, "last-day"},
	{"last", 7, 7, 100, true, NULL},
	{"first", 7, 7, 130, true, NULL},
	{"snoozed", 8, 8, 120, true, NULL},
	{"reopened", 8, 8, 140, true, NULL},
	{"all", 6, 7, 140, true, NULL},
	{"note", 12, 40, 150, false, NULL},
};

static const struct sheet_cell group_cells[] = {
	{"interface", CELL_TEXT, ROLE_TEXT},
	{"unresolved", CELL_COUNT, ROLE_STATE_DEAD},
	{"unowned", CELL_COUNT, ROLE_STATE_FAILING},
	{"oldest_at", CELL_AGE, ROLE_TEXT},
	{"class", CELL_TEXT, ROLE_TEXT},
	{"signature", CELL_TEXT, ROLE_TEXT},
	{"owner", CELL_DIM, ROLE_DIM},
	{"failed_again", CELL_COUNT, ROLE_WARNING},
	{"trend", CELL_OWN, ROLE_SPARK},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"first_at", CELL_AGE, ROLE_TEXT},
	{"snoozed_until", CELL_AGE, ROLE_TEXT},
	{"reopened", CELL_COUNT, ROLE_TEXT},
	{"total", CELL_COUNT, ROLE_TEXT},
	{"note", CELL_DIM, ROLE_DIM},
};

/* "3:12 0:4": hours ago and how many. */
static void draw_trend(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	int64_t values[TREND_HOURS] = {0}, hours, n;
	struct slice rest = rows_text(rows, row, rows_col(rows, "trend")), word, ago;

	(void)column;
	while (slice_word(&rest, &word)) {
		slice_cut(&word, ':', &ago);
		if (slice_to_i64(ago, 0, TREND_HOURS - 1, &hours) == 0 &&
			slice_to_i64(word, 0, INT64_MAX / 16, &n) == 0)
			values[TREND_HOURS - 1 - hours] = n;
	}
	chart_spark(canvas, 0, 0, canvas->width, ROLE_SPARK, values, TREND_HOURS);
}

const struct sheet dead_group_sheet = {
	.columns = group_columns,
	.cells = group_cells,
	.n_columns = ARRAY_LEN(group_columns),
	.key = "key",
	.own = draw_trend,
};

static const struct table_column member_columns[] = {
	{"state", 11, 11, 0, false, NULL},
	{"age", 7, 7, 0, true, NULL},
	{"business key", 12, 20, 0, false, "business-key"},
	{"at", 4, 6, 60, false, NULL},
	{"owner", 8, 14, 70, false, NULL},
	{"again", 5, 5, 70, true, NULL},
	{"error", 10, 60, 80, false, NULL},
	{"ordering key", 10, 16, 120, false, "ordering-key"},
	{"message", 10, 24, 110, false, NULL},
	{"correlation", 8, 24, 130, false, NULL},
	{"why", 10, 30, 140, false, NULL},
	{"note", 10, 40, 150, false, NULL},
};

static const struct sheet_cell member_cells[] = {
	{"state", CELL_STATE, ROLE_TEXT},
	{"at", CELL_AGE, ROLE_TEXT},
	{"business_key", CELL_TEXT, ROLE_TEXT},
	{"facility", CELL_DIM, ROLE_DIM},
	{"owner", CELL_DIM, ROLE_DIM},
	{"failed_again", CELL_COUNT, ROLE_WARNING},
	{"text", CELL_TEXT, ROLE_TEXT},
	{"ordering_key", CELL_DIM, ROLE_DIM},
	{"message_id", CELL_DIM, ROLE_DIM},
	{"correlation", CELL_DIM, ROLE_DIM},
	{"why", CELL_DIM, ROLE_DIM},
	{"note", CELL_DIM, ROLE_DIM},
};

const struct sheet dead_member_sheet = {
	.columns = member_columns,
	.cells = member_cells,
	.n_columns = ARRAY_LEN(member_columns),
	.key = "key",
	.taggable = true,
};

static void draw_group(const struct sheet *sheet, const struct canvas *canvas)
{
	int x = sheet_field(canvas, 1, 1, "interface", sheet_text(sheet, "interface"));

	x = sheet_field(canvas, x, 1, "class", sheet_text(sheet, "class"));
	sheet_field(canvas, x, 1, "owner", sheet_text(sheet, "owner"));
	sheet_field(canvas, 1, 2, "error", sheet_text(sheet, "signature"));
	sheet_field(canvas, 1, 3, "note", sheet_text(sheet, "note"));
}

static void draw_member(const struct sheet *sheet, const struct canvas *canvas)
{
	int x = sheet_field(canvas, 1, 1, "key", sheet_text(sheet, "business_key"));

	x = sheet_field(canvas, x, 1, "message", sheet_text(sheet, "message_id"));
	sheet_field(canvas, x, 1, "correlation", sheet_text(sheet, "correlation"));
	sheet_field(canvas, 1, 2, "error", sheet_text(sheet, "text"));
	x = sheet_field(canvas, 1, 3, "why", sheet_text(sheet, "why"));
	sheet_field(canvas, x, 3, "note", sheet_text(sheet, "note"));
}

void dead_draw_detail(const struct dead *me, const struct canvas *canvas)
{
	canvas_line(canvas, 0, ROLE_BORDER);
	if (me->in_group)
		draw_member(&me->members, canvas);
	else
		draw_group(&me->groups, canvas);
}
