/* The ladder with systems as columns and hops as arrows between them.
 * What is said of a hop is ladder.c's.
 * Called by ladder.c, where there is room. */
#include "base/mem.h"
#include "base/text.h"
#include "ladder_part.h"

#define LANES_FROM (LADDER_GUTTER + LADDER_TIME_WIDTH + 1)
#define PITCH_MIN 12 /* cells from one lifeline to the next */
#define PITCH_MAX 24
#define NOTE_MIN 12 /* right of the last lane */

struct lanes ladder_lanes(const struct ladder *ladder)
{
	int room = ladder->width - LANES_FROM - NOTE_MIN, fit, pitch;

	if (!ladder->n_systems)
		return (struct lanes){0};
	fit = room > PITCH_MIN ? room / PITCH_MIN : 1;
	fit = (size_t)fit > ladder->n_systems ? (int)ladder->n_systems : fit;
	pitch = (room - (ladder->width - LADDER_WIDE) / 2) /
		fit; /* notes get half of what is over */
	pitch = pitch > PITCH_MAX ? PITCH_MAX : pitch < PITCH_MIN ? PITCH_MIN : pitch;
	return (struct lanes){ladder->first_system, (size_t)fit, pitch};
}

/* Where a system's lifeline stands; outside, where it would go on. */
static int lane_x(const struct lanes *lanes, size_t system)
{
	if (system < lanes->first)
		return LANES_FROM - 1;
	if (system >= lanes->first + lanes->n)
		return LANES_FROM + (int)lanes->n * lanes->pitch;
	return LANES_FROM + lanes->pitch / 2 + (int)(system - lanes->first) * lanes->pitch;
}

static bool in_sight(const struct lanes *lanes, size_t system)
{
	return system >= lanes->first && system < lanes->first + lanes->n;
}

static void draw_names(
	const struct ladder *ladder, const struct lanes *lanes, const struct canvas *canvas)
{
	size_t behind = ladder->n_systems - lanes->first - lanes->n;

	for (size_t i = lanes->first; i < lanes->first + lanes->n; i++) {
		struct slice name = ladder->systems[i];
		int width = text_width(name), room = lanes->pitch - 2;

		width = width > room ? room : width;
		canvas_text(canvas, lane_x(lanes, i) - width / 2, 0, width, ROLE_HEADER, name);
	}
	if (lanes->first)
		canvas_printf(canvas, LADDER_GUTTER, 0, LADDER_TIME_WIDTH, ROLE_DIM, "%s %zu more",
			canvas->ascii ? "<" : "◂", lanes->first);
	if (behind)
		canvas_printf(canvas, LANES_FROM + (int)lanes->n * lanes->pitch + 1, 0, NOTE_MIN,
			ROLE_DIM, "%zu more %s", behind, canvas->ascii ? ">" : "▸");
}

static void draw_lifelines(const struct lanes *lanes, const struct canvas *canvas, int y)
{
	for (size_t i = lanes->first; i < lanes->first + lanes->n; i++)
		canvas_put(canvas, lane_x(lanes, i), y, 1, ROLE_BORDER,
			canvas->ascii ? SLICE("|") : SLICE("│"));
}

/* What arrows are made of. */
struct arrow {
	const char *line, *left, *right, *out_left, *out_right, *bad;
};

static const struct arrow *arrow_of(const struct ladder_hop *hop, bool ascii)
{
	static const struct arrow arrows[][2] = {
		[HOP_SEND] = {{"─", "◂", "▸", "┤", "├", "✗"}, {"-", "<", ">", "|", "|", "X"}},
		[HOP_ACK] = {{"╌", "◂", "▸", "┤", "├", "✗"}, {".", "<", ">", "|", "|", "X"}},
		[HOP_STEP] = {{"─", "◂", "▸", "┤", "├", "✗"}, {"-", "<", ">", "|", "|", "X"}},
		[HOP_COMPENSATION] = {{"═", "◂", "▸", "╡", "╞", "✗"},
			{"=", "<", ">", "|", "|", "X"}},
	};

	return &arrows[hop->kind <= HOP_COMPENSATION ? hop->kind : HOP_SEND][ascii];
}

/* From lifeline to lifeline, its label in the middle; returns where what came of it may stand. */
static int draw_arrow(
	const struct lanes *lanes, const struct ladder_hop *hop, const struct canvas *canvas, int y)
{
	const struct arrow *arrow = arrow_of(hop, canvas->ascii);
	int from = lane_x(lanes, hop->from), to = lane_x(lanes, hop->to);
	int left = from < to ? from : to, right = from < to ? to : from, x, room;
	bool to_right = from < to;
	CLEANUP(str_done)
	struct str label = STR_INIT(4096);
	enum role role = hop_role(hop);
	const char *head = hop_is_bad(hop) ? arrow->bad : to_right ? arrow->right : arrow->left;

	for (x = left + 1; x < right; x++)
		canvas_put(canvas, x, y, 1, role, slice_of(arrow->line));
	if (in_sight(lanes, hop->from))
		canvas_put(canvas, from, y, 1, role,
			slice_of(to_right ? arrow->out_right : arrow->out_left));
	if (in_sight(lanes, hop->to))
		canvas_put(canvas, to_right ? to - 1 : to + 1, y, 1, role, slice_of(head));
	hop_add_label(hop, &label);
	room = right - left - 3;
	if (room > 0 && label.len) {
		int width = text_width(str_slice(&label));

		width = width > room ? room : width;
		x = left + 1 + (room - width) / 2 + !to_right;
		canvas_text(canvas, x, y, width, ROLE_TEXT, str_slice(&label));
	}
	return right + 2;
}

/* Something that one system did by itself, or said to one that nobody knows. */
static int draw_step(
	const struct lanes *lanes, const struct ladder_hop *hop, const struct canvas *canvas, int y)
{
	CLEANUP(str_done)
	struct str label = STR_INIT(4096);
	int x = lane_x(lanes, hop->from);

	if (in_sight(lanes, hop->from))
		canvas_put(canvas, x, y, 1, hop_role(hop),
			canvas->ascii || canvas->narrow ? SLICE("*") : SLICE("◆"));
	hop_add_label(hop, &label);
	return x + 2 +
	       canvas_text(canvas, x + 2, y, lanes->pitch - 3, ROLE_TEXT, str_slice(&label)) + 1;
}

static bool is_step(const struct ladder *ladder, const struct ladder_hop *hop)
{
	return hop->from == hop->to || hop->from >= ladder->n_systems ||
	       hop->to >= ladder->n_systems;
}

/* What came of it lies over the lifelines to the right; failures say so with their glyph too. */
static void draw_note(const struct ladder_hop *hop, const struct canvas *canvas, int x, int y)
{
	enum role role = hop_role(hop);

	if (role != ROLE_TEXT && !slice_eq_str(hop->state, "done"))
		x += canvas_glyph(canvas, x, y, role) + 1;
	if (hop->note.len) {
		x += canvas_text(canvas, x, y, canvas->width - x - 1,
			hop_is_bad(hop) ? role : ROLE_TEXT, hop->note);
		canvas_put(canvas, x, y, 1, ROLE_TEXT, SLICE(" "));
	}
}

void ladder_draw_columns(const struct ladder *ladder, const struct canvas *canvas)
{
	struct lanes lanes = ladder_lanes(ladder);

	if (lanes.n)
		draw_names(ladder, &lanes, canvas);
	for (int y = 1; y < canvas->height; y++) {
		size_t number = ladder->top + (size_t)y - 1;
		const struct ladder_hop *hop;
		int x;

		if (number >= ladder->n_hops)
			return;
		hop = &ladder->hops[number];
		draw_lifelines(&lanes, canvas, y);
		ladder_draw_time(ladder, number, canvas, LADDER_GUTTER, y, LADDER_TIME_WIDTH);
		x = is_step(ladder, hop) ? draw_step(&lanes, hop, canvas, y)
					 : draw_arrow(&lanes, hop, canvas, y);
		draw_note(hop, canvas, x, y);
		if (number == ladder->cursor)
			ladder_mark_cursor(canvas, y);
	}
}
