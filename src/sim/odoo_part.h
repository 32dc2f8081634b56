/* What the parts of the simulated Odoo's front share: the whole of it, its faults, its data. */
#ifndef SIM_ODOO_PART_H
#define SIM_ODOO_PART_H

#include "odoo.h"
#include "odoo_call.h"
#include "odoo_rows.h"
#include "odoo_users.h"

enum odoo_fault {
	ODOO_FAULT_NONE,
	ODOO_FAULT_SLOW,
	ODOO_FAULT_ERROR,
	ODOO_FAULT_HTML,
	ODOO_FAULT_GARBLED,
	ODOO_FAULT_TIMEOUT,
	ODOO_FAULT_LOCK,
	ODOO_FAULT_SERIALIZATION,
	ODOO_FAULT_DENIED,
	ODOO_FAULT_TIMEOUT_AFTER_COMMIT,
	ODOO_FAULT_CLOSE_AFTER_COMMIT,
};

#define ODOO_SESSIONS 64

struct odoo_sim {
	struct odoo_rows rows;
	struct odoo_account accounts[ODOO_ACCOUNTS];
	char *database;
	uint64_t seed;
	struct odoo_sim_counts counts;
	struct {
		enum odoo_fault kind;
		int64_t ms; /* of slow */
		int64_t times; /* -1: until cleared */
	} fault;
	struct {
		char id[41];
		int64_t uid;
	} sessions[ODOO_SESSIONS];
	uint64_t n_sessions; /* ever opened */
};

/* Fills the tables. */
void odoo_seed(struct odoo_sim *sim, int partners, int orders);
void odoo_seed_system(struct odoo_sim *sim);
void odoo_token(uint64_t seed, uint64_t n, char out[41]);

/* The fault that this request meets, and counts it; in_call: of a model's method, where some happen
 * that cannot elsewhere. */
enum odoo_fault odoo_fault_take(struct odoo_sim *sim, bool in_call);

/* The answer in JSON; takes the value. */
void odoo_answer_json(struct web_answer *answer, json_t *value);
void odoo_answer_html(struct web_answer *answer, int status, const char *text);

/* A call by this account, under the faults that stand. NULL after raising, or where answer->end says
 * that there is no answer. */
json_t *odoo_run(struct odoo_sim *sim, struct odoo_env *env, const struct odoo_account *account,
	const struct odoo_request *call, struct web_answer *answer);

/* The two protocols. */
void odoo_serve_jsonrpc(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer);
void odoo_serve_json2(
	struct odoo_sim *sim, const struct web_request *request, struct web_answer *answer);

#endif
