/* A dead letter's way through two consoles on one store: an operator asks, an approver sees it come,
 * decides, and a worker sends; who may not is refused, an edit is decided about as an edit, an emergency
 * is reviewed, and the audit has it all and is whole.
 * Called by the suite; needs PostgreSQL and libvterm. */
#include "base/file.h"
#include "desk.h"
#include "people.h"
#include "traffic.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static struct pty *console_with(
	struct triage *me, enum who who, const char *view, const char *const *env)
{
	struct pty_options options = {.width = 120, .height = 40, .env = env};
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

static struct pty *console_of(struct triage *me, enum who who, const char *view)
{
	return console_with(me, who, view, NULL);
}

/* From whatever view: all that was done is sealed, and the chain is whole. */
static void expect_whole(struct triage *me, struct pty *pty)
{
	traffic_duty(&me->people, "seal");
	pty_keys(pty, "8");
	pty_expect(pty, "sealed: ");
	pty_keys(pty, "v");
	pty_expect(pty, "Verify the audit");
	pty_keys(pty, "<Enter><Enter>");
	pty_expect(pty, "^ whole: [0-9,]+ links");
}

static void asked_decided_and_sent_by_three(void **state)
{
	struct triage *me = *state;

	traffic_die(&me->people, "orders", "PO-", 12, "mapping", "cost centre 8841 unknown");
	CLEANUP(pty_closep)
	struct pty *operator= console_of(me, OPERATOR, "dead");
	CLEANUP(pty_closep)
	struct pty *approver = console_of(me, APPROVER, "overview");

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
	pty_keys(approver, "A");
	pty_expect(approver, "once more to decide");
	pty_expect(approver, "as it is now 12 eligible");
	pty_keys(approver, "A<Enter>11<Enter><Enter>");
	pty_expect(approver, "this is not the number");
	pty_keys(approver, "<BS>2<Enter><Enter>");
	pty_expect(approver, "approve: done");
	pty_expect(operator, "approved by ");
	pty_expect_gone(approver, "5 Replays 1");

	while (traffic_send(&me->people, 20, "delivered"))
		;
	pty_expect(operator, "12 settled, 0 bad");
	pty_expect(operator, "done +12 items");
	pty_expect(approver, "12 of 12 settled, 0 bad");
	expect_whole(me, approver);
	pty_expect(approver, "replay_approve");
	desk_leave(operator);
	desk_leave(approver);
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
	CLEANUP(pty_closep)
	struct pty *operator= console_of(me, OPERATOR, "replays");
	CLEANUP(pty_closep)
	struct pty *approver = console_of(me, APPROVER, "replays");

	pty_expect(operator, "asked +yours +1 +0/2");
	pty_keys(operator, "A");
	pty_expect(operator, "replay-approve is for approver; you are operator");
	pty_expect(approver, "asked +decide +1 +0/2");
	pty_keys(approver, "A");
	pty_expect(approver, "once more to decide");
	pty_keys(approver, "A<Enter><Enter>");
	pty_expect(approver, "approve: done");
	pty_expect(approver, "1 of 2 approvals");
	pty_keys(approver, "A<Enter><Enter>");
	pty_expect(approver, "approve refused: you have decided about this already");
	pty_keys(operator, "Wnot needed any more<Enter><Enter>");
	pty_expect(operator, "withdraw: done");
	desk_leave(operator);
	desk_leave(approver);
	pg_expect_text(me->people.super, "cancelled",
		"select state from orderly.replay_request where id = %lld", (long long)id);
	pg_expect_text(me->people.super,
		"replay_approve done, replay_approve decided, replay_cancel done",
		"select string_agg(act || ' ' || coalesce(code, outcome), ', ' order by id) from orderly.audit"
		" where object = 'replay' and object_id = '%lld' and act <> 'replay_ask'",
		(long long)id);
}

/* Two approvers are wanted, the second says no: nothing is sent, and the operator reads why. */
static void one_of_two_says_no(void **state)
{
	struct triage *me = *state;
	int64_t id;

	traffic_die(&me->people, "invoices", "NO-", 2, "mapping", "tax code unknown");
	id = traffic_ask(&me->people, "NO-%", NULL);
	CLEANUP(pty_closep)
	struct pty *operator= console_of(me, OPERATOR, "replays");
	CLEANUP(pty_closep)
	struct pty *first = console_of(me, APPROVER, "replays");
	CLEANUP(pty_closep)
	struct pty *second = console_of(me, APPROVER2, "replays");

	pty_keys(operator, "<Enter>");
	pty_expect(operator, "nobody has decided yet");
	pty_keys(first, "A");
	pty_expect(first, "once more to decide");
	pty_keys(first, "A<Enter>2<Enter><Enter>");
	pty_expect(first, "approve: done");
	pty_expect(operator, "approved by approver");
	pty_expect(second, "asked +decide +2 +1/2");
	pty_keys(second, "X");
	pty_expect(second, "Reject replay");
	pty_keys(second, "the tax table is not live yet<Enter><Enter>");
	pty_expect(second, "reject: done");
	pty_expect(operator, "rejected by approver.*the tax table is not live yet");
	assert_int_equal(traffic_send(&me->people, 20, "delivered"), 0);
	desk_leave(operator);
	desk_leave(first);
	desk_leave(second);
	pg_expect_text(me->people.super, "rejected",
		"select state from orderly.replay_request where id = %lld", (long long)id);
	traffic_expect_letters(&me->people, "NO-%", "open open");
}

/* One person, at once, with a reason; until somebody has reviewed it, it stays in everyone's list. */
static void an_emergency_is_used_and_reviewed(void **state)
{
	struct triage *me = *state;

	traffic_die(&me->people, "stock", "EM-", 2, "target", "out of service");
	CLEANUP(pty_closep)
	struct pty *operator= console_of(me, OPERATOR, "dead");
	CLEANUP(pty_closep)
	struct pty *approver = console_of(me, APPROVER, "replays");

	pty_expect(operator, "stock .*out of service");
	pty_keys(operator, "/out of service<Enter>R");
	pty_expect(operator, "allowed as an emergency");
	pty_keys(operator, "<Enter>");
	pty_expect(operator, "Ask for a replay of 2");
	pty_keys(operator, "theatre 3 waits<Enter><Enter><Enter><Right>");
	pty_expect(operator, "< yes >");
	pty_keys(operator, "<Enter>2<Enter><Enter>");
	pty_expect(operator, "EMERGENCY, to be reviewed");
	while (traffic_send(&me->people, 20, "delivered"))
		;
	pty_expect(operator, "2 of 2 settled, 0 bad");
	pty_expect(approver, "done +review +2");
	pty_keys(approver, "w");
	pty_expect(approver, "Review emergency");
	pty_keys(approver, "<Enter>it was right to do so<Enter><Enter>");
	pty_expect(approver, "review: done");
	pty_expect_gone(approver, "done +review +2");
	pty_expect(operator, "emergency, reviewed");
	desk_leave(operator);
	desk_leave(approver);
	pg_expect_text(me->people.super, "emergency t done",
		"select concat_ws(' ', policy, review_ok, state) from orderly.replay_request"
		" where review_due is not null");
}

/* A program that stands for an editor: writes down what it was given, and changes it. */
static void write_editor(struct str *path)
{
	static const char script[] = "#!/bin/sh\n"
				     "stat -c '%a %n' \"$1\" > \"$0.seen\"\n"
				     "cp \"$1\" \"$1~\"\n"
				     "sed -i 's/1/7/' \"$1\"\n";

	str_addf(path, "%s/editor", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_int_equal(file_write(str_cstr(path), slice_of(script), 0700, NULL), 0);
}

/* Its file was closed to others while it lasted, and is gone with all that lay beside it. */
static void expect_gone_without_a_trace(struct str *editor)
{
	CLEANUP(str_done)
	struct str seen = STR_INIT(4096), path = STR_INIT(4096);

	str_adds(editor, ".seen");
	assert_int_equal(file_read(str_cstr(editor), &seen, NULL), 0);
	assert_memory_equal(seen.at, "600 /", 5);
	str_add(&path, slice_trim(slice_from(str_slice(&seen), 4)));
	assert_int_equal(access(str_cstr(&path), F_OK), -1);
	*strrchr(path.at, '/') = '\0';
	assert_int_equal(access(path.at, F_OK), -1);
	(void)unlink(str_cstr(editor));
	str_truncate(editor, editor->len - strlen(".seen"));
	(void)unlink(str_cstr(editor));
}

static void an_edit_is_decided_about_as_an_edit(void **state)
{
	struct triage *me = *state;
	CLEANUP(str_done)
	struct str editor = STR_INIT(4096), variable = STR_INIT(4096);
	const char *env[] = {NULL, NULL};

	write_editor(&editor);
	str_addf(&variable, "VISUAL=%s", str_cstr(&editor));
	env[0] = str_cstr(&variable);
	traffic_die(&me->people, "stock", "ED-", 1, "target", "wrong number");
	CLEANUP(pty_closep)
	struct pty *operator= console_with(me, OPERATOR, "dead", env);
	CLEANUP(pty_closep)
	struct pty *approver = console_of(me, APPROVER, "replays");

	pty_expect(operator, "stock .*wrong number");
	pty_keys(operator, "/wrong number<Enter>R");
	pty_expect(operator, "1 eligible");
	pty_keys(operator, "e");
	pty_expect(operator, "Reveal the payloads");
	pty_keys(operator, "the number is wrong<Enter><Enter><Enter>");
	pty_expect(operator, "EDITED: .*1 gone, 1 new");
	pty_expect(operator, "^[+] +\"order\": 7");
	expect_gone_without_a_trace(&editor);
	pty_keys(operator, "<Enter>");
	pty_expect(operator, "an edited payload needs an approval");
	pty_keys(operator, "order 7 it is<Enter><Enter>");
	pty_expect(operator, "EDITED, revision 2");
	pty_expect(approver, "asked +decide +1 +0/1");
	pty_keys(approver, "<Enter>");
	pty_expect(approver, "ED-1");
	pty_keys(approver, "d");
	pty_expect(approver, "^/order");
	pty_expect(approver, "^- 1");
	pty_expect(approver, "^[+] 7");
	pty_keys(approver, "A<Enter><Enter>");
	pty_expect(approver, "approve: done");
	pg_expect_text(me->people.as[WORKER], "{\"order\": 7}",
		"select convert_from(body, 'UTF8') from orderly.claim_replays('test', 10)");
	desk_leave(operator);
	desk_leave(approver);
	pg_expect_text(me->people.super,
		"reveal_ask payload_read replay_ask replay_edit replay_look replay_approve",
		"select string_agg(act, ' ' order by id) from orderly.audit where outcome = 'done' and id >="
		" (select max(id) from orderly.audit where act = 'reveal_ask')"
		" and act not in ('replay_dry_run', 'grant_end')");
}

/* Members one by one and tagged: what the store refuses of several is said. */
static void several_are_discarded_and_one_is_refused(void **state)
{
	struct triage *me = *state;

	traffic_die(&me->people, "stock", "ST-", 3, "timeout", "no answer in 30 s");
	CLEANUP(pty_closep)
	struct pty *operator= console_of(me, OPERATOR, "dead");

	pty_expect(operator, "stock .*no answer");
	pty_keys(operator, "B");
	pty_expect(operator, "stock +.*state:dead if:stock");
	pty_keys(operator, "/stock<Enter><Enter>");
	pty_expect(operator, "ST-3");
	pty_keys(operator, "4BBBBB");
	pty_expect(operator, "groups · unowned first");
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
	desk_leave(operator);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_decided_and_sent_by_three),
		cmocka_unit_test(one_who_may_not_is_refused),
		cmocka_unit_test(one_of_two_says_no),
		cmocka_unit_test(an_emergency_is_used_and_reviewed),
		cmocka_unit_test(an_edit_is_decided_about_as_an_edit),
		cmocka_unit_test(several_are_discarded_and_one_is_refused),
	};

	if (pg_missing())
		return pg_skip();
	return cmocka_run_group_tests(tests, setup, teardown);
}
