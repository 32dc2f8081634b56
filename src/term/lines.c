/* Line drawing without UTF-8, stand-ins for other signs, and which glyphs terminals disagree on.
 * Leaves to base/text.h how wide we take a glyph to be.
 * Called by paint.c for every glyph beyond ASCII. */
#include "lines.h"
#include "base/mem.h"
#include "base/text.h"

static const struct line_row {
	uint16_t first, last;
	char acs; /* 0: has none */
	char ascii;
} line_rows[] = {
	{0x2500, 0x2501, 'q', '-'},
	{0x2502, 0x2503, 'x', '|'},
	{0x2504, 0x2505, 'q', '-'},
	{0x2506, 0x2507, 'x', '|'},
	{0x2508, 0x2509, 'q', '-'},
	{0x250a, 0x250b, 'x', '|'},
	{0x250c, 0x250f, 'l', '+'},
	{0x2510, 0x2513, 'k', '+'},
	{0x2514, 0x2517, 'm', '+'},
	{0x2518, 0x251b, 'j', '+'},
	{0x251c, 0x2523, 't', '+'},
	{0x2524, 0x252b, 'u', '+'},
	{0x252c, 0x2533, 'w', '+'},
	{0x2534, 0x253b, 'v', '+'},
	{0x253c, 0x254b, 'n', '+'},
	{0x254c, 0x254d, 'q', '-'},
	{0x254e, 0x254f, 'x', '|'},
	{0x2550, 0x2550, 'q', '='},
	{0x2551, 0x2551, 'x', '|'},
	{0x2552, 0x2554, 'l', '+'},
	{0x2555, 0x2557, 'k', '+'},
	{0x2558, 0x255a, 'm', '+'},
	{0x255b, 0x255d, 'j', '+'},
	{0x255e, 0x2560, 't', '+'},
	{0x2561, 0x2563, 'u', '+'},
	{0x2564, 0x2566, 'w', '+'},
	{0x2567, 0x2569, 'v', '+'},
	{0x256a, 0x256c, 'n', '+'},
	{0x256d, 0x256d, 'l', '+'},
	{0x256e, 0x256e, 'k', '+'},
	{0x256f, 0x256f, 'j', '+'},
	{0x2570, 0x2570, 'm', '+'},
	{0x2571, 0x2571, 0, '/'},
	{0x2572, 0x2572, 0, '\\'},
	{0x2573, 0x2573, 0, 'X'},
	{0x2574, 0x2574, 'q', '-'},
	{0x2575, 0x2575, 'x', '|'},
	{0x2576, 0x2576, 'q', '-'},
	{0x2577, 0x2577, 'x', '|'},
	{0x2578, 0x2578, 'q', '-'},
	{0x2579, 0x2579, 'x', '|'},
	{0x257a, 0x257a, 'q', '-'},
	{0x257b, 0x257b, 'x', '|'},
	{0x257c, 0x257c, 'q', '-'},
	{0x257d, 0x257d, 'x', '|'},
	{0x257e, 0x257e, 'q', '-'},
	{0x257f, 0x257f, 'x', '|'},
	{0x2580, 0x2580, 0, '"'},
	{0x2581, 0x2581, 0, '_'},
	{0x2582, 0x2582, 0, '.'},
	{0x2583, 0x2583, 0, ':'},
	{0x2584, 0x2584, 0, '-'},
	{0x2585, 0x2585, 0, '='},
	{0x2586, 0x2586, 0, '+'},
	{0x2587, 0x2587, 0, '*'},
	{0x2588, 0x2588, 0, '#'},
	{0x2589, 0x2590, 0, '|'},
	{0x2591, 0x2591, 0, '.'},
	{0x2592, 0x2592, 'a', '%'},
	{0x2593, 0x2593, 0, '#'},
	{0x2594, 0x259f, 0, '"'},
};

/* Signs with a stand-in where only ASCII can be shown. */
static const struct {
	uint16_t cp;
	char ascii;
} stand_ins[] = {
	{0x00a0, ' '},
	{0x00b7, '.'},
	{0x2010, '-'},
	{0x2011, '-'},
	{0x2012, '-'},
	{0x2013, '-'},
	{0x2014, '-'},
	{0x2018, '\''},
	{0x2019, '\''},
	{0x201c, '"'},
	{0x201d, '"'},
	{0x2022, '*'},
	{0x2026, '~'},
	{0x2190, '<'},
	{0x2191, '^'},
	{0x2192, '>'},
	{0x2193, 'v'},
	{0x25b2, '^'},
	{0x25b4, '^'},
	{0x25b6, '>'},
	{0x25b8, '>'},
	{0x25bc, 'v'},
	{0x25be, 'v'},
	{0x25c0, '<'},
	{0x25c2, '<'},
	{0x25cb, 'o'},
	{0x25cf, '*'},
	{0x2713, 'v'},
	{0x2717, 'x'},
};

/* Terminals agree on the width of these. The rest is ambiguous (two cells in an East Asian setup),
 * emoji, of a script that needs shaping, or too new. Lines, blocks and the ellipsis are ambiguous
 * too, but so many that they are trusted. */
static const struct {
	uint32_t first, last;
} sure_rows[] = {
	{0x20, 0x7e},
	{0xa0, 0xac},
	{0xae, 0x2ff},
	{0x370, 0x482},
	{0x48a, 0x52f},
	{0x1e00, 0x1eff},
	{0x2010, 0x2027},
	{0x20ac, 0x20ac},
	{0x2400, 0x2421},
	{0x2500, 0x259f},
	{0x25b4, 0x25b5},
	{0x25b8, 0x25b9},
	{0x25be, 0x25bf},
	{0x25c2, 0x25c3},
	{0x2713, 0x2713},
	{0x2717, 0x2717},
	{0x2800, 0x28ff},
	{0x3001, 0x3029},
	{0x3041, 0x3096},
	{0x30a1, 0x30fa},
	{0x4e00, 0x9fa5},
	{0xac00, 0xd7a3},
	{0xff01, 0xff5e},
	{0xfffd, 0xfffd},
};

static bool is_sure(uint32_t cp)
{
	size_t low = 0, high = ARRAY_LEN(sure_rows);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (cp > sure_rows[mid].last)
			low = mid + 1;
		else if (cp < sure_rows[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

static const struct line_row *line_of(uint32_t cp)
{
	if (cp < 0x2500 || cp > 0x259f)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(line_rows); i++)
		if (cp >= line_rows[i].first && cp <= line_rows[i].last)
			return &line_rows[i];
	return NULL;
}

/* Letters without their marks: "Médico" is still read as "Medico". */
static const char latin_1[] =
	"AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty"; /* from U+00C0 */
static const char latin_a[] =
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNn"
	"NnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"; /* U+0100 */

static char stand_in(uint32_t cp)
{
	if (cp < 0x80)
		return (char)cp;
	if (cp >= 0xc0 && cp < 0x100)
		return latin_1[cp - 0xc0];
	if (cp >= 0x100 && cp < 0x180)
		return latin_a[cp - 0x100];
	for (size_t i = 0; i < ARRAY_LEN(stand_ins); i++)
		if (stand_ins[i].cp == cp)
			return stand_ins[i].ascii;
	return '?';
}

struct drawn lines_drawn(struct slice glyph, bool utf8, enum lines_kind lines)
{
	struct drawn drawn = {.bytes = glyph};
	struct slice rest = glyph;
	const struct line_row *line;
	uint32_t cp = 0;
	bool single;

	if (!utf8_next(&rest, &cp))
		return drawn;
	single = rest.len == 0;
	drawn.sure = single && is_sure(cp);
	line = single && (lines != LINES_UTF8 || !utf8) ? line_of(cp) : NULL;
	if (line) {
		drawn.line_drawing = lines == LINES_ACS && line->acs;
		drawn.narrow = drawn.line_drawing ? line->acs : line->ascii;
	} else if (!utf8 && glyph.len > 1) {
		drawn.narrow = stand_in(cp); /* of a cluster, what its marks stand on */
	}
	drawn.sure = drawn.sure || drawn.narrow;
	return drawn;
}
