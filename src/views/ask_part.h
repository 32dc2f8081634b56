/* What the parts of the view that asks for a replay share. */
#ifndef VIEWS_ASK_PART_H
#define VIEWS_ASK_PART_H

#include "deed.h"
#include "model/filter.h"
#include "reveal.h"
#include "sheet.h"
#include "text.h"

/* An edited payload lives here while the grant lasts under which the recorded one was seen. */
struct ask_edit {
	const struct view_env *env;
	struct str id; /* of the dead letter; empty: none is being edited */
	struct str key, type; /* of the payload that would be sent */
	struct reveal reveal;
	struct str body; /* as it was saved */
	bool edited, wrong; /* wrong: it is no longer what its format wants */
	bool wanted; /* the editor is to be opened as soon as it can be */
	struct text text; /* what was changed */
	uint64_t ticket;
};

struct ask_view {
	struct view view;
	struct panel dry, forecast;
	struct sheet sheet;
	struct deed deed;
	struct str ids, group, seen;
	const char *params[3]; /* ids; or group and seen */
	struct filter *filter; /* while the store is asked what it leaves over */
	uint64_t filter_ticket;
	bool aimed, shown;
	int64_t may; /* how many can be asked for */
	struct ask_edit edit;
};

/* ask_form.c */
void ask_draw_head(const struct ask_view *ask, const struct canvas *canvas);
void ask_open_form(struct ask_view *ask);

/* ask_edit.c */
void ask_edit_open(struct ask_edit *edit, const struct view_env *env);
void ask_edit_close(struct ask_edit *edit);
void ask_edit_start(
	struct ask_edit *edit, struct slice id); /* again: goes on with what was saved */
void ask_edit_drop(struct ask_edit *edit); /* wipes it, and seals */
void ask_edit_hex(const struct ask_edit *edit, struct str *out);

#endif
