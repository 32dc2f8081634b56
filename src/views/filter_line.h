/* The filter of a view as the line above its list: typed, completed from the catalogue, kept in a
 * history, and read. "@name" is a filter that was kept under that name. Private to the views. */
#ifndef VIEWS_FILTER_LINE_H
#define VIEWS_FILTER_LINE_H

#include "model/filter.h"
#include "ui/prompt.h"
#include "ui/view.h"

struct filter_line {
	const struct view_env *env;
	/* A filter was read and holds from now on; the one before is freed when it returns. */
	void (*set)(void *ctx, struct filter *filter);
	void *ctx;
	const char *no_body; /* why payloads are not asked for here; NULL: they may be */

	struct filter *filter; /* NULL before the first */
	struct str text; /* as it is printed */
	bool typing;

	/* Its own. */
	struct prompt prompt;
	struct rows *names;
	uint64_t ticket;
	const char **words;
	struct arena arena; /* of the last completion */
};

void filter_line_open(struct filter_line *line);
void filter_line_close(struct filter_line *line);

/* False when it is wrong, which is said then; what holds stays. */
bool filter_line_set(struct filter_line *line, struct slice text);

void filter_line_type(struct filter_line *line);
void filter_line_leave(struct filter_line *line);
bool filter_line_input(struct filter_line *line, const struct input *input); /* while typing */

/* In the first row of the canvas; `empty` stands there while nothing is asked for. */
void filter_line_draw(
	const struct filter_line *line, const struct canvas *canvas, const char *empty);

#endif
