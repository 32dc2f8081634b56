/* What the parts of the view of Odoo share. */
#ifndef VIEWS_ODOO_PART_H
#define VIEWS_ODOO_PART_H

#include "ui/panel.h"
#include "ui/prompt.h"
#include "ui/table.h"
#include "ui/view.h"

enum section {
	SECTION_HEALTH,
	SECTION_MODELS,
	SECTION_CRONS,
	SECTION_AUTOMATIONS,
	SECTION_QUEUE,
	SECTION_FOUND,
	SECTION_RUNS,
	SECTION_N,
};

struct odoo_view {
	struct view view;
	enum section section;
	struct panel panels[SECTION_N];
	struct panel names; /* of Odoo's models */
	struct panel hooks; /* the webhooks that the store knows, below the automations */
	struct panel systems; /* the Odoos of the catalogue: of several, one is looked at */
	struct str system; /* that one; "": there is only one */
	struct table tables[SECTION_N];
	struct prompt prompt;
	enum { TYPING_NOTHING, TYPING_RECORD, TYPING_INTERFACE } typing;
	bool is_shown;
	uint64_t ticket; /* of a comparison that is asked for */
	struct str models, wanted; /* of the last search */
	const char *find_params[3], *list_params[1];
	int64_t now_us;
};

/* odoo_lists.c: each section as a table, but health. */
struct section_info {
	const char *title, *question;
	int64_t period_us;
	const struct table_column *columns;
	const char *const *names; /* in the answer */
	size_t n;
	const char *empty;
};

extern const struct section_info odoo_sections[SECTION_N];
struct table_rows odoo_rows_of(const struct odoo_view *view);

/* odoo_choice.c: which Odoo is looked at. */
void odoo_choice_open(struct odoo_view *view);
void odoo_choice_close(struct odoo_view *view);
void odoo_choice_next(struct odoo_view *view);
void odoo_choice_draw(const struct odoo_view *view, const struct canvas *canvas);

/* odoo_hooks.c */
void odoo_hooks_open(struct odoo_view *view);
int odoo_hooks_height(const struct odoo_view *view, int height); /* of so many rows; 0: not shown */
void odoo_hooks_draw(const struct odoo_view *view, const struct canvas *canvas);

/* odoo_health.c */
void odoo_draw_health(const struct odoo_view *view, const struct canvas *canvas);

/* "in 5m", "3h ago"; nothing for null. */
void odoo_add_when(struct str *out, const struct rows *rows, size_t row, size_t at, int64_t now_us);

#endif
