/* Handovers from shift to shift: those there were, and one in full, item by item.
 * What it holds and who may sign is the store's; drafting, writing and signing are handover_acts.c's.
 * Opened by the app, drawn from the last answers. */
#include "base/mem.h"
#include "handover_part.h"
#include "model/format.h"
#include "views/views.h"
#include <stdlib.h>

#define PERIOD_US (2 * S_US)
#define LIMIT "300"
#define HEAD_FROM 14
#define DETAIL_FROM 18

static struct handover *of(struct view *view)
{
	return (struct handover *)view;
}

static struct sheet *sheet_of(const struct handover *me)
{
	return (struct sheet *)&me->sheets[me->at];
}

const struct rows *handover_row(const struct handover *me, size_t *ret_row)
{
	if (me->at == AT_HANDOVERS)
		return sheet_cursor(&me->sheets[AT_HANDOVERS], ret_row);
	*ret_row = me->row_at;
	return me->row;
}

/* ---- answers ---- */

static void find_row(struct handover *me, const struct rows *rows)
{
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (!slice_eq(rows_text(rows, i, rows_col(rows, "key")), str_slice(&me->id)))
			continue;
		rows_unref(me->row);
		me->row = rows_ref(rows);
		me->row_at = i;
	}
}

static void on_list(void *ctx, const struct rows *rows)
{
	struct handover *me = ctx;

	sheet_answered(&me->sheets[AT_HANDOVERS], me->view.env->loop, rows);
	find_row(me, rows);
}

static void on_items(void *ctx, const struct rows *rows)
{
	struct handover *me = ctx;

	sheet_answered(&me->sheets[AT_ITEMS], me->view.env->loop, rows);
}

static void look_again(struct handover *me)
{
	panel_ask(&me->list);
	if (me->at == AT_ITEMS)
		panel_ask(&me->items);
}

/* ---- life ---- */

static struct view *handover_open(const struct view_env *env)
{
	struct handover *me = NEW(struct handover);

	me->view = (struct view){&view_handover, env};
	me->list = (struct panel){.env = env,
		.question = "handovers",
		.params = me->list_params,
		.n_params = 1,
		.period_us = PERIOD_US,
		.answered = on_list,
		.ctx = me};
	me->items = (struct panel){.env = env,
		.question = "handover",
		.params = me->id_params,
		.n_params = 1,
		.period_us = PERIOD_US,
		.answered = on_items,
		.ctx = me};
	me->list_params[0] = LIMIT;
	me->id = STR_INIT(64);
	for (size_t i = 0; i < HANDOVER_SHEETS; i++) {
		me->sheets[i] = handover_sheets[i];
		sheet_open(&me->sheets[i]);
	}
	me->sheets[AT_HANDOVERS].panel = &me->list;
	me->sheets[AT_ITEMS].panel = &me->items;
	me->deed = (struct deed){.env = env, .ended = handover_deed_ended, .ctx = me};
	me->edit.text = STR_INIT(64 * 1024);
	handover_export_open(me);
	panel_open(&me->list);
	panel_open(&me->items);
	return &me->view;
}

static void handover_close(struct view *view)
{
	struct handover *me = of(view);

	deed_done(&me->deed);
	handover_export_close(me);
	panel_close(&me->list);
	panel_close(&me->items);
	for (size_t i = 0; i < HANDOVER_SHEETS; i++)
		sheet_done(&me->sheets[i]);
	rows_unref(me->row);
	str_done(&me->id);
	str_done(&me->edit.text);
	free(me);
}

static void handover_show(struct view *view, bool shown)
{
	struct handover *me = of(view);

	me->shown = shown;
	panel_show(&me->list, shown);
	if (me->at == AT_ITEMS || !shown)
		panel_show(&me->items, shown);
}

void handover_open_page(struct handover *me, struct slice id)
{
	CLEANUP(str_done)
	struct str copy = STR_INIT(64);

	str_add(&copy, id);
	str_reset(&me->id);
	str_add(&me->id, str_slice(&copy));
	me->id_params[0] = str_cstr(&me->id);
	rows_unref(me->row);
	me->row = NULL;
	if (me->list.rows)
		find_row(me, me->list.rows);
	panel_forget(&me->items);
	sheet_done(&me->sheets[AT_ITEMS]);
	me->sheets[AT_ITEMS].table = (struct table){0};
	sheet_open(&me->sheets[AT_ITEMS]);
	me->at = AT_ITEMS;
	panel_show(&me->items, me->shown);
}

static void handover_aim(struct view *view, struct slice what)
{
	int64_t id;

	if (slice_to_i64(slice_trim(what), 1, INT64_MAX, &id) == 0)
		handover_open_page(of(view), slice_trim(what));
}

static void handover_store_up(struct view *view, bool up)
{
	if (up && of(view)->shown)
		look_again(of(view));
}

/* ---- the screen ---- */

static int head_of(const struct handover *me, int height)
{
	return me->at == AT_ITEMS && height >= HEAD_FROM ? HANDOVER_HEAD : 0;
}

static int detail_of(const struct handover *me, int height)
{
	return height >= DETAIL_FROM && sheet_of(me)->table.n ? HANDOVER_DETAIL : 0;
}

static void handover_layout(struct view *view, int width, int height)
{
	struct handover *me = of(view);

	(void)width;
	sheet_layout(sheet_of(me), height - head_of(me, height) - detail_of(me, height));
}

static struct slice why_empty(const struct handover *me)
{
	const struct panel *panel = sheet_of(me)->panel;

	if (panel->err.code)
		return slice_of(panel->err.text);
	if (!panel->rows)
		return SLICE("asking the store");
	return me->at == AT_HANDOVERS
		       ? SLICE("no shift was handed over yet; handover-draft writes one from the facts")
		       : SLICE("nothing is open, at risk or new: there is nothing to hand over");
}

static void handover_draw(const struct view *view, const struct canvas *canvas)
{
	const struct handover *me = (const struct handover *)view;
	int head = head_of(me, canvas->height), detail = detail_of(me, canvas->height);
	struct canvas list =
		canvas_sub(canvas, 0, head, canvas->width, canvas->height - head - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);

	if (head)
		handover_draw_head(me, canvas);
	if (sheet_of(me)->table.n)
		sheet_draw(sheet_of(me), &list);
	else
		canvas_text(&list, 1, 1, list.width - 2, ROLE_DIM, why_empty(me));
	if (detail)
		handover_draw_detail(me, &below);
	deed_draw(&me->deed, canvas);
	if (me->export.asking)
		form_draw(&me->export.form, canvas);
}

static size_t unseen(const struct handover *me)
{
	const struct rows *rows = me->items.rows;
	size_t n = 0;

	for (size_t i = 0; rows && i < rows_count(rows); i++)
		n += rows_null(rows, i, rows_col(rows, "acknowledged_at"));
	return n;
}

static void handover_status(const struct view *view, struct str *out)
{
	const struct handover *me = (const struct handover *)view;
	const struct panel *asked = sheet_of(me)->panel;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (asked->rows) {
		format_count(out, (int64_t)rows_count(asked->rows));
		str_adds(out, me->at == AT_ITEMS ? " items" : " handovers · newest first");
	}
	if (me->at == AT_ITEMS && me->row &&
		slice_eq_str(
			rows_text(me->row, me->row_at, rows_col(me->row, "state")), "offered")) {
		str_adds(out, " · ");
		format_count(out, (int64_t)unseen(me));
		str_adds(out, " to acknowledge");
	}
	if (me->edit.text.len)
		str_adds(out, " · what was edited is not written down yet");
	deed_status(&me->deed, out);
	panel_status(asked, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static void handover_path(const struct view *view, struct str *out)
{
	const struct handover *me = (const struct handover *)view;

	if (me->at == AT_ITEMS)
		str_addf(out, " · %s", str_cstr(&me->id));
}

/* ---- acts ---- */

static bool go_back(struct handover *me)
{
	if (me->at == AT_HANDOVERS)
		return false;
	panel_show(&me->items, false);
	me->at = AT_HANDOVERS;
	return true;
}

/* An item leads to what it is about. */
static void open_item(struct handover *me)
{
	static const struct {
		const char *kind, *view;
		bool aimed;
	} leads[] = {{"failures", "dead", false}, {"snooze", "dead", false},
		{"replay", "replays", true}, {"tried", "replays", true},
		{"emergency", "replays", true}, {"in_doubt", "replays", false},
		{"held", "replays", false}, {"catalogue", "changes", true},
		{"changed", "changes", true}};
	const struct sheet *sheet = &me->sheets[AT_ITEMS];
	struct slice kind = sheet_text(sheet, "kind");

	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		if (!slice_eq_str(kind, leads[i].kind))
			continue;
		me->view.env->go(me->view.env->ctx, leads[i].view,
			leads[i].aimed ? sheet_text(sheet, "ref") : SLICE_NONE);
		return;
	}
	if (sheet_text(sheet, "interface").len)
		me->view.env->go(me->view.env->ctx, "interface", sheet_text(sheet, "interface"));
}

static void open_row(struct handover *me)
{
	struct slice key = sheet_text(sheet_of(me), "key");

	if (me->at == AT_ITEMS)
		open_item(me);
	else if (key.len)
		handover_open_page(me, key);
}

static bool handover_act(struct view *view, enum action action)
{
	struct handover *me = of(view);

	switch (action) {
	case ACTION_OPEN:
		open_row(me);
		return true;
	case ACTION_BACK:
		return go_back(me);
	case ACTION_REFRESH:
		look_again(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->list);
		panel_cancel(&me->items);
		return deed_cancel(&me->deed) || me->list.ticket || me->items.ticket;
	case ACTION_OPEN_INTERFACE:
		if (me->at == AT_ITEMS && sheet_text(sheet_of(me), "interface").len)
			view->env->go(
				view->env->ctx, "interface", sheet_text(sheet_of(me), "interface"));
		return true;
	case ACTION_HANDOVER_EXPORT:
		handover_export_ask(me);
		return true;
	default:
		return handover_deed(me, action) || sheet_act(sheet_of(me), action);
	}
}

static bool handover_input(struct view *view, const struct input *input)
{
	return handover_export_input(of(view), input) || deed_input(&of(view)->deed, input);
}

static bool handover_settled(const struct view *view)
{
	const struct handover *me = (const struct handover *)view;

	return me->list.rows || me->list.err.code;
}

static struct table *handover_table(struct view *view, struct table_rows *ret_rows)
{
	struct sheet *sheet = sheet_of(of(view));

	*ret_rows = sheet_rows(sheet);
	return &sheet->table;
}

const struct view_ops view_handover = {
	.name = "handover",
	.title = "Handover",
	.context = CONTEXT_HANDOVER,
	.open = handover_open,
	.close = handover_close,
	.show = handover_show,
	.aim = handover_aim,
	.store_up = handover_store_up,
	.layout = handover_layout,
	.draw = handover_draw,
	.act = handover_act,
	.input = handover_input,
	.status = handover_status,
	.path = handover_path,
	.table = handover_table,
	.settled = handover_settled,
};
