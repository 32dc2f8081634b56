/* Triage: what people may do with dead letters, with several at once, and with groups of them. */
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

#define UNTIL "now() + interval '2 hours'"

static void acts_are_refused_with_their_word(void **state)
{
	static const struct {
		enum who who;
		const char *code, *act; /* @ is the dead letter */
	} rows[] = {
		{SUPPORT, "role", "dead_letter_own('{@}')"},
		{APPROVER, "role", "dead_letter_discard('{@}', 'a reason')"},
		{ADMIN, "role", "dead_letter_snooze('{@}', " UNTIL ", 'a reason')"},
		{SHARED, "shared_login", "dead_letter_own('{@}')"},
		{BLOCKED, "login_blocked", "dead_letter_own('{@}')"},
		{LEFT, "person_inactive", "dead_letter_own('{@}')"},
		{UNKNOWN, "no_login", "dead_letter_own('{@}')"},
		{NARROW, "not_found", "dead_letter_own('{@}')"},
		{OPERATOR, "not_found", "dead_letter_own('{}')"},
		{OPERATOR, "not_found", "dead_letter_own(null)"},
		{OPERATOR, "not_found", "dead_letter_own('{-1}')"},
		{OPERATOR, "not_found", "dead_letter_own(array[null]::bigint[])"},
		{OPERATOR, "too_many", "dead_letter_own(array(select generate_series(1, 1001)))"},
		{OPERATOR, "reason", "dead_letter_discard('{@}', ' ')"},
		{OPERATOR, "reason", "dead_letter_discard('{@}', null)"},
		{OPERATOR, "reason", "dead_letter_snooze('{@}', " UNTIL ", null)"},
		{OPERATOR, "reason", "dead_letter_reopen('{@}', '')"},
		{OPERATOR, "until", "dead_letter_snooze('{@}', now(), 'a reason')"},
		{OPERATOR, "until", "dead_letter_snooze('{@}', null, 'a reason')"},
		{OPERATOR, "until",
			"dead_letter_snooze('{@}', now() + interval '31 days', 'a reason')"},
		{OPERATOR, "until", "dead_letter_snooze('{@}', 'infinity', 'a reason')"},
		{OPERATOR, "text", "note_add('dead_letter', @, ' ')"},
		{OPERATOR, "not_found", "note_add('dead_letter', -1, 'x')"},
		{OPERATOR, "not_found", "note_add('toaster', @, 'x')"},
		{NARROW, "not_found", "note_add('dead_letter', @, 'x')"},
		{SECURITY, "role", "note_add('dead_letter', @, 'x')"},
		{SUPPORT, "done", "note_add('dead_letter', @, 'x')"},
		{OPERATOR, "not_found", "failure_group_own(-1, 9)"},
		{SUPPORT, "role", "failure_group_own(1, 9)"},
	};
	struct people *people = *state;
	char *id, *audits;

	traffic_die(people, "orders", "words", 1, "target", "words");
	id = pg_text(
		people->super, "select '%lld'", (long long)traffic_id(people, "orders", "words1"));
	audits = pg_text(people->super, "select count(*) from orderly.audit");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *act = rows[i].act, *hole = strchr(act, '@');
		int before = hole ? (int)(hole - act) : (int)strlen(act);

		pg_expect_code(people->as[rows[i].who], rows[i].code, "orderly.%.*s%s%s", before,
			act, hole ? id : "", hole ? hole + 1 : "");
	}
	pg_expect_text(
		people->super, "open", "select state from orderly.dead_letter where id = %s", id);
	pg_expect_int(
		people->super, ARRAY_LEN(rows), "select count(*) - %s from orderly.audit", audits);
	free(audits);
	free(id);
}

static void of_several_those_are_done_that_can_be(void **state)
{
	struct people *people = *state;

	traffic_die(people, "orders", "several", 3, "target", "several");
	pg_do(people->super, "update orderly.dead_letter set state = 'replaying' where id = %lld",
		(long long)traffic_id(people, "orders", "several2"));
	pg_expect_text(people->as[OPERATOR], "done 2 state not_found",
		"select concat_ws(' ', code, jsonb_array_length(detail -> 'done'),"
		" (select string_agg(e ->> 'code', ' ' order by e ->> 'id' desc)"
		"  from jsonb_array_elements(detail -> 'refused') e))"
		" from orderly.dead_letter_discard(array(select id from orderly.dead_letter l"
		"  join orderly.message m using (id) where m.message_id like 'several%%') || array[0::bigint],"
		" 'not needed')");
	traffic_check(people, "check_dead_letters");
}

static char *group_of(struct people *people, const char *signature)
{
	return pg_text(people->super, "select id from orderly.failure_group where signature = '%s'",
		signature);
}

static char *seen_of(struct people *people, const char *group)
{
	return pg_text(people->super,
		"select max(nr) from orderly.dead_letter where failure_group = %s", group);
}

static void a_group_act_takes_what_was_seen_and_not_what_came_since(void **state)
{
	struct people *people = *state;
	char *group, *seen;

	traffic_die(people, "orders", "sweep", 3, "target", "sweep");
	group = group_of(people, "sweep");
	seen = seen_of(people, group);
	traffic_die(people, "orders", "swept", 2, "target", "sweep");
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.failure_group_discard(%s, %s, 'not needed')", group, seen);
	pg_expect_text(people->super, "5 2",
		"select total || ' ' || unresolved from orderly.failure_group"
		" where id = %s",
		group);
	free(seen);
	free(group);
	traffic_check(people, "check_dead_letters");
}

static void a_thousand_at_a_time_until_nothing_is_left(void **state)
{
	struct people *people = *state;
	char *group, *seen;

	traffic_die(people, "orders", "many", 1500, "target", "many");
	group = group_of(people, "many");
	seen = seen_of(people, group);
	pg_expect_text(people->as[OPERATOR], "1000 1",
		"select concat_ws(' ', detail ->> 'done', detail ->> 'left')"
		" from orderly.failure_group_own(%s, %s)",
		group, seen);
	pg_expect_text(people->as[OPERATOR], "500 0",
		"select concat_ws(' ', detail ->> 'done', detail ->> 'left')"
		" from orderly.failure_group_own(%s, %s)",
		group, seen);
	pg_expect_text(people->super, "1500 0",
		"select unresolved || ' ' || unowned"
		" from orderly.failure_group where id = %s",
		group);
	free(seen);
	free(group);
	traffic_check(people, "check_dead_letters");
}

static void what_joins_an_owned_or_sleeping_group_follows_it_until_it_closes(void **state)
{
	struct people *people = *state;
	char *group;

	traffic_die(people, "orders", "joinA", 1, "target", "joined");
	group = group_of(people, "joined");
	pg_expect_code(
		people->as[OPERATOR], "done", "orderly.failure_group_own(%s, 999999)", group);
	traffic_die(people, "orders", "joinB", 1, "target", "joined");
	pg_expect_int(people->super, 2,
		"select count(*) from orderly.dead_letter where state = 'owned'"
		" and failure_group = %s",
		group);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.failure_group_snooze(%s, 999999, " UNTIL ", 'master data comes at noon')",
		group);
	traffic_die(people, "orders", "joinC", 1, "target", "joined");
	pg_expect_int(people->super, 3,
		"select count(*) from orderly.dead_letter where state = 'snoozed'"
		" and failure_group = %s",
		group);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.failure_group_discard(%s, 999999, 'over and done')", group);
	pg_expect_text(people->super, "t",
		"select unresolved = 0 and owner is null and snoozed_until is null"
		" and closed_at is not null from orderly.failure_group where id = %s",
		group);
	traffic_die(people, "orders", "joinD", 1, "target", "joined");
	pg_expect_text(people->super, "1 1 1 t",
		"select concat_ws(' ', unresolved, unowned, reopened, closed_at is null)"
		" from orderly.failure_group where id = %s",
		group);
	free(group);
	traffic_check(people, "check_dead_letters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acts_are_refused_with_their_word),
		cmocka_unit_test(of_several_those_are_done_that_can_be),
		cmocka_unit_test(a_group_act_takes_what_was_seen_and_not_what_came_since),
		cmocka_unit_test(a_thousand_at_a_time_until_nothing_is_left),
		cmocka_unit_test(what_joins_an_owned_or_sleeping_group_follows_it_until_it_closes),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/triage", tests, traffic_setup, people_teardown);
}
