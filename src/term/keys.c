/* From the terminal's bytes to keys, pastes and mouse events: a state machine over single bytes.
 * Leaves reading and waiting to the caller, and what a whole sequence means to key_meaning.c.
 * Called by the console's loop with what the terminal sent, and when the deadline passes. */
#include "term/keys.h"
#include "base/mem.h"
#include "base/text.h"
#include "keys_part.h"
#include <stdlib.h>
#include <string.h>

/* What ESC and one of these begins is a sequence: of a cursor key, a function key, a report. */
static const char introducers[] = "[OP]X^_";

static const char paste_end[] = "\033[201~";

struct keys *keys_new(void)
{
	struct keys *keys = NEW(struct keys);

	keys->deadline_us = -1;
	return keys;
}

void keys_free(struct keys *keys)
{
	free(keys);
}

void keys_freep(struct keys **keys)
{
	keys_free(*keys);
	*keys = NULL;
}

void keys_enter(struct keys *keys, enum state state, int64_t deadline_us)
{
	keys->state = state;
	keys->deadline_us = deadline_us;
	keys->len = 0;
	keys->wanted = 0;
	keys->too_long = false;
}

void keys_enter_ground(struct keys *keys)
{
	keys_enter(keys, GROUND, -1);
	keys->alt = false;
	keys->late = false;
}

void keys_give(const struct sink *sink, uint32_t code, unsigned mods)
{
	struct input input = {.kind = INPUT_KEY, .key = {code, (uint8_t)mods}};

	sink->fn(sink->ctx, &input);
}

static void give_paste(const struct sink *sink, struct slice text, bool last)
{
	struct input input = {.kind = INPUT_PASTE, .paste = text, .last = last};

	if (text.len || last)
		sink->fn(sink->ctx, &input);
}

bool key_never_comes(struct key key)
{
	if (key.mods != MOD_ALT)
		return false;
	return key.code == KC_TAB ||
	       (key.code && key.code < 0x80 && strchr(introducers, (int)key.code));
}

void keys_finish(struct keys *keys, const struct sink *sink, uint32_t code, unsigned mods)
{
	bool drop = keys->late || code == KC_NONE;

	mods |= keys->alt ? MOD_ALT : 0;
	if (code < KC_ENTER)
		mods &= ~(unsigned)MOD_SHIFT;
	keys_enter_ground(keys);
	if (!drop)
		keys_give(sink, code, mods);
}

static void finish_control(struct keys *keys, const struct sink *sink, unsigned char c)
{
	switch (c) {
	case '\0':
		keys_finish(keys, sink, ' ', MOD_CTRL);
		break;
	case '\t': /* behind an ESC it is the Linux console's back tab */
		if (keys->alt) {
			keys->alt = false;
			keys_finish(keys, sink, KC_TAB, MOD_SHIFT);
			break;
		}
		keys_finish(keys, sink, KC_TAB, 0);
		break;
	case '\r':
		keys_finish(keys, sink, KC_ENTER, 0);
		break;
	case '\b':
	case 0x7f:
		keys_finish(keys, sink, KC_BACKSPACE, 0);
		break;
	default: /* ^A is "a", ^\ is "\" */
		keys_finish(keys, sink, c + (c <= 26 ? 'a' - 1u : '@' + 0u), MOD_CTRL);
	}
}

static void begin_sequence(struct keys *keys, const struct sink *sink, char introducer)
{
	int64_t wait_us = keys->late ? LATE_US : GIVE_UP_US;

	keys_enter(keys,
		introducer == '['   ? CSI
		: introducer == 'O' ? SS3
				    : STRING,
		sink->now_us + wait_us);
	keys->introducer = introducer;
}

/* A C1 control introduces a sequence as ESC and a letter do. */
static void finish_c1(struct keys *keys, const struct sink *sink, uint32_t c1)
{
	char letter = (char)(c1 - 0x40);

	if (strchr(introducers, letter))
		begin_sequence(keys, sink, letter);
	else
		keys_enter_ground(keys);
}

void keys_ground(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (c == 033) {
		keys->alt = false;
		keys->late = false;
		keys_enter(keys, ESC, sink->now_us + KEYS_ESC_US);
	} else if (c < ' ' || c == 0x7f) {
		finish_control(keys, sink, c);
	} else if (c < 0x80) {
		keys_finish(keys, sink, c, 0);
	} else if (c < 0xa0) {
		finish_c1(keys, sink, c);
	} else if (c >= 0xc2 && c <= 0xf4) {
		keys_enter(keys, UTF8, sink->now_us + GIVE_UP_US);
		keys->bytes[keys->len++] = (char)c;
		keys->wanted = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	} else {
		keys_enter_ground(keys);
	}
}

static void in_utf8(struct keys *keys, const struct sink *sink, unsigned char c)
{
	struct slice rest;
	uint32_t cp;

	if ((c & 0xc0) != 0x80) { /* cut off: drop what was there */
		keys_enter_ground(keys);
		keys_ground(keys, sink, c);
		return;
	}
	keys->bytes[keys->len++] = (char)c;
	if (keys->len < keys->wanted)
		return;
	rest = (struct slice){keys->bytes, keys->len};
	if (!utf8_next(&rest, &cp) || rest.len)
		keys_enter_ground(keys);
	else if (cp < 0xa0)
		finish_c1(keys, sink, cp);
	else
		keys_finish(keys, sink, cp, 0);
}

void keys_after_esc(struct keys *keys, const struct sink *sink, unsigned char c)
{
	bool twice = keys->state == ESC_ESC;

	if (c == 033) {
		if (twice)
			keys_give(sink, KC_ESC, 0);
		keys_enter(keys, ESC_ESC, sink->now_us + KEYS_ESC_US);
	} else if (c == '[' || c == 'O') {
		keys->alt = twice;
		begin_sequence(keys, sink, (char)c);
	} else {
		if (twice)
			keys_give(sink, KC_ESC, 0);
		if (c && strchr("P]X^_", c)) {
			begin_sequence(keys, sink, (char)c);
			return;
		}
		keys->alt = true;
		keys_ground(keys, sink, c);
	}
}

static void after_late_esc(struct keys *keys, const struct sink *sink, unsigned char c)
{
	keys_enter_ground(keys);
	if (c && strchr(introducers, c)) {
		keys->late = true;
		begin_sequence(keys, sink, (char)c);
	} else {
		keys_ground(keys, sink, c);
	}
}

static void byte(struct keys *keys, const struct sink *sink, unsigned char c)
{
	switch (keys->state) {
	case GROUND:
	case PASTE:
		keys_ground(keys, sink, c);
		break;
	case UTF8:
		in_utf8(keys, sink, c);
		break;
	case ESC:
	case ESC_ESC:
		keys_after_esc(keys, sink, c);
		break;
	case LATE:
		after_late_esc(keys, sink, c);
		break;
	case CSI:
		keys_in_csi(keys, sink, c);
		break;
	case SS3:
		keys_in_ss3(keys, sink, c);
		break;
	case LINUX:
		keys_in_linux(keys, sink, c);
		break;
	case MOUSE_X10:
		if (--keys->wanted == 0)
			keys_enter_ground(keys);
		break;
	case STRING:
		keys_in_string(keys, sink, c);
		break;
	case STRING_ESC:
		keys_after_string_esc(keys, sink, c);
		break;
	}
}

/* Takes what belongs to the paste off *bytes. keys->len counts what is there of its end. */
static void in_paste(struct keys *keys, const struct sink *sink, struct slice *bytes)
{
	size_t from = 0, i = 0;

	keys->deadline_us = sink->now_us + PASTE_GIVE_UP_US;
	for (; i < bytes->len; i++) {
		if (bytes->at[i] == paste_end[keys->len]) {
			if (keys->len++ == 0) {
				give_paste(sink, (struct slice){bytes->at + from, i - from}, false);
				from = i + 1;
			}
			if (keys->len == sizeof(paste_end) - 1) {
				keys_enter_ground(keys);
				give_paste(sink, SLICE_NONE, true);
				*bytes = slice_from(*bytes, i + 1);
				return;
			}
			from = i + 1;
		} else if (keys->len) {
			give_paste(sink, (struct slice){paste_end, keys->len}, false);
			keys->len = 0;
			from = i--; /* look at it again: it may begin the end */
		}
	}
	give_paste(sink, (struct slice){bytes->at + from, bytes->len - from}, false);
	*bytes = SLICE_NONE;
}

void keys_feed(struct keys *keys, struct slice bytes, int64_t now_us,
	void (*fn)(void *ctx, const struct input *input), void *ctx)
{
	struct sink sink = {fn, ctx, now_us};

	/* A program that was late itself finds the rest of a sequence beside its beginning: only
	 * what is long over is taken for over. */
	if (keys->deadline_us >= 0 && now_us > keys->deadline_us + 4 * KEYS_ESC_US)
		keys_timeout(keys, now_us, fn, ctx);
	while (bytes.len) {
		if (keys->state == PASTE) {
			in_paste(keys, &sink, &bytes);
		} else {
			byte(keys, &sink, (unsigned char)bytes.at[0]);
			bytes = slice_from(bytes, 1);
		}
	}
}

int64_t keys_deadline_us(const struct keys *keys)
{
	return keys->deadline_us;
}

void keys_timeout(struct keys *keys, int64_t now_us,
	void (*fn)(void *ctx, const struct input *input), void *ctx)
{
	struct sink sink = {fn, ctx, now_us};
	bool typed = keys->late && keys->len == 0 && keys->state != LINUX;

	if (keys->deadline_us < 0 || now_us < keys->deadline_us)
		return;
	switch (keys->state) {
	case ESC_ESC:
		keys_give(&sink, KC_ESC, 0);
		/* fall through */
	case ESC:
		keys_enter(keys, LATE, now_us + LATE_US);
		keys_give(&sink, KC_ESC, 0);
		break;
	case CSI:
	case SS3:
	case STRING:
		keys_enter_ground(keys);
		if (typed) /* nothing came behind it: it was no late sequence */
			keys_give(&sink, (unsigned char)keys->introducer, 0);
		break;
	case PASTE:
		give_paste(&sink, (struct slice){paste_end, keys->len}, false);
		keys_enter_ground(keys);
		give_paste(&sink, SLICE_NONE, true);
		break;
	default:
		keys_enter_ground(keys);
	}
}
