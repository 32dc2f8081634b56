/* A list written to a file, page after page. The store is told first, for its audit. Private to the
 * views. */
#ifndef VIEWS_LIST_EXPORT_H
#define VIEWS_LIST_EXPORT_H

#include "list_file.h"
#include "model/filter.h"
#include "ui/view.h"

#define LIST_EXPORT_MAX 1000000 /* rows */

struct list_export {
	const struct view_env *env;
	const char *question; /* answers pages as for ui/paged */

	/* Its own. */
	struct filter *filter;
	struct list_file file;
	struct str place;
	uint64_t ticket;
};

void list_export_open(struct list_export *export);
void list_export_close(
	struct list_export *export); /* what is under way is left, and the file stays */

/* path: borrowed; "~/" is the home directory. False when it cannot begin, with why. */
bool list_export_start(struct list_export *export, struct slice filter, struct slice path, bool csv,
	struct err *err);
bool list_export_busy(const struct list_export *export);
void list_export_cancel(struct list_export *export); /* says how far it came */

#endif
