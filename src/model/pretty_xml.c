/* XML, a tag or a text at a time: one element a line, its text beside it where it has nothing else.
 * Entities stay as they are; a document type is shown and not obeyed.
 * Called by pretty.c. */
#include "base/mem.h"
#include "pretty_part.h"
#include <ctype.h>
#include <string.h>

static void open_xml(struct pretty *p)
{
	(void)p;
}

static struct slice rest_of(const struct pretty *p)
{
	return slice_from(p->input, p->at);
}

/* Where `what` begins, or text.len. */
static size_t find(struct slice text, const char *what)
{
	const char *at = text.len ? memmem(text.at, text.len, what, strlen(what)) : NULL;

	return at ? (size_t)(at - text.at) : text.len;
}

static size_t blanks(struct slice text)
{
	size_t n = 0;

	while (n < text.len && isspace((unsigned char)text.at[n]))
		n++;
	return n;
}

static size_t name_len(struct slice text)
{
	size_t n = 0;

	while (n < text.len) {
		unsigned char c = (unsigned char)text.at[n];

		if (!isalpha(c) && c != '_' && c != ':' && c < 0x80 &&
			(!n || (!isdigit(c) && c != '-' && c != '.')))
			break;
		n++;
	}
	return n;
}

static bool put_text(struct pretty *p, struct slice text)
{
	bool closes = slice_starts(slice_from(p->input, p->at + text.len), SLICE("</"));
	bool one_line = slice_find(text, '\n') == text.len;

	p->at += text.len;
	if (p->of.xml.opened && closes && one_line) {
		pretty_put(p, PRETTY_PLAIN, text);
		p->of.xml.in_line = true;
		return true;
	}
	text = slice_trim(text);
	if (!text.len)
		return true;
	pretty_line(p, p->of.xml.depth);
	pretty_put(p, PRETTY_PLAIN, text);
	p->of.xml.opened = false;
	return true;
}

/* From here to what ends it, on a line of its own. */
static bool put_whole(struct pretty *p, const char *end, const char *what)
{
	size_t len = find(rest_of(p), end);

	if (p->at + len == p->input.len)
		return pretty_wrong(p, p->at, "%s is not closed", what);
	len += strlen(end);
	pretty_line(p, p->of.xml.depth);
	pretty_put(p, PRETTY_MARK, slice_head(rest_of(p), len));
	p->at += len;
	p->of.xml.opened = false;
	return true;
}

/* To the '>' that stands outside of quotes and brackets. */
static bool put_declaration(struct pretty *p)
{
	struct slice text = rest_of(p);
	char quote = 0;
	int depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '[') {
			depth++;
		} else if (c == ']') {
			depth--;
		} else if (c == '>' && depth <= 0) {
			pretty_line(p, p->of.xml.depth);
			pretty_put(p, PRETTY_MARK, slice_head(text, i + 1));
			p->at += i + 1;
			return true;
		}
	}
	return pretty_wrong(p, p->at, "a declaration is not closed");
}

static bool put_end(struct pretty *p)
{
	struct slice text = slice_from(rest_of(p), 2), open;
	size_t len = name_len(text), after = len + blanks(slice_from(text, len));

	if (!len)
		return pretty_wrong(p, p->at + 2, "a name is expected");
	if (after == text.len || text.at[after] != '>')
		return pretty_wrong(p, p->at + 2 + after, "> is expected");
	if (!p->of.xml.depth)
		return pretty_wrong(p, p->at, "nothing is open that this could close");
	open = p->of.xml.open[p->of.xml.depth - 1];
	if (!slice_eq(open, slice_head(text, len)))
		return pretty_wrong(p, p->at, "</%.*s> is expected",
			open.len > 100 ? 100 : (int)open.len, open.at);
	p->of.xml.depth--;
	if (!p->of.xml.in_line && !p->of.xml.opened)
		pretty_line(p, p->of.xml.depth);
	pretty_put(p, PRETTY_KEY, slice_head(rest_of(p), after + 3));
	p->at += after + 3;
	p->of.xml.opened = p->of.xml.in_line = false;
	return true;
}

/* name="value" at *at, moved behind it; false after the fault was told. */
static bool put_attribute(struct pretty *p, size_t *at)
{
	struct slice rest = slice_from(p->input, *at);
	size_t name = name_len(rest), i = name + blanks(slice_from(rest, name)), len;

	if (!name)
		return pretty_wrong(p, *at, "an attribute, > or /> is expected");
	if (i == rest.len || rest.at[i] != '=')
		return pretty_wrong(p, *at + i, "= is expected");
	i++;
	i += blanks(slice_from(rest, i));
	if (i == rest.len || (rest.at[i] != '"' && rest.at[i] != '\''))
		return pretty_wrong(p, *at + i, "a value in quotes is expected");
	len = slice_find(slice_from(rest, i + 1), rest.at[i]);
	if (i + 1 + len == rest.len)
		return pretty_wrong(p, *at + i, "a value is not closed");
	pretty_put(p, PRETTY_PLAIN, SLICE(" "));
	pretty_put(p, PRETTY_NAME, slice_head(rest, name));
	pretty_put(p, PRETTY_PLAIN, SLICE("="));
	pretty_put(p, PRETTY_STRING, slice_head(slice_from(rest, i), len + 2));
	*at += i + len + 2;
	return true;
}

static bool put_start(struct pretty *p)
{
	struct slice name = slice_from(rest_of(p), 1);
	size_t at = p->at + 1 + name_len(name);

	name = slice_head(name, name_len(name));
	if (!name.len)
		return pretty_wrong(p, at, "a name is expected");
	pretty_line(p, p->of.xml.depth);
	pretty_put(p, PRETTY_KEY, slice_head(rest_of(p), name.len + 1));
	for (;;) {
		struct slice rest = slice_from(p->input, at);
		size_t gap = blanks(rest);

		rest = slice_from(rest, gap);
		at += gap;
		if (slice_starts(rest, SLICE("/>"))) {
			pretty_put(p, PRETTY_KEY, SLICE("/>"));
			p->at = at + 2;
			p->of.xml.opened = false;
			return true;
		}
		if (slice_starts(rest, SLICE(">")))
			break;
		if (!gap || !rest.len)
			return pretty_wrong(p, at, "a blank, > or /> is expected");
		if (!put_attribute(p, &at))
			return false;
	}
	if (p->of.xml.depth == PRETTY_DEPTH)
		return pretty_wrong(p, p->at, "deeper than %d levels", PRETTY_DEPTH);
	pretty_put(p, PRETTY_KEY, SLICE(">"));
	p->of.xml.open[p->of.xml.depth++] = name;
	p->of.xml.opened = true;
	p->at = at + 1;
	return true;
}

static bool step_xml(struct pretty *p)
{
	struct slice rest = rest_of(p);

	if (!rest.len) {
		struct slice open;

		if (!p->of.xml.depth)
			return false;
		open = p->of.xml.open[p->of.xml.depth - 1];
		return pretty_wrong(p, p->at, "the text ends, </%.*s> is missing",
			open.len > 100 ? 100 : (int)open.len, open.at);
	}
	if (rest.at[0] != '<')
		return put_text(p, slice_head(rest, slice_find(rest, '<')));
	if (slice_starts(rest, SLICE("<!--")))
		return put_whole(p, "-->", "a comment");
	if (slice_starts(rest, SLICE("<![CDATA[")))
		return put_whole(p, "]]>", "a section");
	if (slice_starts(rest, SLICE("<?")))
		return put_whole(p, "?>", "an instruction");
	if (slice_starts(rest, SLICE("<!")))
		return put_declaration(p);
	return slice_starts(rest, SLICE("</")) ? put_end(p) : put_start(p);
}

const struct printer printer_xml = {"XML", open_xml, step_xml};
