/* A simulated Odoo and a client of it, on one loop. */
#ifndef TESTS_ODOO_BENCH_H
#define TESTS_ODOO_BENCH_H

#include "../../src/sim/odoo.h"
#include "odoo/client.h"

struct bench {
	struct clock clock;
	struct loop *loop;
	struct odoo_sim *sim;
	struct web *web;
	struct http *http;
	struct odoo *odoo;
	struct str url, secret_path;
	/* of the last reply */
	int replies;
	enum odoo_class class;
	bool in_doubt;
	int tries;
	int64_t number; /* when the result is one */
	struct str message, result; /* result: a text, or the kind */
};

/* The client logs in as integ_ops with its password, or with its key where key is set. */
struct bench *bench_new(int version, bool key, const struct odoo_options *options);
void bench_free(struct bench *bench);

void bench_secret(struct bench *bench, const char *text);
void bench_fault(struct bench *bench, const char *fault);
void bench_wait(struct bench *bench, int replies);
struct odoo_sim_counts bench_counts(const struct bench *bench);

/* Fills in done and ctx. */
uint64_t bench_ask(struct bench *bench, struct odoo_ask ask);
/* Asks and waits. */
enum odoo_class bench_call(struct bench *bench, struct odoo_ask ask);

/* The number of partners that have this reference, past the client. */
int64_t bench_count_partners(struct bench *bench, const char *ref);

#endif
