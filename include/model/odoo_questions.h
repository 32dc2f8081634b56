/* The questions of views that Odoo itself answers, beside those of the store: their parameters and
 * columns. How each is asked is the console's. */
#ifndef MODEL_ODOO_QUESTIONS_H
#define MODEL_ODOO_QUESTIONS_H

#include "model/rows.h"

struct odoo_question {
	const char *name; /* "odoo-..." */
	size_t n_params;
	const struct column *columns;
	size_t n_columns;
};

extern const struct odoo_question odoo_questions[];
extern const size_t odoo_n_questions;

/* NULL when it is none of them: the store's. */
const struct odoo_question *odoo_question_find(const char *name);

#endif
