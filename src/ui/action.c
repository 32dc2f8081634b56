/* The table of acts and the tree of contexts, and finding a row by its name.
 * What an act does is the views' and the app's matter.
 * Called by the keymap, the help view and the app's dispatch. */
#include "ui/action.h"
#include "base/lines.h"
#include "base/mem.h"

static const struct action_info actions[ACTION_N] = {
	[ACTION_NONE] = {"none", "", CONTEXT_GLOBAL, WHO_ANYONE, ASKS_NOTHING,
		"Nothing: takes a binding away"},
#define ACTION(id, name, keys, context, who, asks, help) \
	[ACTION_##id] = {name, keys, CONTEXT_##context, WHO_##who, ASKS_##asks, help},
	ACTIONS(ACTION)
#undef ACTION
};

static const struct context_info contexts[CONTEXT_N] = {
#define CONTEXT(id, name, parent) [CONTEXT_##id] = {name, CONTEXT_##parent},
	CONTEXTS(CONTEXT)
#undef CONTEXT
};

static const char *const who_roles[] = {
#define WHO(id, roles) [WHO_##id] = roles,
	WHOS(WHO)
#undef WHO
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

static bool has_role(struct slice roles, struct slice role)
{
	struct slice word;

	while (slice_word(&roles, &word))
		if (slice_eq(word, role))
			return true;
	return false;
}

static bool may(enum who who, struct slice roles)
{
	struct slice rest = slice_of(who_roles[who]), role;

	while (slice_word(&rest, &role))
		if (has_role(roles, role))
			return true;
	return who == WHO_ANYONE;
}

/* "support, operator or approver" */
static void add_roles(enum who who, struct str *out)
{
	struct slice rest = slice_of(who_roles[who]), role;

	for (bool first = true; slice_word(&rest, &role); first = false) {
		bool last = !slice_trim(rest).len;

		str_adds(out, first ? "" : last ? " or " : ", ");
		str_add(out, role);
	}
}

bool action_refused(const struct action_info *info, const struct actor *actor, struct str *ret_why)
{
	if (info->who == WHO_ANYONE)
		return false;
	if (actor->read_only) {
		str_addf(ret_why, "%s: this console is read-only", info->name);
		return true;
	}
	if (!actor->known || may(info->who, actor->roles))
		return false;
	str_addf(ret_why, "%s is for ", info->name);
	add_roles(info->who, ret_why);
	if (actor->roles.len)
		str_addf(ret_why, "; you are %.*s", SLICE_ARG(actor->roles));
	else
		str_adds(ret_why, "; you have no role");
	return true;
}

void action_limits(const struct action_info *info, struct str *out)
{
	static const char *const asked[] = {
		[ASKS_NOTHING] = "",
		[ASKS_CONFIRM] = "asks first",
		[ASKS_COUNT] = "asks for the number",
	};

	add_roles(info->who, out);
	if (info->who != WHO_ANYONE && info->asks != ASKS_NOTHING)
		str_adds(out, ", ");
	str_adds(out, asked[info->asks]);
}

const struct command_info *command_info(enum command command)
{
	static const struct command_info commands[] = {
#define COMMAND(id, name, argument, help) {name, argument, help},
		COMMANDS(COMMAND)
#undef COMMAND
	};

	return &commands[command];
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
