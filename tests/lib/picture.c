/* Cells to SVG: runs of text in one style, and the shapes that lines and blocks are made of.
 * What stands on the surface is the views' matter.
 * Called by the program that makes the pictures of the documentation, and by its test. */
#include "picture.h"
#include "base/mem.h"
#include "base/text.h"
#include "term/colour.h"
#include <string.h>

/* A cell, in tenths of a pixel: DejaVu Sans Mono and Menlo at 14 px advance by 8.43. */
#define CELL_W 84
#define CELL_H 180
#define BASELINE 133
#define MARGIN 120

struct drawing {
	const struct surface *surface;
	const struct picture_look *look;
	struct str *out;
};

static uint32_t ink_of(const struct drawing *drawing, struct style style)
{
	bool reverse = style.attrs & ATTR_REVERSE;

	return reverse ? colour_rgb(style.bg, drawing->look->ground)
		       : colour_rgb(style.fg, drawing->look->ink);
}

static uint32_t ground_of(const struct drawing *drawing, struct style style)
{
	bool reverse = style.attrs & ATTR_REVERSE;

	return reverse ? colour_rgb(style.fg, drawing->look->ink)
		       : colour_rgb(style.bg, drawing->look->ground);
}

static bool same_style(struct style a, struct style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static void add_tenths(struct str *out, int tenths)
{
	str_addf(out, tenths % 10 ? "%d.%d" : "%d", tenths / 10, tenths % 10);
}

/* Where a cell begins, in tenths. */
static int left_of(int x)
{
	return MARGIN + x * CELL_W;
}

static int top_of(int y)
{
	return MARGIN + y * CELL_H;
}

static void add_rect(struct drawing *drawing, int x, int y, int w, int h, uint32_t colour)
{
	str_adds(drawing->out, "<rect x=\"");
	add_tenths(drawing->out, x);
	str_adds(drawing->out, "\" y=\"");
	add_tenths(drawing->out, y);
	str_adds(drawing->out, "\" width=\"");
	add_tenths(drawing->out, w);
	str_adds(drawing->out, "\" height=\"");
	add_tenths(drawing->out, h);
	str_addf(drawing->out, "\" fill=\"#%06x\"/>\n", colour);
}

/* Lines and blocks are drawn, for fonts leave gaps between them. False: not one of those. */
static bool add_shape(struct drawing *drawing, uint32_t cp, int x, int y, uint32_t colour)
{
	static const struct {
		uint32_t cp;
		const char *arms; /* of left, right, up, down */
	} lines[] = {{0x2500, "lr"}, {0x2502, "ud"}, {0x250C, "rd"}, {0x2510, "ld"}, {0x2514, "ru"},
		{0x2518, "lu"}, {0x251C, "rud"}, {0x2524, "lud"}};
	int left = left_of(x), top = top_of(y), middle_x = left + CELL_W / 2 - 5;
	int middle_y = top + CELL_H / 2 - 5, to_end = CELL_H / 2 + 5;

	if (cp >= 0x2581 && cp <= 0x2588) { /* lower eighths */
		int height = CELL_H * (int)(cp - 0x2580) / 8;

		add_rect(drawing, left, top + CELL_H - height, CELL_W, height, colour);
		return true;
	}
	if (cp >= 0x2589 && cp <= 0x258F) { /* left eighths */
		add_rect(drawing, left, top, CELL_W * (int)(0x2590 - cp) / 8, CELL_H, colour);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (lines[i].cp != cp)
			continue;
		if (strchr(lines[i].arms, 'l'))
			add_rect(drawing, left, middle_y, CELL_W / 2 + 5, 10, colour);
		if (strchr(lines[i].arms, 'r'))
			add_rect(drawing, middle_x, middle_y, CELL_W / 2 + 5, 10, colour);
		if (strchr(lines[i].arms, 'u'))
			add_rect(drawing, middle_x, top, 10, to_end, colour);
		if (strchr(lines[i].arms, 'd'))
			add_rect(drawing, middle_x, middle_y, 10, to_end, colour);
		return true;
	}
	return false;
}

static void add_escaped(struct str *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.at[i]) {
		case '<':
			str_adds(out, "&lt;");
			break;
		case '>':
			str_adds(out, "&gt;");
			break;
		case '&':
			str_adds(out, "&amp;");
			break;
		default:
			str_addc(out, text.at[i]);
		}
	}
}

static void add_text(
	struct drawing *drawing, int x, int y, int cells, struct style style, struct slice text)
{
	struct str *out = drawing->out;

	str_adds(out, "<text x=\"");
	add_tenths(out, left_of(x));
	str_adds(out, "\" y=\"");
	add_tenths(out, top_of(y) + BASELINE);
	str_adds(out, "\" textLength=\"");
	add_tenths(out, cells * CELL_W);
	str_addf(out, "\" fill=\"#%06x\"", ink_of(drawing, style));
	if (style.attrs & ATTR_BOLD)
		str_adds(out, " font-weight=\"bold\"");
	if (style.attrs & ATTR_ITALIC)
		str_adds(out, " font-style=\"italic\"");
	if (style.attrs & ATTR_UNDERLINE)
		str_adds(out, " text-decoration=\"underline\"");
	if (style.attrs & ATTR_DIM)
		str_adds(out, " opacity=\"0.6\"");
	str_addc(out, '>');
	add_escaped(out, text);
	str_adds(out, "</text>\n");
}

/* Backgrounds of a row, where they differ from the picture's. */
static void draw_grounds(struct drawing *drawing, int y)
{
	int width = surface_width(drawing->surface), from = 0;

	for (int x = 1; x <= width; x++) {
		struct style first, style = {0};
		uint32_t ground;

		surface_at(drawing->surface, from, y, &first);
		ground = ground_of(drawing, first);
		if (x < width) {
			surface_at(drawing->surface, x, y, &style);
			if (ground_of(drawing, style) == ground)
				continue;
		}
		if (ground != drawing->look->ground)
			add_rect(drawing, left_of(from), top_of(y), (x - from) * CELL_W, CELL_H,
				ground);
		from = x;
	}
}

static bool is_plain(struct slice glyph)
{
	return glyph.len == 1 && glyph.at[0] > ' ';
}

/* One run: words of ASCII in one style, with single blanks between them. Everything else stands
 * alone, so that no font can push what follows out of its cell. */
static int run_of(const struct drawing *drawing, int x, int y, struct str *text)
{
	int width = surface_width(drawing->surface), to = x + 1;
	struct style first, style;
	struct slice glyph = surface_at(drawing->surface, x, y, &first);

	str_add(text, glyph);
	if (!is_plain(glyph))
		return to;
	while (to < width) {
		glyph = surface_at(drawing->surface, to, y, &style);
		if (is_plain(glyph) && same_style(first, style)) {
			str_add(text, glyph);
			to++;
			continue;
		}
		if (to + 1 >= width || glyph.len != 1 || !same_style(first, style))
			break;
		glyph = surface_at(drawing->surface, to + 1, y, &style);
		if (!is_plain(glyph) || !same_style(first, style))
			break;
		str_addc(text, ' ');
		to++;
	}
	return to;
}

static void draw_row(struct drawing *drawing, int y)
{
	for (int x = 0; x < surface_width(drawing->surface);) {
		CLEANUP(str_done)
		struct str text = STR_INIT(4096);
		struct style style;
		struct slice glyph = surface_at(drawing->surface, x, y, &style), rest = glyph;
		uint32_t cp = 0;
		int to;

		if (!glyph.len || (glyph.len == 1 && glyph.at[0] == ' ')) {
			x++;
			continue;
		}
		utf8_next(&rest, &cp);
		if (!rest.len && add_shape(drawing, cp, x, y, ink_of(drawing, style))) {
			x++;
			continue;
		}
		to = run_of(drawing, x, y, &text);
		add_text(drawing, x, y, to - x == 1 ? text_width(str_slice(&text)) : to - x, style,
			str_slice(&text));
		x = to;
	}
}

void picture_svg(const struct surface *surface, const struct picture_look *look, struct str *out)
{
	struct drawing drawing = {surface, look, out};
	int width = (2 * MARGIN + surface_width(surface) * CELL_W + 9) / 10;
	int height = (2 * MARGIN + surface_height(surface) * CELL_H + 9) / 10;

	str_addf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"14\" font-family=\"'DejaVu Sans "
		"Mono',Menlo,Consolas,monospace\" xml:space=\"preserve\">\n<title>",
		width, height, width, height);
	add_escaped(out, slice_of(look->title));
	str_addf(out, "</title>\n<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\"/>\n",
		width, height, look->ground);
	for (int y = 0; y < surface_height(surface); y++) {
		draw_grounds(&drawing, y);
		draw_row(&drawing, y);
	}
	str_adds(out, "</svg>\n");
}
