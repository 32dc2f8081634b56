/* The command `orderly-sim odoo`. */
#ifndef SIM_ODOO_SERVE_H
#define SIM_ODOO_SERVE_H

#include "odoo.h"

struct odoo_serve_options {
	const char *listen; /* "127.0.0.1:8069" */
	struct odoo_sim_options odoo;
	const char *const *faults;
	int n_faults;
	const char *
		dir; /* for odoo.url and odoo.key; also: the traffic's orders are there; may be NULL */
	double rate; /* of the traffic */
};

/* Until SIGTERM or SIGINT. Prints where it listens, and who may log in with what. */
int odoo_serve(const struct odoo_serve_options *options, struct err *err);

#endif
