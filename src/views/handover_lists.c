/* The lists of handovers: all of them, and the items of one; what stands above and below the items.
 * What the cells hold is the store's answer.
 * Drawn by the view of handovers. */
#include "base/mem.h"
#include "handover_part.h"
#include "model/format.h"
#include <string.h>

static const struct table_column list_columns[] = {
	{"handover", 8, 8, 0, false, NULL},
	{"state", 9, 10, 0, false, NULL},
	{"from", 10, 18, 0, false, NULL},
	{"to", 10, 18, 0, false, NULL},
	{"your turn", 9, 9, 50, false, "turn"},
	{"items", 5, 5, 60, true, NULL},
	{"new", 4, 4, 70, true, NULL},
	{"gone", 4, 4, 76, true, NULL},
	{"to see", 6, 6, 90, true, "unseen"},
	{"drafted", 7, 7, 66, true, NULL},
	{"taken", 7, 7, 84, true, NULL},
	{"words", 10, 80, 100, false, NULL},
};

static const struct sheet_cell list_cells[] = {
	{"key", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"outgoing", CELL_TEXT, ROLE_TEXT},
	{"incoming", CELL_TEXT, ROLE_TEXT},
	{"turn", CELL_OWN, ROLE_TEXT},
	{"items", CELL_COUNT, ROLE_TEXT},
	{"new", CELL_COUNT, ROLE_WARNING},
	{"gone", CELL_COUNT, ROLE_DIM},
	{"unacknowledged", CELL_COUNT, ROLE_TEXT},
	{"drafted_at", CELL_AGE, ROLE_TEXT},
	{"accepted_at", CELL_AGE, ROLE_TEXT},
	{"words", CELL_DIM, ROLE_DIM},
};

static const struct table_column item_columns[] = {
	{"since", 6, 6, 0, false, NULL},
	{"section", 7, 8, 40, false, NULL},
	{"item", 20, 200, 0, false, NULL},
	{"owner", 8, 16, 60, false, NULL},
	{"next step", 12, 60, 110, false, "step"},
	{"seen", 4, 4, 0, false, NULL},
};

static const struct sheet_cell item_cells[] = {
	{"change", CELL_OWN, ROLE_TEXT},
	{"section", CELL_DIM, ROLE_DIM},
	{"title", CELL_TEXT, ROLE_TEXT},
	{"owner", CELL_TEXT, ROLE_TEXT},
	{"words", CELL_TEXT, ROLE_TEXT},
	{"acknowledged_at", CELL_OWN, ROLE_TEXT},
};

static struct slice text_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static bool is(const struct rows *rows, size_t row, const char *state)
{
	return slice_eq_str(text_of(rows, row, "state"), state);
}

static void draw_turn(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	bool mine = rows_bool(rows, row, rows_col(rows, "mine"));

	(void)column;
	if (rows_bool(rows, row, rows_col(rows, "turn")))
		canvas_text(canvas, 0, 0, canvas->width, ROLE_WARNING, SLICE("take over"));
	else if (mine && is(rows, row, "draft"))
		canvas_text(canvas, 0, 0, canvas->width, ROLE_WARNING, SLICE("sign"));
	else if (mine)
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, SLICE("yours"));
}

static void draw_item_cell(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	static const struct {
		const char *change, *words;
		enum role role;
	} marks[] = {{"new", "+ new", ROLE_WARNING}, {"gone", "- gone", ROLE_DIM},
		{"open", "= open", ROLE_TEXT}};
	struct slice change = text_of(rows, row, "change");

	if (column) {
		if (!rows_null(rows, row, rows_col(rows, "acknowledged_at")))
			canvas_text(canvas, 0, 0, canvas->width, ROLE_STATE_DONE, SLICE("seen"));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (slice_eq_str(change, marks[i].change))
			canvas_text(canvas, 0, 0, canvas->width, marks[i].role,
				slice_of(marks[i].words));
}

const struct sheet handover_sheets[HANDOVER_SHEETS] = {
	[AT_HANDOVERS] = {.columns = list_columns,
		.cells = list_cells,
		.n_columns = ARRAY_LEN(list_columns),
		.key = "key",
		.own = draw_turn},
	[AT_ITEMS] = {.columns = item_columns,
		.cells = item_cells,
		.n_columns = ARRAY_LEN(item_columns),
		.key = "key",
		.taggable = true,
		.own = draw_item_cell},
};

/* ---- above the items ---- */

static int draw_name(const struct rows *rows, size_t row, const struct canvas *canvas)
{
	struct slice state = text_of(rows, row, "state");
	enum role role = sheet_role_of(state);
	int x = 1 + canvas_glyph(canvas, 1, 0, role);

	x += x > 1;
	x += canvas_text(canvas, x, 0, canvas->width - x, role, state) + 3;
	x = sheet_field(canvas, x, 0, "from", text_of(rows, row, "outgoing"));
	return sheet_field(canvas, x, 0, "to",
		text_of(rows, row, "incoming").len ? text_of(rows, row, "incoming")
						   : SLICE("nobody yet"));
}

/* "2026-03-14 09:25": a shift may lie days back. */
static void add_time(struct str *out, const struct rows *rows, size_t row, const char *column)
{
	CLEANUP(str_done)
	struct str date = STR_INIT(64);

	format_date(&date, rows_time(rows, row, rows_col(rows, column)));
	str_add(out, slice_head(str_slice(&date), strlen("2026-03-14 09:25")));
}

static void add_sign(
	struct str *out, const struct rows *rows, size_t row, const char *who, const char *when)
{
	if (rows_null(rows, row, rows_col(rows, when))) {
		str_adds(out, "nobody yet");
		return;
	}
	str_addf(out, "%.*s ", SLICE_ARG(text_of(rows, row, who)));
	add_time(out, rows, row, when);
}

static void draw_counts(
	const struct handover *me, const struct rows *rows, size_t row, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(512);
	int64_t facts = rows_time(rows, row, rows_col(rows, "facts_at"));

	str_addf(&text, "%lld new, %lld still open, %lld gone",
		(long long)rows_int(rows, row, rows_col(rows, "new")),
		(long long)rows_int(rows, row, rows_col(rows, "open")),
		(long long)rows_int(rows, row, rows_col(rows, "gone")));
	if (rows_null(rows, row, rows_col(rows, "before")))
		str_adds(&text, " · the first one");
	else
		str_addf(&text, " since handover %lld",
			(long long)rows_int(rows, row, rows_col(rows, "before")));
	str_adds(&text, " · facts of ");
	format_time(&text, facts, FORMAT_MINUTE);
	if (is(rows, row, "draft")) {
		str_adds(&text, ", ");
		format_age(&text, me->list.wall_us - facts);
		str_adds(&text, " ago");
	}
	canvas_text(canvas, 1, 1, canvas->width - 1, ROLE_TEXT, str_slice(&text));
}

void handover_draw_head(const struct handover *me, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = handover_row(me, &row);
	CLEANUP(str_done)
	struct str signs = STR_INIT(1024);
	int x;

	if (!rows)
		return;
	x = draw_name(rows, row, canvas);
	sheet_field(canvas, x, 0, "void:", text_of(rows, row, "why"));
	draw_counts(me, rows, row, canvas);
	add_sign(&signs, rows, row, "outgoing", "offered_at");
	str_adds(&signs, " · ");
	add_sign(&signs, rows, row, "incoming", "accepted_at");
	x = sheet_field(canvas, 1, 2, "signed", str_slice(&signs));
	sheet_field(canvas, x, 2, "audit head", text_of(rows, row, "audit_head"));
	if (text_of(rows, row, "words").len)
		sheet_field(canvas, 1, 3, "words", text_of(rows, row, "words"));
	else
		canvas_text(
			canvas, 1, 3, canvas->width - 1, ROLE_DIM, SLICE("no words on the whole"));
}

/* ---- below ---- */

void handover_draw_detail(const struct handover *me, const struct canvas *canvas)
{
	const struct sheet *sheet = &me->sheets[me->at];
	CLEANUP(str_done)
	struct str seen = STR_INIT(512);
	size_t row;
	const struct rows *rows = sheet_cursor(sheet, &row);

	if (!canvas->plain)
		canvas_line(canvas, 0, ROLE_BORDER);
	if (!rows)
		return;
	if (me->at == AT_HANDOVERS) {
		sheet_field(canvas, 1, 1, "words", text_of(rows, row, "words"));
		sheet_field(canvas, 1, 2, "audit head", text_of(rows, row, "audit_head"));
		sheet_field(canvas, 1, 3, "void:", text_of(rows, row, "why"));
		return;
	}
	canvas_text(canvas, 1, 1, canvas->width - 1, ROLE_TEXT, text_of(rows, row, "title"));
	canvas_text(canvas, 1, 2, canvas->width - 1, ROLE_DIM, text_of(rows, row, "facts"));
	if (text_of(rows, row, "acknowledged_by").len) {
		str_addf(&seen, "%.*s ", SLICE_ARG(text_of(rows, row, "acknowledged_by")));
		add_time(&seen, rows, row, "acknowledged_at");
	}
	sheet_field(canvas, sheet_field(canvas, 1, 3, "seen by", str_slice(&seen)), 3, "next step",
		text_of(rows, row, "words").len ? text_of(rows, row, "words") : SLICE("-"));
}
