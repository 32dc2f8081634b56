/* What a screen is to the rest: asked for data, laid out, drawn from a snapshot, told of acts.
 *
 * A view holds what it was answered and where its cursor is, no more. draw() changes nothing. It asks
 * only while it is shown, and asks again when the store has come back. */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"
#include "model/source.h"
#include "term/screen.h"
#include "ui/action.h"
#include "ui/canvas.h"
#include "ui/keymap.h"
#include "ui/table.h"

struct view;

/* A text for the person's own editor. done comes when the editor has ended, unless the program ends
 * before; the text is borrowed until it returns. */
struct edit {
	struct slice text;
	const char *name; /* of the file, so that the editor knows what it is */
	void (*done)(void *ctx, struct slice text, const struct err *err);
	void *ctx;
};

/* What a view may use; outlives it. */
struct view_env {
	struct source *source;
	struct loop *loop;
	struct log *log; /* what the program noticed */
	const struct keymap *keymap;
	const struct screen_caps *terminal; /* NULL where there is none */
	struct actor actor; /* who sits here: an act that would be refused is shown so */
	enum context
		behind; /* the context of the view that was left for this one: help tells of it */
	void (*changed)(void *ctx); /* something to paint */
	void (*go)(void *ctx, const char *view,
		struct slice what); /* to another view, aimed at that */
	void (*say)(void *ctx, enum role role, const char *text); /* until the next key */
	int (*copy)(
		void *ctx, struct slice text, struct err *err); /* to the terminal's clipboard */
	struct kept *kept; /* filters under a name; NULL: there are none */
	int (*edit)(void *ctx, const struct edit *edit, struct err *err); /* one at a time */
	void *ctx;
};

struct view_ops {
	const char *name; /* as in ":name" and the tab */
	const char *title;
	enum context context;
	struct view *(*open)(const struct view_env *env);
	void (*close)(struct view *view);
	void (*show)(struct view *view, bool shown);
	void (*aim)(struct view *view, struct slice what); /* what it is to show; may be NULL */
	void (*store_up)(struct view *view, bool up); /* the store was found again, or lost */
	void (*layout)(struct view *view, int width, int height);
	void (*draw)(const struct view *view, const struct canvas *canvas);
	bool (*act)(struct view *view, enum action action); /* false: not its own */
	/* For an act that asks first: what it would be done to, as a question; how many. 0: nothing, and
	 * why. NULL: the act's help says enough. */
	int64_t (*subject)(const struct view *view, enum action action, struct str *out);
	/* While it asks something itself: takes keys and pastes before anyone else. May be NULL. */
	bool (*input)(struct view *view, const struct input *input);
	void (*status)(const struct view *view, struct str *out);
	void (*path)(const struct view *view, struct str *out); /* behind its title; may be NULL */
	/* The list that is searched and whose columns are chosen; the view lays out anew afterwards. */
	struct table *(*table)(struct view *view, struct table_rows *ret_rows);
	/* Instead of a list, which is then missing: a text that is searched; as table_search(). */
	int (*search)(struct view *view, struct match *match, bool forward);
	bool (*settled)(const struct view *view); /* has what its first frame needs */
	bool whole; /* it is given all but one line, for the environment and the time: no frame */
};

struct view {
	const struct view_ops *ops;
	const struct view_env *env;
};

/* Copies what is called so, and says it; or that there is none. */
void view_copy(const struct view *view, const char *what, struct slice text);

/* To the tail, where all legs of this correlation are followed. */
void view_follow(const struct view *view, struct slice correlation);

#endif
