/* Filters: those that are there under a name, ready, one's own and shared, with what each leaves over.
 * What they are and how they are counted is ui/kept's.
 * Opened by the app. */
#include "base/mem.h"
#include "model/format.h"
#include "ui/kept.h"
#include "ui/table.h"
#include "views/views.h"
#include <stdlib.h>

enum column_id {
	COL_KEY,
	COL_NAME,
	COL_COUNT,
	COL_WHOSE,
	COL_TEXT,
	COL_HELP,
};

static const struct table_column columns[] = {
	[COL_KEY] = {"key", 4, 10, 0, false, NULL},
	[COL_NAME] = {"name", 8, 24, 0, false, NULL},
	[COL_COUNT] = {"count", 7, 7, 0, true, NULL},
	[COL_WHOSE] = {"whose", 8, 16, 50, false, NULL},
	[COL_TEXT] = {"filter", 10, 60, 0, false, NULL},
	[COL_HELP] = {"what it is", 10, 200, 110, false, "help"},
};

struct filters {
	struct view view;
	struct table table;
	uint64_t ticket;
};

static const struct kept_filter *at(const struct filters *me, int64_t row)
{
	return kept_at(me->view.env->kept, (size_t)row);
}

static void draw_count(const struct kept_filter *filter, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(32);
	enum role role = filter->err.code ? ROLE_ERROR : filter->count > 0 ? ROLE_STRONG : ROLE_DIM;

	if (filter->err.code)
		str_adds(&text, "!");
	else if (filter->count < 0)
		str_adds(&text, "-");
	else
		format_count(&text, filter->count);
	if (filter->count >= KEPT_MANY)
		str_addc(&text, '+');
	canvas_right(canvas, 0, 0, canvas->width, role, str_slice(&text));
}

static void draw_key(const struct filters *me, int64_t row, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str key = STR_INIT(64);

	if (row < KEPT_JUMPS)
		keymap_key_of(me->view.env->keymap, CONTEXT_FILTERS,
			(enum action)(ACTION_JUMP_1 + row), &key);
	canvas_text(canvas, 0, 0, canvas->width, ROLE_HINT_KEY, str_slice(&key));
}

static void draw_cell(const void *ctx, int64_t row, size_t column, const struct canvas *canvas)
{
	const struct filters *me = ctx;
	const struct kept_filter *filter = at(me, row);
	const char *text = "";
	enum role role = ROLE_TEXT;

	switch ((enum column_id)column) {
	case COL_KEY:
		draw_key(me, row, canvas);
		return;
	case COL_COUNT:
		draw_count(filter, canvas);
		return;
	case COL_NAME:
		text = filter->name;
		role = ROLE_STRONG;
		break;
	case COL_WHOSE:
		role = ROLE_DIM;
		text = !filter->id      ? "ready"
		       : !filter->mine  ? filter->owner
		       : filter->shared ? "you, shared"
					: "you";
		break;
	case COL_TEXT:
		text = filter->text;
		break;
	case COL_HELP:
		role = filter->err.code ? ROLE_ERROR : ROLE_DIM;
		text = filter->err.code ? filter->err.text : filter->help ? filter->help : "";
		break;
	}
	canvas_text(canvas, 0, 0, canvas->width, role, slice_of(text));
}

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	const struct kept_filter *filter = at(ctx, row);

	str_addf(out, "%s %s %s", filter->name, filter->owner ? filter->owner : "ready",
		filter->text);
}

static struct table_rows rows_of(const struct filters *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static struct view *filters_open(const struct view_env *env)
{
	struct filters *me = NEW(struct filters);

	me->view = (struct view){&view_filters, env};
	return &me->view;
}

static void filters_close(struct view *view)
{
	struct filters *me = (struct filters *)view;

	source_drop(view->env->source, me->ticket);
	table_done(&me->table);
	free(me);
}

static void filters_show(struct view *view, bool shown)
{
	struct filters *me = (struct filters *)view;

	if (shown)
		kept_ask(view->env->kept);
	if (!shown) {
		source_drop(view->env->source, me->ticket);
		me->ticket = 0;
	}
}

static void filters_store_up(struct view *view, bool up)
{
	(void)view;
	(void)up; /* what is kept is asked for by the console */
}

static void filters_layout(struct view *view, int width, int height)
{
	struct filters *me = (struct filters *)view;

	(void)width;
	table_layout(&me->table, 0, kept_n(view->env->kept), height - 1);
}

static void filters_draw(const struct view *view, const struct canvas *canvas)
{
	const struct filters *me = (const struct filters *)view;
	struct table_rows rows = rows_of(me);

	table_draw(&me->table, canvas, &rows);
}

static void on_dropped(void *ctx, const struct reply *reply)
{
	struct filters *me = ctx;
	const struct view_env *env = me->view.env;
	const struct rows *rows = reply->rows;

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		env->say(env->ctx, ROLE_ERROR, reply->err->text);
	} else if (rows_count(rows) &&
		   !slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		struct slice why = rows_text(rows, 0, rows_col(rows, "message"));
		CLEANUP(mem_freep)
		char *text = mem_dup(why.at, why.len);

		env->say(env->ctx, ROLE_ERROR, text);
	} else {
		env->say(env->ctx, ROLE_MESSAGE, "the filter is forgotten");
		kept_ask(env->kept);
	}
	env->changed(env->ctx);
}

static void drop(struct filters *me)
{
	CLEANUP(str_done)
	struct str id = STR_INIT(32);
	const char *params[1];

	if (!me->table.n || me->ticket)
		return;
	str_addf(&id, "%lld", (long long)at(me, me->table.cursor)->id);
	params[0] = str_cstr(&id);
	me->ticket = source_ask(me->view.env->source, &(struct ask){.question = "filter-drop",
							      .params = params,
							      .n_params = ARRAY_LEN(params),
							      .reply = on_dropped,
							      .ctx = me});
}

static int64_t filters_subject(const struct view *view, enum action action, struct str *out)
{
	const struct filters *me = (const struct filters *)view;
	const struct kept_filter *filter = me->table.n ? at(me, me->table.cursor) : NULL;

	(void)action;
	if (!filter || !filter->id || !filter->mine) {
		str_adds(out, !filter      ? "there is no filter"
			      : filter->id ? "this one is not yours"
					   : "this one is always there");
		return 0;
	}
	str_addf(out, "Forget the filter \"%s\"?", filter->name);
	return 1;
}

static bool filters_act(struct view *view, enum action action)
{
	struct filters *me = (struct filters *)view;
	struct table_rows rows = rows_of(me);

	switch (action) {
	case ACTION_OPEN:
		if (me->table.n) {
			const struct kept_filter *filter = at(me, me->table.cursor);

			view->env->go(view->env->ctx, "find", slice_of(filter->text));
			kept_used(view->env->kept, slice_of(filter->name));
		}
		return true;
	case ACTION_FILTER_DROP:
		drop(me);
		return true;
	case ACTION_REFRESH:
		kept_ask(view->env->kept);
		return true;
	default:
		return table_act(&me->table, &rows, action);
	}
}

static void filters_status(const struct view *view, struct str *out)
{
	format_count(out, (int64_t)kept_n(view->env->kept));
	str_adds(out, " filters · ready ones, yours, shared ones · counted up to 1,000");
}

static bool filters_settled(const struct view *view)
{
	size_t n = kept_n(view->env->kept);

	return !n || kept_at(view->env->kept, 0)->count >= 0 ||
	       kept_at(view->env->kept, 0)->err.code;
}

static struct table *filters_table(struct view *view, struct table_rows *ret_rows)
{
	*ret_rows = rows_of((struct filters *)view);
	return &((struct filters *)view)->table;
}

const struct view_ops view_filters = {
	.name = "filters",
	.title = "Filters",
	.context = CONTEXT_FILTERS,
	.open = filters_open,
	.close = filters_close,
	.show = filters_show,
	.store_up = filters_store_up,
	.layout = filters_layout,
	.draw = filters_draw,
	.act = filters_act,
	.subject = filters_subject,
	.status = filters_status,
	.table = filters_table,
	.settled = filters_settled,
};
