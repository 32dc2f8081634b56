/* One line that a person types: editing by whole glyphs, history, completion.
 *
 * The keys are acts of the context "prompt"; everything that is not bound there and can be shown is
 * typed. A paste is typed too, its line ends as blanks. */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include "base/arena.h"
#include "base/str.h"
#include "term/keys.h"
#include "ui/action.h"
#include "ui/canvas.h"

#define PROMPT_HISTORY 100
#define PROMPT_MAX 4096

struct prompt {
	const char *label; /* ":" */
	struct str text;
	size_t cursor; /* in bytes, between glyphs */

	struct slice history[PROMPT_HISTORY]; /* oldest first; owned */
	size_t n_history, at_history; /* at_history == n_history: what is being typed */
	struct str typed; /* before history was looked through */

	/* Completions of the text up to the cursor, asked when Tab is pressed: adds words that begin
	 * with `head`, and says where in the text the head begins. */
	size_t (*complete)(
		void *ctx, struct slice text, const char **ret, size_t max, size_t *ret_at);
	void *ctx;
};

void prompt_open(struct prompt *prompt, const char *label);
void prompt_done(struct prompt *prompt);
void prompt_type(struct prompt *prompt, struct slice text);
void prompt_type_key(struct prompt *prompt, struct key key); /* nothing when it is no character */

/* An act of the context "prompt", but for accepting and giving up, which are the caller's. The words
 * that a completion could not decide between are added to choices. */
void prompt_act(struct prompt *prompt, enum action action, struct str *choices);

/* Keeps the line in the history and empties the prompt. */
void prompt_keep(struct prompt *prompt);
void prompt_draw(const struct prompt *prompt, const struct canvas *canvas, int y);

#endif
