/* Dead letters: groups of them, the members of one, and what a person does with either.
 * Rules and counts are the store's; asking for a replay has a view of its own.
 * Opened by the app, drawn from the last answers. */
#include "base/mem.h"
#include "dead_part.h"
#include "model/format.h"
#include "ui/chart.h"
#include "views/views.h"
#include <stdlib.h>
#include <string.h>

#define PERIOD_US (3 * S_US)
#define HEAD_HEIGHT 2
#define HEAD_FROM 8
#define DETAIL_HEIGHT 4
#define DETAIL_FROM 16

static const char *const closed_words[] = {"false", "true"};

static void on_groups(void *ctx, const struct rows *rows)
{
	struct dead *me = ctx;

	sheet_answered(&me->groups, me->view.env->loop, rows);
	for (size_t i = 0; me->in_group && i < rows_count(rows); i++) {
		if (rows_int(rows, i, rows_col(rows, "id")) != me->group.id)
			continue;
		me->now_total = rows_int(rows, i, rows_col(rows, "total"));
		me->now_unresolved = rows_int(rows, i, rows_col(rows, "unresolved"));
	}
}

static void on_members(void *ctx, const struct rows *rows)
{
	struct dead *me = ctx;

	sheet_answered(&me->members, me->view.env->loop, rows);
}

/* What was changed is asked anew, and with it what came meanwhile. */
static void look_again(struct dead *me)
{
	panel_ask(&me->group_panel);
	panel_ask(&me->age_panel);
	if (me->way)
		panel_ask(&me->slice_panel);
	if (me->in_group) {
		me->group.total = me->now_total;
		paged_restart(&me->member_list);
	}
}

static void on_ended(void *ctx, bool done, int64_t id)
{
	struct dead *me = ctx;

	(void)id;
	if (done)
		tags_done(&me->members.table.tags);
	look_again(me);
}

static void set_up_lists(struct dead *me, const struct view_env *env)
{
	me->group_panel = (struct panel){
		.env = env,
		.question = "failure-groups",
		.params = me->group_params,
		.n_params = ARRAY_LEN(me->group_params),
		.period_us = PERIOD_US,
		.answered = on_groups,
		.ctx = me,
	};
	me->age_panel = (struct panel){
		.env = env,
		.question = "dead-letter-ages",
		.period_us = PERIOD_US,
	};
	me->member_list = (struct paged){
		.env = env,
		.question = "dead-letters",
		.params = me->member_params,
		.n_params = ARRAY_LEN(me->member_params),
		.answered = on_members,
		.ctx = me,
	};
	me->group_params[0] = me->member_params[1] = closed_words[0];
	me->group_params[1] = "1000";
}

static struct view *dead_open(const struct view_env *env)
{
	struct dead *me = NEW(struct dead);

	me->view = (struct view){&view_dead, env};
	set_up_lists(me, env);
	me->groups = dead_group_sheet;
	me->groups.panel = &me->group_panel;
	me->members = dead_member_sheet;
	me->members.paged = &me->member_list;
	me->deed = (struct deed){.env = env, .ended = on_ended, .ctx = me};
	me->group.name = STR_INIT(1024);
	me->group_id = STR_INIT(32);
	story_open(&me->story, env, "group");
	dead_slices_open(me);
	sheet_open(&me->groups);
	sheet_open(&me->members);
	panel_open(&me->group_panel);
	panel_open(&me->age_panel);
	return &me->view;
}

static void dead_close(struct view *view)
{
	struct dead *me = (struct dead *)view;

	deed_done(&me->deed);
	story_close(&me->story);
	dead_slices_close(me);
	panel_close(&me->group_panel);
	panel_close(&me->age_panel);
	paged_done(&me->member_list);
	sheet_done(&me->groups);
	sheet_done(&me->members);
	str_done(&me->group.name);
	str_done(&me->group_id);
	free(me);
}

static void dead_show(struct view *view, bool shown)
{
	struct dead *me = (struct dead *)view;

	panel_show(&me->group_panel, shown);
	panel_show(&me->age_panel, shown);
	panel_show(&me->slice_panel, shown && me->way);
	story_show(&me->story, shown && me->telling);
	if (shown && me->in_group)
		paged_restart(&me->member_list);
}

static void dead_store_up(struct view *view, bool up)
{
	struct dead *me = (struct dead *)view;

	if (up && me->group_panel.shown)
		look_again(me);
}

/* ---- drawing ---- */

static int head_of(int height)
{
	return height >= HEAD_FROM ? HEAD_HEIGHT : 0;
}

static int detail_of(const struct dead *me, int height)
{
	return height >= DETAIL_FROM && dead_sheet(me)->table.n && (me->in_group || !me->way)
		       ? DETAIL_HEIGHT
		       : 0;
}

static void dead_layout(struct view *view, int width, int height)
{
	struct dead *me = (struct dead *)view;

	sheet_layout(dead_sheet(me), height - head_of(height) - detail_of(me, height));
	if (me->telling)
		story_layout(&me->story, width - 2, height - head_of(height));
}

static void draw_head(const struct dead *me, const struct canvas *canvas)
{
	static const struct {
		const char *column, *word;
		enum role role;
	} tiles[] = {
		{"unresolved", "DEAD", ROLE_STATE_DEAD},
		{"unowned", "UNOWNED", ROLE_STATE_FAILING},
		{"hour", "<1h", ROLE_TEXT},
		{"four", "1h-4h", ROLE_TEXT},
		{"day", "4h-1d", ROLE_WARNING},
		{"week", "1d-7d", ROLE_ERROR},
		{"older", ">7d", ROLE_ERROR},
	};
	const struct rows *rows = me->age_panel.rows;
	int x = 1;

	for (size_t i = 0; rows && rows_count(rows) && i < ARRAY_LEN(tiles); i++)
		x = chart_tile(canvas, x, tiles[i].role, tiles[i].word,
			rows_int(rows, 0, rows_col(rows, tiles[i].column)));
}

static void draw_nothing(const struct dead *me, const struct canvas *canvas)
{
	const struct panel *panel = me->way ? &me->slice_panel : &me->group_panel;
	const struct err *err = me->in_group ? &me->member_list.err : &panel->err;
	bool asked = me->in_group ? me->member_list.asked_once : panel->rows != NULL;

	canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
		err->code      ? slice_of(err->text)
		: !asked       ? SLICE("asking the store")
		: me->in_group ? SLICE("none of this group is unresolved")
			       : SLICE("nothing is dead in your scope"));
}

static void dead_draw(const struct view *view, const struct canvas *canvas)
{
	const struct dead *me = (const struct dead *)view;
	int head = head_of(canvas->height), detail = detail_of(me, canvas->height);
	struct canvas list =
		canvas_sub(canvas, 0, head, canvas->width, canvas->height - head - detail);
	struct canvas below = canvas_sub(canvas, 0, canvas->height - detail, canvas->width, detail);

	if (head)
		draw_head(me, canvas);
	if (me->telling) {
		struct canvas story =
			canvas_sub(canvas, 1, head, canvas->width - 2, canvas->height - head);

		story_draw(&me->story, &story);
		return;
	}
	if (!dead_sheet(me)->table.n)
		draw_nothing(me, &list);
	else
		sheet_draw(dead_sheet(me), &list);
	if (detail)
		dead_draw_detail(me, &below);
	deed_draw(&me->deed, canvas);
}

/* ---- acts ---- */

static void enter_group(struct dead *me)
{
	if (!me->groups.table.n)
		return;
	me->group.id = sheet_int(&me->groups, "id");
	me->group.seen = sheet_int(&me->groups, "seen");
	me->group.total = me->now_total = sheet_int(&me->groups, "total");
	me->now_unresolved = sheet_int(&me->groups, "unresolved");
	str_reset(&me->group.name);
	str_addf(&me->group.name, "%.*s %.*s", SLICE_ARG(sheet_text(&me->groups, "interface")),
		SLICE_ARG(sheet_text(&me->groups, "class")));
	str_reset(&me->group_id);
	str_add(&me->group_id, sheet_text(&me->groups, "key"));
	me->member_params[0] = str_cstr(&me->group_id);
	me->in_group = true;
	paged_done(&me->member_list);
	sheet_done(&me->members);
	me->members.table = (struct table){0};
	sheet_open(&me->members);
	paged_restart(&me->member_list);
}

static void open_row(struct dead *me)
{
	struct slice key = sheet_text(dead_sheet(me), "key");

	if (!me->in_group)
		enter_group(me);
	else if (key.len)
		me->view.env->go(me->view.env->ctx, "transaction", key);
}

static void show_closed(struct dead *me)
{
	bool closed = me->group_params[0] == closed_words[0];

	me->group_params[0] = me->member_params[1] = closed_words[closed];
	look_again(me);
}

static bool acts_on_rows(enum action action)
{
	return action != ACTION_BACK && action != ACTION_REFRESH && action != ACTION_CANCEL &&
	       action != ACTION_REGROUP && action != ACTION_SHOW_CLOSED;
}

static bool dead_act(struct view *view, enum action action)
{
	struct dead *me = (struct dead *)view;

	if (me->telling || action == ACTION_STORY)
		return dead_story_act(me, action);
	if (me->way && !me->in_group && acts_on_rows(action))
		return dead_slices_act(me, action);
	switch (action) {
	case ACTION_OPEN:
		open_row(me);
		return true;
	case ACTION_BACK:
		if (!me->in_group)
			return false;
		me->in_group = false;
		paged_done(&me->member_list);
		return true;
	case ACTION_REFRESH:
		look_again(me);
		return true;
	case ACTION_CANCEL:
		if (deed_cancel(&me->deed))
			return true;
		panel_cancel(&me->group_panel);
		paged_cancel(&me->member_list);
		return me->group_panel.ticket || me->member_list.ticket;
	case ACTION_SHOW_CLOSED:
		show_closed(me);
		return true;
	case ACTION_REGROUP:
		if (!me->in_group)
			dead_regroup(me);
		return true;
	default:
		return dead_deed(me, action) || sheet_act(dead_sheet(me), action);
	}
}

static bool dead_input(struct view *view, const struct input *input)
{
	return deed_input(&((struct dead *)view)->deed, input);
}

/* ---- what the frame says ---- */

static void dead_status(const struct view *view, struct str *out)
{
	const struct dead *me = (const struct dead *)view;
	CLEANUP(str_done)
	struct str panel = STR_INIT(600);

	if (me->in_group) {
		paged_count(&me->member_list, out);
		str_adds(out, " members · oldest first");
		if (me->now_total > me->group.total) {
			str_adds(out, " · +");
			format_count(out, me->now_total - me->group.total);
			str_adds(out, " arrived since");
		}
	} else if (me->way) {
		str_addf(out, "by %s · %s first", dead_way(me),
			strcmp(dead_way(me), "hour") == 0 ? "newest" : "most");
	} else if (me->group_panel.rows) {
		format_count(out, (int64_t)rows_count(me->group_panel.rows));
		str_adds(out, " groups · unowned first");
	}
	if (me->group_params[0] == closed_words[1])
		str_adds(out, " · with what is over");
	table_status(&dead_sheet(me)->table, out);
	deed_status(&me->deed, out);
	panel_status(&me->group_panel, &panel);
	if (panel.len)
		str_addf(out, "%s%s", out->len ? " · " : "", str_cstr(&panel));
}

static void dead_path(const struct view *view, struct str *out)
{
	const struct dead *me = (const struct dead *)view;

	if (me->in_group)
		str_addf(out, " · %s", str_cstr(&me->group.name));
}

static bool dead_settled(const struct view *view)
{
	const struct dead *me = (const struct dead *)view;

	return me->group_panel.rows || me->group_panel.err.code;
}

static struct table *dead_table(struct view *view, struct table_rows *ret_rows)
{
	struct sheet *sheet = dead_sheet((struct dead *)view);

	*ret_rows = sheet_rows(sheet);
	return &sheet->table;
}

const struct view_ops view_dead = {
	.name = "dead",
	.title = "Dead letters",
	.context = CONTEXT_DEAD,
	.open = dead_open,
	.close = dead_close,
	.show = dead_show,
	.store_up = dead_store_up,
	.layout = dead_layout,
	.draw = dead_draw,
	.act = dead_act,
	.input = dead_input,
	.status = dead_status,
	.path = dead_path,
	.table = dead_table,
	.settled = dead_settled,
};
