/* Moves, styles and scrolls in the fewest bytes, in ECMA-48 as far as the terminal has it.
 * Leaves to paint.c what is written where.
 * Called by paint.c only. */
#include "pen.h"
#include "base/mem.h"
#include "term/colour.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct style plain;

struct style pen_reduce(const struct pen *pen, struct style style)
{
	uint32_t lost = (pen->can.dim ? 0u : ATTR_DIM) | (pen->can.italic ? 0u : ATTR_ITALIC);

	style.fg = colour_reduce(style.fg, pen->colours);
	style.bg = colour_reduce(style.bg, pen->colours);
	style.attrs &= ~lost;
	if (pen->colours < 16) {
		/* Bright black would vanish on black, so it is plain white. */
		if (style.fg == (COLOUR_16 | 8))
			style.fg = COLOUR_16 | 7;
		else if (style.fg & 8)
			style.attrs |= ATTR_BOLD;
		if (style.fg)
			style.fg &= ~8u;
		if (style.bg)
			style.bg &= ~8u;
	}
	return style;
}

void pen_reset(struct pen *pen, int width, int height)
{
	pen->width = width;
	pen->height = height;
	str_adds(pen->out, "\033[m");
	if (pen->can.acs)
		str_adds(pen->out, "\033(B");
	if (pen->can.csr)
		str_adds(pen->out, "\033[r");
	str_adds(pen->out, "\033[H\033[2J");
	pen->x = pen->y = 0;
	pen->style = plain;
	pen->line_drawing = false;
	pen->top = 0;
	pen->bottom = height - 1;
	pen->cursor = -1;
}

/* A sequence on its way to be compared with others. */
struct move_text {
	bool can;
	size_t len;
	char at[64];
};

static void add(struct move_text *text, const char *what, size_t len)
{
	if (text->len + len >= sizeof(text->at))
		text->can = false;
	else
		memcpy(text->at + text->len, what, len);
	text->len += len;
}

static void add_times(struct move_text *text, const char *what, int n)
{
	for (int i = 0; i < n && text->can; i++)
		add(text, what, strlen(what));
}

/* ESC [ n letter, where 1 goes without saying. */
static void add_count(struct move_text *text, int n, char letter)
{
	char csi[24];
	int len = n == 1 ? snprintf(csi, sizeof(csi), "\033[%c", letter)
			 : snprintf(csi, sizeof(csi), "\033[%d%c", n, letter);

	add(text, csi, (size_t)len);
}

static struct move_text absolute(int x, int y)
{
	struct move_text text = {.can = true};
	char csi[40];
	int len;

	if (x == 0 && y == 0)
		len = snprintf(csi, sizeof(csi), "\033[H");
	else if (x == 0)
		len = snprintf(csi, sizeof(csi), "\033[%dH", y + 1);
	else
		len = snprintf(csi, sizeof(csi), "\033[%d;%dH", y + 1, x + 1);
	add(&text, csi, (size_t)len);
	return text;
}

/* Up and down keep the column. A line feed at the region's end would scroll, and the other moves
 * stop at its ends. */
static void add_vertical(struct move_text *text, const struct pen *pen, int y)
{
	int from = pen->y < y ? pen->y : y, to = pen->y < y ? y : pen->y;

	if (pen->y == y)
		return;
	if (pen->y < 0 || (from < pen->top && to >= pen->top) ||
		(from <= pen->bottom && to > pen->bottom))
		text->can = false;
	else if (y > pen->y && y - pen->y <= 3)
		add_times(text, "\n", y - pen->y);
	else
		add_count(text, to - from, y > pen->y ? 'B' : 'A');
}

static void add_horizontal(struct move_text *text, const struct pen *pen, int x)
{
	if (pen->x == x)
		return;
	if (x == 0)
		add(text, "\r", 1);
	else if (pen->x > x && pen->x - x <= 4)
		add_times(text, "\b", pen->x - x);
	else if (pen->x > x && (pen->x - x < 9 || !pen->can.cha))
		add_count(text, pen->x - x, 'D');
	else if (pen->x >= 0 && pen->x < x && (x - pen->x < 10 || !pen->can.cha))
		add_count(text, x - pen->x, 'C');
	else if (pen->can.cha)
		add_count(text, x + 1, 'G');
	else
		text->can = false;
}

void pen_goto(struct pen *pen, int x, int y)
{
	struct move_text best, steps = {.can = true};

	if (pen->x == x && pen->y == y)
		return;
	best = absolute(x, y);
	add_vertical(&steps, pen, y);
	add_horizontal(&steps, pen, x);
	if (steps.can && steps.len < best.len)
		best = steps;
	str_add(pen->out, (struct slice){best.at, best.len});
	pen->x = x;
	pen->y = y;
}

static void add_sgr(struct move_text *text, const char *parameter)
{
	if (text->len)
		add(text, ";", 1);
	add(text, parameter, strlen(parameter));
}

static void add_colour(struct move_text *text, uint32_t colour, bool is_bg)
{
	char sgr[32];
	unsigned n = colour & 0xffffff;
	int base = is_bg ? 40 : 30;

	switch (colour & ~0xffffffu) {
	case COLOUR_16:
		snprintf(sgr, sizeof(sgr), "%d", n < 8 ? base + (int)n : base + 52 + (int)n);
		break;
	case COLOUR_256:
		snprintf(sgr, sizeof(sgr), "%d;5;%u", base + 8, n & 255);
		break;
	case COLOUR_RGB:
		snprintf(sgr, sizeof(sgr), "%d;2;%u;%u;%u", base + 8, n >> 16, n >> 8 & 255,
			n & 255);
		break;
	default:
		snprintf(sgr, sizeof(sgr), "%d", base + 9);
	}
	add_sgr(text, sgr);
}

static const struct {
	uint32_t attr;
	const char *on, *off;
} attr_rows[] = {
	{ATTR_BOLD, "1", "22"},
	{ATTR_DIM, "2", "22"},
	{ATTR_ITALIC, "3", "23"},
	{ATTR_UNDERLINE, "4", "24"},
	{ATTR_REVERSE, "7", "27"},
};

static void add_changes(struct move_text *text, struct style from, struct style to)
{
	uint32_t off = from.attrs & ~to.attrs, on;

	for (size_t i = 0; i < ARRAY_LEN(attr_rows); i++) {
		if (!(off & attr_rows[i].attr))
			continue;
		add_sgr(text, attr_rows[i].off);
		if (strcmp(attr_rows[i].off, "22") == 0) { /* puts both off */
			off &= ~(uint32_t)(ATTR_BOLD | ATTR_DIM);
			from.attrs &= ~(uint32_t)(ATTR_BOLD | ATTR_DIM);
		}
	}
	on = to.attrs & ~from.attrs;
	for (size_t i = 0; i < ARRAY_LEN(attr_rows); i++)
		if (on & attr_rows[i].attr)
			add_sgr(text, attr_rows[i].on);
	if (from.fg != to.fg)
		add_colour(text, to.fg, false);
	if (from.bg != to.bg)
		add_colour(text, to.bg, true);
}

static bool style_eq(struct style a, struct style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

/* The way there, be it by changes or anew. */
static void write_style(struct pen *pen, struct style to)
{
	struct style from = pen->style;
	struct move_text anew = {.can = true}, changes = {.can = true};
	bool needs_off = (from.attrs & ~to.attrs) || (from.fg && !to.fg) || (from.bg && !to.bg);
	const struct move_text *best = &changes;

	add_changes(&changes, from, to);
	if (!style_eq(to, plain))
		add(&anew, "0", 1);
	add_changes(&anew, plain, to);
	if ((needs_off && !pen->can.sgr_off) || anew.len < changes.len)
		best = &anew;
	str_adds(pen->out, "\033[");
	str_add(pen->out, (struct slice){best->at, best->len});
	str_addc(pen->out, 'm');
}

void pen_style(struct pen *pen, struct style reduced)
{
	if (style_eq(pen->style, reduced))
		return;
	write_style(pen, reduced);
	pen->style = reduced;
}

bool pen_blank_is_same(const struct pen *pen, struct style reduced)
{
	const uint32_t seen = ATTR_REVERSE | ATTR_UNDERLINE;

	return style_eq(pen->style, reduced) ||
	       (pen->style.bg == reduced.bg && !((pen->style.attrs | reduced.attrs) & seen));
}

void pen_line_drawing(struct pen *pen, bool on)
{
	if (pen->line_drawing != on)
		str_adds(pen->out, on ? "\033(0" : "\033(B");
	pen->line_drawing = on;
}

void pen_cursor(struct pen *pen, bool visible)
{
	if (pen->can.hides_cursor && pen->cursor != visible)
		str_adds(pen->out, visible ? "\033[?25h" : "\033[?25l");
	pen->cursor = visible;
}

static void set_region(struct pen *pen, int top, int bottom)
{
	if (pen->top == top && pen->bottom == bottom)
		return;
	if (top == 0 && bottom == pen->height - 1)
		str_adds(pen->out, "\033[r");
	else
		str_addf(pen->out, "\033[%d;%dr", top + 1, bottom + 1);
	pen->top = top;
	pen->bottom = bottom;
	pen->x = pen->y = 0;
}

void pen_scroll(struct pen *pen, int top, int bottom, int lines)
{
	pen_style(pen, plain);
	set_region(pen, top, bottom);
	pen_goto(pen, pen->x > 0 ? pen->x : 0, lines > 0 ? bottom : top);
	for (int i = 0; i < abs(lines); i++)
		str_adds(pen->out, lines > 0 ? "\n" : "\033M");
}
