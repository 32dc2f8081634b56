/* The whole way with nothing left out: an operator's console, an approver's, a store, orderlyd and a target
 * over a real socket. What was asked and approved has arrived once, what was rejected has not, an emergency
 * waits for its review, and what may or may not have arrived is settled by a person.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "desk.h"
#include "stage.h"
#include "unit.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
	struct stage *stage = NEW(struct stage);
	char *endpoint;

	stage_open(stage, "console_relay");
	stage_target(stage, 0, false); /* applies whatever it is sent */
	endpoint = stage_endpoint(stage, 0, ", \"timeout_s\": 1");
	stage_interface(stage, "claims", ", \"replay_policy\": \"one\"", endpoint);
	stage_interface(
		stage, "beds", ", \"replay_policy\": \"two\", \"emergency_limit\": 2", endpoint);
	stage_orderlyd(stage, 0);
	free(endpoint);
	*state = stage;
	return 0;
}

static int teardown(void **state)
{
	stage_end(*state, 0, SIGTERM);
	stage_close(*state);
	free(*state);
	return 0;
}

static struct pty *console_of(struct stage *stage, enum who who, const char *view)
{
	return desk_as(stage->people.db, stage->people.login[who], view);
}

/* Marks the group of that fault, and asks for all of it. */
static void ask_for(struct pty *operator, const char * fault, int n, const char *reason)
{
	CLEANUP(str_done)
	struct str line = STR_INIT(200);

	pty_expect(operator, fault);
	str_addf(&line, "/%s<Enter>R", fault);
	pty_keys(operator, str_cstr(&line));
	pty_expect(operator, "needs [12] approval");
	pty_keys(operator, "<Enter>");
	str_reset(&line);
	str_addf(&line, "Ask for a replay of %d", n);
	pty_expect(operator, str_cstr(&line));
	str_reset(&line);
	str_addf(&line, "%s<Enter><Enter><Enter>", reason);
	pty_keys(operator, str_cstr(&line));
}

/* What the target has applied, as it says itself. */
static void expect_applied(struct stage *stage, const char *prefix, int n)
{
	char *ledger = stage_ask(stage, 0, "/sim/ledger", NULL);
	CLEANUP(str_done)
	struct str start = STR_INIT(100);
	int seen = 0;

	str_addf(&start, "%s0000", prefix);
	for (const char *at = ledger; (at = strstr(at, str_cstr(&start))); at += start.len)
		seen += at == ledger || at[-1] == '\n';
	if (seen != n)
		fail_msg("%d of %s instead of %d:\n%s", seen, prefix, n, ledger);
	free(ledger);
	assert_int_equal(stage_count(stage, 0, "twice"), 0);
}

static void what_two_persons_wanted_arrives_once(void **state)
{
	struct stage *stage = *state;

	stage_die(stage, "claims", "CL-", 9, 0);
	CLEANUP(pty_closep)
	struct pty *operator= console_of(stage, OPERATOR, "dead");
	CLEANUP(pty_closep)
	struct pty *approver = console_of(stage, APPROVER, "overview");

	ask_for(operator, "claims", 9, "the payer is back");
	pty_keys(operator, "9<Enter><Enter>");
	pty_expect(operator, "ask · 9 done");
	pty_expect(operator, "nobody has decided yet");
	expect_applied(stage, "CL-", 0);
	/* Nobody pressed a key there. */
	pty_expect(approver, "5 Replays 1");
	pty_keys(approver, "5");
	pty_expect(approver, "asked +decide +9 +0/1");
	pty_keys(approver, "A");
	pty_expect(approver, "as it is now 9 eligible");
	pty_keys(approver, "A<Enter>9<Enter><Enter>");
	pty_expect(approver, "approve: done");
	pty_expect(approver, "9 of 9 settled, 0 bad");
	pty_expect(operator, "done +9 items");
	expect_applied(stage, "CL-", 9);
	pty_keys(approver, "8v");
	pty_expect(approver, "Verify the audit");
	pty_keys(approver, "<Enter><Enter>");
	pty_expect(approver, "^ whole: [0-9,]+ links");
	desk_leave(operator);
	desk_leave(approver);
	pg_expect_int(stage->people.super, 9,
		"select count(*) from orderly.dead_letter where state = 'resolved'");
	traffic_check(&stage->people, "check_replays");
}

static void what_one_of_them_did_not_want_never_leaves(void **state)
{
	struct stage *stage = *state;

	stage_die(stage, "claims", "NO-", 2, 0);
	CLEANUP(pty_closep)
	struct pty *operator= console_of(stage, OPERATOR, "dead");
	CLEANUP(pty_closep)
	struct pty *approver = console_of(stage, APPROVER, "replays");

	ask_for(operator, "claims", 2, "once more");
	pty_keys(operator, "2<Enter><Enter>");
	pty_expect(operator, "nobody has decided yet");
	pty_keys(operator, "A");
	pty_expect(operator, "replay-approve is for approver; you are operator");
	pty_expect(approver, "asked +decide +2 +0/1");
	pty_keys(approver, "X");
	pty_expect(approver, "Reject replay");
	pty_keys(approver, "they were paid by hand<Enter><Enter>");
	pty_expect(approver, "reject: done");
	pty_expect(operator, "rejected by approver.*they were paid by hand");
	expect_applied(stage, "NO-", 0);
	desk_leave(operator);
	desk_leave(approver);
}

static void an_emergency_arrives_at_once_and_is_reviewed(void **state)
{
	struct stage *stage = *state;

	stage_die(stage, "beds", "EM-", 2, 0);
	CLEANUP(pty_closep)
	struct pty *operator= console_of(stage, OPERATOR, "dead");
	CLEANUP(pty_closep)
	struct pty *approver = console_of(stage, APPROVER, "replays");

	ask_for(operator, "beds", 2, "ward 4 is blind");
	pty_keys(operator, "<Right>");
	pty_expect(operator, "< yes >");
	pty_keys(operator, "<Enter>2<Enter><Enter>");
	pty_expect(operator, "EMERGENCY, to be reviewed");
	pty_expect(operator, "2 of 2 settled, 0 bad");
	expect_applied(stage, "EM-", 2);
	expect_applied(stage, "NO-", 0); /* the relay has been round since */
	pty_expect(approver, "done +review +2");
	pty_keys(approver, "w");
	pty_expect(approver, "Review emergency");
	pty_keys(approver, "<Enter>it was right to do so<Enter><Enter>");
	pty_expect(approver, "review: done");
	pty_expect(operator, "emergency, reviewed");
	desk_leave(operator);
	desk_leave(approver);
	pg_expect_text(stage->people.super, "emergency t t",
		"select concat_ws(' ', policy, review_ok, reviewed_at < review_due) from orderly.replay_request"
		" where review_due is not null");
}

/* The target took it and said nothing: nobody sends it again, and the console asks a person. */
static void what_is_in_doubt_a_person_settles_on_the_record(void **state)
{
	struct stage *stage = *state;

	stage_die(stage, "claims", "TO-", 1, 0);
	stage_fault(stage, 0, "timeout-after-commit:1");
	traffic_approve(&stage->people, traffic_ask(&stage->people, "TO-00001", NULL));
	CLEANUP(pty_closep)
	struct pty *operator= console_of(stage, OPERATOR, "replays");

	pty_expect(operator, "0/1 +1 +1 +operator");
	pty_keys(operator, "i");
	pty_expect(operator, "TO-00001");
	pty_expect(operator, "timeout");
	expect_applied(stage, "TO-", 1);
	pty_keys(operator, "D");
	pty_expect(operator, "delivered");
	pty_keys(operator, "<Enter>their log has it at 14:02<Enter><Enter>");
	pty_expect(operator, "resolve: done");
	desk_leave(operator);
	expect_applied(stage, "TO-", 1);
	pg_expect_text(stage->people.super, "delivered person:delivered 1 resolved",
		"select concat_ws(' ', i.state, i.outcome, i.sends, l.state) from orderly.replay_item i"
		" join orderly.dead_letter l on l.id = i.dead_letter join orderly.message m on m.id = l.id"
		" where m.message_id = 'TO-00001'");
	pg_expect_text(stage->people.super, "done their log has it at 14:02",
		"select outcome || ' ' || reason from orderly.audit where act = 'replay_resolve'");
	traffic_check(&stage->people, "check_replays");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_two_persons_wanted_arrives_once),
		cmocka_unit_test(what_one_of_them_did_not_want_never_leaves),
		cmocka_unit_test(an_emergency_arrives_at_once_and_is_reviewed),
		cmocka_unit_test(what_is_in_doubt_a_person_settles_on_the_record),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
