/* A list whose cells follow from a table: which column of the answer is shown, and as what. It stands
 * on ui/table, over the rows of a panel or of a paged list; the cursor stays on its row's key, also when a
 * person sorts what a panel holds. */
#ifndef VIEWS_SHEET_H
#define VIEWS_SHEET_H

#include "ui/paged.h"
#include "ui/panel.h"
#include "ui/table.h"

enum cell_kind {
	CELL_TEXT,
	CELL_STRONG,
	CELL_DIM,
	CELL_STATE, /* with its glyph */
	CELL_COUNT, /* nothing where it is zero */
	CELL_AGE, /* how long ago, when it was answered; of what lies ahead, in how long */
	CELL_TIME,
	CELL_OWN, /* the view draws it */
};

struct sheet_cell {
	const char *name; /* of the answer's column */
	enum cell_kind kind;
	enum role role; /* of a count */
};

struct sheet {
	const struct table_column *columns;
	const struct sheet_cell *cells;
	size_t n_columns;
	const char *key; /* the text column by which a row is known */
	bool taggable;
	bool sortable; /* over a panel only: it holds all there is */
	struct panel *panel; /* one of these two */
	struct paged *paged;
	void (*own)(
		const struct rows *rows, size_t row, size_t column, const struct canvas *canvas);

	struct table table;
	struct str at; /* the key under the cursor */
	size_t sort; /* by which column; n_columns: as they come. Set by sheet_open() */
	bool backward;
	size_t *order; /* of the rows, when they are sorted */
	size_t n_order;
	int64_t wall_us; /* when it was answered */
};

void sheet_open(struct sheet *sheet);
void sheet_done(struct sheet *sheet);

/* To be called with each answer: finds the cursor's row in it. */
void sheet_answered(struct sheet *sheet, const struct loop *loop, const struct rows *rows);
void sheet_layout(struct sheet *sheet, int height);
void sheet_draw(const struct sheet *sheet, const struct canvas *canvas);
bool sheet_act(struct sheet *sheet, enum action action);
struct table_rows sheet_rows(const struct sheet *sheet);

/* The rows that hold that number, and the place in them; the row under the cursor, NULL for none. */
const struct rows *sheet_row(const struct sheet *sheet, int64_t number, size_t *ret_row);
const struct rows *sheet_cursor(const struct sheet *sheet, size_t *ret_row);
struct slice sheet_text(
	const struct sheet *sheet, const char *column); /* under the cursor, or "" */
int64_t sheet_int(const struct sheet *sheet, const char *column);

/* What is tagged, else the one under the cursor, by number; for lists whose keys are numbers. The caller frees
 * the array. */
struct sheet_ids {
	int64_t *at;
	size_t n, size;
};
struct sheet_ids sheet_chosen(const struct sheet *sheet);

/* "sorted by late", when it is. */
void sheet_sort_status(const struct sheet *sheet, struct str *out);

/* The role in which a word that is no state of a transaction is shown. */
enum role sheet_role_of(struct slice word);

/* "name value" and a gap; nothing for an empty value. Returns where the next may stand. */
int sheet_field(const struct canvas *canvas, int x, int y, const char *name, struct slice value);

#endif
