/* The registry of SQL files: src/store/sql/NAME.sql, embedded at build.
 *
 * Each begins with a header that the build reads into this table, and that the tests hold against
 * what the server says of the prepared statement:
 *
 *   -- What it answers, in one line or several.
 *   -- :limit int4            a parameter, written :limit in the statement too
 *   -- > code text            a column, with the model's type: text int real bool time
 */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "model/rows.h"

struct statement {
	const char *name;
	const char *sql; /* without the header; parameters as $1 ..., in the order of the header */
	const char *const *params; /* names */
	const char *const *param_types;
	size_t n_params;
	const struct column *columns;
	size_t n_columns;
};

/* NULL when there is none of that name. */
const struct statement *statement_find(const char *name);
const struct statement *statement_all(size_t *ret_n);

#endif
