/* Webhooks, batches and workflows: three lists that look and work alike. Of each row what it is doing, what is
 * wrong with it, and the way to its transaction and its interface.
 * Which rows there are and what state they are in is the store's answer.
 * Opened by the app. */
#include "base/mem.h"
#include "flows_part.h"
#include "views/views.h"
#include <stdlib.h>

#define PERIOD_US (10 * S_US)
#define DETAIL_HEIGHT 4
#define DETAIL_FROM 14

struct flows {
	struct view view;
	const struct flow *flow;
	struct panel panel;
	struct sheet sheet;
	struct sheet_export export;
	const char *params[1]; /* of batches: of every interface */
	bool shown;
};

static struct flows *of(struct view *view)
{
	return (struct flows *)view;
}

/* ---- life ---- */

static void on_rows(void *ctx, const struct rows *rows)
{
	struct flows *me = ctx;

	sheet_answered(&me->sheet, me->view.env->loop, rows);
}

static struct view *open_flow(
	const struct view_env *env, const struct view_ops *ops, const struct flow *flow)
{
	struct flows *me = NEW(struct flows);

	me->view = (struct view){ops, env};
	me->flow = flow;
	me->panel = (struct panel){.env = env,
		.question = flow->question,
		.params = me->params,
		.n_params = flow->n_params,
		.period_us = PERIOD_US,
		.answered = on_rows,
		.ctx = me};
	me->sheet = flow->sheet;
	me->sheet.panel = &me->panel;
	me->export = (struct sheet_export){.env = env, .question = "list-export"};
	panel_open(&me->panel);
	sheet_open(&me->sheet);
	sheet_export_open(&me->export);
	return &me->view;
}

static struct view *webhooks_open(const struct view_env *env)
{
	return open_flow(env, &view_webhooks, &flow_webhooks);
}

static struct view *batches_open(const struct view_env *env)
{
	return open_flow(env, &view_batches, &flow_batches);
}

static struct view *workflows_open(const struct view_env *env)
{
	return open_flow(env, &view_workflows, &flow_workflows);
}

static void flows_close(struct view *view)
{
	struct flows *me = of(view);

	sheet_export_close(&me->export);
	panel_close(&me->panel);
	sheet_done(&me->sheet);
	free(me);
}

static void flows_show(struct view *view, bool shown)
{
	of(view)->shown = shown;
	panel_show(&of(view)->panel, shown);
}

static void flows_store_up(struct view *view, bool up)
{
	if (up && of(view)->shown)
		panel_ask(&of(view)->panel);
}

/* ---- the screen ---- */

static int detail_of(const struct flows *me, int height)
{
	return height >= DETAIL_FROM && me->sheet.table.n ? DETAIL_HEIGHT : 0;
}

static void flows_layout(struct view *view, int width, int height)
{
	struct flows *me = of(view);

	(void)width;
	sheet_layout(&me->sheet, height - detail_of(me, height));
}

static void flows_draw(const struct view *view, const struct canvas *canvas)
{
	const struct flows *me = (const struct flows *)view;
	int detail = detail_of(me, canvas->height);
	struct canvas list = canvas_sub(canvas, 0, 0, canvas->width, canvas->height - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);

	if (me->sheet.table.n)
		sheet_draw(&me->sheet, &list);
	else
		canvas_text(&list, 1, 1, list.width - 2, ROLE_DIM,
			me->panel.err.code ? slice_of(me->panel.err.text)
			: me->panel.rows   ? slice_of(me->flow->none)
					   : SLICE("asking the store"));
	if (detail) {
		if (!canvas->plain)
			canvas_line(&below, 0, ROLE_BORDER);
		me->flow->draw_detail(&me->sheet, &below);
	}
	sheet_export_draw(&me->export, canvas);
}

static void flows_status(const struct view *view, struct str *out)
{
	const struct flows *me = (const struct flows *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->panel.rows)
		me->flow->count(me->panel.rows, out);
	sheet_sort_status(&me->sheet, out);
	panel_status(&me->panel, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

/* ---- acts ---- */

static void go(struct flows *me, const char *view, struct slice what)
{
	if (what.len)
		me->view.env->go(me->view.env->ctx, view, what);
}

static void open_row(struct flows *me)
{
	CLEANUP(str_done)
	struct str id = STR_INIT(32);
	int64_t transaction =
		me->flow->transaction ? sheet_int(&me->sheet, me->flow->transaction) : 0;

	if (me->flow->keyed)
		go(me, "transaction", sheet_text(&me->sheet, "key"));
	else if (transaction) {
		str_addf(&id, "%lld", (long long)transaction);
		go(me, "transaction", str_slice(&id));
	} else if (me->sheet.table.n)
		go(me, "interface", sheet_text(&me->sheet, "interface"));
}

static void find(struct flows *me)
{
	CLEANUP(str_done)
	struct str filter = STR_INIT(512);

	if (!me->sheet.table.n)
		return;
	str_addf(&filter, "if:%.*s", SLICE_ARG(sheet_text(&me->sheet, "interface")));
	go(me, "find", str_slice(&filter));
}

static bool flows_act(struct view *view, enum action action)
{
	struct flows *me = of(view);

	switch (action) {
	case ACTION_OPEN:
		open_row(me);
		return true;
	case ACTION_OPEN_INTERFACE:
		if (me->sheet.table.n)
			go(me, "interface", sheet_text(&me->sheet, "interface"));
		return true;
	case ACTION_FILTER:
		find(me);
		return true;
	case ACTION_FOLLOW_SAME:
		if (!me->flow->keyed || !me->sheet.table.n)
			return false;
		view_follow(view, sheet_text(&me->sheet, "correlation"));
		return true;
	case ACTION_EXPORT:
		sheet_export_ask(&me->export, me->flow->question, me->panel.rows);
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->panel);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->panel);
		return me->panel.ticket != 0;
	default:
		return sheet_act(&me->sheet, action);
	}
}

static bool flows_input(struct view *view, const struct input *input)
{
	return sheet_export_input(&of(view)->export, input);
}

static bool flows_settled(const struct view *view)
{
	const struct flows *me = (const struct flows *)view;

	return me->panel.rows || me->panel.err.code;
}

static struct table *flows_table(struct view *view, struct table_rows *ret_rows)
{
	*ret_rows = sheet_rows(&of(view)->sheet);
	return &of(view)->sheet.table;
}

#define FLOW_OPS(NAME, TITLE)                 \
	const struct view_ops view_##NAME = { \
		.name = #NAME,                \
		.title = TITLE,               \
		.context = CONTEXT_FLOWS,     \
		.open = NAME##_open,          \
		.close = flows_close,         \
		.show = flows_show,           \
		.store_up = flows_store_up,   \
		.layout = flows_layout,       \
		.draw = flows_draw,           \
		.act = flows_act,             \
		.input = flows_input,         \
		.status = flows_status,       \
		.table = flows_table,         \
		.settled = flows_settled,     \
	}

FLOW_OPS(webhooks, "Webhooks");
FLOW_OPS(batches, "Batches");
FLOW_OPS(workflows, "Workflows");
