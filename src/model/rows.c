/* Rows as one run of bytes: cell after cell, each with its length before it.
 * Leaves the reading of the server's text, and all drawing, to others.
 * Called by whoever answers questions (store, scripted source) and by every view. */
#include "model/rows.h"
#include "base/mem.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A cell is a varint of its length + 1 (0 stands for null) and its bytes. A row of ten columns so
 * costs about ten bytes beside its text, and finding a cell means hopping over those before it:
 * cheap, since rows are read a screenful at a time but kept by the hundred thousand. */
struct rows {
	const struct column *columns;
	size_t n_columns;
	size_t refs;
	size_t n, size; /* rows, and what starts[] has place for */
	size_t len, cap;
	size_t *starts;
	unsigned char *bytes;
};

struct rows_builder {
	struct rows *rows;
	size_t next; /* column of the next cell */
};

enum {
	VARINT_MAX = 10,
};

struct rows_builder *rows_builder_new(const struct column *columns, size_t n_columns)
{
	struct rows_builder *builder = NEW(struct rows_builder);

	builder->rows = NEW(struct rows);
	builder->rows->columns = columns;
	builder->rows->n_columns = n_columns;
	builder->rows->refs = 1;
	return builder;
}

void rows_builder_free(struct rows_builder *builder)
{
	if (!builder)
		return;
	rows_unref(builder->rows);
	free(builder);
}

static void start_row(struct rows *rows)
{
	if (rows->n == rows->size) {
		rows->size = rows->size ? rows->size * 2 : 16;
		rows->starts = mem_resize(rows->starts, rows->size, sizeof(*rows->starts));
	}
	rows->starts[rows->n] = rows->len;
}

static void reserve(struct rows *rows, size_t more)
{
	size_t need = rows->len + more;

	if (need <= rows->cap)
		return;
	rows->cap = rows->cap ? rows->cap * 2 : 256;
	if (rows->cap < need)
		rows->cap = need;
	rows->bytes = mem_resize(rows->bytes, rows->cap, 1);
}

static void put_varint(struct rows *rows, uint64_t value)
{
	while (value >= 0x80) {
		rows->bytes[rows->len++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	rows->bytes[rows->len++] = (unsigned char)value;
}

/* `tag` is 0 for null, else the length + 1. */
static void add_cell(struct rows_builder *builder, uint64_t tag, const void *bytes, size_t len)
{
	struct rows *rows = builder->rows;

	assert(rows->n_columns);
	if (builder->next == 0)
		start_row(rows);
	reserve(rows, VARINT_MAX + len);
	put_varint(rows, tag);
	if (len)
		memcpy(rows->bytes + rows->len, bytes, len);
	rows->len += len;
	if (++builder->next == rows->n_columns) {
		builder->next = 0;
		rows->n++;
	}
}

static void add_typed(
	struct rows_builder *builder, enum column_type type, const void *bytes, size_t len)
{
	assert(builder->rows->columns[builder->next].type == type);
	(void)type;
	add_cell(builder, (uint64_t)len + 1, bytes, len);
}

/* Small numbers in few bytes: the sign goes to the lowest bit, high zero bytes are left out. */
static void add_number(struct rows_builder *builder, enum column_type type, int64_t value)
{
	uint64_t folded = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
	unsigned char bytes[8];
	size_t len = 0;

	for (; folded; folded >>= 8)
		bytes[len++] = (unsigned char)folded;
	add_typed(builder, type, bytes, len);
}

void rows_add_text(struct rows_builder *builder, struct slice value)
{
	add_typed(builder, COLUMN_TEXT, value.at, value.len);
}

void rows_add_int(struct rows_builder *builder, int64_t value)
{
	add_number(builder, COLUMN_INT, value);
}

void rows_add_real(struct rows_builder *builder, double value)
{
	add_typed(builder, COLUMN_REAL, &value, sizeof(value));
}

void rows_add_bool(struct rows_builder *builder, bool value)
{
	add_typed(builder, COLUMN_BOOL, "\1", value ? 1 : 0);
}

void rows_add_time(struct rows_builder *builder, int64_t us)
{
	add_number(builder, COLUMN_TIME, us);
}

void rows_add_null(struct rows_builder *builder)
{
	add_cell(builder, 0, NULL, 0);
}

size_t rows_builder_count(const struct rows_builder *builder)
{
	return builder->rows->n;
}

struct rows *rows_finish(struct rows_builder *builder)
{
	struct rows *rows = builder->rows;

	assert(builder->next == 0);
	rows->size = rows->n;
	rows->cap = rows->len;
	rows->starts = mem_resize(rows->starts, rows->size, sizeof(*rows->starts));
	rows->bytes = mem_resize(rows->bytes, rows->cap, 1);
	free(builder);
	return rows;
}

struct rows *rows_ref(const struct rows *rows)
{
	struct rows *shared = (struct rows *)rows;

	shared->refs++;
	return shared;
}

void rows_unref(struct rows *rows)
{
	if (!rows || --rows->refs)
		return;
	free(rows->starts);
	free(rows->bytes);
	free(rows);
}

size_t rows_count(const struct rows *rows)
{
	return rows->n;
}

size_t rows_n_columns(const struct rows *rows)
{
	return rows->n_columns;
}

const struct column *rows_column(const struct rows *rows, size_t column)
{
	assert(column < rows->n_columns);
	return &rows->columns[column];
}

size_t rows_memory(const struct rows *rows)
{
	return sizeof(*rows) + rows->size * sizeof(*rows->starts) + rows->cap;
}

size_t rows_col(const struct rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->n_columns; i++)
		if (strcmp(rows->columns[i].name, name) == 0)
			return i;
	assert(!"a column of that name");
	abort();
}

static uint64_t take_varint(const unsigned char **at)
{
	uint64_t value = 0;
	unsigned shift = 0;

	while (**at & 0x80) {
		value |= (uint64_t)(*(*at)++ & 0x7f) << shift;
		shift += 7;
	}
	return value | (uint64_t) * (*at)++ << shift;
}

/* Returns the cell's tag and where its bytes are. */
static uint64_t find_cell(
	const struct rows *rows, size_t row, size_t column, const unsigned char **ret_at)
{
	const unsigned char *at;
	uint64_t tag;

	assert(row < rows->n && column < rows->n_columns);
	at = rows->bytes + rows->starts[row];
	for (;; at += tag ? tag - 1 : 0) {
		tag = take_varint(&at);
		if (column-- == 0)
			break;
	}
	*ret_at = at;
	return tag;
}

static struct slice typed_cell(
	const struct rows *rows, size_t row, size_t column, enum column_type type)
{
	const unsigned char *at;
	uint64_t tag = find_cell(rows, row, column, &at);

	assert(rows->columns[column].type == type);
	(void)type;
	return tag ? (struct slice){(const char *)at, (size_t)tag - 1} : (struct slice){"", 0};
}

static int64_t number_cell(
	const struct rows *rows, size_t row, size_t column, enum column_type type)
{
	struct slice cell = typed_cell(rows, row, column, type);
	uint64_t folded = 0;

	for (size_t i = cell.len; i-- > 0;)
		folded = folded << 8 | (unsigned char)cell.at[i];
	return (int64_t)((folded >> 1) ^ (folded & 1 ? UINT64_MAX : 0));
}

bool rows_null(const struct rows *rows, size_t row, size_t column)
{
	const unsigned char *at;

	return find_cell(rows, row, column, &at) == 0;
}

struct slice rows_text(const struct rows *rows, size_t row, size_t column)
{
	return typed_cell(rows, row, column, COLUMN_TEXT);
}

int64_t rows_int(const struct rows *rows, size_t row, size_t column)
{
	return number_cell(rows, row, column, COLUMN_INT);
}

double rows_real(const struct rows *rows, size_t row, size_t column)
{
	struct slice cell = typed_cell(rows, row, column, COLUMN_REAL);
	double value = 0.0;

	if (cell.len)
		memcpy(&value, cell.at, sizeof(value));
	return value;
}

bool rows_bool(const struct rows *rows, size_t row, size_t column)
{
	return typed_cell(rows, row, column, COLUMN_BOOL).len > 0;
}

int64_t rows_time(const struct rows *rows, size_t row, size_t column)
{
	return number_cell(rows, row, column, COLUMN_TIME);
}

static void copy_cell(
	struct rows_builder *builder, const struct rows *rows, size_t row, size_t column)
{
	if (rows_null(rows, row, column)) {
		rows_add_null(builder);
		return;
	}
	switch (rows_column(rows, column)->type) {
	case COLUMN_TEXT:
		rows_add_text(builder, rows_text(rows, row, column));
		break;
	case COLUMN_INT:
		rows_add_int(builder, rows_int(rows, row, column));
		break;
	case COLUMN_REAL:
		rows_add_real(builder, rows_real(rows, row, column));
		break;
	case COLUMN_BOOL:
		rows_add_bool(builder, rows_bool(rows, row, column));
		break;
	case COLUMN_TIME:
		rows_add_time(builder, rows_time(rows, row, column));
		break;
	}
}

struct rows *rows_filter(const struct rows *rows,
	bool (*keep)(void *ctx, const struct rows *rows, size_t row), void *ctx)
{
	struct rows_builder *builder = rows_builder_new(rows_column(rows, 0), rows_n_columns(rows));

	for (size_t row = 0; row < rows_count(rows); row++) {
		size_t n = keep(ctx, rows, row) ? rows_n_columns(rows) : 0;

		for (size_t column = 0; column < n; column++)
			copy_cell(builder, rows, row, column);
	}
	return rows_finish(builder);
}
