/* The tests' own stores: cloned, apart from each other, and gone afterwards. */
#include "pg.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

static void two_stores_of_one_name_are_two_databases(void **state)
{
	char *a = pg_store("same"), *b = pg_store("same");
	PGconn *conn = pg_super(a);

	(void)state;
	assert_string_not_equal(a, b);
	pg_expect_text(conn, a, "select current_database()");
	PQfinish(conn);
	pg_drop(a);
	pg_drop(b);
}

static void a_login_acts_under_its_own_name(void **state)
{
	char *store = pg_empty_database("login"), *login = pg_login(store, "ana", NULL);
	PGconn *conn = pg_as(store, login);

	(void)state;
	pg_expect_text(conn, login, "select session_user");
	pg_expect_error(conn, "42501", "create role other");
	PQfinish(conn);
	free(login);
	pg_drop(store);
}

static void dropping_takes_sessions_and_logins_along(void **state)
{
	char *store = pg_empty_database("drop"), *name = strdup(store);
	char *login = pg_login(store, "ana", NULL);
	PGconn *left = pg_as(store, login), *conn = pg_super("postgres");

	(void)state;
	pg_drop(store);
	pg_expect_int(conn, 0, "select count(*) from pg_database where datname = '%s'", name);
	pg_expect_int(conn, 0, "select count(*) from pg_roles where rolname = '%s'", login);
	PQfinish(left);
	PQfinish(conn);
	free(login);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_stores_of_one_name_are_two_databases),
		cmocka_unit_test(a_login_acts_under_its_own_name),
		cmocka_unit_test(dropping_takes_sessions_and_logins_along),
	};

	return pg_missing() ? pg_skip() : cmocka_run_group_tests_name("demo/pg", tests, NULL, NULL);
}
