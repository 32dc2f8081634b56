/* What the two halves of the reading of keys share: bytes and characters (keys.c), and what stands within
 * sequences (key_sequence.c). */
#ifndef TERM_KEYS_PART_H
#define TERM_KEYS_PART_H

#include "term/keys.h"

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

void keys_enter(struct keys *keys, enum state state, int64_t deadline_us);
void keys_enter_ground(struct keys *keys);
void keys_give(const struct sink *sink, uint32_t code, unsigned mods);

/* A key of a sequence: with its Alt, and back to the ground. */
void keys_finish(struct keys *keys, const struct sink *sink, uint32_t code, unsigned mods);

/* The next byte, by where it stands. */
void keys_ground(struct keys *keys, const struct sink *sink, unsigned char c);
void keys_after_esc(struct keys *keys, const struct sink *sink, unsigned char c);
void keys_in_csi(struct keys *keys, const struct sink *sink, unsigned char c);
void keys_in_ss3(struct keys *keys, const struct sink *sink, unsigned char c);
void keys_in_linux(struct keys *keys, const struct sink *sink, unsigned char c);
void keys_in_string(struct keys *keys, const struct sink *sink, unsigned char c);
void keys_after_string_esc(struct keys *keys, const struct sink *sink, unsigned char c);

#endif
