/* Writes a filter down, in the one way in which it reads back as the same.
 * Leaves times to filter_time.c.
 * Called by whatever shows or keeps a filter. */
#include "filter_part.h"

static void add_quoted(struct slice text, struct str *out)
{
	str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		char next = i + 1 < text.len ? text.at[i + 1] : '"';

		/* A backslash stands for itself but before these two. */
		if (text.at[i] == '"' || (text.at[i] == '\\' && (next == '"' || next == '\\')))
			str_addc(out, '\\');
		str_addc(out, text.at[i]);
	}
	str_addc(out, '"');
}

static bool has(struct slice text, char c)
{
	return slice_find(text, c) < text.len;
}

/* Whether these bytes mean themselves without quotes; what could be an operator, a wildcard, a range
 * or a negation does not. */
static bool is_plain(struct slice text)
{
	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!filter_is_bare(text.at[i]) || text.at[i] == '*' || text.at[i] == '?' ||
			text.at[i] == 0x7f)
			return false;
	return true;
}

/* A word that stands alone must not look like a field, a keyword or a negation. */
static bool is_plain_word(struct slice text)
{
	return is_plain(text) && !filter_is_keyword(text) && text.at[0] != '-' &&
	       !slice_eq_nocase(text, SLICE("last")) && !has(text, ':') && !has(text, '=') &&
	       !has(text, '<') && !has(text, '>') && !has(text, '~') && !has(text, '!');
}

static void add_literal(struct slice text, bool alone, struct str *out)
{
	if (alone ? is_plain_word(text) : is_plain(text))
		str_add(out, text);
	else
		add_quoted(text, out);
}

static void add_glob(struct slice text, bool alone, struct str *out)
{
	size_t start = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != FILTER_ANY && text.at[i] != FILTER_ONE)
			continue;
		if (i > start)
			add_literal((struct slice){text.at + start, i - start}, alone, out);
		if (i < text.len)
			str_addc(out, text.at[i] == FILTER_ANY ? '*' : '?');
		start = i + 1;
	}
}

static void add_text(const struct filter_scalar *scalar, bool alone, struct str *out)
{
	const struct slice none = SLICE("none"), me = SLICE("me");
	struct slice text = scalar->text;

	if (scalar->kind == FILTER_GLOB)
		add_glob(text, alone, out);
	else if (scalar->kind != FILTER_TEXT)
		str_add(out, scalar->kind == FILTER_ME ? me : none);
	else if (slice_eq_nocase(text, none) || slice_eq_nocase(text, me))
		add_quoted(text, out);
	else
		add_literal(text, alone, out);
}

static void add_scalar(
	const struct filter_node *node, const struct filter_scalar *scalar, struct str *out)
{
	bool alone = node->field == FILTER_FIELD_WORD && node->op == FILTER_IS;

	if (scalar->kind == FILTER_NONE) {
		str_adds(out, "none");
		return;
	}
	switch (filter_field(node->field)->kind) {
	case FILTER_NUMBER:
		str_addf(out, "%lld", (long long)scalar->number);
		break;
	case FILTER_AGE:
		str_addf(out, "%lld%c", (long long)scalar->number, scalar->unit);
		break;
	case FILTER_TIME:
	case FILTER_FROM:
	case FILTER_TO:
		filter_print_time(&scalar->time, out);
		break;
	default:
		add_text(scalar, alone, out);
	}
}

static void add_term(const struct filter_node *node, struct str *out)
{
	bool pattern = node->op == FILTER_MATCHES || node->op == FILTER_MATCHES_NOT;

	if (node->field != FILTER_FIELD_WORD || node->op != FILTER_IS)
		str_addf(out, "%s%s", filter_field(node->field)->name, filter_op_text(node->op));
	for (size_t i = 0; i < node->n_values; i++) {
		const struct filter_value *value = &node->values[i];

		if (i)
			str_addc(out, ',');
		if (pattern) {
			add_quoted(value->low.text, out);
			continue;
		}
		add_scalar(node, &value->low, out);
		if (!value->range)
			continue;
		str_adds(out, "..");
		add_scalar(node, &value->high, out);
	}
}

static void add_node(const struct filter_node *node, struct str *out);

static void add_children(const struct filter_node *node, const char *between, struct str *out)
{
	for (const struct filter_node *child = node->first; child; child = child->next) {
		bool weaker = child->type == FILTER_EITHER ||
			      (child->type == FILTER_ALL && node->type == FILTER_NOT);

		if (child != node->first)
			str_adds(out, between);
		if (weaker)
			str_addc(out, '(');
		add_node(child, out);
		if (weaker)
			str_addc(out, ')');
	}
}

static void add_node(const struct filter_node *node, struct str *out)
{
	if (node->type == FILTER_TERM)
		add_term(node, out);
	if (node->type == FILTER_NOT)
		str_adds(out, "not ");
	add_children(node, node->type == FILTER_EITHER ? " or " : " ", out);
}

void filter_print_node(const struct filter_node *node, struct str *out)
{
	add_node(node, out);
}

void filter_print(const struct filter *filter, struct str *out)
{
	if (filter->root)
		filter_print_node(filter->root, out);
}
