/* A handover as Markdown, or as plain text that reads the same: head, words, items by section.
 *
 * Whatever a person or a system wrote stands behind something of ours on its line, without what could act
 * on a terminal, and in Markdown with all that could be a sign escaped: it makes no heading, no link, no
 * picture and no element, and it signs nothing. Called by handover_export.c. */
#include "base/mem.h"
#include "base/text.h"
#include "handover_part.h"
#include "model/export.h"
#include <ctype.h>
#include <string.h>

struct paper {
	struct str *out;
	bool markdown;
};

/* A number or a mark at the beginning of a line would make a list. */
static void add_line_start(struct str *out, const char **at)
{
	const char *p = *at;

	if (*p == '-' || *p == '+')
		str_addc(out, '\\');
	while (isdigit((unsigned char)*p))
		p++;
	if (p > *at && *p == '.') {
		str_add(out, (struct slice){*at, (size_t)(p - *at)});
		str_addc(out, '\\');
		*at = p;
	}
}

/* On one line, inert. */
static void add_inert(const struct paper *paper, struct slice text)
{
	static const char signs[] = "\\`*_{}[]<>()#!|~&=$";
	struct str *out = paper->out, inert = STR_INIT(out->cap);
	const char *at;

	text_add_inert(&inert, text);
	at = str_cstr(&inert);
	if (paper->markdown)
		add_line_start(out, &at);
	for (; *at; at++) {
		bool link =
			(*at == ':' && at[1] == '/') ||
			(*at == '.' && at > inert.at && tolower((unsigned char)at[-1]) == 'w') ||
			*at == '@';

		if (paper->markdown && (strchr(signs, *at) || link))
			str_addc(out, '\\');
		str_addc(out, *at);
	}
	str_done(&inert);
}

static void add_heading(const struct paper *paper, int level, const char *words)
{
	if (paper->markdown)
		str_addf(paper->out, "%s %s\n\n", level == 1 ? "#" : "##", words);
	else
		str_addf(paper->out, "%s\n%.*s\n\n", words, (int)strlen(words),
			level == 1 ? "=================================================="
				   : "--------------------------------------------------");
}

/* Each line of a text that may have several, behind a mark. */
static void add_lines(const struct paper *paper, const char *indent, struct slice text)
{
	struct slice line;

	text = slice_trim(text);
	while (slice_cut(&text, '\n', &line)) {
		str_addf(paper->out, "%s%s ", indent, paper->markdown ? ">" : "|");
		add_inert(paper, slice_trim(line));
		str_addc(paper->out, '\n');
	}
}

static void add_fact(
	const struct paper *paper, const char *indent, const char *name, struct slice value)
{
	if (!value.len)
		return;
	str_addf(paper->out, "%s- %s: ", indent, name);
	add_inert(paper, value);
	str_addc(paper->out, '\n');
}

static struct slice text_of(const struct rows *rows, size_t row, const char *column)
{
	return rows_text(rows, row, rows_col(rows, column));
}

/* A person and when: "Ana Ruiz, 2026-03-14T09:14:00.000Z". */
static void add_sign(const struct paper *paper, const char *name, const struct rows *rows,
	size_t row, const char *who, const char *when, const char *otherwise)
{
	CLEANUP(str_done)
	struct str sign = STR_INIT(1024);

	str_add(&sign, text_of(rows, row, who).len ? text_of(rows, row, who) : slice_of(otherwise));
	if (!rows_null(rows, row, rows_col(rows, when))) {
		str_adds(&sign, ", ");
		export_time(&sign, rows_time(rows, row, rows_col(rows, when)));
	} else if (text_of(rows, row, who).len) {
		str_adds(&sign, ", not signed");
	}
	add_fact(paper, "", name, str_slice(&sign));
}

static void add_head(const struct paper *paper, const struct rows *rows, size_t row)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(256);

	str_addf(&text, "Handover %lld", (long long)rows_int(rows, row, rows_col(rows, "id")));
	add_heading(paper, 1, str_cstr(&text));
	add_fact(paper, "", "state", text_of(rows, row, "state"));
	add_fact(paper, "", "void because", text_of(rows, row, "why"));
	add_sign(paper, "from", rows, row, "outgoing", "offered_at", "");
	add_sign(paper, "to", rows, row, "incoming", "accepted_at", "nobody yet");
	str_reset(&text);
	export_time(&text, rows_time(rows, row, rows_col(rows, "facts_at")));
	add_fact(paper, "", "facts of", str_slice(&text));
	str_reset(&text);
	if (!rows_null(rows, row, rows_col(rows, "before")))
		str_addf(&text, "handover %lld: ",
			(long long)rows_int(rows, row, rows_col(rows, "before")));
	str_addf(&text, "%lld new, %lld still open, %lld gone",
		(long long)rows_int(rows, row, rows_col(rows, "new")),
		(long long)rows_int(rows, row, rows_col(rows, "open")),
		(long long)rows_int(rows, row, rows_col(rows, "gone")));
	add_fact(paper, "", "since", str_slice(&text));
	add_fact(paper, "", "audit head", text_of(rows, row, "audit_head"));
	add_fact(paper, "", "digest", text_of(rows, row, "digest"));
	str_addc(paper->out, '\n');
	add_lines(paper, "", text_of(rows, row, "words"));
	if (text_of(rows, row, "words").len)
		str_addc(paper->out, '\n');
}

static void add_item(const struct paper *paper, const struct rows *rows, size_t row)
{
	str_adds(paper->out, paper->markdown ? "- **" : "- ");
	str_add(paper->out, text_of(rows, row, "change")); /* a word of the store's own */
	str_adds(paper->out, paper->markdown ? "** " : ": ");
	add_inert(paper, text_of(rows, row, "title"));
	str_addc(paper->out, '\n');
	add_fact(paper, "  ", "owner", text_of(rows, row, "owner"));
	add_fact(paper, "  ", "known", text_of(rows, row, "facts"));
	if (text_of(rows, row, "words").len) {
		str_adds(paper->out, "  - next step:\n");
		add_lines(paper, "    ", text_of(rows, row, "words"));
	}
	if (!rows_null(rows, row, rows_col(rows, "acknowledged_at"))) {
		CLEANUP(str_done)
		struct str sign = STR_INIT(512);

		str_add(&sign, text_of(rows, row, "acknowledged_by"));
		str_adds(&sign, ", ");
		export_time(&sign, rows_time(rows, row, rows_col(rows, "acknowledged_at")));
		add_fact(paper, "  ", "acknowledged", str_slice(&sign));
	}
}

void handover_text(
	const struct rows *row, size_t at, const struct rows *items, bool markdown, struct str *out)
{
	const struct paper paper = {out, markdown};
	struct slice section = SLICE_NONE;

	add_head(&paper, row, at);
	for (size_t i = 0; i < rows_count(items); i++) {
		CLEANUP(str_done)
		struct str title = STR_INIT(64);

		if (!slice_eq(text_of(items, i, "section"), section)) {
			section = text_of(items, i, "section");
			str_addf(&title, "%c%.*s", toupper((unsigned char)section.at[0]),
				SLICE_ARG(slice_from(section, 1)));
			str_adds(out, i ? "\n" : "");
			add_heading(&paper, 2, str_cstr(&title));
		}
		add_item(&paper, items, i);
	}
	if (!rows_count(items))
		str_adds(out, "Nothing is open, at risk or new.\n");
}
