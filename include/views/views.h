/* Every view of the console: those of the table in ui/action.h, and the help. */
#ifndef VIEWS_VIEWS_H
#define VIEWS_VIEWS_H

#include "ui/view.h"

#define VIEW(id, name, tab, help) extern const struct view_ops view_##name;
VIEWS(VIEW)
#undef VIEW
extern const struct view_ops view_help;

#endif
