/* The program's beginning: the command line, and which part of the program it asks for.
 * Consoles, the demo and the store's commands are in rooms of their own.
 * Called by the system. */
#include "app/console.h"
#include "app/look.h"
#include "app/manual.h"
#include "app/settings.h"
#include "base/lines.h"
#include "base/mem.h"
#include "cli/catalogue.h"
#include "cli/find.h"
#include "cli/store.h"
#include "config.h"
#include "demo/demo.h"
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { TEXT, FLAG, SIZE, ACT };

struct option_row {
	const char *name, *argument, *help;
	enum kind kind;
	size_t at; /* in struct command_line */
	int (*act)(const char *argument);
};

static int act_help(const char *argument);
static int act_version(const char *argument);
static int act_manual(const char *argument);

/* What the command line says, beside what the console is to know. */
struct command_line {
	struct console_options console;
	const char *profile, *config;
};

#define IN(field) offsetof(struct command_line, field)
#define AT(field) offsetof(struct command_line, console.field)

static const struct option_row options[] = {
	{"profile", "NAME", "a profile of orderly.conf", TEXT, IN(profile), NULL},
	{"config", "FILE", "another orderly.conf", TEXT, IN(config), NULL},
	{"conninfo", "TEXT",
		"the store, in libpq's own words: \"service=prod\", \"host=… dbname=…\"", TEXT,
		AT(conninfo), NULL},
	{"environment", "WORD", "the word in the banner", TEXT, AT(environment), NULL},
	{"environment-colour", "prod|test", "how loud the banner is", TEXT, AT(environment_colour),
		NULL},
	{"keymap", "NAME|FILE", "vim (the default), emacs, mc, or a file", TEXT, AT(keymap), NULL},
	{"theme", "NAME|FILE", "default, dark, light, mono and more, or a file", TEXT, AT(theme),
		NULL},
	{"view", "NAME", "what is opened first: overview, tail", TEXT, AT(view), NULL},
	{"lines", "utf8|acs|ascii", "how lines are drawn", TEXT, AT(lines), NULL},
	{"odoo-url", "URL", "where Odoo answers; with these three instead of the profile's", TEXT,
		AT(odoo_url), NULL},
	{"odoo-db", "NAME", "Odoo's database", TEXT, AT(odoo_db), NULL},
	{"odoo-login", "NAME", "the login of the key", TEXT, AT(odoo_login), NULL},
	{"odoo-key-file", "FILE", "of mode 0600, with Odoo's key", TEXT, AT(odoo_key_file), NULL},
	{"read-only", NULL, "offer no act that changes anything", FLAG, AT(read_only), NULL},
	{"accessible", NULL, "for a screen reader: no boxes, rules or shapes", FLAG, AT(accessible),
		NULL},
	{"frame", NULL, "print one frame as text and leave; so it is without a terminal", FLAG,
		AT(frame), NULL},
	{"size", "COLUMNSxROWS", "of that frame (80x24)", SIZE, AT(width), NULL},
	{"check-config", "FILE", "say what is wrong with an orderly.conf, or what holds", ACT, 0,
		settings_check},
	{"check-keymap", "FILE", "say what is wrong with a keymap", ACT, 0, look_check_keymap},
	{"check-theme", "FILE", "say what is wrong with a theme", ACT, 0, look_check_theme},
	{"dump-keymap", "NAME|FILE", "print every binding that a keymap makes", ACT, 0,
		look_dump_keymap},
	{"dump-manual", NULL, "print orderly(1), for man -l", ACT, 0, act_manual},
	{"help", NULL, "this text", ACT, 0, act_help},
	{"version", NULL, "the version", ACT, 0, act_version},
};

static int act_help(const char *argument)
{
	(void)argument;
	puts("usage: orderly [OPTION]…          the console\n"
	     "       orderly demo [OPTION]…     a store of its own with simulated traffic\n"
	     "       orderly find FILTER        transactions as a table, CSV or JSON lines\n"
	     "       orderly catalogue COMMAND  export, import\n"
	     "       orderly store COMMAND      init, upgrade, status, check, prune\n");
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
			options[i].argument ? " " : "",
			options[i].argument ? options[i].argument : "");
		printf("  %-32s %s\n", left, options[i].help);
	}
	return 0;
}

static int act_version(const char *argument)
{
	(void)argument;
	puts(PACKAGE_STRING);
	return 0;
}

static int act_manual(const char *argument)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(1 << 20);
	struct manual_option texts[ARRAY_LEN(options)];

	(void)argument;
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		texts[i] = (struct manual_option){
			options[i].name, options[i].argument, options[i].help};
	manual_add(&out, texts, ARRAY_LEN(texts));
	fputs(str_cstr(&out), stdout);
	return 0;
}

static int parse_size(const char *text, int *ret_width, int *ret_height)
{
	struct slice rest = slice_of(text), width;
	int64_t w, h;

	if (!slice_cut(&rest, 'x', &width) || slice_to_i64(width, 1, 1000, &w) < 0 ||
		slice_to_i64(rest, 1, 500, &h) < 0) {
		fprintf(stderr, "orderly: --size %s: COLUMNSxROWS is meant, as in 120x40\n", text);
		return -EINVAL;
	}
	*ret_width = (int)w;
	*ret_height = (int)h;
	return 0;
}

/* 0 to go on, else the exit status + 1 in *ret_done. */
static int take(
	const struct option_row *row, const char *argument, struct command_line *to, int *ret_done)
{
	char *field = (char *)to + row->at;

	switch (row->kind) {
	case TEXT:
		memcpy(field, &argument, sizeof(argument));
		return 0;
	case FLAG:
		*(bool *)field = true;
		return 0;
	case SIZE:
		return parse_size(argument, &to->console.width, &to->console.height);
	case ACT:
		*ret_done = 1 + row->act(argument);
		return 0;
	}
	return 0;
}

static int parse_options(int argc, char **argv, struct command_line *to, int *ret_done)
{
	struct option table[ARRAY_LEN(options) + 1] = {0};
	int index, c;

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		table[i] = (struct option){options[i].name,
			options[i].argument ? required_argument : no_argument, NULL, 0};
	while (!*ret_done && (c = getopt_long(argc, argv, "", table, &index)) != -1) {
		if (c != 0 || take(&options[index], optarg, to, ret_done) < 0) {
			if (c != 0)
				fputs("orderly --help lists the options\n", stderr);
			return -EINVAL;
		}
	}
	if (!*ret_done && optind < argc) {
		fprintf(stderr,
			"orderly: unknown command \"%s\"; demo, find, catalogue and store are there\n",
			argv[optind]);
		return -EINVAL;
	}
	return 0;
}

static int run_console(struct command_line *line)
{
	struct settings settings;
	struct err err = ERR_INIT;
	int r = settings_load(&settings, line->config, line->profile, &err);

	if (r == 0) {
		settings_apply(&settings, &line->console);
		r = console_main(&line->console);
	} else {
		fprintf(stderr, "orderly: %s\n", err.text);
		r = 2;
	}
	settings_done(&settings);
	return r;
}

int main(int argc, char **argv)
{
	struct command_line line = {0};
	int done = 0;

	setlocale(LC_CTYPE, "");
	if (argc > 1 && strcmp(argv[1], "demo") == 0)
		return demo_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "catalogue") == 0)
		return cli_catalogue(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "find") == 0)
		return cli_find(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "store") == 0)
		return cli_store(argc - 1, argv + 1);
	if (parse_options(argc, argv, &line, &done) < 0)
		return 2;
	if (done)
		return done - 1;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		line.console.frame = true;
	return run_console(&line);
}
