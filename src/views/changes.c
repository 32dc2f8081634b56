/* Changes of what is governed: those that wait for a second person, and those that are over; of the one
 * under the cursor who proposed it and why, and what it changes. Deciding, withdrawing, rolling back.
 * That nobody decides about their own, and all other rules, are the store's.
 * Opened by the app. */
#include "base/mem.h"
#include "deed.h"
#include "model/format.h"
#include "split.h"
#include "text.h"
#include "views/views.h"
#include <stdlib.h>

#define LIST_PERIOD_US (5 * S_US)
#define ITEMS_PERIOD_US (30 * S_US)

static const struct table_column columns[] = {
	{"change", 6, 7, 0, true, NULL},
	{"state", 10, 10, 0, false, NULL},
	{"proposed", 8, 9, 60, true, NULL},
	{"by", 10, 16, 40, false, NULL},
	{"what", 16, 200, 0, false, NULL},
	{"decided by", 10, 16, 100, false, NULL},
};

static const struct sheet_cell cells[ARRAY_LEN(columns)] = {
	{"key", CELL_STRONG, ROLE_TEXT},
	{"state", CELL_STATE, ROLE_TEXT},
	{"at", CELL_AGE, ROLE_TEXT},
	{"proposer", CELL_TEXT, ROLE_TEXT},
	{"objects", CELL_TEXT, ROLE_TEXT},
	{"decider", CELL_DIM, ROLE_TEXT},
};

struct changes {
	struct view view;
	struct panel list, items;
	struct sheet sheet;
	struct str id; /* whose items are asked for */
	const char *params[1];
	struct text text;
	struct deed deed;
	struct split split;
	bool stale, is_shown;
};

static struct changes *of(struct view *view)
{
	return (struct changes *)view;
}

/* ---- the text ---- */

static void add_head(struct text *text, const struct rows *rows, size_t row)
{
	static const struct fact facts[] = {
		{"state", "state", AS_TEXT},
		{"proposer", "proposed by", AS_TEXT},
		{"at", "at", AS_TIME},
		{"reason", "because", AS_TEXT},
		{"undoes", "takes back change", AS_COUNT},
		{"decider", "decided by", AS_TEXT},
		{"decided_at", "at", AS_TIME},
		{"decision", "because", AS_TEXT},
		{"hidden", "out of your scope", AS_COUNT},
	};

	text_add_facts(text, rows, row, facts, ARRAY_LEN(facts));
}

static void add_item(struct text *text, const struct rows *rows, size_t row)
{
	static const struct {
		const char *mark, *words;
		enum role role;
	} marks[] = {{"+", " new", ROLE_NEW}, {"-", " removed", ROLE_GONE}, {"~", "", ROLE_VALUE}};
	struct slice mark = rows_text(rows, row, rows_col(rows, "mark"));
	struct slice rest = rows_text(rows, row, rows_col(rows, "what")), line;
	size_t kind = 0;

	while (kind + 1 < ARRAY_LEN(marks) && !slice_eq_str(mark, marks[kind].mark))
		kind++;
	text_add(text, ROLE_TEXT, SLICE("\n"));
	text_add(text, ROLE_KEY, rows_text(rows, row, rows_col(rows, "object")));
	text_add(text, marks[kind].role, slice_of(marks[kind].words));
	if (rows_bool(rows, row, rows_col(rows, "moved")))
		text_add(text, ROLE_ERROR, SLICE(" has changed since: this can only be rejected"));
	text_add(text, ROLE_TEXT, SLICE("\n"));
	while (slice_cut(&rest, '\n', &line)) {
		text_add(text, ROLE_TEXT, SLICE("    "));
		text_add(text, marks[kind].role, line);
		text_add(text, ROLE_TEXT, SLICE("\n"));
	}
}

static void update_text(struct changes *me)
{
	const struct rows *items = me->items.rows, *rows;
	size_t row;

	rows = sheet_cursor(&me->sheet, &row);
	if (!me->stale || !rows)
		return;
	me->stale = false;
	text_begin(&me->text);
	add_head(&me->text, rows, row);
	for (size_t i = 0; items && i < rows_count(items); i++)
		add_item(&me->text, items, i);
	text_end(&me->text);
}

/* The cursor came to another change. */
static void select_change(struct changes *me)
{
	struct slice key = sheet_text(&me->sheet, "key");

	if (slice_eq(key, str_slice(&me->id)))
		return;
	str_reset(&me->id);
	str_add(&me->id, key);
	me->params[0] = str_cstr(&me->id);
	panel_forget(&me->items);
	text_clear(&me->text);
	me->stale = true;
	if (key.len && me->is_shown)
		panel_show(&me->items, true);
}

/* ---- life ---- */

static void on_list(void *ctx, const struct rows *rows)
{
	struct changes *me = ctx;

	sheet_answered(&me->sheet, me->view.env->loop, rows);
	select_change(me);
	me->stale = true;
}

static void on_items(void *ctx, const struct rows *rows)
{
	(void)rows;
	((struct changes *)ctx)->stale = true;
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	struct changes *me = ctx;

	(void)done;
	(void)id;
	panel_ask(&me->list);
	if (me->id.len)
		panel_ask(&me->items);
}

static struct view *changes_open(const struct view_env *env)
{
	struct changes *me = NEW(struct changes);

	me->view = (struct view){&view_changes, env};
	me->id = STR_INIT(64);
	me->list = (struct panel){.env = env,
		.question = "changes",
		.period_us = LIST_PERIOD_US,
		.answered = on_list,
		.ctx = me};
	me->items = (struct panel){.env = env,
		.question = "change-items",
		.params = me->params,
		.n_params = 1,
		.period_us = ITEMS_PERIOD_US,
		.answered = on_items,
		.ctx = me};
	me->sheet = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.key = "key",
		.panel = &me->list};
	me->split = (struct split){.from = 12, .part = 3};
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	panel_open(&me->list);
	panel_open(&me->items);
	sheet_open(&me->sheet);
	text_clear(&me->text);
	return &me->view;
}

static void changes_close(struct view *view)
{
	struct changes *me = of(view);

	deed_done(&me->deed);
	panel_close(&me->list);
	panel_close(&me->items);
	sheet_done(&me->sheet);
	text_done(&me->text);
	str_done(&me->id);
	free(me);
}

static void changes_show(struct view *view, bool shown)
{
	struct changes *me = of(view);

	me->is_shown = shown;
	if (!shown)
		me->text.view.match = NULL; /* the console's, that may go meanwhile */
	panel_show(&me->list, shown);
	if (me->id.len || !shown)
		panel_show(&me->items, shown);
}

/* To a change, whose row the answer brings. */
static void changes_aim(struct view *view, struct slice what)
{
	struct changes *me = of(view);

	str_reset(&me->sheet.at);
	str_add(&me->sheet.at, what);
	if (me->list.rows)
		sheet_answered(&me->sheet, view->env->loop, me->list.rows);
	if (me->is_shown)
		panel_ask(&me->list);
}

static void changes_store_up(struct view *view, bool up)
{
	if (up && of(view)->is_shown)
		changes_show(view, true);
}

/* ---- the screen ---- */

static void changes_layout(struct view *view, int width, int height)
{
	struct changes *me = of(view);
	int below = split_layout(&me->split, &me->sheet, height);

	select_change(me);
	update_text(me);
	text_view_layout(&me->text.view, width - 2, below);
}

static void changes_draw(const struct view *view, const struct canvas *canvas)
{
	const struct changes *me = (const struct changes *)view;
	struct canvas above = split_above(&me->split, canvas);
	struct canvas below = split_below(&me->split, canvas);
	CLEANUP(str_done)
	struct str title = STR_INIT(64);

	if (!me->list.rows || !rows_count(me->list.rows)) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			me->list.err.code ? slice_of(me->list.err.text)
			: me->list.rows   ? SLICE("no change was ever proposed")
					  : SLICE("asking the store"));
		return;
	}
	sheet_draw(&me->sheet, &above);
	str_addf(&title, " change %s ", str_cstr(&me->id));
	split_line(&me->split, canvas, ROLE_TAB, str_slice(&title));
	text_view_draw(&me->text.view, &below);
	deed_draw(&me->deed, canvas);
}

static size_t waiting(const struct changes *me)
{
	const struct rows *rows = me->list.rows;
	size_t n = 0;

	for (size_t i = 0; rows && i < rows_count(rows); i++)
		n += slice_eq_str(rows_text(rows, i, rows_col(rows, "state")), "proposed");
	return n;
}

static bool is_mine(const struct changes *me)
{
	size_t row;
	const struct rows *rows = sheet_cursor(&me->sheet, &row);

	return rows && rows_bool(rows, row, rows_col(rows, "mine")) &&
	       slice_eq_str(rows_text(rows, row, rows_col(rows, "state")), "proposed");
}

static void changes_status(const struct view *view, struct str *out)
{
	const struct changes *me = (const struct changes *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->list.rows) {
		format_count(out, (int64_t)rows_count(me->list.rows));
		str_addf(out, "%s · %zu to decide",
			rows_count(me->list.rows) == 1 ? " change" : " changes", waiting(me));
	}
	if (is_mine(me))
		str_adds(out, " · your own: another person decides");
	deed_status(&me->deed, out);
	panel_status(&me->list, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

/* ---- acts ---- */

static const struct {
	enum action action;
	const char *name, *question, *title, *approve;
	bool reason;
} acts[] = {
	{ACTION_CHANGE_APPROVE, "approve", "change-decide", "Approve", "true", false},
	{ACTION_CHANGE_REJECT, "reject", "change-decide", "Reject", "false", true},
	{ACTION_CHANGE_WITHDRAW, "withdraw", "change-withdraw", "Withdraw", NULL, true},
	{ACTION_CHANGE_ROLLBACK, "roll back", "change-rollback", "Propose to roll back", NULL,
		true},
};

static bool begin(struct changes *me, enum action action)
{
	struct deed *deed = &me->deed;
	size_t i = 0;

	while (i < ARRAY_LEN(acts) && acts[i].action != action)
		i++;
	if (i == ARRAY_LEN(acts))
		return false;
	if (!me->id.len || !deed_begin(deed, acts[i].name, acts[i].question, "%s change %s",
				   acts[i].title, str_cstr(&me->id)))
		return true;
	deed_note(deed, "%.*s: %.*s", SLICE_ARG(sheet_text(&me->sheet, "proposer")),
		SLICE_ARG(sheet_text(&me->sheet, "reason")));
	deed_note(deed, "%.*s", SLICE_ARG(sheet_text(&me->sheet, "objects")));
	if (sheet_int(&me->sheet, "hidden"))
		deed_note(deed, "%lld of its objects are out of your scope",
			(long long)sheet_int(&me->sheet, "hidden"));
	deed_text(deed, str_cstr(&me->id));
	if (acts[i].approve)
		deed_text(deed, acts[i].approve);
	deed_ask_text(deed, "reason", "stays in the audit", acts[i].reason);
	deed_open(deed);
	return true;
}

static bool changes_act(struct view *view, enum action action)
{
	struct changes *me = of(view);

	switch (action) {
	case ACTION_OPEN:
	case ACTION_PANE:
		me->split.below = !me->split.below;
		return true;
	case ACTION_REFRESH:
		on_ended(me, true, 0);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->list);
		return deed_cancel(&me->deed) || me->list.ticket != 0;
	default:
		if (begin(me, action))
			return true;
		return me->split.below || action == ACTION_WRAP
			       ? text_view_act(&me->text.view, action)
			       : sheet_act(&me->sheet, action);
	}
}

static bool changes_input(struct view *view, const struct input *input)
{
	return deed_input(&of(view)->deed, input);
}

static int changes_search(struct view *view, struct match *match, bool forward)
{
	struct changes *me = of(view);
	struct table_rows rows = sheet_rows(&me->sheet);

	if (me->split.below)
		return text_search(&me->text, match, forward);
	return table_search(&me->sheet.table, &rows, match, forward);
}

static bool changes_settled(const struct view *view)
{
	const struct changes *me = (const struct changes *)view;

	return me->list.err.code ||
	       (me->list.rows &&
		       (!rows_count(me->list.rows) || me->items.rows || me->items.err.code));
}

const struct view_ops view_changes = {
	.name = "changes",
	.title = "Changes",
	.context = CONTEXT_CHANGES,
	.open = changes_open,
	.close = changes_close,
	.show = changes_show,
	.aim = changes_aim,
	.store_up = changes_store_up,
	.layout = changes_layout,
	.draw = changes_draw,
	.act = changes_act,
	.input = changes_input,
	.status = changes_status,
	.search = changes_search,
	.settled = changes_settled,
};
