/* A surface as text, for golden screens and --frame.
 * Leaves the comparing to who asked.
 * Called by tests, and by the console when it shows one frame without a terminal. */
#include "base/mem.h"
#include "grid.h"
#include "term/screen.h"

static const char *const colour_names[] = {
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

static void dump_text(const struct surface *surface, int y, struct str *out)
{
	const struct cell *row = grid_row(surface, y);
	int end = surface->width;

	while (end > 0 && row[end - 1].glyph == ' ')
		end--;
	for (int x = 0; x < end; x++)
		str_add(out, grid_bytes(surface, &row[x].glyph));
	str_addc(out, '\n');
}

static void dump_colour(uint32_t colour, const char *what, struct str *out)
{
	unsigned n = colour & 0xffffff;

	switch (colour & ~0xffffffu) {
	case COLOUR_16:
		str_addf(out, " %s%s%s", what, n & 8 ? "bright-" : "", colour_names[n & 7]);
		break;
	case COLOUR_256:
		str_addf(out, " %s%u", what, n);
		break;
	case COLOUR_RGB:
		str_addf(out, " %s#%06x", what, n);
		break;
	}
}

static void dump_style(struct style style, struct str *out)
{
	static const char *const names[] = {"bold", "dim", "italic", "underline", "reverse"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (style.attrs & 1u << i)
			str_addf(out, " %s", names[i]);
	dump_colour(style.fg, "", out);
	dump_colour(style.bg, "on-", out);
}

/* "~ 0-3 bold red; 10-12 reverse": columns from 0, without what is plain. */
static void dump_styles(const struct surface *surface, int y, struct str *out)
{
	const struct cell *row = grid_row(surface, y);
	const char *between = " ";

	str_addc(out, '~');
	for (int x = 0, end; x < surface->width; x = end) {
		struct style style = row[x].style;

		for (end = x + 1; end < surface->width; end++)
			if (row[end].style.fg != style.fg || row[end].style.bg != style.bg ||
				row[end].style.attrs != style.attrs)
				break;
		if (!style.fg && !style.bg && !style.attrs)
			continue;
		str_addf(out, "%s%d-%d", between, x, end - 1);
		dump_style(style, out);
		between = "; ";
	}
	str_addc(out, '\n');
}

void surface_dump(const struct surface *surface, bool styles, struct str *out)
{
	for (int y = 0; y < surface->height; y++) {
		dump_text(surface, y, out);
		if (styles)
			dump_styles(surface, y, out);
	}
}
