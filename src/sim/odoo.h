/* A simulated Odoo: both protocols over HTTP, in front of records in memory.
 *
 * The same seed and clock give the same records. Faults are asked for by text, as on the command
 * line: KIND or KIND:TIMES, such as "serialization:2"; without TIMES it lasts until "clear". Where it
 * runs as a program, POST /sim/fault takes the same text, and GET /sim/calls counts what came. */
#ifndef SIM_ODOO_H
#define SIM_ODOO_H

#include "base/clock.h"
#include "base/err.h"
#include "web.h"

struct odoo_sim;

struct odoo_sim_options {
	const struct clock *clock; /* borrowed */
	const char *database;
	uint64_t seed;
	int version; /* 18: JSON-RPC alone; 19: JSON-2 too; 22: JSON-2 alone */
	int partners, orders; /* beside the few that are always there */
};

struct odoo_sim *odoo_sim_new(const struct odoo_sim_options *options);
void odoo_sim_free(struct odoo_sim *sim);
void odoo_sim_freep(struct odoo_sim **sim);

/* For web_listen(); ctx is the simulated Odoo. */
void odoo_sim_serve(void *ctx, const struct web_request *request, struct web_answer *answer);

/* The key of an account, or NULL. */
const char *odoo_sim_key(const struct odoo_sim *sim, const char *login);

int odoo_sim_fault(struct odoo_sim *sim, struct slice text, struct err *err);

/* Calls of models' methods so far, and those of them that may write; logins. */
struct odoo_sim_counts {
	int calls, writes, logins;
};
struct odoo_sim_counts odoo_sim_counts(const struct odoo_sim *sim);

#endif
