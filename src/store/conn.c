/* Drives libpq without waiting: sends, flushes, reads, cancels.
 * Leaves connecting to connect.c; which query comes next, deadlines and loss to the pool.
 * Called by the pool. */
#include "conn.h"
#include "base/mem.h"
#include "decode.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* How long an abandoned query may take to end before the connection is given up. */
#define ABANDON_US (2 * S_US)

/* What the server answers to next. */
enum stage {
	STAGE_IDLE,
	STAGE_TIMEOUT, /* set_config() before a query that may run longer */
	STAGE_PREPARE,
	STAGE_RUN,
	STAGE_SYNC,
};

struct cancelling {
	struct conn *conn; /* NULL: it is gone */
	PGcancel *cancel;
};

struct conn {
	struct loop *loop;
	PGconn *pg;
	struct watch *watch;
	struct timer *patience; /* for what was abandoned */
	struct conn_events events;
	enum stage stage;
	bool sets_timeout; /* the pipeline holds that before the query */
	char *preparing; /* and a statement of this name, or NULL */
	bool kept; /* the query uses one that was prepared before */
	bool abandoned, answered, lost, retire;
	struct cancelling *cancelling;
	const struct statement *statement;
	struct rows_builder *builder;
	size_t batch;
	int64_t statement_timeout_us;
	char **prepared; /* names */
	size_t n_prepared, size_prepared;
};

static void step(struct conn *conn);

static void swallow_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static void rewatch(struct conn *conn, bool write)
{
	/* libpq may take another socket at any step, so the watch is set anew each time. */
	watch_set(conn->watch, PQsocket(conn->pg), write ? LOOP_READ | LOOP_WRITE : LOOP_READ);
}

static void on_socket(void *ctx, int events)
{
	(void)events;
	step(ctx);
}

static void on_patience(void *ctx);

struct conn *conn_new(struct loop *loop, PGconn *pg, int64_t statement_timeout_us,
	const struct conn_events *events)
{
	struct conn *conn = NEW(struct conn);

	conn->loop = loop;
	conn->pg = pg;
	conn->events = *events;
	conn->statement_timeout_us = statement_timeout_us;
	PQsetNoticeReceiver(pg, swallow_notice, NULL);
	PQsetnonblocking(pg, 1);
	PQenterPipelineMode(pg);
	conn->patience = timer_open(loop, on_patience, conn);
	conn->watch = watch_open(loop, PQsocket(pg), LOOP_READ, on_socket, conn);
	return conn;
}

void conn_free(struct conn *conn)
{
	if (!conn)
		return;
	if (conn->cancelling)
		conn->cancelling->conn = NULL;
	watch_close(conn->watch);
	timer_close(conn->patience);
	PQfinish(conn->pg);
	rows_builder_free(conn->builder);
	free(conn->preparing);
	for (size_t i = 0; i < conn->n_prepared; i++)
		free(conn->prepared[i]);
	free(conn->prepared);
	free(conn);
}

bool conn_is_idle(const struct conn *conn)
{
	return conn->stage == STAGE_IDLE && !conn->lost && !conn->cancelling;
}

static void lose(struct conn *conn, int code, const char *why)
{
	struct err err = ERR_INIT;

	if (conn->lost)
		return;
	conn->lost = true;
	err_set(&err, code, "%s", why);
	watch_close(conn->watch);
	conn->watch = NULL;
	timer_stop(conn->patience);
	conn->events.lost(conn->events.ctx, conn, &err);
}

/* With the first line of what libpq says. */
static void lose_broken(struct conn *conn)
{
	struct slice text = slice_trim(slice_of(PQerrorMessage(conn->pg)));
	CLEANUP(mem_freep)
	char *why = NULL;

	text = slice_trim(slice_head(text, slice_find(text, '\n')));
	why = mem_dup(text.at, text.len);
	lose(conn, -ENOTCONN, text.len ? why : "the connection broke");
}

static void on_patience(void *ctx)
{
	lose(ctx, -ETIMEDOUT, "the server did not answer a cancel");
}

static bool is_prepared(const struct conn *conn, const char *name)
{
	for (size_t i = 0; i < conn->n_prepared; i++)
		if (strcmp(conn->prepared[i], name) == 0)
			return true;
	return false;
}

static void note_prepared(struct conn *conn)
{
	if (conn->n_prepared == conn->size_prepared) {
		conn->size_prepared = conn->size_prepared ? conn->size_prepared * 2 : 16;
		conn->prepared =
			mem_resize(conn->prepared, conn->size_prepared, sizeof(conn->prepared[0]));
	}
	conn->prepared[conn->n_prepared++] = TAKE(conn->preparing);
}

static bool send_timeout(struct conn *conn, int64_t timeout_us)
{
	char text[24];
	const char *params[] = {text};

	snprintf(text, sizeof(text), "%lld", (long long)(timeout_us / MS_US));
	conn->statement_timeout_us = timeout_us;
	return PQsendQueryParams(conn->pg, "select set_config('statement_timeout', $1, false)", 1,
		NULL, params, NULL, NULL, 0);
}

static bool send_query(struct conn *conn, const char *const *params, int64_t timeout_us)
{
	const struct statement *s = conn->statement;
	int n = (int)s->n_params;

	conn->sets_timeout = timeout_us > conn->statement_timeout_us;
	conn->kept = s->name && is_prepared(conn, s->name);
	if (s->name && !conn->kept)
		conn->preparing = mem_dup_str(s->name);
	if (conn->sets_timeout && !send_timeout(conn, timeout_us))
		return false;
	if (conn->preparing && !PQsendPrepare(conn->pg, s->name, s->sql, 0, NULL))
		return false;
	if (s->name ? !PQsendQueryPrepared(conn->pg, s->name, n, params, NULL, NULL, 0)
		    : !PQsendQueryParams(conn->pg, s->sql, n, NULL, params, NULL, NULL, 0))
		return false;
	return PQpipelineSync(conn->pg);
}

void conn_query(struct conn *conn, const struct statement *statement, const char *const *params,
	size_t batch, int64_t statement_timeout_us)
{
	assert(conn_is_idle(conn));
	conn->statement = statement;
	conn->batch = batch;
	conn->abandoned = conn->answered = false;
	conn->builder = rows_builder_new(statement->columns, statement->n_columns);
	if (!send_query(conn, params, statement_timeout_us)) {
		lose_broken(conn);
		return;
	}
	conn->stage = conn->sets_timeout ? STAGE_TIMEOUT
		      : conn->preparing  ? STAGE_PREPARE
					 : STAGE_RUN;
	step(conn);
}

/* Hands out what is there; at most one last answer for each query. */
static void answer(struct conn *conn, struct conn_answer *answer)
{
	if (conn->answered || conn->abandoned)
		return;
	conn->answered = answer->last;
	conn->events.answer(conn->events.ctx, conn, answer);
}

static void answer_rows(struct conn *conn, bool last)
{
	struct conn_answer with = {.last = last};

	with.rows = rows_finish(TAKE(conn->builder));
	if (!last)
		conn->builder =
			rows_builder_new(conn->statement->columns, conn->statement->n_columns);
	answer(conn, &with);
	rows_unref(with.rows);
}

static int code_of(const char *sqlstate)
{
	static const struct {
		const char *start;
		int code;
	} codes[] = {
		{"42501", -EPERM},
		{"57014", -ECANCELED},
		{"57P", -ENOTCONN},
		{"08", -ENOTCONN},
		{"40001", -EAGAIN},
		{"40P01", -EAGAIN},
		{"55P03", -EAGAIN},
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strncmp(sqlstate, codes[i].start, strlen(codes[i].start)) == 0)
			return codes[i].code;
	return -EINVAL;
}

/* The message alone: details and context repeat values of rows. */
static void answer_error(struct conn *conn, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	struct conn_answer with = {.last = true};

	if (!state) {
		lose_broken(conn);
		return;
	}
	if (code_of(state) == -ENOTCONN) {
		lose(conn, -ENOTCONN, message ? message : "the server closed the connection");
		return;
	}
	/* A prepared statement that the server forgot, or whose tables have changed since: another
	 * connection will prepare it anew. */
	conn->retire |= conn->kept && (strcmp(state, "26000") == 0 || strcmp(state, "0A000") == 0);
	snprintf(with.sqlstate, sizeof(with.sqlstate), "%s", state);
	err_set(&with.err, conn->retire ? -EAGAIN : code_of(state), "%s%s",
		code_of(state) == -EPERM ? "your roles do not reach this: " : "",
		message ? message : "the server gave no reason");
	answer(conn, &with);
}

static void take_rows(struct conn *conn, const PGresult *result, bool last)
{
	struct conn_answer failed = {.last = true};
	int r = 0;

	if (conn->answered || conn->abandoned)
		return;
	r = decode_check(conn->statement, result, &failed.err);
	if (r == 0)
		r = decode_rows(conn->statement, result, conn->builder, &failed.err);
	if (r < 0)
		answer(conn, &failed);
	else if (last)
		answer_rows(conn, true);
	else if (rows_builder_count(conn->builder) >= conn->batch)
		answer_rows(conn, false);
}

/* The query is over: everything up to the sync was read. */
static void end_query(struct conn *conn)
{
	conn->stage = STAGE_IDLE;
	rows_builder_free(TAKE(conn->builder));
	free(TAKE(conn->preparing));
	conn->statement = NULL;
	if (conn->retire)
		lose(conn, -ESTALE, "prepared anew");
	else if (conn_is_idle(conn)) {
		timer_stop(conn->patience);
		conn->events.idle(conn->events.ctx, conn);
	}
}

static void take_result(struct conn *conn, const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	switch (status) {
	case PGRES_SINGLE_TUPLE:
		take_rows(conn, result, false);
		break;
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		if (conn->stage == STAGE_PREPARE)
			note_prepared(conn);
		else if (conn->stage == STAGE_RUN)
			take_rows(conn, result, true);
		break;
	case PGRES_PIPELINE_SYNC:
		end_query(conn);
		break;
	case PGRES_PIPELINE_ABORTED:
		break;
	default:
		answer_error(conn, result);
	}
}

/* The results of one command end with a NULL. */
static void next_stage(struct conn *conn)
{
	if (conn->stage == STAGE_TIMEOUT && conn->preparing)
		conn->stage = STAGE_PREPARE;
	else if (conn->stage == STAGE_TIMEOUT || conn->stage == STAGE_PREPARE)
		conn->stage = STAGE_RUN;
	else
		conn->stage = STAGE_SYNC;
	/* Only now does libpq take it for the query that it reads next. */
	if (conn->stage == STAGE_RUN && conn->batch)
		PQsetSingleRowMode(conn->pg);
}

static void read_results(struct conn *conn)
{
	if (conn->stage == STAGE_RUN && conn->batch && !conn->answered)
		PQsetSingleRowMode(conn->pg);
	while (!conn->lost && conn->stage != STAGE_IDLE && !PQisBusy(conn->pg)) {
		PGresult *result = PQgetResult(conn->pg);

		if (result)
			take_result(conn, result);
		else if (conn->stage != STAGE_SYNC)
			next_stage(conn);
		else
			lose_broken(conn);
		PQclear(result);
	}
}

static void read_notifications(struct conn *conn)
{
	PGnotify *notify;

	while (!conn->lost && (notify = PQnotifies(conn->pg))) {
		if (conn->events.notified)
			conn->events.notified(conn->events.ctx, slice_of(notify->relname),
				slice_of(notify->extra));
		PQfreemem(notify);
	}
}

static void consume(struct conn *conn)
{
	bool broken = !PQconsumeInput(conn->pg);

	read_results(conn); /* also when it broke: the server may have said why */
	if (broken)
		lose_broken(conn);
}

/* An encrypted record leaves the socket whole, but libpq takes it from its library in pieces of at
 * least 8 KB. Older servers send no longer records than that; newer ones and proxies send 16 KB, and
 * for what is left in between no poll would ever wake us. */
static void consume_held_back(struct conn *conn)
{
	bool encrypted = PQsslInUse(conn->pg) || PQgssEncInUse(conn->pg);
	int waiting = 0;

	for (int i = 0; encrypted && i < 3 && !conn->lost; i++) {
		if (ioctl(PQsocket(conn->pg), FIONREAD, &waiting) < 0 || waiting > 0)
			return;
		consume(conn);
	}
}

static void step(struct conn *conn)
{
	int more;

	if (conn->lost)
		return;
	consume(conn);
	consume_held_back(conn);
	read_notifications(conn);
	if (conn->lost)
		return;
	more = PQflush(conn->pg);
	if (more < 0 || PQstatus(conn->pg) == CONNECTION_BAD)
		lose_broken(conn);
	else
		rewatch(conn, more > 0);
}

static void send_cancel(void *arg)
{
	struct cancelling *job = arg;
	char why[256];

	/* When it fails, the connection is given up soon after; the reason would add nothing. */
	(void)PQcancel(job->cancel, why, sizeof(why));
}

static void cancel_sent(void *arg)
{
	struct cancelling *job = arg;
	struct conn *conn = job->conn;

	PQfreeCancel(job->cancel);
	free(job);
	if (!conn)
		return;
	conn->cancelling = NULL;
	if (conn_is_idle(conn)) {
		timer_stop(conn->patience);
		conn->events.idle(conn->events.ctx, conn);
	}
}

void conn_abandon(struct conn *conn)
{
	if (conn->stage == STAGE_IDLE || conn->abandoned || conn->lost)
		return;
	conn->abandoned = true;
	if (conn->stage == STAGE_SYNC)
		return;
	conn->cancelling = NEW(struct cancelling);
	conn->cancelling->conn = conn;
	conn->cancelling->cancel = PQgetCancel(conn->pg);
	timer_in(conn->patience, ABANDON_US);
	loop_help(conn->loop, send_cancel, cancel_sent, conn->cancelling);
}
