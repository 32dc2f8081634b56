/* Any bytes as a keymap and as a theme: problems, never a crash, and core keys that still hold. */
#include "base/mem.h"
#include "ui/defaults.h"
#include "ui/keymap.h"
#include "ui/theme.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;
	CLEANUP(keymap_freep)
	struct keymap *keymap = keymap_new();
	CLEANUP(theme_freep)
	struct theme *theme = theme_new();
	struct slice text = {(const char *)data, size};
	struct key enter = {.code = KC_ENTER};
	enum action action;

	keymap_parse(keymap, "fuzz.keys", text, default_keymap, &problems);
	theme_parse(theme, "fuzz.theme", text, default_theme, &problems);
	assert(keymap_lookup(keymap, CONTEXT_TAIL, &enter, 1, &action) == KEYMAP_ACT);
	assert(action == ACTION_OPEN);
	for (int i = 0; i < ROLE_N; i++)
		theme_style(theme, (enum role)i, 256, (struct style){0});
	return 0;
}
