/* What stands before the demo's systems: a proxy that takes what is meant for them. Orders for Odoo are
 * made there, each once; all other systems are one ledger, at /sim/ledger and /sim/counts. What is not
 * for a proxy is Odoo's. */
#ifndef SIM_FRONT_H
#define SIM_FRONT_H

#include "odoo.h"
#include "odoo_live.h"
#include "target.h"

struct front {
	struct odoo_sim *odoo;
	struct target_sim *target;
	struct odoo_live *live; /* NULL: no orders are made */
};

/* For web_listen(); ctx is a struct front. */
void front_serve(void *ctx, const struct web_request *request, struct web_answer *answer);

#endif
