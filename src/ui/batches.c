/* Holding rows that came in batches.
 * Asking for them is the tail's and the paged list's.
 * Called by those two. */
#include "ui/batches.h"
#include "base/mem.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void batches_done(struct batches *batches)
{
	for (size_t i = 0; i < batches->n; i++)
		rows_unref(batches->at[batches->start + i].rows);
	free(batches->at);
	*batches = (struct batches){0};
}

/* Room for one more at both ends: the middle of a larger array. */
static void make_room(struct batches *batches)
{
	size_t size = batches->size, start;

	if (batches->start > 0 && batches->start + batches->n < batches->size)
		return;
	if (batches->n + 2 > size / 2)
		size = size ? 2 * size : 16;
	start = (size - batches->n) / 2;
	if (size > batches->size)
		batches->at = mem_resize(batches->at, size, sizeof(*batches->at));
	memmove(batches->at + start, batches->at + batches->start,
		batches->n * sizeof(*batches->at));
	batches->start = start;
	batches->size = size;
}

void batches_append(struct batches *batches, const struct rows *rows, size_t n)
{
	if (!n)
		return;
	make_room(batches);
	batches->at[batches->start + batches->n++] =
		(struct batch){batches->next, rows_ref(rows), n};
	batches->next += (int64_t)n;
}

void batches_prepend(struct batches *batches, const struct rows *rows, size_t n)
{
	if (!n)
		return;
	make_room(batches);
	batches->first -= (int64_t)n;
	batches->at[--batches->start] = (struct batch){batches->first, rows_ref(rows), n};
	batches->n++;
}

bool batches_cut_front(struct batches *batches, int64_t max)
{
	bool cut = false;

	while (batches->n > 1 && batches->next - batches->at[batches->start + 1].first >= max) {
		rows_unref(batches->at[batches->start].rows);
		batches->start++;
		batches->n--;
		batches->first = batches->at[batches->start].first;
		cut = true;
	}
	return cut;
}

bool batches_cut_end(struct batches *batches, int64_t max)
{
	bool cut = false;

	while (batches->n > 1) {
		struct batch *last = &batches->at[batches->start + batches->n - 1];

		if (last->first - batches->first < max)
			break;
		rows_unref(last->rows);
		batches->next = last->first;
		batches->n--;
		cut = true;
	}
	return cut;
}

int64_t batches_count(const struct batches *batches)
{
	return batches->next - batches->first;
}

const struct rows *batches_at(const struct batches *batches, int64_t number, size_t *ret_row)
{
	size_t low = batches->start, high = batches->start + batches->n;

	assert(number >= batches->first && number < batches->next);
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (batches->at[middle].first <= number)
			low = middle;
		else
			high = middle;
	}
	*ret_row = (size_t)(number - batches->at[low].first);
	return batches->at[low].rows;
}
