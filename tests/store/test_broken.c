/* What `orderly store check` promises of dead letters, replays, roll-ups and handovers: each promise is
 * broken by hand in a store that keeps them all, and the check says so by its name. */
#include "traffic.h"
#include "unit.h"

static const struct {
	const char *name, *break_it;
} rows[] = {
	{"each dead transaction has its dead letter",
		"delete from orderly.dead_letter where id = public.of('orders', 'open1')"},
	{"each dead transaction has its dead letter",
		"update orderly.dead_letter set death = '0' where id = public.of('orders', 'open1')"},
	{"each unresolved dead letter has its transaction",
		"delete from orderly.transaction where id = public.of('orders', 'open1')"},
	{"each failure group counts its dead letters",
		"update orderly.failure_group set unresolved = unresolved + 1"},
	{"each failure group counts its dead letters",
		"update orderly.dead_letter set state = 'discarded' where id = public.of('orders', 'open1')"},
	{"a failure group is what it says, and a closed one has no owner",
		"update orderly.failure_group set signature = 'another'"},
	{"a failure group is what it says, and a closed one has no owner",
		"update orderly.failure_group set owner = 1 where unresolved = 0"},
	{"each replay holds the items that were frozen",
		"update orderly.replay_request set items = items + 1"},
	{"each replay holds the items that were frozen",
		"insert into orderly.replay_item (request, nr, stage, dead_letter, interface, born,"
		" payload_key, payload_digest, sent_digest, idempotency_key) select i.request, 99, i.stage,"
		" public.of('orders', 'open1'), i.interface, i.born, '', '', '', 'later'"
		" from orderly.replay_item i limit 1"},
	{"each stage counts its items", "update orderly.replay_stage set settled = settled + 1"},
	{"each stage counts its items",
		"update orderly.replay_item set state = 'refused' where state = 'failed'"},
	{"what ran had its approvals, by other persons", "delete from orderly.replay_decision"},
	{"what ran had its approvals, by other persons",
		"update orderly.replay_request set revision = 2"},
	{"each replay is what was decided about",
		"update orderly.replay_item set sent_digest = 'x'"},
	{"each replay is what was decided about",
		"update orderly.replay_item set idempotency_key = 'mine'"},
	{"a dead letter is replaying while its item is live",
		"update orderly.dead_letter set state = 'replaying'"
		" where id = public.of('orders', 'open1')"},
	{"a dead letter is replaying while its item is live",
		"update orderly.dead_letter set state = 'open' where state = 'in_doubt'"},
	{"nothing was sent without its mark", "update orderly.replay_item set sends = 0"},
	{"the same payload always carries the same key",
		"update orderly.replay_item set idempotency_key = id::text"},
	{"each delivered replay has a transaction of its own", "delete from orderly.lineage"},
	{"each transaction is counted as what it is", "update orderly.counted set ms = ms + 1"},
	{"each transaction is counted as what it is",
		"update orderly.counted set at = at + interval '1 minute'"},
	{"each transaction is counted as what it is",
		"delete from orderly.counted where transaction = public.of('orders', 'open1')"},
	{"roll-ups add up to what is counted",
		"update orderly.rollup set done = done + 1 where grain = 60"},
	{"roll-ups add up to what is counted",
		"update orderly.rollup set recovered = recovered - 1 where grain = 86400"},
	{"roll-ups add up to what is counted", "delete from orderly.rollup where grain = 3600"},
	{"minutes merged equal their hour",
		"update orderly.rollup set hist = hist || array[999, 1] where grain = 3600"},
	{"each handover is what was signed",
		"update orderly.handover set words = 'nothing happened'"},
	{"each handover is what was signed", "update orderly.handover_item set title = 'nothing'"},
	{"each handover is what was signed", "delete from orderly.handover_item where nr = 1"},
	{"who took over had acknowledged every item",
		"update orderly.handover_item set acknowledged_by = null"},
};

/* Something of everything: open, delivered, failed twice, in doubt, emergencies, a signed handover. */
static int set_up(void **state)
{
	struct people *people;
	char *id;

	traffic_setup(state);
	people = *state;
	pg_do(people->super,
		"create function public.of(i text, m text) returns bigint language sql stable return"
		" (select s.id from orderly.message s join orderly.interface f on f.id = s.interface"
		"  where f.code = i and s.message_id = m)");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('invoices', 'well' || i, k, now() - interval '2 hours' + i * interval '1 s'))"
		" from generate_series(1, 5) i, unnest(array['received', 'delivered']) k");
	traffic_die(people, "orders", "open", 2, "target", "left open");
	traffic_die(people, "orders", "sent", 2, "mapping", "sent again");
	traffic_approved(people, "sent1", NULL);
	assert_int_equal(traffic_send(people, 9, "delivered"), 1);
	for (int i = 0; i < 2; i++) {
		traffic_approved(people, "sent2", NULL);
		assert_int_equal(traffic_send(people, 9, "failed"), 1);
	}
	traffic_die(people, "orders", "doubt", 1, "target", "in doubt");
	traffic_approved(people, "doubt1", NULL);
	assert_int_equal(traffic_send(people, 9, "in_doubt"), 1);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_draft()");
	id = pg_text(people->super, "select max(id) from orderly.handover");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_offer(%s)", id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.handover_acknowledge(%s, array(select generate_series(1, 99)))", id);
	pg_expect_code(people->as[APPROVER], "done", "orderly.handover_accept(%s)", id);
	free(id);
	traffic_duty(people, "dead_letters");
	traffic_duty(people, "rollup");
	return 0;
}

static void a_store_that_keeps_them_all_passes(void **state)
{
	struct people *people = *state;

	pg_expect_text(people->super, "",
		"select string_agg(name, ', ') from orderly.check_invariants(null) where not ok");
}

static void each_broken_promise_is_named(void **state)
{
	struct people *people = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *found;

		/* past triggers and foreign keys, as a hand on the disk would be */
		pg_do(people->super, "begin; set local session_replication_role = replica");
		pg_do(people->super, "%s", rows[i].break_it);
		found = pg_text(people->super,
			"select coalesce(string_agg(name, ', ' order by name), 'nothing') from"
			" orderly.check_invariants(null) where not ok and detail <> ''");
		pg_do(people->super, "rollback");
		if (!strstr(found, rows[i].name))
			fail_msg("%s\nis found to break: %s", rows[i].break_it, found);
		free(found);
	}
}

/* No promise of these without a row above. */
static void each_promise_was_broken(void **state)
{
	struct people *people = *state;
	PGresult *names =
		pg_query(people->super, "select name from orderly.check_dead_letters() union all"
					" select name from orderly.check_replays() union all"
					" select name from orderly.check_rollups() union all"
					" select name from orderly.check_handovers()");

	for (int n = 0; n < PQntuples(names); n++) {
		size_t i = 0;

		while (i < ARRAY_LEN(rows) && strcmp(rows[i].name, PQgetvalue(names, n, 0)) != 0)
			i++;
		if (i == ARRAY_LEN(rows))
			fail_msg("nobody broke this: %s", PQgetvalue(names, n, 0));
	}
	PQclear(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_that_keeps_them_all_passes),
		cmocka_unit_test(each_broken_promise_is_named),
		cmocka_unit_test(each_promise_was_broken),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/broken", tests, set_up, people_teardown);
}
