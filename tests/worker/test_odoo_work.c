/* What the worker writes down of Odoo: whether it has something already, and how it does. */
#include "odoo_desk.h"
#include "unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BY_REFERENCE                                                                  \
	"{\"model\": \"purchase.order\", \"reference\": {\"field\": \"partner_ref\"," \
	" \"value\": \"{business_key}\"}}"

/* It goes without an answer; only what is in doubt is asked about. */
#define UNGUARDED                                                                     \
	"{\"model\": \"purchase.order\", \"reference\": {\"field\": \"partner_ref\"," \
	" \"value\": \"{business_key}\"}, \"guard\": false}"

#define ANSWERS                                                                                 \
	"select string_agg(m.message_id || ' ' || coalesce(c.answer, '-'), ', ' order by m.id)" \
	" from orderly.replay_check c join orderly.message m on m.id = c.dead_letter"           \
	" where m.message_id like '%s'"

static void dry_run(struct desk *desk, const char *like)
{
	char *letters = traffic_letters(&desk->people, like);

	pg_do(desk->people.as[OPERATOR], "select orderly.replay_dry_run('%s')", letters);
	free(letters);
}

static void a_dry_run_asks_odoo_and_the_next_one_knows(void **state)
{
	struct desk *desk = *state;
	char *letters;

	desk_check(desk, "orders", BY_REFERENCE);
	traffic_die(&desk->people, "orders", "HO-00000", 2, "timeout", "no answer");
	traffic_die(&desk->people, "orders", "NO-", 1, "timeout", "no answer");
	dry_run(desk, "_O-%");
	desk_until(desk, "HO-000001 present, HO-000002 present, NO-1 absent", ANSWERS, "_O-%");
	letters = traffic_letters(&desk->people, "_O-%");
	pg_expect_text(desk->people.as[OPERATOR], "present present eligible",
		"select string_agg(verdict, ' ' order by id) from orderly.replay_dry_run('%s')",
		letters);
	free(letters);
	pg_expect_text(desk->people.super, "reference purchase.order 1",
		"select concat_ws(' ', c.detail ->> 'by', c.detail ->> 'model',"
		" jsonb_array_length(c.detail -> 'ids')) from orderly.replay_check c"
		" join orderly.message m on m.id = c.dead_letter where m.message_id = 'HO-000001'");
}

static void an_external_id_is_a_key_and_so_is_what_the_payload_says(void **state)
{
	struct desk *desk = *state;

	desk_check(desk, "stock",
		"{\"model\": \"purchase.order\", \"external_id\": \"middleware.order_00000{/order}\"}");
	traffic_die(&desk->people, "stock", "ext", 3, "timeout", "no answer");
	dry_run(desk, "ext%");
	desk_until(desk, "ext1 present, ext2 present, ext3 present", ANSWERS, "ext%");
	desk_check(desk, "stock",
		"{\"model\": \"purchase.order\", \"external_id\": \"middleware.order_{/nothing}\"}");
	traffic_die(&desk->people, "stock", "emp", 1, "timeout", "no answer");
	dry_run(desk, "emp%");
	desk_until(desk, "emp1 unknown", ANSWERS, "emp%");
}

static void amount_date_and_partner_are_a_key(void **state)
{
	struct desk *desk = *state;

	/* The day of the order, its amount and its partner's reference are in the message. */
	desk_check(desk, "invoices",
		"{\"model\": \"purchase.order\", \"looks\": {"
		"\"amount\": {\"field\": \"amount_total\", \"value\": \"{/amount}\"},"
		"\"date\": {\"field\": \"date_order\", \"value\": \"{/day}\"},"
		"\"partner\": {\"field\": \"partner_id\", \"reference\": \"ref\", \"value\":"
		" \"{/supplier}\"}, \"days\": 400}}");
	traffic_die(&desk->people, "invoices", "looks", 1, "timeout", "no answer");
	dry_run(desk, "looks%");
	desk_until(desk, "looks1 unknown", ANSWERS, "looks%");
	pg_expect_text(desk->people.super, "amount, date and partner",
		"select c.detail ->> 'by' from orderly.replay_check c join orderly.message m"
		" on m.id = c.dead_letter where m.message_id = 'looks1'");
	traffic_ingest(&desk->people,
		"select jsonb_agg(public.ev('invoices', 'far1', k, now(), jsonb_build_object('class', 'timeout',"
		" 'text', 'x', 'payload', case k when 'received' then jsonb_build_object('kind', 'inbound',"
		" 'content_type', 'application/json', 'body', '{\"amount\": \"123.456.789,00 EUR\", \"day\":"
		" \"2026-11-01\", \"supplier\": \"SUP-00001\"}') end))) from unnest(array['received',"
		" 'dead']) k");
	traffic_duty(&desk->people, "dead_letters");
	dry_run(desk, "far%");
	/* The window that was asked for is wider than the guard allows. */
	desk_until(desk, "far1 unknown", ANSWERS, "far%");
	desk_check(desk, "invoices",
		"{\"model\": \"purchase.order\", \"looks\": {"
		"\"amount\": {\"field\": \"amount_total\", \"value\": \"{/amount}\"},"
		"\"date\": {\"field\": \"date_order\", \"value\": \"{/day}\"},"
		"\"partner\": {\"field\": \"partner_id\", \"reference\": \"ref\", \"value\":"
		" \"{/supplier}\"}, \"days\": 5}}");
	pg_do(desk->people.super,
		"update orderly.replay_check set asked_at = clock_timestamp(), token = null,"
		" token_until = null where answer = 'unknown'");
	desk_until(desk, "far1 absent", ANSWERS, "far%");
}

static void what_odoo_does_not_answer_is_unknown_and_never_absent(void **state)
{
	struct desk *desk = *state;

	desk_check(desk, "orders", BY_REFERENCE);
	desk_fault(desk, "html");
	traffic_die(&desk->people, "orders", "QO-", 2, "timeout", "no answer");
	dry_run(desk, "QO-%");
	desk_until(desk, "QO-1 unknown, QO-2 unknown", ANSWERS, "QO-%");
	desk_fault(desk, "clear");
	desk_check(desk, "orders", "{\"path\": \"/orders\"}");
	traffic_die(&desk->people, "orders", "PO-", 1, "timeout", "no answer");
	dry_run(desk, "PO-%");
	desk_until(desk, "PO-1 unknown", ANSWERS, "PO-%");
	pg_expect_text(desk->people.super, "the endpoint does not say how its target is asked",
		"select c.detail ->> 'why' from orderly.replay_check c join orderly.message m"
		" on m.id = c.dead_letter where m.message_id = 'PO-1'");
}

/* The worker asks, Odoo answers, and only then there is something to claim. */
static void nothing_goes_before_odoo_has_said_that_it_is_not_there(void **state)
{
	struct desk *desk = *state;
	struct people *people = &desk->people;
	int64_t there, not_there;

	desk_check(desk, "orders", BY_REFERENCE);
	traffic_die(people, "orders", "HO-00003", 2, "timeout", "no answer");
	traffic_die(people, "orders", "HO-00009", 1, "timeout", "no answer"); /* there are 40 */
	there = traffic_approved(people, "HO-00003_", "{\"stages\": [], \"stop_ppm\": 1000000}");
	not_there = traffic_approved(people, "HO-00009_", "{\"stages\": []}");
	assert_int_equal(traffic_send(people, 50, "delivered"), 0);
	desk_until(desk, "held held",
		"select string_agg(state, ' ' order by nr) from orderly.replay_item where request = %lld",
		(long long)there);
	pg_expect_text(people->super, "t",
		"select bool_and(text ~ '^Odoo has it: purchase.order [0-9]+ .reference.$')::text::char"
		" from orderly.replay_item where request = %lld",
		(long long)there);
	desk_until(desk, "absent",
		"select c.answer from orderly.replay_check c join orderly.replay_item i on i.dead_letter ="
		" c.dead_letter where i.request = %lld and c.answered_at > c.asked_at",
		(long long)not_there);
	assert_int_equal(traffic_send(people, 50, "delivered"), 1);
	assert_int_equal(traffic_send(people, 50, "delivered"), 0);
	traffic_expect_items(people, not_there, "delivered");
	traffic_check(people, "check_replays");
}

static void the_answer_ends_a_doubt(void **state)
{
	struct desk *desk = *state;
	struct people *people = &desk->people;
	int64_t id;

	desk_check(desk, "orders", UNGUARDED);
	traffic_die(people, "orders", "HO-00002", 2, "timeout", "no answer");
	id = traffic_approved(people, "HO-00002_", "{\"stages\": [], \"stop_ppm\": 1000000}");
	traffic_send(people, 50, "in_doubt");
	traffic_expect_items(people, id, "in_doubt in_doubt");
	pg_do(people->super,
		"select orderly.replay_check_want(array(select dead_letter from"
		" orderly.replay_item where request = %lld), interval '0')",
		(long long)id);
	desk_until(desk, "delivered delivered",
		"select string_agg(state, ' ' order by nr) from orderly.replay_item where request = %lld",
		(long long)id);
	traffic_check(people, "check_replays");
}

static void how_odoo_does_is_written_down(void **state)
{
	struct desk *desk = *state;

	desk_until(desk, "t ok 18.0 JSON-RPC integration 40 8 2",
		"select (select concat_ws(' ', p.ok, p.class, p.version, p.protocol, p.key_name,"
		" extract(day from p.at - p.key_made), p.crons, p.crons_failing)"
		" from orderly.odoo_probe p where p.ok order by p.id limit 1)");
	pg_expect_text(desk->people.as[SUPPORT], "t t t t t",
		"select concat_ws(' ', latency_ms > 0, abs(clock_ahead_ms) < 2000, key_expires > at, key_only,"
		" failing like '%%EDI: import supplier invoices%%') from orderly.odoo_probe order by id limit 1");
}

/* Names and ages, nothing else: a folder, a link and what is hidden are no secrets of ours. */
static void the_age_of_its_secrets_is_told(void **state)
{
	static const struct timespec changed[2] = {{1770000000, 0}, {1770000000, 0}};
	struct desk *desk = *state;
	int folder, file;

	assert_int_equal(mkdir(desk->secrets, 0700), 0);
	folder = open(desk->secrets, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 2; i++) {
		file = openat(
			folder, i ? ".hidden" : "gh\"x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(futimens(file, changed), 0);
		close(file);
	}
	assert_int_equal(symlinkat("/etc/passwd", folder, "link"), 0);
	desk_stop(desk);
	desk_restart(desk);
	desk_until(desk, "desk gh\"x 2026-02-02",
		"select string_agg(worker || ' ' || name || ' ' || (changed_at at time zone 'UTC')::date, ',')"
		" from orderly.secret_seen");
	(void)unlinkat(folder, "gh\"x", 0);
	(void)unlinkat(folder, ".hidden", 0);
	(void)unlinkat(folder, "link", 0);
	close(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_odoo_does_is_written_down),
		cmocka_unit_test(a_dry_run_asks_odoo_and_the_next_one_knows),
		cmocka_unit_test(an_external_id_is_a_key_and_so_is_what_the_payload_says),
		cmocka_unit_test(amount_date_and_partner_are_a_key),
		cmocka_unit_test(what_odoo_does_not_answer_is_unknown_and_never_absent),
		cmocka_unit_test(nothing_goes_before_odoo_has_said_that_it_is_not_there),
		cmocka_unit_test(the_answer_ends_a_doubt),
		cmocka_unit_test(the_age_of_its_secrets_is_told),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, desk_setup, desk_teardown);
}
