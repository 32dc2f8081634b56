/* Replays: what waits for a decision, what runs, what is in doubt, what is over; and one in full.
 * Rules, order and counts are the store's.
 * Opened by the app, drawn from the last answers. */
#include "base/mem.h"
#include "model/format.h"
#include "replays_part.h"
#include "views/views.h"
#include <stdlib.h>

#define PERIOD_US (2 * S_US)
#define VERDICTS_US (10 * S_US)
#define HEAD_FROM 14
#define DETAIL_HEIGHT 4
#define DETAIL_FROM 18

static const char *const over_words[] = {"false", "true"};

static struct sheet *sheet_of(const struct replays *me)
{
	return (struct sheet *)&me->sheets[me->at];
}

const struct rows *replays_request(const struct replays *me, size_t *ret_row)
{
	if (me->at == AT_REQUESTS)
		return sheet_cursor(&me->sheets[AT_REQUESTS], ret_row);
	*ret_row = me->request_row;
	return me->at == AT_ITEMS ? me->request : NULL;
}

/* The row of the open request, kept while an answer is missing. */
static void find_request(struct replays *me, const struct rows *rows)
{
	for (size_t i = 0; i < rows_count(rows); i++) {
		if (!slice_eq(rows_text(rows, i, rows_col(rows, "key")), str_slice(&me->id)))
			continue;
		rows_unref(me->request);
		me->request = rows_ref(rows);
		me->request_row = i;
		return;
	}
}

static void on_requests(void *ctx, const struct rows *rows)
{
	struct replays *me = ctx;
	CLEANUP(str_done)
	struct str before = STR_INIT(128);
	size_t row = me->request_row, progress;

	sheet_answered(&me->sheets[AT_REQUESTS], me->view.env->loop, rows);
	if (me->request) {
		progress = rows_col(me->request, "progress");
		str_addf(&before, "%.*s %.*s", SLICE_ARG(rows_text(me->request, row, progress)),
			SLICE_ARG(rows_text(me->request, row, rows_col(me->request, "state"))));
	}
	find_request(me, rows);
	if (me->at == AT_ITEMS && me->request && before.len) {
		CLEANUP(str_done)
		struct str now = STR_INIT(128);

		row = me->request_row;
		progress = rows_col(me->request, "progress");
		str_addf(&now, "%.*s %.*s", SLICE_ARG(rows_text(me->request, row, progress)),
			SLICE_ARG(rows_text(me->request, row, rows_col(me->request, "state"))));
		if (!slice_eq(str_slice(&now), str_slice(&before)) && !me->items.ticket)
			paged_restart(&me->items); /* they went on */
	}
}

static void on_doubts(void *ctx, const struct rows *rows)
{
	struct replays *me = ctx;

	sheet_answered(&me->sheets[AT_DOUBTS], me->view.env->loop, rows);
}

static void on_items(void *ctx, const struct rows *rows)
{
	struct replays *me = ctx;

	sheet_answered(&me->sheets[AT_ITEMS], me->view.env->loop, rows);
}

static void look_again(struct replays *me)
{
	panel_ask(&me->requests);
	panel_ask(&me->doubts);
	if (me->at == AT_ITEMS) {
		panel_ask(&me->decisions);
		panel_ask(&me->verdicts);
		paged_restart(&me->items);
	}
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	(void)done;
	(void)id;
	look_again(ctx);
}

static void set_up_lists(struct replays *me, const struct view_env *env)
{
	me->requests = (struct panel){.env = env,
		.question = "replays",
		.params = me->request_params,
		.n_params = ARRAY_LEN(me->request_params),
		.period_us = PERIOD_US,
		.answered = on_requests,
		.ctx = me};
	me->doubts = (struct panel){.env = env,
		.question = "replay-doubts",
		.params = me->doubt_params,
		.n_params = 1,
		.period_us = PERIOD_US,
		.answered = on_doubts,
		.ctx = me};
	me->decisions = (struct panel){.env = env,
		.question = "replay-decisions",
		.params = me->id_params,
		.n_params = 1,
		.period_us = PERIOD_US};
	me->verdicts = (struct panel){.env = env,
		.question = "replay-verdicts",
		.params = me->id_params,
		.n_params = 1,
		.period_us = VERDICTS_US};
	me->items = (struct paged){.env = env,
		.question = "replay-items",
		.params = me->id_params,
		.n_params = 1,
		.answered = on_items,
		.ctx = me};
	me->request_params[0] = over_words[0];
	me->request_params[2] = me->doubt_params[0] = "1000";
	for (size_t i = 0; i < REPLAYS_SHEETS; i++) {
		me->sheets[i] = replays_sheets[i];
		sheet_open(&me->sheets[i]);
	}
	me->sheets[AT_REQUESTS].panel = &me->requests;
	me->sheets[AT_DOUBTS].panel = &me->doubts;
	me->sheets[AT_ITEMS].paged = &me->items;
	panel_open(&me->requests);
	panel_open(&me->doubts);
	panel_open(&me->decisions);
	panel_open(&me->verdicts);
}

static struct view *replays_open(const struct view_env *env)
{
	struct replays *me = NEW(struct replays);

	me->view = (struct view){&view_replays, env};
	set_up_lists(me, env);
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	me->id = STR_INIT(64);
	me->changes.item = STR_INIT(32);
	text_clear(&me->changes.text);
	return &me->view;
}

static void replays_close(struct view *view)
{
	struct replays *me = (struct replays *)view;

	deed_done(&me->deed);
	panel_close(&me->requests);
	panel_close(&me->doubts);
	panel_close(&me->decisions);
	panel_close(&me->verdicts);
	replays_changes_close(me);
	text_done(&me->changes.text);
	str_done(&me->changes.item);
	paged_done(&me->items);
	for (size_t i = 0; i < REPLAYS_SHEETS; i++)
		sheet_done(&me->sheets[i]);
	rows_unref(me->request);
	str_done(&me->id);
	free(me);
}

static void show_page(struct replays *me, bool shown)
{
	panel_show(&me->decisions, shown);
	panel_show(&me->verdicts, shown);
	if (shown) {
		paged_restart(&me->items);
	} else {
		paged_done(&me->items);
		replays_changes_close(me);
	}
}

static void replays_show(struct view *view, bool shown)
{
	struct replays *me = (struct replays *)view;

	me->shown = shown;
	panel_show(&me->requests, shown);
	panel_show(&me->doubts, shown);
	if (me->at == AT_ITEMS)
		show_page(me, shown);
}

static void open_page(struct replays *me, struct slice id)
{
	CLEANUP(str_done)
	struct str copy = STR_INIT(64);

	str_add(&copy, id);
	if (me->at != AT_ITEMS)
		me->back = me->at;
	str_reset(&me->id);
	str_add(&me->id, str_slice(&copy));
	me->id_params[0] = me->request_params[1] = str_cstr(&me->id);
	rows_unref(me->request);
	me->request = NULL;
	if (me->requests.rows)
		find_request(me, me->requests.rows);
	panel_forget(&me->decisions);
	panel_forget(&me->verdicts);
	replays_changes_close(me);
	paged_done(&me->items);
	sheet_done(&me->sheets[AT_ITEMS]);
	me->sheets[AT_ITEMS].table = (struct table){0};
	sheet_open(&me->sheets[AT_ITEMS]);
	me->at = AT_ITEMS;
	show_page(me, me->shown);
}

void replays_open_page(struct replays *me, int64_t id)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);

	str_addf(&text, "%lld", (long long)id);
	open_page(me, str_slice(&text));
}

static void replays_aim(struct view *view, struct slice what)
{
	struct replays *me = (struct replays *)view;
	int64_t id;

	if (slice_to_i64(slice_trim(what), 1, INT64_MAX, &id) == 0)
		open_page(me, slice_trim(what));
}

static void replays_store_up(struct view *view, bool up)
{
	struct replays *me = (struct replays *)view;

	if (up && me->shown)
		look_again(me);
}

static int head_of(const struct replays *me, int height)
{
	return me->at == AT_ITEMS && height >= HEAD_FROM ? REPLAYS_HEAD : 0;
}

static int detail_of(const struct replays *me, int height)
{
	return height >= DETAIL_FROM && sheet_of(me)->table.n ? DETAIL_HEIGHT : 0;
}

static void replays_layout(struct view *view, int width, int height)
{
	struct replays *me = (struct replays *)view;

	text_view_layout(&me->changes.text.view, width - 1, height - head_of(me, height));
	sheet_layout(sheet_of(me), height - head_of(me, height) - detail_of(me, height));
}

static void draw_nothing(const struct replays *me, const struct canvas *canvas)
{
	static const char *const none[] = {"no replay waits, runs or is in doubt",
		"nothing is in doubt", "no items in your scope"};
	const struct err *err = me->at == AT_ITEMS ? &me->items.err : &me->requests.err;
	bool asked = me->at == AT_ITEMS ? me->items.asked_once : sheet_of(me)->panel->rows != NULL;

	canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
		slice_of(err->code ? err->text
			 : asked   ? none[me->at]
				   : "asking the store"));
}

static void replays_draw(const struct view *view, const struct canvas *canvas)
{
	const struct replays *me = (const struct replays *)view;
	int head = head_of(me, canvas->height), detail = detail_of(me, canvas->height);
	struct canvas list =
		canvas_sub(canvas, 0, head, canvas->width, canvas->height - head - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);

	if (head)
		replays_draw_head(me, canvas);
	if (me->changes.open) {
		struct canvas rest =
			canvas_sub(canvas, 0, head, canvas->width, canvas->height - head);

		text_view_draw(&me->changes.text.view, &rest);
		deed_draw(&me->deed, canvas);
		return;
	}
	if (sheet_of(me)->table.n)
		sheet_draw(sheet_of(me), &list);
	else
		draw_nothing(me, &list);
	if (detail)
		replays_draw_detail(me, &below);
	deed_draw(&me->deed, canvas);
}

static bool go_back(struct replays *me)
{
	if (me->changes.open) {
		replays_changes_close(me);
		return true;
	}
	if (me->at == AT_REQUESTS)
		return false;
	if (me->at == AT_ITEMS)
		show_page(me, false);
	me->at = me->at == AT_ITEMS ? me->back : AT_REQUESTS;
	me->request_params[1] = NULL;
	panel_ask(&me->requests);
	return true;
}

static void open_row(struct replays *me)
{
	CLEANUP(str_done)
	struct str key = STR_INIT(64);

	str_add(&key, sheet_text(sheet_of(me), "key"));
	if (!key.len)
		return;
	if (me->at == AT_REQUESTS)
		open_page(me, str_slice(&key));
	else
		me->view.env->go(me->view.env->ctx, "transaction", str_slice(&key));
}

static bool replays_act(struct view *view, enum action action)
{
	struct replays *me = (struct replays *)view;

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
		panel_cancel(&me->requests);
		paged_cancel(&me->items);
		return deed_cancel(&me->deed) || me->requests.ticket || me->items.ticket;
	case ACTION_SHOW_CLOSED:
		me->request_params[0] = over_words[me->request_params[0] == over_words[0]];
		panel_ask(&me->requests);
		return true;
	case ACTION_REPLAY_CHANGES:
		replays_changes(me);
		return true;
	case ACTION_SHOW_DOUBTS:
		if (me->at == AT_DOUBTS)
			go_back(me);
		else if (me->at == AT_REQUESTS)
			me->at = AT_DOUBTS;
		return true;
	default:
		if (replays_deed(me, action))
			return true;
		return me->changes.open ? text_view_act(&me->changes.text.view, action)
					: sheet_act(sheet_of(me), action);
	}
}

static bool replays_input(struct view *view, const struct input *input)
{
	return deed_input(&((struct replays *)view)->deed, input);
}

static int64_t turns(const struct replays *me)
{
	const struct rows *rows = me->requests.rows;
	int64_t n = 0;

	for (size_t i = 0; rows && i < rows_count(rows); i++)
		n += rows_bool(rows, i, rows_col(rows, "turn"));
	return n;
}

static void replays_status(const struct view *view, struct str *out)
{
	const struct replays *me = (const struct replays *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->at == AT_ITEMS) {
		paged_count(&me->items, out);
		str_adds(out, " items");
	} else if (sheet_of(me)->panel->rows) {
		format_count(out, (int64_t)rows_count(sheet_of(me)->panel->rows));
		str_adds(out, me->at == AT_DOUBTS ? " in doubt or held, for a person"
						  : " requests · newest first");
	}
	if (me->at == AT_REQUESTS && turns(me)) {
		str_adds(out, " · ");
		format_count(out, turns(me));
		str_adds(out, " for you to decide");
	}
	if (me->request_params[0] == over_words[1])
		str_adds(out, " · with what is over");
	deed_status(&me->deed, out);
	panel_status(&me->requests, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static void replays_path(const struct view *view, struct str *out)
{
	const struct replays *me = (const struct replays *)view;

	if (me->at == AT_ITEMS)
		str_addf(out, " · %s", str_cstr(&me->id));
	else if (me->at == AT_DOUBTS)
		str_adds(out, " · in doubt");
}

static bool replays_settled(const struct view *view)
{
	const struct replays *me = (const struct replays *)view;

	return me->requests.rows || me->requests.err.code;
}

static struct table *replays_table(struct view *view, struct table_rows *ret_rows)
{
	struct sheet *sheet = sheet_of((struct replays *)view);

	*ret_rows = sheet_rows(sheet);
	return &sheet->table;
}

const struct view_ops view_replays = {
	.name = "replays",
	.title = "Replays",
	.context = CONTEXT_REPLAYS,
	.open = replays_open,
	.close = replays_close,
	.show = replays_show,
	.aim = replays_aim,
	.store_up = replays_store_up,
	.layout = replays_layout,
	.draw = replays_draw,
	.act = replays_act,
	.input = replays_input,
	.status = replays_status,
	.path = replays_path,
	.table = replays_table,
	.settled = replays_settled,
};
