/* A new file that rows, or a text, are written into: CSV that no spreadsheet takes for a formula, or JSON lines. What is
 * there is never overwritten, and nobody else may read it. Private to the views. */
#ifndef VIEWS_LIST_FILE_H
#define VIEWS_LIST_FILE_H

#include "base/err.h"
#include "base/str.h"
#include "model/rows.h"
#include "ui/form.h"

struct list_file {
	struct str path;
	int fd; /* -1: none is being written */
	bool csv;
	int64_t n; /* rows that are in */
};

/* The form that asks for one: as what, and where; a name is proposed. */
enum {
	LIST_FILE_FORMAT, /* chosen: 0 is CSV */
	LIST_FILE_PATH,
	LIST_FILE_FIELDS,
};
extern const char *const list_file_formats[];
void list_file_ask(struct form *form, struct field *fields, const char *list, int64_t wall_us);

void list_file_init(struct list_file *file);
void list_file_done(struct list_file *file); /* what was written stays */

/* path: "~/" is the home directory. */
int list_file_open(struct list_file *file, struct slice path, bool csv, struct err *err);
int list_file_put(struct list_file *file, const struct rows *rows, struct err *err);
int list_file_put_text(struct list_file *file, struct slice text, struct err *err); /* as it is */
int list_file_close(struct list_file *file, struct err *err); /* 0 when none is open */

#endif
