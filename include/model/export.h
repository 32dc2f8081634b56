/* Rows as text for other programs: CSV that no spreadsheet takes for a formula, and JSON lines.
 *
 * Of text, CSV keeps what can be shown, JSON everything: what could act on a terminal is escaped
 * there. Times are UTC. The column "place" is ours and is left out. */
#ifndef MODEL_EXPORT_H
#define MODEL_EXPORT_H

#include "base/str.h"
#include "model/rows.h"

void export_csv_head(const struct rows *rows, struct str *out);
void export_csv_row(const struct rows *rows, size_t row, struct str *out);
void export_json_row(const struct rows *rows, size_t row, struct str *out);

/* "2026-02-28T14:05:06.789Z" */
void export_time(struct str *out, int64_t wall_us);

#endif
