/* Keymaps: per context an ordered list of sequences; a context asks its parents for the rest.
 * Decoding keys is the terminal's matter; running an act is the app's.
 * Called by the app for each key, and by help and hints. */
#include "ui/keymap.h"
#include "base/mem.h"
#include "ui/inherit.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct bindings {
	struct binding *at;
	size_t n, size;
};

struct keymap {
	struct bindings contexts[CONTEXT_N];
};

/* One file being read. */
struct reading {
	struct keymap *keymap;
	struct problems *problems;
	bool (*find)(struct slice name, struct slice *ret_text);
	enum context context;
	struct bindings set[CONTEXT_N]; /* by this file: to notice a duplicate */
	int depth;
};

static bool same_keys(const struct key *a, const struct key *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!key_eq(a[i], b[i]))
			return false;
	return true;
}

static struct binding *bindings_find(const struct bindings *list, const struct binding *like)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].n == like->n && same_keys(list->at[i].keys, like->keys, like->n))
			return &list->at[i];
	return NULL;
}

static void bindings_put(struct bindings *list, const struct binding *binding)
{
	struct binding *old = bindings_find(list, binding);

	if (old) {
		*old = *binding;
		return;
	}
	if (list->n == list->size) {
		list->size = list->size ? 2 * list->size : 16;
		list->at = mem_resize(list->at, list->size, sizeof(*list->at));
	}
	list->at[list->n++] = *binding;
}

/* "gg", "<C-x><C-c>", "g<Down>": keys that stand together. */
static int binding_parse(struct slice text, struct binding *ret, struct err *err)
{
	struct binding binding = {0};

	while (text.len) {
		size_t len = 1;

		if (text.at[0] == '<' && text.len > 1) {
			len = slice_find(text, '>') + 1;
			if (len < text.len && text.at[len - 2] == '-' && text.at[len] == '>')
				len++; /* "<M->>": the key is > itself */
			if (len > text.len)
				return err_set(
					err, -EINVAL, "\"%.*s\" lacks its >", SLICE_ARG(text));
		} else {
			while (len < text.len && (text.at[len] & 0xC0) == 0x80)
				len++;
		}
		if (binding.n == KEYMAP_SEQUENCE_MAX)
			return err_set(err, -EINVAL, "more than %d keys in a sequence",
				KEYMAP_SEQUENCE_MAX);

		int r = key_parse(slice_head(text, len), &binding.keys[binding.n], err);

		if (r < 0)
			return r;
		binding.n++;
		text = slice_from(text, len);
	}
	*ret = binding;
	return 0;
}

/* Keys that terminals and line disciplines make of other keys, or take away. */
static const char *never_alone(const struct binding *binding)
{
	static const char *const letters = "absqhim[";
	static const char *const why[] = {"screen's own prefix", "tmux's own prefix",
		"it stops the output", "it starts the output", "it is Backspace", "it is Tab",
		"it is Enter", "it is Esc"};
	struct key key = binding->keys[0];
	const char *at;

	if (binding->n != 1 || key.mods != MOD_CTRL || key.code >= 0x80 || !key.code)
		return NULL;
	at = strchr(letters, (int)key.code);
	return at ? why[at - letters] : NULL;
}

static int check_comes(const struct binding *binding, struct err *err)
{
	CLEANUP(str_done)
	struct str name = STR_INIT(64);

	for (size_t i = 0; i < binding->n; i++) {
		if (!key_never_comes(binding->keys[i]))
			continue;
		key_name(binding->keys[i], &name);
		return err_set(err, -EINVAL,
			"%s cannot be bound: terminals begin the sequences of other keys with it",
			str_cstr(&name));
	}
	return 0;
}

/* The core binding that a sequence would hide: the same first key, here or further up. */
static const struct binding *core_behind(
	const struct keymap *keymap, enum context context, const struct binding *binding)
{
	for (;; context = context_info(context)->parent) {
		const struct bindings *list = &keymap->contexts[context];

		for (size_t i = 0; i < list->n; i++)
			if (list->at[i].core && same_keys(list->at[i].keys, binding->keys, 1))
				return &list->at[i];
		if (context_info(context)->parent == context)
			return NULL;
	}
}

static void put(struct reading *reading, const struct line *line, const struct binding *binding)
{
	struct bindings *set = &reading->set[reading->context];
	CLEANUP(str_done)
	struct str name = STR_INIT(256);
	const char *why = never_alone(binding);

	binding_name(binding, &name);
	if (why)
		problems_add(reading->problems, line->file, line->number,
			"%s cannot be relied on: %s", str_cstr(&name), why);
	if (bindings_find(set, binding))
		problems_add(reading->problems, line->file, line->number,
			"%s is bound twice in [%s]; the later one holds", str_cstr(&name),
			context_info(reading->context)->name);
	bindings_put(set, binding);
	bindings_put(&reading->keymap->contexts[reading->context], binding);
}

static int read_entry(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;
	struct slice rest = line->key, word;
	enum action action;
	int r = action_find(line->value, &action, err);

	if (r < 0)
		return r;
	if (line->section.at == NULL)
		return err_set(err, -EINVAL, "a binding before the first [context]");
	if (!context_within(reading->context, action_info(action)->context))
		return err_set(err, -EINVAL, "\"%s\" has no meaning in [%s], only in [%s]",
			action_info(action)->name, context_info(reading->context)->name,
			context_info(action_info(action)->context)->name);
	while (slice_word(&rest, &word)) {
		const struct binding *core;
		struct binding binding;

		r = binding_parse(word, &binding, err);
		if (r == 0)
			r = check_comes(&binding, err);
		if (r < 0)
			return r;
		binding.action = action;
		core = core_behind(reading->keymap, reading->context, &binding);
		if (core && (core->action != action || binding.n > 1))
			return err_set(err, -EINVAL, "%.*s always means \"%s\"", SLICE_ARG(word),
				action_info(core->action)->name);
		if (!core)
			put(reading, line, &binding);
	}
	return 0;
}

static int read_section(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;
	enum context parent;
	int r = context_find(line->section, &reading->context, err);

	if (r < 0 || !line->parent.len)
		return r;
	r = context_find(line->parent, &parent, err);
	if (r == 0 && parent != context_info(reading->context)->parent)
		r = err_set(err, -EINVAL, "[%s] takes over from [%s], not from [%s]",
			context_info(reading->context)->name,
			context_info(context_info(reading->context)->parent)->name,
			context_info(parent)->name);
	return r;
}

static void parse(struct reading *outer, const char *file, struct slice text);

static int read_word(void *ctx, const struct line *line, struct err *err)
{
	struct reading *reading = ctx;
	CLEANUP(mem_freep)
	char *name = mem_dup(line->value.at, line->value.len);
	struct slice text;
	int r;

	if (slice_eq_str(line->key, "inherit") && slice_eq_str(line->value, "core"))
		return 0;
	r = inherit_text(line, reading->depth, reading->find, "keymap", &text, err);
	if (r == 0)
		parse(reading, name, text);
	return r;
}

static void parse(struct reading *outer, const char *file, struct slice text)
{
	static const struct lines_ops ops = {
		.word = read_word,
		.section = read_section,
		.entry = read_entry,
	};
	struct reading reading = {
		.keymap = outer->keymap,
		.problems = outer->problems,
		.find = outer->find,
		.depth = outer->depth + 1,
	};

	lines_parse(file, text, 1, &ops, &reading, outer->problems);
	for (size_t i = 0; i < CONTEXT_N; i++)
		free(reading.set[i].at);
}

/* A sequence that another one begins with could never end. */
static void report_clashes(const struct keymap *keymap, const char *file, struct problems *problems)
{
	for (size_t c = 0; c < CONTEXT_N; c++) {
		const struct bindings *list = &keymap->contexts[c];

		for (size_t i = 0; i < list->n; i++) {
			const struct binding *binding = &list->at[i];
			enum action action;

			if (binding->n < 2 || binding->action == ACTION_NONE)
				continue;
			for (size_t n = 1; n < binding->n; n++) {
				CLEANUP(str_done)
				struct str name = STR_INIT(256);

				if (keymap_lookup(keymap, (enum context)c, binding->keys, n,
					    &action) != KEYMAP_ACT)
					continue;
				binding_name(binding, &name);
				problems_add(problems, file, 0,
					"in [%s] %s cannot be reached: its first %zu key%s already "
					"mean \"%s\"",
					context_info((enum context)c)->name, str_cstr(&name), n,
					n > 1 ? "s" : "", action_info(action)->name);
			}
		}
	}
}

void keymap_parse(struct keymap *keymap, const char *file, struct slice text,
	bool (*find)(struct slice name, struct slice *ret_text), struct problems *problems)
{
	struct reading outer = {.keymap = keymap, .problems = problems, .find = find};

	parse(&outer, file, text);
	report_clashes(keymap, file, problems);
}

struct keymap *keymap_new(void)
{
	struct keymap *keymap = NEW(struct keymap);

	for (size_t i = 1; i < ACTION_N; i++) {
		const struct action_info *info = action_info((enum action)i);
		struct slice rest = slice_of(info->core_keys), word;

		while (slice_word(&rest, &word)) {
			struct binding binding;

			if (binding_parse(word, &binding, NULL) < 0)
				abort(); /* the table is ours */
			binding.action = (enum action)i;
			binding.core = true;
			bindings_put(&keymap->contexts[info->context], &binding);
		}
	}
	return keymap;
}

void keymap_free(struct keymap *keymap)
{
	if (!keymap)
		return;
	for (size_t i = 0; i < CONTEXT_N; i++)
		free(keymap->contexts[i].at);
	free(keymap);
}

void keymap_freep(struct keymap **keymap)
{
	keymap_free(*keymap);
}

/* A binding of a context hides the same keys further up, a whole sequence hides longer ones. */
static enum keymap_match lookup(const struct keymap *keymap, enum context context,
	const struct key *keys, size_t n, enum action *ret)
{
	bool prefix = false;

	for (;; context = context_info(context)->parent) {
		const struct bindings *list = &keymap->contexts[context];

		for (size_t i = 0; i < list->n; i++) {
			const struct binding *binding = &list->at[i];

			if (binding->n < n || !same_keys(binding->keys, keys, n))
				continue;
			if (binding->n > n) {
				prefix |= binding->action != ACTION_NONE;
			} else if (!prefix) {
				*ret = binding->action;
				return binding->action == ACTION_NONE ? KEYMAP_NONE : KEYMAP_ACT;
			}
		}
		if (prefix)
			return KEYMAP_PREFIX;
		if (context_info(context)->parent == context)
			return KEYMAP_NONE;
	}
}

/* Esc and a digit, which is Alt and the digit, stand for a function key that the terminal keeps. */
static bool is_function_key(struct key key, struct key *ret)
{
	if (key.mods != MOD_ALT || key.code < '0' || key.code > '9')
		return false;
	*ret = (struct key){KC_FN + (key.code == '0' ? 10 : key.code - '0'), 0};
	return true;
}

enum keymap_match keymap_lookup(const struct keymap *keymap, enum context context,
	const struct key *keys, size_t n, enum action *ret)
{
	enum action bound = ACTION_N; /* what is bound to nothing stays so */
	enum keymap_match match = lookup(keymap, context, keys, n, &bound);
	struct key function;

	if (bound == ACTION_N && match == KEYMAP_NONE && n == 1 &&
		is_function_key(keys[0], &function))
		match = lookup(keymap, context, &function, 1, &bound);
	if (bound != ACTION_N)
		*ret = bound;
	return match;
}

/* Nothing nearer hides it. */
static bool holds(const struct keymap *keymap, enum context context, const struct binding *binding)
{
	enum action action;

	return keymap_lookup(keymap, context, binding->keys, binding->n, &action) == KEYMAP_ACT &&
	       action == binding->action;
}

/* Those of an act, or all of them; only these are looked up: hints ask for many acts in each frame. */
static size_t each_of(const struct keymap *keymap, enum context context, enum action wanted,
	void (*fn)(void *ctx, const struct binding *binding), void *ctx)
{
	size_t n = 0;

	for (enum context at = context;; at = context_info(at)->parent) {
		for (size_t i = 0; i < keymap->contexts[at].n; i++) {
			const struct binding *binding = &keymap->contexts[at].at[i];

			if ((wanted != ACTION_N && binding->action != wanted) ||
				!holds(keymap, context, binding))
				continue;
			if (fn)
				fn(ctx, binding);
			n++;
		}
		if (context_info(at)->parent == at)
			return n;
	}
}

size_t keymap_each(const struct keymap *keymap, enum context context,
	void (*fn)(void *ctx, const struct binding *binding), void *ctx)
{
	return each_of(keymap, context, ACTION_N, fn, ctx);
}

struct following {
	const struct key *keys;
	size_t n, found;
	void (*fn)(void *ctx, const struct binding *rest);
	void *ctx;
};

static void follow(void *ctx, const struct binding *binding)
{
	struct following *following = ctx;
	struct binding rest = *binding;

	if (binding->n <= following->n || !same_keys(binding->keys, following->keys, following->n))
		return;
	rest.n -= following->n;
	for (size_t i = 0; i < rest.n; i++)
		rest.keys[i] = binding->keys[following->n + i];
	following->fn(following->ctx, &rest);
	following->found++;
}

size_t keymap_following(const struct keymap *keymap, enum context context, const struct key *keys,
	size_t n, void (*fn)(void *ctx, const struct binding *rest), void *ctx)
{
	struct following following = {keys, n, 0, fn, ctx};

	keymap_each(keymap, context, follow, &following);
	return following.found;
}

void keymap_each_own(const struct keymap *keymap, enum context context,
	void (*fn)(void *ctx, const struct binding *binding), void *ctx)
{
	for (size_t i = 0; i < keymap->contexts[context].n; i++)
		fn(ctx, &keymap->contexts[context].at[i]);
}

struct search {
	struct binding best;
	int cost;
};

/* One key before two, a plain character before a named key before one with a modifier. */
static int binding_cost(const struct binding *binding)
{
	int cost = 0;

	for (size_t i = 0; i < binding->n; i++)
		cost += 10 + (binding->keys[i].code > 0x10FFFF ? 1 : 0) +
			(binding->keys[i].mods ? 2 : 0);
	return cost;
}

static void consider(void *ctx, const struct binding *binding)
{
	struct search *search = ctx;
	int cost = binding_cost(binding);

	if (!search->cost || cost < search->cost) {
		search->best = *binding;
		search->cost = cost;
	}
}

void keymap_key_of(
	const struct keymap *keymap, enum context context, enum action action, struct str *out)
{
	struct search search = {0};

	each_of(keymap, context, action, consider, &search);
	if (search.cost)
		binding_name(&search.best, out);
}

void binding_name(const struct binding *binding, struct str *out)
{
	for (size_t i = 0; i < binding->n; i++)
		key_name(binding->keys[i], out);
}
