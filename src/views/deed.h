/* An act that changes something, from what it needs to know to what came of it.
 *
 * begin() names it; the parameters of its statement follow in their order: as they are, from a field
 * of a form, or as ids, which are frozen here and go a thousand at a time. open() shows the form, or
 * does it at once when there is none. The statement is asked once for each part, never again by
 * itself; its answer has the columns ok, message, id, n (how many), left (how many are still to be done by
 * the same call) and refused (in words). */
#ifndef VIEWS_DEED_H
#define VIEWS_DEED_H

#include "ui/form.h"
#include "ui/view.h"

#define DEED_PARAMS 10
#define DEED_FIELDS 8

struct deed {
	const struct view_env *env;
	void (*ended)(
		void *ctx, bool done, int64_t id); /* whatever came of it was said; may be NULL */
	void *ctx;

	/* Its own. */
	const char *name, *question;
	struct str title;
	struct deed_param {
		char *text; /* as it is */
		size_t field; /* of the form, when it is one; else DEED_FIELDS */
		const char *const *values; /* of a choice */
		bool ids, until;
	} params[DEED_PARAMS];
	size_t n_params;
	struct field fields[DEED_FIELDS];
	char *labels[DEED_FIELDS]; /* owned */
	struct form form;
	size_t count_field; /* DEED_FIELDS: none */
	int64_t count, until_us;
	int64_t *ids;
	size_t n_ids, at_id, sent;
	int64_t n_done;
	struct str refused;
	enum { DEED_NONE, DEED_FORM, DEED_UNDER_WAY } state;
	bool stop;
	uint64_t ticket;
};

void deed_done(struct deed *deed);

/* name: as on a button. False while another is under way, which is said. */
bool deed_begin(struct deed *deed, const char *name, const char *question, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void deed_text(struct deed *deed, const char *text);
void deed_int(struct deed *deed, int64_t value);
void deed_ids(struct deed *deed, const int64_t *ids, size_t n); /* copied */

/* Fields. Labels and words of choices live as long as the program; those of notes are copied. */
void deed_ask_text(struct deed *deed, const char *label, const char *help, bool needed);
void deed_ask_choice(struct deed *deed, const char *label, const char *help,
	const char *const *words, const char *const *values, size_t n);
void deed_ask_until(struct deed *deed); /* a time ahead, the same for all parts */
void deed_note(struct deed *deed, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The number must be typed, when it is more than one; it is no parameter. */
void deed_ask_count(struct deed *deed, int64_t count);
void deed_open(struct deed *deed);

bool deed_input(struct deed *deed, const struct input *input); /* true: it was for the form */
bool deed_cancel(struct deed *deed); /* no further part; true when one was under way */
void deed_draw(const struct deed *deed, const struct canvas *canvas);
void deed_status(const struct deed *deed, struct str *out);

#endif
