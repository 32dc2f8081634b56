/* What the parts of the page of an interface share. */
#ifndef VIEWS_INTERFACE_PART_H
#define VIEWS_INTERFACE_PART_H

#include "proposal.h"
#include "text.h"
#include "ui/panel.h"
#include "ui/table.h"
#include "ui/view.h"

/* What is asked for a page. */
enum interface_panel {
	OF_PAGE,
	OF_PROMISES,
	OF_VERSIONS,
	OF_STEPS,
	OF_DELIVERIES,
	OF_RUNS,
	OF_DEATHS,
	OF_N,
};

struct interface {
	struct view view;
	struct str code;
	const char *params[1];
	struct panel panels[OF_N];
	struct text text;
	struct proposal proposal;
	struct deed deed;
	struct table table;
	bool is_shown, in_list, stale; /* the text is to be put together anew */
	int width, height;
};

/* interface_text.c: puts the text together anew when an answer came. */
void interface_text(struct interface *me);

#endif
