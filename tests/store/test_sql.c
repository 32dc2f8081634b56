/* Every statement of src/store/sql, prepared on a real server and held against its header. */
#include "pg.h"
#include "store/statement.h"
#include "unit.h"

static char *database;
static PGconn *conn;

static int set_up(void **state)
{
	(void)state;
	database = pg_store("sql");
	conn = pg_super(database);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	PQfinish(conn);
	pg_drop(database);
	return 0;
}

static bool fits(enum column_type type, const char *pg_type)
{
	static const char *const fitting[][4] = {
		[COLUMN_INT] = {"smallint", "integer", "bigint"},
		[COLUMN_REAL] = {"real", "double precision"},
		[COLUMN_BOOL] = {"boolean"},
		[COLUMN_TIME] = {"timestamp with time zone"},
	};

	if (type == COLUMN_TEXT)
		return true;
	for (size_t i = 0; i < 4 && fitting[type][i]; i++)
		if (strcmp(fitting[type][i], pg_type) == 0)
			return true;
	return false;
}

static void check_params(const struct statement *statement, const PGresult *described)
{
	if ((size_t)PQnparams(described) != statement->n_params)
		fail_msg("%s.sql: %d parameters, the header has %zu", statement->name,
			PQnparams(described), statement->n_params);
	for (size_t i = 0; i < statement->n_params; i++) {
		unsigned oid = PQparamtype(described, (int)i);

		if (!pg_int(conn, "select ('%s'::regtype::oid = %u::oid)::int",
			    statement->param_types[i], oid))
			fail_msg("%s.sql: parameter %s is not %s for the server", statement->name,
				statement->params[i], statement->param_types[i]);
	}
}

static void check_columns(const struct statement *statement, const PGresult *described)
{
	if ((size_t)PQnfields(described) != statement->n_columns)
		fail_msg("%s.sql: %d columns, the header has %zu", statement->name,
			PQnfields(described), statement->n_columns);
	for (size_t i = 0; i < statement->n_columns; i++) {
		const struct column *column = &statement->columns[i];
		CLEANUP(mem_freep)
		char *type =
			pg_text(conn, "select format_type(%u, null)", PQftype(described, (int)i));

		if (strcmp(PQfname(described, (int)i), column->name) != 0)
			fail_msg("%s.sql: column %zu is %s, the header says %s", statement->name,
				i + 1, PQfname(described, (int)i), column->name);
		if (!fits(column->type, type))
			fail_msg("%s.sql: column %s is a %s for the server", statement->name,
				column->name, type);
	}
}

static void test_each_statement_keeps_its_header_s_word(void **state)
{
	size_t n;
	const struct statement *all = statement_all(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		PGresult *result = PQprepare(conn, all[i].name, all[i].sql, 0, NULL);

		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			fail_msg("%s.sql: %s", all[i].name, PQresultErrorMessage(result));
		PQclear(result);
		result = PQdescribePrepared(conn, all[i].name);
		check_params(&all[i], result);
		check_columns(&all[i], result);
		PQclear(result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_each_statement_keeps_its_header_s_word, set_up, tear_down),
	};

	return pg_missing() ? pg_skip() : RUN(tests);
}
