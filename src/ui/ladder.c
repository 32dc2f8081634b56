/* The ladder of a transaction: what is said of a hop in either shape, which shape, and the cursor.
 * What the hops are, and what stands below the selected one, is the caller's.
 * Called by the view of a transaction. */
#include "base/clock.h"
#include "base/mem.h"
#include "ladder_part.h"
#include "model/format.h"

/* ---- what both shapes say ---- */

bool hop_knows_time(const struct ladder_hop *hop)
{
	return hop->at_us != LADDER_NO_TIME;
}

const struct ladder_hop *ladder_begin(const struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->n_hops; i++)
		if (hop_knows_time(&ladder->hops[i]))
			return &ladder->hops[i];
	return NULL;
}

static const struct ladder_hop *ladder_timed_before(const struct ladder *ladder, size_t number)
{
	while (number-- > 0)
		if (hop_knows_time(&ladder->hops[number]))
			return &ladder->hops[number];
	return NULL;
}

int64_t ladder_difference(int64_t a, int64_t b)
{
	int64_t result;

	return __builtin_sub_overflow(a, b, &result) ? (a < b ? -INT64_MAX : INT64_MAX) : result;
}

void ladder_add_duration(struct str *out, int64_t us)
{
	if (us < 100 * S_US)
		format_took(out, us);
	else
		format_age(out, us);
}

void ladder_draw_time(const struct ladder *ladder, size_t number, const struct canvas *canvas,
	int x, int y, int width)
{
	const struct ladder_hop *hop = &ladder->hops[number], *before;
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	if (!hop_knows_time(hop))
		return;
	before = ladder_timed_before(ladder, number);
	if (before) {
		int64_t later_us = ladder_difference(hop->at_us, before->at_us);

		str_addc(&text, later_us < 0 ? '-' : '+');
		ladder_add_duration(&text, later_us < 0 ? -later_us : later_us);
		canvas_right(canvas, x, y, width, ROLE_DIM, str_slice(&text));
		return;
	}
	format_time(&text, hop->at_us, width >= LADDER_TIME_WIDTH ? FORMAT_MILLI : FORMAT_SECOND);
	canvas_text(canvas, x, y, width, ROLE_TEXT, str_slice(&text));
}

void hop_add_label(const struct ladder_hop *hop, struct str *out)
{
	if (hop->attempt > 1)
		str_addf(out, "#%d ", hop->attempt);
	if (hop->kind == HOP_COMPENSATION)
		str_adds(out, "undo ");
	str_add(out, hop->label);
}

bool hop_is_bad(const struct ladder_hop *hop)
{
	static const char *const words[] = {"dead", "failed", "failing"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_eq_str(hop->state, words[i]))
			return true;
	return false;
}

enum role hop_role(const struct ladder_hop *hop)
{
	return hop_is_bad(hop) ? ROLE_STATE_DEAD : role_of_state(hop->state);
}

void ladder_mark_cursor(const struct canvas *canvas, int y)
{
	canvas_add(canvas, 0, y, canvas->width, ROLE_CURSOR_ROW);
	canvas_glyph(canvas, 0, y, ROLE_CURSOR_MARK);
	surface_cursor(canvas->surface, canvas->x, canvas->y + y, true);
}

int64_t ladder_whole_us(const struct ladder *ladder)
{
	const struct ladder_hop *begin = ladder_begin(ladder);
	int64_t whole = 0;

	for (size_t i = 0; begin && i < ladder->n_hops; i++) {
		const struct ladder_hop *hop = &ladder->hops[i];
		int64_t end;

		if (!hop_knows_time(hop) ||
			__builtin_add_overflow(ladder_difference(hop->at_us, begin->at_us),
				hop->took_us > 0 ? hop->took_us : 0, &end))
			continue;
		whole = end > whole ? end : whole;
	}
	return whole;
}

/* ---- the shape ---- */

static bool is_wide(const struct ladder *ladder, const struct canvas *canvas)
{
	return ladder->width >= LADDER_WIDE && !canvas->plain;
}

void ladder_draw(const struct ladder *ladder, const struct canvas *canvas)
{
	if (!ladder->n_hops) {
		canvas_text(canvas, 1, 0, canvas->width - 1, ROLE_DIM, SLICE("no hop is known"));
		return;
	}
	if (is_wide(ladder, canvas))
		ladder_draw_columns(ladder, canvas);
	else
		ladder_draw_list(ladder, canvas);
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
	lanes = ladder_lanes(ladder).n;
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
		bad += hop_is_bad(&ladder->hops[i]);
	str_adds(out, "hop ");
	format_count(out, ladder->n_hops ? (int64_t)ladder->cursor + 1 : 0);
	str_adds(out, " of ");
	format_count(out, (int64_t)ladder->n_hops);
	if (ladder_whole_us(ladder) > 0) {
		str_adds(out, " · ");
		ladder_add_duration(out, ladder_whole_us(ladder));
		str_adds(out, " in all");
	}
	if (bad) {
		str_adds(out, " · ");
		format_count(out, (int64_t)bad);
		str_adds(out, " failed");
	}
}
