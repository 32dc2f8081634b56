/* Which rows, in which order, and how they look outside.
 * Leaves the domain itself to odoo_domain.c and rights to odoo_users.c.
 * Called by the methods of odoo_methods.c. */
#include "odoo_search.h"
#include "base/mem.h"
#include "odoo_domain.h"
#include "odoo_users.h"
#include <stdlib.h>
#include <string.h>

#define ORDER_MAX 6

struct order_key {
	const struct odoo_field *field;
	bool down;
};

struct order {
	struct odoo_env *env;
	const struct odoo_table *table;
	struct order_key keys[ORDER_MAX];
	size_t n;
};

static int bad_field(struct odoo_env *env, const struct odoo_table *table, struct slice name)
{
	return odoo_raise(env, VALUE_ERROR, "Invalid field '%.*s' on %s'%s'", SLICE_ARG(name),
		env->rows->version < 19 ? "model " : "", table->model->name);
}

static int bad_order(struct odoo_env *env, const char *text)
{
	return odoo_raise(env, USER_ERROR,
		"Invalid \"order\" specified (%s). A valid \"order\" specification is a "
		"comma-separated list of valid field names (optionally followed by asc/desc for "
		"the direction)",
		text);
}

static bool is_name(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz_0123456789.", word.at[i]))
			return false;
	return word.len > 0;
}

static int order_parse(struct order *order, const char *text)
{
	struct slice rest = slice_of(text), part, name, way = SLICE_NONE;

	while (slice_cut(&rest, ',', &part) && order->n < ORDER_MAX) {
		struct order_key *key = &order->keys[order->n++];

		if (!slice_word(&part, &name) || !is_name(name))
			return bad_order(order->env, text);
		key->down = slice_word(&part, &way) && slice_eq_nocase(way, SLICE("desc"));
		if (way.len && !key->down && !slice_eq_nocase(way, SLICE("asc")))
			return bad_order(order->env, text);
		key->field = odoo_field_named(order->table->model, name);
		if (!key->field)
			return bad_field(order->env, order->table, name);
		way = SLICE_NONE;
	}
	return 0;
}

static int compare_values(const json_t *a, const json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);

	if (json_is_string(a) && json_is_string(b))
		return strcmp(json_string_value(a), json_string_value(b));
	if (json_is_string(a) != json_is_string(b))
		return json_is_string(a) ? -1 : 1;
	return (x > y) - (x < y);
}

static int compare_rows(const void *a, const void *b, void *ctx)
{
	const struct order *order = ctx;
	const int64_t *x = a, *y = b;

	for (size_t i = 0; i < order->n; i++) {
		const char *name = order->keys[i].field->name;
		json_t *left =
			odoo_field_value(order->env, order->table, row_at(order->table, *x), name);
		json_t *right =
			odoo_field_value(order->env, order->table, row_at(order->table, *y), name);
		int c = compare_values(left, right);

		json_decref(left);
		json_decref(right);
		if (c)
			return order->keys[i].down ? -c : c;
	}
	return (*x > *y) - (*x < *y);
}

static bool archived_too(const struct odoo_env *env, const json_t *domain)
{
	return json_is_false(json_object_get(env->context, "active_test")) ||
	       domain_names(domain, "active");
}

/* Ids at or below that cannot be meant: what stands in a plain list of conditions must all hold. */
static size_t lowest(const json_t *domain)
{
	const json_t *term;
	json_int_t least = 0;
	size_t i;

	json_array_foreach(domain, i, term)
	{
		const char *field = json_string_value(json_array_get(term, 0));
		const char *operator= json_string_value(json_array_get(term, 1));
		json_int_t value = json_integer_value(json_array_get(term, 2));

		if (!json_is_array(term))
			return 0;
		if (field && operator&& strcmp(field, "id") == 0 && strcmp(operator, ">") == 0 &&
			value > least)
			least = value;
	}
	return (size_t)least;
}

/* In the order of their ids; most: so many are enough, 0: all are wanted. */
static size_t find(struct odoo_env *env, const struct odoo_table *table, const json_t *domain,
	size_t most, int64_t *ids)
{
	bool all = archived_too(env, domain) || !odoo_field_named(table->model, SLICE("active"));
	size_t n = 0;

	for (size_t id = lowest(domain) + 1; id < table->n && (!most || n < most); id++) {
		const json_t *row = table->rows[id];

		if (row && (all || row_true(row, "active")) && odoo_rule_allows(env, table, row) &&
			domain_holds(env, table, row, domain))
			ids[n++] = (int64_t)id;
	}
	return n;
}

static int take_limit(struct odoo_env *env, const json_t *json, const char *what, size_t *ret)
{
	json_int_t n = json_integer_value(json);

	if (n < 0)
		return odoo_raise(env, "psycopg2.errors.InvalidRowCountInLimitClause",
			"%s must not be negative\n", what);
	*ret = (size_t)n;
	return 0;
}

json_t *odoo_search(struct odoo_env *env, const struct odoo_table *table, const json_t *domain,
	const json_t *order, const json_t *offset, const json_t *limit)
{
	struct order by = {.env = env, .table = table};
	const char *text = json_string_value(order);
	size_t from = 0, most = 0, n;
	CLEANUP(mem_freep)
	int64_t *ids = NULL;
	bool by_id;
	json_t *ret;

	if (odoo_may(env, table->model, ODOO_ACCESS) < 0 || domain_check(env, table, domain) < 0 ||
		order_parse(&by, text && *text ? text : table->model->order) < 0 ||
		take_limit(env, offset, "OFFSET", &from) < 0 ||
		take_limit(env, limit, "LIMIT", &most) < 0)
		return NULL;
	ids = mem_array(table->n, sizeof(*ids));
	by_id = by.n == 1 && strcmp(by.keys[0].field->name, "id") == 0 && !by.keys[0].down;
	n = find(env, table, domain, by_id && most ? from + most : 0, ids);
	if (!by_id)
		qsort_r(ids, n, sizeof(*ids), compare_rows, &by);
	ret = json_array();
	for (size_t i = from; i < n && (most == 0 || i < from + most); i++)
		json_array_append_new(ret, json_integer(ids[i]));
	return ret;
}

/* ---- reading --------------------------------------------------------------------------------- */

static json_t *link_outside(struct odoo_env *env, const struct odoo_field *field, json_t *link)
{
	struct odoo_table *other = table_named(env->rows, field->relation);
	const json_t *row = row_at(other, json_integer_value(link));
	CLEANUP(mem_freep)
	char *label = row ? row_label(other, row) : NULL;
	json_t *ret;

	ret = row ? json_pack("[O, s]", link, label) : json_false();
	json_decref(link);
	return ret;
}

static json_t *outside(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	const struct odoo_field *field, bool bare)
{
	json_t *value = odoo_field_value(env, table, row, field->name);
	const char *text = json_string_value(value);
	json_t *cut;

	if (field->type == ODOO_MANY2ONE && !bare && json_is_integer(value))
		return link_outside(env, field, value);
	if (field->type == ODOO_DATETIME && text && strlen(text) > 19) {
		cut = json_stringn(text, 19);
		json_decref(value);
		return cut;
	}
	if (field->type == ODOO_BINARY && text &&
		json_is_true(json_object_get(env->context, "bin_size"))) {
		cut = json_sprintf("%zu bytes", strlen(text) * 3 / 4);
		json_decref(value);
		return cut;
	}
	return value;
}

static int check_fields(struct odoo_env *env, const struct odoo_table *table, const json_t *fields)
{
	const json_t *name;
	size_t i;

	json_array_foreach(fields, i, name)
	{
		const char *text = json_string_value(name);
		const struct odoo_field *field = odoo_field_named(table->model, slice_of(text));

		if (!field)
			return bad_field(env, table, slice_of(text));
		if (odoo_may_field(env, table->model, field) < 0)
			return -1;
	}
	return 0;
}

static json_t *read_row(struct odoo_env *env, const struct odoo_table *table, const json_t *row,
	const json_t *fields, bool bare)
{
	json_t *out = json_pack("{s:O}", "id", json_object_get(row, "id"));
	const struct odoo_field *field;
	const json_t *name;
	size_t i;

	if (json_array_size(fields) > 0) {
		json_array_foreach(fields, i, name)
		{
			field = odoo_field_named(table->model, slice_of(json_string_value(name)));
			json_object_set_new(
				out, field->name, outside(env, table, row, field, bare));
		}
		return out;
	}
	for (i = 0; (field = odoo_field_at(table->model, i)); i++)
		if (!(field->flags & ODOO_SYSTEM))
			json_object_set_new(
				out, field->name, outside(env, table, row, field, bare));
	return out;
}

json_t *odoo_read(struct odoo_env *env, const struct odoo_table *table, const json_t *ids,
	const json_t *fields, bool bare)
{
	const json_t *id;
	json_t *ret;
	size_t i;

	if (odoo_may(env, table->model, ODOO_ACCESS) < 0 || check_fields(env, table, fields) < 0)
		return NULL;
	ret = json_array();
	json_array_foreach(ids, i, id)
	{
		const json_t *row = row_at(table, json_integer_value(id));

		if (row && !odoo_rule_allows(env, table, row)) {
			odoo_raise_rule(env, table, row);
			json_decref(ret);
			return NULL;
		}
		if (row)
			json_array_append_new(ret, read_row(env, table, row, fields, bare));
	}
	return ret;
}
