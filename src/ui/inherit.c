/* Inheriting from a shipped keymap or theme.
 * Reading what was found is the caller's, and its own again.
 * Called by the readers of keymaps and themes. */
#include "ui/inherit.h"
#include <errno.h>

#define DEPTH_MAX 8

int inherit_text(const struct line *line, int depth,
	bool (*find)(struct slice name, struct slice *ret_text), const char *kind,
	struct slice *ret_text, struct err *err)
{
	if (!slice_eq_str(line->key, "inherit"))
		return err_set(err, -EINVAL, "unknown word \"%.*s\"; \"inherit\" is meant?",
			SLICE_ARG(line->key));
	if (depth >= DEPTH_MAX)
		return err_set(err, -EINVAL, "%ss inherit from each other in a circle", kind);
	if (!find || !find(line->value, ret_text))
		return err_set(
			err, -EINVAL, "there is no %s \"%.*s\"", kind, SLICE_ARG(line->value));
	return 0;
}
