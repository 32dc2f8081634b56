/* The painter: what the terminal shows is the surface, whatever came before, in few bytes. */
#include "../lib/unit.h"
#include "emulated.h"
#include <stdio.h>

static const char *const texts[] = {
	"a",
	"order PO-2026-11-00317",
	"        ",
	"────────",
	"│",
	"é ü ß",
	"漢字",
	"한국어",
	"▁▂▃▄▅▆▇█",
	"e\u0301e\u0301",
	"👩‍👩‍👧‍👦",
	"☎️ ☎",
	"🙂🙂",
	"✗ BREACH",
	"→ ← ▸",
	"שלום",
	"नमस्ते",
	"\033[31mred\033[0m",
	"\23331m",
	"\r\n\t\a",
	"\xff\xfe",
	"\u202eabc",
	"x\u200dy",
	"🇩🇪🇫🇷",
	"￭ｱ",
	"the quick brown fox jumps over the lazy dog and on, and on, and on",
};

static struct style random_style(struct random *random)
{
	static const uint32_t colours[] = {COLOUR_DEFAULT, COLOUR_16 | 1, COLOUR_16 | 12,
		COLOUR_16 | 8, COLOUR_256 | 124, COLOUR_256 | 3, COLOUR_256 | 240,
		COLOUR_RGB | 0xa60000, COLOUR_RGB | 0x101010};
	struct style style = {0};

	if (random_below(random, 2))
		return style;
	style.fg = colours[random_below(random, ARRAY_LEN(colours))];
	style.bg = random_below(random, 2) ? colours[random_below(random, ARRAY_LEN(colours))] : 0;
	style.attrs = random_below(random, 2) ? (uint32_t)random_below(random, 32) : 0;
	return style;
}

static int random_within(struct random *random, int from, int to)
{
	return from + (int)random_below(random, (size_t)(to - from + 1));
}

static void random_text(struct random *random, struct surface *surface)
{
	const char *text = texts[random_below(random, ARRAY_LEN(texts))];
	int x = random_within(random, -3, surface_width(surface));
	int y = random_within(random, -1, surface_height(surface));
	int max = random_below(random, 2) ? 1000 : random_within(random, 0, 12);

	surface_text(surface, x, y, max, slice_of(text), random_style(random));
}

static void random_edit(struct random *random, struct surface *surface)
{
	int width = surface_width(surface), height = surface_height(surface);
	int x = random_within(random, -2, width), y = random_within(random, -2, height);
	int cells = random_within(random, 0, width);

	switch (random_below(random, 12)) {
	case 0:
		surface_fill(surface, x, y, cells, height / 2, random_style(random));
		break;
	case 1:
		surface_restyle(surface, x, y, cells, 2, random_style(random));
		break;
	case 2:
		surface_cursor(surface, x, y, random_below(random, 2));
		break;
	default:
		random_text(random, surface);
	}
}

/* Copies rows of one surface to the other, moved, as a view that scrolled draws them. */
static void copy_moved(
	struct surface *to, const struct surface *from, int top, int bottom, int lines)
{
	for (int y = 0; y < surface_height(to); y++) {
		int source = y >= top && y <= bottom ? y + lines : y;

		if (y >= top && y <= bottom && (source < top || source > bottom))
			continue;
		for (int x = 0; x < surface_width(to); x++) {
			struct style style;
			struct slice text = surface_at(from, x, source, &style);

			if (text.len)
				surface_text(to, x, y, 2, text, style);
		}
	}
}

static struct surface *scrolled(struct random *random, struct surface *surface)
{
	int width = surface_width(surface), height = surface_height(surface);
	struct surface *next = surface_new(width, height);
	int top = random_within(random, 0, height - 1);
	int bottom = random_within(random, top, height - 1);
	int lines = random_within(random, -5, 5);

	copy_moved(next, surface, top, bottom, lines);
	if (random_below(random, 3))
		surface_moved(next, top, bottom - top + 1, lines);
	surface_free(surface);
	return next;
}

static void check_random_frames(
	const struct terminfo *can, int colours, int width, int height, uint64_t seed)
{
	struct random random = {seed};
	struct emulated *emulated = emulated_new(can, colours, width, height);
	struct surface *surface = surface_new(width, height);

	for (int i = 0; i < width * height / 12 + 2; i++)
		random_text(&random, surface);
	for (int frame = 0; frame < 60; frame++) {
		emulated_paint(emulated, surface);
		emulated_check(emulated, surface);
		assert_int_equal(emulated_paint(emulated, surface), 0);
		if (random_below(&random, 20) == 0) {
			width = random_within(&random, 1, 100);
			height = random_within(&random, 1, 40);
			emulated_resize(emulated, width, height);
			surface_resize(surface, width, height);
		}
		if (random_below(&random, 4) == 0)
			surface = scrolled(&random, surface);
		for (size_t i = random_below(&random, 10); i > 0; i--)
			random_edit(&random, surface);
	}
	surface_free(surface);
	emulated_free(emulated);
}

static void the_terminal_shows_the_surface(void **state)
{
	static const struct {
		int width, height;
	} sizes[] = {{1, 1}, {2, 1}, {1, 5}, {3, 3}, {20, 4}, {80, 24}, {120, 40}, {300, 100}};
	static const int depths[] = {0, 8, 16, 256, 1 << 24};
	struct terminfo can = can_all();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t j = 0; j < ARRAY_LEN(depths); j++)
			check_random_frames(
				&can, depths[j], sizes[i].width, sizes[i].height, i * 100 + j);
}

static void a_terminal_that_can_little_shows_it_too(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		struct terminfo can = {
			.bce = bits & 1,
			.ech = bits & 2,
			.cha = bits & 4,
			.csr = bits & 8,
			.sgr_off = bits & 16,
			.italic = bits & 32,
		};

		check_random_frames(&can, 256, 61, 17, bits);
	}
}

/* A list as the console shows it: 120 by 40, a gutter of two cells, a state in colour. */
struct list {
	int first, cursor, count;
	bool hint;
};

static void draw_row(struct surface *surface, int y, int n, bool marked)
{
	static const char *const states[] = {"delivered", "failed   ", "received ", "retrying "};
	static const struct style colours[] = {
		{COLOUR_16 | 2, 0, 0}, {COLOUR_16 | 1, 0, ATTR_BOLD}, {0}, {COLOUR_16 | 3, 0, 0}};
	CLEANUP(str_done)
	struct str text = STR_INIT(512);
	int state = n % 7 == 3 ? n % 3 + 1 : 0;

	surface_text(surface, 0, y, 2, slice_of(marked ? "▸" : " "),
		(struct style){.fg = COLOUR_16 | 6});
	str_addf(&text, "14:%02d:%02d.%03d  po-%-8s  PO-2026-11-%05d  Mercy North (H%02d)",
		n / 60 % 60, n % 60, n * 37 % 1000, n % 3 ? "out" : "in", 317 + n * 3, n % 9 + 1);
	surface_text(surface, 2, y, 80, str_slice(&text), (struct style){0});
	surface_text(surface, 70, y, 10, slice_of(states[state]), colours[state]);
	str_reset(&text);
	str_addf(&text, "%4d ms  attempt %d", n * 13 % 900, state ? 3 : 1);
	surface_text(surface, 82, y, 30, str_slice(&text), (struct style){0});
}

static struct surface *draw_list(const struct list *list)
{
	struct surface *surface = surface_new(120, 40);
	CLEANUP(str_done)
	struct str text = STR_INIT(512);
	int height = 34;

	surface_text(surface, 1, 0, 118, SLICE("PROD  ana.ruiz operator ▸ Tail"),
		(struct style){.attrs = ATTR_BOLD});
	surface_text(surface, 1, 1, 118,
		SLICE("1 Overview  2 Interfaces  3 Tail  4 Dead letters 17"), (struct style){0});
	for (int x = 0; x < 120; x++) {
		surface_text(surface, x, 2, 1, SLICE("─"), (struct style){.attrs = ATTR_DIM});
		surface_text(surface, x, 37, 1, SLICE("─"), (struct style){.attrs = ATTR_DIM});
	}
	for (int i = 0; i < height; i++)
		draw_row(surface, 3 + i, list->first + i, list->first + i == list->cursor);
	str_addf(&text, "%d of %d · took 6 ms", list->cursor + 1, list->count);
	surface_text(surface, 1, 38, 118, str_slice(&text), (struct style){0});
	surface_text(
		surface, 1, 39, 118, SLICE("Enter open  Space tag  ? help"), (struct style){0});
	surface_cursor(surface, 0, 3 + list->cursor - list->first, false);
	return surface;
}

/* Bytes from one state of the list to the other, and that it is shown then. */
static size_t bytes_between(const struct terminfo *can, struct list from, struct list to)
{
	struct emulated *emulated = emulated_new(can, 256, 120, 40);
	CLEANUP(surface_freep)
	struct surface *before = draw_list(&from);
	CLEANUP(surface_freep)
	struct surface *after = draw_list(&to);
	size_t n;

	if (to.hint)
		surface_moved(after, 3, 34, to.first - from.first);
	emulated_paint(emulated, before);
	n = emulated_paint(emulated, after);
	emulated_check(emulated, after);
	assert_int_equal(emulated_paint(emulated, after), 0);
	emulated_free(emulated);
	return n;
}

static void check_at_most(size_t n, size_t most, const char *what)
{
	if (n > most || n == 0)
		fail_msg("%s takes %zu bytes, %zu are allowed", what, n, most);
}

/* The status line counts along: that is part of the price. */
static void few_bytes_are_enough(void **state)
{
	static const struct {
		const char *what;
		struct list from, to;
		size_t most;
	} rows[] = {
		{"a step down", {100, 110, 1000, false}, {100, 111, 1000, false}, 60},
		{"a step up", {100, 111, 1000, false}, {100, 110, 1000, false}, 60},
		{"a scroll up", {100, 133, 1000, false}, {101, 134, 1000, true}, 150},
		{"a scroll down", {101, 101, 1000, false}, {100, 100, 1000, true}, 150},
		{"a scroll without a hint", {100, 133, 1000, false}, {101, 134, 1000, false}, 150},
		{"a scroll with a wrong hint", {100, 133, 1000, false}, {103, 136, 1000, true},
			450},
		{"a page", {100, 133, 1000, false}, {134, 167, 1000, true}, 2000},
		{"a page back", {134, 134, 1000, false}, {100, 100, 1000, false}, 2000},
		{"the end", {0, 0, 1000, false}, {966, 999, 1000, false}, 2000},
	};
	struct terminfo can = can_all();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_at_most(
			bytes_between(&can, rows[i].from, rows[i].to), rows[i].most, rows[i].what);
}

/* As tmux and screen tell: no background on erase, no erasing of n cells. */
static void few_bytes_are_enough_in_tmux(void **state)
{
	struct terminfo can = can_all();
	struct list from = {100, 110, 1000, false}, to = {100, 111, 1000, false};

	(void)state;
	can.bce = can.ech = can.italic = false;
	check_at_most(bytes_between(&can, from, to), 60, "a step");
	from = (struct list){100, 133, 1000, false};
	to = (struct list){101, 134, 1000, true};
	check_at_most(bytes_between(&can, from, to), 150, "a scroll");
}

/* The region stays set, so that the second line costs less. */
static void scrolling_on_costs_less(void **state)
{
	struct terminfo can = can_all();
	struct emulated *emulated = emulated_new(&can, 256, 120, 40);
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct list list = {100 + i, 133 + i, 1000, false};
		CLEANUP(surface_freep)
		struct surface *surface = draw_list(&list);

		surface_moved(surface, 3, 34, i ? 1 : 0);
		n = emulated_paint(emulated, surface);
		emulated_check(emulated, surface);
		if (i > 1)
			check_at_most(n, 140, "a scroll");
	}
	emulated_free(emulated);
}

/* A list of three colours, all of it new: row by row each colour would be set anew in every row. */
static struct surface *draw_coloured(int first)
{
	static const struct style styles[] = {
		{COLOUR_256 | 244, 0, 0}, {COLOUR_256 | 28, 0, 0}, {COLOUR_256 | 31, 0, 0}};
	struct surface *surface = surface_new(120, 40);

	for (int y = 0; y < 36; y++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(64);

		str_addf(&text, "14:30:00.%03d", (first + y) * 7 % 1000);
		surface_text(surface, 2, y, 12, str_slice(&text), styles[0]);
		surface_text(surface, 15, y, 1, first ? SLICE("+") : SLICE("-"),
			styles[1 + (first + y) % 2]);
		str_reset(&text);
		str_addf(&text, "B-1-%d", 1000 + (first + y) * 3);
		surface_text(surface, 50, y, 20, str_slice(&text), (struct style){0});
	}
	return surface;
}

static void alike_rows_are_written_style_by_style(void **state)
{
	struct terminfo can = can_all();
	struct emulated *emulated = emulated_new(&can, 256, 120, 40);
	CLEANUP(surface_freep)
	struct surface *before = draw_coloured(0);
	CLEANUP(surface_freep)
	struct surface *after = draw_coloured(250);

	(void)state;
	emulated_paint(emulated, before);
	check_at_most(emulated_paint(emulated, after), 36 * 27, "a page of three colours");
	emulated_check(emulated, after);
	emulated_free(emulated);
}

/* What is painted when line drawing or UTF-8 is missing. */
static void check_painted(struct screen_caps caps, const char *text, const char *want)
{
	struct terminfo can = {.acs = true};
	CLEANUP(painter_freep)
	struct painter *painter = painter_new(&can, &caps);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(20, 1);
	CLEANUP(str_done)
	struct str out = STR_INIT(4096);

	painter_paint(painter, surface, &out);
	str_reset(&out);
	surface_text(surface, 0, 0, 20, slice_of(text), (struct style){0});
	painter_paint(painter, surface, &out);
	assert_string_equal(str_cstr(&out), want);
	check_allowed(str_slice(&out));
}

static void lines_are_drawn_with_what_there_is(void **state)
{
	static const struct {
		enum lines_kind lines;
		bool utf8;
		const char *text, *want;
	} rows[] = {
		{LINES_UTF8, true, "┌─┐", "┌─┐"},
		{LINES_ACS, false, "┌─┐", "\033(0lqk"},
		{LINES_ACS, false, "│a│", "\033(0x\033(Ba\033(0x"},
		{LINES_ACS, true, "├é┤", "\033(0t\033(Bé\033(0u"},
		{LINES_ACS, false, "╭═╮", "\033(0lqk"},
		{LINES_ASCII, false, "┌─┬─┐", "+-+-+"},
		{LINES_ASCII, true, "│é│", "|é|"},
		{LINES_ASCII, false, "═║╳", "=|X"},
		{LINES_ASCII, false, "▁▄█░", "_-#."},
		/* the rest of Unicode where there is none */
		{LINES_ASCII, false, "caf\xc3\xa9", "cafe"},
		{LINES_ACS, false, "Łódź, Åse Müllerſ", "Lodz, Ase Mullers"},
		{LINES_ASCII, false, "漢x", "? x"},
		{LINES_ASCII, false, "e\u0301x", "ex"},
		{LINES_ASCII, false, "مرحبا\u0301x", "?????x"},
		{LINES_ASCII, false, "▸✗→…·", ">x>~."},
		{LINES_ASCII, false, "\033[31m", "?[31m"},
		{LINES_ASCII, false, "\xff", "?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_painted((struct screen_caps){.lines = rows[i].lines, .utf8 = rows[i].utf8},
			rows[i].text, rows[i].want);
}

/* Every two bytes that could be there, and every control code point, through a surface: the check
 * of emulated_paint() sees what comes out. */
static void hostile_text_never_acts(void **state)
{
	struct terminfo can = can_all();
	struct emulated *emulated = emulated_new(&can, 256, 80, 4);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(80, 4);
	struct random random = {7};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[24];
		static const char sharp[] =
			"\033\033[]PX^_\\\a\r\n\b\x7f\x9b\xc2\x9b\x90\x9c;m?hl0123";

		for (size_t j = 0; j < sizeof(text); j++)
			text[j] = random_below(&random, 3)
					  ? sharp[random_below(&random, sizeof(sharp))]
					  : (char)random_below(&random, 256);
		surface_text(surface, (int)random_below(&random, 80), (int)random_below(&random, 4),
			80, (struct slice){text, sizeof(text)}, (struct style){0});
		emulated_paint(emulated, surface);
	}
	emulated_check(emulated, surface);
	emulated_free(emulated);
}

static void what_was_forgotten_is_painted_anew(void **state)
{
	struct terminfo can = can_all();
	struct emulated *emulated = emulated_new(&can, 256, 120, 40);
	struct list list = {0, 0, 10, false};
	CLEANUP(surface_freep)
	struct surface *surface = draw_list(&list);
	size_t first = emulated_paint(emulated, surface);

	(void)state;
	painter_forget(emulated_painter(emulated));
	emulated_scribble(emulated);
	assert_int_equal(emulated_paint(emulated, surface), first);
	emulated_check(emulated, surface);
	emulated_free(emulated);
}

static void a_storm_of_sizes_ends_as_a_fresh_start(void **state)
{
	struct terminfo can = can_all();
	struct emulated *emulated = emulated_new(&can, 256, 80, 24);
	struct random random = {3};

	(void)state;
	for (int i = 0; i < 300; i++) {
		int width = random_within(&random, 1, 300), height = random_within(&random, 1, 100);
		CLEANUP(surface_freep)
		struct surface *surface = surface_new(width, height);

		for (int j = 0; j < 10; j++)
			random_text(&random, surface);
		emulated_resize(emulated, width, height);
		emulated_paint(emulated, surface);
		emulated_check(emulated, surface);
	}
	emulated_free(emulated);
}

static void the_cursor_is_where_it_is_parked(void **state)
{
	static const struct {
		int x, y;
		bool visible;
		const char *want;
	} rows[] = {
		{4, 2, false, "\033[3;5H"},
		{4, 2, true, "\033[?25h"},
		{4, 3, true, "\n"},
		{4, 2, true, "\033[A"},
		{3, 2, true, "\b"},
		{0, 2, true, "\r"},
		{0, 0, true, "\033[H"},
		{0, 0, true, ""},
		{50, 0, true, "\033[51G"},
		{-1, -1, true, "\033[?25l"},
	};
	struct terminfo can = can_all();
	struct screen_caps caps = {.utf8 = true};
	CLEANUP(painter_freep)
	struct painter *painter = painter_new(&can, &caps);
	CLEANUP(surface_freep)
	struct surface *surface = surface_new(80, 24);
	CLEANUP(str_done)
	struct str out = STR_INIT(4096);

	(void)state;
	painter_paint(painter, surface, &out);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		str_reset(&out);
		surface_cursor(surface, rows[i].x, rows[i].y, rows[i].visible);
		painter_paint(painter, surface, &out);
		assert_string_equal(str_cstr(&out), rows[i].want);
	}
}

/* What a painter writes for the second surface after the first was shown. */
static void check_bytes(const struct terminfo *can, const struct surface *before,
	const struct surface *after, const char *want)
{
	struct screen_caps caps = {.colours = 256, .utf8 = true};
	CLEANUP(painter_freep)
	struct painter *painter = painter_new(can, &caps);
	CLEANUP(str_done)
	struct str out = STR_INIT(65536);

	painter_paint(painter, before, &out);
	str_reset(&out);
	painter_paint(painter, after, &out);
	assert_string_equal(str_cstr(&out), want);
}

/* Our emulator does, so it cannot tell. */
static void without_bce_nothing_coloured_is_erased(void **state)
{
	CLEANUP(surface_freep)
	struct surface *before = surface_new(10, 1);
	CLEANUP(surface_freep)
	struct surface *after = surface_new(10, 1);
	struct terminfo can = {.ech = true, .bce = true};

	(void)state;
	surface_fill(after, 0, 0, 10, 1, (struct style){.bg = COLOUR_16 | 4});
	check_bytes(&can, before, after, "\033[44m\033[K");
	can.bce = false;
	check_bytes(&can, before, after, "\033[44m          ");
	check_bytes(&can, after, before, "\r\033[m\033[K");
}

/* Of a glyph that the terminal takes for narrower than we do, the second cell must not keep what
 * was there; and where the cursor is afterwards is not guessed. */
static void a_disputed_glyph_is_painted_on_blanks(void **state)
{
	CLEANUP(surface_freep)
	struct surface *before = surface_new(10, 1);
	CLEANUP(surface_freep)
	struct surface *after = surface_new(10, 1);
	struct terminfo can = {.cha = true};

	(void)state;
	surface_text(before, 0, 0, 10, SLICE("abcdefghij"), (struct style){0});
	surface_text(after, 0, 0, 10, SLICE("ab🙂Efghij"), (struct style){0});
	check_bytes(&can, before, after, "\033[3G  \b\b🙂\033[5GE");
}

/* Terminals stop at the margins of the region, or scroll. */
static void no_move_crosses_the_scroll_region(void **state)
{
	static const struct {
		int from, to;
		const char *want;
	} rows[] = {
		{4, 2, "\033[3H"},
		{3, 2, "\033[3H"},
		{2, 3, "\033[4H"},
		{36, 37, "\033[38H"},
		{37, 36, "\033[37H"},
		{3, 4, "\n"},
		{35, 36, "\n"},
		{38, 37, "\033[A"},
	};
	struct terminfo can = can_all();
	struct screen_caps caps = {.colours = 256, .utf8 = true};
	struct list before = {100, 133, 1000, false}, after = {101, 134, 1000, true};
	CLEANUP(painter_freep)
	struct painter *painter = painter_new(&can, &caps);
	CLEANUP(surface_freep)
	struct surface *first = draw_list(&before);
	CLEANUP(surface_freep)
	struct surface *second = draw_list(&after);
	CLEANUP(str_done)
	struct str out = STR_INIT(65536);

	(void)state;
	painter_paint(painter, first, &out);
	painter_paint(painter, second, &out);
	assert_non_null(strstr(out.at, "\033[4;37r"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		surface_cursor(second, 0, rows[i].from, false);
		painter_paint(painter, second, &out);
		str_reset(&out);
		surface_cursor(second, 0, rows[i].to, false);
		painter_paint(painter, second, &out);
		assert_string_equal(str_cstr(&out), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_terminal_shows_the_surface),
		cmocka_unit_test(a_terminal_that_can_little_shows_it_too),
		cmocka_unit_test(few_bytes_are_enough),
		cmocka_unit_test(few_bytes_are_enough_in_tmux),
		cmocka_unit_test(scrolling_on_costs_less),
		cmocka_unit_test(alike_rows_are_written_style_by_style),
		cmocka_unit_test(lines_are_drawn_with_what_there_is),
		cmocka_unit_test(hostile_text_never_acts),
		cmocka_unit_test(what_was_forgotten_is_painted_anew),
		cmocka_unit_test(a_storm_of_sizes_ends_as_a_fresh_start),
		cmocka_unit_test(the_cursor_is_where_it_is_parked),
		cmocka_unit_test(without_bce_nothing_coloured_is_erased),
		cmocka_unit_test(a_disputed_glyph_is_painted_on_blanks),
		cmocka_unit_test(no_move_crosses_the_scroll_region),
	};

	return RUN(tests);
}
