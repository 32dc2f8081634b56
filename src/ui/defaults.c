/* Finding a shipped keymap or theme by its name.
 * The tables are generated from keymaps/ and themes/; reading them is the parsers'.
 * Called by those who load and by "inherit". */
#include "ui/defaults.h"

static bool find(const struct default_file *files, struct slice name, struct slice *ret_text)
{
	for (; files->name; files++) {
		if (slice_eq_str(name, files->name)) {
			*ret_text = slice_of(files->text);
			return true;
		}
	}
	return false;
}

bool default_keymap(struct slice name, struct slice *ret_text)
{
	return find(default_keymaps, name, ret_text);
}

bool default_theme(struct slice name, struct slice *ret_text)
{
	return find(default_themes, name, ret_text);
}
