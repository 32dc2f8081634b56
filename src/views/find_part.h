/* What the parts of the view Find share. Private to the views. */
#ifndef VIEWS_FIND_PART_H
#define VIEWS_FIND_PART_H

#include "filter_line.h"
#include "list_export.h"
#include "ui/form.h"
#include "ui/paged.h"
#include "ui/table.h"
#include "views/views.h"

#define FIND_TOP 1 /* the line of the filter */

struct find {
	struct view view;
	struct filter_line line;
	struct paged paged;
	struct table table;
	bool shown, started;
	int64_t now_us;

	/* Words that begin nothing: they were looked for in other ways too. */
	enum { WIDER_NOT, WIDER_JOINED, WIDER_ANYWHERE } wider;
	struct filter *wide; /* what is asked for then, else NULL */
	int64_t hidden; /* of exactly that id, outside of the scope */
	uint64_t hidden_ticket;

	enum { FORM_NONE, FORM_SAVE, FORM_EXPORT } asking;
	struct form form;
	struct field fields[3];
	struct list_export export;
	uint64_t save_ticket;
};

/* find_draw.c */
int find_detail_height(int height); /* of the view */
struct table_rows find_rows(const struct find *find);
void find_draw(const struct view *view, const struct canvas *canvas);
void find_status(const struct view *view, struct str *out);

/* find_form.c: saving a filter and writing the list to a file. */
void find_ask_save(struct find *find);
void find_ask_export(struct find *find);
bool find_form_input(struct find *find, const struct input *input);
void find_form_leave(struct find *find);

#endif
