/* Every group role against every table and every function of the store, as direct SQL; the lists of
 * both come from the server, so that nothing new can be forgotten. */
#include "people.h"
#include "rights_expected.h"
#include "unit.h"

struct expected_table {
	const char *name, *readers;
	bool by_row, by_column;
};

struct expected_function {
	const char *name, *callers;
};

static const struct expected_table tables[] = {
#define TABLE(name, readers, by_row, by_column) {#name, readers, by_row, by_column},
	EXPECTED_TABLES(TABLE)};
static const struct expected_function functions[] = {
#define FUNCTION(name, callers) {#name, callers},
	EXPECTED_FUNCTIONS(FUNCTION)};

/* The logins that stand for the roles, and their letter. */
static const struct {
	enum who who;
	char letter;
} roles[] = {{SUPPORT, 'S'}, {OPERATOR, 'O'}, {APPROVER, 'A'}, {SECURITY, 'C'}, {ADMIN, 'D'},
	{INGEST, 'I'}, {WORKER, 'W'}, {NO_ROLE, '-'}};

#define N(table) (sizeof(table) / sizeof(*(table)))

static const struct expected_table *table_of(const char *name)
{
	for (size_t i = 0; i < N(tables); i++)
		if (strcmp(tables[i].name, name) == 0)
			return &tables[i];
	return NULL;
}

static const struct expected_function *function_of(const char *name)
{
	for (size_t i = 0; i < N(functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

/* The SQLSTATE of a statement that is taken back; "00000" when it succeeds. */
static const char *state_of(PGconn *conn, const char *sql, char state[6])
{
	PGresult *result;
	const char *got;

	pg_do(conn, "begin");
	result = PQexec(conn, sql);
	got = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	memcpy(state, got ? got : "00000", 6);
	PQclear(result);
	pg_do(conn, "rollback");
	return state;
}

static const char *relations_sql =
	"select c.oid::regclass::text, c.relname, c.relkind::text, c.relispartition, c.relrowsecurity, "
	"  (select quote_ident(attname) from pg_attribute a where a.attrelid = c.oid and attnum > 0 "
	"   and not attisdropped and attgenerated = '' order by attnum desc limit 1), "
	"  coalesce(c.reloptions @> '{security_invoker=true}', false) "
	"from pg_class c where c.relnamespace = 'orderly'::regnamespace "
	"and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') order by c.relname";

static void may_only_read(
	struct people *people, const char *relation, const char *column, const char *readers)
{
	static const char *const verbs[] = {"select from %1$s limit 0",
		"insert into %1$s default values", "update %1$s set %2$s = %2$s where false",
		"delete from %1$s where false", "truncate %1$s", "lock table %1$s in share mode"};

	for (size_t r = 0; r < N(roles); r++) {
		for (size_t v = 0; v < N(verbs); v++) {
			bool may = v == 0 && strchr(readers, roles[r].letter);
			char state[6],
				*sql = pg_text(people->super, "select format('%s', '%s', '%s')",
					verbs[v], relation, column);

			if (strcmp(state_of(people->as[roles[r].who], sql, state),
				    may ? "00000" : "42501") != 0)
				fail_msg("%s: \"%s\" gives %s", who_name[roles[r].who], sql, state);
			free(sql);
		}
	}
}

static void every_table_is_read_by_whom_it_says_and_written_by_nobody(void **state)
{
	struct people *people = *state;
	PGresult *rows = pg_query(people->super, "%s", relations_sql);
	size_t seen = 0;
	int missing = 0;

	for (int i = 0; i < PQntuples(rows); i++) {
		const char *relation = PQgetvalue(rows, i, 0), *name = PQgetvalue(rows, i, 1);
		bool sequence = *PQgetvalue(rows, i, 2) == 'S',
		     part = *PQgetvalue(rows, i, 3) == 't';
		const struct expected_table *expected = part || sequence ? NULL : table_of(name);

		if (!part && !sequence && !expected)
			missing++, print_error("\"%s\" has no line\n", name);
		seen += expected != NULL;
		if (!sequence)
			may_only_read(people, relation, PQgetvalue(rows, i, 5),
				expected ? expected->readers : "");
	}
	PQclear(rows);
	if (missing)
		fail_msg("%d tables are missing in rights_expected.h", missing);
	assert_int_equal(seen, N(tables));
}

static void sequences_are_nobodys(void **state)
{
	struct people *people = *state;
	PGresult *rows = pg_query(people->super,
		"select c.oid::regclass from pg_class c where relkind = 'S' and relnamespace = 'orderly'::regnamespace");

	assert_true(PQntuples(rows) > 0);
	for (int i = 0; i < PQntuples(rows); i++)
		for (size_t r = 0; r < N(roles); r++) {
			pg_expect_error(people->as[roles[r].who], "42501", "select nextval('%s')",
				PQgetvalue(rows, i, 0));
			pg_expect_error(people->as[roles[r].who], "42501", "select from %s",
				PQgetvalue(rows, i, 0));
		}
	PQclear(rows);
}

/* A policy on the parent does not hold for who reads a partition or a plain view: the one may not be
 * granted, and the other must ask as the reader. */
static void what_is_read_by_row_has_a_policy(void **state)
{
	struct people *people = *state;
	PGresult *rows = pg_query(people->super, "%s", relations_sql);

	for (int i = 0; i < PQntuples(rows); i++) {
		const struct expected_table *expected = table_of(PQgetvalue(rows, i, 1));
		bool view = *PQgetvalue(rows, i, 2) == 'v';

		if (!expected)
			continue;
		if (view && *PQgetvalue(rows, i, 6) != 't')
			fail_msg("the view \"%s\" reads with its owner's rights", expected->name);
		if (!view && (*PQgetvalue(rows, i, 4) == 't') != expected->by_row)
			fail_msg("\"%s\": row level security is not as rights_expected.h says",
				expected->name);
	}
	PQclear(rows);
	rows = pg_query(people->super,
		"select distinct c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid "
		"where c.relnamespace = 'orderly'::regnamespace and c.relkind in ('r', 'p') "
		"and not c.relrowsecurity and a.attname in ('interface', 'transaction', 'login') "
		"and has_any_column_privilege('orderly_" PG_STORE "_operator', c.oid, 'select')");
	if (PQntuples(rows) > 0)
		fail_msg("\"%s\" names interfaces, transactions or logins, and shows all rows",
			PQgetvalue(rows, 0, 0));
	PQclear(rows);
}

static void only_what_says_so_is_read_by_column(void **state)
{
	struct people *people = *state;

	for (size_t i = 0; i < N(tables); i++) {
		bool some =
			pg_int(people->super,
				"select count(*) from pg_attribute where attrelid = 'orderly.%s'::regclass and "
				"attacl is not null",
				tables[i].name) > 0;

		if (some != tables[i].by_column)
			fail_msg("\"%s\": granted by column or not, against rights_expected.h",
				tables[i].name);
	}
}

static const char *functions_sql =
	"select p.oid, p.proname, p.oid::regprocedure, "
	"  format('select orderly.%I(%s)', p.proname, (select string_agg("
	"    format('null::%s', format_type(t, null)), ', ' order by n) "
	"    from unnest(p.proargtypes) with ordinality a (t, n))), "
	"  exists (select from unnest(array['support', 'operator', 'approver', 'security', 'admin', "
	"    'ingest', 'worker']) r where has_function_privilege('orderly_" PG_STORE
	"_' || r, p.oid, "
	"    'execute')), p.proisstrict "
	"from pg_proc p where p.pronamespace = 'orderly'::regnamespace and p.prokind = 'f' "
	"and p.prorettype <> 'trigger'::regtype order by p.proname";

/* Whoever may call a function can do so with nothing but nulls: that gives an answer or a word about
 * the call, never an error from inside. */
static bool answers(const char *state)
{
	static const char *const bad[] = {
		"42501", "XX000", "42P01", "42703", "42883", "42702", "23502"};

	for (size_t i = 0; i < N(bad); i++)
		if (strcmp(state, bad[i]) == 0)
			return false;
	return true;
}

static void every_function_is_called_by_whom_it_says(void **state)
{
	struct people *people = *state;
	PGresult *rows = pg_query(people->super, "%s", functions_sql);
	int missing = 0;
	char got[6];

	for (int i = 0; i < PQntuples(rows); i++) {
		const struct expected_function *expected = function_of(PQgetvalue(rows, i, 1));

		if (!expected && *PQgetvalue(rows, i, 4) == 't')
			missing++, print_error("%s has no line\n", PQgetvalue(rows, i, 2));
		if (!expected && *PQgetvalue(rows, i, 4) == 't')
			continue;
		for (size_t r = 0; r < N(roles); r++) {
			bool may = expected && strchr(expected->callers, roles[r].letter);

			if (!expected && *PQgetvalue(rows, i, 5) == 't')
				continue; /* strict: with nulls it is not even called */
			state_of(people->as[roles[r].who], PQgetvalue(rows, i, 3), got);
			if (may ? !answers(got) : strcmp(got, "42501") != 0)
				fail_msg("%s: \"%s\" gives %s", who_name[roles[r].who],
					PQgetvalue(rows, i, 3), got);
		}
	}
	PQclear(rows);
	if (missing)
		fail_msg("%d functions are missing in rights_expected.h", missing);
	for (size_t i = 0; i < N(functions); i++)
		if (pg_int(people->super,
			    "select count(*) from pg_proc where proname = '%s' and "
			    "pronamespace = 'orderly'::regnamespace",
			    functions[i].name) == 0)
			fail_msg("there is no function \"%s\"", functions[i].name);
}

/* What runs with the owner's rights finds names where the owner put them. */
static void the_search_path_of_definer_functions_is_pinned(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->super, "",
		"select string_agg(p.oid::regprocedure::text, ', ') from pg_proc p "
		"where p.pronamespace = 'orderly'::regnamespace and p.prosecdef "
		"and not coalesce(p.proconfig @> array['search_path=pg_catalog, orderly, pg_temp'], false)");
}

static void everything_belongs_to_the_owner_who_cannot_connect(void **state)
{
	struct people *people = *state;
	PGconn *super = people->super;

	pg_expect_text(super, "",
		"select string_agg(relname, ', ') from pg_class where relnamespace = "
		"'orderly'::regnamespace and relowner <> 'orderly_" PG_STORE "_owner'::regrole");
	pg_expect_text(super, "",
		"select string_agg(proname, ', ') from pg_proc where pronamespace = "
		"'orderly'::regnamespace and proowner <> 'orderly_" PG_STORE "_owner'::regrole");
	pg_expect_int(super, 8,
		"select count(*) from pg_roles where rolname ~ '^orderly_" PG_STORE
		"_[a-z]+$' and not (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)");
	for (size_t r = 0; r < N(roles); r++)
		pg_expect_error(
			people->as[roles[r].who], "42501", "create table orderly.mine (a int)");
}

/* The groups of another store of the same cluster open nothing here. */
static void roles_of_another_store_are_none_of_this_one(void **state)
{
	struct people *people = *state;
	char *login = pg_login(people->db, "stranger", NULL);
	PGconn *conn;

	pg_do(people->super,
		"do $$ begin if not exists (select from pg_roles where rolname = "
		"'orderly_other_operator') then create role orderly_other_operator; end if; end $$");
	pg_do(people->super, "grant orderly_other_operator to %s", login);
	conn = pg_as(people->db, login);
	pg_expect_error(conn, "42501", "select orderly.my_roles()");
	pg_expect_text(people->super, "{}", "select orderly.roles_of('%s')", login);
	PQfinish(conn);
	free(login);
	pg_do(people->super, "drop role orderly_other_operator");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_table_is_read_by_whom_it_says_and_written_by_nobody),
		cmocka_unit_test(sequences_are_nobodys),
		cmocka_unit_test(what_is_read_by_row_has_a_policy),
		cmocka_unit_test(only_what_says_so_is_read_by_column),
		cmocka_unit_test(every_function_is_called_by_whom_it_says),
		cmocka_unit_test(the_search_path_of_definer_functions_is_pinned),
		cmocka_unit_test(everything_belongs_to_the_owner_who_cannot_connect),
		cmocka_unit_test(roles_of_another_store_are_none_of_this_one),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/rights_matrix", tests, people_setup, people_teardown);
}
