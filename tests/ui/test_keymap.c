/* Keymaps: what is bound, inherited, taken away, and what is said of mistakes. */
#include "base/mem.h"
#include "ui/defaults.h"
#include "ui/keymap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct keymap *keymap;
	struct problems problems;
};

static void load(struct fixture *fixture, const char *text)
{
	fixture->keymap = keymap_new();
	fixture->problems = PROBLEMS_INIT;
	keymap_parse(
		fixture->keymap, "test.keys", slice_of(text), default_keymap, &fixture->problems);
}

static void unload(struct fixture *fixture)
{
	keymap_free(fixture->keymap);
	problems_done(&fixture->problems);
}

/* The act of a sequence, parted by blanks here; "…" for a prefix, "-" for nothing. */
static const char *lookup(const struct fixture *fixture, enum context context, const char *keys)
{
	struct key sequence[KEYMAP_SEQUENCE_MAX];
	struct slice rest = slice_of(keys), word;
	enum action action;
	size_t n = 0;

	while (slice_word(&rest, &word))
		assert_int_equal(key_parse(word, &sequence[n++], NULL), 0);
	switch (keymap_lookup(fixture->keymap, context, sequence, n, &action)) {
	case KEYMAP_ACT:
		return action_info(action)->name;
	case KEYMAP_PREFIX:
		return "…";
	default:
		return "-";
	}
}

static void the_shipped_keymaps_have_no_problems(void **state)
{
	(void)state;
	for (const struct default_file *file = default_keymaps; file->name; file++) {
		struct fixture fixture;

		load(&fixture, file->text);
		if (fixture.problems.n)
			fail_msg("%s: %s", file->name, fixture.problems.texts[0]);
		unload(&fixture);
	}
}

static void each_shipped_keymap_reaches_every_act(void **state)
{
	(void)state;
	for (const struct default_file *file = default_keymaps; file->name; file++) {
		struct fixture fixture;

		load(&fixture, file->text);
		for (size_t i = 1; i < ACTION_N; i++) {
			CLEANUP(str_done)
			struct str key = STR_INIT(64);

			keymap_key_of(fixture.keymap, action_info((enum action)i)->context,
				(enum action)i, &key);
			if (!key.len)
				fail_msg("%s: no key for %s", file->name,
					action_info((enum action)i)->name);
		}
		unload(&fixture);
	}
}

static bool is_fn(struct key key)
{
	return key.code > KC_FN && key.code <= KC_FN + 24;
}

struct twin {
	enum action action;
	bool found;
};

static void find_twin(void *ctx, const struct binding *binding)
{
	struct twin *twin = ctx;

	twin->found |= binding->action == twin->action && !is_fn(binding->keys[0]);
}

struct checked {
	const char *name;
	const struct keymap *keymap;
	enum context context;
};

/* Some terminals keep function keys to themselves; and a multiplexer, flow control and what is the
 * same byte as Backspace, Tab, Enter and Esc take these Control keys. */
static void check_binding(void *ctx, const struct binding *binding)
{
	const struct checked *checked = ctx;
	struct twin twin = {.action = binding->action};
	struct key key = binding->keys[0];

	if (binding->action != ACTION_NONE && is_fn(key)) {
		keymap_each(checked->keymap, checked->context, find_twin, &twin);
		if (!twin.found)
			fail_msg("%s: only a function key for %s", checked->name,
				action_info(binding->action)->name);
	}
	if (binding->n == 1 && key.mods == MOD_CTRL && key.code && key.code < 0x80 &&
		strchr("absqhim[", (int)key.code))
		fail_msg("%s: C-%c alone", checked->name, (char)key.code);
}

static void no_shipped_keymap_needs_a_key_that_is_kept_back(void **state)
{
	(void)state;
	for (const struct default_file *file = default_keymaps; file->name; file++) {
		struct fixture fixture;

		load(&fixture, file->text);
		for (int i = 0; i < CONTEXT_N; i++) {
			struct checked checked = {file->name, fixture.keymap, (enum context)i};

			if (i != CONTEXT_PROMPT)
				keymap_each_own(
					fixture.keymap, (enum context)i, check_binding, &checked);
		}
		unload(&fixture);
	}
}

static void esc_and_a_digit_are_the_function_key(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\n[list]\n<F5> = tag\n<F10> = quit\n<F7> = search\n<M-7> = none\n"
		       "<F6> = tag\n<M-6> = move-top\n");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<M-1>"), "help");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<M-5>"), "tag");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<M-0>"), "quit");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<M-7>"), "-");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<M-6>"), "move-top");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<M-9>"), "-");
	unload(&fixture);
}

static void core_keys_hold_without_a_file(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\n");
	assert_string_equal(lookup(&fixture, CONTEXT_OVERVIEW, "<Down>"), "move-down");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<Esc>"), "back");
	assert_string_equal(lookup(&fixture, CONTEXT_OVERVIEW, "j"), "-");
	unload(&fixture);
}

static void core_keys_cannot_be_lost(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture,
		"format 1\n[list]\n<Down> = none\n[tail]\n<Down> = follow\n[global]\n<C-c> = quit\n");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<Down>"), "move-down");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "<C-c>"), "cancel");
	assert_int_equal(fixture.problems.n, 3);
	assert_non_null(strstr(fixture.problems.texts[0], "test.keys:3: "));
	unload(&fixture);
}

static void a_context_takes_over_and_overrides(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture,
		"format 1\n[list]\nx = move-down\ny = move-up\n[tail]\nx = follow\ny = none\n");
	assert_string_equal(lookup(&fixture, CONTEXT_OVERVIEW, "x"), "move-down");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "x"), "follow");
	assert_string_equal(lookup(&fixture, CONTEXT_TAIL, "y"), "-");
	assert_string_equal(lookup(&fixture, CONTEXT_OVERVIEW, "y"), "move-up");
	unload(&fixture);
}

static void sequences_stand_together_and_ways_apart(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\n[list]\ngg <M-<> = move-top\n");
	assert_string_equal(lookup(&fixture, CONTEXT_LIST, "g"), "…");
	assert_string_equal(lookup(&fixture, CONTEXT_LIST, "g g"), "move-top");
	assert_string_equal(lookup(&fixture, CONTEXT_LIST, "g x"), "-");
	unload(&fixture);
}

static void a_longer_sequence_below_waits_for_its_next_key(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\n[global]\ng = refresh\n[list]\ngg = move-top\n");
	assert_string_equal(lookup(&fixture, CONTEXT_LIST, "g"), "…");
	assert_string_equal(lookup(&fixture, CONTEXT_GLOBAL, "g"), "refresh");
	unload(&fixture);
}

static void a_later_file_overrides_single_lines(void **state)
{
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\ninherit vim\n[list]\nj = page-down\n");
	assert_string_equal(lookup(&fixture, CONTEXT_LIST, "j"), "page-down");
	assert_string_equal(lookup(&fixture, CONTEXT_LIST, "k"), "move-up");
	assert_int_equal(fixture.problems.n, 0);
	unload(&fixture);
}

static void mistakes_are_named_with_their_line_and_keep_the_rest(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"j = mvoe-down", "unknown action \"mvoe-down\"; did you mean \"move-down\"?"},
		{"[lits]", "unknown context \"lits\"; did you mean \"list\"?"},
		{"[tail : global]", "[tail] takes over from [list], not from [global]"},
		{"x = follow", "\"follow\" has no meaning in [list], only in [tail]"},
		{"<C-q> = quit", "<C-q> cannot be relied on"},
		{"<M-O> = quit",
			"test.keys:3: <M-O> cannot be bound: terminals begin the sequences"},
		{"x<M-P> = quit", "test.keys:3: <M-P> cannot be bound"},
		{"<M-[> = quit", "test.keys:3: <M-[> cannot be bound"},
		{"<Foo> = quit", "Foo"},
		{"<C-x = quit", "lacks its >"},
		{"abcde = quit", "more than 4 keys"},
		{"z z = quit", "z is bound twice in [list]"},
		{"a = quit\nab = help", "ab cannot be reached"},
		{"inherit nowhere", "there is no keymap \"nowhere\""},
		{"remember me", "unknown word"},
		{"just words without any sense = ", "unknown action"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(str_done)
		struct str text = STR_INIT(1024);
		struct fixture fixture;

		str_addf(&text, "format 1\n[list]\n%s\n[list]\nw = move-up\n", rows[i].line);
		load(&fixture, str_cstr(&text));
		if (fixture.problems.n != 1 || !strstr(fixture.problems.texts[0], rows[i].says))
			fail_msg("%s: %zu problems, the first: %s", rows[i].line,
				fixture.problems.n,
				fixture.problems.n ? fixture.problems.texts[0] : "none");
		assert_ptr_equal(
			strstr(fixture.problems.texts[0], "test.keys:"), fixture.problems.texts[0]);
		assert_string_equal(lookup(&fixture, CONTEXT_LIST, "w"), "move-up");
		unload(&fixture);
	}
}

static void help_shows_the_shortest_plain_key(void **state)
{
	struct fixture fixture;
	CLEANUP(str_done)
	struct str key = STR_INIT(64);

	(void)state;
	load(&fixture, "format 1\n[list]\n<C-n> j <F5> nn = move-down\n");
	keymap_key_of(fixture.keymap, CONTEXT_TAIL, ACTION_MOVE_DOWN, &key);
	assert_string_equal(str_cstr(&key), "j");
	unload(&fixture);
}

struct follows {
	struct str text;
};

static void add_rest(void *ctx, const struct binding *rest)
{
	struct follows *follows = ctx;

	str_addc(&follows->text, ' ');
	binding_name(rest, &follows->text);
	str_addf(&follows->text, "=%s", action_info(rest->action)->name);
}

static void what_can_follow_is_what_is_live_here(void **state)
{
	static const struct {
		enum context context;
		const char *keys, *follows;
	} rows[] = {
		{CONTEXT_LIST, "g", " g=move-top l=view-log"},
		{CONTEXT_TAIL, "g", " x=follow g=move-top l=view-log"},
		{CONTEXT_GLOBAL, "g", " l=view-log"},
		{CONTEXT_LIST, "<C-x>", " a<C-b>=move-up a<C-c>=move-down"},
		{CONTEXT_LIST, "<C-x> a", " <C-b>=move-up <C-c>=move-down"},
		{CONTEXT_LIST, "j", ""}, {CONTEXT_LIST, "Q", ""},
		{CONTEXT_HELP, "g", " g=move-top"}, /* taken away there */
	};
	struct fixture fixture;

	(void)state;
	load(&fixture, "format 1\n[global]\ngl = view-log\n[list]\nj = move-down\ngg = move-top\n"
		       "<C-x>a<C-b> = move-up\n<C-x>a<C-c> = move-down\n[tail]\ngx = follow\n"
		       "[help]\ngl = none\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice rest = slice_of(rows[i].keys), word;
		struct follows follows = {STR_INIT(4096)};
		struct key keys[KEYMAP_SEQUENCE_MAX];
		size_t n = 0;

		while (slice_word(&rest, &word))
			assert_int_equal(key_parse(word, &keys[n++], NULL), 0);
		keymap_following(fixture.keymap, rows[i].context, keys, n, add_rest, &follows);
		assert_string_equal(str_cstr(&follows.text), rows[i].follows);
		str_done(&follows.text);
	}
	unload(&fixture);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_keymaps_have_no_problems),
		cmocka_unit_test(each_shipped_keymap_reaches_every_act),
		cmocka_unit_test(no_shipped_keymap_needs_a_key_that_is_kept_back),
		cmocka_unit_test(esc_and_a_digit_are_the_function_key),
		cmocka_unit_test(core_keys_hold_without_a_file),
		cmocka_unit_test(core_keys_cannot_be_lost),
		cmocka_unit_test(a_context_takes_over_and_overrides),
		cmocka_unit_test(sequences_stand_together_and_ways_apart),
		cmocka_unit_test(a_longer_sequence_below_waits_for_its_next_key),
		cmocka_unit_test(a_later_file_overrides_single_lines),
		cmocka_unit_test(mistakes_are_named_with_their_line_and_keep_the_rest),
		cmocka_unit_test(help_shows_the_shortest_plain_key),
		cmocka_unit_test(what_can_follow_is_what_is_live_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
