/* The line above a list in which its filter is typed.
 * What a filter means is model/filter's, what was kept is ui/kept's, what is done with it the view's.
 * Called by the views whose lists are filtered. */
#include "filter_line.h"
#include "base/mem.h"
#include "ui/kept.h"
#include <stdlib.h>

#define NAMES_MAX 4096

static void say(const struct filter_line *line, enum role role, const char *text)
{
	line->env->say(line->env->ctx, role, text);
}

/* ---- names of the catalogue --------------------------------------------------------------------- */

static void on_names(void *ctx, const struct reply *reply)
{
	struct filter_line *line = ctx;

	if (reply->kind == REPLY_ROWS)
		return;
	line->ticket = 0;
	if (reply->kind != REPLY_DONE)
		return;
	rows_unref(line->names);
	line->names = rows_ref(reply->rows);
}

/* Each time that somebody begins to type, so that what is new in the catalogue is offered. */
static void ask_names(struct filter_line *line)
{
	if (!line->ticket)
		line->ticket = source_ask(line->env->source,
			&(struct ask){.question = "filter-names", .reply = on_names, .ctx = line});
}

static size_t names_of(void *ctx, enum filter_field field, const char *const **ret)
{
	struct filter_line *line = ctx;
	struct slice name = slice_of(filter_field(field)->name);
	size_t n = 0;

	if (!line->names)
		return 0;
	if (!line->words)
		line->words = NEW_ARRAY(const char *, NAMES_MAX);
	for (size_t i = 0; i < rows_count(line->names) && n < NAMES_MAX; i++)
		if (slice_eq(rows_text(line->names, i, rows_col(line->names, "field")), name))
			line->words[n++] = arena_str(&line->arena,
				rows_text(line->names, i, rows_col(line->names, "name")));
	*ret = line->words;
	return n;
}

static size_t complete(void *ctx, struct slice text, const char **ret, size_t max, size_t *ret_at)
{
	struct filter_line *line = ctx;
	const struct filter_names names = {.names = names_of, .ctx = line};

	arena_reset(&line->arena);
	if (text.len && text.at[0] == '@') {
		*ret_at = 0;
		return kept_complete(line->env->kept, text, &line->arena, ret, max);
	}
	return filter_complete(text, &names, &line->arena, ret, max, ret_at);
}

/* ---- reading ------------------------------------------------------------------------------------ */

bool filter_line_set(struct filter_line *line, struct slice text)
{
	CLEANUP(str_done)
	struct str kept = STR_INIT(4 * FILTER_MAX);
	struct filter *filter = NULL, *before = line->filter;
	struct err err = ERR_INIT;

	text = slice_trim(text);
	if (text.len && text.at[0] == '@') {
		if (kept_find(line->env->kept, slice_from(text, 1), &kept, &err) < 0) {
			say(line, ROLE_ERROR, err.text);
			return false;
		}
		kept_used(line->env->kept, slice_from(text, 1));
		text = str_slice(&kept);
	}
	if (filter_parse(text, &filter, NULL, &err) < 0) {
		say(line, ROLE_ERROR, err.text);
		return false;
	}
	if (line->no_body && filter_body(filter).len) {
		say(line, ROLE_ERROR, line->no_body);
		filter_free(filter);
		return false;
	}
	line->filter = filter;
	str_reset(&line->text);
	filter_print(filter, &line->text);
	line->set(line->ctx, filter);
	filter_free(before);
	return true;
}

/* ---- typing ------------------------------------------------------------------------------------- */

void filter_line_type(struct filter_line *line)
{
	line->typing = true;
	prompt_open(&line->prompt, "& ");
	prompt_type(&line->prompt, str_slice(&line->text));
	if (line->text.len)
		prompt_type(&line->prompt, SLICE(" "));
	ask_names(line);
}

void filter_line_leave(struct filter_line *line)
{
	line->typing = false;
}

/* A filter that is wrong stays in the line, so that nothing typed is lost. */
static void accept(struct filter_line *line)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(PROMPT_MAX);

	str_add(&text, str_slice(&line->prompt.text));
	if (!filter_line_set(line, str_slice(&text)))
		return;
	prompt_keep(&line->prompt);
	line->typing = false;
}

bool filter_line_input(struct filter_line *line, const struct input *input)
{
	CLEANUP(str_done)
	struct str choices = STR_INIT(1024);
	bool empty = !line->prompt.text.len;
	enum action action = ACTION_NONE;

	if (!line->typing)
		return false;
	if (input->kind == INPUT_PASTE) {
		prompt_type(&line->prompt, input->paste);
		return true;
	}
	keymap_lookup(line->env->keymap, CONTEXT_PROMPT, &input->key, 1, &action);
	if (action == ACTION_NONE)
		prompt_type_key(&line->prompt, input->key);
	else if (action == ACTION_PROMPT_ACCEPT)
		accept(line);
	else if (action == ACTION_PROMPT_GIVE_UP || (action == ACTION_PROMPT_RUBOUT && empty))
		line->typing = false;
	else
		prompt_act(&line->prompt, action, &choices);
	if (choices.len)
		say(line, ROLE_MESSAGE, str_cstr(&choices));
	return true;
}

/* ---- the line ----------------------------------------------------------------------------------- */

void filter_line_open(struct filter_line *line)
{
	line->text = STR_INIT(4 * FILTER_MAX);
	line->prompt.complete = complete;
	line->prompt.ctx = line;
}

void filter_line_close(struct filter_line *line)
{
	source_drop(line->env->source, line->ticket);
	rows_unref(line->names);
	filter_free(line->filter);
	prompt_done(&line->prompt);
	str_done(&line->text);
	arena_done(&line->arena);
	free(line->words);
}

void filter_line_draw(
	const struct filter_line *line, const struct canvas *canvas, const char *empty)
{
	int x;

	if (line->typing) {
		prompt_draw(&line->prompt, canvas, 0);
	} else if (line->text.len) {
		x = canvas_text(canvas, 1, 0, canvas->width - 1, ROLE_HINT_KEY, SLICE("&"));
		canvas_text(
			canvas, x + 2, 0, canvas->width - x - 2, ROLE_TEXT, str_slice(&line->text));
	} else {
		canvas_text(canvas, 1, 0, canvas->width - 1, ROLE_DIM, slice_of(empty));
	}
}
