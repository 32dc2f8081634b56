/* One call of a model's method, whole or not at all. */
#ifndef SIM_ODOO_CALL_H
#define SIM_ODOO_CALL_H

#include "odoo_rows.h"

struct odoo_request {
	const char *model, *method;
	const json_t *args; /* a list; NULL by name alone */
	const json_t *kwargs; /* an object or NULL; context in it */
	bool json2; /* ids and all else by name, and that protocol's exceptions */
};

/* NULL after raising, and then nothing was changed. *ret_writes: it may have changed something. */
json_t *odoo_call(struct odoo_env *env, const struct odoo_request *request, bool *ret_writes);

#endif
