/* What the lists of webhooks, batches and workflows are answered with, asked as a person. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"

/* The statement's answer, put into one text. */
static void expect(struct people *people, enum who who, const char *name, const char *param,
	const char *want, const char *columns)
{
	const struct statement *statement = statement_find(name);
	PGresult *rows;

	rows = pg_query_params(people->as[who], statement->sql,
		param                 ? 1
		: statement->n_params ? 1
				      : 0,
		(const char *const[]){param && *param ? param : NULL});
	CLEANUP(str_done)
	struct str got = STR_INIT(1 << 16), names = STR_INIT(1024);
	struct slice rest, word;

	for (int i = 0; i < PQntuples(rows); i++) {
		str_adds(&got, i ? ", " : "");
		str_reset(&names);
		str_adds(&names, columns);
		rest = str_slice(&names);
		for (bool first = true; slice_word(&rest, &word); first = false) {
			CLEANUP(mem_freep)
			char *column = mem_dup(word.at, word.len);

			assert_true(PQfnumber(rows, column) >= 0);
			str_addf(&got, "%s%s", first ? "" : " ",
				PQgetisnull(rows, i, PQfnumber(rows, column))
					? "-"
					: PQgetvalue(rows, i, PQfnumber(rows, column)));
		}
	}
	assert_string_equal(str_cstr(&got), want);
	PQclear(rows);
}

static void interface(struct people *people, const char *code, const char *more)
{
	CLEANUP(str_done)
	struct str doc = STR_INIT(4096);

	str_addf(&doc,
		"{\"title\": \"%s\", \"source\": \"odoo\", \"target\": \"ghx\", \"data_class\": \"internal\", %s}",
		code, more);
	people_change(people, "interface", code, str_cstr(&doc));
}

static void deliveries_are_told_with_signatures_and_acknowledgements(void **state)
{
	struct people *people = *state;

	interface(people, "po-hook", "\"style\": \"webhook\", \"timing\": \"real-time\"");
	interface(people, "po-quiet", "\"style\": \"webhook\", \"timing\": \"real-time\"");
	expect(people, OPERATOR, "webhooks", NULL, "po-hook none -, po-quiet none -",
		"interface state deliveries");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('po-hook', 'w' || i, k.kind, now() - interval '1 minute' + k.after * interval '1 ms',"
		" k.more)) from generate_series(1, 4) i, lateral (values ('received', 0, '{}'::jsonb),"
		" ('delivered', 20, '{\"http_status\": 200}'), ('acknowledged', 20 + i * 100, '{}')) k (kind, after, more)"
		" where i < 4 or k.kind <> 'acknowledged'");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('po-hook', 'bad', k, now() - interval '30 s', jsonb_build_object('class', 'auth',"
		" 'code', 'BAD_SIGNATURE', 'http_status', 401))) from unnest(array['received', 'failed', 'dead']) k");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('po-hook', 'again', k.kind, now() - interval '20 s' + k.after * interval '1 s',"
		" jsonb_build_object('attempt', k.attempt, 'class', 'timeout'))) from (values ('received', 0, 1), ('failed', 1,"
		" 1), ('retry_scheduled', 2, 1), ('delivered', 3, 2)) k (kind, after, attempt)");
	expect(people, OPERATOR, "webhooks", NULL,
		"po-hook failing 6 4 1 1 1 1 3 200 300 200: 4, 401: 1, po-quiet none"
		" - - - - - - - - - -",
		"interface state deliveries at_once after_retries dead retries signatures acknowledged"
		" ack_usual_ms ack_slow_ms answers");
	/* Who has only one facility in scope sees what has none: these. */
	expect(people, NARROW, "webhooks", NULL, "po-hook failing 6, po-quiet none -",
		"interface state deliveries");
}

/* A run is for the due time that is nearest to it. */
static void a_run_is_in_time_late_or_missing(void **state)
{
	struct people *people = *state;
	CLEANUP(str_done)
	struct str more = STR_INIT(1024);
	char *due = pg_text(people->super,
		"select to_char((now() - interval '3 hours') at time zone 'UTC', 'HH24:MI')");

	str_addf(&more, "\"style\": \"batch\", \"timing\": \"batch\", \"batch_due\": \"%s\"", due);
	interface(people, "po-night", str_cstr(&more));
	interface(people, "po-hourly",
		"\"style\": \"batch\", \"timing\": \"batch\", \"cadence_s\": 3600");
	expect(people, OPERATOR, "batches", "po-hourly", "none -", "state due_at");
	expect(people, OPERATOR, "batches", "po-night", "expected -", "state late_s");
	free(due);
	pg_do(people->super,
		"update orderly.catalogue_version set at = now() - interval '30 hours' where code = 'po-night'");
	expect(people, OPERATOR, "batches", "po-night", "late -, expected -, missed -",
		"state started_at");
}

static void runs_have_times_and_records(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('po-night', 'n' || d, k.kind, date_trunc('minute', now()) - interval '3 hours'"
		" - d * interval '1 day' + case when d = 1 then interval '25 minutes' else interval '-20 minutes' end"
		" + k.after * interval '1 minute', k.more))"
		" from generate_series(0, 1) d, (values ('received', 0, '{}'::jsonb), ('step', 1, '{\"stage\": \"extract\","
		" \"native_state\": \"in=120\"}'), ('delivered', 5, '{\"native_state\": \"in=120 out=118\"}'))"
		" k (kind, after, more)");
	expect(people, OPERATOR, "batches", "po-night",
		"expected - - -, done - 120 118, done 1800 120 118",
		"state late_s records_in records_out");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('po-hourly', 'h' || h, k, now() - h * interval '1 minute'))"
		" from unnest(array[200, 140, 70]) h, unnest(array['received', 'delivered']) k");
	expect(people, OPERATOR, "batches", "po-hourly", "late 600, done 600, done -, done -",
		"state late_s");
}

static void a_workflow_says_where_it_stands(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', k.m, k.kind, now() - interval '1 hour' + k.after * interval '1 s',"
		" jsonb_strip_nulls(jsonb_build_object('stage', k.stage, 'compensates', k.back, 'class', case when k.kind in"
		" ('failed', 'dead') then 'business' end)))) from (values"
		" ('ok', 'received', 0, null, null), ('ok', 'step', 1, 'reserve', null), ('ok', 'delivered', 3, 'call', null),"
		" ('run', 'received', 0, null, null), ('run', 'step', 1, 'reserve', null), ('run', 'step', 2, 'book', null),"
		" ('half', 'received', 0, null, null), ('half', 'step', 1, 'reserve', null), ('half', 'step', 2, 'book', null),"
		" ('half', 'failed', 3, 'call', null), ('half', 'step', 4, 'unbook', 'book'), ('half', 'dead', 5, null, null),"
		" ('back', 'received', 0, null, null), ('back', 'step', 1, 'reserve', null), ('back', 'failed', 2, 'call', null),"
		" ('back', 'step', 4, 'release', 'reserve'), ('back', 'dead', 5, null, null))"
		" k (m, kind, after, stage, back)");
	expect(people, OPERATOR, "workflows", NULL,
		"orders stuck 2 1 unbook (takes back book) reserve call,"
		" orders running 2 0 book reserve, book -,"
		" orders compensated 1 1 release (takes back reserve) - call,"
		" orders done 1 0 reserve reserve -",
		"interface state done undone step standing failed");
	expect(people, NARROW, "workflows", NULL, "", "interface");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliveries_are_told_with_signatures_and_acknowledgements),
		cmocka_unit_test(a_run_is_in_time_late_or_missing),
		cmocka_unit_test(runs_have_times_and_records),
		cmocka_unit_test(a_workflow_says_where_it_stands),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/flows", tests, traffic_setup, people_teardown);
}
