/* Sends arrays of events over several connections in turn.
 * What events say and when they are sent is the caller's; only orderly.ingest() is called here.
 * Called by the simulator and the benchmarks. */
#include "store/writer.h"
#include "base/mem.h"
#include "base/str.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define BYTEA_OID 17
#define BYTEA_ARRAY_OID 1001
#define ARRAY_BYTES_MAX (64 << 20)
#define ARRAY_BYTES_SOON (8 << 20)
#define SLICE_MS 100

/* A connection and the array that is its own until the store has taken it. */
struct lane {
	PGconn *conn;
	struct str array; /* in PostgreSQL's binary form; the count is filled in when it is sent */
	int n;
	bool full; /* to be sent, or sent and not answered */
	bool sent;
};

struct writer {
	char *conninfo, *application;
	struct lane *lanes;
	int n_lanes, at; /* the lane that is being filled */
	int array;
	const volatile sig_atomic_t *stop;
	struct writer_counts counts;
};

static void put32(struct str *out, uint32_t n)
{
	n = htonl(n);
	str_add(out, (struct slice){(const char *)&n, sizeof(n)});
}

static void lane_reset(struct lane *lane)
{
	static const uint32_t head[] = {
		1, 0, BYTEA_OID, 0, 1}; /* dimensions, nulls, type, n, from */

	str_reset(&lane->array);
	for (size_t i = 0; i < ARRAY_LEN(head); i++)
		put32(&lane->array, head[i]);
	lane->n = 0;
	lane->full = lane->sent = false;
}

static bool stopped(const struct writer *writer)
{
	return writer->stop && *writer->stop;
}

static int lane_lost(struct lane *lane, struct err *err)
{
	struct slice text = slice_trim(slice_of(PQerrorMessage(lane->conn)));

	lane->sent = false;
	err_set(err, -ENOTCONN, "%.*s", SLICE_ARG(text));
	PQfinish(lane->conn);
	lane->conn = NULL;
	return -ENOTCONN;
}

/* 0 when the socket is ready, -EINTR when we are told to stop. */
static int lane_wait(const struct writer *writer, struct lane *lane, short events)
{
	struct pollfd fd = {.fd = PQsocket(lane->conn), .events = events};

	while (!stopped(writer))
		if (poll(&fd, 1, SLICE_MS) > 0)
			return 0;
	return -EINTR;
}

/* libpq would write to standard error, which is not ours. */
static void swallow(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

static int lane_connect(struct writer *writer, struct lane *lane, struct err *err)
{
	const char *names[] = {"dbname", "application_name", NULL};
	const char *values[] = {writer->conninfo, writer->application, NULL};
	PostgresPollingStatusType polled = PGRES_POLLING_WRITING;

	lane->conn = PQconnectStartParams(names, values, 1);
	if (!lane->conn)
		return err_set(err, -ENOMEM, "no memory for a connection");
	PQsetNoticeReceiver(lane->conn, swallow, NULL);
	while (PQstatus(lane->conn) != CONNECTION_BAD && polled != PGRES_POLLING_OK) {
		if (polled == PGRES_POLLING_FAILED)
			break;
		if (lane_wait(writer, lane, polled == PGRES_POLLING_READING ? POLLIN : POLLOUT) <
			0) {
			lane_lost(lane, NULL);
			return err_set(err, -EINTR, "told to stop");
		}
		polled = PQconnectPoll(lane->conn);
	}
	return PQstatus(lane->conn) == CONNECTION_OK ? 0 : lane_lost(lane, err);
}

static int lane_send(struct writer *writer, struct lane *lane, struct err *err)
{
	const Oid types[] = {BYTEA_ARRAY_OID};
	const char *values[] = {lane->array.at};
	const int lengths[] = {(int)lane->array.len}, formats[] = {1};
	uint32_t n = htonl((uint32_t)lane->n);
	int r;

	if (!lane->conn && (r = lane_connect(writer, lane, err)) < 0)
		return r;
	memcpy(lane->array.at + 3 * sizeof(n), &n, sizeof(n));
	if (!PQsendQueryParams(lane->conn,
		    "select taken, repeated, rejected from orderly.ingest($1::bytea[])", 1, types,
		    values, lengths, formats, 0))
		return lane_lost(lane, err);
	lane->sent = true;
	return 0;
}

static int64_t number_at(const PGresult *result, int column)
{
	int64_t n = 0;

	slice_to_i64(slice_of(PQgetvalue(result, 0, column)), 0, INT64_MAX, &n);
	return n;
}

/* The server's no to a whole array is no loss of the connection: it would say so again. */
static int take_result(struct writer *writer, const PGresult *result, struct err *err)
{
	struct slice text = slice_trim(slice_of(PQresultErrorMessage(result)));

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return err_set(err, -EPROTO, "%.*s", SLICE_ARG(text));
	writer->counts.taken += number_at(result, 0);
	writer->counts.repeated += number_at(result, 1);
	writer->counts.rejected += number_at(result, 2);
	return 0;
}

/* Waits for the answer to what this lane has sent; its array is free afterwards. */
static int lane_finish(struct writer *writer, struct lane *lane, struct err *err)
{
	PGresult *result;
	int r = 0;

	for (;;) {
		while (PQisBusy(lane->conn)) {
			if (lane_wait(writer, lane, POLLIN) < 0)
				return err_set(err, -EINTR, "told to stop");
			if (!PQconsumeInput(lane->conn))
				return lane_lost(lane, err);
		}
		result = PQgetResult(lane->conn);
		if (!result)
			break;
		if (PQstatus(lane->conn) == CONNECTION_BAD) {
			PQclear(result);
			return lane_lost(lane, err);
		}
		if (r == 0)
			r = take_result(writer, result, err);
		PQclear(result);
	}
	lane_reset(lane);
	return r;
}

/* Brings a lane to rest: sent if it was not, and answered. */
static int lane_settle(struct writer *writer, struct lane *lane, struct err *err)
{
	int r = 0;

	if (lane->full && !lane->sent)
		r = lane_send(writer, lane, err);
	if (r == 0 && lane->sent)
		r = lane_finish(writer, lane, err);
	return r;
}

int writer_open(const struct writer_options *options, struct writer **ret, struct err *err)
{
	CLEANUP(writer_closep)
	struct writer *writer = NEW(struct writer);
	int r;

	writer->conninfo = mem_dup_str(options->conninfo);
	writer->application = mem_dup_str(options->application);
	writer->n_lanes = options->connections;
	writer->lanes = NEW_ARRAY(struct lane, (size_t)options->connections);
	writer->array = options->array;
	writer->stop = options->stop;
	for (int i = 0; i < writer->n_lanes; i++) {
		writer->lanes[i].array = STR_INIT(ARRAY_BYTES_MAX);
		lane_reset(&writer->lanes[i]);
	}
	r = lane_connect(writer, &writer->lanes[0], err);
	if (r < 0)
		return r;
	*ret = TAKE(writer);
	return 0;
}

void writer_close(struct writer *writer)
{
	if (!writer)
		return;
	for (int i = 0; i < writer->n_lanes; i++) {
		PQfinish(writer->lanes[i].conn);
		str_done(&writer->lanes[i].array);
	}
	free(writer->lanes);
	free(writer->conninfo);
	free(writer->application);
	free(writer);
}

void writer_closep(struct writer **writer)
{
	writer_close(*writer);
}

int writer_add(struct writer *writer, struct slice document, struct err *err)
{
	struct lane *lane = &writer->lanes[writer->at];
	int r;

	put32(&lane->array, (uint32_t)document.len);
	str_add(&lane->array, document);
	if (++lane->n < writer->array && lane->array.len < ARRAY_BYTES_SOON)
		return 0;
	lane->full = true;
	r = lane->sent ? 0 : lane_send(writer, lane, err);
	if (r < 0)
		return r;
	writer->at = (writer->at + 1) % writer->n_lanes;
	return lane_settle(writer, &writer->lanes[writer->at], err);
}

int writer_flush(struct writer *writer, struct err *err)
{
	int r = 0;

	for (int i = 0; i < writer->n_lanes; i++) {
		struct lane *lane = &writer->lanes[(writer->at + i) % writer->n_lanes];
		int one;

		lane->full = lane->n > 0;
		one = lane_settle(writer, lane, r == 0 ? err : NULL);
		r = r == 0 ? one : r;
	}
	return r;
}

struct writer_counts writer_counts(const struct writer *writer)
{
	return writer->counts;
}
