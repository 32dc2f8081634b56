/* External ids, "module.name": what Odoo is asked about one, and what its answer means. */
#ifndef ODOO_EXTERNAL_H
#define ODOO_EXTERNAL_H

#include "odoo/client.h"

/* False when it is none. The texts of the question lie in the arena. */
bool odoo_external_ask(struct arena *arena, struct slice external_id, struct odoo_ask *ret);

/* False where there is no model. The number is 0 where the record is there and not to be seen. */
bool odoo_external_found(const struct odoo_reply *reply, struct slice *ret_model, int64_t *ret_id);

/* Odoo has no such external id. Neither a right that is missing nor a wrong address says so. */
bool odoo_external_unknown(const struct odoo_reply *reply);

#endif
