/* Dead letters and failure groups: what opens and closes them, every act in every state, groups as a
 * whole, counters under concurrency, and that ingest never waits for any of it. */
#include "store/statement.h"
#include "traffic.h"
#include "unit.h"
#include <stdio.h>

static const char *const states[] = {"open", "owned", "snoozed", "replaying", "in_doubt",
	"quarantined", "resolved", "discarded", "expired"};

#define UNTIL "now() + interval '2 hours'"

static void a_dead_transaction_opens_one_in_its_group(void **state)
{
	struct people *people = *state;

	traffic_die(people, "orders", "a", 3, "mapping", "cost centre ' || 8840 + i || ' unknown");
	traffic_die(people, "orders", "b", 2, "mapping", "cost centre 17-B unknown");
	traffic_die(people, "orders", "c", 1, "reference", "cost centre 17-B unknown");
	traffic_die(people, "stock", "a", 1, "mapping", "cost centre 17-B unknown");
	pg_expect_text(people->as[OPERATOR],
		"orders mapping 5, orders reference 1, stock mapping 1",
		"select string_agg(format('%%s %%s %%s', i.code, g.class, g.unresolved), ', '"
		" order by i.code, g.class) from orderly.failure_group g"
		" join orderly.interface i on i.id = g.interface");
	pg_expect_text(people->as[OPERATOR], "5",
		"select sum(r.died) from orderly.failure_trend r join orderly.failure_group g"
		" on g.id = r.failure_group where g.class = 'mapping' and g.total = 5");
	traffic_check(people, "check_dead_letters");
}

static void reading_the_feed_again_changes_nothing(void **state)
{
	struct people *people = *state;
	char *before;

	traffic_die(people, "orders", "again", 3, "mapping", "again");
	before = pg_text(people->super,
		"select md5(string_agg(l::text, ',' order by id)) from orderly.dead_letter l");
	pg_do(people->super,
		"update orderly.follower set era = 0, xid = '0' where name = 'dead_letters'");
	traffic_duty(people, "dead_letters");
	pg_expect_text(people->super, before,
		"select md5(string_agg(l::text, ',' order by id)) from orderly.dead_letter l");
	free(before);
	traffic_check(people, "check_dead_letters");
}

static char *letter(struct people *people, const char *prefix, int n)
{
	char message[64];

	snprintf(message, sizeof(message), "%s%d", prefix, n);
	return pg_text(
		people->super, "select '%lld'", (long long)traffic_id(people, "orders", message));
}

static void what_went_on_by_itself_is_resolved_and_opens_again_when_it_dies_again(void **state)
{
	struct people *people = *state;
	char *id;

	traffic_die(people, "orders", "late", 1, "target", "late one");
	id = letter(people, "late", 1);
	traffic_ingest(people,
		"select public.ev('orders', 'late1', 'delivered', now(), '{\"attempt\": 2}')");
	traffic_duty(people, "dead_letters");
	pg_expect_text(people->super, "resolved 0",
		"select l.state || ' ' || g.unresolved"
		" from orderly.dead_letter l join orderly.failure_group g on g.id = l.failure_group"
		" where l.id = %s",
		id);
	traffic_ingest(people,
		"select public.ev('orders', 'late1', 'dead', now(),"
		" '{\"attempt\": 3, \"class\": \"target\", \"text\": \"late one\"}')");
	traffic_duty(people, "dead_letters");
	pg_expect_text(people->super, "open 1 1",
		"select l.state || ' ' || g.unresolved || ' ' || g.reopened"
		" from orderly.dead_letter l join orderly.failure_group g on g.id = l.failure_group"
		" where l.id = %s",
		id);
	free(id);
	traffic_check(people, "check_dead_letters");
}

static void put(struct people *people, const char *id, const char *to, bool owned)
{
	pg_do(people->super,
		"update orderly.dead_letter set state = '%s', owner = %s, snoozed_until = %s where id = %s",
		to, owned ? "(select id from orderly.person where code = 'operator')" : "null",
		strcmp(to, "snoozed") == 0 ? "now() + interval '1 hour'" : "null", id);
}

/* What the table of rules says becomes of it; "" when nothing may. */
static char *ruled(struct people *people, const char *act, const char *from, bool owned)
{
	return pg_text(people->super,
		"select coalesce((select case becomes when 'back' then '%s' else becomes end"
		" from orderly.act_rule where machine = 'dead_letter' and act = '%s' and state = '%s'), '')",
		owned ? "owned" : "open", act, from);
}

static void every_act_of_a_person_does_in_every_state_what_the_table_says(void **state)
{
	static const struct {
		const char *act, *more;
	} acts[] = {{"own", ""}, {"release", ""}, {"snooze", ", " UNTIL ", 'for a reason'"},
		{"discard", ", 'for a reason'"}, {"reopen", ", 'for a reason'"}};
	struct people *people = *state;
	char *id;

	traffic_die(people, "orders", "matrix", 1, "target", "matrix");
	id = letter(people, "matrix", 1);
	for (size_t a = 0; a < ARRAY_LEN(acts); a++)
		for (size_t s = 0; s < 2 * ARRAY_LEN(states); s++) {
			const char *from = states[s / 2];
			bool owned = s % 2 || strcmp(from, "owned") == 0;
			char *to = ruled(people, acts[a].act, from, owned);

			put(people, id, from, owned);
			pg_expect_code(people->as[OPERATOR], *to ? "done" : "state",
				"orderly.dead_letter_%s('{%s}'%s)", acts[a].act, id, acts[a].more);
			pg_expect_text(people->super, *to ? to : from,
				"select state from orderly.dead_letter where id = %s", id);
			free(to);
		}
	put(people, id, "open", false);
	free(id);
	traffic_check(people, "check_dead_letters");
}

static void every_step_of_the_machinery_does_in_every_state_what_the_table_says(void **state)
{
	static const char *const acts[] = {"wake", "expire", "revive", "recur", "replay_begin",
		"replay_doubt", "replay_again", "replay_succeed", "replay_fail",
		"replay_quarantine", "replay_end", "no_such_act"};
	struct people *people = *state;
	char *id;

	traffic_die(people, "orders", "steps", 1, "target", "steps");
	id = letter(people, "steps", 1);
	for (size_t a = 0; a < ARRAY_LEN(acts); a++)
		for (size_t s = 0; s < 2 * ARRAY_LEN(states); s++) {
			const char *from = states[s / 2];
			bool owned = s % 2 || strcmp(from, "owned") == 0;
			char *to = ruled(people, acts[a], from, owned);

			put(people, id, from, owned);
			pg_expect_int(people->super, *to != 0,
				"select orderly.dead_letters_step('%s', '{%s}')", acts[a], id);
			pg_expect_text(people->super, *to ? to : from,
				"select state from orderly.dead_letter where id = %s", id);
			free(to);
		}
	put(people, id, "open", false);
	free(id);
	/* and these are all there are */
	pg_expect_int(people->super, 17 - 1,
		"select count(distinct act) from orderly.act_rule where machine = 'dead_letter'");
}

static void a_snooze_ends_and_what_is_too_old_expires(void **state)
{
	struct people *people = *state;
	char *id;

	traffic_die(people, "orders", "ages", 2, "target", "ages");
	id = letter(people, "ages", 1);
	pg_expect_code(people->as[OPERATOR], "done", "orderly.dead_letter_own('{%s}')", id);
	pg_expect_code(people->as[OPERATOR], "done",
		"orderly.dead_letter_snooze('{%s}', " UNTIL ", 'a reason')", id);
	traffic_duty(people, "dead_letter_ages");
	pg_expect_text(people->super, "snoozed",
		"select state from orderly.dead_letter where id = %s", id);
	pg_do(people->super, "update orderly.dead_letter set snoozed_until = now() where id = %s",
		id);
	traffic_duty(people, "dead_letter_ages");
	pg_expect_text(
		people->super, "owned", "select state from orderly.dead_letter where id = %s", id);
	pg_do(people->super,
		"update orderly.dead_letter set at = now() - interval '31 days' where id = %s", id);
	traffic_duty(people, "dead_letter_ages");
	pg_expect_text(
		people->super, "owned", "select state from orderly.dead_letter where id = %s", id);
	people_change(people, "retention", "internal/dead_letter",
		"{\"data_class\": \"internal\", \"kind\": \"dead_letter\", \"days\": 30}");
	traffic_duty(people, "dead_letter_ages");
	pg_expect_text(people->super, "expired",
		"select state from orderly.dead_letter where id = %s", id);
	pg_expect_int(people->super, 1,
		"select count(*) from orderly.audit where act = 'dead_letter_expire'"
		" and detail -> 'ids' @> '%s'",
		id);
	free(id);
}

/* While someone holds dead letters and groups locked, events come in all the same. */
static void ingest_never_waits_for_dead_letters(void **state)
{
	struct people *people = *state;

	traffic_die(people, "orders", "held", 1, "target", "held");
	pg_do(people->super, "begin");
	pg_do(people->super,
		"lock table orderly.dead_letter, orderly.failure_group, orderly.failure_trend,"
		" orderly.follower in access exclusive mode");
	pg_do(people->as[INGEST], "set lock_timeout = '2s'");
	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'unheld' || i, 'dead', now(),"
		" '{\"class\": \"target\", \"text\": \"held\"}')) from generate_series(1, 100) i");
	pg_do(people->super, "rollback");
	pg_do(people->as[INGEST], "reset lock_timeout");
	traffic_duty(people, "dead_letters");
	pg_expect_int(people->super, 101,
		"select unresolved from orderly.failure_group where signature = 'held'");
}

/* Acts of two people on everything, while more of it dies and two workers follow. */
static void counters_hold_under_concurrent_acts(void **state)
{
	static const char *const acts[] = {"own", "discard", "reopen", "release"};
	struct people *people = *state;
	PGconn *busy[5] = {people->as[OPERATOR], pg_as(people->db, people->login[OPERATOR]),
		pg_super(people->db), pg_super(people->db), people->as[INGEST]};

	for (int round = 0; round < 12; round++) {
		for (int i = 0; i < 2; i++) {
			const char *act = acts[(round + i) % 4];

			pg_send(busy[i],
				"select * from orderly.dead_letter_%s(array(select id from"
				" orderly.dead_letter order by %s limit 200)%s)",
				act, i ? "id desc" : "md5(id::text)",
				*act == 'd' || act[2] == 'o' ? ", 'for the test'" : "");
		}
		pg_send(busy[2], "select orderly.duty_dead_letters(100)");
		pg_send(busy[3], "select orderly.duty_dead_letters(300)");
		pg_send(busy[4],
			"select orderly.ingest((select jsonb_agg(public.ev('orders', 'busy%d_' || i,"
			" 'dead', now(), jsonb_build_object('class', 'target', 'text', 'busy ' || repeat('x', i %% 7))))"
			" from generate_series(1, 200) i))",
			round);
		for (size_t i = 0; i < ARRAY_LEN(busy); i++) {
			char *code = pg_wait_code(busy[i]);

			if (strcmp(code, "40P01") == 0 || strcmp(code, "XX000") == 0)
				fail_msg("session %zu: %s", i, code);
			free(code);
		}
	}
	traffic_duty(people, "dead_letters");
	traffic_check(people, "check_dead_letters");
	for (int i = 1; i < 4; i++)
		PQfinish(busy[i]);
}

static void what_a_scope_hides_is_not_there(void **state)
{
	struct people *people = *state;

	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.dead_letter");
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.failure_group");
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.failure_trend");
	pg_expect_int(people->as[NARROW], 0, "select count(*) from orderly.note");
	pg_expect_error(people->as[SECURITY], "42501", "select from orderly.dead_letter");
	pg_expect_error(
		people->as[OPERATOR], "42501", "update orderly.dead_letter set owner = null");
}

/* Runs a statement of the console as it stands; its rows, columns side by side. */
static char *rows_of(PGconn *conn, const char *name, const char *first, const char *second)
{
	const struct statement *statement = statement_find(name);
	const char *params[] = {first, second};
	struct str text = STR_INIT(1 << 16);
	PGresult *rows;

	assert_non_null(statement);
	rows = pg_query_params(conn, statement->sql, (int)statement->n_params, params);
	for (int r = 0; r < PQntuples(rows); r++)
		for (int c = 0; c < PQnfields(rows); c++)
			str_addf(&text, "%s|", PQgetvalue(rows, r, c));
	PQclear(rows);
	return text.at;
}

static void samples_of_a_group_show_renditions_and_no_payload(void **state)
{
	struct people *people = *state;
	char *group, *rows;

	people_change(people, "mask_rule", "sample",
		"{\"kind\": \"json\", \"matcher\": \"order\", \"interfaces\": [\"orders\"]}");
	people_change(people, "mask_rule", "sample-error",
		"{\"kind\": \"regex\", \"target\": \"error\", \"matcher\": \"Roe\", \"interfaces\": [\"orders\"]}");
	traffic_die(people, "orders", "sample", 2, "mapping", "patient Roe unknown");
	group = pg_text(people->super,
		"select failure_group from orderly.dead_letter where id = %lld",
		(long long)traffic_id(people, "orders", "sample1"));
	rows = rows_of(people->as[SUPPORT], "failure-group-samples", group, "5");
	assert_non_null(strstr(rows, "sample2|sample2|open|patient ••• unknown||waiting||||"));
	free(rows);
	traffic_duty(people, "mask");
	rows = rows_of(people->as[SUPPORT], "failure-group-samples", group, "1");
	assert_non_null(strstr(rows, "application/json|masked||12|{\"order\": \"•••\"}|"));
	assert_null(strstr(rows, "sample1"));
	free(rows);
	rows = rows_of(people->as[NARROW], "failure-group-samples", group, "5");
	assert_null(rows);
	free(group);
	/* what a worker reports of a replay is masked as well, and so is the group that it makes */
	traffic_approve(people, traffic_ask(people, "sample1", NULL));
	pg_do(people->as[WORKER],
		"create temp table told as select lease from orderly.claim_replays('test');"
		" select orderly.mark_sending(array(select lease from told));"
		" select orderly.complete_replay((select jsonb_agg(jsonb_build_object('lease', lease, 'outcome',"
		" 'failed', 'class', 'reference', 'text', 'no patient Roe here')) from told))");
	pg_expect_text(people->super, "no patient ••• here|no patient ••• here",
		"select i.text || '|' || g.signature from orderly.replay_item i join orderly.dead_letter l on"
		" l.id = i.dead_letter join orderly.failure_group g on g.id = l.failure_group where l.id = %lld",
		(long long)traffic_id(people, "orders", "sample1"));
	traffic_check(people, "check_dead_letters");
}

static void a_trend_counts_the_deaths_of_each_of_the_last_24_hours(void **state)
{
	struct people *people = *state;

	traffic_ingest(people,
		"select jsonb_agg(public.ev('orders', 'trend' || n, 'dead', date_trunc('hour', now())"
		" - h * interval '1 hour', '{\"class\": \"mapping\", \"text\": \"trending\"}'))"
		" from unnest(array[0, 0, 2, 23, 24, 30]) with ordinality h (h, n)");
	traffic_duty(people, "dead_letters");
	pg_expect_text(people->as[OPERATOR], "true true",
		"select concat_ws(' ', (e.trend like '%%:2')::text, (e.trend = (select string_agg(ago || ':' || n, ' '"
		" order by ago desc) from (select floor(extract(epoch from now()) / 3600)"
		" - floor(extract(epoch from l.at) / 3600) as ago, count(*) as n from orderly.dead_letter l"
		" where l.failure_group = g.id group by 1) h where ago between 0 and 23))::text)"
		" from orderly.failure_group g, orderly.failure_group_ends(array[g.id]) e"
		" where g.signature = 'trending'");
}

static void the_page_of_groups_knows_their_ends_within_the_scope(void **state)
{
	struct people *people = *state;
	char *rows;

	traffic_die(people, "orders", "ends", 3, "mapping", "at both ends");
	rows = rows_of(people->as[SUPPORT], "failure-groups", "f", "50");
	assert_non_null(strstr(rows, "|at both ends|3|3|3|"));
	free(rows);
	pg_expect_text(people->as[OPERATOR], "t t",
		"select concat_ws(' ', e.oldest_at = (select min(l.at) from orderly.dead_letter l where l.failure_group = g.id),"
		" e.seen = (select max(l.nr) from orderly.dead_letter l where l.failure_group = g.id))"
		" from orderly.failure_group g, orderly.failure_group_ends(array[g.id]) e where g.signature = 'at both ends'");
	pg_expect_int(people->as[NARROW], 0,
		"select count(*) from orderly.failure_group_ends(array(select generate_series(1, 1000)))");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_transaction_opens_one_in_its_group),
		cmocka_unit_test(reading_the_feed_again_changes_nothing),
		cmocka_unit_test(
			what_went_on_by_itself_is_resolved_and_opens_again_when_it_dies_again),
		cmocka_unit_test(every_act_of_a_person_does_in_every_state_what_the_table_says),
		cmocka_unit_test(
			every_step_of_the_machinery_does_in_every_state_what_the_table_says),
		cmocka_unit_test(a_snooze_ends_and_what_is_too_old_expires),
		cmocka_unit_test(ingest_never_waits_for_dead_letters),
		cmocka_unit_test(counters_hold_under_concurrent_acts),
		cmocka_unit_test(what_a_scope_hides_is_not_there),
		cmocka_unit_test(samples_of_a_group_show_renditions_and_no_payload),
		cmocka_unit_test(a_trend_counts_the_deaths_of_each_of_the_last_24_hours),
		cmocka_unit_test(the_page_of_groups_knows_their_ends_within_the_scope),
	};

	return pg_missing() ? pg_skip()
			    : cmocka_run_group_tests_name(
				      "store/dead_letters", tests, traffic_setup, people_teardown);
}
