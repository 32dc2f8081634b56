/* Who may log in to the simulated Odoo, with what, and what they may do there. */
#ifndef SIM_ODOO_USERS_H
#define SIM_ODOO_USERS_H

#include "odoo_rows.h"

enum odoo_right {
	ODOO_ACCESS,
	ODOO_CREATE,
	ODOO_MODIFY,
	ODOO_DELETE,
};

struct odoo_account {
	const char *login, *name, *password;
	int groups;
	bool two_factor; /* the password alone does not let in; the key does */
	int64_t uid;
	char key[41];
};

/* Ends with one without a login. uid and key are set by the seed. */
#define ODOO_ACCOUNTS 6

extern const struct odoo_account odoo_accounts[ODOO_ACCOUNTS];

/* The account, or NULL for every kind of refusal. */
const struct odoo_account *account_log_in(
	const struct odoo_account *accounts, struct slice login, struct slice secret, bool web);
const struct odoo_account *account_by_uid(const struct odoo_account *accounts, int64_t uid);
const struct odoo_account *account_by_key(const struct odoo_account *accounts, struct slice key);
bool account_secret_is(const struct odoo_account *account, struct slice secret);

/* 0, or -1 with AccessError raised. */
int odoo_may(struct odoo_env *env, const struct odoo_model *model, enum odoo_right right);
int odoo_may_field(
	struct odoo_env *env, const struct odoo_model *model, const struct odoo_field *field);

/* Record rules: keys are their owner's alone. */
bool odoo_rule_allows(
	const struct odoo_env *env, const struct odoo_table *table, const json_t *row);
int odoo_raise_rule(struct odoo_env *env, const struct odoo_table *table, const json_t *row);

#endif
