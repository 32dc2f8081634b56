/* Drawing in roles on a part of a surface.
 * What the roles look like is the theme's, making text inert the surface's.
 * Called by the frame, the widgets and every view. */
#include "ui/canvas.h"
#include "base/mem.h"
#include "base/text.h"

struct canvas canvas_of(struct surface *surface, const struct theme *theme, int colours, bool ascii)
{
	return (struct canvas){
		.surface = surface,
		.theme = theme,
		.colours = colours,
		.ascii = ascii,
		.width = surface_width(surface),
		.height = surface_height(surface),
	};
}

static int clamp(int value, int min, int max)
{
	return value < min ? min : value > max ? max : value;
}

struct canvas canvas_sub(const struct canvas *canvas, int x, int y, int width, int height)
{
	struct canvas sub = *canvas;

	x = clamp(x, 0, canvas->width);
	y = clamp(y, 0, canvas->height);
	sub.x = canvas->x + x;
	sub.y = canvas->y + y;
	sub.width = clamp(width, 0, canvas->width - x);
	sub.height = clamp(height, 0, canvas->height - y);
	return sub;
}

static struct style style_of(const struct canvas *canvas, enum role role)
{
	struct style text =
		theme_style(canvas->theme, ROLE_TEXT, canvas->colours, (struct style){0});

	return role == ROLE_TEXT ? text : theme_style(canvas->theme, role, canvas->colours, text);
}

int canvas_put(
	const struct canvas *canvas, int x, int y, int max, enum role role, struct slice text)
{
	int room = x < canvas->width ? canvas->width - x : 0;

	if (y < 0 || y >= canvas->height || x < 0)
		return 0;
	return surface_text(canvas->surface, canvas->x + x, canvas->y + y, clamp(max, 0, room),
		text, style_of(canvas, role));
}

int canvas_text(
	const struct canvas *canvas, int x, int y, int max, enum role role, struct slice text)
{
	int used;

	max = clamp(max, 0, x < canvas->width ? canvas->width - x : 0);
	if (text_width(text_clip(text, max + 1, &used)) <= max)
		return canvas_put(canvas, x, y, max, role, text);
	used = canvas_put(canvas, x, y, max - 1, role, text);
	return used + canvas_put(canvas, x + used, y, max - used, role,
			      canvas->ascii ? SLICE("~") : SLICE("…"));
}

int canvas_right(
	const struct canvas *canvas, int x, int y, int width, enum role role, struct slice text)
{
	int shown = text_width(text);

	if (shown >= width)
		return canvas_text(canvas, x, y, width, role, text);
	return width - shown + canvas_text(canvas, x + width - shown, y, shown, role, text);
}

int canvas_printf(
	const struct canvas *canvas, int x, int y, int max, enum role role, const char *fmt, ...)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096);
	va_list args;

	va_start(args, fmt);
	str_addv(&text, fmt, args);
	va_end(args);
	return canvas_text(canvas, x, y, max, role, str_slice(&text));
}

/* A screen reader names every sign; states have their words, only what no word says stays. */
static bool says_more(enum role role)
{
	return role == ROLE_CURSOR_MARK || role == ROLE_TAG;
}

int canvas_glyph(const struct canvas *canvas, int x, int y, enum role role)
{
	struct slice glyph = theme_glyph(canvas->theme, role, canvas->ascii || canvas->narrow);

	if (canvas->plain && !says_more(role))
		return 0;
	return canvas_text(canvas, x, y, 2, role, glyph);
}

void canvas_fill(const struct canvas *canvas, int y, enum role role)
{
	if (y >= 0 && y < canvas->height)
		surface_fill(canvas->surface, canvas->x, canvas->y + y, canvas->width, 1,
			style_of(canvas, role));
}

void canvas_line(const struct canvas *canvas, int y, enum role role)
{
	struct style style = style_of(canvas, role);

	if (y < 0 || y >= canvas->height || canvas->plain)
		return;
	for (int x = 0; x < canvas->width; x++)
		surface_text(canvas->surface, canvas->x + x, canvas->y + y, 1, SLICE("─"), style);
}

void canvas_add(const struct canvas *canvas, int x, int y, int width, enum role role)
{
	if (y < 0 || y >= canvas->height)
		return;
	for (int i = clamp(x, 0, canvas->width); i < clamp(x + width, 0, canvas->width); i++) {
		struct style style;

		surface_at(canvas->surface, canvas->x + i, canvas->y + y, &style);
		style = theme_style(canvas->theme, role, canvas->colours, style);
		surface_restyle(canvas->surface, canvas->x + i, canvas->y + y, 1, 1, style);
	}
}
