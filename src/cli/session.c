/* Waits in a loop of its own for what the pool answers.
 * Which store and which question is for the commands to say.
 * Called by the commands. */
#include "session.h"
#include "base/loop.h"
#include "base/mem.h"
#include "store/filtered.h"
#include "store/pool.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* A command of the shell may take its time, but not for ever. */
#define DEADLINE_US (INT64_C(4) * 3600 * S_US)

/* Without a connection in this time the command gives up. */
#define CONNECT_US (15 * S_US)

struct session {
	struct clock clock;
	struct loop *loop;
	struct pool *pool;
	const struct where *where;
	bool over;
	struct rows *rows;
	struct err err;
	struct str *password;
};

int session_open(const struct where *where, struct session **ret, struct err *err)
{
	struct session *session = NEW(struct session);
	int r;

	session->clock = clock_real();
	session->where = where;
	r = loop_new(&session->clock, &session->loop, err);
	if (r < 0)
		free(session);
	else
		*ret = session;
	return r;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	pool_close(session->pool);
	loop_free(session->loop);
	free(session);
}

void session_closep(struct session **session)
{
	session_close(*session);
}

static int connect_pool(struct session *session, struct err *err)
{
	const struct pool_options options = {
		.conninfo = session->where->conninfo,
		.password = session->where->password,
		.application = "orderly command",
		.max = 1,
		.deadline_us = DEADLINE_US,
	};
	int64_t until_us = clock_mono_us(&session->clock) + CONNECT_US;

	if (!session->pool)
		session->pool = pool_open(session->loop, &options);
	while (pool_state(session->pool) != POOL_UP) {
		int64_t left_us = until_us - clock_mono_us(&session->clock);

		if (pool_state(session->pool) == POOL_REFUSED)
			return err_set(err, -EPERM, "%s", pool_error(session->pool));
		if (left_us <= 0)
			return err_set(err, -ENOTCONN, "%s",
				pool_error(session->pool)[0] ? pool_error(session->pool)
							     : "no answer from the store");
		loop_turn(session->loop, left_us);
	}
	return 0;
}

static void on_result(void *ctx, const struct query_result *result)
{
	struct session *session = ctx;

	session->over = true;
	if (result->event == QUERY_DONE)
		session->rows = rows_ref(result->rows);
	else
		session->err = *result->err;
}

static int ask(struct session *session, const struct statement *statement,
	const char *const *params, int64_t deadline_us, struct rows **ret, struct err *err)
{
	const struct query query = {
		.statement = statement,
		.params = params,
		.deadline_us = deadline_us,
		.fn = on_result,
		.ctx = session,
	};
	int r = connect_pool(session, err);

	if (r < 0)
		return r;
	session->over = false;
	session->rows = NULL;
	pool_query(session->pool, &query);
	while (!session->over)
		loop_turn(session->loop, -1);
	if (!session->rows)
		return err_set(err, session->err.code, "%s", session->err.text);
	*ret = session->rows;
	return 0;
}

int session_ask(struct session *session, const char *statement, const char *const *params,
	struct rows **ret, struct err *err)
{
	assert(statement_find(statement));
	return ask(session, statement_find(statement), params, 0, ret, err);
}

int session_find(struct session *session, const char *statement, const char *const *params,
	const struct filter *filter, int64_t deadline_us, struct rows **ret, struct err *err)
{
	CLEANUP(filtered_freep)
	struct filtered *filtered = filtered_new(
		statement_find(statement), params, filter, clock_wall_us(&session->clock));
	int r = ask(session, &filtered->statement, filtered->params, deadline_us, ret, err);

	if (r == -ETIMEDOUT)
		filtered_tell_slow(filter, err);
	return r;
}

static void on_password(void *ctx, struct slice secret, const struct err *err)
{
	struct session *session = ctx;

	session->over = true;
	session->err = err ? *err : ERR_INIT;
	if (!err)
		str_add(session->password, secret);
}

int session_password(
	struct session *session, const struct where *where, struct str *out, struct err *err)
{
	if (!where->password.file && !where->password.command)
		return 0;
	session->over = false;
	session->password = out;
	secret_fetch(session->loop, &where->password, 0, on_password, session);
	while (!session->over)
		loop_turn(session->loop, -1);
	return session->err.code ? err_set(err, session->err.code, "%s", session->err.text) : 0;
}
