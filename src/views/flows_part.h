/* What tells the lists of webhooks, batches and workflows apart. */
#ifndef VIEWS_FLOWS_PART_H
#define VIEWS_FLOWS_PART_H

#include "sheet.h"
#include "sheet_export.h"

struct flow {
	const char *question, *none; /* none: what is said of an empty list */
	size_t n_params;
	bool keyed; /* a row's key is its transaction */
	const char *transaction; /* else the column that holds it, or NULL */
	struct sheet sheet;
	void (*count)(const struct rows *rows, struct str *out); /* for the status line */
	void (*draw_detail)(
		const struct sheet *sheet, const struct canvas *canvas); /* from line 1 */
};

/* flows_lists.c */
extern const struct flow flow_webhooks, flow_batches, flow_workflows;

#endif
