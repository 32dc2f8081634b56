/* Below Odoo's automations: the webhooks between it and others, as the store saw them delivered. Odoo does
 * not keep that itself.
 * Called by the view of Odoo. */
#include "base/mem.h"
#include "model/format.h"
#include "odoo_part.h"

#define PERIOD_US (30 * S_US)
#define NAME_WIDTH 16
#define WAY_WIDTH 20
#define DAY_WIDTH 26

void odoo_hooks_open(struct odoo_view *me)
{
	me->hooks = (struct panel){.env = me->view.env,
		.question = "odoo-webhooks",
		.params = me->list_params,
		.n_params = 1,
		.period_us = PERIOD_US};
	panel_open(&me->hooks);
}

int odoo_hooks_height(const struct odoo_view *me, int height)
{
	int want = me->hooks.rows ? (int)rows_count(me->hooks.rows) + 2 : 0;

	if (me->section != SECTION_AUTOMATIONS || want <= 2)
		return 0;
	return want < height / 2 ? want : height / 2;
}

static int64_t number(const struct rows *rows, size_t row, const char *column)
{
	return rows_int(rows, row, rows_col(rows, column));
}

static int put(
	const struct canvas *canvas, int x, int y, int width, enum role role, struct slice text)
{
	canvas_text(
		canvas, x, y, width < canvas->width - x ? width : canvas->width - x, role, text);
	return x + width + 1;
}

/* Of the newest ones, what went wrong with signatures; how long it took until it was acknowledged. */
static void draw_newest(
	const struct rows *rows, size_t row, const struct canvas *canvas, int x, int y)
{
	int64_t refused = number(rows, row, "signatures");
	CLEANUP(str_done)
	struct str text = STR_INIT(128);

	if (refused) {
		str_addf(&text, "%lld of %lld wrong signatures  ", (long long)refused,
			(long long)number(rows, row, "newest"));
		x += canvas_text(
			canvas, x, y, canvas->width - x, ROLE_STATE_FAILING, str_slice(&text));
	}
	str_reset(&text);
	if (number(rows, row, "acknowledged")) {
		str_adds(&text, "acknowledged after ");
		format_took(&text, number(rows, row, "ack_usual_ms") * MS_US);
		str_adds(&text, ", slow ");
		format_took(&text, number(rows, row, "ack_slow_ms") * MS_US);
	}
	canvas_text(canvas, x, y, canvas->width - x, ROLE_DIM, str_slice(&text));
}

static void draw_row(const struct rows *rows, size_t row, const struct canvas *canvas, int y)
{
	int64_t dead = number(rows, row, "dead");
	CLEANUP(str_done)
	struct str text = STR_INIT(128);
	int x = put(canvas, 1, y, NAME_WIDTH, ROLE_TEXT,
		rows_text(rows, row, rows_col(rows, "interface")));

	x = put(canvas, x, y, WAY_WIDTH, ROLE_DIM, rows_text(rows, row, rows_col(rows, "way")));
	format_count(&text, number(rows, row, "delivered"));
	str_adds(&text, " delivered, ");
	format_count(&text, dead);
	str_adds(&text, " failed");
	x = put(canvas, x, y, DAY_WIDTH, dead ? ROLE_ERROR : ROLE_TEXT, str_slice(&text));
	draw_newest(rows, row, canvas, x, y);
}

void odoo_hooks_draw(const struct odoo_view *me, const struct canvas *canvas)
{
	const struct rows *rows = me->hooks.rows;

	if (canvas->height < 2)
		return;
	canvas_text(canvas, 1, 0, canvas->width - 1, ROLE_DIM,
		SLICE("webhooks within a day, as the store saw them"));
	for (size_t row = 0; row < rows_count(rows) && (int)row + 1 < canvas->height; row++)
		draw_row(rows, row, canvas, (int)row + 1);
}
