/* Every view of the console, in the order of its tabs. */
#ifndef VIEWS_VIEWS_H
#define VIEWS_VIEWS_H

#include "ui/view.h"

extern const struct view_ops view_overview;
extern const struct view_ops view_tail;
extern const struct view_ops view_help;
extern const struct view_ops view_log;

#endif
