/* A long text to read: by lines, wrapped or moved sideways, with spans of its own look and what was
 * searched for marked. The text is borrowed; only its lines are remembered, and only what is visible
 * is measured, so that ten megabytes scroll as quickly as ten lines. */
#ifndef UI_TEXT_VIEW_H
#define UI_TEXT_VIEW_H

#include "base/str.h"
#include "model/match.h"
#include "ui/action.h"
#include "ui/canvas.h"

/* Lines longer than this are parted, so that one line without an end costs no more than others. */
#define TEXT_VIEW_LINE_MAX 4096

struct text_span {
	size_t at, len; /* in bytes; sorted, not overlapping */
	enum role role;
};

struct text_view {
	struct slice text;
	const struct text_span *spans;
	size_t n_spans;
	bool wrap;
	struct match *match; /* borrowed; NULL: nothing is searched for */

	size_t *starts; /* of each line */
	size_t n_lines, size_lines;
	size_t top_line;
	int top_row; /* of a wrapped line */
	int left; /* cells moved sideways when it is not wrapped */
	int width, height;
};

void text_view_set(
	struct text_view *view, struct slice text, const struct text_span *spans, size_t n_spans);
void text_view_done(struct text_view *view);
void text_view_layout(struct text_view *view, int width, int height);
bool text_view_act(struct text_view *view, enum action action);

/* To the next line (or the one before) that matches; false when there is none. */
bool text_view_search(struct text_view *view, bool forward);
void text_view_draw(const struct text_view *view, const struct canvas *canvas);

/* "lines 1-20 of 4,000" */
void text_view_status(const struct text_view *view, struct str *out);

#endif
