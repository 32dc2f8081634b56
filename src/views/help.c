/* The help: every act that can be done in the view that was left, with its live keys; and what can be
 * typed, what filters know, how states look, what this terminal can.
 * All of it comes from the tables that the program runs on.
 * Opened by the app. */
#include "base/mem.h"
#include "model/filter.h"
#include "ui/table.h"
#include "ui/view.h"
#include "views/views.h"
#include <stdlib.h>
#include <string.h>

enum column_id {
	COL_KEYS,
	COL_WHAT,
	COL_LIMITS,
	COL_NAME,
	COL_WHERE,
};

static const struct table_column columns[] = {
	[COL_KEYS] = {"keys", 12, 20, 0, false},
	[COL_WHAT] = {"what it does", 20, 64, 0, false},
	[COL_LIMITS] = {"who, and what it asks", 10, 30, 100, false},
	[COL_NAME] = {"name", 16, 18, 60, false},
	[COL_WHERE] = {"where", 8, 12, 90, false},
};

enum row_kind {
	ROW_TITLE,
	ROW_ACT,
	ROW_COMMAND,
	ROW_FIELD,
	ROW_STATE,
	ROW_TERMINAL,
};

struct help_row {
	enum row_kind kind;
	size_t at; /* an action, a command, a field, a role, a fact of the terminal */
};

#define FACTS_N 4
#define ROWS_MAX (ACTION_N + COMMAND_N + FILTER_N_FIELDS + ROLE_N + FACTS_N + 4)

static const char *const titles[] = {
	"Lines behind :", "States, and their signs", "This terminal", "Words of a filter"};

struct help {
	struct view view;
	struct table table;
	struct help_row rows[ROWS_MAX];
	size_t n;
};

static struct view *help_open(const struct view_env *env)
{
	struct help *me = NEW(struct help);

	me->view = (struct view){&view_help, env};
	return &me->view;
}

static void help_close(struct view *view)
{
	free(view);
}

static void add_row(struct help *me, enum row_kind kind, size_t at)
{
	me->rows[me->n++] = (struct help_row){kind, at};
}

/* What is particular to a view stands first. */
static void add_acts(struct help *me)
{
	for (enum context at = me->view.env->behind;; at = context_info(at)->parent) {
		for (size_t i = 1; i < ACTION_N; i++)
			if (action_info((enum action)i)->context == at)
				add_row(me, ROW_ACT, i);
		if (context_info(at)->parent == at)
			return;
	}
}

static void add_rest(struct help *me)
{
	static const struct {
		enum row_kind kind;
		size_t from, to;
	} parts[ARRAY_LEN(titles)] = {
		{ROW_COMMAND, 0, COMMAND_N},
		{ROW_STATE, ROLE_STATE_OK, ROLE_N},
		{ROW_TERMINAL, 0, FACTS_N},
		{ROW_FIELD, 0, FILTER_N_FIELDS},
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		add_row(me, ROW_TITLE, i);
		for (size_t at = parts[i].from; at < parts[i].to; at++)
			add_row(me, parts[i].kind, at);
	}
}

static void help_show(struct view *view, bool shown)
{
	struct help *me = (struct help *)view;

	if (!shown)
		return;
	me->n = 0;
	me->table.cursor = 0;
	add_acts(me);
	add_rest(me);
}

static void help_store_up(struct view *view, bool up)
{
	(void)view;
	(void)up;
}

static void help_layout(struct view *view, int width, int height)
{
	struct help *me = (struct help *)view;

	(void)width;
	table_layout(&me->table, 0, me->n, height - 1);
}

struct keys_of {
	enum action action;
	struct str *out;
};

static void add_key(void *ctx, const struct binding *binding)
{
	struct keys_of *of = ctx;

	if (binding->action != of->action)
		return;
	if (of->out->len)
		str_adds(of->out, "  ");
	binding_name(binding, of->out);
}

static void draw_limits(
	const struct help *me, const struct action_info *info, const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str limits = STR_INIT(256), why = STR_INIT(256);
	bool refused = action_refused(info, &me->view.env->actor, &why);

	action_limits(info, &limits);
	canvas_text(
		canvas, 0, 0, canvas->width, refused ? ROLE_WARNING : ROLE_DIM, str_slice(&limits));
}

static void draw_act(const struct help *me, enum action action, enum column_id column,
	const struct canvas *canvas)
{
	const struct action_info *info = action_info(action);
	CLEANUP(str_done)
	struct str keys = STR_INIT(1024);
	struct keys_of of = {action, &keys};

	switch (column) {
	case COL_KEYS:
		keymap_each(me->view.env->keymap, me->view.env->behind, add_key, &of);
		canvas_text(canvas, 0, 0, canvas->width, keys.len ? ROLE_HINT_KEY : ROLE_DIM,
			keys.len ? str_slice(&keys) : SLICE("not bound"));
		break;
	case COL_WHAT:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_TEXT, slice_of(info->help));
		break;
	case COL_LIMITS:
		draw_limits(me, info, canvas);
		break;
	case COL_NAME:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, slice_of(info->name));
		break;
	case COL_WHERE:
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM,
			slice_of(context_info(info->context)->name));
		break;
	}
}

/* A fact of the terminal, and what it is. */
static void add_fact(const struct help *me, size_t fact, struct str *what, struct str *is)
{
	static const char *const names[FACTS_N] = {"TERM", "colours", "lines", "letters"};
	static const char *const lines[] = {[LINES_UTF8] = "from the character set",
		[LINES_ACS] = "the terminal's own",
		[LINES_ASCII] = "made of ASCII"};
	const struct screen_caps *can = me->view.env->terminal;

	str_adds(what, names[fact]);
	if (!can || !can->term[0]) {
		str_adds(is, "no terminal");
	} else if (fact == 0) {
		str_adds(is, can->warning[0] ? can->warning : can->term);
	} else if (fact == 1) {
		if (!can->colours)
			str_adds(is, "none");
		else if (can->colours > 256)
			str_adds(is, "direct");
		else
			str_addf(is, "%d", can->colours);
	} else {
		str_adds(is, fact == 2 ? lines[can->lines] : can->utf8 ? "UTF-8" : "ASCII");
	}
}

/* What stands in the first two columns of a row that is no act. */
static void add_pair(
	const struct help *me, const struct help_row *row, struct str *what, struct str *is)
{
	switch (row->kind) {
	case ROW_COMMAND:
		str_addf(what, ":%s %s", command_info((enum command)row->at)->name,
			command_info((enum command)row->at)->argument);
		str_adds(is, command_info((enum command)row->at)->help);
		break;
	case ROW_FIELD:
		str_adds(what, filter_field((enum filter_field)row->at)->name);
		str_adds(is, filter_field((enum filter_field)row->at)->help);
		break;
	case ROW_STATE: /* "state.dead" */
		str_adds(what, strchr(role_name((enum role)row->at), '.') + 1);
		str_adds(is, role_help((enum role)row->at));
		break;
	case ROW_TERMINAL:
		add_fact(me, row->at, what, is);
		break;
	case ROW_TITLE:
		str_adds(is, titles[row->at]);
		break;
	case ROW_ACT:
		break;
	}
}

static void draw_pair(const struct help *me, const struct help_row *row, enum column_id column,
	const struct canvas *canvas)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(256), is = STR_INIT(1024);
	enum role role = row->kind == ROW_STATE ? (enum role)row->at : ROLE_KEY;
	int x = 0;

	add_pair(me, row, &what, &is);
	if (column == COL_KEYS) {
		if (row->kind == ROW_STATE)
			x = canvas_glyph(canvas, 0, 0, role);
		canvas_text(canvas, x ? x + 1 : 0, 0, canvas->width - x, role, str_slice(&what));
	} else if (column == COL_WHAT) {
		canvas_text(canvas, 0, 0, canvas->width,
			row->kind == ROW_TITLE ? ROLE_STRONG : ROLE_TEXT, str_slice(&is));
	}
}

static void draw_cell(const void *ctx, int64_t number, size_t column, const struct canvas *canvas)
{
	const struct help *me = ctx;
	const struct help_row *row = &me->rows[number];

	if (row->kind == ROW_ACT)
		draw_act(me, (enum action)row->at, (enum column_id)column, canvas);
	else
		draw_pair(me, row, (enum column_id)column, canvas);
}

static void row_text(const void *ctx, int64_t number, struct str *out)
{
	const struct help *me = ctx;
	const struct help_row *row = &me->rows[number];
	CLEANUP(str_done)
	struct str is = STR_INIT(1024);

	if (row->kind == ROW_ACT) {
		const struct action_info *info = action_info((enum action)row->at);

		str_addf(out, "%s %s ", info->name, info->help);
		action_limits(info, out);
		return;
	}
	add_pair(me, row, out, &is);
	str_addf(out, " %s", str_cstr(&is));
}

static struct table_rows rows_of(const struct help *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

static void help_draw(const struct view *view, const struct canvas *canvas)
{
	const struct help *me = (const struct help *)view;

	struct table_rows rows = rows_of(me);

	table_draw(&me->table, canvas, &rows);
}

static bool help_act(struct view *view, enum action action)
{
	struct help *me = (struct help *)view;
	struct table_rows rows = rows_of(me);

	return table_act(&me->table, &rows, action);
}

static void help_status(const struct view *view, struct str *out)
{
	str_addf(out, "keys in %s; a line \"KEY = NAME\" in your keymap changes one",
		context_info(view->env->behind)->name);
}

static bool help_settled(const struct view *view)
{
	(void)view;
	return true;
}

static struct table *help_table(struct view *view, struct table_rows *ret_rows)
{
	struct help *me = (struct help *)view;

	*ret_rows = rows_of(me);
	return &me->table;
}

const struct view_ops view_help = {
	.name = "help",
	.title = "Help",
	.context = CONTEXT_HELP,
	.open = help_open,
	.close = help_close,
	.show = help_show,
	.store_up = help_store_up,
	.layout = help_layout,
	.draw = help_draw,
	.act = help_act,
	.status = help_status,
	.table = help_table,
	.settled = help_settled,
};
