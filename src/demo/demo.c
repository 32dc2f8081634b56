/* The command line of `orderly demo`: options, and where the data lies.
 * What is started and stopped is the supervisor's.
 * Called by the program's main(). */
#include "demo/demo.h"
#include "base/mem.h"
#include "base/slice.h"
#include "base/str.h"
#include "demo/spawn.h"
#include "sim/people.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT_DIR "/var/tmp/orderly-demo"

struct person {
	const char *login, *name, *role;
};

#define PERSON(login, name, role, interfaces, facilities, classes) {login, name, role},
static const struct person people[] = {SIM_PEOPLE(PERSON)};
#undef PERSON

static int take_as(const char *value, struct demo_options *to);
static int take_rate(const char *value, struct demo_options *to);
static int take_hours(const char *value, struct demo_options *to);
static int take_dir(const char *value, struct demo_options *to);
static int take_reset(const char *value, struct demo_options *to);
static int take_help(const char *value, struct demo_options *to);

/* Without a take() the option is the console's. */
struct option_row {
	const char *name, *argument, *help;
	int (*take)(const char *value, struct demo_options *to);
};

static const struct option_row rows[] = {
	{"as", "ROLE", "support, operator (the default), approver, security, admin; or a login",
		take_as},
	{"rate", "N", "transactions in a second", take_rate},
	{"hours", "N", "of history, at the first start (24)", take_hours},
	{"reset", NULL, "throw away what is there and begin anew", take_reset},
	{"dir", "FOLDER", "where the data is kept between starts", take_dir},
	{"frame", NULL, "print one frame as text and leave; so it is without a terminal", NULL},
	{"size", "COLUMNSxROWS", "of that frame", NULL},
	{"view", "NAME", "what is opened first", NULL},
	{"keymap", "NAME|FILE", "as for the console", NULL},
	{"theme", "NAME|FILE", "as for the console", NULL},
	{"lines", "utf8|acs|ascii", "as for the console", NULL},
	{"read-only", NULL, "as for the console", NULL},
	{"help", NULL, "this text", take_help},
};

/* Returned by take(): go on, or leave with a status. */
#define LEAVE(status) ((status) + 1)

static int complain(const char *option, const char *value, const char *wanted)
{
	fprintf(stderr, "orderly demo: --%s %s: %s\n", option, value, wanted);
	return LEAVE(2);
}

static int take_as(const char *value, struct demo_options *to)
{
	for (size_t i = 0; i < ARRAY_LEN(people); i++) {
		if (strcmp(people[i].role, value) == 0 || strcmp(people[i].login, value) == 0) {
			to->login = people[i].login;
			return 0;
		}
	}
	return complain("as", value,
		"nobody has that role; there are support, operator, approver, security and admin");
}

static int take_rate(const char *value, struct demo_options *to)
{
	int64_t rate;

	if (slice_to_i64(slice_of(value), 0, 20000, &rate) < 0)
		return complain("rate", value, "a number from 0 to 20000 is meant");
	to->rate = value;
	return 0;
}

static int take_hours(const char *value, struct demo_options *to)
{
	int64_t hours;

	if (slice_to_i64(slice_of(value), 1, 24 * 60, &hours) < 0)
		return complain("hours", value, "a number from 1 to 1440 is meant");
	to->hours = value;
	return 0;
}

static int take_dir(const char *value, struct demo_options *to)
{
	if (*value != '/')
		return complain("dir", value, "an absolute path is needed");
	to->dir = value;
	return 0;
}

static int take_reset(const char *value, struct demo_options *to)
{
	(void)value;
	to->reset = true;
	return 0;
}

static int take_help(const char *value, struct demo_options *to)
{
	(void)value;
	(void)to;
	puts("usage: orderly demo [OPTION]...\n\n"
	     "A private PostgreSQL, simulated traffic with faults, and the console on top. All of it\n"
	     "ends with the console; the data stays for the next time.\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].argument ? " " : "",
			rows[i].argument ? rows[i].argument : "");
		printf("  %-24s %s\n", left, rows[i].help);
	}
	puts("\nThe people, for --as:");
	for (size_t i = 0; i < ARRAY_LEN(people); i++)
		printf("  %-24s %s\n", people[i].login, people[i].role);
	return LEAVE(0);
}

static const struct option_row *find_option(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (slice_eq_str(name, rows[i].name))
			return &rows[i];
	return NULL;
}

static int hand_on(struct demo_options *to, const char *word)
{
	if (to->n_console == DEMO_CONSOLE_ARGS) {
		fputs("orderly demo: too many options\n", stderr);
		return LEAVE(2);
	}
	to->console[to->n_console++] = word;
	return 0;
}

/* "--name value", "--name=value" or "--name"; the words are given on as they stand. */
static int parse_one(char **argv, int *at, struct demo_options *to)
{
	const char *word = argv[*at], *value = NULL, *equals = strchr(word, '=');
	struct slice name = slice_of(word);
	const struct option_row *row;
	int r;

	if (equals)
		name = slice_head(name, (size_t)(equals - word));
	row = slice_starts(name, SLICE("--")) ? find_option(slice_from(name, 2)) : NULL;
	if (!row || (equals && !row->argument)) {
		fprintf(stderr, "orderly demo: unknown option \"%s\"; --help lists them\n", word);
		return LEAVE(2);
	}
	if (row->argument)
		value = equals ? equals + 1 : argv[++*at];
	if (row->argument && !value) {
		fprintf(stderr, "orderly demo: --%s needs %s\n", row->name, row->argument);
		return LEAVE(2);
	}
	if (row->take)
		return row->take(value, to);
	r = hand_on(to, word);
	return r == 0 && value && !equals ? hand_on(to, value) : r;
}

int demo_parse(int argc, char **argv, struct demo_options *to)
{
	int r = 0;

	for (int at = 1; at < argc && r == 0; at++)
		r = parse_one(argv, &at, to);
	if (!to->login)
		to->login = people[0].login;
	return r;
}

/* ---- where the data lies ------------------------------------------------------------------- */

/* Whether the account may pass through every folder on the way that is there already. */
static bool reachable(const char *path, const struct account *account)
{
	CLEANUP(mem_freep)
	char *part = mem_dup_str(path);
	struct stat st;

	for (char *end = part; (end = strchr(end + 1, '/'));) {
		*end = '\0';
		if (stat(part, &st) == 0 && st.st_uid != account->uid && !(st.st_mode & 01))
			return false;
		*end = '/';
	}
	return true;
}

char *demo_default_dir(void)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	struct account account = {0};
	struct str dir = STR_INIT(4096);

	if (data && *data == '/')
		str_addf(&dir, "%s/orderly/demo", data);
	else if (home && *home == '/')
		str_addf(&dir, "%s/.local/share/orderly/demo", home);
	else
		str_addf(&dir, "/var/tmp/orderly-demo-%u", (unsigned)geteuid());
	if (account_unprivileged(&account, NULL) == 0 && account.other &&
		(!data || !reachable(str_cstr(&dir), &account))) {
		str_reset(&dir);
		str_adds(&dir, ROOT_DIR);
	}
	return dir.at;
}

int demo_main(int argc, char **argv)
{
	struct demo_options options = {0};
	CLEANUP(mem_freep)
	char *dir = NULL;
	int r = demo_parse(argc, argv, &options);

	if (r > 0)
		return r - 1;
	if (!options.dir)
		options.dir = dir = demo_default_dir();
	return supervise(&options);
}
