/* Two Odoos with other records: each question goes to the one that the catalogue names, and no other. */
#include "odoo_desk.h"
#include "store/statement.h"
#include "unit.h"
#include <stdio.h>

#define CHECK(system)                                                                 \
	"{\"model\": \"purchase.order\", \"reference\": {\"field\": \"partner_ref\"," \
	" \"value\": \"{business_key}\"}, \"system\": \"" system "\"}"

#define ANSWERS                                                                                \
	"select string_agg(concat_ws(' ', i.code, m.business_key, c.answer,"                   \
	" case c.answer when 'unknown' then c.detail ->> 'why' end), ', '"                     \
	" order by i.code, m.id) from orderly.replay_check c join orderly.message m on m.id =" \
	" c.dead_letter join orderly.interface i on i.id = m.interface where c.answered_at > c.asked_at"

/* HO-000010 is in the first alone, HO-000003 in both. */
static void die(struct desk *desk, const char *interface)
{
	traffic_ingest(&desk->people,
		"select jsonb_agg(public.ev('%s', n || '@%s', k, now() - interval '1 second',"
		" jsonb_build_object('facility', 'H01', 'business_key', n, 'class', 'timeout', 'text', 'x',"
		" 'payload', case k when 'received' then jsonb_build_object('kind', 'inbound', 'content_type',"
		" 'application/json', 'body', '{}') end)) order by n, k desc)"
		" from unnest(array['HO-000003', 'HO-000010']) n, unnest(array['received', 'dead']) k",
		interface, interface);
	traffic_duty(&desk->people, "dead_letters");
}

static void ask_all(struct desk *desk)
{
	char *letters = traffic_letters(&desk->people, "HO-%@%");

	pg_do(desk->people.super, "delete from orderly.replay_check");
	pg_do(desk->people.as[OPERATOR], "select orderly.replay_dry_run('%s')", letters);
	free(letters);
}

static int setup(void **state)
{
	struct desk *desk;

	if (desk_setup(state) < 0)
		return -1;
	desk = *state;
	desk_second(desk);
	people_change(&desk->people, "system", "odoo-fin",
		"{\"title\": \"Finance\", \"kind\": \"odoo\"}");
	die(desk, "orders");
	die(desk, "stock");
	return 0;
}

static void each_is_asked_about_its_own(void **state)
{
	struct desk *desk = *state;

	desk_check(desk, "orders", CHECK("odoo"));
	desk_check(desk, "stock", CHECK("odoo-fin"));
	desk_named(desk, "odoo", "odoo-fin");
	ask_all(desk);
	desk_until(desk,
		"orders HO-000003 present, orders HO-000010 present, stock HO-000003 present,"
		" stock HO-000010 absent",
		ANSWERS);
}

/* By its source, where its check names none. */
static void an_interface_belongs_to_the_odoo_at_its_end(void **state)
{
	struct desk *desk = *state;

	pg_expect_text(desk->people.super, "odoo odoo-fin",
		"select string_agg(orderly.odoo_of(id), ' ' order by code) from orderly.interface"
		" where code in ('invoices', 'stock')");
	pg_expect_text(desk->people.super, "nobody",
		"select coalesce(orderly.odoo_among(array['odoo', 'odoo-fin'], '{}', 'ghx', 'lab', null),"
		" 'nobody')");
	pg_expect_text(desk->people.super, "odoo",
		"select orderly.odoo_among(array['odoo'], '{}', 'ghx', 'lab', null)");
}

static void one_that_is_not_in_the_profile_cannot_tell(void **state)
{
	struct desk *desk = *state;

	desk_named(desk, "odoo", NULL);
	ask_all(desk);
	desk_until(desk, "orders HO-000003 present, orders HO-000010 present", ANSWERS);
	/* nobody else has taken them up for so long */
	pg_do(desk->people.super,
		"update orderly.replay_check set asked_at = asked_at - interval '11 seconds'"
		" where answered_at is null");
	desk_until(desk,
		"orders HO-000003 present, orders HO-000010 present,"
		" stock HO-000003 unknown no Odoo named odoo-fin in the profile,"
		" stock HO-000010 unknown no Odoo named odoo-fin in the profile",
		ANSWERS);
	/* one without a name could be any of them */
	desk_named(desk, "", NULL);
	ask_all(desk);
	pg_do(desk->people.super,
		"update orderly.replay_check set asked_at = asked_at - interval '11 seconds'");
	desk_until(desk,
		"orders HO-000003 unknown no Odoo named odoo in the profile,"
		" orders HO-000010 unknown no Odoo named odoo in the profile,"
		" stock HO-000003 unknown no Odoo named odoo-fin in the profile,"
		" stock HO-000010 unknown no Odoo named odoo-fin in the profile",
		ANSWERS);
}

static void reconcile(struct desk *desk, const char *interface)
{
	pg_expect_code(desk->people.as[SUPPORT], "done",
		"orderly.reconcile_ask('%s', now() - interval '1 hour', now() + interval '30 seconds')",
		interface);
}

#define RUN_OF                                                                                        \
	"select concat_ws(' ', r.state, r.ours, r.theirs, r.missing, r.why) from orderly.reconcile r" \
	" join orderly.interface i on i.id = r.interface where i.code = '%s' order by r.id desc limit 1"

static void each_is_reconciled_with_its_own(void **state)
{
	struct desk *desk = *state;

	desk_named(desk, "odoo", "odoo-fin");
	reconcile(desk, "orders");
	reconcile(desk, "stock");
	desk_until(desk, "done 2 40 0", RUN_OF, "orders");
	desk_until(desk, "done 2 5 1", RUN_OF, "stock");
	desk_named(desk, "odoo", NULL);
	reconcile(desk, "stock");
	pg_do(desk->people.super,
		"update orderly.reconcile set asked_at = asked_at - interval '11 seconds' where state = 'asked'");
	desk_until(desk, "failed 0 0 0 no Odoo named odoo-fin in the profile", RUN_OF, "stock");
}

#define HEALTH                                                                                   \
	"select string_agg(distinct concat_ws(' ', h.system, h.ok, h.version, h.message), ', ')" \
	" from (%s) h where h.at is null or h.ok"

static void the_health_of_each_is_seen_and_the_worst_is_named(void **state)
{
	struct desk *desk = *state;
	const char *health = statement_find("odoo-health")->sql;
	const char *session = statement_find("session")->sql;

	pg_do(desk->people.super, "delete from orderly.odoo_probe");
	desk_named(desk, "odoo", NULL);
	desk_until(desk,
		"odoo t 18.0, odoo-fin f no worker has an Odoo named odoo-fin in its profile",
		HEALTH, health);
	desk_until(desk, "odoo-fin not seen", "select concat_ws(' ', odoo, odoo_is) from (%s) s",
		session);
	desk_named(desk, "odoo", "odoo-fin");
	desk_until(desk, "odoo t 18.0, odoo-fin t 19.0", HEALTH, health);
	desk_until(desk, "odoo ok", "select concat_ws(' ', odoo, odoo_is) from (%s) s", session);
	assert_int_equal(odoo_sim_fault(desk->second, SLICE("html"), NULL), 0);
	desk_restart(desk);
	desk_until(
		desk, "odoo-fin down", "select concat_ws(' ', odoo, odoo_is) from (%s) s", session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_asked_about_its_own),
		cmocka_unit_test(an_interface_belongs_to_the_odoo_at_its_end),
		cmocka_unit_test(one_that_is_not_in_the_profile_cannot_tell),
		cmocka_unit_test(each_is_reconciled_with_its_own),
		cmocka_unit_test(the_health_of_each_is_seen_and_the_worst_is_named),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, desk_teardown);
}
