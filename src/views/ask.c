/* Asking for a replay: tried dry first, with each item's verdict, what the policy will want and who can
 * give it; then the form. What is asked for is frozen by the store when it is asked.
 * Opened by the app, aimed by the view of dead letters. */
#include "ask_part.h"
#include "base/mem.h"
#include "model/format.h"
#include "views/views.h"
#include <errno.h>
#include <stdlib.h>

#define PERIOD_US (15 * S_US)
#define HEAD_HEIGHT 3
#define HEAD_FROM 8
#define IDS_MAX (1 << 20)
#define FILTERED_MAX 10000
#define FILTERED_TEXT "10000"
#define FILTER_US (10 * S_US)

static const struct table_column columns[] = {
	{"verdict", 12, 14, 0, false, NULL},
	{"business key", 12, 20, 0, false, "key"},
	{"interface", 10, 16, 50, false, NULL},
	{"because of", 10, 12, 70, true, "ref"},
	{"age", 7, 7, 60, true, NULL},
	{"at", 4, 6, 90, false, "facility"},
	{"ordering key", 8, 16, 100, false, "order"},
	{"message", 8, 24, 110, false, NULL},
	{"error", 10, 60, 80, false, NULL},
};

static const struct sheet_cell cells[] = {
	{"verdict", CELL_STATE, ROLE_TEXT},
	{"business_key", CELL_TEXT, ROLE_TEXT},
	{"interface", CELL_TEXT, ROLE_TEXT},
	{"ref", CELL_COUNT, ROLE_DIM},
	{"at", CELL_AGE, ROLE_TEXT},
	{"facility", CELL_DIM, ROLE_DIM},
	{"ordering_key", CELL_DIM, ROLE_DIM},
	{"message_id", CELL_DIM, ROLE_DIM},
	{"text", CELL_TEXT, ROLE_TEXT},
};

static void on_dry(void *ctx, const struct rows *rows)
{
	struct ask_view *me = ctx;
	size_t may = rows_col(rows, "may");

	sheet_answered(&me->sheet, me->view.env->loop, rows);
	me->may = 0;
	for (size_t i = 0; i < rows_count(rows); i++)
		me->may += rows_bool(rows, i, may);
}

/* To what was asked for: it is a request now. */
static void on_ended(void *ctx, bool done, int64_t id)
{
	struct ask_view *me = ctx;
	CLEANUP(str_done)
	struct str what = STR_INIT(32);

	if (!done) {
		panel_ask(&me->dry);
		return;
	}
	ask_edit_drop(&me->edit);
	str_addf(&what, "%lld", (long long)id);
	me->view.env->go(me->view.env->ctx, "replays", str_slice(&what));
}

static struct view *ask_open(const struct view_env *env)
{
	struct ask_view *me = NEW(struct ask_view);

	me->view = (struct view){&view_ask, env};
	me->dry = (struct panel){.env = env,
		.question = "replay-dry-run",
		.params = me->params,
		.n_params = ARRAY_LEN(me->params),
		.period_us = PERIOD_US,
		.answered = on_dry,
		.ctx = me};
	me->forecast = (struct panel){.env = env,
		.question = "replay-forecast",
		.params = me->params,
		.n_params = ARRAY_LEN(me->params),
		.period_us = PERIOD_US};
	me->sheet = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.key = "key",
		.panel = &me->dry};
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	me->ids = STR_INIT(IDS_MAX);
	me->group = STR_INIT(32);
	me->seen = STR_INIT(32);
	sheet_open(&me->sheet);
	panel_open(&me->dry);
	panel_open(&me->forecast);
	ask_edit_open(&me->edit, env);
	return &me->view;
}

static void drop_filter(struct ask_view *me)
{
	source_drop(me->view.env->source, me->filter_ticket);
	me->filter_ticket = 0;
	filter_free(me->filter);
	me->filter = NULL;
}

static void ask_close(struct view *view)
{
	struct ask_view *me = (struct ask_view *)view;

	deed_done(&me->deed);
	ask_edit_close(&me->edit);
	drop_filter(me);
	panel_close(&me->dry);
	panel_close(&me->forecast);
	sheet_done(&me->sheet);
	str_done(&me->ids);
	str_done(&me->group);
	str_done(&me->seen);
	free(me);
}

static bool knows_what(const struct ask_view *me)
{
	return me->params[0] || me->params[1];
}

static void look_again(struct ask_view *me)
{
	if (!knows_what(me))
		return;
	panel_ask(&me->dry);
	panel_ask(&me->forecast);
}

static void ask_show(struct view *view, bool shown)
{
	struct ask_view *me = (struct ask_view *)view;

	me->shown = shown;
	if (shown)
		reveal_shown(&me->edit.reveal);
	else
		ask_edit_drop(&me->edit);
	if (shown && !knows_what(me))
		return;
	panel_show(&me->dry, shown);
	panel_show(&me->forecast, shown);
}

static void forget_answer(struct panel *panel)
{
	panel_show(panel, false);
	rows_unref(panel->rows);
	panel->rows = NULL;
	panel->err = ERR_INIT;
}

static void aim_set(struct ask_view *me, struct slice ids)
{
	str_add(&me->ids, ids);
	me->params[0] = str_cstr(&me->ids);
	me->params[1] = me->params[2] = NULL;
	me->aimed = true;
	ask_show(&me->view, me->shown);
}

static void on_filtered(void *ctx, const struct reply *reply)
{
	struct ask_view *me = ctx;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	me->filter_ticket = 0;
	drop_filter(me);
	if (reply->kind == REPLY_FAILED) {
		me->dry.err = *reply->err;
	} else if (!rows_count(rows) || !rows_int(rows, 0, rows_col(rows, "n"))) {
		err_set(&me->dry.err, -ENOENT,
			"the filter leaves no dead letter over that is unresolved");
	} else {
		if (rows_int(rows, 0, rows_col(rows, "n")) == FILTERED_MAX)
			me->view.env->say(me->view.env->ctx, ROLE_WARNING,
				"the newest " FILTERED_TEXT
				" that the filter leaves over; more cannot be asked for at once");
		aim_set(me, rows_text(rows, 0, rows_col(rows, "ids")));
	}
	me->view.env->changed(me->view.env->ctx);
}

static void aim_filter(struct ask_view *me, struct slice line)
{
	static const char *const params[] = {FILTERED_TEXT};
	struct err err = ERR_INIT;

	me->aimed = true;
	if (filter_parse(line, &me->filter, NULL, &err) < 0) {
		me->dry.err = err;
		return;
	}
	me->filter_ticket = source_ask(me->view.env->source, &(struct ask){.question = "find-dead",
								     .params = params,
								     .n_params = 1,
								     .filter = me->filter,
								     .deadline_us = FILTER_US,
								     .reply = on_filtered,
								     .ctx = me});
}

/* "group ID SEEN", "set ID ID ...", or "filter LINE". */
static void ask_aim(struct view *view, struct slice what)
{
	struct ask_view *me = (struct ask_view *)view;
	struct slice word, kind;

	forget_answer(&me->dry);
	forget_answer(&me->forecast);
	ask_edit_drop(&me->edit);
	drop_filter(me);
	str_reset(&me->ids);
	str_reset(&me->group);
	str_reset(&me->seen);
	me->params[0] = me->params[1] = me->params[2] = NULL;
	me->may = 0;
	me->aimed = false;
	if (!slice_word(&what, &kind))
		return;
	if (slice_eq_str(kind, "filter")) {
		aim_filter(me, what);
		return;
	}
	me->aimed = true;
	if (slice_eq_str(kind, "group")) {
		if (slice_word(&what, &word))
			str_add(&me->group, word);
		if (slice_word(&what, &word))
			str_add(&me->seen, word);
	} else {
		str_addc(&me->ids, '{');
		for (int n = 0; slice_word(&what, &word); n++) {
			str_adds(&me->ids, n ? "," : "");
			str_add(&me->ids, word);
		}
		str_addc(&me->ids, '}');
	}
	me->params[0] = me->ids.len ? str_cstr(&me->ids) : NULL;
	me->params[1] = me->group.len ? str_cstr(&me->group) : NULL;
	me->params[2] = me->seen.len ? str_cstr(&me->seen) : NULL;
	ask_show(view, me->shown);
}

static void ask_store_up(struct view *view, bool up)
{
	struct ask_view *me = (struct ask_view *)view;

	if (up && me->dry.shown)
		look_again(me);
}

static int head_of(int height)
{
	return height >= HEAD_FROM ? HEAD_HEIGHT : 0;
}

static void ask_layout(struct view *view, int width, int height)
{
	struct ask_view *me = (struct ask_view *)view;

	sheet_layout(&me->sheet, height - head_of(height));
	text_view_layout(&me->edit.text.view, width - 1, height - head_of(height));
}

static void ask_draw(const struct view *view, const struct canvas *canvas)
{
	const struct ask_view *me = (const struct ask_view *)view;
	int head = head_of(canvas->height);
	struct canvas list = canvas_sub(canvas, 0, head, canvas->width, canvas->height - head);

	if (!me->dry.rows) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			!me->aimed         ? SLICE("ask from the dead letters")
			: me->dry.err.code ? slice_of(me->dry.err.text)
					   : SLICE("asking the store"));
		return;
	}
	if (head)
		ask_draw_head(me, canvas);
	if (me->edit.edited)
		text_view_draw(&me->edit.text.view, &list);
	else
		sheet_draw(&me->sheet, &list);
	if (me->edit.reveal.asking)
		form_draw(&me->edit.reveal.form, canvas);
	deed_draw(&me->deed, canvas);
}

/* The one under the cursor; what is edited already is edited further. */
static void edit(struct ask_view *me)
{
	size_t row;
	const struct rows *rows = sheet_cursor(&me->sheet, &row);

	if (me->edit.edited)
		ask_edit_start(&me->edit, str_slice(&me->edit.id));
	else if (rows && rows_bool(rows, row, rows_col(rows, "may")))
		ask_edit_start(&me->edit, sheet_text(&me->sheet, "key"));
	else
		me->view.env->say(me->view.env->ctx, ROLE_MESSAGE, "this one cannot be asked for");
}

static bool ask_act(struct view *view, enum action action)
{
	struct ask_view *me = (struct ask_view *)view;

	switch (action) {
	case ACTION_OPEN:
		ask_open_form(me);
		return true;
	case ACTION_REPLAY_EDIT:
		edit(me);
		return true;
	case ACTION_BACK:
		if (!me->edit.edited)
			return false;
		ask_edit_drop(&me->edit);
		me->view.env->say(me->view.env->ctx, ROLE_MESSAGE, "what was edited is gone");
		return true;
	case ACTION_REFRESH:
		look_again(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->dry);
		return deed_cancel(&me->deed) || me->dry.ticket;
	default:
		return me->edit.edited ? text_view_act(&me->edit.text.view, action)
				       : sheet_act(&me->sheet, action);
	}
}

static bool ask_input(struct view *view, const struct input *input)
{
	struct ask_view *me = (struct ask_view *)view;

	return reveal_input(&me->edit.reveal, input) || deed_input(&me->deed, input);
}

static void ask_status(const struct view *view, struct str *out)
{
	const struct ask_view *me = (const struct ask_view *)view;

	if (me->edit.edited) {
		str_adds(out, me->edit.wrong ? "NOT VALID · " : "edited · Enter asks · ");
		reveal_status(&me->edit.reveal, out);
	} else if (me->dry.rows) {
		str_adds(out, "dry run · ");
		format_count(out, me->may);
		str_adds(out, " can be asked for · Enter asks");
	}
	deed_status(&me->deed, out);
	if (out->len)
		str_adds(out, " · ");
	panel_status(&me->dry, out);
	if (slice_ends(str_slice(out), SLICE(" · ")))
		str_truncate(out, out->len - SLICE(" · ").len);
}

static bool ask_settled(const struct view *view)
{
	const struct ask_view *me = (const struct ask_view *)view;

	return !me->aimed || me->dry.rows || me->dry.err.code;
}

static struct table *ask_table(struct view *view, struct table_rows *ret_rows)
{
	struct ask_view *me = (struct ask_view *)view;

	*ret_rows = sheet_rows(&me->sheet);
	return &me->sheet.table;
}

static int ask_search(struct view *view, struct match *match, bool forward)
{
	struct ask_view *me = (struct ask_view *)view;
	struct table_rows rows = sheet_rows(&me->sheet);

	return me->edit.edited ? text_search(&me->edit.text, match, forward)
			       : table_search(&me->sheet.table, &rows, match, forward);
}

const struct view_ops view_ask = {
	.name = "ask",
	.title = "Ask for a replay",
	.context = CONTEXT_ASK,
	.open = ask_open,
	.close = ask_close,
	.show = ask_show,
	.aim = ask_aim,
	.store_up = ask_store_up,
	.layout = ask_layout,
	.draw = ask_draw,
	.act = ask_act,
	.input = ask_input,
	.status = ask_status,
	.table = ask_table,
	.search = ask_search,
	.settled = ask_settled,
};
