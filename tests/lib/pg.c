/* Databases, sessions and assertions for tests that need PostgreSQL.
 * What is in a store is the migrations' own.
 * Called by the tests of the store, the SQL, the worker, the simulator and the demo. */
#include "pg.h"
#include "pg_template.h"
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* after the standard headers, as it asks */
#include <cmocka.h>

bool pg_missing(void)
{
	const char *dir = getenv("ORDERLY_TEST_PG");

	return !dir || !*dir;
}

int pg_skip(void)
{
	puts("skipped: no PostgreSQL here; run me under with-postgres");
	return 77;
}

/* Notices of a store that is made again and again would drown what matters. */
static void no_notice(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

PGconn *pg_as(const char *database, const char *login)
{
	const char *names[] = {"host", "dbname", "user", "application_name", NULL};
	const char *values[] = {getenv("ORDERLY_TEST_PG"), database, login, "orderly-test", NULL};
	PGconn *conn = PQconnectdbParams(names, values, 0);

	if (PQstatus(conn) != CONNECTION_OK)
		fail_msg("%s as %s: %s", database, login, PQerrorMessage(conn));
	PQsetNoticeReceiver(conn, no_notice, NULL);
	return conn;
}

PGconn *pg_super(const char *database)
{
	return pg_as(database, "postgres");
}

/* ---- queries ------------------------------------------------------------------------------- */

__attribute__((format(printf, 1, 0))) static char *formatted(const char *sql, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, sql, args) < 0)
		fail_msg("%s: cannot be formatted", sql);
	return text;
}

static PGresult *succeeded(PGconn *conn, const char *sql, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		fail_msg("%.2000s\n%s", sql, PQerrorMessage(conn));
	return result;
}

__attribute__((format(printf, 2, 0))) static PGresult *queried(
	PGconn *conn, const char *sql, va_list args)
{
	char *text = formatted(sql, args);
	PGresult *result = succeeded(conn, text, PQexec(conn, text));

	free(text);
	return result;
}

PGresult *pg_query(PGconn *conn, const char *sql, ...)
{
	PGresult *result;
	va_list args;

	va_start(args, sql);
	result = queried(conn, sql, args);
	va_end(args);
	return result;
}

PGresult *pg_query_params(PGconn *conn, const char *sql, int n, const char *const *params)
{
	return succeeded(conn, sql, PQexecParams(conn, sql, n, NULL, params, NULL, NULL, 0));
}

void pg_do(PGconn *conn, const char *sql, ...)
{
	va_list args;

	va_start(args, sql);
	PQclear(queried(conn, sql, args));
	va_end(args);
}

__attribute__((format(printf, 2, 0))) static char *value(
	PGconn *conn, const char *sql, va_list args)
{
	PGresult *result = queried(conn, sql, args);
	char *text;

	if (PQntuples(result) != 1 || PQnfields(result) < 1)
		fail_msg("%.2000s\n%d rows instead of one", sql, PQntuples(result));
	text = strdup(PQgetvalue(result, 0, 0));
	PQclear(result);
	return text;
}

char *pg_text(PGconn *conn, const char *sql, ...)
{
	va_list args;
	char *text;

	va_start(args, sql);
	text = value(conn, sql, args);
	va_end(args);
	return text;
}

static int64_t number(char *text)
{
	char *end;
	int64_t n = strtoll(text, &end, 10);

	if (end == text || *end)
		fail_msg("\"%s\" is not a number", text);
	free(text);
	return n;
}

int64_t pg_int(PGconn *conn, const char *sql, ...)
{
	va_list args;
	char *text;

	va_start(args, sql);
	text = value(conn, sql, args);
	va_end(args);
	return number(text);
}

/* ---- assertions ---------------------------------------------------------------------------- */

void pg_expect_text(PGconn *conn, const char *expected, const char *sql, ...)
{
	va_list args;
	char *text;

	va_start(args, sql);
	text = value(conn, sql, args);
	va_end(args);
	if (strcmp(text, expected) != 0)
		fail_msg("%.2000s\ngives \"%s\" instead of \"%s\"", sql, text, expected);
	free(text);
}

void pg_expect_int(PGconn *conn, int64_t expected, const char *sql, ...)
{
	va_list args;
	int64_t n;

	va_start(args, sql);
	n = number(value(conn, sql, args));
	va_end(args);
	if (n != expected)
		fail_msg("%.2000s\ngives %" PRId64 " instead of %" PRId64, sql, n, expected);
}

void pg_expect_code(PGconn *conn, const char *code, const char *act, ...)
{
	PGresult *result;
	va_list args;
	char *text;

	va_start(args, act);
	text = formatted(act, args);
	va_end(args);
	result = pg_query(
		conn, "select (r).code, (r).message from (select %s as r offset 0) as act", text);
	if (PQntuples(result) != 1 || strcmp(PQgetvalue(result, 0, 0), code) != 0)
		fail_msg("%.2000s\ngives \"%s\" (%s) instead of \"%s\"", text,
			PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1), code);
	PQclear(result);
	free(text);
}

void pg_expect_error(PGconn *conn, const char *sqlstate, const char *sql, ...)
{
	PGresult *result;
	const char *got;
	va_list args;
	char *text;

	va_start(args, sql);
	text = formatted(sql, args);
	va_end(args);
	result = PQexec(conn, text);
	got = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (!got || strcmp(got, sqlstate) != 0)
		fail_msg("%.2000s\nfails with \"%s\" (%s) instead of \"%s\"", text,
			got ? got : "nothing", PQresultErrorMessage(result), sqlstate);
	PQclear(result);
	free(text);
}

/* ---- databases ----------------------------------------------------------------------------- */

/* Unique over all processes of the run: the name, the process, and how many it has made. */
static char *make_database(const char *name, const char *template)
{
	static int made;
	PGconn *conn = pg_super("postgres");
	char *database = pg_text(conn, "select lower('t_%s_%d_%d')", name, (int)getpid(), ++made);

	pg_do(conn, "create database %s template %s", database, template);
	PQfinish(conn);
	return database;
}

char *pg_store(const char *name)
{
	pg_template_make();
	return make_database(name, PG_TEMPLATE);
}

char *pg_empty_database(const char *name)
{
	return make_database(name, "template0");
}

char *pg_login(const char *database, const char *person, const char *group)
{
	PGconn *conn = pg_super("postgres");
	char *login = pg_text(conn, "select left('%s_%s', 63)", person, database);

	pg_do(conn, "create role %s login", login);
	pg_do(conn, "comment on role %s is 'test %s'", login, database);
	if (group)
		pg_do(conn, "grant orderly_%s_%s to %s", PG_STORE, group, login);
	PQfinish(conn);
	return login;
}

static void drop_logins(PGconn *conn, const char *database)
{
	PGresult *logins = pg_query(conn,
		"select rolname from pg_roles"
		" where shobj_description(oid, 'pg_authid') = 'test %s'",
		database);

	for (int i = 0; i < PQntuples(logins); i++)
		pg_do(conn, "drop role %s", PQgetvalue(logins, i, 0));
	PQclear(logins);
}

void pg_drop(char *database)
{
	PGconn *conn = pg_super("postgres");

	pg_do(conn, "drop database if exists %s with (force)", database);
	drop_logins(conn, database);
	PQfinish(conn);
	free(database);
}
