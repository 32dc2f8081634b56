/* Views that are given the whole screen, and the theme for them.
 * What they show is the views'.
 * Called when the view changes, and once a frame. */
#include "app/look.h"
#include "base/mem.h"
#include "console_part.h"
#include "model/format.h"

/* A screen on the wall has a theme of its own, unless another than the default was chosen. */
void console_dress(struct console *me)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	bool whole = me->views[me->active]->ops->whole;

	if (me->theme_typed || !slice_eq_str(slice_of(me->options->theme), "default"))
		return;
	theme_free(me->theme);
	me->theme = theme_new();
	look_load_theme(me->theme, whole ? "wallboard" : "default", &problems);
}

/* A line for where one is and what time it is; the rest is the view's. */
void console_draw_whole(struct console *me, const struct canvas *screen, enum role environment,
	struct slice store, enum role store_role)
{
	struct view *view = me->views[me->active];
	struct canvas inner = canvas_sub(screen, 0, 1, screen->width, screen->height - 1);
	int64_t now_us = clock_wall_us(&me->clock);
	CLEANUP(str_done)
	struct str clock = STR_INIT(16);

	if (me->options->environment && *me->options->environment)
		canvas_printf(
			screen, 0, 0, screen->width, environment, " %s ", me->options->environment);
	if (store_role != ROLE_DIM)
		canvas_text(screen, screen->width / 3, 0, screen->width, store_role, store);
	format_time(&clock, now_us, FORMAT_MINUTE);
	str_adds(&clock, format_is_utc(now_us) ? "Z" : "");
	canvas_right(screen, 0, 0, screen->width - 1, ROLE_STRONG, str_slice(&clock));
	view->ops->layout(view, inner.width, inner.height);
	view->ops->draw(view, &inner);
	if (me->message.len)
		canvas_text(screen, 1, screen->height - 1, screen->width - 2, me->message_role,
			str_slice(&me->message));
}
