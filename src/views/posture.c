/* The posture of security: credentials and what is due, who may what, where credentials were refused, what people
 * were refused and took out, and access reviews that another person signs.
 * Who may see it, and what state each thing is in, is the store's to say.
 * Opened by the app, drawn from the last answers. */
#include "base/mem.h"
#include "posture_part.h"
#include "views/views.h"
#include <errno.h>
#include <stdlib.h>

#define PERIOD_US (15 * S_US)
#define DAYS "30"
#define HEAD 2
#define DETAIL_HEIGHT 4
#define DETAIL_FROM 14

static struct posture *of(struct view *view)
{
	return (struct posture *)view;
}

static struct sheet *sheet_of(const struct posture *me)
{
	return (struct sheet *)&me->sheets[me->at];
}

/* ---- life ---- */

static void on_rows(void *ctx, const struct rows *rows)
{
	struct posture *me = ctx;

	for (size_t i = 0; i < POSTURE_SHEETS; i++)
		if (me->panels[i].rows == rows)
			sheet_answered(&me->sheets[i], me->view.env->loop, rows);
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	struct posture *me = ctx;
	CLEANUP(str_done)
	struct str key = STR_INIT(32);

	str_addf(&key, "%lld", (long long)id);
	if (done && id && me->at == AT_REVIEWS)
		posture_open_review(me, str_slice(&key));
	panel_ask(&me->panels[AT_REVIEWS]);
	panel_ask(&me->panels[me->at]);
}

static struct view *posture_open(const struct view_env *env)
{
	struct posture *me = NEW(struct posture);

	me->view = (struct view){&view_posture, env};
	me->review = STR_INIT(64);
	me->use_params[0] = DAYS;
	for (size_t i = 0; i < POSTURE_SHEETS; i++) {
		me->panels[i] = (struct panel){.env = env,
			.question = posture_sections[i].question,
			.params = i == AT_USES ? me->use_params : me->review_params,
			.n_params = i == AT_USES || i == AT_REVIEW,
			.period_us = PERIOD_US,
			.answered = on_rows,
			.ctx = me};
		me->sheets[i] = posture_sections[i].sheet;
		me->sheets[i].panel = &me->panels[i];
		panel_open(&me->panels[i]);
		sheet_open(&me->sheets[i]);
	}
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	me->export = (struct sheet_export){.env = env, .question = "posture-export"};
	sheet_export_open(&me->export);
	return &me->view;
}

static void posture_close(struct view *view)
{
	struct posture *me = of(view);

	deed_done(&me->deed);
	sheet_export_close(&me->export);
	for (size_t i = 0; i < POSTURE_SHEETS; i++) {
		panel_close(&me->panels[i]);
		sheet_done(&me->sheets[i]);
	}
	str_done(&me->review);
	free(me);
}

static void posture_show(struct view *view, bool shown)
{
	struct posture *me = of(view);

	me->shown = shown;
	for (size_t i = 0; i < POSTURE_SHEETS; i++)
		panel_show(&me->panels[i], shown && i == me->at);
}

void posture_show_section(struct posture *me, enum posture_at at)
{
	me->at = at;
	posture_show(&me->view, me->shown);
}

void posture_open_review(struct posture *me, struct slice id)
{
	CLEANUP(str_done)
	struct str copy = STR_INIT(64);

	str_add(&copy, id);
	str_reset(&me->review);
	str_add(&me->review, str_slice(&copy));
	me->review_params[0] = str_cstr(&me->review);
	panel_forget(&me->panels[AT_REVIEW]);
	sheet_done(&me->sheets[AT_REVIEW]);
	me->sheets[AT_REVIEW].table = (struct table){0};
	sheet_open(&me->sheets[AT_REVIEW]);
	posture_show_section(me, AT_REVIEW);
}

static void posture_store_up(struct view *view, bool up)
{
	if (up && of(view)->shown)
		panel_ask(&of(view)->panels[of(view)->at]);
}

/* ---- the screen ---- */

static int head_of(int height)
{
	return height >= DETAIL_FROM ? HEAD : 0;
}

static int detail_of(const struct posture *me, int height)
{
	return height >= DETAIL_FROM && sheet_of(me)->table.n ? DETAIL_HEIGHT : 0;
}

static void posture_layout(struct view *view, int width, int height)
{
	struct posture *me = of(view);

	(void)width;
	sheet_layout(sheet_of(me), height - head_of(height) - detail_of(me, height));
}

static struct slice why_empty(const struct posture *me)
{
	const struct panel *panel = &me->panels[me->at];

	if (panel->err.code == -EPERM)
		return SLICE("only the security role sees the posture");
	if (panel->err.code)
		return slice_of(panel->err.text);
	return panel->rows ? slice_of(posture_sections[me->at].none) : SLICE("asking the store");
}

static void posture_draw(const struct view *view, const struct canvas *canvas)
{
	const struct posture *me = (const struct posture *)view;
	int head = head_of(canvas->height), detail = detail_of(me, canvas->height);
	struct canvas list =
		canvas_sub(canvas, 0, head, canvas->width, canvas->height - head - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);

	if (head)
		posture_draw_sections(me, canvas);
	if (sheet_of(me)->table.n)
		sheet_draw(sheet_of(me), &list);
	else
		canvas_text(&list, 1, 1, list.width - 2, ROLE_DIM, why_empty(me));
	if (detail)
		posture_draw_detail(me, &below);
	deed_draw(&me->deed, canvas);
	sheet_export_draw(&me->export, canvas);
}

static void posture_status(const struct view *view, struct str *out)
{
	const struct posture *me = (const struct posture *)view;
	const struct panel *panel = &me->panels[me->at];
	CLEANUP(str_done)
	struct str asked = STR_INIT(600);

	if (panel->rows)
		posture_sections[me->at].count(panel->rows, out);
	sheet_sort_status(sheet_of(me), out);
	deed_status(&me->deed, out);
	panel_status(panel, &asked);
	if (asked.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&asked));
}

static void posture_path(const struct view *view, struct str *out)
{
	const struct posture *me = (const struct posture *)view;

	str_addf(out, " · %s", posture_sections[me->at].title);
	if (me->at == AT_REVIEW)
		str_addf(out, " %s", str_cstr(&me->review));
}

/* ---- acts ---- */

static const struct {
	enum action action;
	enum posture_at at;
} sections[] = {{ACTION_SHOW_CREDENTIALS, AT_CREDENTIALS}, {ACTION_SHOW_ACCESS, AT_ACCESS},
	{ACTION_SHOW_REFUSED, AT_FAILURES}, {ACTION_SHOW_USES, AT_USES},
	{ACTION_SHOW_REVIEWS, AT_REVIEWS}};

static bool to_section(struct posture *me, enum action action)
{
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		if (sections[i].action != action)
			continue;
		posture_show_section(me, sections[i].at);
		return true;
	}
	return false;
}

static void open_row(struct posture *me)
{
	struct slice key = sheet_text(sheet_of(me), "key");

	if (!key.len)
		return;
	if (me->at == AT_REVIEWS)
		posture_open_review(me, key);
	else if (me->at == AT_FAILURES)
		me->view.env->go(
			me->view.env->ctx, "interface", sheet_text(sheet_of(me), "source"));
	else
		me->view.env->go(me->view.env->ctx, "audit", SLICE_NONE);
}

static bool posture_act(struct view *view, enum action action)
{
	struct posture *me = of(view);

	switch (action) {
	case ACTION_OPEN:
		open_row(me);
		return true;
	case ACTION_BACK:
		if (me->at != AT_REVIEW)
			return false;
		posture_show_section(me, AT_REVIEWS);
		return true;
	case ACTION_REFRESH:
		panel_ask(&me->panels[me->at]);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->panels[me->at]);
		return deed_cancel(&me->deed) || me->panels[me->at].ticket != 0;
	case ACTION_POSTURE_EXPORT:
		sheet_export_ask(
			&me->export, posture_sections[me->at].question, me->panels[me->at].rows);
		return true;
	default:
		return to_section(me, action) || posture_deed(me, action) ||
		       sheet_act(sheet_of(me), action);
	}
}

static bool posture_input(struct view *view, const struct input *input)
{
	return sheet_export_input(&of(view)->export, input) || deed_input(&of(view)->deed, input);
}

static bool posture_settled(const struct view *view)
{
	const struct posture *me = (const struct posture *)view;

	return me->panels[me->at].rows || me->panels[me->at].err.code;
}

static struct table *posture_table(struct view *view, struct table_rows *ret_rows)
{
	struct sheet *sheet = sheet_of(of(view));

	*ret_rows = sheet_rows(sheet);
	return &sheet->table;
}

const struct view_ops view_posture = {
	.name = "posture",
	.title = "Posture",
	.context = CONTEXT_POSTURE,
	.open = posture_open,
	.close = posture_close,
	.show = posture_show,
	.store_up = posture_store_up,
	.layout = posture_layout,
	.draw = posture_draw,
	.act = posture_act,
	.input = posture_input,
	.status = posture_status,
	.path = posture_path,
	.table = posture_table,
	.settled = posture_settled,
};
