/* Reads orderly.conf into profiles and says what is wrong with it. Opens no file and connects to
 * nothing. The programs' command lines and --check-config call it. */
#include "model/profile.h"
#include "base/mem.h"
#include "base/str.h"
#include "profile_part.h"
#include "setting_kind.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 16

enum where {
	GLOBAL = 1,
	LOCAL = 2,
	ANY = GLOBAL | LOCAL,
};

/* The default is parsed like any value, so that a number stands in one place. */
static const struct row {
	const char *name;
	enum setting_kind kind;
	enum where where;
	const char *value, *help;
} table[] = {
#define SETTING(id, name, kind, where, value, help) {name, KIND_##kind, where, value, help},
	SETTINGS(SETTING)
#undef SETTING
};

struct profiles {
	struct arena arena;
	struct value defaults[SETTING_N];
	struct profile settings, builtin;
	struct profile **at;
	size_t n, size;
	struct profile *open; /* whose section is being read */
	const char *file;
};

const char *setting_name(enum setting setting)
{
	return table[setting].name;
}

void settings_describe(struct str *out)
{
	for (size_t i = 0; i < SETTING_N; i++) {
		const struct row *row = &table[i];

		str_addf(out, "%s = %s\n", row->name, setting_kind_form(row->kind));
		str_addf(out, "    %s.\n    In %s.", row->help,
			row->where == GLOBAL  ? "[settings]"
			: row->where == LOCAL ? "a profile"
					      : "a profile or [settings]");
		str_addf(
			out, row->value[0] ? " Default: %s.\n" : " Default: none%s.\n", row->value);
	}
}

static struct profile *profile_init(
	struct profiles *profiles, struct profile *profile, const char *name)
{
	CLEANUP(str_done)
	struct str word = STR_INIT(WORD_MAX);

	for (const char *at = name; *at; at++)
		str_addc(&word, *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at);
	profile->name = name;
	profile->word = arena_str(&profiles->arena, str_slice(&word));
	profile->defaults = profiles->defaults;
	return profile;
}

struct profiles *profiles_new(void)
{
	struct profiles *profiles = NEW(struct profiles);

	for (size_t i = 0; i < SETTING_N; i++) {
		struct value *value = &profiles->defaults[i];

		value->text = "";
		if (table[i].value[0])
			(void)setting_kind_parse(table[i].kind, &profiles->arena,
				slice_of(table[i].value), &value->text, &value->number, NULL);
	}
	profile_init(profiles, &profiles->settings, "settings");
	profile_init(profiles, &profiles->builtin, "default");
	return profiles;
}

void profiles_free(struct profiles *profiles)
{
	if (!profiles)
		return;
	free(profiles->at);
	arena_done(&profiles->arena);
	free(profiles);
}

void profiles_freep(struct profiles **profiles)
{
	profiles_free(*profiles);
	*profiles = NULL;
}

static struct profile *find(const struct profiles *profiles, struct slice name)
{
	for (size_t i = 0; i < profiles->n; i++)
		if (slice_eq_str(name, profiles->at[i]->name))
			return profiles->at[i];
	return NULL;
}

static int unknown_profile(const struct profiles *profiles, struct slice name, struct err *err)
{
	CLEANUP(mem_freep)
	const char **names = NEW_ARRAY(const char *, profiles->n);

	for (size_t i = 0; i < profiles->n; i++)
		names[i] = profiles->at[i]->name;
	return err_unknown(err, "profile", name, names, profiles->n, sizeof(*names));
}

/* [prod/odoo-fin] */
static int open_odoo(struct profiles *profiles, const struct line *line, struct err *err)
{
	struct slice name = line->section, owner_name;
	struct profile *owner, **link;

	(void)slice_cut(&name, '/', &owner_name);
	owner = find(profiles, owner_name);
	if (!owner)
		return unknown_profile(profiles, owner_name, err);
	if (!setting_is_name(name) || line->parent.len)
		return err_set(err, -EINVAL,
			"a further Odoo is [%s/the code of its system in the catalogue]",
			owner->name);
	for (link = &owner->odoos; *link; link = &(*link)->next)
		if (slice_eq_str(name, (*link)->name))
			return err_set(err, -EEXIST,
				"Odoo %.*s of %s stands twice; the first counts", SLICE_ARG(name),
				owner->name);
	*link = arena_alloc(&profiles->arena, sizeof(**link));
	profile_init(profiles, *link, arena_str(&profiles->arena, name));
	(*link)->parent = owner;
	(*link)->is_odoo = true;
	profiles->open = *link;
	return 0;
}

static int open_profile(struct profiles *profiles, const struct line *line, struct err *err)
{
	struct profile *parent = NULL, *profile;

	if (!setting_is_name(line->section))
		return err_set(err, -EINVAL,
			"\"%.*s\" is no profile's name: up to 32 letters, digits, - _ .",
			SLICE_ARG(slice_head(line->section, 60)));
	if (find(profiles, line->section))
		return err_set(err, -EEXIST, "profile %.*s stands twice; the first counts",
			SLICE_ARG(line->section));
	if (line->parent.len)
		parent = find(profiles, line->parent);
	if (line->parent.len && !parent)
		return unknown_profile(profiles, line->parent, err);
	if (profiles->n == profiles->size) {
		profiles->size = profiles->size ? profiles->size * 2 : 8;
		profiles->at = mem_resize(profiles->at, profiles->size, sizeof(struct profile *));
	}
	profile = arena_alloc(&profiles->arena, sizeof(*profile));
	profile_init(profiles, profile, arena_str(&profiles->arena, line->section));
	profile->parent = parent;
	profile->broken = parent ? parent->broken : NULL;
	profiles->at[profiles->n++] = profile;
	profiles->open = profile;
	return 0;
}

static int on_section(void *ctx, const struct line *line, struct err *err)
{
	struct profiles *profiles = ctx;

	if (slice_find(line->section, '/') < line->section.len)
		return open_odoo(profiles, line, err);
	if (!slice_eq_str(line->section, "settings"))
		return open_profile(profiles, line, err);
	if (line->parent.len)
		return err_set(err, -EINVAL, "[settings] has no parent");
	profiles->open = &profiles->settings;
	return 0;
}

/* Where people look for it first. */
static bool is_secret(struct slice name)
{
	static const char *const names[] = {"password", "odoo-key", "odoo-password"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_eq_str(name, names[i]))
			return true;
	return false;
}

static int find_setting(struct slice name, enum setting *ret, struct err *err)
{
	for (size_t i = 0; i < SETTING_N; i++) {
		if (slice_eq_str(name, table[i].name)) {
			*ret = (enum setting)i;
			return 0;
		}
	}
	if (is_secret(name))
		return err_set(err, -EINVAL,
			"secrets do not stand in this file; use password-file, password-command, "
			"odoo-key-file or odoo-key-command");
	return err_unknown(err, "setting", name, &table[0].name, SETTING_N, sizeof(table[0]));
}

/* Of two ways to the same secret only one can be meant. */
static enum setting twin(enum setting setting)
{
	static const enum setting twins[][2] = {
		{SETTING_PASSWORD_FILE, SETTING_PASSWORD_COMMAND},
		{SETTING_ODOO_KEY_FILE, SETTING_ODOO_KEY_COMMAND},
	};

	for (size_t i = 0; i < ARRAY_LEN(twins); i++)
		for (size_t j = 0; j < 2; j++)
			if (twins[i][j] == setting)
				return twins[i][1 - j];
	return setting;
}

/* What the section of a further Odoo may say; which it is, its name says. */
static bool is_of_odoo(enum setting setting)
{
	return setting == SETTING_ODOO_URL || setting == SETTING_ODOO_DB ||
	       setting == SETTING_ODOO_LOGIN || setting == SETTING_ODOO_KEY_FILE ||
	       setting == SETTING_ODOO_KEY_COMMAND || setting == SETTING_CA_FILE;
}

static int check_place(const struct profiles *profiles, enum setting setting, struct err *err)
{
	bool global = profiles->open == &profiles->settings;
	const struct value *values = profiles->open->values;
	enum setting other = twin(setting);

	if (!(table[setting].where & (global ? GLOBAL : LOCAL)))
		return err_set(err, -EINVAL, "%s belongs into %s", table[setting].name,
			global ? "a profile" : "[settings]");
	if (profiles->open->is_odoo && !is_of_odoo(setting))
		return err_set(err, -EINVAL, "%s belongs into [%s]", table[setting].name,
			profiles->open->parent->name);
	if (values[setting].text)
		return err_set(err, -EEXIST, "%s is set twice; line %d counts", table[setting].name,
			values[setting].line);
	if (values[other].text)
		return err_set(err, -EEXIST, "%s is set beside %s; line %d counts",
			table[setting].name, table[other].name, values[other].line);
	return 0;
}

/* What must not fall back to a default without notice. */
static void stay_safe(struct profiles *profiles, enum setting setting, const struct line *line)
{
	struct profile *profile = profiles->open;

	/* The profile of an Odoo is one of these. */
	for (size_t i = 0; profile->is_odoo && i < profiles->n; i++)
		if (profiles->at[i] == profile->parent)
			profile = profiles->at[i];
	if (setting == SETTING_READ_ONLY)
		profile->values[setting] =
			(struct value){.text = "yes", .number = 1, .line = line->number};
	if (setting == SETTING_STORE || setting == SETTING_ODOO_URL)
		profile->broken = arena_printf(&profiles->arena, "its %s is wrong, see %s:%d",
			table[setting].name, profiles->file, line->number);
}

static int on_entry(void *ctx, const struct line *line, struct err *err)
{
	struct profiles *profiles = ctx;
	enum setting setting = SETTING_N;
	struct value value = {.line = line->number};
	int r;

	if (!profiles->open)
		return err_set(err, -EINVAL, "a setting stands in [settings] or in a profile");
	r = find_setting(line->key, &setting, err);
	if (r == 0)
		r = check_place(profiles, setting, err);
	if (r < 0)
		return r;
	r = setting_kind_parse(table[setting].kind, &profiles->arena, line->value, &value.text,
		&value.number, err);
	if (r < 0) {
		err_prefix(err, "%s", table[setting].name);
		stay_safe(profiles, setting, line);
		return r;
	}
	profiles->open->values[setting] = value;
	return 0;
}

/* [settings] may stand behind the profiles, so what it says is laid under them at the end. */
static void finish(struct profiles *profiles, struct problems *problems)
{
	const struct value *named = &profiles->settings.values[SETTING_PROFILE];
	struct err err = ERR_INIT;

	for (size_t i = 0; i < SETTING_N; i++)
		if (profiles->settings.values[i].text)
			profiles->defaults[i] = profiles->settings.values[i];
	if (named->text && !find(profiles, slice_of(named->text))) {
		(void)unknown_profile(profiles, slice_of(named->text), &err);
		problems_add(problems, profiles->file, named->line, "%s", err.text);
	}
}

int profiles_parse(
	struct profiles *profiles, const char *file, struct slice text, struct problems *problems)
{
	static const struct lines_ops ops = {.section = on_section, .entry = on_entry};
	int r;

	profiles->file = arena_str(&profiles->arena, slice_of(file));
	r = lines_parse(profiles->file, text, PROFILE_FORMAT, &ops, profiles, problems);
	if (r == 0)
		finish(profiles, problems);
	return r;
}

size_t profiles_count(const struct profiles *profiles)
{
	return profiles->n ? profiles->n : 1;
}

const struct profile *profiles_at(const struct profiles *profiles, size_t i)
{
	return profiles->n ? profiles->at[i] : &profiles->builtin;
}

int profiles_find(const struct profiles *profiles, const char *name, const struct profile **ret,
	struct err *err)
{
	const char *named = profiles->settings.values[SETTING_PROFILE].text;
	const struct profile *profile = profiles_at(profiles, 0);

	if (!name)
		name = named;
	if (name && (profiles->n || strcmp(name, profile->name) != 0))
		profile = find(profiles, slice_of(name));
	if (!profile)
		return unknown_profile(profiles, slice_of(name), err);
	if (profile->broken)
		return err_set(
			err, -EINVAL, "profile %s is not used: %s", profile->name, profile->broken);
	*ret = profile;
	return 0;
}
