/* The ladder: columns, list, cursor, and that no canvas and no text breaks it. */
#include "../lib/golden.h"
#include "../lib/unit.h"
#include "base/clock.h"
#include "term/screen.h"
#include "ui/defaults.h"
#include "ui/ladder.h"
#include <stdio.h>

#define T0 (INT64_C(1773479642) * S_US) /* 2026-03-14 09:14:02 UTC */

static const struct slice systems[] = {
	{"eProcure", 8}, {"gateway", 7}, {"middleware", 10}, {"Odoo", 4}, {"GHX", 3}};

static const struct ladder_hop hops[] = {
	{HOP_SEND, 0, 1, {"done", 4}, {"requisition", 11}, {0}, T0, 31 * MS_US, 1, 0},
	{HOP_SEND, 1, 2, {"done", 4}, {"validated", 9}, {0}, T0 + 31 * MS_US, 210 * MS_US, 1, 1},
	{HOP_STEP, 2, 2, {"done", 4}, {"approved", 8}, {"by l.wei", 8}, T0 + 100 * MS_US, -1, 0, 2},
	{HOP_SEND, 2, 3, {"done", 4}, {"create PO", 9}, {"P00317", 6}, T0 + 241 * MS_US, S_US, 1,
		2},
	{HOP_ACK, 3, 1, {"done", 4}, {"accepted", 8}, {0}, T0 + 1241 * MS_US, -1, 0, 2},
	{HOP_SEND, 2, 4, {"retrying", 8}, {"850", 3}, {"timeout after 30 s", 18}, T0 + 1900 * MS_US,
		30 * S_US, 1, 2},
	{HOP_SEND, 2, 4, {"dead", 4}, {"850", 3}, {"422 mapping: cost centre 8841 unknown", 37},
		T0 + 122 * S_US, 2 * S_US, 3, 2},
	{HOP_COMPENSATION, 2, 3, {"running", 7}, {"cancel PO", 9}, {0}, T0 + 119 * S_US, -1, 1, 3},
	{HOP_ACK, 9, 4, {"?", 1}, {"stray", 5}, {0}, LADDER_NO_TIME, -1, 0, 0},
};

struct bench {
	struct theme *theme;
	struct ladder ladder;
};

static int set_up(void **state)
{
	static struct bench bench;
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct slice text;

	setenv("TZ", "UTC", 1);
	bench = (struct bench){.theme = theme_new()};
	assert_true(default_theme(SLICE("default"), &text));
	theme_parse(bench.theme, "default", text, default_theme, &problems);
	bench.ladder = (struct ladder){
		.systems = systems,
		.n_systems = ARRAY_LEN(systems),
		.hops = hops,
		.n_hops = ARRAY_LEN(hops),
		.cursor = 6,
	};
	*state = &bench;
	return 0;
}

static int tear_down(void **state)
{
	theme_free(((struct bench *)*state)->theme);
	return 0;
}

static void draw(struct bench *bench, int width, int height, int colours, bool ascii, bool plain,
	bool styles, struct str *out)
{
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(width, height);
	struct canvas canvas = canvas_of(surface, bench->theme, colours, ascii);

	canvas.plain = plain;
	ladder_layout(&bench->ladder, width, height);
	ladder_draw(&bench->ladder, &canvas);
	str_reset(out);
	surface_dump(surface, styles, out);
}

static void it_is_told_in_words(void **state)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);

	draw(*state, 120, 40, 0, true, true, true, &out);
	golden_check("ladder-plain-120x40", str_slice(&out));
}

static void the_cursor_moves_and_stays_in_sight(void **state)
{
	static const struct {
		enum action act;
		size_t cursor;
	} rows[] = {
		{ACTION_MOVE_TOP, 0},
		{ACTION_MOVE_UP, 0},
		{ACTION_MOVE_DOWN, 1},
		{ACTION_PAGE_DOWN, 4},
		{ACTION_HALF_DOWN, 6},
		{ACTION_HALF_UP, 4},
		{ACTION_MOVE_BOTTOM, 8},
		{ACTION_MOVE_DOWN, 8},
		{ACTION_PAGE_DOWN, 8},
		{ACTION_PAGE_UP, 5},
	};
	struct bench *bench = *state;
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		draw(bench, 120, 5, 256, false, false, false, &out);
		assert_true(ladder_act(&bench->ladder, rows[i].act));
		assert_int_equal(bench->ladder.cursor, rows[i].cursor);
		draw(bench, 120, 5, 256, false, false, false, &out);
		assert_non_null(strstr(str_cstr(&out), "▌"));
	}
	assert_false(ladder_act(&bench->ladder, ACTION_FOLLOW));
}

static void the_status_counts_hops_time_and_failures(void **state)
{
	struct bench *bench = *state;
	CLEANUP(str_done)
	struct str out = STR_INIT(1024);

	ladder_status(&bench->ladder, &out);
	assert_string_equal(str_cstr(&out), "hop 7 of 9 · 2m in all · 1 failed");
	bench->ladder.n_hops = bench->ladder.cursor = 0;
	str_reset(&out);
	ladder_status(&bench->ladder, &out);
	assert_string_equal(str_cstr(&out), "hop 0 of 0");
}

#define MANY_SYSTEMS 20
#define MANY_HOPS 200

/* Systems that do not fit are counted at the side; those of the selected hop are always in sight. */
static void the_lanes_of_the_selected_hop_are_in_sight(void **state)
{
	static char names[MANY_SYSTEMS][8];
	struct slice many[MANY_SYSTEMS];
	struct ladder_hop across[MANY_SYSTEMS];
	struct bench *bench = *state;
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);

	for (size_t i = 0; i < MANY_SYSTEMS; i++) {
		snprintf(names[i], sizeof(names[i]), "sys%02zu", i);
		many[i] = slice_of(names[i]);
		across[i] = (struct ladder_hop){HOP_SEND, i, (i * 7 + 1) % MANY_SYSTEMS,
			SLICE("done"), SLICE("go"), SLICE_NONE, T0, 1, 1, 0};
	}
	bench->ladder = (struct ladder){many, MANY_SYSTEMS, across, MANY_SYSTEMS, 0, 0, 0, 0, 0};
	for (size_t i = 0; i < MANY_SYSTEMS; i++) {
		bench->ladder.cursor = i;
		draw(bench, 120, 40, 256, false, false, false, &out);
		assert_non_null(strstr(str_cstr(&out), names[i]));
		assert_non_null(strstr(str_cstr(&out), "more"));
	}
}

#define HOSTILE "\x1b[31m\x9b\xff\u202E日本語システム\u0301\U0001F469\u200D\U0001F52C\n\t"

static void no_size_and_no_text_breaks_it(void **state)
{
	static const int sizes[] = {0, 1, 2, 3, 9, 10, 19, 39, 41, 60, 99, 100, 101, 300};
	struct slice many[MANY_SYSTEMS];
	struct ladder_hop odd[MANY_HOPS];
	struct bench *bench = *state;
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 22), longest = STR_INIT(1 << 16);

	for (int i = 0; i < 500; i++)
		str_adds(&longest, HOSTILE);
	for (size_t i = 0; i < MANY_SYSTEMS; i++)
		many[i] = i % 3 ? str_slice(&longest) : SLICE(HOSTILE);
	for (size_t i = 0; i < MANY_HOPS; i++)
		odd[i] = (struct ladder_hop){(enum hop_kind)(i % 4), i % 23, i * 7 % 21,
			i % 2 ? SLICE("dead") : SLICE(HOSTILE), str_slice(&longest), SLICE(HOSTILE),
			i % 5 ? INT64_MAX - (int64_t)i : INT64_MIN + 1 + (int64_t)i,
			i % 3 ? INT64_MAX : -1, INT32_MAX, i % 2 ? INT32_MAX : INT32_MIN};
	for (size_t w = 0; w < ARRAY_LEN(sizes); w++) {
		for (size_t h = 0; h < ARRAY_LEN(sizes); h += 2) {
			for (size_t n = 0; n <= MANY_HOPS; n += 50) {
				bench->ladder =
					(struct ladder){many, w % 2 ? MANY_SYSTEMS : n / 100, odd,
						n, MANY_HOPS / 2, MANY_HOPS, 30, 0, 0};
				draw(bench, sizes[w], sizes[h], 256, w % 2, n == 100, false, &out);
				for (size_t i = 0; i < out.len; i++)
					assert_true((unsigned char)out.at[i] >= ' ' ||
						    out.at[i] == '\n');
				assert_null(strstr(str_cstr(&out), "\u202E"));
			}
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_told_in_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_cursor_moves_and_stays_in_sight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_status_counts_hops_time_and_failures, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_lanes_of_the_selected_hop_are_in_sight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_size_and_no_text_breaks_it, set_up, tear_down),
	};

	return RUN(tests);
}
