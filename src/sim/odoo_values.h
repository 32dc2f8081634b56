/* What a field of the simulated Odoo takes. */
#ifndef SIM_ODOO_VALUES_H
#define SIM_ODOO_VALUES_H

#include "odoo_rows.h"

/* As it is stored; NULL after raising. Not for lists of links, which come as commands. */
json_t *value_in(struct odoo_env *env, const struct odoo_model *model,
	const struct odoo_field *field, const json_t *given);

/* What a new row has before anything is given. */
json_t *value_default(const struct odoo_env *env, const struct odoo_field *field);

#endif
