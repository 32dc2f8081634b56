/* Lists from a table of cells: drawing, finding, and keeping the cursor on its row.
 * Asking is the panel's or the paged list's, moving and marking the table's.
 * Called by the views of triage. */
#include "sheet.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"

#define KEY_MAX 512

void sheet_open(struct sheet *sheet)
{
	sheet->at = STR_INIT(KEY_MAX);
}

void sheet_done(struct sheet *sheet)
{
	table_done(&sheet->table);
	str_done(&sheet->at);
}

static int64_t first_of(const struct sheet *sheet)
{
	return sheet->paged ? sheet->paged->rows.first : 0;
}

static size_t count_of(const struct sheet *sheet)
{
	if (sheet->paged)
		return (size_t)batches_count(&sheet->paged->rows);
	return sheet->panel->rows ? rows_count(sheet->panel->rows) : 0;
}

const struct rows *sheet_row(const struct sheet *sheet, int64_t number, size_t *ret_row)
{
	int64_t at = number - first_of(sheet);

	*ret_row = 0;
	if (at < 0 || (size_t)at >= count_of(sheet))
		return NULL;
	if (sheet->paged)
		return batches_at(&sheet->paged->rows, number, ret_row);
	*ret_row = (size_t)number;
	return sheet->panel->rows;
}

const struct rows *sheet_cursor(const struct sheet *sheet, size_t *ret_row)
{
	return sheet_row(sheet, sheet->table.cursor, ret_row);
}

struct slice sheet_text(const struct sheet *sheet, const char *column)
{
	size_t row;
	const struct rows *rows = sheet_cursor(sheet, &row);

	return rows ? rows_text(rows, row, rows_col(rows, column)) : SLICE("");
}

int64_t sheet_int(const struct sheet *sheet, const char *column)
{
	size_t row;
	const struct rows *rows = sheet_cursor(sheet, &row);

	return rows ? rows_int(rows, row, rows_col(rows, column)) : 0;
}

/* A panel's answer replaces the one before. A paged list begins anew only when it was told to: its
 * rows keep their numbers else, and so does the cursor. */
void sheet_answered(struct sheet *sheet, const struct loop *loop, const struct rows *rows)
{
	size_t key = rows_col(rows, sheet->key);

	sheet->wall_us = clock_wall_us(loop_clock((struct loop *)loop));
	if (sheet->paged && batches_count(&sheet->paged->rows))
		return;
	for (size_t i = 0; sheet->at.len && i < rows_count(rows); i++)
		if (slice_eq(rows_text(rows, i, key), str_slice(&sheet->at)))
			sheet->table.cursor = first_of(sheet) + (int64_t)i;
}

void sheet_layout(struct sheet *sheet, int height)
{
	size_t row;
	const struct rows *rows;

	table_layout(&sheet->table, first_of(sheet), count_of(sheet), height - 1);
	rows = sheet_cursor(sheet, &row);
	str_reset(&sheet->at);
	if (rows)
		str_add(&sheet->at, rows_text(rows, row, rows_col(rows, sheet->key)));
	if (sheet->paged)
		paged_follow(sheet->paged, &sheet->table);
}

/* ---- cells ---- */

enum role sheet_role_of(struct slice word)
{
	static const struct {
		const char *word;
		enum role role;
	} words[] = {
		{"open", ROLE_STATE_DEAD},
		{"owned", ROLE_STATE_RUNNING},
		{"snoozed", ROLE_STATE_SILENT},
		{"replaying", ROLE_STATE_RETRYING},
		{"in_doubt", ROLE_STATE_FAILING},
		{"quarantined", ROLE_STATE_FAILING},
		{"resolved", ROLE_STATE_DONE},
		{"discarded", ROLE_STATE_CANCELLED},
		{"expired", ROLE_STATE_CANCELLED},
		{"asked", ROLE_STATE_WAITING},
		{"proposed", ROLE_STATE_WAITING},
		{"applied", ROLE_STATE_DONE},
		{"withdrawn", ROLE_STATE_CANCELLED},
		{"stale", ROLE_STATE_FAILING},
		{"odd", ROLE_STATE_SLOW},
		{"known", ROLE_STATE_SILENT},
		{"over", ROLE_STATE_DONE},
		{"approved", ROLE_STATE_RUNNING},
		{"paused", ROLE_STATE_SILENT},
		{"stopped", ROLE_STATE_FAILING},
		{"rejected", ROLE_STATE_CANCELLED},
		{"claimed", ROLE_STATE_RUNNING},
		{"sending", ROLE_STATE_RUNNING},
		{"awaited", ROLE_STATE_WAITING},
		{"held", ROLE_STATE_SILENT},
		{"delivered", ROLE_STATE_DONE},
		{"failed", ROLE_STATE_DEAD},
		{"refused", ROLE_STATE_FAILING},
		{"broken", ROLE_STATE_DEAD},
		{"eligible", ROLE_STATE_OK},
		{"behind", ROLE_STATE_SLOW},
		{"draft", ROLE_STATE_RUNNING},
		{"offered", ROLE_STATE_WAITING},
		{"void", ROLE_STATE_CANCELLED},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_eq_str(word, words[i].word))
			return words[i].role;
	return role_of_state(word);
}

static void draw_state(struct slice state, const struct canvas *canvas)
{
	enum role role = sheet_role_of(state);
	int x = canvas_glyph(canvas, 0, 0, role);

	canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width, role, state);
}

static void draw_count(int64_t n, enum role role, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	if (!n)
		return;
	format_count(&text, n);
	canvas_right(canvas, 0, 0, canvas->width, role, str_slice(&text));
}

static void draw_age(int64_t age_us, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	if (age_us < 0)
		str_adds(&text, "in ");
	format_age(&text, age_us < 0 ? -age_us : age_us);
	canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT, str_slice(&text));
}

static void draw_time(int64_t wall_us, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	format_time(&text, wall_us, FORMAT_SECOND);
	canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&text));
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct sheet *sheet = ctx;
	const struct sheet_cell *cell = &sheet->cells[column];
	size_t row;
	const struct rows *rows = sheet_row(sheet, number, &row);
	size_t at;

	if (!rows)
		return;
	at = rows_col(rows, cell->name);
	if (rows_null(rows, row, at) && cell->kind != CELL_OWN)
		return;
	switch (cell->kind) {
	case CELL_TEXT:
	case CELL_STRONG:
	case CELL_DIM:
		canvas_text(canvas, 0, 0, canvas->width,
			cell->kind == CELL_DIM      ? ROLE_DIM
			: cell->kind == CELL_STRONG ? ROLE_STRONG
						    : ROLE_TEXT,
			rows_text(rows, row, at));
		break;
	case CELL_STATE:
		draw_state(rows_text(rows, row, at), canvas);
		break;
	case CELL_COUNT:
		draw_count(rows_int(rows, row, at), cell->role, canvas);
		break;
	case CELL_AGE:
		draw_age(sheet->wall_us - rows_time(rows, row, at), canvas);
		break;
	case CELL_TIME:
		draw_time(rows_time(rows, row, at), canvas);
		break;
	case CELL_OWN:
		sheet->own(rows, row, column, canvas);
		break;
	}
}

/* ---- the table's callbacks ---- */

static struct slice row_id(const void *ctx, int64_t number)
{
	const struct sheet *sheet = ctx;
	size_t row;
	const struct rows *rows = sheet_row(sheet, number, &row);

	return rows ? rows_text(rows, row, rows_col(rows, sheet->key)) : SLICE("");
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	size_t row;
	const struct rows *rows = sheet_row(ctx, number, &row);

	for (size_t i = 0; rows && i < rows_n_columns(rows); i++) {
		if (rows_column(rows, i)->type != COLUMN_TEXT || rows_null(rows, row, i))
			continue;
		str_add(out, rows_text(rows, row, i));
		str_addc(out, ' ');
	}
}

struct table_rows sheet_rows(const struct sheet *sheet)
{
	return (struct table_rows){sheet->columns, sheet->n_columns, draw_cell,
		sheet->taggable ? row_id : NULL, row_text, sheet};
}

void sheet_draw(const struct sheet *sheet, const struct canvas *canvas)
{
	struct table_rows rows = sheet_rows(sheet);

	table_draw(&sheet->table, canvas, &rows);
}

bool sheet_act(struct sheet *sheet, enum action action)
{
	struct table_rows rows = sheet_rows(sheet);

	return table_act(&sheet->table, &rows, action);
}

int sheet_field(const struct canvas *canvas, int x, int y, const char *name, struct slice value)
{
	if (!value.len)
		return x;
	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_DIM, slice_of(name)) + 1;
	return x + canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT, value) + 3;
}
