/* Find: the transactions that a filter leaves over, page by page, with the filter as the line on top.
 * The language is model/filter's, the rows and the rights are the store's; what a transaction holds is
 * shown by its own view.
 * Opened by the app; aimed by `:find FILTER` and by other views. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/filter.h"
#include "model/format.h"
#include "ui/paged.h"
#include "ui/prompt.h"
#include "ui/table.h"
#include "views/views.h"
#include <stdlib.h>
#include <string.h>

#define TOP_HEIGHT 1
#define NAMES_MAX 4096

/* Then the store breaks it off and says which part of the filter is slow. */
#define DEADLINE_US (8 * S_US)

enum column_id {
	COL_MESSAGE,
	COL_STATE,
	COL_INTERFACE,
	COL_AT,
	COL_FACILITY,
	COL_KEY,
	COL_CORRELATION,
	COL_ATTEMPTS,
	COL_CLASS,
	COL_ERROR,
	COL_OWNER,
};

static const struct table_column columns[] = {
	[COL_MESSAGE] = {"message", 12, 24, 0, false, NULL},
	[COL_STATE] = {"state", 10, 10, 0, false, NULL},
	[COL_INTERFACE] = {"interface", 10, 18, 0, false, NULL},
	[COL_AT] = {"last", 7, 7, 0, true, NULL},
	[COL_FACILITY] = {"site", 5, 8, 70, false, NULL},
	[COL_KEY] = {"business key", 12, 22, 76, false, "key"},
	[COL_CORRELATION] = {"correlation", 12, 24, 110, false, NULL},
	[COL_ATTEMPTS] = {"tries", 5, 5, 100, true, NULL},
	[COL_CLASS] = {"class", 9, 9, 90, false, NULL},
	[COL_ERROR] = {"error", 10, 200, 120, false, NULL},
	[COL_OWNER] = {"owner", 8, 14, 150, false, NULL},
};

static const char *const column_names[] = {
	[COL_MESSAGE] = "message",
	[COL_STATE] = "state",
	[COL_INTERFACE] = "interface",
	[COL_AT] = "at",
	[COL_FACILITY] = "facility",
	[COL_KEY] = "business_key",
	[COL_CORRELATION] = "correlation",
	[COL_ATTEMPTS] = "attempts",
	[COL_CLASS] = "class",
	[COL_ERROR] = "error",
	[COL_OWNER] = "owner",
};

struct find {
	struct view view;
	struct paged paged;
	struct table table;
	struct filter *filter;
	struct str line; /* the filter as it is printed */
	struct prompt prompt;
	enum { TYPING_NOTHING, TYPING_FILTER, TYPING_NAME } typing;
	bool shown, started;
	int64_t now_us;

	struct rows *names; /* of the catalogue, for completion */
	uint64_t names_ticket, save_ticket;
	const char *words[NAMES_MAX];
	struct arena arena; /* of the last completion */
};

static void changed(struct find *me)
{
	me->view.env->changed(me->view.env->ctx);
}

static void say(struct find *me, enum role role, const char *text)
{
	me->view.env->say(me->view.env->ctx, role, text);
}

/* ---- asking ------------------------------------------------------------------------------------- */

static void restart(struct find *me)
{
	if (!me->shown)
		return;
	me->started = true;
	me->paged.filter = me->filter;
	me->table.cursor = 0;
	paged_restart(&me->paged);
}

/* False when it is wrong, which is said then; what was found stays. */
static bool set_filter(struct find *me, struct slice text)
{
	struct filter *filter = NULL;
	struct err err = ERR_INIT;

	if (filter_parse(text, &filter, NULL, &err) < 0) {
		say(me, ROLE_ERROR, err.text);
		return false;
	}
	paged_done(&me->paged);
	filter_free(me->filter);
	me->filter = filter;
	str_reset(&me->line);
	filter_print(filter, &me->line);
	restart(me);
	return true;
}

static void on_names(void *ctx, const struct reply *reply)
{
	struct find *me = ctx;

	me->names_ticket = 0;
	if (reply->kind != REPLY_DONE)
		return;
	rows_unref(me->names);
	me->names = rows_ref(reply->rows);
}

static void ask_names(struct find *me)
{
	if (!me->names_ticket)
		me->names_ticket = source_ask(me->view.env->source,
			&(struct ask){.question = "filter-names", .reply = on_names, .ctx = me});
}

static void on_saved(void *ctx, const struct reply *reply)
{
	struct find *me = ctx;
	const struct rows *rows = reply->rows;

	me->save_ticket = 0;
	if (reply->kind == REPLY_FAILED) {
		say(me, ROLE_ERROR, reply->err->text);
	} else if (rows_count(rows) &&
		   slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		say(me, ROLE_MESSAGE, "the filter is saved");
	} else if (rows_count(rows)) {
		struct slice why = rows_text(rows, 0, rows_col(rows, "message"));
		CLEANUP(mem_freep)
		char *text = mem_dup(why.at, why.len);

		say(me, ROLE_ERROR, text);
	}
	changed(me);
}

static void save(struct find *me, struct slice name)
{
	CLEANUP(mem_freep)
	char *text = mem_dup(name.at, name.len);
	const char *params[] = {"find", text, str_cstr(&me->line), "false"};

	if (me->save_ticket)
		return;
	me->save_ticket = source_ask(me->view.env->source, &(struct ask){.question = "filter-save",
								   .params = params,
								   .n_params = 4,
								   .reply = on_saved,
								   .ctx = me});
}

/* ---- typing ------------------------------------------------------------------------------------- */

static size_t names_of(void *ctx, enum filter_field field, const char *const **ret)
{
	struct find *me = ctx;
	struct slice name = slice_of(filter_field(field)->name);
	size_t n = 0;

	if (!me->names)
		return 0;
	for (size_t i = 0; i < rows_count(me->names) && n < NAMES_MAX; i++)
		if (slice_eq(rows_text(me->names, i, rows_col(me->names, "field")), name))
			me->words[n++] = arena_str(
				&me->arena, rows_text(me->names, i, rows_col(me->names, "name")));
	*ret = me->words;
	return n;
}

static size_t complete(void *ctx, struct slice text, const char **ret, size_t max, size_t *ret_at)
{
	struct find *me = ctx;
	const struct filter_names names = {.names = names_of, .ctx = me};

	arena_reset(&me->arena);
	return me->typing == TYPING_FILTER
		       ? filter_complete(text, &names, &me->arena, ret, max, ret_at)
		       : 0;
}

static void type_filter(struct find *me)
{
	me->typing = TYPING_FILTER;
	prompt_open(&me->prompt, "& ");
	prompt_type(&me->prompt, str_slice(&me->line));
	if (me->line.len)
		prompt_type(&me->prompt, SLICE(" "));
	if (!me->names)
		ask_names(me);
}

static void type_name(struct find *me)
{
	if (!me->line.len) {
		say(me, ROLE_MESSAGE, "there is no filter to save");
		return;
	}
	me->typing = TYPING_NAME;
	prompt_open(&me->prompt, "save as ");
}

/* A filter that is wrong stays in the line, so that nothing typed is lost. */
static void accept(struct find *me)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(PROMPT_MAX);

	str_add(&text, slice_trim(str_slice(&me->prompt.text)));
	if (me->typing == TYPING_FILTER) {
		if (!set_filter(me, str_slice(&text)))
			return;
		prompt_keep(&me->prompt);
	} else if (text.len) {
		save(me, str_slice(&text));
	}
	me->typing = TYPING_NOTHING;
}

static bool find_input(struct view *view, const struct input *input)
{
	struct find *me = (struct find *)view;
	CLEANUP(str_done)
	struct str choices = STR_INIT(1024);
	bool empty = !me->prompt.text.len;
	enum action action = ACTION_NONE;

	if (me->typing == TYPING_NOTHING)
		return false;
	if (input->kind == INPUT_PASTE) {
		prompt_type(&me->prompt, input->paste);
		return true;
	}
	keymap_lookup(view->env->keymap, CONTEXT_PROMPT, &input->key, 1, &action);
	if (action == ACTION_NONE)
		prompt_type_key(&me->prompt, input->key);
	else if (action == ACTION_PROMPT_ACCEPT)
		accept(me);
	else if (action == ACTION_PROMPT_GIVE_UP || (action == ACTION_PROMPT_RUBOUT && empty))
		me->typing = TYPING_NOTHING;
	else
		prompt_act(&me->prompt, action, &choices);
	if (choices.len)
		say(me, ROLE_MESSAGE, str_cstr(&choices));
	return true;
}

/* ---- the view ----------------------------------------------------------------------------------- */

static struct view *find_open(const struct view_env *env)
{
	struct find *me = NEW(struct find);

	me->view = (struct view){&view_find, env};
	me->paged = (struct paged){.env = env, .question = "find", .deadline_us = DEADLINE_US};
	me->line = STR_INIT(4 * FILTER_MAX);
	me->prompt.complete = complete;
	me->prompt.ctx = me;
	return &me->view;
}

static void find_close(struct view *view)
{
	struct find *me = (struct find *)view;

	paged_done(&me->paged);
	source_drop(view->env->source, me->names_ticket);
	source_drop(view->env->source, me->save_ticket);
	rows_unref(me->names);
	filter_free(me->filter);
	table_done(&me->table);
	prompt_done(&me->prompt);
	str_done(&me->line);
	arena_done(&me->arena);
	free(me);
}

static void find_show(struct view *view, bool shown)
{
	struct find *me = (struct find *)view;

	me->shown = shown;
	if (shown && !me->started)
		restart(me);
	if (!shown)
		me->typing = TYPING_NOTHING;
}

static void find_aim(struct view *view, struct slice what)
{
	(void)set_filter((struct find *)view, what);
	((struct find *)view)->started = ((struct find *)view)->shown;
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
	table_layout(&me->table, rows->first, (size_t)batches_count(rows), height - TOP_HEIGHT - 1);
	if (me->shown && me->started)
		paged_follow(&me->paged, &me->table);
}

static struct slice cell_text(const struct find *me, int64_t number, size_t column)
{
	size_t row;
	const struct rows *rows = batches_at(&me->paged.rows, number, &row);

	return rows_text(rows, row, rows_col(rows, column_names[column]));
}

static void draw_state(struct slice state, const struct canvas *canvas)
{
	enum role role = role_of_state(state);
	int x = canvas_glyph(canvas, 0, 0, role);

	canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width, role, state);
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct find *me = ctx;
	size_t row;
	const struct rows *rows = batches_at(&me->paged.rows, number, &row);
	size_t at = rows_col(rows, column_names[column]);
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	switch ((enum column_id)column) {
	case COL_STATE:
		draw_state(rows_text(rows, row, at), canvas);
		return;
	case COL_AT:
		format_age(&text, me->now_us - rows_time(rows, row, at));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&text));
		return;
	case COL_ATTEMPTS:
		format_count(&text, rows_int(rows, row, at));
		canvas_right(canvas, 0, 0, canvas->width, ROLE_TEXT, str_slice(&text));
		return;
	default:
		canvas_text(canvas, 0, 0, canvas->width,
			column == COL_CORRELATION ? ROLE_DIM : ROLE_TEXT, rows_text(rows, row, at));
	}
}

static struct slice row_id(const void *ctx, int64_t number)
{
	size_t row;
	const struct rows *rows = batches_at(&((const struct find *)ctx)->paged.rows, number, &row);

	return rows_text(rows, row, rows_col(rows, "place"));
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (i == COL_AT || i == COL_ATTEMPTS)
			continue;
		str_add(out, cell_text(ctx, number, i));
		str_addc(out, ' ');
	}
}

static struct table_rows rows_of(const struct find *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, row_id, row_text, me};
}

static void draw_top(const struct find *me, const struct canvas *canvas)
{
	struct canvas top = canvas_sub(canvas, 0, 0, canvas->width, TOP_HEIGHT);
	CLEANUP(str_done)
	struct str key = STR_INIT(64);
	int x;

	if (me->typing != TYPING_NOTHING) {
		prompt_draw(&me->prompt, &top, 0);
		return;
	}
	if (me->line.len) {
		x = canvas_text(&top, 1, 0, top.width - 1, ROLE_HINT_KEY, SLICE("&"));
		canvas_text(&top, x + 2, 0, top.width - x - 2, ROLE_TEXT, str_slice(&me->line));
		return;
	}
	keymap_key_of(me->view.env->keymap, CONTEXT_FIND, ACTION_FILTER, &key);
	canvas_printf(&top, 1, 0, top.width - 1, ROLE_DIM,
		"everything in your scope, the newest first; %s narrows it", str_cstr(&key));
}

static const char *why_empty(const struct find *me)
{
	if (me->paged.err.code)
		return me->paged.err.text;
	if (!me->paged.asked_once)
		return "asking the store";
	return me->line.len ? "nothing that you may see is left by this filter"
			    : "there is no transaction that you may see";
}

static void find_draw(const struct view *view, const struct canvas *canvas)
{
	const struct find *me = (const struct find *)view;
	struct canvas list =
		canvas_sub(canvas, 0, TOP_HEIGHT, canvas->width, canvas->height - TOP_HEIGHT);
	struct table_rows rows = rows_of(me);

	if (me->table.n)
		table_draw(&me->table, &list, &rows);
	else
		canvas_text(&list, 1, 1, list.width - 2, me->paged.err.code ? ROLE_ERROR : ROLE_DIM,
			slice_of(why_empty(me)));
	draw_top(me, canvas);
}

static void open_row(struct find *me)
{
	if (me->table.n)
		me->view.env->go(me->view.env->ctx, "transaction", row_id(me, me->table.cursor));
}

static bool find_act(struct view *view, enum action action)
{
	struct find *me = (struct find *)view;
	struct table_rows rows = rows_of(me);

	switch (action) {
	case ACTION_FILTER:
		type_filter(me);
		return true;
	case ACTION_FILTER_SAVE:
		type_name(me);
		return true;
	case ACTION_OPEN:
		open_row(me);
		return true;
	case ACTION_REFRESH:
		restart(me);
		return true;
	case ACTION_CANCEL:
		paged_cancel(&me->paged);
		return me->paged.ticket != 0;
	default:
		return table_act(&me->table, &rows, action);
	}
}

static void find_status(const struct view *view, struct str *out)
{
	const struct find *me = (const struct find *)view;

	if (!me->paged.asked_once)
		return;
	paged_count(&me->paged, out);
	str_adds(out, " · newest first");
	table_status(&me->table, out);
	str_adds(out, " · took ");
	format_took(out, me->paged.took_us);
	if (me->paged.err.code && me->table.n)
		str_addf(out, " · %s", me->paged.err.text);
}

static bool find_settled(const struct view *view)
{
	const struct find *me = (const struct find *)view;

	return me->paged.asked_once || me->paged.err.code;
}

static struct table *find_table(struct view *view, struct table_rows *ret_rows)
{
	*ret_rows = rows_of((struct find *)view);
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
