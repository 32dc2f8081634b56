/* Guessing which name was meant. Declared in base/lines.h, whose users report unknown names; apart
 * from the grammar because commands and filters guess as well. */
#include "base/lines.h"
#include "base/mem.h"
#include <errno.h>
#include <string.h>

#define NAME_MAX_LEN 64
#define FAR (NAME_MAX_LEN + 1)

static int min3(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b. Three rows of
 * the usual table are enough, the oldest for the swaps. */
static int distance(struct slice a, struct slice b)
{
	int rows[3][NAME_MAX_LEN + 1];
	int *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
		return FAR;
	for (size_t j = 0; j <= b.len; j++)
		above[j] = (int)j;
	for (size_t i = 1; i <= a.len; i++) {
		int *oldest = before;

		row[0] = (int)i;
		for (size_t j = 1; j <= b.len; j++) {
			int change = a.at[i - 1] != b.at[j - 1];

			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
				a.at[i - 2] == b.at[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[b.len];
}

const char *suggest(struct slice wrong, const char *const *names, size_t n, size_t stride)
{
	int allowed = wrong.len <= 3 ? 1 : wrong.len <= 6 ? 2 : 3;
	const char *nearest = NULL;

	if (wrong.len == 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const char *name = *(const char *const *)((const char *)names + i * stride);
		int d = name ? distance(wrong, slice_of(name)) : FAR;

		/* A name of which nothing is kept was not meant. */
		if (d > allowed || (size_t)d >= wrong.len || (nearest && d == allowed))
			continue;
		nearest = name;
		allowed = d;
	}
	return nearest;
}

int err_unknown(struct err *err, const char *kind, struct slice wrong, const char *const *names,
	size_t n, size_t stride)
{
	const char *meant = suggest(wrong, names, n, stride);
	struct slice shown = slice_head(wrong, NAME_MAX_LEN);

	if (!meant)
		return err_set(err, -EINVAL, "unknown %s \"%.*s\"", kind, SLICE_ARG(shown));
	return err_set(err, -EINVAL, "unknown %s \"%.*s\"; did you mean \"%s\"?", kind,
		SLICE_ARG(shown), meant);
}
