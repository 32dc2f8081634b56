/* What holds of a profile: its own words, its parent's, or the defaults. Nothing is read here.
 * Called by whoever was given a profile. */
#include "profile_part.h"

const char *profile_name(const struct profile *profile)
{
	return profile->name;
}

static bool is_inherited(enum setting setting)
{
	return setting != SETTING_ENVIRONMENT && setting != SETTING_ENVIRONMENT_COLOUR;
}

static const struct value *value_of(const struct profile *profile, enum setting setting)
{
	for (const struct profile *at = profile; at; at = at->parent) {
		if (at->values[setting].text)
			return &at->values[setting];
		if (!is_inherited(setting))
			break;
	}
	return &profile->defaults[setting];
}

const char *profile_text(const struct profile *profile, enum setting setting)
{
	if (setting == SETTING_ENVIRONMENT && !profile->values[setting].text)
		return profile->word;
	return value_of(profile, setting)->text;
}

bool profile_bool(const struct profile *profile, enum setting setting)
{
	return value_of(profile, setting)->number != 0;
}

int64_t profile_us(const struct profile *profile, enum setting setting)
{
	return value_of(profile, setting)->number;
}

static const char *filled(const char *text)
{
	return text && text[0] ? text : NULL;
}

/* The nearest of either way; but what a parent has for its own place is not sent to another, and a
 * key is of one database. */
static struct secret_source source_of(
	const struct profile *profile, enum setting file, enum setting command, enum setting place)
{
	for (const struct profile *at = profile; at; at = at->parent) {
		if (at->values[file].text || at->values[command].text)
			return (struct secret_source){.file = filled(at->values[file].text),
				.command = filled(at->values[command].text)};
		if (at->values[place].text || at->is_odoo)
			break;
	}
	return (struct secret_source){0};
}

size_t profile_odoos(const struct profile *profile)
{
	size_t n = *profile_text(profile, SETTING_ODOO_URL) != '\0';

	for (const struct profile *at = profile->odoos; at; at = at->next)
		n++;
	return n;
}

const struct profile *profile_odoo(const struct profile *profile, size_t i)
{
	const struct profile *at = profile->odoos;

	if (*profile_text(profile, SETTING_ODOO_URL) && i-- == 0)
		return profile;
	while (i-- > 0)
		at = at->next;
	return at;
}

const char *profile_odoo_name(const struct profile *odoo)
{
	return odoo->is_odoo ? odoo->name : profile_text(odoo, SETTING_ODOO_SYSTEM);
}

struct secret_source profile_password(const struct profile *profile)
{
	return source_of(profile, SETTING_PASSWORD_FILE, SETTING_PASSWORD_COMMAND, SETTING_STORE);
}

struct secret_source profile_odoo_key(const struct profile *profile)
{
	return source_of(
		profile, SETTING_ODOO_KEY_FILE, SETTING_ODOO_KEY_COMMAND, SETTING_ODOO_URL);
}
