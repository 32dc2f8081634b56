/* Several things asked at once: lines of text, choices, checks. What is wrong is said at its field,
 * and nothing that was typed is lost. */
#ifndef UI_FORM_H
#define UI_FORM_H

#include "ui/keymap.h"
#include "ui/prompt.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_CHOICE, /* one of choices */
	FIELD_CHECK,
	FIELD_NOTE, /* says something, takes nothing */
};

struct field {
	enum field_kind kind;
	const char *label, *help;
	bool needed; /* a text must not be empty */
	const char *const *choices;
	size_t n_choices;

	struct prompt text;
	size_t chosen;
	bool checked;
	const char *error; /* set by the form or by its owner */
};

struct form {
	const char *title, *submit;
	struct field *fields; /* the caller's */
	size_t n, at; /* at == n: the button */
};

enum form_answer {
	FORM_PENDING,
	FORM_SUBMITTED,
	FORM_LEFT,
};

void form_open(struct form *form); /* of fields that are set up */
void form_done(struct form *form);
enum form_answer form_input(
	struct form *form, const struct keymap *keymap, const struct input *input);
void form_draw(const struct form *form, const struct canvas *screen);

#endif
