/* Myers' difference of two texts by lines, bounded in time and memory.
 * How it is shown is the caller's.
 * Called by the view of a transaction. */
#include "model/diff.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

struct lines {
	struct slice *at;
	uint64_t *hash; /* most lines differ in it already */
	size_t n;
};

static uint64_t hash_of(struct slice text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(1099511628211);
	return hash;
}

static void lines_done(struct lines *lines)
{
	free(lines->at);
	free(lines->hash);
}

static struct lines lines_of(struct slice text)
{
	struct lines lines = {0};
	size_t size = 0;

	for (struct slice line; text.len;) {
		if (lines.n == size) {
			size = size ? 2 * size : 64;
			lines.at = mem_resize(lines.at, size, sizeof(*lines.at));
			lines.hash = mem_resize(lines.hash, size, sizeof(*lines.hash));
		}
		if (lines.n + 1 == DIFF_LINES) {
			line = text;
			text.len = 0;
		} else {
			slice_cut(&text, '\n', &line);
		}
		lines.at[lines.n] = line;
		lines.hash[lines.n++] = hash_of(line);
	}
	return lines;
}

static bool same(const struct lines *a, size_t i, const struct lines *b, size_t j)
{
	return a->hash[i] == b->hash[j] && slice_eq(a->at[i], b->at[j]);
}

static void add(struct diff *diff, enum diff_kind kind, struct slice text)
{
	diff->lines[diff->n++] = (struct diff_line){kind, text};
	diff->n_gone += kind == DIFF_GONE;
	diff->n_new += kind == DIFF_NEW;
}

/* How far each diagonal reached after each number of steps: row d holds diagonals -d .. d. */
struct trace {
	int32_t *reach[DIFF_STEPS + 1];
	int n;
};

static int32_t reach_of(const struct trace *trace, int d, int k)
{
	return k < -d || k > d ? -1 : trace->reach[d][k + d];
}

/* Whether the step onto diagonal k is a line of the second text (down) or one of the first. */
static bool goes_down(const struct trace *trace, int d, int k)
{
	return k == -d || (k != d && reach_of(trace, d - 1, k - 1) < reach_of(trace, d - 1, k + 1));
}

/* The number of steps of the shortest way from line `from` on, or -1. */
static int search(
	struct trace *trace, const struct lines *a, const struct lines *b, size_t from, size_t cut)
{
	int32_t n = (int32_t)(a->n - from - cut), m = (int32_t)(b->n - from - cut);

	for (int d = 0; d <= DIFF_STEPS; d++) {
		trace->reach[d] = mem_array(2 * (size_t)d + 1, sizeof(**trace->reach));
		trace->n = d + 1;
		for (int k = -d; k <= d; k++) {
			int32_t x = 0, y;

			if (d)
				x = goes_down(trace, d, k) ? reach_of(trace, d - 1, k + 1)
							   : reach_of(trace, d - 1, k - 1) + 1;
			if (x < 0 || x > n || x - k < 0 || x - k > m) {
				trace->reach[d][k + d] = -2; /* outside of both texts */
				continue;
			}
			for (y = x - k;
				x < n && y < m && same(a, from + (size_t)x, b, from + (size_t)y);
				y++)
				x++;
			trace->reach[d][k + d] = x;
			if (x == n && y == m)
				return d;
		}
	}
	return -1;
}

/* The way back, as kinds of lines from the last to the first. */
static size_t walk(
	const struct trace *trace, int steps, int32_t n, int32_t m, enum diff_kind *ret_kinds)
{
	size_t n_kinds = 0;
	int32_t x = n, y = m;

	for (int d = steps; d >= 0; d--) {
		int k = x - y;
		bool down = d && goes_down(trace, d, k);
		int32_t before_x = !d     ? 0
				   : down ? reach_of(trace, d - 1, k + 1)
					  : reach_of(trace, d - 1, k - 1);
		int32_t start = !d ? 0 : down ? before_x : before_x + 1;

		for (; x > start; x--, y--)
			ret_kinds[n_kinds++] = DIFF_SAME;
		if (d) {
			ret_kinds[n_kinds++] = down ? DIFF_NEW : DIFF_GONE;
			x = before_x;
			y = x - (down ? k + 1 : k - 1);
		}
	}
	return n_kinds;
}

/* What lies between the equal beginning and the equal end. */
static void add_middle(
	struct diff *diff, const struct lines *a, const struct lines *b, size_t from, size_t cut)
{
	struct trace trace = {0};
	int steps = search(&trace, a, b, from, cut);
	size_t i = from, j = from;

	diff->rough = steps < 0;
	if (steps >= 0) {
		enum diff_kind *kinds = mem_array(a->n + b->n + 1, sizeof(*kinds));
		size_t n = walk(&trace, steps, (int32_t)(a->n - from - cut),
			(int32_t)(b->n - from - cut), kinds);

		while (n-- > 0) {
			add(diff, kinds[n], kinds[n] == DIFF_NEW ? b->at[j] : a->at[i]);
			i += kinds[n] != DIFF_NEW;
			j += kinds[n] != DIFF_GONE;
		}
		free(kinds);
	}
	for (; i < a->n - cut; i++)
		add(diff, DIFF_GONE, a->at[i]);
	for (; j < b->n - cut; j++)
		add(diff, DIFF_NEW, b->at[j]);
	for (int d = 0; d < trace.n; d++)
		free(trace.reach[d]);
}

void diff_make(struct diff *diff, struct slice from, struct slice to)
{
	CLEANUP(lines_done)
	struct lines a = lines_of(from), b = lines_of(to);
	size_t head = 0, tail = 0;

	*diff = (struct diff){.lines = mem_array(a.n + b.n + 1, sizeof(*diff->lines))};
	while (head < a.n && head < b.n && same(&a, head, &b, head))
		add(diff, DIFF_SAME, a.at[head++]);
	while (tail < a.n - head && tail < b.n - head &&
		same(&a, a.n - tail - 1, &b, b.n - tail - 1))
		tail++;
	if (head + tail < a.n || head + tail < b.n)
		add_middle(diff, &a, &b, head, tail);
	for (size_t i = a.n - tail; i < a.n; i++)
		add(diff, DIFF_SAME, a.at[i]);
}

void diff_done(struct diff *diff)
{
	free(diff->lines);
	*diff = (struct diff){0};
}
