/* Payloads: those within a window of time that hold what a pattern says; hits as they come.
 * Going through them is payloads_scan.c's, the rights are the store's: masked ones, or raw ones under a
 * grant with a reason.
 * Opened by the app; aimed by Find when its filter asks for what payloads hold. */
#include "base/clock.h"
#include "base/mem.h"
#include "payloads_part.h"
#include <stdlib.h>

static void say(struct payloads *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
}

static void start(struct payloads *me, const char *raw_reason)
{
	me->table.cursor = 0;
	me->due = false;
	scan_start(&me->scan, me->line.filter, raw_reason);
}

/* Without a pattern it is for Find. */
static void on_filter(void *ctx, struct filter *filter)
{
	struct payloads *me = ctx;

	if (!filter_body(filter).len)
		me->view.env->go(me->view.env->ctx, "find", str_slice(&me->line.text));
	else if (me->shown)
		start(me, NULL);
	else
		me->due = true;
}

static void close_form(struct payloads *me)
{
	if (me->asking)
		form_done(&me->form);
	me->asking = false;
}

static void on_refused(void *ctx, struct slice code, const char *words)
{
	struct payloads *me = ctx;

	if (me->asking && slice_eq_str(code, "reason"))
		me->fields[0].error = "a reason is needed, in a few words";
	else
		close_form(me);
	say(me, ROLE_ERROR, words);
}

static void ask_reason(struct payloads *me)
{
	if (!me->line.filter || !filter_body(me->line.filter).len) {
		say(me, ROLE_MESSAGE, "first a filter with body~\"pattern\" says what to look for");
		return;
	}
	me->fields[0] = (struct field){.kind = FIELD_TEXT,
		.label = "reason",
		.needed = true,
		.help = "is written down with your name and the filter before anything is shown"};
	me->form = (struct form){.title = "Look through these payloads unmasked",
		.submit = "Look",
		.fields = me->fields,
		.n = 1};
	form_open(&me->form);
	me->asking = true;
}

static void submit(struct payloads *me)
{
	CLEANUP(str_done)
	struct str reason = STR_INIT(PROMPT_MAX);

	str_add(&reason, slice_trim(str_slice(&me->fields[0].text.text)));
	close_form(me);
	start(me, str_cstr(&reason));
}

static bool payloads_input(struct view *view, const struct input *input)
{
	struct payloads *me = (struct payloads *)view;

	if (filter_line_input(&me->line, input))
		return true;
	if (!me->asking)
		return false;
	switch (form_input(&me->form, view->env->keymap, input)) {
	case FORM_SUBMITTED:
		submit(me);
		break;
	case FORM_LEFT:
		close_form(me);
		break;
	case FORM_PENDING:
		break;
	}
	return true;
}

static struct view *payloads_open(const struct view_env *env)
{
	struct payloads *me = NEW(struct payloads);

	me->view = (struct view){&view_payloads, env};
	me->line = (struct filter_line){.env = env, .set = on_filter, .ctx = me};
	me->scan = (struct scan){.env = env, .hits = &me->hits, .refused = on_refused, .ctx = me};
	filter_line_open(&me->line);
	scan_open(&me->scan);
	return &me->view;
}

static void payloads_close(struct view *view)
{
	struct payloads *me = (struct payloads *)view;

	close_form(me);
	scan_close(&me->scan);
	filter_line_close(&me->line);
	batches_done(&me->hits);
	table_done(&me->table);
	free(me);
}

static void payloads_show(struct view *view, bool shown)
{
	struct payloads *me = (struct payloads *)view;

	me->shown = shown;
	if (shown && me->due) {
		start(me, NULL);
	} else if (shown) {
		scan_resume(&me->scan);
	} else {
		scan_pause(&me->scan);
		scan_seal(&me->scan);
		filter_line_leave(&me->line);
		close_form(me);
	}
}

static void payloads_aim(struct view *view, struct slice what)
{
	(void)filter_line_set(&((struct payloads *)view)->line, what);
}

static void payloads_store_up(struct view *view, bool up)
{
	(void)view;
	(void)up; /* what was broken off is begun again by whoever looked, not by itself */
}

static void payloads_layout(struct view *view, int width, int height)
{
	struct payloads *me = (struct payloads *)view;

	(void)width;
	me->now_us = clock_wall_us(loop_clock(view->env->loop));
	table_layout(&me->table, me->hits.first, (size_t)batches_count(&me->hits),
		height - 2 - payloads_detail_height(height));
}

static struct slice cell(const struct payloads *me, const char *column)
{
	size_t row;
	const struct rows *rows;

	if (!me->table.n)
		return SLICE_NONE;
	rows = batches_at(&me->hits, me->table.cursor, &row);
	return rows_text(rows, row, rows_col(rows, column));
}

static void open_row(struct payloads *me)
{
	CLEANUP(str_done)
	struct str id = STR_INIT(32);
	const struct rows *rows;
	size_t row;

	if (!me->table.n)
		return;
	rows = batches_at(&me->hits, me->table.cursor, &row);
	str_addf(&id, "%lld", (long long)rows_int(rows, row, rows_col(rows, "id")));
	me->view.env->go(me->view.env->ctx, "transaction", str_slice(&id));
}

static bool act_on_list(struct payloads *me, enum action action)
{
	struct table_rows rows = payloads_rows(me);

	switch (action) {
	case ACTION_OPEN:
		open_row(me);
		return true;
	case ACTION_OPEN_INTERFACE:
		if (me->table.n)
			me->view.env->go(me->view.env->ctx, "interface", cell(me, "interface"));
		return true;
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
	default:
		return table_act(&me->table, &rows, action);
	}
}

static bool payloads_act(struct view *view, enum action action)
{
	struct payloads *me = (struct payloads *)view;
	bool runs = me->scan.state == SCAN_RUNS || me->scan.state == SCAN_ASKS;

	switch (action) {
	case ACTION_FILTER:
		filter_line_type(&me->line);
		return true;
	case ACTION_SEARCH_RAW:
		ask_reason(me);
		return true;
	case ACTION_REFRESH:
		if (me->line.filter && filter_body(me->line.filter).len)
			start(me, NULL);
		return true;
	case ACTION_CANCEL:
		scan_stop(&me->scan);
		return runs;
	case ACTION_BACK:
		/* The first Esc stops, the next leaves. */
		scan_stop(&me->scan);
		return runs;
	default:
		return act_on_list(me, action);
	}
}

static bool payloads_settled(const struct view *view)
{
	const struct payloads *me = (const struct payloads *)view;

	return me->scan.state != SCAN_ASKS && me->scan.state != SCAN_RUNS;
}

static struct table *payloads_table(struct view *view, struct table_rows *ret_rows)
{
	*ret_rows = payloads_rows((struct payloads *)view);
	return &((struct payloads *)view)->table;
}

const struct view_ops view_payloads = {
	.name = "payloads",
	.title = "Payloads",
	.context = CONTEXT_SEARCH,
	.open = payloads_open,
	.close = payloads_close,
	.show = payloads_show,
	.aim = payloads_aim,
	.store_up = payloads_store_up,
	.layout = payloads_layout,
	.draw = payloads_draw,
	.act = payloads_act,
	.input = payloads_input,
	.status = payloads_status,
	.table = payloads_table,
	.settled = payloads_settled,
};
