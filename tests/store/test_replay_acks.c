/* What is known of an item before it has come to its end: outcomes that were noted by a worker that died
 * then, and deliveries whose acknowledgement is still to come. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"

/* Claims and marks one item of each of these messages; the leases lie in "held". */
static int64_t under_way(struct people *people, const char *interface, const char *prefix, int n)
{
	PGconn *worker = people->as[WORKER];
	CLEANUP(str_done)
	struct str like = STR_INIT(100);
	int64_t id;

	str_addf(&like, "%s_", prefix);
	traffic_die(people, interface, prefix, n, "target", prefix);
	id = traffic_approved(people, str_cstr(&like), "{\"stages\": [], \"stop_ppm\": 1000000}");
	pg_do(worker, "drop table if exists held");
	pg_do(worker, "create temp table held as select lease, message_id from"
		      " orderly.claim_replays('test', 50)");
	pg_expect_int(worker, n,
		"select count(*) from orderly.mark_sending(array(select lease from held)) where go");
	return id;
}

static void run_out(struct people *people, int64_t request)
{
	pg_do(people->super,
		"update orderly.replay_item set lease_until = now() where request = %lld and lease is not null",
		(long long)request);
	traffic_duty(people, "replay_leases");
}

static void note(struct people *people, int want, const char *message, const char *more)
{
	pg_expect_int(people->as[WORKER], want,
		"select orderly.note_replays(jsonb_agg(jsonb_build_object('lease', lease) || '%s')) from held"
		" where message_id like '%s'",
		more, message);
}

static void what_was_noted_before_its_worker_died_is_in_no_doubt(void **state)
{
	struct people *people = *state;
	int64_t id = under_way(people, "stock", "note", 3);

	people_change(people, "interface", "stock",
		"{\"title\": \"stock\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"rest\", \"timing\":"
		" \"batch\", \"data_class\": \"internal\", \"replay_policy\": \"free\", \"replay_limit\": 5,"
		" \"idempotency\": \"none\"}");
	note(people, 1, "note1", "{\"outcome\": \"delivered\", \"http_status\": 201}");
	note(people, 1, "note2",
		"{\"outcome\": \"failed\", \"class\": \"mapping\", \"text\": \"no\"}");
	note(people, 0, "note2", "{\"outcome\": \"delivered\"}"); /* the first word counts */
	note(people, 0, "note3", "{\"outcome\": \"perhaps\"}");
	traffic_expect_items(people, id, "sending sending sending");
	run_out(people, id);
	traffic_expect_items(people, id, "delivered failed in_doubt");
	traffic_expect_letters(people, "note_", "resolved open in_doubt");
	pg_expect_text(people->super, "201 mapping lost",
		"select concat_ws(' ', max(http_status), max(class), max(outcome) filter (where state ="
		" 'in_doubt')) from orderly.replay_item where request = %lld",
		(long long)id);
	pg_do(people->as[OPERATOR],
		"select orderly.replay_resolve((select id from orderly.replay_item where request = %lld and state ="
		" 'in_doubt'), 'failed', 'it was not there')",
		(long long)id);
	traffic_expect_letters(people, "note_", "resolved open open");
	pg_expect_int(people->super, 0, "select count(*) from orderly.replay_note");
	traffic_check(people, "check_replays");
}

static void a_note_goes_when_it_is_told_and_a_strange_one_harms_nobody(void **state)
{
	struct people *people = *state;
	int64_t id = under_way(people, "invoices", "told", 2);

	note(people, 2, "told_", "{\"outcome\": \"delivered\"}");
	pg_do(people->as[WORKER],
		"select orderly.complete_replay(jsonb_build_object('lease', lease, 'outcome', 'delivered')) from held"
		" where message_id = 'told1'");
	pg_expect_int(people->super, 1, "select count(*) from orderly.replay_note");
	/* its events are refused: a message cannot be called so */
	pg_do(people->super,
		"update orderly.replay_note set result = result || jsonb_build_object('message_id', repeat('x', 5000))");
	run_out(people, id);
	traffic_expect_items(people, id, "delivered in_doubt");
	pg_expect_int(people->super, 0, "select count(*) from orderly.replay_note");
	/* nobody else may note */
	pg_expect_error(people->as[OPERATOR], "42501", "select orderly.note_replays('[]')");
	traffic_check(people, "check_replays");
}

static void waits(struct people *people, const char *idempotency)
{
	CLEANUP(str_done)
	struct str doc = STR_INIT(1000);

	str_addf(&doc,
		"{\"title\": \"stock\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"rest\", \"timing\":"
		" \"batch\", \"data_class\": \"internal\", \"replay_policy\": \"free\", \"replay_limit\": 5,"
		" \"success\": \"acknowledged\", \"retry\": {\"acknowledge_s\": 600}, \"idempotency\": \"%s\"}",
		idempotency);
	people_change(people, "interface", "stock", str_cstr(&doc));
}

static void complete(struct people *people, const char *outcome, const char *want)
{
	pg_expect_text(people->as[WORKER], want,
		"select string_agg(distinct code || ' ' || state, ',') from orderly.complete_replay((select"
		" jsonb_agg(jsonb_build_object('lease', lease, 'outcome', '%s')) from held))",
		outcome);
}

/* The middleware tells of the transaction that the nth item of a request became. */
static void child_is(
	struct people *people, int64_t request, int nr, const char *kind, const char *more)
{
	char *name = pg_text(people->super,
		"select m.message_id from orderly.replay_item r join orderly.message m on m.id = r.replayed_as"
		" where r.request = %lld and r.nr = %d",
		(long long)request, nr);

	traffic_ingest(
		people, "select public.ev('stock', '%s', '%s', now(), '%s')", name, kind, more);
	free(name);
}

/* As the console lists them. */
static void expect_shown(struct people *people, int64_t request, const char *state)
{
	CLEANUP(str_done)
	struct str id = STR_INIT(30);
	const char *params[] = {NULL, NULL, "after", "10"};
	PGresult *rows;

	str_addf(&id, "%lld", (long long)request);
	params[0] = str_cstr(&id);
	rows = pg_query_params(
		people->as[APPROVER], statement_find("replay-items")->sql, 4, params);
	assert_true(PQntuples(rows) > 0);
	for (int i = 0; i < PQntuples(rows); i++)
		assert_string_equal(PQgetvalue(rows, i, PQfnumber(rows, "state")), state);
	PQclear(rows);
}

static void a_delivery_is_no_success_before_it_is_acknowledged(void **state)
{
	struct people *people = *state;
	int64_t id;

	waits(people, "none");
	id = under_way(people, "stock", "ack", 3);
	complete(people, "delivered", "done sending");
	complete(people, "delivered", "done sending");
	traffic_duty(people, "replay_leases");
	traffic_duty(people, "replay_acks");
	traffic_expect_items(people, id, "sending sending sending");
	traffic_expect_letters(people, "ack_", "replaying replaying replaying");
	expect_shown(people, id, "awaited");
	pg_expect_text(people->super, "running",
		"select distinct t.state from orderly.replay_item i join orderly.transaction t on t.id ="
		" i.replayed_as where i.request = %lld",
		(long long)id);
	pg_expect_text(people->super, "true",
		"select bool_and(lease_until between now() + interval '9 minutes' and now() + interval '10 minutes')::text"
		" from orderly.replay_item where request = %lld",
		(long long)id);
	child_is(people, id, 1, "acknowledged", "{}");
	traffic_ingest(people,
		"select public.ev('stock', 'ack2', 'acknowledged', now(), '{\"attempt\": 2}')");
	child_is(people, id, 3, "dead", "{\"class\": \"business\", \"text\": \"no such item\"}");
	traffic_duty(people, "dead_letters");
	traffic_duty(people, "replay_acks");
	traffic_expect_items(people, id, "delivered delivered failed");
	traffic_expect_letters(people, "ack_", "resolved resolved open");
	pg_expect_text(people->super, "acknowledged acknowledged business",
		"select string_agg(coalesce(class, outcome), ' ' order by nr) from orderly.replay_item where request"
		" = %lld",
		(long long)id);
	traffic_expect_request(people, id, "done 1");
	traffic_check(people, "check_replays");
}

static void without_an_acknowledgement_in_time_it_is_in_doubt_or_goes_again(void **state)
{
	struct people *people = *state;
	int64_t id = under_way(people, "stock", "late", 2);

	complete(people, "delivered", "done sending");
	run_out(people, id);
	traffic_expect_items(people, id, "in_doubt in_doubt");
	pg_expect_text(people->super, "unacknowledged",
		"select distinct outcome from orderly.replay_item where request = %lld",
		(long long)id);
	/* it comes late, and is heard all the same; for the other a person speaks */
	child_is(people, id, 1, "acknowledged", "{}");
	traffic_duty(people, "replay_acks");
	traffic_expect_items(people, id, "delivered in_doubt");
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.replay_resolve((select id from orderly.replay_item where request = %lld and nr = 2),"
		" 'delivered', 'they have it')",
		(long long)id);
	traffic_expect_request(people, id, "done 1");
	waits(people, "key");
	id = under_way(people, "stock", "again", 1);
	complete(people, "delivered", "done sending");
	run_out(people, id);
	traffic_expect_items(people, id, "waiting");
	pg_do(people->super,
		"update orderly.replay_item set next_try_at = now() where request = %lld",
		(long long)id);
	assert_int_equal(traffic_send(people, 50, "acknowledged"), 1);
	traffic_expect_items(people, id, "delivered");
	traffic_expect_letters(people, "again_", "resolved");
	traffic_check(people, "check_replays");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_noted_before_its_worker_died_is_in_no_doubt),
		cmocka_unit_test(a_note_goes_when_it_is_told_and_a_strange_one_harms_nobody),
		cmocka_unit_test(a_delivery_is_no_success_before_it_is_acknowledged),
		cmocka_unit_test(without_an_acknowledgement_in_time_it_is_in_doubt_or_goes_again),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/replay_acks", tests, traffic_setup, people_teardown);
}
