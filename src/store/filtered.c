/* Puts a filter into the places that a statement has for it.
 * Leaves single terms to filtered_term.c, and running the statement to the pool.
 * Called by the console's source and by commands. */
#include "store/filtered.h"
#include "base/mem.h"
#include "filtered_part.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (1 << 20)

/* Where the filter's conditions go. */
struct places {
	struct str interfaces, rest;
	const struct filter_node *states; /* to be looked through one by one, or NULL */
	const struct filter_node *since, *until; /* where the statement has a place of their own */
	bool message; /* the rest names m */
	bool probes; /* an index of its own leads to what is looked for */
	bool window; /* the statement has places for since and until, */
	bool within_interfaces, within_rest, by_states; /* and for these */
};

/* Only of the interface, in all its parts. */
static bool is_of_interface(const struct filter_node *node)
{
	if (node->type == FILTER_TERM)
		return filter_field(node->field)->of == FILTER_OF_INTERFACE;
	for (const struct filter_node *child = node->first; child; child = child->next)
		if (!is_of_interface(child))
			return false;
	return true;
}

static bool names_message(const struct filter_node *node)
{
	enum filter_of of = filter_field(node->field)->of;

	if (node->type == FILTER_TERM)
		return of == FILTER_OF_MESSAGE || of == FILTER_OF_PARTNER;
	for (const struct filter_node *child = node->first; child; child = child->next)
		if (names_message(child))
			return true;
	return false;
}

static bool is_value(const struct filter_node *node, const char *text)
{
	for (size_t i = 0; i < node->n_values; i++)
		if (slice_eq_str(node->values[i].low.text, text))
			return true;
	return false;
}

/* Of several states, each has its end of an index; what is done has none. */
static bool is_of_states(const struct filter_node *node)
{
	return node->type == FILTER_TERM && node->field == FILTER_FIELD_STATE &&
	       ((node->op == FILTER_IS && node->n_values > 1 && !is_value(node, "done")) ||
		       (node->op == FILTER_IS_NOT && is_value(node, "done")));
}

static bool has_wildcard_first(const struct filter_node *node)
{
	for (size_t i = 0; i < node->n_values; i++) {
		struct slice text = node->values[i].low.text;

		if (node->values[i].low.kind == FILTER_NONE ||
			(text.len && (text.at[0] == FILTER_ANY || text.at[0] == FILTER_ONE)))
			return true;
	}
	return false;
}

static bool is_probe(const struct filter_node *node)
{
	const struct filter_field_info *field = filter_field(node->field);

	return node->type == FILTER_TERM && node->op == FILTER_IS &&
	       (field->kind == FILTER_WORD || field->kind == FILTER_ID ||
		       field->of == FILTER_OF_LETTER) &&
	       !has_wildcard_first(node);
}

static void add_node(
	struct composer *composer, const struct filter_node *node, bool inside, struct str *out)
{
	if (node->type == FILTER_TERM) {
		composer_term(composer, node, inside, out);
		return;
	}
	str_adds(out, node->type == FILTER_NOT ? "not coalesce(" : "(");
	for (const struct filter_node *child = node->first; child; child = child->next) {
		if (child != node->first)
			str_adds(out, node->type == FILTER_ALL ? " and " : " or ");
		add_node(composer, child, inside, out);
	}
	str_adds(out, node->type == FILTER_NOT ? ", false)" : ")");
}

/* What is not the database's to answer, and the bounds of a window, of which the later is as good. */
static bool is_taken_apart(const struct filter_node *node, struct places *places)
{
	if (node->type != FILTER_TERM)
		return false;
	if (node->field == FILTER_FIELD_SINCE && places->window)
		places->since = node;
	else if (node->field == FILTER_FIELD_UNTIL && places->window)
		places->until = node;
	else
		return node->field == FILTER_FIELD_BODY;
	return true;
}

static void add_part(
	struct composer *composer, const struct filter_node *node, struct places *places)
{
	bool inside = is_of_interface(node);
	struct str *out = inside ? &places->interfaces : &places->rest;

	if (is_taken_apart(node, places) ||
		!(inside ? places->within_interfaces : places->within_rest))
		return;
	if (places->by_states && !places->states && is_of_states(node))
		places->states = node;
	places->message |= names_message(node);
	places->probes |= is_probe(node);
	if (out->len)
		str_adds(out, " and ");
	add_node(composer, node, inside, out);
}

static void add_parts(
	struct composer *composer, const struct filter_node *root, struct places *places)
{
	if (!root)
		return;
	if (root->type != FILTER_ALL) {
		add_part(composer, root, places);
		return;
	}
	for (const struct filter_node *child = root->first; child; child = child->next)
		add_part(composer, child, places);
}

static void add_states(struct composer *composer, const struct filter_node *node, struct str *out)
{
	size_t param = composer_texts(composer, node);

	if (node->op == FILTER_IS)
		str_addf(out, "unnest($%zu::text[])", param);
	else
		str_addf(out,
			"(select x from unnest(array['waiting', 'running', 'retrying', 'filtered', 'dead',"
			" 'cancelled']) x where x <> all ($%zu::text[]))",
			param);
}

/* The word that stands before each comment of that name gives way to the text. */
static void put(struct str *sql, const char *place, const char *word, const char *text)
{
	CLEANUP(str_done)
	struct str mark = STR_INIT(200), next = STR_INIT(TEXT_MAX);
	const char *from = str_cstr(sql), *at;

	str_addf(&mark, "%s /* %s */", word, place);
	while ((at = strstr(from, str_cstr(&mark)))) {
		str_add(&next, (struct slice){from, (size_t)(at - from)});
		str_adds(&next, text);
		from = at + mark.len;
	}
	str_adds(&next, from);
	str_reset(sql);
	str_add(sql, str_slice(&next));
}

/* Where an index leads to what is looked for, of the ways that a statement has only one is left, the one
 * through all interfaces in the direction asked for: planning the others would take as long again. */
static void cut_ways(const char *direction, struct str *sql)
{
	static const char begin[] = "/* ways */\n", end[] = "/* end of ways */",
			  joint[] = "\tunion all\n";
	CLEANUP(str_done)
	struct str kept = STR_INIT(TEXT_MAX), rest = STR_INIT(TEXT_MAX);
	const char *from = strstr(str_cstr(sql), begin), *to = strstr(str_cstr(sql), end), *next;
	size_t head = from ? (size_t)(from - str_cstr(sql)) : 0;

	if (!from || !to || !direction)
		return;
	for (from += strlen(begin); from < to; from = next + strlen(joint)) {
		struct str way = STR_INIT(TEXT_MAX);

		next = strstr(from, joint);
		next = next && next < to ? next : to;
		str_add(&way, (struct slice){from, (size_t)(next - from)});
		if (strstr(str_cstr(&way), direction) && !strstr(str_cstr(&way), "<= 24 /* few */"))
			str_addf(&kept, "%s%s", kept.len ? joint : "", str_cstr(&way));
		str_done(&way);
		if (next == to)
			break;
	}
	str_adds(&rest, to + strlen(end));
	if (!kept.len)
		return;
	str_truncate(sql, head);
	str_add(sql, str_slice(&kept));
	str_add(sql, str_slice(&rest));
}

static const char *direction_of(const struct statement *statement, const char *const *params)
{
	for (size_t i = 0; i < statement->n_params; i++)
		if (strcmp(statement->params[i], "direction") == 0 && params[i])
			return strcmp(params[i], "before") == 0 ? "= 'before'" : "= 'after'";
	return NULL;
}

static void put_bound(struct composer *composer, const char *place, const struct filter_node *node,
	struct str *sql)
{
	CLEANUP(str_done)
	struct str time = STR_INIT(1000);

	if (!node)
		return;
	composer_time(
		composer, &node->values[0].low.time, node->field == FILTER_FIELD_UNTIL, &time);
	put(sql, place, "null", str_cstr(&time));
}

static void put_all(struct composer *composer, struct places *places, struct str *sql)
{
	CLEANUP(str_done)
	struct str states = STR_INIT(1000);

	if (places->interfaces.len) {
		put(sql, "interfaces", "true", str_cstr(&places->interfaces));
		put(sql, "by interface", "true",
			"case when t.interface = any ((select seen.ids from seen)::int[]) then true end");
	}
	if (places->rest.len)
		put(sql, "rest", "true", str_cstr(&places->rest));
	/* Where an index leads to messages they come first. Else transactions are walked in their order,
	 * each with its message: merged, the messages would be read from the end to the place. */
	if (places->message)
		put(sql, "message", "",
			places->probes ? " join orderly.message m on m.id = t.id"
				       : " cross join lateral (select * from orderly.message"
					 " where id = t.id limit 1) m");
	put_bound(composer, "since", places->since, sql);
	put_bound(composer, "until", places->until, sql);
	if (places->probes)
		put(sql, "few", "24", "0");
	if (places->states) {
		add_states(composer, places->states, &states);
		put(sql, "states", "(values (null::text))", str_cstr(&states));
		put(sql, "by state", "true", "t.state = s.state and t.state <> 'done'");
	}
}

struct filtered *filtered_new(const struct statement *statement, const char *const *params,
	const struct filter *filter, int64_t now_us)
{
	struct filtered *filtered = NEW(struct filtered);
	struct composer composer = {.to = filtered, .now_us = now_us};
	struct places places = {.interfaces = STR_INIT(TEXT_MAX), .rest = STR_INIT(TEXT_MAX)};
	struct str sql = STR_INIT(TEXT_MAX);

	places.window = strstr(statement->sql, "/* since */") != NULL;
	places.within_interfaces = strstr(statement->sql, "/* interfaces */") != NULL;
	places.within_rest = strstr(statement->sql, "/* rest */") != NULL;
	places.by_states = strstr(statement->sql, "/* states */") != NULL;
	for (size_t i = 0; i < statement->n_params; i++) {
		composer_param(&composer, params[i] ? slice_of(params[i]) : SLICE(""));
		if (!params[i])
			filtered->params[i] = NULL;
	}
	str_adds(&sql, statement->sql);
	add_parts(&composer, filter ? filter->root : NULL, &places);
	if (places.probes)
		cut_ways(direction_of(statement, params), &sql);
	put_all(&composer, &places, &sql);
	filtered->statement = *statement;
	filtered->statement.name = NULL;
	filtered->statement.sql = arena_str(&filtered->arena, str_slice(&sql));
	filtered->statement.n_params = composer.n_params;
	str_done(&places.interfaces);
	str_done(&places.rest);
	str_done(&sql);
	return filtered;
}

void filtered_free(struct filtered *filtered)
{
	if (!filtered)
		return;
	free(filtered->params);
	arena_done(&filtered->arena);
	free(filtered);
}

void filtered_freep(struct filtered **filtered)
{
	filtered_free(*filtered);
	*filtered = NULL;
}

static bool is_slow(const struct filter_node *node)
{
	const struct filter_field_info *field = filter_field(node->field);

	return !field->quick || node->op == FILTER_MATCHES || node->op == FILTER_MATCHES_NOT ||
	       ((field->kind == FILTER_WORD || field->kind == FILTER_ID) &&
		       (node->op == FILTER_IS_NOT || has_wildcard_first(node)));
}

static void add_slow(const struct filter_node *node, struct str *out)
{
	for (const struct filter_node *child = node->first; child; child = child->next)
		add_slow(child, out);
	if (node->type != FILTER_TERM || !is_slow(node))
		return;
	str_adds(out, out->len ? ", " : "");
	filter_print_node(node, out);
	str_addf(out, " (column %zu)", node->column);
}

void filtered_tell_slow(const struct filter *filter, struct err *err)
{
	CLEANUP(str_done)
	struct str parts = STR_INIT(250);

	if (filter && filter->root)
		add_slow(filter->root, &parts);
	if (parts.len)
		err_set(err, -ETIMEDOUT,
			"this takes too long: no index answers %s; since:, if: or state: beside it "
			"leave less to look through",
			str_cstr(&parts));
	else
		err_set(err, -ETIMEDOUT, "the store did not answer in time");
}
