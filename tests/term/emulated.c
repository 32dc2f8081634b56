/* The painter's bytes in libvterm, cell by cell and style by style. */
#include "emulated.h"
#include "../lib/unit.h"
#include "base/text.h"
#include "term/colour.h"
#include <stdio.h>
#include <vterm.h>

struct emulated {
	VTerm *vterm;
	VTermScreen *screen;
	struct painter *painter;
	struct screen_caps caps;
	struct terminfo can;
};

struct terminfo can_all(void)
{
	return (struct terminfo){.colours = 256,
		.bce = true,
		.ech = true,
		.cha = true,
		.csr = true,
		.sgr_off = true,
		.italic = true,
		.hides_cursor = true,
		.alternate = true,
		.acs = true};
}

struct emulated *emulated_with(
	const struct terminfo *can, const struct screen_caps *caps, int width, int height)
{
	static const char no_wrap[] = "\033[?7l";
	struct emulated *emulated = NEW(struct emulated);

	emulated->can = *can;
	emulated->caps = *caps;
	emulated->painter = painter_new(can, &emulated->caps);
	emulated->vterm = vterm_new(height, width);
	vterm_set_utf8(emulated->vterm, 1);
	emulated->screen = vterm_obtain_screen(emulated->vterm);
	vterm_screen_reset(emulated->screen, 1);
	vterm_input_write(emulated->vterm, no_wrap, sizeof(no_wrap) - 1);
	return emulated;
}

struct emulated *emulated_new(const struct terminfo *can, int colours, int width, int height)
{
	const struct screen_caps caps = {.colours = colours, .lines = LINES_UTF8, .utf8 = true};

	return emulated_with(can, &caps, width, height);
}

void emulated_free(struct emulated *emulated)
{
	vterm_free(emulated->vterm);
	painter_free(emulated->painter);
	free(emulated);
}

struct painter *emulated_painter(struct emulated *emulated)
{
	return emulated->painter;
}

void emulated_resize(struct emulated *emulated, int width, int height)
{
	vterm_set_size(emulated->vterm, height, width);
}

void emulated_scribble(struct emulated *emulated)
{
	static const char scribble[] =
		"\033[5;20r\033[44;1;7m\033[3;3Hsegmentation fault\033[12;1H";

	vterm_input_write(emulated->vterm, scribble, sizeof(scribble) - 1);
}

/* The length of the sequence that begins there, 0 when it is none of ours. */
static size_t allowed_sequence(struct slice s)
{
	size_t i = 2;

	if (slice_starts(s, SLICE("\033M")))
		return 2;
	if (slice_starts(s, SLICE("\033(0")) || slice_starts(s, SLICE("\033(B")))
		return 3;
	if (slice_starts(s, SLICE("\033[?25h")) || slice_starts(s, SLICE("\033[?25l")))
		return 6;
	if (!slice_starts(s, SLICE("\033[")))
		return 0;
	while (i < s.len && ((s.at[i] >= '0' && s.at[i] <= '9') || s.at[i] == ';'))
		i++;
	return i < s.len && strchr("ABCDGHJKXmr", s.at[i]) ? i + 1 : 0;
}

void check_allowed(struct slice bytes)
{
	while (bytes.len) {
		struct slice before = bytes;
		size_t len = bytes.at[0] == '\033' ? allowed_sequence(bytes) : 0;
		uint32_t cp = 0;

		if (len) {
			bytes = slice_from(bytes, len);
			continue;
		}
		assert_true(utf8_next(&bytes, &cp));
		if (cp == '\n' || cp == '\r' || cp == '\b')
			continue;
		if (cp < ' ' || (cp >= 0x7f && cp < 0xa0))
			fail_msg("not allowed: \\x%02x then %.*s", (unsigned)cp,
				(int)(before.len < 20 ? before.len - 1 : 20), before.at + 1);
	}
}

size_t emulated_paint(struct emulated *emulated, const struct surface *surface)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(64u << 20);

	painter_paint(emulated->painter, surface, &out);
	assert_false(out.cut);
	check_allowed(str_slice(&out));
	if (out.len)
		vterm_input_write(emulated->vterm, out.at, out.len);
	return out.len;
}

/* As COLOUR_ values, so that both sides can be compared and printed. */
static uint32_t colour_of(VTermColor colour)
{
	if (VTERM_COLOR_IS_DEFAULT_FG(&colour) || VTERM_COLOR_IS_DEFAULT_BG(&colour))
		return COLOUR_DEFAULT;
	if (VTERM_COLOR_IS_INDEXED(&colour))
		return (colour.indexed.idx < 16 ? COLOUR_16 : COLOUR_256) | colour.indexed.idx;
	return COLOUR_RGB | (uint32_t)colour.rgb.red << 16 | (uint32_t)colour.rgb.green << 8 |
	       colour.rgb.blue;
}

static struct style style_of(const VTermScreenCell *cell)
{
	return (struct style){
		.fg = colour_of(cell->fg),
		.bg = colour_of(cell->bg),
		.attrs = (cell->attrs.bold ? ATTR_BOLD : 0u) |
			 (cell->attrs.italic ? ATTR_ITALIC : 0u) |
			 (cell->attrs.underline ? ATTR_UNDERLINE : 0u) |
			 (cell->attrs.reverse ? ATTR_REVERSE : 0u),
	};
}

/* By the painter's rules, said once more. */
static struct style expected_style(const struct emulated *emulated, struct style style, bool blank)
{
	int colours = emulated->caps.colours;

	style.fg = colour_reduce(style.fg, colours);
	style.bg = colour_reduce(style.bg, colours);
	style.attrs &= ~(uint32_t)ATTR_DIM; /* unknown to libvterm */
	if (!emulated->can.italic)
		style.attrs &= ~(uint32_t)ATTR_ITALIC;
	if (colours == 8) {
		if (style.fg == (COLOUR_16 | 8))
			style.fg = COLOUR_16 | 7;
		else if (style.fg & 8)
			style.attrs |= ATTR_BOLD;
		style.fg &= style.fg ? ~8u : ~0u;
		style.bg &= style.bg ? ~8u : ~0u;
	}
	if (blank && !(style.attrs & (ATTR_REVERSE | ATTR_UNDERLINE)))
		style = (struct style){.bg = style.bg};
	return style;
}

/* Whether all emulators must agree: ASCII, Latin-1, lines, and plain ideographs. */
static bool is_undisputed(struct slice bytes)
{
	uint32_t cp;

	return utf8_next(&bytes, &cp) && bytes.len == 0 &&
	       (cp < 0x300 || (cp >= 0x2500 && cp <= 0x259f) || (cp >= 0x4e00 && cp < 0x9fa6) ||
		       (cp >= 0xac00 && cp <= 0xd7a3) || cp == 0xfffd ||
		       (cp >= 0x2400 && cp < 0x2422));
}

static void check_cell(struct emulated *emulated, const struct surface *surface, int x, int y)
{
	struct style style, seen, wanted;
	struct slice bytes = surface_at(surface, x, y, &style), rest = bytes;
	VTermScreenCell cell;
	uint32_t cp = ' ', shown;

	if (!bytes.len || !is_undisputed(bytes))
		return;
	utf8_next(&rest, &cp);
	assert_true(vterm_screen_get_cell(emulated->screen, (VTermPos){y, x}, &cell));
	shown = cell.chars[0] ? cell.chars[0] : ' ';
	if (shown != cp)
		fail_msg("%d,%d: U+%04X shown, U+%04X wanted", x, y, shown, cp);
	seen = style_of(&cell);
	wanted = expected_style(emulated, style, cp == ' ');
	if (cp == ' ' && !(seen.attrs & (ATTR_REVERSE | ATTR_UNDERLINE)))
		seen = (struct style){.bg = seen.bg};
	if (seen.fg != wanted.fg || seen.bg != wanted.bg || seen.attrs != wanted.attrs)
		fail_msg("%d,%d: style %x on %x +%x shown, %x on %x +%x wanted", x, y, seen.fg,
			seen.bg, seen.attrs, wanted.fg, wanted.bg, wanted.attrs);
}

void emulated_check(struct emulated *emulated, const struct surface *surface)
{
	for (int y = 0; y < surface_height(surface); y++)
		for (int x = 0; x < surface_width(surface); x++)
			check_cell(emulated, surface, x, y);
}

/* Without the rows at the end on which nothing stands. */
static int rows_shown(const struct surface *surface)
{
	int height = surface_height(surface);

	for (; height > 0; height--)
		for (int x = 0; x < surface_width(surface); x++) {
			struct style style;

			if (!slice_eq_str(surface_at(surface, x, height - 1, &style), " ") ||
				style.bg || style.attrs)
				return height;
		}
	return height;
}

static void copy_cell(
	struct emulated *emulated, struct surface *to, int x, int y, struct style style)
{
	char glyph[VTERM_MAX_CHARS_PER_CELL * 4];
	VTermScreenCell cell;
	size_t len = 0;

	assert_true(vterm_screen_get_cell(emulated->screen, (VTermPos){y, x}, &cell));
	for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
		len += utf8_put(cell.chars[i] == UINT32_MAX ? ' ' : cell.chars[i], glyph + len);
	surface_text(to, x, y, 2, len ? (struct slice){glyph, len} : SLICE(" "), style);
}

void emulated_dump(struct emulated *emulated, const struct surface *surface, struct str *out)
{
	int width = surface_width(surface), height = rows_shown(surface);
	struct surface *seen = surface_new(width, height);

	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			struct style style;
			struct slice bytes = surface_at(surface, x, y, &style);

			if (bytes.len)
				copy_cell(emulated, seen, x, y, style);
		}
	}
	surface_dump(seen, true, out);
	surface_free(seen);
}
