/* Systems that are down: one incident each, with the interfaces that it takes along folded under it.
 * Which systems are down is the store's to say.
 * Called by the overview. */
#include "base/mem.h"
#include "model/format.h"
#include "overview_part.h"
#include "standing.h"
#include <stdlib.h>

static size_t n_down(const struct overview *me)
{
	return me->systems.rows ? rows_count(me->systems.rows) : 0;
}

static struct slice down_text(const struct overview *me, size_t row, const char *column)
{
	return rows_text(me->systems.rows, row, rows_col(me->systems.rows, column));
}

static bool is_root(const struct overview *me, size_t row)
{
	return !down_text(me, row, "because_of").len;
}

/* The system itself, what stands on it, and what fell because of it. */
static bool is_of(const struct overview *me, size_t down, struct slice system)
{
	struct slice below = down_text(me, down, "below"), part;
	struct slice code = down_text(me, down, "system");

	if (slice_eq(system, code))
		return true;
	while (slice_cut(&below, ',', &part))
		if (slice_eq(part, system))
			return true;
	for (size_t i = 0; i < n_down(me); i++)
		if (slice_eq(down_text(me, i, "because_of"), code) &&
			slice_eq(down_text(me, i, "system"), system))
			return true;
	return false;
}

/* What goes to it, and what comes from it and is not well. */
static bool takes(const struct overview *me, size_t down, size_t row)
{
	const struct rows *rows = me->panel.rows;
	struct slice state = rows_text(rows, row, rows_col(rows, "state"));

	if (slice_eq(rows_text(rows, row, rows_col(rows, "target")), down_text(me, down, "system")))
		return true;
	return !slice_eq_str(state, "ok") && !slice_eq_str(state, "maintenance") &&
	       (is_of(me, down, rows_text(rows, row, rows_col(rows, "target"))) ||
		       is_of(me, down, rows_text(rows, row, rows_col(rows, "source"))));
}

static bool is_taken(const struct overview *me, size_t row)
{
	for (size_t i = 0; i < n_down(me); i++)
		if (is_root(me, i) && takes(me, i, row))
			return true;
	return false;
}

void overview_arrange(struct overview *me)
{
	const struct rows *rows = me->panel.rows;
	size_t n = rows ? rows_count(rows) : 0, at = 0;

	me->lines = mem_resize(me->lines, n ? n : 1, sizeof(*me->lines));
	me->n_taken = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_taken(me, i))
			continue;
		me->n_taken++;
		if (me->unfolded)
			me->lines[at++] = i;
	}
	me->n_loose = at;
	for (size_t i = 0; i < n; i++)
		if (!is_taken(me, i))
			me->lines[at++] = i;
	me->n_lines = at;
}

/* ---- drawing ---- */

static size_t n_roots(const struct overview *me)
{
	size_t n = 0;

	for (size_t i = 0; i < n_down(me); i++)
		n += is_root(me, i);
	return n;
}

static int lines_each(int height)
{
	return height >= 14 ? 2 : 1;
}

int overview_down_height(const struct overview *me, int height)
{
	int n = (int)n_roots(me), shown = n < OVERVIEW_DOWN_MAX ? n : OVERVIEW_DOWN_MAX;

	return shown ? shown * lines_each(height) + (n > shown) + 1 : 0;
}

static void add_along(const struct overview *me, size_t down, struct str *out)
{
	const struct rows *rows = me->panel.rows;
	size_t n = 0, others = 0;

	for (size_t i = 0; rows && i < rows_count(rows); i++)
		n += takes(me, down, i);
	for (size_t i = 0; i < n_down(me); i++)
		others += slice_eq(down_text(me, i, "because_of"), down_text(me, down, "system"));
	str_addf(out, " · takes along %zu interface%s", n, n == 1 ? "" : "s");
	if (others)
		str_addf(out, " and %zu system%s", others, others == 1 ? "" : "s");
}

static void draw_what(const struct overview *me, size_t down, const struct canvas *canvas, int y)
{
	const struct rows *rows = me->systems.rows;
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);
	int x = canvas_glyph(canvas, 1, y, ROLE_STATE_DEAD) + 2;

	x += canvas_text(canvas, x, y, canvas->width - x, ROLE_STATE_DEAD, SLICE("DOWN")) + 1;
	x += canvas_text(
		     canvas, x, y, canvas->width - x, ROLE_STRONG, down_text(me, down, "title")) +
	     1;
	str_adds(&text, "for ");
	format_age(&text, me->systems.wall_us - rows_time(rows, down, rows_col(rows, "since")));
	add_along(me, down, &text);
	str_addf(&text, " · %.*s: %.*s", SLICE_ARG(down_text(me, down, "how")),
		SLICE_ARG(down_text(me, down, "detail")));
	standing_words(canvas, x, y, ROLE_TEXT, &text);
}

static void add_part(struct str *out, const char *name, struct slice value)
{
	if (!value.len)
		return;
	str_addf(
		out, "%s%s%s%.*s", out->len ? " · " : "", name, *name ? " " : "", SLICE_ARG(value));
}

static void draw_whom(const struct overview *me, size_t down, const struct canvas *canvas, int y)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024), key = STR_INIT(64);

	add_part(&text, "escalation:", down_text(me, down, "escalation"));
	add_part(&text, "owner", down_text(me, down, "owner"));
	add_part(&text, "", down_text(me, down, "vendor"));
	add_part(&text, "", down_text(me, down, "vendor_contact"));
	add_part(&text, "runbook", down_text(me, down, "runbook"));
	keymap_key_of(me->view.env->keymap, CONTEXT_OVERVIEW, ACTION_FOLD, &key);
	if (key.len && me->n_taken)
		str_addf(&text, " · %s %s", str_cstr(&key), me->unfolded ? "folds" : "unfolds");
	standing_words(canvas, 3, y, ROLE_DIM, &text);
}

void overview_draw_down(const struct overview *me, const struct canvas *canvas)
{
	int y = 0, each = canvas->height > 1 + (int)n_roots(me) ? 2 : 1;
	size_t shown = 0, roots = n_roots(me);

	for (size_t i = 0; i < n_down(me) && shown < OVERVIEW_DOWN_MAX; i++) {
		if (!is_root(me, i))
			continue;
		draw_what(me, i, canvas, y);
		if (each > 1)
			draw_whom(me, i, canvas, y + 1);
		y += each;
		shown++;
	}
	if (roots > shown)
		canvas_printf(canvas, 1, y, canvas->width - 1, ROLE_ERROR, "and %zu more are down",
			roots - shown);
}
