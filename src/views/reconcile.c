/* One comparison of an interface with Odoo: how far it is, its counts, and what it found, page by page.
 * A worker does it and the store keeps it; here it is only looked at, and ended.
 * Opened by the app; aimed by the view of Odoo. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "ui/paged.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "views/views.h"
#include <stdlib.h>
#include <string.h>

#define PERIOD_US S_US
#define TOP_HEIGHT 3

enum column_id {
	COL_KIND,
	COL_KEY,
	COL_KNOWN,
	COL_STATE,
	COL_LETTER,
	COL_FACILITY,
	COL_FIELDS,
	COL_RECORDS,
};

static const struct table_column columns[] = {
	[COL_KIND] = {"what", 9, 9, 0, false, NULL},
	[COL_KEY] = {"key", 16, 40, 0, false, NULL},
	[COL_KNOWN] = {"before", 6, 6, 50, false, NULL},
	[COL_STATE] = {"state", 10, 10, 0, false, NULL},
	[COL_LETTER] = {"dead letter", 11, 11, 70, false, "letter"},
	[COL_FACILITY] = {"site", 5, 8, 90, false, NULL},
	[COL_FIELDS] = {"differs in", 12, 60, 80, false, "fields"},
	[COL_RECORDS] = {"records", 8, 40, 100, false, NULL},
};

static const char *const names[] = {
	[COL_KIND] = "kind",
	[COL_KEY] = "key",
	[COL_KNOWN] = "known",
	[COL_STATE] = "state",
	[COL_LETTER] = "letter",
	[COL_FACILITY] = "facility",
	[COL_FIELDS] = "fields",
	[COL_RECORDS] = "records",
};

struct reconcile {
	struct view view;
	struct str id;
	const char *params[1];
	struct panel runs; /* all in scope; ours is one of them */
	struct paged found;
	struct table table;
	size_t row; /* of ours; SIZE_MAX: not among them */
	int64_t total; /* of its findings, when the list was last gone on with */
	bool is_shown, was_open;
	uint64_t ticket;
};

static struct reconcile *of(struct view *view)
{
	return (struct reconcile *)view;
}

static struct slice run_text(const struct reconcile *me, const char *column)
{
	return rows_text(me->runs.rows, me->row, rows_col(me->runs.rows, column));
}

static int64_t run_int(const struct reconcile *me, const char *column)
{
	return rows_int(me->runs.rows, me->row, rows_col(me->runs.rows, column));
}

static bool is_open(const struct reconcile *me)
{
	struct slice state = run_text(me, "state");

	return slice_eq_str(state, "asked") || slice_eq_str(state, "running");
}

/* While it runs the list is gone on with; when it is over it is read anew, since what seemed to be
 * missing may have been found. */
static void on_runs(void *ctx, const struct rows *rows)
{
	struct reconcile *me = ctx;
	CLEANUP(str_done)
	struct str id = STR_INIT(32);
	int64_t total;

	me->row = SIZE_MAX;
	for (size_t i = 0; i < rows_count(rows); i++) {
		str_reset(&id);
		str_addf(&id, "%lld", (long long)rows_int(rows, i, rows_col(rows, "id")));
		if (slice_eq(str_slice(&id), str_slice(&me->id)))
			me->row = i;
	}
	if (me->row == SIZE_MAX)
		return;
	total = run_int(me, "missing") + run_int(me, "extra") + run_int(me, "duplicate") +
		run_int(me, "different");
	if (me->was_open && !is_open(me))
		paged_restart(&me->found);
	else if (total != me->total)
		me->found.ends = false;
	me->total = total;
	me->was_open = is_open(me);
}

/* ---- life ---- */

static struct view *reconcile_open(const struct view_env *env)
{
	struct reconcile *me = NEW(struct reconcile);

	me->view = (struct view){&view_reconcile, env};
	me->id = STR_INIT(32);
	me->row = SIZE_MAX;
	me->runs = (struct panel){.env = env,
		.question = "reconciles",
		.period_us = PERIOD_US,
		.answered = on_runs,
		.ctx = me};
	me->found = (struct paged){
		.env = env, .question = "reconcile-findings", .params = me->params, .n_params = 1};
	panel_open(&me->runs);
	return &me->view;
}

static void reconcile_close(struct view *view)
{
	struct reconcile *me = of(view);

	panel_close(&me->runs);
	paged_done(&me->found);
	source_drop(view->env->source, me->ticket);
	table_done(&me->table);
	str_done(&me->id);
	free(me);
}

static void reconcile_show(struct view *view, bool shown)
{
	struct reconcile *me = of(view);

	me->is_shown = shown;
	me->params[0] = str_cstr(&me->id);
	if (!shown || me->id.len)
		panel_show(&me->runs, shown);
	if (shown && me->id.len && !me->found.asked_once && !me->found.ticket)
		paged_restart(&me->found);
}

static void reconcile_aim(struct view *view, struct slice what)
{
	struct reconcile *me = of(view);
	bool shown = me->is_shown;
	int64_t id;

	if (slice_to_i64(slice_trim(what), 1, INT64_MAX, &id) < 0) {
		view->env->say(view->env->ctx, ROLE_ERROR,
			"a comparison is opened by its number, or with Enter from the list");
		return;
	}
	if (slice_eq(slice_trim(what), str_slice(&me->id)))
		return;
	if (shown)
		reconcile_show(view, false);
	str_reset(&me->id);
	str_add(&me->id, slice_trim(what));
	panel_forget(&me->runs);
	me->row = SIZE_MAX;
	me->total = 0;
	me->was_open = false;
	paged_done(&me->found);
	me->found.asked_once = false;
	table_done(&me->table);
	me->table = (struct table){0};
	if (shown)
		reconcile_show(view, true);
}

static void reconcile_store_up(struct view *view, bool up)
{
	struct reconcile *me = of(view);

	if (up && me->runs.shown)
		panel_ask(&me->runs);
}

/* ---- the screen ---- */

static void reconcile_layout(struct view *view, int width, int height)
{
	struct reconcile *me = of(view);
	const struct batches *rows = &me->found.rows;

	(void)width;
	table_layout(&me->table, rows->first, (size_t)batches_count(rows), height - TOP_HEIGHT - 1);
	if (me->is_shown && me->id.len && me->found.asked_once)
		paged_follow(&me->found, &me->table);
}

static enum role kind_role(struct slice kind)
{
	return slice_eq_str(kind, "gone")        ? ROLE_DIM
	       : slice_eq_str(kind, "different") ? ROLE_WARNING
						 : ROLE_ERROR;
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct reconcile *me = ctx;
	size_t row;
	const struct rows *rows = batches_at(&me->found.rows, number, &row);
	size_t at = rows_col(rows, names[column]);
	struct slice value;
	int x;

	if (column == COL_KNOWN) {
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			rows_bool(rows, row, at) ? SLICE("known") : SLICE("new"));
		return;
	}
	value = rows_text(rows, row, at);
	if (column == COL_STATE && value.len) {
		x = canvas_glyph(canvas, 0, 0, role_of_state(value));
		canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width, role_of_state(value), value);
		return;
	}
	x = canvas_text(canvas, 0, 0, canvas->width,
		column == COL_KIND ? kind_role(value) : ROLE_TEXT, value);
	if (column == COL_KIND && !rows_bool(rows, row, rows_col(rows, "sure")))
		canvas_text(canvas, x, 0, canvas->width - x, ROLE_DIM, SLICE("?"));
}

static struct slice row_id(const void *ctx, int64_t number)
{
	size_t row;
	const struct rows *rows =
		batches_at(&((const struct reconcile *)ctx)->found.rows, number, &row);

	return rows_text(rows, row, rows_col(rows, "place"));
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	size_t row;
	const struct rows *rows =
		batches_at(&((const struct reconcile *)ctx)->found.rows, number, &row);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (i == COL_KNOWN)
			continue;
		str_add(out, rows_text(rows, row, rows_col(rows, names[i])));
		str_addc(out, ' ');
	}
}

static struct table_rows rows_of(const struct reconcile *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, row_id, row_text, me};
}

static int put_count(
	const struct canvas *canvas, int x, int y, enum role role, const char *word, int64_t n)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	str_addf(&text, "%s ", word);
	format_count(&text, n);
	return x +
	       canvas_text(canvas, x, y, canvas->width - x, n ? role : ROLE_DIM, str_slice(&text)) +
	       2;
}

/* What it is and how far, and its counts. */
static void draw_top(const struct reconcile *me, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(512);
	const struct rows *rows = me->runs.rows;
	int x = 1;

	x += canvas_text(canvas, x, 0, canvas->width - x, ROLE_STRONG, run_text(me, "interface")) +
	     2;
	format_date(&text, rows_time(rows, me->row, rows_col(rows, "since")));
	str_truncate(&text, 16);
	str_adds(&text, " to ");
	format_date(&text, rows_time(rows, me->row, rows_col(rows, "upto")));
	str_truncate(&text, 36);
	x += canvas_text(canvas, x, 0, canvas->width - x, ROLE_TEXT, str_slice(&text)) + 2;
	str_reset(&text);
	str_add(&text, run_text(me, "state"));
	if (is_open(me)) {
		str_addf(&text, ", %.*s ", SLICE_ARG(run_text(me, "phase")));
		format_count(&text, run_int(me, "read"));
		str_adds(&text, " of ");
		format_count(&text, run_int(me, "theirs"));
		str_adds(&text, " read, ");
		format_count(&text, run_int(me, "looked"));
		str_adds(&text, " of ");
		format_count(&text, run_int(me, "ours"));
		str_adds(&text, " compared");
	}
	x += canvas_text(canvas, x, 0, canvas->width - x, ROLE_TEXT, str_slice(&text)) + 2;
	canvas_text(canvas, x, 0, canvas->width - x, ROLE_ERROR, run_text(me, "why"));
	x = put_count(canvas, 1, 1, ROLE_TEXT, "ours", run_int(me, "ours"));
	x = put_count(canvas, x, 1, ROLE_TEXT, "Odoo's", run_int(me, "theirs"));
	x = put_count(canvas, x, 1, ROLE_STATE_OK, "same", run_int(me, "same"));
	x = put_count(canvas, x, 1, ROLE_ERROR, "missing", run_int(me, "missing"));
	x = put_count(canvas, x, 1, ROLE_ERROR, "extra", run_int(me, "extra"));
	x = put_count(canvas, x, 1, ROLE_ERROR, "duplicate", run_int(me, "duplicate"));
	x = put_count(canvas, x, 1, ROLE_WARNING, "different", run_int(me, "different"));
	x = put_count(canvas, x, 1, ROLE_TEXT, "on their way", run_int(me, "waiting"));
	put_count(canvas, x, 1, ROLE_TEXT, "of another date", run_int(me, "elsewhere"));
}

static struct slice why_empty(const struct reconcile *me)
{
	if (!me->id.len)
		return SLICE("no comparison was opened yet; Enter opens one from the view of Odoo");
	if (me->runs.err.code)
		return slice_of(me->runs.err.text);
	return me->runs.rows ? SLICE("there is no such comparison, or it is out of your scope")
			     : SLICE("asking the store");
}

static void reconcile_draw(const struct view *view, const struct canvas *canvas)
{
	const struct reconcile *me = (const struct reconcile *)view;
	struct canvas below =
		canvas_sub(canvas, 0, TOP_HEIGHT, canvas->width, canvas->height - TOP_HEIGHT);
	struct table_rows rows = rows_of(me);

	if (!me->runs.rows || me->row == SIZE_MAX) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM, why_empty(me));
		return;
	}
	draw_top(me, canvas);
	if (me->table.n)
		table_draw(&me->table, &below, &rows);
	else
		canvas_text(&below, 1, 0, below.width - 2, ROLE_DIM,
			me->found.err.code ? slice_of(me->found.err.text)
			: is_open(me)      ? SLICE("nothing found yet")
					   : SLICE("both sides have the same"));
}

static void reconcile_status(const struct view *view, struct str *out)
{
	const struct reconcile *me = (const struct reconcile *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->id.len)
		paged_count(&me->found, out);
	panel_status(&me->runs, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static void reconcile_path(const struct view *view, struct str *out)
{
	const struct reconcile *me = (const struct reconcile *)view;

	if (me->id.len)
		str_addf(out, " %s", str_cstr(&me->id));
}

/* ---- acts ---- */

static void say(struct reconcile *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
}

/* The transaction where there is one, else the record in Odoo; or the replay that is to be asked for. */
static void open_row(struct reconcile *me, bool replay)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(512);
	const struct view_env *env = me->view.env;
	const struct rows *rows;
	struct slice rest, word;
	int64_t id;
	size_t row;

	if (!me->table.n)
		return;
	rows = batches_at(&me->found.rows, me->table.cursor, &row);
	id = rows_int(rows, row, rows_col(rows, "transaction"));
	if (replay && !rows_text(rows, row, rows_col(rows, "letter")).len) {
		say(me, ROLE_MESSAGE, "only a dead letter is replayed; this one has none");
	} else if (replay) {
		str_addf(&what, "letters %lld", (long long)id);
		env->go(env->ctx, "ask", str_slice(&what));
	} else if (id) {
		str_addf(&what, "%lld", (long long)id);
		env->go(env->ctx, "transaction", str_slice(&what));
	} else {
		rest = rows_text(rows, row, rows_col(rows, "records"));
		if (!slice_word(&rest, &word))
			return;
		str_addf(&what, "%.*s,%.*s %.*s",
			SLICE_ARG(rows_text(rows, row, rows_col(rows, "model"))), SLICE_ARG(word),
			SLICE_ARG(rows_text(rows, row, rows_col(rows, "system"))));
		env->go(env->ctx, "record", str_slice(&what));
	}
}

static void on_cancelled(void *ctx, const struct reply *reply)
{
	struct reconcile *me = ctx;
	CLEANUP(str_done)
	struct str words = STR_INIT(512);

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_DONE && rows_count(reply->rows))
		str_add(&words, rows_text(reply->rows, 0, rows_col(reply->rows, "message")));
	else if (reply->kind == REPLY_FAILED)
		str_adds(&words, reply->err->text);
	say(me, reply->kind == REPLY_FAILED ? ROLE_ERROR : ROLE_MESSAGE, str_cstr(&words));
	if (me->runs.shown)
		panel_ask(&me->runs);
}

static bool reconcile_act(struct view *view, enum action action)
{
	struct reconcile *me = of(view);
	struct table_rows rows = rows_of(me);

	switch (action) {
	case ACTION_OPEN:
		open_row(me, false);
		return true;
	case ACTION_MISSING_REPLAY:
		open_row(me, true);
		return true;
	case ACTION_RECONCILE_CANCEL:
		if (me->id.len && !me->ticket)
			me->ticket = source_ask(
				view->env->source, &(struct ask){.question = "reconcile-cancel",
							   .params = me->params,
							   .n_params = 1,
							   .reply = on_cancelled,
							   .ctx = me});
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->runs);
		if (me->id.len)
			paged_restart(&me->found);
		return true;
	case ACTION_CANCEL:
		paged_cancel(&me->found);
		return me->found.ticket != 0;
	default:
		return table_act(&me->table, &rows, action);
	}
}

static struct table *reconcile_table(struct view *view, struct table_rows *ret_rows)
{
	*ret_rows = rows_of(of(view));
	return &of(view)->table;
}

static bool reconcile_settled(const struct view *view)
{
	const struct reconcile *me = (const struct reconcile *)view;

	return !me->id.len || me->runs.err.code ||
	       (me->runs.rows && (me->found.asked_once || me->found.err.code));
}

const struct view_ops view_reconcile = {
	.name = "reconcile",
	.title = "Reconcile",
	.context = CONTEXT_RECONCILE,
	.open = reconcile_open,
	.close = reconcile_close,
	.show = reconcile_show,
	.aim = reconcile_aim,
	.store_up = reconcile_store_up,
	.layout = reconcile_layout,
	.draw = reconcile_draw,
	.act = reconcile_act,
	.status = reconcile_status,
	.path = reconcile_path,
	.table = reconcile_table,
	.settled = reconcile_settled,
};
