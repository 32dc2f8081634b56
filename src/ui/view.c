/* What every view does in the same words.
 * Called by views. */
#include "ui/view.h"
#include "base/mem.h"

void view_copy(const struct view *view, const char *what, struct slice text)
{
	const struct view_env *env = view->env;
	CLEANUP(str_done)
	struct str said = STR_INIT(512);
	struct err err = ERR_INIT;

	if (!text.len)
		str_addf(&said, "there is no %s to copy", what);
	else if (env->copy(env->ctx, text, &err) < 0)
		str_adds(&said, err.text);
	else
		str_addf(&said, "copied the %s %.*s", what, SLICE_ARG(text));
	env->say(env->ctx, err.code ? ROLE_ERROR : ROLE_MESSAGE, str_cstr(&said));
}

void view_follow(const struct view *view, struct slice correlation)
{
	const struct view_env *env = view->env;
	CLEANUP(str_done)
	struct str filter = STR_INIT(4096);

	if (!correlation.len) {
		env->say(env->ctx, ROLE_MESSAGE, "there is no correlation id to follow");
		return;
	}
	str_adds(&filter, "corr:\"");
	for (size_t i = 0; i < correlation.len; i++) {
		if (correlation.at[i] == '"' || correlation.at[i] == '\\')
			str_addc(&filter, '\\');
		str_addc(&filter, correlation.at[i]);
	}
	str_addc(&filter, '"');
	env->go(env->ctx, "tail", str_slice(&filter));
}
