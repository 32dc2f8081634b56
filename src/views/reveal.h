/* Raw payloads of one transaction under a grant, from asking for it with a reason to its end. */
#ifndef VIEWS_REVEAL_H
#define VIEWS_REVEAL_H

#include "ui/form.h"
#include "ui/view.h"

struct reveal {
	const struct view_env *env;
	void (*changed)(void *ctx); /* opened, or sealed */
	void *ctx;

	bool asking; /* the form is open */
	struct form form;
	struct field fields[2];
	struct str id; /* of the transaction */
	struct str grant; /* of the store; empty: none */
	int64_t until_us; /* wall clock */
	struct rows *raw; /* NULL: sealed */
	struct str body; /* of the row that was decoded last */

	/* Its own. */
	uint64_t ticket;
	struct timer *timer;
};

void reveal_open(struct reveal *reveal);
void reveal_close(struct reveal *reveal);
void reveal_ask(struct reveal *reveal, struct slice id); /* opens the form */
bool reveal_input(struct reveal *reveal, const struct input *input);
void reveal_seal(struct reveal *reveal); /* here at once, in the store as soon as it can be told */
void reveal_shown(struct reveal *reveal); /* the view is back: what could not be told is told */

/* The raw body with that key: bytes, until the next call or the seal. False when there is none. */
bool reveal_body(struct reveal *reveal, struct slice key, struct slice *ret_body);
void reveal_status(const struct reveal *reveal, struct str *out);

#endif
