/* The ladder of a transaction, as columns and arrows or as an indented list.
 * What the hops are, and what stands below the selected one, is the caller's.
 * Called by the view of a transaction. */
#include "ui/ladder.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"

#define GUTTER 2
#define TIME_WIDTH 12
#define LANES_FROM (GUTTER + TIME_WIDTH + 1)
#define PITCH_MIN 12 /* cells from one lifeline to the next */
#define PITCH_MAX 24
#define NOTE_MIN 12 /* right of the last lane */

/* ---- what both shapes say ---- */

static bool is_wide(const struct ladder *ladder, const struct canvas *canvas)
{
	return ladder->width >= LADDER_WIDE && !canvas->plain;
}

static struct slice system_name(const struct ladder *ladder, size_t number)
{
	return number < ladder->n_systems ? ladder->systems[number] : SLICE("?");
}

static bool knows_time(const struct ladder_hop *hop)
{
	return hop->at_us != LADDER_NO_TIME;
}

/* The first hop that knows its time: all others are told from it. */
static const struct ladder_hop *begin_of(const struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->n_hops; i++)
		if (knows_time(&ladder->hops[i]))
			return &ladder->hops[i];
	return NULL;
}

static const struct ladder_hop *timed_before(const struct ladder *ladder, size_t number)
{
	while (number-- > 0)
		if (knows_time(&ladder->hops[number]))
			return &ladder->hops[number];
	return NULL;
}

/* Clocks of several systems disagree: a difference may be negative, and absurd. */
static int64_t difference(int64_t a, int64_t b)
{
	int64_t result;

	return __builtin_sub_overflow(a, b, &result) ? (a < b ? -INT64_MAX : INT64_MAX) : result;
}

static void add_duration(struct str *out, int64_t us)
{
	if (us < 100 * S_US)
		format_took(out, us);
	else
		format_age(out, us);
}

/* Which time of day for the first, how much later for the others. */
static void draw_time(const struct ladder *ladder, size_t number, const struct canvas *canvas,
	int x, int y, int width)
{
	const struct ladder_hop *hop = &ladder->hops[number], *before;
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	if (!knows_time(hop))
		return;
	before = timed_before(ladder, number);
	if (before) {
		int64_t later_us = difference(hop->at_us, before->at_us);

		str_addc(&text, later_us < 0 ? '-' : '+');
		add_duration(&text, later_us < 0 ? -later_us : later_us);
		canvas_right(canvas, x, y, width, ROLE_DIM, str_slice(&text));
		return;
	}
	format_time(&text, hop->at_us, width >= TIME_WIDTH ? FORMAT_MILLI : FORMAT_SECOND);
	canvas_text(canvas, x, y, width, ROLE_TEXT, str_slice(&text));
}

static void add_label(const struct ladder_hop *hop, struct str *out)
{
	if (hop->attempt > 1)
		str_addf(out, "#%d ", hop->attempt);
	if (hop->kind == HOP_COMPENSATION)
		str_adds(out, "undo ");
	str_add(out, hop->label);
}

static bool is_bad(const struct ladder_hop *hop)
{
	static const char *const words[] = {"dead", "failed", "failing"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_eq_str(hop->state, words[i]))
			return true;
	return false;
}

/* A failed hop has the colour of what it leads to. */
static enum role role_of(const struct ladder_hop *hop)
{
	return is_bad(hop) ? ROLE_STATE_DEAD : role_of_state(hop->state);
}

static void mark_cursor(const struct canvas *canvas, int y)
{
	canvas_add(canvas, 0, y, canvas->width, ROLE_CURSOR_ROW);
	canvas_glyph(canvas, 0, y, ROLE_CURSOR_MARK);
	surface_cursor(canvas->surface, canvas->x, canvas->y + y, true);
}

/* ---- columns ---- */

/* How many lifelines are in sight, and how far apart. */
struct lanes {
	size_t first, n;
	int pitch;
};

static struct lanes lanes_of(const struct ladder *ladder)
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
		canvas_printf(canvas, GUTTER, 0, TIME_WIDTH, ROLE_DIM, "%s %zu more",
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
	enum role role = role_of(hop);
	const char *head = is_bad(hop) ? arrow->bad : to_right ? arrow->right : arrow->left;

	for (x = left + 1; x < right; x++)
		canvas_put(canvas, x, y, 1, role, slice_of(arrow->line));
	if (in_sight(lanes, hop->from))
		canvas_put(canvas, from, y, 1, role,
			slice_of(to_right ? arrow->out_right : arrow->out_left));
	if (in_sight(lanes, hop->to))
		canvas_put(canvas, to_right ? to - 1 : to + 1, y, 1, role, slice_of(head));
	add_label(hop, &label);
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
		canvas_put(canvas, x, y, 1, role_of(hop),
			canvas->ascii || canvas->narrow ? SLICE("*") : SLICE("◆"));
	add_label(hop, &label);
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
	enum role role = role_of(hop);

	if (role != ROLE_TEXT && !slice_eq_str(hop->state, "done"))
		x += canvas_glyph(canvas, x, y, role) + 1;
	if (hop->note.len) {
		x += canvas_text(canvas, x, y, canvas->width - x - 1,
			is_bad(hop) ? role : ROLE_TEXT, hop->note);
		canvas_put(canvas, x, y, 1, ROLE_TEXT, SLICE(" "));
	}
}

static void draw_columns(const struct ladder *ladder, const struct canvas *canvas)
{
	struct lanes lanes = lanes_of(ladder);

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
		draw_time(ladder, number, canvas, GUTTER, y, TIME_WIDTH);
		x = is_step(ladder, hop) ? draw_step(&lanes, hop, canvas, y)
					 : draw_arrow(&lanes, hop, canvas, y);
		draw_note(hop, canvas, x, y);
		if (number == ladder->cursor)
			mark_cursor(canvas, y);
	}
}

/* ---- the list ---- */

#define LIST_TIME_FROM 40
#define LIST_BAR_FROM 60
#define LIST_TIME 9
#define LIST_TOOK 7

/* How long all of it lasted, from the first to the last that is known. */
static int64_t whole_us(const struct ladder *ladder)
{
	const struct ladder_hop *begin = begin_of(ladder);
	int64_t whole = 0;

	for (size_t i = 0; begin && i < ladder->n_hops; i++) {
		const struct ladder_hop *hop = &ladder->hops[i];
		int64_t end;

		if (!knows_time(hop) || __builtin_add_overflow(difference(hop->at_us, begin->at_us),
						hop->took_us > 0 ? hop->took_us : 0, &end))
			continue;
		whole = end > whole ? end : whole;
	}
	return whole;
}

/* When within the whole, and how much of it; something is never nothing. */
static void draw_bar(const struct ladder *ladder, const struct ladder_hop *hop,
	const struct canvas *canvas, int x, int y, int width)
{
	const struct ladder_hop *begin = begin_of(ladder);
	double whole = (double)whole_us(ladder), start, length;
	int from, cells;

	for (int i = 0; i < width; i++)
		canvas_put(
			canvas, x + i, y, 1, ROLE_BORDER, canvas->ascii ? SLICE(".") : SLICE("·"));
	if (!begin || !knows_time(hop) || whole <= 0)
		return;
	start = (double)difference(hop->at_us, begin->at_us) / whole;
	length = hop->took_us > 0 ? (double)hop->took_us / whole : 0;
	start = start < 0 ? 0 : start > 1 ? 1 : start;
	from = (int)(start * (width - 1));
	cells = (int)(length * width + 0.5);
	cells = cells < 1 ? 1 : cells > width - from ? width - from : cells;
	for (int i = 0; i < cells; i++)
		canvas_put(canvas, x + from + i, y, 1, is_bad(hop) ? role_of(hop) : ROLE_SPARK,
			canvas->ascii ? SLICE("#") : SLICE("━"));
}

static void draw_took(
	const struct ladder_hop *hop, const struct canvas *canvas, int x, int y, int width)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	if (hop->took_us < 0)
		return;
	add_duration(&text, hop->took_us);
	canvas_right(canvas, x, y, width, ROLE_TEXT, str_slice(&text));
}

static void draw_route(const struct ladder *ladder, const struct ladder_hop *hop,
	const struct canvas *canvas, int *x, int y)
{
	*x += canvas_text(
		canvas, *x, y, canvas->width - *x, ROLE_DIM, system_name(ladder, hop->from));
	if (hop->from == hop->to)
		return;
	*x += canvas_text(canvas, *x, y, canvas->width - *x, ROLE_DIM,
		canvas->plain   ? SLICE(" to ")
		: canvas->ascii ? SLICE(">")
				: SLICE("▸"));
	*x += canvas_text(
		canvas, *x, y, canvas->width - *x, ROLE_DIM, system_name(ladder, hop->to));
}

static void draw_words(const struct ladder *ladder, const struct ladder_hop *hop,
	const struct canvas *canvas, int y)
{
	CLEANUP(str_done)
	struct str label = STR_INIT(4096);
	int deepest = canvas->width / 8, x;
	enum role role = role_of(hop);

	x = 2 * (hop->depth < 0 ? 0 : hop->depth > deepest ? deepest : hop->depth);
	if (canvas->plain)
		x += canvas_text(canvas, x, y, canvas->width - x, role, hop->state) + 1;
	else
		x += canvas_glyph(canvas, x, y, role) + 1;
	add_label(hop, &label);
	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT, str_slice(&label)) + 1;
	if (is_bad(hop) && hop->note.len) { /* why it failed says more than where it went */
		x += canvas_text(canvas, x, y, canvas->width - x, role, hop->note) + 1;
		draw_route(ladder, hop, canvas, &x, y);
		return;
	}
	draw_route(ladder, hop, canvas, &x, y);
	canvas_text(canvas, x + 1, y, canvas->width - x - 1, ROLE_TEXT, hop->note);
}

static void draw_list(const struct ladder *ladder, const struct canvas *canvas)
{
	int time = canvas->width >= LIST_TIME_FROM ? LIST_TIME + 1 : 0;
	int took = canvas->width >= LIST_TIME_FROM ? LIST_TOOK + 1 : 0;
	int bar = canvas->width >= LIST_BAR_FROM && !canvas->plain ? canvas->width / 6 : 0;
	int words = canvas->width - GUTTER - time - took - (bar ? bar + 1 : 0);

	for (int y = 0; y < canvas->height; y++) {
		struct canvas part = canvas_sub(canvas, GUTTER + time, y, words, 1);
		size_t number = ladder->top + (size_t)y;
		const struct ladder_hop *hop;

		if (number >= ladder->n_hops)
			return;
		hop = &ladder->hops[number];
		if (time)
			draw_time(ladder, number, canvas, GUTTER, y, LIST_TIME);
		draw_words(ladder, hop, &part, 0);
		if (bar)
			draw_bar(ladder, hop, canvas, canvas->width - took - bar, y, bar);
		if (took)
			draw_took(hop, canvas, canvas->width - LIST_TOOK, y, LIST_TOOK);
		if (number == ladder->cursor)
			mark_cursor(canvas, y);
	}
}

void ladder_draw(const struct ladder *ladder, const struct canvas *canvas)
{
	if (!ladder->n_hops) {
		canvas_text(canvas, 1, 0, canvas->width - 1, ROLE_DIM, SLICE("no hop is known"));
		return;
	}
	if (is_wide(ladder, canvas))
		draw_columns(ladder, canvas);
	else
		draw_list(ladder, canvas);
}

/* ---- the cursor ---- */

/* The lanes of the selected hop are brought into sight, the one that it comes from first. */
static void show_lane(struct ladder *ladder, size_t n, size_t system)
{
	if (system >= ladder->n_systems)
		return;
	if (system < ladder->first_system)
		ladder->first_system = system;
	if (system >= ladder->first_system + n)
		ladder->first_system = system - n + 1;
}

void ladder_layout(struct ladder *ladder, int width, int height)
{
	int header = width >= LADDER_WIDE ? 1 : 0;
	size_t rows, lanes;

	ladder->width = width > 0 ? width : 0;
	ladder->height = height > 0 ? height : 0;
	rows = ladder->height > header ? (size_t)(ladder->height - header) : 1;
	if (ladder->cursor >= ladder->n_hops)
		ladder->cursor = ladder->n_hops ? ladder->n_hops - 1 : 0;
	if (ladder->top > ladder->cursor)
		ladder->top = ladder->cursor;
	if (ladder->cursor - ladder->top >= rows)
		ladder->top = ladder->cursor - rows + 1;
	if (ladder->n_hops > rows && ladder->top > ladder->n_hops - rows)
		ladder->top = ladder->n_hops - rows;
	if (ladder->n_hops <= rows)
		ladder->top = 0;
	if (ladder->first_system >= ladder->n_systems)
		ladder->first_system = 0;
	lanes = lanes_of(ladder).n;
	if (ladder->first_system + lanes > ladder->n_systems)
		ladder->first_system = ladder->n_systems - lanes;
	if (ladder->n_hops && lanes) {
		show_lane(ladder, lanes, ladder->hops[ladder->cursor].to);
		show_lane(ladder, lanes, ladder->hops[ladder->cursor].from);
	}
}

bool ladder_act(struct ladder *ladder, enum action action)
{
	size_t page = ladder->height > 2 ? (size_t)ladder->height - 2 : 1, by, at = ladder->cursor;
	bool down;

	switch (action) {
	case ACTION_MOVE_DOWN:
	case ACTION_MOVE_UP:
		by = 1;
		break;
	case ACTION_PAGE_DOWN:
	case ACTION_PAGE_UP:
		by = page;
		break;
	case ACTION_HALF_DOWN:
	case ACTION_HALF_UP:
		by = (page + 1) / 2;
		break;
	case ACTION_MOVE_TOP:
	case ACTION_MOVE_BOTTOM:
		by = ladder->n_hops;
		break;
	default:
		return false;
	}
	down = action == ACTION_MOVE_DOWN || action == ACTION_PAGE_DOWN ||
	       action == ACTION_HALF_DOWN || action == ACTION_MOVE_BOTTOM;
	if (down)
		at = ladder->n_hops - at > by ? at + by : ladder->n_hops ? ladder->n_hops - 1 : 0;
	else
		at = at > by ? at - by : 0;
	ladder->cursor = at;
	return true;
}

int ladder_lines(const struct ladder *ladder, int width)
{
	size_t n = ladder->n_hops < 10000 ? ladder->n_hops : 10000;

	return (int)n + (width >= LADDER_WIDE ? 1 : 0);
}

void ladder_status(const struct ladder *ladder, struct str *out)
{
	size_t bad = 0;

	for (size_t i = 0; i < ladder->n_hops; i++)
		bad += is_bad(&ladder->hops[i]);
	str_adds(out, "hop ");
	format_count(out, ladder->n_hops ? (int64_t)ladder->cursor + 1 : 0);
	str_adds(out, " of ");
	format_count(out, (int64_t)ladder->n_hops);
	if (whole_us(ladder) > 0) {
		str_adds(out, " · ");
		add_duration(out, whole_us(ladder));
		str_adds(out, " in all");
	}
	if (bad) {
		str_adds(out, " · ");
		format_count(out, (int64_t)bad);
		str_adds(out, " failed");
	}
}
