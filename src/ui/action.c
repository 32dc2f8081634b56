/* The table of acts and the tree of contexts, and finding a row by its name.
 * What an act does is the views' and the app's matter.
 * Called by the keymap, the help view and the app's dispatch. */
#include "ui/action.h"
#include "base/lines.h"
#include "base/mem.h"

static const struct action_info actions[ACTION_N] = {
	[ACTION_NONE] = {"none", "", CONTEXT_GLOBAL, "Nothing: takes a binding away"},
#define ACTION(id, name, keys, context, help) [ACTION_##id] = {name, keys, CONTEXT_##context, help},
	ACTIONS(ACTION)
#undef ACTION
};

static const struct context_info contexts[CONTEXT_N] = {
#define CONTEXT(id, name, parent) [CONTEXT_##id] = {name, CONTEXT_##parent},
	CONTEXTS(CONTEXT)
#undef CONTEXT
};

const struct action_info *action_info(enum action action)
{
	return &actions[action];
}

const struct context_info *context_info(enum context context)
{
	return &contexts[context];
}

int action_find(struct slice name, enum action *ret, struct err *err)
{
	for (size_t i = 0; i < ACTION_N; i++) {
		if (slice_eq_str(name, actions[i].name)) {
			*ret = (enum action)i;
			return 0;
		}
	}
	return err_unknown(err, "action", name, &actions[0].name, ACTION_N, sizeof(actions[0]));
}

int context_find(struct slice name, enum context *ret, struct err *err)
{
	for (size_t i = 0; i < CONTEXT_N; i++) {
		if (slice_eq_str(name, contexts[i].name)) {
			*ret = (enum context)i;
			return 0;
		}
	}
	return err_unknown(err, "context", name, &contexts[0].name, CONTEXT_N, sizeof(contexts[0]));
}

bool context_within(enum context context, enum context of)
{
	while (context != of) {
		if (contexts[context].parent == context)
			return false;
		context = contexts[context].parent;
	}
	return true;
}
