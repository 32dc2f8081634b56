/* One demo per folder. */
#ifndef DEMO_LOCK_H
#define DEMO_LOCK_H

#include "base/err.h"

/* Holds as long as the descriptor is open. -EBUSY names the process that has it. */
int lock_take(const char *dir, int *ret_fd, struct err *err);

#endif
