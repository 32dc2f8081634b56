/* The wallboard: what needs a response, large, for a screen on the wall. It turns its pages by itself,
 * has no cursor, moves once in five seconds, and says when what it shows is old.
 * It shows what the overview asks; counting and sorting are there and in the store.
 * Opened by the app. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "overview_part.h"
#include "standing.h"
#include "views/views.h"
#include "wallboard_part.h"
#include <stdlib.h>

#define PERIOD_US (5 * S_US)
#define STALE_US (3 * PERIOD_US)
#define TURN_EVERY 3 /* periods */
#define FOOT 1

enum page {
	PAGE_TILES,
	PAGE_SYSTEMS,
	PAGE_WORST, /* and those that follow, as long as there are interfaces that are not well */
};

struct wallboard {
	struct view view;
	struct overview *overview; /* asks, and counts */
	struct timer *timer;
	int ticks;
	size_t page;
	size_t a_page; /* interfaces on a page, as it was drawn last */
	int height;
};

static const struct rows *answer(const struct wallboard *me)
{
	return me->overview->panel.rows;
}

static size_t n_bad(const struct wallboard *me)
{
	const struct rows *rows = answer(me);
	size_t n = 0;

	/* They come worst first; what is silenced, worked on or not judged needs no response. */
	for (size_t i = 0; rows && i < rows_count(rows); i++) {
		struct slice state = rows_text(rows, i, rows_col(rows, "state"));

		if (standing_is_silenced(rows, i) || slice_eq_str(state, "ok") ||
			slice_eq_str(state, "none") || slice_eq_str(state, "few") ||
			slice_eq_str(state, "maintenance"))
			break;
		n++;
	}
	return n;
}

static size_t n_down(const struct wallboard *me)
{
	return me->overview->systems.rows ? rows_count(me->overview->systems.rows) : 0;
}

static size_t pages(const struct wallboard *me)
{
	size_t bad = n_bad(me), each = me->a_page ? me->a_page : 1;

	return PAGE_WORST + (bad ? (bad + each - 1) / each : 1);
}

/* ---- life ---- */

/* A period: what was answered meanwhile is shown, and ages grow also when nothing was. */
static void on_timer(void *ctx)
{
	struct wallboard *me = ctx;

	if (++me->ticks % TURN_EVERY == 0)
		me->page = (me->page + 1) % pages(me);
	timer_in(me->timer, PERIOD_US);
	me->view.env->changed(me->view.env->ctx);
}

static struct view *wallboard_open(const struct view_env *env)
{
	struct wallboard *me = NEW(struct wallboard);

	me->view = (struct view){&view_wallboard, env};
	me->overview = (struct overview *)view_overview.open(env);
	me->overview->panel.period_us = PERIOD_US;
	me->timer = timer_open(env->loop, on_timer, me);
	return &me->view;
}

static void wallboard_close(struct view *view)
{
	struct wallboard *me = (struct wallboard *)view;

	timer_close(me->timer);
	view_overview.close(&me->overview->view);
	free(me);
}

static void wallboard_show(struct view *view, bool shown)
{
	struct wallboard *me = (struct wallboard *)view;

	view_overview.show(&me->overview->view, shown);
	me->page = PAGE_TILES;
	me->ticks = 0;
	if (shown)
		timer_in(me->timer, PERIOD_US);
	else
		timer_stop(me->timer);
}

static void wallboard_store_up(struct view *view, bool up)
{
	view_overview.store_up(&((struct wallboard *)view)->overview->view, up);
}

static int lines_each(int height)
{
	return height >= 40 ? 3 : height >= 20 ? 2 : 1;
}

static void wallboard_layout(struct view *view, int width, int height)
{
	struct wallboard *me = (struct wallboard *)view;
	int room = (height - FOOT - 2) / lines_each(height);

	(void)width;
	me->height = height;
	me->a_page = room > 0 ? (size_t)room : 1;
	if (me->page >= pages(me))
		me->page = PAGE_TILES;
}

/* ---- pages ---- */

/* The largest for which each tile has room: they are compared at a glance. */
static int scale_of(const struct wallboard *me, int width, int height)
{
	int scale = DIGITS_SCALES;

	for (int i = 0; i < TILES_N; i++)
		while (scale > 0 && (digits_width(overview_tile(me->overview, (enum tile)i),
					     scale) > width - 2 ||
					    digits_height(scale) + 2 > height))
			scale--;
	return scale;
}

static void draw_tile(
	const struct wallboard *me, enum tile tile, const struct canvas *cell, int scale)
{
	int64_t n = overview_tile(me->overview, tile);
	enum role role = n ? overview_tile_role(tile) : ROLE_DIM;

	digits_draw(cell, 1, 1, scale, role, n);
	canvas_text(cell, 1, 0, cell->width - 1, role, slice_of(overview_tile_word(tile)));
}

static void draw_tiles(const struct wallboard *me, const struct canvas *canvas)
{
	int columns = canvas->width >= 72 ? 4 : canvas->width >= 36 ? 2 : 1;
	int lines = (TILES_N + columns - 1) / columns;
	int width = canvas->width / columns, height = canvas->height / lines;
	int scale = scale_of(me, width, height);

	for (int i = 0; i < TILES_N; i++) {
		struct canvas cell = canvas_sub(canvas, i % columns * width,
			i / columns * (height > 0 ? height : 1), width, height > 0 ? height : 1);

		draw_tile(me, (enum tile)i, &cell, scale);
	}
}

static void draw_systems(const struct wallboard *me, const struct canvas *canvas)
{
	if (n_down(me))
		overview_draw_down(me->overview, canvas);
	else
		canvas_text(canvas, 1, canvas->height / 3, canvas->width - 1, ROLE_STATE_OK,
			SLICE("no system is down"));
}

static void add_interface(const struct wallboard *me, size_t row, struct str *out)
{
	const struct rows *rows = answer(me);

	standing_add_why(out, rows, row, me->overview->panel.wall_us);
	if (!rows_null(rows, row, rows_col(rows, "burn"))) {
		str_adds(out, " · burns ");
		standing_add_rate(out, rows_int(rows, row, rows_col(rows, "burn")));
	}
	if (rows_int(rows, row, rows_col(rows, "dead")))
		str_addf(out, " · %lld dead",
			(long long)rows_int(rows, row, rows_col(rows, "dead")));
	if (!rows_null(rows, row, rows_col(rows, "owner")))
		str_addf(out, " · %.*s", SLICE_ARG(rows_text(rows, row, rows_col(rows, "owner"))));
}

static void draw_interface(
	const struct wallboard *me, size_t row, const struct canvas *canvas, int y, int lines)
{
	const struct rows *rows = answer(me);
	struct slice state = rows_text(rows, row, rows_col(rows, "state"));
	struct canvas word = canvas_sub(canvas, 1, y, 10, 1);
	CLEANUP(str_done)
	struct str text = STR_INIT(2048);
	int x = 12;

	standing_draw(&word, state, false);
	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_STRONG,
		     rows_text(rows, row, rows_col(rows, "interface"))) +
	     2;
	add_interface(me, row, &text);
	if (lines > 1) {
		canvas_text(canvas, x, y, canvas->width - x, ROLE_DIM,
			rows_text(rows, row, rows_col(rows, "title")));
		standing_words(canvas, 12, y + 1, ROLE_TEXT, &text);
	} else {
		standing_words(canvas, x < 30 ? 30 : x, y, ROLE_TEXT, &text);
	}
}

static void draw_worst(const struct wallboard *me, const struct canvas *canvas)
{
	size_t bad = n_bad(me), first = (me->page - PAGE_WORST) * me->a_page;
	int lines = lines_each(me->height);

	if (!bad) {
		canvas_text(canvas, 1, canvas->height / 3, canvas->width - 1, ROLE_STATE_OK,
			SLICE("no interface needs a response"));
		return;
	}
	for (size_t i = 0; i < me->a_page && first + i < bad; i++)
		draw_interface(me, first + i, canvas, (int)i * lines, lines);
}

/* ---- the screen ---- */

/* Which page it is, how much there is; and that it is old, loudly. */
static void draw_foot(const struct wallboard *me, const struct canvas *canvas)
{
	const struct panel *panel = &me->overview->panel;
	int64_t age_us = clock_mono_us(loop_clock(me->view.env->loop)) - panel->mono_us;
	int y = canvas->height - 1;
	CLEANUP(str_done)
	struct str text = STR_INIT(1024), key = STR_INIT(64);

	if (panel->rows && age_us > STALE_US) {
		str_adds(&text, " STALE ");
		format_age(&text, age_us);
		str_addf(&text, " %s ", panel->err.code ? panel->err.text : "");
		canvas_fill(canvas, y, ROLE_BANNER_PROD);
		canvas_text(canvas, 0, y, canvas->width, ROLE_BANNER_PROD, str_slice(&text));
		return;
	}
	keymap_key_of(me->view.env->keymap, CONTEXT_WALLBOARD, ACTION_BACK, &key);
	str_addf(&text, "%zu/%zu · %zu interfaces · %s leaves", me->page + 1, pages(me),
		panel->rows ? rows_count(panel->rows) : 0, str_cstr(&key));
	standing_words(canvas, 1, y, ROLE_DIM, &text);
}

static void wallboard_draw(const struct view *view, const struct canvas *canvas)
{
	const struct wallboard *me = (const struct wallboard *)view;
	struct canvas inner = canvas_sub(canvas, 0, 1, canvas->width, canvas->height - FOOT - 2);
	const struct panel *panel = &me->overview->panel;

	if (canvas->height < 1 || canvas->width < 1)
		return;
	if (!panel->rows)
		canvas_text(canvas, 1, 0, canvas->width - 1, ROLE_STRONG,
			panel->err.code ? slice_of(panel->err.text) : SLICE("asking the store"));
	else if (me->page == PAGE_TILES)
		draw_tiles(me, &inner);
	else if (me->page == PAGE_SYSTEMS)
		draw_systems(me, &inner);
	else
		draw_worst(me, &inner);
	draw_foot(me, canvas);
}

static bool wallboard_act(struct view *view, enum action action)
{
	struct wallboard *me = (struct wallboard *)view;

	switch (action) {
	case ACTION_REFRESH:
		return view_overview.act(&me->overview->view, action);
	default:
		return false;
	}
}

static void wallboard_status(const struct view *view, struct str *out)
{
	const struct wallboard *me = (const struct wallboard *)view;

	panel_status(&me->overview->panel, out);
}

static bool wallboard_settled(const struct view *view)
{
	return view_overview.settled(&((const struct wallboard *)view)->overview->view);
}

const struct view_ops view_wallboard = {
	.name = "wallboard",
	.title = "Wallboard",
	.context = CONTEXT_WALLBOARD,
	.open = wallboard_open,
	.close = wallboard_close,
	.show = wallboard_show,
	.store_up = wallboard_store_up,
	.layout = wallboard_layout,
	.draw = wallboard_draw,
	.act = wallboard_act,
	.status = wallboard_status,
	.settled = wallboard_settled,
	.whole = true,
};
