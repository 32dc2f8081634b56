/* The examples of doc/STORE.md run as they stand there, and its table of states is the store's. */
#include "traffic.h"
#include "unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct doc {
	struct people people;
	char *text;
};

static char *read_doc(void)
{
	char path[4096], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/doc/STORE.md", getenv("ORDERLY_TEST_SOURCE"));
	file = fopen(path, "r");
	if (!file || getdelim(&text, &size, '\0', file) < 0)
		fail_msg("%s cannot be read", path);
	fclose(file);
	return text;
}

static int set_up(void **state)
{
	struct doc *doc = NEW(struct doc);

	traffic_open(&doc->people, "doc");
	doc->text = read_doc();
	*state = doc;
	return 0;
}

static int tear_down(void **state)
{
	struct doc *doc = *state;

	people_close(&doc->people);
	free(doc->text);
	free(doc);
	return 0;
}

/* The next block of a language after *at, without its fences; NULL when there is none. Its first line
 * says as whom it runs. The caller frees. */
static char *next_block(const char **at, const char *language, enum who *ret_who)
{
	char fence[32];
	const char *begin, *end;
	char *block;

	snprintf(fence, sizeof(fence), "\n```%s\n", language);
	begin = strstr(*at, fence);
	if (!begin)
		return NULL;
	begin += strlen(fence);
	end = strstr(begin, "\n```");
	assert_non_null(end);
	*at = end;
	block = mem_dup(begin, (size_t)(end - begin));
	*ret_who = strstr(block, "as ingest\n")   ? INGEST
		   : strstr(block, "as worker\n") ? WORKER
						  : SUPPORT;
	return block;
}

/* Something that waits for a worker. */
static void approve_some(struct people *people, const char *prefix)
{
	char like[32];

	traffic_die(people, "stock", prefix, 3, "target", "an example");
	snprintf(like, sizeof(like), "%s_", prefix);
	traffic_approve(people, traffic_ask(people, like, "{\"stages\": []}"));
}

static void the_examples_in_sql_run(void **state)
{
	struct doc *doc = *state;
	const char *at = doc->text;
	enum who who;
	char *block;
	int n = 0;

	approve_some(&doc->people, "sql");
	while ((block = next_block(&at, "sql", &who))) {
		pg_do(doc->people.as[who], "%s", block);
		free(block);
		n++;
	}
	assert_int_equal(n, 6);
	pg_expect_int(doc->people.super, 1,
		"select count(*) from orderly.message where message_id = 'PO-317'");
	pg_expect_int(doc->people.super, 3,
		"select count(*) from orderly.replay_item where state = 'delivered'");
	pg_expect_int(doc->people.super, 0, "select count(*) from orderly.reject");
	traffic_check(&doc->people, "check_replays");
}

/* A program, with its standard input closed; its status. */
static int run(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		if (!getenv("ORDERLY_TEST_LOUD"))
			dup2(null, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static const char *find_python(void)
{
	static const char *const names[] = {"python3", "/usr/bin/python3"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *argv[] = {names[i], "-c", "import psycopg2", NULL};

		if (run(argv) == 0)
			return names[i];
	}
	return NULL;
}

static void the_examples_in_python_run(void **state)
{
	struct doc *doc = *state;
	const char *at = doc->text, *python = find_python();
	enum who who;
	char *block;
	int n = 0;

	if (!python) {
		print_message("skipped: no python3 with psycopg2 here\n");
		skip();
	}
	approve_some(&doc->people, "python");
	setenv("PGHOST", getenv("ORDERLY_TEST_PG"), 1);
	setenv("PGDATABASE", doc->people.db, 1);
	while ((block = next_block(&at, "python", &who))) {
		const char *argv[] = {python, "-c", block, NULL};

		setenv("PGUSER", doc->people.login[who], 1);
		if (run(argv) != 0)
			fail_msg("this fails (ORDERLY_TEST_LOUD=1 says why):\n%s", block);
		free(block);
		n++;
	}
	assert_int_equal(n, 2);
	pg_expect_int(doc->people.super, 3,
		"select events from orderly.transaction t join orderly.message m"
		" using (id) where m.message_id = 'PO-318'");
	pg_expect_int(doc->people.super, 3,
		"select count(*) from orderly.replay_item i join orderly.message m"
		" on m.id = i.dead_letter where m.message_id like 'python_' and i.state = 'delivered' and worker = 'mw-2'");
	traffic_check(&doc->people, "check_replays");
}

static void the_table_of_states_is_the_stores(void **state)
{
	struct doc *doc = *state;
	PGresult *rows = pg_query(doc->people.super,
		"select E'\\n| ' || machine || ' | ' || act || ' | ' || string_agg(state, ', ' order by state) || ' | '"
		" || becomes || E' |\\n' from orderly.act_rule group by machine, act, becomes");
	const char *at = doc->text;
	int written = 0;

	for (int i = 0; i < PQntuples(rows); i++)
		if (!strstr(doc->text, PQgetvalue(rows, i, 0)))
			fail_msg("not in doc/STORE.md:%s", PQgetvalue(rows, i, 0));
	for (; (at = strstr(at, " |\n| ")); at++)
		written += strncmp(at + 4, " dead_letter |", 14) == 0 ||
			   strncmp(at + 4, " handover |", 11) == 0 ||
			   strncmp(at + 4, " relay_target |", 15) == 0 ||
			   strncmp(at + 4, " replay_item |", 14) == 0 ||
			   strncmp(at + 4, " replay_request |", 17) == 0 ||
			   strncmp(at + 4, " signal |", 9) == 0;
	written += strstr(doc->text, "|---|---|---|---|\n| dead_letter |") != NULL;
	assert_int_equal(written, PQntuples(rows));
	PQclear(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_in_sql_run),
		cmocka_unit_test(the_examples_in_python_run),
		cmocka_unit_test(the_table_of_states_is_the_stores),
	};

	return pg_missing()
		       ? pg_skip()
		       : cmocka_run_group_tests_name("store/store_doc", tests, set_up, tear_down);
}
