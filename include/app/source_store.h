/* The source of rows with the store behind it: questions are statements by name. */
#ifndef APP_SOURCE_STORE_H
#define APP_SOURCE_STORE_H

#include "base/clock.h"
#include "model/source.h"
#include "store/pool.h"

/* The pool is borrowed, and must outlive it. */
struct source *source_store_new(struct pool *pool, const struct clock *clock);
void source_store_free(struct source *source); /* NULL is fine */

#endif
