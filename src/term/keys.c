/* From the terminal's bytes to keys, pastes and mouse events: a state machine over single bytes.
 * Leaves reading and waiting to the caller, and what a whole sequence means to key_meaning.c.
 * Called by the console's loop with what the terminal sent, and when the deadline passes. */
#include "term/keys.h"
#include "base/mem.h"
#include "base/text.h"
#include "key_meaning.h"
#include <stdlib.h>
#include <string.h>

/* After an ESC that was taken for the key, for so long "[" or "O" is taken for the rest of it. */
#define LATE_US (500 * 1000)

/* A sequence without an end is given up after so long without a byte; a paste later, because what
 * comes behind would run as keys. */
#define GIVE_UP_US (2 * 1000 * 1000)
#define PASTE_GIVE_UP_US (30 * 1000 * 1000)

#define SEQUENCE_MAX 64

enum state {
	GROUND,
	UTF8, /* in a character */
	ESC, /* after ESC */
	ESC_ESC, /* after two: rxvt's Alt with a named key, or the key twice */
	LATE, /* ESC was given as a key; its sequence may still come, and is dropped */
	CSI, /* after ESC [ */
	SS3, /* after ESC O */
	LINUX, /* after ESC [ [ */
	MOUSE_X10, /* after ESC [ M: three bytes, dropped */
	STRING, /* in OSC, DCS, APC, PM or SOS, dropped */
	STRING_ESC, /* after an ESC in it */
	PASTE,
};

struct keys {
	enum state state;
	bool alt; /* ESC stood before */
	bool late; /* what is read is dropped */
	bool too_long; /* more than SEQUENCE_MAX: dropped */
	char introducer;
	char bytes[SEQUENCE_MAX]; /* parameters, or the beginning of a character */
	size_t len;
	size_t wanted; /* of a character, or of MOUSE_X10 */
	int64_t deadline_us;
};

struct sink {
	void (*fn)(void *ctx, const struct input *input);
	void *ctx;
	int64_t now_us;
};

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

static void enter(struct keys *keys, enum state state, int64_t deadline_us)
{
	keys->state = state;
	keys->deadline_us = deadline_us;
	keys->len = 0;
	keys->wanted = 0;
	keys->too_long = false;
}

static void enter_ground(struct keys *keys)
{
	enter(keys, GROUND, -1);
	keys->alt = false;
	keys->late = false;
}

static void give(const struct sink *sink, uint32_t code, unsigned mods)
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

/* A key of a sequence: with its Alt, and back to the ground. */
static void finish(struct keys *keys, const struct sink *sink, uint32_t code, unsigned mods)
{
	bool drop = keys->late || code == KC_NONE;

	mods |= keys->alt ? MOD_ALT : 0;
	if (code < KC_ENTER)
		mods &= ~(unsigned)MOD_SHIFT;
	enter_ground(keys);
	if (!drop)
		give(sink, code, mods);
}

static void finish_control(struct keys *keys, const struct sink *sink, unsigned char c)
{
	switch (c) {
	case '\0':
		finish(keys, sink, ' ', MOD_CTRL);
		break;
	case '\t': /* behind an ESC it is the Linux console's back tab */
		if (keys->alt) {
			keys->alt = false;
			finish(keys, sink, KC_TAB, MOD_SHIFT);
			break;
		}
		finish(keys, sink, KC_TAB, 0);
		break;
	case '\r':
		finish(keys, sink, KC_ENTER, 0);
		break;
	case '\b':
	case 0x7f:
		finish(keys, sink, KC_BACKSPACE, 0);
		break;
	default: /* ^A is "a", ^\ is "\" */
		finish(keys, sink, c + (c <= 26 ? 'a' - 1u : '@' + 0u), MOD_CTRL);
	}
}

static void begin_sequence(struct keys *keys, const struct sink *sink, char introducer)
{
	int64_t wait_us = keys->late ? LATE_US : GIVE_UP_US;

	enter(keys,
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
		enter_ground(keys);
}

static void ground(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (c == 033) {
		keys->alt = false;
		keys->late = false;
		enter(keys, ESC, sink->now_us + KEYS_ESC_US);
	} else if (c < ' ' || c == 0x7f) {
		finish_control(keys, sink, c);
	} else if (c < 0x80) {
		finish(keys, sink, c, 0);
	} else if (c < 0xa0) {
		finish_c1(keys, sink, c);
	} else if (c >= 0xc2 && c <= 0xf4) {
		enter(keys, UTF8, sink->now_us + GIVE_UP_US);
		keys->bytes[keys->len++] = (char)c;
		keys->wanted = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	} else {
		enter_ground(keys);
	}
}

static void in_utf8(struct keys *keys, const struct sink *sink, unsigned char c)
{
	struct slice rest;
	uint32_t cp;

	if ((c & 0xc0) != 0x80) { /* cut off: drop what was there */
		enter_ground(keys);
		ground(keys, sink, c);
		return;
	}
	keys->bytes[keys->len++] = (char)c;
	if (keys->len < keys->wanted)
		return;
	rest = (struct slice){keys->bytes, keys->len};
	if (!utf8_next(&rest, &cp) || rest.len)
		enter_ground(keys);
	else if (cp < 0xa0)
		finish_c1(keys, sink, cp);
	else
		finish(keys, sink, cp, 0);
}

static void after_esc(struct keys *keys, const struct sink *sink, unsigned char c)
{
	bool twice = keys->state == ESC_ESC;

	if (c == 033) {
		if (twice)
			give(sink, KC_ESC, 0);
		enter(keys, ESC_ESC, sink->now_us + KEYS_ESC_US);
	} else if (c == '[' || c == 'O') {
		keys->alt = twice;
		begin_sequence(keys, sink, (char)c);
	} else {
		if (twice)
			give(sink, KC_ESC, 0);
		if (c && strchr("P]X^_", c)) {
			begin_sequence(keys, sink, (char)c);
			return;
		}
		keys->alt = true;
		ground(keys, sink, c);
	}
}

static void after_late_esc(struct keys *keys, const struct sink *sink, unsigned char c)
{
	enter_ground(keys);
	if (c && strchr(introducers, c)) {
		keys->late = true;
		begin_sequence(keys, sink, (char)c);
	} else {
		ground(keys, sink, c);
	}
}

/* Gives what a whole sequence means, and goes back to the ground. */
static void finish_meaning(struct keys *keys, const struct sink *sink, struct meaning meaning)
{
	struct input input = {.kind = INPUT_MOUSE};
	bool late = keys->late;

	switch (meaning.kind) {
	case MEANS_NOTHING:
		enter_ground(keys);
		break;
	case MEANS_KEY:
		finish(keys, sink, meaning.code, meaning.mods);
		break;
	case MEANS_PASTE: /* also when late: what follows must not run */
		enter_ground(keys);
		enter(keys, PASTE, sink->now_us + PASTE_GIVE_UP_US);
		break;
	case MEANS_MOUSE:
		enter_ground(keys);
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
	enter_ground(keys);
	ground(keys, sink, c);
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

static void in_csi(struct keys *keys, const struct sink *sink, unsigned char c)
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

static void in_ss3(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (breaks(keys, sink, c))
		return;
	/* Nobody was told to send the keypad: this was Esc and a capital O, typed. */
	if (keys->late && keys->len == 0 && meaning_is_keypad((char)c)) {
		enter_ground(keys);
		give(sink, 'O', 0);
		ground(keys, sink, c);
	} else if ((c >= '0' && c <= '9') || c == ';') {
		collect(keys, sink, c);
	} else {
		finish_meaning(keys, sink, meaning_of_ss3(parameters(keys), (char)c));
	}
}

static void in_linux(struct keys *keys, const struct sink *sink, unsigned char c)
{
	if (!breaks(keys, sink, c))
		finish(keys, sink, c >= 'A' && c <= 'E' ? KC_FN + 1u + c - 'A' : KC_NONE, 0);
}

/* Ends at BEL and at ST. Any other control byte was typed by somebody who waits for an answer. */
static void in_string(struct keys *keys, const struct sink *sink, unsigned char c)
{
	bool was_c2 = keys->wanted == 0xc2;

	keys->deadline_us = sink->now_us + (keys->late ? LATE_US : GIVE_UP_US);
	keys->wanted = c;
	keys->len = 1;
	if (c == '\a' || (c == 0x9c && was_c2))
		enter_ground(keys);
	else if (c == 033)
		keys->state = STRING_ESC;
	else if (c < ' ')
		breaks(keys, sink, c);
}

static void after_string_esc(struct keys *keys, const struct sink *sink, unsigned char c)
{
	enter_ground(keys);
	if (c == '\\')
		return;
	keys->state = ESC;
	after_esc(keys, sink, c);
}

static void byte(struct keys *keys, const struct sink *sink, unsigned char c)
{
	switch (keys->state) {
	case GROUND:
	case PASTE:
		ground(keys, sink, c);
		break;
	case UTF8:
		in_utf8(keys, sink, c);
		break;
	case ESC:
	case ESC_ESC:
		after_esc(keys, sink, c);
		break;
	case LATE:
		after_late_esc(keys, sink, c);
		break;
	case CSI:
		in_csi(keys, sink, c);
		break;
	case SS3:
		in_ss3(keys, sink, c);
		break;
	case LINUX:
		in_linux(keys, sink, c);
		break;
	case MOUSE_X10:
		if (--keys->wanted == 0)
			enter_ground(keys);
		break;
	case STRING:
		in_string(keys, sink, c);
		break;
	case STRING_ESC:
		after_string_esc(keys, sink, c);
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
				enter_ground(keys);
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
		give(&sink, KC_ESC, 0);
		/* fall through */
	case ESC:
		enter(keys, LATE, now_us + LATE_US);
		give(&sink, KC_ESC, 0);
		break;
	case CSI:
	case SS3:
	case STRING:
		enter_ground(keys);
		if (typed) /* nothing came behind it: it was no late sequence */
			give(&sink, (unsigned char)keys->introducer, 0);
		break;
	case PASTE:
		give_paste(&sink, (struct slice){paste_end, keys->len}, false);
		enter_ground(keys);
		give_paste(&sink, SLICE_NONE, true);
		break;
	default:
		enter_ground(keys);
	}
}
