/* Makes the template of the run: a database with the store in it, all migrations applied.
 * How a store is made is the migrator's.
 * Called by pg_store(). */
#include "pg_template.h"
#include "base/mem.h"
#include "base/str.h"
#include "pg.h"
#include "store/migrate.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* after the standard headers, as it asks */
#include <cmocka.h>

#define BUILDING PG_TEMPLATE "_building"

void pg_conninfo(const char *database, struct str *out)
{
	str_addf(out, "host='%s' dbname=%s user=postgres", getenv("ORDERLY_TEST_PG"), database);
}

static void init_store(const char *database)
{
	CLEANUP(str_done)
	struct str conninfo = STR_INIT(4096);
	CLEANUP(migrate_closep)
	struct migrate *migrate = NULL;
	struct migrate_options options = {0};
	struct err err = ERR_INIT;

	pg_conninfo(database, &conninfo);
	options.conninfo = str_cstr(&conninfo);
	if (migrate_open(&options, &migrate, &err) < 0 || migrate_init(migrate, PG_STORE, &err) < 0)
		fail_msg("%s", err.text);
}

/* Built under another name and renamed, so that one that broke off is never cloned. */
static void build(PGconn *conn)
{
	pg_do(conn, "drop database if exists %s with (force)", BUILDING);
	pg_do(conn, "create database %s template template0", BUILDING);
	init_store(BUILDING);
	pg_do(conn, "alter database %s rename to %s", BUILDING, PG_TEMPLATE);
}

void pg_template_make(void)
{
	PGconn *conn = pg_super("postgres");

	PQclear(pg_query(conn, "select pg_advisory_lock(hashtext('%s'))", PG_TEMPLATE));
	if (!pg_int(conn, "select count(*) from pg_database where datname = '%s'", PG_TEMPLATE))
		build(conn);
	PQfinish(conn);
}
