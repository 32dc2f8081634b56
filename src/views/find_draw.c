/* What Find looks like: the filter on top, the list, the selected row in full below.
 * Called by find.c. */
#include "base/clock.h"
#include "base/mem.h"
#include "find_part.h"
#include "model/format.h"

#define DETAIL_FROM 16 /* rows of the view */

enum column_id {
	COL_MESSAGE,
	COL_STATE,
	COL_INTERFACE,
	COL_AT,
	COL_FACILITY,
	COL_KEY,
	COL_CORRELATION,
	COL_ATTEMPTS,
	COL_CLASS,
	COL_ERROR,
	COL_OWNER,
};

static const struct table_column columns[] = {
	[COL_MESSAGE] = {"message", 12, 24, 0, false, NULL},
	[COL_STATE] = {"state", 10, 10, 0, false, NULL},
	[COL_INTERFACE] = {"interface", 10, 18, 0, false, NULL},
	[COL_AT] = {"last", 7, 7, 0, true, NULL},
	[COL_FACILITY] = {"site", 5, 8, 70, false, NULL},
	[COL_KEY] = {"business key", 12, 22, 76, false, "key"},
	[COL_CORRELATION] = {"correlation", 12, 24, 110, false, NULL},
	[COL_ATTEMPTS] = {"tries", 5, 5, 100, true, NULL},
	[COL_CLASS] = {"class", 9, 9, 90, false, NULL},
	[COL_ERROR] = {"error", 10, 200, 120, false, NULL},
	[COL_OWNER] = {"owner", 8, 14, 150, false, NULL},
};

static const char *const names[] = {
	[COL_MESSAGE] = "message",
	[COL_STATE] = "state",
	[COL_INTERFACE] = "interface",
	[COL_AT] = "at",
	[COL_FACILITY] = "facility",
	[COL_KEY] = "business_key",
	[COL_CORRELATION] = "correlation",
	[COL_ATTEMPTS] = "attempts",
	[COL_CLASS] = "class",
	[COL_ERROR] = "error",
	[COL_OWNER] = "owner",
};

static void draw_state(struct slice state, const struct canvas *canvas)
{
	enum role role = role_of_state(state);
	int x = canvas_glyph(canvas, 0, 0, role);

	canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width, role, state);
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct find *me = ctx;
	size_t row;
	const struct rows *rows = batches_at(&me->paged.rows, number, &row);
	size_t at = rows_col(rows, names[column]);
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	switch ((enum column_id)column) {
	case COL_STATE:
		draw_state(rows_text(rows, row, at), canvas);
		return;
	case COL_AT:
		format_age(&text, me->now_us - rows_time(rows, row, at));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&text));
		return;
	case COL_ATTEMPTS:
		format_count(&text, rows_int(rows, row, at));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT, str_slice(&text));
		return;
	default:
		canvas_text(canvas, 0, 0, canvas->width,
			column == COL_CORRELATION ? ROLE_DIM : ROLE_TEXT, rows_text(rows, row, at));
	}
}

static struct slice row_id(const void *ctx, int64_t number)
{
	size_t row;
	const struct rows *rows = batches_at(&((const struct find *)ctx)->paged.rows, number, &row);

	return rows_text(rows, row, rows_col(rows, "place"));
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	size_t row;
	const struct rows *rows = batches_at(&((const struct find *)ctx)->paged.rows, number, &row);

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (i == COL_AT || i == COL_ATTEMPTS)
			continue;
		str_add(out, rows_text(rows, row, rows_col(rows, names[i])));
		str_addc(out, ' ');
	}
}

struct table_rows find_rows(const struct find *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, row_id, row_text, me};
}

int find_detail_height(int height)
{
	return height >= DETAIL_FROM ? 4 : 0;
}

struct detail {
	const struct canvas *canvas;
	const struct rows *rows;
	size_t row;
	int x, y;
};

static void field(struct detail *detail, const char *label, const char *column)
{
	const struct canvas *canvas = detail->canvas;
	struct slice value = rows_text(detail->rows, detail->row, rows_col(detail->rows, column));

	if (!value.len)
		return;
	detail->x += canvas_text(canvas, detail->x, detail->y, canvas->width - detail->x, ROLE_DIM,
			     slice_of(label)) +
		     1;
	detail->x += canvas_text(canvas, detail->x, detail->y, canvas->width - detail->x, ROLE_TEXT,
			     value) +
		     3;
}

static void next_line(struct detail *detail)
{
	detail->y++;
	detail->x = 1;
}

/* The row under the cursor, whole: its ids, its error, who can help. */
static void draw_detail(const struct find *me, const struct canvas *canvas)
{
	struct detail detail = {.canvas = canvas, .x = 1, .y = 1};

	detail.rows = batches_at(&me->paged.rows, me->table.cursor, &detail.row);
	canvas_line(canvas, 0, ROLE_BORDER);
	field(&detail, "message", "message");
	field(&detail, "correlation", "correlation");
	field(&detail, "key", "business_key");
	field(&detail, "partner", "partner");
	next_line(&detail);
	field(&detail, "class", "class");
	field(&detail, "error", "error");
	field(&detail, "letter", "letter");
	field(&detail, "owner", "owner");
	next_line(&detail);
	field(&detail, "from", "source");
	field(&detail, "to", "target");
	field(&detail, "team", "team");
	field(&detail, "runbook", "runbook");
}

static const char *why_empty(const struct find *me)
{
	if (me->paged.err.code)
		return me->paged.err.text;
	if (me->line.filter && filter_body(me->line.filter).len)
		return "payloads are looked through in a view of their own";
	if (!me->paged.asked_once)
		return "asking the store";
	if (me->hidden)
		return "what has this id lies outside of your scope";
	if (me->wider == WIDER_ANYWHERE)
		return "no id begins so, and none of the last day holds it";
	return me->line.text.len ? "nothing that you may see is left by this filter"
				 : "there is no transaction that you may see";
}

void find_draw(const struct view *view, const struct canvas *canvas)
{
	const struct find *me = (const struct find *)view;
	int detail = find_detail_height(canvas->height);
	struct canvas top = canvas_sub(canvas, 0, 0, canvas->width, FIND_TOP);
	struct canvas list =
		canvas_sub(canvas, 0, FIND_TOP, canvas->width, canvas->height - FIND_TOP - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);
	struct table_rows rows = find_rows(me);
	CLEANUP(str_done)
	struct str key = STR_INIT(64), empty = STR_INIT(200);

	keymap_key_of(view->env->keymap, CONTEXT_FIND, ACTION_FILTER, &key);
	str_addf(&empty, "everything in your scope, the newest first; %s narrows it",
		str_cstr(&key));
	if (me->table.n) {
		table_draw(&me->table, &list, &rows);
		if (detail)
			draw_detail(me, &below);
	} else {
		canvas_text(&list, 1, 1, list.width - 2, me->paged.err.code ? ROLE_ERROR : ROLE_DIM,
			slice_of(why_empty(me)));
	}
	filter_line_draw(&me->line, &top, str_cstr(&empty));
	if (me->asking != FORM_NONE)
		form_draw(&me->form, canvas);
}

void find_status(const struct view *view, struct str *out)
{
	const struct find *me = (const struct find *)view;

	if (list_export_busy(&me->export)) {
		str_adds(out, "writing: ");
		format_count(out, me->export.file.n);
		str_adds(out, " rows · ");
	}
	if (!me->paged.asked_once)
		return;
	paged_count(&me->paged, out);
	if (me->wider == WIDER_JOINED && me->table.n)
		str_adds(out, " · as one id");
	if (me->wider == WIDER_ANYWHERE && me->table.n)
		str_adds(out, " · none begins so: these of the last day hold it");
	if (me->hidden)
		str_addf(out, " · %lld%s outside of your scope", (long long)me->hidden,
			me->hidden >= 100 ? "+" : "");
	str_adds(out, " · newest first");
	table_status(&me->table, out);
	str_adds(out, " · took ");
	format_took(out, me->paged.took_us);
	if (me->paged.err.code && me->table.n)
		str_addf(out, " · %s", me->paged.err.text);
}
