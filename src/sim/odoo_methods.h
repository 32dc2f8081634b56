/* The methods that every model of the simulated Odoo has, by name, with the names of what they take. */
#ifndef SIM_ODOO_METHODS_H
#define SIM_ODOO_METHODS_H

#include "odoo_rows.h"

struct odoo_method {
	const char *name;
	const char *model; /* the only one that has it; NULL: all have it */
	const char *params; /* parted by blanks, in order; "!" before one that must be given */
	bool on_records; /* takes ids before all else */
	bool writes; /* may change something */
	/* NULL after raising. */
	json_t *(*run)(struct odoo_env *env, struct odoo_table *table, const json_t *ids,
		const json_t *named);
};

const struct odoo_method *odoo_method_named(const struct odoo_model *model, const char *name);

/* Idempotent upsert by external id, and the external ids themselves: odoo_external.c. */
json_t *odoo_load(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *named);
json_t *odoo_check_reference(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *named);
json_t *odoo_external_ids(
	struct odoo_env *env, struct odoo_table *table, const json_t *ids, const json_t *named);
/* The row of ir.model.data, or NULL. */
const json_t *odoo_external_find(struct odoo_rows *rows, struct slice module, struct slice name);
int64_t odoo_external_add(
	struct odoo_env *env, const char *module, const char *name, const char *model, int64_t id);

/* With the record its external ids go. */
void odoo_external_forget(struct odoo_env *env, const char *model, int64_t id);

#endif
