/* Every act that can be done here, found by typing any part of its name or of what it does. */
#ifndef UI_PALETTE_H
#define UI_PALETTE_H

#include "ui/keymap.h"
#include "ui/prompt.h"
#include "ui/table.h"

struct palette {
	const struct keymap *keymap;
	const struct actor *actor;
	enum context context;
	struct prompt typed;
	struct table table;
	enum action acts[ACTION_N]; /* those that fit, best first */
	size_t n;
};

enum palette_answer {
	PALETTE_PENDING,
	PALETTE_CHOSEN,
	PALETTE_LEFT,
};

void palette_open(struct palette *palette, const struct keymap *keymap, const struct actor *actor,
	enum context context); /* the keymap and the actor are borrowed */
void palette_done(struct palette *palette);
enum palette_answer palette_input(
	struct palette *palette, const struct input *input, enum action *ret_action);
void palette_draw(struct palette *palette, const struct canvas *screen);

#endif
