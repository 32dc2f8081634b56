/* Creating, changing and deleting rows of the simulated Odoo, with its checks. */
#ifndef SIM_ODOO_WRITE_H
#define SIM_ODOO_WRITE_H

#include "odoo_rows.h"

/* The new id, or 0 after raising. */
int64_t odoo_create(struct odoo_env *env, struct odoo_table *table, const json_t *vals);
int odoo_write_one(struct odoo_env *env, struct odoo_table *table, int64_t id, const json_t *vals);
int odoo_write(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *vals);
int odoo_unlink(struct odoo_env *env, struct odoo_table *table, const json_t *ids);

/* Raises MissingError at the first that is not there. */
int odoo_all_there(struct odoo_env *env, const struct odoo_table *table, const json_t *ids);

#endif
