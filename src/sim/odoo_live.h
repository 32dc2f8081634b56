/* The traffic's orders in the simulated Odoo, as the middleware would make them: the same seed and rate
 * as the traffic give the same orders, so that a console finds them on both sides. */
#ifndef SIM_ODOO_LIVE_H
#define SIM_ODOO_LIVE_H

#include "base/loop.h"
#include "odoo.h"

struct odoo_live;

/* dir: of the traffic's faults; NULL: none. */
struct odoo_live *odoo_live_open(
	struct loop *loop, struct odoo_sim *sim, uint64_t seed, double rate, const char *dir);
/* An order that comes by another way, as JSON; what is none makes nothing. */
void odoo_live_take(struct odoo_live *live, struct slice message, struct slice body);
void odoo_live_close(struct odoo_live *live); /* NULL is fine */

#endif
