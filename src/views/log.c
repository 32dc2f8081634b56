/* The log: what this program noticed, as it is kept in memory, followed or held still.
 * What is worth a line is the console's; a file of it, if there is one, is written elsewhere.
 * Opened by the app, drawn from the ring. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/format.h"
#include "ui/table.h"
#include "ui/view.h"
#include "views/views.h"
#include <stdlib.h>

#define LOOK_US S_US
#define DETAIL_LINES 3
#define DETAIL_FROM 12

enum column_id {
	COL_TIME,
	COL_LEVEL,
	COL_TEXT,
};

static const struct table_column columns[] = {
	[COL_TIME] = {"time", 8, 12, 30, false},
	[COL_LEVEL] = {"level", 5, 5, 20, false},
	[COL_TEXT] = {"text", 8, 4096, 0, false},
};

struct log_view {
	struct view view;
	struct table table;
	struct timer *timer; /* looks whether a line came, while it is shown */
	uint64_t seen;
};

static void on_timer(void *ctx)
{
	struct log_view *me = ctx;

	if (log_total(me->view.env->log) != me->seen)
		me->view.env->changed(me->view.env->ctx);
	timer_in(me->timer, LOOK_US);
}

static struct view *log_open(const struct view_env *env)
{
	struct log_view *me = NEW(struct log_view);

	me->view = (struct view){&view_log, env};
	me->table.at_end = true;
	me->timer = timer_open(env->loop, on_timer, me);
	return &me->view;
}

static void log_close(struct view *view)
{
	struct log_view *me = (struct log_view *)view;

	timer_close(me->timer);
	table_done(&me->table);
	free(me);
}

static void log_show(struct view *view, bool shown)
{
	struct log_view *me = (struct log_view *)view;

	if (shown)
		timer_in(me->timer, LOOK_US);
	else
		timer_stop(me->timer);
}

static void log_store_up(struct view *view, bool up)
{
	(void)view;
	(void)up;
}

static int detail_of(const struct log_view *me, int height)
{
	return !me->table.at_end && height >= DETAIL_FROM ? DETAIL_LINES + 1 : 0;
}

/* Lines are numbered from the program's start; the ring holds the last of them. */
static void log_layout(struct view *view, int width, int height)
{
	struct log_view *me = (struct log_view *)view;
	const struct log *log = view->env->log;
	size_t n = log_count(log);

	(void)width;
	me->seen = log_total(log);
	table_layout(&me->table, (int64_t)(me->seen - n), n, height - 1 - detail_of(me, height));
}

static struct log_line line_of(const struct log_view *me, int64_t number)
{
	const struct log *log = me->view.env->log;
	uint64_t first = log_total(log) - log_count(log);

	/* A line may have come, and the oldest gone, since the last layout. */
	return log_at(log, (uint64_t)number > first ? (size_t)((uint64_t)number - first) : 0);
}

static enum role role_of_level(enum log_level level)
{
	static const enum role roles[] = {
		[LOG_DEBUG] = ROLE_DIM,
		[LOG_INFO] = ROLE_TEXT,
		[LOG_WARN] = ROLE_WARNING,
		[LOG_ERROR] = ROLE_ERROR,
	};

	return roles[level];
}

static void draw_cell(const void *ctx, int64_t row, size_t column, const struct canvas *canvas)
{
	struct log_line line = line_of(ctx, row);
	enum role role = role_of_level(line.level);
	CLEANUP(str_done)
	struct str time = STR_INIT(32);

	switch ((enum column_id)column) {
	case COL_TIME:
		format_time(
			&time, line.wall_us, canvas->width >= 12 ? FORMAT_MILLI : FORMAT_SECOND);
		canvas_text(canvas, 0, 0, canvas->width, ROLE_DIM, str_slice(&time));
		break;
	case COL_LEVEL:
		canvas_text(
			canvas, 0, 0, canvas->width, role, slice_of(log_level_name(line.level)));
		break;
	case COL_TEXT:
		canvas_text(canvas, 0, 0, canvas->width, role, line.text);
		break;
	}
}

static void row_text(const void *ctx, int64_t row, struct str *out)
{
	struct log_line line = line_of(ctx, row);

	str_addf(out, "%s ", log_level_name(line.level));
	str_add(out, line.text);
}

static struct table_rows rows_of(const struct log_view *me)
{
	return (struct table_rows){columns, ARRAY_LEN(columns), draw_cell, NULL, row_text, me};
}

/* The selected line in as many rows as there are. */
static void draw_detail(const struct log_view *me, const struct canvas *canvas)
{
	struct log_line line = line_of(me, me->table.cursor);
	struct slice rest = line.text;
	int used;

	canvas_line(canvas, 0, ROLE_BORDER);
	for (int y = 1; y < canvas->height && rest.len; y++) {
		struct slice part = text_clip(rest, canvas->width - 2, &used);

		if (y == canvas->height - 1)
			part = rest; /* ends in an ellipsis */
		canvas_text(canvas, 1, y, canvas->width - 2, ROLE_TEXT, part);
		rest = slice_from(rest, part.len);
		if (!used)
			return;
	}
}

static void log_draw(const struct view *view, const struct canvas *canvas)
{
	const struct log_view *me = (const struct log_view *)view;
	int detail = detail_of(me, canvas->height);
	struct canvas list = canvas_sub(canvas, 0, 0, canvas->width, canvas->height - detail);
	struct canvas below = canvas_sub(canvas, 0, list.height, canvas->width, detail);
	struct table_rows rows = rows_of(me);

	if (!me->table.n) {
		canvas_text(canvas, 1, 1, canvas->width - 2, ROLE_DIM,
			SLICE("nothing was noticed yet"));
		return;
	}
	table_draw(&me->table, &list, &rows);
	if (detail)
		draw_detail(me, &below);
}

/* Leaving the end holds it still, the end follows again. */
static bool log_act(struct view *view, enum action action)
{
	struct log_view *me = (struct log_view *)view;
	struct table_rows rows = rows_of(me);
	bool found = action == ACTION_NONE; /* a search put the cursor somewhere */

	if (action == ACTION_LOG_CLEAR) {
		log_clear(me->view.env->log);
		me->table.at_end = true;
		log_layout(view, 0, me->table.height + 1);
		return true;
	}
	if (!found && !table_act(&me->table, &rows, action))
		return false;
	me->table.at_end = action == ACTION_MOVE_BOTTOM;
	return true;
}

static int64_t log_subject(const struct view *view, enum action action, struct str *out)
{
	size_t n = log_count(view->env->log);

	(void)action;
	str_adds(out, "Forget ");
	format_count(out, (int64_t)n);
	str_adds(out, n == 1 ? " line?" : " lines?");
	str_adds(out, " A log file keeps them.");
	return (int64_t)n;
}

static void log_status(const struct view *view, struct str *out)
{
	const struct log_view *me = (const struct log_view *)view;
	const struct log *log = view->env->log;
	size_t n = log_count(log);

	str_adds(out, me->table.at_end ? "following · " : "held still · ");
	format_count(out, (int64_t)n);
	str_adds(out, n == 1 ? " line" : " lines");
	if (log_total(log) > n) {
		str_adds(out, " · ");
		format_count(out, (int64_t)(log_total(log) - n));
		str_adds(out, " older ones gone");
	}
}

static bool log_settled(const struct view *view)
{
	(void)view;
	return true;
}

static struct table *log_table(struct view *view, struct table_rows *ret_rows)
{
	struct log_view *me = (struct log_view *)view;

	*ret_rows = rows_of(me);
	return &me->table;
}

const struct view_ops view_log = {
	.name = "log",
	.title = "Log",
	.context = CONTEXT_LOG,
	.open = log_open,
	.close = log_close,
	.show = log_show,
	.store_up = log_store_up,
	.layout = log_layout,
	.draw = log_draw,
	.act = log_act,
	.subject = log_subject,
	.status = log_status,
	.table = log_table,
	.settled = log_settled,
};
