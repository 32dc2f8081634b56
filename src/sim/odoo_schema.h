/* What the simulated Odoo knows of: models, their fields, and who may do what with them. */
#ifndef SIM_ODOO_SCHEMA_H
#define SIM_ODOO_SCHEMA_H

#include "base/slice.h"

enum odoo_type {
	ODOO_CHAR,
	ODOO_LONG_TEXT,
	ODOO_BINARY,
	ODOO_INTEGER,
	ODOO_FLOAT,
	ODOO_MONETARY,
	ODOO_BOOLEAN,
	ODOO_DATE,
	ODOO_DATETIME,
	ODOO_SELECTION,
	ODOO_MANY2ONE,
	ODOO_ONE2MANY,
	ODOO_MANY2MANY,
};

enum {
	ODOO_REQUIRED = 1,
	ODOO_READONLY = 2,
	ODOO_RESTRICT = 4, /* the record it points at cannot be deleted */
	ODOO_SYSTEM = 8, /* only for administrators */
	ODOO_NOW = 16, /* the present time where nothing is given */
	ODOO_COMPUTED = 32,
};

/* Groups of users, as bits. */
enum {
	ODOO_GROUP_USER = 1,
	ODOO_GROUP_CONTACTS = 2,
	ODOO_GROUP_PURCHASE = 4,
	ODOO_GROUP_INVOICING = 8,
	ODOO_GROUP_STOCK = 16,
	ODOO_GROUP_SYSTEM = 32,
	ODOO_GROUP_WATCH = 64, /* sees what runs by itself, changes nothing */
};

struct odoo_field {
	const char *name, *label;
	enum odoo_type type;
	int flags;
	const char *relation; /* the other model */
	const char *inverse; /* of a one2many: the other's many2one */
	const char *selection; /* "key=Label|key=Label" */
	const char *otherwise; /* of a selection or a text: what it is where nothing is given */
};

struct odoo_model {
	const char *name, *label, *class; /* class: Python's name for it, in messages */
	const char *order;
	int read, write; /* groups that may; write stands for create and delete too */
	const struct odoo_field *fields;
	size_t n_fields;
};

extern const struct odoo_model odoo_models[];
extern const size_t odoo_n_models;

const struct odoo_model *odoo_model_named(struct slice name);
/* Those that every model has included. */
const struct odoo_field *odoo_field_named(const struct odoo_model *model, struct slice name);
/* Field i of a model, these first; NULL behind the last. */
const struct odoo_field *odoo_field_at(const struct odoo_model *model, size_t i);
const char *odoo_type_name(enum odoo_type type);

#endif
