/* What the terminal can do, once all that has a say was heard. */
#ifndef TERM_CAPS_H
#define TERM_CAPS_H

#include "term/screen.h"
#include "term/terminfo.h"

struct screen_caps caps_find(const struct screen_options *options, const struct terminfo *can);

/* Of the environment; "" when it is not there. */
const char *caps_variable(const char *name);

#endif
