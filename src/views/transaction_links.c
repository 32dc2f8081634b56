/* What a transaction hangs together with, as a list from which each opens in the view that shows it.
 * What belongs to it is the store's to say.
 * Called by the view of a transaction. */
#include "base/mem.h"
#include "model/format.h"
#include "transaction_part.h"

#define PERIOD_US (5 * S_US)

enum column_id {
	COL_LINK,
	COL_WHAT,
	COL_STATE,
	COL_TIME,
};

static const struct table_column columns[] = {
	[COL_LINK] = {"link", 11, 11, 0, false},
	[COL_WHAT] = {"what", 12, 200, 0, false},
	[COL_STATE] = {"state", 11, 11, 40, false},
	[COL_TIME] = {"last event", 23, 23, 80, false},
};

void links_open(struct links *me, const struct view_env *env, const char *const *params)
{
	me->env = env;
	me->panel = (struct panel){.env = env,
		.question = "transaction-links",
		.params = params,
		.n_params = 1,
		.period_us = PERIOD_US};
	panel_open(&me->panel);
}

void links_close(struct links *me)
{
	panel_close(&me->panel);
	table_done(&me->table);
}

void links_forget(struct links *me)
{
	panel_forget(&me->panel);
	me->table.cursor = me->table.top = 0;
}

static size_t count(const struct links *me)
{
	return me->panel.rows ? rows_count(me->panel.rows) : 0;
}

static struct slice text_at(const struct links *me, int64_t row, const char *column)
{
	return rows_text(me->panel.rows, (size_t)row, rows_col(me->panel.rows, column));
}

static void draw_cell(const void *ctx, int64_t row, size_t column, const struct canvas *canvas)
{
	static const char *const names[] = {"link", "what", "state", "at"};
	const struct links *me = ctx;
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	struct slice value = text_at(me, row, column == COL_TIME ? "state" : names[column]);
	size_t at = rows_col(me->panel.rows, "at");
	bool leads = text_at(me, row, "view").len > 0;

	if (column == COL_TIME) {
		if (rows_null(me->panel.rows, (size_t)row, at))
			return;
		format_date(&text, rows_time(me->panel.rows, (size_t)row, at));
		value = str_slice(&text);
	}
	canvas_text(canvas, 0, 0, canvas->width,
		column == COL_STATE  ? role_of_state(value)
		: column == COL_WHAT ? (leads ? ROLE_TEXT : ROLE_VALUE)
				     : ROLE_DIM,
		value);
}

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	static const char *const names[] = {"link", "what", "state"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		str_add(out, text_at(ctx, row, names[i]));
		str_addc(out, ' ');
	}
}

static struct table_rows rows_of(const struct links *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

void links_layout(struct links *me, int height)
{
	table_layout(&me->table, 0, count(me), height - 1);
}

void links_draw(const struct links *me, const struct canvas *canvas)
{
	struct table_rows rows = rows_of(me);

	if (count(me))
		table_draw(&me->table, canvas, &rows);
	else
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			me->panel.err.code ? slice_of(me->panel.err.text)
			: me->panel.rows   ? SLICE("nothing hangs together with it")
					   : SLICE("asking the store"));
}

void links_status(const struct links *me, struct str *out)
{
	format_count(out, (int64_t)count(me));
	str_adds(out, count(me) == 1 ? " link" : " links");
}

static void follow(const struct links *me)
{
	struct slice view, aim;

	if (!count(me))
		return;
	view = text_at(me, me->table.cursor, "view");
	aim = text_at(me, me->table.cursor, "aim");
	if (!view.len) {
		me->env->say(
			me->env->ctx, ROLE_MESSAGE, "no view shows this; it stands here as it is");
		return;
	}
	CLEANUP(str_done)
	struct str name = STR_INIT(64), what = STR_INIT(512);

	str_add(&name, view); /* the rows may go with the leaving of this view */
	str_add(&what, aim);
	me->env->go(me->env->ctx, str_cstr(&name), str_slice(&what));
}

bool links_act(struct links *me, enum action action)
{
	struct table_rows rows = rows_of(me);

	if (action == ACTION_OPEN)
		follow(me);
	return action == ACTION_OPEN || table_act(&me->table, &rows, action);
}

int links_search(struct links *me, struct match *match, bool forward)
{
	struct table_rows rows = rows_of(me);

	return table_search(&me->table, &rows, match, forward);
}
