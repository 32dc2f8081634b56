/* From the server's text to typed rows. Private to the store. */
#ifndef STORE_DECODE_H
#define STORE_DECODE_H

#include "base/err.h"
#include "model/rows.h"
#include "store/statement.h"
#include <libpq-fe.h>

/* Whether the answer has the columns that the statement's header promised; -EINVAL if not. */
int decode_check(const struct statement *statement, const PGresult *result, struct err *err);

/* Adds all rows; -EINVAL names the column whose value is not of its type. After an error the
 * builder may hold half a row and can only be freed. */
int decode_rows(const struct statement *statement, const PGresult *result,
	struct rows_builder *builder, struct err *err);

/* "2026-11-21 06:04:24.123456+00", "infinity", "... BC"; a date alone is its midnight in UTC. The
 * output is untouched by -EINVAL. */
int decode_time(struct slice text, int64_t *ret_us);

#endif
