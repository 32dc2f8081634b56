/* The kinds of settings: unquoting, checking and what to say when a value is none. Does not know
 * which settings there are; profile.c does, and calls this. */
#include "setting_kind.h"
#include "base/log.h"
#include "base/mem.h"
#include "model/profile.h"
#include <errno.h>
#include <string.h>

#define SHOWN_MAX 60
#define WORD_MAX 16
#define NAME_MAX_LEN 32

typedef int check_fn(struct slice text, int64_t *ret_number, struct err *err);

static bool all_of(struct slice text, const char *others, size_t max)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool alnum =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alnum && (c == '\0' || !strchr(others, c)))
			return false;
	}
	return text.len > 0 && text.len <= max;
}

bool setting_is_name(struct slice name)
{
	return all_of(name, "-_.", NAME_MAX_LEN) && !slice_eq_str(name, "settings");
}

static int expected(struct slice text, enum setting_kind kind, struct err *err)
{
	return err_set(err, -EINVAL, "expected %s, not \"%.*s\"", setting_kind_form(kind),
		SLICE_ARG(slice_head(text, SHOWN_MAX)));
}

static int one_of(
	struct slice text, const char *const *names, size_t n, const char *kind, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(text, names[i]))
			return 0;
	return err_unknown(err, kind, text, names, n, sizeof(*names));
}

static int check_any(struct slice text, int64_t *ret_number, struct err *err)
{
	(void)text, (void)ret_number, (void)err;
	return 0;
}

static int check_name(struct slice text, int64_t *ret_number, struct err *err)
{
	(void)ret_number;
	return setting_is_name(text) ? 0 : expected(text, KIND_NAME, err);
}

static int check_word(struct slice text, int64_t *ret_number, struct err *err)
{
	(void)ret_number;
	return all_of(text, "-_.", WORD_MAX) ? 0 : expected(text, KIND_WORD, err);
}

static int check_colour(struct slice text, int64_t *ret_number, struct err *err)
{
	static const char *const names[] = {"plain", "prod", "test"};

	(void)ret_number;
	return one_of(text, names, ARRAY_LEN(names), "colour", err);
}

static int check_lines(struct slice text, int64_t *ret_number, struct err *err)
{
	static const char *const names[] = {"auto", "utf8", "acs", "ascii"};

	(void)ret_number;
	return one_of(text, names, ARRAY_LEN(names), "way to draw lines", err);
}

static int check_level(struct slice text, int64_t *ret_number, struct err *err)
{
	enum log_level level = LOG_INFO;

	(void)ret_number;
	return log_level_parse(text, &level, err);
}

static int check_conninfo(struct slice text, int64_t *ret_number, struct err *err)
{
	(void)ret_number;
	return conninfo_check(text, err);
}

/* Its words are taken apart once here, so that the mistake has a line. */
static int check_command(struct slice text, int64_t *ret_number, struct err *err)
{
	CLEANUP(arena_done)
	struct arena arena = ARENA_INIT;
	struct slice word;
	int r;

	(void)ret_number;
	do
		r = lines_word(&arena, &text, &word, err);
	while (r > 0);
	return r;
}

static bool is_this_machine(struct slice host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i]);

		if (slice_starts(host, slice_of(names[i])) &&
			(host.len == len || host.at[len] == ':'))
			return true;
	}
	return false;
}

/* Its key travels in every request, so it goes unencrypted to nobody else. */
static int check_url(struct slice text, int64_t *ret_number, struct err *err)
{
	bool tls = slice_starts(text, SLICE("https://"));
	struct slice host = slice_from(text, tls ? 8 : 7);

	(void)ret_number;
	if (text.len == 0)
		return 0;
	if (!tls && !slice_starts(text, SLICE("http://")))
		return expected(text, KIND_URL, err);
	host = slice_head(host, slice_find(host, '/'));
	if (slice_find(host, '@') < host.len)
		return err_set(err, -EINVAL,
			"a login does not belong into the address; use odoo-login and odoo-key-file "
			"or odoo-key-command");
	if (!tls && !is_this_machine(host))
		return err_set(err, -EINVAL, "http:// is for this machine only; use https://");
	return host.len ? 0 : expected(text, KIND_URL, err);
}

static int check_zone(struct slice text, int64_t *ret_number, struct err *err)
{
	bool climbs = memmem(text.at, text.len, "..", 2) != NULL;

	(void)ret_number;
	if (!all_of(text, "/_+-", 64) || climbs || text.at[0] == '/')
		return expected(text, KIND_ZONE, err);
	return 0;
}

static int check_bool(struct slice text, int64_t *ret_number, struct err *err)
{
	bool yes = false;
	int r = lines_bool(text, &yes, err);

	*ret_number = yes;
	return r;
}

static int check_duration(struct slice text, int64_t *ret_number, struct err *err)
{
	if (slice_eq_str(text, "never"))
		return 0;
	return lines_duration_us(text, ret_number, err);
}

static const struct {
	const char *form;
	check_fn *check;
	bool raw; /* quotes are a part of it */
} kinds[] = {
	[KIND_TEXT] = {"a text", check_any, false},
	[KIND_NAME] = {"a profile's name", check_name, false},
	[KIND_WORD] = {"a word of up to 16 letters, digits, - _ .", check_word, false},
	[KIND_COLOUR] = {"prod, test or plain", check_colour, false},
	[KIND_CONNINFO] = {"libpq's words or address", check_conninfo, true},
	[KIND_PATH] = {"a path", check_any, false},
	[KIND_COMMAND] = {"a command", check_command, true},
	[KIND_URL] = {"an address that begins with https://", check_url, false},
	[KIND_ZONE] = {"UTC, local or a name like Europe/Madrid", check_zone, false},
	[KIND_BOOL] = {"yes or no", check_bool, false},
	[KIND_DURATION] = {"a time like 10s, 5m or 2h, or never", check_duration, false},
	[KIND_LINES] = {"auto, utf8, acs or ascii", check_lines, false},
	[KIND_LEVEL] = {"debug, info, warn or error", check_level, false},
};

const char *setting_kind_form(enum setting_kind kind)
{
	return kinds[kind].form;
}

/* A value may stand in quotes, as a whole. */
static int unquote(struct arena *arena, struct slice *value, struct err *err)
{
	struct slice rest = *value, word;
	int r;

	if (value->len == 0 || value->at[0] != '"')
		return 0;
	r = lines_word(arena, &rest, &word, err);
	if (r < 0)
		return r;
	if (slice_trim(rest).len)
		return err_set(err, -EINVAL, "expected nothing behind the closing quotes");
	*value = word;
	return 0;
}

int setting_kind_parse(enum setting_kind kind, struct arena *arena, struct slice value,
	const char **ret_text, int64_t *ret_number, struct err *err)
{
	int64_t number = 0;
	int r = kinds[kind].raw ? 0 : unquote(arena, &value, err);

	if (r == 0)
		r = kinds[kind].check(value, &number, err);
	if (r < 0)
		return r;
	*ret_text = arena_str(arena, value);
	*ret_number = number;
	return 0;
}
