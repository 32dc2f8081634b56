/* `orderly catalogue`: there and back again, what a dry run says, what it is told that is wrong. */
#include "base/file.h"
#include "base/str.h"
#include "cli/catalogue.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct people people;
static char *said, *complained, *empty;

static int setup(void **state)
{
	(void)state;
	traffic_open(&people, "catalogue");
	empty = pg_store("catalogue_empty");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	people_close(&people);
	pg_drop(empty);
	free(said);
	free(complained);
	return 0;
}

static char *read_all(FILE *file)
{
	struct str text = STR_INIT(1 << 22);
	char bytes[4096];
	size_t n;

	rewind(file);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		str_add(&text, (struct slice){bytes, n});
	fclose(file);
	return text.at ? text.at : mem_dup_str("");
}

/* Up to four words behind the store's. */
static int run(const char *db, const char *login, const char *a, const char *b, const char *c,
	const char *d)
{
	CLEANUP(str_done)
	struct str where = STR_INIT(4096);
	char *argv[8] = {(char *)"catalogue", (char *)a, (char *)b, (char *)c, (char *)d};
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 0, status, was_out = dup(STDOUT_FILENO), was_err = dup(STDERR_FILENO);

	str_addf(&where, "--conninfo=host='%s' user='%s' dbname='%s'", getenv("ORDERLY_TEST_PG"),
		login, db);
	while (argv[argc])
		argc++;
	argv[argc++] = (char *)str_cstr(&where);
	fflush(stdout);
	fflush(stderr);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	status = cli_catalogue(argc, argv);
	fflush(stdout);
	fflush(stderr);
	dup2(was_out, STDOUT_FILENO);
	dup2(was_err, STDERR_FILENO);
	close(was_out);
	close(was_err);
	free(said);
	free(complained);
	said = read_all(out);
	complained = read_all(err);
	return status;
}

static int as(enum who who, const char *a, const char *b, const char *c, const char *d)
{
	return run(people.db, people.login[who], a, b, c, d);
}

/* A file of that text; the caller frees its name and takes it away. */
static char *file_of(const char *text)
{
	char *path = mem_dup_str("/tmp/catalogue-XXXXXX");
	int fd;

	if (getenv("TMPDIR")) {
		free(path);
		path = mem_dup_str(getenv("TMPDIR"));
		path = mem_resize(path, strlen(path) + 32, 1);
		strncat(path, "/catalogue-XXXXXX", 20);
	}
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static int import(enum who who, const char *text, const char *option)
{
	char *path = file_of(text);
	int status = as(who, "import", path, option, NULL);

	unlink(path);
	free(path);
	return status;
}

static void expect_said(const char *what)
{
	if (!strstr(said, what) && !strstr(complained, what))
		fail_msg("\"%s\" is missing in\n%s%s", what, said, complained);
}

/* The text with the first such piece replaced; the caller frees. */
static char *replaced(const char *text, const char *was, const char *becomes)
{
	struct str out = STR_INIT(1 << 22);
	const char *at = strstr(text, was);

	assert_non_null(at);
	str_add(&out, (struct slice){text, (size_t)(at - text)});
	str_adds(&out, becomes);
	str_adds(&out, at + strlen(was));
	return out.at;
}

static void what_is_exported_comes_back_the_same(void **state)
{
	CLEANUP(mem_freep)
	char *whole = NULL, *path = NULL;
	char same[64];

	(void)state;
	assert_int_equal(as(APPROVER, "export", NULL, NULL, NULL), CATALOGUE_OK);
	whole = mem_dup_str(said);
	path = file_of(whole);
	assert_int_equal(as(ADMIN, "import", path, "--dry-run", NULL), CATALOGUE_OK);
	expect_said("0 would be changed");
	assert_int_equal(
		run(empty, "postgres", "import", path, "--dry-run", NULL), CATALOGUE_DIFFERS);
	expect_said("+ interface orders\n");
	/* the rules that come with a store */
	snprintf(same, sizeof(same), " %lld are the same, 0 wrong",
		(long long)pg_int(people.super, "select count(*) from orderly.signal_rule"));
	expect_said(same);
	assert_int_equal(run(empty, "postgres", "export", NULL, NULL, NULL), CATALOGUE_OK);
	assert_null(strstr(said, "orders"));
	assert_int_equal(run(empty, "postgres", "import", path, NULL, NULL), CATALOGUE_REFUSED);
	expect_said("reason");
	assert_int_equal(
		run(empty, "postgres", "import", path, "--reason", "moved here"), CATALOGUE_OK);
	expect_said("put in");
	assert_int_equal(run(empty, "postgres", "export", NULL, NULL, NULL), CATALOGUE_OK);
	assert_string_equal(said, whole);
	assert_int_equal(run(empty, "postgres", "import", path, "--reason", "again"), CATALOGUE_OK);
	unlink(path);
}

static void a_change_is_seen_first_and_decided_by_another(void **state)
{
	CLEANUP(mem_freep)
	char *whole = NULL, *other = NULL;

	(void)state;
	assert_int_equal(as(ADMIN, "export", NULL, NULL, NULL), CATALOGUE_OK);
	whole = mem_dup_str(said);
	other = replaced(whole, "\"quarantine_after\": 3", "\"quarantine_after\": 7");
	assert_int_equal(import(ADMIN, other, "--dry-run"), CATALOGUE_DIFFERS);
	expect_said("\n    quarantine_after: 3 > 7\n1 would be changed");
	assert_int_equal(import(ADMIN, other, NULL), CATALOGUE_REFUSED);
	assert_int_equal(import(OPERATOR, other, "--reason=they loop"), CATALOGUE_REFUSED);
	expect_said("your roles do not allow this");
	assert_int_equal(import(ADMIN, other, "--reason=they loop"), CATALOGUE_OK);
	expect_said("proposed as change ");
	assert_int_equal(as(ADMIN, "export", NULL, NULL, NULL), CATALOGUE_OK);
	assert_string_equal(said, whole);
	pg_expect_code(people.as[APPROVER], "done",
		"orderly.change_decide((select max(id) from orderly.change), true, 'well seen')");
	assert_int_equal(as(ADMIN, "export", NULL, NULL, NULL), CATALOGUE_OK);
	assert_string_equal(said, other);
	assert_int_equal(import(ADMIN, other, "--reason=once more"), CATALOGUE_REFUSED);
	expect_said("this would change nothing");
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	static const struct {
		const char *text, *said;
		int status;
	} rows[] = {
		{"", "nothing in it", CATALOGUE_FAILED},
		{"{\"format\": 1,\n \"system\": [}", "line 2", CATALOGUE_FAILED},
		{"\xff\xfe", "this is no text", CATALOGUE_FAILED},
		{"[1, 2]", "no catalogue document", CATALOGUE_REFUSED},
		{"{\"format\": 2}", "no catalogue document", CATALOGUE_REFUSED},
		{"{\"format\": 1, \"interface\": [{\"code\": \"stock\", \"titel\": \"x\"}]}",
			"! interface stock titel: there is no such field", CATALOGUE_REFUSED},
		{"{\"format\": 1, \"slo\": [{\"code\": \"no/queue\", \"interface\": \"no\","
		 " \"measure\": \"queue\", \"threshold\": 1}]}",
			"! slo no/queue interface: names an object that is not there",
			CATALOGUE_REFUSED},
		{"{\"format\": 1, \"interfaces\": [{\"code\": \"stock\"}]}",
			"there is no such kind", CATALOGUE_REFUSED},
		{"{\"format\": 1, \"system\": [{\"code\": \"bad\\u001b[2J\"}]}", "! system bad",
			CATALOGUE_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int status = import(ADMIN, rows[i].text, "--dry-run");

		expect_said(rows[i].said);
		assert_int_equal(status, rows[i].status);
		assert_null(strchr(said, 0x1b));
		assert_null(strchr(complained, 0x1b));
	}
	assert_int_equal(
		as(ADMIN, "import", "/nowhere/at/all", "--dry-run", NULL), CATALOGUE_FAILED);
	expect_said("/nowhere/at/all");
	assert_int_equal(as(ADMIN, "import", NULL, NULL, NULL), CATALOGUE_USAGE);
	assert_int_equal(as(ADMIN, "imprt", "x", NULL, NULL), CATALOGUE_USAGE);
	assert_int_equal(as(SUPPORT, "export", NULL, NULL, NULL), CATALOGUE_REFUSED);
	assert_int_equal(strlen(said), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_exported_comes_back_the_same),
		cmocka_unit_test(a_change_is_seen_first_and_decided_by_another),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
