/* Makes a store and brings it up to date, migration by migration.
 * Leaves what the migrations say to their files, and the words of the command line to cli.
 * Called by the command line, the demo and the tests; blocks. */
#include "store/migrate.h"
#include "base/mem.h"
#include "store/embedded.h"
#include <assert.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)16 << 20)
#define OLDEST_SERVER 150000
#define PART "-- part: "

/* Any number that no other user of advisory locks in this database is likely to take. */
#define LOCK_KEY "7236270741298143"

struct migrate {
	PGconn *pg;
	struct migrate_options options;
};

static void swallow(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

static void result_clear(PGresult **result)
{
	PQclear(*result);
}

static bool failed(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

/* The line of a position that the server gave in characters, from 1; and the part of the migration
 * that it is counted in, empty for the first. */
static int line_of(const char *text, const char *position, struct slice *ret_part)
{
	long left = position ? strtol(position, NULL, 10) : 0;
	int line = 1;

	*ret_part = SLICE("");
	for (; *text && left > 1; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80)
			left--;
		if (*text != '\n')
			continue;
		line++;
		if (strncmp(text + 1, PART, strlen(PART)) == 0) {
			struct slice rest = slice_of(text + 1 + strlen(PART));

			slice_cut(&rest, '\n', ret_part);
			line = 1;
		}
	}
	return line;
}

/* The server's word as one line, with the line of `text` that it speaks of. */
static int sql_error(
	struct migrate *migrate, const PGresult *result, const char *text, struct err *err)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	int code = sqlstate && strcmp(sqlstate, "42501") == 0 ? -EPERM : -EIO;

	if (!message) {
		struct slice first = slice_trim(slice_of(PQerrorMessage(migrate->pg)));

		return err_set(err, -ENOTCONN, "%.*s", (int)slice_find(first, '\n'), first.at);
	}
	err_set(err, code, "%s%s%s%s%s", message, detail ? "; " : "", detail ? detail : "",
		hint ? "; " : "", hint ? hint : "");
	if (position) {
		struct slice part;
		int line = line_of(text, position, &part);

		err_prefix(
			err, "%.*s%sline %d", (int)part.len, part.at, part.len ? ": " : "", line);
	}
	return code;
}

static int run(struct migrate *migrate, const char *sql, struct err *err)
{
	CLEANUP(result_clear)
	PGresult *result = PQexec(migrate->pg, sql);

	return failed(result) ? sql_error(migrate, result, sql, err) : 0;
}

/* The first value of the answer, copied; NULL when it is null or there is none. */
static int ask(
	struct migrate *migrate, const char *sql, size_t column_max, char **values, struct err *err)
{
	CLEANUP(result_clear)
	PGresult *result = PQexec(migrate->pg, sql);

	if (failed(result))
		return sql_error(migrate, result, sql, err);
	for (size_t i = 0; i < column_max; i++) {
		bool there = PQntuples(result) > 0 && !PQgetisnull(result, 0, (int)i);

		values[i] = there ? mem_dup_str(PQgetvalue(result, 0, (int)i)) : NULL;
	}
	return 0;
}

const struct migration *migration_all(size_t *ret_n)
{
	*ret_n = embedded_n_migrations;
	return embedded_migrations;
}

int migrate_open(const struct migrate_options *options, struct migrate **ret, struct err *err)
{
	const char *const names[] = {"dbname", "application_name", "client_encoding",
		"connect_timeout", options->password ? "password" : NULL, NULL};
	const char *values[] = {options->conninfo ? options->conninfo : "", "orderly store", "UTF8",
		"15", options->password, NULL};
	CLEANUP(migrate_closep)
	struct migrate *migrate = NEW(struct migrate);

	migrate->options = *options;
	migrate->options.conninfo = migrate->options.password = NULL;
	if (!options->migrations)
		migrate->options.migrations = migration_all(&migrate->options.n_migrations);
	migrate->pg = PQconnectdbParams(names, values, 1);
	if (PQstatus(migrate->pg) != CONNECTION_OK) {
		struct slice first = slice_trim(slice_of(PQerrorMessage(migrate->pg)));

		return err_set(err, -ENOTCONN, "%.*s", (int)slice_find(first, '\n'), first.at);
	}
	PQsetNoticeProcessor(migrate->pg, swallow, NULL);
	if (PQserverVersion(migrate->pg) < OLDEST_SERVER)
		return err_set(err, -ENOTSUP,
			"PostgreSQL 15 or later is needed, the server is %d.%d",
			PQserverVersion(migrate->pg) / 10000, PQserverVersion(migrate->pg) % 10000);
	*ret = TAKE(migrate);
	return 0;
}

void migrate_close(struct migrate *migrate)
{
	if (!migrate)
		return;
	PQfinish(migrate->pg);
	free(migrate);
}

void migrate_closep(struct migrate **migrate)
{
	migrate_close(*migrate);
}

static int newest(const struct migrate *migrate)
{
	size_t n = migrate->options.n_migrations;

	return n ? migrate->options.migrations[n - 1].number : 0;
}

int migrate_status(struct migrate *migrate, struct migrate_status *ret, struct err *err)
{
	struct migrate_status status = {.newest = newest(migrate)};
	CLEANUP(mem_freep)
	char *there = NULL, *version = NULL, *store = NULL;
	char *row[2] = {NULL, NULL};
	int64_t number = 0;
	int r;

	r = ask(migrate, "select to_regclass('orderly.version')", 1, &there, err);
	if (r == 0 && there)
		r = ask(migrate,
			"select number, store from orderly.version order by number desc limit 1", 2,
			row, err);
	version = row[0];
	store = row[1];
	if (r < 0)
		return r;
	if (version && store && migrate_store_name_valid(store)) {
		r = slice_to_i64(slice_of(version), 1, INT32_MAX, &number);
		if (r < 0)
			return err_set(err, r, "orderly.version holds no number");
		status.version = (int)number;
		snprintf(status.store, sizeof(status.store), "%s", store);
	}
	status.state = !number                  ? MIGRATE_NONE
		       : number < status.newest ? MIGRATE_BEHIND
		       : number > status.newest ? MIGRATE_AHEAD
						: MIGRATE_CURRENT;
	*ret = status;
	return 0;
}

/* The row that says a migration is through. The table is made with the first one; it belongs to
 * the store's owner and is read by all who may enter the schema. */
int migrate_fits(int64_t version, int newest, struct err *err)
{
	if (!newest || version == newest)
		return 0;
	return err_set(err, -EPROTO, "the store has version %lld, this program knows %d: %s",
		(long long)version, newest,
		version > newest ? "a newer program is needed" : "orderly store upgrade");
}

static int note_version(struct migrate *migrate, const struct migration *migration,
	const char *store, struct err *err)
{
	CLEANUP(str_done)
	struct str sql = STR_INIT(TEXT_MAX);

	str_adds(&sql, "reset role;");
	if (migration == migrate->options.migrations)
		str_addf(&sql,
			"create table if not exists orderly.version ("
			"number int primary key, name text not null, store text not null, "
			"applied_at timestamptz not null default clock_timestamp(), "
			"applied_by text not null default session_user);"
			"alter table orderly.version owner to orderly_%s_owner;"
			"grant select on orderly.version to orderly_%s_support, orderly_%s_operator, "
			"orderly_%s_approver, orderly_%s_security, orderly_%s_admin, orderly_%s_ingest, "
			"orderly_%s_worker;",
			store, store, store, store, store, store, store, store);
	str_addf(&sql, "insert into orderly.version (number, name, store) values (%d, '%s', '%s')",
		migration->number, migration->name, store);
	return run(migrate, str_cstr(&sql), err);
}

static int run_transaction(struct migrate *migrate, const struct migration *migration,
	const char *text, const char *store, struct err *err)
{
	int r = run(migrate, "begin", err);

	if (r == 0)
		r = run(migrate, text, err);
	if (r == 0)
		r = note_version(migrate, migration, store, err);
	if (r == 0)
		r = run(migrate, "commit", err);
	if (r < 0)
		run(migrate, "rollback", NULL);
	return r;
}

static int run_statements(struct migrate *migrate, const struct migration *migration,
	const char *text, const char *store, struct err *err)
{
	struct slice rest = slice_of(text), statement;
	int r = 0;

	while (r == 0 && migrate_next_statement(&rest, &statement)) {
		CLEANUP(mem_freep)
		char *sql = mem_dup(statement.at, statement.len);

		r = run(migrate, sql, err);
	}
	return r < 0 ? r : note_version(migrate, migration, store, err);
}

/* A migration may set what it likes for the session; the next one starts afresh. */
static int start_afresh(struct migrate *migrate, struct err *err)
{
	int r = run(migrate, "reset role", err);

	if (r == 0)
		r = run(migrate, "reset all", err);
	return r < 0 ? r : run(migrate, "set lock_timeout = '10s'", err);
}

static int run_one(struct migrate *migrate, const struct migration *migration, const char *store,
	struct err *err)
{
	CLEANUP(str_done)
	struct str text = STR_INIT(TEXT_MAX);
	int r = start_afresh(migrate, err);

	if (migrate->options.progress)
		migrate->options.progress(migrate->options.ctx, migration);
	migrate_text(&text, migration->text, store);
	assert(!text.cut);
	if (r == 0)
		r = migration->rerunnable
			    ? run_statements(migrate, migration, str_cstr(&text), store, err)
			    : run_transaction(migrate, migration, str_cstr(&text), store, err);
	if (r < 0)
		err_prefix(err, "%s", migration->name);
	start_afresh(migrate, NULL);
	return r;
}

static int run_from(struct migrate *migrate, int version, const char *store, struct err *err)
{
	for (size_t i = 0; i < migrate->options.n_migrations; i++) {
		const struct migration *migration = &migrate->options.migrations[i];
		int r = migration->number > version ? run_one(migrate, migration, store, err) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int lock(struct migrate *migrate, struct err *err)
{
	CLEANUP(mem_freep)
	char *got = NULL;
	int r = ask(migrate, "select pg_try_advisory_lock(" LOCK_KEY ")", 1, &got, err);

	if (r < 0)
		return r;
	if (!got || strcmp(got, "t") != 0)
		return err_set(err, -EBUSY, "another upgrade of this store is running");
	return 0;
}

static void unlock(struct migrate *migrate)
{
	run(migrate, "select pg_advisory_unlock(" LOCK_KEY ")", NULL);
}

static int init_locked(struct migrate *migrate, const char *store, struct err *err)
{
	struct migrate_status status;
	int r = migrate_status(migrate, &status, err);

	if (r < 0)
		return r;
	if (status.state != MIGRATE_NONE)
		return err_set(err, -EEXIST, "there is a store already: \"%s\", version %d",
			status.store, status.version);
	return run_from(migrate, 0, store, err);
}

int migrate_init(struct migrate *migrate, const char *store, struct err *err)
{
	int r;

	if (!migrate_store_name_valid(store))
		return err_set(err, -EINVAL,
			"\"%s\": a store's name is a letter and up to 19 letters or digits, all small",
			store);
	r = lock(migrate, err);
	if (r < 0)
		return r;
	r = init_locked(migrate, store, err);
	unlock(migrate);
	return r;
}

static int upgrade_locked(struct migrate *migrate, struct err *err)
{
	struct migrate_status status;
	int r = migrate_status(migrate, &status, err);

	if (r < 0)
		return r;
	if (status.state == MIGRATE_NONE)
		return err_set(err, -ENOENT, "there is no store in this database");
	if (status.state == MIGRATE_AHEAD)
		return err_set(err, -EPROTO,
			"the store has version %d, this program knows up to %d: a newer program is needed",
			status.version, status.newest);
	return run_from(migrate, status.version, status.store, err);
}

int migrate_upgrade(struct migrate *migrate, struct err *err)
{
	int r = lock(migrate, err);

	if (r < 0)
		return r;
	r = upgrade_locked(migrate, err);
	unlock(migrate);
	return r;
}
