/* The lists of the posture: their columns, what is counted, and the row under the cursor in full.
 * What the cells hold is the store's answer.
 * Drawn by the view of the posture. */
#include "base/mem.h"
#include "model/format.h"
#include "posture_part.h"

static struct slice text_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

static size_t in(const struct rows *rows, const char *column, const char *word)
{
	size_t n = 0;

	for (size_t i = 0; i < rows_count(rows); i++)
		n += slice_eq_str(text_of(rows, i, column), word);
	return n;
}

static void add_count(struct str *out, size_t n, const char *words)
{
	if (n)
		str_addf(out, " · %zu %s", n, words);
}

static void add_all(struct str *out, const struct rows *rows, const char *words)
{
	format_count(out, (int64_t)rows_count(rows));
	str_addf(out, " %s", words);
}

/* ---- credentials ---- */

static const struct table_column credential_columns[] = {
	{"credential", 14, 24, 0, false, "name"},
	{"state", 10, 10, 0, false, NULL},
	{"kind", 10, 13, 50, false, NULL},
	{"ends", 10, 10, 40, true, NULL},
	{"changed", 9, 9, 60, true, NULL},
	{"every", 6, 6, 70, true, NULL},
	{"change by", 10, 10, 80, true, "change-by"},
	{"owner", 10, 18, 70, false, NULL},
	{"system", 8, 12, 110, false, NULL},
	{"used by", 12, 40, 120, false, "used"},
	{"seen", 8, 8, 130, true, NULL},
};

static const struct sheet_cell credential_cells[ARRAY_LEN(credential_columns)] = {
	{"name", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"kind", CELL_DIM, ROLE_DIM},
	{"expires_at", CELL_AGE, ROLE_TEXT},
	{"rotated_at", CELL_AGE, ROLE_TEXT},
	{"rotate_days", CELL_OWN, ROLE_TEXT},
	{"rotate_by", CELL_AGE, ROLE_TEXT},
	{"owner", CELL_TEXT, ROLE_TEXT},
	{"system", CELL_TEXT, ROLE_TEXT},
	{"used", CELL_DIM, ROLE_DIM},
	{"seen_at", CELL_AGE, ROLE_DIM},
};

static void draw_days(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	size_t at = rows_col(rows, credential_cells[column].name);

	if (!rows_null(rows, row, at))
		canvas_printf(canvas, 0, 0, canvas->width, ROLE_DIM, "%4lldd",
			(long long)rows_int(rows, row, at));
}

static void count_credentials(const struct rows *rows, struct str *out)
{
	add_all(out, rows, "credentials");
	add_count(out, in(rows, "state", "ended"), "have ended");
	add_count(out, in(rows, "state", "ends"), "end soon");
	add_count(out, in(rows, "state", "rotate"), "to be changed");
	add_count(out, in(rows, "state", "unknown"), "of which nobody has said when");
}

/* ---- access ---- */

static const struct table_column access_columns[] = {
	{"login", 12, 20, 0, false, NULL},
	{"standing", 10, 10, 40, false, NULL},
	{"roles", 12, 24, 0, false, NULL},
	{"conflict", 12, 70, 60, false, NULL},
	{"last act", 8, 9, 76, true, "last"},
	{"reviewed", 8, 9, 90, true, NULL},
	{"verdict", 8, 12, 130, false, NULL},
	{"name", 10, 20, 150, false, NULL},
	{"interfaces", 10, 30, 150, false, NULL},
	{"facilities", 8, 16, 170, false, NULL},
	{"classes", 10, 36, 180, false, NULL},
};

static const struct sheet_cell access_cells[ARRAY_LEN(access_columns)] = {
	{"login", CELL_STRONG, ROLE_TEXT},
	{"standing", CELL_TEXT, ROLE_TEXT},
	{"roles", CELL_TEXT, ROLE_TEXT},
	{"conflict", CELL_OWN, ROLE_WARNING},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"reviewed_at", CELL_AGE, ROLE_DIM},
	{"verdict", CELL_DIM, ROLE_DIM},
	{"name", CELL_TEXT, ROLE_TEXT},
	{"interfaces", CELL_DIM, ROLE_DIM},
	{"facilities", CELL_DIM, ROLE_DIM},
	{"classes", CELL_DIM, ROLE_DIM},
};

static void draw_conflict(
	const struct rows *rows, size_t row, size_t column, const struct canvas *canvas)
{
	(void)column;
	canvas_text(canvas, 0, 0, canvas->width, ROLE_WARNING, text_of(rows, row, "conflict"));
}

static void count_access(const struct rows *rows, struct str *out)
{
	size_t conflicts = 0;

	for (size_t i = 0; i < rows_count(rows); i++)
		conflicts += text_of(rows, i, "conflict").len > 0;
	add_all(out, rows, "logins");
	add_count(out, conflicts, "with a conflict");
	add_count(out, in(rows, "standing", "unknown"), "unknown to the store");
}

/* ---- refused credentials, and what people were refused and took out ---- */

static const struct table_column failure_columns[] = {
	{"where", 12, 24, 0, false, NULL},
	{"times", 6, 8, 0, true, NULL},
	{"open", 6, 6, 50, true, NULL},
	{"last", 8, 9, 0, true, NULL},
	{"first", 8, 9, 80, true, NULL},
	{"what", 16, 80, 40, false, NULL},
	{"owner", 10, 18, 110, false, NULL},
};

static const struct sheet_cell failure_cells[ARRAY_LEN(failure_columns)] = {
	{"source", CELL_STRONG, ROLE_TEXT},
	{"total", CELL_COUNT, ROLE_TEXT},
	{"unresolved", CELL_COUNT, ROLE_STATE_DEAD},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"first_at", CELL_AGE, ROLE_TEXT},
	{"what", CELL_TEXT, ROLE_TEXT},
	{"owner", CELL_DIM, ROLE_DIM},
};

static void count_failures(const struct rows *rows, struct str *out)
{
	add_all(out, rows, "places where credentials were refused · of 30 days");
}

static const struct table_column use_columns[] = {
	{"login", 12, 20, 0, false, NULL},
	{"refused", 7, 7, 0, true, NULL},
	{"reveals", 7, 7, 0, true, NULL},
	{"searches", 8, 8, 50, true, NULL},
	{"exports", 7, 7, 40, true, NULL},
	{"acts", 6, 7, 60, true, NULL},
	{"last", 8, 9, 70, true, NULL},
	{"last refusal", 16, 40, 80, false, "refusal"},
	{"name", 10, 20, 110, false, NULL},
};

static const struct sheet_cell use_cells[ARRAY_LEN(use_columns)] = {
	{"login", CELL_STRONG, ROLE_TEXT},
	{"refused", CELL_COUNT, ROLE_WARNING},
	{"reveals", CELL_COUNT, ROLE_WARNING},
	{"searches", CELL_COUNT, ROLE_TEXT},
	{"exports", CELL_COUNT, ROLE_TEXT},
	{"acts", CELL_COUNT, ROLE_DIM},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"last_refusal", CELL_TEXT, ROLE_TEXT},
	{"name", CELL_TEXT, ROLE_TEXT},
};

static void count_uses(const struct rows *rows, struct str *out)
{
	add_all(out, rows, "logins did something · in 30 days");
}

/* ---- reviews ---- */

static const struct table_column review_columns[] = {
	{"review", 6, 7, 0, false, NULL},
	{"state", 10, 10, 0, false, NULL},
	{"begun", 8, 9, 0, true, NULL},
	{"by", 10, 18, 40, false, NULL},
	{"logins", 6, 6, 50, true, NULL},
	{"open", 5, 5, 50, true, NULL},
	{"revoke", 6, 6, 50, true, NULL},
	{"signed", 8, 9, 70, true, NULL},
	{"signed by", 10, 18, 80, false, "signed-by"},
	{"words", 12, 60, 100, false, NULL},
};

static const struct sheet_cell review_cells[ARRAY_LEN(review_columns)] = {
	{"key", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"begun_at", CELL_AGE, ROLE_TEXT},
	{"begun_by", CELL_TEXT, ROLE_TEXT},
	{"logins", CELL_COUNT, ROLE_TEXT},
	{"open", CELL_COUNT, ROLE_WARNING},
	{"revoke", CELL_COUNT, ROLE_STATE_DEAD},
	{"signed_at", CELL_AGE, ROLE_TEXT},
	{"signed_by", CELL_TEXT, ROLE_TEXT},
	{"words", CELL_DIM, ROLE_DIM},
};

static void count_reviews(const struct rows *rows, struct str *out)
{
	add_all(out, rows, "access reviews · newest first");
}

static const struct table_column item_columns[] = {
	{"login", 12, 20, 0, false, NULL},
	{"verdict", 14, 14, 0, false, NULL},
	{"roles", 12, 28, 30, false, NULL},
	{"conflict", 12, 60, 60, false, NULL},
	{"last act", 8, 9, 76, true, "last"},
	{"decided by", 10, 18, 90, false, NULL},
	{"reason", 12, 60, 110, false, NULL},
	{"standing", 10, 10, 130, false, NULL},
};

static const struct sheet_cell item_cells[ARRAY_LEN(item_columns)] = {
	{"login", CELL_STRONG, ROLE_TEXT},
	{"verdict", CELL_STATE, ROLE_TEXT},
	{"roles", CELL_TEXT, ROLE_TEXT},
	{"conflict", CELL_OWN, ROLE_WARNING},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"decided_by", CELL_TEXT, ROLE_TEXT},
	{"reason", CELL_TEXT, ROLE_TEXT},
	{"standing", CELL_DIM, ROLE_DIM},
};

static void count_items(const struct rows *rows, struct str *out)
{
	add_all(out, rows, "logins");
	add_count(out, in(rows, "verdict", "open"), "to decide about");
	add_count(out, in(rows, "verdict", "kept"), "kept");
	add_count(out, in(rows, "verdict", "revoke_asked"), "to be revoked");
}

#define SHEET(NAME, OWN)                                                                \
	{                                                                               \
		.columns = NAME##_columns, .cells = NAME##_cells,                       \
		.n_columns = ARRAY_LEN(NAME##_columns), .key = "key", .sortable = true, \
		.own = (OWN)                                                            \
	}

const struct posture_section posture_sections[POSTURE_SHEETS] = {
	[AT_CREDENTIALS] = {"posture-credentials", "credentials",
		"no credential is in the catalogue, and no worker has seen one",
		SHEET(credential, draw_days), count_credentials},
	[AT_ACCESS] = {"posture-access", "access", "nobody has a role in this store",
		SHEET(access, draw_conflict), count_access},
	[AT_FAILURES] = {"posture-failures", "refused credentials",
		"no credential was refused within 30 days", SHEET(failure, NULL), count_failures},
	[AT_USES] = {"posture-uses", "uses", "nobody did anything within 30 days", SHEET(use, NULL),
		count_uses},
	[AT_REVIEWS] = {"posture-reviews", "reviews",
		"access was never reviewed; review-begin begins one", SHEET(review, NULL),
		count_reviews},
	[AT_REVIEW] = {"posture-review", "review", "this review has no logins",
		{.columns = item_columns,
			.cells = item_cells,
			.n_columns = ARRAY_LEN(item_columns),
			.key = "key",
			.sortable = true,
			.taggable = true,
			.own = draw_conflict},
		count_items},
};

void posture_draw_sections(const struct posture *me, const struct canvas *canvas)
{
	int x = 1;

	for (size_t i = 0; i <= AT_REVIEWS; i++) {
		bool here = i == me->at || (i == AT_REVIEWS && me->at == AT_REVIEW);

		x += canvas_text(canvas, x, 0, canvas->width - x, here ? ROLE_TAB_ACTIVE : ROLE_TAB,
			     slice_of(posture_sections[i].title)) +
		     3;
	}
}

/* ---- a row in full ---- */

struct field_of {
	const char *label, *column;
	int line;
};

static void draw_fields(const struct canvas *canvas, const struct rows *rows, size_t row,
	const struct field_of *fields, size_t n)
{
	int x = 1, line = 1;

	for (size_t i = 0; i < n; i++) {
		if (fields[i].line != line)
			x = 1;
		line = fields[i].line;
		x = sheet_field(
			canvas, x, line, fields[i].label, text_of(rows, row, fields[i].column));
	}
}

void posture_draw_detail(const struct posture *me, const struct canvas *canvas)
{
	static const struct field_of credential[] = {{"title", "title", 1}, {"owner", "owner", 1},
		{"system", "system", 1}, {"used by", "used", 2}, {"seen by", "seen_by", 3}};
	static const struct field_of access[] = {{"name", "name", 1}, {"roles", "roles", 1},
		{"conflict", "conflict", 2}, {"interfaces", "interfaces", 3},
		{"facilities", "facilities", 3}, {"classes", "classes", 3}};
	static const struct field_of failure[] = {{"what", "what", 1}, {"owner", "owner", 2}};
	static const struct field_of use[] = {
		{"name", "name", 1}, {"refused last", "last_refusal", 2}};
	static const struct field_of review[] = {{"words", "words", 1}, {"digest", "digest", 2}};
	static const struct field_of item[] = {{"name", "name", 1}, {"interfaces", "interfaces", 1},
		{"facilities", "facilities", 1}, {"classes", "classes", 1},
		{"conflict", "conflict", 2}, {"reason", "reason", 3}, {"by", "decided_by", 3}};
	static const struct {
		const struct field_of *fields;
		size_t n;
	} details[POSTURE_SHEETS] = {{credential, ARRAY_LEN(credential)},
		{access, ARRAY_LEN(access)}, {failure, ARRAY_LEN(failure)}, {use, ARRAY_LEN(use)},
		{review, ARRAY_LEN(review)}, {item, ARRAY_LEN(item)}};
	size_t row;
	const struct rows *rows = sheet_cursor(&me->sheets[me->at], &row);

	if (!canvas->plain)
		canvas_line(canvas, 0, ROLE_BORDER);
	if (rows)
		draw_fields(canvas, rows, row, details[me->at].fields, details[me->at].n);
}
