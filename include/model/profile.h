/* orderly.conf: where a person works, and how. In the line grammar of base/lines.h:
 *
 *   format 1
 *   [settings]                      for all profiles
 *   theme       = dark
 *   [prod]                          one profile per section
 *   environment = PROD
 *   environment-colour = prod
 *   store       = service=orderly   libpq's own words, without the password
 *   password-command = pass show orderly/prod
 *   [staging : prod]                takes over what prod says, but the environment's word and colour
 *   store       = host=stage.example dbname=orderly
 *   [prod/odoo-fin]                 a further Odoo of prod, by its system's code in the catalogue
 *   odoo-db     = finance           takes over address and login, and never the key
 *
 * A line that is wrong is a problem with file:line, and the default holds. Two things are on the
 * safe side instead: a profile whose store or Odoo cannot be read is not to be used, since the
 * console would silently work elsewhere; and a read-only that cannot be read means yes. */
#ifndef MODEL_PROFILE_H
#define MODEL_PROFILE_H

#include "base/lines.h"
#include "base/secret.h"
#include "base/str.h"

#define PROFILE_FORMAT 1

/* All settings: the one list from which the reader, its messages and the manual are made.
 * Where: GLOBAL in [settings] only, LOCAL in a profile only, ANY in both, the profile's first.
 *
 *      id                  name                  kind         where   default     help */
/* clang-format off */
#define SETTINGS(SETTING)									\
	SETTING(PROFILE,          "profile",            NAME,        GLOBAL, "",		\
		"the profile when none is named; else the first")				\
	SETTING(ENVIRONMENT,      "environment",        WORD,        LOCAL,  "",		\
		"the word in the banner; else the profile's name in capitals")			\
	SETTING(ENVIRONMENT_COLOUR, "environment-colour", COLOUR,    LOCAL,  "plain",		\
		"how loud the banner is: prod, test or plain")					\
	SETTING(STORE,            "store",              CONNINFO,    LOCAL,  "",		\
		"the store, in libpq's own words (service=prod, host=a,b dbname=x), no password") \
	SETTING(PASSWORD_FILE,    "password-file",      PATH,        LOCAL,  "",		\
		"a file of mode 0600 with the store's password; libpq's passfile works as well")\
	SETTING(PASSWORD_COMMAND, "password-command",   COMMAND,     LOCAL,  "",		\
		"a command that prints the store's password; no shell")				\
	SETTING(ODOO_URL,         "odoo-url",           URL,         LOCAL,  "",		\
		"where Odoo answers: https://…, or http:// on this machine")			\
	SETTING(ODOO_DB,          "odoo-db",            TEXT,        LOCAL,  "",		\
		"Odoo's database")								\
	SETTING(ODOO_SYSTEM,      "odoo-system",        NAME,        LOCAL,  "",		\
		"which system of the catalogue it is; else the only Odoo there")		\
	SETTING(ODOO_LOGIN,       "odoo-login",         TEXT,        LOCAL,  "",		\
		"the login that the key belongs to")						\
	SETTING(ODOO_KEY_FILE,    "odoo-key-file",      PATH,        LOCAL,  "",		\
		"a file of mode 0600 with Odoo's API key")					\
	SETTING(ODOO_KEY_COMMAND, "odoo-key-command",   COMMAND,     LOCAL,  "",		\
		"a command that prints Odoo's API key; no shell")				\
	SETTING(CA_FILE,          "ca-file",            PATH,        ANY,    "",		\
		"authorities to trust for Odoo, in PEM; else the system's")			\
	SETTING(READ_ONLY,        "read-only",          BOOL,        ANY,    "no",		\
		"offer no act that changes anything")						\
	SETTING(IDLE_LOCK,        "idle-lock",          DURATION,    ANY,    "15m",		\
		"lock the screen after so long without a key; never")				\
	SETTING(TIME_ZONE,        "time-zone",          ZONE,        ANY,    "UTC",		\
		"UTC, local, or a name like Europe/Madrid")					\
	SETTING(KEYMAP,           "keymap",             TEXT,        ANY,    "vim",		\
		"a shipped keymap or a file")							\
	SETTING(THEME,            "theme",              TEXT,        ANY,    "default",		\
		"a shipped theme or a file")							\
	SETTING(LINES,            "lines",              LINES,       ANY,    "auto",		\
		"how lines are drawn: auto, utf8, acs or ascii")				\
	SETTING(ACCESSIBLE,       "accessible",         BOOL,        ANY,    "no",		\
		"for a screen reader: no boxes, rules or shapes, words instead of signs")	\
	SETTING(MOUSE,            "mouse",              BOOL,        ANY,    "no",		\
		"take the mouse")								\
	SETTING(LOG_FILE,         "log-file",           PATH,        ANY,    "",		\
		"where the log is appended; else it is kept in memory only")			\
	SETTING(LOG_LEVEL,        "log-level",          LEVEL,       ANY,    "info",		\
		"debug, info, warn or error")
/* clang-format on */

enum setting {
#define SETTING(id, name, kind, where, value, help) SETTING_##id,
	SETTINGS(SETTING)
#undef SETTING
		SETTING_N,
};

const char *setting_name(enum setting setting);

/* One paragraph per setting: name, where, what is expected, default, help. For the manual. */
void settings_describe(struct str *out);

struct profiles;
struct profile;

struct profiles *profiles_new(void); /* with one profile, "default", until a file is read */
void profiles_free(struct profiles *profiles);
void profiles_freep(struct profiles **profiles);

/* To be called once. 0, or -EINVAL when the file as a whole cannot be used. */
int profiles_parse(
	struct profiles *profiles, const char *file, struct slice text, struct problems *problems);

size_t profiles_count(const struct profiles *profiles);
const struct profile *profiles_at(const struct profiles *profiles, size_t i);

/* The named one; with NULL the one that [settings] names, else the first. -EINVAL with the nearest
 * name, or with why that profile is not to be used. Belongs to profiles. */
int profiles_find(const struct profiles *profiles, const char *name, const struct profile **ret,
	struct err *err);

const char *profile_name(const struct profile *profile);

/* What holds: the profile's, its parent's, that of [settings], or the default. Never NULL. */
const char *profile_text(const struct profile *profile, enum setting setting);
bool profile_bool(const struct profile *profile, enum setting setting);
int64_t profile_us(const struct profile *profile, enum setting setting); /* 0: never */

/* The Odoos of a profile: its own, and those of its sections [profile/system]; a child takes over
 * its parent's own alone. Each is read with profile_text() and profile_odoo_key(). */
size_t profile_odoos(const struct profile *profile);
const struct profile *profile_odoo(const struct profile *profile, size_t i);

/* The code of its system in the catalogue; "": the only Odoo there. */
const char *profile_odoo_name(const struct profile *odoo);

/* Where the password and the key are; borrowed from the profile. */
struct secret_source profile_password(const struct profile *profile);
struct secret_source profile_odoo_key(const struct profile *profile);

/* Whether a connection text of libpq's, as words or as an address, holds a password; -EINVAL when
 * it cannot be taken apart. */
int conninfo_check(struct slice conninfo, struct err *err);

#endif
