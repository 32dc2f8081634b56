/* The prompt: editing by glyphs, history, completion. */
#include "base/mem.h"
#include "ui/prompt.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {"refresh", "redraw", "quit"};

static size_t complete(void *ctx, struct slice text, const char **ret, size_t max, size_t *ret_at)
{
	size_t n = 0;

	(void)ctx;
	*ret_at = 0;
	for (size_t i = 0; i < ARRAY_LEN(words) && n < max; i++)
		if (slice_starts(slice_of(words[i]), text))
			ret[n++] = words[i];
	return n;
}

static void open_with(struct prompt *prompt, const char *text)
{
	*prompt = (struct prompt){.complete = complete};
	prompt_open(prompt, ":");
	prompt_type(prompt, slice_of(text));
}

static void each_act_edits_as_it_says(void **state)
{
	static const struct {
		const char *text;
		enum action acts[4];
		const char *after;
		size_t cursor;
	} rows[] = {
		{"abc", {ACTION_PROMPT_RUBOUT}, "ab", 2},
		{"", {ACTION_PROMPT_RUBOUT}, "", 0},
		{"abc", {ACTION_PROMPT_LEFT, ACTION_PROMPT_RUBOUT}, "ac", 1},
		{"abc", {ACTION_PROMPT_START, ACTION_PROMPT_DELETE}, "bc", 0},
		{"abc", {ACTION_PROMPT_DELETE}, "abc", 3},
		{"abc", {ACTION_PROMPT_START, ACTION_PROMPT_RIGHT, ACTION_PROMPT_CLEAR}, "bc", 0},
		{"one two  ", {ACTION_PROMPT_RUBOUT_WORD}, "one ", 4},
		{"one", {ACTION_PROMPT_RUBOUT_WORD, ACTION_PROMPT_RUBOUT_WORD}, "", 0},
		{"e\u0301", {ACTION_PROMPT_RUBOUT}, "", 0},
		{"a\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", {ACTION_PROMPT_RUBOUT}, "a", 1},
		{"日本", {ACTION_PROMPT_LEFT, ACTION_PROMPT_DELETE}, "日", 3},
		{"a\nb\tc", {ACTION_NONE}, "a b c", 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct prompt prompt;

		open_with(&prompt, rows[i].text);
		for (size_t k = 0; k < 4; k++)
			prompt_act(&prompt, rows[i].acts[k], NULL);
		assert_string_equal(str_cstr(&prompt.text), rows[i].after);
		assert_int_equal(prompt.cursor, rows[i].cursor);
		prompt_done(&prompt);
	}
}

static void completion_goes_as_far_as_all_agree(void **state)
{
	static const struct {
		const char *text, *after, *choices;
	} rows[] = {
		{"q", "quit ", ""},
		{"r", "re", "refresh redraw"},
		{"ref", "refresh ", ""},
		{"x", "x", ""},
		{"", "", "refresh redraw quit"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str choices = STR_INIT(1024);
		struct prompt prompt;

		open_with(&prompt, rows[i].text);
		prompt_act(&prompt, ACTION_PROMPT_COMPLETE, &choices);
		assert_string_equal(str_cstr(&prompt.text), rows[i].after);
		assert_string_equal(str_cstr(&choices), rows[i].choices);
		prompt_done(&prompt);
	}
}

static void history_goes_back_and_returns_to_what_was_typed(void **state)
{
	struct prompt prompt;

	(void)state;
	open_with(&prompt, "first");
	prompt_keep(&prompt);
	prompt_type(&prompt, SLICE("second"));
	prompt_keep(&prompt);
	prompt_type(&prompt, SLICE("second"));
	prompt_keep(&prompt); /* the same again counts once */
	prompt_type(&prompt, SLICE("typ"));
	prompt_act(&prompt, ACTION_PROMPT_OLDER, NULL);
	assert_string_equal(str_cstr(&prompt.text), "second");
	prompt_act(&prompt, ACTION_PROMPT_OLDER, NULL);
	prompt_act(&prompt, ACTION_PROMPT_OLDER, NULL);
	assert_string_equal(str_cstr(&prompt.text), "first");
	prompt_act(&prompt, ACTION_PROMPT_NEWER, NULL);
	prompt_act(&prompt, ACTION_PROMPT_NEWER, NULL);
	assert_string_equal(str_cstr(&prompt.text), "typ");
	prompt_done(&prompt);
}

static void history_and_line_are_bounded(void **state)
{
	struct prompt prompt;

	(void)state;
	open_with(&prompt, "");
	for (int i = 0; i < 3 * PROMPT_HISTORY; i++) {
		CLEANUP(str_done)
		struct str line = STR_INIT(32);

		str_addf(&line, "line %d", i);
		prompt_type(&prompt, str_slice(&line));
		prompt_keep(&prompt);
	}
	assert_int_equal(prompt.n_history, PROMPT_HISTORY);
	for (int i = 0; i < 2 * PROMPT_MAX; i++)
		prompt_type(&prompt, SLICE("x"));
	assert_int_equal(prompt.text.len, PROMPT_MAX);
	prompt_act(&prompt, ACTION_PROMPT_RUBOUT, NULL);
	assert_int_equal(prompt.text.len, PROMPT_MAX - 1);
	prompt_done(&prompt);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_act_edits_as_it_says),
		cmocka_unit_test(completion_goes_as_far_as_all_agree),
		cmocka_unit_test(history_goes_back_and_returns_to_what_was_typed),
		cmocka_unit_test(history_and_line_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
