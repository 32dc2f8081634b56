/* How migrations are cut into statements, one row per rule. */
#include "store/migrate.h"
#include "unit.h"

struct row {
	const char *rule, *text;
	const char *statements[4];
};

static const struct row rows[] = {
	{"statements end with ;", "select 1; select 2;", {"select 1", "select 2"}},
	{"the last needs none", "select 1", {"select 1"}},
	{"nothing is no statement", " ;\n ; -- x\n/* y */", {NULL}},
	{"comments before one are left out", "-- a;b\n/* c; */ select 1;", {"select 1"}},
	{"; in a string", "select ';' ; select 2", {"select ';' ", "select 2"}},
	{"a doubled quote", "select 'a'';b'; x", {"select 'a'';b'", "x"}},
	{"a backslash is plain", "select 'a\\'; x", {"select 'a\\'", "x"}},
	{"but not in E''", "select e'a\\';b'; x", {"select e'a\\';b'", "x"}},
	{"a name that ends in e", "select nice'a\\'; x", {"select nice'a\\'", "x"}},
	{"; in a name", "select \"a;b\"; x", {"select \"a;b\"", "x"}},
	{"dollar quotes", "do $$ a; b $$; x", {"do $$ a; b $$", "x"}},
	{"tagged dollar quotes", "do $a$ $$;$b$; $a$; x", {"do $a$ $$;$b$; $a$", "x"}},
	{"a parameter is no quote", "select $1; select $1;", {"select $1", "select $1"}},
	{"a name may hold a dollar", "select a$b$; select $b$", {"select a$b$", "select $b$"}},
	{"; in a comment", "select 1 -- ;\n+ 1; x", {"select 1 -- ;\n+ 1", "x"}},
	{"nested comments", "select /* /* ; */ ; */ 1; x", {"select /* /* ; */ ; */ 1", "x"}},
	{"; in parentheses", "create rule r do (a; b); x", {"create rule r do (a; b)", "x"}},
	{"a stray parenthesis", "a); b", {"a)", "b"}},
	{"an open string takes the rest", "select 'a; b", {"select 'a; b"}},
	{"an open comment takes the rest", "/* a; b", {NULL}},
	{"an open dollar quote too", "do $x$ a; b", {"do $x$ a; b"}},
	{"a lone dollar", "select $", {"select $"}},
};

static void test_statements_are_cut_where_they_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice rest = slice_of(rows[i].text), got;
		size_t n = 0;

		while (migrate_next_statement(&rest, &got)) {
			if (!rows[i].statements[n] || !slice_eq_str(got, rows[i].statements[n]))
				fail_msg("%s: got <%.*s>", rows[i].rule, SLICE_ARG(got));
			n++;
		}
		if (rows[i].statements[n])
			fail_msg("%s: no <%s>", rows[i].rule, rows[i].statements[n]);
	}
}

static void test_the_store_s_name_is_put_in_everywhere(void **state)
{
	CLEANUP(str_done)
	struct str out = STR_INIT(1000);

	(void)state;
	migrate_text(&out, "{store} a {store}{store} {stor} {", "x1");
	assert_string_equal(str_cstr(&out), "x1 a x1x1 {stor} {");
}

static void test_a_store_s_name_is_a_word_of_twenty(void **state)
{
	static const char *const good[] = {"a", "prod", "staging2", "abcdefghij0123456789"};
	static const char *const bad[] = {
		"", "2a", "A", "a-b", "a_b", "a'b", "abcdefghij01234567890", " a", "\xc3\xa4"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(migrate_store_name_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(migrate_store_name_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statements_are_cut_where_they_end),
		cmocka_unit_test(test_the_store_s_name_is_put_in_everywhere),
		cmocka_unit_test(test_a_store_s_name_is_a_word_of_twenty),
	};

	return RUN(tests);
}
