/* A plain session: one statement, one answer.
 * The console's many questions at once are the pool's.
 * Called by the simulator's setup. */
#include "store/session.h"
#include "base/mem.h"
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

struct session {
	PGconn *conn;
};

static void swallow(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

static int connect_with(
	const char *const *names, const char *const *values, struct session **ret, struct err *err)
{
	CLEANUP(session_closep)
	struct session *session = NEW(struct session);

	session->conn = PQconnectdbParams(names, values, 1);
	if (PQstatus(session->conn) != CONNECTION_OK)
		return err_set(err, -ENOTCONN, "%.*s",
			SLICE_ARG(slice_trim(slice_of(PQerrorMessage(session->conn)))));
	PQsetNoticeReceiver(session->conn, swallow, NULL);
	*ret = TAKE(session);
	return 0;
}

int session_open(const char *conninfo, struct session **ret, struct err *err)
{
	const char *names[] = {"dbname", "application_name", NULL};
	const char *values[] = {conninfo, "orderly", NULL};

	return connect_with(names, values, ret, err);
}

void session_close(struct session *session)
{
	if (!session)
		return;
	PQfinish(session->conn);
	free(session);
}

void session_closep(struct session **session)
{
	session_close(*session);
}

static int failed(const char *sql, const PGresult *result, struct err *err)
{
	return err_set(err, -EPROTO, "%.80s: %.*s", sql,
		SLICE_ARG(slice_trim(slice_of(PQresultErrorMessage(result)))));
}

int session_value(struct session *session, const char *sql, int n, const char *const *params,
	struct str *out, struct err *err)
{
	PGresult *result = PQexecParams(session->conn, sql, n, NULL, params, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	int r = 0;

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		r = failed(sql, result, err);
	else if (out && PQntuples(result) > 0)
		str_adds(out, PQgetvalue(result, 0, 0));
	PQclear(result);
	return r;
}

int session_act(
	struct session *session, const char *act, int n, const char *const *params, struct err *err)
{
	CLEANUP(str_done)
	struct str sql = STR_INIT(4096), refusal = STR_INIT(4096);
	int r;

	str_addf(&sql,
		"select case when not (r).ok then concat_ws(': ', (r).code, (r).message, left((r).detail::text, 300)) end"
		" from (select %s as r offset 0) as act",
		act);
	r = session_value(session, str_cstr(&sql), n, params, &refusal, err);
	if (r == 0 && refusal.len)
		return err_set(err, -EPERM, "%s: %s", act, str_cstr(&refusal));
	return r;
}

/* The database that a connection string names; the caller frees it. */
static char *database_of(const char *conninfo, struct err *err)
{
	char *said = NULL, *name = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &said);

	if (!options)
		err_set(err, -EINVAL, "%.*s", SLICE_ARG(slice_trim(slice_of(said))));
	for (PQconninfoOption *o = options; o && o->keyword; o++)
		if (strcmp(o->keyword, "dbname") == 0 && o->val)
			name = mem_dup_str(o->val);
	if (options && !name)
		err_set(err, -EINVAL, "the connection string names no database");
	PQconninfoFree(options);
	PQfreemem(said);
	return name;
}

int session_make_database(const char *conninfo, struct err *err)
{
	CLEANUP(mem_freep)
	char *name = database_of(conninfo, err);
	CLEANUP(session_closep)
	struct session *session = NULL;
	CLEANUP(str_done)
	struct str sql = STR_INIT(4096);
	const char *names[] = {"dbname", "dbname", NULL}, *values[] = {conninfo, "postgres", NULL};
	const char *params[] = {name};
	int r;

	if (!name)
		return -EINVAL;
	if ((r = connect_with(names, values, &session, err)) < 0 ||
		(r = session_value(session,
			 "select format('create database %I', $1::text)"
			 " where not exists (select from pg_database where datname = $1)",
			 1, params, &sql, err)) < 0)
		return r;
	return sql.len ? session_value(session, str_cstr(&sql), 0, NULL, NULL, err) : 0;
}
