/* Handovers: what they hold, that two persons sign, and that what was signed stays; filters, silences. */
#include "traffic.h"
#include "unit.h"

#define UNTIL "now() + interval '2 hours'"

static char *drafted(struct people *people)
{
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_draft()");
	return pg_text(people->super, "select max(id) from orderly.handover");
}

/* What lasts, as "kind change"; the changes of the catalogue with which the test begins are left out. */
#define LASTING                                                                 \
	"select string_agg(i.kind || ' ' || i.change, ', ' order by i.nr) from" \
	" orderly.handover_item i join orderly.handover_kind k on k.kind = i.kind and k.lasts where handover = %s"

static void sign(struct people *people, const char *id)
{
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_offer(%s)", id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.handover_acknowledge(%s, array(select nr from orderly.handover_item where handover = %s))",
		id, id);
	pg_expect_code(people->as[APPROVER], "done", "orderly.handover_accept(%s)", id);
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
		"failures new, failures new, emergency new, replay new, replay new", LASTING, id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.handover_write(%s, (select nr from orderly.handover_item where handover = %s and"
		" kind = 'emergency'), 'look at it first')",
		id, id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.handover_write(%s, (select max(nr) from orderly.handover_item where handover = %s and"
		" kind = 'replay'), 'needs the buyer')",
		id, id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.handover_write(%s, null, 'a quiet night')", id);
	free(id);
	id = drafted(people); /* looks again; words stay */
	pg_expect_text(people->as[OPERATOR], "look at it first",
		"select words from orderly.handover_item where handover = %s and kind = 'emergency'",
		id);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_offer(%s)", id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.handover_acknowledge(%s, array(select nr from orderly.handover_item where"
		" handover = %s and kind <> 'replay'))",
		id, id);
	pg_expect_code(people->as[APPROVER], "not_acknowledged", "orderly.handover_accept(%s)", id);
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.handover_acknowledge(%s, array(select nr from orderly.handover_item where"
		" handover = %s))",
		id, id);
	pg_expect_code(people->as[APPROVER], "done", "orderly.handover_accept(%s)", id);
	free(id);
	/* the next one: what is gone, what is still open and its next step, what is new */
	pg_expect_code(people->as[APPROVER], "done",
		"orderly.replay_review((select id from orderly.replay_request where"
		" review_due is not null), true, 'was right')");
	traffic_die(people, "invoices", "next", 1, "target", "next");
	id = drafted(people);
	pg_expect_text(people->as[OPERATOR],
		"failures new, failures open, failures open, emergency gone, replay open, replay open",
		LASTING, id);
	pg_expect_text(people->as[OPERATOR], "needs the buyer",
		"select string_agg(words, ',') from orderly.handover_item where handover = %s", id);
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.handover_void(%s, 'for the test')", id);
	free(id);
	traffic_check(people, "check_handovers");
}

#define TITLES(kinds)                                                                                \
	"select coalesce(string_agg(i.title, '; ' order by i.nr), '-') from orderly.handover_item i" \
	" where i.handover = %s and i.kind in (" kinds ")"

/* What happened since the last one: replays that ended, changes that hold, notes; nothing of before. */
static void what_was_tried_changed_and_written_is_told_once(void **state)
{
	struct people *people = *state;
	char *id, *group;
	int64_t request;

	while (traffic_send(people, 20, "delivered"))
		; /* what the test before has left */
	id = drafted(people);
	sign(people, id);
	free(id);
	traffic_die(people, "stock", "tried", 3, "target", "try it");
	request = traffic_ask(people, "tried%", NULL);
	assert_int_equal(traffic_send(people, 1, "delivered"), 1);
	assert_int_equal(traffic_send(people, 1, "delivered"), 1);
	assert_int_equal(traffic_send(people, 1, "failed"), 1);
	group = pg_text(people->super,
		"select failure_group from orderly.dead_letter l join orderly.message m using (id) where"
		" m.message_id = 'tried2'");
	pg_expect_code(people->as[SUPPORT], "done",
		"orderly.note_add('failure_group', %s, 'the scanner was replaced')", group);
	people_change(people, "setting", "handover.ahead_hours", "{\"value\": 6}");
	id = drafted(people);
	pg_expect_text(people->as[OPERATOR], "true",
		"select (title like 'replay ' || ref || ' of 3 is done: %% delivered, %% not' and ref = '%lld')::text"
		" from orderly.handover_item where handover = %s and kind = 'tried'",
		(long long)request, id);
	pg_expect_text(
		people->as[OPERATOR], "stock: the scanner was replaced", TITLES("'note'"), id);
	pg_expect_text(people->as[OPERATOR], "setting handover.ahead_hours",
		"select string_agg(substring(title from ': (.*)'), '; ') from orderly.handover_item where"
		" handover = %s and kind = 'changed'",
		id);
	sign(people, id);
	free(id);
	id = drafted(people);
	pg_expect_text(people->as[OPERATOR], "-", TITLES("'tried', 'note', 'changed'"), id);
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.handover_void(%s, 'for the test')", id);
	free(id);
	free(group);
}

/* A due time so many hours from now, as the catalogue has it. */
static char *due(struct people *people, const char *hours)
{
	return pg_text(people->super,
		"select to_char((now() + interval '%s hours') at time zone 'UTC', 'HH24:MI')",
		hours);
}

static void batch(struct people *people, const char *code, const char *hours)
{
	CLEANUP(str_done)
	struct str doc = STR_INIT(4096);
	char *at = due(people, hours);

	str_addf(&doc,
		"{\"title\": \"B\", \"source\": \"odoo\", \"target\": \"ghx\", \"style\": \"batch\","
		" \"timing\": \"batch\", \"data_class\": \"internal\", \"batch_due\": \"%s\"}",
		at);
	people_change(people, "interface", code, str_cstr(&doc));
	free(at);
}

static void what_the_next_hours_bring_is_told(void **state)
{
	struct people *people = *state;
	char *id, *group;

	batch(people, "night-soon", "3");
	batch(people, "night-late", "-2");
	batch(people, "night-far", "11"); /* further than the six hours that are set above */
	traffic_die(people, "stock", "sleep", 1, "target", "wait for the vendor");
	group = pg_text(people->super,
		"select failure_group from orderly.dead_letter l join orderly.message m using (id) where"
		" m.message_id = 'sleep1'");
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.failure_group_snooze(%s, 1000000, now() + interval '1 hour', 'vendor')",
		group);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.silence_add((select id from orderly.interface where code = 'orders'), 'burn', " UNTIL
		", 'maintenance')");
	people_change(people, "credential", "vpn",
		"{\"title\": \"V\", \"kind\": \"other\","
		" \"expires_on\": \"2026-01-31\"}");
	people_change(people, "credential", "far",
		"{\"title\": \"V\", \"kind\": \"other\","
		" \"expires_on\": \"2099-01-31\"}");
	pg_do(people->super,
		"insert into orderly.odoo_probe (worker, server, ok, class, message)"
		" select 'a', 'http://odoo.example:8069 erp', false, 'unreachable', 'no route' from generate_series(1, 2)");
	id = drafted(people);
	pg_expect_text(people->as[OPERATOR],
		"night-soon: batch is due at", /* it was not there then */
		"select string_agg(left(title, -10), '; ' order by title) from orderly.handover_item"
		" where handover = %s and kind = 'batch'",
		id);
	pg_do(people->super,
		"update orderly.catalogue_version set at = now() - interval '1 day' where code like 'night-%%'");
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_draft()");
	pg_expect_text(people->as[OPERATOR], "true",
		"select (title like 'Odoo is down since %%' and nr = 1 and detail ->> 'detail' = 'no route')::text"
		" from orderly.handover_item where handover = %s and kind = 'system'",
		id);
	pg_do(people->super, "delete from orderly.odoo_probe");
	pg_expect_text(people->as[OPERATOR],
		"night-late: batch is late, due since; night-soon: batch is due at",
		"select string_agg(left(title, -10), '; ' order by title) from orderly.handover_item"
		" where handover = %s and kind = 'batch'",
		id);
	pg_expect_text(people->as[OPERATOR], "true",
		"select (count(*) = 1 and min(title) like 'stock: sleeps until %%')::text"
		" from orderly.handover_item where handover = %s and kind = 'snooze'",
		id);
	pg_expect_text(people->as[OPERATOR], "true",
		"select (min(title) like 'orders burn is silenced until %%')::text"
		" from orderly.handover_item where handover = %s and kind = 'silence'",
		id);
	pg_expect_text(people->as[OPERATOR], "vpn has expired on 2026-01-31 00:00 UTC",
		TITLES("'credential'"), id);
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.handover_void(%s, 'for the test')", id);
	pg_do(people->super, "delete from orderly.silence");
	free(id);
	free(group);
}

static void what_is_signed_is_fresh(void **state)
{
	struct people *people = *state;
	char *id = drafted(people);

	pg_do(people->super,
		"update orderly.handover set facts_at = now() - interval '31 minutes' where id = %s",
		id);
	pg_expect_code(people->as[OPERATOR], "old_facts", "orderly.handover_offer(%s)", id);
	free(id);
	id = drafted(people);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.handover_offer(%s)", id);
	pg_expect_code(people->as[SUPPORT], "done", "orderly.handover_export(%s, '/tmp/x.md')", id);
	pg_expect_code(
		people->as[SUPPORT], "not_found", "orderly.handover_export(-1, '/tmp/x.md')");
	pg_expect_code(
		people->as[SECURITY], "role", "orderly.handover_export(%s, '/tmp/x.md')", id);
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.handover_void(%s, 'for the test')", id);
	free(id);
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
		cmocka_unit_test(what_was_tried_changed_and_written_is_told_once),
		cmocka_unit_test(what_the_next_hours_bring_is_told),
		cmocka_unit_test(what_is_signed_is_fresh),
		cmocka_unit_test(every_act_in_every_state_does_what_the_table_says),
		cmocka_unit_test(two_persons_sign_and_what_is_signed_stays),
		cmocka_unit_test(a_filter_is_ones_own_unless_it_is_shared),
		cmocka_unit_test(a_silence_has_an_end_and_a_reason),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/handover", tests, traffic_setup, people_teardown);
}
