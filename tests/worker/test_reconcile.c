/* An interface against Odoo: counts, missing, extra, duplicate, different; resumed; compared. */
#include "odoo_desk.h"
#include "unit.h"
#include <stdio.h>

#define CHECK(more)                                                                   \
	"{\"model\": \"purchase.order\", \"reference\": {\"field\": \"partner_ref\"," \
	" \"value\": \"{business_key}\"}" more "}"

/* Messages that were delivered, of these keys, with what they say of the order's origin. */
static void deliver(struct desk *desk, const char *interface, const char *keys)
{
	traffic_ingest(&desk->people,
		"select jsonb_agg(public.ev('%s', 'm-' || n, k, now(), jsonb_build_object('facility', 'H01',"
		" 'business_key', n, 'payload', case k when 'received' then jsonb_build_object('kind', 'inbound',"
		" 'content_type', 'application/json', 'body', '{\"origin\": \"' || replace(n, 'HO-', 'MW-') || '\"}')"
		" end)) order by n, k desc) from unnest(%s) n, unnest(array['received', 'delivered']) k",
		interface, keys);
}

static int64_t ask(struct desk *desk, enum who who, const char *interface, const char *back)
{
	PGconn *as = desk->people.as[who];
	int64_t id;

	pg_do(as, "create temp table if not exists reconciled (r orderly.result)");
	pg_do(as,
		"truncate reconciled; insert into reconciled select r from (select orderly.reconcile_ask('%s',"
		" now() - interval '%s', now() + interval '30 seconds') as r offset 0) s",
		interface, back);
	pg_expect_text(as, "done", "select (r).code from reconciled");
	id = pg_int(as, "select (r).id from reconciled");
	return id;
}

#define COUNTS                                                                                            \
	"select concat_ws(' ', state, ours, theirs, same, missing, extra, duplicate, different, waiting," \
	" elsewhere) from orderly.reconcile where id = %lld"

static void each_kind_is_found(void **state)
{
	struct desk *desk = *state;
	struct people *people = &desk->people;
	long long id;

	/* 40 orders are there: HO-000001 to 40. One twice, one that says another origin. */
	desk_check(desk, "orders", CHECK(", \"fields\": {\"origin\": \"{/origin}\"}"));
	deliver(desk, "orders",
		"array(select 'HO-' || lpad(i::text, 6, '0') from generate_series(1, 30) i) || '{NO-1,NO-2}'::text[]");
	traffic_die(people, "orders", "DEAD-", 1, "timeout", "no answer");
	traffic_ingest(people,
		"select jsonb_build_array(public.ev('orders', 'wait', 'received', now(),"
		" '{\"facility\": \"H01\", \"business_key\": \"WAIT-1\"}'))");
	desk_create(desk, "{\"partner_id\":20,\"partner_ref\":\"HO-000002\",\"order_line\":[]}");
	desk_write(desk, "partner_ref", "HO-000003", "{\"origin\":\"another\"}");
	id = ask(desk, SUPPORT, "orders", "1 hour");
	desk_until(desk, "done 34 41 28 3 10 1 1 1 0", COUNTS, id);
	pg_expect_text(people->as[SUPPORT], "DEAD-1 dead NO-1 done NO-2 done",
		"select string_agg(f.key || ' ' || t.state, ' ' order by f.key) from orderly.reconcile_finding f"
		" join orderly.transaction t on t.id = f.transaction where f.run = %lld and f.kind = 'missing'",
		id);
	pg_expect_text(people->as[SUPPORT], "HO-000002 2",
		"select key || ' ' || cardinality(records) from orderly.reconcile_finding where run = %lld and"
		" kind = 'duplicate'",
		id);
	pg_expect_text(people->as[SUPPORT], "HO-000003 {origin}",
		"select key || ' ' || fields::text from orderly.reconcile_finding where run = %lld and"
		" kind = 'different'",
		id);
	pg_expect_text(people->super, "0",
		"select count(*)::text from orderly.reconcile_record where run = %lld", id);
	/* who may not see the interface sees no run of it */
	pg_expect_text(people->as[NARROW], "0", "select count(*)::text from orderly.reconcile");
}

static void the_next_run_is_compared_with_the_last(void **state)
{
	struct desk *desk = *state;
	struct people *people = &desk->people;
	long long id;

	desk_create(desk,
		"{\"partner_id\":20,\"partner_ref\":\"NO-1\",\"origin\":\"NO-1\",\"order_line\":[]}");
	deliver(desk, "orders", "array['NO-3']");
	id = ask(desk, OPERATOR, "orders", "1 hour");
	desk_until(desk, "done 35 42 29 3 10 1 1 1 0", COUNTS, id);
	pg_expect_text(people->super, "DEAD-1 known, NO-2 known, NO-3 new",
		"select string_agg(f.key || case when exists (select from orderly.reconcile_finding b where b.run = %lld"
		" and b.kind = f.kind and b.norm = f.norm) then ' known' else ' new' end, ', ' order by f.key)"
		" from orderly.reconcile_finding f where f.run = %lld and f.kind = 'missing'",
		id - 1, id);
}

static void what_lies_outside_of_the_window_is_not_missing(void **state)
{
	struct desk *desk = *state;
	long long id;

	/* By the date of the order, which lies up to 90 days back. */
	desk_check(desk, "orders",
		CHECK(", \"date\": \"date_order\", \"also\": [[\"id\",\"<=\",40]]"));
	id = ask(desk, APPROVER, "orders", "1 hour");
	desk_until(desk, "done 35 0 0 3 0 0 0 1 31", COUNTS, id);
}

static void what_is_refused_says_why(void **state)
{
	struct desk *desk = *state;
	PGconn *support = desk->people.as[SUPPORT];

	pg_expect_code(support, "reconcile_check",
		"orderly.reconcile_ask('payroll', now() - interval '1 h', now())");
	pg_expect_code(support, "reconcile_window",
		"orderly.reconcile_ask('orders', now(), now() - interval '1 h')");
	pg_expect_code(support, "reconcile_window",
		"orderly.reconcile_ask('orders', now() - interval '101 days', now())");
	pg_expect_code(support, "scope",
		"orderly.reconcile_ask('nothing', now() - interval '1 h', now())");
	pg_expect_code(desk->people.as[SECURITY], "role",
		"orderly.reconcile_ask('orders', now() - interval '1 h', now())");
	pg_expect_code(desk->people.as[NARROW], "scope",
		"orderly.reconcile_ask('orders', now() - interval '1 h', now())");
}

static void it_goes_on_where_it_was_when_a_worker_dies_and_when_odoo_is_away(void **state)
{
	struct desk *desk = *state;
	struct people *people = &desk->people;
	long long id;

	desk_check(desk, "orders", CHECK(""));
	desk_fault(desk, "error");
	id = ask(desk, SUPPORT, "orders", "1 hour");
	desk_until(desk, "running count",
		"select concat_ws(' ', state, phase) from orderly.reconcile where id = %lld", id);
	/* another worker is begun while the first one holds it, then the lease runs out */
	desk_restart(desk);
	desk_fault(desk, "clear");
	pg_do(people->super, "update orderly.reconcile set lease_until = now() where id = %lld",
		id);
	desk_until(desk, "done 35 42 30 3 10 1 0 1 0", COUNTS, id);
	/* one that was held by a worker which reads a page for the second time finds nothing twice */
	pg_expect_text(people->super, "42 0",
		"select concat_ws(' ', read, (select count(*) from orderly.reconcile_finding where run = r.id and"
		" kind = 'duplicate' and cardinality(records) <> 2)) from orderly.reconcile r where id = %lld",
		id);
}

static void a_page_that_comes_twice_counts_once_and_the_later_writing_wins(void **state)
{
	struct desk *desk = *state;
	PGconn *worker = desk->people.as[WORKER];
	long long id;

	desk_stop(desk);
	id = ask(desk, SUPPORT, "orders", "1 hour");
	pg_do(worker, "select * from orderly.claim_reconcile('hand', '', null)");
	pg_do(worker, "select * from orderly.reconcile_counted(%lld, 'hand', 2, '{}', 'x')", id);
	for (int i = 0; i < 2; i++)
		pg_do(worker,
			"select * from orderly.reconcile_take(%lld, 'hand', '[{\"id\": 1, \"key\": \"A\", \"written\":"
			" \"2026-11-21 10:00:00\"}, {\"id\": 2, \"key\": \"B\", \"written\": \"2026-11-21 10:00:01\"}]',"
			" 2, %s)",
			id, i ? "true" : "false");
	pg_do(worker,
		"select * from orderly.reconcile_take(%lld, 'hand', '[{\"id\": 1, \"key\": \"C\", \"written\":"
		" \"2026-11-21 10:00:00\"}, {\"id\": 2, \"key\": \"D\", \"written\": \"2026-11-21 09:00:00\"}]',"
		" 2, false)",
		id);
	pg_expect_text(desk->people.super, "1c 2b",
		"select string_agg(record || key, ' ' order by record) from orderly.reconcile_record where run = %lld",
		id);
	/* nobody else may write to it */
	pg_expect_text(worker, "0",
		"select count(*)::text from orderly.reconcile_take(%lld, 'other', '[]', 2, true)",
		id);
	pg_expect_code(desk->people.as[SUPPORT], "done", "orderly.reconcile_cancel(%lld)", id);
	pg_expect_text(worker, "0",
		"select count(*)::text from orderly.reconcile_take(%lld, 'hand', '[]', 2, true)",
		id);
	pg_expect_code(
		desk->people.as[SUPPORT], "reconcile_over", "orderly.reconcile_cancel(%lld)", id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_found),
		cmocka_unit_test(the_next_run_is_compared_with_the_last),
		cmocka_unit_test(what_lies_outside_of_the_window_is_not_missing),
		cmocka_unit_test(what_is_refused_says_why),
		cmocka_unit_test(it_goes_on_where_it_was_when_a_worker_dies_and_when_odoo_is_away),
		cmocka_unit_test(a_page_that_comes_twice_counts_once_and_the_later_writing_wins),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
