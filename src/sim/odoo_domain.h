/* Odoo's search domains in prefix notation, over rows in memory. */
#ifndef SIM_ODOO_DOMAIN_H
#define SIM_ODOO_DOMAIN_H

#include "odoo_rows.h"

/* 0, or -1 with what Odoo raises for such a domain. NULL and [] mean all. */
int domain_check(struct odoo_env *env, const struct odoo_table *table, const json_t *domain);

/* Of a checked domain. */
bool domain_holds(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	const json_t *domain);

/* Whether the domain names the field, in which case archived rows are not left out. */
bool domain_names(const json_t *domain, const char *field);

/* A stored field or a computed one. The caller owns it. */
json_t *odoo_field_value(
	struct odoo_env *env, const struct odoo_table *table, const json_t *row, const char *field);

/* As Python would print it, for messages. */
void odoo_repr(struct str *out, const json_t *value);

#endif
