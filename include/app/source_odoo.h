/* The console's source: questions whose names begin with "odoo-" and that Odoo can answer go there, with
 * a key that is for reading; all others go to the store. Views see no difference. Of several Odoos the
 * one is asked that the catalogue names, and no other. */
#ifndef APP_SOURCE_ODOO_H
#define APP_SOURCE_ODOO_H

#include "base/loop.h"
#include "model/source.h"
#include "odoo/profile.h"

/* The store's source and the loop are borrowed, and so are the texts of the Odoos. Without one every
 * question to Odoo fails and says what is missing. */
struct source *source_odoo_new(
	struct source *store, struct loop *loop, const struct odoo_named *odoos, size_t n);
void source_odoo_free(struct source *source); /* NULL is fine; the store's source stays */

#endif
