/* What can be typed next in a filter: fields, operators, values.
 * Leaves names of the catalogue to the caller, who knows them.
 * Called by prompts, when Tab is pressed. */
#include "base/mem.h"
#include "filter_part.h"
#include <string.h>

struct offers {
	const char **at;
	size_t n, max;
	struct slice head;
};

static void offer(struct offers *offers, const char *word)
{
	struct slice start = slice_head(slice_of(word), offers->head.len);

	if (offers->n < offers->max && slice_eq_nocase(start, offers->head))
		offers->at[offers->n++] = word;
}

/* Where the word under the cursor begins: behind the last blank or parenthesis outside of quotes.
 * Inside of quotes nothing is completed. */
static bool find_word(struct slice text, size_t *ret_at)
{
	bool quoted = false;

	*ret_at = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (quoted && text.at[i] == '\\')
			i++;
		else if (text.at[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text.at[i] == ' ' || text.at[i] == '\t' || text.at[i] == '(' ||
					    text.at[i] == ')'))
			*ret_at = i + 1;
	}
	return !quoted;
}

static size_t op_length(struct slice text)
{
	size_t n = 0;

	while (n < text.len && n < 2 && slice_find(SLICE(":=!<>~"), text.at[n]) < 6)
		n++;
	return n;
}

static void offer_fields(struct offers *offers, struct arena *arena)
{
	static const char *const joins[] = {"and", "or", "not", "last"};

	for (int i = 0; i < FILTER_N_FIELDS; i++) {
		const char *name = filter_field((enum filter_field)i)->name;
		bool whole = slice_eq_nocase(offers->head, slice_of(name));

		for (int op = 0; whole && op < FILTER_N_OPS; op++)
			if (filter_field_takes((enum filter_field)i, (enum filter_op)op))
				offer(offers, arena_printf(arena, "%s%s", name,
						      filter_op_text((enum filter_op)op)));
		if (!whole)
			offer(offers,
				arena_printf(arena, "%s%s", name,
					filter_op_text(
						filter_field_takes((enum filter_field)i, FILTER_IS)
							? FILTER_IS
							: FILTER_MATCHES)));
	}
	for (size_t i = 0; i < ARRAY_LEN(joins) && offers->head.len; i++)
		offer(offers, joins[i]);
}

/* As it must be written: a name from outside may need quotes. */
static const char *written(struct slice name, struct arena *arena)
{
	struct filter_scalar scalar = {.text = name};
	struct filter_value value = {.low = scalar};
	struct filter_node node = {
		.field = FILTER_FIELD_INTERFACE, .values = &value, .n_values = 1};
	CLEANUP(str_done)
	struct str out = STR_INIT(FILTER_MAX);

	filter_print_node(&node, &out);
	return arena_str(arena, slice_from(str_slice(&out), strlen("if:")));
}

static void offer_values(struct offers *offers, enum filter_field field,
	const struct filter_names *names, struct arena *arena)
{
	static const char *const times[] = {
		"now", "today", "yesterday", "-15m", "-1h", "-24h", "-7d"};
	static const char *const ages[] = {"15m", "1h", "4h", "1d", "7d"};
	enum filter_kind kind = filter_field(field)->kind;
	const char *const *words = filter_choices(field);
	const char *const *found = NULL;
	size_t n = names && names->names ? names->names(names->ctx, field, &found) : 0;

	for (; words && *words; words++)
		offer(offers, *words);
	if (field == FILTER_FIELD_STATE)
		offer(offers, "open");
	for (size_t i = 0; i < n && offers->n < offers->max; i++)
		offer(offers, written(slice_of(found[i]), arena));
	if (field == FILTER_FIELD_OWNER) {
		offer(offers, "me");
		offer(offers, "none");
	}
	if (kind == FILTER_TIME || kind == FILTER_FROM || kind == FILTER_TO)
		for (size_t i = 0; i < ARRAY_LEN(times); i++)
			offer(offers, times[i]);
	if (kind == FILTER_AGE)
		for (size_t i = 0; i < ARRAY_LEN(ages); i++)
			offer(offers, ages[i]);
}

size_t filter_complete(struct slice text, const struct filter_names *names, struct arena *arena,
	const char **ret, size_t max, size_t *ret_at)
{
	struct offers offers = {.at = ret, .max = max};
	enum filter_field field;
	struct slice word;
	size_t at, name = 0, op, comma;

	if (!find_word(text, &at))
		return 0;
	if (at + 1 < text.len && (text.at[at] == '-' || text.at[at] == '!'))
		at++;
	word = slice_from(text, at);
	while (name < word.len && filter_is_name(word.at[name]))
		name++;
	op = op_length(slice_from(word, name));
	if (!op) {
		offers.head = word;
		*ret_at = at;
		offer_fields(&offers, arena);
		return offers.n;
	}
	if (!filter_find_field(slice_head(word, name), &field))
		return 0;
	for (comma = word.len; comma > name + op && word.at[comma - 1] != ',';)
		comma--;
	offers.head = slice_from(word, comma);
	*ret_at = at + comma;
	offer_values(&offers, field, names, arena);
	return offers.n;
}
