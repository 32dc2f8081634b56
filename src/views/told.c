/* A list whose rows have stories.
 * Called by the views of anomalies, signals and probes. */
#include "told.h"

#define SPLIT_FROM 12

static void on_list(void *ctx, const struct rows *rows)
{
	struct told *me = ctx;

	sheet_answered(&me->sheet, me->view.env->loop, rows);
	story_of(&me->story, sheet_text(&me->sheet, "key"));
}

void told_open(
	struct told *me, const struct view_ops *ops, const struct view_env *env, const char *what)
{
	me->view = (struct view){ops, env};
	me->list.env = env;
	me->list.answered = on_list;
	me->list.ctx = me;
	me->sheet.key = "key";
	me->sheet.panel = &me->list;
	me->split = (struct split){.from = SPLIT_FROM, .part = 2};
	panel_open(&me->list);
	sheet_open(&me->sheet);
	story_open(&me->story, env, what);
}

void told_close(struct told *me)
{
	panel_close(&me->list);
	sheet_done(&me->sheet);
	story_close(&me->story);
}

void told_show(struct view *view, bool shown)
{
	struct told *me = (struct told *)view;

	panel_show(&me->list, shown);
	story_show(&me->story, shown);
}

void told_store_up(struct view *view, bool up)
{
	struct told *me = (struct told *)view;

	if (up && me->list.shown)
		panel_ask(&me->list);
}

void told_layout(struct view *view, int width, int height)
{
	struct told *me = (struct told *)view;
	int below = split_layout(&me->split, &me->sheet, height);

	story_of(&me->story, sheet_text(&me->sheet, "key"));
	story_layout(&me->story, width - 2, below);
}

int told_search(struct view *view, struct match *match, bool forward)
{
	struct told *me = (struct told *)view;
	struct table_rows rows = sheet_rows(&me->sheet);

	return me->split.below ? text_search(&me->story.text, match, forward)
			       : table_search(&me->sheet.table, &rows, match, forward);
}

bool told_settled(const struct view *view)
{
	const struct told *me = (const struct told *)view;

	return me->list.err.code || (me->list.rows && (!told_any(me) || me->story.panel.rows ||
							      me->story.panel.err.code));
}

bool told_any(const struct told *me)
{
	return me->list.rows && rows_count(me->list.rows);
}

void told_draw(const struct told *me, const struct canvas *canvas, struct slice heading)
{
	struct canvas above = split_above(&me->split, canvas);
	struct canvas below = split_below(&me->split, canvas);

	sheet_draw(&me->sheet, &above);
	split_line(&me->split, canvas, ROLE_TAB, heading);
	if (below.height > 0)
		story_draw(&me->story, &below);
}

void told_refresh(struct told *me)
{
	panel_ask(&me->list);
	if (me->story.id.len)
		panel_ask(&me->story.panel);
}

bool told_act(struct told *me, enum action action)
{
	switch (action) {
	case ACTION_PANE:
		me->split.below = !me->split.below;
		return true;
	case ACTION_REFRESH:
		told_refresh(me);
		return true;
	case ACTION_CANCEL:
		panel_cancel(&me->list);
		return me->list.ticket != 0;
	default:
		return me->split.below || action == ACTION_WRAP
			       ? text_view_act(&me->story.text.view, action)
			       : sheet_act(&me->sheet, action);
	}
}
