/* Odoo: how it does, which models interfaces touch, what runs by itself there and a record by its
 * reference or external id. One section at a time; only that one is asked for.
 * Health is the worker's and comes from the store; the rest is asked of Odoo itself.
 * Opened by the app; aimed at a reference. */
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "odoo_part.h"
#include "views/views.h"
#include <stdlib.h>

#define TOP_HEIGHT 2
#define NAMES_PERIOD_US (300 * S_US)
#define USUAL_MODELS "purchase.order,account.move,res.partner,stock.picking,product.product"

static struct odoo_view *of(struct view *view)
{
	return (struct odoo_view *)view;
}

static struct panel *current(struct odoo_view *me)
{
	return &me->panels[me->section];
}

/* ---- life ---- */

static struct view *odoo_open(const struct view_env *env)
{
	struct odoo_view *me = NEW(struct odoo_view);

	me->view = (struct view){&view_odoo, env};
	me->models = STR_INIT(4096);
	me->wanted = STR_INIT(PROMPT_MAX);
	for (size_t i = 0; i < SECTION_N; i++) {
		me->panels[i] = (struct panel){.env = env,
			.question = odoo_sections[i].question,
			.params = me->list_params,
			.n_params = i != SECTION_HEALTH && i != SECTION_RUNS,
			.period_us = odoo_sections[i].period_us};
		panel_open(&me->panels[i]);
	}
	me->names = (struct panel){.env = env,
		.question = "odoo-models",
		.params = me->list_params,
		.n_params = 1,
		.period_us = NAMES_PERIOD_US};
	panel_open(&me->names);
	me->panels[SECTION_FOUND].params = me->find_params;
	me->panels[SECTION_FOUND].n_params = 3;
	odoo_choice_open(me);
	odoo_hooks_open(me);
	return &me->view;
}

static void odoo_close(struct view *view)
{
	struct odoo_view *me = of(view);

	for (size_t i = 0; i < SECTION_N; i++) {
		panel_close(&me->panels[i]);
		table_done(&me->tables[i]);
	}
	panel_close(&me->names);
	odoo_choice_close(me);
	panel_close(&me->hooks);
	source_drop(view->env->source, me->ticket);
	prompt_done(&me->prompt);
	str_done(&me->models);
	str_done(&me->wanted);
	free(me);
}

static void show_section(struct odoo_view *me, bool shown)
{
	if (me->section != SECTION_FOUND || me->wanted.len || !shown)
		panel_show(current(me), shown);
	if (me->section == SECTION_MODELS)
		panel_show(&me->names, shown);
	if (me->section == SECTION_AUTOMATIONS)
		panel_show(&me->hooks, shown);
}

static void odoo_show(struct view *view, bool shown)
{
	of(view)->is_shown = shown;
	if (!shown)
		of(view)->typing = TYPING_NOTHING;
	panel_show(&of(view)->systems, shown);
	show_section(of(view), shown);
}

static void go_section(struct odoo_view *me, enum section section)
{
	if (section == me->section)
		return;
	if (me->is_shown)
		show_section(me, false);
	me->section = section;
	if (me->is_shown)
		show_section(me, true);
}

static void odoo_store_up(struct view *view, bool up)
{
	struct odoo_view *me = of(view);

	if (up && current(me)->shown)
		panel_ask(current(me));
}

/* ---- a record by its name ---- */

/* The models that interfaces touch, and the usual ones. */
static void list_models(struct odoo_view *me)
{
	const struct rows *rows = me->panels[SECTION_MODELS].rows;

	str_reset(&me->models);
	for (size_t i = 0; rows && i < rows_count(rows); i++) {
		str_add(&me->models, rows_text(rows, i, rows_col(rows, "model")));
		str_addc(&me->models, ',');
	}
	if (!me->models.len)
		str_adds(&me->models, USUAL_MODELS);
}

static void find(struct odoo_view *me, struct slice what)
{
	struct panel *panel = &me->panels[SECTION_FOUND];

	list_models(me);
	str_reset(&me->wanted);
	str_add(&me->wanted, slice_trim(what));
	me->find_params[0] = str_cstr(&me->models);
	me->find_params[1] = str_cstr(&me->wanted);
	panel_cancel(panel);
	panel_forget(panel);
	if (me->section == SECTION_FOUND && me->is_shown && me->wanted.len) {
		panel->shown = true;
		panel_ask(panel);
	} else {
		go_section(me, SECTION_FOUND);
	}
}

static void odoo_aim(struct view *view, struct slice what)
{
	find(of(view), what);
}

/* ---- a comparison ---- */

static void on_asked(void *ctx, const struct reply *reply)
{
	struct odoo_view *me = ctx;
	const struct view_env *env = me->view.env;
	const struct rows *rows = reply->rows;
	CLEANUP(str_done)
	struct str words = STR_INIT(600);

	if (reply->kind == REPLY_ROWS)
		return;
	me->ticket = 0;
	if (reply->kind == REPLY_FAILED || !rows_count(rows)) {
		env->say(env->ctx, ROLE_ERROR,
			reply->err ? reply->err->text : "the store gave no answer");
	} else if (slice_eq_str(rows_text(rows, 0, rows_col(rows, "code")), "done")) {
		str_addf(&words, "%lld", (long long)rows_int(rows, 0, rows_col(rows, "id")));
		env->go(env->ctx, "reconcile", str_slice(&words));
	} else {
		str_add(&words, rows_text(rows, 0, rows_col(rows, "message")));
		env->say(env->ctx, ROLE_ERROR, str_cstr(&words));
	}
}

/* "po-in 7d": an interface, and how far back; a day where nothing is said. */
static bool read_back(struct slice word, int64_t *ret_us)
{
	int64_t n = 24, unit = 3600;

	if (word.len && word.at[word.len - 1] == 'd')
		unit = 24 * 3600;
	else if (word.len && word.at[word.len - 1] != 'h')
		return false;
	if (word.len && slice_to_i64(slice_head(word, word.len - 1), 1, 2400, &n) < 0)
		return false;
	*ret_us = n * unit * S_US;
	return true;
}

static void reconcile(struct odoo_view *me, struct slice line)
{
	CLEANUP(str_done)
	struct str code = STR_INIT(256), since = STR_INIT(64), upto = STR_INIT(64);
	const struct view_env *env = me->view.env;
	int64_t now_us = clock_wall_us(loop_clock(env->loop)), back_us;
	struct slice word, rest = SLICE_NONE;
	const char *params[3];

	if (!slice_word(&line, &word) || me->ticket)
		return;
	str_add(&code, word);
	(void)slice_word(&line, &rest);
	if (!read_back(rest, &back_us)) {
		env->say(env->ctx, ROLE_ERROR,
			"how far back is a number with h or d, as in 24h or 7d");
		return;
	}
	str_addf(&since, "%lld", (long long)((now_us - back_us) / S_US));
	str_addf(&upto, "%lld", (long long)(now_us / S_US));
	params[0] = str_cstr(&code);
	params[1] = str_cstr(&since);
	params[2] = str_cstr(&upto);
	me->ticket = source_ask(env->source, &(struct ask){.question = "reconcile-ask",
						     .params = params,
						     .n_params = 3,
						     .reply = on_asked,
						     .ctx = me});
}

static bool odoo_input(struct view *view, const struct input *input)
{
	struct odoo_view *me = of(view);
	CLEANUP(str_done)
	struct str text = STR_INIT(PROMPT_MAX), choices = STR_INIT(64);
	enum action action = ACTION_NONE;
	bool empty = !me->prompt.text.len;

	if (!me->typing)
		return false;
	if (input->kind == INPUT_PASTE) {
		prompt_type(&me->prompt, input->paste);
		return true;
	}
	keymap_lookup(view->env->keymap, CONTEXT_PROMPT, &input->key, 1, &action);
	if (action == ACTION_NONE) {
		prompt_type_key(&me->prompt, input->key);
	} else if (action == ACTION_PROMPT_ACCEPT) {
		str_add(&text, str_slice(&me->prompt.text));
		prompt_keep(&me->prompt);
		if (me->typing == TYPING_RECORD)
			find(me, str_slice(&text));
		else
			reconcile(me, str_slice(&text));
		me->typing = TYPING_NOTHING;
	} else if (action == ACTION_PROMPT_GIVE_UP || (action == ACTION_PROMPT_RUBOUT && empty)) {
		me->typing = TYPING_NOTHING;
	} else {
		prompt_act(&me->prompt, action, &choices);
	}
	return true;
}

/* ---- the screen ---- */

static void odoo_layout(struct view *view, int width, int height)
{
	struct odoo_view *me = of(view);
	const struct rows *rows = current(me)->rows;

	(void)width;
	me->now_us = clock_wall_us(loop_clock(view->env->loop));
	table_layout(&me->tables[me->section], 0, rows ? rows_count(rows) : 0,
		height - TOP_HEIGHT - 1 - odoo_hooks_height(me, height - TOP_HEIGHT));
}

static void draw_top(const struct odoo_view *me, const struct canvas *canvas)
{
	int x = 1;

	if (me->typing) {
		struct canvas top = canvas_sub(canvas, 0, 0, canvas->width, 1);

		prompt_draw(&me->prompt, &top, 0);
		return;
	}
	for (size_t i = 0; i < SECTION_N; i++)
		x += canvas_text(canvas, x, 0, canvas->width - x,
			     i == me->section ? ROLE_TAB_ACTIVE : ROLE_TAB,
			     slice_of(odoo_sections[i].title)) +
		     2;
	odoo_choice_draw(me, canvas);
}

static void odoo_draw(const struct view *view, const struct canvas *canvas)
{
	const struct odoo_view *me = (const struct odoo_view *)view;
	const struct panel *panel = &me->panels[me->section];
	int hooks = odoo_hooks_height(me, canvas->height - TOP_HEIGHT);
	struct canvas below = canvas_sub(
		canvas, 0, TOP_HEIGHT, canvas->width, canvas->height - TOP_HEIGHT - hooks);
	struct canvas foot = canvas_sub(canvas, 0, canvas->height - hooks, canvas->width, hooks);
	struct table_rows rows = odoo_rows_of(me);

	draw_top(me, canvas);
	if (hooks)
		odoo_hooks_draw(me, &foot);
	if (!panel->rows)
		canvas_text(&below, 1, 0, below.width - 2, ROLE_DIM,
			panel->err.code ? slice_of(panel->err.text)
			: me->section == SECTION_FOUND && !me->wanted.len
				? SLICE("a reference or an external id finds a record")
				: SLICE("asking"));
	else if (!rows_count(panel->rows))
		canvas_text(&below, 1, 0, below.width - 2, ROLE_DIM,
			slice_of(odoo_sections[me->section].empty));
	else if (me->section == SECTION_HEALTH)
		odoo_draw_health(me, &below);
	else
		table_draw(&me->tables[me->section], &below, &rows);
}

static void odoo_status(const struct view *view, struct str *out)
{
	const struct odoo_view *me = (const struct odoo_view *)view;
	const struct panel *panel = &me->panels[me->section];
	CLEANUP(str_done)
	struct str said = STR_INIT(600);

	if (panel->rows && me->section != SECTION_HEALTH)
		format_count(out, (int64_t)rows_count(panel->rows));
	if (me->section == SECTION_FOUND && me->wanted.len)
		str_addf(out, "%sfor \"%s\"", out->len ? " " : "", str_cstr(&me->wanted));
	panel_status(panel, &said);
	if (said.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&said));
}

/* ---- acts ---- */

static struct slice cell(struct odoo_view *me, const char *column)
{
	const struct rows *rows = current(me)->rows;

	return rows_text(rows, (size_t)me->tables[me->section].cursor, rows_col(rows, column));
}

static void open_row(struct odoo_view *me)
{
	const struct view_env *env = me->view.env;
	const struct rows *rows = current(me)->rows;
	size_t row = (size_t)me->tables[me->section].cursor;
	CLEANUP(str_done)
	struct str what = STR_INIT(1024);
	struct slice rest, word;

	if (!rows || !rows_count(rows))
		return;
	if (me->section == SECTION_FOUND) {
		str_addf(&what, "%.*s,%lld%s%s", SLICE_ARG(cell(me, "model")),
			(long long)rows_int(rows, row, rows_col(rows, "id")),
			me->system.len ? " " : "", str_cstr(&me->system));
		env->go(env->ctx, "record", str_slice(&what));
	} else if (me->section == SECTION_MODELS) {
		rest = cell(me, "interfaces");
		if (slice_word(&rest, &word))
			env->go(env->ctx, "interface", word);
	} else if (me->section == SECTION_RUNS) {
		str_addf(&what, "%lld", (long long)rows_int(rows, row, rows_col(rows, "id")));
		env->go(env->ctx, "reconcile", str_slice(&what));
	}
}

static bool odoo_act(struct view *view, enum action action)
{
	struct odoo_view *me = of(view);
	struct table_rows rows = odoo_rows_of(me);

	switch (action) {
	case ACTION_SHOW_HEALTH:
	case ACTION_SHOW_MODELS:
	case ACTION_SHOW_CRONS:
	case ACTION_SHOW_AUTOMATIONS:
	case ACTION_SHOW_QUEUE:
	case ACTION_SHOW_RUNS:
		go_section(me, action == ACTION_SHOW_HEALTH        ? SECTION_HEALTH
			       : action == ACTION_SHOW_MODELS      ? SECTION_MODELS
			       : action == ACTION_SHOW_CRONS       ? SECTION_CRONS
			       : action == ACTION_SHOW_AUTOMATIONS ? SECTION_AUTOMATIONS
			       : action == ACTION_SHOW_QUEUE       ? SECTION_QUEUE
								   : SECTION_RUNS);
		return true;
	case ACTION_ODOO_NEXT:
		odoo_choice_next(me);
		return true;
	case ACTION_FIND_RECORD:
		me->typing = TYPING_RECORD;
		prompt_open(&me->prompt, "record ");
		return true;
	case ACTION_RECONCILE_ASK:
		me->typing = TYPING_INTERFACE;
		prompt_open(&me->prompt, "reconcile (interface, and how far back: 24h, 7d) ");
		return true;
	case ACTION_OPEN:
		open_row(me);
		return true;
	case ACTION_REFRESH:
		panel_ask(current(me));
		return true;
	case ACTION_CANCEL:
		panel_cancel(current(me));
		return current(me)->ticket != 0;
	default:
		return me->section != SECTION_HEALTH &&
		       table_act(&me->tables[me->section], &rows, action);
	}
}

static struct table *odoo_table(struct view *view, struct table_rows *ret_rows)
{
	struct odoo_view *me = of(view);

	*ret_rows = odoo_rows_of(me);
	return &me->tables[me->section];
}

static bool odoo_settled(const struct view *view)
{
	const struct odoo_view *me = (const struct odoo_view *)view;
	const struct panel *panel = &me->panels[me->section];

	return panel->rows || panel->err.code || (me->section == SECTION_FOUND && !me->wanted.len);
}

const struct view_ops view_odoo = {
	.name = "odoo",
	.title = "Odoo",
	.context = CONTEXT_ODOO,
	.open = odoo_open,
	.close = odoo_close,
	.show = odoo_show,
	.aim = odoo_aim,
	.store_up = odoo_store_up,
	.layout = odoo_layout,
	.draw = odoo_draw,
	.act = odoo_act,
	.input = odoo_input,
	.status = odoo_status,
	.table = odoo_table,
	.settled = odoo_settled,
};
