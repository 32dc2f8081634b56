/* The console's life: opens the store, the terminal and the views, and closes them again.
 * Drawing, input and acts are in files of their own beside this one.
 * Called by main; one per process. */
#include "app/look.h"
#include "base/mem.h"
#include "console_part.h"
#include "crash.h"
#include "ui/kept.h"
#include "views/views.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define MINUTE_US (60 * S_US)
#define SESSION_US (15 * S_US)
#define WAITING_US (4 * S_US)
#define FRAME_WAIT_US (10 * S_US)
#define LOG_RING 1000

const struct view_row view_table[VIEWS_N] = {
#define VIEW(id, name, tab, help) {&view_##name, ACTION_VIEW_##id, tab},
	VIEWS(VIEW)
#undef VIEW
		{&view_help, ACTION_HELP, 0},
};

static void draw_soon(void *ctx)
{
	((struct console *)ctx)->dirty = true;
}

void console_say(struct console *me, enum role role, const char *text)
{
	str_reset(&me->message);
	str_adds(&me->message, text);
	log_add(me->log, role == ROLE_ERROR ? LOG_WARN : LOG_INFO, "%s", text);
	me->message_role = role;
	me->dirty = me->dirty_now = true;
}

void console_say_problems(struct console *me, const struct problems *problems)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(4096);

	if (!problems->n)
		return;
	for (size_t i = 1; i < problems->n; i++)
		log_add(me->log, LOG_WARN, "%s", problems->texts[i]);
	str_adds(&text, problems->texts[0]);
	if (problems->n > 1)
		str_addf(&text, " (and %zu more, in the log)", problems->n - 1);
	console_say(me, ROLE_WARNING, str_cstr(&text));
}

static void say(void *ctx, enum role role, const char *text)
{
	console_say(ctx, role, text);
}

static int copy(void *ctx, struct slice text, struct err *err)
{
	return screen_clipboard(((struct console *)ctx)->screen, text, err);
}

void console_leave_popup(struct console *me)
{
	if (me->focus == IN_PALETTE)
		palette_done(&me->palette);
	else if (me->focus == IN_CONFIRM)
		confirm_done(&me->confirm);
	me->focus = IN_VIEW;
}

void console_leave(struct console *me, int status)
{
	me->status = status;
	loop_stop(me->loop);
}

static void on_minute(void *ctx)
{
	struct console *me = ctx;

	me->dirty = true;
	timer_in(me->minute_timer, MINUTE_US - clock_wall_us(&me->clock) % MINUTE_US);
}

static void on_signal(void *ctx, int signo)
{
	struct console *me = ctx;

	switch (signo) {
	case SIGWINCH:
		screen_forget(me->screen);
		me->dirty = me->dirty_now = true;
		break;
	case SIGTSTP:
		if (me->editor)
			raise(SIGSTOP); /* with the editor, that has the terminal */
		else
			console_suspend(me);
		break;
	case SIGINT:
		if (!me->editor)
			console_leave(me, 0);
		break;
	case SIGCONT: /* stopped by whom? Modes and screen may be anything now */
		if (me->editor)
			break;
		screen_suspend(me->screen);
		if (screen_resume(me->screen) < 0)
			console_leave(me, 1);
		me->dirty = me->dirty_now = true;
		break;
	default:
		console_leave(me, signo == SIGTERM ? 0 : 1);
		break;
	}
}

static int open_terminal(struct console *me, struct err *err)
{
	static const int signals[] = {SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT};
	struct slice lines = slice_of(me->options->lines);
	struct screen_options options = {
		.in_fd = STDIN_FILENO,
		.out_fd = STDOUT_FILENO,
		.colours = -1,
		.mouse = profile_bool(me->options->profile, SETTING_MOUSE),
		.lines = slice_eq_str(lines, "utf8")    ? LINES_UTF8
			 : slice_eq_str(lines, "acs")   ? LINES_ACS
			 : slice_eq_str(lines, "ascii") ? LINES_ASCII
							: -1,
	};
	CLEANUP(str_done)
	struct str title = STR_INIT(256);
	int r = screen_open(&options, &me->screen, err);

	if (r < 0)
		return r;
	crash_guard(me->screen);
	me->caps = *screen_caps(me->screen);
	if (me->caps.warning[0])
		console_say(me, ROLE_MESSAGE, me->caps.warning);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		r = loop_signal(me->loop, signals[i], on_signal, me, err);
		if (r < 0)
			return r;
	}
	str_addf(&title, "orderly %s", me->options->environment);
	screen_title(me->screen, str_slice(&title));
	me->keys = keys_new();
	me->in = watch_open(me->loop, STDIN_FILENO, LOOP_READ, console_on_readable, me);
	me->out = watch_open(me->loop, STDOUT_FILENO, 0, console_on_writable, me);
	me->key_timer = timer_open(me->loop, console_on_key_timer, me);
	me->paint_timer = timer_open(me->loop, console_on_paint_timer, me);
	me->minute_timer = timer_open(me->loop, on_minute, me);
	on_minute(me);
	console_touched(me);
	return 0;
}

/* Replays are not for everyone to read. */
static bool sees_replays(const struct console *me)
{
	const struct actor actor = {.known = true, .roles = me->env.actor.roles};
	CLEANUP(str_done)
	struct str why = STR_INIT(256);

	return !action_refused(action_info(ACTION_NOTE), &actor, &why);
}

/* The roles are borrowed from the panel's rows, which stay until the next answer. */
static void on_session(void *ctx, const struct rows *rows)
{
	struct console *me = ctx;

	if (!rows_count(rows))
		return;
	me->env.actor.roles = rows_text(rows, 0, rows_col(rows, "roles"));
	me->env.actor.known = true;
	panel_show(&me->waiting, !me->options->frame && sees_replays(me));
}

static void open_views(struct console *me)
{
	me->env.kept = me->kept = kept_new(&me->env);
	for (size_t i = 0; i < VIEWS_N; i++) {
		me->views[i] = view_table[i].ops->open(&me->env);
		if (me->options->view &&
			slice_eq_str(slice_of(me->options->view), view_table[i].ops->name))
			me->active = i;
	}
	if (me->views[me->active]->ops->whole)
		console_dress(me);
	me->views[me->active]->ops->show(me->views[me->active], true);
	if (!me->options->frame)
		kept_show(me->kept, true);
	me->session = (struct panel){
		.env = &me->env,
		.question = "session",
		.period_us = SESSION_US,
		.answered = on_session,
		.ctx = me,
	};
	panel_open(&me->session);
	panel_show(&me->session, true);
	me->waiting = (struct panel){
		.env = &me->env,
		.question = "replays-waiting",
		.period_us = WAITING_US,
	};
	panel_open(&me->waiting);
}

static void console_close(struct console *me)
{
	crash_guard(NULL);
	console_drop_editor(me);
	screen_close(me->screen);
	if (me->session.timer)
		panel_close(&me->session);
	if (me->waiting.timer)
		panel_close(&me->waiting);
	for (size_t i = 0; i < VIEWS_N; i++)
		if (me->views[i])
			me->views[i]->ops->close(me->views[i]);
	kept_free(me->kept);
	console_close_store(me);
	watch_close(me->in);
	watch_close(me->out);
	timer_close(me->key_timer);
	timer_close(me->paint_timer);
	timer_close(me->minute_timer);
	loop_free(me->loop);
	log_free(me->log);
	keys_free(me->keys);
	surface_free(me->surface);
	keymap_free(me->keymap);
	theme_free(me->theme);
	problems_done(&me->problems);
	prompt_done(&me->prompt);
	prompt_done(&me->search);
	match_free(me->match);
	console_leave_popup(me);
	str_done(&me->message);
}

/* One frame as text, once the view has what it needs; with what is wrong when it never comes. */
static int print_frame(struct console *me)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);
	const struct view *view = me->views[me->active];
	int64_t until_us = clock_mono_us(&me->clock) + FRAME_WAIT_US;
	bool settled = false;

	while (!settled && clock_mono_us(&me->clock) < until_us &&
		pool_state(me->pool) != POOL_REFUSED) {
		loop_turn(me->loop, 100 * MS_US);
		settled = view->ops->settled(view) && (me->session.rows || me->session.err.code);
	}
	console_draw(me);
	surface_dump(me->surface, false, &out);
	fwrite(out.at, 1, out.len, stdout);
	if (!settled)
		fprintf(stderr, "orderly: %s\n",
			pool_state(me->pool) == POOL_UP ? "the store did not answer in time"
							: pool_error(me->pool));
	return settled && pool_state(me->pool) == POOL_UP ? 0 : 1;
}

static int open_log(struct console *me, struct err *err)
{
	const struct profile *profile = me->options->profile;
	const char *file = profile_text(profile, SETTING_LOG_FILE);
	enum log_level level;
	int r = log_level_parse(slice_of(profile_text(profile, SETTING_LOG_LEVEL)), &level, err);

	me->log = log_new(&me->clock, LOG_RING);
	if (r == 0)
		log_set_level(me->log, level);
	return r < 0 || !*file ? r : log_to_file(me->log, file, err);
}

static int run(struct console *me, struct err *err)
{
	int width = me->options->width ? me->options->width : 80;
	int height = me->options->height ? me->options->height : 24, r;

	me->clock = clock_real();
	r = loop_new(&me->clock, &me->loop, err);
	if (r == 0)
		r = open_log(me, err);
	if (r < 0)
		return r;
	me->keymap = keymap_new();
	me->theme = theme_new();
	look_load_keymap(me->keymap, me->options->keymap, &me->problems);
	look_load_theme(me->theme, me->options->theme, &me->problems);
	console_say_problems(me, &me->problems);
	if (!me->problems.n && me->options->problem)
		console_say(me, ROLE_MESSAGE, me->options->problem);
	me->env = (struct view_env){
		.loop = me->loop,
		.log = me->log,
		.keymap = me->keymap,
		.terminal = &me->caps,
		.actor = {.read_only = me->options->read_only},
		.changed = draw_soon,
		.go = console_go,
		.say = say,
		.copy = copy,
		.edit = console_edit,
		.ctx = me,
	};
	console_open_store(me); /* connects while the terminal is prepared */
	if (!me->options->frame) {
		r = open_terminal(me, err);
		if (r < 0)
			return r;
		screen_size(me->screen, &width, &height);
	}
	me->surface = surface_new(width, height);
	me->prompt.complete = console_complete;
	me->prompt.ctx = me;
	open_views(me);
	if (me->options->frame)
		return print_frame(me);
	loop_after_turn(me->loop, console_after_turn, me);
	me->dirty = me->dirty_now = true;
	loop_run(me->loop);
	return me->status;
}

int console_main(const struct console_options *options)
{
	struct console me = {
		.options = options,
		.message = STR_INIT(1024),
	};
	struct err err = ERR_INIT;
	int r = run(&me, &err);

	console_close(&me);
	if (r < 0) {
		fprintf(stderr, "orderly: %s\n", err.text);
		return 2;
	}
	return r;
}
