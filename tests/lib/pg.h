/* What tests that need PostgreSQL share: stores of their own, sessions, and one-line assertions.
 *
 * ORDERLY_TEST_PG names the socket's folder (see with-postgres); a main() returns pg_skip() when
 * pg_missing(). A store is a database cloned from a template that the first caller of the run makes
 * with all migrations, so it costs a tenth of a second. Roles belong to the cluster, not to the
 * database: the store's name is PG_STORE in all of them, the group roles are orderly_t_operator and
 * so on, and a test's logins are made by pg_login(), whose names differ from test to test. All of
 * these fail the running test with the server's message. Queries take printf's formats; quoting is
 * the caller's. */
#ifndef TESTS_LIB_PG_H
#define TESTS_LIB_PG_H

#include "base/str.h"
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define PG_STORE "t"
#define PG_PRINTF(at) __attribute__((format(printf, at, at + 1)))

/* In place of pg_stat_activity, which shows what the other tests do in this cluster too. */
#define PG_SESSIONS "(select * from pg_stat_activity where datname = current_database()) sessions"

bool pg_missing(void);
int pg_skip(void); /* says a word, returns 77 */

/* Another database with the store in it, and without it; the caller frees the name. The name given
 * makes it readable and is made unique. pg_drop() takes the name, and ends who is connected. */
char *pg_store(const char *name);
char *pg_empty_database(const char *name);
void pg_drop(char *database);

/* For what opens connections by itself: libpq's words for the superuser in that database. */
void pg_conninfo(const char *database, struct str *out);

PGconn *pg_super(const char *database); /* as postgres */
PGconn *pg_as(const char *database, const char *login);

/* A login of its own for that group ("operator"; NULL: none): "ana" becomes "ana_<database>". Made
 * with CREATE ROLE alone; registering the person is the test's. The caller frees the name;
 * pg_drop() drops the role. */
char *pg_login(const char *database, const char *person, const char *group);

/* Any statement that must succeed; the caller clears the result. */
PGresult *pg_query(PGconn *conn, const char *sql, ...) PG_PRINTF(2);
PGresult *pg_query_params(PGconn *conn, const char *sql, int n, const char *const *params);
void pg_do(PGconn *conn, const char *sql, ...) PG_PRINTF(2);

/* The one value of a query; the caller frees the text, which is "" for null. */
char *pg_text(PGconn *conn, const char *sql, ...) PG_PRINTF(2);
int64_t pg_int(PGconn *conn, const char *sql, ...) PG_PRINTF(2);
void pg_expect_text(PGconn *conn, const char *expected, const char *sql, ...) PG_PRINTF(3);
void pg_expect_int(PGconn *conn, int64_t expected, const char *sql, ...) PG_PRINTF(3);

/* An act: `act` is a call such as orderly.note_add(7, 'x') that returns orderly.result. */
void pg_expect_code(PGconn *conn, const char *code, const char *act, ...) PG_PRINTF(3);

/* A statement that must fail with that SQLSTATE. */
void pg_expect_error(PGconn *conn, const char *sqlstate, const char *sql, ...) PG_PRINTF(3);

#endif
