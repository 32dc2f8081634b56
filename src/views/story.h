/* The story of an anomaly or of a failure group: sentences that the store makes from facts, each with when
 * it was so. A part of a view: it asks while it is shown, and is read as a text. */
#ifndef VIEWS_STORY_H
#define VIEWS_STORY_H

#include "text.h"
#include "ui/panel.h"

struct story {
	struct panel panel;
	struct str id;
	const char *params[2];
	struct text text;
	int width; /* of the lines that it was put into */
	bool stale, shown;
};

void story_open(struct story *story, const struct view_env *env, const char *what);
void story_close(struct story *story);
void story_show(struct story *story, bool shown);

/* Of another one; nothing when it is the same. */
void story_of(struct story *story, struct slice id);

void story_layout(struct story *story, int width, int height);
void story_draw(const struct story *story, const struct canvas *canvas);

#endif
