/* What is done when the program itself fails: the terminal is given back before it dies. */
#ifndef APP_CRASH_H
#define APP_CRASH_H

#include "term/screen.h"

/* NULL: nothing to restore any more. */
void crash_guard(struct screen *screen);

#endif
