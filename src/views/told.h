/* A list, and below it the story of the row under the cursor: what anomalies, signals and probes have in common.
 * A view begins with one; it names the list's question and columns, and what its stories are of. The operations
 * that take a view need nothing else of it. */
#ifndef VIEWS_TOLD_H
#define VIEWS_TOLD_H

#include "split.h"
#include "story.h"

struct told {
	struct view view;
	struct panel list;
	struct sheet sheet;
	struct split split;
	struct story story;
};

/* list has its question and period, sheet its columns; the rest is set here. */
void told_open(struct told *told, const struct view_ops *ops, const struct view_env *env,
	const char *what);
void told_close(struct told *told);

void told_show(struct view *view, bool shown);
void told_store_up(struct view *view, bool up);
void told_layout(struct view *view, int width, int height);
int told_search(struct view *view, struct match *match, bool forward);
bool told_settled(const struct view *view);

bool told_any(const struct told *told); /* the list has a row */
void told_draw(const struct told *told, const struct canvas *canvas, struct slice heading);

/* Asks for both again. */
void told_refresh(struct told *told);

/* Which half is read, and moving in it. */
bool told_act(struct told *told, enum action action);

#endif
