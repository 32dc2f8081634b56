/* Folders with all that is in them. */
#ifndef DEMO_TREE_H
#define DEMO_TREE_H

#include "base/err.h"
#include "demo/spawn.h"

/* rm -rf, never through a link and never out of its file system. A missing folder is fine. */
int tree_remove(const char *path, struct err *err);

/* A folder of mode 0700 that belongs to the account; one that is there must already be so. */
int tree_make_private(const char *path, const struct account *account, struct err *err);

#endif
