/* The question before an act that cannot be taken back. "No" is what a hasty Enter gives; an act on
 * many things wants their number typed. */
#ifndef UI_CONFIRM_H
#define UI_CONFIRM_H

#include "ui/keymap.h"
#include "ui/prompt.h"

struct confirm {
	struct str question; /* lines */
	const char *yes; /* the act, as on a button: "Discard" */
	int64_t count; /* to be typed when more than one; the caller's, frozen */
	bool on_yes;
	bool wrong; /* another number was typed */
	struct prompt typed;
};

enum confirm_answer {
	CONFIRM_PENDING,
	CONFIRM_YES,
	CONFIRM_NO,
};

void confirm_open(struct confirm *confirm, struct slice question, const char *yes, int64_t count);
void confirm_done(struct confirm *confirm);
enum confirm_answer confirm_input(
	struct confirm *confirm, const struct keymap *keymap, const struct input *input);
void confirm_draw(const struct confirm *confirm, const struct canvas *screen);

#endif
