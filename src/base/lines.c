/* The line grammar: takes a file apart and names what is wrong by file:line. Does not know what any
 * word means. Profiles, keymaps and themes are read with it. */
#include "base/lines.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include <errno.h>
#include <stdlib.h>

#define SHOWN_MAX 60 /* bytes of a wrong word that a message repeats */

void problems_done(struct problems *problems)
{
	arena_done(&problems->arena);
	free(problems->texts);
	*problems = PROBLEMS_INIT;
}

void problems_add(struct problems *problems, const char *file, int line, const char *fmt, ...)
{
	CLEANUP(str_done)
	struct str what = STR_INIT(1024), shown = STR_INIT(3 * 1024);
	va_list args;

	if (problems->n == PROBLEMS_MAX) {
		problems->dropped++;
		return;
	}
	va_start(args, fmt);
	str_addv(&what, fmt, args);
	va_end(args);
	text_add_inert(&shown, str_slice(&what));
	if (problems->n == problems->size) {
		problems->size = problems->size ? problems->size * 2 : 8;
		problems->texts =
			mem_resize(problems->texts, problems->size, sizeof(*problems->texts));
	}
	problems->texts[problems->n++] =
		arena_printf(&problems->arena, "%s:%d: %s", file, line, str_cstr(&shown));
}

struct reader {
	const struct lines_ops *ops;
	void *ctx;
	struct problems *problems;
	int format_max;
	bool formatted; /* the format statement has been read */
	bool skip; /* the section was refused */
	struct line line;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_blank_at(struct slice s, size_t i)
{
	return i >= s.len || is_blank(s.at[i]);
}

/* The end of the quoted word that begins at i, or s.len when it is not closed. */
static size_t skip_quoted(struct slice s, size_t i)
{
	for (i++; i < s.len && s.at[i] != '"'; i++)
		if (s.at[i] == '\\')
			i++;
	return i < s.len ? i + 1 : s.len;
}

/* The first c that stands alone between blanks, outside quotes; s.len if there is none. At the
 * start of the text it counts only if may_lead. */
static size_t find_standing(struct slice s, char c, bool may_lead)
{
	size_t i = 0;

	while (i < s.len) {
		bool starts_word = i == 0 ? true : is_blank(s.at[i - 1]);

		if (starts_word && s.at[i] == '"') {
			i = skip_quoted(s, i);
			continue;
		}
		if (s.at[i] == c && starts_word && (i > 0 || may_lead) && is_blank_at(s, i + 1))
			return i;
		i++;
	}
	return s.len;
}

static bool is_word_char(char c, bool first)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

	return letter || (!first && ((c >= '0' && c <= '9') || c == '-'));
}

static bool is_plain_word(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_word_char(s.at[i], i == 0))
			return false;
	return s.len > 0;
}

static void report(struct reader *r, const char *text)
{
	problems_add(r->problems, r->line.file, r->line.number, "%s", text);
}

/* Hands the line to one of the operations. */
static int give(struct reader *r, int (*op)(void *ctx, const struct line *line, struct err *err),
	const char *what)
{
	struct err err = ERR_INIT;
	int ret;

	if (!op) {
		problems_add(
			r->problems, r->line.file, r->line.number, "%s does not belong here", what);
		return -EINVAL;
	}
	ret = op(r->ctx, &r->line, &err);
	if (ret)
		report(r, err.code ? err.text : "is not accepted");
	return ret;
}

static void read_section(struct reader *r, struct slice s)
{
	struct slice inside = slice_trim(slice_head(slice_from(s, 1), s.len - 2));
	size_t colon = find_standing(inside, ':', false);

	r->line.section = slice_trim(slice_head(inside, colon));
	r->line.parent = slice_trim(slice_from(inside, colon + 1));
	r->line.key = r->line.value = SLICE_NONE;
	r->skip = true;
	if (r->line.section.len == 0) {
		report(r, "the section has no name");
		return;
	}
	if (colon < inside.len && r->line.parent.len == 0) {
		report(r, "the section's parent has no name");
		return;
	}
	r->skip = give(r, r->ops->section, "a section") != 0;
}

static void read_word(struct reader *r, struct slice s)
{
	struct slice word;

	if (!slice_word(&s, &word))
		return;
	if (!is_plain_word(word)) {
		/* What follows must not land in the section before. */
		r->skip = word.at[0] == '[';
		if (r->skip)
			report(r, "the section is not closed by ]");
		else if (slice_find(word, '=') < word.len)
			report(r, "expected blanks around =");
		else
			report(r, "expected \"key = value\", a [section] or a word");
		return;
	}
	r->line.key = word;
	r->line.value = slice_trim(s);
	(void)give(r, r->ops->word, "a word statement");
}

/* -EINVAL when the file must not be read on. */
static int read_format(struct reader *r, struct slice s)
{
	struct slice word = SLICE_NONE;
	int64_t format;

	if (!slice_word(&s, &word) || !slice_eq_str(word, "format")) {
		problems_add(r->problems, r->line.file, r->line.number,
			"the first statement must be \"format %d\"", r->format_max);
		return -EINVAL;
	}
	s = slice_trim(s);
	if (slice_to_i64(s, 1, INT32_MAX, &format) < 0) {
		problems_add(r->problems, r->line.file, r->line.number,
			"the format must be a number from 1 to %d", r->format_max);
		return -EINVAL;
	}
	if (format > r->format_max) {
		problems_add(r->problems, r->line.file, r->line.number,
			"format %d is newer than this program, which knows up to %d", (int)format,
			r->format_max);
		return -EINVAL;
	}
	r->formatted = true;
	return 0;
}

static int read_statement(struct reader *r, struct slice s)
{
	size_t equals;

	if (!r->formatted)
		return read_format(r, s);
	equals = find_standing(s, '=', false);
	if (equals == s.len && s.at[0] == '[' && s.at[s.len - 1] == ']') {
		read_section(r, s);
		return 0;
	}
	if (r->skip)
		return 0;
	if (equals == s.len) {
		read_word(r, s);
		return 0;
	}
	r->line.key = slice_trim(slice_head(s, equals));
	r->line.value = slice_trim(slice_from(s, equals + 1));
	(void)give(r, r->ops->entry, "an entry");
	return 0;
}

static int read_line(struct reader *r, struct slice s)
{
	if (s.len && s.at[s.len - 1] == '\r')
		s.len--;
	if (slice_find(s, '\0') < s.len || !utf8_valid(s)) {
		report(r, slice_find(s, '\0') < s.len ? "a NUL byte" : "not valid UTF-8");
		return 0;
	}
	s = slice_trim(s);
	if (s.len && s.at[0] == '#')
		return 0;
	s = slice_trim(slice_head(s, find_standing(s, '#', true)));
	return s.len ? read_statement(r, s) : 0;
}

int lines_parse(const char *file, struct slice text, int format_max, const struct lines_ops *ops,
	void *ctx, struct problems *problems)
{
	struct reader r = {.ops = ops,
		.ctx = ctx,
		.problems = problems,
		.format_max = format_max,
		.line = {.file = file}};
	struct slice s;

	if (slice_starts(text, SLICE("\xEF\xBB\xBF")))
		text = slice_from(text, 3);
	while (slice_cut(&text, '\n', &s)) {
		r.line.number++;
		if (read_line(&r, s) < 0)
			return -EINVAL;
	}
	if (!r.formatted) {
		problems_add(problems, file, r.line.number ? r.line.number : 1,
			"the first statement must be \"format %d\"", format_max);
		return -EINVAL;
	}
	return 0;
}

/* "{1F600}" behind \u. */
static int unescape_code_point(struct slice *s, struct str *out)
{
	size_t end = slice_find(*s, '}');
	uint32_t cp = 0;
	char bytes[4];

	if (end == s->len || s->at[0] != '{' || end < 2 || end > 7)
		return -EINVAL;
	for (size_t i = 1; i < end; i++) {
		char c = s->at[i];
		bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

		if (!letter && !(c >= '0' && c <= '9'))
			return -EINVAL;
		cp = cp << 4 | (uint32_t)(letter ? (c & 0x0F) + 9 : c - '0');
	}
	if (cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return -EINVAL;
	str_add(out, (struct slice){bytes, utf8_put(cp, bytes)});
	*s = slice_from(*s, end + 1);
	return 0;
}

/* What stands behind a backslash. */
static int unescape(struct slice *s, struct str *out)
{
	static const char to[] = "\"\\\n\t\033";
	size_t which = slice_find(SLICE("\"\\nte"), s->at[0]);
	char c = s->at[0];

	*s = slice_from(*s, 1);
	if (c == 'u')
		return unescape_code_point(s, out);
	if (which >= sizeof(to) - 1)
		return -EINVAL;
	str_addc(out, to[which]);
	return 0;
}

static int quoted_word(struct slice *s, struct str *out, struct err *err)
{
	*s = slice_from(*s, 1);
	while (s->len && s->at[0] != '"') {
		if (s->at[0] != '\\') {
			str_addc(out, s->at[0]);
			*s = slice_from(*s, 1);
			continue;
		}
		*s = slice_from(*s, 1);
		if (s->len && unescape(s, out) < 0)
			return err_set(err, -EINVAL,
				"unknown escape in quotes; known are \\\" \\\\ \\n \\t \\e \\u{1F600}");
	}
	if (s->len == 0)
		return err_set(err, -EINVAL, "the quotes are not closed");
	*s = slice_from(*s, 1);
	if (!is_blank_at(*s, 0))
		return err_set(err, -EINVAL, "a blank must follow the closing quotes");
	return 0;
}

int lines_word(struct arena *arena, struct slice *rest, struct slice *ret, struct err *err)
{
	struct slice s = *rest, word;
	int r;

	while (s.len && is_blank(s.at[0]))
		s = slice_from(s, 1);
	if (s.len == 0) {
		*rest = s;
		return 0;
	}
	if (s.at[0] == '"') {
		CLEANUP(str_done)
		struct str out = STR_INIT(s.len * 2);

		r = quoted_word(&s, &out, err);
		if (r < 0)
			return r;
		word = str_slice(&out);
		*ret = arena_dup(arena, word);
	} else {
		(void)slice_word(&s, &word);
		*ret = arena_dup(arena, word);
	}
	*rest = s;
	return 1;
}

int lines_bool(struct slice value, bool *ret, struct err *err)
{
	static const char *const yes[] = {"yes", "on", "true"}, *const no[] = {
									"no", "off", "false"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		bool is_yes = slice_eq_nocase(value, slice_of(yes[i]));

		if (is_yes || slice_eq_nocase(value, slice_of(no[i]))) {
			*ret = is_yes;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "expected yes or no, not \"%.*s\"",
		SLICE_ARG(slice_head(value, SHOWN_MAX)));
}

int lines_duration_us(struct slice value, int64_t *ret_us, struct err *err)
{
	static const struct {
		const char *name;
		int64_t us;
	} units[] = {
		{"ms", MS_US},
		{"s", S_US},
		{"m", 60 * S_US},
		{"h", 3600 * S_US},
		{"d", 86400 * S_US},
	};
	size_t digits = 0;
	int64_t n;

	while (digits < value.len && value.at[digits] >= '0' && value.at[digits] <= '9')
		digits++;
	for (size_t i = 0; digits && i < ARRAY_LEN(units); i++) {
		if (!slice_eq_str(slice_from(value, digits), units[i].name))
			continue;
		if (slice_to_i64(slice_head(value, digits), 0, INT64_MAX / units[i].us, &n) < 0)
			return err_set(err, -ERANGE, "\"%.*s\" is too long a time",
				SLICE_ARG(slice_head(value, SHOWN_MAX)));
		*ret_us = n * units[i].us;
		return 0;
	}
	if (slice_eq_str(value, "0")) {
		*ret_us = 0;
		return 0;
	}
	return err_set(err, -EINVAL, "expected a time like 250ms, 10s, 5m, 2h or 1d, not \"%.*s\"",
		SLICE_ARG(slice_head(value, SHOWN_MAX)));
}
