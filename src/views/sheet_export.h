/* A list that is held whole, written into a new file as CSV or JSON lines. The store is told first, for its
 * audit. Private to the views. */
#ifndef VIEWS_SHEET_EXPORT_H
#define VIEWS_SHEET_EXPORT_H

#include "list_file.h"
#include "ui/form.h"
#include "ui/view.h"

struct sheet_export {
	const struct view_env *env;
	const char *question; /* leaves the trace: takes the list's name and the format */

	/* Its own. */
	const char *list;
	bool asking;
	struct field fields[2];
	struct form form;
	struct list_file file;
	struct rows *rows; /* as they were when it was asked for */
	uint64_t ticket;
};

void sheet_export_open(struct sheet_export *export);
void sheet_export_close(struct sheet_export *export);

/* Asks for the file. rows: NULL while there is no answer yet, which is said; list: of the program. */
void sheet_export_ask(struct sheet_export *export, const char *list, const struct rows *rows);
bool sheet_export_input(struct sheet_export *export, const struct input *input);
void sheet_export_draw(const struct sheet_export *export, const struct canvas *canvas);

#endif
