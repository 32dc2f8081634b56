/* Searching and reading rows of the simulated Odoo. */
#ifndef SIM_ODOO_SEARCH_H
#define SIM_ODOO_SEARCH_H

#include "odoo_rows.h"

/* The ids as a list, ordered and cut as asked; NULL after raising. All may be NULL. */
json_t *odoo_search(struct odoo_env *env, const struct odoo_table *table, const json_t *domain,
	const json_t *order, const json_t *offset, const json_t *limit);

/* A list of objects with these fields (NULL or []: all); ids that are not there are left out. bare:
 * a many2one as its number alone. */
json_t *odoo_read(struct odoo_env *env, const struct odoo_table *table, const json_t *ids,
	const json_t *fields, bool bare);

#endif
