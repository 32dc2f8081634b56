/* The filters that are there under a name: the ready ones, one's own, and those that others share;
 * with how many transactions each leaves over, counted anew every half minute, one after the other.
 * One per console; tab bar, list and prompts look into it. */
#ifndef UI_KEPT_H
#define UI_KEPT_H

#include "base/arena.h"
#include "base/err.h"
#include "ui/view.h"

#define KEPT_JUMPS 9 /* as many have a key, and a place in the tab bar */
#define KEPT_COUNTED 20 /* as many are counted */
#define KEPT_MANY 1000 /* up to where */

struct kept_filter {
	const char *name, *text;
	const char *owner, *help; /* a ready one has help instead of an owner */
	int64_t id; /* of the store; 0: ready */
	bool shared, mine;
	int64_t count; /* -1: not known */
	struct err err; /* why it could not be counted */
};

struct kept;

/* Of the rest, each takes NULL for a console without filters. */
struct kept *kept_new(const struct view_env *env);
void kept_free(struct kept *kept); /* NULL is fine */

/* Asks while somebody is there; false also forgets what is under way. */
void kept_show(struct kept *kept, bool shown);
void kept_ask(struct kept *kept); /* now: one was saved, or the store came back */

size_t kept_n(const struct kept *kept);
const struct kept_filter *kept_at(const struct kept *kept, size_t i);

/* Adds the text of the one with that name. kept NULL: there is none. */
int kept_find(const struct kept *kept, struct slice name, struct str *out, struct err *err);

/* Names that begin as `text`, which begins with "@". */
size_t kept_complete(const struct kept *kept, struct slice text, struct arena *arena,
	const char **ret, size_t max);

/* The one of that name is shown now. What is new was looked at then: it counts from here on. */
void kept_used(struct kept *kept, struct slice name);

#endif
