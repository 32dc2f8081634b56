/* The recorded exchanges of tests/odoo/exchanges, one after the other. */
#ifndef TESTS_ODOO_EXCHANGES_H
#define TESTS_ODOO_EXCHANGES_H

#include "odoo/decode.h"
#include <jansson.h>

struct exchange {
	const char *name, *class;
	enum odoo_protocol protocol;
	const char *method, *path, *type, *authorization; /* authorization may be NULL */
	struct slice ask;
	int status;
	const char *answer_type;
	struct slice answer;
	const json_t *asked, *answered; /* the same, parsed; strings where they are no JSON */
};

/* Calls each for every line of the file; all is borrowed until it returns. Returns how many. */
int exchanges_each(
	const char *file, void (*each)(void *ctx, const struct exchange *exchange), void *ctx);

#endif
