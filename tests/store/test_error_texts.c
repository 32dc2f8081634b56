/* Error texts of the field and their signatures: error-texts.txt has a block per fault. */
#include "pg.h"
#include "unit.h"
#include <stdio.h>

/* Puts the blocks into a table: signature, and each of its texts. */
static const char *load_sql =
	"create temp table line as select n, l from string_to_table($1, E'\\n') with ordinality as t (l, n);"
	"";

struct texts {
	char *db;
	PGconn *conn;
};

static char *whole_file(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t size = 0;
	char *text = NULL;
	ssize_t got;

	if (!file)
		fail_msg("%s cannot be opened", path);
	got = getdelim(&text, &size, '\0', file);
	fclose(file);
	if (got < 0)
		fail_msg("%s is empty", path);
	return text;
}

static int load(void **state)
{
	struct texts *texts = NEW(struct texts);
	char path[4096], *text;

	snprintf(path, sizeof(path), "%s/tests/store/error-texts.txt",
		getenv("ORDERLY_TEST_SOURCE"));
	text = whole_file(path);
	texts->db = pg_store("texts");
	texts->conn = pg_super(texts->db);
	PQclear(pg_query_params(texts->conn, load_sql, 1, (const char *const[]){text}));
	free(text);
	pg_do(texts->conn,
		"create temp table fault as"
		" select b.fault, replace(replace(replace(b.l, '\\n', E'\\n'), '\\t', E'\\t'), '\\r', E'\\r') as text"
		" from (select n, l, max(substr(l, 3)) filter (where l like '= %%') over"
		"       (partition by block order by n) as fault"
		"       from (select *, count(*) filter (where l like '= %%') over (order by n) as block"
		"             from line) s) b"
		" where b.l <> '' and b.l not like '#%%' and b.l not like '= %%'");
	*state = texts;
	return 0;
}

static int unload(void **state)
{
	struct texts *texts = *state;

	PQfinish(texts->conn);
	pg_drop(texts->db);
	free(texts);
	return 0;
}

static void each_text_has_its_signature(void **state)
{
	struct texts *texts = *state;
	PGresult *wrong = pg_query(texts->conn,
		"select text, orderly.error_signature(text), fault from fault"
		" where orderly.error_signature(text) is distinct from fault");

	assert_true(pg_int(texts->conn, "select count(*) from fault") > 150);
	for (int i = 0; i < PQntuples(wrong); i++)
		print_error("%s\n gives  %s\n and not %s\n", PQgetvalue(wrong, i, 0),
			PQgetvalue(wrong, i, 1), PQgetvalue(wrong, i, 2));
	assert_int_equal(PQntuples(wrong), 0);
	PQclear(wrong);
}

static void different_faults_stay_apart(void **state)
{
	struct texts *texts = *state;

	pg_expect_text(texts->conn, "",
		"select string_agg(l, ', ') from (select l from line where l like '= %%'"
		" group by l having count(*) > 1) twice");
}

/* What was made of a text is not changed when it is made again: a group's name is its own. */
static void a_signature_is_its_own_signature(void **state)
{
	struct texts *texts = *state;

	pg_expect_text(texts->conn, "",
		"select string_agg(fault, E'\\n') from (select distinct fault from fault) f"
		" where fault <> orderly.error_signature(fault)");
}

static void strange_texts_are_taken(void **state)
{
	static const char *const rows[][2] = {
		{"''", ""},
		{"E' \\t\\n '", ""},
		{"repeat('x1', 100000)", "#"},
		{"repeat('a ', 1000)", NULL},
		{"repeat('\"', 5001)", NULL},
		{"repeat('<', 5000)", NULL},
		{"repeat('/', 5000)", NULL},
		{"repeat('1.', 5000)", NULL},
		{"E'\\x01\\x1b[31mred\\x1b[0m'", NULL},
		{"E'\\u202e\\u0627\\u0644 42'", NULL},
		{"'__ 7 __'", NULL},
		{"E'Traceback (most recent call last):\\\\n  File \"x\", line 1\\\\nKeyError: 7'",
			"KeyError: #"},
		{"'Traceback (most recent call last):' || repeat(E'\\n  x', 1000)", NULL},
	};
	struct texts *texts = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = pg_text(texts->conn, "select orderly.error_signature(%s)", rows[i][0]);

		if (rows[i][1])
			assert_string_equal(got, rows[i][1]);
		assert_true(strlen(got) <= 1200);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_has_its_signature),
		cmocka_unit_test(different_faults_stay_apart),
		cmocka_unit_test(a_signature_is_its_own_signature),
		cmocka_unit_test(strange_texts_are_taken),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name("store/error_texts", tests, load, unload);
}
