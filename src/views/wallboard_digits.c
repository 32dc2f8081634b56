/* Digits of blocks.
 * Which numbers is the wallboard's matter.
 * Called by the wallboard. */
#include "base/mem.h"
#include "base/str.h"
#include "model/format.h"
#include "wallboard_part.h"

#define DOTS_WIDE 3

/* Cells and rows of a dot, by scale: a cell is about twice as high as it is wide; the first is narrow. */
static const struct {
	int cells, rows;
} scales[DIGITS_SCALES + 1] = {{0, 0}, {1, 1}, {2, 1}, {4, 2}, {6, 3}};

static const unsigned char dots[][DIGITS_DOTS] = {
	{7, 5, 5, 5, 7},
	{2, 6, 2, 2, 7},
	{7, 1, 7, 4, 7},
	{7, 1, 3, 1, 7},
	{5, 5, 7, 1, 1},
	{7, 4, 7, 1, 7},
	{7, 4, 7, 5, 7},
	{7, 1, 1, 2, 2},
	{7, 5, 7, 5, 7},
	{7, 5, 7, 1, 7},
};

static int advance(int scale)
{
	return (DOTS_WIDE + 1) * scales[scale].cells;
}

int digits_height(int scale)
{
	return DIGITS_DOTS * scales[scale].rows;
}

static void add_digits(struct str *out, int64_t n)
{
	str_addf(out, "%lld", (long long)(n < 0 ? 0 : n));
}

int digits_width(int64_t n, int scale)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	add_digits(&text, n);
	return (int)text.len * advance(scale) - scales[scale].cells;
}

static void draw_digit(
	const struct canvas *canvas, int x, int y, int scale, enum role role, size_t digit)
{
	int cells = scales[scale].cells, rows = scales[scale].rows;

	for (int row = 0; row < digits_height(scale); row++)
		for (int at = 0; at < DOTS_WIDE * cells; at++)
			if (dots[digit][row / rows] >> (DOTS_WIDE - 1 - at / cells) & 1)
				canvas_text(canvas, x + at, y + row, 1, role,
					canvas->ascii ? SLICE("#") : SLICE("█"));
}

int digits_draw(const struct canvas *canvas, int x, int y, int scale, enum role role, int64_t n)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	if (canvas->plain || scale < 1 || scale > DIGITS_SCALES ||
		x + digits_width(n, scale) > canvas->width ||
		y + digits_height(scale) > canvas->height) {
		format_count(&text, n);
		return canvas_text(canvas, x, y, canvas->width - x, role, str_slice(&text));
	}
	add_digits(&text, n);
	for (size_t i = 0; i < text.len; i++)
		draw_digit(canvas, x + (int)i * advance(scale), y, scale, role,
			(size_t)(text.at[i] - '0'));
	return digits_width(n, scale);
}
