/* What the tail looks like: an event a line, the selected one whole below.
 * Called by tail.c. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "tail_part.h"

#define HELD_BACK_S 5.0
#define DETAIL_HEIGHT 4
#define DETAIL_FROM 16

enum column_id {
	COL_TIME,
	COL_STATE,
	COL_INTERFACE,
	COL_KIND,
	COL_KEY,
	COL_FACILITY,
	COL_CORRELATION,
	COL_WHAT,
};

static const struct table_column columns[] = {
	[COL_TIME] = {"time", 12, 12, 0, false},
	[COL_STATE] = {"", 1, 1, 0, false},
	[COL_INTERFACE] = {"interface", 12, 14, 0, false},
	[COL_KIND] = {"event", 10, 14, 0, false},
	[COL_KEY] = {"business key", 12, 18, 70, false},
	[COL_FACILITY] = {"at", 5, 6, 100, false},
	[COL_CORRELATION] = {"correlation", 8, 12, 140, false},
	[COL_WHAT] = {"what", 8, 200, 60, false},
};

static void draw_what(const struct tail_fields *at, const struct rows *rows, size_t row,
	const struct canvas *canvas)
{
	struct slice class = rows_text(rows, row, at->class), text = rows_text(rows, row, at->text);
	int x = 0;

	if (rows_int(rows, row, at->attempt) > 1)
		x = canvas_printf(canvas, 0, 0, canvas->width, ROLE_DIM, "#%lld ",
			(long long)rows_int(rows, row, at->attempt));
	if (class.len)
		x += canvas_text(canvas, x, 0, canvas->width - x, ROLE_WARNING, class) + 1;
	canvas_text(canvas, x, 0, canvas->width - x, ROLE_TEXT, text);
}

/* A failure looks like what it led to: another try, or none. */
static void draw_kind(const struct tail_fields *at, const struct rows *rows, size_t row,
	const struct canvas *canvas)
{
	struct slice kind = rows_text(rows, row, at->kind);
	bool failed = slice_eq_str(kind, "failed");

	canvas_text(canvas, 0, 0, canvas->width,
		role_of_state(failed ? rows_text(rows, row, at->state) : kind), kind);
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct tail *me = ctx;
	size_t row;
	const struct rows *rows = batches_at(&me->log, number, &row);
	CLEANUP(str_done)
	struct str time = STR_INIT(32);

	switch ((enum column_id)column) {
	case COL_TIME:
		format_time(&time, rows_time(rows, row, me->at.at), FORMAT_MILLI);
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&time));
		break;
	case COL_STATE:
		canvas_glyph(canvas, 0, 0, role_of_state(rows_text(rows, row, me->at.state)));
		break;
	case COL_INTERFACE:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT,
			rows_text(rows, row, me->at.interface));
		break;
	case COL_KIND:
		draw_kind(&me->at, rows, row, canvas);
		break;
	case COL_KEY:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT,
			rows_text(rows, row, me->at.business_key));
		break;
	case COL_FACILITY:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			rows_text(rows, row, me->at.facility));
		break;
	case COL_CORRELATION:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			rows_text(rows, row, me->at.correlation));
		break;
	case COL_WHAT:
		draw_what(&me->at, rows, row, canvas);
		break;
	}
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	const struct tail *me = ctx;
	const size_t columns_of[] = {me->at.interface, me->at.kind, me->at.state,
		me->at.business_key, me->at.facility, me->at.partner, me->at.correlation,
		me->at.message, me->at.class, me->at.text};
	size_t row;
	const struct rows *rows = batches_at(&me->log, number, &row);

	for (size_t i = 0; i < ARRAY_LEN(columns_of); i++) {
		str_add(out, rows_text(rows, row, columns_of[i]));
		str_addc(out, ' ');
	}
}

struct table_rows tail_rows(const struct tail *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static int draw_field(
	const struct canvas *canvas, int x, int y, const char *name, struct slice value)
{
	if (!value.len)
		return x;
	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_DIM, slice_of(name)) + 1;
	return x + canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT, value) + 3;
}

/* The row under the cursor, whole. */
static void draw_detail(const struct tail *me, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = batches_at(&me->log, me->table.cursor, &row);
	int x = 1;

	canvas_line(canvas, 0, ROLE_BORDER);
	x = draw_field(canvas, x, 1, "correlation", rows_text(rows, row, me->at.correlation));
	x = draw_field(canvas, x, 1, "key", rows_text(rows, row, me->at.business_key));
	draw_field(canvas, x, 1, "partner", rows_text(rows, row, me->at.partner));
	x = draw_field(canvas, 1, 2, "message", rows_text(rows, row, me->at.message));
	x = draw_field(canvas, x, 2, "state", rows_text(rows, row, me->at.state));
	draw_field(canvas, x, 2, "at", rows_text(rows, row, me->at.facility));
	x = draw_field(canvas, 1, 3, "class", rows_text(rows, row, me->at.class));
	canvas_text(canvas, x, 3, canvas->width - x, ROLE_TEXT, rows_text(rows, row, me->at.text));
}

int tail_top_height(const struct tail *me)
{
	return me->line.typing || me->line.text.len ? 1 : 0;
}

int tail_detail_height(const struct tail *me, int height)
{
	return !me->table.at_end && height >= DETAIL_FROM ? DETAIL_HEIGHT : 0;
}

static const char *why_empty(const struct tail *me)
{
	return me->err.code  ? me->err.text
	       : !me->at.xid ? "asking the store"
	       : me->back_ticket
		       ? "none of the newest events is left by this filter; looking further back"
	       : me->line.text.len
		       ? "none of the newest events is left by this filter; it waits for one"
		       : "no event yet";
}

void tail_draw(const struct view *view, const struct canvas *canvas)
{
	const struct tail *me = (const struct tail *)view;
	int top = tail_top_height(me), detail = tail_detail_height(me, canvas->height);
	struct canvas line = canvas_sub(canvas, 0, 0, canvas->width, top);
	struct canvas list =
		canvas_sub(canvas, 0, top, canvas->width, canvas->height - top - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);
	struct table_rows rows = tail_rows(me);

	if (top)
		filter_line_draw(&me->line, &line, "");
	if (me->log.first == me->log.next) {
		canvas_text(&list, 1, 1, canvas->width - 2, ROLE_DIM, slice_of(why_empty(me)));
		return;
	}
	table_draw(&me->table, &list, &rows);
	if (detail)
		draw_detail(me, &below);
}

/* An open transaction anywhere in the cluster keeps later events out of sight. */
static void add_horizon(const struct tail *me, struct str *out)
{
	const struct rows *rows = me->horizon.rows;
	double held_s;

	if (!rows || !rows_count(rows))
		return;
	held_s = rows_real(rows, 0, rows_col(rows, "held_s"));
	if (held_s < HELD_BACK_S)
		return;
	str_adds(out, " · held back ");
	format_age(out, (int64_t)(held_s * (double)S_US));
	str_addf(out, " by pid %lld ", (long long)rows_int(rows, 0, rows_col(rows, "pid")));
	str_add(out, rows_text(rows, 0, rows_col(rows, "who")));
}

void tail_status(const struct view *view, struct str *out)
{
	const struct tail *me = (const struct tail *)view;

	if (me->table.at_end) {
		str_adds(out, "following");
		if (me->unseen) {
			str_adds(out, " · ");
			format_count(out, me->unseen);
			str_adds(out, " went by unseen, scroll back for them");
		}
	} else {
		str_adds(out, "PAUSED");
		if (me->log.next > me->paused_at) {
			str_adds(out, " · +");
			format_count(out, me->log.next - me->paused_at);
			str_adds(out, " new");
		}
		if (tail_is_full(me))
			str_adds(out, ", and more in the store");
	}
	str_adds(out, " · ");
	format_count(out, batches_count(&me->log));
	str_adds(out, " events");
	if (me->back_ticket)
		str_adds(out, ", asking for older ones");
	add_horizon(me, out);
	if (me->err.code)
		str_addf(out, " · %s", me->err.text);
}
