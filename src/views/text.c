/* Texts that views put together to be read: a payload, what changed in it, facts below each other.
 * Which of them, and where they come from, is the view's.
 * Called by the views of a transaction and of an interface. */
#include "text.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/diff.h"
#include "model/format.h"
#include <stdlib.h>
#include <string.h>

#define OWN_MAX (16 << 20)
#define FIRST_BYTES (64 * 1024) /* printed at once; the rest when somebody goes there */
#define LABEL_WIDTH 18
#define CHANGE_CONTEXT 2 /* lines above the first change */

static const enum role role_of_kind[] = {
	[PRETTY_PLAIN] = ROLE_TEXT,
	[PRETTY_KEY] = ROLE_KEY,
	[PRETTY_STRING] = ROLE_TEXT,
	[PRETTY_VALUE] = ROLE_VALUE,
	[PRETTY_MARK] = ROLE_DIM,
	[PRETTY_NAME] = ROLE_DIM,
	[PRETTY_WRONG] = ROLE_ERROR,
};

static void drop(struct text *text)
{
	if (text->own.at)
		mem_wipe(text->own.at, text->own.size);
	if (text->pretty.text.at)
		mem_wipe(text->pretty.text.at, text->pretty.text.size);
	pretty_done(&text->pretty);
	free(text->spans);
	text->spans = NULL;
	text->n_spans = text->size_spans = 0;
	text->printing = false;
	str_done(&text->own);
	text->own = STR_INIT(OWN_MAX);
	str_done(&text->note);
	text->note = STR_INIT(512);
}

void text_clear(struct text *text)
{
	drop(text);
	text_view_set(&text->view, SLICE_NONE, NULL, 0);
}

void text_done(struct text *text)
{
	text_clear(text);
	text_view_done(&text->view);
}

/* The view goes on from where it stood: the text only grew. */
static void show(struct text *text, struct slice shown, size_t n_spans)
{
	struct text_view *view = &text->view;
	size_t line = view->top_line;
	int row = view->top_row, left = view->left;

	text_view_set(view, shown, text->spans, n_spans);
	view->top_line = line;
	view->top_row = row;
	view->left = left;
}

static void show_pretty(struct text *text)
{
	const struct pretty *pretty = &text->pretty;

	text->spans = mem_resize(text->spans, pretty->n_spans + 1, sizeof(*text->spans));
	for (size_t i = 0; i < pretty->n_spans; i++)
		text->spans[i] = (struct text_span){pretty->spans[i].at, pretty->spans[i].len,
			role_of_kind[pretty->spans[i].kind]};
	show(text, str_slice(&pretty->text), pretty->n_spans);
}

void text_more(struct text *text, bool all)
{
	const struct text_view *view = &text->view;

	if (!text->printing ||
		(!all && view->top_line + 4 * (size_t)(view->height + 1) < view->n_lines))
		return;
	text->printing = pretty_more(&text->pretty, all ? SIZE_MAX : FIRST_BYTES);
	show_pretty(text);
}

void text_payload(struct text *text, struct slice content_type, struct slice body, bool raw)
{
	enum pretty_format format = raw ? PRETTY_TEXT : pretty_guess(content_type, body);

	drop(text);
	pretty_open(&text->pretty, format, body);
	text->printing = pretty_more(&text->pretty, FIRST_BYTES);
	str_adds(&text->note, raw ? "as it came" : pretty_format_name(format));
	show_pretty(text);
}

/* ---- lines put together here ---- */

static void span(struct text *text, size_t at, enum role role)
{
	if (role == ROLE_TEXT || text->own.len == at)
		return;
	if (text->n_spans == text->size_spans) {
		text->size_spans = text->size_spans ? 2 * text->size_spans : 64;
		text->spans = mem_resize(text->spans, text->size_spans, sizeof(*text->spans));
	}
	text->spans[text->n_spans++] = (struct text_span){at, text->own.len - at, role};
}

void text_begin(struct text *text)
{
	drop(text);
}

void text_add(struct text *text, enum role role, struct slice words)
{
	size_t at = text->own.len;

	str_add(&text->own, words);
	span(text, at, role);
}

void text_end(struct text *text)
{
	show(text, str_slice(&text->own), text->n_spans);
}

void text_heading(struct text *text, const char *words)
{
	if (text->own.len)
		str_addc(&text->own, '\n');
	text_add(text, ROLE_STRONG, slice_of(words));
	str_addc(&text->own, '\n');
}

/* Both bodies as they are shown: what differs in blanks only is no change. */
static void print_all(struct pretty *pretty, struct slice content_type, struct slice body)
{
	pretty_open(pretty, pretty_guess(content_type, body), body);
	while (pretty_more(pretty, SIZE_MAX))
		;
}

void text_changes(struct text *text, struct slice type_before, struct slice before,
	struct slice content_type, struct slice body)
{
	static const enum role roles[] = {ROLE_TEXT, ROLE_GONE, ROLE_NEW};
	static const char *const marks[] = {"  ", "- ", "+ "};
	struct pretty from, to;
	struct diff diff;
	size_t first = SIZE_MAX;

	drop(text);
	print_all(&from, type_before, before);
	print_all(&to, content_type, body);
	diff_make(&diff, str_slice(&from.text), str_slice(&to.text));
	for (size_t i = 0; i < diff.n; i++) {
		size_t at = text->own.len;

		if (first == SIZE_MAX && diff.lines[i].kind != DIFF_SAME)
			first = i;
		str_adds(&text->own, marks[diff.lines[i].kind]);
		str_add(&text->own, diff.lines[i].text);
		span(text, at, roles[diff.lines[i].kind]);
		str_addc(&text->own, '\n');
	}
	if (diff.n_gone + diff.n_new == 0)
		str_adds(&text->note, "nothing changed");
	else
		str_addf(&text->note, "lines: %zu gone, %zu new%s", diff.n_gone, diff.n_new,
			diff.rough ? ", too many to find the shortest way" : "");
	diff_done(&diff);
	mem_wipe(from.text.at, from.text.size);
	mem_wipe(to.text.at, to.text.size);
	pretty_done(&from);
	pretty_done(&to);
	text_end(text);
	/* What one came to see is seen without looking for it. */
	if (text->view.top_line == 0 && first != SIZE_MAX && first > CHANGE_CONTEXT)
		text->view.top_line = first - CHANGE_CONTEXT;
}

/* ---- facts ---- */

static void put_value(
	struct text *to, const struct rows *rows, size_t row, size_t column, enum how how)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(64);

	switch (how) {
	case AS_TEXT:
		text_add(to, ROLE_TEXT, rows_text(rows, row, column));
		return;
	case AS_STATE:
		text_add(to, role_of_state(rows_text(rows, row, column)),
			rows_text(rows, row, column));
		return;
	case AS_COUNT:
		format_count(&text, rows_int(rows, row, column));
		break;
	case AS_TIME:
		format_date(&text, rows_time(rows, row, column));
		break;
	case AS_MS:
		format_took(&text, rows_int(rows, row, column) * MS_US);
		break;
	case AS_SECONDS:
		format_age(&text, rows_int(rows, row, column) * S_US);
		break;
	case AS_YES:
		str_adds(&text, "yes");
		break;
	}
	text_add(to, ROLE_VALUE, str_slice(&text));
}

static bool is_told(const struct rows *rows, size_t row, size_t column, enum how how)
{
	if (rows_null(rows, row, column))
		return false;
	switch (how) {
	case AS_TEXT:
	case AS_STATE:
		return rows_text(rows, row, column).len > 0;
	case AS_COUNT:
		return rows_int(rows, row, column) > 0;
	case AS_YES:
		return rows_bool(rows, row, column);
	default:
		return true;
	}
}

void text_add_facts(
	struct text *text, const struct rows *rows, size_t row, const struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t column = rows_col(rows, facts[i].column);

		if (!is_told(rows, row, column, facts[i].how))
			continue;
		text_add(text, ROLE_DIM, slice_of(facts[i].label));
		for (size_t len = strlen(facts[i].label); len < LABEL_WIDTH; len++)
			str_addc(&text->own, ' ');
		put_value(text, rows, row, column, facts[i].how);
		str_addc(&text->own, '\n');
	}
}

int text_search(struct text *text, struct match *match, bool forward)
{
	struct text_view *view = &text->view;
	size_t line = view->top_line, at, len;
	int row = view->top_row, found;

	text_more(text, true);
	view->match = match;
	if (!view->n_lines)
		return 0;
	if (text_view_search(view, forward))
		return 1;
	view->top_line = forward ? 0 : view->n_lines - 1;
	found = match_find(
		match, slice_head(view->text, slice_find(view->text, '\n')), 0, &at, &len);
	if ((forward && found == 1) || text_view_search(view, forward))
		return 1;
	view->top_line = line;
	view->top_row = row;
	return found;
}
