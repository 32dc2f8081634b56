/* Reads one term of the filter language: its field, its operator, its values, and whether these go
 * together.
 * Leaves how terms are joined to filter_parse.c.
 * Called by filter_parse.c. */
#include "base/lines.h"
#include "base/mem.h"
#include "filter_parser.h"
#include "model/match.h"
#include <string.h>

/* A value as it stands there: quoted and bare pieces, joined. */
struct raw {
	size_t at;
	struct slice text; /* wildcards as FILTER_ANY and FILTER_ONE, where they count */
	struct slice bare; /* as written, when nothing was quoted */
	bool quoted, glob;
};

static int take_quoted(struct filter_parser *p, struct str *out)
{
	size_t open = p->at++;

	for (; p->at < p->text.len; p->at++) {
		char c = p->text.at[p->at];
		char next = p->at + 1 < p->text.len ? p->text.at[p->at + 1] : '\0';

		if (c == '"') {
			p->at++;
			return 0;
		}
		if (c == '\n' || c == '\r' || c == '\t')
			return filter_wrong(p, p->at, "a tab or a line's end in quotes");
		if (c == '\\' && (next == '"' || next == '\\'))
			p->at++;
		str_addc(out, p->text.at[p->at]);
	}
	return filter_wrong(p, open, "this quote is not closed");
}

static void take_bare(struct filter_parser *p, bool globs, struct str *out, bool *glob)
{
	for (; p->at < p->text.len && filter_is_bare(p->text.at[p->at]); p->at++) {
		char c = p->text.at[p->at];
		bool wild = globs && (c == '*' || c == '?');

		*glob |= wild;
		str_addc(out, !wild ? c : c == '*' ? FILTER_ANY : FILTER_ONE);
	}
}

static int take_raw(struct filter_parser *p, bool globs, struct raw *raw)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(FILTER_MAX);
	int r = 0;

	*raw = (struct raw){.at = p->at};
	while (r == 0 && p->at < p->text.len) {
		if (p->text.at[p->at] == '"') {
			raw->quoted = true;
			r = take_quoted(p, &text);
		} else if (filter_is_bare(p->text.at[p->at])) {
			take_bare(p, globs, &text, &raw->glob);
		} else {
			break;
		}
	}
	if (r < 0)
		return r;
	if (p->at == raw->at)
		return filter_wrong(p, p->at, "a value is missing here");
	raw->text = arena_dup(&p->filter->arena, str_slice(&text));
	if (!raw->quoted)
		raw->bare = raw->text;
	return 0;
}

static int take_op(struct filter_parser *p, enum filter_op *ret)
{
	static const struct {
		const char *text;
		enum filter_op op;
	} ops[] = {
		{"!=", FILTER_IS_NOT},
		{"!~", FILTER_MATCHES_NOT},
		{"<=", FILTER_AT_MOST},
		{">=", FILTER_AT_LEAST},
		{":", FILTER_IS},
		{"=", FILTER_IS},
		{"<", FILTER_LESS},
		{">", FILTER_MORE},
		{"~", FILTER_MATCHES},
	};

	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		if (!slice_starts(slice_from(p->text, p->at), slice_of(ops[i].text)))
			continue;
		p->at += strlen(ops[i].text);
		*ret = ops[i].op;
		return 0;
	}
	return -1;
}

/* A name with an operator behind it; else nothing is taken. */
static bool take_head(struct filter_parser *p, struct slice *ret_name, enum filter_op *ret_op)
{
	size_t start = p->at, end;

	while (p->at < p->text.len && filter_is_name(p->text.at[p->at]))
		p->at++;
	end = p->at;
	filter_skip_blanks(p);
	/* A colon after a blank is not ours; the others may be set apart. */
	if (end == start || (p->at > end && p->at < p->text.len && p->text.at[p->at] == ':') ||
		take_op(p, ret_op) < 0) {
		p->at = start;
		return false;
	}
	*ret_name = (struct slice){p->text.at + start, end - start};
	return true;
}

static int wrong_field(struct filter_parser *p, size_t at, struct slice name)
{
	const char *meant = filter_suggest_field(name);
	struct slice shown = slice_head(name, 60);

	if (meant)
		return filter_wrong(
			p, at, "no field `%.*s`; did you mean `%s`?", SLICE_ARG(shown), meant);
	return filter_wrong(p, at, "no field `%.*s`; put it in quotes to look for it as it is",
		SLICE_ARG(shown));
}

static int wrong_op(struct filter_parser *p, size_t at, enum filter_field field, enum filter_op op)
{
	CLEANUP(str_done)
	struct str takes = STR_INIT(200);

	for (int i = 0; i < FILTER_N_OPS; i++)
		if (filter_field_takes(field, (enum filter_op)i))
			str_addf(&takes, " %s", filter_op_text((enum filter_op)i));
	return filter_wrong(p, at, "`%s` does not take %s, but%s", filter_field(field)->name,
		filter_op_text(op), str_cstr(&takes));
}

static int read_pattern(
	struct filter_parser *p, const struct raw *raw, struct filter_scalar *scalar)
{
	CLEANUP(match_freep)
	struct match *match = NULL;
	struct err err = ERR_INIT;

	scalar->text = raw->text;
	if (!raw->text.len)
		return filter_wrong(p, raw->at, "the pattern is empty");
	if (match_new(raw->text, &match, &err) < 0)
		return filter_wrong(p, raw->at, "the pattern: %s", err.text);
	return 0;
}

/* Whether anything is left when blanks and dashes do not count, as in the store's norm(). */
static bool has_substance(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (slice_find(SLICE(" -_./\t\r\n"), text.at[i]) == 8 && text.at[i] != FILTER_ANY &&
			text.at[i] != FILTER_ONE)
			return true;
	return false;
}

static int read_text(struct filter_parser *p, const struct filter_node *node, const struct raw *raw,
	struct filter_scalar *scalar)
{
	enum filter_kind kind = filter_field(node->field)->kind;

	scalar->text = raw->text;
	scalar->kind = raw->glob ? FILTER_GLOB : FILTER_TEXT;
	if (kind == FILTER_WORD || kind == FILTER_ID) {
		if (!has_substance(raw->text) && !(kind == FILTER_ID && raw->glob))
			return filter_wrong(p, raw->at, "there is nothing in this to look for");
	}
	if (kind == FILTER_PROSE && !raw->text.len)
		return filter_wrong(p, raw->at, "there is nothing in this to look for");
	if (node->field == FILTER_FIELD_OWNER && slice_eq_nocase(raw->bare, SLICE("me")))
		scalar->kind = FILTER_ME;
	return 0;
}

static int read_choice(struct filter_parser *p, const struct filter_node *node,
	const struct raw *raw, struct filter_scalar *scalar)
{
	const char *const *words = filter_choices(node->field);
	struct slice shown = slice_head(raw->text, 60);
	const char *meant;
	size_t n = 0;

	for (; words[n]; n++) {
		if (!slice_eq_nocase(raw->text, slice_of(words[n])))
			continue;
		scalar->text = slice_of(words[n]);
		return 0;
	}
	meant = suggest(raw->text, words, n, sizeof(*words));
	if (meant)
		return filter_wrong(p, raw->at, "no %s `%.*s`; did you mean `%s`?",
			filter_field(node->field)->name, SLICE_ARG(shown), meant);
	return filter_wrong(p, raw->at, "no %s `%.*s`; Tab lists them",
		filter_field(node->field)->name, SLICE_ARG(shown));
}

static int read_typed(struct filter_parser *p, const struct filter_node *node, size_t at,
	struct slice text, struct filter_scalar *scalar)
{
	struct slice shown = slice_head(text, 60);

	switch (filter_field(node->field)->kind) {
	case FILTER_NUMBER:
		if (slice_to_i64(text, 0, INT32_MAX, &scalar->number) == 0)
			return 0;
		return filter_wrong(
			p, at, "`%.*s` is no number that this can be", SLICE_ARG(shown));
	case FILTER_AGE:
		if (filter_read_age(text, &scalar->number, &scalar->unit))
			return 0;
		return filter_wrong(
			p, at, "`%.*s` is no age; 90s, 15m, 2h, 7d, 4w are", SLICE_ARG(shown));
	default:
		if (filter_read_time(text, &scalar->time))
			return 0;
		return filter_wrong(p, at,
			"`%.*s` is no time; -2h, today, 08:00, 2026-02-28, 2026-02-28T14:05+01:00 are",
			SLICE_ARG(shown));
	}
}

static size_t find_range(struct slice text)
{
	for (size_t i = 1; i + 2 < text.len; i++)
		if (text.at[i] == '.' && text.at[i + 1] == '.')
			return i;
	return text.len;
}

static int read_measure(struct filter_parser *p, const struct filter_node *node,
	const struct raw *raw, struct filter_value *value)
{
	enum filter_kind kind = filter_field(node->field)->kind;
	size_t dots = find_range(raw->text);
	int r;

	value->range = dots < raw->text.len;
	if (value->range && (node->op != FILTER_IS && node->op != FILTER_IS_NOT))
		return filter_wrong(p, raw->at, "a range goes with `:` and `!=` alone");
	if (value->range && (kind == FILTER_FROM || kind == FILTER_TO))
		return filter_wrong(p, raw->at, "one time is enough here; `began:` takes a range");
	if (!value->range && kind == FILTER_AGE &&
		(node->op == FILTER_IS || node->op == FILTER_IS_NOT))
		return filter_wrong(
			p, raw->at, "no age is exact; age<1h, age>1h, age:1h..2h are asked for so");
	r = read_typed(p, node, raw->at, slice_head(raw->text, dots), &value->low);
	if (r == 0 && value->range)
		r = read_typed(
			p, node, raw->at + dots + 2, slice_from(raw->text, dots + 2), &value->high);
	return r;
}

/* What always has a value cannot be asked for none. */
static bool may_be_none(enum filter_field field)
{
	static const enum filter_field never[] = {FILTER_FIELD_STATE, FILTER_FIELD_INTERFACE,
		FILTER_FIELD_SOURCE, FILTER_FIELD_TARGET, FILTER_FIELD_STYLE, FILTER_FIELD_TIER,
		FILTER_FIELD_DATA, FILTER_FIELD_MESSAGE, FILTER_FIELD_ATTEMPTS,
		FILTER_FIELD_FAILURES, FILTER_FIELD_EVENTS, FILTER_FIELD_BEGAN, FILTER_FIELD_AT,
		FILTER_FIELD_GROUP};
	enum filter_kind kind = filter_field(field)->kind;

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (never[i] == field)
			return false;
	return kind != FILTER_WORD && kind != FILTER_AGE && kind != FILTER_FROM &&
	       kind != FILTER_TO;
}

static int read_value(struct filter_parser *p, const struct filter_node *node,
	const struct raw *raw, struct filter_value *value)
{
	enum filter_kind kind = filter_field(node->field)->kind;

	if (node->op == FILTER_MATCHES || node->op == FILTER_MATCHES_NOT)
		return read_pattern(p, raw, &value->low);
	if (slice_eq_nocase(raw->bare, SLICE("none")) && may_be_none(node->field) &&
		(node->op == FILTER_IS || node->op == FILTER_IS_NOT)) {
		value->low.kind = FILTER_NONE;
		return 0;
	}
	if (kind == FILTER_CHOICE)
		return read_choice(p, node, raw, &value->low);
	if (kind == FILTER_WORD || kind == FILTER_ID || kind == FILTER_CODE || kind == FILTER_PROSE)
		return read_text(p, node, raw, &value->low);
	return read_measure(p, node, raw, value);
}

static int add_value(struct filter_parser *p, struct filter_node *node, size_t at,
	const struct filter_value *value)
{
	struct filter_value *values;

	if (node->n_values == FILTER_VALUES)
		return filter_wrong(p, at, "more than %d values", FILTER_VALUES);
	values = arena_array(&p->filter->arena, node->n_values + 1, sizeof(*values));
	if (node->n_values)
		memcpy(values, node->values, node->n_values * sizeof(*values));
	values[node->n_values++] = *value;
	node->values = values;
	return 0;
}

/* "open" stands for the states in which something is still to come. */
static int add_open(struct filter_parser *p, struct filter_node *node, size_t at)
{
	int r = 0;

	for (int i = 0; i < 3 && r == 0; i++) {
		struct filter_value value = {0};

		value.low.text = slice_of(filter_choices(FILTER_FIELD_STATE)[i]);
		r = add_value(p, node, at, &value);
	}
	return r;
}

static int take_value(struct filter_parser *p, struct filter_node *node)
{
	bool equal = node->op == FILTER_IS || node->op == FILTER_IS_NOT;
	enum filter_kind kind = filter_field(node->field)->kind;
	bool globs = equal && (kind == FILTER_WORD || kind == FILTER_ID || kind == FILTER_CODE ||
				      kind == FILTER_PROSE);
	struct filter_value value = {0};
	struct raw raw;
	int r = take_raw(p, globs, &raw);

	if (r < 0)
		return r;
	if (node->field == FILTER_FIELD_STATE && slice_eq_nocase(raw.bare, SLICE("open")))
		return add_open(p, node, raw.at);
	r = read_value(p, node, &raw, &value);
	return r < 0 ? r : add_value(p, node, raw.at, &value);
}

static int take_values(struct filter_parser *p, struct filter_node *node)
{
	bool equal = node->op == FILTER_IS || node->op == FILTER_IS_NOT;
	enum filter_kind kind = filter_field(node->field)->kind;
	int r = take_value(p, node);

	while (r == 0 && p->at < p->text.len && p->text.at[p->at] == ',') {
		if (!equal || kind == FILTER_FROM || kind == FILTER_TO)
			return filter_wrong(p, p->at, "a list goes with `:` and `!=` alone");
		p->at++;
		filter_skip_blanks(p);
		r = take_value(p, node);
	}
	if (r == 0 && p->at < p->text.len && p->text.at[p->at] == '(')
		return filter_wrong(p, p->at, "a ( in a value wants quotes around it");
	return r;
}

/* "last 7d": as people say it. */
static bool take_last(struct filter_parser *p, struct filter_node *node)
{
	struct slice rest = slice_from(p->text, p->at);
	struct filter_value value = {0};
	size_t n = 0;

	if (!slice_eq_nocase(slice_head(rest, 4), SLICE("last")) || rest.len < 6 ||
		(rest.at[4] != ' ' && rest.at[4] != ':'))
		return false;
	rest = slice_from(rest, 5);
	while (n < rest.len && filter_is_bare(rest.at[n]))
		n++;
	value.low.time.kind = FILTER_AGO;
	if (!filter_read_age(slice_head(rest, n), &value.low.time.ago, &value.low.time.unit) ||
		value.low.time.ago == 0)
		return false;
	node->field = FILTER_FIELD_SINCE;
	p->at += 5 + n;
	return add_value(p, node, p->at, &value) == 0;
}

int filter_parse_term(struct filter_parser *p, struct filter_node **ret)
{
	struct filter_node *node = filter_node_new(p, FILTER_TERM, p->at);
	size_t at = p->at;
	struct slice name;

	if (++p->terms > FILTER_TERMS)
		return filter_wrong(p, at, "more than %d terms", FILTER_TERMS);
	*ret = node;
	if (take_last(p, node))
		return 0;
	if (take_head(p, &name, &node->op)) {
		if (!filter_find_field(name, &node->field))
			return wrong_field(p, at, name);
		if (!filter_field_takes(node->field, node->op))
			return wrong_op(p, at + name.len, node->field, node->op);
		filter_skip_blanks(p);
	} else {
		node->field = FILTER_FIELD_WORD;
		node->op = FILTER_IS;
	}
	return take_values(p, node);
}
