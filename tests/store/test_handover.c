/* Handovers: what they hold, that two persons sign, and that what was signed stays; filters, silences. */
#include "traffic.h"
#include "unit.h"

#define UNTIL "now() + interval '2 hours'"

static char *drafted(struct people *people)
{
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_draft()");
	return pg_text(people->super, "select max(id) from orderly.handover");
}

static void a_handover_holds_what_is_open_and_tells_it_from_the_last(void **state)
{
	struct people *people = *state;
	char *id;

	traffic_die(people, "orders", "hand", 2, "target", "handed over");
	traffic_ask(people, "hand1", NULL);
	traffic_die(people, "stock", "urgent", 1, "target", "urgent");
	traffic_ask(people, "urgent1", "{\"emergency\": true}");
	id = drafted(people);
	pg_expect_text(people->as[OPERATOR],
		"emergency new, replay new, replay new, failures new, failures new",
		"select string_agg(kind || ' ' || change, ', ' order by nr) from orderly.handover_item where handover = %s",
		id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.handover_write(%s, 1, 'look at it first')", id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.handover_write(%s, null, 'a quiet night')", id);
	free(id);
	id = drafted(people); /* looks again; words stay */
	pg_expect_text(people->as[OPERATOR], "look at it first",
		"select words from orderly.handover_item where handover = %s"
		" and kind = 'emergency'",
		id);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_offer(%s)", id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.handover_acknowledge(%s, array[1, 2, 3, 4])", id);
	pg_expect_code(people->as[APPROVER], "not_acknowledged", "orderly.handover_accept(%s)", id);
	pg_expect_code(
		people->as[APPROVER], "done", "orderly.handover_acknowledge(%s, array[5])", id);
	pg_expect_code(people->as[APPROVER], "done", "orderly.handover_accept(%s)", id);
	free(id);
	/* the next one: what is gone, what is still open, what is new */
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_review((select id from orderly.replay_request where"
		" review_due is not null), true, 'was right')");
	traffic_die(people, "invoices", "next", 1, "target", "next");
	id = drafted(people);
	pg_expect_text(people->as[OPERATOR],
		"failures new, replay open, replay open, failures open, failures open, emergency gone",
		"select string_agg(kind || ' ' || change, ', ' order by nr) from orderly.handover_item where handover = %s",
		id);
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.handover_void(%s, 'for the test')", id);
	free(id);
	traffic_check(people, "check_handovers");
}

/* Every act in every state, by the table. */
static void every_act_in_every_state_does_what_the_table_says(void **state)
{
	static const char *const states[] = {"draft", "offered", "done", "void"};
	static const struct {
		const char *act, *call;
		enum who who;
	} acts[] = {
		{"write", "handover_write(@, null, 'words')", OPERATOR},
		{"offer", "handover_offer(@)", OPERATOR},
		{"acknowledge",
			"handover_acknowledge(@, array(select nr from orderly.handover_item where handover = @))",
			APPROVER},
		{"accept", "handover_accept(@)", APPROVER},
		{"void", "handover_void(@, 'a reason')", OPERATOR},
	};
	struct people *people = *state;

	for (size_t a = 0; a < ARRAY_LEN(acts); a++)
		for (size_t s = 0; s < ARRAY_LEN(states); s++) {
			char *id = drafted(people), *becomes, *call;

			pg_expect_code(
				people->as[OPERATOR], "done", "orderly.handover_offer(%s)", id);
			pg_expect_code(people->as[APPROVER], "done",
				"orderly.handover_acknowledge(%s, array(select"
				" nr from orderly.handover_item where handover = %s))",
				id, id);
			pg_do(people->super,
				"update orderly.handover set state = '%s', accepted_at = %s where id = %s",
				states[s], strcmp(states[s], "done") == 0 ? "now()" : "null", id);
			becomes = pg_text(people->super,
				"select coalesce((select becomes from orderly.act_rule where machine ="
				" 'handover' and act = '%s' and state = '%s'), '')",
				acts[a].act, states[s]);
			call = pg_text(people->super, "select replace($q$%s$q$, '@', '%s')",
				acts[a].call, id);
			pg_expect_code(people->as[acts[a].who], *becomes ? "done" : "state",
				"orderly.%s", call);
			pg_expect_text(people->super, *becomes ? becomes : states[s],
				"select state from orderly.handover where id = %s", id);
			pg_do(people->super,
				"update orderly.handover set state = 'void', accepted_at = null where id = %s",
				id);
			free(call);
			free(becomes);
			free(id);
		}
}

static void two_persons_sign_and_what_is_signed_stays(void **state)
{
	struct people *people = *state;
	char *twin = pg_login(people->db, "twin", "approver"), *id = drafted(people);
	PGconn *conn;

	pg_expect_code(people->as[SUPPORT], "role", "orderly.handover_draft()");
	pg_expect_code(
		people->as[NARROW], "not_yours", "orderly.handover_write(%s, null, 'mine')", id);
	pg_expect_code(people->as[NARROW], "not_yours", "orderly.handover_offer(%s)", id);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_offer(%s)", id);
	pg_expect_code(people->as[OPERATOR], "draft_open", "orderly.handover_draft()");
	pg_expect_code(people->as[OPERATOR], "own_handover", "orderly.handover_accept(%s)", id);
	pg_do(people->super,
		"select orderly.login_add('%s', 'operator'), orderly.scope_set('%s', '{*}', '{*}',"
		" '{internal,phi}')",
		twin, twin);
	conn = pg_as(people->db, twin);
	pg_expect_code(conn, "own_handover", "orderly.handover_acknowledge(%s, array[1])", id);
	PQfinish(conn);
	free(twin);
	pg_expect_error(people->super, "23514",
		"update orderly.handover set incoming = outgoing where id = %s", id);
	pg_expect_code(
		people->as[NARROW], "not_found", "orderly.handover_acknowledge(%s, array[1])", id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.handover_acknowledge(%s, array(select nr from"
		" orderly.handover_item where handover = %s))",
		id, id);
	pg_expect_code(people->as[APPROVER2], "not_yours", "orderly.handover_accept(%s)", id);
	pg_expect_code(people->as[APPROVER], "done", "orderly.handover_accept(%s)", id);
	traffic_check(people, "check_handovers");
	pg_do(people->super,
		"update orderly.handover_item set title = 'all is well' where handover = %s and nr = 1",
		id);
	pg_expect_int(
		people->super, 1, "select count(*) from orderly.check_handovers() where not ok");
	free(id);
}

static void a_filter_is_ones_own_unless_it_is_shared(void **state)
{
	struct people *people = *state;
	char *id;

	pg_expect_code(
		people->as[SUPPORT], "name", "orderly.filter_save('tail', ' ', 'state:dead')");
	pg_expect_code(
		people->as[SUPPORT], "text", "orderly.filter_save('Tail', 'mine', 'state:dead')");
	pg_expect_error(
		people->as[INGEST], "42501", "select orderly.filter_save('tail', 'x', 'y')");
	pg_expect_code(
		people->as[SUPPORT], "done", "orderly.filter_save('tail', 'mine', 'state:dead')");
	pg_expect_code(people->as[SUPPORT], "done",
		"orderly.filter_save('tail', 'mine', 'state:dead age>1h')");
	pg_expect_text(people->as[SUPPORT], "state:dead age>1h",
		"select filter from orderly.saved_filter");
	pg_expect_int(people->as[OPERATOR], 0, "select count(*) from orderly.saved_filter");
	pg_expect_code(people->as[SUPPORT], "done",
		"orderly.filter_save('tail', 'mine', 'state:dead', true)");
	pg_expect_int(people->as[OPERATOR], 1, "select count(*) from orderly.saved_filter");
	id = pg_text(people->super, "select id from orderly.saved_filter");
	pg_expect_code(people->as[OPERATOR], "not_found", "orderly.filter_drop(%s)", id);
	pg_expect_code(people->as[SUPPORT], "done", "orderly.filter_drop(%s)", id);
	free(id);
}

static void a_silence_has_an_end_and_a_reason(void **state)
{
	struct people *people = *state;
	char *orders = pg_text(
		     people->super, "select id from orderly.interface where code = 'orders'"),
	     *id;

	pg_expect_code(people->as[SUPPORT], "role",
		"orderly.silence_add(%s, null, " UNTIL ", 'maintenance')", orders);
	pg_expect_code(people->as[OPERATOR], "reason",
		"orderly.silence_add(%s, null, " UNTIL ", '')", orders);
	pg_expect_code(people->as[OPERATOR], "until",
		"orderly.silence_add(%s, null, now(), 'maintenance')", orders);
	pg_expect_code(people->as[OPERATOR], "until",
		"orderly.silence_add(%s, null, now() + interval '8 days', 'long')", orders);
	pg_expect_code(people->as[OPERATOR], "not_found",
		"orderly.silence_add(-1, null, " UNTIL ", 'maintenance')");
	pg_expect_code(people->as[NARROW], "not_found",
		"orderly.silence_add(%s, null, " UNTIL ", 'maintenance')", orders);
	pg_expect_code(people->as[NARROW], "scope",
		"orderly.silence_add(null, null, " UNTIL ", 'maintenance')");
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.silence_add(%s, 'burn', " UNTIL ", 'maintenance')", orders);
	pg_expect_text(people->super, "true false false",
		"select concat_ws(' ', orderly.silenced(%s, 'burn')::text,"
		" orderly.silenced(%s, 'queue')::text, orderly.silenced(%s + 1, 'burn')::text)",
		orders, orders, orders);
	id = pg_text(people->super, "select id from orderly.silence");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.silence_end(%s, 'done early')", id);
	pg_expect_code(people->as[OPERATOR], "state", "orderly.silence_end(%s, 'done early')", id);
	pg_expect_text(people->super, "false", "select orderly.silenced(%s, 'burn')::text", orders);
	free(id);
	free(orders);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handover_holds_what_is_open_and_tells_it_from_the_last),
		cmocka_unit_test(every_act_in_every_state_does_what_the_table_says),
		cmocka_unit_test(two_persons_sign_and_what_is_signed_stays),
		cmocka_unit_test(a_filter_is_ones_own_unless_it_is_shared),
		cmocka_unit_test(a_silence_has_an_end_and_a_reason),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/handover", tests, traffic_setup, people_teardown);
}
