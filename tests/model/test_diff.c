/* What changed from one text to another. */
#include "base/mem.h"
#include "base/str.h"
#include "model/diff.h"
#include "unit.h"

/* " a-b+c " for the same, the gone, the new. */
static void write_down(const struct diff *diff, struct str *out)
{
	for (size_t i = 0; i < diff->n; i++)
		str_addf(out, "%c%.*s", " -+"[diff->lines[i].kind], SLICE_ARG(diff->lines[i].text));
}

static void the_shortest_way_is_found(void **state)
{
	static const struct {
		const char *from, *to, *diff;
	} rows[] = {
		{"", "", ""},
		{"", "a\n", "+a"},
		{"a\n", "", "-a"},
		{"a", "a\n", " a"},
		{"a\nb\nc", "a\nb\nc", " a b c"},
		{"a\nb\nc", "a\nx\nc", " a-b+x c"},
		{"a\nb\nc", "b\nc\nd", "-a b c+d"},
		{"a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc", "-a-b c+b a b-b a+c"},
		{"x\nx\nx", "x", " x-x-x"},
		{"x", "x\nx\nx", " x+x+x"},
		{"\n\n", "\n", " -"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str got = STR_INIT(4096);
		struct diff diff;

		diff_make(&diff, slice_of(rows[i].from), slice_of(rows[i].to));
		write_down(&diff, &got);
		assert_string_equal(str_cstr(&got), rows[i].diff);
		assert_false(diff.rough);
		diff_done(&diff);
	}
}

/* Two texts without a line in common, between a head and a tail that they share. */
static void what_is_too_far_apart_is_told_as_a_whole(void **state)
{
	CLEANUP(str_done)
	struct str from = STR_INIT(1 << 20), to = STR_INIT(1 << 20);
	struct diff diff;

	(void)state;
	str_adds(&from, "head\n");
	str_adds(&to, "head\n");
	for (int i = 0; i < 2 * DIFF_STEPS; i++) {
		str_addf(&from, "a%d\n", i);
		str_addf(&to, "b%d\n", i);
	}
	str_adds(&from, "tail\n");
	str_adds(&to, "tail\n");
	diff_make(&diff, str_slice(&from), str_slice(&to));
	assert_true(diff.rough);
	assert_int_equal(diff.n_gone, 2 * DIFF_STEPS);
	assert_int_equal(diff.n_new, 2 * DIFF_STEPS);
	assert_int_equal(diff.n, 4 * DIFF_STEPS + 2);
	assert_int_equal(diff.lines[0].kind, DIFF_SAME);
	assert_int_equal(diff.lines[1].kind, DIFF_GONE);
	assert_int_equal(diff.lines[diff.n - 1].kind, DIFF_SAME);
	diff_done(&diff);
}

static void too_many_lines_are_one(void **state)
{
	CLEANUP(str_done)
	struct str from = STR_INIT(1 << 20), to = STR_INIT(1 << 20);
	struct diff diff;

	(void)state;
	for (int i = 0; i < 2 * DIFF_LINES; i++)
		str_adds(&from, "\n");
	str_add(&to, str_slice(&from));
	str_adds(&to, "x");
	diff_make(&diff, str_slice(&from), str_slice(&to));
	assert_int_equal(diff.n, DIFF_LINES + 1);
	assert_int_equal(diff.n_gone, 1);
	assert_int_equal(diff.n_new, 1);
	diff_done(&diff);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shortest_way_is_found),
		cmocka_unit_test(what_is_too_far_apart_is_told_as_a_whole),
		cmocka_unit_test(too_many_lines_are_one),
	};

	return RUN(tests);
}
