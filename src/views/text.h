/* A text that a view puts together, and its reader. */
#ifndef VIEWS_TEXT_H
#define VIEWS_TEXT_H

#include "model/pretty.h"
#include "model/rows.h"
#include "ui/text_view.h"

struct text {
	struct str own; /* when it was put together here */
	struct pretty pretty;
	bool printing; /* pretty is open, and may have more to print */
	struct text_span *spans;
	size_t n_spans, size_spans;
	struct text_view view;
	struct str note; /* what is to be said of it: "JSON" */
};

/* Nothing is shown any more; what was, is wiped. */
void text_clear(struct text *text);
void text_done(struct text *text);

/* Another text, read on from where the last one stood unless that was cleared. Bodies are borrowed
 * as long as they are shown. */
void text_payload(struct text *text, struct slice content_type, struct slice body, bool raw);
void text_changes(struct text *text, struct slice type_before, struct slice before,
	struct slice content_type, struct slice body);

/* Prints on, as far as the view may come to see, or all of it. */
void text_more(struct text *text, bool all);

/* From where it stands to the end, then from the other end: 1, 0, or what match_find() says of a
 * pattern that is too slow. The match is kept, to be marked, until another or NULL is set. */
int text_search(struct text *text, struct match *match, bool forward);

/* One that is put together: begun, added to, ended. */
void text_begin(struct text *text);
void text_end(struct text *text);
void text_add(struct text *text, enum role role, struct slice words);
void text_heading(struct text *text, const char *words);

/* Columns of a row as labels and values; those that say nothing are left out. */
enum how {
	AS_TEXT,
	AS_COUNT,
	AS_TIME,
	AS_MS,
	AS_SECONDS,
	AS_STATE,
	AS_YES,
};

struct fact {
	const char *column, *label;
	enum how how;
};

void text_add_facts(
	struct text *text, const struct rows *rows, size_t row, const struct fact *facts, size_t n);

#endif
