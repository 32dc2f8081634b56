/* `orderly store`: its words and its exit statuses. */
#include "base/str.h"
#include "cli/store.h"
#include "pg.h"
#include "unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct bench {
	char *database;
	PGconn *conn;
	struct str conninfo;
	char *out; /* what was said, on both outputs */
};

static int set_up(void **state)
{
	struct bench *bench = NEW(struct bench);

	bench->database = pg_empty_database("cli");
	bench->conn = pg_super(bench->database);
	bench->conninfo = STR_INIT(4096);
	str_addf(&bench->conninfo, "host='%s' user=postgres dbname='%s'", getenv("ORDERLY_TEST_PG"),
		bench->database);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	PQfinish(bench->conn);
	pg_drop(bench->database);
	str_done(&bench->conninfo);
	free(bench->out);
	free(bench);
	return 0;
}

static char *read_all(FILE *file)
{
	struct str text = STR_INIT(1 << 20);
	char bytes[4096];
	size_t n;

	rewind(file);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		str_add(&text, (struct slice){bytes, n});
	return text.at ? text.at : mem_dup_str("");
}

/* The exit status; the words are kept. Up to four words after "store". */
static int run(struct bench *bench, const char *a, const char *b, const char *c, const char *d)
{
	char *argv[] = {(char *)"store", (char *)a, (char *)b, (char *)c, (char *)d, NULL};
	FILE *file = tmpfile();
	int argc = 1, status, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);

	while (argv[argc])
		argc++;
	fflush(stdout);
	fflush(stderr);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	status = cli_store(argc, argv);
	fflush(stdout);
	fflush(stderr);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	free(bench->out);
	bench->out = read_all(file);
	fclose(file);
	return status;
}

static int run_here(struct bench *bench, const char *command, const char *option)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);

	str_addf(&conninfo, "--conninfo=%s", str_cstr(&bench->conninfo));
	return run(bench, command, str_cstr(&conninfo), option, NULL);
}

static void expect(struct bench *bench, int status, int want, const char *word)
{
	if (status != want || !strstr(bench->out, word))
		fail_msg("%d, \"%s\" not in: %s", status, word, bench->out);
}

static void test_a_store_is_made_and_shown(void **state)
{
	struct bench *bench = *state;

	expect(bench, run_here(bench, "status", NULL), CLI_NO_STORE, "no store");
	expect(bench, run_here(bench, "init", NULL), CLI_FAILED, "--store NAME");
	expect(bench, run_here(bench, "init", "--store=T"), CLI_FAILED, "\"T\"");
	expect(bench, run_here(bench, "init", "--store=t"), CLI_OK, "store \"t\" is made");
	expect(bench, run_here(bench, "init", "--store=t"), CLI_FAILED, "already");
	expect(bench, run_here(bench, "status", NULL), CLI_OK, "state    current");
	expect(bench, run_here(bench, "upgrade", NULL), CLI_OK, "already");
	expect(bench, run_here(bench, "upgrade", "--store=prod"), CLI_FAILED, "not \"prod\"");
	pg_do(bench->conn, "insert into orderly.version values (9999, 'later', 't')");
	expect(bench, run_here(bench, "status", NULL), CLI_AHEAD, "newer");
	expect(bench, run_here(bench, "upgrade", NULL), CLI_FAILED, "newer program");
	expect(bench, run_here(bench, "check", NULL), CLI_FAILED, "version");
	pg_do(bench->conn, "delete from orderly.version where number > 1");
	expect(bench, run_here(bench, "status", NULL), CLI_BEHIND, "older");
}

static void test_a_check_names_what_is_broken(void **state)
{
	struct bench *bench = *state;

	expect(bench, run_here(bench, "init", "--store=t"), CLI_OK, "made");
	expect(bench, run_here(bench, "check", NULL), CLI_OK, " 0 broken");
	expect(bench, run_here(bench, "check", "--since=2026-01-01"), CLI_OK, "ok      ");
	expect(bench, run_here(bench, "check", "--since=soon"), CLI_FAILED, "soon");
	expect(bench, run_here(bench, "check", "--store=prod"), CLI_FAILED, "not \"prod\"");
	pg_do(bench->conn,
		"create function orderly.check_of_the_test() returns table (name text, ok bool, "
		"detail text) language sql as $$ select 'all is well'::text, false, "
		"E'no\\x1b[2J'::text $$");
	expect(bench, run_here(bench, "check", NULL), CLI_FAILED, "BROKEN  all is well: no");
	assert_null(strchr(bench->out, 0x1b));
}

static void test_pruning_is_a_worker_s(void **state)
{
	struct bench *bench = *state;
	char *login;

	expect(bench, run_here(bench, "init", "--store=" PG_STORE), CLI_OK, "made");
	expect(bench, run_here(bench, "prune", NULL), CLI_FAILED, "no worker");
	login = pg_login(bench->database, "relay", "worker");
	str_addf(&bench->conninfo, " user='%s'", login);
	expect(bench, run_here(bench, "prune", NULL), CLI_OK, "retention");
	free(login);
}

static void test_a_profile_says_where(void **state)
{
	struct bench *bench = *state;
	CLEANUP(str_done)
	struct str path = STR_INIT(4096), option = STR_INIT(4096);
	const char *folder = getenv("TMPDIR");
	FILE *file;

	str_addf(&path, "%s/cli-%d.conf", folder ? folder : "/tmp", (int)getpid());
	file = fopen(str_cstr(&path), "we");
	assert_non_null(file);
	fprintf(file,
		"format 1\n[test]\nstore = %s\npassword-command = echo hush\n[gone]\nstore = "
		"host=/nonexistent\n",
		str_cstr(&bench->conninfo));
	fclose(file);
	str_addf(&option, "--config=%s", str_cstr(&path));
	expect(bench, run(bench, "status", str_cstr(&option), NULL, NULL), CLI_NO_STORE,
		"no store");
	expect(bench, run(bench, "status", str_cstr(&option), "--profile=gone", NULL), CLI_FAILED,
		"No such file");
	expect(bench, run(bench, "status", str_cstr(&option), "--profile=tset", NULL), CLI_FAILED,
		"test");
	(void)unlink(str_cstr(&path));
}

static void test_a_wrong_command_line_shows_the_right_one(void **state)
{
	struct bench *bench = *state;

	expect(bench, run(bench, NULL, NULL, NULL, NULL), CLI_USAGE, "usage:");
	expect(bench, run(bench, "paint", NULL, NULL, NULL), CLI_USAGE, "usage:");
	expect(bench, run(bench, "status", "twice", NULL, NULL), CLI_USAGE, "usage:");
	expect(bench, run(bench, "status", "--bogus", NULL, NULL), CLI_USAGE, "bogus");
	expect(bench, run(bench, "--help", NULL, NULL, NULL), CLI_OK, "usage:");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_store_is_made_and_shown),
		TEST(test_a_check_names_what_is_broken),
		TEST(test_pruning_is_a_worker_s),
		TEST(test_a_profile_says_where),
		TEST(test_a_wrong_command_line_shows_the_right_one),
	};

	return pg_missing() ? pg_skip() : RUN(tests);
}
