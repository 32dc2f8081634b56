/* What a whole sequence means, whoever sent it. */
#ifndef TERM_KEY_MEANING_H
#define TERM_KEY_MEANING_H

#include "base/slice.h"

enum meaning_kind {
	MEANS_NOTHING, /* unknown, or a report that nobody asked for */
	MEANS_KEY,
	MEANS_MOUSE,
	MEANS_PASTE, /* one begins */
};

struct meaning {
	enum meaning_kind kind;
	uint32_t code; /* as in struct key */
	unsigned mods;
	int x, y, button; /* as in struct input */
	bool press;
};

/* What stands between ESC [ or ESC O and the final byte, and that byte. */
struct meaning meaning_of_csi(struct slice parameters, char final);
struct meaning meaning_of_ss3(struct slice parameters, char final);

/* Whether ESC O and that byte is a key of the keypad in application mode. */
bool meaning_is_keypad(char final);

#endif
