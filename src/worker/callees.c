/* Reads whom to tell of signals. Opens no secret and calls nobody.
 * Called by orderlyd's main. */
#include "worker/callees.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include <errno.h>
#include <string.h>

#define FORMAT 1
#define FILE_MAX ((size_t)64 * 1024)
#define NAME_LEN_MAX 60
#define DEADLINE_US (10 * S_US)
#define DEADLINE_MAX_US (60 * S_US)
#define EVERY_US (60 * S_US)
#define EVERY_MIN_US S_US
#define EVERY_MAX_US (3600 * S_US)

static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool first = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!first && (i == 0 || !strchr("._-", c)))
			return false;
	}
	return name.len > 0 && name.len <= NAME_LEN_MAX;
}

static int on_section(void *ctx, const struct line *line, struct err *err)
{
	struct callees *callees = ctx;
	bool heart = slice_eq_str(line->section, "heartbeat");

	callees->open = NULL;
	if (line->parent.len)
		return err_set(err, -EINVAL, "a target has no parent");
	if (!is_name(line->section))
		return err_set(err, -EINVAL,
			"\"%.*s\" is no target's name: up to %d small letters, digits, . _ -",
			SLICE_ARG(slice_head(line->section, NAME_LEN_MAX)), NAME_LEN_MAX);
	for (size_t i = 0; i < callees->n; i++)
		if (slice_eq_str(line->section, callees->at[i].name))
			return err_set(err, -EEXIST, "target %s stands twice; the first counts",
				callees->at[i].name);
	if (heart && callees->heart.name)
		return err_set(err, -EEXIST, "the heartbeat stands twice; the first counts");
	if (!heart && callees->n == CALLEES_MAX)
		return err_set(err, -E2BIG, "there are more than %d targets", CALLEES_MAX);
	callees->open = heart ? &callees->heart : &callees->at[callees->n++];
	*callees->open = (struct callee){
		.name = arena_str(&callees->arena, line->section),
		.severity = "warning",
		.deadline_us = DEADLINE_US,
		.every_us = EVERY_US,
		.line = line->number,
	};
	return 0;
}

/* One word, unquoted; what is behind it is one too many. */
static int take_word(struct callees *callees, struct slice value, const char **ret, struct err *err)
{
	struct slice word, more;
	int r = lines_word(&callees->arena, &value, &word, err);

	if (r == 0)
		return err_set(err, -EINVAL, "there is no value");
	if (r > 0 && lines_word(&callees->arena, &value, &more, err) != 0)
		return err_set(err, -EINVAL, "one word is expected; quote it");
	if (r < 0)
		return r;
	*ret = arena_str(&callees->arena, word);
	return 0;
}

static bool is_here(struct slice url)
{
	static const struct slice here[] = {
		SLICE("http://127.0.0.1"), SLICE("http://[::1]"), SLICE("http://localhost")};

	for (size_t i = 0; i < ARRAY_LEN(here); i++)
		if (slice_starts(url, here[i]) &&
			(url.len == here[i].len || strchr(":/", url.at[here[i].len])))
			return true;
	return false;
}

static int take_url(struct callees *callees, struct slice value, struct err *err)
{
	const char *url = NULL;
	int r = take_word(callees, value, &url, err);

	if (r < 0)
		return r;
	if (!(slice_starts(slice_of(url), SLICE("https://")) && strlen(url) > 8) &&
		!is_here(slice_of(url)))
		return err_set(err, -EINVAL, "expected https://…, or http:// on this machine");
	if (strchr(url, '@'))
		return err_set(err, -EINVAL, "secrets do not stand in an address; use secret");
	callees->open->url = url;
	return 0;
}

static int take_command(struct callees *callees, struct slice value, struct err *err)
{
	char **argv = arena_array(&callees->arena, value.len / 2 + 2, sizeof(*argv));
	struct slice word;
	size_t n = 0;
	int r;

	while ((r = lines_word(&callees->arena, &value, &word, err)) > 0)
		argv[n++] = (char *)(uintptr_t)arena_str(&callees->arena, word);
	if (r == 0 && (n == 0 || argv[0][0] != '/'))
		return err_set(err, -EINVAL, "expected a program by its whole path");
	if (r == 0)
		callees->open->argv = argv;
	return r;
}

static int take_choice(struct callees *callees, struct slice value, const char *kind,
	const char *const *names, size_t n, size_t *ret, struct err *err)
{
	const char *word = NULL;
	int r = take_word(callees, value, &word, err);

	for (size_t i = 0; i < n && r == 0; i++) {
		if (strcmp(word, names[i]) == 0) {
			*ret = i;
			return 0;
		}
	}
	return r < 0 ? r : err_unknown(err, kind, slice_of(word), names, n, sizeof(*names));
}

static int take_secret(struct callees *callees, struct slice value, struct err *err)
{
	const char *name = NULL;
	int r = take_word(callees, value, &name, err);

	if (r < 0)
		return r;
	if (strchr(name, '/') || name[0] == '.')
		return err_set(
			err, -EINVAL, "expected the name of a file of the folder of secrets");
	callees->open->secret = name;
	return 0;
}

static int take_time(
	struct slice value, int64_t least_us, int64_t most_us, int64_t *ret_us, struct err *err)
{
	int64_t us = 0;
	int r = lines_duration_us(value, &us, err);

	if (r < 0)
		return r;
	if (us < least_us || us > most_us)
		return err_set(err, -ERANGE, "expected %d s to %d s", (int)(least_us / S_US),
			(int)(most_us / S_US));
	*ret_us = us;
	return 0;
}

static int on_entry(void *ctx, const struct line *line, struct err *err)
{
	static const char *const keys[] = {
		"url", "command", "severity", "auth", "secret", "repeats", "deadline", "every"};
	static const char *const severities[] = {"info", "warning", "page"};
	static const char *const auths[] = {"bearer", "hmac"};
	struct callees *callees = ctx;
	struct callee *callee = callees->open;
	size_t key, choice = 0;
	int r = 0;

	if (!callee)
		return err_set(err, -EINVAL, "this stands before the first target");
	for (key = 0; key < ARRAY_LEN(keys) && !slice_eq_str(line->key, keys[key]); key++)
		;
	switch (key) {
	case 0:
		return take_url(callees, line->value, err);
	case 1:
		return take_command(callees, line->value, err);
	case 2:
		r = take_choice(callees, line->value, "severity", severities, ARRAY_LEN(severities),
			&choice, err);
		callee->severity = r < 0 ? callee->severity : severities[choice];
		return r;
	case 3:
		r = take_choice(
			callees, line->value, "auth", auths, ARRAY_LEN(auths), &choice, err);
		callee->hmac = choice == 1;
		return r;
	case 4:
		return take_secret(callees, line->value, err);
	case 5:
		return lines_bool(line->value, &callee->repeats, err);
	case 6:
		return take_time(line->value, S_US, DEADLINE_MAX_US, &callee->deadline_us, err);
	case 7:
		return take_time(line->value, EVERY_MIN_US, EVERY_MAX_US, &callee->every_us, err);
	default:
		return err_unknown(err, "setting", line->key, keys, ARRAY_LEN(keys), sizeof(*keys));
	}
}

static bool is_usable(const struct callee *callee, const char *file, struct problems *problems)
{
	bool usable = !callee->url != !callee->argv;

	if (!usable)
		problems_add(problems, file, callee->line,
			"%s is left out: it needs a url or a command, and not both", callee->name);
	return usable;
}

int callees_parse(
	struct callees *callees, const char *file, struct slice text, struct problems *problems)
{
	static const struct lines_ops ops = {.section = on_section, .entry = on_entry};
	int r = lines_parse(file, text, FORMAT, &ops, callees, problems);
	size_t n = 0;

	callees->open = NULL;
	for (size_t i = 0; i < callees->n; i++)
		if (is_usable(&callees->at[i], file, problems))
			callees->at[n++] = callees->at[i];
	callees->n = n;
	if (callees->heart.name && !is_usable(&callees->heart, file, problems))
		callees->heart.name = NULL;
	return r;
}

int callees_load(
	struct callees *callees, const char *file, struct problems *problems, struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(FILE_MAX);
	int r = file_read(file, &text, err);

	if (r == 0 && callees_parse(callees, file, str_slice(&text), problems) < 0)
		r = err_set(err, -EINVAL, "%s",
			problems->n ? problems->texts[problems->n - 1] : "it cannot be read");
	return r;
}

void callees_done(struct callees *callees)
{
	arena_done(&callees->arena);
	*callees = CALLEES_INIT;
}

void callees_put(const struct callees *callees, struct str *out)
{
	str_addc(out, '[');
	for (size_t i = 0; i < callees->n; i++)
		str_addf(out, "%s{\"name\": \"%s\", \"severity\": \"%s\", \"repeats\": %s}",
			i ? ", " : "", callees->at[i].name, callees->at[i].severity,
			callees->at[i].repeats ? "true" : "false");
	str_addc(out, ']');
}
