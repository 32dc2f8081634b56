/* Cuts SQL text into statements, and puts a store's name into it.
 * Leaves running to migrate.c; knows nothing of a server.
 * Called by migrate.c and the tests that run migrations. */
#include "base/slice.h"
#include "store/migrate.h"
#include <ctype.h>
#include <string.h>

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Each skip_ function takes the text at the start of something and returns its length; what is not
 * closed reaches to the end, where the server will say so. */
static size_t skip_line_comment(struct slice s)
{
	return slice_find(s, '\n');
}

static size_t skip_block_comment(struct slice s)
{
	size_t depth = 0, i = 0;

	while (i + 1 < s.len) {
		if (s.at[i] == '/' && s.at[i + 1] == '*') {
			depth++;
			i += 2;
		} else if (s.at[i] == '*' && s.at[i + 1] == '/') {
			i += 2;
			if (--depth == 0)
				return i;
		} else {
			i++;
		}
	}
	return s.len;
}

static size_t skip_quoted(struct slice s, bool backslashes)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.at[i] == '\\' && backslashes)
			i++;
		else if (s.at[i] == s.at[0])
			return i + 1;
	}
	return s.len;
}

/* 1 when it is no dollar quote after all ($1). */
static size_t skip_dollar_quoted(struct slice s)
{
	size_t tag = 1;

	while (tag < s.len && s.at[tag] != '$' && word_char(s.at[tag]))
		tag++;
	if (tag >= s.len || s.at[tag] != '$' || isdigit((unsigned char)s.at[1]))
		return 1;
	tag++;
	for (size_t i = tag; i + tag <= s.len; i++)
		if (memcmp(s.at + i, s.at, tag) == 0)
			return i + tag;
	return s.len;
}

static bool escape_string(struct slice text, size_t quote)
{
	return quote > 0 && (text.at[quote - 1] == 'e' || text.at[quote - 1] == 'E') &&
	       (quote == 1 || !word_char(text.at[quote - 2]));
}

/* How far a comment, a string or a name reaches that begins at `at`; 0 when none does. */
static size_t skip_opaque(struct slice text, size_t at)
{
	struct slice s = slice_from(text, at);

	switch (s.at[0]) {
	case '-':
		return slice_starts(s, SLICE("--")) ? skip_line_comment(s) : 0;
	case '/':
		return slice_starts(s, SLICE("/*")) ? skip_block_comment(s) : 0;
	case '\'':
		return skip_quoted(s, escape_string(text, at));
	case '"':
		return skip_quoted(s, false);
	case '$':
		return at && word_char(text.at[at - 1]) ? 1 : skip_dollar_quoted(s);
	default:
		return 0;
	}
}

/* What stands before the statement: blanks, comments, empty statements. */
static size_t skip_blank(struct slice s)
{
	size_t i = 0;

	while (i < s.len) {
		struct slice rest = slice_from(s, i);

		if (isspace((unsigned char)s.at[i]) || s.at[i] == ';')
			i++;
		else if (slice_starts(rest, SLICE("--")) || slice_starts(rest, SLICE("/*")))
			i += skip_opaque(s, i);
		else
			break;
	}
	return i;
}

bool migrate_next_statement(struct slice *rest, struct slice *ret_statement)
{
	struct slice s = slice_from(*rest, skip_blank(*rest));
	size_t depth = 0, i = 0;

	while (i < s.len) {
		size_t skipped = skip_opaque(s, i);

		if (skipped) {
			i += skipped;
			continue;
		}
		if (s.at[i] == ';' && depth == 0)
			break;
		if (s.at[i] == '(')
			depth++;
		else if (s.at[i] == ')' && depth)
			depth--;
		i++;
	}
	*rest = slice_from(s, i < s.len ? i + 1 : s.len);
	if (s.len == 0)
		return false;
	*ret_statement = slice_head(s, i);
	return true;
}

void migrate_text(struct str *out, const char *text, const char *store)
{
	static const char mark[] = "{store}";
	const char *found;

	while ((found = strstr(text, mark))) {
		str_add(out, (struct slice){text, (size_t)(found - text)});
		str_adds(out, store);
		text = found + strlen(mark);
	}
	str_adds(out, text);
}

bool migrate_store_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len < 1 || len > 20 || !(name[0] >= 'a' && name[0] <= 'z'))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == len;
}
