/* The simulated Odoo's records, in memory: rows by number, a journal that takes a failed call back,
 * and what every part of it needs of the one who calls.
 *
 * A row is a JSON object of its stored fields: a many2one is the bare number or false, times keep
 * their microseconds. Rows are never changed in place: row_change() gives a copy to change, and the
 * journal keeps the old one until the call is over. */
#ifndef SIM_ODOO_ROWS_H
#define SIM_ODOO_ROWS_H

#include "base/clock.h"
#include "base/str.h"
#include "odoo_schema.h"
#include <jansson.h>

struct odoo_table {
	const struct odoo_model *model;
	json_t **rows; /* by id; NULL where there is none */
	size_t n, size; /* n: the next id */
};

struct odoo_undo {
	struct odoo_table *table;
	int64_t id;
	json_t *was;
};

struct odoo_rows {
	const struct clock *clock;
	int version; /* 18 or 19 */
	struct odoo_table *tables; /* as odoo_models */
	struct odoo_undo *undo;
	size_t n_undo, size_undo;
};

/* One call: who makes it, in what context, and what was raised. */
struct odoo_env {
	struct odoo_rows *rows;
	int64_t uid;
	int groups;
	bool sudo; /* rights are not asked */
	const json_t *context;
	const char *raised; /* the exception's name; NULL as long as all is well */
	struct str message;
};

#define ODOO_ENV_INIT ((struct odoo_env){.message = STR_INIT(8192)})

#define ACCESS_DENIED "odoo.exceptions.AccessDenied"
#define ACCESS_ERROR "odoo.exceptions.AccessError"
#define MISSING_ERROR "odoo.exceptions.MissingError"
#define VALIDATION_ERROR "odoo.exceptions.ValidationError"
#define USER_ERROR "odoo.exceptions.UserError"
#define VALUE_ERROR "builtins.ValueError"
#define TYPE_ERROR "builtins.TypeError"

/* Returns -1; the first one counts. */
int odoo_raise(struct odoo_env *env, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int odoo_raise_missing(struct odoo_env *env, const struct odoo_table *table, int64_t id);

void rows_init(struct odoo_rows *rows, const struct clock *clock, int version);
void rows_done(struct odoo_rows *rows);
void rows_commit(struct odoo_rows *rows);
void rows_roll_back(struct odoo_rows *rows);

struct odoo_table *table_named(struct odoo_rows *rows, const char *name);

const json_t *row_at(const struct odoo_table *table, int64_t id); /* NULL: none */
int64_t row_add(struct odoo_rows *rows, struct odoo_table *table, json_t *row); /* takes it */
json_t *row_change(struct odoo_rows *rows, struct odoo_table *table, int64_t id);
void row_remove(struct odoo_rows *rows, struct odoo_table *table, int64_t id);

/* Stored values; 0, "" and false where there is nothing. */
int64_t row_int(const json_t *row, const char *field);
double row_real(const json_t *row, const char *field);
const char *row_text(const json_t *row, const char *field);
bool row_true(const json_t *row, const char *field);

/* "2026-11-21 10:00:00.123456", cut to so many characters by who wants less. */
const char *odoo_time_text(int64_t wall_us, char out[32]);

/* What people call it. The caller frees. */
char *row_label(const struct odoo_table *table, const json_t *row);

#endif
