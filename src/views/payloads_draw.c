/* What Payloads looks like: hits as they come, each with what surrounds it, and how far it is.
 * Called by payloads.c. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "payloads_part.h"

#define DETAIL_FROM 16

enum column_id {
	COL_AT,
	COL_INTERFACE,
	COL_FACILITY,
	COL_KEY,
	COL_MESSAGE,
	COL_KIND,
	COL_TIMES,
	COL_EXCERPT,
};

static const struct table_column columns[] = {
	[COL_AT] = {"last", 7, 7, 0, true, NULL},
	[COL_INTERFACE] = {"interface", 10, 16, 0, false, NULL},
	[COL_FACILITY] = {"site", 5, 6, 110, false, NULL},
	[COL_KEY] = {"business key", 12, 18, 90, false, "key"},
	[COL_MESSAGE] = {"message", 12, 20, 130, false, NULL},
	[COL_KIND] = {"kind", 8, 9, 120, false, NULL},
	[COL_TIMES] = {"n", 3, 3, 70, true, "times"},
	[COL_EXCERPT] = {"payload", 20, 300, 0, false, NULL},
};

static const char *const names[] = {
	[COL_AT] = "at",
	[COL_INTERFACE] = "interface",
	[COL_FACILITY] = "facility",
	[COL_KEY] = "business_key",
	[COL_MESSAGE] = "message",
	[COL_KIND] = "kind",
	[COL_TIMES] = "times",
	[COL_EXCERPT] = "excerpt",
};

/* What was found stands out; blanks and line ends before it are not worth their room. */
static void draw_excerpt(
	const struct rows *rows, size_t row, size_t before, const struct canvas *canvas)
{
	struct slice text = rows_text(rows, row, rows_col(rows, "excerpt"));
	size_t begin = (size_t)rows_int(rows, row, rows_col(rows, "begin"));
	size_t end = (size_t)rows_int(rows, row, rows_col(rows, "end"));
	size_t from = begin > before ? begin - before : 0;
	int x;

	while (from < begin && ((unsigned char)text.at[from] & 0xc0) == 0x80)
		from++;
	x = from ? canvas_put(canvas, 0, 0, canvas->width, ROLE_DIM, SLICE("…")) : 0;
	x += canvas_put(canvas, x, 0, canvas->width - x, ROLE_DIM,
		(struct slice){text.at + from, begin - from});
	x += canvas_put(canvas, x, 0, canvas->width - x, ROLE_FOUND,
		(struct slice){text.at + begin, end - begin});
	canvas_text(canvas, x, 0, canvas->width - x, ROLE_DIM, slice_from(text, end));
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct payloads *me = ctx;
	size_t row;
	const struct rows *rows = batches_at(&me->hits, number, &row);
	size_t at = rows_col(rows, names[column]);
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	switch ((enum column_id)column) {
	case COL_AT:
		format_age(&text, me->now_us - rows_time(rows, row, at));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&text));
		return;
	case COL_TIMES:
		format_count(&text, rows_int(rows, row, at));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT, str_slice(&text));
		return;
	case COL_EXCERPT:
		draw_excerpt(rows, row, (size_t)canvas->width / 4, canvas);
		return;
	default:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT, rows_text(rows, row, at));
	}
}

static struct slice row_id(const void *ctx, int64_t number)
{
	size_t row;
	const struct rows *rows = batches_at(&((const struct payloads *)ctx)->hits, number, &row);

	return rows_text(rows, row, rows_col(rows, "place"));
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	size_t row;
	const struct rows *rows = batches_at(&((const struct payloads *)ctx)->hits, number, &row);

	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (i == COL_AT || i == COL_TIMES)
			continue;
		str_add(out, rows_text(rows, row, rows_col(rows, names[i])));
		str_addc(out, ' ');
	}
}

struct table_rows payloads_rows(const struct payloads *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, row_id, row_text, me};
}

int payloads_detail_height(int height)
{
	return height >= DETAIL_FROM ? 4 : 0;
}

static int field(const struct canvas *canvas, int x, const char *label, struct slice value)
{
	if (!value.len)
		return x;
	x += canvas_text(canvas, x, 1, canvas->width - x, ROLE_DIM, slice_of(label)) + 1;
	return x + canvas_text(canvas, x, 1, canvas->width - x, ROLE_TEXT, value) + 3;
}

static void draw_detail(const struct payloads *me, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = batches_at(&me->hits, me->table.cursor, &row);
	struct canvas text = canvas_sub(canvas, 1, 2, canvas->width - 2, 1);
	int x = 1;

	canvas_line(canvas, 0, ROLE_BORDER);
	x = field(canvas, x, "message", rows_text(rows, row, rows_col(rows, "message")));
	x = field(canvas, x, "correlation", rows_text(rows, row, rows_col(rows, "correlation")));
	x = field(canvas, x, "key", rows_text(rows, row, rows_col(rows, "business_key")));
	x = field(canvas, x, "state", rows_text(rows, row, rows_col(rows, "state")));
	field(canvas, x, "payload", rows_text(rows, row, rows_col(rows, "kind")));
	draw_excerpt(rows, row, (size_t)canvas->width, &text);
}

static const char *why_empty(const struct payloads *me)
{
	switch (me->scan.state) {
	case SCAN_NOTHING:
		return me->line.text.len ? "sealed; refresh looks through it again"
					 : "a filter with body~\"pattern\" says what to look for";
	case SCAN_FAILED:
		return me->scan.err.text;
	case SCAN_OVER:
		return "no payload that you may see holds it within this window";
	case SCAN_STOPPED:
	case SCAN_PAUSED:
		return "stopped; nothing was found so far";
	default:
		return "looking through payloads, the newest first";
	}
}

void payloads_draw(const struct view *view, const struct canvas *canvas)
{
	const struct payloads *me = (const struct payloads *)view;
	int detail = payloads_detail_height(canvas->height);
	struct canvas top = canvas_sub(canvas, 0, 0, canvas->width, 1);
	struct canvas list = canvas_sub(canvas, 0, 1, canvas->width, canvas->height - 1 - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);
	struct table_rows rows = payloads_rows(me);

	if (me->table.n) {
		table_draw(&me->table, &list, &rows);
		if (detail)
			draw_detail(me, &below);
	} else {
		canvas_text(&list, 1, 1, list.width - 2,
			me->scan.state == SCAN_FAILED ? ROLE_ERROR : ROLE_DIM,
			slice_of(why_empty(me)));
	}
	filter_line_draw(&me->line, &top, "which payloads: body~\"pattern\", and what narrows it");
	if (me->asking)
		form_draw(&me->form, canvas);
}

static void add_state(const struct payloads *me, struct str *out)
{
	static const char *const words[] = {
		[SCAN_NOTHING] = "",
		[SCAN_ASKS] = "asking the store",
		[SCAN_RUNS] = "looking",
		[SCAN_PAUSED] = "PAUSED",
		[SCAN_OVER] = "all of it",
		[SCAN_STOPPED] = "STOPPED",
		[SCAN_FAILED] = "FAILED",
	};

	str_adds(out, words[me->scan.state]);
	if (me->scan.state == SCAN_RUNS || me->scan.state == SCAN_STOPPED ||
		me->scan.state == SCAN_PAUSED)
		str_addf(out, " %d %%", (int)(me->scan.progress * 100));
	if (me->scan.upto_us > me->scan.since_us) {
		str_adds(out, " of ");
		format_age(out, me->scan.upto_us - me->scan.since_us);
	}
}

void payloads_status(const struct view *view, struct str *out)
{
	const struct payloads *me = (const struct payloads *)view;
	const struct scan *scan = &me->scan;

	if (scan->state == SCAN_NOTHING)
		return;
	str_adds(out, scan->raw ? "RAW · " : "");
	format_count(out, scan->hits_n);
	str_adds(out, scan->hits_n >= SCAN_HITS_MAX ? "+ hits · "
		      : scan->hits_n == 1           ? " hit · "
						    : " hits · ");
	add_state(me, out);
	str_adds(out, " · ");
	format_count(out, scan->payloads);
	str_addf(out, " payloads, %.1f MB", (double)scan->bytes / 1e6);
	if (scan->too_slow) {
		str_adds(out, " · too slow for ");
		format_count(out, scan->too_slow);
	}
	if (scan->state != SCAN_RUNS && scan->state != SCAN_ASKS) {
		str_adds(out, " · took ");
		format_took(out, scan->took_us);
	}
	if (scan->err.code && me->table.n)
		str_addf(out, " · %s", scan->err.text);
	table_status(&me->table, out);
}
