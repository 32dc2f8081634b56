/* What the parts of the view of handovers share. */
#ifndef VIEWS_HANDOVER_PART_H
#define VIEWS_HANDOVER_PART_H

#include "deed.h"
#include "list_file.h"
#include "sheet.h"

enum handover_at {
	AT_HANDOVERS,
	AT_ITEMS, /* of one */
	HANDOVER_SHEETS,
};

/* A handover on its way into a file. */
struct handover_export {
	bool asking;
	struct field field;
	struct form form;
	struct list_file file;
	uint64_t ticket;
};

struct handover {
	struct view view;
	struct panel list, items;
	struct sheet sheets[HANDOVER_SHEETS];
	enum handover_at at;
	const char *list_params[1], *id_params[1];
	struct str id; /* of the one whose page is open */
	struct rows *row; /* it, as it was answered last; NULL: not yet */
	size_t row_at;
	bool shown;
	struct {
		int64_t nr; /* 0: the words on the whole */
		struct str text; /* what could not be written down yet */
	} edit;
	struct deed deed;
	struct handover_export export;
};

/* The one that an act is about: that of the page, else the one under the cursor; NULL for none. */
const struct rows *handover_row(const struct handover *handover, size_t *ret_row);
void handover_open_page(struct handover *handover, struct slice id);

/* handover_lists.c: both lists, what stands above the items, and the item under the cursor in full. */
extern const struct sheet handover_sheets[HANDOVER_SHEETS];
#define HANDOVER_HEAD 5
#define HANDOVER_DETAIL 4
void handover_draw_head(const struct handover *handover, const struct canvas *canvas);
void handover_draw_detail(const struct handover *handover, const struct canvas *canvas);

/* handover_acts.c: an act that changes something; false when it is none. */
bool handover_deed(struct handover *handover, enum action action);
void handover_deed_ended(void *ctx, bool done, int64_t id);

/* handover_export.c: into a new file; handover_text.c: as Markdown, or as plain text. */
void handover_export_open(struct handover *handover);
void handover_export_close(struct handover *handover);
void handover_export_ask(struct handover *handover);
bool handover_export_input(struct handover *handover, const struct input *input);
void handover_text(const struct rows *row, size_t at, const struct rows *items, bool markdown,
	struct str *out);

#endif
