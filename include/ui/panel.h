/* One question that is asked again and again while it is shown: its last answer, how old that is,
 * and what went wrong since. A view has one for each part of it that stands on its own. */
#ifndef UI_PANEL_H
#define UI_PANEL_H

#include "ui/view.h"

struct panel {
	const struct view_env *env;
	const char *question;
	const char *const *params; /* borrowed; read at each asking */
	size_t n_params;
	int64_t period_us;
	void (*answered)(void *ctx, const struct rows *rows); /* may be NULL */
	void *ctx;

	/* What is known. */
	struct rows *rows; /* NULL before the first answer */
	int64_t wall_us; /* when it was answered: ages are counted to here */
	int64_t mono_us;
	int64_t took_us;
	struct err err; /* of the last asking, when it failed */

	/* Its own. */
	uint64_t ticket;
	struct timer *timer;
	bool shown;
};

void panel_open(struct panel *panel);
void panel_close(struct panel *panel);
void panel_show(struct panel *panel, bool shown);
void panel_ask(struct panel *panel); /* now; nothing when one is under way */
void panel_forget(struct panel *panel); /* the answer: something else will be asked */
void panel_cancel(struct panel *panel);

/* What a status line says of it: nothing while all is well; that it is being asked for the first
 * time, what failed, how long it took where that was slow, how old the answer is where that is. */
void panel_status(const struct panel *panel, struct str *out);

#endif
