/* Which keys do what, per context. Files in keymaps/ and the user's own go through one parser:
 *
 *   format 1
 *   inherit core             the core keys alone, or another keymap by name
 *   [list]                   a context; "[tail : list]" may repeat its parent, which is fixed
 *   j <Down> = move-down     several ways to the same act, parted by blanks
 *   gg       = move-top      keys that follow each other stand together
 *   x        = none          takes a binding away
 *
 * A line of a later file, or lower down, overrides what it names and nothing else. */
#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include "base/lines.h"
#include "term/keys.h"
#include "ui/action.h"

#define KEYMAP_SEQUENCE_MAX 4

struct binding {
	struct key keys[KEYMAP_SEQUENCE_MAX];
	size_t n;
	enum action action;
	bool core; /* from the table of acts: stays as it is */
};

struct keymap;

struct keymap *keymap_new(void); /* has the core keys */
void keymap_free(struct keymap *keymap);
void keymap_freep(struct keymap **keymap);

/* Reads a keymap over what is there. find() gives the text of a keymap to inherit, by name; NULL
 * when there is none. What is wrong goes to problems. */
void keymap_parse(struct keymap *keymap, const char *file, struct slice text,
	bool (*find)(struct slice name, struct slice *ret_text), struct problems *problems);

enum keymap_match {
	KEYMAP_NONE,
	KEYMAP_PREFIX, /* more keys may follow */
	KEYMAP_ACT,
};

enum keymap_match keymap_lookup(const struct keymap *keymap, enum context context,
	const struct key *keys, size_t n, enum action *ret);

/* The bindings that hold in a context, its parents' included. Returns how many; fn may be NULL. */
size_t keymap_each(const struct keymap *keymap, enum context context,
	void (*fn)(void *ctx, const struct binding *binding), void *ctx);

/* What keys that were pressed may still become: each binding without those keys. */
size_t keymap_following(const struct keymap *keymap, enum context context, const struct key *keys,
	size_t n, void (*fn)(void *ctx, const struct binding *rest), void *ctx);

/* Those that a context binds itself. */
void keymap_each_own(const struct keymap *keymap, enum context context,
	void (*fn)(void *ctx, const struct binding *binding), void *ctx);

/* The sequence that help and hints show for an act: the shortest, a plain character before a named
 * key. Adds nothing when the act has no key there. */
void keymap_key_of(
	const struct keymap *keymap, enum context context, enum action action, struct str *out);
void binding_name(const struct binding *binding, struct str *out);

#endif
