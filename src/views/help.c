/* The help: every act that can be done in the view that was left, with its live keys.
 * All of it comes from the table of acts and the keymap.
 * Opened by the app. */
#include "base/mem.h"
#include "ui/table.h"
#include "ui/view.h"
#include "views/views.h"
#include <stdlib.h>

enum column_id {
	COL_KEYS,
	COL_WHAT,
	COL_LIMITS,
	COL_NAME,
	COL_WHERE,
};

static const struct table_column columns[] = {
	[COL_KEYS] = {"keys", 12, 20, 0, false},
	[COL_WHAT] = {"what it does", 20, 50, 0, false},
	[COL_LIMITS] = {"who, and what it asks", 10, 30, 100, false},
	[COL_NAME] = {"name", 16, 18, 60, false},
	[COL_WHERE] = {"where", 8, 12, 90, false},
};

struct help {
	struct view view;
	struct table table;
	enum action acts[ACTION_N]; /* those that mean something in the view behind */
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

/* What is particular to a view stands first. */
static void help_show(struct view *view, bool shown)
{
	struct help *me = (struct help *)view;

	if (!shown)
		return;
	me->n = 0;
	me->table.cursor = 0;
	for (enum context at = view->env->behind;; at = context_info(at)->parent) {
		for (size_t i = 1; i < ACTION_N; i++)
			if (action_info((enum action)i)->context == at)
				me->acts[me->n++] = (enum action)i;
		if (context_info(at)->parent == at)
			return;
	}
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

static void draw_limits(const struct help *me, const struct action_info *info,
	const struct canvas *canvas)
{
	CLEANUP(str_done) struct str limits = STR_INIT(256), why = STR_INIT(256);
	bool refused = action_refused(info, &me->view.env->actor, &why);

	action_limits(info, &limits);
	canvas_text(canvas, 0, 0, canvas->width, refused ? ROLE_WARNING : ROLE_DIM,
		str_slice(&limits));
}

static void draw_cell(const void *ctx, int64_t row, size_t column, const struct canvas *canvas)
{
	const struct help *me = ctx;
	enum action action = me->acts[row];
	const struct action_info *info = action_info(action);
	CLEANUP(str_done) struct str keys = STR_INIT(1024);
	struct keys_of of = {action, &keys};

	switch ((enum column_id)column) {
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

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	const struct action_info *info = action_info(((const struct help *)ctx)->acts[row]);

	str_addf(out, "%s %s ", info->name, info->help);
	action_limits(info, out);
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
