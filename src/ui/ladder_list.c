/* The ladder as an indented list with bars of time.
 * What is said of a hop is ladder.c's.
 * Called by ladder.c, where there is no room for columns, and for a screen reader. */
#include "base/mem.h"
#include "base/text.h"
#include "ladder_part.h"
#include "model/format.h"

#define LIST_TIME_FROM 40
#define LIST_BAR_FROM 60
#define LIST_TIME 9
#define LIST_TOOK 7

static struct slice ladder_system(const struct ladder *ladder, size_t number)
{
	return number < ladder->n_systems ? ladder->systems[number] : SLICE("?");
}

/* When within the whole, and how much of it; something is never nothing. */
static void draw_bar(const struct ladder *ladder, const struct ladder_hop *hop,
	const struct canvas *canvas, int x, int y, int width)
{
	const struct ladder_hop *begin = ladder_begin(ladder);
	double whole = (double)ladder_whole_us(ladder), start, length;
	int from, cells;

	for (int i = 0; i < width; i++)
		canvas_put(
			canvas, x + i, y, 1, ROLE_BORDER, canvas->ascii ? SLICE(".") : SLICE("·"));
	if (!begin || !hop_knows_time(hop) || whole <= 0)
		return;
	start = (double)ladder_difference(hop->at_us, begin->at_us) / whole;
	length = hop->took_us > 0 ? (double)hop->took_us / whole : 0;
	start = start < 0 ? 0 : start > 1 ? 1 : start;
	from = (int)(start * (width - 1));
	cells = (int)(length * width + 0.5);
	cells = cells < 1 ? 1 : cells > width - from ? width - from : cells;
	for (int i = 0; i < cells; i++)
		canvas_put(canvas, x + from + i, y, 1, hop_is_bad(hop) ? hop_role(hop) : ROLE_SPARK,
			canvas->ascii ? SLICE("#") : SLICE("━"));
}

static void draw_took(
	const struct ladder_hop *hop, const struct canvas *canvas, int x, int y, int width)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	if (hop->took_us < 0)
		return;
	ladder_add_duration(&text, hop->took_us);
	canvas_right(canvas, x, y, width, ROLE_TEXT, str_slice(&text));
}

static void draw_route(const struct ladder *ladder, const struct ladder_hop *hop,
	const struct canvas *canvas, int *x, int y)
{
	*x += canvas_text(
		canvas, *x, y, canvas->width - *x, ROLE_DIM, ladder_system(ladder, hop->from));
	if (hop->from == hop->to)
		return;
	*x += canvas_text(canvas, *x, y, canvas->width - *x, ROLE_DIM,
		canvas->plain   ? SLICE(" to ")
		: canvas->ascii ? SLICE(">")
				: SLICE("▸"));
	*x += canvas_text(
		canvas, *x, y, canvas->width - *x, ROLE_DIM, ladder_system(ladder, hop->to));
}

static void draw_words(const struct ladder *ladder, const struct ladder_hop *hop,
	const struct canvas *canvas, int y)
{
	CLEANUP(str_done)
	struct str label = STR_INIT(4096);
	int deepest = canvas->width / 8, x;
	enum role role = hop_role(hop);

	x = 2 * (hop->depth < 0 ? 0 : hop->depth > deepest ? deepest : hop->depth);
	if (canvas->plain)
		x += canvas_text(canvas, x, y, canvas->width - x, role, hop->state) + 1;
	else
		x += canvas_glyph(canvas, x, y, role) + 1;
	hop_add_label(hop, &label);
	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT, str_slice(&label)) + 1;
	if (hop_is_bad(hop) && hop->note.len) { /* why it failed says more than where it went */
		x += canvas_text(canvas, x, y, canvas->width - x, role, hop->note) + 1;
		draw_route(ladder, hop, canvas, &x, y);
		return;
	}
	draw_route(ladder, hop, canvas, &x, y);
	canvas_text(canvas, x + 1, y, canvas->width - x - 1, ROLE_TEXT, hop->note);
}

void ladder_draw_list(const struct ladder *ladder, const struct canvas *canvas)
{
	int time = canvas->width >= LIST_TIME_FROM ? LIST_TIME + 1 : 0;
	int took = canvas->width >= LIST_TIME_FROM ? LIST_TOOK + 1 : 0;
	int bar = canvas->width >= LIST_BAR_FROM && !canvas->plain ? canvas->width / 6 : 0;
	int words = canvas->width - LADDER_GUTTER - time - took - (bar ? bar + 1 : 0);

	for (int y = 0; y < canvas->height; y++) {
		struct canvas part = canvas_sub(canvas, LADDER_GUTTER + time, y, words, 1);
		size_t number = ladder->top + (size_t)y;
		const struct ladder_hop *hop;

		if (number >= ladder->n_hops)
			return;
		hop = &ladder->hops[number];
		if (time)
			ladder_draw_time(ladder, number, canvas, LADDER_GUTTER, y, LIST_TIME);
		draw_words(ladder, hop, &part, 0);
		if (bar)
			draw_bar(ladder, hop, canvas, canvas->width - took - bar, y, bar);
		if (took)
			draw_took(hop, canvas, canvas->width - LIST_TOOK, y, LIST_TOOK);
		if (number == ladder->cursor)
			ladder_mark_cursor(canvas, y);
	}
}
