/* Lists from a table of cells: drawing, finding, and keeping the cursor on its row.
 * Asking is the panel's or the paged list's, moving and marking the table's.
 * Called by the views of triage. */
#include "sheet.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 512

void sheet_open(struct sheet *sheet)
{
	sheet->at = STR_INIT(KEY_MAX);
	sheet->sort = sheet->n_columns;
}

void sheet_done(struct sheet *sheet)
{
	table_done(&sheet->table);
	str_done(&sheet->at);
	free(sheet->order);
	sheet->order = NULL;
	sheet->n_order = 0;
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
	*ret_row = sheet->n_order == count_of(sheet) ? sheet->order[number] : (size_t)number;
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

/* ---- sorting ---- */

/* Below zero when the first stands first; what is not known stands last in either direction. */
static int compare(const struct rows *rows, size_t a, size_t b, size_t column)
{
	bool no_a = rows_null(rows, a, column), no_b = rows_null(rows, b, column);
	int64_t left, right;
	double x, y;

	if (no_a || no_b)
		return 0;
	switch (rows_column(rows, column)->type) {
	case COLUMN_TEXT:
		return slice_cmp(rows_text(rows, a, column), rows_text(rows, b, column));
	case COLUMN_REAL:
		x = rows_real(rows, a, column);
		y = rows_real(rows, b, column);
		return (x < y) - (x > y);
	case COLUMN_TIME:
	case COLUMN_INT:
	case COLUMN_BOOL:
		break;
	}
	left = rows_column(rows, column)->type == COLUMN_TIME  ? rows_time(rows, a, column)
	       : rows_column(rows, column)->type == COLUMN_INT ? rows_int(rows, a, column)
							       : rows_bool(rows, a, column);
	right = rows_column(rows, column)->type == COLUMN_TIME  ? rows_time(rows, b, column)
		: rows_column(rows, column)->type == COLUMN_INT ? rows_int(rows, b, column)
								: rows_bool(rows, b, column);
	return (left < right) - (left > right); /* the most, and the newest, first */
}

static bool goes_before(const struct sheet *sheet, size_t a, size_t b, size_t column)
{
	const struct rows *rows = sheet->panel->rows;
	bool no_a = rows_null(rows, a, column), no_b = rows_null(rows, b, column);
	int order = compare(rows, a, b, column);

	return no_a != no_b ? no_b : sheet->backward ? order > 0 : order < 0;
}

/* By merging, so that equal ones stay as they came. */
static void merge_sort(
	const struct sheet *sheet, size_t *order, size_t *room, size_t n, size_t column)
{
	size_t half = n / 2, a = 0, b = half;

	if (n < 2)
		return;
	merge_sort(sheet, order, room, half, column);
	merge_sort(sheet, order + half, room, n - half, column);
	for (size_t i = 0; i < n; i++)
		room[i] = b == n || (a < half && !goes_before(sheet, order[b], order[a], column))
				  ? order[a++]
				  : order[b++];
	memcpy(order, room, n * sizeof(*order));
}

static void sort(struct sheet *sheet)
{
	size_t n = count_of(sheet);

	free(sheet->order);
	sheet->order = NULL;
	sheet->n_order = 0;
	if (!sheet->sortable || sheet->sort >= sheet->n_columns || !n)
		return;
	sheet->order = NEW_ARRAY(size_t, n);
	sheet->n_order = n;
	for (size_t i = 0; i < n; i++)
		sheet->order[i] = i;
	CLEANUP(mem_freep)
	size_t *room = NEW_ARRAY(size_t, n);

	merge_sort(sheet, sheet->order, room, n,
		rows_col(sheet->panel->rows, sheet->cells[sheet->sort].name));
}

/* The cursor's row, wherever it stands now. */
static void find_cursor(struct sheet *sheet)
{
	for (int64_t i = 0; sheet->at.len && i < (int64_t)count_of(sheet); i++) {
		size_t row;
		const struct rows *rows = sheet_row(sheet, first_of(sheet) + i, &row);

		if (slice_eq(rows_text(rows, row, rows_col(rows, sheet->key)),
			    str_slice(&sheet->at)))
			sheet->table.cursor = first_of(sheet) + i;
	}
}

void sheet_sort_status(const struct sheet *sheet, struct str *out)
{
	if (sheet->sort < sheet->n_columns)
		str_addf(out, "%ssorted by %s%s", out->len ? " · " : "",
			sheet->columns[sheet->sort].title, sheet->backward ? ", backward" : "");
}

/* A panel's answer replaces the one before. A paged list begins anew only when it was told to: its
 * rows keep their numbers else, and so does the cursor. */
void sheet_answered(struct sheet *sheet, const struct loop *loop, const struct rows *rows)
{
	(void)rows;
	sheet->wall_us = clock_wall_us(loop_clock((struct loop *)loop));
	if (sheet->paged && batches_count(&sheet->paged->rows))
		return;
	sort(sheet);
	find_cursor(sheet);
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
		{"page", ROLE_STATE_FAILING},
		{"warning", ROLE_STATE_SLOW},
		{"info", ROLE_STATE_NONE},
		{"raised", ROLE_STATE_WAITING},
		{"acknowledged", ROLE_STATE_RUNNING},
		{"quiet", ROLE_STATE_SILENT},
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
		{"late", ROLE_STATE_FAILING},
		{"missed", ROLE_STATE_DEAD},
		{"expected", ROLE_STATE_WAITING},
		{"stuck", ROLE_STATE_DEAD},
		{"compensating", ROLE_STATE_RETRYING},
		{"compensated", ROLE_STATE_CANCELLED},
		{"ended", ROLE_STATE_DEAD},
		{"ends", ROLE_STATE_FAILING},
		{"rotate", ROLE_STATE_SLOW},
		{"fine", ROLE_STATE_OK},
		{"unknown", ROLE_STATE_WAITING},
		{"kept", ROLE_STATE_DONE},
		{"revoke_asked", ROLE_STATE_FAILING},
		{"signed", ROLE_STATE_DONE},
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

	if (sheet->sortable && (action == ACTION_SORT || action == ACTION_SORT_BACKWARD)) {
		if (action == ACTION_SORT)
			sheet->sort = (sheet->sort + 1) % (sheet->n_columns + 1);
		else
			sheet->backward = !sheet->backward;
		sort(sheet);
		find_cursor(sheet);
		return true;
	}
	return table_act(&sheet->table, &rows, action);
}

int sheet_field(const struct canvas *canvas, int x, int y, const char *name, struct slice value)
{
	if (!value.len)
		return x;
	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_DIM, slice_of(name)) + 1;
	return x + canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT, value) + 3;
}
