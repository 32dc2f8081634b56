/* An hour of faults, by a turned clock: everything that the simulator can break is broken while events
 * are sent twice, shuffled, rolled back, mixed with monsters, and sessions are killed, workers' too.
 * In the end nothing may be unaccounted for, and `orderly store check` says so.
 * Called by the test run, against a real server. */
#include "base/clock.h"
#include "base/mem.h"
#include "demo/spawn.h"
#include "engine.h"
#include "pg.h"
#include "setup.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* after the standard headers, as it asks */
#include <cmocka.h>

#define HOUR_US (3600 * S_US)
#define STEP_US (60 * S_US)
#define RATE 0.6
#define SENDERS 3
#define HELD 20 /* the most documents in a transaction that stays open */

static const char *const broken[] = {"target-down:medx", "mapping-error:po-out", "throttled:payer",
	"slow:ehr", "duplicate:adt-out", "silent:cold-chain", "late-batch:gl-nightly",
	"expired-key:pharmacy", "poison:chg-in", "bad-signature:stock-repl"};

/* What no store can take. */
static const char *const monsters[] = {"{\"interface\": \"po-out\", \"text\": \"\\u0000\"}",
	"{\"x\": 1e400000}", "[]",
	"{\"interface\": \"po-out\", \"message_id\": \"m\", \"kind\": \"eaten\", "
	"\"at\": \"2026-01-01T00:00:00Z\"}"};

struct hour {
	char *database;
	struct str conninfo;
	PGconn *super, *senders[SENDERS], *held;
	bool holding;
	struct str documents; /* of the minute, as SQL array elements */
	int64_t n_documents;
	int killed, refused;
};

static PGconn *open_sender(const struct hour *hour)
{
	return pg_as(hour->database, "sim.gateway");
}

static void open_store(struct hour *hour)
{
	struct err err = ERR_INIT;

	hour->database = pg_empty_database("hour");
	hour->conninfo = STR_INIT(4096);
	pg_conninfo(hour->database, &hour->conninfo);
	if (sim_setup(str_cstr(&hour->conninfo), &err) < 0)
		fail_msg("%s", err.text);
	hour->super = pg_super(hour->database);
	pg_do(hour->super,
		"create table public.sent (n bigint generated always as identity, doc text, minute int)");
	pg_do(hour->super, "grant select on public.sent to public");
	for (int i = 0; i < SENDERS; i++)
		hour->senders[i] = open_sender(hour);
	hour->held = open_sender(hour);
}

static void close_store(struct hour *hour)
{
	for (int i = 0; i < SENDERS; i++)
		PQfinish(hour->senders[i]);
	PQfinish(hour->held);
	PQfinish(hour->super);
	pg_drop(hour->database);
	str_done(&hour->conninfo);
}

/* ---- the minute's documents ------------------------------------------------------------------- */

static void emit(void *ctx, int64_t at_us, struct slice document)
{
	struct hour *hour = ctx;

	(void)at_us;
	str_add(&hour->documents, document);
	str_adds(&hour->documents, "\n");
	hour->n_documents++;
}

/* Into a table of ours first: it is what the store is held against. */
static void note_sent(struct hour *hour, int minute)
{
	struct slice rest = str_slice(&hour->documents), line;
	PGresult *result = PQexec(hour->super, "copy public.sent (doc, minute) from stdin");

	PQclear(result);
	while (rest.len && slice_cut(&rest, '\n', &line)) {
		CLEANUP(str_done)
		struct str row = STR_INIT(1 << 20);

		for (size_t i = 0; i < line.len; i++) {
			if (line.at[i] == '\\')
				str_adds(&row, "\\");
			str_add(&row, (struct slice){line.at + i, 1});
		}
		str_addf(&row, "\t%d\n", minute);
		if (PQputCopyData(hour->super, row.at, (int)row.len) != 1)
			fail_msg("%s", PQerrorMessage(hour->super));
	}
	if (PQputCopyEnd(hour->super, NULL) != 1)
		fail_msg("%s", PQerrorMessage(hour->super));
	while ((result = PQgetResult(hour->super))) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			fail_msg("%s", PQresultErrorMessage(result));
		PQclear(result);
	}
	str_truncate(&hour->documents, 0);
}

/* ---- telling the store ------------------------------------------------------------------------ */

#define INGEST                                                                                                 \
	"select coalesce((orderly.ingest((select array_agg(convert_to(doc, 'UTF8') order by md5(doc || '%d'))" \
	" from public.sent where %s))).rejected, 0)"

static bool lost(PGconn *conn)
{
	PGresult *result;
	bool is_lost = false;

	while ((result = PQgetResult(conn))) {
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

		if (PQresultStatus(result) != PGRES_TUPLES_OK) {
			if (PQstatus(conn) == CONNECTION_OK &&
				(!state || strncmp(state, "57P", 3) != 0))
				fail_msg("%s", PQresultErrorMessage(result));
			is_lost = true;
		}
		PQclear(result);
	}
	return is_lost || PQstatus(conn) != CONNECTION_OK;
}

static void start(PGconn *conn, int minute, int part)
{
	char where[120], sql[400];

	snprintf(
		where, sizeof(where), "minute = %d and (n + %d) %% %d <> 0", minute, part, SENDERS);
	snprintf(sql, sizeof(sql), INGEST, part, where);
	if (!PQsendQuery(conn, sql))
		fail_msg("%s", PQerrorMessage(conn));
}

/* Each sender has two thirds of the minute, in an order of its own, all at the same time; now and then
 * one is killed meanwhile, or just when it was done, and tells all of it once more. */
static void send_minute(struct hour *hour, int minute)
{
	int victim = minute % 3 == 0 ? minute / 3 % SENDERS : -1;

	for (int i = 0; i < SENDERS; i++)
		start(hour->senders[i], minute, i);
	if (victim >= 0)
		pg_do(hour->super, "select pg_terminate_backend(%d, 10000)",
			PQbackendPID(hour->senders[victim]));
	for (int i = 0; i < SENDERS; i++) {
		if (!lost(hour->senders[i]) && i != victim)
			continue;
		hour->killed++;
		PQfinish(hour->senders[i]);
		hour->senders[i] = open_sender(hour);
		start(hour->senders[i], minute, i);
		assert_false(lost(hour->senders[i]));
	}
}

static void send_monster(struct hour *hour, int minute)
{
	const char *const params[] = {monsters[minute % ARRAY_LEN(monsters)]};
	PGresult *result = pg_query_params(hour->senders[0],
		"select rejected from orderly.ingest(array[convert_to($1, 'UTF8')])", 1, params);

	assert_string_equal(PQgetvalue(result, 0, 0), "1");
	hour->refused++;
	PQclear(result);
}

/* One that tells some and takes it back, or lets all wait for a minute: its events are others' too. */
static void hold(struct hour *hour, int minute)
{
	if (hour->holding)
		pg_do(hour->held, minute % 4 == 3 ? "rollback" : "commit");
	hour->holding = minute % 2 == 0;
	if (!hour->holding)
		return;
	pg_do(hour->held, "begin");
	pg_do(hour->held,
		"select orderly.ingest((select array_agg(convert_to(doc, 'UTF8')) from (select doc from public.sent"
		" where minute = %d and doc like '%%\"kind\":\"received\"%%' order by n desc limit %d) s))",
		minute, HELD);
}

/* ---- what the workers do ---------------------------------------------------------------------- */

/* All duties once; one of them is ended in the middle of its work. */
static void work(struct hour *hour, bool kill)
{
	PGconn *worker = pg_super(hour->database);

	if (kill) {
		PQsendQuery(worker,
			"select orderly.duty_mask(5000), orderly.duty_dead_letters(5000), orderly.duty_rollup(5000)");
		pg_do(hour->super, "select pg_terminate_backend(%d)", PQbackendPID(worker));
		lost(worker);
		PQfinish(worker);
		worker = pg_super(hour->database);
	}
	pg_do(worker, "select orderly.duty_mask(5000)");
	pg_do(worker, "select orderly.duty_overdue(5000)");
	pg_do(worker, "select orderly.duty_dead_letters(5000)");
	pg_do(worker, "select orderly.duty_rollup(5000)");
	pg_do(worker, "select orderly.duty_seal(5000)");
	PQfinish(worker);
}

static void finish_work(struct hour *hour)
{
	static const char *const duties[] = {"mask", "overdue", "dead_letters", "rollup", "seal"};
	char *now = pg_text(hour->super, "select pg_current_xact_id()");

	/* others of the run hold the feed's horizon back */
	while (!pg_int(hour->super,
		"select (pg_snapshot_xmin(pg_current_snapshot()) > '%s'::xid8)::int", now))
		pg_do(hour->super, "select pg_sleep(0.01)");
	free(now);
	for (size_t i = 0; i < ARRAY_LEN(duties); i++)
		while (pg_int(hour->super, "select orderly.duty_%s(5000)", duties[i]) > 0)
			;
}

/* ---- the hour --------------------------------------------------------------------------------- */

static void an_hour(struct hour *hour)
{
	CLEANUP(faults_freep)
	struct faults *faults = faults_new(7);
	struct engine_options options = {.seed = 7,
		.rate = RATE,
		.faults = faults,
		.timetable_back_us = HOUR_US,
		.emit = emit,
		.ctx = hour};
	int64_t from_us = (int64_t)time(NULL) * S_US - HOUR_US;
	CLEANUP(engine_freep)
	struct engine *engine = NULL;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct fault fault;

		if (fault_parse(slice_of(broken[i]), &fault, &err) < 0)
			fail_msg("%s", err.text);
		fault.from_us = 0;
		fault.until_us = i % 2 ? FAULT_OPEN : from_us + HOUR_US / 2;
		faults_add(faults, &fault);
	}
	hour->documents = STR_INIT(64 << 20);
	engine = engine_new(&options, from_us);
	for (int minute = 0; minute < HOUR_US / STEP_US; minute++) {
		engine_run(engine, from_us + (minute + 1) * STEP_US);
		note_sent(hour, minute);
		send_minute(hour, minute);
		send_monster(hour, minute);
		hold(hour, minute);
		if (minute % 5 == 4)
			work(hour, minute % 10 == 9);
	}
	if (hour->holding)
		pg_do(hour->held, "commit");
	hour->holding = false;
	str_done(&hour->documents);
}

static void check_says_so(const struct hour *hour)
{
	const char *const argv[] = {
		"./orderly", "store", "check", "--conninfo", str_cstr(&hour->conninfo), NULL};
	struct err err = ERR_INIT;
	char here[4096];

	assert_non_null(getcwd(here, sizeof(here)));
	if (spawn_run(&(struct spawn){.argv = argv, .dir = here, .log_fd = STDERR_FILENO},
		    "orderly store check", 300 * S_US, &err) < 0)
		fail_msg("%s", err.text);
}

static void nothing_is_unaccounted_for_after_an_hour_of_faults(void **state)
{
	struct hour hour = {0};

	(void)state;
	open_store(&hour);
	an_hour(&hour);
	finish_work(&hour);
	assert_true(hour.killed > 5);
	/* what was told is there, once, and nothing else but what the worker says itself */
	pg_expect_int(hour.super, 0,
		"select count(distinct doc::jsonb) - (select count(*) from orderly.event where kind <> 'overdue')"
		" from public.sent");
	pg_expect_int(hour.super, 0,
		"select count(distinct (doc::jsonb ->> 'interface', doc::jsonb ->> 'message_id'))"
		" - (select count(*) from orderly.transaction) from public.sent");
	pg_expect_int(hour.super, hour.refused, "select sum(times) from orderly.reject");
	pg_expect_int(hour.super, 0,
		"select count(*) - (select count(*) from orderly.dead_letter) from orderly.transaction where state = 'dead'");
	assert_true(pg_int(hour.super,
			    "select count(*) from orderly.transaction where state = 'dead'") > 20);
	assert_true(pg_int(hour.super, "select count(*) from orderly.event") > 5000);
	check_says_so(&hour);
	close_store(&hour);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_unaccounted_for_after_an_hour_of_faults),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests_name("sim/hour", tests, NULL, NULL);
}
