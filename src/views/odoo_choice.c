/* Which of the catalogue's Odoos is looked at. With one there is nothing to choose, and nothing is said.
 * Which of them are configured is the source's to say.
 * Called by the view of Odoo. */
#include "base/mem.h"
#include "odoo_part.h"

#define PERIOD_US (60 * S_US)

static bool several(const struct odoo_view *me)
{
	return me->systems.rows && rows_count(me->systems.rows) > 1;
}

static struct slice code_at(const struct odoo_view *me, size_t row)
{
	return rows_text(me->systems.rows, row, rows_col(me->systems.rows, "code"));
}

/* Its number among them; the first where it is none of them. */
static size_t chosen(const struct odoo_view *me)
{
	for (size_t i = 0; i < rows_count(me->systems.rows); i++)
		if (slice_eq(code_at(me, i), str_slice(&me->system)))
			return i;
	return 0;
}

/* What the other one said is not shown beside this one's name. */
static void choose(struct odoo_view *me, struct slice code)
{
	if (slice_eq(code, str_slice(&me->system)))
		return;
	str_reset(&me->system);
	str_add(&me->system, code);
	me->list_params[0] = me->find_params[2] = str_cstr(&me->system);
	for (size_t i = 0; i < SECTION_N; i++) {
		struct panel *panel = &me->panels[i];

		if (i == SECTION_HEALTH || i == SECTION_RUNS)
			continue;
		panel_cancel(panel);
		panel_forget(panel);
		table_done(&me->tables[i]);
		me->tables[i] = (struct table){0};
		if (panel->shown)
			panel_ask(panel);
	}
	panel_forget(&me->hooks);
	if (me->hooks.shown)
		panel_ask(&me->hooks);
	panel_forget(&me->names);
	if (me->names.shown)
		panel_ask(&me->names);
}

static void on_systems(void *ctx, const struct rows *rows)
{
	struct odoo_view *me = ctx;

	(void)rows;
	choose(me, several(me) ? code_at(me, chosen(me)) : SLICE_NONE);
}

void odoo_choice_open(struct odoo_view *me)
{
	me->system = STR_INIT(128);
	me->list_params[0] = me->find_params[2] = "";
	me->systems = (struct panel){.env = me->view.env,
		.question = "odoo-systems",
		.period_us = PERIOD_US,
		.answered = on_systems,
		.ctx = me};
	panel_open(&me->systems);
}

void odoo_choice_close(struct odoo_view *me)
{
	panel_close(&me->systems);
	str_done(&me->system);
}

void odoo_choice_next(struct odoo_view *me)
{
	const struct view_env *env = me->view.env;

	if (several(me))
		choose(me, code_at(me, (chosen(me) + 1) % rows_count(me->systems.rows)));
	else
		env->say(env->ctx, ROLE_MESSAGE, "the catalogue has no other Odoo");
}

/* All of them, as far as there is room. */
void odoo_choice_draw(const struct odoo_view *me, const struct canvas *canvas)
{
	int x = 1;

	if (!several(me) || me->section == SECTION_HEALTH || me->section == SECTION_RUNS)
		return;
	x += canvas_text(canvas, x, 1, canvas->width - x, ROLE_DIM, SLICE("of "));
	for (size_t i = 0; i < rows_count(me->systems.rows); i++)
		x += canvas_text(canvas, x, 1, canvas->width - x,
			     i == chosen(me) ? ROLE_TAB_ACTIVE : ROLE_TAB, code_at(me, i)) +
		     2;
}
