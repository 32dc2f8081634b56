/* The SLA view: how each interface stands against what is promised of it, worst first; and the page of
 * one, over a window that a person chooses.
 * Objectives, burn rates and states are the store's.
 * Opened by the app; aimed by `:sla po-out 7d` and by other views. */
#include "base/mem.h"
#include "model/format.h"
#include "sla_part.h"
#include "standing.h"
#include "views/views.h"
#include <stdlib.h>

#define LIST_PERIOD_US (5 * S_US)
#define PAGE_PERIOD_US (10 * S_US)
#define DETAIL_FROM 12
#define WINDOW "24h"
#define WINDOW_S "86400"

static struct sla *of(struct view *view)
{
	return (struct sla *)view;
}

bool sla_row(const struct sla *me, size_t *ret_row)
{
	for (size_t i = 0; me->all && i < rows_count(me->all); i++) {
		if (slice_eq(rows_text(me->all, i, rows_col(me->all, "interface")),
			    str_slice(&me->code))) {
			*ret_row = i;
			return true;
		}
	}
	return false;
}

static bool is_meant(void *ctx, const struct rows *rows, size_t row)
{
	return slice_eq(rows_text(rows, row, rows_col(rows, "state")),
		str_slice(&((struct sla *)ctx)->only));
}

/* The list shows those in the state that is asked for; the page needs its own, whatever that is. */
static void on_list(void *ctx, const struct rows *rows)
{
	struct sla *me = ctx;

	rows_unref((struct rows *)me->all);
	me->all = rows_ref(rows);
	if (me->only.len) {
		rows_unref(me->list.rows);
		me->list.rows = rows_filter(rows, is_meant, me);
	}
	sheet_answered(&me->sheet, me->view.env->loop, me->list.rows);
	if (me->code.len)
		sla_page_make(me);
}

static void on_page(void *ctx, const struct rows *rows)
{
	(void)rows;
	sla_page_make(ctx);
}

/* ---- life ---- */

static const struct {
	const char *name;
	size_t from, n; /* of params: the interface, the window in seconds */
} questions[SLA_QUESTIONS] = {
	[SLA_BURN] = {"burn", 0, 1},
	[SLA_OBJECTIVES] = {"objectives", 0, 1},
	[SLA_REACH] = {"rollup-reach", 1, 1},
	[SLA_COUNTS] = {"sla", 0, 2},
	[SLA_FACILITIES] = {"sla-facilities", 0, 2},
};

void sla_ask(struct sla *me)
{
	panel_ask(&me->list);
	for (size_t i = 0; me->code.len && i < SLA_QUESTIONS; i++)
		panel_ask(&me->panels[i]);
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	(void)done;
	(void)id;
	sla_ask(ctx);
}

static struct view *sla_open(const struct view_env *env)
{
	struct sla *me = NEW(struct sla);

	me->view = (struct view){&view_sla, env};
	me->only = STR_INIT(32);
	me->code = STR_INIT(256);
	me->window = STR_INIT(32);
	me->seconds = STR_INIT(32);
	str_adds(&me->window, WINDOW);
	str_adds(&me->seconds, WINDOW_S);
	me->list = (struct panel){.env = env,
		.question = "standings",
		.period_us = LIST_PERIOD_US,
		.answered = on_list,
		.ctx = me};
	me->sheet = sla_sheet;
	me->sheet.panel = &me->list;
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	sheet_open(&me->sheet);
	panel_open(&me->list);
	for (size_t i = 0; i < SLA_QUESTIONS; i++) {
		me->panels[i] = (struct panel){.env = env,
			.question = questions[i].name,
			.params = me->params + questions[i].from,
			.n_params = questions[i].n,
			.period_us = PAGE_PERIOD_US,
			.answered = on_page,
			.ctx = me};
		panel_open(&me->panels[i]);
	}
	return &me->view;
}

static void sla_close(struct view *view)
{
	struct sla *me = of(view);

	deed_done(&me->deed);
	for (size_t i = 0; i < SLA_QUESTIONS; i++)
		panel_close(&me->panels[i]);
	panel_close(&me->list);
	rows_unref((struct rows *)me->all);
	sheet_done(&me->sheet);
	sla_page_clear(me);
	free(me->lines);
	str_done(&me->only);
	str_done(&me->code);
	str_done(&me->window);
	str_done(&me->seconds);
	free(me);
}

static void show_page(struct sla *me, bool shown)
{
	me->params[0] = str_cstr(&me->code);
	me->params[1] = str_cstr(&me->seconds);
	for (size_t i = 0; i < SLA_QUESTIONS; i++)
		panel_show(&me->panels[i], shown);
}

static void sla_show(struct view *view, bool shown)
{
	struct sla *me = of(view);

	me->is_shown = shown;
	panel_show(&me->list, shown);
	if (me->code.len)
		show_page(me, shown);
}

static void sla_store_up(struct view *view, bool up)
{
	if (up && of(view)->is_shown)
		sla_ask(of(view));
}

/* ---- list, page, window ---- */

static void set(struct str *str, struct slice to)
{
	str_reset(str);
	str_add(str, to);
}

void sla_leave(struct sla *me)
{
	show_page(me, false);
	for (size_t i = 0; i < SLA_QUESTIONS; i++)
		panel_forget(&me->panels[i]);
	str_reset(&me->code);
	sla_page_clear(me);
}

void sla_enter(struct sla *me, struct slice code)
{
	CLEANUP(mem_freep)
	char *kept = mem_dup(code.at, code.len); /* it may lie in what is let go */

	sla_leave(me);
	set(&me->code, slice_of(kept));
	me->top = 0;
	sla_page_make(me);
	if (me->is_shown)
		show_page(me, true);
}

static void set_window(struct sla *me, struct slice window, int64_t seconds)
{
	bool page = me->is_shown && me->code.len;

	if (page)
		show_page(me, false);
	set(&me->window, window);
	str_reset(&me->seconds);
	str_addf(&me->seconds, "%lld", (long long)seconds);
	for (size_t i = SLA_REACH; i < SLA_QUESTIONS; i++)
		panel_forget(&me->panels[i]);
	sla_page_make(me);
	if (page)
		show_page(me, true);
}

void sla_only(struct sla *me, struct slice state)
{
	if (slice_eq(state, str_slice(&me->only)))
		return;
	set(&me->only, state);
	panel_forget(&me->list);
	if (me->is_shown)
		panel_ask(&me->list);
}

static void sla_aim(struct view *view, struct slice what)
{
	struct sla *me = of(view);
	struct sla_words words;
	struct err err = ERR_INIT;

	if (sla_words_parse(what, &words, &err) < 0) {
		me->view.env->say(me->view.env->ctx, ROLE_ERROR, err.text);
		return;
	}
	if (words.window_s)
		set_window(me, words.window, words.window_s);
	if (words.interface.len) {
		sla_enter(me, words.interface);
	} else if (words.state.at) {
		sla_leave(me);
		sla_only(me, words.state);
	}
}

void sla_next_window(struct sla *me)
{
	struct sla_words words = {0};
	struct err err = ERR_INIT;

	(void)sla_words_parse(slice_of(sla_window_after(str_slice(&me->window))), &words, &err);
	set_window(me, words.window, words.window_s);
}

/* ---- the screen ---- */

static int detail_height(const struct sla *me, int height)
{
	return height >= DETAIL_FROM && me->sheet.table.n ? 2 : 0;
}

static void sla_layout(struct view *view, int width, int height)
{
	struct sla *me = of(view);
	int most = (int)me->n_lines - height;

	(void)width;
	me->height = height;
	if (me->code.len) {
		me->top = me->top > most ? most : me->top;
		me->top = me->top < 0 ? 0 : me->top;
		return;
	}
	sheet_layout(&me->sheet, height - detail_height(me, height));
}

static struct slice why_empty(const struct sla *me)
{
	if (!me->all)
		return me->list.err.code ? slice_of(me->list.err.text) : SLICE("asking the store");
	if (me->code.len)
		return SLICE("there is no such interface, or it is out of your scope");
	return me->only.len ? SLICE("no interface is in that state")
			    : SLICE("no interface is in your scope");
}

static void sla_draw(const struct view *view, const struct canvas *canvas)
{
	const struct sla *me = (const struct sla *)view;
	int detail = detail_height(me, canvas->height);
	struct canvas list = canvas_sub(canvas, 0, 0, canvas->width, canvas->height - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);

	if (me->code.len ? !me->n_lines : !me->sheet.table.n) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM, why_empty(me));
	} else if (me->code.len) {
		sla_page_draw(me, canvas);
	} else {
		sheet_draw(&me->sheet, &list);
		if (detail)
			sla_draw_detail(me, &below);
	}
	deed_draw(&me->deed, canvas);
}

static void sla_status(const struct view *view, struct str *out)
{
	const struct sla *me = (const struct sla *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->code.len) {
		str_addf(out, "lines %d-%d of %zu", me->n_lines ? me->top + 1 : 0,
			me->top + me->height < (int)me->n_lines ? me->top + me->height
								: (int)me->n_lines,
			me->n_lines);
	} else if (me->all) {
		CLEANUP(str_done)
		struct str key = STR_INIT(64);

		format_count(out, (int64_t)me->sheet.table.n);
		keymap_key_of(me->view.env->keymap, CONTEXT_SLA, ACTION_SHOW_CLOSED, &key);
		if (me->only.len)
			str_addf(out, " interfaces in state %.*s · %s shows all",
				SLICE_ARG(standing_word(str_slice(&me->only))), str_cstr(&key));
		else
			str_adds(out, " interfaces · worst first");
	}
	deed_status(&me->deed, out);
	panel_status(me->code.len ? &me->panels[SLA_COUNTS] : &me->list, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static void sla_path(const struct view *view, struct str *out)
{
	const struct sla *me = (const struct sla *)view;

	if (me->code.len)
		str_addf(out, " %s %s", str_cstr(&me->code), str_cstr(&me->window));
}

static bool sla_input(struct view *view, const struct input *input)
{
	return deed_input(&of(view)->deed, input);
}

static int sla_search(struct view *view, struct match *match, bool forward)
{
	struct sla *me = of(view);
	struct table_rows rows = sheet_rows(&me->sheet);

	return me->code.len ? sla_page_search(me, match, forward)
			    : table_search(&me->sheet.table, &rows, match, forward);
}

static struct table *sla_table(struct view *view, struct table_rows *ret_rows)
{
	struct sla *me = of(view);

	*ret_rows = sheet_rows(&me->sheet);
	return &me->sheet.table;
}

static bool sla_settled(const struct view *view)
{
	const struct sla *me = (const struct sla *)view;

	return me->all || me->list.err.code;
}

const struct view_ops view_sla = {
	.name = "sla",
	.title = "SLA",
	.context = CONTEXT_SLA,
	.open = sla_open,
	.close = sla_close,
	.show = sla_show,
	.aim = sla_aim,
	.store_up = sla_store_up,
	.layout = sla_layout,
	.draw = sla_draw,
	.act = sla_act,
	.input = sla_input,
	.status = sla_status,
	.path = sla_path,
	.table = sla_table,
	.search = sla_search,
	.settled = sla_settled,
};
