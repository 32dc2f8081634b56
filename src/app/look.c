/* Loading keymaps and themes by name or path, and checking them for their writers.
 * Their grammar is the ui's.
 * Called by the console and by main. */
#include "app/look.h"
#include "base/file.h"
#include "base/mem.h"
#include "ui/defaults.h"
#include <stdio.h>

#define FILE_MAX (1024 * 1024)

/* The text of a shipped one, or of a file, which is read into *file. */
static bool find_text(const char *name, bool (*find)(struct slice name, struct slice *ret_text),
	struct str *file, struct slice *ret_text, struct err *err)
{
	if (find(slice_of(name), ret_text))
		return true;
	if (file_read(name, file, err) < 0)
		return false;
	*ret_text = str_slice(file);
	return true;
}

static struct slice text_or_default(const char *name, const char *otherwise,
	bool (*find)(struct slice name, struct slice *ret_text), struct str *file,
	struct problems *problems)
{
	struct err err = ERR_INIT;
	struct slice text = SLICE_NONE;

	if (!find_text(name, find, file, &text, &err)) {
		problems_add(problems, name, 0, "%s; \"%s\" is used instead", err.text, otherwise);
		find(slice_of(otherwise), &text);
	}
	return text;
}

void look_load_keymap(struct keymap *keymap, const char *name, struct problems *problems)
{
	CLEANUP(str_done)
	struct str file = STR_INIT(FILE_MAX);
	const char *from = name ? name : "vim";

	keymap_parse(keymap, from, text_or_default(from, "vim", default_keymap, &file, problems),
		default_keymap, problems);
}

void look_load_theme(struct theme *theme, const char *name, struct problems *problems)
{
	CLEANUP(str_done)
	struct str file = STR_INIT(FILE_MAX);
	const char *from = name ? name : "default";

	theme_parse(theme, from, text_or_default(from, "default", default_theme, &file, problems),
		default_theme, problems);
}

static int report(const char *name, struct problems *problems)
{
	for (size_t i = 0; i < problems->n; i++)
		fprintf(stderr, "%s\n", problems->texts[i]);
	if (!problems->n)
		printf("%s: nothing is wrong\n", name);
	return problems->n ? 1 : 0;
}

int look_check_keymap(const char *name)
{
	CLEANUP(keymap_freep)
	struct keymap *keymap = keymap_new();
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;

	look_load_keymap(keymap, name, &problems);
	return report(name, &problems);
}

int look_check_theme(const char *name)
{
	CLEANUP(theme_freep)
	struct theme *theme = theme_new();
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;

	look_load_theme(theme, name, &problems);
	return report(name, &problems);
}

static void print_binding(void *ctx, const struct binding *binding)
{
	CLEANUP(str_done)
	struct str keys = STR_INIT(256);

	(void)ctx;
	binding_name(binding, &keys);
	printf("%-12s = %s\n", str_cstr(&keys), action_info(binding->action)->name);
}

int look_dump_keymap(const char *name)
{
	CLEANUP(keymap_freep)
	struct keymap *keymap = keymap_new();
	CLEANUP(problems_done)
	struct problems problems = PROBLEMS_INIT;

	look_load_keymap(keymap, name, &problems);
	puts("format 1\ninherit core");
	for (size_t i = 0; i < CONTEXT_N; i++) {
		printf("\n[%s]\n", context_info((enum context)i)->name);
		keymap_each_own(keymap, (enum context)i, print_binding, NULL);
	}
	return 0;
}
