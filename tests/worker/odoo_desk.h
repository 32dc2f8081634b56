/* A store with people and dead letters, a simulated Odoo and a worker between them, on one loop. */
#ifndef TESTS_WORKER_ODOO_DESK_H
#define TESTS_WORKER_ODOO_DESK_H

#include "../../src/sim/odoo.h"
#include "traffic.h"
#include "worker/worker.h"

struct desk {
	struct people people;
	struct clock clock;
	struct loop *loop;
	struct odoo_sim *sim;
	struct web *web;
	struct worker *worker;
	struct jsonl *jsonl;
	/* A second Odoo, once it is opened; and what the worker's profile names. */
	struct odoo_sim *second;
	struct web *second_web;
	struct str second_url, second_key;
	struct odoo_named odoos[2];
	const char *names[2]; /* "" and NULL: the first alone, without a name */
	int changes; /* of the catalogue: one that changes nothing is none */
	struct str url, conninfo, key_path, log_path;
	char secrets[500]; /* a folder that a test may make; it is taken away when it is empty */
};

/* For cmocka. With a release 18 of Odoo that has 40 orders, HO-000001 and so on. */
int desk_setup(void **state);
int desk_setup_with(void **state, int orders);
int desk_teardown(void **state);

/* Gives the interface this "check" in its endpoint. */
void desk_check(struct desk *desk, const char *interface, const char *check);

/* Turns the loop until the query, as superuser, gives that text. */
void desk_until(struct desk *desk, const char *want, const char *sql, ...) PG_PRINTF(3);
/* Past the worker, as somebody else who works in Odoo. */
void desk_create(struct desk *desk, const char *order);
void desk_write(struct desk *desk, const char *field, const char *value, const char *vals);

void desk_stop(struct desk *desk); /* the worker, as if it died */
void desk_restart(struct desk *desk); /* another one in its place */
/* Another release of Odoo, with 5 orders. */
void desk_second(struct desk *desk);
/* Another worker, whose profile names the Odoos so; NULL: not at all. */
void desk_named(struct desk *desk, const char *first, const char *second);
void desk_fault(struct desk *desk, const char *fault);

#endif
