/* Heat strips: where the lines, their names and their numbers stand.
 * What a cell looks like is the chart's, the numbers and what they mean the caller's.
 * Called by views that show how a time went. */
#include "ui/heat.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "ui/chart.h"

#define STRIP_MIN 6

struct layout {
	int name, strip, number; /* widths; 0: left out */
	size_t per_cell, places;
	int64_t most; /* of all lines */
};

static int64_t most_between(const int64_t *values, size_t from, size_t to)
{
	int64_t most = 0;

	for (size_t i = from; i < to; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

static int number_width(int64_t number)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	format_count(&text, number);
	return text_width(str_slice(&text));
}

/* Names and numbers give way to the strip where it is narrow. */
static struct layout lay_out(const struct heat *heat, const struct canvas *canvas)
{
	bool braille = heat->braille && !canvas->ascii && !canvas->narrow;
	struct layout layout = {.per_cell = braille ? 2 : 1};

	for (size_t i = 0; i < heat->n_lines; i++) {
		int width = text_width(heat->lines[i].name);
		int64_t most = most_between(heat->lines[i].values, 0, heat->n_values);

		layout.name = width > layout.name ? width : layout.name;
		layout.most = most > layout.most ? most : layout.most;
	}
	if (layout.name > canvas->width / 3)
		layout.name = canvas->width / 3;
	layout.number = number_width(layout.most) + 1;
	layout.strip = canvas->width - layout.name - 1 - layout.number;
	if (layout.strip < STRIP_MIN) {
		layout.strip += layout.name + 1;
		layout.name = 0;
	}
	if (layout.strip < STRIP_MIN) {
		layout.strip = canvas->width;
		layout.number = 0;
	}
	layout.places = layout.per_cell * (size_t)layout.strip;
	if (layout.places > heat->n_values)
		layout.places = heat->n_values;
	layout.strip = (int)((layout.places + layout.per_cell - 1) / layout.per_cell);
	return layout;
}

static int64_t at_place(
	const struct heat *heat, const struct heat_line *line, size_t place, size_t places)
{
	if (place >= places)
		return 0;
	return most_between(line->values, place * heat->n_values / places,
		(place + 1) * heat->n_values / places);
}

static void draw_strip(const struct heat *heat, const struct heat_line *line,
	const struct layout *layout, const struct canvas *canvas, int x, int y, enum role role)
{
	for (size_t i = 0; i < layout->places; i += layout->per_cell, x++) {
		int64_t two[] = {at_place(heat, line, i, layout->places),
			at_place(heat, line, i + 1, layout->places)};

		if (layout->per_cell == 2)
			chart_braille(canvas, x, y, role, two, layout->most);
		else
			chart_shade(canvas, x, y, role, two[0], layout->most);
	}
}

static void draw_words(const struct heat *heat, const struct canvas *canvas, enum role role)
{
	for (size_t i = 0; i < heat->n_lines && (int)i < canvas->height; i++) {
		const struct heat_line *line = &heat->lines[i];
		CLEANUP(str_done)
		struct str text = STR_INIT(4096);

		str_add(&text, line->name);
		str_adds(&text, ": now ");
		format_count(&text, heat->n_values ? line->values[heat->n_values - 1] : 0);
		str_adds(&text, ", most ");
		format_count(&text, most_between(line->values, 0, heat->n_values));
		canvas_text(canvas, 0, (int)i, canvas->width, role, str_slice(&text));
	}
}

static void draw_ends(const struct heat *heat, const struct layout *layout,
	const struct canvas *canvas, int x, int y)
{
	int used = canvas_text(canvas, x, y, layout->strip, ROLE_DIM, slice_of(heat->from));
	int width = text_width(slice_of(heat->to));

	if (used + 1 + width <= layout->strip)
		canvas_text(
			canvas, x + layout->strip - width, y, width, ROLE_DIM, slice_of(heat->to));
}

void heat_draw(const struct heat *heat, const struct canvas *canvas, enum role role)
{
	struct layout layout = lay_out(heat, canvas);
	int x = layout.name ? layout.name + 1 : 0, y = 0;

	if (canvas->plain) {
		draw_words(heat, canvas, role);
		return;
	}
	for (; y < canvas->height - 1 && (size_t)y < heat->n_lines; y++) {
		const struct heat_line *line = &heat->lines[y];
		CLEANUP(str_done)
		struct str number = STR_INIT(32);

		canvas_text(canvas, 0, y, layout.name, ROLE_TEXT, line->name);
		draw_strip(heat, line, &layout, canvas, x, y, role);
		format_count(&number, most_between(line->values, 0, heat->n_values));
		canvas_right(
			canvas, x + layout.strip, y, layout.number, ROLE_TEXT, str_slice(&number));
	}
	draw_ends(heat, &layout, canvas, x, y);
}
