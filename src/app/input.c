/* From the terminal's bytes to acts: sequences that pend, the prompt, what is not bound.
 * Decoding is the terminal's, meaning the keymap's, doing act.c's.
 * Called by the loop when there is something to read. */
#include "base/mem.h"
#include "console_part.h"
#include <errno.h>
#include <unistd.h>

#define INPUT_TURN 4096
#define WHEEL_UP 64
#define WHEEL_DOWN 65
#define WHEEL_STEPS 3

static void say_unbound(struct console *me)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(256);

	for (size_t i = 0; i < me->n_pending; i++)
		key_name(me->pending[i], &text);
	str_adds(&text,
		" is not bound here; help lists the keys, a line \"KEY = NAME\" in your keymap "
		"binds one");
	console_say(me, ROLE_MESSAGE, str_cstr(&text));
}

static void open_palette(struct console *me)
{
	palette_open(&me->palette, me->keymap, &me->env.actor, me->views[me->active]->ops->context);
	me->focus = IN_PALETTE;
}

static void palette_key(struct console *me, const struct input *input)
{
	enum action action = ACTION_NONE;
	enum palette_answer answer = palette_input(&me->palette, input, &action);

	if (answer == PALETTE_PENDING)
		return;
	palette_done(&me->palette);
	me->focus = IN_VIEW;
	if (answer == PALETTE_CHOSEN)
		console_act(me, action);
}

/* A line was typed. It is copied, for the prompt may be opened again by what it does. */
static void run_line(struct console *me, struct prompt *prompt)
{
	CLEANUP(str_done)
	struct str line = STR_INIT(PROMPT_MAX);

	str_add(&line, str_slice(&prompt->text));
	prompt_keep(prompt);
	me->focus = IN_VIEW;
	if (prompt == &me->search)
		console_search(me, str_slice(&line));
	else
		console_command(me, str_slice(&line));
}

/* A key in the prompt: an act of its context, else a character. */
static void prompt_key(struct console *me, struct prompt *prompt, const struct input *input)
{
	CLEANUP(str_done)
	struct str choices = STR_INIT(1024);
	bool empty = !prompt->text.len;
	enum action action = ACTION_NONE;

	if (input->kind == INPUT_PASTE) {
		prompt_type(prompt, input->paste);
		return;
	}
	keymap_lookup(me->keymap, CONTEXT_PROMPT, &input->key, 1, &action);
	if (action == ACTION_NONE)
		prompt_type_key(prompt, input->key);
	else if (action == ACTION_PROMPT_ACCEPT)
		run_line(me, prompt);
	else if (action == ACTION_PROMPT_GIVE_UP || (action == ACTION_PROMPT_RUBOUT && empty))
		me->focus = IN_VIEW;
	else if (action == ACTION_PROMPT_COMPLETE && empty && prompt == &me->prompt)
		open_palette(me);
	else
		prompt_act(prompt, action, &choices);
	if (choices.len)
		console_say(me, ROLE_MESSAGE, str_cstr(&choices));
}

/* The wheel scrolls; a click selects the row that it hits, by the distance from the selected one, on
 * which the cursor is parked. */
static void mouse(struct console *me, const struct input *input)
{
	struct view *view = me->views[me->active];
	int row = surface_cursor_row(me->surface), steps = 0;
	enum action action = ACTION_MOVE_DOWN;

	if (!input->mouse.press || me->focus != IN_VIEW)
		return;
	if (input->mouse.button == WHEEL_UP || input->mouse.button == WHEEL_DOWN)
		steps = input->mouse.button == WHEEL_UP ? -WHEEL_STEPS : WHEEL_STEPS;
	else if (input->mouse.button == 0 && row >= 0)
		steps = input->mouse.y - row;
	if (steps < 0)
		action = ACTION_MOVE_UP;
	for (; steps; steps += steps < 0 ? 1 : -1)
		view->ops->act(view, action);
	me->dirty = me->dirty_now = true;
}

static void on_input(void *ctx, const struct input *input)
{
	struct console *me = ctx;
	bool typing = me->focus == IN_PROMPT || me->focus == IN_SEARCH;
	struct view *view = me->views[me->active];
	enum action action;

	if (input->kind == INPUT_MOUSE) {
		mouse(me, input);
		return;
	}
	if (input->kind == INPUT_KEY)
		str_reset(&me->message);
	me->dirty = me->dirty_now = true;
	if (me->focus == IN_VIEW && !me->n_pending && view->ops->input &&
		view->ops->input(view, input))
		return;
	if (input->kind == INPUT_PASTE && !typing)
		return; /* outside a prompt a paste acts on nothing */
	if (me->focus == LOCKED) {
		if (input->kind == INPUT_KEY && input->key.code == KC_ENTER)
			console_unlock(me);
		return;
	}
	if (typing) {
		prompt_key(me, me->focus == IN_PROMPT ? &me->prompt : &me->search, input);
		return;
	}
	if (me->focus == IN_PALETTE) {
		palette_key(me, input);
		return;
	}
	if (me->focus == IN_CONFIRM) {
		console_confirm_key(me, input);
		return;
	}
	me->pending[me->n_pending++] = input->key;
	switch (keymap_lookup(me->keymap, me->views[me->active]->ops->context, me->pending,
		me->n_pending, &action)) {
	case KEYMAP_ACT:
		me->n_pending = 0;
		console_act(me, action);
		return;
	case KEYMAP_PREFIX:
		return; /* the hints say what can follow */
	case KEYMAP_NONE:
		say_unbound(me);
		me->n_pending = 0;
		return;
	}
}

static void plan_key_timeout(struct console *me)
{
	int64_t at_us = keys_deadline_us(me->keys);

	if (at_us >= 0)
		timer_at(me->key_timer, at_us);
	else
		timer_stop(me->key_timer);
}

void console_on_key_timer(void *ctx)
{
	struct console *me = ctx;

	keys_timeout(me->keys, clock_mono_us(&me->clock), on_input, me);
	plan_key_timeout(me);
}

/* The terminal is read until it has nothing more to say or the turn has had its share; nothing left
 * to read on a descriptor that polled readable means that it is gone. */
void console_on_readable(void *ctx, int events)
{
	struct console *me = ctx;
	char bytes[INPUT_TURN];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	(void)events;
	if (n > 0) {
		console_touched(me);
		keys_feed(me->keys, (struct slice){bytes, (size_t)n}, clock_mono_us(&me->clock),
			on_input, me);
		plan_key_timeout(me);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		console_leave(me, 1);
	}
}
