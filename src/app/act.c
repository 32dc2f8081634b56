/* What acts and typed commands do in the console; views are asked first.
 * Which key means which act is the keymap's.
 * Called by input.c for each key and each line that was typed. */
#include "app/look.h"
#include "base/mem.h"
#include "console_part.h"
#include "ui/defaults.h"
#include "ui/kept.h"
#include <signal.h>
#include <string.h>

static void switch_to(struct console *me, size_t to)
{
	struct view *from = me->views[me->active];
	bool dress = from->ops->whole || me->views[to]->ops->whole;

	if (to == me->active)
		return;
	me->env.behind = from->ops->context;
	from->ops->show(from, false);
	me->active = to;
	if (dress)
		console_dress(me);
	me->views[to]->ops->show(me->views[to], true);
}

static void go_to(struct console *me, size_t to)
{
	if (to == me->active)
		return;
	if (me->n_back == BACK_MAX) {
		for (size_t i = 1; i < BACK_MAX; i++)
			me->back[i - 1] = me->back[i];
		me->n_back--;
	}
	me->back[me->n_back++] = me->active;
	switch_to(me, to);
}

void console_go(void *ctx, const char *view, struct slice what)
{
	struct console *me = ctx;

	for (size_t i = 0; i < VIEWS_N; i++) {
		if (strcmp(view, view_table[i].ops->name) != 0)
			continue;
		if (view_table[i].ops->aim)
			view_table[i].ops->aim(me->views[i], what);
		go_to(me, i);
	}
}

/* To the next view that has a tab. */
static void go_beside(struct console *me, int step)
{
	size_t to = me->active;

	do {
		to = (to + VIEWS_N + (size_t)(step + (int)VIEWS_N)) % VIEWS_N;
	} while (!view_table[to].number);
	go_to(me, to);
}

void console_suspend(struct console *me)
{
	screen_suspend(me->screen);
	raise(SIGSTOP);
	if (screen_resume(me->screen) < 0)
		console_leave(me, 1);
	me->dirty = me->dirty_now = true;
}

static void search_again(struct console *me, bool forward)
{
	struct view *view = me->views[me->active];
	struct table_rows rows;
	int r;

	if (!me->match) {
		console_say(me, ROLE_MESSAGE, "nothing was searched for yet");
		return;
	}
	r = view->ops->search
		    ? view->ops->search(view, me->match, forward)
		    : table_search(view->ops->table(view, &rows), &rows, me->match, forward);
	if (r == 1)
		view->ops->act(view, ACTION_NONE);
	else
		console_say(me, ROLE_MESSAGE,
			r ? "the pattern is too slow for this text" : "not found in what is shown");
}

void console_search(struct console *me, struct slice pattern)
{
	struct match *match;
	struct err err = ERR_INIT;

	if (slice_trim(pattern).len) {
		if (match_new(pattern, &match, &err) < 0) {
			console_say(me, ROLE_ERROR, err.text);
			return;
		}
		match_free(me->match);
		me->match = match;
	}
	search_again(me, true);
}

static void search(struct console *me, enum action action)
{
	if (action == ACTION_SEARCH) {
		me->focus = IN_SEARCH;
		prompt_open(&me->search, "/");
	} else {
		search_again(me, action == ACTION_SEARCH_NEXT);
	}
}

/* To what the filter with that number leaves over. */
static void jump(struct console *me, size_t number)
{
	const struct kept_filter *filter;

	if (number >= kept_n(me->kept)) {
		console_say(
			me, ROLE_MESSAGE, "no filter is kept there; the view filters lists them");
		return;
	}
	filter = kept_at(me->kept, number);
	console_go(me, "find", slice_of(filter->text));
	kept_used(me->kept, slice_of(filter->name));
}

/* Where a list has no filter of its own, everything is filtered. */
static void type_filter(struct console *me)
{
	go_to(me, VIEW_FIND);
	(void)me->views[VIEW_FIND]->ops->act(me->views[VIEW_FIND], ACTION_FILTER);
}

static void do_act(struct console *me, enum action action)
{
	struct view *view = me->views[me->active];

	for (size_t i = 0; i < VIEWS_N; i++) {
		if (action == view_table[i].action) {
			go_to(me, i);
			return;
		}
	}
	if (action == ACTION_SEARCH || action == ACTION_SEARCH_NEXT ||
		action == ACTION_SEARCH_PREVIOUS) {
		search(me, action);
		return;
	}
	if (view->ops->act(view, action)) {
		if (action == ACTION_REFRESH)
			pool_retry_now(me->pool);
		return;
	}
	if (action >= ACTION_JUMP_1 && action <= ACTION_JUMP_9) {
		jump(me, (size_t)(action - ACTION_JUMP_1));
		return;
	}
	switch (action) {
	case ACTION_FILTER:
		type_filter(me);
		break;
	case ACTION_QUIT:
		console_leave(me, 0);
		break;
	case ACTION_BACK:
		if (me->n_back)
			switch_to(me, me->back[--me->n_back]);
		else if (view->ops->whole) /* nothing else says where one could go */
			switch_to(me, VIEW_OVERVIEW);
		break;
	case ACTION_VIEW_NEXT:
	case ACTION_VIEW_PREVIOUS:
		go_beside(me, action == ACTION_VIEW_NEXT ? 1 : -1);
		break;
	case ACTION_REDRAW:
		screen_forget(me->screen);
		break;
	case ACTION_SUSPEND:
		console_suspend(me);
		break;
	case ACTION_COMMAND:
		me->focus = IN_PROMPT;
		prompt_open(&me->prompt, ":");
		break;
	case ACTION_CANCEL: {
		CLEANUP(str_done)
		struct str text = STR_INIT(128), key = STR_INIT(64);

		keymap_key_of(me->keymap, view->ops->context, ACTION_QUIT, &key);
		str_addf(&text, "nothing is being asked; %s leaves", str_cstr(&key));
		console_say(me, ROLE_MESSAGE, str_cstr(&text));
		break;
	}
	case ACTION_COPY_CORRELATION:
	case ACTION_COPY_MESSAGE:
	case ACTION_COPY_KEY:
	case ACTION_RUNBOOK:
	case ACTION_OPEN_INTERFACE:
	case ACTION_OPEN_SLA:
	case ACTION_FOLLOW_SAME:
	case ACTION_EXPORT:
		console_say(me, ROLE_MESSAGE, "the rows of this list have nothing of that");
		break;
	default:
		break;
	}
}

/* What is about to be done, and to what: only the view knows. */
static void ask_first(struct console *me, enum action action)
{
	const struct view *view = me->views[me->active];
	const struct action_info *info = action_info(action);
	CLEANUP(str_done)
	struct str question = STR_INIT(1024);
	int64_t n = view->ops->subject ? view->ops->subject(view, action, &question) : 1;

	if (n == 0) {
		console_say(me, ROLE_MESSAGE,
			question.len ? str_cstr(&question) : "there is nothing to do it to");
		return;
	}
	if (!question.len)
		str_addf(&question, "%s?", info->help);
	confirm_open(
		&me->confirm, str_slice(&question), info->name, info->asks == ASKS_COUNT ? n : 1);
	me->confirming = action;
	me->focus = IN_CONFIRM;
}

/* The one way to every act, from keys, commands and the palette: who may not is told so, and what
 * asks first asks. */
void console_act(struct console *me, enum action action)
{
	const struct action_info *info = action_info(action);
	CLEANUP(str_done)
	struct str why = STR_INIT(256);

	if (action_refused(info, &me->env.actor, &why))
		console_say(me, ROLE_ERROR, str_cstr(&why));
	else if (info->asks == ASKS_NOTHING)
		do_act(me, action);
	else
		ask_first(me, action);
}

void console_confirm_key(struct console *me, const struct input *input)
{
	enum confirm_answer answer = confirm_input(&me->confirm, me->keymap, input);

	if (answer == CONFIRM_PENDING)
		return;
	confirm_done(&me->confirm);
	me->focus = IN_VIEW;
	if (answer == CONFIRM_YES)
		do_act(me, me->confirming);
	else
		console_say(me, ROLE_MESSAGE, "left as it was");
}

/* ---- commands ---- */

static void set_theme(struct console *me, const char *name)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct theme *theme = theme_new();

	look_load_theme(theme, name, &problems);
	theme_free(me->theme);
	me->theme = theme;
	me->theme_typed = true;
	console_say_problems(me, &problems);
}

static void set_keymap(struct console *me, const char *name)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	struct keymap *keymap = keymap_new();

	look_load_keymap(keymap, name, &problems);
	keymap_free(me->keymap);
	me->env.keymap = me->keymap = keymap;
	console_say_problems(me, &problems);
}

static void set_columns(struct console *me, const char *text)
{
	struct view *view = me->views[me->active];
	struct table_rows rows;
	struct table *table = view->ops->table ? view->ops->table(view, &rows) : NULL;
	CLEANUP(str_done)
	struct str now = STR_INIT(1024);
	struct err err = ERR_INIT;
	bool all = slice_eq_str(slice_of(text), "all");

	if (!table) {
		console_say(me, ROLE_MESSAGE, "there are no columns here");
		return;
	}
	if (columns_parse(&table->columns, rows.columns, rows.n_columns,
		    all ? SLICE_NONE : slice_of(text), &err) < 0) {
		console_say(me, ROLE_ERROR, err.text);
		return;
	}
	str_adds(&now, "columns ");
	columns_print(&table->columns, rows.columns, rows.n_columns, &now);
	console_say(me, ROLE_MESSAGE, str_cstr(&now));
}

/* Commands that take a word, beside the acts, which take none. */
static const struct {
	void (*set)(struct console *console, const char *word);
	const struct default_file *choices;
} commands[COMMAND_N] = {
	[COMMAND_THEME] = {set_theme, default_themes},
	[COMMAND_KEYMAP] = {set_keymap, default_keymaps},
	[COMMAND_COLUMNS] = {set_columns, NULL},
};

static const char *command_name(size_t command)
{
	return command_info((enum command)command)->name;
}

/* The names of what can be typed, in one list: commands, views, acts that mean something here. */
static size_t command_names(const struct console *me, const char **ret, size_t max)
{
	enum context context = me->views[me->active]->ops->context;
	size_t n = 0;

	for (size_t i = 0; i < COMMAND_N && n < max; i++)
		ret[n++] = command_name(i);
	for (size_t i = 0; i < VIEWS_N && n < max; i++)
		ret[n++] = view_table[i].ops->name;
	for (size_t i = 1; i < ACTION_N && n < max; i++)
		if (context_within(context, action_info((enum action)i)->context) &&
			i != ACTION_HELP && i != ACTION_COMMAND)
			ret[n++] = action_info((enum action)i)->name;
	return n;
}

size_t console_complete(void *ctx, struct slice text, const char **ret, size_t max, size_t *ret_at)
{
	const char *names[ACTION_N + VIEWS_N + COMMAND_N];
	struct slice rest = text, word = SLICE(""), head = text;
	size_t n_names = 0, n = 0, blank = slice_find(text, ' ');

	if (blank == text.len) {
		n_names = command_names(ctx, names, ARRAY_LEN(names));
		*ret_at = 0;
	} else {
		slice_word(&rest, &word);
		head = slice_from(text, blank + 1);
		*ret_at = blank + 1;
		for (size_t i = 0; i < COMMAND_N; i++)
			for (const struct default_file *file = commands[i].choices;
				file && slice_eq_str(word, command_name(i)) && file->name; file++)
				names[n_names++] = file->name;
	}
	for (size_t i = 0; i < n_names && n < max; i++)
		if (slice_starts(slice_of(names[i]), head))
			ret[n++] = names[i];
	return n;
}

void console_command(struct console *me, struct slice line)
{
	const char *names[ACTION_N + VIEWS_N + COMMAND_N];
	struct slice rest = line, word, argument;
	struct err err = ERR_INIT;
	enum action action;

	if (!slice_word(&rest, &word))
		return;
	argument = slice_trim(rest);
	for (size_t i = 0; i < COMMAND_N; i++) {
		CLEANUP(mem_freep)
		char *name = mem_dup(argument.at, argument.len);

		if (!slice_eq_str(word, command_name(i)))
			continue;
		if (argument.len)
			commands[i].set(me, name);
		else
			console_say(me, ROLE_MESSAGE, "a name is missing; Tab lists what there is");
		return;
	}
	for (size_t i = 0; i < VIEWS_N; i++) {
		if (slice_eq_str(word, view_table[i].ops->name)) {
			if (argument.len)
				console_go(me, view_table[i].ops->name, argument);
			else
				go_to(me, i);
			return;
		}
	}
	if (action_find(word, &action, NULL) == 0) {
		console_act(me, action);
		return;
	}
	err_unknown(&err, "command", word, names, command_names(me, names, ARRAY_LEN(names)),
		sizeof(names[0]));
	console_say(me, ROLE_ERROR, err.text);
}
