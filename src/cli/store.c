/* The store's commands for the shell: init, upgrade, status, check, prune.
 * How a store is made is migrate's; what is checked and what is old stands in the store itself.
 * Called by main. */
#include "cli/store.h"
#include "base/mem.h"
#include "base/text.h"
#include "session.h"
#include "store/migrate.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct request {
	struct where where;
	const char *store, *since;
	struct session *session;
	struct migrate *migrate;
};

struct command {
	const char *name, *help;
	int (*run)(
		struct request *request, struct err *err); /* an exit status, or a negative code */
	bool migrates;
};

static int run_init(struct request *request, struct err *err);
static int run_upgrade(struct request *request, struct err *err);
static int run_status(struct request *request, struct err *err);
static int run_check(struct request *request, struct err *err);
static int run_prune(struct request *request, struct err *err);

static const struct command commands[] = {
	{"init", "make a store in an empty database (needs --store)", run_init, true},
	{"upgrade", "bring the store to this program's version", run_upgrade, true},
	{"status",
		"its version; exits with 3 without a store, 4 when it is older, 5 when it is newer",
		run_status, true},
	{"check", "prove what must always hold; exits with 1 when something does not", run_check,
		false},
	{"prune", "take away now what has outlived its retention (as a worker's login)", run_prune,
		false},
};

static void help(FILE *to)
{
	CLEANUP(str_done)
	struct str where = STR_INIT(4096);

	where_help(&where);
	fputs("usage: orderly store COMMAND [OPTION]...\n\n", to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(to, "  %-15s  %s\n", commands[i].name, commands[i].help);
	fprintf(to,
		"\n%s"
		"  --store NAME     its name, part of its roles' names; where it is there, a check\n"
		"  --since DATE     check only what was born since that day\n",
		str_cstr(&where));
}

static void show_progress(void *ctx, const struct migration *migration)
{
	(void)ctx;
	printf("%s\n", migration->name);
	fflush(stdout);
}

/* Whoever names the store must mean this one. */
static int check_name(const struct request *request, const char *found, struct err *err)
{
	if (!request->store || !*found || strcmp(request->store, found) == 0)
		return 0;
	return err_set(err, -EINVAL, "this is the store \"%s\", not \"%s\"", found, request->store);
}

static int run_init(struct request *request, struct err *err)
{
	int r;

	if (!request->store)
		return err_set(err, -EINVAL, "a new store needs a name: --store NAME");
	r = migrate_init(request->migrate, request->store, err);
	if (r < 0)
		return r;
	printf("store \"%s\" is made\n", request->store);
	return CLI_OK;
}

static int run_upgrade(struct request *request, struct err *err)
{
	struct migrate_status before, after;
	int r = migrate_status(request->migrate, &before, err);

	if (r == 0)
		r = check_name(request, before.store, err);
	if (r == 0)
		r = migrate_upgrade(request->migrate, err);
	if (r == 0)
		r = migrate_status(request->migrate, &after, err);
	if (r < 0)
		return r;
	if (before.version == after.version)
		printf("version %d already\n", after.version);
	else
		printf("from version %d to %d\n", before.version, after.version);
	return CLI_OK;
}

static int run_status(struct request *request, struct err *err)
{
	static const struct {
		const char *word;
		int exit;
	} states[] = {
		[MIGRATE_NONE] = {"no store in this database", CLI_NO_STORE},
		[MIGRATE_BEHIND] = {"older than this program: orderly store upgrade", CLI_BEHIND},
		[MIGRATE_CURRENT] = {"current", CLI_OK},
		[MIGRATE_AHEAD] = {"newer than this program: a newer program is needed", CLI_AHEAD},
	};
	struct migrate_status status;
	int r = migrate_status(request->migrate, &status, err);

	if (r == 0)
		r = check_name(request, status.store, err);
	if (r < 0)
		return r;
	if (status.state != MIGRATE_NONE)
		printf("store    %s\nversion  %d\n", status.store, status.version);
	printf("program  %d\nstate    %s\n", status.newest, states[status.state].word);
	return states[status.state].exit;
}

/* A store whose version is not this program's has other statements. */
static int check_version(struct request *request, struct err *err)
{
	size_t n;
	const struct migration *migrations = migration_all(&n);
	struct rows *rows = NULL;
	int r = session_ask(request->session, "store-version", NULL, &rows, err);

	if (r < 0)
		return r;
	if (rows_count(rows) == 0 || rows_int(rows, 0, 0) != migrations[n - 1].number) {
		r = err_set(err, -EPROTO,
			"the store's version is not this program's: orderly store "
			"status says more");
	} else {
		struct slice text = rows_text(rows, 0, rows_col(rows, "store"));
		CLEANUP(mem_freep)
		char *name = mem_dup(text.at, text.len);

		r = check_name(request, name, err);
	}
	rows_unref(rows);
	return r;
}

static void print_inert(struct slice text)
{
	CLEANUP(str_done)
	struct str inert = STR_INIT(64 * 1024);

	text_add_inert(&inert, text);
	fputs(str_cstr(&inert), stdout);
}

static int run_check(struct request *request, struct err *err)
{
	const char *params[] = {request->since};
	struct rows *rows = NULL;
	size_t broken = 0;
	int r = check_version(request, err);

	if (r == 0)
		r = session_ask(request->session, "store-check", params, &rows, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < rows_count(rows); i++) {
		bool ok = rows_bool(rows, i, rows_col(rows, "ok"));
		struct slice detail = rows_text(rows, i, rows_col(rows, "detail"));

		broken += !ok;
		fputs(ok ? "ok      " : "BROKEN  ", stdout);
		print_inert(rows_text(rows, i, rows_col(rows, "name")));
		if (detail.len)
			fputs(": ", stdout);
		print_inert(detail);
		fputc('\n', stdout);
	}
	printf("%zu held, %zu broken\n", rows_count(rows) - broken, broken);
	rows_unref(rows);
	return broken ? CLI_FAILED : CLI_OK;
}

/* One piece after the other, until there is no more or another worker is at it. */
static int prune_one(struct request *request, const char *duty, struct err *err)
{
	const char *params[] = {duty};
	int64_t total = 0, done = 0;
	bool elsewhere = false;

	do {
		struct rows *rows = NULL;
		int r = session_ask(request->session, "worker-step", params, &rows, err);

		if (r < 0)
			return r;
		elsewhere = rows_null(rows, 0, 0);
		done = rows_int(rows, 0, 0);
		rows_unref(rows);
		if (done < 0)
			return err_set(err, -EIO,
				"%s failed; the server's log and orderly.duty say why", duty);
		total += done;
	} while (done > 0);
	printf("%-12s  %lld%s\n", duty, (long long)total,
		elsewhere ? "  (a worker is at it now)" : "");
	return 0;
}

static int run_prune(struct request *request, struct err *err)
{
	static const char *const duties[] = {"retention", "audit_prune", "partitions"};
	int r = check_version(request, err);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(duties); i++)
		r = prune_one(request, duties[i], err);
	return r;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Negative when the command line is wrong, which was said then; 1 when only help was wanted. */
static int parse(int argc, char **argv, struct request *request)
{
	static const struct option options[] = {
		WHERE_OPTIONS,
		{"store", required_argument, NULL, 's'},
		{"since", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			help(stdout);
			return 1;
		}
		if (c == 's')
			request->store = optarg;
		else if (c == 'd')
			request->since = optarg;
		else if (!where_take(&request->where, c, optarg))
			return -EINVAL;
	}
	return 0;
}

static int open_migrate(struct request *request, struct err *err)
{
	CLEANUP(str_done)
	struct str password = STR_INIT(SECRET_MAX);
	struct migrate_options options = {
		.conninfo = request->where.conninfo,
		.progress = show_progress,
	};
	int r = session_password(request->session, &request->where, &password, err);

	if (r < 0)
		return r;
	options.password = password.len ? str_cstr(&password) : NULL;
	r = migrate_open(&options, &request->migrate, err);
	mem_wipe(password.at, password.len);
	return r;
}

static int run(const struct command *command, struct request *request)
{
	struct err err = ERR_INIT;
	int r = where_find(&request->where, &err);

	if (r == 0)
		r = session_open(&request->where, &request->session, &err);
	if (r == 0 && command->migrates)
		r = open_migrate(request, &err);
	if (r == 0)
		r = command->run(request, &err);
	migrate_close(request->migrate);
	session_close(request->session);
	where_done(&request->where);
	if (r >= 0)
		return r;
	fprintf(stderr, "orderly store %s: %s\n", command->name, err.text);
	return CLI_FAILED;
}

int cli_store(int argc, char **argv)
{
	struct request request = {0};
	const struct command *command;
	int r = parse(argc, argv, &request);

	if (r != 0)
		return r < 0 ? CLI_USAGE : CLI_OK;
	command = find_command(argv[optind]);
	if (!command || optind + 1 != argc) {
		help(stderr);
		return CLI_USAGE;
	}
	return run(command, &request);
}
