/* Rows of named, typed columns: what every question is answered with. Made once, then read only and
 * shared by reference count. Text is as it came: inert only when it is drawn. */
#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include "base/slice.h"

enum column_type {
	COLUMN_TEXT,
	COLUMN_INT, /* int64 */
	COLUMN_REAL, /* double */
	COLUMN_BOOL,
	COLUMN_TIME, /* microseconds since 1970 UTC */
};

struct column {
	const char *name;
	enum column_type type;
};

struct rows;
struct rows_builder;

/* Columns must outlive the rows (they are tables of the program). */
struct rows_builder *rows_builder_new(const struct column *columns, size_t n_columns);
void rows_builder_free(struct rows_builder *builder);
void rows_add_text(struct rows_builder *builder, struct slice value); /* next cell of the row */
void rows_add_int(struct rows_builder *builder, int64_t value);
void rows_add_real(struct rows_builder *builder, double value);
void rows_add_bool(struct rows_builder *builder, bool value);
void rows_add_time(struct rows_builder *builder, int64_t us);
void rows_add_null(struct rows_builder *builder);
size_t rows_builder_count(const struct rows_builder *builder); /* whole rows so far */
struct rows *rows_finish(struct rows_builder *builder); /* takes the builder */

struct rows *rows_ref(const struct rows *rows);
void rows_unref(struct rows *rows); /* NULL is fine */
size_t rows_count(const struct rows *rows);
size_t rows_n_columns(const struct rows *rows);
const struct column *rows_column(const struct rows *rows, size_t column);
size_t rows_memory(const struct rows *rows);

/* The rows that are to be kept, as rows of their own. */
struct rows *rows_filter(const struct rows *rows,
	bool (*keep)(void *ctx, const struct rows *rows, size_t row), void *ctx);

/* The column of that name; it must exist (a question's columns are part of the program). */
size_t rows_col(const struct rows *rows, const char *name);

/* A null reads as "", 0, 0.0, false and 0. */
bool rows_null(const struct rows *rows, size_t row, size_t column);
struct slice rows_text(const struct rows *rows, size_t row, size_t column);
int64_t rows_int(const struct rows *rows, size_t row, size_t column);
double rows_real(const struct rows *rows, size_t row, size_t column);
bool rows_bool(const struct rows *rows, size_t row, size_t column);
int64_t rows_time(const struct rows *rows, size_t row, size_t column);

#endif
