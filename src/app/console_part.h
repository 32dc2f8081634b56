/* What the parts of the console share: its state, and what each part does for the others. */
#ifndef APP_CONSOLE_PART_H
#define APP_CONSOLE_PART_H

#include "app/console.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/loop.h"
#include "store/pool.h"
#include "term/keys.h"
#include "term/screen.h"
#include "ui/confirm.h"
#include "ui/keymap.h"
#include "ui/palette.h"
#include "ui/panel.h"
#include "ui/prompt.h"
#include "ui/theme.h"
#include "ui/view.h"

/* Those of the table, and the help. */
enum {
#define VIEW(id, name, tab, help) VIEW_##id,
	VIEWS(VIEW)
#undef VIEW
		VIEW_HELP,
	VIEWS_N,
};
#define BACK_MAX 16

struct view_row {
	const struct view_ops *ops;
	enum action action; /* that goes there */
	int number; /* of its tab; 0: none */
};

extern const struct view_row view_table[VIEWS_N];

struct console {
	const struct console_options *options;
	struct clock clock;
	struct loop *loop;
	struct log *log;
	struct pool *pool;
	struct source *store; /* behind the views' source, which asks Odoo as well */
	struct panel session; /* who I am, and who works */
	struct kept *kept; /* filters under a name */
	struct panel waiting; /* what waits for me */

	struct keymap *keymap;
	struct theme *theme;
	bool theme_typed; /* while it runs */
	struct problems problems;

	struct screen *screen; /* NULL when one frame is asked for */
	struct screen_caps caps;
	struct surface *surface;
	struct keys *keys;
	struct watch *in, *out;
	struct timer *key_timer, *paint_timer, *minute_timer, *store_timer, *idle_timer;
	int64_t streamed_us; /* when what streams in was last painted */
	bool dirty, dirty_now; /* to be painted; without waiting for the next frame's time */

	struct view_env env;
	struct view *views[VIEWS_N];
	size_t active, back[BACK_MAX], n_back;

	struct editor *editor; /* that has the terminal now; NULL: none */
	struct prompt prompt, search;
	struct match *match; /* what was searched for last */
	struct palette palette;
	struct confirm confirm;
	enum action confirming; /* the act that is done on a yes */
	enum {
		IN_VIEW,
		IN_PROMPT,
		IN_SEARCH,
		IN_PALETTE,
		IN_CONFIRM,
		LOCKED
	} focus; /* who gets the keys */
	struct key pending[KEYMAP_SEQUENCE_MAX];
	size_t n_pending;
	struct str message;
	enum role message_role;
	bool pool_was_up;
	int store_ahead; /* of this program; negative: behind */
	int status; /* of the program */
};

/* console.c */
void console_leave(struct console *console, int status);
void console_say(struct console *console, enum role role, const char *text);
/* The first of them, and how many more; all are in the log. */
void console_say_problems(struct console *me, const struct problems *problems);
void console_leave_popup(struct console *console); /* whatever lies over the view goes, undone */

/* store_tie.c */
void console_open_store(struct console *console);
void console_close_store(struct console *console);
void console_touched(struct console *console); /* somebody is there */
void console_unlock(struct console *console);

/* draw.c: the frame and the view on the surface; the painting of it when it is due. */
void console_draw(struct console *console);
void console_after_turn(void *console);
void console_on_writable(void *console, int events);
void console_on_paint_timer(void *console);

/* editor.c: a text in the person's own editor. */
int console_edit(void *console, const struct edit *edit, struct err *err);
void console_drop_editor(struct console *console);

/* input.c: keys to acts. */
void console_on_readable(void *console, int events);
void console_on_key_timer(void *console);

/* act.c: what acts and typed commands do. */
/* wall.c: views without a frame. */
void console_dress(struct console *console); /* the theme, by what is shown */
void console_draw_whole(struct console *console, const struct canvas *screen,
	enum role environment, struct slice store, enum role store_role);

void console_act(struct console *console, enum action action);
void console_go(void *console, const char *view, struct slice what); /* for views */
void console_confirm_key(struct console *console, const struct input *input);
void console_suspend(struct console *console);
void console_command(struct console *console, struct slice line);
void console_search(struct console *console, struct slice pattern); /* empty: the last again */
size_t console_complete(
	void *console, struct slice text, const char **ret, size_t max, size_t *ret_at);

#endif
