/* The console's source: questions whose names begin with "odoo-" and that Odoo can answer go there, with
 * a key that is for reading; all others go to the store. Views see no difference. */
#ifndef APP_SOURCE_ODOO_H
#define APP_SOURCE_ODOO_H

#include "base/loop.h"
#include "model/source.h"
#include "odoo/client.h"

/* The store's source, the loop and the options' texts are borrowed. Without an address every question
 * to Odoo fails and says what is missing. */
struct source *source_odoo_new(struct source *store, struct loop *loop,
	const struct odoo_options *options, const char *ca_file);
void source_odoo_free(struct source *source); /* NULL is fine; the store's source stays */

#endif
