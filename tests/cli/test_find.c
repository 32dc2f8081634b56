/* `orderly find`: what it prints, where it says a filter is wrong, and its exit statuses. */
#include "base/str.h"
#include "cli/find.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct str conninfo;
static char *said, *complained;

static int setup(void **state)
{
	struct people *people;

	traffic_setup(state);
	people = *state;
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'm' || lpad(m::text, 4, '0'), 'received', now(),"
		" '{\"facility\": \"H01\", \"business_key\": \"=cmd|x\"}')) from generate_series(1, 900) m");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('stock', 's' || lpad(m::text, 4, '0'), 'dead', now(),"
		" '{\"class\": \"mapping\", \"text\": \"no\\u001b[2J \\\"way\\\"\"}')) from generate_series(1, 300) m");
	pg_do(people->super, "analyze");
	conninfo = STR_INIT(4096);
	str_addf(&conninfo, "--conninfo=host='%s' user='%s' dbname='%s'", getenv("ORDERLY_TEST_PG"),
		people->login[OPERATOR], people->db);
	return 0;
}

static int teardown(void **state)
{
	str_done(&conninfo);
	free(said);
	free(complained);
	return people_teardown(state);
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

/* Up to three words behind the store's. */
static int run(const char *where, const char *a, const char *b, const char *c)
{
	char *argv[] = {(char *)"find", (char *)where, (char *)a, (char *)b, (char *)c, NULL};
	FILE *out = tmpfile(), *err = tmpfile();
	int argc = 1, status, was_out = dup(STDOUT_FILENO), was_err = dup(STDERR_FILENO);

	while (argv[argc])
		argc++;
	fflush(stdout);
	fflush(stderr);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	status = cli_find(argc, argv);
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

static int find(const char *a, const char *b, const char *c)
{
	return run(str_cstr(&conninfo), a, b, c);
}

static size_t lines(void)
{
	size_t n = 0;

	for (const char *at = said; *at; at++)
		n += *at == '\n';
	return n;
}

static void what_is_found_is_a_table(void **state)
{
	(void)state;
	assert_int_equal(find("m0007", "m0008", NULL), FIND_NOTHING);
	assert_int_equal(find("m0007", "or", "m0008"), FIND_FOUND);
	assert_int_equal(lines(), 3);
	assert_non_null(strstr(said, "interface"));
	assert_non_null(strstr(said, "m0008"));
	assert_int_equal(find("state:dead", "--limit=5", NULL), FIND_FOUND);
	assert_int_equal(lines(), 6);
	assert_null(strchr(said, 0x1b));
}

static void a_long_list_comes_whole_and_in_order(void **state)
{
	char want[32];
	const char *at;

	(void)state;
	assert_int_equal(find("--format=jsonl", "--limit=100000", NULL), FIND_FOUND);
	assert_int_equal(lines(), 1200);
	at = said;
	for (int i = 300; i > 0; i--) {
		snprintf(want, sizeof(want), "\"message\":\"s%04d\"", i);
		at = strstr(at, want);
		assert_non_null(at);
	}
	assert_non_null(strstr(at, "\"message\":\"m0001\""));
}

static void formats_are_harmless(void **state)
{
	(void)state;
	assert_int_equal(find("m0001", "--format=csv", NULL), FIND_FOUND);
	assert_int_equal(lines(), 2);
	assert_non_null(strstr(said, "id,state,interface,"));
	assert_non_null(strstr(said, ",\"'=cmd|x\","));
	assert_int_equal(find("s0001", "--format=jsonl", NULL), FIND_FOUND);
	assert_non_null(strstr(said, "\"error\":\"no\\u001b[2J \\u0022way\\u0022\""));
	assert_int_equal(find("nothing-like-it", "--format=csv", NULL), FIND_NOTHING);
	assert_int_equal(lines(), 1);
	assert_int_equal(find("nothing-like-it", "--format=jsonl", NULL), FIND_NOTHING);
	assert_int_equal(lines(), 0);
}

static void a_wrong_filter_is_marked(void **state)
{
	(void)state;
	assert_int_equal(find("state:dead", "facilty:H01", NULL), FIND_USAGE);
	assert_string_equal(complained,
		"orderly find: column 12: no field `facilty`; did you mean `facility`?\n"
		"  state:dead facilty:H01\n"
		"             ^\n");
	assert_int_equal(find("key:日本 x:\x1b[2J", NULL, NULL), FIND_USAGE);
	assert_null(strchr(complained, 0x1b));
	assert_int_equal(find("--format=xml", NULL, NULL), FIND_USAGE);
	assert_int_equal(find("--limit=0", NULL, NULL), FIND_USAGE);
	assert_int_equal(find("--bogus", NULL, NULL), FIND_USAGE);
	assert_int_equal(find("--help", NULL, NULL), FIND_FOUND);
	assert_non_null(strstr(said, "facility"));
}

static void a_store_that_fails_is_another_status(void **state)
{
	(void)state;
	assert_int_equal(run("--conninfo=host=/nonexistent", "x", NULL, NULL), FIND_FAILED);
	assert_non_null(strstr(complained, "No such file"));
	assert_int_equal(find("error~\"a\\Kb\"", NULL, NULL), FIND_FAILED);
	assert_non_null(strstr(complained, "regular expression"));
	assert_int_equal(find("at>08:00@No/Where", NULL, NULL), FIND_FAILED);
	assert_non_null(strstr(complained, "No/Where"));
}

static void names_stand_for_filters(void **state)
{
	struct people *people = *state;

	assert_int_equal(find("@new", "--format=csv", NULL), FIND_FOUND);
	assert_non_null(strstr(said, "\"dead\""));
	pg_do(people->as[OPERATOR], "select orderly.look('find')");
	assert_int_equal(find("@new", NULL, NULL), FIND_NOTHING);
	pg_do(people->as[OPERATOR], "select orderly.filter_save('find', 'seven', 'm0007', true)");
	assert_int_equal(find("@seven", NULL, NULL), FIND_FOUND);
	assert_non_null(strstr(said, "m0007"));
	assert_int_equal(find("@sevne", NULL, NULL), FIND_FAILED);
	assert_non_null(strstr(complained, "unknown filter \"sevne\"; did you mean \"seven\"?"));
	pg_expect_text(people->super, "list_export csv",
		"select concat_ws(' ', act, detail ->> 'format') from orderly.audit where act = 'list_export'"
		" order by id desc limit 1");
}

static void payloads_are_looked_through(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'p' || n, 'received', now(), jsonb_build_object('payload',"
		" jsonb_build_object('kind', 'inbound', 'content_type', 'text/plain', 'body', 'cost centre ' || n))))"
		" from generate_series(1, 30) n");
	traffic_duty(people, "mask");
	assert_int_equal(find("body~\"centre 2[0-9]\"", "--format=jsonl", NULL), FIND_FOUND);
	assert_non_null(strstr(said, "\"message\":\"p21\""));
	assert_non_null(strstr(said, "\"excerpt\":\"cost centre 21\""));
	assert_null(strstr(said, "\"p3\""));
	assert_int_equal(find("body~nothing-like-it", "if:orders", NULL), FIND_NOTHING);
	assert_int_equal(find("body~x", "--raw", NULL), FIND_FAILED);
	assert_non_null(strstr(complained, "--raw needs a --reason"));
	assert_int_equal(find("body~\"centre 7$\"", "--raw", "--reason=a caller asks"), FIND_FOUND);
	assert_non_null(strstr(said, "p7"));
	pg_expect_text(people->super, "a caller asks",
		"select reason from orderly.audit where act = 'payload_search_ask' order by id desc limit 1");
	pg_expect_int(people->super, 0,
		"select count(*) from orderly.payload_grant where what = 'search' and ended_at is null");
	assert_int_equal(find("body~x", "last 4w", NULL), FIND_FAILED);
	assert_non_null(strstr(complained, "window of time is empty or too wide"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_found_is_a_table),
		cmocka_unit_test(a_long_list_comes_whole_and_in_order),
		cmocka_unit_test(formats_are_harmless),
		cmocka_unit_test(a_wrong_filter_is_marked),
		cmocka_unit_test(a_store_that_fails_is_another_status),
		cmocka_unit_test(names_stand_for_filters),
		cmocka_unit_test(payloads_are_looked_through),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
