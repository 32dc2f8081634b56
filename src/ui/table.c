/* The table: cursor, scrolling, column widths, drawing.
 * What rows are and where they come from is the view's matter.
 * Called by every view that shows a list. */
#include "ui/table.h"
#include "base/mem.h"
#include "model/format.h"

#define GUTTER 2
#define ROW_TEXT_MAX (64 * 1024)

static int64_t within(int64_t value, int64_t min, int64_t max)
{
	return value > max ? max : value < min ? min : value;
}

static int64_t last(const struct table *table)
{
	return table->n ? table->first + (int64_t)table->n - 1 : table->first;
}

void table_layout(struct table *table, int64_t first, size_t n, int height)
{
	int64_t top = table->top;

	table->first = first;
	table->n = n;
	table->height = height > 0 ? height : 0;
	if (table->at_end)
		table->cursor = last(table);
	table->cursor = within(table->cursor, first, last(table));
	if (top > table->cursor)
		top = table->cursor;
	if (top < table->cursor - table->height + 1)
		top = table->cursor - table->height + 1;
	top = within(top, first, within(last(table) - table->height + 1, first, INT64_MAX));
	table->moved = (int)within(top - table->top, -10000, 10000);
	table->top = top;
}

static bool move(struct table *table, enum action action)
{
	int page = table->height > 1 ? table->height - 1 : 1;
	int64_t to = table->cursor;

	switch (action) {
	case ACTION_MOVE_DOWN:
		to += 1;
		break;
	case ACTION_MOVE_UP:
		to -= 1;
		break;
	case ACTION_PAGE_DOWN:
		to += page;
		table->top += page;
		break;
	case ACTION_PAGE_UP:
		to -= page;
		table->top -= page;
		break;
	case ACTION_HALF_DOWN:
		to += (page + 1) / 2;
		break;
	case ACTION_HALF_UP:
		to -= (page + 1) / 2;
		break;
	case ACTION_MOVE_TOP:
		to = table->first;
		break;
	case ACTION_MOVE_BOTTOM:
		to = last(table);
		break;
	default:
		return false;
	}
	table->cursor = within(to, table->first, last(table));
	return true;
}

void table_done(struct table *table)
{
	tags_done(&table->tags);
}

static void tag_range(struct table *table, const struct table_rows *rows, int64_t a, int64_t b)
{
	for (int64_t row = a < b ? a : b; row <= (a < b ? b : a); row++)
		if (row >= table->first && row <= last(table))
			tags_set(&table->tags, rows->id(rows->ctx, row), true);
}

static bool mark(struct table *table, const struct table_rows *rows, enum action action)
{
	struct slice id;

	if (!rows || !rows->id || !table->n)
		return false;
	switch (action) {
	case ACTION_TAG:
		id = rows->id(rows->ctx, table->cursor);
		tags_set(&table->tags, id, !tags_has(&table->tags, id));
		move(table, ACTION_MOVE_DOWN);
		return true;
	case ACTION_TAG_RANGE:
		if (table->ranging)
			tag_range(table, rows, table->anchor, table->cursor);
		table->ranging = !table->ranging;
		table->anchor = table->cursor;
		return true;
	case ACTION_TAG_ALL:
		tag_range(table, rows, table->first, last(table));
		return true;
	case ACTION_TAG_NONE:
		tags_done(&table->tags);
		table->ranging = false;
		return true;
	default:
		return false;
	}
}

bool table_act(struct table *table, const struct table_rows *rows, enum action action)
{
	switch (action) {
	case ACTION_MOVE_RIGHT:
		table->skip += rows && table->skip + 2 < rows->n_columns;
		return true;
	case ACTION_MOVE_LEFT:
		table->skip -= table->skip > 0;
		return true;
	default:
		return move(table, action) || mark(table, rows, action);
	}
}

int table_search(
	struct table *table, const struct table_rows *rows, struct match *match, bool forward)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(ROW_TEXT_MAX);
	int64_t n = (int64_t)table->n;

	for (int64_t step = 1; rows->text && step <= n; step++) {
		int64_t row = table->cursor - table->first + (forward ? step : n - step);
		size_t at, len;
		int found;

		row = table->first + row % n;
		str_reset(&text);
		rows->text(rows->ctx, row, &text);
		found = match_find(match, str_slice(&text), 0, &at, &len);
		if (found == 1)
			table->cursor = row;
		if (found != 0)
			return found;
	}
	return 0;
}

static bool in_range(const struct table *table, int64_t row)
{
	int64_t a = table->anchor, b = table->cursor;

	return table->ranging && row >= (a < b ? a : b) && row <= (a < b ? b : a);
}

/* The gutter: the cursor, and beside it what is marked or about to be. */
static void draw_gutter(const struct table *table, const struct canvas *canvas, int y, int64_t row,
	const struct table_rows *rows)
{
	bool tagged = rows->id && tags_has(&table->tags, rows->id(rows->ctx, row));

	if (tagged || in_range(table, row))
		canvas_glyph(canvas, 1, y, ROLE_TAG);
	if (row != table->cursor)
		return;
	canvas_add(canvas, 0, y, canvas->width, ROLE_CURSOR_ROW);
	canvas_glyph(canvas, 0, y, ROLE_CURSOR_MARK);
	surface_cursor(canvas->surface, canvas->x, canvas->y + y, true);
}

/* Titles, and in the gutter whether there is more above and below. */
static void draw_header(const struct table *table, const struct canvas *canvas,
	const struct table_rows *rows, const size_t *shown, const int *widths, size_t n)
{
	int x = GUTTER;

	if (table->top > table->first && !canvas->plain)
		canvas_text(canvas, 0, 0, 1, ROLE_HEADER, canvas->ascii ? SLICE("^") : SLICE("↑"));
	if (table->top + table->height <= last(table) && !canvas->plain)
		canvas_text(canvas, 1, 0, 1, ROLE_HEADER, canvas->ascii ? SLICE("v") : SLICE("↓"));
	for (size_t i = 0; i < n; i++) {
		const struct table_column *column = &rows->columns[shown[i]];

		if (column->right)
			canvas_right(canvas, x, 0, widths[i], ROLE_HEADER, slice_of(column->title));
		else
			canvas_text(canvas, x, 0, widths[i], ROLE_HEADER, slice_of(column->title));
		x += widths[i] + 1;
	}
}

void table_draw(
	const struct table *table, const struct canvas *canvas, const struct table_rows *rows)
{
	size_t shown[COLUMNS_MAX], n;
	int widths[COLUMNS_MAX];

	n = columns_measure(&table->columns, rows->columns, rows->n_columns, canvas->width - GUTTER,
		table->skip, shown, widths);
	draw_header(table, canvas, rows, shown, widths, n);
	if (table->moved)
		surface_moved(canvas->surface, canvas->y + 1, canvas->height - 1, table->moved);
	for (int y = 1; y < canvas->height; y++) {
		int64_t row = table->top + y - 1;
		int x = GUTTER;

		if (row < table->first || row > last(table) || !table->n)
			break;
		for (size_t i = 0; i < n; i++) {
			struct canvas part = canvas_sub(canvas, x, y, widths[i], 1);

			rows->cell(rows->ctx, row, shown[i], &part);
			x += widths[i] + 1;
		}
		draw_gutter(table, canvas, y, row, rows);
	}
}

void table_status(const struct table *table, struct str *out)
{
	if (!table->tags.n)
		return;
	str_adds(out, " · ");
	format_count(out, (int64_t)table->tags.n);
	str_adds(out, " tagged");
}
