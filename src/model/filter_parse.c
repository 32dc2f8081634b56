/* Reads a line of the filter language: how terms are joined, and where one is wrong.
 * Leaves what stands in a term to filter_term.c.
 * Called by the console's prompt, the command line, and whoever runs what was saved. */
#include "base/mem.h"
#include "base/text.h"
#include "filter_parser.h"
#include <errno.h>
#include <stdlib.h>

int filter_wrong(struct filter_parser *p, size_t at, const char *fmt, ...)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(480);
	va_list args;

	va_start(args, fmt);
	str_addv(&what, fmt, args);
	va_end(args);
	p->wrong_at = at;
	return err_set(p->err, -EINVAL, "column %zu: %s", filter_column(p, at), str_cstr(&what));
}

size_t filter_column(const struct filter_parser *p, size_t at)
{
	size_t column = 1;

	for (size_t i = 0; i < at && i < p->text.len; i++)
		column += ((unsigned char)p->text.at[i] & 0xc0) != 0x80;
	return column;
}

void filter_skip_blanks(struct filter_parser *p)
{
	while (p->at < p->text.len && slice_find(SLICE(" \t\r\n"), p->text.at[p->at]) < 4)
		p->at++;
}

struct filter_node *filter_node_new(struct filter_parser *p, int type, size_t at)
{
	struct filter_node *node = arena_alloc(&p->filter->arena, sizeof(*node));

	node->type = type;
	node->column = filter_column(p, at);
	node->at = at;
	return node;
}

/* The next word when it is a keyword; it is not taken. */
static bool at_keyword(struct filter_parser *p, struct slice keyword)
{
	struct slice rest;

	filter_skip_blanks(p);
	rest = slice_from(p->text, p->at);
	return slice_eq_nocase(slice_head(rest, keyword.len), keyword) &&
	       (rest.len == keyword.len || !filter_is_bare(rest.at[keyword.len]));
}

static bool take_keyword(struct filter_parser *p, struct slice keyword)
{
	if (!at_keyword(p, keyword))
		return false;
	p->at += keyword.len;
	return true;
}

static char peek(struct filter_parser *p)
{
	filter_skip_blanks(p);
	return p->at < p->text.len ? p->text.at[p->at] : '\0';
}

static int parse_either(struct filter_parser *p, struct filter_node **ret);

static int parse_parens(struct filter_parser *p, struct filter_node **ret)
{
	size_t open = p->at++;
	int r = parse_either(p, ret);

	if (r < 0)
		return r;
	if (peek(p) != ')')
		return filter_wrong(p, open, "this ( is not closed");
	p->at++;
	return 0;
}

static int parse_not(struct filter_parser *p, size_t at, struct filter_node **ret);

static bool take_not(struct filter_parser *p)
{
	if (take_keyword(p, SLICE("not")))
		return true;
	if (p->at + 1 >= p->text.len || slice_find(SLICE("-!"), p->text.at[p->at]) == 2 ||
		!(filter_is_bare(p->text.at[p->at + 1]) || p->text.at[p->at + 1] == '(' ||
			p->text.at[p->at + 1] == '"'))
		return false;
	p->at++;
	return true;
}

static int parse_one(struct filter_parser *p, struct filter_node **ret)
{
	size_t at;
	char c = peek(p);
	int r;

	at = p->at;
	if (at >= p->text.len)
		return filter_wrong(p, at, "a term is missing here");
	if (c == ')')
		return filter_wrong(p, at,
			p->depth ? "a term is missing before this )" : "this ) closes nothing");
	if (at_keyword(p, SLICE("or")) || at_keyword(p, SLICE("and")))
		return filter_wrong(
			p, at, "a term is missing before this word; in quotes it is looked for");
	if (++p->depth > FILTER_DEPTH)
		return filter_wrong(p, at, "nested more than %d deep", FILTER_DEPTH);
	if (take_not(p))
		r = parse_not(p, at, ret);
	else
		r = c == '(' ? parse_parens(p, ret) : filter_parse_term(p, ret);
	p->depth--;
	return r;
}

static int parse_not(struct filter_parser *p, size_t at, struct filter_node **ret)
{
	struct filter_node *child = NULL, *node;
	int r = parse_one(p, &child);

	if (r < 0)
		return r;
	node = filter_node_new(p, FILTER_NOT, at);
	node->first = child;
	*ret = node;
	return 0;
}

/* A list within a list of its kind is part of it. */
static void join(struct filter_node ***end, int type, struct filter_node *node)
{
	**end = (int)node->type == type ? node->first : node;
	while (**end)
		*end = &(**end)->next;
}

/* A list of one is that one. */
static struct filter_node *close_list(
	struct filter_parser *p, int type, size_t at, struct filter_node *list)
{
	struct filter_node *node;

	if (!list->next)
		return list;
	node = filter_node_new(p, type, at);
	node->first = list;
	return node;
}

static bool goes_on(struct filter_parser *p)
{
	return peek(p) && p->text.at[p->at] != ')' && !at_keyword(p, SLICE("or"));
}

static int parse_all(struct filter_parser *p, struct filter_node **ret)
{
	struct filter_node *list = NULL, **end = &list, *node;
	size_t at = (filter_skip_blanks(p), p->at);

	do {
		int r = parse_one(p, &node);

		if (r < 0)
			return r;
		join(&end, FILTER_ALL, node);
	} while (take_keyword(p, SLICE("and")) || goes_on(p));
	*ret = close_list(p, FILTER_ALL, at, list);
	return 0;
}

static int parse_either(struct filter_parser *p, struct filter_node **ret)
{
	struct filter_node *list = NULL, **end = &list, *node;
	size_t at = (filter_skip_blanks(p), p->at);

	do {
		int r = parse_all(p, &node);

		if (r < 0)
			return r;
		join(&end, FILTER_EITHER, node);
	} while (take_keyword(p, SLICE("or")));
	*ret = close_list(p, FILTER_EITHER, at, list);
	return 0;
}

/* What no filter holds: other than text, and what only acts on terminals. */
static int check_bytes(struct filter_parser *p)
{
	struct slice rest = p->text;
	uint32_t cp;

	if (p->text.len > FILTER_MAX)
		return filter_wrong(p, FILTER_MAX, "longer than %d bytes", FILTER_MAX);
	while (rest.len) {
		size_t at = p->text.len - rest.len;

		if (!utf8_next(&rest, &cp))
			return filter_wrong(p, at, "this is not UTF-8");
		if ((cp < ' ' && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0x7f)
			return filter_wrong(p, at, "a control character (%02x)", (unsigned)cp);
	}
	return 0;
}

static const struct filter_node *find_body(const struct filter_node *node)
{
	const struct filter_node *found = NULL;

	if (node->type == FILTER_TERM)
		return node->field == FILTER_FIELD_BODY ? node : NULL;
	for (const struct filter_node *child = node->first; child && !found; child = child->next)
		found = find_body(child);
	return found;
}

/* Payloads are looked through after all else was decided, so their term stands beside the rest. */
static int check_body(struct filter_parser *p)
{
	const struct filter_node *root = p->filter->root, *first = root, *body, *seen = NULL;

	if (root->type == FILTER_ALL)
		first = root->first;
	for (; first; first = root->type == FILTER_ALL ? first->next : NULL) {
		body = find_body(first);
		if (!body)
			continue;
		if (body == first && !seen) {
			seen = body;
			continue;
		}
		p->wrong_at = body->at;
		return err_set(p->err, -EINVAL, "column %zu: %s", body->column,
			seen ? "`body` stands once in a filter"
			     : "`body` stands beside the other terms, not within others");
	}
	return 0;
}

static int parse(struct filter_parser *p)
{
	int r = check_bytes(p);

	if (r < 0 || !peek(p))
		return r;
	r = parse_either(p, &p->filter->root);
	if (r == 0 && peek(p))
		r = filter_wrong(p, p->at, "this ) closes nothing");
	return r < 0 ? r : check_body(p);
}

struct slice filter_body(const struct filter *filter)
{
	const struct filter_node *body = filter->root ? find_body(filter->root) : NULL;

	return body ? body->values[0].low.text : SLICE_NONE;
}

int filter_parse(struct slice text, struct filter **ret, size_t *ret_at, struct err *err)
{
	CLEANUP(filter_freep)
	struct filter *filter = NEW(struct filter);
	struct filter_parser p = {.text = text, .filter = filter, .err = err};
	int r = parse(&p);

	if (r < 0) {
		if (ret_at)
			*ret_at = p.wrong_at;
		return r;
	}
	*ret = TAKE(filter);
	return 0;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	arena_done(&filter->arena);
	free(filter);
}

void filter_freep(struct filter **filter)
{
	filter_free(*filter);
	*filter = NULL;
}
