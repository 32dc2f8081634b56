/* Waits in a loop for what a pool does, and keeps its answers.
 * Leaves databases to pg.c.
 * Called by the tests of the store and of the worker. */
#include "probe.h"
#include "base/mem.h"
#include "base/str.h"
#include "pg.h"
#include "unit.h"

static void on_changed(void *ctx)
{
	struct probe *probe = ctx;

	probe->changes++;
	if (probe->pool)
		probe->retry_us = pool_retry_at_us(probe->pool) - clock_mono_us(&probe->clock);
}

static void on_notified(void *ctx, struct slice channel, struct slice payload)
{
	struct probe *probe = ctx;

	if (probe->notified)
		probe->notified(probe, channel, payload);
}

void probe_init(struct probe *probe, const char *name)
{
	struct err err = ERR_INIT;

	*probe = (struct probe){.clock = clock_real()};
	if (loop_new(&probe->clock, &probe->loop, &err) < 0)
		fail_msg("%s", err.text);
	probe->database = pg_empty_database(name);
	probe->outside = pg_super(probe->database);
}

void probe_done(struct probe *probe)
{
	if (probe->pool)
		probe_close(probe);
	loop_freep(&probe->loop);
	PQfinish(probe->outside);
	pg_drop(probe->database);
}

void probe_open(struct probe *probe, const char *conninfo)
{
	CLEANUP(str_done)
	struct str straight = STR_INIT(4096);
	struct pool_options options = {
		.application = "orderly test",
		.max = probe->max ? probe->max : 2,
		.connect_timeout_us = probe->connect_timeout_us,
		.deadline_us = probe->deadline_us,
		.changed = on_changed,
		.notified = on_notified,
		.ctx = probe,
	};

	str_addf(&straight, "host='%s' user=postgres dbname='%s'", getenv("ORDERLY_TEST_PG"),
		probe->database);
	options.conninfo = conninfo ? conninfo : str_cstr(&straight);
	probe->pool = pool_open(probe->loop, &options);
}

void probe_close(struct probe *probe)
{
	pool_close(TAKE(probe->pool));
	probe_turn(probe, 50 * MS_US);
}

void probe_turn(struct probe *probe, int64_t us)
{
	int64_t until_us = clock_mono_us(&probe->clock) + us, left_us;

	while ((left_us = until_us - clock_mono_us(&probe->clock)) > 0)
		loop_turn(probe->loop, left_us);
}

void probe_until(struct probe *probe, bool (*is)(void *ctx), void *ctx, const char *what)
{
	int64_t until_us = clock_mono_us(&probe->clock) + PROBE_PATIENCE_US;

	while (!is(ctx)) {
		if (clock_mono_us(&probe->clock) > until_us)
			fail_msg("waited in vain for: %s (%s)", what,
				probe->pool ? pool_error(probe->pool) : "no pool");
		loop_turn(probe->loop, 20 * MS_US);
	}
}

struct wanted_state {
	struct probe *probe;
	enum pool_state state;
};

static bool has_state(void *ctx)
{
	const struct wanted_state *wanted = ctx;

	return pool_state(wanted->probe->pool) == wanted->state;
}

void probe_until_state(struct probe *probe, enum pool_state state)
{
	static const char *const names[] = {"connecting", "up", "lost", "refused"};
	struct wanted_state wanted = {probe, state};

	probe_until(probe, has_state, &wanted, names[state]);
}

static bool is_over(void *ctx)
{
	const struct asking *asking = ctx;

	return asking->over;
}

void probe_until_over(struct probe *probe, struct asking *asking)
{
	probe_until(probe, is_over, asking, asking->statement.sql);
}

struct wanted_text {
	struct probe *probe;
	const char *want, *sql;
};

static bool has_text(void *ctx)
{
	const struct wanted_text *wanted = ctx;
	CLEANUP(mem_freep)
	char *got = pg_text(wanted->probe->outside, "%s", wanted->sql);

	return strcmp(got, wanted->want) == 0;
}

void probe_until_text(struct probe *probe, const char *want, const char *sql)
{
	struct wanted_text wanted = {probe, want, sql};

	probe_until(probe, has_text, &wanted, sql);
}

static void on_result(void *ctx, const struct query_result *result)
{
	struct asking *asking = ctx;

	assert_false(asking->over);
	asking->calls++;
	asking->batches += result->event == QUERY_ROWS;
	asking->over = result->event != QUERY_ROWS;
	rows_unref(asking->rows);
	asking->rows = result->rows ? rows_ref(result->rows) : NULL;
	asking->n_rows += result->rows ? rows_count(result->rows) : 0;
	if (result->err)
		asking->err = *result->err;
	memcpy(asking->sqlstate, result->sqlstate, sizeof(asking->sqlstate));
	assert_true(result->took_us >= 0);
}

void probe_ask_with(struct probe *probe, struct asking *asking, const struct statement *statement,
	const char *const *params, int64_t deadline_us, size_t batch)
{
	struct query query = {
		.params = params,
		.deadline_us = deadline_us,
		.batch = batch,
		.fn = on_result,
		.ctx = asking,
	};

	*asking = (struct asking){.statement = *statement};
	query.statement = &asking->statement;
	asking->ticket = pool_query(probe->pool, &query);
	assert_true(asking->ticket != 0);
	assert_int_equal(asking->calls, 0);
}

void probe_ask(struct probe *probe, struct asking *asking, const char *name, const char *sql,
	const struct column *columns, size_t n_columns)
{
	const struct statement statement = {
		.name = name,
		.sql = sql,
		.columns = columns,
		.n_columns = n_columns,
	};

	probe_ask_with(probe, asking, &statement, NULL, 0, 0);
}

void asking_done(struct asking *asking)
{
	rows_unref(asking->rows);
	asking->rows = NULL;
}
