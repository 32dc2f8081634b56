/* However much is reconciled, little of it is held at once, and most of the time is neither ours nor
 * Odoo's searching but reading and comparing. ORDERLY_TEST_RECONCILE says of how many messages (2,000).
 * Called by the suite; needs PostgreSQL. */
#include "odoo_desk.h"
#include "unit.h"
#include <malloc.h>
#include <stdio.h>

#define CHUNK 2000
#define MISSING 10 /* messages without an order */
#define HELD_MAX ((size_t)3 << 20) /* a page of Odoo's, and the same on its way to the store */
#define LOOK_US (20 * MS_US)
#define PATIENCE_US (1800 * S_US)

static int messages(void)
{
	const char *asked = getenv("ORDERLY_TEST_RECONCILE");

	return asked ? (int)strtol(asked, NULL, 10) : getenv("ORDERLY_TEST_QUICK") ? 600 : 2000;
}

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void);
#define held() __sanitizer_get_current_allocated_bytes()
#else
static size_t held(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
#endif

static int setup(void **state)
{
	struct desk *desk;

	desk_setup_with(state, messages() - MISSING);
	desk = *state;
	desk_check(desk, "orders",
		"{\"model\": \"purchase.order\", \"reference\": {\"field\": \"partner_ref\", \"value\":"
		" \"{business_key}\"}, \"fields\": {\"partner_ref\": \"{business_key}\"}}");
	for (int from = 0; from < messages(); from += CHUNK)
		traffic_ingest(&desk->people,
			"select jsonb_agg(public.ev('orders', 'm-' || n, k, now(), jsonb_build_object('facility',"
			" 'H01', 'business_key', 'HO-' || lpad(n::text, 6, '0'))) order by n, k desc)"
			" from generate_series(%d, %d) n, unnest(array['received', 'delivered']) k",
			from + 1, from + CHUNK < messages() ? from + CHUNK : messages());
	return 0;
}

static bool is_past(struct desk *desk, const char *phase)
{
	return pg_int(desk->people.super,
		"select (array_position(array['count', 'read', 'changed', 'match', 'confirm', 'extra', 'clean',"
		" 'done'], phase) > array_position(array['count', 'read', 'changed', 'match', 'confirm',"
		" 'extra', 'clean', 'done'], '%s'))::int from orderly.reconcile",
		phase);
}

/* What is written to a record that was read already is read again before it is compared. */
static bool changed_what_was_read(struct desk *desk)
{
	if (!pg_int(desk->people.super,
		    "select (phase = 'read' and place > 0)::int from orderly.reconcile"))
		return false;
	desk_write(desk, "partner_ref", "HO-000001", "{\"partner_ref\":\"AN-000001\"}");
	return true;
}

static void little_is_held_however_much_there_is(void **state)
{
	struct desk *desk = *state;
	bool changed = false;
	int64_t begun_us = clock_mono_us(&desk->clock), read_us = 0, now_us = begun_us;
	size_t before = held(), most = before;

	pg_expect_code(desk->people.as[SUPPORT], "done",
		"orderly.reconcile_ask('orders', now() - interval '1 day', now() + interval '30 seconds')");
	for (int64_t look_us = 0; now_us < begun_us + PATIENCE_US;
		now_us = clock_mono_us(&desk->clock)) {
		loop_turn(desk->loop, LOOK_US);
		changed = changed || changed_what_was_read(desk);
		most = held() > most ? held() : most;
		if (now_us < look_us)
			continue;
		look_us = now_us + LOOK_US * 5;
		if (!read_us && is_past(desk, "changed"))
			read_us = now_us - begun_us;
		if (pg_int(desk->people.super,
			    "select (state = 'done')::int from orderly.reconcile"))
			break;
	}
	print_message("%d messages: %.1f s to read, %.1f s in all, %zu KB held at most\n",
		messages(), (double)read_us / 1e6, (double)(now_us - begun_us) / 1e6,
		(most - before) >> 10);
	pg_expect_text(desk->people.super, "done",
		"select concat_ws(' ', state, why) from orderly.reconcile");
	assert_true(changed);
	pg_expect_int(desk->people.super, MISSING + 1,
		"select missing from orderly.reconcile where extra = 1 and duplicate + different = 0");
	pg_expect_int(
		desk->people.super, messages() - MISSING - 1, "select same from orderly.reconcile");
	assert_true(most - before < HELD_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(little_is_held_however_much_there_is),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, desk_teardown);
}
