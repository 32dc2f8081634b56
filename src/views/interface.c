/* The page of one interface: a text of all that is known of it; below it how it failed last, from
 * where each transaction opens.
 * The text is interface_text.c's.
 * Opened by the app; the lists of interfaces aim it. */
#include "base/mem.h"
#include "base/text.h"
#include "interface_part.h"
#include "model/format.h"
#include "views/views.h"
#include <errno.h>
#include <stdlib.h>

#define SPLIT_FROM 14

enum column_id {
	COL_TIME,
	COL_LETTER,
	COL_KEY,
	COL_FACILITY,
	COL_CLASS,
	COL_TEXT,
};

static const struct table_column columns[] = {
	[COL_TIME] = {"died", 23, 23, 0, false},
	[COL_LETTER] = {"now", 9, 11, 50, false},
	[COL_KEY] = {"business key", 12, 18, 70, false},
	[COL_FACILITY] = {"at", 5, 6, 90, false},
	[COL_CLASS] = {"class", 9, 10, 0, false},
	[COL_TEXT] = {"why", 10, 200, 60, false},
};

static const char *const names[ARRAY_LEN(columns)] = {
	[COL_LETTER] = "letter",
	[COL_KEY] = "business_key",
	[COL_FACILITY] = "facility",
	[COL_CLASS] = "class",
	[COL_TEXT] = "text",
};

static struct interface *of(struct view *view)
{
	return (struct interface *)view;
}

static void on_answer(void *ctx, const struct rows *rows)
{
	(void)rows;
	((struct interface *)ctx)->stale = true;
}

/* ---- life ---- */

static const struct {
	const char *name;
	int64_t period_us;
} questions[OF_N] = {
	[OF_PAGE] = {"interface", 30 * S_US},
	[OF_PROMISES] = {"objectives", 10 * S_US},
	[OF_VERSIONS] = {"interface-versions", 30 * S_US},
	[OF_STEPS] = {"interface-steps", 30 * S_US},
	[OF_DELIVERIES] = {"interface-deliveries", 30 * S_US},
	[OF_RUNS] = {"batches", 30 * S_US},
	[OF_DEATHS] = {"interface-failures", 5 * S_US},
};

static struct panel panel_of(struct interface *me, const char *question, int64_t period_us)
{
	return (struct panel){.env = me->view.env,
		.question = question,
		.params = me->params,
		.n_params = 1,
		.period_us = period_us,
		.answered = on_answer,
		.ctx = me};
}

static void on_draft(void *ctx)
{
	((struct interface *)ctx)->stale = true;
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	struct interface *me = ctx;

	if (done)
		proposal_made(&me->proposal, id);
}

static struct view *interface_open(const struct view_env *env)
{
	struct interface *me = NEW(struct interface);

	me->view = (struct view){&view_interface, env};
	me->code = STR_INIT(256);
	for (size_t i = 0; i < OF_N; i++) {
		me->panels[i] = panel_of(me, questions[i].name, questions[i].period_us);
		panel_open(&me->panels[i]);
	}
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	me->proposal = (struct proposal){.env = env, .changed = on_draft, .ctx = me};
	proposal_open(&me->proposal);
	text_clear(&me->text);
	return &me->view;
}

static void interface_close(struct view *view)
{
	struct interface *me = of(view);

	for (size_t i = 0; i < OF_N; i++)
		panel_close(&me->panels[i]);
	deed_done(&me->deed);
	proposal_close(&me->proposal);
	text_done(&me->text);
	table_done(&me->table);
	str_done(&me->code);
	free(me);
}

static void interface_show(struct view *view, bool shown)
{
	struct interface *me = of(view);

	me->is_shown = shown;
	if (!shown) {
		me->text.view.match = NULL; /* the console's, that may go meanwhile */
		proposal_hide(&me->proposal);
	}
	if (shown && !me->code.len)
		return;
	me->params[0] = str_cstr(&me->code);
	for (size_t i = 0; i < OF_N; i++)
		panel_show(&me->panels[i], shown);
}

static void interface_aim(struct view *view, struct slice what)
{
	struct interface *me = of(view);
	bool shown = me->is_shown;

	if (slice_eq(what, str_slice(&me->code)))
		return;
	if (shown)
		interface_show(view, false);
	str_reset(&me->code);
	str_add(&me->code, what);
	for (size_t i = 0; i < OF_N; i++)
		panel_forget(&me->panels[i]);
	text_clear(&me->text);
	table_done(&me->table);
	me->table = (struct table){0};
	me->in_list = false;
	if (shown)
		interface_show(view, true);
}

static void ask(struct interface *me)
{
	for (size_t i = 0; i < OF_N; i++)
		panel_ask(&me->panels[i]);
}

static void interface_store_up(struct view *view, bool up)
{
	if (up && of(view)->panels[OF_PAGE].shown)
		ask(of(view));
}

/* ---- the screen ---- */

static size_t failures(const struct interface *me)
{
	return me->panels[OF_DEATHS].rows ? rows_count(me->panels[OF_DEATHS].rows) : 0;
}

static int list_height(const struct interface *me)
{
	int most = me->height / 3, want = (int)failures(me) + 1;

	if (me->panels[OF_DEATHS].err.code == -EPERM)
		return 0; /* who governs it need not follow it */
	if (me->height < SPLIT_FROM)
		return me->in_list ? me->height - 1 : 0;
	want = want < 3 ? 3 : want;
	return want < most ? want : most;
}

static void interface_layout(struct view *view, int width, int height)
{
	struct interface *me = of(view);
	int list;

	me->width = width;
	me->height = height;
	list = list_height(me);
	interface_text(me);
	table_layout(&me->table, 0, failures(me), list - 1);
	text_view_layout(&me->text.view, width - 2, height - list - 1);
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct rows *rows = ((const struct interface *)ctx)->panels[OF_DEATHS].rows;
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	struct slice value;

	if (column == COL_TIME) {
		format_date(&text, rows_time(rows, (size_t)number, rows_col(rows, "at")));
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&text));
		return;
	}
	value = rows_text(rows, (size_t)number, rows_col(rows, names[column]));
	canvas_text(
		canvas, 0, 0, canvas->width, column == COL_CLASS ? ROLE_WARNING : ROLE_TEXT, value);
}

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	const struct rows *rows = ((const struct interface *)ctx)->panels[OF_DEATHS].rows;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i])
			str_add(out, rows_text(rows, (size_t)row, rows_col(rows, names[i])));
		str_addc(out, ' ');
	}
}

static struct table_rows rows_of(const struct interface *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static struct slice why_empty(const struct interface *me)
{
	if (!me->code.len)
		return SLICE(
			"no interface was opened yet; Enter opens one from the list of interfaces");
	if (me->panels[OF_PAGE].err.code)
		return slice_of(me->panels[OF_PAGE].err.text);
	return me->panels[OF_PAGE].rows
		       ? SLICE("there is no such interface, or it is out of your scope")
		       : SLICE("asking the store");
}

static void draw_list(const struct interface *me, const struct canvas *canvas, int list)
{
	int at = canvas->height - list;
	struct canvas below = canvas_sub(canvas, 0, at, canvas->width, list);
	struct table_rows rows = rows_of(me);

	if (!canvas->plain)
		canvas_line(canvas, at - 1, ROLE_BORDER);
	canvas_text(canvas, 1, at - 1, canvas->width - 1, me->in_list ? ROLE_TAB_ACTIVE : ROLE_TAB,
		SLICE(" last deaths "));
	if (failures(me))
		table_draw(&me->table, &below, &rows);
	else
		canvas_text(&below, 1, 0, below.width - 1, ROLE_DIM,
			me->panels[OF_DEATHS].err.code ? slice_of(me->panels[OF_DEATHS].err.text)
			: me->panels[OF_DEATHS].rows   ? SLICE("none")
						       : SLICE("asking the store"));
}

static void interface_draw(const struct view *view, const struct canvas *canvas)
{
	const struct interface *me = (const struct interface *)view;
	int list = list_height(me), at = canvas->height - list;
	struct canvas text = canvas_sub(canvas, 1, 0, canvas->width - 2, at - 1);

	if (!me->panels[OF_PAGE].rows || !rows_count(me->panels[OF_PAGE].rows)) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM, why_empty(me));
		return;
	}
	text_view_draw(&me->text.view, &text);
	if (list)
		draw_list(me, canvas, list);
	deed_draw(&me->deed, canvas);
}

static void interface_status(const struct view *view, struct str *out)
{
	const struct interface *me = (const struct interface *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (!me->code.len)
		return;
	if (me->in_list) {
		format_count(out, (int64_t)failures(me));
		str_adds(out, failures(me) == 50 ? "+ deaths, the newest first"
						 : " deaths, the newest first");
	} else {
		text_view_status(&me->text.view, out);
	}
	proposal_status(&me->proposal, out);
	deed_status(&me->deed, out);
	panel_status(&me->panels[OF_PAGE], &panel);
	if (panel.len)
		str_addf(out, " · %s", str_cstr(&panel));
}

static void interface_path(const struct view *view, struct str *out)
{
	str_addf(out, " %s", str_cstr(&((const struct interface *)view)->code));
}

/* ---- acts ---- */

static void open_transaction(struct interface *me)
{
	const struct rows *rows = me->panels[OF_DEATHS].rows;
	CLEANUP(str_done)
	struct str id = STR_INIT(32);

	if (!failures(me))
		return;
	str_addf(&id, "%lld",
		(long long)rows_int(rows, (size_t)me->table.cursor, rows_col(rows, "transaction")));
	me->view.env->go(me->view.env->ctx, "transaction", str_slice(&id));
}

/* Its transactions, in the view that finds. */
static void find(struct interface *me, const char *more)
{
	CLEANUP(str_done)
	struct str filter = STR_INIT(512);

	if (!me->code.len)
		return;
	str_addf(&filter, "if:%s%s", str_cstr(&me->code), more);
	me->view.env->go(me->view.env->ctx, "find", str_slice(&filter));
}

static bool interface_act(struct view *view, enum action action)
{
	struct interface *me = of(view);
	struct table_rows rows = rows_of(me);

	switch (action) {
	case ACTION_OPEN:
		if (me->in_list)
			open_transaction(me);
		else
			me->in_list = true;
		return true;
	case ACTION_PANE:
		me->in_list = !me->in_list;
		return true;
	case ACTION_REFRESH:
		ask(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->panels[OF_PAGE]);
		return deed_cancel(&me->deed) || me->panels[OF_PAGE].ticket != 0;
	case ACTION_DRAFT_EDIT:
		if (me->code.len)
			proposal_edit(&me->proposal, "interface", str_cstr(&me->code));
		return true;
	case ACTION_DRAFT_PROPOSE:
		proposal_propose(&me->proposal, &me->deed);
		return true;
	case ACTION_DRAFT_DROP:
		proposal_drop(&me->proposal);
		return true;
	case ACTION_OPEN_SLA:
		if (me->code.len)
			me->view.env->go(me->view.env->ctx, "sla", str_slice(&me->code));
		return true;
	case ACTION_SHOW_TRANSACTIONS:
		find(me, "");
		return true;
	case ACTION_SHOW_DEAD:
		find(me, " state:dead");
		return true;
	default:
		return me->in_list ? table_act(&me->table, &rows, action)
				   : text_view_act(&me->text.view, action);
	}
}

static bool interface_input(struct view *view, const struct input *input)
{
	return deed_input(&of(view)->deed, input);
}

static int interface_search(struct view *view, struct match *match, bool forward)
{
	struct interface *me = of(view);
	struct table_rows rows = rows_of(me);

	if (me->in_list)
		return table_search(&me->table, &rows, match, forward);
	return text_search(&me->text, match, forward);
}

static bool interface_settled(const struct view *view)
{
	const struct interface *me = (const struct interface *)view;

	return !me->code.len || me->panels[OF_PAGE].err.code ||
	       (me->panels[OF_PAGE].rows &&
		       (me->panels[OF_DEATHS].rows || me->panels[OF_DEATHS].err.code));
}

const struct view_ops view_interface = {
	.name = "interface",
	.title = "Interface",
	.context = CONTEXT_INTERFACE,
	.open = interface_open,
	.close = interface_close,
	.show = interface_show,
	.aim = interface_aim,
	.store_up = interface_store_up,
	.layout = interface_layout,
	.draw = interface_draw,
	.act = interface_act,
	.input = interface_input,
	.status = interface_status,
	.path = interface_path,
	.search = interface_search,
	.settled = interface_settled,
};
