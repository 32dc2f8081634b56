/* From one term of a filter to one condition with parameters.
 * Leaves how terms are joined, and where they go in the statement, to filtered.c.
 * Called by filtered.c. */
#include "base/mem.h"
#include "filtered_part.h"
#include <string.h>

static struct slice copy(struct composer *composer, const struct str *text)
{
	return arena_dup(&composer->to->arena, str_slice(text));
}

size_t composer_param(struct composer *composer, struct slice value)
{
	if (composer->n_params == composer->size_params) {
		composer->size_params = composer->size_params ? composer->size_params * 2 : 16;
		composer->to->params =
			mem_resize(composer->to->params, composer->size_params, sizeof(char *));
	}
	composer->to->params[composer->n_params++] = arena_str(&composer->to->arena, value);
	return composer->n_params;
}

void composer_add(struct composer *composer, struct slice value, const char *type, struct str *out)
{
	str_addf(out, "$%zu::%s", composer_param(composer, value), type);
}

/* ---- text --------------------------------------------------------------------------------------- */

static void add_element(struct slice text, struct str *out)
{
	str_adds(out, out->len > 1 ? ",\"" : "\"");
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			str_addc(out, '\\');
		str_addc(out, text.at[i]);
	}
	str_addc(out, '"');
}

size_t composer_texts(struct composer *composer, const struct filter_node *node)
{
	CLEANUP(str_done)
	struct str array = STR_INIT(4 * FILTER_MAX);

	str_addc(&array, '{');
	for (size_t i = 0; i < node->n_values; i++)
		if (node->values[i].low.kind == FILTER_TEXT)
			add_element(node->values[i].low.text, &array);
	str_addc(&array, '}');
	return composer_param(composer, str_slice(&array));
}

/* The pattern of LIKE; `anywhere`: also within. */
static struct slice like_of(struct composer *composer, struct slice text, bool anywhere)
{
	CLEANUP(str_done)
	struct str like = STR_INIT(4 * FILTER_MAX);

	if (anywhere)
		str_addc(&like, '%');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == '%' || c == '_' || c == '\\')
			str_addc(&like, '\\');
		str_addc(&like, c == FILTER_ANY ? '%' : c == FILTER_ONE ? '_' : c);
	}
	if (anywhere)
		str_addc(&like, '%');
	return copy(composer, &like);
}

static size_t count_of(const struct filter_node *node, enum filter_scalar_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < node->n_values; i++)
		n += node->values[i].low.kind == kind;
	return n;
}

void composer_or(bool *any, struct str *out)
{
	if (*any)
		str_adds(out, " or ");
	*any = true;
}

/* A pattern without capitals does not mind them, as everywhere else. */
static void add_pattern(
	struct composer *composer, const char *column, struct slice pattern, struct str *out)
{
	bool capitals = false;

	for (size_t i = 0; i < pattern.len; i++) {
		if (pattern.at[i] == '\\')
			i++;
		else
			capitals |= (pattern.at[i] >= 'A' && pattern.at[i] <= 'Z') ||
				    (unsigned char)pattern.at[i] >= 0x80;
	}
	str_addf(out, "%s %s ", column, capitals ? "~" : "~*");
	composer_add(composer, pattern, "text", out);
}

static bool is_anything(struct slice text)
{
	return text.len == 1 && text.at[0] == FILTER_ANY;
}

static void add_code(struct composer *composer, const char *column, const struct filter_node *node,
	struct str *out)
{
	bool any = false;

	str_addc(out, '(');
	if (count_of(node, FILTER_TEXT)) {
		composer_or(&any, out);
		str_addf(out, "%s = any ($%zu::text[])", column, composer_texts(composer, node));
	}
	for (size_t i = 0; i < node->n_values; i++) {
		const struct filter_scalar *value = &node->values[i].low;

		if (value->kind != FILTER_GLOB && value->kind != FILTER_NONE)
			continue;
		composer_or(&any, out);
		if (is_anything(value->text))
			str_addf(out, "%s is not null", column);
		else
			str_addf(out, value->kind == FILTER_NONE ? "%s is null" : "%s like ",
				column);
		if (value->kind == FILTER_GLOB && !is_anything(value->text))
			composer_add(composer, like_of(composer, value->text, false), "text", out);
	}
	if (!any)
		str_adds(out, "false");
	str_addc(out, ')');
}

static void add_prose(struct composer *composer, const char *column, const struct filter_node *node,
	struct str *out)
{
	bool any = false;

	str_addc(out, '(');
	for (size_t i = 0; i < node->n_values; i++) {
		const struct filter_scalar *value = &node->values[i].low;

		composer_or(&any, out);
		str_addf(out, value->kind == FILTER_NONE ? "%s is null" : "%s ilike ", column);
		if (value->kind != FILTER_NONE)
			composer_add(composer, like_of(composer, value->text, true), "text", out);
	}
	str_addc(out, ')');
}

/* ---- identifiers -------------------------------------------------------------------------------- */

/* An exact one, a prefix, or a pattern. Each is one parameter, normalised by the store's own rule. */
static void add_norm(struct composer *composer, const char *column,
	const struct filter_scalar *value, bool prefix, size_t *param, struct str *out)
{
	struct slice text = value->text;
	size_t wild = 0;

	while (wild < text.len && text.at[wild] != FILTER_ANY && text.at[wild] != FILTER_ONE)
		wild++;
	prefix |= wild && wild + 1 == text.len && text.at[wild] == FILTER_ANY;
	if (wild == text.len || (prefix && wild + 1 == text.len)) {
		if (!*param)
			*param = composer_param(composer, slice_head(text, wild));
		str_addf(
			out, "%s %s orderly.norm($%zu::text)", column, prefix ? "^@" : "=", *param);
		return;
	}
	if (!*param)
		*param = composer_param(composer, text);
	str_addf(out, "%s like orderly.norm_like($%zu::text)", column, *param);
}

static void add_words(struct composer *composer, const struct filter_node *node, struct str *out)
{
	static const char *const columns[] = {
		"m.message_norm", "m.correlation_norm", "m.business_norm", "m.partner_norm"};
	bool any = false;

	str_addc(out, '(');
	for (size_t i = 0; i < node->n_values; i++) {
		size_t param = 0;

		for (size_t c = 0; c < ARRAY_LEN(columns); c++) {
			composer_or(&any, out);
			add_norm(composer, columns[c], &node->values[i].low, true, &param, out);
		}
	}
	str_addc(out, ')');
}

static void add_ids(struct composer *composer, const char *norm, const struct filter_node *node,
	struct str *out)
{
	bool any = false;

	str_addc(out, '(');
	for (size_t i = 0; i < node->n_values; i++) {
		size_t param = 0;

		composer_or(&any, out);
		if (node->values[i].low.kind == FILTER_NONE)
			str_addf(out, "%s is null", norm);
		else if (is_anything(node->values[i].low.text))
			str_addf(out, "%s is not null", norm);
		else
			add_norm(composer, norm, &node->values[i].low, false, &param, out);
	}
	str_addc(out, ')');
}

/* ---- by field ----------------------------------------------------------------------------------- */

/* By arrival, whatever clocks say: numbers are given in its order. */
static void add_bound(struct composer *composer, const struct filter_node *node, struct str *out)
{
	bool to = filter_field(node->field)->kind == FILTER_TO;

	str_addf(out, "(t.id %s (select orderly.transaction_before(", to ? "<=" : ">");
	composer_time(composer, &node->values[0].low.time, to, out);
	str_adds(out, ")))");
}

static void add_plain(struct composer *composer, const char *column, const struct filter_node *node,
	struct str *out)
{
	switch (filter_field(node->field)->kind) {
	case FILTER_NUMBER:
	case FILTER_AGE:
	case FILTER_TIME:
		composer_measures(composer, column, node, out);
		break;
	case FILTER_PROSE:
		add_prose(composer, column, node, out);
		break;
	default:
		add_code(composer, column, node, out);
	}
}

static void add_condition(struct composer *composer, const char *column,
	const struct filter_node *node, struct str *out)
{
	if (node->op == FILTER_MATCHES || node->op == FILTER_MATCHES_NOT)
		add_pattern(composer, column, node->values[0].low.text, out);
	else
		add_plain(composer, column, node, out);
}

static void add_coded(struct composer *composer, const char *id, const char *table,
	const char *column, const struct filter_node *node, struct str *out)
{
	str_addc(out, '(');
	if (count_of(node, FILTER_NONE))
		str_addf(out, "%s is null or ", id);
	str_addf(out, "%s = any (array(select %.1s.id from orderly.%s %.1s where ", id, column,
		table, column);
	add_condition(composer, column, node, out);
	str_adds(out, ")))");
}

static void add_letter(struct composer *composer, const char *column,
	const struct filter_node *node, struct str *out)
{
	bool owner = node->field == FILTER_FIELD_OWNER;
	bool none = count_of(node, FILTER_NONE);

	str_adds(out, "(");
	if (none && !owner)
		str_adds(out,
			"not exists (select from orderly.dead_letter l where l.id = t.id) or ");
	str_adds(out, "exists (select from orderly.dead_letter l where l.id = t.id and (");
	if (!owner) {
		add_condition(composer, column, node, out);
	} else {
		if (none)
			str_adds(out, "(l.owner is null and l.unresolved) or ");
		if (count_of(node, FILTER_ME))
			str_adds(out, "l.owner = (select orderly.my_person()) or ");
		str_adds(out, "l.owner = any (array(select o.id from orderly.person o where ");
		add_condition(composer, column, node, out);
		str_adds(out, "))");
	}
	str_adds(out, ")))");
}

static void add_field(
	struct composer *composer, const struct filter_node *node, bool inside, struct str *out)
{
	const struct filter_field_info *field = filter_field(node->field);
	bool pattern = node->op == FILTER_MATCHES || node->op == FILTER_MATCHES_NOT;
	size_t comma = slice_find(slice_of(field->column), ',');
	const char *column =
		arena_str(&composer->to->arena, slice_head(slice_of(field->column), comma));

	if (field->kind == FILTER_WORD)
		add_words(composer, node, out);
	else if (field->kind == FILTER_ID && !pattern)
		add_ids(composer, field->column + comma + 1, node, out);
	else if (field->kind == FILTER_FROM || field->kind == FILTER_TO)
		add_bound(composer, node, out);
	else if (field->of == FILTER_OF_FACILITY)
		add_coded(composer, "t.facility", "facility", column, node, out);
	else if (field->of == FILTER_OF_PARTNER)
		add_coded(composer, "m.partner", "partner", column, node, out);
	else if (field->of == FILTER_OF_INTERFACE && !inside)
		add_coded(composer, "t.interface", "interface", column, node, out);
	else if (field->of == FILTER_OF_LETTER)
		add_letter(composer, column, node, out);
	else
		add_condition(composer, column, node, out);
}

/* What has none is not what was asked for, so it is what was not asked for. */
void composer_term(
	struct composer *composer, const struct filter_node *node, bool inside, struct str *out)
{
	bool negative = node->op == FILTER_IS_NOT || node->op == FILTER_MATCHES_NOT;

	if (negative)
		str_adds(out, "not coalesce(");
	add_field(composer, node, inside, out);
	if (negative)
		str_adds(out, ", false)");
}
