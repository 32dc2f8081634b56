/* Fills the store that bench_store measures: indexes off, two sessions, indexes on, vacuum.
 * What the rows are is store_fill.sql's.
 * Called by bench_store. */
#include "store_fill.h"
#include "base/file.h"
#include "unit.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SESSIONS 2
#define CHUNK 50000

static PGconn *open_session(struct people *people)
{
	PGconn *conn = pg_super(people->db);

	pg_do(conn, "set synchronous_commit to off");
	return conn;
}

static void finish(PGconn *conn)
{
	PGresult *result;

	while ((result = PQgetResult(conn)) != NULL) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			fail_msg("%s", PQresultErrorMessage(result));
		PQclear(result);
	}
}

static void start(PGconn *conn, const char *sql)
{
	if (!PQsendQuery(conn, sql))
		fail_msg("%s", PQerrorMessage(conn));
}

/* Each session gets the next chunk when the one whose turn it is has ended: chunks take equally long. */
static void fill_chunks(PGconn **conns, int64_t first, int64_t last)
{
	int64_t low = first;

	for (int i = 0; low <= last; i++) {
		PGconn *conn = conns[i % SESSIONS];
		char sql[160];

		finish(conn);
		snprintf(sql, sizeof(sql), "call bench.fill(%lld, %lld, %lld, %lld)",
			(long long)low,
			(long long)(low + CHUNK - 1 < last ? low + CHUNK - 1 : last),
			(long long)first, (long long)(last - first + 1));
		start(conn, sql);
		low += CHUNK;
	}
	for (int i = 0; i < SESSIONS; i++)
		finish(conns[i]);
}

static void both(PGconn **conns, const char *one, const char *other)
{
	start(conns[0], one);
	start(conns[1], other);
	finish(conns[0]);
	finish(conns[1]);
}

void store_fill_prepare(struct people *people)
{
	CLEANUP(str_done)
	struct str sql = STR_INIT(1 << 20);
	struct err err = ERR_INIT;

	if (file_read(BENCH_SQL, &sql, &err) < 0)
		fail_msg("%s", err.text);
	pg_do(people->super, "%s", str_cstr(&sql));
	pg_do(people->super, "select orderly.partitions_make(now(), now() - interval '9 months')");
}

void store_fill(struct people *people, int64_t first, int64_t last)
{
	PGconn *conns[SESSIONS];
	time_t started = time(NULL);

	for (int i = 0; i < SESSIONS; i++)
		conns[i] = open_session(people);
	/* It would work beside us through tables that are only half there. */
	pg_do(people->super, "alter system set autovacuum to off");
	pg_do(people->super, "select pg_reload_conf()");
	pg_do(people->super, "call bench.indexes_drop()");
	fill_chunks(conns, first, last);
	both(conns, "call bench.indexes_make('{message}')",
		"call bench.indexes_make('{transaction,event,feed}')");
	pg_do(people->super, "select setval(pg_get_serial_sequence('orderly.message', 'id'), %lld)",
		(long long)last + 1);
	pg_do(people->super, "call bench.follow(%lld)", (long long)first);
	both(conns, "vacuum (analyze) orderly.message, orderly.transaction, orderly.dead_letter",
		"vacuum (analyze) orderly.event, orderly.feed, orderly.gauge, orderly.pulse");
	pg_do(people->super, "analyze");
	pg_do(people->super, "checkpoint");
	pg_do(people->super, "alter system reset autovacuum");
	pg_do(people->super, "select pg_reload_conf()");
	for (int i = 0; i < SESSIONS; i++)
		PQfinish(conns[i]);
	printf("\n%lld transactions are in, after %lld s\n", (long long)last,
		(long long)(time(NULL) - started));
	(void)fflush(stdout);
}

static bool forget(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
	return true;
}

bool store_fill_cool(struct people *people)
{
	char *path = pg_text(people->super,
		"select current_setting('data_directory') || '/base/' || oid from pg_database"
		" where datname = current_database()");
	DIR *dir = opendir(path);
	bool all = dir != NULL;
	struct dirent *entry;

	free(path);
	if (!dir)
		return false;
	pg_do(people->super, "checkpoint");
	syncfs(dirfd(dir)); /* a page that is still to be written stays */
	while (all && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			all = forget(dirfd(dir), entry->d_name);
	closedir(dir);
	return all;
}
