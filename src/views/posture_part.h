/* What the parts of the view of the posture share. */
#ifndef VIEWS_POSTURE_PART_H
#define VIEWS_POSTURE_PART_H

#include "deed.h"
#include "sheet.h"
#include "sheet_export.h"

enum posture_at {
	AT_CREDENTIALS,
	AT_ACCESS,
	AT_FAILURES,
	AT_USES,
	AT_REVIEWS,
	AT_REVIEW, /* one of them, login by login */
	POSTURE_SHEETS,
};

struct posture {
	struct view view;
	struct panel panels[POSTURE_SHEETS];
	struct sheet sheets[POSTURE_SHEETS];
	enum posture_at at;
	const char *use_params[1], *review_params[1];
	struct str review; /* which one is open */
	bool shown;
	struct deed deed;
	struct sheet_export export;
};

/* posture_lists.c: the lists, what stands above and below them, and what is counted. */
struct posture_section {
	const char *question, *title, *none;
	struct sheet sheet;
	void (*count)(const struct rows *rows, struct str *out); /* may be NULL */
};
extern const struct posture_section posture_sections[POSTURE_SHEETS];
void posture_draw_sections(const struct posture *posture, const struct canvas *canvas);
void posture_draw_detail(const struct posture *posture, const struct canvas *canvas);

/* posture_acts.c: an act of an access review; false when it is none. */
bool posture_deed(struct posture *posture, enum action action);
void posture_show_section(struct posture *posture, enum posture_at at);
void posture_open_review(struct posture *posture, struct slice id);

#endif
