/* The list of the SLA view: columns, cells, and the interface under the cursor in words.
 * The page of one interface is sla_page.c's.
 * Called by the SLA view. */
#include "base/mem.h"
#include "model/format.h"
#include "sla_part.h"
#include "standing.h"

enum column_id {
	COL_INTERFACE,
	COL_STATE,
	COL_MEASURE,
	COL_OBJECTIVE,
	COL_GOOD,
	COL_BUDGET,
	COL_BURN_1,
	COL_BURN_2,
	COL_BURN_3,
	COL_BURN_4,
	COL_P50,
	COL_P95,
	COL_P99,
	COL_TARGET,
	COL_FRESH,
	COL_CADENCE,
	COL_QUEUE,
	COL_AGES,
	COL_BATCH,
	COL_OWNER,
};

static const struct table_column columns[] = {
	[COL_INTERFACE] = {"interface", 13, 20, 0, false},
	[COL_STATE] = {"state", 9, 9, 0, false},
	[COL_MEASURE] = {"by", 7, 7, 100, false, "measure"},
	[COL_OBJECTIVE] = {"promise", 7, 7, 0, true},
	[COL_GOOD] = {"good %", 6, 6, 0, true, "good"},
	[COL_BUDGET] = {"budget", 6, 7, 0, true},
	[COL_BURN_1] = {"1h", 6, 6, 0, true},
	[COL_BURN_2] = {"6h", 6, 6, 0, true},
	[COL_BURN_3] = {"1d", 6, 6, 90, true},
	[COL_BURN_4] = {"3d", 6, 6, 90, true},
	[COL_P50] = {"p50", 6, 6, 110, true},
	[COL_P95] = {"p95", 6, 6, 64, true},
	[COL_P99] = {"p99", 6, 6, 110, true},
	[COL_TARGET] = {"under", 6, 6, 120, true, "target"},
	[COL_FRESH] = {"last", 6, 7, 78, true},
	[COL_CADENCE] = {"every", 6, 6, 140, true},
	[COL_QUEUE] = {"queue", 5, 5, 130, true},
	[COL_AGES] = {"<1h 4h 1d 7d >", 14, 20, 150, false, "ages"},
	[COL_BATCH] = {"batch due", 9, 9, 160, true, "batch"},
	[COL_OWNER] = {"owner", 10, 16, 170, false},
};

static const struct sheet_cell cells[ARRAY_LEN(columns)] = {
	[COL_INTERFACE] = {"interface", CELL_STRONG, ROLE_TEXT},
	[COL_STATE] = {"state", CELL_OWN, ROLE_TEXT},
	[COL_MEASURE] = {"measure", CELL_DIM, ROLE_TEXT},
	[COL_OBJECTIVE] = {"objective_ppm", CELL_OWN, ROLE_TEXT},
	[COL_GOOD] = {"bad", CELL_OWN, ROLE_TEXT},
	[COL_BUDGET] = {"budget", CELL_OWN, ROLE_TEXT},
	[COL_BURN_1] = {"burn", CELL_OWN, ROLE_TEXT},
	[COL_BURN_2] = {"burn", CELL_OWN, ROLE_TEXT},
	[COL_BURN_3] = {"burn", CELL_OWN, ROLE_TEXT},
	[COL_BURN_4] = {"burn", CELL_OWN, ROLE_TEXT},
	[COL_P50] = {"p50", CELL_OWN, ROLE_TEXT},
	[COL_P95] = {"p95", CELL_OWN, ROLE_TEXT},
	[COL_P99] = {"p99", CELL_OWN, ROLE_TEXT},
	[COL_TARGET] = {"slow_ms", CELL_OWN, ROLE_TEXT},
	[COL_FRESH] = {"last_at", CELL_AGE, ROLE_TEXT},
	[COL_CADENCE] = {"cadence_s", CELL_OWN, ROLE_TEXT},
	[COL_QUEUE] = {"queue", CELL_COUNT, ROLE_TEXT},
	[COL_AGES] = {"ages", CELL_OWN, ROLE_TEXT},
	[COL_BATCH] = {"batch_at", CELL_OWN, ROLE_TEXT},
	[COL_OWNER] = {"owner", CELL_DIM, ROLE_TEXT},
};

/* The rate of the long window; loud when both windows burn. Nothing was judged: in words. */
static enum role add_burn(const struct rows *rows, size_t row, size_t rule, struct str *out)
{
	struct slice state = rows_text(rows, row, rows_col(rows, "burning")), part = SLICE("");
	int64_t rate;

	for (size_t i = 0; i <= rule; i++)
		if (!slice_cut(&state, ',', &part))
			return ROLE_DIM;
	if (slice_eq_str(part, "few") || slice_eq_str(part, "none")) {
		str_adds(out, slice_eq_str(part, "few") ? "few" : "-");
		return ROLE_DIM;
	}
	if (standing_nth(rows_text(rows, row, rows_col(rows, "burn")), rule, &rate))
		standing_add_rate(out, rate);
	return slice_eq_str(part, "burning") ? ROLE_ERROR : ROLE_TEXT;
}

static enum role add_cell(
	const struct rows *rows, size_t row, enum column_id column, struct str *out)
{
	size_t at = rows_col(rows, cells[column].name);
	double slow_ms = (double)rows_int(rows, row, rows_col(rows, "slow_ms"));

	switch (column) {
	case COL_OBJECTIVE:
		standing_add_objective(out, rows_int(rows, row, at));
		return ROLE_DIM;
	case COL_GOOD:
		standing_add_good(
			out, rows_int(rows, row, at), rows_int(rows, row, rows_col(rows, "total")));
		return slice_eq_str(rows_text(rows, row, rows_col(rows, "state")), "breach")
			       ? ROLE_ERROR
			       : ROLE_TEXT;
	case COL_BUDGET:
		standing_add_budget(out, rows_int(rows, row, at));
		return rows_int(rows, row, at) < 0 ? ROLE_ERROR : ROLE_TEXT;
	case COL_BURN_1:
	case COL_BURN_2:
	case COL_BURN_3:
	case COL_BURN_4:
		return add_burn(rows, row, (size_t)(column - COL_BURN_1), out);
	case COL_P50:
	case COL_P95:
	case COL_P99:
		standing_add_ms(out, rows_real(rows, row, at));
		return column == COL_P95 && slow_ms > 0 && rows_real(rows, row, at) > slow_ms
			       ? ROLE_WARNING
			       : ROLE_TEXT;
	case COL_TARGET:
		standing_add_ms(out, slow_ms);
		return ROLE_DIM;
	case COL_CADENCE:
		format_age(out, rows_int(rows, row, at) * S_US);
		return ROLE_DIM;
	case COL_BATCH:
		format_time(out, rows_time(rows, row, at), FORMAT_MINUTE);
		return ROLE_TEXT;
	default:
		return ROLE_TEXT;
	}
}

/* Under the hour, four hours, the day, the week, and older: the older the louder. */
static void draw_ages(struct slice ages, const struct canvas *canvas)
{
	static const enum role roles[] = {
		ROLE_TEXT, ROLE_TEXT, ROLE_WARNING, ROLE_ERROR, ROLE_ERROR};
	struct slice part;
	int x = 0;

	for (size_t i = 0; i < ARRAY_LEN(roles) && slice_cut(&ages, ',', &part); i++) {
		bool zero = slice_eq_str(part, "0");

		x += canvas_text(canvas, x, 0, canvas->width - x, zero ? ROLE_DIM : roles[i],
			     zero ? SLICE("-") : part) +
		     1;
	}
}

static void draw_own(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	enum role role;

	if (column == COL_STATE) {
		standing_draw(canvas, rows_text(rows, row, rows_col(rows, "state")),
			standing_is_silenced(rows, row));
		return;
	}
	if (column == COL_AGES) {
		draw_ages(rows_text(rows, row, rows_col(rows, "ages")), canvas);
		return;
	}
	if (rows_null(rows, row, rows_col(rows, cells[column].name)))
		return;
	role = add_cell(rows, row, (enum column_id)column, &text);
	canvas_right(canvas, 0, 0, canvas->width, role, str_slice(&text));
}

const struct sheet sla_sheet = {
	.columns = columns,
	.cells = cells,
	.n_columns = ARRAY_LEN(columns),
	.key = "interface",
	.own = draw_own,
};

void sla_draw_detail(const struct sla *me, const struct canvas *canvas)
{
	size_t row;
	const struct rows *rows = sheet_cursor(&me->sheet, &row);

	if (rows)
		standing_draw_detail(canvas, rows, row, me->sheet.wall_us);
}
