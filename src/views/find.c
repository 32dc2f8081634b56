/* Find: the transactions that a filter leaves over, page by page, with the filter as the line on top.
 * The language is model/filter's, the rows and the rights are the store's; what a transaction holds is
 * shown by its own view, what its payloads hold is looked for by the view Search.
 * Opened by the app; aimed by `:find FILTER` and by other views. */
#include "base/clock.h"
#include "base/mem.h"
#include "find_part.h"
#include <stdlib.h>
#include <string.h>

/* Then the store breaks it off and says which part of the filter is slow. */
#define DEADLINE_US (8 * S_US)

static void say(struct find *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
}

/* ---- asking ------------------------------------------------------------------------------------- */

static void ask(struct find *me)
{
	me->started = true;
	me->paged.filter = me->wide ? me->wide : me->line.filter;
	me->table.cursor = 0;
	paged_restart(&me->paged);
}

static void drop_hidden(struct find *me)
{
	source_drop(me->view.env->source, me->hidden_ticket);
	me->hidden_ticket = 0;
}

static void restart(struct find *me)
{
	paged_stop(&me->paged);
	filter_free(me->wide);
	me->wide = NULL;
	me->wider = WIDER_NOT;
	drop_hidden(me);
	me->hidden = 0;
	if (me->shown && !(me->line.filter && filter_body(me->line.filter).len))
		ask(me);
}

/* Payloads are looked through elsewhere; what was found here stays. */
static void on_filter(void *ctx, struct filter *filter)
{
	struct find *me = ctx;

	paged_done(&me->paged);
	me->started = false;
	if (filter_body(filter).len)
		me->view.env->go(me->view.env->ctx, "payloads", str_slice(&me->line.text));
	else
		restart(me);
}

/* ---- what begins nothing ------------------------------------------------------------------------ */

/* Words alone, joined: an id that was pasted with its blanks in it. How many; 0 when there is more. */
static size_t join_words(const struct filter *filter, struct str *out)
{
	const struct filter_node *node = filter ? filter->root : NULL;
	size_t n = 0;

	if (!node)
		return 0;
	for (node = node->type == FILTER_ALL ? node->first : node; node; node = node->next, n++) {
		if (node->type != FILTER_TERM || node->field != FILTER_FIELD_WORD ||
			node->op != FILTER_IS || node->n_values != 1 ||
			node->values[0].low.kind != FILTER_TEXT)
			return 0;
		str_add(out, node->values[0].low.text);
	}
	return n;
}

static void add_quoted(struct slice text, struct str *out)
{
	str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			str_addc(out, '\\');
		str_addc(out, text.at[i]);
	}
	str_addc(out, '"');
}

static void on_hidden(void *ctx, const struct reply *reply)
{
	struct find *me = ctx;

	if (reply->kind == REPLY_ROWS)
		return;
	me->hidden_ticket = 0;
	if (reply->kind == REPLY_DONE && rows_count(reply->rows))
		me->hidden = rows_int(reply->rows, 0, rows_col(reply->rows, "n"));
	me->view.env->changed(me->view.env->ctx);
}

static void ask_hidden(struct find *me, const struct str *id)
{
	const char *params[] = {str_cstr(id)};

	drop_hidden(me);
	me->hidden_ticket =
		source_ask(me->view.env->source, &(struct ask){.question = "find-hidden",
							 .params = params,
							 .n_params = ARRAY_LEN(params),
							 .reply = on_hidden,
							 .ctx = me});
}

/* Nothing begins as the words say: so as one word, then within what is new enough to be read. */
static void widen(void *ctx)
{
	struct find *me = ctx;
	CLEANUP(str_done)
	struct str word = STR_INIT(FILTER_MAX), text = STR_INIT(2 * FILTER_MAX);
	size_t n = join_words(me->line.filter, &word);

	if (!n || me->wider == WIDER_ANYWHERE)
		return;
	me->wider = me->wider == WIDER_NOT && n > 1 ? WIDER_JOINED : WIDER_ANYWHERE;
	if (me->wider == WIDER_ANYWHERE) {
		str_addc(&text, '*');
		ask_hidden(me, &word);
	}
	add_quoted(str_slice(&word), &text);
	if (me->wider == WIDER_ANYWHERE)
		str_adds(&text, "* last 1d");
	filter_free(me->wide);
	me->wide = NULL;
	if (filter_parse(str_slice(&text), &me->wide, NULL, NULL) == 0 && me->shown)
		ask(me);
}

static void on_page(void *ctx, const struct rows *rows)
{
	struct find *me = ctx;

	if (!me->paged.asked_once && !rows_count(rows))
		loop_defer(me->view.env->loop, widen, me);
}

/* ---- the view ----------------------------------------------------------------------------------- */

static struct view *find_open(const struct view_env *env)
{
	struct find *me = NEW(struct find);

	me->view = (struct view){&view_find, env};
	me->paged = (struct paged){.env = env,
		.question = "find",
		.deadline_us = DEADLINE_US,
		.answered = on_page,
		.ctx = me};
	me->line = (struct filter_line){.env = env, .set = on_filter, .ctx = me};
	me->export = (struct list_export){.env = env, .question = "find"};
	filter_line_open(&me->line);
	list_export_open(&me->export);
	return &me->view;
}

static void find_close(struct view *view)
{
	struct find *me = (struct find *)view;

	loop_undefer(view->env->loop, widen, me);
	paged_done(&me->paged);
	source_drop(view->env->source, me->save_ticket);
	drop_hidden(me);
	find_form_leave(me);
	list_export_close(&me->export);
	filter_line_close(&me->line);
	filter_free(me->wide);
	table_done(&me->table);
	free(me);
}

static void find_show(struct view *view, bool shown)
{
	struct find *me = (struct find *)view;

	me->shown = shown;
	if (shown) {
		if (!me->started || !me->paged.asked_once)
			restart(me);
		return;
	}
	paged_stop(&me->paged);
	drop_hidden(me);
	filter_line_leave(&me->line);
	find_form_leave(me);
	source_drop(view->env->source, me->save_ticket);
	me->save_ticket = 0;
	list_export_cancel(&me->export);
}

static void find_aim(struct view *view, struct slice what)
{
	struct find *me = (struct find *)view;

	(void)filter_line_set(&me->line, what);
}

static void find_store_up(struct view *view, bool up)
{
	struct find *me = (struct find *)view;

	if (up && me->shown && (!me->paged.asked_once || me->paged.err.code))
		restart(me);
}

static void find_layout(struct view *view, int width, int height)
{
	struct find *me = (struct find *)view;
	const struct batches *rows = &me->paged.rows;

	(void)width;
	me->now_us = clock_wall_us(loop_clock(view->env->loop));
	table_layout(&me->table, rows->first, (size_t)batches_count(rows),
		height - FIND_TOP - 1 - find_detail_height(height));
	if (me->shown && me->started)
		paged_follow(&me->paged, &me->table);
}

static bool find_input(struct view *view, const struct input *input)
{
	struct find *me = (struct find *)view;

	return filter_line_input(&me->line, input) || find_form_input(me, input);
}

/* ---- acts --------------------------------------------------------------------------------------- */

static struct slice cell(const struct find *me, const char *column)
{
	size_t row;
	const struct rows *rows;

	if (!me->table.n)
		return SLICE_NONE;
	rows = batches_at(&me->paged.rows, me->table.cursor, &row);
	return rows_text(rows, row, rows_col(rows, column));
}

static void open_row(struct find *me, const char *view, const char *column)
{
	if (me->table.n)
		me->view.env->go(me->view.env->ctx, view, cell(me, column));
}

static void show_runbook(struct find *me)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(1024);
	struct slice runbook = cell(me, "runbook");

	if (!me->table.n)
		return;
	str_add(&text, cell(me, "interface"));
	str_adds(&text, runbook.len ? ": " : " has no runbook");
	str_add(&text, runbook);
	say(me, ROLE_MESSAGE, str_cstr(&text));
}

static bool act_on_list(struct find *me, enum action action)
{
	struct table_rows rows = find_rows(me);

	switch (action) {
	case ACTION_COPY_CORRELATION:
		view_copy(&me->view, "correlation id", cell(me, "correlation"));
		return true;
	case ACTION_COPY_MESSAGE:
		view_copy(&me->view, "message id", cell(me, "message"));
		return true;
	case ACTION_COPY_KEY:
		view_copy(&me->view, "business key", cell(me, "business_key"));
		return true;
	case ACTION_FOLLOW_SAME:
		view_follow(&me->view, cell(me, "correlation"));
		return true;
	case ACTION_RUNBOOK:
		show_runbook(me);
		return true;
	case ACTION_OPEN_INTERFACE:
		open_row(me, "interface", "interface");
		return true;
	case ACTION_OPEN:
		open_row(me, "transaction", "place");
		return true;
	default:
		return table_act(&me->table, &rows, action);
	}
}

static bool cancel(struct find *me)
{
	bool any = me->paged.ticket || list_export_busy(&me->export);

	paged_cancel(&me->paged);
	list_export_cancel(&me->export);
	return any;
}

static void add_tagged(void *ctx, struct slice id)
{
	str_adds(ctx, " ");
	str_add(ctx, id);
}

/* Of what is tagged, else of all that the filter leaves over; what is not dead falls out there. */
static void ask_for_replay(struct find *me)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(1 << 20);

	str_adds(&what, "set");
	tags_each(&me->table.tags, add_tagged, &what);
	if (what.len == strlen("set")) {
		str_reset(&what);
		str_addf(&what, "filter %s", str_cstr(&me->line.text));
	}
	me->view.env->go(me->view.env->ctx, "ask", str_slice(&what));
}

static bool find_act(struct view *view, enum action action)
{
	struct find *me = (struct find *)view;

	switch (action) {
	case ACTION_FILTER:
		filter_line_type(&me->line);
		return true;
	case ACTION_FIND_REPLAY:
		ask_for_replay(me);
		return true;
	case ACTION_FILTER_SAVE:
		if (me->line.text.len)
			find_ask_save(me);
		else
			say(me, ROLE_MESSAGE, "there is no filter to save");
		return true;
	case ACTION_EXPORT:
		if (list_export_busy(&me->export))
			say(me, ROLE_MESSAGE, "a list is being written already");
		else
			find_ask_export(me);
		return true;
	case ACTION_REFRESH:
		restart(me);
		return true;
	case ACTION_CANCEL:
		return cancel(me);
	default:
		return act_on_list(me, action);
	}
}

static bool find_settled(const struct view *view)
{
	const struct find *me = (const struct find *)view;

	return me->paged.asked_once || me->paged.err.code;
}

static struct table *find_table(struct view *view, struct table_rows *ret_rows)
{
	*ret_rows = find_rows((struct find *)view);
	return &((struct find *)view)->table;
}

const struct view_ops view_find = {
	.name = "find",
	.title = "Find",
	.context = CONTEXT_FIND,
	.open = find_open,
	.close = find_close,
	.show = find_show,
	.aim = find_aim,
	.store_up = find_store_up,
	.layout = find_layout,
	.draw = find_draw,
	.act = find_act,
	.input = find_input,
	.status = find_status,
	.table = find_table,
	.settled = find_settled,
};
