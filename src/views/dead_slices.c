/* Dead letters counted by something else than their signature; a row leads to those that it counts, or
 * asks for a replay of them.
 * What is counted is the store's answer.
 * Called by the view of dead letters. */
#include "base/mem.h"
#include "dead_part.h"

#define PERIOD_US (10 * S_US)

/* The first is the list of groups, which has a statement of its own. */
static const char *const ways[] = {NULL, "interface", "class", "partner", "facility", "hour"};

static const struct table_column columns[] = {
	{"by", 16, 30, 0, false, NULL},
	{"dead", 6, 8, 0, true, NULL},
	{"unowned", 7, 8, 0, true, NULL},
	{"oldest", 7, 8, 0, true, NULL},
	{"last", 7, 8, 60, true, NULL},
	{"found by", 16, 60, 80, false, "filter"},
};

static const struct sheet_cell cells[] = {
	{"name", CELL_TEXT, ROLE_TEXT},
	{"unresolved", CELL_COUNT, ROLE_STATE_DEAD},
	{"unowned", CELL_COUNT, ROLE_STATE_FAILING},
	{"oldest_at", CELL_AGE, ROLE_TEXT},
	{"last_at", CELL_AGE, ROLE_TEXT},
	{"filter", CELL_DIM, ROLE_DIM},
};

static void on_slices(void *ctx, const struct rows *rows)
{
	struct dead *me = ctx;

	sheet_answered(&me->slices, me->view.env->loop, rows);
}

void dead_slices_open(struct dead *me)
{
	me->slice_panel = (struct panel){.env = me->view.env,
		.question = "dead-letter-slices",
		.params = me->slice_params,
		.n_params = 1,
		.period_us = PERIOD_US,
		.answered = on_slices,
		.ctx = me};
	me->slices = (struct sheet){.columns = columns,
		.cells = cells,
		.n_columns = ARRAY_LEN(columns),
		.key = "key",
		.panel = &me->slice_panel};
	sheet_open(&me->slices);
	panel_open(&me->slice_panel);
}

void dead_slices_close(struct dead *me)
{
	panel_close(&me->slice_panel);
	sheet_done(&me->slices);
}

const char *dead_way(const struct dead *me)
{
	return ways[me->way];
}

void dead_regroup(struct dead *me)
{
	me->way = (me->way + 1) % ARRAY_LEN(ways);
	panel_forget(&me->slice_panel);
	sheet_done(&me->slices);
	me->slices.table = (struct table){0};
	sheet_open(&me->slices);
	me->slice_params[0] = ways[me->way];
	panel_show(&me->slice_panel, me->way > 0);
}

/* Groups and members are what a person owns and discards; of a count they are asked for first. */
bool dead_slices_act(struct dead *me, enum action action)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(1024);
	const struct view_env *env = me->view.env;
	struct slice filter = sheet_text(&me->slices, "filter");

	if (action != ACTION_OPEN && action != ACTION_REPLAY_REQUEST)
		return sheet_act(&me->slices, action);
	if (!filter.len) {
		env->say(env->ctx, ROLE_MESSAGE, "no filter finds what has none");
		return true;
	}
	str_adds(&what, action == ACTION_OPEN ? "" : "filter ");
	str_add(&what, filter);
	env->go(env->ctx, action == ACTION_OPEN ? "find" : "ask", str_slice(&what));
	return true;
}
