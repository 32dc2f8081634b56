/* From the terminal's bytes to keys.
 *
 * Knows every sequence that PuTTY, xterm, rxvt, tmux, screen and the Linux console send, whatever
 * TERM says, beside what terminfo names. An unknown sequence is dropped whole; one that arrives in
 * pieces is put together; a lone ESC is the key only after KEYS_ESC_US without anything behind it;
 * the rest of a sequence that comes later than that is still dropped, never run as keys. */
#ifndef TERM_KEYS_H
#define TERM_KEYS_H

#include "base/err.h"
#include "base/str.h"

#define KEYS_ESC_US (25 * 1000)

enum key_mod {
	MOD_CTRL = 1,
	MOD_ALT = 2,
	MOD_SHIFT = 4, /* only with named keys */
};

/* Named keys lie above Unicode. */
enum key_code {
	KC_NONE = 0,
	KC_ENTER = 0x110000,
	KC_ESC,
	KC_TAB,
	KC_BACKSPACE,
	KC_UP,
	KC_DOWN,
	KC_LEFT,
	KC_RIGHT,
	KC_HOME,
	KC_END,
	KC_PAGE_UP,
	KC_PAGE_DOWN,
	KC_INSERT,
	KC_DELETE,
	KC_FN, /* KC_FN + 1 .. KC_FN + 24 */
};

struct key {
	uint32_t code; /* a code point or a key_code */
	uint8_t mods;
};

enum input_kind {
	INPUT_KEY,
	INPUT_PASTE, /* text of a bracketed paste, in pieces; the last has last == true */
	INPUT_MOUSE,
};

struct input {
	enum input_kind kind;
	struct key key;
	struct slice paste;
	bool last;
	struct {
		int x, y; /* from 0 */
		int button; /* 0..2, 64 wheel up, 65 wheel down */
		bool press;
	} mouse;
};

struct keys;

struct keys *keys_new(void);
void keys_free(struct keys *keys);
void keys_freep(struct keys **keys);

/* Gives each input to fn as soon as it is certain. Bytes may be split anywhere. */
void keys_feed(struct keys *keys, struct slice bytes, int64_t now_us,
	void (*fn)(void *ctx, const struct input *input), void *ctx);

/* When keys_timeout() must be called, in mono time; -1: nothing pends. */
int64_t keys_deadline_us(const struct keys *keys);
void keys_timeout(struct keys *keys, int64_t now_us,
	void (*fn)(void *ctx, const struct input *input), void *ctx);

/* "j", "G", "<Down>", "<C-x>", "<M-x>", "<S-Tab>", "<F5>", "<Space>", "<Lt>", "<Enter>". */
void key_name(struct key key, struct str *out);
int key_parse(struct slice name, struct key *ret, struct err *err);
bool key_eq(struct key a, struct key b);

/* Alt with a character that begins sequences of the terminal's own, taken for the beginning of one;
 * or with Tab, taken for the Linux console's back tab. */
bool key_never_comes(struct key key);

#endif
