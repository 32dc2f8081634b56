/* Arenas: alignment, zeroes, and what a reset keeps. */
#include "../lib/unit.h"
#include "base/arena.h"

static bool all_zero(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i])
			return false;
	return true;
}

/* Every piece is filled, so that one that overlapped another would not be zero. */
static void fill_pieces(struct arena *arena, uint64_t seed)
{
	struct random random = {seed};

	for (int i = 0; i < 500; i++) {
		size_t len = random_below(&random, i % 50 == 0 ? 100000 : 200);
		char *p = arena_alloc(arena, len);

		assert_int_equal((uintptr_t)p % sizeof(void *), 0);
		assert_true(all_zero(p, len));
		memset(p, 0xEE, len);
	}
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;

	(void)state;
	fill_pieces(&arena, 1);
}

static void a_reset_keeps_one_chunk_and_zeroes_it(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	size_t total;

	(void)state;
	fill_pieces(&arena, 2);
	total = arena.total;
	arena_reset(&arena);
	assert_true(arena.total > 0 && arena.total < total);
	fill_pieces(&arena, 3);
}

static void the_same_small_work_needs_the_heap_once(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	size_t total;

	(void)state;
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 300; i++)
			(void)arena_alloc(&arena, 100);
		if (round == 4)
			total = arena.total;
		if (round > 4)
			assert_int_equal(arena.total, total);
		arena_reset(&arena);
	}
}

static void an_empty_arena_may_be_reset_and_done(void **state)
{
	struct arena arena = ARENA_INIT;

	(void)state;
	arena_reset(&arena);
	arena_done(&arena);
	arena_done(&arena);
	assert_int_equal(arena.total, 0);
}

static void copies_have_a_nul_behind(void **state)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	struct slice copy = arena_dup(&arena, slice_head(SLICE("abcdef"), 3));

	(void)state;
	assert_string_equal(copy.at, "abc");
	assert_int_equal(copy.len, 3);
	assert_string_equal(arena_str(&arena, SLICE_NONE), "");
	assert_string_equal(arena_printf(&arena, "%s:%d", "x", 5), "x:5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(a_reset_keeps_one_chunk_and_zeroes_it),
		cmocka_unit_test(the_same_small_work_needs_the_heap_once),
		cmocka_unit_test(an_empty_arena_may_be_reset_and_done),
		cmocka_unit_test(copies_have_a_nul_behind),
	};

	return RUN(tests);
}
