/* A dead letter's way through two consoles on one store: an operator asks, an approver sees it come,
 * decides, and a worker sends; who may not is refused, and the audit has it all.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "people.h"
#include "traffic.h"
#include "unit.h"

struct triage {
	struct people people;
};

static int setup(void **state)
{
	struct triage *me = NEW(struct triage);

	traffic_open(&me->people, "triage");
	*state = me;
	return 0;
}

static int teardown(void **state)
{
	struct triage *me = *state;

	people_close(&me->people);
	free(me);
	return 0;
}

static struct pty *console_of(struct triage *me, enum who who, const char *view)
{
	struct pty_options options = {.width = 120, .height = 40};
	struct desk desk = {.database = me->people.db, .conninfo = STR_INIT(4096)};
	struct pty *pty;

	str_addf(&desk.conninfo, "host='%s' dbname=%s user=%s", getenv("ORDERLY_TEST_PG"),
		me->people.db, me->people.login[who]);
	pty = desk_open(&desk, &options, "--view", view, NULL);
	pty_expect(pty, "store ok");
	pty_expect(pty, who == OPERATOR ? "operator operator" : "approver");
	str_done(&desk.conninfo);
	return pty;
}

static void leave(struct pty *pty)
{
	pty_keys(pty, "q");
	pty_expect_exit(pty, 0);
	pty_expect_restored(pty);
}

static void asked_decided_and_sent_by_three(void **state)
{
	struct triage *me = *state;

	traffic_die(&me->people, "orders", "PO-", 12, "mapping", "cost centre 8841 unknown");
	CLEANUP(pty_closep) struct pty *operator = console_of(me, OPERATOR, "dead");
	CLEANUP(pty_closep) struct pty *approver = console_of(me, APPROVER, "overview");

	pty_expect(operator, "DEAD 12 .*UNOWNED 12");
	pty_keys(operator, "o");
	pty_expect(operator, "type 12");
	pty_keys(operator, "12<Enter><Enter>");
	pty_expect(operator, "own · 12 done");
	pty_expect(operator, "DEAD 12 .*UNOWNED 0");
	pty_keys(operator, "R");
	pty_expect(operator, "needs 1 approval");
	pty_keys(operator, "<Enter>");
	pty_expect(operator, "Ask for a replay of 12");
	pty_keys(operator, "master data is fixed<Enter><Enter><Enter>12<Enter><Enter>");
	pty_expect(operator, "ask · 12 done");
	pty_expect(operator, "nobody has decided yet");

	/* Nobody pressed a key there. */
	pty_expect(approver, "5 Replays 1");
	pty_keys(approver, "5");
	pty_expect(approver, "asked +decide +12 +0/1");
	pty_keys(approver, "A<Enter>11<Enter><Enter>");
	pty_expect(approver, "this is not the number");
	pty_keys(approver, "<BS>2<Enter><Enter>");
	pty_expect(approver, "approve: done");
	pty_expect(operator, "approved by ");
	pty_expect_gone(approver, "5 Replays 1");

	while (traffic_send(&me->people, 20, "delivered"))
		;
	pty_expect(operator, "12 settled, 0 bad");
	pty_expect(operator, "delivered");
	leave(operator);
	leave(approver);
	pg_expect_int(me->people.super, 12,
		"select count(*) from orderly.dead_letter where state = 'resolved'");
	pg_expect_text(me->people.super,
		"failure_group_own done, replay_ask done, replay_approve done",
		"select string_agg(act || ' ' || outcome, ', ' order by id) from orderly.audit"
		" where act in ('failure_group_own', 'replay_ask', 'replay_approve', 'replay_reject')");
	traffic_check(&me->people, "check_replays");
	traffic_check(&me->people, "check_dead_letters");
}

/* The console knows the roles and spares the asking; what it cannot know, the store refuses. */
static void one_who_may_not_is_refused(void **state)
{
	struct triage *me = *state;
	int64_t id;

	traffic_die(&me->people, "invoices", "INV-", 1, "mapping", "tax code unknown");
	id = traffic_ask(&me->people, "INV-%", NULL);
	CLEANUP(pty_closep) struct pty *operator = console_of(me, OPERATOR, "replays");
	CLEANUP(pty_closep) struct pty *approver = console_of(me, APPROVER, "replays");

	pty_expect(operator, "asked +yours +1 +0/2");
	pty_keys(operator, "A");
	pty_expect(operator, "replay-approve is for approver; you are operator");
	pty_expect(approver, "asked +decide +1 +0/2");
	pty_keys(approver, "A<Enter><Enter>");
	pty_expect(approver, "approve: done");
	pty_expect(approver, "1/2");
	pty_keys(approver, "A<Enter><Enter>");
	pty_expect(approver, "approve refused: you have decided about this already");
	pty_keys(operator, "Wnot needed any more<Enter><Enter>");
	pty_expect(operator, "withdraw: done");
	leave(operator);
	leave(approver);
	pg_expect_text(me->people.super, "cancelled",
		"select state from orderly.replay_request where id = %lld", (long long)id);
	pg_expect_text(me->people.super, "replay_approve done, replay_approve decided, replay_cancel done",
		"select string_agg(act || ' ' || coalesce(code, outcome), ', ' order by id) from orderly.audit"
		" where object = 'replay' and object_id = '%lld' and act <> 'replay_ask'", (long long)id);
}

/* Members one by one and tagged: what the store refuses of several is said. */
static void several_are_discarded_and_one_is_refused(void **state)
{
	struct triage *me = *state;

	traffic_die(&me->people, "stock", "ST-", 3, "timeout", "no answer in 30 s");
	CLEANUP(pty_closep) struct pty *operator = console_of(me, OPERATOR, "dead");

	pty_expect(operator, "stock .*no answer");
	pty_keys(operator, "/no answer<Enter><Enter>");
	pty_expect(operator, "ST-3");
	pg_expect_code(me->people.as[OPERATOR], "done",
		"orderly.dead_letter_discard(array(select l.id from orderly.dead_letter l"
		" join orderly.message m on m.id = l.id where m.message_id = 'ST-2'), 'gone')");
	pty_keys(operator, "*D");
	pty_expect(operator, "Discard: 3 dead letters");
	pty_keys(operator, "the buyer called it off<Enter>3<Enter><Enter>");
	pty_expect(operator, "discard · 2 done · not done: 1 ");
	pty_expect(operator, "none of this group is unresolved");
	leave(operator);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_decided_and_sent_by_three),
		cmocka_unit_test(one_who_may_not_is_refused),
		cmocka_unit_test(several_are_discarded_and_one_is_refused),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
