/* A record of Odoo, field by field; below it the transactions that belong to it, from where each opens.
 * Asked of Odoo with the console's own key; the transactions are the store's, in scope.
 * Opened by the app; aimed by the view of Odoo and by that of a transaction, at "model,number", and
 * where there are several Odoos at "model,number system". */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "text.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "views/views.h"
#include <stdlib.h>
#include <string.h>

#define PERIOD_US (30 * S_US)
#define SPLIT_FROM 14

enum column_id {
	COL_INTERFACE,
	COL_STATE,
	COL_MESSAGE,
	COL_KEY,
	COL_AT,
	COL_WHY,
};

static const struct table_column columns[] = {
	[COL_INTERFACE] = {"interface", 12, 20, 0, false, NULL},
	[COL_STATE] = {"state", 10, 10, 0, false, NULL},
	[COL_MESSAGE] = {"message", 14, 40, 0, false, NULL},
	[COL_KEY] = {"business key", 12, 22, 70, false, "key"},
	[COL_AT] = {"last", 7, 7, 50, true, NULL},
	[COL_WHY] = {"by", 9, 20, 90, false, NULL},
};

static const char *const names[] = {
	[COL_INTERFACE] = "interface",
	[COL_STATE] = "state",
	[COL_MESSAGE] = "message",
	[COL_KEY] = "business_key",
	[COL_AT] = "at",
	[COL_WHY] = "why",
};

struct record {
	struct view view;
	struct str model, id, system, references; /* system: which Odoo; "": the only one */
	const char *params[3], *found_params[4];
	struct panel fields, found;
	struct text text;
	struct table table;
	bool is_shown, in_list, stale;
	int width, height;
	int64_t now_us;
};

static struct record *of(struct view *view)
{
	return (struct record *)view;
}

/* ---- the text ---- */

/* Fields by which a message names what it is about. */
static bool is_reference(struct slice field)
{
	static const char *const fields[] = {"name", "ref", "partner_ref", "origin", "default_code",
		"invoice_origin", "client_order_ref"};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (slice_eq_str(field, fields[i]))
			return true;
	return false;
}

static void gather_references(struct record *me, const struct rows *rows)
{
	str_reset(&me->references);
	for (size_t row = 0; row < rows_count(rows); row++) {
		struct slice value = rows_text(rows, row, rows_col(rows, "value"));

		if (!is_reference(rows_text(rows, row, rows_col(rows, "field"))) || !value.len ||
			slice_find(value, ',') != value.len)
			continue;
		str_adds(&me->references, me->references.len ? "," : "");
		str_add(&me->references, value);
	}
}

static void on_fields(void *ctx, const struct rows *rows)
{
	struct record *me = ctx;

	me->stale = true;
	gather_references(me, rows);
	me->found_params[2] = str_cstr(&me->references);
	if (me->fields.shown && !me->found.shown)
		panel_show(&me->found, true);
}

static void add_field(struct record *me, const struct rows *rows, size_t row)
{
	CLEANUP(str_done)
	struct str label = STR_INIT(512);
	struct slice name = rows_text(rows, row, rows_col(rows, "field"));

	str_add(&label, rows_text(rows, row, rows_col(rows, "label")));
	for (int width = text_width(str_slice(&label)); width < 26; width++)
		str_addc(&label, ' ');
	text_add(&me->text, ROLE_KEY, str_slice(&label));
	text_add(&me->text, ROLE_TEXT, SLICE(" "));
	text_add(&me->text, ROLE_TEXT, rows_text(rows, row, rows_col(rows, "value")));
	text_add(&me->text, ROLE_DIM, SLICE("  "));
	text_add(&me->text, ROLE_DIM, name);
	text_add(&me->text, ROLE_TEXT, SLICE("\n"));
}

/* What is empty says nothing, and is most of it. */
static void update_text(struct record *me)
{
	const struct rows *rows = me->fields.rows;

	if (!me->stale || !rows)
		return;
	me->stale = false;
	text_begin(&me->text);
	for (size_t row = 0; row < rows_count(rows); row++)
		if (rows_text(rows, row, rows_col(rows, "value")).len)
			add_field(me, rows, row);
	text_end(&me->text);
}

/* ---- life ---- */

static struct view *record_open(const struct view_env *env)
{
	struct record *me = NEW(struct record);

	me->view = (struct view){&view_record, env};
	me->model = STR_INIT(256);
	me->id = STR_INIT(64);
	me->system = STR_INIT(128);
	me->references = STR_INIT(4096);
	me->fields = (struct panel){.env = env,
		.question = "odoo-record",
		.params = me->params,
		.n_params = 3,
		.period_us = PERIOD_US,
		.answered = on_fields,
		.ctx = me};
	me->found = (struct panel){.env = env,
		.question = "odoo-transactions",
		.params = me->found_params,
		.n_params = 4,
		.period_us = PERIOD_US};
	panel_open(&me->fields);
	panel_open(&me->found);
	text_clear(&me->text);
	return &me->view;
}

static void record_close(struct view *view)
{
	struct record *me = of(view);

	panel_close(&me->fields);
	panel_close(&me->found);
	text_done(&me->text);
	table_done(&me->table);
	str_done(&me->model);
	str_done(&me->id);
	str_done(&me->system);
	str_done(&me->references);
	free(me);
}

/* The transactions are asked for when the record has told its references. */
static void record_show(struct view *view, bool shown)
{
	struct record *me = of(view);

	me->is_shown = shown;
	if (!shown)
		me->text.view.match = NULL; /* the console's, that may go meanwhile */
	if (shown && !me->id.len)
		return;
	me->params[0] = me->found_params[0] = str_cstr(&me->model);
	me->params[1] = me->found_params[1] = str_cstr(&me->id);
	me->params[2] = me->found_params[3] = str_cstr(&me->system);
	me->found_params[2] = str_cstr(&me->references);
	panel_show(&me->fields, shown);
	if (!shown || me->fields.rows)
		panel_show(&me->found, shown);
}

static void record_aim(struct view *view, struct slice what)
{
	struct record *me = of(view);
	bool shown = me->is_shown;
	struct slice rest = slice_trim(what), model, nr = SLICE_NONE;
	int64_t id;

	if (!slice_cut(&rest, ',', &model) || !slice_word(&rest, &nr) ||
		slice_to_i64(nr, 1, INT64_MAX, &id) < 0) {
		view->env->say(view->env->ctx, ROLE_ERROR,
			"a record is opened as model,number, or with Enter from a list");
		return;
	}
	rest = slice_trim(rest);
	if (slice_eq(model, str_slice(&me->model)) && slice_eq(nr, str_slice(&me->id)) &&
		slice_eq(rest, str_slice(&me->system)))
		return;
	if (shown)
		record_show(view, false);
	str_reset(&me->model);
	str_add(&me->model, model);
	str_reset(&me->id);
	str_add(&me->id, nr);
	str_reset(&me->system);
	str_add(&me->system, rest);
	panel_forget(&me->fields);
	panel_forget(&me->found);
	text_clear(&me->text);
	table_done(&me->table);
	me->table = (struct table){0};
	me->in_list = false;
	if (shown)
		record_show(view, true);
}

static void record_store_up(struct view *view, bool up)
{
	if (up && of(view)->found.shown)
		panel_ask(&of(view)->found);
}

/* ---- the screen ---- */

static size_t found(const struct record *me)
{
	return me->found.rows ? rows_count(me->found.rows) : 0;
}

static int list_height(const struct record *me)
{
	int half = me->height / 2, want = (int)found(me) + 1;

	if (me->height < SPLIT_FROM)
		return me->in_list ? me->height - 1 : 0;
	want = want < 3 ? 3 : want;
	return want < half ? want : half;
}

static void record_layout(struct view *view, int width, int height)
{
	struct record *me = of(view);
	int list;

	me->width = width;
	me->height = height;
	me->now_us = clock_wall_us(loop_clock(view->env->loop));
	list = list_height(me);
	update_text(me);
	table_layout(&me->table, 0, found(me), list - 1);
	text_view_layout(&me->text.view, width - 2, height - list - 1);
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct record *me = ctx;
	const struct rows *rows = me->found.rows;
	size_t at = rows_col(rows, names[column]);
	CLEANUP(str_done)
	struct str text = STR_INIT(64);
	struct slice value;
	int x;

	if (column == COL_AT) {
		format_age(&text, me->now_us - rows_time(rows, (size_t)number, at));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&text));
		return;
	}
	value = rows_text(rows, (size_t)number, at);
	if (column == COL_STATE) {
		x = canvas_glyph(canvas, 0, 0, role_of_state(value));
		canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width, role_of_state(value), value);
	} else {
		canvas_text(canvas, 0, 0, canvas->width, column == COL_WHY ? ROLE_DIM : ROLE_TEXT,
			value);
	}
}

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	const struct rows *rows = ((const struct record *)ctx)->found.rows;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (i == COL_AT)
			continue;
		str_add(out, rows_text(rows, (size_t)row, rows_col(rows, names[i])));
		str_addc(out, ' ');
	}
}

static struct table_rows rows_of(const struct record *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static struct slice why_empty(const struct record *me)
{
	if (!me->id.len)
		return SLICE("no record was opened yet; Enter opens one from the view of Odoo");
	return me->fields.err.code ? slice_of(me->fields.err.text) : SLICE("asking Odoo");
}

static void draw_list(const struct record *me, const struct canvas *canvas)
{
	struct table_rows rows = rows_of(me);

	if (found(me))
		table_draw(&me->table, canvas, &rows);
	else
		canvas_text(canvas, 1, 0, canvas->width - 1, ROLE_DIM,
			me->found.err.code ? slice_of(me->found.err.text)
			: me->found.rows   ? SLICE("none in your scope")
					   : SLICE("asking the store"));
}

static void record_draw(const struct view *view, const struct canvas *canvas)
{
	const struct record *me = (const struct record *)view;
	int list = list_height(me), at = canvas->height - list;
	struct canvas text = canvas_sub(canvas, 1, 0, canvas->width - 2, at - 1);
	struct canvas below = canvas_sub(canvas, 0, at, canvas->width, list);

	if (!me->fields.rows) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM, why_empty(me));
		return;
	}
	text_view_draw(&me->text.view, &text);
	if (!list)
		return;
	if (!canvas->plain)
		canvas_line(canvas, at - 1, ROLE_BORDER);
	canvas_text(canvas, 1, at - 1, canvas->width - 1, me->in_list ? ROLE_TAB_ACTIVE : ROLE_TAB,
		SLICE(" its transactions "));
	draw_list(me, &below);
}

static void record_status(const struct view *view, struct str *out)
{
	const struct record *me = (const struct record *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (!me->id.len)
		return;
	if (me->in_list) {
		format_count(out, (int64_t)found(me));
		str_adds(out, " transactions");
	} else {
		text_view_status(&me->text.view, out);
	}
	panel_status(&me->fields, &panel);
	if (panel.len)
		str_addf(out, " · %s", str_cstr(&panel));
}

static void record_path(const struct view *view, struct str *out)
{
	const struct record *me = (const struct record *)view;

	if (me->id.len)
		str_addf(out, " %s %s%s%s", str_cstr(&me->model), str_cstr(&me->id),
			me->system.len ? " in " : "", str_cstr(&me->system));
}

/* ---- acts ---- */

static void open_transaction(struct record *me)
{
	const struct rows *rows = me->found.rows;
	CLEANUP(str_done)
	struct str id = STR_INIT(32);

	if (!found(me))
		return;
	str_addf(&id, "%lld",
		(long long)rows_int(rows, (size_t)me->table.cursor, rows_col(rows, "transaction")));
	me->view.env->go(me->view.env->ctx, "transaction", str_slice(&id));
}

static bool record_act(struct view *view, enum action action)
{
	struct record *me = of(view);
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
		panel_ask(&me->fields);
		panel_ask(&me->found);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->fields);
		return me->fields.ticket != 0;
	default:
		return me->in_list ? table_act(&me->table, &rows, action)
				   : text_view_act(&me->text.view, action);
	}
}

static int record_search(struct view *view, struct match *match, bool forward)
{
	struct record *me = of(view);
	struct table_rows rows = rows_of(me);

	if (me->in_list)
		return table_search(&me->table, &rows, match, forward);
	return text_search(&me->text, match, forward);
}

static bool record_settled(const struct view *view)
{
	const struct record *me = (const struct record *)view;

	return !me->id.len || me->fields.rows || me->fields.err.code;
}

const struct view_ops view_record = {
	.name = "record",
	.title = "Record",
	.context = CONTEXT_TEXT,
	.open = record_open,
	.close = record_close,
	.show = record_show,
	.aim = record_aim,
	.store_up = record_store_up,
	.layout = record_layout,
	.draw = record_draw,
	.act = record_act,
	.status = record_status,
	.path = record_path,
	.search = record_search,
	.settled = record_settled,
};
