/* Evaluates domains row by row: no index, since the largest simulated table has a few times ten
 * thousand rows. Leaves order and limits to odoo_search.c, its only caller beside the rules. */
#include "odoo_domain.h"
#include "base/mem.h"
#include <string.h>

static const char *const operators[] = {"=", "!=", "<", "<=", ">", ">=", "in", "not in", "like",
	"not like", "ilike", "not ilike", "=like", "=ilike"};

void odoo_repr(struct str *out, const json_t *value)
{
	if (json_is_string(value)) {
		str_addf(out, "'%s'", json_string_value(value));
	} else if (json_is_integer(value)) {
		str_addf(out, "%lld", (long long)json_integer_value(value));
	} else if (json_is_real(value)) {
		str_addf(out, "%g", json_real_value(value));
	} else if (json_is_array(value)) {
		str_addc(out, '[');
		for (size_t i = 0; i < json_array_size(value); i++) {
			str_adds(out, i ? ", " : "");
			odoo_repr(out, json_array_get(value, i));
		}
		str_addc(out, ']');
	} else {
		str_adds(out, json_is_true(value)    ? "True"
			      : json_is_false(value) ? "False"
						     : "None");
	}
}

json_t *odoo_field_value(
	struct odoo_env *env, const struct odoo_table *table, const json_t *row, const char *field)
{
	const json_t *stored;
	CLEANUP(mem_freep)
	char *label = NULL;

	(void)env;
	if (strcmp(field, "display_name") == 0) {
		label = row_label(table, row);
		return json_string(label);
	}
	if (strcmp(field, "complete_name") == 0)
		return json_sprintf("%s.%s", row_text(row, "module"), row_text(row, "name"));
	stored = json_object_get(row, field);
	return stored ? json_incref((json_t *)stored) : json_false();
}

/* ---- is it one ------------------------------------------------------------------------------- */

static struct odoo_table *relation_of(struct odoo_env *env, const struct odoo_field *field)
{
	return field->relation ? table_named(env->rows, field->relation) : NULL;
}

static void leaf_repr(struct str *out, const json_t *leaf)
{
	for (size_t i = 0; i < 3; i++) {
		str_adds(out, i ? ", " : "(");
		odoo_repr(out, json_array_get(leaf, i));
	}
	str_addc(out, ')');
}

static int check_path(
	struct odoo_env *env, const struct odoo_table *table, const json_t *leaf, struct slice path)
{
	CLEANUP(str_done)
	struct str shown = STR_INIT(2000);
	struct slice rest = path, name;

	while (table && slice_cut(&rest, '.', &name)) {
		const struct odoo_field *field = odoo_field_named(table->model, name);

		if (!field) {
			leaf_repr(&shown, leaf);
			return odoo_raise(env, VALUE_ERROR, "Invalid field %s.%.*s in %s %s",
				table->model->name, SLICE_ARG(name),
				env->rows->version < 19 ? "leaf" : "condition", str_cstr(&shown));
		}
		table = relation_of(env, field);
	}
	return 0;
}

static bool is_operator(const char *op)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (strcmp(operators[i], op) == 0)
			return true;
	return false;
}

static int check_leaf(struct odoo_env *env, const struct odoo_table *table, const json_t *leaf)
{
	const char *field = json_string_value(json_array_get(leaf, 0));
	const char *op = json_string_value(json_array_get(leaf, 1));

	/* [1, "=", 1] and [0, "=", 1] are true and false. */
	if (json_is_integer(json_array_get(leaf, 0)) && json_array_size(leaf) == 3)
		return 0;
	if (json_array_size(leaf) != 3 || !field || !op || !is_operator(op)) {
		CLEANUP(str_done)
		struct str shown = STR_INIT(2000);

		leaf_repr(&shown, leaf);
		return odoo_raise(env, VALUE_ERROR, "Invalid leaf %s", str_cstr(&shown));
	}
	return check_path(env, table, leaf, slice_of(field));
}

static int arity(const char *word)
{
	if (strcmp(word, "&") == 0 || strcmp(word, "|") == 0)
		return 2;
	return strcmp(word, "!") == 0 ? 1 : 0;
}

int domain_check(struct odoo_env *env, const struct odoo_table *table, const json_t *domain)
{
	int missing = 0;
	const json_t *item;
	size_t i;

	if (!domain || json_is_null(domain))
		return 0;
	if (!json_is_array(domain))
		return odoo_raise(env, TYPE_ERROR, "a domain is a list");
	json_array_foreach(domain, i, item)
	{
		const char *word = json_string_value(item);

		missing = missing ? missing : 1;
		if (word && !arity(word))
			return odoo_raise(env, "builtins.IndexError", "string index out of range");
		if (!word && check_leaf(env, table, item) < 0)
			return -1;
		missing += (word ? arity(word) : 0) - 1;
	}
	return missing > 0 ? odoo_raise(env, "builtins.IndexError", "pop from empty list") : 0;
}

/* ---- does it hold ----------------------------------------------------------------------------- */

/* % and _ as in SQL; recursive over the few % that a pattern has. */
static bool like(const char *text, const char *pattern, bool nocase)
{
	for (; *pattern; pattern++, text++) {
		char a = *text, b = *pattern;
		bool plain = b == '\\' && pattern[1];

		if (plain)
			b = *++pattern;
		if (b == '%' && !plain) {
			do
				if (like(text, pattern + 1, nocase))
					return true;
			while (*text++);
			return false;
		}
		if (nocase && a >= 'A' && a <= 'Z')
			a = (char)(a - 'A' + 'a');
		if (nocase && b >= 'A' && b <= 'Z')
			b = (char)(b - 'A' + 'a');
		if (a == '\0' || ((b != '_' || plain) && a != b))
			return false;
	}
	return *text == '\0';
}

static bool contains_like(const char *text, const json_t *wanted, bool whole, bool nocase)
{
	CLEANUP(str_done)
	struct str pattern = STR_INIT(4096);
	const char *word = json_string_value(wanted);

	str_addf(&pattern, whole ? "%s" : "%%%s%%", word ? word : "");
	return like(text, str_cstr(&pattern), nocase);
}

static bool is_time(enum odoo_type type)
{
	return type == ODOO_DATE || type == ODOO_DATETIME;
}

/* ISO's T and Z do in a domain. */
static int compare_times(const char *have, const char *wanted)
{
	size_t i;

	for (i = 0; wanted[i] && have[i]; i++) {
		char w = wanted[i] == 'T' ? ' ' : wanted[i];

		if (w == 'Z')
			return have[i] ? 1 : 0;
		if (have[i] != w)
			return have[i] < w ? -1 : 1;
	}
	if (wanted[i] && wanted[i] != 'Z')
		return -1;
	return have[i] ? 1 : 0;
}

static bool is_nothing(const json_t *value)
{
	return !value || json_is_false(value) || json_is_null(value) ||
	       (json_is_array(value) && json_array_size(value) == 0);
}

/* A number has no "nothing" of its own. */
static bool same(const json_t *have, const json_t *wanted, enum odoo_type type)
{
	if (json_is_boolean(wanted) && type == ODOO_BOOLEAN)
		return json_is_true(have) == json_is_true(wanted);
	if (is_nothing(wanted))
		return is_nothing(have) || (json_is_number(have) && json_number_value(have) == 0);
	if (json_is_number(have) && json_is_number(wanted))
		return json_number_value(have) == json_number_value(wanted);
	if (!json_is_string(have) || !json_is_string(wanted))
		return false;
	if (is_time(type))
		return compare_times(json_string_value(have), json_string_value(wanted)) == 0;
	return strcmp(json_string_value(have), json_string_value(wanted)) == 0;
}

static bool in_list(const json_t *have, const json_t *wanted, enum odoo_type type)
{
	const json_t *one;
	size_t i;

	if (!json_is_array(wanted))
		return same(have, wanted, type);
	json_array_foreach(wanted, i, one) if (same(have, one, type)) return true;
	return false;
}

static bool ordered(const json_t *have, const char *op, const json_t *wanted, enum odoo_type type)
{
	double a, b;
	int c;

	if (json_is_string(have) && json_is_string(wanted)) {
		c = is_time(type)
			    ? compare_times(json_string_value(have), json_string_value(wanted))
			    : strcmp(json_string_value(have), json_string_value(wanted));
	} else if (json_is_number(have) && json_is_number(wanted)) {
		a = json_number_value(have);
		b = json_number_value(wanted);
		c = (a > b) - (a < b);
	} else {
		return false;
	}
	if (op[0] == '<')
		return op[1] ? c <= 0 : c < 0;
	return op[1] ? c >= 0 : c > 0;
}

static bool compare(const json_t *have, const char *op, const json_t *wanted, enum odoo_type type)
{
	const char *text = json_string_value(have);

	if (strcmp(op, "=") == 0)
		return json_is_array(wanted) ? in_list(have, wanted, type)
					     : same(have, wanted, type);
	if (strcmp(op, "!=") == 0)
		return !compare(have, "=", wanted, type);
	if (strcmp(op, "in") == 0)
		return in_list(have, wanted, type);
	if (strncmp(op, "not ", 4) == 0)
		return !compare(have, op + 4, wanted, type);
	if (strstr(op, "like"))
		return text && contains_like(text, wanted, op[0] == '=', strstr(op, "ilike"));
	return ordered(have, op, wanted, type);
}

/* Of a link: by number, or by name where a text is asked for. */
static bool link_compare(struct odoo_env *env, const struct odoo_field *field, const json_t *have,
	const char *op, const json_t *wanted)
{
	struct odoo_table *other = relation_of(env, field);
	const json_t *row;
	CLEANUP(mem_freep)
	char *label = NULL;
	json_t *name;
	bool holds;

	if (!json_is_string(wanted))
		return compare(have, op, wanted, ODOO_INTEGER);
	row = row_at(other, json_integer_value(have));
	label = row ? row_label(other, row) : NULL;
	name = label ? json_string(label) : json_false();
	holds = compare(name, op, wanted, ODOO_CHAR);
	json_decref(name);
	return holds;
}

/* Of many links: one that holds is enough, and for a denial none may. */
static bool links_compare(struct odoo_env *env, const struct odoo_field *field, const json_t *have,
	const char *op, const json_t *wanted)
{
	bool denied = op[0] == '!' || strncmp(op, "not ", 4) == 0;
	const char *plain = !denied ? op : op[0] == '!' ? "=" : op + 4;
	const json_t *one;
	size_t i;

	if (is_nothing(wanted) && !json_is_array(wanted))
		return (json_array_size(have) == 0) != denied;
	json_array_foreach(
		have, i, one) if (link_compare(env, field, one, plain, wanted)) return !denied;
	return denied;
}

static bool leaf_holds(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	struct slice path, const char *op, const json_t *wanted);

/* Through a link, or through any of several. */
static bool beyond_holds(struct odoo_env *env, const struct odoo_table *other, const json_t *link,
	struct slice rest, const char *op, const json_t *wanted)
{
	const json_t *one, *row;
	size_t i;

	if (json_is_array(link)) {
		json_array_foreach(link, i,
			one) if (beyond_holds(env, other, one, rest, op, wanted)) return true;
		return false;
	}
	row = row_at(other, json_integer_value(link));
	return row ? leaf_holds(env, other, row, rest, op, wanted)
		   : compare(NULL, op, wanted, ODOO_CHAR);
}

static bool leaf_holds(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	struct slice path, const char *op, const json_t *wanted)
{
	struct slice rest = path, name;
	const struct odoo_field *field;
	json_t *have;
	bool holds;

	(void)slice_cut(&rest, '.', &name);
	field = odoo_field_named(table->model, name);
	have = odoo_field_value(env, table, row, field->name);
	if (rest.len && field->relation)
		holds = beyond_holds(env, relation_of(env, field), have, rest, op, wanted);
	else if (json_is_array(have))
		holds = links_compare(env, field, have, op, wanted);
	else if (field->type == ODOO_MANY2ONE)
		holds = link_compare(env, field, have, op, wanted);
	else
		holds = compare(have, op, wanted, field->type);
	json_decref(have);
	return holds;
}

/* Both sides are always read, so that the place behind them is known. */
static bool term_holds(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	const json_t *domain, size_t *at)
{
	const json_t *item = json_array_get(domain, (*at)++);
	const char *word = json_string_value(item);
	bool a, b;

	if (!word && json_is_integer(json_array_get(item, 0)))
		return json_integer_value(json_array_get(item, 0)) == 1;
	if (!word)
		return leaf_holds(env, table, row,
			slice_of(json_string_value(json_array_get(item, 0))),
			json_string_value(json_array_get(item, 1)), json_array_get(item, 2));
	a = term_holds(env, table, row, domain, at);
	if (*word == '!')
		return !a;
	b = term_holds(env, table, row, domain, at);
	return *word == '&' ? a && b : a || b;
}

bool domain_holds(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	const json_t *domain)
{
	size_t at = 0;

	while (at < json_array_size(domain))
		if (!term_holds(env, table, row, domain, &at))
			return false;
	return true;
}

bool domain_names(const json_t *domain, const char *field)
{
	const json_t *leaf;
	size_t i;

	json_array_foreach(domain, i, leaf)
	{
		const char *name = json_string_value(json_array_get(leaf, 0));

		if (name && strcmp(name, field) == 0)
			return true;
	}
	return false;
}
