/* Which rows of a sheet an act is about, where its keys are numbers.
 * Called by views whose rows are tagged. */
#include "base/mem.h"
#include "sheet.h"
#include <stdlib.h>

static void add_id(void *ctx, struct slice key)
{
	struct sheet_ids *ids = ctx;

	if (ids->n == ids->size) {
		ids->size = ids->size ? 2 * ids->size : 64;
		ids->at = mem_resize(ids->at, ids->size, sizeof(*ids->at));
	}
	if (slice_to_i64(key, INT64_MIN, INT64_MAX, &ids->at[ids->n]) == 0)
		ids->n++;
}

static int by_id(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

struct sheet_ids sheet_chosen(const struct sheet *me)
{
	struct sheet_ids ids = {0};

	tags_each(&me->table.tags, add_id, &ids);
	if (!ids.n && me->table.n)
		add_id(&ids, sheet_text(me, "key"));
	if (ids.n)
		qsort(ids.at, ids.n, sizeof(*ids.at), by_id);
	return ids;
}
