/* Accounts, secrets, groups and rules.
 * Leaves sessions to odoo_web.c. Called before anything is read or written. */
#include "odoo_users.h"
#include "base/mem.h"
#include <string.h>

const struct odoo_account odoo_accounts[ODOO_ACCOUNTS] = {
	{"admin", "Mitchell Admin", "admin",
		ODOO_GROUP_USER | ODOO_GROUP_CONTACTS | ODOO_GROUP_PURCHASE | ODOO_GROUP_INVOICING |
			ODOO_GROUP_STOCK | ODOO_GROUP_SYSTEM,
		.uid = 2},
	{"integ_ro", "Integration Reader", "integ_ro-pw", ODOO_GROUP_USER, .uid = 8},
	{"integ_ops", "Integration Operator", "integ_ops-pw",
		ODOO_GROUP_USER | ODOO_GROUP_CONTACTS | ODOO_GROUP_PURCHASE | ODOO_GROUP_INVOICING |
			ODOO_GROUP_STOCK,
		.uid = 9},
	{"integ_2fa", "Integration Two Factors", "integ_2fa-pw",
		ODOO_GROUP_USER | ODOO_GROUP_PURCHASE, true, .uid = 10},
	{"integ_watch", "Integration Watcher", "integ_watch-pw", ODOO_GROUP_USER | ODOO_GROUP_WATCH,
		.uid = 11},
};

static const struct {
	int bit;
	const char *name;
} groups[] = {
	{ODOO_GROUP_SYSTEM, "Administration/Access Rights"},
	{ODOO_GROUP_CONTACTS, "Extra Rights/Contact Creation"},
	{ODOO_GROUP_STOCK, "Inventory/User"},
	{ODOO_GROUP_INVOICING, "Invoicing/Invoicing"},
	{ODOO_GROUP_PURCHASE, "Purchase/User"},
};

bool account_secret_is(const struct odoo_account *account, struct slice secret)
{
	if (*account->key && slice_eq_str(secret, account->key))
		return true;
	return !account->two_factor && slice_eq_str(secret, account->password);
}

/* The web's login wants a password; a key does not open a session. */
const struct odoo_account *account_log_in(
	const struct odoo_account *accounts, struct slice login, struct slice secret, bool web)
{
	for (; accounts->login; accounts++)
		if (slice_eq_str(login, accounts->login))
			return (web ? slice_eq_str(secret, accounts->password)
				    : account_secret_is(accounts, secret))
				       ? accounts
				       : NULL;
	return NULL;
}

const struct odoo_account *account_by_uid(const struct odoo_account *accounts, int64_t uid)
{
	for (; accounts->login; accounts++)
		if (accounts->uid == uid)
			return accounts;
	return NULL;
}

const struct odoo_account *account_by_key(const struct odoo_account *accounts, struct slice key)
{
	for (; accounts->login; accounts++)
		if (*accounts->key && slice_eq_str(key, accounts->key))
			return accounts;
	return NULL;
}

int odoo_may(struct odoo_env *env, const struct odoo_model *model, enum odoo_right right)
{
	static const char *const verbs[] = {"access", "create", "modify", "delete"};
	int needed = right == ODOO_ACCESS ? model->read : model->write;
	CLEANUP(str_done)
	struct str names = STR_INIT(1000);

	if (env->sudo || (env->groups & needed))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (groups[i].bit & needed)
			str_addf(&names, "\t- %s\n", groups[i].name);
	return odoo_raise(env, ACCESS_ERROR,
		"You are not allowed to %s '%s' (%s) records.\n\nThis operation is allowed for the "
		"following groups:\n%s\nContact your administrator to request access if necessary.",
		verbs[right], model->label, model->name, str_cstr(&names));
}

int odoo_may_field(
	struct odoo_env *env, const struct odoo_model *model, const struct odoo_field *field)
{
	if (env->sudo || !(field->flags & ODOO_SYSTEM) || (env->groups & ODOO_GROUP_SYSTEM))
		return 0;
	return odoo_raise(env, ACCESS_ERROR,
		"You do not have enough rights to access the fields \"%s\" on %s (%s). Please contact "
		"your system administrator.\n\nOperation: read\nUser: %lld\nFields:\n"
		"- %s (allowed for groups 'Administration / Access Rights')",
		field->name, model->label, model->name, (long long)env->uid, field->name);
}

bool odoo_rule_allows(const struct odoo_env *env, const struct odoo_table *table, const json_t *row)
{
	return env->sudo || strcmp(table->model->name, "res.users.apikeys") != 0 ||
	       row_int(row, "user_id") == env->uid;
}

int odoo_raise_rule(struct odoo_env *env, const struct odoo_table *table, const json_t *row)
{
	const json_t *user = row_at(table_named(env->rows, "res.users"), env->uid);

	return odoo_raise(env, ACCESS_ERROR,
		"Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, %s "
		"(id=%lld) doesn't have 'read' access to:\n- %s (%s: %lld)",
		user ? row_text(user, "name") : "", (long long)env->uid, table->model->label,
		table->model->name, (long long)row_int(row, "id"));
}
