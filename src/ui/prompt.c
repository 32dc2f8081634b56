/* The line editor.
 * What a line means and which words complete it is the caller's.
 * Called by the console for commands, and by whoever asks a person for a line. */
#include "ui/prompt.h"
#include "base/mem.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX 64

void prompt_open(struct prompt *prompt, const char *label)
{
	prompt->label = label;
	if (!prompt->text.cap) {
		prompt->text = STR_INIT(PROMPT_MAX);
		prompt->typed = STR_INIT(PROMPT_MAX);
	}
	str_reset(&prompt->text);
	prompt->cursor = 0;
	prompt->at_history = prompt->n_history;
}

void prompt_done(struct prompt *prompt)
{
	for (size_t i = 0; i < prompt->n_history; i++)
		free((char *)prompt->history[i].at);
	str_done(&prompt->text);
	str_done(&prompt->typed);
}

/* Replaces a part of the text; the cursor goes behind what was put there. */
static void splice(struct prompt *prompt, size_t from, size_t to, struct slice with)
{
	CLEANUP(mem_freep)
	char *tail = mem_dup(str_cstr(&prompt->text) + to, prompt->text.len - to);
	size_t tail_len = prompt->text.len - to;

	if (from + with.len + tail_len > PROMPT_MAX)
		return;
	str_truncate(&prompt->text, from);
	str_add(&prompt->text, with);
	prompt->cursor = prompt->text.len;
	str_add(&prompt->text, (struct slice){tail, tail_len});
}

void prompt_type(struct prompt *prompt, struct slice text)
{
	CLEANUP(str_done)
	struct str line = STR_INIT(PROMPT_MAX);

	while (text.len) {
		char c = text.at[0];

		str_addc(&line, c == '\n' || c == '\r' || c == '\t' ? ' ' : c);
		text = slice_from(text, 1);
	}
	if (!line.cut)
		splice(prompt, prompt->cursor, prompt->cursor, str_slice(&line));
}

void prompt_type_key(struct prompt *prompt, struct key key)
{
	char bytes[4];

	if (!key.mods && key.code <= 0x10FFFF)
		prompt_type(prompt, (struct slice){bytes, utf8_put(key.code, bytes)});
}

/* Where the glyph before the cursor begins, and where the one behind it ends. */
static size_t before(const struct prompt *prompt)
{
	struct slice rest = str_slice(&prompt->text);
	size_t at = 0;
	struct glyph glyph;

	while (text_next(&rest, &glyph)) {
		size_t next = prompt->text.len - rest.len;

		if (next >= prompt->cursor)
			return at;
		at = next;
	}
	return at;
}

static size_t behind(const struct prompt *prompt)
{
	struct slice rest = slice_from(str_slice(&prompt->text), prompt->cursor);
	struct glyph glyph;

	text_next(&rest, &glyph);
	return prompt->text.len - rest.len;
}

static size_t word_before(const struct prompt *prompt)
{
	const char *text = str_cstr(&prompt->text);
	size_t at = prompt->cursor;

	while (at && text[at - 1] == ' ')
		at--;
	while (at && text[at - 1] != ' ')
		at--;
	return at;
}

static void show(struct prompt *prompt, struct slice line)
{
	str_reset(&prompt->text);
	str_add(&prompt->text, line);
	prompt->cursor = prompt->text.len;
}

static void look_back(struct prompt *prompt, bool older)
{
	if (older && prompt->at_history > 0) {
		if (prompt->at_history == prompt->n_history) {
			str_reset(&prompt->typed);
			str_add(&prompt->typed, str_slice(&prompt->text));
		}
		show(prompt, prompt->history[--prompt->at_history]);
	} else if (!older && prompt->at_history < prompt->n_history) {
		prompt->at_history++;
		show(prompt, prompt->at_history == prompt->n_history
				     ? str_slice(&prompt->typed)
				     : prompt->history[prompt->at_history]);
	}
}

static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* Completes as far as all choices agree; names them when they do not. */
static void complete(struct prompt *prompt, struct str *choices)
{
	const char *words[CHOICES_MAX];
	size_t at = 0, n, agreed;

	if (!prompt->complete)
		return;
	n = prompt->complete(prompt->ctx, slice_head(str_slice(&prompt->text), prompt->cursor),
		words, CHOICES_MAX, &at);
	if (!n)
		return;
	agreed = strlen(words[0]);
	for (size_t i = 1; i < n; i++) {
		size_t same = common(words[0], words[i]);

		agreed = same < agreed ? same : agreed;
	}
	splice(prompt, at, prompt->cursor, (struct slice){words[0], agreed});
	if (n == 1)
		splice(prompt, prompt->cursor, prompt->cursor, SLICE(" "));
	for (size_t i = 0; n > 1 && i < n; i++) {
		if (i)
			str_addc(choices, ' ');
		str_adds(choices, words[i]);
	}
}

void prompt_act(struct prompt *prompt, enum action action, struct str *choices)
{
	switch (action) {
	case ACTION_PROMPT_LEFT:
		prompt->cursor = before(prompt);
		break;
	case ACTION_PROMPT_RIGHT:
		prompt->cursor = behind(prompt);
		break;
	case ACTION_PROMPT_START:
		prompt->cursor = 0;
		break;
	case ACTION_PROMPT_END:
		prompt->cursor = prompt->text.len;
		break;
	case ACTION_PROMPT_RUBOUT:
		splice(prompt, before(prompt), prompt->cursor, SLICE_NONE);
		break;
	case ACTION_PROMPT_DELETE: {
		size_t at = prompt->cursor;

		splice(prompt, at, behind(prompt), SLICE_NONE);
		break;
	}
	case ACTION_PROMPT_RUBOUT_WORD:
		splice(prompt, word_before(prompt), prompt->cursor, SLICE_NONE);
		break;
	case ACTION_PROMPT_CLEAR:
		splice(prompt, 0, prompt->cursor, SLICE_NONE);
		break;
	case ACTION_PROMPT_OLDER:
		look_back(prompt, true);
		break;
	case ACTION_PROMPT_NEWER:
		look_back(prompt, false);
		break;
	case ACTION_PROMPT_COMPLETE:
		complete(prompt, choices);
		break;
	default:
		break;
	}
}

void prompt_keep(struct prompt *prompt)
{
	struct slice line = slice_trim(str_slice(&prompt->text));
	size_t n = prompt->n_history;

	if (line.len && !(n && slice_eq(prompt->history[n - 1], line))) {
		if (n == PROMPT_HISTORY) {
			free((char *)prompt->history[0].at);
			memmove(prompt->history, prompt->history + 1,
				--n * sizeof(prompt->history[0]));
		}
		prompt->history[n] = (struct slice){mem_dup(line.at, line.len), line.len};
		prompt->n_history = n + 1;
	}
	prompt_open(prompt, prompt->label);
}

/* What is left of the cursor is kept in sight, as far as there is room. */
void prompt_draw(const struct prompt *prompt, const struct canvas *canvas, int y)
{
	struct slice left = slice_head(str_slice(&prompt->text), prompt->cursor);
	int x = canvas_text(
		canvas, 1, y, canvas->width - 1, ROLE_HINT_KEY, slice_of(prompt->label));
	int room = canvas->width - x - 2;
	struct glyph glyph;

	x += 1;
	if (text_width(left) > room) {
		x += canvas_text(
			canvas, x, y, 1, ROLE_DIM, canvas->ascii ? SLICE("<") : SLICE("◂"));
		room--;
	}
	while (text_width(left) > room && text_next(&left, &glyph))
		;
	x += canvas_text(canvas, x, y, room, ROLE_TEXT, left);
	surface_cursor(canvas->surface, canvas->x + x, canvas->y + y, true);
	canvas_text(canvas, x, y, canvas->width - x, ROLE_TEXT,
		slice_from(str_slice(&prompt->text), prompt->cursor));
}
