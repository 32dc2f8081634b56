/* JSON, a token at a time: one member or element a line.
 * Values stay as they are written, numbers and escapes too.
 * Called by pretty.c. */
#include "base/mem.h"
#include "pretty_part.h"
#include <ctype.h>
#include <string.h>

enum expect {
	VALUE,
	FIRST_VALUE, /* or the array's end */
	NEXT_VALUE,
	KEY,
	FIRST_KEY, /* or the object's end */
	COLON,
	MORE, /* a comma, or the end of what is open */
	NEXT, /* nothing, or another document on a line of its own */
};

static void open_json(struct pretty *p)
{
	p->of.json.expect = VALUE;
}

static bool in_object(const struct pretty *p)
{
	return p->of.json.object[p->of.json.depth - 1];
}

static void put(struct pretty *p, enum pretty_kind kind, size_t len)
{
	pretty_put(p, kind, slice_head(slice_from(p->input, p->at), len));
	p->at += len;
}

static bool after_value(struct pretty *p)
{
	p->of.json.expect = p->of.json.depth ? MORE : NEXT;
	return true;
}

/* Of what begins with a backslash; 0 when there is no such escape. */
static size_t escape_len(struct slice text)
{
	if (text.len < 2 || !text.at[1] || !strchr("\"\\/bfnrtu", text.at[1]))
		return 0;
	if (text.at[1] != 'u')
		return 2;
	for (size_t i = 2; i < 6; i++)
		if (i >= text.len || !isxdigit((unsigned char)text.at[i]))
			return 0;
	return 6;
}

/* The length of a string with its quotes, or 0 and where it is wrong. */
static size_t string_len(struct slice text, size_t *ret_at, const char **ret_why)
{
	size_t i = 1;

	while (i < text.len) {
		size_t len = 1;

		if (text.at[i] == '"')
			return i + 1;
		if (text.at[i] == '\\')
			len = escape_len(slice_from(text, i));
		if (!len || (unsigned char)text.at[i] < 0x20) {
			*ret_at = i;
			*ret_why = len ? "a control character stands in a string"
				       : "there is no such escape";
			return 0;
		}
		i += len;
	}
	*ret_at = 0;
	*ret_why = "a string is not closed";
	return 0;
}

static bool put_string(struct pretty *p, enum pretty_kind kind)
{
	size_t at = 0;
	const char *why = NULL;
	size_t len = string_len(slice_from(p->input, p->at), &at, &why);

	if (!len)
		return pretty_wrong(p, p->at + at, "%s", why);
	put(p, kind, len);
	return true;
}

static size_t digits(struct slice text, size_t at)
{
	size_t n = 0;

	while (at + n < text.len && isdigit((unsigned char)text.at[at + n]))
		n++;
	return n;
}

/* 0 when it is no number. */
static size_t number_len(struct slice text)
{
	size_t at = text.at[0] == '-', n = digits(text, at);

	if (!n || (n > 1 && text.at[at] == '0'))
		return 0;
	at += n;
	if (at < text.len && text.at[at] == '.') {
		n = digits(text, at + 1);
		if (!n)
			return 0;
		at += 1 + n;
	}
	if (at < text.len && (text.at[at] == 'e' || text.at[at] == 'E')) {
		at++;
		if (at < text.len && (text.at[at] == '+' || text.at[at] == '-'))
			at++;
		n = digits(text, at);
		if (!n)
			return 0;
		at += n;
	}
	return at;
}

static size_t word_len(struct slice text)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_starts(text, slice_of(words[i])))
			return strlen(words[i]);
	return 0;
}

static bool put_value(struct pretty *p)
{
	struct slice rest = slice_from(p->input, p->at);
	char c = rest.at[0];
	size_t len;

	if (c == '{' || c == '[') {
		if (p->of.json.depth == PRETTY_DEPTH)
			return pretty_wrong(p, p->at, "deeper than %d levels", PRETTY_DEPTH);
		p->of.json.object[p->of.json.depth++] = c == '{';
		p->of.json.expect = c == '{' ? FIRST_KEY : FIRST_VALUE;
		put(p, PRETTY_PLAIN, 1);
		return true;
	}
	if (c == '"')
		return put_string(p, PRETTY_STRING) && after_value(p);
	len = c == '-' || isdigit((unsigned char)c) ? number_len(rest) : word_len(rest);
	if (!len)
		return pretty_wrong(p, p->at, "a value is expected");
	put(p, PRETTY_VALUE, len);
	return after_value(p);
}

static bool put_key(struct pretty *p)
{
	if (p->input.at[p->at] != '"')
		return pretty_wrong(p, p->at, "a key in quotes is expected");
	p->of.json.expect = COLON;
	return put_string(p, PRETTY_KEY);
}

static bool put_end(struct pretty *p, bool empty)
{
	p->of.json.depth--;
	if (!empty)
		pretty_line(p, p->of.json.depth);
	put(p, PRETTY_PLAIN, 1);
	return after_value(p);
}

static bool put_more(struct pretty *p)
{
	char c = p->input.at[p->at], end = in_object(p) ? '}' : ']';

	if (c == end)
		return put_end(p, false);
	if (c != ',')
		return pretty_wrong(p, p->at, "a comma or %c is expected", end);
	put(p, PRETTY_PLAIN, 1);
	p->of.json.expect = in_object(p) ? KEY : NEXT_VALUE;
	return true;
}

static bool at_end(struct pretty *p)
{
	if (p->of.json.depth)
		return pretty_wrong(
			p, p->at, "the text ends, %c is missing", in_object(p) ? '}' : ']');
	return p->of.json.expect == NEXT ? false : pretty_wrong(p, p->at, "a value is expected");
}

static bool step_json(struct pretty *p)
{
	bool new_line = false;
	char c;

	while (p->at < p->input.len && strchr(" \t\r\n", p->input.at[p->at]) && p->input.at[p->at])
		new_line |= p->input.at[p->at++] == '\n';
	if (p->at == p->input.len)
		return at_end(p);
	c = p->input.at[p->at];
	switch ((enum expect)p->of.json.expect) {
	case FIRST_VALUE:
		if (c == ']')
			return put_end(p, true);
		/* fall through */
	case NEXT_VALUE:
		pretty_line(p, p->of.json.depth);
		return put_value(p);
	case VALUE:
		return put_value(p);
	case FIRST_KEY:
		if (c == '}')
			return put_end(p, true);
		/* fall through */
	case KEY:
		pretty_line(p, p->of.json.depth);
		return put_key(p);
	case COLON:
		if (c != ':')
			return pretty_wrong(p, p->at, "a colon is expected");
		p->at++;
		pretty_put(p, PRETTY_PLAIN, SLICE(": "));
		p->of.json.expect = VALUE;
		return true;
	case MORE:
		return put_more(p);
	case NEXT:
		if (!new_line)
			return pretty_wrong(p, p->at, "something follows the end");
		pretty_line(p, 0);
		return put_value(p);
	}
	return false;
}

const struct printer printer_json = {"JSON", open_json, step_json};
