/* What this machine's terminfo says that a key sends is read as that key, whatever the terminal.
 * Sequences that terminfo does not know are test_keys.c's. */
#include "../lib/unit.h"
#include "term/keys.h"
#include <stdio.h>

/* The name is ours. */
#define key_name curses_key_name
#define NCURSES_NOMACROS 1
#include <curses.h>
/* Apart, since it needs the former before it. */
#include <term.h>
#undef key_name

static const char *const terms[] = {"linux", "putty", "putty-256color", "rxvt", "rxvt-unicode",
	"rxvt-unicode-256color", "screen", "screen-256color", "tmux", "tmux-256color", "vt100",
	"vt220", "xterm", "xterm-256color", "xterm-color", "xterm-direct", "xterm-r6"};

static const struct {
	const char *capability, *key;
} keys[] = {
	{"kcuu1", "<Up>"},
	{"kcud1", "<Down>"},
	{"kcub1", "<Left>"},
	{"kcuf1", "<Right>"},
	{"khome", "<Home>"},
	{"kend", "<End>"},
	{"kpp", "<PageUp>"},
	{"knp", "<PageDown>"},
	{"kich1", "<Insert>"},
	{"kdch1", "<Delete>"},
	{"kcbt", "<S-Tab>"},
	{"kent", "<Enter>"},
	{"kf1", "<F1>"},
	{"kf2", "<F2>"},
	{"kf3", "<F3>"},
	{"kf4", "<F4>"},
	{"kf5", "<F5>"},
	{"kf6", "<F6>"},
	{"kf7", "<F7>"},
	{"kf8", "<F8>"},
	{"kf9", "<F9>"},
	{"kf10", "<F10>"},
	{"kf11", "<F11>"},
	{"kf12", "<F12>"},
	/* with Shift and Control, as far as terminfo tells */
	{"kLFT", "<S-Left>"},
	{"kRIT", "<S-Right>"},
	{"kHOM", "<S-Home>"},
	{"kEND", "<S-End>"},
	{"kPRV", "<S-PageUp>"},
	{"kNXT", "<S-PageDown>"},
	{"kDC", "<S-Delete>"},
	{"kIC", "<S-Insert>"},
	{"kUP", "<S-Up>"},
	{"kDN", "<S-Down>"},
	{"kUP5", "<C-Up>"},
	{"kDN5", "<C-Down>"},
	{"kLFT5", "<C-Left>"},
	{"kRIT5", "<C-Right>"},
	{"kHOM5", "<C-Home>"},
	{"kEND5", "<C-End>"},
	{"kPRV5", "<C-PageUp>"},
	{"kNXT5", "<C-PageDown>"},
	{"kDC5", "<C-Delete>"},
	{"kUP3", "<M-Up>"},
	{"kLFT3", "<M-Left>"},
};

/* What terminfo calls F5 there are keys of the keypad. */
static bool of_the_keypad(const char *term, const char *capability)
{
	return strcmp(term, "vt100") == 0 && strncmp(capability, "kf", 2) == 0 &&
	       strtol(capability + 2, NULL, 10) >= 5;
}

static void hear(void *ctx, const struct input *input)
{
	if (input->kind == INPUT_KEY)
		key_name(input->key, ctx);
}

/* Returns whether all of the terminal's keys are. */
static bool check_terminal(const char *term)
{
	size_t right = 0, wrong = 0;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		CLEANUP(str_done)
		struct str heard = STR_INIT(256);
		const char *sent = tigetstr((char *)keys[i].capability);
		struct keys *reader;

		if (!sent || sent == (const char *)-1 || of_the_keypad(term, keys[i].capability))
			continue;
		reader = keys_new();
		keys_feed(reader, slice_of(sent), 0, hear, &heard);
		keys_timeout(reader, 60000000, hear, &heard);
		keys_freep(&reader);
		if (strcmp(str_cstr(&heard), keys[i].key) == 0) {
			right++;
			continue;
		}
		wrong++;
		print_error("%s: %s is read as \"%s\", not as %s\n", term, keys[i].capability,
			str_cstr(&heard), keys[i].key);
	}
	print_message("%s: %zu keys\n", term, right);
	return wrong == 0;
}

static void each_terminals_keys_are_read_as_what_they_are(void **state)
{
	size_t found = 0, wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
		int status;

		if (setupterm((char *)terms[i], 1, &status) != OK)
			continue; /* this machine's terminfo is a small one */
		found++;
		wrong += !check_terminal(terms[i]);
		del_curterm(cur_term);
	}
	assert_true(found > 0);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_terminals_keys_are_read_as_what_they_are),
	};

	return RUN(tests);
}
