/* What the overview looks like: tiles, cells, and the interface under the cursor in full.
 * Systems that are down are overview_down.c's.
 * Called by the overview. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "overview_part.h"
#include "standing.h"
#include "ui/chart.h"

#define SPARK_MAX 64
#define DETAIL_FROM 12

enum column_id {
	COL_INTERFACE,
	COL_ROUTE,
	COL_STATE,
	COL_BURN,
	COL_GOOD,
	COL_OBJECTIVE,
	COL_P95,
	COL_TARGET,
	COL_IN,
	COL_OUT,
	COL_QUEUE,
	COL_DEAD,
	COL_OLDEST,
	COL_LAST,
	COL_OWNER,
	COL_SPARK,
};

static const struct table_column columns[] = {
	[COL_INTERFACE] = {"interface", 14, 22, 0, false},
	[COL_ROUTE] = {"route", 16, 26, 140, false},
	[COL_STATE] = {"state", 9, 10, 0, false},
	[COL_BURN] = {"burn 1h", 7, 7, 0, true, "burn"},
	[COL_GOOD] = {"good %", 6, 6, 0, true, "good"},
	[COL_OBJECTIVE] = {"of", 5, 7, 78, true, "objective"},
	[COL_P95] = {"p95", 6, 6, 0, true},
	[COL_TARGET] = {"under", 6, 6, 96, true, "target"},
	[COL_IN] = {"in/min", 6, 6, 66, true},
	[COL_OUT] = {"out/min", 7, 7, 104, true},
	[COL_QUEUE] = {"queue", 5, 6, 72, true},
	[COL_DEAD] = {"dead", 5, 6, 0, true},
	[COL_OLDEST] = {"oldest", 6, 7, 88, true},
	[COL_LAST] = {"last", 6, 7, 150, true},
	[COL_OWNER] = {"owner", 10, 16, 130, false},
	[COL_SPARK] = {"last hour", 12, 12, 110, false},
};

/* ---- tiles ---- */

static int64_t of_state(const struct overview *me, const char *state)
{
	const struct rows *rows = me->panel.rows;
	int64_t n = 0;

	for (size_t i = 0; i < rows_count(rows); i++)
		n += slice_eq_str(rows_text(rows, i, rows_col(rows, "state")), state) &&
		     !standing_is_silenced(rows, i);
	return n;
}

static int64_t sum(const struct overview *me, const char *column)
{
	const struct rows *rows = me->panel.rows;
	size_t at = rows_col(rows, column);
	int64_t n = 0;

	for (size_t i = 0; i < rows_count(rows); i++)
		n += rows_int(rows, i, at);
	return n;
}

static int64_t waits(const struct overview *me, const char *column)
{
	const struct rows *rows = me->waits.rows;

	return rows && rows_count(rows) ? rows_int(rows, 0, rows_col(rows, column)) : 0;
}

int64_t overview_tile(const struct overview *me, enum tile tile)
{
	switch (tile) {
	case TILE_BREACH:
		return of_state(me, "breach");
	case TILE_RISK:
		return of_state(me, "at_risk");
	case TILE_LATE:
		return of_state(me, "late");
	case TILE_SILENT:
		return of_state(me, "silent");
	case TILE_DEAD:
		return sum(me, "dead");
	case TILE_DOUBT:
		return waits(me, "doubts");
	case TILE_WAITING:
		return waits(me, "asked");
	case TILE_QUEUE:
		return sum(me, "queue");
	case TILES_N:
		break;
	}
	return 0;
}

static const struct {
	const char *word, *short_word;
	enum role role;
	int from_width; /* of nothing it is left out below that */
} tiles[TILES_N] = {
	[TILE_BREACH] = {"BREACH", "BREACH", ROLE_STATE_DEAD, 0},
	[TILE_RISK] = {"AT RISK", "RISK", ROLE_STATE_RETRYING, 0},
	[TILE_LATE] = {"LATE", "LATE", ROLE_STATE_FAILING, 116},
	[TILE_SILENT] = {"SILENT", "SILENT", ROLE_STATE_SILENT, 0},
	[TILE_DEAD] = {"DEAD", "DEAD", ROLE_STATE_DEAD, 0},
	[TILE_DOUBT] = {"IN DOUBT", "DOUBT", ROLE_STATE_FAILING, 0},
	[TILE_WAITING] = {"WAITING APPROVAL", "APPROVAL", ROLE_WARNING, 0},
	[TILE_QUEUE] = {"QUEUE", "QUEUE", ROLE_TEXT, 0},
};

const char *overview_tile_word(enum tile tile)
{
	return tiles[tile].word;
}

enum role overview_tile_role(enum tile tile)
{
	return tiles[tile].role;
}

static void draw_tiles(const struct overview *me, const struct canvas *canvas)
{
	bool wide = canvas->width >= 112;
	int64_t unowned = sum(me, "unowned");
	int x = 1;

	for (size_t i = 0; i < TILES_N; i++) {
		int64_t n = overview_tile(me, (enum tile)i);
		CLEANUP(str_done)
		struct str text = STR_INIT(128);

		if (!n && canvas->width < tiles[i].from_width)
			continue;
		str_addf(&text, "%s ", wide ? tiles[i].word : tiles[i].short_word);
		format_count(&text, n);
		if (i == TILE_DEAD && unowned) {
			str_adds(&text, " (");
			format_count(&text, unowned);
			str_adds(&text, wide ? " unowned)" : " free)");
		}
		x += canvas_text(canvas, x, 0, canvas->width - x,
			     me->tile == i ? ROLE_TAB_ACTIVE
			     : n           ? tiles[i].role
					   : ROLE_DIM,
			     str_slice(&text)) +
		     (wide ? 3 : 2);
	}
}

/* ---- cells ---- */

static struct slice text_of(const struct overview *me, size_t row, const char *column)
{
	return rows_text(me->panel.rows, row, rows_col(me->panel.rows, column));
}

static int64_t int_of(const struct overview *me, size_t row, const char *column)
{
	return rows_int(me->panel.rows, row, rows_col(me->panel.rows, column));
}

static bool told(const struct overview *me, size_t row, const char *column)
{
	return !rows_null(me->panel.rows, row, rows_col(me->panel.rows, column));
}

static void draw_name(
	const struct overview *me, int64_t line, size_t row, const struct canvas *canvas)
{
	bool under = line < (int64_t)me->n_loose;
	int x = under ? canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
				canvas->ascii ? SLICE("- ") : SLICE("└ "))
		      : 0;

	canvas_text(canvas, x, 0, canvas->width - x, ROLE_TEXT, text_of(me, row, "interface"));
}

static void draw_route(const struct overview *me, size_t row, const struct canvas *canvas)
{
	int x = canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT, text_of(me, row, "source"));

	x += canvas_text(
		canvas, x, 0, canvas->width - x, ROLE_DIM, canvas->ascii ? SLICE(">") : SLICE("→"));
	canvas_text(canvas, x, 0, canvas->width - x, ROLE_TEXT, text_of(me, row, "target"));
}

static void draw_spark(const struct canvas *canvas, struct slice text)
{
	int64_t values[SPARK_MAX];
	struct slice part;
	size_t n = 0;

	while (n < SPARK_MAX && slice_cut(&text, ',', &part)) {
		if (slice_to_i64(slice_trim(part), 0, INT64_MAX / 16, &values[n]) < 0)
			return;
		n++;
	}
	chart_spark(canvas, 0, 0, canvas->width, ROLE_SPARK, values, n);
}

/* The number of a cell as text; nothing where it says nothing. */
static enum role add_number(
	const struct overview *me, size_t row, enum column_id column, struct str *out)
{
	static const char *const counts[] = {[COL_QUEUE] = "queue", [COL_DEAD] = "dead"};
	static const char *const rates[] = {[COL_IN] = "in_per_min", [COL_OUT] = "out_per_min"};
	static const char *const ages[] = {[COL_OLDEST] = "oldest_dead", [COL_LAST] = "last_at"};
	const struct rows *rows = me->panel.rows;
	int64_t bad = int_of(me, row, "bad"), total = int_of(me, row, "total");

	switch (column) {
	case COL_BURN:
		if (told(me, row, "burn"))
			standing_add_rate(out, int_of(me, row, "burn"));
		return rows_bool(rows, row, rows_col(rows, "paging")) ? ROLE_ERROR : ROLE_TEXT;
	case COL_GOOD:
		if (told(me, row, "measure"))
			standing_add_good(out, bad, total);
		return slice_eq_str(text_of(me, row, "state"), "breach") ? ROLE_ERROR : ROLE_TEXT;
	case COL_OBJECTIVE:
		if (told(me, row, "measure"))
			standing_add_objective(out, int_of(me, row, "objective_ppm"));
		return ROLE_DIM;
	case COL_P95:
		if (told(me, row, "p95"))
			standing_add_ms(out, rows_real(rows, row, rows_col(rows, "p95")));
		return told(me, row, "slow_ms") && rows_real(rows, row, rows_col(rows, "p95")) >
							   (double)int_of(me, row, "slow_ms")
			       ? ROLE_WARNING
			       : ROLE_TEXT;
	case COL_TARGET:
		if (told(me, row, "slow_ms"))
			standing_add_ms(out, (double)int_of(me, row, "slow_ms"));
		return ROLE_DIM;
	case COL_IN:
	case COL_OUT:
		str_addf(out, "%.1f", rows_real(rows, row, rows_col(rows, rates[column])));
		return ROLE_TEXT;
	case COL_OLDEST:
	case COL_LAST:
		if (told(me, row, ages[column]))
			format_age(out, me->panel.wall_us -
						rows_time(rows, row, rows_col(rows, ages[column])));
		return column == COL_LAST ? ROLE_DIM : ROLE_TEXT;
	case COL_QUEUE:
	case COL_DEAD:
		if (int_of(me, row, counts[column])) /* zeros hide what is not zero */
			format_count(out, int_of(me, row, counts[column]));
		return column == COL_DEAD ? ROLE_STATE_DEAD : ROLE_TEXT;
	default:
		return ROLE_TEXT;
	}
}

static void draw_cell(const void *ctx, int64_t line, size_t column, const struct canvas *canvas)
{
	const struct overview *me = ctx;
	size_t row = me->lines[line];
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	enum role role;

	switch ((enum column_id)column) {
	case COL_INTERFACE:
		draw_name(me, line, row, canvas);
		return;
	case COL_ROUTE:
		draw_route(me, row, canvas);
		return;
	case COL_STATE:
		standing_draw(canvas, text_of(me, row, "state"),
			standing_is_silenced(me->panel.rows, row));
		return;
	case COL_OWNER:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, text_of(me, row, "owner"));
		return;
	case COL_SPARK:
		draw_spark(canvas, text_of(me, row, "spark"));
		return;
	default:
		role = add_number(me, row, (enum column_id)column, &text);
		canvas_right(canvas, 0, 0, canvas->width, role, str_slice(&text));
	}
}

static void row_text(const void *ctx, int64_t line, struct str *out)
{
	static const char *const names[] = {
		"interface", "title", "source", "target", "state", "owner"};
	const struct overview *me = ctx;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		str_add(out, text_of(me, me->lines[line], names[i]));
		str_addc(out, ' ');
	}
}

struct table_rows overview_rows(const struct overview *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

/* ---- the whole ---- */

int overview_detail_height(const struct overview *me, int height)
{
	return height >= DETAIL_FROM && me->n_lines ? 2 : 0;
}

static bool draw_nothing(const struct overview *me, const struct canvas *canvas)
{
	struct slice why = SLICE("");

	if (!me->panel.rows)
		why = me->panel.err.code ? slice_of(me->panel.err.text) : SLICE("asking the store");
	else if (!rows_count(me->panel.rows))
		why = SLICE("no interface is in your scope; the catalogue may still be empty");
	canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM, why);
	return why.len > 0;
}

void overview_draw(const struct view *view, const struct canvas *canvas)
{
	const struct overview *me = (const struct overview *)view;
	int down = overview_down_height(me, canvas->height);
	int detail = overview_detail_height(me, canvas->height);
	int top = OVERVIEW_TILES_HEIGHT + down;
	struct canvas systems = canvas_sub(canvas, 0, OVERVIEW_TILES_HEIGHT, canvas->width, down);
	struct canvas list =
		canvas_sub(canvas, 0, top, canvas->width, canvas->height - top - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);
	struct table_rows rows = overview_rows(me);

	if (draw_nothing(me, canvas))
		return;
	draw_tiles(me, canvas);
	if (down)
		overview_draw_down(me, &systems);
	table_draw(&me->table, &list, &rows);
	if (detail)
		standing_draw_detail(
			&below, me->panel.rows, me->lines[me->table.cursor], me->panel.wall_us);
}
