/* Within a sequence: collected to its end, dropped when it is none of a key, ended by what cannot stand
 * in one.
 * What a whole one means is key_meaning.c's.
 * Called by keys.c, a byte at a time. */
#include "key_meaning.h"
#include "keys_part.h"

/* Gives what a whole sequence means, and goes back to the ground. */
static void finish_meaning(struct keys *keys, const struct sink *sink, struct meaning meaning)
{
	struct input input = {.kind = INPUT_MOUSE};
	bool late = keys->late;

	switch (meaning.kind) {
	case MEANS_NOTHING:
		keys_enter_ground(keys);
		break;
	case MEANS_KEY:
		keys_finish(keys, sink, meaning.code, meaning.mods);
		break;
	case MEANS_PASTE: /* also when late: what follows must not run */
		keys_enter_ground(keys);
		keys_enter(keys, PASTE, sink->now_us + PASTE_GIVE_UP_US);
		break;
	case MEANS_MOUSE:
		keys_enter_ground(keys);
		input.mouse.x = meaning.x;
		input.mouse.y = meaning.y;
		input.mouse.button = meaning.button;
		input.mouse.press = meaning.press;
		if (!late)
			sink->fn(sink->ctx, &input);
		break;
	}
}

static struct slice parameters(const struct keys *keys)
{
	return keys->too_long ? SLICE("?") : (struct slice){keys->bytes, keys->len};
}

/* The bytes that end any sequence at once. True when c was one. */
static bool breaks(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (c >= ' ' && c < 0x7f)
		return false;
	keys_enter_ground(keys);
	keys_ground(keys, sink, c);
	return true;
}

static void collect(struct keys *keys, const struct sink *sink, unsigned char c)
{
	keys->deadline_us = sink->now_us + GIVE_UP_US;
	if (keys->len < SEQUENCE_MAX)
		keys->bytes[keys->len++] = (char)c;
	else
		keys->too_long = true;
}

static bool only_digits(const struct keys *keys)
{
	for (size_t i = 0; i < keys->len; i++)
		if (keys->bytes[i] < '0' || keys->bytes[i] > '9')
			return false;
	return keys->len > 0;
}

void keys_in_csi(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (breaks(keys, sink, c))
		return;
	if (c == '[' && keys->len == 0) {
		keys->state = LINUX;
		keys->deadline_us = sink->now_us + GIVE_UP_US;
	} else if (c == 'M' && keys->len == 0) {
		keys->state = MOUSE_X10;
		keys->wanted = 3;
		keys->deadline_us = sink->now_us + GIVE_UP_US;
	} else if (c >= '@' || (c == '$' && only_digits(keys))) {
		finish_meaning(keys, sink, meaning_of_csi(parameters(keys), (char)c));
	} else {
		collect(keys, sink, c);
	}
}

void keys_in_ss3(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (breaks(keys, sink, c))
		return;
	/* Nobody was told to send the keypad: this was Esc and a capital O, typed. */
	if (keys->late && keys->len == 0 && meaning_is_keypad((char)c)) {
		keys_enter_ground(keys);
		keys_give(sink, 'O', 0);
		keys_ground(keys, sink, c);
	} else if ((c >= '0' && c <= '9') || c == ';') {
		collect(keys, sink, c);
	} else {
		finish_meaning(keys, sink, meaning_of_ss3(parameters(keys), (char)c));
	}
}

void keys_in_linux(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (!breaks(keys, sink, c))
		keys_finish(keys, sink, c >= 'A' && c <= 'E' ? KC_FN + 1u + c - 'A' : KC_NONE, 0);
}

/* Ends at BEL and at ST. Any other control byte was typed by somebody who waits for an answer. */
void keys_in_string(struct keys *keys, const struct sink *sink, unsigned char c)
{
	bool was_c2 = keys->wanted == 0xc2;

	keys->deadline_us = sink->now_us + (keys->late ? LATE_US : GIVE_UP_US);
	keys->wanted = c;
	keys->len = 1;
	if (c == '\a' || (c == 0x9c && was_c2))
		keys_enter_ground(keys);
	else if (c == 033)
		keys->state = STRING_ESC;
	else if (c < ' ')
		breaks(keys, sink, c);
}

void keys_after_string_esc(struct keys *keys, const struct sink *sink, unsigned char c)
{
	keys_enter_ground(keys);
	if (c == '\\')
		return;
	keys->state = ESC;
	keys_after_esc(keys, sink, c);
}
