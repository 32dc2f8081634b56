/* What Odoo's modules add to bare records: constraints, numbers, totals, and the steps of documents. */
#ifndef SIM_ODOO_DOCUMENTS_H
#define SIM_ODOO_DOCUMENTS_H

#include "odoo_rows.h"

/* Fills in what Odoo derives for a new row. */
void document_complete(struct odoo_env *env, const struct odoo_table *table, json_t *row);

/* 0, or -1 with what is raised. */
int document_check(struct odoo_env *env, const struct odoo_table *table, const json_t *row);
int document_made(struct odoo_env *env, struct odoo_table *table, int64_t id);
int document_changed(struct odoo_env *env, struct odoo_table *table, int64_t id);
int document_deletable(struct odoo_env *env, const struct odoo_table *table, const json_t *row);
void document_gone(struct odoo_env *env, const struct odoo_table *table, const json_t *row);

/* A step, such as button_confirm, on these rows. */
typedef json_t *document_step(struct odoo_env *env, struct odoo_table *table, const json_t *ids);

/* NULL where the model has no such step. */
document_step *document_step_named(const struct odoo_model *model, const char *name);

#endif
